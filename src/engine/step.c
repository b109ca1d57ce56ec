/*
 * step.c - one member: a claimed ready row, carried on as far as it goes.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "asl/resource.h"
#include "engine/internal.h"
#include "pg/clock.h"
#include "pg/settings.h"
#include "worker/worker.h"

void
wf_task_call(WfRun *run, int frame, int serial, const WfTaskToRun *task, WfTaskCall *call)
{
	call->execution = wf_run_id(run);
	call->execution_arn = wf_run_arn(run);
	call->owner = wf_run_owner(run);
	call->role = wf_run_role(run);
	call->frame = frame;
	call->serial = serial;
	call->task = task;
	call->context = wf_run_context(run, frame);
	call->synchronous = wf_run_is_synchronous(run);
	call->map_inputs = wf_run_map_inputs;
	call->run = run;
}

void
wf_stimulus_of_timer(WfStimulus *stimulus, WfTimerKind kind, int frame, int serial)
{
	memset(stimulus, 0, sizeof(*stimulus));
	stimulus->frame = frame;
	stimulus->serial = serial;
	switch (kind)
	{
		case WF_TIMER_FRAME:
			stimulus->kind = WF_TIMER_FIRED;
			break;
		case WF_TIMER_HEARTBEAT:
			stimulus->kind = WF_HEARTBEAT_MISSED;
			break;
		case WF_TIMER_EXECUTION:
			stimulus->kind = WF_EXECUTION_TIMED_OUT;
			break;
		case WF_TIMER_AGE:
		case WF_TIMER_POLL:
			Assert(false);		/* they are not for the interpreter */
			break;
	}
}

bool
wf_task_try(const WfTaskCall *call, WfPayload **result, ErrorData **data)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool done = false;

	*data = NULL;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		*result = wf_task_run(call);
		ReleaseCurrentSubTransaction();
		done = true;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		*data = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return done;
}

/*
 * Waits for locks are short in a batch.  Through the settings' own stack: a variable changed behind its back would be put
 * back by it at the wrong moment.
 */
static int
shorten_lock_waits(void)
{
	int			most = Max(DeadlockTimeout / 10, 1);
	int			nest_level = NewGUCNestLevel();

	if (LockTimeout == 0 || LockTimeout > most)
		(void) set_config_option("lock_timeout", psprintf("%d", most), PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
	return nest_level;
}

/*
 * In a batch.  What it raises, and an overrun that it swallowed, goes up.  So does the use of temporary objects: they
 * would be shared with the other members, whose transaction this is.
 */
static WfPayload *
run_fast(const WfTaskCall *call)
{
	WfRunningTask mark = {call->execution, call->frame, call->serial, false};
	int			nest_level = shorten_lock_waits();
	WfStopwatch watch;
	WfPayload  *volatile result = NULL;
	volatile bool overran = false;
	volatile bool done = false;

	wf_speed_start(&watch);
	wf_running_task_begin(&mark);
	(void) wf_speed_alarm((long) (wf_setting_batch_budget / 2));
	PG_TRY();
	{
		result = wf_task_run(call);
		done = true;
	}
	PG_FINALLY();
	{
		overran = wf_speed_alarm_end();
		wf_running_task_end();
		if (overran)
			wf_speed_note(call->task, &watch);
		else if (!done)
			wf_speed_note_error(call->task);
	}
	PG_END_TRY();
	AtEOXact_GUC(false, nest_level);
	if (overran)
		ereport(ERROR,
				(errcode(ERRCODE_QUERY_CANCELED),
				 errmsg("a task took longer than the batch's budget")));
	if (wf_speed_note_use(call->task))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a task in a batch used what its members would share")));
	wf_speed_note(call->task, &watch);
	return result;
}

static void
step_with(WfRun *run, WfStimulusKind kind, int frame, int serial)
{
	WfStimulus	stimulus;

	memset(&stimulus, 0, sizeof(stimulus));
	stimulus.kind = kind;
	stimulus.frame = frame;
	stimulus.serial = serial;
	wf_run_step(run, &stimulus);
}

/* In a batch.  We are in the engine's section, which is left for the time of the task. */
static void
run_fast_task(WfRun *run, WfStore *store, int frame, int serial, const WfTaskToRun *task, bool started)
{
	const WfResource *resource = task->resource;	/* the task itself is the run's, and gone with the next step */
	WfTaskCall	call;
	WfPayload  *result;

	wf_store_end(store);
	wf_task_call(run, frame, serial, task, &call);
	result = run_fast(&call);
	wf_store_begin(store);
	if (!started)
		step_with(run, WF_TASK_STARTED, frame, serial);
	wf_run_task_done(run, frame, serial, resource, result);
}

/*
 * In a caller's session: the error is the outcome, and nobody else is there to see that the task's time is over.  The task
 * is taken from memory: what the command said is gone with TaskStarted.
 */
void
wf_task_run_in_session(WfRun *run, WfStore *store, int frame, int serial, bool started)
{
	WfTaskToRun task;
	WfTaskCall	call;
	WfPayload  *result = NULL;
	ErrorData  *data = NULL;
	const WfCommand *timer;
	bool		alarm = false;
	bool		in_time = true;

	if (!started)
		step_with(run, WF_TASK_STARTED, frame, serial);
	wf_run_get_task(run, frame, &task);
	timer = wf_run_next_timer(run, frame);
	wf_store_end(store);
	wf_task_call(run, frame, serial, &task, &call);
	if (timer != NULL)
		alarm = wf_speed_alarm(TimestampDifferenceMilliseconds(wf_clock_now(), wf_clock_from_unix(timer->due)));
	(void) wf_task_try(&call, &result, &data);
	if (alarm)
		in_time = !wf_speed_alarm_end();

	/* A cancel that is not ours, or a shutdown, is meant for the caller's statement. */
	if (data != NULL && in_time && ERRCODE_TO_CATEGORY(data->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
		ReThrowError(data);
	wf_store_begin(store);

	if (!in_time && data != NULL)
	{
		WfStimulus	stimulus;

		wf_stimulus_of_timer(&stimulus, timer->timer, frame, serial);
		wf_run_step(run, &stimulus);
	}
	else if (data != NULL)
	{
		WfTaskError error;

		wf_task_error(data, &error);
		wf_run_task_failed(run, frame, serial, &error);
	}
	else
		wf_run_task_done(run, frame, serial, task.resource, result);
}

static bool
in_batch(WfTaskMode mode)
{
	return mode == WF_TASKS_FAST || mode == WF_TASKS_TRY;
}

static void
run_task(WfRun *run, WfStore *store, int frame, int serial, const WfTaskToRun *task, bool started, WfTaskMode mode)
{
	if (in_batch(mode))
		run_fast_task(run, store, frame, serial, task, started);
	else
		wf_task_run_in_session(run, store, frame, serial, started);
}

/*
 * What the scheduler would have evaluated itself, had not so much been due at once: like there it has the budget, or is rolled
 * back and done alone.
 */
static void
step_in_time(WfRun *run, const WfStimulus *stimulus)
{
	(void) wf_speed_alarm((long) wf_setting_batch_budget);
	PG_TRY();
	{
		wf_run_step(run, stimulus);
	}
	PG_FINALLY();
	{
		(void) wf_speed_alarm_end();
	}
	PG_END_TRY();
}

/* The run that a row names, stepped with the row's own stimulus.  NULL with DONE: the row is stale. */
static WfMemberResult
begin_run(const WfReady *row, WfTaskMode mode, TimestampTz deadline, bool heavy, WfStore *store, WfRun **run)
{
	WfStimulus	stimulus;

	memset(&stimulus, 0, sizeof(stimulus));
	*run = NULL;
	if (row->kind == WF_READY_START)
	{
		*run = wf_run_new(row->execution);
		stimulus.kind = WF_START;
	}
	else
	{
		if (wf_is_wanted(row->execution) || wf_run_lock(row->execution, false, run) == WF_LOCK_BUSY)
			return WF_MEMBER_BUSY;
		if (row->kind == WF_READY_WAITED)
			stimulus.kind = WF_TIMER_FIRED;
		else
			stimulus.kind = *run != NULL ? wf_run_overdue(*run) : WF_GO_ON;
		stimulus.frame = row->frame;
		stimulus.serial = row->serial;
	}
	if (*run == NULL)
		return WF_MEMBER_DONE;
	if (!heavy && wf_run_is_heavy(*run))
		return WF_MEMBER_HEAVY;
	wf_run_set_deadline(*run, mode == WF_TASKS_NONE ? wf_run_worthwhile(*run, deadline) : deadline, false);
	if (row->kind == WF_READY_WAITED && in_batch(mode))
		step_in_time(*run, &stimulus);
	else if (row->kind != WF_READY_TASK)
		wf_run_step(*run, &stimulus);
	else if (!wf_run_expects(*run, row->frame, row->serial))
	{
		wf_run_free(*run);
		*run = NULL;
	}
	else
	{
		WfTaskToRun task;

		wf_run_get_task(*run, row->frame, &task);
		switch (wf_speed_of(&task))
		{
			case WF_SPEED_FAST:
				break;
			case WF_SPEED_SLOW:
				if (in_batch(mode))
					return WF_MEMBER_SLOW;
				break;
			case WF_SPEED_UNKNOWN:
				if (mode == WF_TASKS_FAST || (mode == WF_TASKS_TRY && !wf_speed_find_out(&task)))
					return WF_MEMBER_UNKNOWN;
				break;
		}
		run_task(*run, store, row->frame, row->serial, &task, row->started, mode);
	}
	return WF_MEMBER_DONE;
}

/*
 * Its work may tell the token to somebody who answers before the batch commits: the frame must be there by then.  A
 * notification is told at the commit.
 */
static bool
tells_token(const WfTaskToRun *task)
{
	return task->resource->pattern == WF_WAIT_FOR_TASK_TOKEN && strncmp(task->resource->base, "notify:", 7) != 0;
}

/* May this task be run within the member?  One that may wait for an activity's must be stored by then. */
static bool
may_run(const WfTaskToRun *task, WfTaskMode mode, TimestampTz deadline)
{
	if (wf_resource_is_poll(task->resource))
		return false;
	switch (mode)
	{
		case WF_TASKS_NONE:
			return false;
		case WF_TASKS_ALL:
			return true;
		case WF_TASKS_FAST:
		case WF_TASKS_TRY:
			break;
	}
	return task->alone && !tells_token(task) && wf_speed_of(task) == WF_SPEED_FAST && GetCurrentTimestamp() < deadline;
}

WfMemberResult
wf_member_run(const WfReady *row, WfTaskMode mode, TimestampTz deadline, bool heavy)
{
	WfStore		store;
	WfRun	   *run;
	const WfCommand *task = NULL;
	WfMemberResult result;

	wf_store_begin(&store);
	if (row->kind == WF_READY_MAP_RUN || row->kind == WF_READY_MAP_RUN_ON)
	{
		result = wf_map_run_turn(row, in_batch(mode), deadline);
		wf_store_end(&store);
		return result;
	}
	if (row->kind == WF_READY_SET_ASIDE)
	{
		result = wf_share_turn(row, deadline);
		wf_store_end(&store);
		return result;
	}
	result = begin_run(row, mode, deadline, heavy, &store, &run);
	if (result == WF_MEMBER_DONE)
	{
		while (run != NULL && (task = wf_run_next_task(run)) != NULL && may_run(&task->task, mode, deadline))
			run_task(run, &store, task->frame, task->serial, &task->task, false, mode);
		if (run != NULL && task != NULL && wf_speed_of(&task->task) != WF_SPEED_FAST)
			result = WF_MEMBER_AWAITS_LONG;
		if (run != NULL)
			wf_run_save(run);
	}
	wf_run_free(run);
	wf_store_end(&store);
	return result;
}
