/*
 * places.c - places for pool workers: the limits, who gets the next place, who is asked to make room.
 *
 * A worker is never thrown out of a task for another's sake.  It is asked to leave, and does so at the end of its present
 * turn (engine.h: a turn is some milliseconds of short work, or one long task).
 *
 * Fairness: a role that has work and no worker at all comes before one that has a worker and wants more; of several such
 * roles the one that has waited longest comes first.  When all have work without end, a worker that has served for
 * SLICE_MS makes room.  So every role of every database gets its turn, however few places there are.
 */
#include "postgres.h"

#include <limits.h>

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "worker/process.h"

#define SLICE_MS 1000

static bool
is_taken(const WfWorkerSlot *slot, TimestampTz now)
{
	if (!OidIsValid(slot->database))
		return false;
	/* one that was asked for and never came: its place is free, and should it come after all, its generation is over */
	return slot->pid != 0 || !wf_start_is_stale(slot->since, now);
}

/* In another database a role without any worker has waited longer (without_since 0: this one has a worker). */
static bool
others_first(Oid database, TimestampTz without_since)
{
	for (int i = 0; i < wf_shared->databases_used; i++)
	{
		WfDatabaseSlot *slot = &wf_database_slots[i];

		if (slot->database != database && slot->wants_first != 0 &&
			(without_since == 0 || slot->wants_first < without_since))
			return true;
	}
	return false;
}

WfPlaceResult
wf_place_take(Oid database, Oid role, TimestampTz without_since, int *number, uint32 *generation)
{
	int			all = 0,
				of_database = 0,
				of_role = 0,
				free_slot = -1;
	TimestampTz now = GetCurrentTimestamp();
	WfPlaceResult result = WF_PLACE_TAKEN;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < wf_shared->workers_used; i++)
	{
		WfWorkerSlot *slot = &wf_worker_slots[i];

		if (!is_taken(slot, now))
		{
			if (free_slot < 0)
				free_slot = i;
			continue;
		}
		all++;
		of_database += slot->database == database;
		of_role += slot->role == role;
	}
	if (free_slot < 0 && wf_shared->workers_used < wf_shared->n_workers)
		free_slot = wf_shared->workers_used;

	if (wf_setting_workers_per_database > 0 && of_database >= wf_setting_workers_per_database)
		result = WF_PLACE_DATABASE_LIMIT;
	else if (wf_setting_workers_per_role > 0 && of_role >= wf_setting_workers_per_role)
		result = WF_PLACE_ROLE_LIMIT;
	else if (free_slot < 0 || all >= wf_setting_workers)
		result = WF_PLACE_LIMIT;
	else if (others_first(database, without_since))
		result = WF_PLACE_OTHERS_FIRST;
	else
	{
		WfWorkerSlot *slot = &wf_worker_slots[free_slot];

		wf_shared->workers_used = Max(wf_shared->workers_used, free_slot + 1);
		slot->database = database;
		slot->role = role;
		slot->generation++;
		slot->pid = 0;
		slot->latch = NULL;
		slot->since = now;
		slot->served = false;
		pg_atomic_write_u32(&slot->leave, 0);
		wf_worker_set_state(slot, WF_WORKER_STARTING);
		*number = free_slot;
		*generation = slot->generation;
	}
	LWLockRelease(&wf_shared->lock);
	return result;
}

void
wf_place_give_back(int number, uint32 generation)
{
	WfWorkerSlot *slot = &wf_worker_slots[number];

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	if (slot->generation == generation && slot->pid == 0)
		slot->database = InvalidOid;
	LWLockRelease(&wf_shared->lock);
}

void
wf_place_count(Oid database, Oid role, WfPlaceCount *count)
{
	TimestampTz now = GetCurrentTimestamp();

	memset(count, 0, sizeof(*count));
	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	for (int i = 0; i < wf_shared->workers_used; i++)
	{
		WfWorkerSlot *slot = &wf_worker_slots[i];
		uint32		state = pg_atomic_read_u32(&slot->state);

		if (slot->database != database || slot->role != role || !is_taken(slot, now) ||
			state == WF_WORKER_LEAVING)
			continue;
		count->all++;
		count->idle += state == WF_WORKER_IDLE;
		count->starting += state == WF_WORKER_STARTING;
	}
	LWLockRelease(&wf_shared->lock);
}

int
wf_place_wake_idle(Oid database, Oid role, int n)
{
	int			woken = 0;

	for (int i = 0; i < wf_shared->workers_used && woken < n; i++)
	{
		WfWorkerSlot *slot = &wf_worker_slots[i];
		uint32		expected = WF_WORKER_IDLE;

		if (slot->database != database || slot->role != role || slot->latch == NULL)
			continue;
		if (!pg_atomic_compare_exchange_u32(&slot->state, &expected, WF_WORKER_WOKEN))
			continue;
		SetLatch(slot->latch);
		woken++;
	}
	return woken;
}

int
wf_place_all(Oid database)
{
	int			n = 0;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	for (int i = 0; i < wf_shared->workers_used; i++)
		n += wf_worker_slots[i].database == database && wf_worker_slots[i].pid != 0;
	LWLockRelease(&wf_shared->lock);
	return n;
}

static void
ask(WfWorkerSlot *slot)
{
	pg_atomic_write_u32(&slot->leave, 1);
	if (slot->latch != NULL)
		SetLatch(slot->latch);
}

void
wf_place_ask_all(Oid database)
{
	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	for (int i = 0; i < wf_shared->workers_used; i++)
		if (wf_worker_slots[i].database == database)
			ask(&wf_worker_slots[i]);
	LWLockRelease(&wf_shared->lock);
}

/* How many workers its database and role have. */
static int
siblings(const WfWorkerSlot *slot)
{
	int			n = 0;

	for (int i = 0; i < wf_shared->workers_used; i++)
		n += wf_worker_slots[i].pid != 0 &&
			wf_worker_slots[i].database == slot->database && wf_worker_slots[i].role == slot->role;
	return n;
}

/*
 * The worker to ask, or NULL.  Best an idle one; if busy_too, then one of those who have most siblings, and of these the
 * one that has served longest; last, one that is in a long task: it will leave, but nobody knows when.
 * *pending: one has been asked and is about to go.
 */
static WfWorkerSlot *
choose_worker(Oid database, Oid role, WfPlaceResult lack, bool busy_too, bool *pending)
{
	TimestampTz now = GetCurrentTimestamp();
	WfWorkerSlot *best = NULL;
	int			best_rank = -1;

	*pending = false;
	for (int i = 0; i < wf_shared->workers_used; i++)
	{
		WfWorkerSlot *slot = &wf_worker_slots[i];
		uint32		state = pg_atomic_read_u32(&slot->state);
		bool		in_long_task;
		int			rank;

		if (slot->pid == 0 || (slot->database == database && slot->role == role) ||
			(lack == WF_PLACE_DATABASE_LIMIT && slot->database != database) ||
			(lack == WF_PLACE_ROLE_LIMIT && slot->role != role))
			continue;
		in_long_task = state == WF_WORKER_BUSY && TimestampDifferenceExceeds(slot->state_since, now, SLICE_MS);
		if (state == WF_WORKER_LEAVING || pg_atomic_read_u32(&slot->leave) != 0)
		{
			*pending |= !in_long_task;
			continue;
		}
		if (state == WF_WORKER_IDLE)
			rank = INT_MAX;
		else if (!busy_too || !TimestampDifferenceExceeds(slot->since, now, SLICE_MS))
			continue;
		else
			rank = in_long_task ? 0 : siblings(slot);
		if (rank > best_rank || (rank == best_rank && slot->since < best->since))
		{
			best = slot;
			best_rank = rank;
		}
	}
	return best;
}

/*
 * The scheduler to park, or NULL: one that sleeps and has no worker; failing that, if `first`, one that cannot get on
 * either because it has no worker.
 */
static WfDatabaseSlot *
choose_scheduler(Oid database, bool first)
{
	TimestampTz now = GetCurrentTimestamp();
	WfDatabaseSlot *best = NULL;
	bool		best_sleeps = false;

	if (!wf_preloaded)
		return NULL;			/* no launcher would bring it back */
	for (int i = 0; i < wf_shared->databases_used; i++)
	{
		WfDatabaseSlot *slot = &wf_database_slots[i];
		bool		sleeps;
		bool		has_worker = false;

		if (slot->state != WF_DATABASE_RUNNING || slot->database == database)
			continue;
		if (pg_atomic_read_u32(&slot->reasons) & WF_REASON_PARK)
			return NULL;		/* one at a time */
		for (int j = 0; j < wf_shared->workers_used; j++)
			has_worker |= wf_worker_slots[j].database == slot->database;
		if (has_worker)
			continue;
		SpinLockAcquire(&slot->mutex);
		sleeps = slot->sleep_until > now + USECS_PER_SEC;
		SpinLockRelease(&slot->mutex);
		if (!sleeps && !(first && TimestampDifferenceExceeds(slot->since, now, SLICE_MS)))
			continue;
		if (best == NULL || (sleeps && !best_sleeps) || (sleeps == best_sleeps && slot->since < best->since))
		{
			best = slot;
			best_sleeps = sleeps;
		}
	}
	return best;
}

void
wf_place_make_room(Oid database, Oid role, bool first, WfPlaceResult lack)
{
	bool		pending;
	WfWorkerSlot *worker;
	WfDatabaseSlot *scheduler;

	if (lack == WF_PLACE_TAKEN || lack == WF_PLACE_OTHERS_FIRST)
		return;					/* the others see to it */

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	worker = choose_worker(database, role, lack, false, &pending);
	if (worker == NULL && !pending && lack == WF_PLACE_NO_PROCESS &&
		(scheduler = choose_scheduler(database, first)) != NULL)
	{
		pg_atomic_fetch_or_u32(&scheduler->reasons, WF_REASON_PARK);
		if (scheduler->latch != NULL)
			SetLatch(scheduler->latch);
		pending = true;
	}
	if (worker == NULL && !pending && first)
		worker = choose_worker(database, role, lack, true, &pending);
	if (worker != NULL && !pending)
		ask(worker);
	LWLockRelease(&wf_shared->lock);
}

bool
wf_place_over_limit(const WfWorkerSlot *mine)
{
	int			all = 0,
				of_database = 0,
				of_role = 0;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	for (const WfWorkerSlot *slot = wf_worker_slots; slot < mine; slot++)
	{
		if (!OidIsValid(slot->database))
			continue;
		all++;
		of_database += slot->database == mine->database;
		of_role += slot->role == mine->role;
	}
	LWLockRelease(&wf_shared->lock);
	return all >= wf_setting_workers ||
		(wf_setting_workers_per_database > 0 && of_database >= wf_setting_workers_per_database) ||
		(wf_setting_workers_per_role > 0 && of_role >= wf_setting_workers_per_role);
}
