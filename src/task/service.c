/*
 * service.c - the service's own actions as tasks: `states:startExecution`, and any action of workflow.api() as
 * `arn:aws:states:::aws-sdk:sfn:…`.
 *
 * They go through the SQL function that everybody calls, as the task's role: what it may do is said in one place.
 */
#include "postgres.h"

#include <stdlib.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/uuid.h"

#include "asl/resource.h"
#include "interpreter/service.h"
#include "pg/core.h"
#include "task/task.h"

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

char *
wf_task_request_id(void)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, DirectFunctionCall1(gen_random_uuid, (Datum) 0)));
}

/*
 * An error of the service: SQLSTATE of class WF but for what raise() raises, message "Code: text".  Its hint and detail are
 * for people, and not the service's.
 */
static bool
is_service_error(const ErrorData *data, char **word, char **text)
{
	const char *sqlstate = unpack_sql_state(data->sqlerrcode);
	char	   *separator = data->message != NULL ? strstr(data->message, ": ") : NULL;

	if (strncmp(sqlstate, "WF", 2) != 0 || sqlstate[2] == 'T' || separator == NULL)
		return false;
	*word = pnstrdup(data->message, separator - data->message);
	*text = pstrdup(separator + 2);
	return true;
}

/* Raises an error of the service as the client calls it. */
static void raise_failure(WfServiceClient client, const char *word, const char *text) __attribute__((noreturn));

static void
raise_failure(WfServiceClient client, const char *word, const char *text)
{
	char	   *error;
	char	   *cause;

	if (!wf_service_failure(client, word, text, wf_task_request_id(), &error, &cause))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	wf_core_free_with(CurrentMemoryContext, free, error);
	wf_core_free_with(CurrentMemoryContext, free, cause);
	wf_task_raise(error, cause);
}

/* Likewise; any other as it is. */
static void raise_as_client(WfServiceClient client, ErrorData *data) __attribute__((noreturn));

static void
raise_as_client(WfServiceClient client, ErrorData *data)
{
	char	   *word;
	char	   *text;

	if (!is_service_error(data, &word, &text))
		ReThrowError(data);
	raise_failure(client, word, text);
}

static WfPayload *
call_api(WfPayload *request, const WfTaskCall *call, WfServiceClient client)
{
	MemoryContext context = CurrentMemoryContext;
	WfPayload  *volatile response = NULL;

	PG_TRY();
	{
		response = wf_task_function("workflow.api", request, call);
	}
	PG_CATCH();
	{
		ErrorData  *data;

		MemoryContextSwitchTo(context);
		data = CopyErrorData();
		FlushErrorState();
		raise_as_client(client, data);
	}
	PG_END_TRY();
	return response;
}

static WfPayload *
run_action(const char *action, WfPayload *input, const WfTaskCall *call, WfServiceClient client)
{
	WfError		error = WF_ERROR_NONE;
	WfPayload  *request = wf_service_request(action, input, &error);
	WfPayload  *result;

	if (request == NULL)
		wf_core_raise(&error);
	wf_core_free_with(CurrentMemoryContext, release_payload, request);
	result = wf_service_response(call_api(request, call, client), client, wf_task_request_id(), &error);
	if (result == NULL)
		wf_core_raise(&error);
	wf_core_free_with(CurrentMemoryContext, release_payload, result);
	return result;
}

WfPayload *
wf_task_states(const char *name, WfPayload *input, const WfTaskCall *call)
{
	WfPayload  *result = run_action(name, input, call, WF_OPTIMIZED_CLIENT);
	const WfTaskStarts *starts = wf_task_current_starts();

	/* Nobody can ask such an execution how it has ended. */
	if (starts->n > 0 && starts->starts[starts->n - 1].express)
		raise_failure(WF_OPTIMIZED_CLIENT, "StateMachineTypeNotSupported",
					  "This operation is not supported by this type of state machine");
	return result;
}

/* --- a poll that waits on --- */

static bool waits_on = false;

bool
wf_task_is_poll(void)
{
	const WfTaskCall *call = wf_task_current();

	return call != NULL && call->task->reader == NULL && wf_resource_is_poll(call->task->resource);
}

void
wf_task_wait_on(void)
{
	waits_on = true;
}

WfPayload *
wf_task_sfn(const char *name, WfPayload *input, const WfTaskCall *call)
{
	WfPayload  *result;

	waits_on = false;
	result = run_action(name, input, call, WF_SDK_CLIENT);
	return waits_on ? NULL : result;
}
