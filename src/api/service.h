/*
 * service.h - the actions of workflow.api(): for each its fields, and the function that fills in the response.
 */
#ifndef WF_SERVICE_H
#define WF_SERVICE_H

#include "api/request.h"
#include "api/response.h"

#define WF_ACTION(word, identifier) \
	extern const WfField wf_##identifier##_fields[]; \
	extern void wf_##identifier##_action(const WfRequest *request, WfResponse *response);
#include "api/actions.def"
#undef WF_ACTION

#endif
