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
#include "pg/settings.h"
#include "store/notification.h"

#define AT_ONCE 100				/* executions between two looks at the clock, at most */

/*
 * How many at once: executions differ by their histories, from one row to thousands.  Begins with one, and grows as long as
 * they go in a small part of the time there is.
 */
static int
adapt(int at_once, int64 took)
{
	int64		budget = (int64) (wf_setting_batch_budget * 1000);

	return took > budget / 4 ? Max(at_once / 2, 1) : took < budget / 16 ? Min(at_once * 2, AT_ONCE) : at_once;
}

bool
wf_engine_purge_some(WfPurge *purges, int n, int *next, int64 *purged)
{
	TimestampTz deadline = wf_engine_deadline();
	TimestampTz now = GetCurrentTimestamp();
	static int	at_once = 1;

	while (*next < n)
	{
		bool		more;
		int64		purged_before = *purged;
		TimestampTz before = now;

		if (now >= deadline)
			return true;
		CHECK_FOR_INTERRUPTS();
		more = wf_purge_some(&purges[*next], at_once, purged);
		if (!more)
			wf_purge_machine(purges[(*next)++].state_machine_id);
		now = GetCurrentTimestamp();
		if (*purged > purged_before)
			at_once = adapt(at_once, now - before);
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
		/* Timers do not wait for whoever has locked one of the tables; the next sweep comes. */
		(void) set_config_option("lock_timeout", "10ms", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
		wf_store_begin(&store);
		if (sweep.context == NULL)
			begin_sweep();
		more = wf_engine_purge_some(sweep.purges, sweep.n, &sweep.next, &purged);
		if (!more)
			more = wf_notification_purge(AT_ONCE) == AT_ONCE;
		wf_store_end(&store);
		wf_engine_commit();
	}
	PG_CATCH();
	{
		ErrorData  *data;

		/* The other machines shall not wait for what is wrong with this one; the next sweep tries again. */
		(void) wf_engine_abort(context, &data);
		more = sweep.context != NULL && ++sweep.next < sweep.n;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	if (!more)
		end_sweep();
	return more;
}
