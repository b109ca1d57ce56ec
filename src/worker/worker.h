/*
 * worker.h - what the rest of the extension needs to know of the processes: wake them, show them what runs, cancel it,
 * wait for an execution's end.  The processes themselves: launcher.c, scheduler.c, pool.c; README.md has the picture.
 *
 * Everything here works with or without shared_preload_libraries: the shared memory is a small fixed area that whoever
 * comes first makes (as autoprewarm does).
 */
#ifndef WF_WORKER_H
#define WF_WORKER_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* --- shared_state.c --- */

/* In _PG_init: asks for shared memory and registers the launcher, when preloaded. */
extern void wf_worker_init(void);

/* --- wake.c: at the commit of the present transaction --- */

/* Work of this role has been made ready. */
extern void wf_wake_for_ready(Oid role);

/* A timer has been set, or an inbox row written: the scheduler looks, at the latest at `due` (0: at once). */
extern void wf_wake_for_timer(TimestampTz due);
extern void wf_wake_for_inbox(int64 id);

/* Nobody knows what there is to do: everybody looks (resume). */
extern void wf_wake_for_everything(void);

/* This execution has ended: who waits for it looks. */
extern void wf_wake_for_end(int64 execution);

/* This task of an activity has been offered: one who polls for it looks. */
extern void wf_wake_for_activity(int64 activity, int64 task);

/* The lowest that this transaction has offered, which only it can see; PG_INT64_MAX: none. */
extern int64 wf_first_offered(int64 activity);

/* An activity is no more: all who poll look. */
extern void wf_wake_for_all_activities(void);

/*
 * The other way round: this transaction may now take a task of it; should it roll back, as many of those who poll look again
 * as this was called.
 */
extern void wf_wake_for_activity_after_abort(int64 activity);

/*
 * --- activity_head.c: where a look at an activity's tasks begins, those of all roles (InvalidOid) or of one ---
 *
 * Asked for before the look's snapshot is taken.  What a look with a later snapshot has then found to be the first task that
 * is left (PG_INT64_MAX: there is none) is the next head.  Likewise of the executions that wait for tasks, of all activities.
 */
#define WF_POLLS_OF_ALL (-1)
extern void wf_activity_head(int64 activity, Oid role, int64 *from, uint32 *changes);
extern void wf_activity_head_move(int64 activity, Oid role, int64 from, uint32 changes);

/*
 * An execution begins to wait for a task of this activity, or another may have the one that it has been told of: the scheduler
 * looks; and from here on for each task that is offered, until it has seen that none waits: as of the count that it had
 * asked for before its look.
 */
#define WF_ANY_ACTIVITY 0
extern void wf_wake_for_polls(int64 activity);

/* It begins to wait, under this number; and the lowest of this transaction's, which only it can see (PG_INT64_MAX: none). */
extern void wf_wake_for_new_poll(int64 activity, int64 poll);
extern int64 wf_first_new_poll(void);
extern uint32 wf_polls_begun(void);
extern void wf_polls_are_over(uint32 begun);

/*
 * Activities, as a set of bits, of which each stands for every 64th.  Who has the scheduler look at some adds them to those of
 * the database; the scheduler says of which it has seen that executions wait: there it says, too, which sessions are woken.
 */
#define WF_ALL_POLLS PG_UINT64_MAX
extern uint64 wf_polls_of(int64 activity);
extern void wf_polls_are_waited_for(uint64 polls);

/*
 * The other way round: this transaction has claimed queue rows, which others pass by.  Should it roll back (or to a
 * savepoint before this call), everybody looks again.
 */
extern void wf_wake_after_abort(void);

/* --- wanted.c --- */

#define WF_MOST_WANTED 8

/* The scheduler, after each turn: these executions were busy, and are to be left to it.  More than the most are not said. */
extern void wf_want_executions(const int64 *executions, int n);

/* In a pool worker: this execution is to be left to the scheduler, which will have it in a moment. */
extern bool wf_is_wanted(int64 execution);

/* --- waiting for an end (wait_for_execution): a condition variable for each hash of an execution's id --- */
extern void wf_wait_prepare(int64 execution);
extern bool wf_wait_sleep(int64 execution, long timeout_ms);	/* false: the time is over */
extern void wf_wait_end(void);

/*
 * --- poll.c: waiting for an activity's work (get_activity_task), first come first served ---
 *
 * Begin, look, sleep, look again; each look begins with wf_poll_look.  End in any case: who was woken and leaves without
 * having looked passes that on.  False: there are too many, or the time is over.
 */
extern bool wf_poll_begin(int64 activity);
extern void wf_poll_look(void);
extern bool wf_poll_sleep(long timeout_ms);
extern void wf_poll_end(void);

/* A session that waits in the present database. */
typedef struct WfWaitingSession
{
	int64		activity;
	uint64		ticket;			/* its place in the order */
	TimestampTz since;			/* in the engine's time */
} WfWaitingSession;

/* All of them, by activity and ticket; palloc'ed.  Returns how many. */
extern int	wf_poll_sessions(WfWaitingSession **sessions);

/* Of those that wait for the activity, the first, up to this ticket, look. */
extern void wf_poll_wake_up_to(int64 activity, uint64 ticket);

/* --- what runs where: a pool worker's slot --- */

/*
 * A task that a worker executes, or an execution that it moves on by itself, whose evaluations may take long; published so
 * that it can be seen, cancelled, and blamed for a crash.
 */
#define WF_NO_FRAME (-1)

typedef struct WfRunningTask
{
	int64		execution;		/* 0: none */
	int			frame;			/* WF_NO_FRAME: no task */
	int			serial;
	bool		alone;			/* a task in a transaction of its own */
} WfRunningTask;

/* Publishes the task in this worker's slot and in its crash mark (a file, written outside any transaction). */
extern void wf_running_task_begin(const WfRunningTask *task);

/* After the task: nothing is running.  After a cancel that came too late, swallows it. */
extern void wf_running_task_end(void);

/*
 * Cancels the task wherever it runs: its slot is flagged and its process interrupted.  True if it was found.  The worker
 * itself decides what a cancel means by reading wf_cancel_requested().
 */
extern bool wf_running_task_cancel(int64 execution, int frame, int serial);

/* In a worker: true if somebody asked for the present task to be cancelled. */
extern bool wf_cancel_requested(void);

/* --- places.c: long turns --- */

/*
 * Before a pool worker does what may take long.  Of several workers of a role that has had short work lately (within
 * worker_idle_timeout) one is always free for it: false if it is this one, and the scheduler is told that another would help.
 */
extern bool wf_long_turn_begin(void);
extern void wf_long_turn_end(void);	/* also where none was begun */
extern void wf_note_short_work(void);	/* some has been done */

/* --- shared_state.c: what the engine keeps there --- */
struct WfSpeedTable;
extern struct WfSpeedTable *wf_shared_speeds(void);

/* --- pool.c: facts about the present process --- */

extern bool wf_is_pool_worker(void);
extern bool wf_is_scheduler(void);

/* Tasks of this database whose worker died in the middle: given once, by the scheduler's start. */
typedef void (*WfCrashCallback) (const WfRunningTask *task, void *arg);
extern void wf_crash_marks_collect(Oid database, WfCrashCallback callback, void *arg);

/* After what was collected is committed. */
extern void wf_crash_marks_forget(Oid database);

#endif
