/*
 * execution_list.h - executions as people ask for them: found by name, described, listed page by page.
 *
 * Between wf_store_begin and wf_store_end; what is returned is palloc'ed in `context`.  Rights are the caller's affair.
 */
#ifndef WF_EXECUTION_LIST_H
#define WF_EXECUTION_LIST_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct WfExecutionInfo
{
	int64		id;
	char	   *name;			/* given or generated */
	char	   *status;			/* "RUNNING" */
	TimestampTz started_at;
	TimestampTz stopped_at;		/* 0: it has not ended */
	TransactionId xmin;			/* who started it */
	int64		map_index;		/* of a Map Run's child: its number, and of how many items it is */
	int64		map_items;
	/* the rest only from wf_execution_info */
	char	   *map_label;		/* of a Map Run's child: the Map's label, and the Map Run's UUID; else NULL */
	char	   *map_uuid;
	bool		map_express;	/* it is an EXPRESS one */
	char	   *input;
	char	   *trace_header;
	char	   *output;
	char	   *error;
	char	   *cause;
} WfExecutionInfo;

/*
 * Ids of the executions of that name, given or generated, of the machine of that name (NULL: of any).  Those of DELETED
 * machines count only where there is no other.  Returns how many.
 */
extern int	wf_executions_by_name(const char *machine, const char *execution, MemoryContext context, int64 **ids);

/* Is it an EXPRESS child of a Map Run?  (Of others their machine says what they are.) */
extern bool wf_execution_is_express_child(int64 execution);

/* False: there is none. */
extern bool wf_execution_info(int64 execution, MemoryContext context, WfExecutionInfo *info);

/*
 * The newest executions of a machine, at most `limit`, in the order of their start; with a status other than RUNNING, in
 * the order of their end.  status NULL: all.  before_id and before_time: as in the last row of the page before;
 * PG_INT64_MAX and DT_NOEND for the first page.
 */
extern int	wf_execution_list(int64 state_machine_id, const char *status, int64 before_id, TimestampTz before_time,
							  int limit, MemoryContext context, WfExecutionInfo **list);

#endif
