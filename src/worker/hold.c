/*
 * hold.c - keeps our processes out of a database while a command needs it for itself: DROP and RENAME DATABASE, a copy by
 * TEMPLATE, DROP and ALTER EXTENSION.
 *
 * First the hold, then the end: with the hold in the database's slot no process of ours attaches any more (pool.c,
 * scheduler.c: attach), so ending those that have attached is enough.  One that has been started but has not attached
 * finds the hold and leaves, before it connects.
 *
 * A process counts as gone when it has left the server's own list of processes too (their exit callbacks run in that
 * order), so DROP DATABASE does not find it any more.
 *
 * A hold ends with its transaction, whichever way; the launcher then looks whether the database is still there and
 * still has the extension.  So a command that is rolled back leaves all as it was.
 */
#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "worker/process.h"

#define MAX_HOLDS 16
#define WAIT_AT_MOST_MS 10000
#define KILL_AGAIN_MS 200

typedef struct Hold
{
	Oid			database;
	bool		ran;			/* a scheduler ran there: it comes back, also without a launcher */
} Hold;

static Hold holds[MAX_HOLDS];
static int	n_holds = 0;

/* Sends SIGTERM to all that is there; says how many that were.  Not to itself: a task may run such a command, too. */
static int
end_processes(Oid database)
{
	int			n = 0;
	WfDatabaseSlot *slot;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	slot = wf_database_slot(database, false);
	if (slot != NULL && slot->pid != 0 && slot->pid != MyProcPid)
	{
		n++;
		(void) kill(slot->pid, SIGTERM);
	}
	for (int i = 0; i < wf_shared->workers_used; i++)
		if (wf_worker_slots[i].database == database && wf_worker_slots[i].pid != 0 &&
			wf_worker_slots[i].pid != MyProcPid)
		{
			n++;
			(void) kill(wf_worker_slots[i].pid, SIGTERM);
		}
	LWLockRelease(&wf_shared->lock);
	return n;
}

void
wf_hold_database(Oid database)
{
	WfDatabaseSlot *slot;
	TimestampTz give_up;

	for (int i = 0; i < n_holds; i++)
		if (holds[i].database == database)
			return;
	if (n_holds == MAX_HOLDS)
		return;					/* the command has to wait by itself */
	wf_shared_attach();

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot = wf_database_slot(database, true);
	if (slot != NULL)
	{
		slot->holds++;
		holds[n_holds++] = (Hold) {
			database, slot->state == WF_DATABASE_RUNNING || slot->state == WF_DATABASE_STARTING
		};
	}
	LWLockRelease(&wf_shared->lock);
	if (slot == NULL)
		return;

	/* If one does not end in time, the command meets it, and waits or fails as it would for any other session. */
	give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), WAIT_AT_MOST_MS);
	ConditionVariablePrepareToSleep(&wf_shared->gone);
	while (end_processes(database) > 0 && GetCurrentTimestamp() < give_up)
		(void) ConditionVariableTimedSleep(&wf_shared->gone, KILL_AGAIN_MS, PG_WAIT_EXTENSION);
	ConditionVariableCancelSleep();
}

void
wf_hold_release_all(void)
{
	while (n_holds > 0)
	{
		Hold	   *hold = &holds[--n_holds];
		WfDatabaseSlot *slot;

		LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
		slot = wf_database_slot(hold->database, false);
		if (slot != NULL && --slot->holds == 0 && slot->state != WF_DATABASE_RUNNING)
		{
			if (wf_preloaded)
				wf_database_set_state(slot, WF_DATABASE_WANTED);
			else
				wf_database_free_slot(slot);
		}
		LWLockRelease(&wf_shared->lock);

		if (wf_preloaded)
			wf_wake_launcher();
		else if (hold->ran && hold->database == MyDatabaseId && wf_setting_workers > 0)
			(void) wf_scheduler_start_dynamically(hold->database);
	}
}
