/*
 * activity.h - what can be done with activities: the operations behind both faces.
 */
#ifndef WF_API_ACTIVITY_H
#define WF_API_ACTIVITY_H

#include "api/call.h"
#include "store/activity.h"

/*
 * The activity that a name or ARN says, within a call.  Its owner's members may do everything with it; for others it does
 * not exist.
 */
extern void wf_call_activity(WfCall *call, const char *reference, WfActivity *activity);

#endif
