/*
 * share.c - what is there for one execution to be told: inbox rows, in their order, then timers that are due.
 *
 * The scheduler carries it out within the little time that it gives each execution.  What takes longer it hands over to a
 * worker of the execution's role: the rows stay where they are, set aside, and one ready row stands for all of them.  As long
 * as that is there, whatever comes for the execution goes behind them, so that all of it happens in the order in which it
 * came.  What ends the execution does not: the scheduler does that at once.
 *
 * All of this is done by who holds the execution: so nothing can be set aside behind the back of a worker who is about to
 * delete the ready row, having found no more.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "engine/internal.h"
#include "pg/clock.h"
#include "pg/core.h"
#include "store/activity_poll.h"
#include "worker/worker.h"

#define ROWS_AT_ONCE 40			/* that a worker reads */
#define AGE_LATER_MS 60000		/* until people are told of a task that is out for long, where its execution has other worries */

static void
fire(WfRun *run, const WfTimer *timer)
{
	WfStimulus	stimulus;

	if (timer->kind == WF_TIMER_AGE)
	{
		wf_waiting_task_note(run, timer);
		return;
	}
	if (timer->kind == WF_TIMER_POLL)
	{
		wf_activity_poll_end(run, timer->frame, timer->serial);
		return;
	}
	wf_stimulus_of_timer(&stimulus, timer->kind, timer->frame, timer->serial);
	wf_run_step(run, &stimulus);
}

static bool
is_stop(const WfInbox *row)
{
	return row->kind == WF_INBOX_STOP || row->kind == WF_INBOX_DELETE || row->kind == WF_INBOX_ABANDON;
}

/* What has come in, as the interpreter is told it.  An answer to a question that is not out yet is kept. */
static void
deliver(WfRun *run, WfInbox *row)
{
	WfStimulus	stimulus;

	if (row->kind == WF_INBOX_OFFERED)
	{
		wf_activity_poll_serve(run, row->frame, row->serial);
		return;
	}
	memset(&stimulus, 0, sizeof(stimulus));
	stimulus.frame = row->frame;
	stimulus.serial = row->serial;
	stimulus.error = row->error;
	stimulus.cause = row->cause;
	stimulus.worker = row->worker;
	switch (row->kind)
	{
		case WF_INBOX_STOP:
		case WF_INBOX_DELETE:
		case WF_INBOX_ABANDON:
			stimulus.kind = WF_STOP;
			break;
		case WF_INBOX_JOIN:
			return;				/* its end, which is to come, sees who waits */
		case WF_INBOX_STARTED:
			stimulus.kind = WF_TASK_STARTED;
			break;
		case WF_INBOX_HEARTBEAT:
			stimulus.kind = WF_HEARTBEAT;
			break;
		case WF_INBOX_RESULT:
			stimulus.kind = WF_TASK_SUCCEEDED;
			stimulus.output = wf_core_payload(row->output, strlen(row->output));
			break;
		case WF_INBOX_FAILURE:
			stimulus.kind = WF_TASK_FAILED;
			break;
		case WF_INBOX_OFFERED:
			Assert(false);
			break;
	}
	if ((row->kind == WF_INBOX_RESULT || row->kind == WF_INBOX_FAILURE) &&
		wf_run_expects(run, row->frame, row->serial) && wf_run_is_overtaken(run, row->frame))
		row->kept = true;
	else
		wf_run_step(run, &stimulus);
}

WfInbox *
wf_share_stop(const WfShare *share)
{
	for (int i = 0; i < share->n_inbox; i++)
		if (is_stop(&share->inbox[i]))
			return &share->inbox[i];
	return NULL;
}

bool
wf_share_is_joined(const WfShare *share)
{
	for (int i = 0; i < share->n_inbox; i++)
		if (share->inbox[i].kind == WF_INBOX_JOIN)
			return true;
	return false;
}

static const WfTimer *
find_timeout(const WfShare *share)
{
	for (int i = 0; i < share->n_timers; i++)
		if (share->timers[i].kind == WF_TIMER_EXECUTION)
			return &share->timers[i];
	return NULL;
}

bool
wf_share_ends(const WfShare *share)
{
	return wf_share_stop(share) != NULL || find_timeout(share) != NULL;
}

/* Its task may have ended since it was kept: then nobody will ask for it. */
static bool
is_kept(const WfRun *run, const WfInbox *row)
{
	return row->kept && !wf_run_has_ended(run) && wf_run_expects(run, row->frame, row->serial);
}

void
wf_share_keep_nothing(const WfShare *share)
{
	for (int i = 0; i < share->n_inbox; i++)
		share->inbox[i].kept = false;
}

void
wf_share_carry_out(WfRun *run, const WfShare *share)
{
	for (int i = 0; i < share->n_inbox && !wf_run_has_ended(run); i++)
		deliver(run, &share->inbox[i]);
	for (int i = 0; i < share->n_timers && !wf_run_has_ended(run); i++)
		fire(run, &share->timers[i]);
	for (int i = 0; i < share->n_inbox; i++)
		share->inbox[i].kept = is_kept(run, &share->inbox[i]);
}

void
wf_share_carry_out_end(WfRun *run, const WfShare *share)
{
	WfInbox    *stop = wf_share_stop(share);

	if (stop != NULL)
		deliver(run, stop);
	else
		fire(run, find_timeout(share));
}

void
wf_share_delete(const WfShare *share)
{
	for (int i = 0; i < share->n_timers; i++)
		wf_timer_delete(&share->timers[i]);
	for (int i = 0; i < share->n_inbox; i++)
	{
		if (share->inbox[i].kept)
			wf_inbox_set_aside(&share->inbox[i]);
		else
			wf_inbox_delete(&share->inbox[i]);
	}
}

void
wf_share_postpone(const WfShare *share, int milliseconds)
{
	TimestampTz later = wf_clock_now() + INT64CONST(1000) * milliseconds;

	for (int i = 0; i < share->n_timers; i++)
		wf_timer_postpone(&share->timers[i], later);
	for (int i = 0; i < share->n_inbox; i++)
		wf_inbox_postpone(&share->inbox[i], milliseconds);
}

/* --- handing over --- */

/*
 * A task whose time is over is cancelled already: the worker that it keeps may be the one that is to take this up.  Its frame
 * still waits for it, but whoever runs it sees that it is over (wf_run_is_late).
 */
static void
set_timer_aside(const WfTimer *timer)
{
	if (timer->kind == WF_TIMER_AGE)
	{
		wf_timer_postpone(timer, wf_clock_now() + INT64CONST(1000) * AGE_LATER_MS);
		return;
	}
	wf_timer_set_aside(timer);
	wf_cancel_at_commit(timer->execution, timer->frame, timer->serial);
}

bool
wf_share_hand_over(const WfShare *share)
{
	WfStoredExecution stored;
	WfExecutionRow row;
	WfEpochs	epochs;

	if (wf_live_execution_lock(share->execution, false, &row, &epochs) != WF_LOCK_HELD ||
		!wf_execution_read(share->execution, true, &stored))
		return false;
	if (!wf_ready_has_set_aside(stored.role, share->execution))
		wf_ready_add_set_aside(stored.role, share->execution);
	for (int i = 0; i < share->n_timers; i++)
		set_timer_aside(&share->timers[i]);
	for (int i = 0; i < share->n_inbox; i++)
	{
		if (share->inbox[i].kind == WF_INBOX_JOIN)
			wf_inbox_delete(&share->inbox[i]);	/* see deliver(): it has not ended */
		else
			wf_inbox_set_aside(&share->inbox[i]);
	}
	return true;
}

/* --- the worker's turn --- */

static bool
is_over(TimestampTz deadline)
{
	return deadline != 0 && GetCurrentTimestamp() >= deadline;
}

/* One at least, of those that are not kept.  True: the time is over, and there may be more. */
static bool
deliver_set_aside(WfRun *run, TimestampTz deadline)
{
	int64		execution = wf_run_id(run);
	bool		some = false;
	int64		from = 0;
	WfInbox    *rows;
	int			n;

	while ((n = wf_inbox_claim_set_aside(execution, from, ROWS_AT_ONCE, CurrentMemoryContext, &rows)) > 0)
		for (int i = 0; i < n; i++)
		{
			if (wf_run_has_ended(run))
				return false;
			if (some && is_over(deadline))
				return true;
			deliver(run, &rows[i]);
			from = rows[i].id + 1;
			if (rows[i].kept)
				continue;
			wf_inbox_delete(&rows[i]);
			some = true;
		}
	return false;
}

static bool
fire_set_aside(WfRun *run, TimestampTz deadline)
{
	WfTimer    *timers;
	int			n;

	while ((n = wf_timer_claim_set_aside(wf_run_id(run), ROWS_AT_ONCE, CurrentMemoryContext, &timers)) > 0)
		for (int i = 0; i < n; i++)
		{
			if (wf_run_has_ended(run))
				return false;
			fire(run, &timers[i]);
			wf_timer_delete(&timers[i]);
			if (is_over(deadline))
				return true;
		}
	return false;
}

/* Its execution has ended. */
static void
forget_set_aside(int64 execution)
{
	wf_inbox_delete_set_aside(execution);
	wf_timer_delete_set_aside(execution);
}

WfMemberResult
wf_share_turn(const WfReady *row, TimestampTz deadline)
{
	WfRun	   *run;
	WfStimulusKind overdue;
	bool		more;

	if (wf_is_wanted(row->execution) || wf_run_lock(row->execution, false, &run) == WF_LOCK_BUSY)
		return WF_MEMBER_BUSY;
	if (run == NULL)
	{
		forget_set_aside(row->execution);
		return WF_MEMBER_DONE;
	}
	if (deadline != 0)
		deadline = wf_run_worthwhile(run, deadline);
	wf_run_set_deadline(run, deadline, false);
	overdue = wf_run_overdue(run);
	if (overdue != WF_GO_ON)
		wf_run_step(run, &(WfStimulus) {.kind = overdue});
	more = deliver_set_aside(run, deadline) || fire_set_aside(run, deadline);
	wf_run_save(run);
	if (wf_run_has_ended(run))
		forget_set_aside(row->execution);
	wf_run_free(run);
	return more ? WF_MEMBER_MORE : WF_MEMBER_DONE;
}
