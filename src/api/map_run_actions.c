/*
 * map_run_actions.c - the service's actions on Map Runs.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "api/call.h"
#include "api/map_run.h"
#include "api/page.h"
#include "api/service.h"
#include "pg/arn.h"
#include "pg/service_error.h"
#include "store/execution.h"
#include "store/map_run_list.h"

#define MAP_RUN_ARN {"mapRunArn", WF_FIELD_STRING, WF_FIELD_REQUIRED, 1, 2000, NULL, NULL}

/* The machine's name in the ARNs of what belongs to one of its distributed Maps. */
static char *
labelled(const char *machine, const char *label)
{
	return label != NULL ? psprintf("%s/%s", machine, label) : pstrdup(machine);
}

char *
wf_map_run_arn(const WfMapRunReport *report)
{
	return wf_arn_map_run(report->state_machine, report->label, report->uuid);
}

static char *
report_execution_arn(const WfMapRunReport *report)
{
	return wf_arn_execution(labelled(report->state_machine, report->execution_label), report->execution_name);
}

void
wf_call_map_run(WfCall *call, const char *reference, int needs, WfMapRunReport *report)
{
	WfArn		arn;
	WfStateMachine machine;
	WfExecutionReference execution = {0, NULL};

	wf_arn_parse(reference, WF_ARN_MAP_RUN, &arn);
	if (arn.kind != WF_ARN_MAP_RUN || arn.label == NULL || !wf_map_run_report(arn.execution, call->context, report) ||
		strcmp(report->state_machine, arn.name) != 0 || strcmp(report->label, arn.label) != 0)
		wf_service_error(WF_RESOURCE_NOT_FOUND_ERROR, "Resource not found: '%s'", reference);
	MemoryContextSwitchTo(call->context);
	execution.id = report->execution;
	(void) wf_call_execution(call, &execution, needs, false, &machine);
}

/* --- the operations --- */

int
wf_list_map_runs(const WfExecutionReference *reference, int64 before, int limit, WfMapRunReport **reports)
{
	WfCall		call;
	WfStateMachine machine;
	int64		id;
	int			n;

	wf_call_begin(&call, "ListMapRuns");
	id = wf_call_execution(&call, reference, WF_MAY_READ, false, &machine);
	n = wf_map_runs_of_execution(id, before, limit, call.context, reports);
	wf_call_end(&call);
	return n;
}

void
wf_describe_map_run(const char *arn, WfMapRunReport *report)
{
	WfCall		call;

	wf_call_begin(&call, "DescribeMapRun");
	wf_call_map_run(&call, arn, WF_MAY_READ, report);
	wf_call_end(&call);
}

void
wf_change_map_run(const char *arn, int64 max_concurrency, int64 tolerated_count, double tolerated_percentage)
{
	WfCall		call;
	WfMapRunReport report;

	if (max_concurrency < 0 && tolerated_count < 0 && tolerated_percentage < 0)
		wf_service_error(WF_VALIDATION_ERROR, "At least one of maxConcurrency, toleratedFailurePercentage and "
						 "toleratedFailureCount must be specified");
	wf_call_begin(&call, "UpdateMapRun");
	wf_call_map_run(&call, arn, WF_MAY_START, &report);
	if (!wf_map_run_change(report.id, max_concurrency, tolerated_count, tolerated_percentage))
		wf_service_error(WF_VALIDATION_ERROR, "CANNOT_UPDATE_COMPLETED_MAP_RUN: Map Run '%s' has ended", arn);
	wf_call_end(&call);
}

static WfMapRunCounts
count(const WfMapCounts *ended, int64 started, int64 total)
{
	WfMapRunCounts counts = {ended, total - started, started, total};

	counts.running -= ended->succeeded + ended->failed + ended->timed_out + ended->aborted;
	return counts;
}

WfMapRunCounts
wf_map_run_item_counts(const WfMapRunReport *report)
{
	return count(&report->counted, report->items_started, report->items);
}

WfMapRunCounts
wf_map_run_execution_counts(const WfMapRunReport *report)
{
	return count(&report->children, report->started, report->started);
}

/* --- list --- */

const WfField wf_list_map_runs_fields[] = {
	WF_ARN_FIELD("executionArn", WF_FIELD_REQUIRED),
	WF_MAX_RESULTS_FIELD,
	WF_NEXT_TOKEN_FIELD(1024),
	{NULL}
};

void
wf_list_map_runs_action(const WfRequest *request, WfResponse *response)
{
	WfExecutionReference reference = {0, wf_request_string(request, "executionArn")};
	WfPage		page;
	WfMapRunReport *reports;
	int			n;

	wf_page_begin(&page, psprintf("ListMapRuns %s", reference.text), request);
	n = wf_list_map_runs(&reference, page.first ? PG_INT64_MAX : page.number, page.limit + 1, &reports);
	wf_response_begin_array(response, "mapRuns");
	for (int i = 0; i < Min(n, page.limit); i++)
	{
		const WfMapRunReport *report = &reports[i];

		wf_response_begin_object(response, NULL);
		wf_response_string(response, "executionArn", report_execution_arn(report));
		wf_response_string(response, "mapRunArn", wf_map_run_arn(report));
		wf_response_string(response, "stateMachineArn", wf_arn_state_machine(labelled(report->state_machine, report->label)));
		wf_response_time(response, "startDate", report->started_at);
		wf_response_time(response, "stopDate", report->stopped_at);
		wf_response_end_object(response);
	}
	wf_response_end_array(response);
	if (n > page.limit)
		wf_page_next(&page, response, reports[page.limit - 1].id, 0, NULL);
}

/* --- describe --- */

const WfField wf_describe_map_run_fields[] = {
	MAP_RUN_ARN,
	{NULL}
};

static void
show_counts(WfResponse *response, const char *key, WfMapRunCounts counts, bool written)
{
	wf_response_begin_object(response, key);
	wf_response_integer(response, "pending", counts.pending);
	wf_response_integer(response, "running", counts.running);
	wf_response_integer(response, "succeeded", counts.ended->succeeded);
	wf_response_integer(response, "failed", counts.ended->failed);
	wf_response_integer(response, "timedOut", counts.ended->timed_out);
	wf_response_integer(response, "aborted", counts.ended->aborted);
	wf_response_integer(response, "total", counts.total);
	wf_response_integer(response, "resultsWritten", written ? counts.total - counts.pending - counts.running : 0);
	wf_response_integer(response, "failuresNotRedrivable", 0);
	wf_response_integer(response, "pendingRedrive", 0);
	wf_response_end_object(response);
}

void
wf_describe_map_run_action(const WfRequest *request, WfResponse *response)
{
	WfMapRunReport report;

	wf_describe_map_run(wf_request_string(request, "mapRunArn"), &report);
	wf_response_string(response, "mapRunArn", wf_map_run_arn(&report));
	wf_response_string(response, "executionArn", report_execution_arn(&report));
	wf_response_string(response, "status", report.status);
	wf_response_time(response, "startDate", report.started_at);
	wf_response_time(response, "stopDate", report.stopped_at);
	wf_response_integer(response, "maxConcurrency", report.max_concurrency);
	wf_response_json(response, "toleratedFailurePercentage", psprintf("%.15g", report.tolerated_percentage));
	wf_response_integer(response, "toleratedFailureCount", report.tolerated_count);
	show_counts(response, "itemCounts", wf_map_run_item_counts(&report), report.results_written);
	show_counts(response, "executionCounts", wf_map_run_execution_counts(&report), report.results_written);
	wf_response_integer(response, "redriveCount", 0);
}

/* --- update --- */

const WfField wf_update_map_run_fields[] = {
	MAP_RUN_ARN,
	{"maxConcurrency", WF_FIELD_INTEGER, 0, 0, -1, NULL, NULL},
	{"toleratedFailurePercentage", WF_FIELD_NUMBER, 0, 0, 100, NULL, NULL},
	{"toleratedFailureCount", WF_FIELD_INTEGER, 0, 0, -1, NULL, NULL},
	{NULL}
};

void
wf_update_map_run_action(const WfRequest *request, WfResponse *response)
{
	wf_change_map_run(wf_request_string(request, "mapRunArn"), wf_request_integer(request, "maxConcurrency", -1),
					  wf_request_integer(request, "toleratedFailureCount", -1),
					  wf_request_number(request, "toleratedFailurePercentage", -1));
}

/* --- its children --- */

void
wf_list_children(const WfRequest *request, WfResponse *response)
{
	char	   *reference = wf_request_string(request, "mapRunArn");
	char	   *status = wf_request_string(request, "statusFilter");
	char	   *machine;
	WfCall		call;
	WfPage		page;
	WfMapRunReport report;
	WfExecutionInfo *list;
	int			n;

	wf_page_begin(&page, psprintf("ListExecutions %s %s", reference, status != NULL ? status : "all"), request);
	wf_call_begin(&call, "ListExecutions");
	wf_call_map_run(&call, reference, WF_MAY_READ, &report);
	n = wf_map_run_list_children(report.id, status, page.first ? PG_INT64_MAX : page.number,
								 page.first ? DT_NOEND : page.time, page.limit + 1, call.context, &list);
	wf_call_end(&call);
	machine = labelled(report.state_machine, report.label);
	wf_response_begin_array(response, "executions");
	for (int i = 0; i < Min(n, page.limit); i++)
	{
		wf_response_begin_object(response, NULL);
		wf_response_string(response, "executionArn", wf_execution_arn(machine, report.express, list[i].name, list[i].id));
		wf_response_string(response, "stateMachineArn", wf_arn_state_machine(machine));
		wf_response_string(response, "name", list[i].name);
		wf_response_string(response, "status", list[i].status);
		wf_response_time(response, "startDate", list[i].started_at);
		wf_response_time(response, "stopDate", list[i].stopped_at);
		wf_response_string(response, "mapRunArn", wf_map_run_arn(&report));
		wf_response_integer(response, "itemCount", list[i].map_items);
		wf_response_integer(response, "redriveCount", 0);
		wf_response_end_object(response);
	}
	wf_response_end_array(response);
	if (n > page.limit)
	{
		const WfExecutionInfo *last = &list[page.limit - 1];
		bool		by_end = status != NULL && last->stopped_at != 0;

		wf_page_next(&page, response, by_end ? last->id : last->map_index, last->stopped_at, NULL);
	}
}
