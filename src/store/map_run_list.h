/*
 * map_run_list.h - Map Runs as people ask for them; what is returned is palloc'ed in `context`.  Between wf_store_begin and
 * wf_store_end; rights are the caller's affair.
 */
#ifndef WF_MAP_RUN_LIST_H
#define WF_MAP_RUN_LIST_H

#include "postgres.h"

#include "store/execution_list.h"
#include "store/map_run.h"

typedef struct WfMapRunReport
{
	int64		id;
	int64		execution;
	char	   *execution_name;	/* given or generated */
	char	   *execution_label;	/* of a child that has a distributed Map itself; NULL: it is none */
	char	   *state_machine;	/* its name */
	char	   *label;
	char	   *uuid;
	bool		express;		/* so are its children */
	char	   *status;			/* "RUNNING" */
	TimestampTz started_at;
	TimestampTz stopped_at;		/* 0: it runs */
	int64		max_concurrency;
	int64		tolerated_count;	/* 0: not given */
	double		tolerated_percentage;
	bool		results_written;	/* by a ResultWriter */
	int64		items;			/* that are known */
	int64		items_started;
	int64		started;
	WfMapCounts children;
	WfMapCounts counted;		/* items */
} WfMapRunReport;

/* By the last part of its ARN.  False: there is none. */
extern bool wf_map_run_report(const char *uuid, MemoryContext context, WfMapRunReport *report);

/* Those of an execution with a lower id than `before`, newest first. */
extern int	wf_map_runs_of_execution(int64 execution, int64 before, int limit, MemoryContext context,
									 WfMapRunReport **reports);

/*
 * Its children, newest first: with a status other than RUNNING in the order of their end, whose id is then `before`; else by
 * their number in the Map Run.  status NULL: all.  PG_INT64_MAX and DT_NOEND for the first page.
 */
extern int	wf_map_run_list_children(int64 id, const char *status, int64 before, TimestampTz before_time, int limit,
									 MemoryContext context, WfExecutionInfo **list);

/* Changes what is not negative; the next turn goes by it.  False: it has ended. */
extern bool wf_map_run_change(int64 id, int64 max_concurrency, int64 tolerated_count, double tolerated_percentage);

#endif
