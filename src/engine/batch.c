/*
 * batch.c - one turn of a pool worker: short work shares a commit, the rest is done alone.
 *
 * A member's error inside a batch is never its outcome: the member is rolled back to its savepoint, the others commit, and
 * it runs again alone.  So with a member that overruns the budget, or waits for a lock.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "engine/engine.h"
#include "engine/internal.h"
#include "store/stored_payload.h"
#include "worker/worker.h"

#define CANDIDATES 64			/* to be run alone; others hold some of them */
#define HEAVY_SHARE 8			/* an execution that takes long to load may take so many times as long */
#define BATCH_SIZE 32			/* members, each a subtransaction: well under the 64 that a snapshot holds */

typedef enum MemberState
{
	MEMBER_WAITS,				/* claimed, not yet run */
	MEMBER_DONE,
	MEMBER_AWAITS_LONG,			/* done, up to a task that may take long */
	MEMBER_BUSY,				/* somebody else holds its execution */
	MEMBER_SLOW,				/* known to be slow, or has just shown it: to be run alone */
	MEMBER_STOPPED,				/* for the first time: left as it is, for another try */
	MEMBER_HEAVY,				/* takes long to load: stays until it is the first of a batch */
	MEMBER_UNKNOWN,				/* not known at all: one such is to be run alone, the others then know */
	MEMBER_FAILED				/* rolled back: to be run alone, before anything else */
} MemberState;

typedef struct Batch
{
	WfReady    *rows;
	MemberState *states;
	int			n;
	bool		all_claimed;	/* no more than these were there */
	WfReady    *alone;			/* candidates to be run alone: not claimed */
	int			n_alone;
	bool		asked;			/* whether */
	bool		may_take_long;	/* this turn may end with one that is run alone */
} Batch;

/* It overran the budget, or waited for a lock, and may well take long alone. */
static bool
is_stop(const ErrorData *data)
{
	return data->sqlerrcode == ERRCODE_QUERY_CANCELED || data->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		data->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED;
}

/*
 * On a busy machine any task may once be stopped because its process was not scheduled.  Alone, it would have to wait until
 * a worker has time for what takes long: so it gets a second try in a batch.
 */
static bool
was_stopped_before(const WfReady *row)
{
	static int64 stopped[16];
	static int	next = 0;

	for (int i = 0; i < lengthof(stopped); i++)
		if (stopped[i] == row->id)
			return true;
	stopped[next++ % lengthof(stopped)] = row->id;
	return false;
}

static MemberState
run_in_savepoint(const WfReady *row, WfTaskMode mode, TimestampTz deadline, bool heavy)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile MemberState state = MEMBER_FAILED;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		switch (wf_member_run(row, mode, deadline, heavy))
		{
			case WF_MEMBER_DONE:
				ReleaseCurrentSubTransaction();
				state = MEMBER_DONE;
				break;
			case WF_MEMBER_AWAITS_LONG:
				ReleaseCurrentSubTransaction();
				state = MEMBER_AWAITS_LONG;
				break;
			case WF_MEMBER_MORE:	/* its row runs alone: not here */
			case WF_MEMBER_BUSY:
				RollbackAndReleaseCurrentSubTransaction();
				state = MEMBER_BUSY;
				break;
			case WF_MEMBER_SLOW:
				RollbackAndReleaseCurrentSubTransaction();
				state = MEMBER_SLOW;
				break;
			case WF_MEMBER_HEAVY:
				RollbackAndReleaseCurrentSubTransaction();
				state = MEMBER_HEAVY;
				break;
			case WF_MEMBER_UNKNOWN:
				RollbackAndReleaseCurrentSubTransaction();
				state = MEMBER_UNKNOWN;
				break;
		}
	}
	PG_CATCH();
	{
		ErrorData  *data;

		MemoryContextSwitchTo(context);
		data = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		ereport(DEBUG1,
				(errmsg_internal("execution " INT64_FORMAT " leaves its batch: %s", row->execution, data->message)));
		if (!is_stop(data))
			state = MEMBER_FAILED;
		else
			state = was_stopped_before(row) ? MEMBER_SLOW : MEMBER_STOPPED;
		FreeErrorData(data);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return state;
}

static int
count(const Batch *batch, MemberState state)
{
	int			n = 0;

	for (int i = 0; i < batch->n; i++)
		n += batch->states[i] == state;
	return n;
}

/* What was done goes; what is to run alone is marked so; what is unknown stays for who finds out. */
static void
settle_rows(const Batch *batch)
{
	for (int i = 0; i < batch->n; i++)
	{
		if (batch->states[i] == MEMBER_DONE || batch->states[i] == MEMBER_AWAITS_LONG)
			wf_ready_delete_claimed(&batch->rows[i]);
		else if (batch->states[i] == MEMBER_FAILED || batch->states[i] == MEMBER_SLOW)
			wf_ready_mark_alone(&batch->rows[i]);
	}
}

/*
 * Where this worker's looks begin, for what shares a transaction and for what runs alone.  Behind it lie rows that have been
 * done: as long as somebody holds an old snapshot they stay in the index, and a full look, from the beginning, steps over
 * all of them.  What was committed late, with a lower id, is found by the full look once a second and before a worker
 * rests.  Where a full look has become dear it may take no more than a share of the time: the worker rests before it.
 */
static struct
{
	Oid			role;
	int64		claim_from;
	int64		alone_from;
	TimestampTz full_at;		/* the last full look */
	int64		full_cost;		/* what it took, in microseconds */
	bool		full_is_due;	/* the last look was not a full one: no rest before it */
	bool		passed_over;	/* claim_from is behind rows that others held */
} place;

#define FULL_LOOK_EVERY 1000000 /* microseconds */
#define FULL_LOOK_DEAR 300
#define FULL_LOOK_SHARE 50		/* of so much time, one part */
#define PASSED_OVER_FOR 10000	/* until what others held is looked at again; at once if there is nothing else */

/* When the next full look may be taken: any time where it is cheap; where it is dear, sooner if nothing else is left. */
static TimestampTz
next_full_look(bool idle)
{
	if (place.full_cost < FULL_LOOK_DEAR)
		return place.full_at + (place.passed_over && !idle ? PASSED_OVER_FOR : 0);
	return place.full_at + Max(FULL_LOOK_SHARE * place.full_cost, idle ? 0 : FULL_LOOK_EVERY);
}

static void
look_from(int64 claim_from, int64 alone_from, Batch *batch, MemoryContext context)
{
	batch->n = wf_ready_claim(place.role, 0, claim_from, BATCH_SIZE, context, &batch->rows);
	batch->n_alone = wf_ready_find_alone(place.role, alone_from, CANDIDATES, context, &batch->alone);
}

static void
look(Oid role, Batch *batch, MemoryContext context)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		full;

	if (role != place.role)
	{
		memset(&place, 0, sizeof(place));
		place.role = role;
	}
	full = now >= next_full_look(false);
	if (!full)
	{
		look_from(place.claim_from, place.alone_from, batch, context);
		full = batch->n == 0 && now >= next_full_look(true);
	}
	if (full)
	{
		look_from(0, 0, batch, context);
		place.full_at = GetCurrentTimestamp();
		place.full_cost = place.full_at - now;
		place.passed_over = false;
		batch->all_claimed = batch->n < BATCH_SIZE;
	}
	place.full_is_due = !full;
	if (batch->n > 0)
		place.claim_from = batch->rows[0].id;
	if (batch->n_alone > 0)
		place.alone_from = batch->alone[0].id;
	else if (full)
		place.alone_from = 0;
}

long
wf_engine_rest(void)
{
	return place.full_is_due ? TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next_full_look(true)) + 1 : -1;
}

/*
 * May this turn end with one that is run alone, and takes as long as it takes?  If not, what nobody knows yet is tried in the
 * batch: its alarm stops it, and all others may be in long turns for ever so long.
 */
static bool
may_take_long(Batch *batch)
{
	if (!batch->asked)
		batch->may_take_long = wf_long_turn_begin();
	batch->asked = true;
	return batch->may_take_long;
}

/* Claims more of an execution, behind what the batch has.  False: there is no more. */
static bool
claim_more(Batch *batch, int64 execution)
{
	const WfReady *last = &batch->rows[batch->n - 1];
	WfReady    *rows;
	int			n = wf_ready_claim(last->role, execution, last->id + 1, BATCH_SIZE, CurrentMemoryContext, &rows);

	if (n == 0)
		return false;
	batch->rows = repalloc(batch->rows, (batch->n + n) * sizeof(WfReady));
	batch->states = repalloc(batch->states, (batch->n + n) * sizeof(MemberState));
	memcpy(&batch->rows[batch->n], rows, n * sizeof(WfReady));
	memset(&batch->states[batch->n], 0, n * sizeof(MemberState));
	batch->n += n;
	return true;
}

/*
 * Runs what was claimed, until the deadline.  An execution that takes long to load, for many of its frames are under way, has
 * a batch to itself, several times as long, and as many members as that allows: so what loading it costs each of them does
 * not grow with the number of frames.
 */
static void
run_members(Batch *batch, TimestampTz deadline)
{
	int64		heavy = 0;		/* the execution that has it to itself; 0: none */
	TimestampTz now = GetCurrentTimestamp();

	for (int i = 0; i < batch->n && (i == 0 || now < deadline); i++)
	{
		const WfReady *row = &batch->rows[i];
		MemberState state;

		if (heavy != 0 && row->execution != heavy)
			continue;
		state = run_in_savepoint(row, WF_TASKS_FAST, deadline, heavy != 0);
		if (state == MEMBER_HEAVY && count(batch, MEMBER_DONE) + count(batch, MEMBER_AWAITS_LONG) == 0)
		{
			TimestampTz loaded = GetCurrentTimestamp();

			heavy = row->execution;
			deadline = loaded + HEAVY_SHARE * (loaded - now);
			state = run_in_savepoint(row, WF_TASKS_FAST, deadline, true);
		}
		if (state == MEMBER_UNKNOWN && !may_take_long(batch))
			state = run_in_savepoint(row, WF_TASKS_TRY, deadline, heavy != 0);
		batch->states[i] = state;
		now = GetCurrentTimestamp();
		if (heavy == 0)
			continue;
		/*
		 * Of the same resource are most others: each would be loaded only to be left, or marked for a verdict that may change.
		 * Busy it is when the scheduler wants it, and waits for our commit.
		 */
		if (state == MEMBER_SLOW || state == MEMBER_UNKNOWN || state == MEMBER_BUSY)
			break;
		if (i + 1 == batch->n && now < deadline && !claim_more(batch, heavy))
			break;
	}
}

/* Claims what can share a transaction, and runs it; and looks for what is to run alone. */
static void
run_batch(Oid role, Batch *batch)
{
	MemoryContext context = CurrentMemoryContext;
	WfStore		store;

	wf_engine_begin();
	MemoryContextSwitchTo(context);
	place.full_is_due = false;
	if (wf_engine_standstill() == WF_NO_STANDSTILL)
		look(role, batch, context);
	batch->states = MemoryContextAllocZero(context, Max(batch->n, 1) * sizeof(MemberState));
	run_members(batch, wf_engine_deadline());
	wf_store_begin(&store);
	settle_rows(batch);
	wf_store_end(&store);
	wf_engine_commit();
	MemoryContextSwitchTo(context);
}

static int
add_members(const Batch *batch, MemberState state, WfReady *rows, int n)
{
	for (int i = 0; i < batch->n; i++)
		if (batch->states[i] == state)
			rows[n++] = batch->rows[i];
	return n;
}

static bool
run_alone(const WfReady *rows, int n, bool finding_out, MemoryContext context)
{
	bool		done = n > 0 && wf_engine_run_alone(rows, n, finding_out);

	if (n > 0)
		wf_engine_reset_session();
	MemoryContextSwitchTo(context);
	return done;
}

static int
add_alone(const Batch *batch, WfReady *rows)
{
	for (int i = 0; i < batch->n_alone; i++)
		rows[i] = batch->alone[i];
	return add_members(batch, MEMBER_SLOW, rows, batch->n_alone);
}

/*
 * Of these the ones that a worker may do who is the last that is free for short work: what is no task ends within the
 * language's own bounds, while a task may take for ever.  What was set aside may stand before others' timeouts, and has its
 * turn even while short work waits.
 */
static int
keep_bounded(const Batch *batch, WfReady *rows, int n)
{
	int			kept = 0;

	for (int i = 0; i < n; i++)
		if (rows[i].kind == WF_READY_SET_ASIDE || (batch->n == 0 && rows[i].kind != WF_READY_TASK))
			rows[kept++] = rows[i];
	return kept;
}

/*
 * What failed in this batch is known to be fast, and is done alone at once.  For all else, of which one is done, this worker
 * must not be the last of its role that is free for short work; what nobody knows comes first, for others wait for it.
 */
static bool
run_some_alone(Batch *batch, MemoryContext context)
{
	WfReady    *rows = palloc((batch->n + batch->n_alone + 1) * sizeof(WfReady));
	int			n = add_members(batch, MEMBER_FAILED, rows, 0);
	bool		done = false;

	for (int i = 0; i < n; i++)
		done |= run_alone(&rows[i], 1, false, context);
	if (done)
		return true;
	if (batch->n_alone + count(batch, MEMBER_SLOW) + count(batch, MEMBER_UNKNOWN) == 0)
		return false;
	if (!may_take_long(batch))
		return run_alone(rows, keep_bounded(batch, rows, add_alone(batch, rows)), false, context);
	n = add_members(batch, MEMBER_UNKNOWN, rows, 0);
	if (run_alone(rows, n, true, context))
		return true;
	return run_alone(rows, add_alone(batch, rows), false, context);
}

static bool
take_turn(Oid role, MemoryContext context)
{
	Batch		batch = {0};
	volatile bool committed = false;

	PG_TRY();
	{
		run_batch(role, &batch);
		committed = true;
	}
	PG_CATCH();
	{
		ErrorData  *data;
		WfTrouble	trouble = wf_engine_abort(context, &data);

		/* The commit, or the batch's own bookkeeping: no member is to blame yet, each is tried alone. */
		if (batch.n == 0 || (trouble == WF_TROUBLE_PASSING && data->sqlerrcode != ERRCODE_QUERY_CANCELED))
			wf_engine_pause(batch.n == 0 ? 1000 : 200);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	wf_engine_reset_session();
	MemoryContextSwitchTo(context);
	if (!committed)
	{
		for (int i = 0; i < batch.n; i++)
			(void) run_alone(&batch.rows[i], 1, false, context);
		return true;
	}
	if (count(&batch, MEMBER_DONE) > 0)
		wf_note_short_work();
	if (run_some_alone(&batch, context))
		return true;
	if (batch.n == 0)
		return false;			/* nothing to do, or others are at it */
	if (batch.all_claimed && batch.n_alone == 0 && count(&batch, MEMBER_DONE) + count(&batch, MEMBER_AWAITS_LONG) == batch.n)
		return false;			/* what has come since announces itself */
	if (count(&batch, MEMBER_BUSY) + count(&batch, MEMBER_UNKNOWN) == batch.n)
	{
		place.claim_from = batch.rows[batch.n - 1].id + 1;
		place.passed_over = true;
		wf_engine_pause(2);		/* who holds them, or finds out, is within his budget, as a rule */
	}
	return true;
}

bool
wf_engine_work(Oid role)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "workflow turn", ALLOCSET_DEFAULT_SIZES);
	volatile bool more = true;

	wf_stored_payloads_expire(false);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		more = take_turn(role, context);
	}
	PG_CATCH();
	{
		ErrorData  *data;

		/* For a cancel that comes between tasks, and for what nobody foresaw: neither may end the worker. */
		(void) wf_engine_abort(context, &data);
		if (data->sqlerrcode != ERRCODE_QUERY_CANCELED)
			wf_engine_pause(1000);
	}
	PG_END_TRY();
	wf_long_turn_end();
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
	return more;
}
