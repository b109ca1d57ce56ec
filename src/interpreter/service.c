/*
 * service.c - the service's own actions as tasks; see service.h.
 *
 * The fields of what is shown stand in the order of their names, as the service's clients write them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/time.h"
#include "interpreter/envelope.h"
#include "interpreter/service.h"

/* --- names of fields --- */

/* Their first letters: ASCII, in all of the service's names. */
typedef char (*Letter) (char);

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static char
capital(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The object's keys in the order of their bytes, malloc'ed; NULL without memory. */
static const char **
sorted_keys(json_t *object)
{
	const char **keys = malloc((json_object_size(object) + 1) * sizeof(char *));
	size_t		n = 0;
	const char *key;
	json_t	   *value;

	if (!keys)
		return NULL;
	json_object_foreach(object, key, value)
		keys[n++] = key;
	qsort(keys, n, sizeof(char *), compare_keys);
	return keys;
}

static bool
put_renamed(json_t *object, const char *key, Letter letter, json_t *value)
{
	char	   *name = strdup(key);
	bool		good;

	if (!name)
	{
		json_decref(value);
		return false;
	}
	name[0] = letter(name[0]);
	good = wf_put(object, name, value);
	free(name);
	return good;
}

/* --- requests --- */

/* What the service takes as the text of JSON. */
static const char *const text_fields[] = {"Input", "Output", "Definition", NULL};

/* New: the text of a value that is none, as a value. */
static json_t *
as_text(json_t *value)
{
	char	   *text = wf_json_text(value, NULL);
	json_t	   *string = text ? json_string(text) : NULL;

	free(text);
	return string;
}

/* New: a value with its fields in small letters. */
static json_t *
request_value(json_t *value)
{
	json_t	   *made;
	const char *key;
	json_t	   *item;
	size_t		i;
	bool		good = true;

	if (json_is_array(value))
	{
		made = json_array();
		json_array_foreach(value, i, item)
			good = good && json_array_append_new(made, request_value(item)) == 0;
	}
	else if (json_is_object(value))
	{
		made = wf_json_object();
		json_object_foreach(value, key, item)
			good = good && put_renamed(made, key, small, request_value(item));
	}
	else
		return json_incref(value);
	if (good)
		return made;
	json_decref(made);
	return NULL;
}

static bool
put_parameter(json_t *request, const char *key, json_t *value)
{
	bool		as_it_is = json_is_string(value) || json_is_null(value) || !is_one_of(key, text_fields);

	return put_renamed(request, key, small, as_it_is ? request_value(value) : as_text(value));
}

static json_t *
make_request(json_t *parameters)
{
	json_t	   *request;
	const char *key;
	json_t	   *value;
	bool		good = true;

	if (!json_is_object(parameters))
		return json_incref(parameters);
	request = wf_json_object();
	json_object_foreach(parameters, key, value)
		good = good && put_parameter(request, key, value);
	if (good)
		return request;
	json_decref(request);
	return NULL;
}

WfPayload *
wf_service_request(const char *action, WfPayload *parameters, WfError *error)
{
	json_t	   *given = wf_payload_json(parameters, error);
	json_t	   *call;
	char	   *word;
	WfPayload  *payload = NULL;

	if (!given)
		return NULL;
	call = wf_json_object();
	word = strdup(action);
	if (word)
		word[0] = capital(word[0]);
	if (word && wf_put(call, "action", json_string(word)) && wf_put(call, "request", make_request(given)))
		payload = wf_payload_from_json(json_incref(call));
	json_decref(call);
	free(word);
	if (!payload)
		wf_error_no_memory(error);
	return payload;
}

/* --- responses --- */

/* In responses these are numbers, in seconds; the clients make times of them. */
static const char *const time_fields[] =
{"creationDate", "redriveDate", "startDate", "stopDate", "timestamp", "updateDate", NULL};

/* Their keys are a definition's own names, not fields. */
static const char *const map_fields[] = {"variableReferences", NULL};

static json_t *
show_time(int64_t microseconds, WfServiceClient client)
{
	char		text[WF_TIME_SIZE];

	if (client == WF_OPTIMIZED_CLIENT)
		return json_integer(microseconds / 1000);
	wf_time_format(microseconds, text);
	return json_string(text);
}

static json_t *response_value(json_t *value, WfServiceClient client);

static json_t *
response_field(const char *key, json_t *value, WfServiceClient client)
{
	if (json_is_number(value) && is_one_of(key, time_fields))
		return show_time(llround(json_number_value(value) * 1000000), client);
	return is_one_of(key, map_fields) ? json_incref(value) : response_value(value, client);
}

/* New: a value with capital letters in its fields, which are sorted, and with its times as they are shown. */
static json_t *
response_value(json_t *value, WfServiceClient client)
{
	json_t	   *made;
	json_t	   *item;
	size_t		i;
	bool		good = true;

	if (json_is_array(value))
	{
		made = json_array();
		json_array_foreach(value, i, item)
			good = good && json_array_append_new(made, response_value(item, client)) == 0;
	}
	else if (json_is_object(value))
	{
		const char **keys = sorted_keys(value);
		size_t		n = json_object_size(value);

		good = keys != NULL;
		made = wf_json_object();
		for (i = 0; good && i < n; i++)
			good = put_renamed(made, keys[i], capital, response_field(keys[i], json_object_get(value, keys[i]), client));
		free(keys);
	}
	else
		return json_incref(value);
	if (good)
		return made;
	json_decref(made);
	return NULL;
}

/* New: the object with its fields in the order of their names. */
static json_t *
sort_fields(json_t *object)
{
	const char **keys = sorted_keys(object);
	size_t		n = json_object_size(object);
	json_t	   *sorted = wf_json_object();
	bool		good = keys != NULL;

	for (size_t i = 0; good && i < n; i++)
		good = wf_put(sorted, keys[i], json_incref(json_object_get(object, keys[i])));
	free(keys);
	if (good)
		return sorted;
	json_decref(sorted);
	return NULL;
}

WfPayload *
wf_service_response(WfPayload *response, WfServiceClient client, const char *request_id, WfError *error)
{
	WfEnvelope	envelope = {
		.status = 200, .content_type = "application/x-amz-json-1.0", .length = wf_payload_size(response),
		.request_id = request_id
	};
	json_t	   *given = wf_payload_json(response, error);
	json_t	   *made = given ? response_value(given, client) : NULL;
	WfPayload  *payload = NULL;

	if (!given)
		return NULL;
	if (client == WF_SDK_CLIENT)
		payload = wf_payload_from_json(json_incref(made));
	else if (wf_put_envelope(made, &envelope))
		payload = wf_payload_from_json(sort_fields(made));
	json_decref(made);
	if (!payload)
		wf_error_no_memory(error);
	return payload;
}

/* --- failures --- */

/* Errors of the protocol, which no action has among its own: the clients know no name for them. */
static const char *const protocol_errors[] =
{"AccessDeniedException", "SerializationException", "UnknownOperationException", NULL};

static const struct
{
	const char *prefix;			/* of the error's name */
	const char *common;			/* what stands for an error that has no name */
}			clients[] = {
	[WF_OPTIMIZED_CLIENT] = {"StepFunctions", "AWSStepFunctionsException"},
	[WF_SDK_CLIENT] = {"Sfn", "SfnException"},
};

static int
status_code(const char *word)
{
	if (strcmp(word, "ConflictException") == 0)
		return 409;
	return strcmp(word, "ServiceQuotaExceededException") == 0 ? 402 : 400;
}

static char *
error_name(WfServiceClient client, const char *word)
{
	static const char ending[] = "Exception";
	const char *name = is_one_of(word, protocol_errors) ? clients[client].common : word;
	size_t		length = strlen(name);
	bool		ends = length >= sizeof(ending) - 1 && strcmp(name + length - (sizeof(ending) - 1), ending) == 0;
	size_t		size = strlen(clients[client].prefix) + length + sizeof(ending) + 2;
	char	   *text = malloc(size);

	if (text)
		snprintf(text, size, "%s.%s%s", clients[client].prefix, name, ends ? "" : ending);
	return text;
}

bool
wf_service_failure(WfServiceClient client, const char *word, const char *text, const char *request_id, char **error,
				   char **cause)
{
	size_t		size = strlen(text) + strlen(word) + strlen(request_id) + 128;

	*error = error_name(client, word);
	*cause = malloc(size);
	if (!*error || !*cause)
	{
		free(*error);
		free(*cause);
		return false;
	}
	if (client == WF_OPTIMIZED_CLIENT)
		snprintf(*cause, size, "%s (Service: AWSStepFunctions; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
				 text, status_code(word), word, request_id);
	else
		snprintf(*cause, size, "%s (Service: Sfn, Status Code: %d, Request ID: %s) (SDK Attempt Count: 1)",
				 text, status_code(word), request_id);
	return true;
}

/* --- children --- */

static bool
put_text(json_t *object, const char *key, const char *text)
{
	return !text || wf_put(object, key, json_string(text));
}

/* New: the value of a text; the text itself, if the value is nested too deeply to stand inside another. */
static json_t *
parsed_payload(const char *text, WfError *error)
{
	json_t	   *value = wf_json_parse(text, strlen(text), true, error);

	if (!wf_json_too_deep(value, 1))
		return value;
	json_decref(value);
	return json_string(text);
}

static bool
put_payload(json_t *object, const char *key, const char *details_key, const char *text, bool parsed, WfError *error)
{
	json_t	   *details;

	if (!text)
		return true;
	if (!wf_put(object, key, parsed ? parsed_payload(text, error) : json_string(text)))
		return false;
	details = wf_json_object();
	return wf_put(object, details_key, details) && wf_put(details, "Included", json_true());
}

static bool
put_redrive(json_t *object, const WfChildEnd *end)
{
	bool		redrivable = end->status != WF_SUCCEEDED;

	return wf_put(object, "RedriveCount", json_integer(end->redrive_count)) &&
		wf_put(object, "RedriveStatus", json_string(redrivable ? "REDRIVABLE" : "NOT_REDRIVABLE")) &&
		(redrivable || wf_put(object, "RedriveStatusReason",
							  json_string("Execution is SUCCEEDED and cannot be redriven")));
}

char *
wf_child_description(const WfChildEnd *end, bool parsed, WfError *error)
{
	json_t	   *object = wf_json_object();
	char	   *text = NULL;

	if (put_text(object, "Cause", end->cause) &&
		put_text(object, "Error", end->error) &&
		put_text(object, "ExecutionArn", end->arn) &&
		put_payload(object, "Input", "InputDetails", end->input, parsed, error) &&
		put_text(object, "Name", end->name) &&
		put_payload(object, "Output", "OutputDetails", end->output, parsed, error) &&
		put_redrive(object, end) &&
		wf_put(object, "StartDate", show_time(end->started_at, WF_OPTIMIZED_CLIENT)) &&
		put_text(object, "StateMachineArn", end->state_machine_arn) &&
		put_text(object, "Status", wf_execution_status_word(end->status)) &&
		wf_put(object, "StopDate", show_time(end->stopped_at, WF_OPTIMIZED_CLIENT)))
		text = wf_json_text(object, NULL);
	json_decref(object);
	if (!text && error->code == WF_NO_ERROR)
		wf_error_no_memory(error);
	return text;
}
