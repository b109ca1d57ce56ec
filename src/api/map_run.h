/*
 * map_run.h - what other actions need of Map Runs.
 */
#ifndef WF_API_MAP_RUN_H
#define WF_API_MAP_RUN_H

#include "api/call.h"
#include "api/request.h"
#include "api/response.h"
#include "store/map_run_list.h"

/* The Map Run that an ARN says, in a call; raises ResourceNotFound. */
extern void wf_call_map_run(WfCall *call, const char *reference, int needs, WfMapRunReport *report);

/* ListExecutions with a mapRunArn. */
extern void wf_list_children(const WfRequest *request, WfResponse *response);

#endif
