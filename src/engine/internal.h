/*
 * internal.h - what the engine's files share.
 */
#ifndef WF_ENGINE_INTERNAL_H
#define WF_ENGINE_INTERNAL_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "engine/run.h"
#include "engine/speed.h"
#include "store/inbox.h"
#include "store/ready.h"
#include "store/sql.h"
#include "store/timer.h"
#include "task/task.h"

/* --- transaction.c --- */

/* A transaction of the engine's own, with the properties that it needs whatever the role's settings say. */
extern void wf_engine_begin(void);
extern void wf_engine_commit(void);

/* After an error outside a subtransaction: rolls back, reports, and says what kind it was. */
typedef enum WfTrouble
{
	WF_TROUBLE_PASSING,			/* resources, conflicts, a shutdown: the same may go well in a moment */
	WF_TROUBLE_BROKEN,			/* the execution's memory or definition cannot be read: it would fail for ever */
	WF_TROUBLE_UNKNOWN			/* anything else: a fault of ours, a library that does not fit the tables */
} WfTrouble;
extern WfTrouble wf_engine_judge(const ErrorData *data);
extern WfTrouble wf_engine_abort(MemoryContext context, ErrorData **data);
extern void wf_engine_pause(int milliseconds);	/* before another try; wakes for a latch */

/* After each batch and each task alone: what a task may have left in the session. */
extern void wf_engine_reset_session(void);

/* When what is begun now should make way for others: half of the batch's budget from now. */
extern TimestampTz wf_engine_deadline(void);

/* At the commit of the present transaction: cancels a task that runs elsewhere. */
extern void wf_cancel_at_commit(int64 execution, int frame, int serial);

/* --- step.c: one member --- */

typedef enum WfTaskMode
{
	WF_TASKS_FAST,				/* in a batch: such as are known to be fast; what they raise goes up */
	WF_TASKS_TRY,				/* likewise, and the row's own if it is for us to find out how fast that is */
	WF_TASKS_NONE,				/* none: they become ready rows */
	WF_TASKS_ALL				/* in a caller's session: each in a subtransaction, its error its outcome */
} WfTaskMode;

typedef enum WfMemberResult
{
	WF_MEMBER_DONE,
	WF_MEMBER_MORE,				/* done as far as one turn goes: the row stays */
	WF_MEMBER_AWAITS_LONG,		/* done, up to a task that is not known to be fast */
	WF_MEMBER_BUSY,				/* someone else holds the execution */
	WF_MEMBER_SLOW,				/* its task is known to be slow: not in a batch */
	WF_MEMBER_HEAVY,			/* it takes long to load: in a batch with none but its own execution's */
	WF_MEMBER_UNKNOWN			/* nobody knows yet how fast its task is */
} WfMemberResult;

/*
 * Carries a claimed row on as far as it goes and stores what came of it.  The caller deletes the row, if it is DONE, at the level of
 * subtransaction at which it was claimed: deleted below it, its xmax would become a MultiXact of lock and deletion, which
 * every look at the dead row would have to resolve.  heavy: do it even if it takes long to load.
 */
extern WfMemberResult wf_member_run(const WfReady *row, WfTaskMode mode, TimestampTz deadline, bool heavy);

/* Runs a task that is out, in a subtransaction: true and *result, or false and *data. */
extern bool wf_task_try(const WfTaskCall *call, WfPayload **result, ErrorData **data);

/* Runs a task that is out in a caller's session, and steps the run with what came of it.  In the engine's section. */
extern void wf_task_run_in_session(WfRun *run, WfStore *store, int frame, int serial, bool started);

/* Fills in a call for a task of a run. */
extern void wf_task_call(WfRun *run, int frame, int serial, const WfTaskToRun *task, WfTaskCall *call);

/* A timer fires: what its execution is told. */
extern void wf_stimulus_of_timer(WfStimulus *stimulus, WfTimerKind kind, int frame, int serial);

/* --- map_run.c --- */

/* The turn of a Map Run that a claimed row asks for.  in_batch: what may take long is SLOW. */
extern WfMemberResult wf_map_run_turn(const WfReady *row, bool in_batch, TimestampTz deadline);

/* Carries a command of the interpreter out. */
extern void wf_map_run_begin(int64 execution, int64 state_machine_id, Oid role, const WfCommand *command);
extern void wf_map_run_go_on(int64 execution, Oid role, const WfCommand *command);
extern void wf_map_run_finish(int64 execution, Oid role, const WfCommand *command);

/* --- activity_poll.c: of a run whose task waits for an activity's --- */

extern void wf_activity_poll_serve(WfRun *run, int frame, int serial);	/* there may be one */
extern void wf_activity_poll_end(WfRun *run, int frame, int serial);	/* it has waited long enough */

/* --- speed.c (and speed.h) --- */

/*
 * Around a task: its query is cancelled when the time is over.  False: an outer task's alarm is set, and stays.  The end
 * tells whether it rang.
 */
extern bool wf_speed_alarm(long milliseconds);
extern bool wf_speed_alarm_end(void);

/* --- alone.c --- */

/*
 * Does one of these rows by itself: the first that nobody else holds.  finding_out: it need not be done if somebody is
 * finding out how fast its task is, or has done so.  False: there was none.
 */
extern bool wf_engine_run_alone(const WfReady *rows, int n, bool finding_out);

/* --- share.c: what is there for one execution to be told --- */

typedef struct WfShare
{
	int64		execution;
	WfTimer    *timers;
	int			n_timers;
	WfInbox    *inbox;
	int			n_inbox;
} WfShare;

extern bool wf_share_ends(const WfShare *share);	/* there is something that ends the execution */
extern WfInbox *wf_share_stop(const WfShare *share);	/* NULL: there is none */
extern bool wf_share_is_joined(const WfShare *share);

/* Steps the run with all of it; or with what ends it alone, which must be there. */
extern void wf_share_carry_out(WfRun *run, const WfShare *share);
extern void wf_share_carry_out_end(WfRun *run, const WfShare *share);

/* What was kept by one that was rolled back is not. */
extern void wf_share_keep_nothing(const WfShare *share);

/* Its rows, which this transaction has claimed: they are done with; they are looked at again after a time. */
extern void wf_share_delete(const WfShare *share);
extern void wf_share_postpone(const WfShare *share, int milliseconds);

/* Hands them over to a worker of the execution's role.  False: somebody else holds the execution, or it has ended. */
extern bool wf_share_hand_over(const WfShare *share);

/* The worker: carries out what was handed over. */
extern WfMemberResult wf_share_turn(const WfReady *row, TimestampTz deadline);

/* --- waiting_task.c: tasks that have been out for long --- */

#define WF_MOST_WAITING 40		/* in a turn; of the others people are not told */

extern void wf_waiting_task_note(WfRun *run, const WfTimer *timer);
extern int	wf_waiting_tasks_noted(void);
extern void wf_waiting_tasks_forget(int from);	/* those that have been noted since there were so many */
extern void wf_waiting_tasks_notify(void);	/* at the commit of the present transaction */
extern void wf_waiting_tasks_tell(void);	/* in one of its own */

/* --- schedule.c: due timers and the inbox, from the beginning, within a transaction; returns how many rows it took --- */
extern int	wf_schedule_step(TimestampTz deadline, bool *busy);

#endif
