/*
 * credentials.c - a Task's Credentials; see credentials.h.
 */
#include "interpreter/credentials.h"

#include "interpreter/envelope.h"
#include "json/json.h"

WfPayload *
wf_credentials(WfPayload *evaluated, WfError *error)
{
	json_t	   *given = wf_payload_json(evaluated, error);
	json_t	   *role = json_object_get(given, "RoleArn");
	json_t	   *made;
	WfPayload  *credentials = NULL;

	if (!given)
		return NULL;
	if (!json_is_string(role))
	{
		wf_error_set(error, WF_STATES_RUNTIME, "The field 'RoleArn' of the task's Credentials must be a string");
		return NULL;
	}
	made = wf_json_object();
	if (wf_put(made, "roleArn", json_incref(role)))
		credentials = wf_payload_from_json(json_incref(made));
	json_decref(made);
	if (!credentials)
		wf_error_no_memory(error);
	return credentials;
}

const char *
wf_credentials_role(WfPayload *credentials, WfError *error)
{
	return json_string_value(json_object_get(wf_payload_json(credentials, error), "roleArn"));
}
