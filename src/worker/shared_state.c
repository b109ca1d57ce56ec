/*
 * shared_state.c - makes and finds the shared memory; see shared_state.h for what is in it and its locks.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "worker/shared_state.h"

/* A process that has not attached this long after it was asked for never will (its fork failed, say). */
#define START_IS_STALE_MS 30000

WfSharedState *wf_shared = NULL;
WfDatabaseSlot *wf_database_slots = NULL;
WfWorkerSlot *wf_worker_slots = NULL;
WfPoller   *wf_pollers = NULL;
bool		wf_preloaded = false;

static int
n_databases(void)
{
	return wf_preloaded ? WF_PRELOADED_DATABASES : WF_DYNAMIC_DATABASES;
}

static int
n_workers(void)
{
	return wf_preloaded ? WF_MAX_WORKERS : WF_DYNAMIC_WORKERS;
}

static int
n_pollers(void)
{
	return wf_preloaded ? MaxBackends : WF_DYNAMIC_POLLERS;
}

Size
wf_shared_size(void)
{
	Size		size = MAXALIGN(sizeof(WfSharedState));

	size = add_size(size, MAXALIGN(mul_size(n_databases(), sizeof(WfDatabaseSlot))));
	size = add_size(size, MAXALIGN(mul_size(n_workers(), sizeof(WfWorkerSlot))));
	size = add_size(size, MAXALIGN(mul_size(n_pollers(), sizeof(WfPoller))));
	return size;
}

static void
initialize(void)
{
	memset(wf_shared, 0, wf_shared_size());
	wf_shared->tranche = LWLockNewTrancheId();
	wf_shared->n_databases = n_databases();
	wf_shared->n_workers = n_workers();
	wf_shared->n_pollers = n_pollers();
	LWLockInitialize(&wf_shared->lock, wf_shared->tranche);
	LWLockInitialize(&wf_shared->pollers_lock, wf_shared->tranche);
	pg_atomic_init_u32(&wf_shared->rescan, 0);
	ConditionVariableInit(&wf_shared->gone);
	for (int i = 0; i < WF_WAIT_BUCKETS; i++)
		ConditionVariableInit(&wf_shared->ends[i]);
	SpinLockInit(&wf_shared->speeds.mutex);
}

static void
find_slots(void)
{
	char	   *base = (char *) wf_shared;

	base += MAXALIGN(sizeof(WfSharedState));
	wf_database_slots = (WfDatabaseSlot *) base;
	base += MAXALIGN(mul_size(wf_shared->n_databases, sizeof(WfDatabaseSlot)));
	wf_worker_slots = (WfWorkerSlot *) base;
	base += MAXALIGN(mul_size(wf_shared->n_workers, sizeof(WfWorkerSlot)));
	wf_pollers = (WfPoller *) base;
}

static void
initialize_slots(void)
{
	for (int i = 0; i < wf_shared->n_databases; i++)
	{
		WfDatabaseSlot *slot = &wf_database_slots[i];

		SpinLockInit(&slot->mutex);
		slot->sleep_until = DT_NOBEGIN;
		slot->earliest = DT_NOEND;
		slot->inbox_from = PG_INT64_MAX;
		pg_atomic_init_u32(&slot->reasons, 0);
		pg_atomic_init_u32(&slot->ready_seq, 0);
		pg_atomic_init_u32(&slot->polls_seq, 0);
		pg_atomic_init_u32(&slot->polls_over, 0);
		pg_atomic_init_u64(&slot->polled, 0);
		for (int n = 0; n < WF_MOST_WANTED; n++)
			pg_atomic_init_u64(&slot->wanted[n], 0);
		pg_atomic_init_u64(&slot->wanted_until, 0);
	}
	for (int i = 0; i < wf_shared->n_workers; i++)
	{
		WfWorkerSlot *slot = &wf_worker_slots[i];

		pg_atomic_init_u32(&slot->state, WF_WORKER_LEAVING);
		pg_atomic_init_u32(&slot->leave, 0);
		LWLockInitialize(&slot->lock, wf_shared->tranche);
	}
}

void
wf_shared_attach(void)
{
	bool		found;

	if (wf_shared != NULL)
		return;

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	wf_shared = ShmemInitStruct("workflow", wf_shared_size(), &found);
	if (!found)
	{
		initialize();
		find_slots();
		initialize_slots();
	}
	else
		find_slots();
	LWLockRelease(AddinShmemInitLock);
	LWLockRegisterTranche(wf_shared->tranche, "workflow");
}

WfDatabaseSlot *
wf_database_slot(Oid database, bool create)
{
	WfDatabaseSlot *unused = NULL;

	for (int i = 0; i < wf_shared->databases_used; i++)
	{
		if (wf_database_slots[i].database == database)
			return &wf_database_slots[i];
		if (wf_database_slots[i].database == InvalidOid && unused == NULL)
			unused = &wf_database_slots[i];
	}
	if (!create)
		return NULL;
	if (unused == NULL)
	{
		if (wf_shared->databases_used == wf_shared->n_databases)
			return NULL;
		unused = &wf_database_slots[wf_shared->databases_used++];
	}
	unused->database = database;
	unused->holds = 0;
	unused->died = false;
	unused->sweep_at = 0;
	pg_atomic_write_u64(&unused->wanted_until, 0);
	wf_database_set_state(unused, WF_DATABASE_FREE);
	return unused;
}

void
wf_database_set_state(WfDatabaseSlot *slot, WfDatabaseState state)
{
	slot->state = state;
	slot->since = GetCurrentTimestamp();
	if (state != WF_DATABASE_RUNNING)
	{
		slot->pid = 0;
		slot->latch = NULL;
		slot->wants_place = false;
		slot->wants_first = 0;
		SpinLockAcquire(&slot->mutex);
		if (state != WF_DATABASE_PARKED)
			slot->sleep_until = DT_NOBEGIN;
		if (state == WF_DATABASE_STARTING)
		{
			slot->earliest = DT_NOEND;
			slot->inbox_from = PG_INT64_MAX;
		}
		SpinLockRelease(&slot->mutex);
		if (state == WF_DATABASE_STARTING)
		{
			slot->generation++;
			slot->died = false;
			pg_atomic_write_u32(&slot->reasons, 0);
			pg_atomic_fetch_add_u32(&slot->polls_seq, 1);	/* nobody knows whether any waits */
		}
	}
}

void
wf_database_free_slot(WfDatabaseSlot *slot)
{
	wf_database_set_state(slot, WF_DATABASE_FREE);
	slot->database = InvalidOid;
	slot->generation++;
}

bool
wf_start_is_stale(TimestampTz since, TimestampTz now)
{
	return TimestampDifferenceExceeds(since, now, START_IS_STALE_MS);
}

WfSpeedTable *
wf_shared_speeds(void)
{
	wf_shared_attach();
	return &wf_shared->speeds;
}

void
wf_worker_set_state(WfWorkerSlot *slot, WfWorkerState state)
{
	slot->state_since = GetCurrentTimestamp();
	pg_atomic_write_u32(&slot->state, state);
}

void
wf_wake_launcher(void)
{
	Latch	   *latch = wf_shared->launcher_latch;

	if (latch != NULL)
		SetLatch(latch);
}

void
wf_wake_wanting(void)
{
	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	for (int i = 0; i < wf_shared->databases_used; i++)
	{
		WfDatabaseSlot *slot = &wf_database_slots[i];

		if (slot->latch != NULL && (slot->wants_place || slot->wants_first != 0))
			SetLatch(slot->latch);
	}
	LWLockRelease(&wf_shared->lock);
}
