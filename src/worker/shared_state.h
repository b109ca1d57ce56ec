/*
 * shared_state.h - what our processes know of each other: one small area of shared memory.
 *
 * Nothing here is durable.  A crash restart zeroes it, and nothing may rely on its surviving: what is to be done stands in
 * tables, who does it is found out again.
 *
 * Locks, and what bites:
 *
 *   lock			the identity of all slots (database, role, pid, latch, generation, a database slot's state and holds),
 *					and who takes a long turn: read shared, written exclusive.  Held for a few hundred instructions; never
 *					around anything that can raise, wait, or start a process.
 *   slot->mutex	of a database slot: its two times, inbox_from and polls.  Inside `lock` (shared is enough).
 *   slot->lock		of a worker slot: which task runs and whether it is to be cancelled.  Never together with `lock`.
 *   pollers_lock	all places of who polls for an activity's work, and where looks for it begin.  Inside nothing, around nothing.
 *   speeds.mutex	how fast which tasks are; nothing is done under it but finding and changing one entry.
 *   atomics		a worker's state, reasons, ready_seq: see wake.c for the order in which they are written and read; what is
 *					wanted: in no order at all.
 *
 * Latches belong to a process's PGPROC, which stays valid memory for ever: a latch read under the lock may be set after
 * the process has gone; then somebody else is woken for nothing.
 */
#ifndef WF_SHARED_STATE_H
#define WF_SHARED_STATE_H

#include "postgres.h"

#include <sys/types.h>

#include "datatype/timestamp.h"
#include "engine/speed.h"
#include "pg/settings.h"
#include "port/atomics.h"
#include "storage/condition_variable.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/spin.h"
#include "worker/worker.h"

/*
 * Places.  When preloaded the memory is asked for.  When not, it has to fit into what the server keeps in reserve (about
 * 100 kB for all extensions): 64 databases and 64 workers take some 50 kB.
 */
#define WF_PRELOADED_DATABASES 1024
#define WF_DYNAMIC_DATABASES 64
#define WF_DYNAMIC_WORKERS 64
#define WF_WAIT_BUCKETS 1024	/* who waits for an end is woken for nothing by every 1024th other one */

/* A database, from the launcher's point of view.  README.md draws the states. */
typedef enum WfDatabaseState
{
	WF_DATABASE_FREE,
	WF_DATABASE_WANTED,			/* a scheduler is to be started */
	WF_DATABASE_STARTING,		/* the postmaster has been asked for it */
	WF_DATABASE_RUNNING,
	WF_DATABASE_PARKED,			/* has made room for another's; wanted again when something is due, or woken */
	WF_DATABASE_ABSENT			/* its scheduler found no extension; the launcher takes notice and frees the slot */
} WfDatabaseState;

/* Why a scheduler should look (bits of WfDatabaseSlot.reasons). */
#define WF_REASON_READY		0x01	/* more ready work than idle workers, or a worker has left */
#define WF_REASON_INBOX		0x02
#define WF_REASON_PARK		0x04	/* others need its place among max_worker_processes */

typedef struct WfDatabaseSlot
{
	Oid			database;		/* InvalidOid: free */
	WfDatabaseState state;
	uint32		generation;		/* of the scheduler; one that comes late finds another */
	int			holds;			/* transactions that keep our processes out */
	pid_t		pid;			/* of the scheduler; 0: none */
	Latch	   *latch;
	TimestampTz since;			/* of the state */
	bool		died;			/* it left without being asked to */
	bool		wants_place;	/* a worker could not be started: no place among max_worker_processes */
	TimestampTz wants_first;	/* since when some role has work and no worker at all, for any limit; 0: none */
	TimestampTz sweep_at;		/* the scheduler's next sweep, whichever process it is then; 0: none yet */

	slock_t		mutex;
	TimestampTz sleep_until;	/* the scheduler sleeps until then; DT_NOBEGIN: it is awake */
	bool		standing_still; /* paused, or a copy, at the last look; for the view */
	TimestampTz earliest;		/* the earliest timer set since its last look; DT_NOEND: none */
	int64		inbox_from;		/* the lowest inbox row written since its last look; PG_INT64_MAX: none */
	uint64		polls;			/* activities that have had tasks since for which executions may wait (wf_polls_of) */

	pg_atomic_uint32 reasons;
	pg_atomic_uint32 ready_seq; /* counts commits of ready work */
	pg_atomic_uint32 polls_seq; /* counts commits of executions that begin to wait for an activity's task */
	pg_atomic_uint32 polls_over;	/* as of which count the scheduler has seen that none waits */
	pg_atomic_uint64 polled;	/* activities for whose tasks executions may wait: the scheduler says who is next */
	pg_atomic_uint64 wanted[WF_MOST_WANTED];	/* executions; 0: none.  wanted.c */
	pg_atomic_uint64 wanted_until;
} WfDatabaseSlot;

/* A worker's state.  IDLE → WOKEN is done by whoever has work for it; all others by the worker itself. */
typedef enum WfWorkerState
{
	WF_WORKER_STARTING,
	WF_WORKER_BUSY,
	WF_WORKER_IDLE,
	WF_WORKER_WOKEN,
	WF_WORKER_LEAVING
} WfWorkerState;

typedef struct WfWorkerSlot
{
	Oid			database;		/* InvalidOid: free */
	Oid			role;
	uint32		generation;
	pid_t		pid;			/* 0: not attached yet */
	Latch	   *latch;
	TimestampTz since;			/* when it was asked for, then when it attached */
	bool		in_long_turn;	/* it does one thing that may take long, and nothing else meanwhile */
	bool		served;			/* it got as far as doing work; stays after it has left, until the slot is taken again */
	pg_atomic_uint32 state;
	pg_atomic_uint32 leave;		/* asked to leave at the end of its present turn */
	TimestampTz short_work_at;	/* when it last did some; written as state_since */
	TimestampTz state_since;	/* for report.c and for choosing who leaves; written by the worker, without a lock */

	LWLock		lock;
	WfRunningTask task;
	TimestampTz task_since;
	bool		cancel;
} WfWorkerSlot;

/* Somebody who waits for work of an activity. */
typedef struct WfPoller
{
	Oid			database;
	int64		activity;
	uint64		ticket;			/* the lowest is served first; 0: the place is free */
	bool		woken;			/* there may be work; he has not looked since */
	Latch	   *latch;
	TimestampTz since;
} WfPoller;

#define WF_DYNAMIC_POLLERS 64	/* when preloaded, there is a place for every session */

/* Where looks at an activity's tasks begin: activity_head.c. */
typedef struct WfActivityHead
{
	Oid			database;
	Oid			role;			/* whose tasks; InvalidOid: all */
	int64		activity;		/* 0: the place is free */
	int64		from;
	uint32		changes;		/* counts whatever may have put it back */
} WfActivityHead;

#define WF_ACTIVITY_HEADS 128

typedef struct WfSharedState
{
	LWLock		lock;
	int			tranche;
	int			n_databases;	/* places */
	int			n_workers;
	int			databases_used; /* no slot from here on has ever been used */
	int			workers_used;

	pid_t		launcher_pid;
	Latch	   *launcher_latch;
	pg_atomic_uint32 rescan;	/* the launcher looks at pg_database */
	TimestampTz warned_places_at;	/* of max_worker_processes */

	ConditionVariable gone;		/* one of our processes has left */
	ConditionVariable ends[WF_WAIT_BUCKETS];	/* executions' ends, by a hash of the id */
	WfSpeedTable speeds;

	LWLock		pollers_lock;
	int			n_pollers;		/* places */
	int			pollers_used;	/* no place from here on has ever been used */
	uint64		last_ticket;
	WfActivityHead heads[WF_ACTIVITY_HEADS];
} WfSharedState;

extern WfSharedState *wf_shared;
extern WfDatabaseSlot *wf_database_slots;
extern WfWorkerSlot *wf_worker_slots;
extern WfPoller *wf_pollers;

/* True in every process if the postmaster has the library: there is a launcher, or soon will be. */
extern bool wf_preloaded;

extern Size wf_shared_size(void);

/* Makes or finds the area; cheap when done before.  Not in a commit callback: it may raise. */
extern void wf_shared_attach(void);

/* Under the lock, exclusive to create.  NULL: no such slot, or no place. */
extern WfDatabaseSlot *wf_database_slot(Oid database, bool create);

/* Under the lock, exclusive. */
extern void wf_database_set_state(WfDatabaseSlot *slot, WfDatabaseState state);
extern void wf_database_free_slot(WfDatabaseSlot *slot);

/* True if a process that the postmaster was asked for ought to have attached long ago. */
extern bool wf_start_is_stale(TimestampTz since, TimestampTz now);

extern void wf_worker_set_state(WfWorkerSlot *slot, WfWorkerState state);

/* The launcher looks.  Safe at commit. */
extern void wf_wake_launcher(void);

/* Sets the latches of schedulers that wait for a worker's place.  Safe at exit. */
extern void wf_wake_wanting(void);

#endif
