/*
 * timer.h - moments to come: a queue ordered by when they are due.
 */
#ifndef WF_TIMER_H
#define WF_TIMER_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "interpreter/interpreter.h"

typedef struct WfTimer
{
	TimestampTz due;
	int64		execution;
	int			frame;
	WfTimerKind kind;
	int			serial;
	Oid			role;			/* whose workers may take it up: nothing runs that it would end; InvalidOid: not so */
} WfTimer;

/* Adds a timer, and wakes the scheduler at commit if it is the earliest. */
extern void wf_timer_add(const WfTimer *timer);

/* Deletes a timer that is no longer wanted, unless the scheduler holds it: it will find that nobody waits for it. */
extern void wf_timer_cancel(const WfTimer *timer);

/* Deletes a timer that this transaction has claimed. */
extern void wf_timer_delete(const WfTimer *timer);

/*
 * Where looking begins: no timer that anybody can see is due before `from`.  As long as somebody holds an old snapshot,
 * those that have fired stay in the index, and a look from its beginning would step over all of them.
 */

/* Claims up to `limit` timers that are due behind the first `skip`, in ascending order of their executions. */
extern int	wf_timer_claim(TimestampTz from, TimestampTz now, int skip, int limit, MemoryContext context, WfTimer **timers);

/* Makes up to `limit` due timers ready work of their roles, those that workers may take up; returns how many. */
extern int	wf_timer_hand_over(TimestampTz from, TimestampTz now, int limit);

/* Moves a timer that this transaction has claimed to a later moment. */
extern void wf_timer_postpone(const WfTimer *timer, TimestampTz to);

/*
 * Out of the scheduler's look, for a worker (WF_READY_SET_ASIDE): it is due, and waits at infinity.  Of each frame and kind
 * the last one: what it waited for before is over.
 */
extern void wf_timer_set_aside(const WfTimer *timer);
extern int	wf_timer_claim_set_aside(int64 execution, int limit, MemoryContext context, WfTimer **timers);
extern void wf_timer_delete_set_aside(int64 execution);

/* When the earliest is due; DT_NOEND: there is none. */
extern TimestampTz wf_timer_next(TimestampTz from);

#endif
