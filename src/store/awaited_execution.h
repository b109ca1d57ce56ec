/*
 * awaited_execution.h - executions whose end tasks wait for (.sync).
 *
 * A row is written in the transaction of the task that waits, and goes with the execution's end, which alone deletes here:
 * nobody waits for another's lock.  Between wf_store_begin and wf_store_end.
 */
#ifndef WF_AWAITED_EXECUTION_H
#define WF_AWAITED_EXECUTION_H

#include "postgres.h"

typedef struct WfAwaited
{
	int64		parent;
	int			frame;
	int			serial;
	bool		parsed;			/* .sync:2: the result shows the execution's input and output as JSON */
	bool		joined;			/* it ran already under the name that the task gave: no child of the parent */
} WfAwaited;

typedef enum WfAwait
{
	WF_AWAIT_CHILD,
	WF_AWAIT_NOTHING,			/* there is no such execution (any more); or it is not joined, and no child of that parent */
	WF_AWAIT_ABANDONED			/* the parent is about to be stopped: nobody waits for it, or for one above it, any more */
} WfAwait;

/* Who joins also tells the execution (WF_INBOX_JOIN): its end may be under way. */
extern WfAwait wf_awaited_add(int64 execution, const WfAwaited *awaited);

/* At the execution's end: who still waits for it, palloc'ed in the SPI context; the rows are gone. */
extern int	wf_awaited_take(int64 execution, WfAwaited **awaited);

/*
 * The task no longer waits (frame -1: no task of the parent does): the child that it has started and waited for, and all
 * whom this one waits for in turn, palloc'ed in the SPI context, but for who has been abandoned before.  All at once: level
 * by level, a long chain would work on for as long as the stop takes to come down.
 */
extern int	wf_awaited_below(int64 parent, int frame, int serial, int64 **children);

#endif
