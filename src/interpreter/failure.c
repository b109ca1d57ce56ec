/*
 * failure.c - what happens when a state fails: its Retry, its Catch, then its owner's, and so on up to the execution.
 *
 *     state fails at event F
 *       ├─ a Retrier has attempts left ──────▶ wait, begin again (no further event; an owner starts anew behind F)
 *       ├─ (an owner of frames) ──────────────▶ MapStateFailed | ParallelStateFailed ← F; that is F from now on
 *       ├─ a Catcher meets the error ────────▶ …StateExited ← F, the Catcher's Next
 *       └─ nobody ──▶ frame 0: ExecutionFailed ← F
 *                     else: MapIterationFailed ← F; every open state of this frame and of its siblings is aborted ← F;
 *                           the frames are gone; the owner's state has failed at F: from the top
 *
 * Siblings are aborted even where the owner begins again: their tasks must not go on beside the new ones.
 *
 * An evaluation that ends in States.Runtime goes no way up: ExecutionFailed points at the frame's last event, wherever the
 * frame is.
 */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include "interpreter/internal.h"

bool
wf_over_limit(const WfExecution *x, WfPayload *payload)
{
	return x->limits->max_payload > 0 && wf_payload_size(payload) > x->limits->max_payload;
}

/* --- the end of an execution --- */

/* Replaces an owned text; NULL is one too. */
static bool
set_text(WfExecution *x, char **place, const char *text)
{
	char	   *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return wf_no_memory(x);
	free(*place);
	*place = copy;
	return true;
}

/* Removes a frame without children; its timers and its task are taken back. */
static bool
drop_frame(WfExecution *x, WfFrame *frame)
{
	bool		good = wf_end_wait(x, frame, true);

	wf_frame_remove(x, frame);
	return good;
}

bool
wf_remove_children(WfExecution *x, WfFrame *top, bool load)
{
	WfFrame    *frame = top;

	/* Leaves first, going down again wherever a frame still has children. */
	for (;;)
	{
		WfFrame    *parent;

		if (load && frame->status == WF_FRAME_JOINING && frame->n_children < frame->begun &&
			!x->keeper->load_results(x->keeper->arg, x, frame->id, &x->error))
			return false;
		if (frame->first)
		{
			frame = frame->first;
			continue;
		}
		if (frame == top)
			return true;
		parent = frame->parent;
		if (!drop_frame(x, frame))
			return false;
		/* the parent has fewer children than it began with now: it must not be loaded again */
		parent->begun = parent->n_children;
		frame = parent;
	}
}

bool
wf_finish(WfExecution *x, WfExecutionStatus status, WfPayload *output, const char *error, const char *cause)
{
	WfFrame    *root = wf_frame_find(x, 0);
	WfCommand  *command;

	/* Before the frames go: the texts may be theirs, and so may the output. */
	if (!set_text(x, &x->failure_error, error) || !set_text(x, &x->failure_cause, cause))
		return false;
	output = wf_payload_share(output);
	if ((root && (!wf_remove_children(x, root, false) || !drop_frame(x, root))) || !wf_cancel_execution_timer(x) ||
		!(command = wf_add_command(x, WF_FINISH, NULL)))
	{
		wf_payload_release(output);
		return false;
	}
	x->status = status;
	command->status = status;
	command->output = output;
	command->error = x->failure_error;
	command->cause = x->failure_cause;
	return true;
}

/* --- siblings --- */

static bool
add_plain(WfExecution *x, WfEventType type, int previous)
{
	return type == WF_EVENT_NONE || wf_add_event(x, type, previous) != NULL;
}

static bool
add_iteration(WfExecution *x, WfEventType type, const WfFrame *frame, int previous)
{
	WfEvent    *event;

	if (frame->parent->state->type != WF_MAP)
		return true;
	event = wf_add_event(x, type, previous);
	if (!event)
		return false;
	event->name = frame->parent->state->name;
	event->number = frame->index;
	return true;
}

/* Tells of a frame's state that was entered and will not be left; a frame that is about to enter one is in none. */
static bool
abort_state(WfExecution *x, const WfFrame *frame, int previous)
{
	if (frame->status == WF_FRAME_ENDED || frame->entered_event == 0 || frame->over)
		return true;
	if (wf_map_run_is_open(frame) && !add_plain(x, WF_MAP_RUN_ABORTED_EVENT, previous))
		return false;
	return add_plain(x, wf_state_kind(frame->state)->aborted, previous);
}

/*
 * Writes what the history tells of the frames below `owner` when one of them has failed at `previous`: that one first
 * (NULL: the owner itself has failed), then the others in order, each before what is below it.
 */
static bool
abort_children(WfExecution *x, WfFrame *owner, WfFrame *failed, int previous)
{
	WfFrame    *frame = owner->first;

	if (failed &&
		(!add_iteration(x, WF_MAP_ITERATION_FAILED_EVENT, failed, previous) || !abort_state(x, failed, previous)))
		return false;
	while (frame)
	{
		if (frame != failed && frame->status != WF_FRAME_ENDED)
		{
			if (!add_iteration(x, WF_MAP_ITERATION_ABORTED_EVENT, frame, previous) || !abort_state(x, frame, previous))
				return false;
			if (frame->first)
			{
				frame = frame->first;
				continue;
			}
		}
		while (frame != owner && !frame->next)
			frame = frame->parent;
		frame = frame == owner ? NULL : frame->next;
	}
	return true;
}

/* --- Retry and Catch --- */

/* The first Retrier that meets the error decides; NULL if there is none, or if its attempts are used up. */
static const WfRetrier *
find_retrier(const WfFrame *frame, const WfFailure *failure, int *place)
{
	for (int i = 0; i < frame->state->n_retriers; i++)
	{
		const WfRetrier *retrier = &frame->state->retriers[i];

		if (wf_error_equals(retrier->n_errors, retrier->errors, failure->error, failure->also))
		{
			*place = i;
			return (frame->retries ? frame->retries[i] : 0) < retrier->max_attempts ? retrier : NULL;
		}
	}
	return NULL;
}

static bool
begin_retry(WfExecution *x, WfFrame *frame, const WfRetrier *retrier, int place)
{
	if (!frame->retries && !(frame->retries = calloc((size_t) frame->state->n_retriers, sizeof(int))))
		return wf_no_memory(x);
	frame->retries[place]++;
	frame->attempt++;
	/* From now, not from the last event: a state can fail, and fail again, without any. */
	return wf_begin_wait(x, frame, WF_FRAME_RETRYING,
						 wf_now(x) + wf_retry_delay(retrier, frame->retries[place], x->host));
}

static const WfCatcher *
find_catcher(const WfFrame *frame, const WfFailure *failure)
{
	for (int i = 0; i < frame->state->n_catchers; i++)
		if (wf_error_equals(frame->state->catchers[i].n_errors, frame->state->catchers[i].errors, failure->error,
							failure->also))
			return &frame->state->catchers[i];
	return NULL;
}

/* New: {"Error": …, "Cause": …}, null where the failure has none. */
static WfPayload *
error_output(const WfFailure *failure)
{
	const char *cause = failure->cause ? failure->cause : failure->timed_out ? "" : NULL;
	json_t	   *object = wf_json_object();

	if (json_object_set_new(object, "Error", failure->error ? json_string(failure->error) : json_null()) != 0 ||
		json_object_set_new(object, "Cause", cause ? json_string(cause) : json_null()) != 0)
	{
		json_decref(object);
		return NULL;
	}
	return wf_payload_from_json(object);
}

typedef enum Moment { AT_WORK, WORK_DONE, IN_CATCHER } Moment;

static bool fail_evaluation(WfExecution *x, WfFrame *frame, WfError *error, Moment moment);

static bool
begin_catch(WfExecution *x, WfFrame *frame, const WfCatcher *catcher, const WfFailure *failure)
{
	WfDataPath	result_path = {catcher->discard, catcher->result_path};
	WfPayload  *caught = error_output(failure);
	WfPayload  *output = NULL,
			   *assigned = NULL;
	WfError		error = WF_ERROR_NONE;
	WfView		view;

	if (!caught)
		return wf_no_memory(x);
	wf_view_open(&view, x, frame);
	view.scope.error_output = wf_payload_json(caught, &error);
	if (catcher->output)
		output = wf_apply_template(&view, catcher->output, frame->input, &error);
	else
		output = wf_apply_result_path(&result_path, frame->input, caught, &error);
	if (output)
		assigned = wf_assigned(&view, catcher->assign, frame->state->language == WF_JSONATA ? frame->input : caught, &error);
	wf_view_close(&view);
	wf_payload_release(caught);
	if (error.code != WF_NO_ERROR)
	{
		wf_payload_release(output);
		wf_payload_release(assigned);
		/* A Catcher that cannot do its work fails the state for good: it is not asked a second time. */
		return fail_evaluation(x, frame, &error, IN_CATCHER);
	}
	if (output != frame->input && wf_over_limit(x, output))
	{
		wf_payload_release(output);
		wf_payload_release(assigned);
		return wf_fail_data_limit(x, frame, frame->state->name, false);
	}
	return wf_leave_state(x, frame, output, assigned, catcher->next);
}

/* --- the way up --- */

/* The whole execution fails; what failed it happened at `previous`. */
static bool
fail_execution(WfExecution *x, const WfFailure *failure, int previous)
{
	WfEvent    *event = wf_add_event(x, WF_EXECUTION_FAILED_EVENT, previous);

	return event && wf_event_failure(x, event, failure->error, failure->cause) &&
		wf_finish(x, WF_FAILED, NULL, failure->error, failure->cause);
}

bool
wf_fail(WfExecution *x, WfFrame *frame, const WfFailure *failure)
{
	bool		asks = failure->own_handlers;

	if (!wf_end_wait(x, frame, true))
		return false;
	/* A Map can fail by itself while iterations are out: when the next one's input cannot be made. */
	if (frame->first && (!abort_children(x, frame, NULL, frame->last) || !wf_remove_children(x, frame, true)))
		return false;
	for (;;)
	{
		const WfRetrier *retrier;
		const WfCatcher *catcher;
		WfFrame    *owner;
		int			place;

		if (!wf_frame_touch(x, frame))
			return false;
		retrier = asks ? find_retrier(frame, failure, &place) : NULL;
		if (retrier)
			return begin_retry(x, frame, retrier, place);
		if (frame->broken)
		{
			if (!add_plain(x, wf_state_kind(frame->state)->failed, frame->last))
				return false;
			frame->last = x->row.last_event;
			frame->broken = false;
			frame->over = true;
		}
		catcher = asks ? find_catcher(frame, failure) : NULL;
		if (catcher)
			return begin_catch(x, frame, catcher, failure);
		owner = frame->parent;
		if (!owner)
			return fail_execution(x, failure, frame->last);
		if (!abort_children(x, owner, frame, frame->last))
			return false;
		owner->last = frame->last;
		if (!wf_remove_children(x, owner, true))
			return false;
		owner->broken = true;
		frame = owner;
		asks = true;
	}
}

/* --- what fails a state by itself --- */

/*
 * What the failure of a query points back to: while a state is only being begun, to what was before it was entered; but for
 * a Wait, which is looked at when it has been.
 */
static int
before_evaluation(const WfExecution *x, const WfFrame *frame)
{
	const WfEvent *entered = x->n_events > 0 ? &x->events[x->n_events - 1] : NULL;

	return entered && entered->id == frame->entered_event && frame->state->type != WF_WAIT ? entered->previous : frame->last;
}

/* The event of a query that has failed; the frame's next one points back to it. */
static bool
tell_evaluation(WfExecution *x, WfFrame *frame, const char *cause, const WfError *error, int previous)
{
	WfEvent    *event = wf_add_event(x, WF_EVALUATION_FAILED_EVENT, previous);

	if (!event || !wf_event_failure(x, event, wf_error_name(error->code), cause))
		return false;
	event->name = frame->state->name;
	if (error->location && !(event->location = strdup(error->location)))
		return wf_no_memory(x);
	if (event->location)
		wf_error_cut(event->location, WF_MAX_LOCATION);
	frame->last = event->id;
	return true;
}

/* New: what an evaluation reported, with where it was; NULL without memory. */
static char *
evaluation_cause(const WfFrame *frame, const WfError *error)
{
	const char *name = frame->state->name;
	const char *why = error->cause ? error->cause : "";
	size_t		size = strlen(name) + strlen(why) + 100;
	char	   *cause;

	/* the one that the service tells without its place */
	if (error->code == WF_STATES_REFERENCE_PATH_CONFLICT)
		return strdup(why);
	cause = malloc(size);
	if (cause)
	{
		snprintf(cause, size, "An error occurred while executing the state '%s' (entered at the event id #%d). %s", name,
				 frame->entered_event, why);
		wf_error_cut(cause, WF_MAX_CAUSE);
	}
	return cause;
}

static bool
fail_evaluation(WfExecution *x, WfFrame *frame, WfError *error, Moment moment)
{
	WfErrorCode code = error->code;
	WfFailure	failure = {0};
	char	   *cause;
	bool		good = true;

	if (code == WF_INTERRUPTED || code == WF_OUT_OF_MEMORY || code == WF_INVALID_MEMORY || code == WF_NO_ERROR)
	{
		wf_error_move(&x->error, error);
		return code == WF_NO_ERROR ? wf_no_memory(x) : false;
	}
	if (code >= WF_INVALID_JSON)
		code = WF_STATES_RUNTIME;
	cause = evaluation_cause(frame, error);
	if (!cause)
	{
		wf_error_clear(error);
		return wf_no_memory(x);
	}
	failure.error = wf_error_name(code);
	failure.cause = cause;
	failure.own_handlers = moment != IN_CATCHER;
	/* What nobody may retry or catch ends the execution where it stands: nothing is told of siblings and owners. */
	if (code == WF_STATES_RUNTIME)
		good = fail_execution(x, &failure, frame->last);
	else
	{
		if (code == WF_STATES_QUERY_EVALUATION_ERROR)
		{
			good = tell_evaluation(x, frame, cause, error, before_evaluation(x, frame));
			/* At its work an owner of frames fails with it: its Failed event comes when nobody retries. */
			frame->broken = moment == AT_WORK && wf_state_kind(frame->state)->failed != WF_EVENT_NONE;
		}
		good = good && wf_fail(x, frame, &failure);
	}
	wf_error_clear(error);
	free(cause);
	return good;
}

bool
wf_fail_evaluation(WfExecution *x, WfFrame *frame, WfError *error)
{
	return fail_evaluation(x, frame, error, AT_WORK);
}

char *
wf_tell_evaluation(WfExecution *x, WfFrame *frame, const WfError *error)
{
	char	   *cause = evaluation_cause(frame, error);

	if (!cause)
		wf_no_memory(x);
	else if (error->code == WF_STATES_QUERY_EVALUATION_ERROR && !tell_evaluation(x, frame, cause, error, frame->last))
	{
		free(cause);
		cause = NULL;
	}
	return cause;
}

bool
wf_fail_output(WfExecution *x, WfFrame *frame, WfError *error)
{
	return fail_evaluation(x, frame, error, WORK_DONE);
}

char *
wf_data_limit_cause(const char *culprit)
{
	size_t		size = strlen(culprit) + 120;
	char	   *cause = malloc(size);

	if (cause)
		snprintf(cause, size,
				 "The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.",
				 culprit);
	return cause;
}

bool
wf_fail_data_limit(WfExecution *x, WfFrame *frame, const char *culprit, bool own_handlers)
{
	char	   *cause = wf_data_limit_cause(culprit);
	WfFailure	failure = {wf_error_name(WF_STATES_DATA_LIMIT_EXCEEDED), cause, NULL, false, own_handlers};
	bool		good;

	if (!cause)
		return wf_no_memory(x);
	good = wf_fail(x, frame, &failure);
	free(cause);
	return good;
}
