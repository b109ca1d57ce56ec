/*
 * schedule.c - due timers and the inbox: what moves executions on without a task of theirs.
 *
 * The scheduler's transactions hold the rows of several executions and never wait for one: what somebody else holds is tried
 * again in a moment.  Nor do they keep each other waiting: to be evaluated, a state may take seconds, and a wide Map to be
 * loaded; so each execution has a few milliseconds, behind which it is rolled back and handed over to a worker (share.c).
 */
#include "postgres.h"

#include <time.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "engine/child.h"
#include "engine/engine.h"
#include "engine/internal.h"
#include "pg/clock.h"
#include "pg/settings.h"
#include "store/activity_poll.h"
#include "store/stored_payload.h"
#include "worker/worker.h"

#define BATCH_SIZE 40			/* rows of each kind at a time: as many executions, each a subtransaction */
#define HAND_OVER_SIZE 500		/* timers that become ready work at a time */
#define TURN_BUDGETS 10			/* that a turn may take, however many executions take theirs: then it commits */
#define RETRY_MS 10				/* until an execution is tried again that somebody else held; doubled up to */
#define RETRY_MOST_MS 1000
#define UNKNOWN_MS 60000		/* until one is tried again that failed for no fault of its own */

StaticAssertDecl(BATCH_SIZE <= WF_MOST_WAITING, "each timer may be of a task that is out for long");

typedef enum Served
{
	SERVED,						/* its rows are done with */
	SERVED_NOT,					/* somebody else holds it */
	SERVED_LATER,				/* something went wrong: its rows make way */
	SERVED_BY_WORKER			/* it takes long, or stands behind what does: its rows are handed over */
} Served;

typedef enum Way
{
	CARRY_OUT,					/* all of it, in order */
	END_AT_ONCE,				/* what ends the execution, which is there; the rest is then done with */
	FORCE_FAIL
} Way;

/* What a turn allows for. */
typedef struct Turn
{
	TimestampTz deadline;		/* until when a step goes on to further states; 0: no bound */
	long		box;			/* milliseconds for each execution; 0: no bound */
	TimestampTz end;			/* of the turn; 0: when all is done */
} Turn;

/*
 * An execution that has not begun to wait.  It has ended; or nobody has taken it up yet, and its start row is ours for the
 * taking; or a worker is at it this moment (false: try again).  Its first state is entered even if it is stopped, but not at
 * any price.
 */
static bool
serve_unstarted(const WfShare *share, Way way)
{
	WfInbox    *stop = wf_share_stop(share);
	bool		joined = wf_share_is_joined(share);
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
	if (way == CARRY_OUT)
	{
		wf_run_set_deadline(run, 0, true);
		wf_run_step(run, &(WfStimulus) {.kind = WF_START});
	}
	wf_share_carry_out_end(run, share);
	wf_run_save(run);
	wf_run_free(run);
	wf_ready_delete(&start);
	return true;
}

static Served
serve(const WfShare *share, Way way, const Turn *turn)
{
	WfStore		store;
	WfRun	   *run;
	Served		served = SERVED;

	wf_store_begin(&store);
	if (wf_run_lock(share->execution, false, &run) == WF_LOCK_BUSY)
		served = SERVED_NOT;
	else if (run == NULL)
		served = serve_unstarted(share, way) ? SERVED : SERVED_NOT;
	else
	{
		bool		behind = wf_ready_has_set_aside(wf_run_role(run), share->execution);

		wf_run_set_deadline(run, turn->deadline, false);
		if (behind && !wf_share_ends(share))
			served = SERVED_BY_WORKER;
		else if (behind || way == END_AT_ONCE)
			wf_share_carry_out_end(run, share);
		else
			wf_share_carry_out(run, share);
		if (served == SERVED)
			wf_run_save(run);
		wf_run_free(run);
	}
	wf_store_end(&store);
	return served;
}

static Served
force_fail(const WfShare *share, const char *cause)
{
	WfStore		store;
	bool		failed;

	wf_store_begin(&store);
	failed = wf_run_force_fail(share->execution, cause);
	wf_store_end(&store);
	return failed ? SERVED : SERVED_NOT;
}

/* In microseconds. */
static int64
processor_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64CONST(1000000) + now.tv_nsec / 1000;
}

/*
 * The time is over, but it was the machine's that was busy: it gets a second try.  What is handed over is not lost, but
 * waits for a worker, of whom there may be none for long.
 */
static bool
was_held_up(const WfShare *share, const Turn *turn, int64 worked)
{
	static int64 executions[16];
	static int	next = 0;

	if (worked > turn->box * 1000 / 2)
		return false;
	for (int i = 0; i < lengthof(executions); i++)
		if (executions[i] == share->execution)
		{
			executions[i] = 0;
			return false;
		}
	executions[next++ % lengthof(executions)] = share->execution;
	return true;
}

/* An execution's trouble must not become the others': it is rolled back to here, and settled. */
static Served
serve_in_savepoint(const WfShare *share, Way way, const Turn *turn, const char *cause)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile Served served = SERVED_NOT;
	volatile bool is_broken = false;
	volatile bool overran = false;
	char	   *volatile message = NULL;
	bool		boxed = turn->box > 0 && way == CARRY_OUT;
	int			n_before = wf_waiting_tasks_noted();
	int64		began = processor_time();

	wf_share_keep_nothing(share);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		if (boxed)
			(void) wf_speed_alarm(turn->box);
		served = way == FORCE_FAIL ? force_fail(share, cause) : serve(share, way, turn);
		if (boxed)
			(void) wf_speed_alarm_end();
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
		overran = boxed && wf_speed_alarm_end() && data->sqlerrcode == ERRCODE_QUERY_CANCELED;
		if (!overran && wf_engine_judge(data) == WF_TROUBLE_PASSING)
			PG_RE_THROW();		/* it concerns all of them */
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		if (!overran)
		{
			ereport(LOG,
					(errcode(data->sqlerrcode),
					 errmsg("execution " INT64_FORMAT " could not be moved on: %s", share->execution, data->message)));
			is_broken = wf_engine_judge(data) == WF_TROUBLE_BROKEN && way != FORCE_FAIL;
			message = psprintf("The engine could not go on: %s", data->message);
			served = SERVED_LATER;
		}
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (overran)
		served = was_held_up(share, turn, processor_time() - began) ? SERVED_NOT : SERVED_BY_WORKER;
	if (served != SERVED)
		wf_waiting_tasks_forget(n_before);
	if (overran && wf_share_ends(share))
		return serve_in_savepoint(share, END_AT_ONCE, turn, NULL);
	return is_broken ? serve_in_savepoint(share, FORCE_FAIL, turn, message) : served;
}

/* What was claimed, execution by execution; both lists are in the executions' order. */
static int
divide(WfTimer *timers, int n_timers, WfInbox *inbox, int n_inbox, WfShare *shares)
{
	int			n = 0;
	int			t = 0;
	int			i = 0;

	while (t < n_timers || i < n_inbox)
	{
		WfShare    *share = &shares[n++];

		memset(share, 0, sizeof(*share));
		if (t < n_timers && (i >= n_inbox || timers[t].execution <= inbox[i].execution))
			share->execution = timers[t].execution;
		else
			share->execution = inbox[i].execution;
		share->timers = &timers[t];
		share->inbox = &inbox[i];
		while (t < n_timers && timers[t].execution == share->execution)
			t++, share->n_timers++;
		while (i < n_inbox && inbox[i].execution == share->execution)
			i++, share->n_inbox++;
	}
	return n;
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

/*
 * A worker's own evaluation of what the execution is about to do does not keep a stop waiting: it is cancelled, and the
 * worker makes way.
 */
static void
note_busy(const WfShare *share, const Turn *turn)
{
	if (n_busy < WF_MOST_WANTED)
		busy_executions[n_busy++] = share->execution;
	if (turn->box > 0 && wf_share_ends(share))
		(void) wf_running_task_cancel(share->execution, WF_NO_FRAME, 0);
}

/* Serves one execution, and settles its rows at the level at which they were claimed: see wf_member_run.  False: it was busy. */
static bool
serve_share(const WfShare *share, const Turn *turn)
{
	Served		served = serve_in_savepoint(share, CARRY_OUT, turn, NULL);
	WfStore		store;

	wf_store_begin(&store);
	switch (served)
	{
		case SERVED:
			wf_share_delete(share);
			break;
		case SERVED_LATER:
			wf_share_postpone(share, UNKNOWN_MS);
			break;
		case SERVED_BY_WORKER:
			if (!wf_share_hand_over(share))
				served = SERVED_NOT;
			break;
		case SERVED_NOT:
			break;
	}
	wf_store_end(&store);
	if (served == SERVED_NOT)
		note_busy(share, turn);
	return served != SERVED_NOT;
}

/* The first behind the one that was served last: a turn that is cut short must not always leave the same ones. */
static int
first_of(const WfShare *shares, int n, int64 last)
{
	for (int i = 0; i < n; i++)
		if (shares[i].execution > last)
			return i;
	return 0;
}

/* Returns how many rows it took; *busy: somebody else held some; *cut: its time was over. */
static int
step_from(const WfHeads *from, const Turn *turn, bool *busy, bool *cut)
{
	static int64 last = 0;
	WfStore		store;
	TimestampTz now = wf_clock_now();
	WfTimer    *timers = NULL;
	WfInbox    *inbox = NULL;
	WfShare		shares[2 * BATCH_SIZE];
	int			n_timers = 0,
				n_inbox = 0;
	int			n;
	int			first;
	int			done = 0;
	MemoryContext context = CurrentMemoryContext;

	wf_store_begin(&store);
	if (from->timer <= now)
		n_timers = wf_timer_claim(from->timer, now, skip, BATCH_SIZE, context, &timers);
	if (from->inbox < PG_INT64_MAX)
		n_inbox = wf_inbox_claim(from->inbox, skip, BATCH_SIZE, context, &inbox);
	wf_store_end(&store);
	*busy = *cut = false;
	n = divide(timers, n_timers, inbox, n_inbox, shares);
	first = first_of(shares, n, last);
	for (int i = 0; i < n && !*cut; i++)
	{
		const WfShare *share = &shares[(first + i) % n];

		if (serve_share(share, turn))
			done += share->n_timers + share->n_inbox;
		else
			*busy = true;
		last = share->execution;
		*cut = turn->end != 0 && i + 1 < n && GetCurrentTimestamp() >= turn->end;
	}
	if (done == 0 && !*cut && (n_timers == BATCH_SIZE || n_inbox == BATCH_SIZE))
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
	Turn		turn = {.deadline = deadline};
	WfStore		store;
	bool		cut;
	int			done;

	wf_store_begin(&store);
	if (wf_activity_polls_tell(WF_ALL_POLLS))
		wf_wake_for_polls(WF_ANY_ACTIVITY); /* the scheduler passes by those whom we have told */
	wf_store_end(&store);
	wf_waiting_tasks_forget(0); /* of a turn that an error has ended */
	done = step_from(&beginning, &turn, busy, &cut);
	wf_waiting_tasks_notify();
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
	Turn		turn = {
		.deadline = wf_engine_deadline(), .box = Max((long) wf_setting_batch_budget, 1),
		.end = GetCurrentTimestamp() + (int64) (TURN_BUDGETS * wf_setting_batch_budget * 1000)
	};
	bool		handed_all = true;
	bool		more;
	bool		cut;

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
	more = step_from(&heads, &turn, busy, &cut) > 0 || cut || skip > 0 || !handed_all;
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
	n_busy = 0;
	wf_waiting_tasks_forget(0);
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
		wf_waiting_tasks_tell();
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
