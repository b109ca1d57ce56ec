/*
 * child.c - executions that a task of another execution waits for; see child.h.
 *
 * The answer goes the way of all answers from outside: a row of the parent's inbox, written with the child's end.  A parent
 * that waits for something else by then takes no notice of it.
 */
#include "postgres.h"

#include <stdlib.h>

#include "mb/pg_wchar.h"

#include "asl/error.h"
#include "engine/child.h"
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

void
wf_child_ended(int64 child, const WfChildEnd *end)
{
	WfAwaited	awaited;
	WfInbox		answer = {0};
	char	   *description;

	if (!wf_awaited_take(child, &awaited))
		return;
	description = describe(end, awaited.parsed);
	answer.execution = awaited.parent;
	answer.frame = awaited.frame;
	answer.serial = awaited.serial;
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
wf_child_abandon(int64 parent, const char *parent_arn, int frame, int serial)
{
	int64	   *children;
	int			n = wf_awaited_abandon(parent, frame, serial, &children);

	for (int i = 0; i < n; i++)
		wf_execution_request_stop(children[i], WF_INBOX_STOP, NULL,
								  psprintf("Stopped, because the execution that started it no longer waits for it: '%s'",
										   parent_arn),
								  wf_clock_now());
}
