/*
 * activity.h - what can be done with activities: the operations behind both faces.
 */
#ifndef WF_API_ACTIVITY_H
#define WF_API_ACTIVITY_H

#include "api/call.h"
#include "store/activity.h"

/*
 * The activity that a name or ARN says, within a call.  Raises the service's errors: it does not exist (for this role), is not
 * for this role to `needs` (WF_MAY_…; 0: whoever asks may do what he is going to).
 */
extern void wf_call_activity(WfCall *call, const char *reference, int needs, WfActivity *activity);

/* The same, but false if it does not exist. */
extern bool wf_call_try_activity(WfCall *call, const char *reference, int needs, WfActivity *activity);

#endif
