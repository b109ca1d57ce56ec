/*
 * execution.c - what can be done with executions; see execution.h.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/json.h"

#include "api/execution.h"
#include "api/input.h"
#include "interpreter/interpreter.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/names.h"
#include "pg/service_error.h"
#include "store/execution.h"
#include "task/task.h"

#define MAX_ERROR	256			/* characters */
#define MAX_CAUSE	32768

/* A name that looks like a generated one could be taken for another execution's. */
static void
refuse_generated_name(const WfStateMachine *machine, const char *name)
{
	if (name != NULL && wf_execution_by_generated_name(name) != 0)
		wf_service_error(WF_EXECUTION_ALREADY_EXISTS_ERROR, "Execution Already Exists: '%s'",
						 wf_arn_execution(machine->name, name));
}

/* The name is taken: by the same request, which is then answered as before, or by another. */
static void
find_started(WfCall *call, const WfStateMachine *machine, const char *name, const char *input, WfExecutionInfo *info)
{
	int64	   *ids;

	if (wf_executions_by_name(machine->name, name, call->context, &ids) == 1 &&
		wf_execution_info(ids[0], call->context, info) &&
		strcmp(info->status, "RUNNING") == 0 && strcmp(info->input, input) == 0)
		return;
	wf_service_error(WF_EXECUTION_ALREADY_EXISTS_ERROR, "Execution Already Exists: '%s'",
					 wf_arn_execution(machine->name, name));
}

/* Within a task: the execution whose task it is. */
static int64
parent_of_start(void)
{
	const WfTaskCall *task = wf_task_current();

	return task != NULL ? task->execution : 0;
}

void
wf_start(const WfStart *start, WfStateMachine *machine, WfExecutionInfo *info)
{
	WfCall		call;
	WfTaskStart noted = {0};
	char	   *input;

	if (start->name != NULL)
		wf_name_check(start->name);
	input = wf_input_compact(start->input != NULL ? start->input : "{}", WF_INPUT_OF_EXECUTION);

	wf_call_begin(&call, "StartExecution");
	wf_call_state_machine(&call, start->state_machine, WF_MAY_START, AccessShareLock, false, machine);
	wf_call_refuse_deleting(machine);
	memset(info, 0, sizeof(*info));
	noted.express = wf_state_machine_is_express(machine);
	if (noted.express)
		info->id = wf_execution_create_express(machine->id, machine->revision_id, machine->run_as, start->name, input,
											   start->trace_header, parent_of_start(), &info->started_at);
	else
	{
		refuse_generated_name(machine, start->name);
		info->id = wf_execution_create(machine->id, machine->revision_id, machine->run_as, start->name, input,
									   start->trace_header, parent_of_start(), &info->started_at);
	}
	MemoryContextSwitchTo(call.context);
	noted.joined = info->id == 0;
	if (noted.joined)
		find_started(&call, machine, start->name, input, info);
	else if (start->name != NULL)
		info->name = pstrdup(start->name);
	else
	{
		info->name = MemoryContextAlloc(call.context, WF_GENERATED_NAME_SIZE);
		wf_execution_generated_name(info->id, info->name);
	}
	noted.execution = info->id;
	wf_task_note_start(&noted);
	wf_call_end(&call);
}

static void
check_length(const char *what, const char *text, int most)
{
	if (text != NULL && pg_mbstrlen(text) > most)
		wf_service_error(WF_VALIDATION_ERROR, "1 validation error detected: Value at '%s' failed to satisfy "
						 "constraint: Member must have length less than or equal to %d", what, most);
}

TimestampTz
wf_stop(const WfExecutionReference *reference, const char *error, const char *cause)
{
	WfCall		call;
	WfStateMachine machine;
	WfExecutionInfo info;
	TimestampTz stopped_at;

	check_length("error", error, MAX_ERROR);
	check_length("cause", cause, MAX_CAUSE);
	wf_call_begin(&call, "StopExecution");
	wf_call_execution_info(&call, reference, WF_MAY_START, &machine, &info);
	if (info.stopped_at != 0)
		stopped_at = info.stopped_at;
	else
	{
		stopped_at = wf_clock_now();
		wf_execution_request_stop(info.id, WF_INBOX_STOP, error, cause, stopped_at);
	}
	wf_call_end(&call);
	return stopped_at;
}

void
wf_describe(const WfExecutionReference *reference, WfStateMachine *machine, WfExecutionInfo *info)
{
	WfCall		call;

	wf_call_begin(&call, "DescribeExecution");
	wf_call_execution_info(&call, reference, WF_MAY_READ, machine, info);
	wf_call_end(&call);
}

int
wf_list(const char *state_machine, const char *status, int64 before_id, TimestampTz before_time, int limit,
		WfStateMachine *machine, WfExecutionInfo **list)
{
	WfCall		call;
	int			n;

	wf_call_begin(&call, "ListExecutions");
	wf_call_state_machine(&call, state_machine, WF_MAY_READ, NoLock, false, machine);
	if (wf_state_machine_is_express(machine))
		wf_service_error(WF_STATE_MACHINE_TYPE_NOT_SUPPORTED_ERROR,
						 "This operation is not supported by this type of state machine");
	n = wf_execution_list(machine->id, status, before_id, before_time, limit, call.context, list);
	wf_call_end(&call);
	return n;
}

/*
 * An execution that no worker has begun yet has no events; for the service, its history begins with the start itself.
 * The event is what the engine will write.
 */
static void
show_start(WfCall *call, int64 id, const WfStateMachine *machine, WfStoredEvent *event)
{
	WfExecutionInfo info;
	StringInfoData details;

	/* It may have been purged since it was found. */
	if (!wf_execution_info(id, call->context, &info))
		wf_service_error(WF_EXECUTION_DOES_NOT_EXIST_ERROR, "Execution Does Not Exist: '" INT64_FORMAT "'", id);
	MemoryContextSwitchTo(call->context);
	initStringInfo(&details);
	appendStringInfo(&details, "{\"input\":%s,\"roleArn\":", info.input);
	escape_json(&details, machine->role_arn);
	appendStringInfoChar(&details, '}');
	event->id = 1;
	event->previous_id = 0;
	event->type = WF_EXECUTION_STARTED_EVENT;
	event->at = info.started_at;
	event->details = details.data;
}

int
wf_history(const WfExecutionReference *reference, int from, bool reverse, int limit, WfStoredEvent **list)
{
	WfCall		call;
	WfStateMachine machine;
	int64		id;
	int			n;

	wf_call_begin(&call, "GetExecutionHistory");
	id = wf_call_execution(&call, reference, WF_MAY_READ, false, &machine);
	n = wf_history_list(id, from, reverse, limit, call.context, list);
	if (n == 0 && limit > 0 && from == (reverse ? PG_INT32_MAX : 0))
	{
		show_start(&call, id, &machine, &(*list)[0]);
		n = 1;
	}
	wf_call_end(&call);
	return n;
}
