/*
 * execution_functions.c - the SQL functions on executions.  Most exist twice: with the execution's id, and with its name
 * or ARN.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "api/arguments.h"
#include "api/execution.h"
#include "api/log.h"
#include "interpreter/log.h"
#include "pg/arn.h"
#include "pg/compat.h"
#include "pg/service_error.h"
#include "store/execution.h"

PG_FUNCTION_INFO_V1(workflow_start_execution);
PG_FUNCTION_INFO_V1(workflow_stop_execution);
PG_FUNCTION_INFO_V1(workflow_stop_execution_by_name);
PG_FUNCTION_INFO_V1(workflow_describe_execution);
PG_FUNCTION_INFO_V1(workflow_describe_execution_by_name);
PG_FUNCTION_INFO_V1(workflow_list_executions);
PG_FUNCTION_INFO_V1(workflow_get_execution_history);
PG_FUNCTION_INFO_V1(workflow_get_execution_history_by_name);
PG_FUNCTION_INFO_V1(workflow_unpack_history);
PG_FUNCTION_INFO_V1(workflow_unpack_log);
PG_FUNCTION_INFO_V1(workflow_frame_status);
PG_FUNCTION_INFO_V1(workflow_generated_execution_name);
PG_FUNCTION_INFO_V1(workflow_state_machine_arn);
PG_FUNCTION_INFO_V1(workflow_execution_arn);
PG_FUNCTION_INFO_V1(workflow_express_execution_arn);
PG_FUNCTION_INFO_V1(workflow_map_run_arn);

/* The first argument: an id, or a name or ARN. */
static WfExecutionReference
read_reference(FunctionCallInfo fcinfo, bool by_name)
{
	WfExecutionReference reference = {0, NULL};

	if (by_name || PG_ARGISNULL(0))
		reference.text = wf_argument_required(fcinfo, 0, "execution");
	else
		reference.id = PG_GETARG_INT64(0);
	if (reference.text == NULL && reference.id <= 0)
		wf_service_error(WF_EXECUTION_DOES_NOT_EXIST_ERROR, "Execution Does Not Exist: '" INT64_FORMAT "'",
						 reference.id);
	return reference;
}

/* (state_machine, input jsonb, name) returns bigint */
Datum
workflow_start_execution(PG_FUNCTION_ARGS)
{
	WfStart		start = {0};
	WfStateMachine machine;
	WfExecutionInfo info;

	start.state_machine = wf_argument_required(fcinfo, 0, "state_machine");
	if (!PG_ARGISNULL(1))
	{
		Jsonb	   *input = PG_GETARG_JSONB_P(1);

		start.input = JsonbToCString(NULL, &input->root, VARSIZE(input));
	}
	start.name = wf_argument_text(fcinfo, 2);
	wf_start(&start, &machine, &info);
	PG_RETURN_INT64(info.id);
}

/* (execution, error, cause) returns timestamptz */
static Datum
stop(FunctionCallInfo fcinfo, bool by_name)
{
	WfExecutionReference reference = read_reference(fcinfo, by_name);

	return TimestampTzGetDatum(wf_stop(&reference, wf_argument_text(fcinfo, 1), wf_argument_text(fcinfo, 2)));
}

Datum
workflow_stop_execution(PG_FUNCTION_ARGS)
{
	return stop(fcinfo, false);
}

Datum
workflow_stop_execution_by_name(PG_FUNCTION_ARGS)
{
	return stop(fcinfo, true);
}

/* (execution) returns (id, name, arn, state_machine, status, input, output, error, cause, started_at, stopped_at) */
static Datum
describe(FunctionCallInfo fcinfo, bool by_name)
{
	WfExecutionReference reference = read_reference(fcinfo, by_name);
	WfStateMachine machine;
	WfExecutionInfo info;
	WfRow		row = {0};

	reference.express_child = true;
	wf_describe(&reference, &machine, &info);
	wf_row_add(&row, Int64GetDatum(info.id), false);
	wf_row_add_text(&row, info.name);
	wf_row_add_text(&row, wf_described_arn(&machine, &info));
	wf_row_add_text(&row, machine.name);
	wf_row_add_text(&row, info.status);
	wf_row_add_text(&row, info.input);
	wf_row_add_text(&row, info.output);
	wf_row_add_text(&row, info.error);
	wf_row_add_text(&row, info.cause);
	wf_row_add_time(&row, info.started_at);
	wf_row_add_time(&row, info.stopped_at);
	return wf_row_result(fcinfo, &row);
}

Datum
workflow_describe_execution(PG_FUNCTION_ARGS)
{
	return describe(fcinfo, false);
}

Datum
workflow_describe_execution_by_name(PG_FUNCTION_ARGS)
{
	return describe(fcinfo, true);
}

/* (state_machine, status, max_results) returns setof (id, name, arn, status, started_at, stopped_at) */
Datum
workflow_list_executions(PG_FUNCTION_ARGS)
{
	char	   *state_machine = wf_argument_required(fcinfo, 0, "state_machine");
	char	   *status = wf_argument_text(fcinfo, 1);
	int			limit = PG_ARGISNULL(2) ? PG_INT32_MAX : PG_GETARG_INT32(2);
	WfStateMachine machine;
	WfExecutionInfo *list;
	int			n;
	WfRow		row = {0};

	if (limit < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_results must not be negative")));
	if (status != NULL && strcmp(status, "RUNNING") != 0 && strcmp(status, "SUCCEEDED") != 0 &&
		strcmp(status, "FAILED") != 0 && strcmp(status, "TIMED_OUT") != 0 && strcmp(status, "ABORTED") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized status: \"%s\"", status),
				 errhint("An execution is RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.")));
	InitMaterializedSRF(fcinfo, 0);
	n = wf_list(state_machine, status, PG_INT64_MAX, DT_NOEND, limit, &machine, &list);
	for (int i = 0; i < n; i++)
	{
		wf_row_add(&row, Int64GetDatum(list[i].id), false);
		wf_row_add_text(&row, list[i].name);
		wf_row_add_text(&row, wf_arn_execution(machine.name, list[i].name));
		wf_row_add_text(&row, list[i].status);
		wf_row_add_time(&row, list[i].started_at);
		wf_row_add_time(&row, list[i].stopped_at);
		wf_row_put(fcinfo, &row);
	}
	return (Datum) 0;
}

typedef struct EventRows
{
	FunctionCallInfo fcinfo;
	WfRow		row;
} EventRows;

static void
put_event(const WfStoredEvent *event, void *arg)
{
	EventRows  *rows = arg;

	wf_row_add(&rows->row, Int32GetDatum(event->id), false);
	wf_row_add(&rows->row, Int32GetDatum(event->previous_id), false);
	wf_row_add_text(&rows->row, wf_event_word(event->type));
	wf_row_add_time(&rows->row, event->at);
	wf_row_add_text(&rows->row, event->details);
	wf_row_put(rows->fcinfo, &rows->row);

	/* The row has been copied; a part may have as many large events as it likes. */
	pfree(DatumGetPointer(rows->row.values[2]));
	if (event->details != NULL)
	{
		pfree(DatumGetPointer(rows->row.values[4]));
		pfree(event->details);
	}
}

/* (execution, reverse_order) returns setof (id, previous_id, type, at, details) */
static Datum
get_history(FunctionCallInfo fcinfo, bool by_name)
{
	WfExecutionReference reference = read_reference(fcinfo, by_name);
	bool		reverse = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	EventRows	rows = {fcinfo};
	WfStoredEvent *events;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	n = wf_history(&reference, reverse ? PG_INT32_MAX : 0, reverse, PG_INT32_MAX, &events);
	for (int i = 0; i < n; i++)
		put_event(&events[i], &rows);
	return (Datum) 0;
}

Datum
workflow_get_execution_history(PG_FUNCTION_ARGS)
{
	return get_history(fcinfo, false);
}

Datum
workflow_get_execution_history_by_name(PG_FUNCTION_ARGS)
{
	return get_history(fcinfo, true);
}

/* --- what the views need: stored numbers and computed names as people read them --- */

/* (first_id, at, events) returns setof (id, previous_id, type, at, details) */
Datum
workflow_unpack_history(PG_FUNCTION_ARGS)
{
	text	   *part = PG_GETARG_TEXT_PP(2);
	EventRows	rows = {fcinfo};

	InitMaterializedSRF(fcinfo, 0);
	wf_history_unpack(VARDATA_ANY(part), VARSIZE_ANY_EXHDR(part), PG_GETARG_INT32(0), PG_GETARG_TIMESTAMPTZ(1),
					  put_event, &rows);
	return (Datum) 0;
}

typedef struct LogRows
{
	EventRows	rows;
	WfLogLevel	level;
	bool		with_data;
} LogRows;

static void
put_logged_event(const WfStoredEvent *event, void *arg)
{
	LogRows    *log = arg;
	WfStoredEvent shown = *event;

	if (wf_event_is_logged(event->type, log->level))
	{
		if (event->details != NULL && !log->with_data)
		{
			shown.details = wf_log_details_without_data(event->details);
			pfree(event->details);
		}
		put_event(&shown, &log->rows);
	}
	else if (event->details != NULL)
		pfree(event->details);
}

/* (first_id, at, events, level, with_data) returns setof (id, previous_id, type, at, details) */
Datum
workflow_unpack_log(PG_FUNCTION_ARGS)
{
	text	   *part = PG_GETARG_TEXT_PP(2);
	LogRows		log = {
		.rows = {fcinfo}, .level = wf_log_level(text_to_cstring(PG_GETARG_TEXT_PP(3))), .with_data = PG_GETARG_BOOL(4)
	};

	InitMaterializedSRF(fcinfo, 0);
	wf_history_unpack(VARDATA_ANY(part), VARSIZE_ANY_EXHDR(part), PG_GETARG_INT32(0), PG_GETARG_TIMESTAMPTZ(1),
					  put_logged_event, &log);
	return (Datum) 0;
}

Datum
workflow_frame_status(PG_FUNCTION_ARGS)
{
	/* The letters of store/frame.c. */
	static const char letters[] = {
		[WF_FRAME_READY] = 'g', [WF_FRAME_TASK] = 't', [WF_FRAME_WAITING] = 'w', [WF_FRAME_RETRYING] = 'r',
		[WF_FRAME_JOINING] = 'j', [WF_FRAME_ENDED] = 'e'
	};

	for (int i = 0; i < lengthof(letters); i++)
		if (letters[i] == PG_GETARG_CHAR(0))
			PG_RETURN_TEXT_P(cstring_to_text(wf_frame_status_word((WfFrameStatus) i)));
	PG_RETURN_NULL();
}

Datum
workflow_generated_execution_name(PG_FUNCTION_ARGS)
{
	char		name[WF_GENERATED_NAME_SIZE];

	wf_execution_generated_name(PG_GETARG_INT64(0), name);
	PG_RETURN_TEXT_P(cstring_to_text(name));
}

Datum
workflow_state_machine_arn(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(wf_arn_state_machine(text_to_cstring(PG_GETARG_TEXT_PP(0)))));
}

Datum
workflow_execution_arn(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(wf_arn_execution(text_to_cstring(PG_GETARG_TEXT_PP(0)),
													  text_to_cstring(PG_GETARG_TEXT_PP(1)))));
}

Datum
workflow_express_execution_arn(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(wf_execution_arn(text_to_cstring(PG_GETARG_TEXT_PP(0)), true,
													  text_to_cstring(PG_GETARG_TEXT_PP(1)), PG_GETARG_INT64(2))));
}

Datum
workflow_map_run_arn(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(wf_arn_map_run(text_to_cstring(PG_GETARG_TEXT_PP(0)),
													text_to_cstring(PG_GETARG_TEXT_PP(1)),
													text_to_cstring(PG_GETARG_TEXT_PP(2)))));
}
