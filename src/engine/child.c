/*
 * child.c - executions that tasks of other executions wait for; see child.h.
 *
 * The answer goes the way of all answers from outside: a row of the parent's inbox, written with the child's end.  A parent
 * that waits for something else by then takes no notice of it.
 *
 * A row of awaited_execution that a child's end can see belongs to that end, and nobody else touches it.  A child's own row
 * commits with the child, so its end sees it.  One who joins may commit it while the end is under way: so he writes into
 * the child's inbox, too, and whoever carries that out holds the child, whose end then is still to come, or sees the end,
 * and answers himself.
 */
#include "postgres.h"

#include <stdlib.h>

#include "mb/pg_wchar.h"

#include "asl/error.h"
#include "engine/child.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/core.h"
#include "store/awaited_execution.h"
#include "store/execution.h"
#include "store/inbox.h"

#define MAX_CAUSE	32768		/* bytes, as the service has it */

/* The child's description, palloc'ed.  Within a cause, input and output are always text. */
static char *
describe(const WfChildEnd *end, bool parsed)
{
	WfError		error = WF_ERROR_NONE;
	char	   *text = wf_child_description(end, parsed && end->status == WF_SUCCEEDED, &error);

	if (text == NULL)
		wf_core_raise(&error);
	wf_core_free_with(CurrentMemoryContext, free, text);
	return text;
}

static void
answer_parent(const WfAwaited *awaited, const WfChildEnd *end)
{
	WfInbox		answer = {.execution = awaited->parent, .frame = awaited->frame, .serial = awaited->serial};
	char	   *description = describe(end, awaited->parsed);

	if (end->status == WF_SUCCEEDED)
	{
		answer.kind = WF_INBOX_RESULT;
		answer.output = description;
	}
	else
	{
		answer.kind = WF_INBOX_FAILURE;
		answer.error = pstrdup(wf_error_name(WF_STATES_TASK_FAILED));
		/* Each parent would have its child's cause in its own, escaped once more: twice as long at each level. */
		answer.cause = pnstrdup(description, pg_mbcliplen(description, strlen(description), MAX_CAUSE));
	}
	(void) wf_inbox_add(&answer, wf_clock_from_unix(end->stopped_at));
}

void
wf_child_ended(int64 child, const WfChildEnd *end)
{
	WfAwaited  *awaited;
	int			n = wf_awaited_take(child, &awaited);

	for (int i = 0; i < n; i++)
		answer_parent(&awaited[i], end);
}

void
wf_child_has_ended(int64 child)
{
	WfStoredExecution stored;
	WfStoredEnd end;

	if (!wf_execution_read(child, true, &stored) || !wf_execution_read_end(child, &end))
		return;
	wf_child_ended(child, &(WfChildEnd) {
		.arn = wf_execution_arn(stored.state_machine_name, stored.express, stored.name, child), .name = stored.name,
		.state_machine_arn = wf_arn_state_machine(stored.state_machine_name), .status = end.status,
		.started_at = wf_clock_to_unix(stored.started_at), .stopped_at = wf_clock_to_unix(end.stopped_at),
		.input = wf_payload_text(stored.input, NULL), .output = end.output, .error = end.error, .cause = end.cause
	});
}

void
wf_child_abandon(int64 parent, const char *parent_arn, int frame, int serial)
{
	int64	   *children;
	int			n = wf_awaited_below(parent, frame, serial, &children);

	for (int i = 0; i < n; i++)
		wf_execution_request_stop(children[i], WF_INBOX_ABANDON, NULL,
								  psprintf("Stopped, because the execution that started it no longer waits for it: '%s'",
										   parent_arn),
								  wf_clock_now());
}
