/*
 * process.h - what our processes share among themselves, and only they: starting one another, places for workers, holds,
 * facts about the present process.  worker.h is for everybody else.
 */
#ifndef WF_PROCESS_H
#define WF_PROCESS_H

#include "postgres.h"

#include "worker/shared_state.h"

struct BackgroundWorkerHandle;

/* --- process.c --- */

/* What a scheduler or worker is told when it is started. */
typedef struct WfProcessArgument
{
	Oid			database;
	Oid			role;			/* a worker's */
	int			slot;			/* a worker's */
	uint32		generation;		/* of its slot: another means that nobody waits for it any more */
	bool		adopt;			/* a worker's: its role cannot connect by itself; see session.c */
} WfProcessArgument;

/*
 * Asks the postmaster for a scheduler (role InvalidOid) or a worker.  False: no place among max_worker_processes.
 * notify: the present process's latch is set when it has started and when it has ended.  With handle NULL it neither
 * raises nor allocates, and may be called in a commit callback.
 */
extern bool wf_process_start(const WfProcessArgument *argument, bool notify, struct BackgroundWorkerHandle **handle);
extern void wf_process_argument(WfProcessArgument *argument);	/* in the process started */

/* A WARNING, once in a while for the whole cluster, that max_worker_processes is too small. */
extern void wf_process_warn_places(void);

/* Signals as all our processes take them; they are unblocked then. */
extern void wf_process_signals(void);

/*
 * At a point where the process may end or be told something: leaves if it is to (with that exit code), reads changed
 * settings.  Forgets a cancel: outside a task there is nothing to cancel.
 */
extern void wf_process_interrupts(int exit_code);

/*
 * Sleeps on the latch, at most so long (-1: for ever).  No transaction, and so no snapshot, is open.  Leaves with the
 * postmaster.
 */
extern void wf_process_sleep(long milliseconds);

/* --- launcher.c --- */
extern void wf_launcher_register(void);

/* --- scheduler.c --- */

/*
 * Starts this database's scheduler without a launcher, if none is there.  Safe in a commit callback.  False: there was no
 * place for it.
 */
extern bool wf_scheduler_start_dynamically(Oid database);

/* --- places.c --- */

typedef enum WfPlaceResult
{
	WF_PLACE_TAKEN,
	WF_PLACE_LIMIT,				/* workflow.workers */
	WF_PLACE_DATABASE_LIMIT,
	WF_PLACE_ROLE_LIMIT,
	WF_PLACE_OTHERS_FIRST,		/* there is one, but another database's role has waited longer */
	WF_PLACE_NO_PROCESS			/* max_worker_processes (never of wf_place_take) */
} WfPlaceResult;

/*
 * Takes a free slot for a new worker of this role.  without_since: since when it has had work and no worker at all; 0: it
 * has one.  *number and *generation as the worker is told.
 */
extern WfPlaceResult wf_place_take(Oid database, Oid role, TimestampTz without_since, int *number,
								   uint32 *generation);
extern void wf_place_give_back(int slot, uint32 generation);

typedef struct WfPlaceCount
{
	int			idle;
	int			starting;
	int			long_turns;		/* workers in one */
	int			all;			/* these, and those that do short work */
	bool		short_work;		/* there has been some lately */
} WfPlaceCount;
extern void wf_place_count(Oid database, Oid role, WfPlaceCount *count);

/* Wakes up to n idle workers; says how many.  Under the lock, shared is enough; safe at commit. */
extern int	wf_place_wake_idle(Oid database, Oid role, int n);

/*
 * Somebody else is asked to make room, of those whose leaving would help: an idle worker; failing that, if `first` (who
 * lacks has no worker at all), one that has had its turn.  For want of a process a scheduler may go, too.
 */
extern void wf_place_make_room(Oid database, Oid role, bool first, WfPlaceResult lack);

/* True if this worker is one too many since the limits have been lowered. */
extern bool wf_place_over_limit(const WfWorkerSlot *mine);

/* All workers of a database are asked to leave at the end of their turns. */
extern void wf_place_ask_all(Oid database);
extern int	wf_place_all(Oid database);		/* how many there are */

/* --- hold.c --- */

/* Keeps our processes out of a database until the present transaction ends; those inside are ended. */
extern void wf_hold_database(Oid database);
extern void wf_hold_release_all(void);	/* at the transaction's end; does not raise */

/* --- hooks.c --- */
extern void wf_hooks_install(void);

/* --- wake.c --- */

/* At this transaction's commit: the launcher looks whether this database has the extension, or for new databases. */
extern void wf_wake_for_probe(void);
extern void wf_wake_for_rescan(void);
extern void wf_wake_register(void); /* once in a process: the transaction callback */

/* More work is ready in this database than its workers can do: its scheduler looks. */
extern void wf_wake_scheduler_for_ready(void);

/*
 * A task of the activity is there for somebody who waits: if executions do, the scheduler looks who is the first.  False: it
 * does not, or there is none; then that is up to the caller.  Safe at commit and after an abort.
 */
extern bool wf_wake_scheduler_for_activity(int64 activity);

/* A scheduler is wanted in this database: the launcher is told.  Safe at commit. */
extern void wf_request_scheduler(Oid database);

/* --- running_task.c --- */
extern WfWorkerSlot *wf_my_worker_slot; /* NULL: not a pool worker */

/* --- crash_mark.c --- */
extern void wf_crash_mark_open(Oid database, int slot); /* and takes SIGQUIT */
extern void wf_crash_mark_write(const WfRunningTask *task); /* NULL: nothing runs */
extern void wf_crash_mark_close(bool meant);
extern bool wf_crash_mark_is_left(Oid database, int slot);	/* by a worker that ended in the middle of a task */
extern void wf_crash_marks_sweep(bool (*exists) (Oid database));

/* --- session.c --- */

/* In the scheduler, in a transaction: can a worker connect as this role, must it adopt it, or is the role gone? */
typedef enum WfRoleAccess
{
	WF_ROLE_GONE,
	WF_ROLE_CONNECTS,
	WF_ROLE_ADOPTED
} WfRoleAccess;
extern WfRoleAccess wf_session_role_access(Oid role);

/* In a worker: connects, with the role as session user and the role's settings. */
extern void wf_session_connect(Oid database, Oid role, bool adopt);

/* --- poll.c --- */

/* Wakes n of those who poll for the activity, in their order; or everybody who polls in the database.  Safe at commit. */
extern void wf_poll_wake(Oid database, int64 activity, int n);
extern void wf_poll_wake_all(Oid database);

/* --- activity_head.c --- */

/* Tasks of the activity from this one on can be seen, or may be there again.  Safe at commit. */
extern void wf_activity_heads_put_back(Oid database, int64 activity, int64 to);

#endif
