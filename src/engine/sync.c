/*
 * sync.c - an EXPRESS execution in the calling transaction; see sync.h.
 *
 * It lives in memory alone.  Its waits are the caller's: the session sleeps, and a cancel reaches it.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "engine/internal.h"
#include "engine/sync.h"
#include "pg/clock.h"
#include "pg/settings.h"

#define LONGEST INT64CONST(300)	/* seconds: the service's limit for EXPRESS */

/* Until then; with a test clock, time is moved instead. */
static void
sleep_until(TimestampTz then)
{
	long		milliseconds;

	if (wf_setting_clock != NULL && wf_setting_clock[0] != '\0')
	{
		if (then > wf_clock_now())
			wf_clock_move_to(then);
		return;
	}
	while ((milliseconds = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), then)) > 0)
		wf_engine_pause((int) Min(milliseconds, 60000));
}

static void
fire(WfRun *run, const WfCommand *timer)
{
	WfStimulus	stimulus;

	memset(&stimulus, 0, sizeof(stimulus));
	stimulus.frame = timer->frame;
	stimulus.serial = timer->serial;
	stimulus.kind = timer->timer == WF_TIMER_EXECUTION ? WF_EXECUTION_TIMED_OUT
		: timer->timer == WF_TIMER_HEARTBEAT ? WF_HEARTBEAT_MISSED : WF_TIMER_FIRED;
	wf_run_step(run, &stimulus);
}

static void
go_to_the_end(WfRun *run, WfStore *store, TimestampTz limit)
{
	WfStimulus	stimulus;

	memset(&stimulus, 0, sizeof(stimulus));
	stimulus.kind = WF_START;
	wf_run_step(run, &stimulus);
	while (!wf_run_has_ended(run))
	{
		const WfCommand *task = wf_run_next_task(run);
		const WfCommand *timer = wf_run_next_timer(run);

		CHECK_FOR_INTERRUPTS();
		if (wf_clock_now() >= limit)
		{
			stimulus.kind = WF_EXECUTION_TIMED_OUT;
			wf_run_step(run, &stimulus);
		}
		else if (task != NULL)
			wf_task_run_in_session(run, store, task->frame, task->serial, false);
		else if (timer == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("the execution waits for something that a synchronous execution cannot wait for")));
		else
		{
			TimestampTz due = wf_clock_from_unix(timer->due);

			sleep_until(Min(due, limit));
			if (due < limit)
				fire(run, timer);
		}
	}
}

static char *
copy(MemoryContext context, const char *text)
{
	return text == NULL ? NULL : MemoryContextStrdup(context, text);
}

void
wf_engine_run_sync(const char *arn, WfStoredExecution *execution, WfSyncResult *result)
{
	MemoryContext context = CurrentMemoryContext;
	Oid			caller = GetUserId();
	WfStore		store;
	WfRun	   *run;
	const WfCommand *end;

	if (!has_privs_of_role(caller, execution->role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be a member of role \"%s\" to run its machine synchronously",
						GetUserNameFromId(execution->role, false))));
	wf_store_begin(&store);
	run = wf_run_unstored(arn, execution);
	go_to_the_end(run, &store, execution->started_at + LONGEST * USECS_PER_SEC);
	end = wf_run_end(run);
	result->status = end->status;
	result->output = end->output == NULL ? NULL : copy(context, wf_payload_text(end->output, NULL));
	result->error = copy(context, end->error);
	result->cause = copy(context, end->cause);
	result->stopped_at = wf_clock_now();
	wf_run_free(run);
	wf_store_end(&store);
}
