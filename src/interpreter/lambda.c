/*
 * lambda.c - the envelope of lambda:invoke: FunctionName and Payload in, and around what comes back all that the service
 * puts there: the version, the HTTP status and headers, the request's id.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/lambda.h"
#include "json/json.h"

/* New: what the function gets; NULL with *error. */
static WfPayload *
request_payload(const json_t *parameters, WfError *error)
{
	json_t	   *given = json_object_get(parameters, "Payload");
	json_t	   *value;
	WfPayload  *payload;

	if (json_is_string(given))
		return wf_payload_parse(json_string_value(given), json_string_length(given), error);
	value = !given || json_is_null(given) ? wf_json_object() : json_incref(given);
	payload = wf_payload_from_json(value);
	if (!payload)
		wf_error_no_memory(error);
	return payload;
}

bool
wf_lambda_request(WfPayload *parameters, char **function, WfPayload **payload, WfError *error)
{
	json_t	   *object = wf_payload_json(parameters, error);
	json_t	   *name = json_object_get(object, "FunctionName");

	*function = NULL;
	*payload = NULL;
	if (!object)
		return false;
	if (!json_is_string(name))
		return wf_error_set(error, WF_STATES_RUNTIME, "The field 'FunctionName' is required but was missing");
	*payload = request_payload(object, error);
	if (!*payload)
		return false;
	*function = strdup(json_string_value(name));
	if (*function)
		return true;
	wf_payload_release(*payload);
	*payload = NULL;
	return wf_error_no_memory(error);
}

static bool
put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

/* A header is a text in HttpHeaders, and a list of one text in AllHttpHeaders. */
static bool
put_header(json_t *all, json_t *some, const char *name, const char *value)
{
	json_t	   *list = json_array();

	if (!put(all, name, list))
		return false;
	return json_array_append_new(list, json_string(value)) == 0 && put(some, name, json_string(value));
}

static bool
put_metadata(json_t *response, size_t length, const char *request_id)
{
	json_t	   *metadata = wf_json_object();
	json_t	   *all,
			   *some,
			   *other;
	char		size[32];

	snprintf(size, sizeof(size), "%zu", length);
	if (!put(response, "SdkHttpMetadata", metadata) || !put(metadata, "AllHttpHeaders", wf_json_object()) ||
		!put(metadata, "HttpHeaders", wf_json_object()))
		return false;
	all = json_object_get(metadata, "AllHttpHeaders");
	some = json_object_get(metadata, "HttpHeaders");
	if (!put_header(all, some, "X-Amz-Executed-Version", "$LATEST") ||
		!put_header(all, some, "Content-Length", size) ||
		!put_header(all, some, "Content-Type", "application/json") ||
		!put_header(all, some, "x-amzn-RequestId", request_id) ||
		!put(metadata, "HttpStatusCode", json_integer(200)))
		return false;
	other = wf_json_object();
	return put(response, "SdkResponseMetadata", other) && put(other, "RequestId", json_string(request_id));
}

/* True if the caller asked for the end of the function's log. */
static bool
wants_log(WfPayload *parameters, WfError *error)
{
	const char *type = json_string_value(json_object_get(wf_payload_json(parameters, error), "LogType"));

	return type && strcmp(type, "Tail") == 0;
}

WfPayload *
wf_lambda_response(WfPayload *parameters, WfPayload *result, const char *request_id, WfError *error)
{
	json_t	   *value = wf_payload_json(result, error);
	json_t	   *response = value ? wf_json_object() : NULL;
	WfPayload  *payload = NULL;

	if (put(response, "ExecutedVersion", json_string("$LATEST")) &&
		(!wants_log(parameters, error) || put(response, "LogResult", json_string(""))) &&
		put(response, "Payload", json_incref(value)) &&
		put_metadata(response, wf_payload_size(result), request_id) &&
		put(response, "StatusCode", json_integer(200)))
		payload = wf_payload_from_json(response);
	else
		json_decref(response);
	if (!payload && error->code == WF_NO_ERROR)
		wf_error_no_memory(error);
	return payload;
}
