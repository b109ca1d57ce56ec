/*
 * schedule.c - due timers and the inbox: what moves executions on without a task of theirs.
 *
 * The scheduler's transactions hold the rows of several executions, in ascending order of their ids, and never wait for
 * one: what somebody else holds is tried again in a moment.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/async.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "engine/child.h"
#include "engine/engine.h"
#include "engine/internal.h"
#include "pg/clock.h"
#include "pg/core.h"
#include "store/activity_poll.h"
#include "store/inbox.h"
#include "store/stored_payload.h"
#include "store/timer.h"
#include "worker/worker.h"

#define BATCH_SIZE 40			/* rows of each kind at a time: as many executions, each a subtransaction */
#define HAND_OVER_SIZE 500		/* timers that become ready work at a time */
#define RETRY_MS 10				/* until an execution is tried again that somebody else held; doubled up to */
#define RETRY_MOST_MS 1000
#define UNKNOWN_MS 60000		/* until one is tried again that failed for no fault of its own */

/* One execution's share of what was claimed. */
typedef struct Share
{
	int64		execution;
	WfTimer    *timers;
	int			n_timers;
	WfInbox    *inbox;
	int			n_inbox;
} Share;

static void
delete_rows(const Share *share)
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

/*
 * Tasks that have been out for long, found in the present turn.  People are told when it has been committed, in a
 * transaction of its own: who cannot be told, for the queue of notifications is full, must not keep the timers from firing.
 */
static struct
{
	int64		execution;
	int			frame;
}			waiting[BATCH_SIZE];
static int	n_waiting = 0;

static void
note_waiting(WfRun *run, const WfTimer *timer)
{
	if (!wf_run_expects(run, timer->frame, timer->serial))
		return;
	waiting[n_waiting].execution = timer->execution;
	waiting[n_waiting++].frame = timer->frame;
}

/* What such a task is, those who may see it find in the view: everybody can listen. */
static void
notify_waiting(void)
{
	for (int i = 0; i < n_waiting; i++)
		Async_Notify("workflow_waiting_task", psprintf("{\"execution_id\":" INT64_FORMAT ",\"frame\":%d}",
													   waiting[i].execution, waiting[i].frame));
	n_waiting = 0;
}

static void
tell_waiting(void)
{
	MemoryContext context = CurrentMemoryContext;
	int			n = n_waiting;

	if (n == 0)
		return;
	PG_TRY();
	{
		wf_engine_begin();
		notify_waiting();
		wf_engine_commit();
	}
	PG_CATCH();
	{
		ErrorData  *data;

		MemoryContextSwitchTo(context);
		data = CopyErrorData();
		FlushErrorState();
		AbortOutOfAnyTransaction();
		n_waiting = 0;
		ereport(WARNING,
				(errcode(data->sqlerrcode),
				 errmsg("nobody could be told of %d tasks that have been out for long: %s", n, data->message),
				 errhint("The view workflow.waiting_tasks shows them.")));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
}

static void
fire(WfRun *run, const WfTimer *timer)
{
	WfStimulus	stimulus;

	if (timer->kind == WF_TIMER_AGE)
	{
		note_waiting(run, timer);
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

static bool
is_join(const WfInbox *row)
{
	return row->kind == WF_INBOX_JOIN;
}

static WfInbox *
find_first(const Share *share, bool (*is_it) (const WfInbox *row))
{
	for (int i = 0; i < share->n_inbox; i++)
		if (is_it(&share->inbox[i]))
			return &share->inbox[i];
	return NULL;
}

/*
 * An execution that has not begun to wait.  It has ended; or nobody has taken it up yet, and its start row is ours for the
 * taking; or a worker is at it this moment (false: try again).
 */
static bool
serve_unstarted(const Share *share)
{
	WfInbox    *stop = find_first(share, is_stop);
	bool		joined = find_first(share, is_join) != NULL;
	WfReady		start;
	WfRun	   *run;

	if (stop == NULL && !joined)
		return true;
	if (wf_execution_has_ended(share->execution))
	{
		if (joined)
			wf_child_has_ended(share->execution);
		return true;
	}
	run = wf_run_new(share->execution);
	if (run == NULL)
		return true;
	memset(&start, 0, sizeof(start));
	start.role = wf_run_role(run);
	start.id = start.execution = share->execution;
	if (!wf_ready_claim_one(&start))
	{
		wf_run_free(run);
		return false;
	}
	if (stop == NULL)
	{
		wf_run_free(run);
		wf_wake_for_ready(start.role);	/* who has passed it by meanwhile */
		return true;
	}
	wf_run_set_deadline(run, 0, true);
	wf_run_step(run, &(WfStimulus) {.kind = WF_START});
	deliver(run, stop);
	wf_run_save(run);
	wf_run_free(run);
	wf_ready_delete(&start);
	return true;
}

/* Moves the execution on; its rows are then done with.  False: somebody else holds it. */
static bool
serve(const Share *share, TimestampTz deadline)
{
	WfStore		store;
	WfRun	   *run;
	WfLockResult lock;
	bool		served = true;

	wf_store_begin(&store);
	lock = wf_run_lock(share->execution, false, &run);
	if (lock == WF_LOCK_BUSY)
		served = false;
	else if (run == NULL)
		served = serve_unstarted(share);
	else
	{
		wf_run_set_deadline(run, deadline, false);
		for (int i = 0; i < share->n_inbox && !wf_run_has_ended(run); i++)
			deliver(run, &share->inbox[i]);
		for (int i = 0; i < share->n_timers && !wf_run_has_ended(run); i++)
			fire(run, &share->timers[i]);
		wf_run_save(run);
		wf_run_free(run);
	}
	wf_store_end(&store);
	return served;
}

typedef enum Served
{
	SERVED,						/* its rows are done with */
	SERVED_NOT,					/* somebody else holds it */
	SERVED_LATER				/* something went wrong: its rows make way */
} Served;

/* An execution's trouble must not become the others': it is rolled back to here, and settled. */
static Served
serve_in_savepoint(const Share *share, TimestampTz deadline, bool force_fail, const char *cause)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile Served served = SERVED_NOT;
	volatile bool is_broken = false;
	char	   *volatile message = NULL;
	int			n_before = n_waiting;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		if (force_fail)
		{
			WfStore		store;

			wf_store_begin(&store);
			if (wf_run_force_fail(share->execution, cause))
				served = SERVED;
			wf_store_end(&store);
		}
		else if (serve(share, deadline))
			served = SERVED;
		if (served == SERVED)
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *data;

		MemoryContextSwitchTo(context);
		data = CopyErrorData();
		if (wf_engine_judge(data) == WF_TROUBLE_PASSING)
			PG_RE_THROW();		/* it concerns all of them */
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		ereport(LOG,
				(errcode(data->sqlerrcode),
				 errmsg("execution " INT64_FORMAT " could not be moved on: %s", share->execution, data->message)));
		served = SERVED_LATER;
		is_broken = wf_engine_judge(data) == WF_TROUBLE_BROKEN && !force_fail;
		message = psprintf("The engine could not go on: %s", data->message);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (served != SERVED)
		n_waiting = n_before;
	return is_broken ? serve_in_savepoint(share, deadline, true, message) : served;
}

static void
postpone_rows(const Share *share)
{
	TimestampTz later = wf_clock_now() + INT64CONST(1000) * UNKNOWN_MS;

	for (int i = 0; i < share->n_timers; i++)
		wf_timer_postpone(&share->timers[i], later);
	for (int i = 0; i < share->n_inbox; i++)
		wf_inbox_postpone(&share->inbox[i], UNKNOWN_MS);
}

/* The next execution's share of what was claimed, from places *t and *i on; both lists are in the executions' order. */
static Share
next_share(WfTimer *timers, int n_timers, int *t, WfInbox *inbox, int n_inbox, int *i)
{
	Share		share;

	memset(&share, 0, sizeof(share));
	if (*t < n_timers && (*i >= n_inbox || timers[*t].execution <= inbox[*i].execution))
		share.execution = timers[*t].execution;
	else
		share.execution = inbox[*i].execution;
	share.timers = &timers[*t];
	share.inbox = &inbox[*i];
	while (*t < n_timers && timers[*t].execution == share.execution)
		(*t)++, share.n_timers++;
	while (*i < n_inbox && inbox[*i].execution == share.execution)
		(*i)++, share.n_inbox++;
	return share;
}

/* How many rows at the heads of the queues to pass over: they were busy, and those behind them shall not wait for them. */
static int	skip = 0;

/* Where the scheduler's looks begin: as of its last turn that was committed, and what has been announced since. */
static WfHeads heads = {.timer = DT_NOBEGIN, .inbox = 0};

/* What somebody else held in this turn. */
static int64 busy_executions[WF_MOST_WANTED];
static int	n_busy = 0;

/* More is due than one process should do: what workers can take up becomes their ready work. */
static bool crowded = false;

/* Executions may wait for tasks of activities that are there. */
static uint64 polls = WF_ALL_POLLS;

static int
step_from(const WfHeads *from, TimestampTz deadline, bool *busy)
{
	WfStore		store;
	TimestampTz now = wf_clock_now();
	WfTimer    *timers = NULL;
	WfInbox    *inbox = NULL;
	int			n_timers = 0,
				n_inbox = 0,
				t = 0,
				i = 0;
	int			done = 0;
	MemoryContext context = CurrentMemoryContext;

	wf_store_begin(&store);
	if (from->timer <= now)
		n_timers = wf_timer_claim(from->timer, now, skip, BATCH_SIZE, context, &timers);
	if (from->inbox < PG_INT64_MAX)
		n_inbox = wf_inbox_claim(from->inbox, skip, BATCH_SIZE, context, &inbox);
	wf_store_end(&store);
	*busy = false;
	while (t < n_timers || i < n_inbox)
	{
		Share		share = next_share(timers, n_timers, &t, inbox, n_inbox, &i);
		Served		served = serve_in_savepoint(&share, deadline, false, NULL);

		if (served == SERVED_NOT)
		{
			*busy = true;
			if (n_busy < WF_MOST_WANTED)
				busy_executions[n_busy++] = share.execution;
			continue;
		}
		/* At the level at which they were claimed: see wf_member_run. */
		wf_store_begin(&store);
		if (served == SERVED)
			delete_rows(&share);
		else
			postpone_rows(&share);
		wf_store_end(&store);
		done += share.n_timers + share.n_inbox;
	}
	if (done == 0 && (n_timers == BATCH_SIZE || n_inbox == BATCH_SIZE))
		skip += BATCH_SIZE;
	else
		skip = 0;
	crowded = n_timers == BATCH_SIZE;
	return done;
}

int
wf_schedule_step(TimestampTz deadline, bool *busy)
{
	static const WfHeads beginning = {.timer = DT_NOBEGIN, .inbox = 0};
	WfStore		store;
	int			done;

	wf_store_begin(&store);
	if (wf_activity_polls_tell(WF_ALL_POLLS))
		wf_wake_for_polls(WF_ANY_ACTIVITY); /* the scheduler passes by those whom we have told */
	wf_store_end(&store);
	n_waiting = 0;				/* of a turn that an error has ended */
	done = step_from(&beginning, deadline, busy);
	notify_waiting();
	return done;
}

/*
 * The beginning of what is left.  Rows that others have claimed are still seen, so that we do not pass by them before they
 * are gone; what is committed from here on is announced.
 */
static void
find_heads(WfHeads *next)
{
	next->timer = wf_timer_next(heads.timer);
	next->inbox = heads.inbox < PG_INT64_MAX ? wf_inbox_first(heads.inbox) : PG_INT64_MAX;
}

/* As of now: who begins to wait from here on announces it, and then tasks are announced, too. */
static void
tell_polls(void)
{
	uint32		begun = wf_polls_begun();

	if (!wf_activity_polls_tell(polls))
		wf_polls_are_over(begun);
}

/* In a transaction.  True: there may be more at once; *busy: what is left is held by others. */
static bool
take_turn(WfHeads *next, bool *busy)
{
	WfStore		store;
	bool		handed_all = true;
	bool		more;

	/* What stays here is at the head then, or in the inbox: a crowd does not keep it waiting. */
	if (crowded)
	{
		wf_store_begin(&store);
		handed_all = wf_timer_hand_over(heads.timer, wf_clock_now(), HAND_OVER_SIZE) < HAND_OVER_SIZE;
		wf_store_end(&store);
		skip = 0;
	}
	if (polls != 0)
	{
		wf_store_begin(&store);
		tell_polls();
		wf_store_end(&store);
	}
	more = step_from(&heads, wf_engine_deadline(), busy) > 0 || skip > 0 || !handed_all;
	crowded |= !handed_all;
	wf_store_begin(&store);
	find_heads(next);
	wf_store_end(&store);
	return more;
}

static int	retry_ms = RETRY_MS;

/* When to look again although nothing is announced. */
static TimestampTz
next_look(bool retry)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = heads.timer;

	if (retry)
		next = next > now ? Min(next, now + INT64CONST(1000) * retry_ms) : now + INT64CONST(1000) * retry_ms;
	retry_ms = retry ? Min(retry_ms * 2, RETRY_MOST_MS) : RETRY_MS;
	return next;
}

bool
wf_engine_schedule(const WfHeads *announced, TimestampTz *next_due)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "workflow turn", ALLOCSET_DEFAULT_SIZES);
	volatile bool more = false;
	volatile bool busy = false;

	wf_stored_payloads_expire(false);
	heads.timer = Min(heads.timer, announced->timer);
	heads.inbox = Min(heads.inbox, announced->inbox);
	polls |= announced->polls;
	n_busy = n_waiting = 0;
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		WfHeads		next = heads;

		wf_engine_begin();
		MemoryContextSwitchTo(context);
		if (wf_engine_standstill() == WF_NO_STANDSTILL)
		{
			bool		held;

			more = take_turn(&next, &held);
			busy = held;
		}
		wf_engine_commit();
		heads = next;
		polls = 0;
		MemoryContextSwitchTo(context);
		tell_waiting();
	}
	PG_CATCH();
	{
		ErrorData  *data;

		(void) wf_engine_abort(context, &data);
		wf_engine_pause(1000);
		more = true;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
	wf_want_executions(busy_executions, n_busy);
	*next_due = next_look(busy && !more);
	return more;
}
