/*
 * execution_actions.c - the service's actions on executions.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "api/execution.h"
#include "api/map_run.h"
#include "api/page.h"
#include "api/service.h"
#include "pg/arn.h"
#include "pg/service_error.h"
#include "pg/settings.h"
#include "store/execution.h"

#define STATUS_WORDS "SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING"

/* --- start and stop --- */

const WfField wf_start_execution_fields[] = {
	WF_ARN_FIELD("stateMachineArn", WF_FIELD_REQUIRED),
	{"name", WF_FIELD_STRING, 0, 1, 80, NULL, NULL},
	{"input", WF_FIELD_STRING, WF_FIELD_SENSITIVE, 0, -1, NULL, NULL},	/* its size: workflow.max_payload */
	{"traceHeader", WF_FIELD_STRING, 0, 0, 256, NULL, NULL},
	{NULL}
};

void
wf_start_execution_action(const WfRequest *request, WfResponse *response)
{
	WfStart		start;
	WfStateMachine machine;
	WfExecutionInfo info;

	start.state_machine = wf_request_string(request, "stateMachineArn");
	start.name = wf_request_string(request, "name");
	start.input = wf_request_string(request, "input");
	start.trace_header = wf_request_string(request, "traceHeader");
	wf_start(&start, &machine, &info);
	wf_response_string(response, "executionArn",
					   wf_execution_arn(machine.name, wf_state_machine_is_express(&machine), info.name, info.id));
	wf_response_time(response, "startDate", info.started_at);
}

const WfField wf_stop_execution_fields[] = {
	WF_ARN_FIELD("executionArn", WF_FIELD_REQUIRED),
	{"error", WF_FIELD_STRING, WF_FIELD_SENSITIVE, 0, 256, NULL, NULL},
	{"cause", WF_FIELD_STRING, WF_FIELD_SENSITIVE, 0, 32768, NULL, NULL},
	{NULL}
};

void
wf_stop_execution_action(const WfRequest *request, WfResponse *response)
{
	WfExecutionReference reference = {0, wf_request_string(request, "executionArn")};

	wf_response_time(response, "stopDate", wf_stop(&reference, wf_request_string(request, "error"),
												   wf_request_string(request, "cause")));
}

/* --- describe --- */

const WfField wf_describe_execution_fields[] = {
	WF_ARN_FIELD("executionArn", WF_FIELD_REQUIRED),
	{"includedData", WF_FIELD_STRING, 0, 0, -1, "ALL_DATA, METADATA_ONLY", NULL},
	{NULL}
};

static void
show_payload(WfResponse *response, const char *key, const char *details_key, const char *payload, bool included)
{
	if (payload == NULL)
		return;
	if (included)
		wf_response_string(response, key, payload);
	wf_response_begin_object(response, details_key);
	wf_response_boolean(response, "included", included);
	wf_response_end_object(response);
}

void
wf_describe_execution_action(const WfRequest *request, WfResponse *response)
{
	WfExecutionReference reference = {.text = wf_request_string(request, "executionArn"), .express_child = true};
	char	   *included_data = wf_request_string(request, "includedData");
	bool		included = included_data == NULL || strcmp(included_data, "ALL_DATA") == 0;
	WfStateMachine machine;
	WfExecutionInfo info;
	bool		redrivable;
	char	   *name;

	wf_describe(&reference, &machine, &info);
	redrivable = strcmp(info.status, "RUNNING") != 0 && strcmp(info.status, "SUCCEEDED") != 0;
	name = info.map_label == NULL ? machine.name : psprintf("%s/%s", machine.name, info.map_label);
	wf_response_string(response, "executionArn", wf_described_arn(&machine, &info));
	wf_response_string(response, "stateMachineArn", wf_arn_state_machine(name));
	wf_response_string(response, "name", info.name);
	wf_response_string(response, "status", info.status);
	wf_response_time(response, "startDate", info.started_at);
	wf_response_time(response, "stopDate", info.stopped_at);
	if (info.map_label != NULL)
		wf_response_string(response, "mapRunArn", wf_arn_map_run(machine.name, info.map_label, info.map_uuid));
	show_payload(response, "input", "inputDetails", info.input, included);
	show_payload(response, "output", "outputDetails", info.output, included);
	wf_response_string(response, "traceHeader", info.trace_header);
	if (included)
	{
		wf_response_string(response, "error", info.error);
		wf_response_string(response, "cause", info.cause);
	}
	wf_response_integer(response, "redriveCount", 0);
	wf_response_string(response, "redriveStatus", !redrivable ? "NOT_REDRIVABLE" :
					   info.map_label != NULL ? "REDRIVABLE_BY_MAP_RUN" : "REDRIVABLE");
	if (!redrivable)
		wf_response_string(response, "redriveStatusReason",
						   psprintf("Execution is %s and cannot be redriven", info.status));
}

/* --- list --- */

const WfField wf_list_executions_fields[] = {
	WF_ARN_FIELD("stateMachineArn", 0),
	{"statusFilter", WF_FIELD_STRING, 0, 0, -1, STATUS_WORDS, NULL},
	WF_MAX_RESULTS_FIELD,
	WF_NEXT_TOKEN_FIELD(3096),
	{"mapRunArn", WF_FIELD_STRING, 0, 1, 2000, NULL, NULL},
	{"redriveFilter", WF_FIELD_STRING, 0, 0, -1, "REDRIVEN, NOT_REDRIVEN", NULL},
	{NULL}
};

static void
check_filters(const char *state_machine, const char *status, const WfRequest *request)
{
	if ((state_machine != NULL) == wf_request_has(request, "mapRunArn"))
		wf_service_error(WF_VALIDATION_ERROR, "Must specify exactly one of stateMachineArn or mapRunArn");
	if (state_machine == NULL)
		return;
	if (wf_request_has(request, "redriveFilter") || (status != NULL && strcmp(status, "PENDING_REDRIVE") == 0))
		wf_service_error(WF_VALIDATION_ERROR, "PENDING_REDRIVE and redriveFilter can be used with mapRunArn only");
}

void
wf_list_executions_action(const WfRequest *request, WfResponse *response)
{
	char	   *state_machine = wf_request_string(request, "stateMachineArn");
	char	   *status = wf_request_string(request, "statusFilter");
	WfPage		page;
	WfStateMachine machine;
	WfExecutionInfo *list;
	int			n;

	check_filters(state_machine, status, request);
	if (state_machine == NULL)
	{
		wf_list_children(request, response);
		return;
	}
	wf_page_begin(&page, psprintf("ListExecutions %s %s", state_machine, status != NULL ? status : "all"), request);
	n = wf_list(state_machine, status, page.first ? PG_INT64_MAX : page.number, page.first ? DT_NOEND : page.time,
				page.limit + 1, &machine, &list);
	wf_response_begin_array(response, "executions");
	for (int i = 0; i < Min(n, page.limit); i++)
	{
		wf_response_begin_object(response, NULL);
		wf_response_string(response, "executionArn", wf_arn_execution(machine.name, list[i].name));
		wf_response_string(response, "stateMachineArn", wf_arn_state_machine(machine.name));
		wf_response_string(response, "name", list[i].name);
		wf_response_string(response, "status", list[i].status);
		wf_response_time(response, "startDate", list[i].started_at);
		wf_response_time(response, "stopDate", list[i].stopped_at);
		wf_response_integer(response, "redriveCount", 0);
		wf_response_end_object(response);
	}
	wf_response_end_array(response);
	if (n > page.limit)
		wf_page_next(&page, response, list[page.limit - 1].id, list[page.limit - 1].stopped_at, NULL);
}
