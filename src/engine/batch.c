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
	WfReady    *alone;			/* at most one, of those that run alone */
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
 * Claims what can share a transaction, and runs it; and looks for one row that is to run alone, which is let go again with
 * the commit: whoever runs it claims it anew.
 */
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
		batch->n = wf_ready_claim(role, false, BATCH_SIZE, context, &batch->rows);
		batch->n_alone = wf_ready_claim(role, true, 1, context, &batch->alone);
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

/* One row that is to be done alone now, if there is one: first what failed in this batch, then the queue's own order. */
static const WfReady *
choose_alone(const Batch *batch)
{
	for (int i = 0; i < batch->n; i++)
		if (batch->states[i] == MEMBER_FAILED)
			return &batch->rows[i];
	if (batch->n_alone > 0)
		return &batch->alone[0];
	for (int i = 0; i < batch->n; i++)
		if (batch->states[i] == MEMBER_SLOW)
			return &batch->rows[i];
	return NULL;
}

static bool
take_turn(Oid role, MemoryContext context)
{
	Batch		batch = {0};
	volatile bool committed = false;
	const WfReady *alone;

	PG_TRY();
	{
		run_batch(role, &batch);
		committed = true;
	}
	PG_CATCH();
	{
		ErrorData  *data;

		/* The commit, or the batch's own bookkeeping: no member is to blame yet, each is tried alone. */
		if (wf_engine_abort(context, &data) == WF_TROUBLE_PASSING && data->sqlerrcode != ERRCODE_QUERY_CANCELED)
			wf_engine_pause(200);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	wf_engine_reset_session();
	MemoryContextSwitchTo(context);
	if (batch.n + batch.n_alone == 0)
		return !committed;
	if (!committed)
	{
		for (int i = 0; i < batch.n; i++)
			wf_engine_run_alone(&batch.rows[i]);
		return true;
	}
	alone = choose_alone(&batch);
	if (alone != NULL)
	{
		wf_engine_run_alone(alone);
		wf_engine_reset_session();
		MemoryContextSwitchTo(context);
	}
	else if (all_busy(&batch))
		wf_engine_pause(2);		/* their holders are within their budget */
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
		if (wf_engine_abort(context, &data) == WF_TROUBLE_LASTING || data->sqlerrcode != ERRCODE_QUERY_CANCELED)
			wf_engine_pause(1000);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
	return more;
}
