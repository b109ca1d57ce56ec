/*
 * child.c - `.sync`: the execution that a task's work has started is what the state waits for.
 *
 * So for startExecution, and for whatever a resource with this suffix is mapped to: the function starts an execution; the
 * last one counts that has not been rolled back, and nothing that a deferred trigger starts.  Work that has started none is
 * done already: the state gets its result at once, in the same way.
 *
 * Who starts an execution under a name of which one runs already, with the same input, is given that one: the task waits for
 * its end as for its own child's, but does not stop it.
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
wf_task_note_start(const WfTaskStart *start)
{
	WfTaskStarts *starts = wf_task_current_starts();

	if (starts == NULL || starts->context == NULL)
		return;
	if (starts->starts == NULL)
		starts->starts = MemoryContextAlloc(starts->context, sizeof(WfTaskStart));
	else if ((starts->n & (starts->n - 1)) == 0)	/* full at each power of two */
		starts->starts = repalloc(starts->starts, 2 * starts->n * sizeof(WfTaskStart));
	starts->starts[starts->n++] = *start;
}

static WfAwait
await_execution(const WfTaskCall *call, const WfTaskStart *start)
{
	WfAwaited	awaited = {
		.parent = call->execution, .frame = call->frame, .serial = call->serial,
		.parsed = call->task->resource->pattern == WF_SYNC2, .joined = start->joined
	};
	WfInbox		look = {.execution = start->execution, .kind = WF_INBOX_JOIN};
	WfAwait		result = wf_awaited_add(start->execution, &awaited);

	if (result == WF_AWAIT_CHILD && start->joined)
		(void) wf_inbox_add(&look, wf_clock_now());
	return result;
}

void
wf_task_await_child(const WfTaskCall *call, const WfTaskStarts *starts, WfPayload *result)
{
	WfAwait		await = WF_AWAIT_NOTHING;
	WfStore		store;

	wf_store_begin(&store);
	for (int i = starts->n - 1; i >= 0 && await == WF_AWAIT_NOTHING; i--)
		await = await_execution(call, &starts->starts[i]);
	if (await == WF_AWAIT_NOTHING)
		answer_at_once(call, result);
	wf_store_end(&store);
	if (await == WF_AWAIT_ABANDONED)
		wf_task_raise("States.TaskFailed", "The execution is about to be stopped, because nobody waits for it any more.");
}
