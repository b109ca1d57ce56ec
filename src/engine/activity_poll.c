/*
 * activity_poll.c - the ends of a wait for an activity's task: one is handed out, or there was none for so long.
 *
 * Done by who holds the poller's execution, so that the task is taken, its token given and the state left in one transaction:
 * a stop or a timeout comes before it or after it, and what it takes is never lost between the two.
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "engine/internal.h"
#include "interpreter/service.h"
#include "pg/core.h"
#include "pg/settings.h"
#include "store/activity.h"
#include "store/activity_poll.h"
#include "worker/worker.h"

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

static WfPayload *
make_response(const char *token, const char *input)
{
	StringInfoData text;
	WfError		error = WF_ERROR_NONE;
	WfPayload  *response;

	initStringInfo(&text);
	appendStringInfoString(&text, "{\"taskToken\":");
	escape_json(&text, token);
	appendStringInfoString(&text, ",\"input\":");
	escape_json(&text, input);
	appendStringInfoChar(&text, '}');
	response = wf_service_response(wf_core_payload(text.data, text.len), WF_SDK_CLIENT, "", &error);
	if (response == NULL)
		wf_core_raise(&error);
	wf_core_free_with(CurrentMemoryContext, release_payload, response);
	return response;
}

static bool
fits(WfPayload *response)
{
	return wf_setting_max_payload == 0 || wf_payload_size(response) <= (size_t) wf_setting_max_payload;
}

/*
 * NULL: there is no task.  One whose token and input are together more than a result may be is not taken: the poll fails by
 * it, as where it need not have waited, and the task stays there for a worker that can carry it.
 */
static WfPayload *
take(const WfActivityPoll *poll, const WfActivity *activity)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	WfPayload  *volatile response = NULL;
	char	   *token;
	char	   *input;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		if (wf_activity_task_hand_out(activity->id, wf_activity_poll_tasks(activity, poll->role), poll->worker, context,
									  &token, &input))
			response = make_response(token, input);
		if (response == NULL || fits(response))
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		RollbackAndReleaseCurrentSubTransaction();
		PG_RE_THROW();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return response;
}

static void
end_wait(WfRun *run, int frame, int serial, WfPayload *response)
{
	WfTaskToRun task;

	wf_run_get_task(run, frame, &task);
	wf_run_task_done(run, frame, serial, task.resource, response);
}

void
wf_activity_poll_serve(WfRun *run, int frame, int serial)
{
	WfActivityPoll poll;
	WfActivity	activity;
	WfPayload  *response;

	if (!wf_run_expects(run, frame, serial) ||
		!wf_activity_poll_find(wf_run_id(run), frame, serial, CurrentMemoryContext, &poll))
		return;
	if (!wf_activity_by_id(poll.activity, CurrentMemoryContext, &activity))
	{
		/* Its work is done once more: it finds that out by itself, and fails. */
		wf_activity_poll_delete(wf_run_id(run), frame, serial);
		wf_ready_add_task(wf_run_role(run), wf_run_id(run), frame, serial, false);
	}
	else if ((response = take(&poll, &activity)) != NULL)
	{
		wf_activity_poll_delete(wf_run_id(run), frame, serial);
		end_wait(run, frame, serial, response);
	}
	else if (!wf_is_scheduler())
		wf_wake_for_polls(poll.activity);	/* who passes by the row that we hold */
}

void
wf_activity_poll_end(WfRun *run, int frame, int serial)
{
	if (!wf_run_expects(run, frame, serial))
		return;
	wf_activity_poll_expire(wf_run_id(run), frame, serial);
	end_wait(run, frame, serial, wf_core_payload("{}", 2));
}
