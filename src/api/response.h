/*
 * response.h - a response of the service's interface, put together as jsonb.
 *
 * Everything that is added must live until wf_response_end.  Absent values (NULL, time 0) are left out.  Inside an array
 * the key is NULL.
 */
#ifndef WF_RESPONSE_H
#define WF_RESPONSE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

typedef struct WfResponse
{
	JsonbParseState *state;
	MemoryContext context;		/* the one current at the beginning: what is added goes there */
} WfResponse;

extern void wf_response_begin(WfResponse *response);
extern Jsonb *wf_response_end(WfResponse *response);

extern void wf_response_string(WfResponse *response, const char *key, const char *value);
extern void wf_response_string_n(WfResponse *response, const char *key, const char *value, int length);
extern void wf_response_integer(WfResponse *response, const char *key, int64 value);
extern void wf_response_boolean(WfResponse *response, const char *key, bool value);
extern void wf_response_time(WfResponse *response, const char *key, TimestampTz value); /* seconds since 1970 */
extern void wf_response_value(WfResponse *response, const char *key, JsonbValue *value);

/* A value given as JSON text. */
extern void wf_response_json(WfResponse *response, const char *key, const char *text);

extern void wf_response_begin_object(WfResponse *response, const char *key);
extern void wf_response_end_object(WfResponse *response);
extern void wf_response_begin_array(WfResponse *response, const char *key);
extern void wf_response_end_array(WfResponse *response);

#endif
