/*
 * activity_poll.h - executions whose tasks wait for an activity's work (aws-sdk:sfn:getActivityTask).
 *
 * A row stands as long as the wait: for a task that is offered, or for the timer that is set with it.  The scheduler hands the
 * tasks out, first come first served; and where executions wait, it wakes the sessions that do, too, in one order with them.
 */
#ifndef WF_ACTIVITY_POLL_H
#define WF_ACTIVITY_POLL_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "store/activity.h"

typedef struct WfActivityPoll
{
	int64		activity;
	int64		execution;
	int			frame;
	int			serial;
	Oid			role;			/* as which the task polls */
	char	   *worker;			/* NULL: it has not said who it is */
	TimestampTz since;			/* in the engine's time, as is: */
	TimestampTz due;			/* when the wait is over */
} WfActivityPoll;

/*
 * Whose tasks a task of a machine may have: all, if its role may poll the activity; else those of machines that run as the
 * same role, whose own work they are.
 */
extern Oid	wf_activity_poll_tasks(const WfActivity *activity, Oid role);

extern void wf_activity_poll_add(const WfActivityPoll *poll);

/* Locks the row.  False: it is waiting no more, or somebody else is telling it.  The strings are palloc'ed in the context. */
extern bool wf_activity_poll_find(int64 execution, int frame, int serial, MemoryContext context, WfActivityPoll *poll);

/* The wait is over: before its timer fires, which is cancelled; or with it. */
extern void wf_activity_poll_delete(int64 execution, int frame, int serial);
extern void wf_activity_poll_expire(int64 execution, int frame, int serial);

/*
 * Of each of these activities (wf_polls_of), as many as it has tasks, those who came first, are told to look: executions by the
 * inbox, sessions by their latches; or all executions, if the activity is no more.  False: no execution waits at all.
 */
extern bool wf_activity_polls_tell(uint64 polls);

#endif
