/*
 * sync.c - an EXPRESS execution in the calling transaction; see sync.h.
 *
 * It lives in memory alone, but for what its machine logs.  Its waits are the caller's: the session sleeps, and a cancel
 * reaches it.
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
step(WfRun *run, const WfStimulus *stimulus)
{
	wf_run_set_deadline(run, wf_engine_deadline(), false);
	wf_run_step(run, stimulus);
}

/*
 * Its events are dropped after each step, and long steps are paused: an EXPRESS execution has as many events as its time
 * allows.
 */
static void
go_to_the_end(WfRun *run, WfStore *store)
{
	step(run, &(WfStimulus) {.kind = WF_START});
	for (;;)
	{
		const WfCommand *task = wf_run_next_task(run);
		const WfCommand *timer = wf_run_next_timer(run, WF_ANY_FRAME);
		TimestampTz due = timer != NULL ? wf_clock_from_unix(timer->due) : DT_NOEND;
		WfStimulus	stimulus;

		wf_run_log(run);
		if (wf_run_has_ended(run))
			break;
		CHECK_FOR_INTERRUPTS();
		if (timer != NULL && due <= wf_clock_now())
		{
			wf_stimulus_of_timer(&stimulus, timer->timer, timer->frame, timer->serial);
			step(run, &stimulus);
		}
		else if (wf_run_is_paused(run))
			step(run, &(WfStimulus) {.kind = WF_GO_ON});
		else if (task != NULL)
		{
			wf_run_set_deadline(run, wf_engine_deadline(), false);
			wf_task_run_in_session(run, store, task->frame, task->serial, false);
		}
		else
			sleep_until(due);
	}
}

static char *
copy(MemoryContext context, const char *text)
{
	return text == NULL ? NULL : MemoryContextStrdup(context, text);
}

void
wf_engine_run_sync(int64 id, const char *arn, WfStoredExecution *execution, const char *trace_header,
				   WfSyncResult *result)
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
	run = wf_run_unstored(id, arn, execution);
	go_to_the_end(run, &store);
	end = wf_run_end(run);
	result->status = end->status;
	result->output = end->output == NULL ? NULL : copy(context, wf_payload_text(end->output, NULL));
	result->error = copy(context, end->error);
	result->cause = copy(context, end->cause);
	result->stopped_at = wf_clock_now();
	if (id != 0)
	{
		wf_execution_write(id, execution, trace_header);
		wf_execution_write_end(id, execution->state_machine_id, 0, false, result->status, result->stopped_at, result->output,
							   result->error, result->cause);
	}
	wf_run_free(run);
	wf_store_end(&store);
}
