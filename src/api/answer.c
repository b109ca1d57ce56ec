/*
 * answer.c - SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat, both faces: answers from outside to a task that is out.
 *
 * The token is all that is asked for: who has it may answer, once.  What the answer does is the scheduler's; here it is
 * written into the inbox, with the sender's transaction, and the scheduler is woken at its commit.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/arguments.h"
#include "api/call.h"
#include "api/input.h"
#include "api/service.h"
#include "pg/clock.h"
#include "pg/compat.h"
#include "pg/service_error.h"
#include "store/frame.h"
#include "store/inbox.h"
#include "store/task_token.h"
#include "task/task.h"

PG_FUNCTION_INFO_V1(workflow_send_task_success);
PG_FUNCTION_INFO_V1(workflow_send_task_failure);
PG_FUNCTION_INFO_V1(workflow_send_task_heartbeat);

#define MAX_TOKEN	2048		/* characters */
#define MAX_ERROR	256
#define MAX_CAUSE	32768

static void
check_length(const char *field, const char *text, int least, int most)
{
	int			length = text == NULL ? least : pg_mbstrlen(text);

	if (length < least || length > most)
		wf_service_error(WF_VALIDATION_ERROR, "1 validation error detected: Value at '%s' failed to satisfy "
						 "constraint: Member must have length %s than or equal to %d", field,
						 length < least ? "greater" : "less", length < least ? least : most);
}

/* A task's own function may answer it: it is waited for as soon as the function is done. */
static bool
is_running_here(const WfTaskReference *task)
{
	const WfTaskCall *call = wf_task_current();

	return call != NULL && call->execution == task->execution && call->frame == task->frame && call->serial == task->serial;
}

/*
 * The row is written first and the task looked for then: an earlier answer is either still in the inbox, where the new one
 * meets it, or it has been carried out, and then the task is seen to be no longer out.
 */
static void
send(const char *action, const char *token, WfInbox *row)
{
	WfCall		call;
	WfTaskReference task;
	bool		waits;

	check_length("taskToken", token, 1, MAX_TOKEN);
	wf_call_begin(&call, action);
	if (!wf_task_token_read(token, &task))
		wf_service_error(WF_INVALID_TOKEN_ERROR, "Invalid Token: 'Invalid token'");
	if (row->kind == WF_INBOX_RESULT)
		row->output = wf_input_compact(row->output, WF_OUTPUT_OF_TASK);
	row->execution = task.execution;
	row->frame = task.frame;
	row->serial = task.serial;
	waits = row->kind != WF_INBOX_HEARTBEAT || !wf_inbox_has_answer(task.execution, task.frame, task.serial);
	if (!waits || !wf_inbox_add(row, wf_clock_now()) ||
		(!is_running_here(&task) && !wf_frame_has_task(task.execution, task.frame, task.serial)))
		wf_service_error(WF_TASK_TIMED_OUT_ERROR, "Task Timed Out: 'Provided task does not exist anymore'");
	wf_call_end(&call);
}

static void
send_success(const char *token, const char *output)
{
	WfInbox		row = {.kind = WF_INBOX_RESULT, .output = unconstify(char *, output)};

	send("SendTaskSuccess", token, &row);
}

static void
send_failure(const char *token, char *error, char *cause)
{
	WfInbox		row = {.kind = WF_INBOX_FAILURE, .error = error, .cause = cause};

	check_length("error", error, 0, MAX_ERROR);
	check_length("cause", cause, 0, MAX_CAUSE);
	send("SendTaskFailure", token, &row);
}

static void
send_heartbeat(const char *token)
{
	WfInbox		row = {.kind = WF_INBOX_HEARTBEAT};

	send("SendTaskHeartbeat", token, &row);
}

/* --- the service's actions --- */

#define TOKEN_FIELD {"taskToken", WF_FIELD_STRING, WF_FIELD_REQUIRED, 1, MAX_TOKEN, NULL, NULL}

const WfField wf_send_task_success_fields[] = {
	TOKEN_FIELD,
	{"output", WF_FIELD_STRING, WF_FIELD_REQUIRED | WF_FIELD_SENSITIVE, 0, -1, NULL, NULL},
	{NULL}
};

void
wf_send_task_success_action(const WfRequest *request, WfResponse *response)
{
	send_success(wf_request_string(request, "taskToken"), wf_request_string(request, "output"));
}

const WfField wf_send_task_failure_fields[] = {
	TOKEN_FIELD,
	{"error", WF_FIELD_STRING, WF_FIELD_SENSITIVE, 0, MAX_ERROR, NULL, NULL},
	{"cause", WF_FIELD_STRING, WF_FIELD_SENSITIVE, 0, MAX_CAUSE, NULL, NULL},
	{NULL}
};

void
wf_send_task_failure_action(const WfRequest *request, WfResponse *response)
{
	send_failure(wf_request_string(request, "taskToken"), wf_request_string(request, "error"),
				 wf_request_string(request, "cause"));
}

const WfField wf_send_task_heartbeat_fields[] = {
	TOKEN_FIELD,
	{NULL}
};

void
wf_send_task_heartbeat_action(const WfRequest *request, WfResponse *response)
{
	send_heartbeat(wf_request_string(request, "taskToken"));
}

/* --- the SQL functions --- */

/* (token, output) */
Datum
workflow_send_task_success(PG_FUNCTION_ARGS)
{
	char	   *token = wf_argument_required(fcinfo, 0, "token");
	Jsonb	   *output = PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1);

	send_success(token, output == NULL ? "null" : JsonbToCString(NULL, &output->root, VARSIZE(output)));
	PG_RETURN_VOID();
}

/* (token, error, cause) */
Datum
workflow_send_task_failure(PG_FUNCTION_ARGS)
{
	send_failure(wf_argument_required(fcinfo, 0, "token"), wf_argument_text(fcinfo, 1), wf_argument_text(fcinfo, 2));
	PG_RETURN_VOID();
}

/* (token) */
Datum
workflow_send_task_heartbeat(PG_FUNCTION_ARGS)
{
	send_heartbeat(wf_argument_required(fcinfo, 0, "token"));
	PG_RETURN_VOID();
}
