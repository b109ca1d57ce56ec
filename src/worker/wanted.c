/*
 * wanted.c - executions that the scheduler cannot get hold of.
 *
 * The scheduler never waits for an execution's lock, and workers that have much to do for one execution take it again within
 * microseconds: a stop or a timeout would find it busy until all is done.  So the scheduler says which executions it wants,
 * and workers leave those alone until it has had them.
 *
 * Nothing depends on it but who comes first.  What is wanted is said again in each of the scheduler's turns and is forgotten
 * by itself after a while: a scheduler that has died keeps nobody waiting.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "worker/process.h"

#define WANTED_FOR_MS 3000		/* more than passes between two turns of a scheduler that was refused */

/* The present database's slot; NULL: it has none. */
static WfDatabaseSlot *
my_slot(void)
{
	static WfDatabaseSlot *slot = NULL;

	if (wf_shared == NULL)
		return NULL;
	if (slot == NULL || slot->database != MyDatabaseId)
	{
		LWLockAcquire(&wf_shared->lock, LW_SHARED);
		slot = wf_database_slot(MyDatabaseId, false);
		LWLockRelease(&wf_shared->lock);
	}
	return slot;
}

void
wf_want_executions(const int64 *executions, int n)
{
	WfDatabaseSlot *slot = my_slot();

	if (slot == NULL)
		return;
	pg_atomic_write_u64(&slot->wanted_until,
						(uint64) TimestampTzPlusMilliseconds(GetCurrentTimestamp(), WANTED_FOR_MS));
	for (int i = 0; i < WF_MOST_WANTED; i++)
		pg_atomic_write_u64(&slot->wanted[i], i < n ? (uint64) executions[i] : 0);
}

bool
wf_is_wanted(int64 execution)
{
	WfDatabaseSlot *slot;

	if (!wf_is_pool_worker() || (slot = my_slot()) == NULL)
		return false;
	for (int i = 0; i < WF_MOST_WANTED; i++)
		if (pg_atomic_read_u64(&slot->wanted[i]) == (uint64) execution)
			return GetCurrentTimestamp() < (TimestampTz) pg_atomic_read_u64(&slot->wanted_until);
	return false;
}
