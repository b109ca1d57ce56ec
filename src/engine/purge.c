/*
 * purge.c - retention at work: some at a time, and the scheduler's turns.
 *
 * Executions are deleted row by row rather than dropped by the partition: how long they stay is each machine's affair, a
 * partition could not leave before its slowest execution, and to detach one takes a lock on the whole table, for which
 * everybody waits as soon as one long query is under way.  Packed histories make it cheap: most executions have one row
 * there.  Autovacuum gives the space back to the tables; ids and times grow, so that whole pages and whole pages of the
 * indexes become free.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "engine/engine.h"
#include "engine/internal.h"
#include "engine/purge.h"

#define AT_ONCE 100				/* executions between two looks at the clock */

bool
wf_engine_purge_some(WfPurge *purges, int n, int *next, int64 *purged)
{
	TimestampTz deadline = wf_engine_deadline();

	while (*next < n)
	{
		int			some;

		if (GetCurrentTimestamp() >= deadline)
			return true;
		CHECK_FOR_INTERRUPTS();
		some = wf_purge_some(&purges[*next], AT_ONCE);
		*purged += some;
		if (some == 0)
			wf_purge_machine(purges[(*next)++].state_machine_id);
	}
	return false;
}

/* --- the scheduler's turns --- */

/* What a sweep through all machines has still to do. */
typedef struct Sweep
{
	MemoryContext context;		/* NULL: none is under way */
	WfPurge    *purges;
	int			n;
	int			next;
} Sweep;

static Sweep sweep;

static void
begin_sweep(void)
{
	sweep.context = AllocSetContextCreate(TopMemoryContext, "workflow purge", ALLOCSET_SMALL_SIZES);
	sweep.n = wf_purge_list(0, NULL, sweep.context, &sweep.purges);
	sweep.next = 0;
}

static void
end_sweep(void)
{
	if (sweep.context != NULL)
		MemoryContextDelete(sweep.context);
	sweep.context = NULL;
}

bool
wf_engine_purge(void)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool more = false;

	PG_TRY();
	{
		WfStore		store;
		int64		purged = 0;

		wf_engine_begin();
		/* What a crash loses of it is purged again. */
		(void) set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
		wf_store_begin(&store);
		if (sweep.context == NULL)
			begin_sweep();
		more = wf_engine_purge_some(sweep.purges, sweep.n, &sweep.next, &purged);
		wf_store_end(&store);
		wf_engine_commit();
	}
	PG_CATCH();
	{
		ErrorData  *data;

		(void) wf_engine_abort(context, &data);
		more = false;			/* the next sweep tries again */
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	if (!more)
		end_sweep();
	return more;
}
