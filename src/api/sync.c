/*
 * sync.c - StartSyncExecution, both faces: an EXPRESS machine in the caller's transaction.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "api/arguments.h"
#include "api/execution.h"
#include "api/input.h"
#include "api/service.h"
#include "engine/sync.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/compat.h"
#include "pg/core.h"
#include "pg/names.h"
#include "pg/service_error.h"

PG_FUNCTION_INFO_V1(workflow_start_sync_execution);

/* The service bills each started 100 ms, of 64 MB: what its clients expect to find. */
#define BILLED_MICROSECONDS INT64CONST(100000)
#define BILLED_MEGABYTES 64

typedef struct Sync
{
	WfStateMachine machine;
	WfStoredExecution execution;
	char	   *input;			/* compact */
	char	   *arn;
	WfSyncResult result;
} Sync;

static char *
make_uuid(void)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, DirectFunctionCall1(gen_random_uuid, (Datum) 0)));
}

static void
run_sync(const WfStart *start, Sync *sync)
{
	WfCall		call;
	WfStateMachine *machine = &sync->machine;
	WfStoredExecution *execution = &sync->execution;
	int64		id = 0;			/* only what is logged is found again */

	if (start->name != NULL)
		wf_name_check(start->name);
	sync->input = wf_input_compact(start->input != NULL ? start->input : "{}", WF_INPUT_OF_EXECUTION);

	/* Only the look at the machine is the engine's: the tasks are the caller's affair. */
	wf_call_begin(&call, "StartSyncExecution");
	wf_call_state_machine(&call, start->state_machine, WF_MAY_START, AccessShareLock, false, machine);
	wf_call_refuse_deleting(machine);
	if (!wf_state_machine_is_express(machine))
		wf_service_error(WF_STATE_MACHINE_TYPE_NOT_SUPPORTED_ERROR,
						 "This operation is not supported by this type of state machine");
	MemoryContextSwitchTo(call.context);
	memset(execution, 0, sizeof(*execution));
	if (!wf_execution_read_revision(machine->revision_id, execution))
		elog(ERROR, "revision " INT64_FORMAT " is missing", machine->revision_id);
	if (execution->logging.level != WF_LOG_OFF)
		id = wf_execution_next_id();
	wf_call_end(&call);
	execution->state_machine_id = machine->id;
	execution->revision_id = machine->revision_id;
	execution->name = start->name != NULL ? pstrdup(start->name) : make_uuid();
	execution->input = wf_core_payload(sync->input, strlen(sync->input));
	execution->started_at = wf_clock_now();
	sync->arn = id != 0 ? wf_execution_arn(machine->name, true, execution->name, id) :
		wf_arn_express(machine->name, execution->name, make_uuid());
	wf_engine_run_sync(id, sync->arn, execution, start->trace_header, &sync->result);
}

const WfField wf_start_sync_execution_fields[] = {
	WF_ARN_FIELD("stateMachineArn", WF_FIELD_REQUIRED),
	{"name", WF_FIELD_STRING, 0, 1, 80, NULL, NULL},
	{"input", WF_FIELD_STRING, WF_FIELD_SENSITIVE, 0, -1, NULL, NULL},
	{"traceHeader", WF_FIELD_STRING, 0, 0, 256, NULL, NULL},
	{"includedData", WF_FIELD_STRING, 0, 0, -1, "ALL_DATA, METADATA_ONLY", NULL},
	{NULL}
};

/* The details stand there also where a failed execution has no output. */
static void
show_payload(WfResponse *response, const char *key, const char *details_key, const char *payload, bool included)
{
	if (included)
		wf_response_string(response, key, payload);
	wf_response_begin_object(response, details_key);
	wf_response_boolean(response, "included", included);
	wf_response_end_object(response);
}

void
wf_start_sync_execution_action(const WfRequest *request, WfResponse *response)
{
	WfStart		start = {
		.state_machine = wf_request_string(request, "stateMachineArn"), .name = wf_request_string(request, "name"),
		.input = wf_request_string(request, "input"), .trace_header = wf_request_string(request, "traceHeader")
	};
	char	   *included_data = wf_request_string(request, "includedData");
	bool		included = included_data == NULL || strcmp(included_data, "ALL_DATA") == 0;
	Sync		sync;
	int64		billed;

	run_sync(&start, &sync);
	billed = (sync.result.stopped_at - sync.execution.started_at + BILLED_MICROSECONDS - 1) / BILLED_MICROSECONDS;
	wf_response_string(response, "executionArn", sync.arn);
	wf_response_string(response, "stateMachineArn", wf_arn_state_machine(sync.machine.name));
	wf_response_string(response, "name", sync.execution.name);
	wf_response_time(response, "startDate", sync.execution.started_at);
	wf_response_time(response, "stopDate", sync.result.stopped_at);
	wf_response_string(response, "status", wf_execution_status_word(sync.result.status));
	if (included)
	{
		wf_response_string(response, "error", sync.result.error);
		wf_response_string(response, "cause", sync.result.cause);
	}
	show_payload(response, "input", "inputDetails", sync.input, included);
	show_payload(response, "output", "outputDetails", sync.result.output, included);
	wf_response_string(response, "traceHeader", start.trace_header);
	wf_response_begin_object(response, "billingDetails");
	wf_response_integer(response, "billedMemoryUsedInMB", BILLED_MEGABYTES);
	wf_response_integer(response, "billedDurationInMilliseconds", Max(billed, 1) * BILLED_MICROSECONDS / 1000);
	wf_response_end_object(response);
}

Datum
workflow_start_sync_execution(PG_FUNCTION_ARGS)
{
	WfStart		start = {
		.state_machine = wf_argument_required(fcinfo, 0, "state_machine"), .name = wf_argument_text(fcinfo, 2)
	};
	Sync		sync;
	WfRow		row = {0};

	if (!PG_ARGISNULL(1))
	{
		Jsonb	   *input = PG_GETARG_JSONB_P(1);

		start.input = JsonbToCString(NULL, &input->root, VARSIZE(input));
	}
	run_sync(&start, &sync);
	wf_row_add_text(&row, sync.arn);
	wf_row_add_text(&row, wf_execution_status_word(sync.result.status));
	wf_row_add_text(&row, sync.result.output);
	wf_row_add_text(&row, sync.result.error);
	wf_row_add_text(&row, sync.result.cause);
	wf_row_add_time(&row, sync.execution.started_at);
	wf_row_add_time(&row, sync.result.stopped_at);
	return wf_row_result(fcinfo, &row);
}
