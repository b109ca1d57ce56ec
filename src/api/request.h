/*
 * request.h - a request of the service's interface: a JSON object, checked against its action's list of fields before
 * anything is done, so that bad input is refused whole.
 */
#ifndef WF_REQUEST_H
#define WF_REQUEST_H

#include "postgres.h"

#include "utils/jsonb.h"

typedef enum WfFieldType { WF_FIELD_STRING, WF_FIELD_INTEGER, WF_FIELD_NUMBER, WF_FIELD_BOOLEAN, WF_FIELD_OBJECT, WF_FIELD_LIST } WfFieldType;

#define WF_FIELD_REQUIRED	1
#define WF_FIELD_SENSITIVE	2	/* its value is not repeated in messages */

typedef struct WfField
{
	const char *name;			/* NULL ends a list of fields */
	WfFieldType type;
	int			flags;
	int64		least;			/* characters of a string, value of an integer, elements of a list */
	int64		most;			/* -1: no limit */
	const char *words;			/* the words allowed, as the service lists them: "A, B"; NULL: any */
	const struct WfField *fields;	/* of an object; of a list: one field, which describes its elements */
} WfField;

/* An ARN, or a name that stands for one. */
#define WF_ARN_FIELD(name, flags) {name, WF_FIELD_STRING, flags, 1, 256, NULL, NULL}

typedef struct WfRequest
{
	JsonbContainer *root;
} WfRequest;

/*
 * Checks a request; raises SerializationException for what is of a wrong type, ValidationException with all breaches of
 * a constraint at once.
 */
extern void wf_request_check(WfRequest *request, Jsonb *json, const WfField *fields);

/* Values; a field that is absent or null gives NULL, `otherwise` or false.  Strings are palloc'ed. */
extern bool wf_request_has(const WfRequest *request, const char *name);
extern char *wf_request_string(const WfRequest *request, const char *name);
extern int64 wf_request_integer(const WfRequest *request, const char *name, int64 otherwise);
extern double wf_request_number(const WfRequest *request, const char *name, double otherwise);
extern bool wf_request_boolean(const WfRequest *request, const char *name, bool otherwise);
extern bool wf_request_object(const WfRequest *request, const char *name, WfRequest *object);
extern JsonbValue *wf_request_value(const WfRequest *request, const char *name);	/* NULL if absent or null */
extern int	wf_request_list_length(const WfRequest *request, const char *name);	/* -1: there is none */
extern void wf_request_list_object(const WfRequest *request, const char *name, int number, WfRequest *object);
extern char *wf_request_list_string(const WfRequest *request, const char *name, int number);

#endif
