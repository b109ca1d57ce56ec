/*
 * response.c - a response of the service's interface; see response.h.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "api/response.h"
#include "pg/clock.h"

static void
push(WfResponse *response, const char *key, JsonbIteratorToken token, JsonbValue *value)
{
	MemoryContext old = MemoryContextSwitchTo(response->context);

	if (key != NULL)
	{
		JsonbValue	name;

		name.type = jbvString;
		name.val.string.val = unconstify(char *, key);
		name.val.string.len = strlen(key);
		pushJsonbValue(&response->state, WJB_KEY, &name);
	}
	/* A value: in an array an element, in an object what belongs to the key just pushed. */
	if (token == WJB_VALUE && key == NULL)
		token = WJB_ELEM;
	pushJsonbValue(&response->state, token, value);
	MemoryContextSwitchTo(old);
}

void
wf_response_begin(WfResponse *response)
{
	response->state = NULL;
	response->context = CurrentMemoryContext;
	push(response, NULL, WJB_BEGIN_OBJECT, NULL);
}

Jsonb *
wf_response_end(WfResponse *response)
{
	MemoryContext old = MemoryContextSwitchTo(response->context);
	Jsonb	   *result = JsonbValueToJsonb(pushJsonbValue(&response->state, WJB_END_OBJECT, NULL));

	MemoryContextSwitchTo(old);
	return result;
}

void
wf_response_value(WfResponse *response, const char *key, JsonbValue *value)
{
	push(response, key, WJB_VALUE, value);
}

void
wf_response_string_n(WfResponse *response, const char *key, const char *value, int length)
{
	JsonbValue	string;

	string.type = jbvString;
	string.val.string.val = unconstify(char *, value);
	string.val.string.len = length;
	push(response, key, WJB_VALUE, &string);
}

void
wf_response_string(WfResponse *response, const char *key, const char *value)
{
	if (value != NULL)
		wf_response_string_n(response, key, value, strlen(value));
}

static void
push_number(WfResponse *response, const char *key, const char *text)
{
	MemoryContext old = MemoryContextSwitchTo(response->context);
	JsonbValue	number;

	number.type = jbvNumeric;
	number.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
															 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	MemoryContextSwitchTo(old);
	push(response, key, WJB_VALUE, &number);
}

void
wf_response_integer(WfResponse *response, const char *key, int64 value)
{
	char		text[32];

	snprintf(text, sizeof(text), INT64_FORMAT, value);
	push_number(response, key, text);
}

void
wf_response_time(WfResponse *response, const char *key, TimestampTz value)
{
	int64		unix_time;
	uint64		microseconds;
	char		text[48];

	if (value == 0)
		return;
	unix_time = wf_clock_to_unix(value);
	microseconds = unix_time < 0 ? -(uint64) unix_time : (uint64) unix_time;
	snprintf(text, sizeof(text), "%s" UINT64_FORMAT ".%06d", unix_time < 0 ? "-" : "",
			 microseconds / USECS_PER_SEC, (int) (microseconds % USECS_PER_SEC));
	push_number(response, key, text);
}

void
wf_response_boolean(WfResponse *response, const char *key, bool value)
{
	JsonbValue	boolean;

	boolean.type = jbvBool;
	boolean.val.boolean = value;
	push(response, key, WJB_VALUE, &boolean);
}

void
wf_response_json(WfResponse *response, const char *key, const char *text)
{
	MemoryContext old = MemoryContextSwitchTo(response->context);
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
	JsonbValue	value;

	if (JB_ROOT_IS_SCALAR(json))
		(void) JsonbExtractScalar(&json->root, &value);
	else
		JsonbToJsonbValue(json, &value);
	MemoryContextSwitchTo(old);
	push(response, key, WJB_VALUE, &value);
}

void
wf_response_begin_object(WfResponse *response, const char *key)
{
	push(response, key, WJB_BEGIN_OBJECT, NULL);
}

void
wf_response_end_object(WfResponse *response)
{
	push(response, NULL, WJB_END_OBJECT, NULL);
}

void
wf_response_begin_array(WfResponse *response, const char *key)
{
	push(response, key, WJB_BEGIN_ARRAY, NULL);
}

void
wf_response_end_array(WfResponse *response)
{
	push(response, NULL, WJB_END_ARRAY, NULL);
}
