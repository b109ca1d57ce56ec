/*
 * map_run_functions.c - the SQL functions on Map Runs.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "api/arguments.h"
#include "api/map_run.h"
#include "pg/service_error.h"

PG_FUNCTION_INFO_V1(workflow_list_map_runs);
PG_FUNCTION_INFO_V1(workflow_list_map_runs_by_name);
PG_FUNCTION_INFO_V1(workflow_describe_map_run);
PG_FUNCTION_INFO_V1(workflow_update_map_run);

/* (execution) returns setof (arn, label, status, items, started_at, stopped_at) */
static Datum
list(FunctionCallInfo fcinfo, const WfExecutionReference *reference)
{
	WfMapRunReport *reports;
	int			n;
	WfRow		row = {0};

	InitMaterializedSRF(fcinfo, 0);
	n = wf_list_map_runs(reference, PG_INT64_MAX, PG_INT32_MAX, &reports);
	for (int i = 0; i < n; i++)
	{
		wf_row_add_text(&row, wf_map_run_arn(&reports[i]));
		wf_row_add_text(&row, reports[i].label);
		wf_row_add_text(&row, reports[i].status);
		wf_row_add(&row, Int64GetDatum(reports[i].items), false);
		wf_row_add_time(&row, reports[i].started_at);
		wf_row_add_time(&row, reports[i].stopped_at);
		wf_row_put(fcinfo, &row);
	}
	return (Datum) 0;
}

Datum
workflow_list_map_runs(PG_FUNCTION_ARGS)
{
	WfExecutionReference reference = {PG_GETARG_INT64(0), NULL};

	if (reference.id <= 0)
		wf_service_error(WF_EXECUTION_DOES_NOT_EXIST_ERROR, "Execution Does Not Exist: '" INT64_FORMAT "'", reference.id);
	return list(fcinfo, &reference);
}

Datum
workflow_list_map_runs_by_name(PG_FUNCTION_ARGS)
{
	WfExecutionReference reference = {0, wf_argument_text(fcinfo, 0)};

	return list(fcinfo, &reference);
}

static void
add_counts(WfRow *row, WfMapRunCounts counts)
{
	wf_row_add_text(row, psprintf("{\"pending\":" INT64_FORMAT ",\"running\":" INT64_FORMAT ",\"succeeded\":" INT64_FORMAT
								  ",\"failed\":" INT64_FORMAT ",\"timedOut\":" INT64_FORMAT ",\"aborted\":" INT64_FORMAT
								  ",\"total\":" INT64_FORMAT "}", counts.pending, counts.running, counts.ended->succeeded,
								  counts.ended->failed, counts.ended->timed_out, counts.ended->aborted, counts.total));
}

/*
 * (map_run) returns (arn, execution, state_machine, label, status, started_at, stopped_at, max_concurrency,
 * tolerated_failure_percentage, tolerated_failure_count, items, children)
 */
Datum
workflow_describe_map_run(PG_FUNCTION_ARGS)
{
	WfMapRunReport report;
	WfRow		row = {0};

	wf_describe_map_run(wf_argument_text(fcinfo, 0), &report);
	wf_row_add_text(&row, wf_map_run_arn(&report));
	wf_row_add(&row, Int64GetDatum(report.execution), false);
	wf_row_add_text(&row, report.state_machine);
	wf_row_add_text(&row, report.label);
	wf_row_add_text(&row, report.status);
	wf_row_add_time(&row, report.started_at);
	wf_row_add_time(&row, report.stopped_at);
	wf_row_add(&row, Int64GetDatum(report.max_concurrency), false);
	wf_row_add(&row, Float8GetDatum(report.tolerated_percentage), false);
	wf_row_add(&row, Int64GetDatum(report.tolerated_count), false);
	add_counts(&row, wf_map_run_item_counts(&report));
	add_counts(&row, wf_map_run_execution_counts(&report));
	return wf_row_result(fcinfo, &row);
}

/* A number that may be left as it is: -1. */
static int64
read_number(FunctionCallInfo fcinfo, int number, const char *name)
{
	int64		value = PG_ARGISNULL(number) ? -1 : PG_GETARG_INT64(number);

	if (!PG_ARGISNULL(number) && value < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative", name)));
	return value;
}

/* (map_run, max_concurrency, tolerated_failure_percentage, tolerated_failure_count) */
Datum
workflow_update_map_run(PG_FUNCTION_ARGS)
{
	char	   *map_run = wf_argument_required(fcinfo, 0, "map_run");
	double		percentage = PG_ARGISNULL(2) ? -1 : PG_GETARG_FLOAT8(2);

	if (!PG_ARGISNULL(2) && !(percentage >= 0 && percentage <= 100))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tolerated_failure_percentage must be between 0 and 100")));
	wf_change_map_run(map_run, read_number(fcinfo, 1, "max_concurrency"), read_number(fcinfo, 3, "tolerated_failure_count"),
					  percentage);
	PG_RETURN_VOID();
}
