/*
 * history.h - the event histories: append-only.  A row is a part: the events of one step, packed (interpreter/history_part.h).
 */
#ifndef WF_HISTORY_H
#define WF_HISTORY_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "interpreter/interpreter.h"

/* Appends events of one execution, which must be locked or unknown to others.  Between wf_store_begin and wf_store_end. */
extern void wf_history_append(int64 execution, const WfEvent *events, int n);

typedef struct WfStoredEvent
{
	int			id;
	int			previous_id;
	WfEventType type;
	TimestampTz at;
	char	   *details;		/* JSON text; NULL: none */
} WfStoredEvent;

/* Gives a part's events to `receive` one by one; details are palloc'ed, and its to free.  Raises what is no part. */
typedef void (*WfHistoryReceiver) (const WfStoredEvent *event, void *arg);
extern void wf_history_unpack(const char *part, size_t length, int first_id, TimestampTz at, WfHistoryReceiver receive,
							  void *arg);

/*
 * Lists up to `limit` events after `from`, or, reversed, before it.  Palloc'ed in the given context; returns how many.
 * Between wf_store_begin and wf_store_end.
 */
extern int	wf_history_list(int64 execution, int from, bool reverse, int limit, MemoryContext context,
							WfStoredEvent **events);

#endif
