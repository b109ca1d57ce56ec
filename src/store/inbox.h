/*
 * inbox.h - what comes in from outside for an execution: written without any of its locks, worked off by the scheduler.
 */
#ifndef WF_INBOX_H
#define WF_INBOX_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct WfInbox
{
	int64		id;
	int64		execution;
	char		kind;			/* 's' stop, 'd' its machine is being deleted */
	int			frame;
	int			serial;
	char	   *output;			/* compact JSON; NULL: none */
	char	   *error;
	char	   *cause;
} WfInbox;

/* Adds a row, and wakes the scheduler at commit. */
extern void wf_inbox_add(int64 execution, char kind, int frame, int serial, const char *output, const char *error,
						 const char *cause, TimestampTz at);

/*
 * Claims up to `limit` rows behind the first `skip`, in ascending order of their executions; strings are palloc'ed in the
 * context.  `from`: nobody can see a row with a lower id (see timer.h).
 */
extern int	wf_inbox_claim(int64 from, int skip, int limit, MemoryContext context, WfInbox **rows);

/* The first row's id; PG_INT64_MAX: there is none. */
extern int64 wf_inbox_first(int64 from);

/* The row is done with.  With the last of the executions of a machine that is DELETING the machine is DELETED. */
extern void wf_inbox_delete(const WfInbox *row);
extern void wf_inbox_postpone(const WfInbox *row, int milliseconds);

#endif
