/*
 * state_task.c - Task: gives work out and takes its end back.
 *
 *     begin ──Scheduled──▶ out ──Started──▶ running ──Submitted──▶ (.sync, .waitForTaskToken: goes on waiting)
 *                            │                 │
 *                            └────────┬────────┘
 *                  Succeeded │ Failed │ TimedOut (its own clock, or a heartbeat missed)
 *
 * The clocks run from Started, not from Scheduled.  Parameters that were computed are kept while the task is out: an
 * intrinsic function may give another value when it is asked again, and the worker must get what the history shows.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/credentials.h"
#include "interpreter/internal.h"

/* The event types of each family, in the order of WfEventFamily. */
static const struct
{
	WfEventType scheduled,
				started,
				submitted,
				succeeded,
				failed,
				timed_out;
}			families[] = {
	{WF_TASK_SCHEDULED_EVENT, WF_TASK_STARTED_EVENT, WF_TASK_SUBMITTED_EVENT, WF_TASK_SUCCEEDED_EVENT,
	WF_TASK_FAILED_EVENT, WF_TASK_TIMED_OUT_EVENT},
	{WF_LAMBDA_FUNCTION_SCHEDULED_EVENT, WF_LAMBDA_FUNCTION_STARTED_EVENT, WF_EVENT_NONE,
	WF_LAMBDA_FUNCTION_SUCCEEDED_EVENT, WF_LAMBDA_FUNCTION_FAILED_EVENT, WF_LAMBDA_FUNCTION_TIMED_OUT_EVENT},
	{WF_ACTIVITY_SCHEDULED_EVENT, WF_ACTIVITY_STARTED_EVENT, WF_EVENT_NONE, WF_ACTIVITY_SUCCEEDED_EVENT,
	WF_ACTIVITY_FAILED_EVENT, WF_ACTIVITY_TIMED_OUT_EVENT},
};

/* Adds one of the task's events; the frame's next one points back to it. */
static WfEvent *
add_task_event(WfExecution *x, WfFrame *frame, WfEventType type)
{
	WfEvent    *event = wf_add_event(x, type, frame->last);

	if (event)
	{
		event->resource = &frame->state->task.resource;
		frame->last = event->id;
	}
	return event;
}

/*
 * Sets *value to a timeout; 0: none.  One that was computed when the task was given out, `known`, is not computed again.  It
 * must leave some time; literals and queries have been looked at.
 */
static bool
find_seconds(WfView *view, const WfNumber *number, const char *field, WfPayload *input, int64_t known, int64_t *value,
			 WfError *error)
{
	json_t	   *found;
	bool		good;

	if (number->query && view->frame->status == WF_FRAME_TASK)
	{
		*value = known;
		return true;
	}
	if (!wf_apply_number(view, number, field, input, 0, value, error))
		return false;
	if (!number->path || *value > 0)
		return true;
	found = json_integer(*value);
	good = found ? wf_refuse_number(field, wf_path_text(number->path), found, "positive integer", error) :
		wf_error_no_memory(error);
	json_decref(found);
	return good;
}

/* In JSONata a value of another type is its query's failure. */
static bool
check_credentials(const WfTemplate *template_, WfPayload *evaluated, WfError *error)
{
	const WfQuery *whole = wf_template_query(template_);
	const WfQuery *query = wf_template_member_query(template_, "RoleArn");
	json_t	   *value = wf_payload_json(evaluated, error);
	json_t	   *role = json_object_get(value, "RoleArn");

	if (!value)
		return false;
	if (whole && !json_is_object(value))
		return wf_query_refuse(whole, value, "object", error);
	return !query || json_is_string(role) || wf_query_refuse(query, role, "string", error);
}

static WfPayload *
apply_credentials(WfView *view, const WfTemplate *template_, WfPayload *input, WfError *error)
{
	WfPayload  *evaluated = wf_apply_template(view, template_, input, error);
	WfPayload  *credentials = evaluated && check_credentials(template_, evaluated, error) ? wf_credentials(evaluated, error) : NULL;

	wf_payload_release(evaluated);
	return credentials;
}

/* Fills *task in from the frame's state and input; false with *error. */
static bool
describe_task(WfExecution *x, const WfFrame *frame, WfTaskToRun *task, WfError *error)
{
	const WfState *state = frame->state;
	WfPayload  *input = NULL;
	WfView		view;
	bool		good;

	memset(task, 0, sizeof(*task));
	task->resource = &state->task.resource;
	task->state_name = state->name;
	task->attempt = frame->attempt;
	task->alone = wf_frame_alone(x, frame);
	wf_view_open(&view, x, frame);
	good = (input = wf_apply_path(&view, &state->input_path, frame->input, error)) &&
		(task->parameters = frame->items && frame->status == WF_FRAME_TASK ? wf_payload_share(frame->items) :
		 wf_apply_template(&view, state->parameters, input, error)) &&
		find_seconds(&view, &state->task.timeout, "TimeoutSecondsPath", input, frame->timeout, &task->timeout, error) &&
		find_seconds(&view, &state->task.heartbeat, "HeartbeatSecondsPath", input, frame->heartbeat, &task->heartbeat,
					 error) &&
		(!state->task.credentials ||
		 (task->credentials = apply_credentials(&view, state->task.credentials, input, error)));
	wf_view_close(&view);
	wf_payload_release(input);
	if (!good)
		wf_task_to_run_clear(task);
	return good;
}

/* A task for nobody is not scheduled at all. */
static bool
check_activity(WfExecution *x, const WfResource *resource, WfError *error)
{
	bool		has = true;

	if (resource->family != WF_FAMILY_ACTIVITY || !x->keeper->has_activity)
		return true;
	return x->keeper->has_activity(x->keeper->arg, resource, &has, error) &&
		(has || wf_error_set(error, WF_STATES_RUNTIME, "The activity %s does not exist.", resource->text));
}

static bool
begin_task(WfExecution *x, WfFrame *frame)
{
	WfEvent    *event;
	WfTaskToRun task;
	int64_t		age = x->limits->waiting_task_age;
	int64_t		at;
	WfError		error = WF_ERROR_NONE;

	frame->task_serial = x->row.next_serial;	/* as wf_begin_wait will have it: its parameters may carry its token */
	if (!check_activity(x, &frame->state->task.resource, &error) || !describe_task(x, frame, &task, &error))
		return wf_fail_evaluation(x, frame, &error);
	if (!wf_check_task_parameters(frame->state, task.parameters, &error))
	{
		wf_task_to_run_clear(&task);
		return wf_fail_evaluation(x, frame, &error);
	}
	if (frame->state->parameters && wf_over_limit(x, task.parameters))
	{
		wf_task_to_run_clear(&task);
		return wf_fail_data_limit(x, frame, frame->state->name, true);
	}
	event = add_task_event(x, frame, families[task.resource->family].scheduled);
	if (!event)
	{
		wf_task_to_run_clear(&task);
		return false;
	}
	event->data = wf_payload_share(task.parameters);
	event->credentials = wf_payload_share(task.credentials);
	event->region = x->facts->region;
	at = event->at;
	event->timeout = task.timeout;
	if (task.resource->family != WF_FAMILY_LAMBDA)	/* the service's details of those have no such field */
		event->heartbeat = task.heartbeat;
	frame->started = frame->submitted = false;
	frame->timeout = task.timeout;
	frame->heartbeat = task.heartbeat;
	wf_payload_release(frame->items);
	frame->items = frame->state->parameters ? wf_payload_share(task.parameters) : NULL;
	if (!wf_begin_wait(x, frame, WF_FRAME_TASK, 0) ||
		(age > 0 && !wf_set_timer(x, frame, WF_TIMER_AGE, at + age * 1000000)))
	{
		wf_task_to_run_clear(&task);
		return false;
	}
	return wf_run_task(x, frame, &task);
}

static bool
note_started(WfExecution *x, WfFrame *frame, const char *worker)
{
	WfEvent    *event;
	int64_t		at;
	int64_t		timeout;

	if (frame->started)
		return true;
	event = add_task_event(x, frame, families[frame->state->task.resource.family].started);
	if (!event)
		return false;
	/* The event outlives the stimulus: the name is kept where failed evaluations, which no Started event is, keep theirs. */
	if (worker && !(event->location = strdup(worker)))
		return wf_no_memory(x);
	event->name = event->location;
	at = event->at;
	frame->started = true;
	timeout = frame->timeout > 0 ? frame->timeout : x->limits->default_task_timeout;
	if ((timeout > 0 && !wf_set_timer(x, frame, WF_TIMER_FRAME, at + timeout * 1000000)) ||
		(frame->heartbeat > 0 && !wf_set_timer(x, frame, WF_TIMER_HEARTBEAT, at + frame->heartbeat * 1000000)))
		return false;
	return wf_frame_touch(x, frame);
}

static bool
note_heartbeat(WfExecution *x, WfFrame *frame)
{
	if (frame->heartbeat_due_at == 0)
		return true;
	return wf_cancel_timer(x, frame, WF_TIMER_HEARTBEAT) &&
		wf_set_timer(x, frame, WF_TIMER_HEARTBEAT, wf_now(x) + frame->heartbeat * 1000000) &&
		wf_frame_touch(x, frame);
}

/* The attempt has failed: with an event of the family, then as any state fails. */
static bool
fail_task(WfExecution *x, WfFrame *frame, WfEventType type, const WfFailure *failure)
{
	WfEvent    *event = add_task_event(x, frame, type);

	return event && wf_event_failure(x, event, failure->error, failure->cause) && wf_fail(x, frame, failure);
}

static bool
end_badly(WfExecution *x, WfFrame *frame, const WfStimulus *stimulus)
{
	WfFailure	failure = {stimulus->error, stimulus->cause, stimulus->also, false, true};

	return wf_end_wait(x, frame, false) &&
		fail_task(x, frame, families[frame->state->task.resource.family].failed, &failure);
}

static bool
end_too_late(WfExecution *x, WfFrame *frame, WfTimerKind timer)
{
	static const char *const also[] = {"States.HeartbeatTimeout", NULL};
	WfFailure	failure = {wf_error_name(WF_STATES_TIMEOUT), NULL, timer == WF_TIMER_HEARTBEAT ? also : NULL, true, true};

	/* The service gives no cause; but then its history shows the timeout. */
	if (timer == WF_TIMER_FRAME && frame->timeout == 0)
		failure.cause = "The state has no timeout of its own, and the task took longer than workflow.default_task_timeout.";
	wf_timer_fired(x, frame, timer);
	return fail_task(x, frame, families[frame->state->task.resource.family].timed_out, &failure);
}

/* The message calls the task by its kind. */
char *
wf_result_limit_cause(const WfResource *resource)
{
	return wf_data_limit_cause(resource->family == WF_FAMILY_TASK ? resource->type : resource->text);
}

/* The task has given more than a payload may be. */
static bool
end_too_large(WfExecution *x, WfFrame *frame)
{
	const WfResource *resource = &frame->state->task.resource;
	char	   *cause = wf_result_limit_cause(resource);
	WfFailure	failure = {wf_error_name(WF_STATES_DATA_LIMIT_EXCEEDED), cause, NULL, false, true};
	bool		good = cause ? fail_task(x, frame, families[resource->family].failed, &failure) : wf_no_memory(x);

	free(cause);
	return good;
}

/* The immediate answer: what was given out is done with, and the frame waits for who will answer from outside. */
static bool
note_submitted(WfExecution *x, WfFrame *frame, WfPayload *output)
{
	WfEventType type = families[frame->state->task.resource.family].submitted;
	WfEvent    *event;

	if (type == WF_EVENT_NONE)
		return true;
	if (output && wf_over_limit(x, output))
		return wf_end_wait(x, frame, false) && end_too_large(x, frame);
	event = add_task_event(x, frame, type);
	if (!event)
		return false;
	event->data = wf_payload_share(output);
	frame->submitted = true;
	wf_drop_task(x, frame);
	return wf_frame_touch(x, frame);
}

static bool
end_well(WfExecution *x, WfFrame *frame, WfPayload *output)
{
	const WfResource *resource = &frame->state->task.resource;
	WfEvent    *event;

	if (!wf_end_wait(x, frame, false))
		return false;
	if (wf_over_limit(x, output))
		return end_too_large(x, frame);
	event = add_task_event(x, frame, families[resource->family].succeeded);
	if (!event)
		return false;
	event->data = wf_payload_share(output);
	return wf_complete_state(x, frame, output, frame->state->assign, frame->state->output, frame->state->next);
}

static bool
resume_task(WfExecution *x, WfFrame *frame, const WfStimulus *stimulus)
{
	switch (stimulus->kind)
	{
		case WF_TASK_STARTED:
			return note_started(x, frame, stimulus->worker);
		case WF_TASK_SUBMITTED:
			return note_submitted(x, frame, stimulus->output);
		case WF_HEARTBEAT:
			return note_heartbeat(x, frame);
		case WF_TASK_SUCCEEDED:
			return end_well(x, frame, stimulus->output);
		case WF_TASK_FAILED:
			return end_badly(x, frame, stimulus);
		case WF_TIMER_FIRED:
			return end_too_late(x, frame, WF_TIMER_FRAME);
		case WF_HEARTBEAT_MISSED:
			/* A heartbeat may have come in between the timer's due time and now. */
			return wf_now(x) < frame->heartbeat_due_at || end_too_late(x, frame, WF_TIMER_HEARTBEAT);
		default:
			return true;
	}
}

const WfStateKind wf_state_kind_TASK = {
	.entered = WF_TASK_STATE_ENTERED_EVENT,
	.exited = WF_TASK_STATE_EXITED_EVENT,
	.aborted = WF_TASK_STATE_ABORTED_EVENT,
	.begin = begin_task,
	.resume = resume_task,
};

bool
wf_execution_task(WfExecution *x, int id, WfTaskToRun *task, WfError *error)
{
	const WfFrame *frame = wf_frame_find(x, id);

	memset(task, 0, sizeof(*task));
	if (!frame || frame->status != WF_FRAME_TASK)
		return wf_error_set(error, WF_INVALID_MEMORY, "frame %d has no task out", id);
	if (!wf_frames_link(x))
	{
		wf_error_move(error, &x->error);
		return false;
	}
	return frame->state->type == WF_MAP ? wf_describe_map_task(x, frame, task, error) :
		describe_task(x, frame, task, error);
}
