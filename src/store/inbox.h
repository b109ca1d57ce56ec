/*
 * inbox.h - what comes in from outside for an execution: written without any of its locks, worked off by the scheduler.
 */
#ifndef WF_INBOX_H
#define WF_INBOX_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef enum WfInboxKind
{
	WF_INBOX_STOP = 's',
	WF_INBOX_DELETE = 'd',		/* a stop, because its machine is being deleted */
	WF_INBOX_ABANDON = 'b',		/* a stop, because who started it waits for it no longer */
	WF_INBOX_JOIN = 'j',		/* somebody waits for its end: has it come already? */

	/* Of the task that frame and serial name: */
	WF_INBOX_STARTED = 'a',		/* a worker has taken it */
	WF_INBOX_HEARTBEAT = 'h',
	WF_INBOX_RESULT = 'r',		/* output */
	WF_INBOX_FAILURE = 'f',		/* error and cause, each of which may be NULL */
	WF_INBOX_OFFERED = 'o'		/* it polls an activity, which may have a task for it (activity_poll.h) */
} WfInboxKind;

typedef struct WfInbox
{
	int64		id;
	int64		execution;
	WfInboxKind kind;
	int			frame;
	int			serial;
	char	   *output;			/* compact JSON; NULL: none */
	char	   *error;
	char	   *cause;
	char	   *worker;			/* NULL: it has not said who it is */
	bool		kept;			/* it is not done with, although its execution has been moved on */
} WfInbox;

/*
 * Adds a row (its id and `kept` do not count), and wakes the scheduler at commit.  False: the task has been answered before
 * (or told of an offer), by a row that is still there.
 */
extern bool wf_inbox_add(const WfInbox *row, TimestampTz at);

/*
 * Out of the scheduler's look: an answer that came before its task's immediate answer was there waits for wf_inbox_release,
 * which gives it free; others wait for a worker (WF_READY_SET_ASIDE), who takes them in their order, from this id upwards.
 */
extern void wf_inbox_set_aside(const WfInbox *row);
extern int	wf_inbox_claim_set_aside(int64 execution, int64 from, int limit, MemoryContext context, WfInbox **rows);
extern void wf_inbox_delete_set_aside(int64 execution);
extern void wf_inbox_release(int64 execution, int frame, int serial);

/* Is there an answer for this task that nobody has carried out yet? */
extern bool wf_inbox_has_answer(int64 execution, int frame, int serial);

/*
 * Claims up to `limit` rows behind the first `skip`, in ascending order of their executions; strings are palloc'ed in the
 * context.  `from`: nobody can see a row with a lower id (see timer.h).
 */
extern int	wf_inbox_claim(int64 from, int skip, int limit, MemoryContext context, WfInbox **rows);

/* The id of the first row that is not set aside; PG_INT64_MAX: there is none. */
extern int64 wf_inbox_first(int64 from);

/* The row is done with.  With the last of the executions of a machine that is DELETING the machine is DELETED. */
extern void wf_inbox_delete(const WfInbox *row);
extern void wf_inbox_postpone(const WfInbox *row, int milliseconds);

#endif
