/*
 * map_items.h - what wf_task_run() does for a distributed Map's ItemReader and ResultWriter.
 */
#ifndef WF_MAP_ITEMS_H
#define WF_MAP_ITEMS_H

#include "task/task.h"

/* Takes what a reader's resource gave apart, and stores the items; the result is null. */
extern WfPayload *wf_task_store_items(const WfTaskCall *call, WfPayload *result);

/* A kind of work: `sql:query`, whose rows are stored as items. */
extern WfPayload *wf_task_query_items(const char *name, WfPayload *input, const WfTaskCall *call);

/* Runs the task for each file of results; the result says where they are. */
extern WfPayload *wf_task_write_results(const WfTaskCall *call);

#endif
