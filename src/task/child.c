/*
 * child.c - `.sync`: the execution that a task's work has started is what the state waits for.
 *
 * So for startExecution, and for whatever a resource with this suffix is mapped to: the function starts an execution, the
 * last one counts.  Work that has started none is done already: the state gets its result at once, in the same way.
 */
#include "postgres.h"

#include "asl/resource.h"
#include "pg/clock.h"
#include "store/awaited_execution.h"
#include "store/execution.h"
#include "store/inbox.h"
#include "store/sql.h"
#include "task/task.h"

static void
answer_at_once(const WfTaskCall *call, WfPayload *result)
{
	WfInbox		answer = {0};

	answer.execution = call->execution;
	answer.kind = WF_INBOX_RESULT;
	answer.frame = call->frame;
	answer.serial = call->serial;
	answer.output = unconstify(char *, wf_payload_text(result, NULL));
	if (answer.output == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	(void) wf_inbox_add(&answer, wf_clock_now());
}

void
wf_task_await_child(const WfTaskCall *call, int64 before, WfPayload *result)
{
	WfAwaited	awaited = {
		.parent = call->execution, .frame = call->frame, .serial = call->serial,
		.parsed = call->task->resource->pattern == WF_SYNC2
	};
	int64		child = wf_execution_last_child(call->execution, before);
	WfAwait		await = WF_AWAIT_NOTHING;
	WfStore		store;

	wf_store_begin(&store);
	if (child != 0)
		await = wf_awaited_add(child, &awaited);
	if (await == WF_AWAIT_NOTHING)
		answer_at_once(call, result);
	wf_store_end(&store);
	if (await == WF_AWAIT_ABANDONED)
		wf_task_raise("States.TaskFailed", "The execution is about to be stopped, because nobody waits for it any more.");
}
