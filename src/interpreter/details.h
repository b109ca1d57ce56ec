/*
 * details.h - the fields of an event's details, for who writes them as JSON (history.c) and who packs them into the stored
 * form and reads them out of it (history_part.c).
 */
#ifndef WF_DETAILS_H
#define WF_DETAILS_H

#include "interpreter/interpreter.h"
#include "json/growing_text.h"

/* Where a field's value is found in a WfEvent, and so what kind of value it is. */
typedef enum WfDetailSource
{
	/* payloads */
	WF_DETAIL_DATA, WF_DETAIL_ASSIGNED, WF_DETAIL_CREDENTIALS,
	/* strings */
	WF_DETAIL_NAME, WF_DETAIL_RESOURCE_TYPE, WF_DETAIL_RESOURCE_ACTION, WF_DETAIL_REGION, WF_DETAIL_ROLE_ARN,
	WF_DETAIL_ERROR, WF_DETAIL_CAUSE, WF_DETAIL_LOCATION,
	/* numbers; of the seconds, those that were not given are left out, as the service does */
	WF_DETAIL_NUMBER, WF_DETAIL_TIMEOUT, WF_DETAIL_HEARTBEAT
} WfDetailSource;

typedef struct WfDetail
{
	const char *key;
	WfDetailSource source;
} WfDetail;

#define WF_MAX_DETAILS 8

/* The fields of a type's details, in the service's order, up to one without a key; none: it has no details at all. */
extern const WfDetail *wf_event_details_fields(WfEventType type);

typedef enum WfDetailKind { WF_DETAIL_PAYLOAD, WF_DETAIL_STRING, WF_DETAIL_INTEGER } WfDetailKind;

/* An event's value for a field.  identity: the same for two fields that show the same value of one step; NULL: absent. */
typedef struct WfDetailValue
{
	WfDetailKind kind;
	const void *identity;
	int64_t		integer;
} WfDetailValue;

extern WfDetailValue wf_event_detail(const WfEvent *event, WfDetailSource source);

/* What is written into a growing text. */
extern void wf_text_add_integer(WfText *text, int64_t value);
extern void wf_text_add_value(WfText *text, const WfDetailValue *value);	/* as JSON; not absent */
extern void wf_text_add_key(WfText *text, const char *key);	/* of an object that was begun with "{" */

#endif
