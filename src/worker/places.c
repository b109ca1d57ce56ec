/*
 * places.c - places for pool workers: the limits, who gets the next place, who is asked to make room.
 *
 * A worker is never thrown out of a task for another's sake.  It is asked to leave, and does so at the end of its present
 * turn (engine.h: a turn is some milliseconds of short work, or one long task).
 *
 * Fairness: a role that has work and no worker at all comes before one that has a worker and wants more; of several such
 * roles the one that has waited longest comes first.  When all have work without end, a worker that has served for
 * SLICE_MS makes room.  So every role of every database gets its turn, however few places there are.
 *
 * Short work does not wait for long: of several workers of a role that has had some lately, one is always free for more, and
 * does not take a long turn.  A role's only worker does everything.
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

/* Short work may come again: a worker would still wait for it. */
static bool
is_recent(TimestampTz short_work_at, TimestampTz now)
{
	return short_work_at != 0 && !TimestampDifferenceExceeds(short_work_at, now, wf_setting_worker_idle_timeout);
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
		slot->in_long_turn = false;
		slot->short_work_at = 0;
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
		count->long_turns += slot->in_long_turn;
		count->short_work |= is_recent(slot->short_work_at, now);
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

/* --- long turns --- */

/*
 * Under the lock: how many workers of the same role this one has beside it, how many of them are in no long turn, and
 * whether these or this one have had short work lately.
 */
static int
count_siblings(const WfWorkerSlot *mine, int *n_free, bool *short_work)
{
	TimestampTz now = GetCurrentTimestamp();
	int			n = 0;

	*n_free = 0;
	*short_work = is_recent(mine->short_work_at, now);
	for (int i = 0; i < wf_shared->workers_used; i++)
	{
		WfWorkerSlot *slot = &wf_worker_slots[i];

		if (slot == mine || slot->pid == 0 || slot->database != mine->database || slot->role != mine->role ||
			pg_atomic_read_u32(&slot->state) == WF_WORKER_LEAVING || pg_atomic_read_u32(&slot->leave) != 0)
			continue;
		n++;
		*n_free += !slot->in_long_turn;
		*short_work |= is_recent(slot->short_work_at, now);
	}
	return n;
}

/* Of this turn, and of the one before. */
static bool refused = false;
static bool was_refused = false;

bool
wf_long_turn_begin(void)
{
	WfWorkerSlot *mine = wf_my_worker_slot;
	int			n_free;
	bool		short_work;

	if (mine == NULL)
		return true;
	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	refused = count_siblings(mine, &n_free, &short_work) > 0 && n_free == 0 && short_work;
	mine->in_long_turn = !refused;
	LWLockRelease(&wf_shared->lock);

	/* once is enough: while work waits, the scheduler goes on looking by itself */
	if (refused && !was_refused)
		wf_wake_scheduler_for_ready();
	return !refused;
}

void
wf_long_turn_end(void)
{
	WfWorkerSlot *mine = wf_my_worker_slot;

	was_refused = refused;
	refused = false;
	if (mine == NULL || !mine->in_long_turn)
		return;
	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	mine->in_long_turn = false;
	LWLockRelease(&wf_shared->lock);
}

void
wf_note_short_work(void)
{
	if (wf_my_worker_slot != NULL)
		wf_my_worker_slot->short_work_at = GetCurrentTimestamp();
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

/*
 * The worker to ask, or NULL.  Best an idle one; one that has only just become idle, and is the last of its role that is free
 * for short work, goes for the sake of a role without a worker alone (`first`).  If busy_too, then one of those who have
 * most siblings, and of these the one that has served longest; last, one that is in a long task: it will leave, but nobody
 * knows when.
 * *pending: one has been asked and is about to go.
 */
static WfWorkerSlot *
choose_worker(Oid database, Oid role, WfPlaceResult lack, bool first, bool busy_too, bool *pending)
{
	TimestampTz now = GetCurrentTimestamp();
	WfWorkerSlot *best = NULL;
	int			best_rank = -1;

	*pending = false;
	for (int i = 0; i < wf_shared->workers_used; i++)
	{
		WfWorkerSlot *slot = &wf_worker_slots[i];
		uint32		state = pg_atomic_read_u32(&slot->state);
		bool		for_long;
		int			n_siblings,
					n_free;
		bool		short_work;
		int			rank;

		if (slot->pid == 0 || (slot->database == database && slot->role == role) ||
			(lack == WF_PLACE_DATABASE_LIMIT && slot->database != database) ||
			(lack == WF_PLACE_ROLE_LIMIT && slot->role != role))
			continue;
		for_long = TimestampDifferenceExceeds(slot->state_since, now, SLICE_MS);
		if (state == WF_WORKER_LEAVING || pg_atomic_read_u32(&slot->leave) != 0)
		{
			*pending |= state != WF_WORKER_BUSY || !for_long;
			continue;
		}
		n_siblings = count_siblings(slot, &n_free, &short_work);
		if (state == WF_WORKER_IDLE && (for_long || n_free > 0 || !short_work))
			rank = INT_MAX;
		else if (state == WF_WORKER_IDLE && first)
			rank = INT_MAX - 1;
		else if (!busy_too || !TimestampDifferenceExceeds(slot->since, now, SLICE_MS))
			continue;
		else
			rank = state == WF_WORKER_BUSY && for_long ? 0 : n_siblings + 1;
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
	worker = choose_worker(database, role, lack, first, false, &pending);
	if (worker == NULL && !pending && lack == WF_PLACE_NO_PROCESS &&
		(scheduler = choose_scheduler(database, first)) != NULL)
	{
		pg_atomic_fetch_or_u32(&scheduler->reasons, WF_REASON_PARK);
		if (scheduler->latch != NULL)
			SetLatch(scheduler->latch);
		pending = true;
	}
	if (worker == NULL && !pending && first)
		worker = choose_worker(database, role, lack, first, true, &pending);
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
