/*
 * launcher.c - one for the cluster, when workflow is preloaded: keeps a scheduler in each database that has the
 * extension.
 *
 * It sees only shared catalogs, so it cannot know which databases have the extension: it starts a scheduler in each, once,
 * and one that finds no extension says so (WF_DATABASE_ABSENT) and leaves.  What it learned it keeps in its own memory; a
 * new launcher probes again.  Afterwards it sleeps on its latch: commits of CREATE EXTENSION, CREATE DATABASE and the like
 * wake it (wake.c, hold.c), a scheduler's end wakes it, and every workflow.safety_net it looks for databases that came or
 * went without its being told.
 *
 * A scheduler that dies is started again after a pause that doubles with each failure.  Where max_worker_processes leaves
 * no place, somebody idle is asked to make room (places.c), and databases take turns.
 *
 * It never exits with code 0, which would unregister it.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "pg/compat.h"
#include "worker/process.h"

#include <signal.h>

PGDLLEXPORT void workflow_launcher_main(Datum main_arg);

/* Schedulers that are on their way at the same time: a probe of many databases shall not take all places at once. */
#define START_AT_ONCE 3
#define FIRST_PAUSE_MS 1000
#define LONGEST_PAUSE_MS 60000
#define HEALTHY_MS 60000		/* who has lived that long starts anew */
#define WAIT_FOR_PLACE_MS 500

/* A connectable database, as this launcher knows it. */
typedef struct KnownDatabase
{
	Oid			database;		/* key */
	bool		seen;			/* by the present look at pg_database */
	int			failures;
	TimestampTz not_before;
	BackgroundWorkerHandle *handle; /* of its scheduler, if this launcher started it */
} KnownDatabase;

static HTAB *known = NULL;
static TimestampTz next_scan = 0;
static TimestampTz place_retry = DT_NOEND;	/* no place was left; try again then */

static bool
is_known(Oid database)
{
	return hash_search(known, &database, HASH_FIND, NULL) != NULL;
}

/* --- pg_database --- */

static bool
is_eligible(Form_pg_database form)
{
	return form->datallowconn && !form->datistemplate && form->datconnlimit != DATCONNLIMIT_INVALID_DB;
}

/* A database that this launcher has not known: a scheduler finds out whether the extension is there. */
static void
meet(Oid database)
{
	static bool told_full = false;
	WfDatabaseSlot *slot;
	KnownDatabase *entry;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot = wf_database_slot(database, true);
	if (slot != NULL && (slot->state == WF_DATABASE_FREE || slot->state == WF_DATABASE_ABSENT))
		wf_database_set_state(slot, WF_DATABASE_WANTED);
	LWLockRelease(&wf_shared->lock);
	if (slot == NULL)
	{
		if (!told_full)
			ereport(WARNING,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("workflow can serve no more than %d databases", wf_shared->n_databases)));
		told_full = true;
		return;
	}
	entry = hash_search(known, &database, HASH_ENTER, NULL);
	entry->seen = true;
	entry->failures = 0;
	entry->not_before = 0;
	entry->handle = NULL;
}

/* It has been dropped, or is no longer for us. */
static void
part(KnownDatabase *entry)
{
	WfDatabaseSlot *slot;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot = wf_database_slot(entry->database, false);
	if (slot != NULL && slot->pid != 0)
		(void) kill(slot->pid, SIGTERM);
	else if (slot != NULL && slot->holds == 0)
		wf_database_free_slot(slot);
	LWLockRelease(&wf_shared->lock);
	if (entry->handle != NULL)
		pfree(entry->handle);
	(void) hash_search(known, &entry->database, HASH_REMOVE, NULL);
}

/* A probe was asked for where none is possible: a template, or it was dropped meanwhile. */
static void
forget_requests_of_unknown(void)
{
	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < wf_shared->databases_used; i++)
	{
		WfDatabaseSlot *slot = &wf_database_slots[i];

		if (OidIsValid(slot->database) && slot->pid == 0 && slot->holds == 0 && !is_known(slot->database))
			wf_database_free_slot(slot);
	}
	LWLockRelease(&wf_shared->lock);
}

static void
look_at_databases(void)
{
	Relation	relation;
	TableScanDesc scan;
	HeapTuple	tuple;
	HASH_SEQ_STATUS sequence;
	KnownDatabase *entry;

	pgstat_report_activity(STATE_RUNNING, "looking for databases");
	hash_seq_init(&sequence, known);
	while ((entry = hash_seq_search(&sequence)) != NULL)
		entry->seen = false;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	relation = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(relation, 0, NULL);
	while (HeapTupleIsValid(tuple = heap_getnext(scan, ForwardScanDirection)))
	{
		Form_pg_database form = (Form_pg_database) GETSTRUCT(tuple);

		if (!is_eligible(form))
			continue;
		entry = hash_search(known, &form->oid, HASH_FIND, NULL);
		if (entry != NULL)
			entry->seen = true;
		else
			meet(form->oid);
	}
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	CommitTransactionCommand();

	hash_seq_init(&sequence, known);
	while ((entry = hash_seq_search(&sequence)) != NULL)
		if (!entry->seen)
			part(entry);
	forget_requests_of_unknown();
	wf_crash_marks_sweep(is_known);
}

/* Just before a scheduler is started: a probe may have been asked for by who dropped the database. */
static bool
still_eligible(Oid database)
{
	HeapTuple	tuple;
	bool		eligible = false;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
	if (HeapTupleIsValid(tuple))
	{
		eligible = is_eligible((Form_pg_database) GETSTRUCT(tuple));
		ReleaseSysCache(tuple);
	}
	CommitTransactionCommand();
	return eligible;
}

/* --- one round over the slots --- */

typedef struct Round
{
	TimestampTz now;
	TimestampTz next;			/* when there will be something to do */
	int			starting;
	bool		worker_first;	/* somewhere a worker waits for a place: it comes before new schedulers */
	Oid			candidate;		/* who has waited longest for a scheduler */
	TimestampTz candidate_since;
} Round;

static void
failed(KnownDatabase *entry, TimestampTz now)
{
	int			doublings = Min(entry->failures, 6);

	entry->failures++;
	entry->not_before = TimestampTzPlusMilliseconds(now, Min((long) FIRST_PAUSE_MS << doublings, LONGEST_PAUSE_MS));
}

static bool
has_stopped(KnownDatabase *entry)
{
	pid_t		pid;

	return entry->handle != NULL && GetBackgroundWorkerPid(entry->handle, &pid) == BGWH_STOPPED;
}

/* Under the lock, exclusive. */
static void
consider(WfDatabaseSlot *slot, Round *round)
{
	KnownDatabase *entry = hash_search(known, &slot->database, HASH_FIND, NULL);

	switch (slot->state)
	{
		case WF_DATABASE_FREE:
			if (slot->holds == 0)
				wf_database_free_slot(slot);
			return;

		case WF_DATABASE_ABSENT:
			if (entry != NULL)
				entry->failures = 0;
			if (slot->holds == 0)
				wf_database_free_slot(slot);
			return;

		case WF_DATABASE_STARTING:
			if (slot->holds > 0)
				return;
			if ((entry != NULL && has_stopped(entry)) || wf_start_is_stale(slot->since, round->now))
			{
				wf_database_set_state(slot, WF_DATABASE_WANTED);
				slot->died = true;
				break;
			}
			round->starting++;
			round->next = Min(round->next, TimestampTzPlusMilliseconds(round->now, HEALTHY_MS));
			return;

		case WF_DATABASE_RUNNING:
			if (entry != NULL && TimestampDifferenceExceeds(slot->since, round->now, HEALTHY_MS))
				entry->failures = 0;
			round->worker_first |= slot->wants_place && slot->wants_first != 0;
			return;

		case WF_DATABASE_PARKED:
			{
				TimestampTz back;

				SpinLockAcquire(&slot->mutex);
				back = Min(slot->sleep_until, slot->earliest);
				SpinLockRelease(&slot->mutex);
				if (back > round->now)
				{
					round->next = Min(round->next, back);
					return;
				}
				wf_database_set_state(slot, WF_DATABASE_WANTED);
				break;
			}

		case WF_DATABASE_WANTED:
			break;
	}

	/* wanted */
	if (slot->holds > 0)
		return;
	if (entry == NULL)
	{
		/* announced before we have seen it; or it has gone, which the look will tell */
		next_scan = 0;
		round->next = round->now;
		return;
	}
	if (slot->died)
	{
		slot->died = false;
		failed(entry, round->now);
	}
	if (entry->not_before > round->now)
	{
		round->next = Min(round->next, entry->not_before);
		return;
	}
	if (!OidIsValid(round->candidate) || slot->since < round->candidate_since)
	{
		round->candidate = slot->database;
		round->candidate_since = slot->since;
	}
}

static void
look_at_slots(Round *round)
{
	round->now = GetCurrentTimestamp();
	round->next = DT_NOEND;
	round->starting = 0;
	round->worker_first = false;
	round->candidate = InvalidOid;
	round->candidate_since = 0;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < wf_shared->databases_used; i++)
		if (OidIsValid(wf_database_slots[i].database))
			consider(&wf_database_slots[i], round);
	LWLockRelease(&wf_shared->lock);
}

/* False: there was no place for it. */
static bool
start_scheduler(Oid database)
{
	KnownDatabase *entry = hash_search(known, &database, HASH_FIND, NULL);
	WfProcessArgument argument = {.database = database, .role = InvalidOid};
	WfDatabaseSlot *slot;
	BackgroundWorkerHandle *handle;
	MemoryContext before;
	bool		needed;
	bool		done;

	if (entry == NULL)
		return true;
	if (!still_eligible(database))
	{
		part(entry);
		return true;
	}

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	slot = wf_database_slot(database, false);
	needed = slot != NULL && slot->state == WF_DATABASE_WANTED && slot->holds == 0;
	if (needed)
	{
		wf_database_set_state(slot, WF_DATABASE_STARTING);
		argument.generation = slot->generation;
	}
	LWLockRelease(&wf_shared->lock);
	if (!needed)
		return true;

	before = MemoryContextSwitchTo(TopMemoryContext);
	done = wf_process_start(&argument, true, &handle);
	MemoryContextSwitchTo(before);
	if (done)
	{
		if (entry->handle != NULL)
			pfree(entry->handle);
		entry->handle = handle;
		return true;
	}

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	if (slot->generation == argument.generation && slot->state == WF_DATABASE_STARTING)
	{
		TimestampTz since = slot->since;

		wf_database_set_state(slot, WF_DATABASE_WANTED);
		slot->since = since;	/* its turn in the queue */
	}
	LWLockRelease(&wf_shared->lock);
	return false;
}

/* Starts what can be started now; says when to come back. */
static TimestampTz
manage(void)
{
	Round		round;

	pgstat_report_activity(STATE_RUNNING, "looking after schedulers");
	for (;;)
	{
		look_at_slots(&round);
		if (!OidIsValid(round.candidate))
		{
			place_retry = DT_NOEND;
			return round.next;
		}
		if (round.starting >= START_AT_ONCE)
			return round.next;	/* their attaching or leaving wakes us */
		if (round.worker_first || !start_scheduler(round.candidate))
			break;
	}

	if (!round.worker_first)
	{
		wf_process_warn_places();
		wf_place_make_room(round.candidate, InvalidOid, true, WF_PLACE_NO_PROCESS);
	}
	place_retry = TimestampTzPlusMilliseconds(round.now, WAIT_FOR_PLACE_MS);
	return Min(round.next, place_retry);
}

/* --- the process --- */

static void
detach(int code, Datum arg)
{
	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	wf_shared->launcher_pid = 0;
	wf_shared->launcher_latch = NULL;
	LWLockRelease(&wf_shared->lock);
}

static void
attach(void)
{
	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	wf_shared->launcher_pid = MyProcPid;
	wf_shared->launcher_latch = MyLatch;
	LWLockRelease(&wf_shared->lock);
	on_shmem_exit(detach, 0);
}

static void
make_known(void)
{
	HASHCTL		control = {.keysize = sizeof(Oid), .entrysize = sizeof(KnownDatabase)};

	known = hash_create("workflow databases", 64, &control, HASH_ELEM | HASH_BLOBS);
}

static TimestampTz
run(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next;

	next_scan = Min(next_scan, TimestampTzPlusMilliseconds(now, wf_setting_safety_net));
	if (pg_atomic_exchange_u32(&wf_shared->rescan, 0) != 0 || now >= next_scan)
	{
		next_scan = TimestampTzPlusMilliseconds(now, wf_setting_safety_net);
		look_at_databases();
	}
	next = manage();
	return Min(next, next_scan);
}

void
workflow_launcher_main(Datum main_arg)
{
	MemoryContext context;

	wf_shared_attach();
	attach();
	wf_process_signals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	make_known();

	context = AllocSetContextCreate(TopMemoryContext, "workflow launcher", ALLOCSET_DEFAULT_SIZES);
	for (;;)
	{
		long		wait = -1;

		wf_process_interrupts(1);
		MemoryContextSwitchTo(context);
		MemoryContextReset(context);
		if (wf_setting_workers > 0)
		{
			TimestampTz next = run();

			wait = next == DT_NOEND ? -1 : TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next);
		}
		pgstat_report_stat(true);
		pgstat_report_activity(STATE_IDLE, NULL);
		if (wait != 0)
			wf_process_sleep(wait);
	}
}

/* In the postmaster. */
void
wf_launcher_register(void)
{
	BackgroundWorker worker;

	memset(&worker, 0, sizeof(worker));
	snprintf(worker.bgw_name, BGW_MAXLEN, "workflow launcher");
	snprintf(worker.bgw_type, BGW_MAXLEN, "workflow launcher");
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = 1;
	snprintf(worker.bgw_library_name, sizeof(worker.bgw_library_name), "workflow");
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "workflow_launcher_main");
	RegisterBackgroundWorker(&worker);
}
