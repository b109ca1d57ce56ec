/*
 * notify.c - `notify:channel`: a NOTIFY that is sent when the task commits.
 *
 * The payload is an object with the execution and the event's number beside the task's own payload: of equal
 * notifications in one transaction PostgreSQL sends one only.
 */
#include "postgres.h"

#include "commands/async.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "pg/core.h"
#include "task/task.h"

WfPayload *
wf_task_notify(const char *name, WfPayload *input, const WfTaskCall *call)
{
	StringInfoData payload;
	const char *token = wf_task_token(call);
	const char *text = wf_payload_text(input, NULL);

	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	initStringInfo(&payload);
	appendStringInfoString(&payload, "{\"execution\":");
	escape_json(&payload, call->execution_arn);
	appendStringInfo(&payload, ",\"event\":\"%d.%d\",\"payload\":%s", call->frame, call->serial, text);
	if (token != NULL)
		appendStringInfo(&payload, ",\"taskToken\":\"%s\"", token);
	appendStringInfoChar(&payload, '}');

	/* Async_Notify itself refuses a bad channel and a payload that is too long, each with an error of its own. */
	Async_Notify(name, payload.data);
	return wf_core_payload("{}", 2);
}
