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
} WfTimer;

/* Adds a timer, and wakes the scheduler at commit if it is the earliest. */
extern void wf_timer_add(const WfTimer *timer);

/* Deletes a timer that is no longer wanted, unless the scheduler holds it: it will find that nobody waits for it. */
extern void wf_timer_cancel(const WfTimer *timer);

/* Deletes a timer that this transaction has claimed. */
extern void wf_timer_delete(const WfTimer *timer);

/* Claims up to `limit` timers that are due behind the first `skip`, in ascending order of their executions. */
extern int	wf_timer_claim(TimestampTz now, int skip, int limit, MemoryContext context, WfTimer **timers);

/* Moves a timer that this transaction has claimed to a later moment. */
extern void wf_timer_postpone(const WfTimer *timer, TimestampTz to);

/* When the earliest is due; 0: there is none. */
extern TimestampTz wf_timer_next(void);

#endif
