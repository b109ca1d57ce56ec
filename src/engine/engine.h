/*
 * engine.h - the loop: claim, interpret, run tasks, store, commit.  src/README.md says what commits when.
 *
 * Three callers: a pool worker (its role's ready work), the scheduler (timers and inbox of all roles; never a task), and
 * run_until_idle() in a session.
 */
#ifndef WF_ENGINE_H
#define WF_ENGINE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "store/installation.h"
#include "store/ready.h"

/*
 * One turn of a pool worker: claims and does some of its role's ready work, in one or more transactions of its own.
 * Called outside any transaction.  True: there may be more at once.  False: nothing was ready.
 * Errors are handled within: they come out only when the worker itself should die.
 */
extern bool wf_engine_work(Oid role);

/* After it has found nothing: in how many ms to look again although nobody has called; -1: no need. */
extern long wf_engine_rest(void);

/* Where the queues of the scheduler begin: nothing lies before that has not been announced since. */
typedef struct WfHeads
{
	TimestampTz timer;			/* DT_NOEND: there is none */
	int64		inbox;			/* PG_INT64_MAX: there is none */
	uint64		polls;			/* activities whose tasks are there, and for which executions may wait (wf_polls_of) */
} WfHeads;

/*
 * One turn of the scheduler: due timers and the inbox, in transactions of its own.  True: there may be more at once.
 * announced: the first of what has been committed since the last turn; it may be more than there is.  *next_due: when to
 * look again without an announcement (DT_NOEND: there is no timer).
 */
extern bool wf_engine_schedule(const WfHeads *announced, TimestampTz *next_due);

/*
 * A turn of deleting what has been kept long enough (store/retention.h), in a transaction of its own that takes no longer
 * than a batch.  True: this sweep through the machines has not come to its end.  Never raises.
 */
extern bool wf_engine_purge(void);

/* At a scheduler's start: the tasks that a crash interrupted are set apart (wf_crash_marks_collect). */
extern void wf_engine_recover(void);

/* Whether anything may run here, and why not.  In a transaction. */
extern WfStandstill wf_engine_standstill(void);

/* Roles that have ready work, and how much (counted up to a small number); palloc'ed.  In a transaction. */
extern int	wf_engine_ready_roles(WfReadyRole **roles);

#endif
