/*
 * service.c - workflow.api(action, request): the service's own interface.  The request is checked as a whole, then the
 * action fills in the response.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "api/service.h"
#include "pg/service_error.h"

typedef struct Action
{
	const char *word;
	const WfField *fields;
	void		(*run) (const WfRequest *request, WfResponse *response);
} Action;

static const Action actions[] = {
#define WF_ACTION(word, identifier) {word, wf_##identifier##_fields, wf_##identifier##_action},
#include "api/actions.def"
#undef WF_ACTION
};

PG_FUNCTION_INFO_V1(workflow_api);

Datum
workflow_api(PG_FUNCTION_ARGS)
{
	char	   *word = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Jsonb	   *json = PG_GETARG_JSONB_P(1);
	WfRequest	request;
	WfResponse	response;

	for (int i = 0; i < lengthof(actions); i++)
	{
		if (strcmp(word, actions[i].word) != 0)
			continue;
		wf_request_check(&request, json, actions[i].fields);
		wf_response_begin(&response);
		actions[i].run(&request, &response);
		PG_RETURN_JSONB_P(wf_response_end(&response));
	}
	wf_service_error_hint(WF_UNKNOWN_OPERATION_ERROR, NULL, "Actions have the service's names, as in 'StartExecution'.",
						  "Unknown operation: '%s'", word);
}
