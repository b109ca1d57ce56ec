/*
 * wake.c - who has to look after the present transaction has committed, and waking them.
 *
 * While the transaction runs it is only noted down, in a few static variables: a rollback forgets it, a commit acts upon
 * it.  Acting happens in the commit callback, after the transaction has become visible: nothing there may raise or
 * allocate.  It sets latches; a process that is awake already is not disturbed.
 *
 * Claims are the other way round: rows that a transaction has claimed are passed by meanwhile, so a rollback, which gives
 * them free, has to be told to those who passed them by.
 *
 * How no wake-up is lost, without a lock on the way:
 *
 *   ready work		we add to ready_seq, then look for idle workers.  A worker notes ready_seq before it looks for work,
 *					finds none, says that it is idle, and only sleeps if ready_seq is still the same.
 *   timers			we lower `earliest`, and set the latch if the scheduler sleeps beyond it.  It takes `earliest` away
 *					before it looks, looks from there on, and sleeps no longer than what has come in since.
 *   inbox			likewise: we lower `inbox_from` before we set the reason.
 *   polls			who begins to wait adds to polls_seq after its commit, and then has the scheduler look.  A scheduler that
 *					finds none notes the polls_seq that it had read before.  Who offers a task has it look unless the two are
 *					the same: then whoever waits and was not seen has yet to add to polls_seq, and that look sees both.
 *					Sessions that wait beside executions are woken by that look, too, each in its turn (`polled`: only
 *					who comes first depends on that); if the scheduler goes, or stands still, all of them are.
 *   reasons		a scheduler takes a bit away before it looks.  Who finds a bit set need not set the latch again.
 *
 * The rest is the safety net's: what commits between a crash and the next scheduler's start is found by its first look.
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "worker/process.h"

/* Roles whose work one transaction makes ready are few; for more, the scheduler finds out. */
#define MAX_ROLES 8

/* Executions that end in one transaction: a batch's, or some more. */
#define MAX_ENDS 64

/* Activities whose work one transaction offers, or takes. */
#define MAX_ACTIVITIES 8

typedef struct ActivityNote
{
	int64		activity;
	int			n;				/* tasks */
	int64		first;			/* the lowest */
} ActivityNote;

typedef struct ReadyNote
{
	Oid			role;
	int			n;
} ReadyNote;

static struct
{
	bool		any;			/* anything of the below */
	int			n_roles;
	ReadyNote	roles[MAX_ROLES];
	bool		more_roles;
	bool		timer;
	TimestampTz due;
	bool		inbox;
	int64		inbox_id;		/* the lowest */
	int			n_ends;			/* may be more than there is room for: then everybody who waits looks */
	int			ends[MAX_ENDS];	/* buckets */
	int			n_activities;	/* may be more than there is room for: then everybody who polls looks */
	ActivityNote activities[MAX_ACTIVITIES];
	uint64		polls;			/* of which activities */
	bool		new_polls;
	int64		first_poll;		/* the lowest */
	bool		probe;
	bool		rescan;
} noted;

/*
 * The deepest level of (sub)transactions that may have claimed rows of a queue; 0: none.  What a level gives free by its
 * rollback is what it and those inside it have claimed.
 */
static int	claimed_level = 0;

/* The activities whose work this transaction may have taken, and the deepest level at which it did. */
static int	n_taken = 0;
static ActivityNote taken[MAX_ACTIVITIES];
static int	taken_level = 0;

static bool no_place = false;	/* a dynamic start failed at commit, where nothing could be said */

static bool
workers_are_wanted(void)
{
	return wf_setting_workers > 0;
}

/* Says once in a session that workers come and go with use; said while errors may still be raised. */
static void
begin_note(void)
{
	static bool told = false;

	wf_shared_attach();
	noted.any = true;

	if (no_place)
	{
		no_place = false;
		wf_process_warn_places();
	}
	if (told || wf_preloaded || !workers_are_wanted() || MyBackendType == B_BG_WORKER)
		return;
	told = true;
	if (wf_setting_dynamic_start)
		ereport(WARNING,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("workflow is not in shared_preload_libraries"),
				 errdetail("This database's workers are started by its first use. After a restart or a crash of the server "
						   "nothing runs until then, and DROP DATABASE has to wait for them."),
				 errhint("Add workflow to shared_preload_libraries and restart the server.")));
	else
		ereport(WARNING,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("workflow is not in shared_preload_libraries, and workflow.dynamic_start is off"),
				 errdetail("No workers run."),
				 errhint("Add workflow to shared_preload_libraries and restart the server.")));
}

void
wf_wake_for_ready(Oid role)
{
	begin_note();
	for (int i = 0; i < noted.n_roles; i++)
		if (noted.roles[i].role == role)
		{
			noted.roles[i].n++;
			return;
		}
	if (noted.n_roles < MAX_ROLES)
		noted.roles[noted.n_roles++] = (ReadyNote) {role, 1};
	else
		noted.more_roles = true;
}

void
wf_wake_for_timer(TimestampTz due)
{
	begin_note();
	if (!noted.timer || due < noted.due)
		noted.due = due;
	noted.timer = true;
}

void
wf_wake_for_inbox(int64 id)
{
	begin_note();
	if (!noted.inbox || id < noted.inbox_id)
		noted.inbox_id = id;
	noted.inbox = true;
}

static int
bucket_of(int64 execution)
{
	return murmurhash32((uint32) execution ^ (uint32) ((uint64) execution >> 32)) % WF_WAIT_BUCKETS;
}

void
wf_wake_for_end(int64 execution)
{
	wf_shared_attach();
	noted.any = true;
	if (noted.n_ends < MAX_ENDS)
		noted.ends[noted.n_ends] = bucket_of(execution);
	if (noted.n_ends <= MAX_ENDS)
		noted.n_ends++;
}

/* Notes one more task. */
static void
note_activity(ActivityNote *notes, int *n, int64 activity, int64 task)
{
	int			i = 0;

	while (i < Min(*n, MAX_ACTIVITIES) && notes[i].activity != activity)
		i++;
	if (i == MAX_ACTIVITIES)
		*n = MAX_ACTIVITIES + 1;
	else if (i < *n)
	{
		notes[i].n++;
		notes[i].first = Min(notes[i].first, task);
	}
	else
		notes[(*n)++] = (ActivityNote) {activity, 1, task};
}

void
wf_wake_for_activity(int64 activity, int64 task)
{
	wf_shared_attach();
	noted.any = true;
	note_activity(noted.activities, &noted.n_activities, activity, task);
}

int64
wf_first_offered(int64 activity)
{
	if (noted.n_activities > MAX_ACTIVITIES)
		return 0;
	for (int i = 0; i < noted.n_activities; i++)
		if (noted.activities[i].activity == activity)
			return noted.activities[i].first;
	return PG_INT64_MAX;
}

void
wf_wake_for_all_activities(void)
{
	wf_shared_attach();
	noted.any = true;
	noted.n_activities = MAX_ACTIVITIES + 1;
}

void
wf_wake_for_activity_after_abort(int64 activity)
{
	wf_shared_attach();
	taken_level = Max(taken_level, GetCurrentTransactionNestLevel());
	note_activity(taken, &n_taken, activity, 0);
}

void
wf_wake_for_polls(int64 activity)
{
	begin_note();
	noted.polls |= wf_polls_of(activity);
}

void
wf_wake_for_new_poll(int64 activity, int64 poll)
{
	wf_wake_for_polls(activity);
	noted.first_poll = Min(wf_first_new_poll(), poll);
	noted.new_polls = true;
}

int64
wf_first_new_poll(void)
{
	return noted.new_polls ? noted.first_poll : PG_INT64_MAX;
}

void
wf_wake_for_probe(void)
{
	begin_note();
	noted.probe = true;
}

void
wf_wake_for_everything(void)
{
	wf_wake_for_probe();
	wf_wake_for_inbox(0);
	wf_wake_for_timer(DT_NOBEGIN);
	noted.more_roles = true;
	noted.n_activities = MAX_ACTIVITIES + 1;
	wf_wake_for_new_poll(WF_ANY_ACTIVITY, 0);
}

void
wf_wake_after_abort(void)
{
	wf_shared_attach();
	claimed_level = Max(claimed_level, GetCurrentTransactionNestLevel());
}

void
wf_wake_for_rescan(void)
{
	wf_shared_attach();
	noted.any = true;
	noted.rescan = true;
}

/* --- waiting for an end --- */

void
wf_wait_prepare(int64 execution)
{
	wf_shared_attach();
	ConditionVariablePrepareToSleep(&wf_shared->ends[bucket_of(execution)]);
}

bool
wf_wait_sleep(int64 execution, long timeout_ms)
{
	return !ConditionVariableTimedSleep(&wf_shared->ends[bucket_of(execution)], timeout_ms, PG_WAIT_EXTENSION);
}

void
wf_wait_end(void)
{
	ConditionVariableCancelSleep();
}

/* --- at the end of a transaction; nothing from here on raises or allocates --- */

/* Sets a scheduler's reason; true if its latch must be set, too. */
static bool
add_reason(WfDatabaseSlot *slot, uint32 reason)
{
	return (pg_atomic_fetch_or_u32(&slot->reasons, reason) & reason) == 0;
}

/* Wakes idle workers directly.  True if they were not enough. */
static bool
wake_workers(void)
{
	bool		short_of = noted.more_roles;

	for (int i = 0; i < noted.n_roles; i++)
	{
		int			n = noted.roles[i].n;

		if (wf_my_worker_slot != NULL && wf_my_worker_slot->role == noted.roles[i].role)
			n--;				/* this worker itself goes on with one of them */
		if (n > 0 && wf_place_wake_idle(MyDatabaseId, noted.roles[i].role, n) < n)
			short_of = true;
	}
	return short_of;
}

uint64
wf_polls_of(int64 activity)
{
	if (activity == WF_ANY_ACTIVITY)
		return WF_ALL_POLLS;
	return UINT64CONST(1) << (murmurhash32((uint32) activity ^ (uint32) ((uint64) activity >> 32)) % 64);
}

static uint64
offered_polls(void)
{
	uint64		polls = 0;

	if (noted.n_activities > MAX_ACTIVITIES)
		return WF_ALL_POLLS;
	for (int i = 0; i < noted.n_activities; i++)
		polls |= wf_polls_of(noted.activities[i].activity);
	return polls;
}

/* The activities whose tasks are to be looked at, because executions may wait for them. */
static uint64
find_polls(WfDatabaseSlot *slot)
{
	if (noted.polls != 0)
	{
		if (noted.polls != WF_ALL_POLLS)
			pg_atomic_fetch_or_u64(&slot->polled, noted.polls);
		pg_atomic_fetch_add_u32(&slot->polls_seq, 1);
		return noted.polls | offered_polls();
	}
	if (pg_atomic_read_u32(&slot->polls_seq) == pg_atomic_read_u32(&slot->polls_over))
		return 0;
	return offered_polls();
}

/* True if its latch must be set. */
static bool
add_polls(WfDatabaseSlot *slot, uint64 polls)
{
	SpinLockAcquire(&slot->mutex);
	slot->polls |= polls;
	SpinLockRelease(&slot->mutex);
	return add_reason(slot, WF_REASON_INBOX);
}

/* True if there is nobody who will look, so that a scheduler must be started. */
static bool
wake_database(void)
{
	bool		set_latch = false;
	bool		nobody = true;
	bool		ready = noted.n_roles > 0 || noted.more_roles;
	uint64		polls = noted.polls;
	WfDatabaseSlot *slot;
	Latch	   *latch = NULL;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	slot = wf_database_slot(MyDatabaseId, false);
	if (slot != NULL)
	{
		if (ready)
			pg_atomic_fetch_add_u32(&slot->ready_seq, 1);
		if (ready && wake_workers())
			set_latch |= add_reason(slot, WF_REASON_READY);
		if (noted.inbox)
		{
			SpinLockAcquire(&slot->mutex);
			slot->inbox_from = Min(slot->inbox_from, noted.inbox_id);
			SpinLockRelease(&slot->mutex);
			set_latch |= add_reason(slot, WF_REASON_INBOX);
		}
		polls = find_polls(slot);
		if (polls != 0)
			set_latch |= add_polls(slot, polls);
		if (noted.timer)
		{
			SpinLockAcquire(&slot->mutex);
			slot->earliest = Min(slot->earliest, noted.due);
			if (noted.due < slot->sleep_until)
			{
				slot->sleep_until = DT_NOBEGIN;
				set_latch = true;
			}
			SpinLockRelease(&slot->mutex);
		}

		nobody = slot->state != WF_DATABASE_RUNNING && slot->state != WF_DATABASE_STARTING && slot->holds == 0;
		if (!wf_preloaded && slot->state == WF_DATABASE_STARTING &&
			wf_start_is_stale(slot->since, GetCurrentTimestamp()))
			nobody = true;
		latch = slot->latch;
		if (slot->state == WF_DATABASE_PARKED && !ready && !noted.inbox && polls == 0)
		{
			/* the launcher brings it back in time */
			nobody = false;
			latch = wf_shared->launcher_latch;
		}
	}
	LWLockRelease(&wf_shared->lock);

	if (set_latch && latch != NULL)
		SetLatch(latch);
	return nobody && (ready || noted.inbox || noted.timer || polls != 0);
}

bool
wf_wake_scheduler_for_activity(int64 activity)
{
	WfDatabaseSlot *slot;
	Latch	   *latch = NULL;
	bool		looks;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	slot = wf_database_slot(MyDatabaseId, false);
	looks = slot != NULL && slot->state == WF_DATABASE_RUNNING && !slot->standing_still &&
		(pg_atomic_read_u64(&slot->polled) & wf_polls_of(activity)) != 0;
	if (looks && add_polls(slot, wf_polls_of(activity)))
		latch = slot->latch;
	LWLockRelease(&wf_shared->lock);
	if (latch != NULL)
		SetLatch(latch);
	return looks;
}

uint32
wf_polls_begun(void)
{
	WfDatabaseSlot *slot;
	uint32		begun = 0;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	slot = wf_database_slot(MyDatabaseId, false);
	if (slot != NULL)
		begun = pg_atomic_read_u32(&slot->polls_seq);
	LWLockRelease(&wf_shared->lock);
	return begun;
}

void
wf_polls_are_over(uint32 begun)
{
	WfDatabaseSlot *slot;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	slot = wf_database_slot(MyDatabaseId, false);
	if (slot != NULL)
	{
		pg_atomic_write_u32(&slot->polls_over, begun);
		if (pg_atomic_read_u32(&slot->polls_seq) == begun)
			pg_atomic_write_u64(&slot->polled, 0);
	}
	LWLockRelease(&wf_shared->lock);
}

void
wf_polls_are_waited_for(uint64 polls)
{
	WfDatabaseSlot *slot;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	slot = wf_database_slot(MyDatabaseId, false);
	if (slot != NULL && (pg_atomic_read_u64(&slot->polled) & polls) != polls)
		pg_atomic_fetch_or_u64(&slot->polled, polls);
	LWLockRelease(&wf_shared->lock);
}

void
wf_wake_scheduler_for_ready(void)
{
	WfDatabaseSlot *slot;

	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	slot = wf_database_slot(MyDatabaseId, false);
	if (slot != NULL && add_reason(slot, WF_REASON_READY) && slot->latch != NULL)
		SetLatch(slot->latch);
	LWLockRelease(&wf_shared->lock);
}

void
wf_request_scheduler(Oid database)
{
	WfDatabaseSlot *slot;
	bool		news = true;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot = wf_database_slot(database, true);
	if (slot == NULL)
		pg_atomic_write_u32(&wf_shared->rescan, 1);
	else if (slot->holds == 0 && slot->state != WF_DATABASE_WANTED &&
			 slot->state != WF_DATABASE_STARTING && slot->state != WF_DATABASE_RUNNING)
		wf_database_set_state(slot, WF_DATABASE_WANTED);
	else
		news = false;			/* the launcher knows already */
	LWLockRelease(&wf_shared->lock);
	if (news)
		wf_wake_launcher();
}

static void
wake_for_ends(void)
{
	if (noted.n_ends > MAX_ENDS)
		for (int i = 0; i < WF_WAIT_BUCKETS; i++)
			ConditionVariableBroadcast(&wf_shared->ends[i]);
	else
		for (int i = 0; i < noted.n_ends; i++)
			ConditionVariableBroadcast(&wf_shared->ends[noted.ends[i]]);
}

/* Before anybody looks. */
static void
put_heads_back(void)
{
	if (noted.new_polls)
		wf_activity_heads_put_back(MyDatabaseId, WF_POLLS_OF_ALL, noted.first_poll);
	if (noted.n_activities > MAX_ACTIVITIES)
		wf_activity_heads_put_back(MyDatabaseId, WF_ANY_ACTIVITY, 0);
	else
		for (int i = 0; i < noted.n_activities; i++)
			wf_activity_heads_put_back(MyDatabaseId, noted.activities[i].activity, noted.activities[i].first);
}

static void
wake_for_activities(void)
{
	if (noted.n_activities > MAX_ACTIVITIES)
		wf_poll_wake_all(MyDatabaseId);
	else
		for (int i = 0; i < noted.n_activities; i++)
		{
			ActivityNote *note = &noted.activities[i];

			if (!wf_wake_scheduler_for_activity(note->activity))
				wf_poll_wake(MyDatabaseId, note->activity, note->n);
		}
}

static void
act(void)
{
	bool		nobody = false;

	wake_for_ends();
	put_heads_back();
	wake_for_activities();
	if (!workers_are_wanted() || !OidIsValid(MyDatabaseId))
		return;
	if (noted.n_roles > 0 || noted.more_roles || noted.timer || noted.inbox || noted.n_activities > 0 || noted.polls != 0)
		nobody = wake_database();
	if (nobody || noted.probe)
	{
		if (wf_preloaded)
			wf_request_scheduler(MyDatabaseId);
		else if (wf_setting_dynamic_start && !wf_scheduler_start_dynamically(MyDatabaseId))
			no_place = true;
	}
	if (noted.rescan)
	{
		pg_atomic_write_u32(&wf_shared->rescan, 1);
		wf_wake_launcher();
	}
}

/* Rows that this transaction had claimed are free again; nobody knows which. */
static void
look_again(void)
{
	typeof(noted) saved = noted;

	memset(&noted, 0, sizeof(noted));
	noted.inbox = noted.timer = noted.more_roles = noted.new_polls = true;
	noted.polls = WF_ALL_POLLS;
	noted.due = DT_NOBEGIN;
	act();
	noted = saved;
}

/* What this transaction has taken of activities is there again. */
static void
give_back(void)
{
	typeof(noted) saved = noted;

	memset(&noted, 0, sizeof(noted));
	noted.n_activities = n_taken;
	memcpy(noted.activities, taken, sizeof(taken));
	act();
	noted = saved;
}

static void
at_subtransaction_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	int			level = GetCurrentTransactionNestLevel();

	if (taken_level >= level && (event == SUBXACT_EVENT_COMMIT_SUB || event == SUBXACT_EVENT_ABORT_SUB))
	{
		taken_level = level - 1;
		if (event == SUBXACT_EVENT_ABORT_SUB)
			give_back();
	}
	if (claimed_level < level || (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB))
		return;
	claimed_level = level - 1;
	if (event == SUBXACT_EVENT_ABORT_SUB)
		look_again();
}

static void
at_transaction_end(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
			wf_hold_release_all();
			if (noted.any)
				act();
			break;

			/*
			 * Whoever ends a prepared transaction wakes the scheduler (hooks.c).  Its locks stay; our processes that come
			 * back wait for them.  The tasks that it has taken may come back, but to it they were gone already.
			 */
		case XACT_EVENT_PREPARE:
			wf_hold_release_all();
			if (n_taken > 0)
				give_back();
			break;

		case XACT_EVENT_ABORT:
			wf_hold_release_all();
			wf_poll_end();
			if (claimed_level > 0)
				look_again();
			if (n_taken > 0)
				give_back();
			break;

		default:
			return;
	}
	claimed_level = taken_level = n_taken = 0;
	if (noted.any)
		memset(&noted, 0, sizeof(noted));
}

void
wf_wake_register(void)
{
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
}
