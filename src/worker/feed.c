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
	TimestampTz without_since;	/* it has had work and no worker since; 0: it has one, or no work */
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
	WfReadyRole rows;
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
	if (same && wf_crash_mark_is_left(MyDatabaseId, worker->slot))
		wf_engine_recover();	/* before the slot's next worker opens the file */
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

static WfPlaceResult
start_worker(const KnownRole *role, bool adopt)
{
	WfProcessArgument argument = {.database = MyDatabaseId, .role = role->role, .adopt = adopt};
	BackgroundWorkerHandle *handle;
	WfPlaceResult result;
	MemoryContext before;
	bool		done;

	result = wf_place_take(MyDatabaseId, role->role, role->without_since, &argument.slot, &argument.generation);
	if (result != WF_PLACE_TAKEN)
		return result;

	before = MemoryContextSwitchTo(TopMemoryContext);
	started = started == NULL ? palloc(sizeof(StartedWorker))
		: repalloc(started, (n_started + 1) * sizeof(StartedWorker));
	done = wf_process_start(&argument, true, &handle);
	MemoryContextSwitchTo(before);
	if (!done)
	{
		wf_place_give_back(argument.slot, argument.generation);
		wf_process_warn_places();
		return WF_PLACE_NO_PROCESS;
	}
	started[n_started++] = (StartedWorker) {handle, role->role, argument.slot, argument.generation};
	return WF_PLACE_TAKEN;
}

/* What one role still lacks. */
typedef struct Lack
{
	long		wait;			/* look again after so many ms; -1: no need */
	TimestampTz first;			/* it has no worker at all since then, and others could make room; 0: not so */
	bool		process;		/* no place among max_worker_processes */
} Lack;

/*
 * Wakes idle workers for rows that nobody has taken yet; returns how many of these are left.  Each worker that does short
 * work, or is coming, has at least one of those for a batch; each in a long turn has one that runs alone.  Of several
 * workers one stays out of long turns where there is short work.
 */
static int
wake_idle(const WfReadyRole *rows, const WfPlaceCount *count)
{
	int			in_batches = Max(rows->in_batches - (count->all - count->long_turns - count->idle), 0);
	int			alone = Max(rows->alone - count->long_turns, 0);
	int			kept = count->all > 1 && count->short_work ? 1 : 0;
	int			long_turns = Max(count->all - kept - count->long_turns, 0);
	int			useful = Min(in_batches + Min(alone, long_turns), count->idle);

	if (useful > 0)
	{
		LWLockAcquire(&wf_shared->lock, LW_SHARED);
		useful = wf_place_wake_idle(MyDatabaseId, rows->role, useful);
		LWLockRelease(&wf_shared->lock);
	}
	return in_batches + alone - useful;
}

static Lack
feed_role(const Waiting *waiting)
{
	Lack		lack = {-1, 0, false};
	KnownRole  *role = known_role(waiting->rows.role);
	WfPlaceResult result = WF_PLACE_TAKEN;
	WfPlaceCount count;
	int			rows;
	int			want;

	if (waiting->access == WF_ROLE_GONE)
	{
		if (!role->told_gone)
			ereport(WARNING,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("there is ready work of a role that no longer exists: OID %u", waiting->rows.role),
					 errdetail("Its tasks fail with States.Permissions.")));
		role->told_gone = true;

		/* No worker can be that role; and none need be, for no task of it can run. */
		if (wf_engine_work(waiting->rows.role))
			lack.wait = 0;
		return lack;
	}

	wf_place_count(MyDatabaseId, waiting->rows.role, &count);
	rows = wake_idle(&waiting->rows, &count);
	if (rows <= 0)
		role->lacked = false;
	if (rows <= 0 || count.all > 0)
		role->without_since = 0;
	else if (role->without_since == 0)
		role->without_since = GetCurrentTimestamp();
	if (count.starting > 0)
		lack.wait = GROW_MS;	/* then we see whether they are enough, or have not come */
	if (rows <= 0 || count.starting > 0)
		return lack;
	if (GetCurrentTimestamp() < role->not_before)
	{
		lack.wait = WAIT_FOR_LIMIT_MS;
		return lack;
	}
	if (count.all > count.long_turns && !role->lacked)
	{
		/* a batch may hold many of these rows, and be done with them in a moment */
		role->lacked = true;
		lack.wait = GROW_MS;
		return lack;
	}

	want = Min(rows, Max(1, count.all));
	for (int i = 0; i < want && result == WF_PLACE_TAKEN; i++)
	{
		result = start_worker(role, waiting->access == WF_ROLE_ADOPTED);
		count.all += result == WF_PLACE_TAKEN;
	}
	if (result == WF_PLACE_TAKEN)
	{
		lack.wait = GROW_MS;
		return lack;
	}
	lack.process = result == WF_PLACE_NO_PROCESS;
	if (count.all == 0 && (result == WF_PLACE_LIMIT || result == WF_PLACE_OTHERS_FIRST || lack.process))
		lack.first = role->without_since;
	lack.wait = lack.first != 0 || lack.process ? WAIT_FOR_PLACE_MS : WAIT_FOR_LIMIT_MS;
	wf_place_make_room(MyDatabaseId, waiting->rows.role, count.all == 0, result);
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
		(*waiting)[i] = (Waiting) {roles[i], wf_session_role_access(roles[i].role)};
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return n;
}

/* What others take into account: somebody here has work and no worker, since then. */
static void
publish(WfDatabaseSlot *slot, TimestampTz first, bool process)
{
	if (slot->wants_first == first && slot->wants_place == process)
		return;
	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot->wants_place = process;
	slot->wants_first = first;
	LWLockRelease(&wf_shared->lock);
	if (first == 0)
		wf_wake_wanting();		/* whom we were before */
}

/* Who has had no worker for longest comes first; who has one, last. */
static int
by_urgency(const void *a, const void *b)
{
	TimestampTz first = known_role(((const Waiting *) a)->rows.role)->without_since;
	TimestampTz second = known_role(((const Waiting *) b)->rows.role)->without_since;

	if (first == 0)
		first = DT_NOEND;
	if (second == 0)
		second = DT_NOEND;
	return first < second ? -1 : first > second;
}

long
wf_feed(WfDatabaseSlot *slot)
{
	Waiting    *waiting;
	int			n = look(&waiting);
	long		wait = -1;
	TimestampTz first = 0;
	bool		process = false;

	/* a role whose work has gone no longer waits for a worker */
	for (int i = 0; i < n_known; i++)
	{
		bool		waits = false;

		for (int j = 0; j < n; j++)
			waits |= waiting[j].rows.role == known[i].role;
		if (!waits)
			known[i].without_since = 0;
	}
	for (int i = 0; i < n; i++)
		(void) known_role(waiting[i].rows.role); /* so that the array does not move while sorting */
	if (n > 1)
		qsort(waiting, n, sizeof(Waiting), by_urgency);

	for (int i = 0; i < n; i++)
	{
		Lack		lack = feed_role(&waiting[i]);

		if (lack.wait >= 0)
			wait = sooner(wait, lack.wait);
		if (lack.first != 0 && (first == 0 || lack.first < first))
			first = lack.first;
		process |= lack.process;
	}
	publish(slot, first, process);
	return wait;
}
