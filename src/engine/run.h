/*
 * run.h - an execution in memory, for one transaction: loaded, stepped, stored.
 *
 * All calls but wf_run_free stand between wf_store_begin and wf_store_end, in the transaction that locked the execution.
 */
#ifndef WF_RUN_H
#define WF_RUN_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "interpreter/interpreter.h"
#include "store/execution.h"

struct WfTaskError;

typedef struct WfRun WfRun;

/* A new execution, whose start row this transaction has claimed.  NULL: there is no such execution. */
extern WfRun *wf_run_new(int64 execution);

/*
 * An execution that lives in memory alone (StartSyncExecution): what it is, is given; the strings must outlive it.  It is
 * stepped and asked, not saved; only what its machine logs is written, if it has an id (else 0).
 */
extern WfRun *wf_run_unstored(int64 id, const char *arn, WfStoredExecution *execution);
extern void wf_run_log(WfRun *run);	/* after each step */

/*
 * A waiting execution: locks its row, loads its frames; or, if this transaction has saved it last, takes it as it was left.
 * *run is NULL unless WF_LOCK_HELD.
 */
extern WfLockResult wf_run_lock(int64 execution, bool wait, WfRun **run);

/* A waiting execution as it is, without a lock: to read a task from.  Must not be stepped.  NULL: it has ended. */
extern WfRun *wf_run_look(int64 execution);

extern void wf_run_free(WfRun *run);

extern int64 wf_run_id(const WfRun *run);
extern Oid	wf_run_owner(const WfRun *run);
extern Oid	wf_run_role(const WfRun *run);
extern const char *wf_run_arn(const WfRun *run);
extern bool wf_run_is_synchronous(const WfRun *run);	/* it lives in memory alone */
extern bool wf_run_expects(const WfRun *run, int frame, int serial);
extern bool wf_run_is_late(WfRun *run, int frame);	/* the time of what it waits for is over */
extern void wf_run_get_task(WfRun *run, int frame, WfTaskToRun *task);	/* a task that is out */
extern WfPayload *wf_run_context(WfRun *run, int frame);

/* For the Map Run that one of its frames waits for: the children's inputs, and a new child. */
extern WfMapInputs *wf_run_map_inputs(WfRun *run, int frame, struct WfError *error);
extern void wf_run_start_child(const WfRun *run, int64 map_run, int64 index, int items, const char *input);

/*
 * A wide Map takes its time to be loaded and stored: that cannot be done for others' sake in small pieces, or it would be
 * all that is done.  Heavy: too much for a batch.  Worthwhile: a deadline that leaves a multiple of that time for the work.
 */
extern bool wf_run_is_heavy(const WfRun *run);
extern TimestampTz wf_run_worthwhile(const WfRun *run, TimestampTz deadline);

/* Until when a step may go on to further states; 0: a step enters no further state.  Default: no bound. */
extern void wf_run_set_deadline(WfRun *run, TimestampTz deadline, bool pause_at_once);

extern void wf_run_step(WfRun *run, const WfStimulus *stimulus);

/*
 * Steps the run with what a task's work gave: the task's result; or, where it waits for somebody to answer from outside
 * (.waitForTaskToken, .sync), its immediate answer, and the frame waits on.  NULL: it has none yet (wf_task_run).
 */
extern void wf_run_task_done(WfRun *run, int frame, int serial, const struct WfResource *resource, WfPayload *output);

/* Steps the run with what a task's work raised, which is its attempt's failure. */
extern void wf_run_task_failed(WfRun *run, int frame, int serial, const struct WfTaskError *error);

/* Likewise of a task that is out: an answer from outside must wait for that (wf_inbox_set_aside). */
extern bool wf_run_is_overtaken(const WfRun *run, int frame);

/* The first task that the steps gave and that nobody has run: NULL if there is none that is for us.  Borrowed until the next step. */
extern const WfCommand *wf_run_next_task(const WfRun *run);

/*
 * The timer that is due first, of those that the steps set: NULL if there is none.  Borrowed likewise.  Of all; or of those
 * that a frame's task must heed: its own, and the execution's.
 */
#define WF_ANY_FRAME (-1)
extern const WfCommand *wf_run_next_timer(const WfRun *run, int frame);

extern bool wf_run_is_paused(const WfRun *run);	/* by its deadline: it can go on at once */
/*
 * What is to be done before it goes on: WF_GO_ON, nothing; WF_EXECUTION_TIMED_OUT, WF_STOP: its time is over, its machine is
 * being deleted.  The scheduler knows, too, but cannot say so while workers keep the execution busy without a break.
 */
extern WfStimulusKind wf_run_overdue(const WfRun *run);

extern bool wf_run_has_ended(const WfRun *run);
extern const WfCommand *wf_run_end(const WfRun *run);	/* status, output, error, cause; NULL while it runs */

/* Writes all that the steps gave since it was last saved: history, frames, timers, ready rows, the end. */
extern void wf_run_save(WfRun *run);

/*
 * Ends an execution that the interpreter cannot end, as FAILED with States.Runtime, and all that it has out.  False: somebody
 * else holds it.
 */
extern bool wf_run_force_fail(int64 execution, const char *cause);

#endif
