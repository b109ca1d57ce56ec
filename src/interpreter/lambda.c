/*
 * lambda.c - lambda:invoke: FunctionName and Payload in, and around what comes back all that the service puts there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/envelope.h"
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

/* New: a function with its version or alias, as it stands in an ARN. */
static char *
join(const char *name, const char *qualifier)
{
	size_t		size = strlen(name) + (qualifier ? strlen(qualifier) : 0) + 2;
	char	   *text = malloc(size);

	if (text)
		snprintf(text, size, "%s%s%s", name, qualifier ? ":" : "", qualifier ? qualifier : "");
	return text;
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
	*function = join(json_string_value(name), json_string_value(json_object_get(object, "Qualifier")));
	if (*function)
		return true;
	wf_payload_release(*payload);
	*payload = NULL;
	return wf_error_no_memory(error);
}

/* True if a parameter has this value. */
static bool
is_given(WfPayload *parameters, const char *name, const char *value, WfError *error)
{
	const char *given = json_string_value(json_object_get(wf_payload_json(parameters, error), name));

	return given && strcmp(given, value) == 0;
}

bool
wf_lambda_is_dry_run(WfPayload *parameters, WfError *error)
{
	return is_given(parameters, "InvocationType", "DryRun", error);
}

static bool
put_response(json_t *response, WfPayload *parameters, WfPayload *result, const char *request_id, WfError *error)
{
	bool		event = is_given(parameters, "InvocationType", "Event", error);
	bool		dry_run = is_given(parameters, "InvocationType", "DryRun", error);
	const char *qualifier = json_string_value(json_object_get(wf_payload_json(parameters, error), "Qualifier"));
	WfEnvelope	envelope = {
		.status = event ? 202 : dry_run ? 204 : 200,
		.content_type = "application/json",
		.version = event ? NULL : qualifier ? qualifier : "$LATEST",
		.request_id = request_id
	};
	json_t	   *value = NULL;

	if (!event && !dry_run)
	{
		value = wf_payload_json(result, error);
		if (!value)
			return false;
		envelope.length = wf_payload_size(result);
	}
	return (!envelope.version || wf_put(response, "ExecutedVersion", json_string(envelope.version))) &&
		(!value || !is_given(parameters, "LogType", "Tail", error) || wf_put(response, "LogResult", json_string(""))) &&
		wf_put(response, "Payload", value ? json_incref(value) : json_string("")) &&
		wf_put_envelope(response, &envelope) &&
		wf_put(response, "StatusCode", json_integer(envelope.status));
}

WfPayload *
wf_lambda_response(WfPayload *parameters, WfPayload *result, const char *request_id, WfError *error)
{
	json_t	   *response = wf_json_object();
	WfPayload  *payload = NULL;

	if (put_response(response, parameters, result, request_id, error))
		payload = wf_payload_from_json(response);
	else
		json_decref(response);
	if (!payload && error->code == WF_NO_ERROR)
		wf_error_no_memory(error);
	return payload;
}
