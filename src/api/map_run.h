/*
 * map_run.h - what can be done with Map Runs: the operations behind both faces, and what other actions need.
 */
#ifndef WF_API_MAP_RUN_H
#define WF_API_MAP_RUN_H

#include "api/call.h"
#include "api/request.h"
#include "api/response.h"
#include "store/map_run_list.h"

/* Those of an execution with a lower id than `before`, newest first; palloc'ed. */
extern int	wf_list_map_runs(const WfExecutionReference *reference, int64 before, int limit, WfMapRunReport **reports);
extern void wf_describe_map_run(const char *arn, WfMapRunReport *report);

/* Changes what is not negative; raises an error if nothing is given, or if it has ended. */
extern void wf_change_map_run(const char *arn, int64 max_concurrency, int64 tolerated_count, double tolerated_percentage);

extern char *wf_map_run_arn(const WfMapRunReport *report);

/* Of children, or of items: those that run, and that have not been started. */
typedef struct WfMapRunCounts
{
	const WfMapCounts *ended;
	int64		pending;
	int64		running;
	int64		total;
} WfMapRunCounts;

extern WfMapRunCounts wf_map_run_item_counts(const WfMapRunReport *report);
extern WfMapRunCounts wf_map_run_execution_counts(const WfMapRunReport *report);

/* The Map Run that an ARN says, in a call; raises ResourceNotFound. */
extern void wf_call_map_run(WfCall *call, const char *reference, int needs, WfMapRunReport *report);

/* ListExecutions with a mapRunArn. */
extern void wf_list_children(const WfRequest *request, WfResponse *response);

#endif
