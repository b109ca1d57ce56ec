/*
 * machine_actions.c - the service's actions on state machines.
 */
#include "postgres.h"

#include "api/configuration.h"
#include "api/definition_check.h"
#include "api/machine.h"
#include "api/page.h"
#include "api/service.h"
#include "api/tag.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/service_error.h"

#define DEFINITION_FIELD(flags) \
	{"definition", WF_FIELD_STRING, (flags) | WF_FIELD_SENSITIVE, 1, 1048576, NULL, NULL}
#define INCLUDED_DATA_FIELD {"includedData", WF_FIELD_STRING, 0, 0, -1, "ALL_DATA, METADATA_ONLY", NULL}
#define VERSION_FIELDS \
	{"publish", WF_FIELD_BOOLEAN, 0, 0, -1, NULL, NULL}, \
	{"versionDescription", WF_FIELD_STRING, WF_FIELD_SENSITIVE, 0, 256, NULL, NULL}

static bool
is_metadata_only(const WfRequest *request)
{
	char	   *included = wf_request_string(request, "includedData");

	return included != NULL && strcmp(included, "METADATA_ONLY") == 0;
}

static void
refuse_versions(const WfRequest *request)
{
	if (wf_request_boolean(request, "publish", false))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("versions of state machines are not supported yet")));
	if (wf_request_has(request, "versionDescription"))
		wf_service_error(WF_VALIDATION_ERROR, "Version description can only be set when publish is true");
}

/* --- create and update --- */

/* What creating and updating have in common; `name_field` is what names the machine. */
static WfMachineWish
wish_of(const WfRequest *request, const char *name_field)
{
	WfMachineWish wish = {.configuration = request};

	refuse_versions(request);
	wish.name = wf_request_string(request, name_field);
	wish.definition = wf_request_string(request, "definition");
	wish.role_arn = wf_request_string(request, "roleArn");
	return wish;
}

const WfField wf_create_state_machine_fields[] = {
	{"name", WF_FIELD_STRING, WF_FIELD_REQUIRED, 1, 80, NULL, NULL},
	DEFINITION_FIELD(WF_FIELD_REQUIRED),
	WF_ARN_FIELD("roleArn", 0),
	{"type", WF_FIELD_STRING, 0, 0, -1, "STANDARD, EXPRESS", NULL},
	{"tags", WF_FIELD_LIST, 0, 0, -1, NULL, wf_tag_field},
	VERSION_FIELDS,
	WF_CONFIGURATION_FIELDS,
	{NULL}
};

void
wf_create_state_machine_action(const WfRequest *request, WfResponse *response)
{
	WfMachineWish wish = wish_of(request, "name");
	WfStateMachine machine;
	WfTag	   *tags;

	wish.type = wf_request_string(request, "type");
	wish.n_tags = wf_request_tags(request, &tags);
	wish.tags = tags;
	wf_machine_create(&wish, &machine);
	wf_response_string(response, "stateMachineArn", wf_arn_state_machine(machine.name));
	wf_response_time(response, "creationDate", machine.created_at);
}

const WfField wf_update_state_machine_fields[] = {
	WF_ARN_FIELD("stateMachineArn", WF_FIELD_REQUIRED),
	DEFINITION_FIELD(0),
	WF_ARN_FIELD("roleArn", 0),
	VERSION_FIELDS,
	WF_CONFIGURATION_FIELDS,
	{NULL}
};

void
wf_update_state_machine_action(const WfRequest *request, WfResponse *response)
{
	WfMachineWish wish = wish_of(request, "stateMachineArn");
	WfStateMachine machine;

	wf_machine_update(&wish, &machine);
	wf_response_time(response, "updateDate", machine.revised_at);
	wf_response_string(response, "revisionId", machine.revision);
}

/* --- describe --- */

/* What both descriptions show. */
static void
show(const WfRequest *request, WfResponse *response, const WfStateMachine *machine)
{
	wf_response_string(response, "stateMachineArn", wf_arn_state_machine(machine->name));
	wf_response_string(response, "name", machine->name);
	wf_response_string(response, "definition", is_metadata_only(request) ? "{}" : machine->definition);
	wf_response_string(response, "roleArn", machine->role_arn);
	wf_response_string(response, "revisionId", machine->revision);
	wf_configuration_show(response, machine->configuration);
	if (!is_metadata_only(request))
	{
		char	   *references = wf_definition_variable_references(machine->definition);

		if (references != NULL)
			wf_response_json(response, "variableReferences", references);
	}
}

const WfField wf_describe_state_machine_fields[] = {
	WF_ARN_FIELD("stateMachineArn", WF_FIELD_REQUIRED),
	INCLUDED_DATA_FIELD,
	{NULL}
};

void
wf_describe_state_machine_action(const WfRequest *request, WfResponse *response)
{
	WfStateMachine machine;

	wf_machine_describe(wf_request_string(request, "stateMachineArn"), &machine);
	show(request, response, &machine);
	wf_response_string(response, "status", machine.deleting ? "DELETING" : "ACTIVE");
	wf_response_string(response, "type", machine.type);
	wf_response_time(response, "creationDate", machine.created_at);
}

const WfField wf_describe_state_machine_for_execution_fields[] = {
	WF_ARN_FIELD("executionArn", WF_FIELD_REQUIRED),
	INCLUDED_DATA_FIELD,
	{NULL}
};

void
wf_describe_state_machine_for_execution_action(const WfRequest *request, WfResponse *response)
{
	WfExecutionReference reference = {0, wf_request_string(request, "executionArn")};
	WfCall		call;
	WfStateMachine machine;

	wf_call_begin(&call, "DescribeStateMachineForExecution");
	(void) wf_call_execution(&call, &reference, WF_MAY_READ, true, &machine);
	wf_call_end(&call);
	show(request, response, &machine);
	wf_response_time(response, "updateDate", machine.revised_at);
}

/* --- delete, list, validate --- */

const WfField wf_delete_state_machine_fields[] = {
	WF_ARN_FIELD("stateMachineArn", WF_FIELD_REQUIRED),
	{NULL}
};

void
wf_delete_state_machine_action(const WfRequest *request, WfResponse *response)
{
	wf_machine_delete(wf_request_string(request, "stateMachineArn"));
}

const WfField wf_list_state_machines_fields[] = {
	WF_MAX_RESULTS_FIELD,
	WF_NEXT_TOKEN_FIELD(1024),
	{NULL}
};

void
wf_list_state_machines_action(const WfRequest *request, WfResponse *response)
{
	WfPage		page;
	WfStateMachine *machines;
	int			n;

	wf_page_begin(&page, "ListStateMachines", request);
	n = wf_machine_list(page.name, page.limit + 1, &machines);
	wf_response_begin_array(response, "stateMachines");
	for (int i = 0; i < Min(n, page.limit); i++)
	{
		wf_response_begin_object(response, NULL);
		wf_response_string(response, "stateMachineArn", wf_arn_state_machine(machines[i].name));
		wf_response_string(response, "name", machines[i].name);
		wf_response_string(response, "type", machines[i].type);
		wf_response_time(response, "creationDate", machines[i].created_at);
		wf_response_end_object(response);
	}
	wf_response_end_array(response);
	if (n > page.limit)
		wf_page_next(&page, response, 0, 0, machines[page.limit - 1].name);
}

const WfField wf_validate_state_machine_definition_fields[] = {
	DEFINITION_FIELD(WF_FIELD_REQUIRED),
	{"type", WF_FIELD_STRING, 0, 0, -1, "STANDARD, EXPRESS", NULL},
	{"severity", WF_FIELD_STRING, 0, 0, -1, "ERROR, WARNING", NULL},
	{"maxResults", WF_FIELD_INTEGER, 0, 0, 100, NULL, NULL},
	{NULL}
};

void
wf_validate_state_machine_definition_action(const WfRequest *request, WfResponse *response)
{
	char	   *type = wf_request_string(request, "type");
	char	   *severity = wf_request_string(request, "severity");
	bool		warnings = severity != NULL && strcmp(severity, "WARNING") == 0;
	int			limit = (int) wf_request_integer(request, "maxResults", 0);
	int			shown = 0;
	bool		truncated = false;
	WfProblems	problems;

	if (limit == 0)
		limit = 100;
	wf_check_definition(wf_request_string(request, "definition"), type != NULL && strcmp(type, "EXPRESS") == 0,
						&problems);
	wf_response_string(response, "result", problems.n_errors > 0 ? "FAIL" : "OK");
	wf_response_begin_array(response, "diagnostics");
	for (int i = 0; i < problems.n; i++)
	{
		const WfProblem *problem = &problems.items[i];

		if (!problem->is_error && !warnings)
			continue;
		if (shown++ == limit)
		{
			truncated = true;
			break;
		}
		wf_response_begin_object(response, NULL);
		wf_response_string(response, "severity", problem->is_error ? "ERROR" : "WARNING");
		wf_response_string(response, "code", problem->code);
		wf_response_string(response, "message", problem->message);
		wf_response_string(response, "location", problem->location);
		wf_response_end_object(response);
	}
	wf_response_end_array(response);
	wf_response_boolean(response, "truncated", truncated);
}
