/*
 * feed.c - the scheduler's care for the pool: that each role with ready work has workers, as many as help and the limits
 * allow.
 *
 * Idle workers are woken.  Where that is not enough, the pool of that role grows step by step, doubling at most, with a
 * look in between: short work is often done before another process could have been started.
 *
 * A worker that ends before it has served (its role may not connect after all, say) is not started again at once: the
 * pause doubles with each failure.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "engine/engine.h"
#include "worker/feed.h"

/* Between two looks while work waits: a process takes about as long to start. */
#define GROW_MS 20

/* Between two looks while work waits that nobody can be given: a limit, or no place, or a pause. */
#define WAIT_FOR_LIMIT_MS 1000
#define WAIT_FOR_PLACE_MS 250
#define LONGEST_PAUSE_MS 60000

/* A role that this scheduler has had to do with, to remember failures. */
typedef struct KnownRole
{
	Oid			role;
	int			failures;		/* of workers in a row */
	TimestampTz not_before;
	bool		lacked;			/* at the last look, too, there was more work than workers */
	bool		told_gone;
} KnownRole;

/* A worker that was asked for. */
typedef struct StartedWorker
{
	BackgroundWorkerHandle *handle;
	Oid			role;
	int			slot;
	uint32		generation;
} StartedWorker;

/* What waits, copied out of the transaction that looked. */
typedef struct Waiting
{
	Oid			role;
	int			rows;
	WfRoleAccess access;
} Waiting;

static KnownRole *known = NULL;
static int	n_known = 0;
static StartedWorker *started = NULL;
static int	n_started = 0;

static KnownRole *
known_role(Oid role)
{
	for (int i = 0; i < n_known; i++)
		if (known[i].role == role)
			return &known[i];
	known = known == NULL ? MemoryContextAlloc(TopMemoryContext, sizeof(KnownRole))
		: repalloc(known, (n_known + 1) * sizeof(KnownRole));
	memset(&known[n_known], 0, sizeof(KnownRole));
	known[n_known].role = role;
	return &known[n_known++];
}

static long
sooner(long wait, long other)
{
	return wait < 0 ? other : Min(wait, other);
}

/* --- workers that were started, and how they ended --- */

/* The worker has ended; was it of any use? */
static void
settle(const StartedWorker *worker)
{
	WfWorkerSlot *slot = &wf_worker_slots[worker->slot];
	KnownRole  *role = known_role(worker->role);
	bool		same = slot->generation == worker->generation;

	if (same && !slot->served)
	{
		int			doublings = Min(role->failures, 6);

		role->failures++;
		role->not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													   Min(1000L << doublings, LONGEST_PAUSE_MS));
	}
	else
		role->failures = 0;
	wf_place_give_back(worker->slot, worker->generation);
}

void
wf_feed_collect(void)
{
	bool		place_free = false;

	for (int i = 0; i < n_started;)
	{
		pid_t		pid;

		if (GetBackgroundWorkerPid(started[i].handle, &pid) != BGWH_STOPPED)
		{
			i++;
			continue;
		}
		settle(&started[i]);
		pfree(started[i].handle);
		started[i] = started[--n_started];
		place_free = true;
	}
	if (place_free)
	{
		/* only now has the postmaster cleared the place */
		wf_wake_wanting();
		wf_wake_launcher();
	}
}

/* --- starting --- */

typedef enum StartResult
{
	WORKER_STARTED,
	LIMIT_REACHED,
	NO_PLACE
} StartResult;

static StartResult
start_worker(Oid role, bool adopt)
{
	WfProcessArgument argument = {.database = MyDatabaseId, .role = role, .adopt = adopt};
	BackgroundWorkerHandle *handle;
	MemoryContext before;
	bool		done;

	argument.slot = wf_place_take(MyDatabaseId, role, &argument.generation);
	if (argument.slot < 0)
		return LIMIT_REACHED;

	before = MemoryContextSwitchTo(TopMemoryContext);
	started = started == NULL ? palloc(sizeof(StartedWorker))
		: repalloc(started, (n_started + 1) * sizeof(StartedWorker));
	done = wf_process_start(&argument, true, &handle);
	MemoryContextSwitchTo(before);
	if (!done)
	{
		wf_place_give_back(argument.slot, argument.generation);
		wf_process_warn_places();
		return NO_PLACE;
	}
	started[n_started++] = (StartedWorker) {handle, role, argument.slot, argument.generation};
	return WORKER_STARTED;
}

/* What one role still lacks. */
typedef struct Lack
{
	long		wait;			/* look again after so many ms; -1: no need */
	bool		first;			/* it has no worker at all, for a limit or for want of a place */
	bool		place;			/* no place among max_worker_processes */
} Lack;

static Lack
feed_role(const Waiting *waiting)
{
	Lack		lack = {-1, false, false};
	KnownRole  *role = known_role(waiting->role);
	StartResult result = WORKER_STARTED;
	WfPlaceCount count;
	int			rows = waiting->rows;
	int			want;

	if (waiting->access == WF_ROLE_GONE)
	{
		if (!role->told_gone)
			ereport(WARNING,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("there is ready work of a role that no longer exists: OID %u", waiting->role),
					 errdetail("No worker can run it.")));
		role->told_gone = true;
		return lack;
	}

	/* Of the rows each worker that is busy has at least one, and so will have those that are coming. */
	wf_place_count(MyDatabaseId, waiting->role, &count);
	rows -= count.all - count.idle;
	if (rows > 0 && count.idle > 0)
	{
		LWLockAcquire(&wf_shared->lock, LW_SHARED);
		rows -= wf_place_wake_idle(MyDatabaseId, waiting->role, rows);
		LWLockRelease(&wf_shared->lock);
	}
	if (rows <= 0)
		role->lacked = false;
	if (count.starting > 0)
		lack.wait = GROW_MS;	/* then we see whether they are enough, or have not come */
	if (rows <= 0 || count.starting > 0)
		return lack;
	if (GetCurrentTimestamp() < role->not_before)
	{
		lack.wait = WAIT_FOR_LIMIT_MS;
		return lack;
	}
	if (count.all > 0 && !role->lacked)
	{
		/* a batch may hold many of these rows, and be done with them in a moment */
		role->lacked = true;
		lack.wait = GROW_MS;
		return lack;
	}

	want = Min(rows, Max(1, count.all));
	for (int i = 0; i < want && result == WORKER_STARTED; i++)
	{
		result = start_worker(waiting->role, waiting->access == WF_ROLE_ADOPTED);
		count.all += result == WORKER_STARTED;
	}
	if (result == WORKER_STARTED)
	{
		lack.wait = GROW_MS;
		return lack;
	}
	lack.first = count.all == 0;
	lack.place = result == NO_PLACE;
	lack.wait = lack.first || lack.place ? WAIT_FOR_PLACE_MS : WAIT_FOR_LIMIT_MS;
	wf_place_make_room(MyDatabaseId, waiting->role, lack.first, lack.place);
	return lack;
}

/* --- all roles --- */

/* Looks which roles have ready work; palloc'ed in the caller's context. */
static int
look(Waiting **waiting)
{
	MemoryContext context = CurrentMemoryContext;
	WfReadyRole *roles;
	int			n;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	n = wf_engine_ready_roles(&roles);
	*waiting = n > 0 ? MemoryContextAlloc(context, n * sizeof(Waiting)) : NULL;
	for (int i = 0; i < n; i++)
		(*waiting)[i] = (Waiting) {roles[i].role, roles[i].waiting, wf_session_role_access(roles[i].role)};
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return n;
}

/* What others take into account: somebody here has work and no worker. */
static void
publish(WfDatabaseSlot *slot, bool first, bool place)
{
	if ((slot->wants_first != 0) == first && slot->wants_place == place)
		return;
	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot->wants_place = place;
	if (!first)
		slot->wants_first = 0;
	else if (slot->wants_first == 0)
		slot->wants_first = GetCurrentTimestamp();
	LWLockRelease(&wf_shared->lock);
	if (!first)
		wf_wake_wanting();		/* who was held back for our sake */
}

long
wf_feed(WfDatabaseSlot *slot)
{
	Waiting    *waiting;
	int			n = look(&waiting);
	long		wait = -1;
	bool		first = false;
	bool		place = false;

	for (int i = 0; i < n; i++)
	{
		Lack		lack = feed_role(&waiting[i]);

		if (lack.wait >= 0)
			wait = sooner(wait, lack.wait);
		first |= lack.first;
		place |= lack.place;
	}
	publish(slot, first, place);
	return wait;
}
