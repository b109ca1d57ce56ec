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
#include "worker/worker.h"

#define CANDIDATES 64			/* to be run alone; others hold some of them */
#define BATCH_SIZE 32			/* members, each a subtransaction: well under the 64 that a snapshot holds */

typedef enum MemberState
{
	MEMBER_WAITS,				/* claimed, not yet run */
	MEMBER_DONE,
	MEMBER_BUSY,				/* somebody else holds its execution */
	MEMBER_SLOW,				/* not known to be fast: to be run alone */
	MEMBER_FAILED				/* rolled back: to be run alone, before anything else */
} MemberState;

typedef struct Batch
{
	WfReady    *rows;
	MemberState *states;
	int			n;
	WfReady    *alone;			/* candidates to be run alone: not claimed */
	int			n_alone;
} Batch;

static MemberState
run_in_savepoint(const WfReady *row, TimestampTz deadline)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile MemberState state = MEMBER_FAILED;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		switch (wf_member_run(row, WF_TASKS_FAST, deadline))
		{
			case WF_MEMBER_DONE:
				ReleaseCurrentSubTransaction();
				state = MEMBER_DONE;
				break;
			case WF_MEMBER_BUSY:
				RollbackAndReleaseCurrentSubTransaction();
				state = MEMBER_BUSY;
				break;
			case WF_MEMBER_SLOW:
				RollbackAndReleaseCurrentSubTransaction();
				state = MEMBER_SLOW;
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
		FreeErrorData(data);
		state = MEMBER_FAILED;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return state;
}

/* What was done goes; what is to run alone is marked so. */
static void
settle_rows(const Batch *batch)
{
	const WfReady **done = palloc(Max(batch->n, 1) * sizeof(WfReady *));
	int			n_done = 0;

	for (int i = 0; i < batch->n; i++)
	{
		if (batch->states[i] == MEMBER_DONE)
			done[n_done++] = &batch->rows[i];
		else if (batch->states[i] == MEMBER_FAILED || batch->states[i] == MEMBER_SLOW)
			wf_ready_mark_alone(&batch->rows[i]);
	}
	if (n_done > 0)
		wf_ready_delete_claimed(done, n_done);
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
	bool		full_is_due;	/* nothing is left, as far as the last look saw */
} place;

#define FULL_LOOK_EVERY 1000000	/* microseconds */
#define FULL_LOOK_DEAR 500
#define FULL_LOOK_SHARE 50		/* of so much time, one part */

static TimestampTz
next_full_look(void)
{
	return place.full_at + (place.full_cost < FULL_LOOK_DEAR ? 0 : FULL_LOOK_SHARE * place.full_cost);
}

static void
look_from(int64 claim_from, int64 alone_from, Batch *batch, MemoryContext context)
{
	batch->n = wf_ready_claim(place.role, claim_from, BATCH_SIZE, context, &batch->rows);
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
	full = now >= Max(next_full_look(), place.full_at + FULL_LOOK_EVERY);
	if (!full)
	{
		look_from(place.claim_from, place.alone_from, batch, context);
		full = batch->n + batch->n_alone == 0 && now >= next_full_look();
	}
	if (full)
	{
		look_from(0, 0, batch, context);
		place.full_at = GetCurrentTimestamp();
		place.full_cost = place.full_at - now;
	}
	place.full_is_due = !full && batch->n + batch->n_alone == 0;
	if (batch->n > 0)
		place.claim_from = batch->rows[0].id;
	if (batch->n_alone > 0 || !place.full_is_due)
		place.alone_from = batch->n_alone > 0 ? batch->alone[0].id : 0;
}

long
wf_engine_rest(void)
{
	return place.full_is_due ? TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next_full_look()) + 1 : -1;
}

/* Claims what can share a transaction, and runs it; and looks for what is to run alone. */
static void
run_batch(Oid role, Batch *batch)
{
	MemoryContext context = CurrentMemoryContext;
	TimestampTz deadline;
	WfStore		store;

	wf_engine_begin();
	MemoryContextSwitchTo(context);
	if (wf_engine_standstill() == NULL)
	{
		wf_store_begin(&store);
		look(role, batch, context);
		wf_store_end(&store);
	}
	batch->states = MemoryContextAllocZero(context, Max(batch->n, 1) * sizeof(MemberState));
	deadline = wf_engine_deadline();
	for (int i = 0; i < batch->n && (i == 0 || GetCurrentTimestamp() < deadline); i++)
		batch->states[i] = run_in_savepoint(&batch->rows[i], deadline);
	wf_store_begin(&store);
	settle_rows(batch);
	wf_store_end(&store);
	wf_engine_commit();
	MemoryContextSwitchTo(context);
}

static bool
all_busy(const Batch *batch)
{
	for (int i = 0; i < batch->n; i++)
		if (batch->states[i] != MEMBER_BUSY)
			return false;
	return true;
}

/* What is to be done alone now, first what failed in this batch, then the queue's own order. */
static int
list_alone(const Batch *batch, WfReady **rows)
{
	int			n = 0;

	*rows = palloc((batch->n + batch->n_alone + 1) * sizeof(WfReady));
	for (int i = 0; i < batch->n; i++)
		if (batch->states[i] == MEMBER_FAILED)
			(*rows)[n++] = batch->rows[i];
	for (int i = 0; i < batch->n_alone; i++)
		(*rows)[n++] = batch->alone[i];
	for (int i = 0; i < batch->n; i++)
		if (batch->states[i] == MEMBER_SLOW)
			(*rows)[n++] = batch->rows[i];
	return n;
}

static bool
run_alone(const WfReady *rows, int n, MemoryContext context)
{
	bool		done = wf_engine_run_alone(rows, n);

	wf_engine_reset_session();
	MemoryContextSwitchTo(context);
	return done;
}

static bool
take_turn(Oid role, MemoryContext context)
{
	Batch		batch = {0};
	volatile bool committed = false;
	WfReady    *alone;
	int			n_alone;

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
			(void) run_alone(&batch.rows[i], 1, context);
		return true;
	}
	if (batch.n + batch.n_alone == 0)
		return false;
	n_alone = list_alone(&batch, &alone);
	if (n_alone > 0 && run_alone(alone, n_alone, context))
		return true;
	if (batch.n == 0)
		return false;			/* others are at it */
	if (all_busy(&batch))
	{
		place.claim_from = batch.rows[batch.n - 1].id + 1;
		wf_engine_pause(2);		/* their holders are within their budget, as a rule */
	}
	return true;
}

bool
wf_engine_work(Oid role)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "workflow turn", ALLOCSET_DEFAULT_SIZES);
	volatile bool more = true;

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
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
	return more;
}
