/*
 * scheduler.c - a database's scheduler: fires timers, reads the inbox, and sees to it that ready work has workers.  It
 * never runs a task, and takes milliseconds for anything it does: what takes longer it hands over to the pool.
 *
 * It connects as the cluster's first superuser, to see what is ready for every role; the engine's own SQL runs as the
 * extension's owner all the same.
 *
 * It looks when there is a reason (wake.c): an inbox row, a timer that is due or was set earlier than what it sleeps for,
 * more ready work than idle workers; and every workflow.safety_net.  Once in a while it deletes what has been kept long
 * enough, in turns of a few milliseconds.  While it sleeps there is no transaction, no snapshot, no query.
 *
 * Errors are not caught: they end the process, with its transaction rolled back, and the launcher starts another after a
 * pause.  All it knows by itself is found out again.
 */
#include "postgres.h"

#include <limits.h>

#include "access/xact.h"
#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "engine/engine.h"
#include "pg/clock.h"
#include "pg/encoding.h"
#include "pg/rights.h"
#include "worker/feed.h"

PGDLLEXPORT void workflow_scheduler_main(Datum main_arg);

/*
 * Ready work is announced to us only if it is more than idle workers; while many commit, we look this often.  A look steps
 * over the rows that an old snapshot keeps from being cleared away: it may take no more than a share of the time.
 */
#define READY_AT_MOST_EVERY_MS 20
#define READY_SHARE 20

/* Due timers that could not be handled now (their execution is locked): pause at first, and at most. */
#define STUCK_FIRST_MS 10
#define STUCK_MOST_MS 1000

/* Between two sweeps for what has been kept long enough: so many safety nets; and of a sweep's time we take this share. */
#define SWEEP_NETS 60
#define SWEEP_SHARE 2

/* A parked scheduler comes back after so many safety nets, even if nothing is due. */
#define PARKED_NETS 10

static WfProcessArgument argument;
static WfDatabaseSlot *my_slot = NULL;

/* As what we leave: the state in which detach() leaves the slot. */
static WfDatabaseState leave_as = WF_DATABASE_WANTED;
static bool leave_is_meant = false;

static TimestampTz next_due = DT_NOEND; /* in the engine's time, as of the last look */
static WfStandstill standstill = WF_NO_STANDSTILL;	/* at the last look */
static bool recovered = false;
static TimestampTz net_at = 0;	/* the next look without a reason */
static TimestampTz feed_at = DT_NOEND;	/* feed.c wants to look again */
static TimestampTz fed_at = 0;	/* its last look */
static long feed_every_ms = READY_AT_MOST_EVERY_MS;
static long stuck_ms = 0;
static bool more_in_queues = false; /* the last look did not see the end of them */

bool
wf_is_scheduler(void)
{
	return my_slot != NULL;
}

/* --- coming and going --- */

static void
detach(int code, Datum arg)
{
	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	if (my_slot->generation == argument.generation && my_slot->state == WF_DATABASE_RUNNING)
	{
		bool		died = !leave_is_meant && my_slot->holds == 0;

		if (!wf_preloaded && leave_is_meant && my_slot->holds == 0)
			wf_database_free_slot(my_slot);
		else
		{
			wf_database_set_state(my_slot, leave_as);
			my_slot->died = died;
		}
	}
	my_slot = NULL;
	LWLockRelease(&wf_shared->lock);
	wf_poll_wake_all(argument.database);	/* those that had been left to us */
	wf_wake_launcher();
	ConditionVariableBroadcast(&wf_shared->gone);
}

static bool
attach(void)
{
	WfDatabaseSlot *slot;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot = wf_database_slot(argument.database, false);
	if (slot != NULL && (slot->generation != argument.generation || slot->state != WF_DATABASE_STARTING ||
						 slot->holds > 0))
		slot = NULL;
	if (slot != NULL)
	{
		wf_database_set_state(slot, WF_DATABASE_RUNNING);
		slot->standing_still = false;
		slot->pid = MyProcPid;
		slot->latch = MyLatch;
	}
	LWLockRelease(&wf_shared->lock);
	my_slot = slot;
	if (slot != NULL)
		on_shmem_exit(detach, 0);
	return slot != NULL;
}

static void
leave(WfDatabaseState as)
{
	leave_as = as;
	leave_is_meant = true;
	proc_exit(0);
}

bool
wf_scheduler_start_dynamically(Oid database)
{
	WfProcessArgument start = {.database = database, .role = InvalidOid};
	TimestampTz now = GetCurrentTimestamp();
	WfDatabaseSlot *slot;
	bool		needed = true;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot = wf_database_slot(database, true);
	if (slot == NULL || slot->holds > 0 || slot->state == WF_DATABASE_RUNNING ||
		(slot->state == WF_DATABASE_STARTING && !wf_start_is_stale(slot->since, now)) ||
		(slot->died && !TimestampDifferenceExceeds(slot->since, now, 1000)))
		needed = false;
	else
	{
		wf_database_set_state(slot, WF_DATABASE_STARTING);
		start.generation = slot->generation;
	}
	LWLockRelease(&wf_shared->lock);
	if (!needed || wf_process_start(&start, false, NULL))
		return true;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	if (slot->generation == start.generation && slot->state == WF_DATABASE_STARTING && slot->holds == 0)
		wf_database_free_slot(slot);
	LWLockRelease(&wf_shared->lock);
	return false;
}

/* --- looking --- */

/* People are told where something waits for them: not of a database in which there is nothing yet. */
static void
note_standstill(WfStandstill now)
{
	bool		tell = now == WF_PAUSED || now == WF_DATA_IS_COPY;

	if (tell && now != standstill)
		ereport(LOG,
				(errmsg("executions stand still in database \"%s\": %s", get_database_name(MyDatabaseId),
						wf_standstill_reason(now)),
				 errhint("An administrator can let them go on with SELECT workflow.resume().")));
	standstill = now;
	SpinLockAcquire(&my_slot->mutex);
	my_slot->standing_still = tell;
	SpinLockRelease(&my_slot->mutex);
}

/* Is the extension there, and is anything to run?  Leaves if not. */
static void
look_around(void)
{
	bool		there;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	there = OidIsValid(wf_extension_oid());
	if (there && !wf_encoding_fits())
	{
		/* CREATE EXTENSION refuses that: it has come some other way */
		ereport(LOG,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("nothing runs in this database: workflow needs the encoding UTF8, not %s",
						GetDatabaseEncodingName())));
		there = false;
	}
	note_standstill(there ? wf_engine_standstill() : WF_NO_STANDSTILL);
	PopActiveSnapshot();
	CommitTransactionCommand();
	if (!there)
		leave(WF_DATABASE_ABSENT);
}

/* What has been announced; from here on what is committed counts for the next look, whether this one sees it or not. */
static void
take_announced(WfHeads *announced)
{
	SpinLockAcquire(&my_slot->mutex);
	announced->timer = my_slot->earliest;
	announced->inbox = my_slot->inbox_from;
	announced->polls = my_slot->polls;
	my_slot->earliest = DT_NOEND;
	my_slot->inbox_from = PG_INT64_MAX;
	my_slot->polls = 0;
	SpinLockRelease(&my_slot->mutex);
}

/* Timers and the inbox; all of them, or what has been announced.  True: there may be more at once. */
static bool
look_at_queues(bool all)
{
	WfHeads		announced;
	bool		more;

	take_announced(&announced);
	if (all)
	{
		announced = (WfHeads) {.timer = DT_NOBEGIN, .inbox = 0, .polls = WF_ALL_POLLS};
		wf_activity_heads_put_back(MyDatabaseId, WF_ANY_ACTIVITY, 0);
	}
	more = more_in_queues = wf_engine_schedule(&announced, &next_due);
	if (more)
		stuck_ms = 0;
	else if (next_due <= wf_clock_now())
		stuck_ms = stuck_ms == 0 ? STUCK_FIRST_MS : Min(2 * stuck_ms, STUCK_MOST_MS);
	else
		stuck_ms = 0;
	return more;
}

/* When the next timer is due, of those that we know and of those that have been announced since. */
static TimestampTz
earliest_due(void)
{
	TimestampTz earliest;

	SpinLockAcquire(&my_slot->mutex);
	earliest = my_slot->earliest;
	SpinLockRelease(&my_slot->mutex);
	return Min(earliest, next_due);
}

/* How many ms from now to then; 0 if it is past. */
static long
until(TimestampTz now, TimestampTz then)
{
	if (then <= now)
		return 0;
	if (then == DT_NOEND)
		return LONG_MAX;
	return TimestampDifferenceMilliseconds(now, then);
}

static bool
queues_are_due(TimestampTz now, uint32 reasons)
{
	return more_in_queues || (reasons & WF_REASON_INBOX) || now >= net_at ||
		(stuck_ms == 0 && earliest_due() <= wf_clock_now());
}

static bool
feeding_is_due(TimestampTz now, uint32 reasons)
{
	if (standstill != WF_NO_STANDSTILL)
		return false;
	if (now >= feed_at)
		return true;
	return (reasons & WF_REASON_READY) && TimestampDifferenceExceeds(fed_at, now, feed_every_ms);
}

static void
feed(TimestampTz now)
{
	long		wait;
	long		share;

	pg_atomic_fetch_and_u32(&my_slot->reasons, ~(uint32) WF_REASON_READY);
	fed_at = now;
	wait = wf_feed(my_slot);
	share = READY_SHARE * ((GetCurrentTimestamp() - now) / 1000);
	feed_every_ms = Max(READY_AT_MOST_EVERY_MS, share);
	feed_at = wait >= 0 ? TimestampTzPlusMilliseconds(GetCurrentTimestamp(), Max(wait, share)) : DT_NOEND;
}

/* A turn of purging, and a pause that leaves the machine to others: nobody waits for space. */
static void
sweep(TimestampTz now)
{
	int64		pause = (int64) SWEEP_NETS * wf_setting_safety_net;

	pgstat_report_activity(STATE_RUNNING, "retention");
	if (wf_engine_purge())
		pause = (SWEEP_SHARE - 1) * (1 + (GetCurrentTimestamp() - now) / 1000);
	my_slot->sweep_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), pause);
}

/* One round; true if there is more to do at once. */
static bool
look(TimestampTz now)
{
	uint32		reasons = pg_atomic_read_u32(&my_slot->reasons);
	bool		more = false;

	if (queues_are_due(now, reasons))
	{
		bool		net = now >= net_at;
		bool		stood_still = standstill != WF_NO_STANDSTILL;

		pgstat_report_activity(STATE_RUNNING, "timers and inbox");
		pg_atomic_fetch_and_u32(&my_slot->reasons, ~(uint32) WF_REASON_INBOX);
		if (net)
			net_at = TimestampTzPlusMilliseconds(now, wf_setting_safety_net);
		look_around();
		if (standstill != WF_NO_STANDSTILL)
		{
			WfHeads		announced;

			/* all of it is looked at when they go on */
			take_announced(&announced);
			if (announced.polls != 0)
				wf_poll_wake_all(MyDatabaseId); /* who waits need not stand still */
			next_due = DT_NOEND;
			wf_place_ask_all(MyDatabaseId);
			return false;
		}
		if (!recovered)
			wf_engine_recover();
		if (!recovered || net || stood_still)
			feed_at = now;
		recovered = true;
		more = look_at_queues(net || stood_still);
	}
	if (feeding_is_due(now, reasons))
	{
		pgstat_report_activity(STATE_RUNNING, "ready work");
		feed(now);
	}
	if (!more && standstill == WF_NO_STANDSTILL && now >= my_slot->sweep_at)
		sweep(now);
	return more;
}

/* --- sleeping --- */

/*
 * How long there is nothing to do, in ms.  What we sleep for is published in the engine's time; who sets an earlier timer
 * sets the latch.  0: something has come meanwhile.
 */
static long
time_to_sleep(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz engine_now = wf_clock_now();
	uint32		reasons;
	TimestampTz due;
	long		wait;

	SpinLockAcquire(&my_slot->mutex);
	due = Min(my_slot->earliest, next_due);
	my_slot->sleep_until = due;
	SpinLockRelease(&my_slot->mutex);

	reasons = pg_atomic_read_u32(&my_slot->reasons);
	if (reasons & (WF_REASON_INBOX | WF_REASON_PARK))
		return 0;
	wait = stuck_ms > 0 ? stuck_ms : until(engine_now, due);
	wait = Min(wait, until(now, net_at));
	if (standstill == WF_NO_STANDSTILL)
	{
		wait = Min(wait, until(now, my_slot->sweep_at));
		wait = Min(wait, until(now, feed_at));
		if (reasons & WF_REASON_READY)
			wait = Min(wait, until(now, TimestampTzPlusMilliseconds(fed_at, feed_every_ms)) + 1);
	}
	return wait;
}

static void
sleep_for(long milliseconds)
{
	bool		was_stuck = stuck_ms > 0;

	pgstat_report_stat(true);
	pgstat_report_activity(STATE_IDLE, NULL);
	wf_process_sleep(Min(milliseconds, INT_MAX));

	SpinLockAcquire(&my_slot->mutex);
	my_slot->sleep_until = DT_NOBEGIN;
	SpinLockRelease(&my_slot->mutex);
	if (was_stuck)
		pg_atomic_fetch_or_u32(&my_slot->reasons, WF_REASON_INBOX);
}

/*
 * Others need our place.  We go if no worker of ours is there; the launcher starts us again when something is due, at once
 * if work is waiting (then behind the others).
 */
static void
park_if_possible(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz back = TimestampTzPlusMilliseconds(now, (int64) PARKED_NETS * wf_setting_safety_net);
	TimestampTz due = earliest_due();

	pg_atomic_fetch_and_u32(&my_slot->reasons, ~(uint32) WF_REASON_PARK);
	if (wf_place_all(MyDatabaseId) > 0)
		return;
	back = Min(back, Max(my_slot->sweep_at, now));
	if (pg_atomic_read_u32(&my_slot->reasons) != 0 || feed_at != DT_NOEND || !recovered || more_in_queues)
		back = now;
	else if (due != DT_NOEND)
		back = Min(back, now + Max(due - wf_clock_now(), 0));
	SpinLockAcquire(&my_slot->mutex);
	my_slot->sleep_until = back;
	SpinLockRelease(&my_slot->mutex);
	leave(WF_DATABASE_PARKED);
}

void
workflow_scheduler_main(Datum main_arg)
{
	MemoryContext context;

	wf_process_argument(&argument);
	wf_shared_attach();
	if (!attach())
		proc_exit(0);
	wf_process_signals();
	BackgroundWorkerInitializeConnectionByOid(argument.database, InvalidOid, 0);

	context = AllocSetContextCreate(TopMemoryContext, "workflow scheduler", ALLOCSET_DEFAULT_SIZES);
	if (my_slot->sweep_at == 0)
		my_slot->sweep_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), wf_setting_safety_net);
	for (;;)
	{
		long		wait = 0;

		wf_process_interrupts(0);
		if (wf_setting_workers == 0)
			leave(WF_DATABASE_WANTED);
		if (pg_atomic_read_u32(&my_slot->reasons) & WF_REASON_PARK)
			park_if_possible();

		MemoryContextSwitchTo(context);
		MemoryContextReset(context);
		net_at = Min(net_at, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), wf_setting_safety_net));
		wf_feed_collect();
		if (!look(GetCurrentTimestamp()))
			wait = time_to_sleep();
		if (wait > 0)
			sleep_for(wait);
	}
}
