/*
 * poll.c - GetActivityTask: a function, whose wait is capped because the query around it holds a snapshot; a procedure,
 * which ends its transaction first and holds nothing while it waits; and the service's action.
 *
 * A task is taken with the transaction of who takes it: its row is deleted, and an inbox row says that it has started.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/activity.h"
#include "api/arguments.h"
#include "api/service.h"
#include "pg/clock.h"
#include "pg/service_error.h"
#include "pg/settings.h"
#include "store/activity_poll.h"
#include "task/task.h"
#include "worker/worker.h"

PG_FUNCTION_INFO_V1(workflow_get_activity_task);
PG_FUNCTION_INFO_V1(workflow_get_activity_task_procedure);

#define MOST_IN_FUNCTION	60000	/* milliseconds */
#define MAX_WORKER_NAME		80		/* characters */

typedef struct Poll
{
	const char *activity;		/* name or ARN */
	char	   *worker;			/* NULL: none */
	int64		wait_ms;
	bool		commits;		/* ends the transaction before each sleep */
	bool		own_only;		/* of the tasks it may only have some */
	char	   *token;			/* NULL: no task has come */
	char	   *input;
} Poll;

/* The task that polls goes on waiting when this transaction is done, and its worker is free. */
static void
wait_without_worker(const Poll *poll, const WfCall *call, const WfActivity *activity)
{
	const WfTaskCall *task = wf_task_current();
	TimestampTz now = wf_clock_now();

	wf_activity_poll_add(&(WfActivityPoll) {
		.activity = activity->id, .execution = task->execution, .frame = task->frame, .serial = task->serial,
		.role = call->user, .worker = poll->worker, .since = now, .due = TimestampTzPlusMilliseconds(now, MOST_IN_FUNCTION)
	});
	wf_task_wait_on();
}

/* Takes a task, if there is one; the activity is found by its name again each time, and its owner may be another now. */
static bool
look(Poll *poll, WfActivity *activity)
{
	WfCall		call;
	bool		in_task = wf_task_current() != NULL;
	Oid			whose = WF_ANY_ROLE;
	bool		found;

	wf_call_begin(&call, "GetActivityTask");
	wf_call_activity(&call, poll->activity, in_task ? 0 : WF_MAY_POLL, activity);
	if (in_task)
		whose = wf_activity_poll_tasks(activity, call.user);
	poll->own_only = whose != WF_ANY_ROLE;
	found = wf_activity_task_hand_out(activity->id, whose, poll->worker, call.context, &poll->token, &poll->input);
	if (!found && wf_task_is_poll() && !wf_task_current()->synchronous)
		wait_without_worker(poll, &call, activity);
	wf_call_end(&call);
	return found;
}

static void
wait_for_task(Poll *poll, int64 activity_id)
{
	TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), poll->wait_ms);
	WfActivity	activity;

	for (;;)
	{
		long		left;

		wf_poll_look();
		if (look(poll, &activity))
			break;
		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), end);
		if (activity.id != activity_id || left <= 0)
			break;				/* another of the same name: whoever asks for that waits for it */
		if (poll->commits)
			SPI_commit();		/* and no snapshot until the next look */
		if (!wf_poll_sleep(left))
		{
			/* Of several that were given back at once, one session is woken. */
			(void) look(poll, &activity);
			break;
		}
	}
}

static void
poll_activity(Poll *poll)
{
	WfActivity	activity;

	if (poll->worker != NULL && pg_mbstrlen(poll->worker) > MAX_WORKER_NAME)
		wf_service_error(WF_VALIDATION_ERROR, "1 validation error detected: Value at 'workerName' failed to satisfy "
						 "constraint: Member must have length less than or equal to %d", MAX_WORKER_NAME);
	/* Who is woken for tasks that are not for him keeps them from others. */
	if (look(poll, &activity) || poll->wait_ms == 0 || poll->own_only)
		return;
	/* What the caller did before ends here, and with it its snapshot: the look that follows sees what has come since. */
	if (poll->commits)
		SPI_commit();
	if (!wf_poll_begin(activity.id))
		wf_service_error(WF_ACTIVITY_WORKER_LIMIT_EXCEEDED_ERROR,
						 "Activity Worker Limit Exceeded: 'too many sessions wait for activities'");
	PG_TRY();
	{
		wait_for_task(poll, activity.id);
	}
	PG_FINALLY();
	{
		wf_poll_end();
	}
	PG_END_TRY();
}

/*
 * A task that asks holds a worker, which may be needed for what it would wait for.  But what start_sync_execution runs in a
 * session waits there, as its Wait states do: unless time stands still, or what comes could not be seen.
 */
static bool
may_wait(void)
{
	const WfTaskCall *task = wf_task_current();

	if (task == NULL)
		return true;
	return task->synchronous && wf_task_is_poll() && !wf_is_pool_worker() && !IsolationUsesXactSnapshot() &&
		(wf_setting_clock == NULL || wf_setting_clock[0] == '\0');
}

static void
poll_in_function(Poll *poll)
{
	poll->wait_ms = may_wait() ? Min(poll->wait_ms, MOST_IN_FUNCTION) : 0;
	if (IsolationUsesXactSnapshot() && poll->wait_ms > 0)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("cannot wait for a task in a transaction of isolation level REPEATABLE READ or higher"),
				 errdetail("Such a transaction never sees one that comes later.")));
	poll_activity(poll);
}

/* --- the service's action --- */

const WfField wf_get_activity_task_fields[] = {
	{"activityArn", WF_FIELD_STRING, WF_FIELD_REQUIRED, 1, 256, NULL, NULL},
	{"workerName", WF_FIELD_STRING, 0, 1, MAX_WORKER_NAME, NULL, NULL},
	{NULL}
};

void
wf_get_activity_task_action(const WfRequest *request, WfResponse *response)
{
	Poll		poll = {
		.activity = wf_request_string(request, "activityArn"), .worker = wf_request_string(request, "workerName"),
		.wait_ms = MOST_IN_FUNCTION
	};

	poll_in_function(&poll);
	wf_response_string(response, "taskToken", poll.token);
	wf_response_string(response, "input", poll.input);
}

/* --- the SQL function and procedure --- */

/* Called in FROM it is called once; (f()).* in the list of a SELECT calls f for each column. */
static void
check_place(FunctionCallInfo fcinfo)
{
	if (fcinfo->resultinfo == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the function get_activity_task() must be called in FROM"),
				 errdetail("Elsewhere its row may be expanded, and a task be taken for each column."),
				 errhint("Use SELECT * FROM workflow.get_activity_task(...).")));
}

static Poll
read_arguments(FunctionCallInfo fcinfo)
{
	return (Poll) {
		.activity = wf_argument_required(fcinfo, 0, "activity"), .worker = wf_argument_text(fcinfo, 1),
		.wait_ms = wf_argument_milliseconds(fcinfo, 2, "wait")
	};
}

/* (activity, worker_name, wait) returns (task_token, input) */
static Datum
show(FunctionCallInfo fcinfo, const Poll *poll)
{
	WfRow		row = {0};

	wf_row_add_text(&row, poll->token);
	wf_row_add_text(&row, poll->input);
	return wf_row_result(fcinfo, &row);
}

Datum
workflow_get_activity_task(PG_FUNCTION_ARGS)
{
	Poll		poll = read_arguments(fcinfo);

	check_place(fcinfo);
	poll_in_function(&poll);
	return show(fcinfo, &poll);
}

Datum
workflow_get_activity_task_procedure(PG_FUNCTION_ARGS)
{
	Poll		poll = read_arguments(fcinfo);
	MemoryContext context = CurrentMemoryContext;

	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("get_activity_task cannot be called as a procedure inside a transaction block"),
				 errhint("Use the function workflow.get_activity_task(), or commit first.")));
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	poll.commits = true;
	poll_activity(&poll);
	if (poll.token != NULL)
	{
		poll.token = MemoryContextStrdup(context, poll.token);
		poll.input = MemoryContextStrdup(context, poll.input);
	}
	SPI_finish();
	return show(fcinfo, &poll);
}
