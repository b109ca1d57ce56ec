/*
 * notify.c - `notify:channel`: a NOTIFY that is sent when the task commits.
 *
 * What is sent is an object with the execution and the event's number beside the task's own payload: of equal
 * notifications in one transaction PostgreSQL sends one only.  A payload that is too large for NOTIFY is kept in a table,
 * under an id that nobody can guess: so it may be read by those who got the notification, whoever they are, as it would
 * have been if it were small.
 */
#include "postgres.h"

#include "commands/async.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/uuid.h"

#include "asl/resource.h"
#include "pg/core.h"
#include "store/notification.h"
#include "store/sql.h"
#include "store/task_token.h"
#include "task/task.h"

/* PostgreSQL's own limit, which no header shows: a notification has fewer bytes than this. */
#define LIMIT (BLCKSZ - NAMEDATALEN - 128)

static void
append_token(StringInfo message, const WfTaskCall *call)
{
	WfTaskReference task = {call->execution, call->frame, call->serial};
	char		token[WF_TASK_TOKEN_SIZE];
	WfStore		store;

	wf_store_begin(&store);
	wf_task_token_make(&task, token);
	wf_store_end(&store);
	appendStringInfo(message, ",\"taskToken\":\"%s\"", token);
}

static void
append_kept(StringInfo message, const WfTaskCall *call, const char *payload, size_t length)
{
	MemoryContext context = CurrentMemoryContext;
	pg_uuid_t  *id;
	WfStore		store;

	wf_store_begin(&store);
	id = wf_notification_keep(call->execution, payload, length, context);
	wf_store_end(&store);
	appendStringInfo(message, ",\"notification\":\"%s\"",
					 DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id))));
}

WfPayload *
wf_task_notify(const char *name, WfPayload *input, const WfTaskCall *call)
{
	StringInfoData message;
	size_t		length;
	const char *payload = wf_payload_text(input, &length);

	if (payload == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	initStringInfo(&message);
	appendStringInfoString(&message, "{\"execution\":");
	escape_json(&message, call->execution_arn);
	appendStringInfo(&message, ",\"event\":\"%d.%d\"", call->frame, call->serial);
	if (call->task->resource->pattern == WF_WAIT_FOR_TASK_TOKEN)
		append_token(&message, call);
	if (message.len + strlen(",\"payload\":}") + length < LIMIT)
		appendStringInfo(&message, ",\"payload\":%s", payload);
	else
		append_kept(&message, call, payload, length);
	appendStringInfoChar(&message, '}');

	/* Async_Notify itself refuses a bad channel, with an error of its own. */
	Async_Notify(name, message.data);
	return wf_core_payload("{}", 2);
}
