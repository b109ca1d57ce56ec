/*
 * awaited_execution.h - child executions that a task waits for (.sync).
 *
 * The row is written with the child, in the transaction of the task that starts it, and goes with the child's end.  Between
 * wf_store_begin and wf_store_end.
 */
#ifndef WF_AWAITED_EXECUTION_H
#define WF_AWAITED_EXECUTION_H

#include "postgres.h"

typedef struct WfAwaited
{
	int64		parent;
	int			frame;
	int			serial;
	bool		parsed;			/* .sync:2: the result shows the child's input and output as JSON */
} WfAwaited;

typedef enum WfAwait
{
	WF_AWAIT_CHILD,
	WF_AWAIT_NOTHING,			/* there is no such execution, or it is no child of that parent */
	WF_AWAIT_ABANDONED			/* the parent is about to be stopped, because nobody waits for it any more */
} WfAwait;

extern WfAwait wf_awaited_add(int64 child, const WfAwaited *awaited);

/* At the child's end: who waited for it; the row is gone.  False: nobody does. */
extern bool wf_awaited_take(int64 child, WfAwaited *awaited);

/*
 * The task no longer waits (frame -1: no task of the parent does): the child that it waited for, and all whom this one waits
 * for in turn, palloc'ed in the SPI context.  All at once, so that a machine that starts itself for ever does not run away
 * from its stop.  Not such as are ending this moment: who cancels a task waits for nobody.
 */
extern int	wf_awaited_abandon(int64 parent, int frame, int serial, int64 **children);

#endif
