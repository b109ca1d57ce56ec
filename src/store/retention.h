/*
 * retention.h - executions that ended long ago, and all that is stored of them, leave.
 *
 * How long they stay is said by their machine's retention, or else by workflow.retention (workflow.express_retention).  They
 * are deleted oldest first, some at a time: rows of executions that have ended, which nobody changes any more, and which are
 * locked by nobody but another purge, which is passed over.  A Map Run's children go with it: its end is theirs, so that as
 * long as it runs nothing is looked at again and again that must stay.
 */
#ifndef WF_RETENTION_H
#define WF_RETENTION_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/timestamp.h"

/* How far one machine's purge has come. */
typedef struct WfPurge
{
	int64		state_machine_id;
	Oid			owner;
	TimestampTz before;			/* what ended before then goes; DT_NOBEGIN: nothing */
	TimestampTz express_before; /* the same of a Map Run's children that are EXPRESS */
	int			status;			/* of the statuses an execution can end with, one after the other */
	TimestampTz last_at;		/* the last one that went: behind it, its like need not be stepped over again */
	int64		last_id;
	int64		map_run;		/* whose children are going; 0: of none */
	int64		last_child;		/* of them, the last one that went */
} WfPurge;

/* A machine's own retention; NULL: it has none, and workflow.retention counts. */
extern void wf_retention_set(int64 state_machine_id, const Interval *retention);

/*
 * A purge for each machine whose executions leave at all, deleted ones included; palloc'ed.  older_than: instead of the
 * retentions; NULL: these.  state_machine_id 0: all machines; a retention of their own that is longer than older_than counts.
 */
extern int	wf_purge_list(int64 state_machine_id, const Interval *older_than, MemoryContext context, WfPurge **purges);

/* Deletes up to `limit` executions, added to *purged, or a Map Run.  False: there are no more. */
extern bool wf_purge_some(WfPurge *purge, int limit, int64 *purged);

/*
 * A machine that is DELETED leaves with its last execution and Map Run; one that is still DELETING, too: of two executions
 * that were the last and ended at once, neither notices.
 */
extern void wf_purge_machine(int64 state_machine_id);

#endif
