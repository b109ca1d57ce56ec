/*
 * task_parameters.c - what the service's own integrations ask of their parameters.
 *
 * Where they cannot be used at all, nothing is scheduled: the execution fails as it does where they cannot be made.
 */
#include <string.h>

#include "interpreter/internal.h"

static const struct
{
	const char *type;
	const char *ending;			/* of the resource without its suffix */
	const char *required;		/* a field that must be a string */
}			integrations[] = {
	{"lambda", ":states:::lambda:invoke", "FunctionName"},
	{"states", "states:startExecution", "StateMachineArn"},
};

static bool
ends_with(const char *text, const char *ending)
{
	size_t		length = strlen(text);
	size_t		n = strlen(ending);

	return length >= n && strcmp(text + length - n, ending) == 0;
}

static bool
refuse(const WfState *state, WfPayload *parameters, const char *problem, const char *field, const char *rest, WfError *error)
{
	const char *text = wf_payload_text(parameters, NULL);

	if (!text)
		return wf_error_no_memory(error);
	return wf_error_set(error, WF_STATES_RUNTIME, "The %s '%s' could not be used to start the Task: [%s'%s' %s]",
						state->language == WF_JSONATA ? "Arguments" : "Parameters", text, problem, field, rest);
}

bool
wf_check_task_parameters(const WfState *state, WfPayload *parameters, WfError *error)
{
	const WfResource *resource = &state->task.resource;

	for (size_t i = 0; i < sizeof(integrations) / sizeof(integrations[0]); i++)
	{
		const char *field = integrations[i].required;
		json_t	   *given;
		json_t	   *value;

		if (strcmp(resource->type, integrations[i].type) != 0 || !ends_with(resource->base, integrations[i].ending))
			continue;
		given = wf_payload_json(parameters, error);
		if (!given)
			return false;
		value = json_object_get(given, field);
		if (!value || json_is_null(value))
			return refuse(state, parameters, "The field ", field, "is required but was missing", error);
		return json_is_string(value) ||
			refuse(state, parameters, "The value of the field ", field, "has an invalid format", error);
	}
	return true;
}
