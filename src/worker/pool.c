/*
 * pool.c - a pool worker: runs one role's tasks in one database, and is that role for its whole life.
 *
 * It takes turns (wf_engine_work) as long as there is work, then sleeps on its latch; after workflow.worker_idle_timeout
 * without work it leaves.  Between turns it leaves if it is asked to: others need its place, the extension or the role is
 * gone, workflow.workers has been lowered.  Whatever it leaves undone is ready work that the scheduler sees.
 *
 * SIGTERM ends it at the next CHECK_FOR_INTERRUPTS, also in the middle of a task or of waiting for a standby; the task is
 * rolled back and runs again.  SIGINT cancels the task (running_task.c).
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "engine/engine.h"
#include "pg/rights.h"
#include "worker/process.h"

PGDLLEXPORT void workflow_worker_main(Datum main_arg);

static WfProcessArgument argument;
static bool look_around = false;	/* a role or a schema has changed: are ours still there? */

static void
something_changed(Datum arg, int cache, uint32 hash)
{
	look_around = true;
}

/* Is somebody keeping our processes out of the database? */
static bool
is_held(void)
{
	WfDatabaseSlot *database;
	bool		held;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	database = wf_database_slot(argument.database, false);
	held = database == NULL || database->holds > 0;
	LWLockRelease(&wf_shared->lock);
	return held;
}

/* After the process has left the database, and before it loses its place among the processes. */
static void
detach(int code, Datum arg)
{
	WfWorkerSlot *slot = wf_my_worker_slot;
	bool		undone = pg_atomic_read_u32(&slot->state) != WF_WORKER_LEAVING;
	WfDatabaseSlot *database;
	Latch	   *latch = NULL;

	wf_my_worker_slot = NULL;
	wf_crash_mark_close(is_held());

	LWLockAcquire(&slot->lock, LW_EXCLUSIVE);
	memset(&slot->task, 0, sizeof(slot->task));
	LWLockRelease(&slot->lock);

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot->pid = 0;
	slot->latch = NULL;
	slot->database = InvalidOid;
	database = wf_database_slot(argument.database, false);
	if (database != NULL && undone)
	{
		pg_atomic_fetch_or_u32(&database->reasons, WF_REASON_READY);
		latch = database->latch;
	}
	LWLockRelease(&wf_shared->lock);

	if (latch != NULL)
		SetLatch(latch);
	wf_wake_wanting();
	wf_wake_launcher();			/* a scheduler may wait for a place */
	ConditionVariableBroadcast(&wf_shared->gone);
}

/* False: whoever asked for us has given up, or we are not to be in this database now. */
static bool
attach(void)
{
	WfWorkerSlot *slot = &wf_worker_slots[argument.slot];
	WfDatabaseSlot *database;
	bool		wanted;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	database = wf_database_slot(argument.database, false);
	wanted = slot->generation == argument.generation && slot->pid == 0 && slot->database == argument.database &&
		(database == NULL || database->holds == 0);
	if (wanted)
	{
		slot->pid = MyProcPid;
		slot->latch = MyLatch;
		slot->since = GetCurrentTimestamp();
		wf_worker_set_state(slot, WF_WORKER_BUSY);
	}
	LWLockRelease(&wf_shared->lock);
	if (!wanted)
	{
		wf_place_give_back(argument.slot, argument.generation);
		return false;
	}
	wf_my_worker_slot = slot;
	on_shmem_exit(detach, 0);
	return true;
}

static bool
role_and_extension_are_there(void)
{
	bool		there;

	look_around = false;
	StartTransactionCommand();
	there = SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(argument.role)) && OidIsValid(wf_extension_oid());
	CommitTransactionCommand();
	return there;
}

/* Between turns: settings, interrupts, and whether it is time to leave. */
static bool
may_stay(void)
{
	bool		reloaded = ConfigReloadPending;

	wf_process_interrupts(0);
	if (pg_atomic_read_u32(&wf_my_worker_slot->leave) != 0)
		return false;
	if (reloaded && wf_place_over_limit(wf_my_worker_slot))
		return false;
	return !look_around || role_and_extension_are_there();
}

/* Turns until there is nothing more to do.  False: told to leave. */
static bool
work(void)
{
	wf_worker_set_state(wf_my_worker_slot, WF_WORKER_BUSY);
	while (wf_engine_work(argument.role))
	{
		wf_my_worker_slot->served = true;
		if (!may_stay())
			return false;
		wf_worker_set_state(wf_my_worker_slot, WF_WORKER_BUSY); /* the next turn begins now */
	}
	wf_my_worker_slot->served = true;
	return may_stay();
}

/* Sleeps until there is work.  False: there was none for too long, or it is time to leave. */
static bool
rest(pg_atomic_uint32 *ready_seq, uint32 seen)
{
	WfWorkerSlot *slot = wf_my_worker_slot;
	TimestampTz began = GetCurrentTimestamp();
	long		look_after = wf_engine_rest();

	pgstat_report_stat(true);
	pgstat_report_activity(STATE_IDLE, NULL);
	wf_worker_set_state(slot, WF_WORKER_IDLE);
	pg_memory_barrier();
	if (pg_atomic_read_u32(ready_seq) != seen)
		return true;			/* something has come since we looked */

	for (;;)
	{
		TimestampTz until = TimestampTzPlusMilliseconds(began, wf_setting_worker_idle_timeout);
		long		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);
		uint32		expected = WF_WORKER_IDLE;

		if (pg_atomic_read_u32(&slot->state) == WF_WORKER_WOKEN)
			return true;
		if (left <= 0)
		{
			if (pg_atomic_compare_exchange_u32(&slot->state, &expected, WF_WORKER_LEAVING))
				return false;
			continue;			/* woken at the last moment */
		}
		if (look_after >= 0 && TimestampDifferenceExceeds(began, GetCurrentTimestamp(), look_after))
			return true;
		wf_process_sleep(look_after < 0 ? left : Min(left, look_after));
		if (!may_stay())
			return false;
	}
}

/* The counter of this database's commits of ready work. */
static pg_atomic_uint32 *
find_ready_seq(void)
{
	WfDatabaseSlot *slot;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	slot = wf_database_slot(argument.database, false);
	LWLockRelease(&wf_shared->lock);
	return slot != NULL ? &slot->ready_seq : NULL;
}

void
workflow_worker_main(Datum main_arg)
{
	pg_atomic_uint32 *ready_seq;
	MemoryContext context;

	wf_process_argument(&argument);
	wf_shared_attach();
	if (!attach())
		proc_exit(0);
	wf_crash_mark_open(argument.database, argument.slot);
	wf_process_signals();
	wf_session_connect(argument.database, argument.role, argument.adopt);
	wf_rights_pin_session();
	CacheRegisterSyscacheCallback(AUTHOID, something_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, something_changed, (Datum) 0);

	context = AllocSetContextCreate(TopMemoryContext, "workflow worker", ALLOCSET_DEFAULT_SIZES);
	for (;;)
	{
		uint32		seen;

		ready_seq = find_ready_seq();
		if (ready_seq == NULL)
			break;				/* the database is being dropped */
		seen = pg_atomic_read_u32(ready_seq);
		pg_memory_barrier();
		MemoryContextSwitchTo(context);
		MemoryContextReset(context);
		if (!work() || !rest(ready_seq, seen))
			break;
	}
	proc_exit(0);
}
