/*
 * step.c - one stimulus: what it means for the frame that it names, and then every frame that can go on, until all wait.
 *
 * The loop below is the only place that goes from state to state; states put frames into the queue and return.  Between
 * two states it may be interrupted (the step is given up), paused (the rest is left for a later step), or find that the
 * execution has ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

const WfStateKind *
wf_state_kind(const WfState *state)
{
	static const WfStateKind *const kinds[] = {
#define WF_STATE(identifier, word, terminal, retry) &wf_state_kind_##identifier,
#include "asl/states.def"
#undef WF_STATE
	};

	return kinds[state->type];
}

/* --- into a state, and out of it --- */

/* Begins a state's work: when it has been entered, and once more for each retry. */
static bool
begin_work(WfExecution *x, WfFrame *frame)
{
	return wf_state_kind(frame->state)->begin(x, frame);
}

/* `at_once`: at the moment at which the frame has left its last state. */
static bool
enter_state(WfExecution *x, WfFrame *frame, bool at_once)
{
	WfEventType type = wf_state_kind(frame->state)->entered;
	WfEvent    *event = at_once ? wf_add_event_at_once(x, type, frame->last) : wf_add_event(x, type, frame->last);

	if (!event)
		return false;
	event->name = frame->state->name;
	event->data = wf_payload_share(frame->input);
	frame->last = frame->entered_event = event->id;
	frame->entered_at = event->at;
	return wf_frame_touch(x, frame) && begin_work(x, frame);
}

/* Sets *output and *assigned to what a result makes of them in JSONPath; both new. */
static void
give_on(WfView *view, WfPayload *result, const WfTemplate *assign, WfPayload **output, WfPayload **assigned, WfError *error)
{
	const WfState *state = view->frame->state;
	WfPayload  *selected = NULL,
			   *placed = NULL;

	if ((selected = wf_apply_template(view, state->result_selector, result, error)) &&
		(placed = wf_apply_result_path(&state->result_path, view->frame->input, selected, error)) &&
		(*output = wf_apply_path(view, &state->output_path, placed, error)))
		*assigned = wf_assigned(view, assign, result, error);
	wf_payload_release(selected);
	wf_payload_release(placed);
}

/* The same in JSONata.  Only what works has a result of its own, which is then its output where no other is given. */
static void
give_on_queried(WfView *view, WfPayload *result, const WfTemplate *assign, const WfTemplate *computed, WfPayload **output,
				WfPayload **assigned, WfError *error)
{
	static const bool works[] = {[WF_TASK] = true, [WF_PARALLEL] = true, [WF_MAP] = true, [WF_STATE_TYPE_COUNT] = false};
	WfPayload  *input = view->frame->input;

	if (works[view->frame->state->type] && (assign || computed) &&
		!(view->scope.result = wf_payload_json(result, error)))
		return;
	*assigned = wf_assigned(view, assign, input, error);
	if (error->code == WF_NO_ERROR)
		*output = computed ? wf_apply_template(view, computed, input, error) : wf_payload_share(result);
}

bool
wf_complete_state(WfExecution *x, WfFrame *frame, WfPayload *result, const WfTemplate *assign, const WfTemplate *computed,
				  const WfState *next)
{
	const WfState *state = frame->state;
	WfPayload  *output = NULL,
			   *assigned = NULL;
	WfError		error = WF_ERROR_NONE;
	WfView		view;

	wf_view_open(&view, x, frame);
	if (state->language == WF_JSONPATH)
		give_on(&view, result, assign, &output, &assigned, &error);
	else
		give_on_queried(&view, result, assign, computed, &output, &assigned, &error);
	wf_view_close(&view);
	if (error.code == WF_NO_ERROR && output && (output == frame->input || !wf_over_limit(x, output)))
		return wf_leave_state(x, frame, output, assigned, next);
	wf_payload_release(assigned);
	/* An owner's failure comes behind its …StateSucceeded, which its Exited event would have passed by. */
	if (frame->status == WF_FRAME_JOINING)
		frame->last = x->row.last_event;
	if (output && error.code == WF_NO_ERROR)
	{
		wf_payload_release(output);
		return wf_fail_data_limit(x, frame, state->name, false);
	}
	wf_payload_release(output);
	return wf_fail_output(x, frame, &error);
}

bool
wf_hand_on_input(WfExecution *x, WfFrame *frame)
{
	const WfState *state = frame->state;
	WfError		error = WF_ERROR_NONE;
	WfPayload  *input = wf_apply_to_input(x, frame, NULL, &error);
	bool		good;

	if (!input)
		return wf_fail_evaluation(x, frame, &error);
	good = wf_complete_state(x, frame, input, state->assign, state->output, state->next);
	wf_payload_release(input);
	return good;
}

/* The last state of a block has been left; steals output, also when it fails. */
static bool
end_frame(WfExecution *x, WfFrame *frame, WfPayload *output)
{
	WfFrame    *owner = frame->parent;
	WfEvent    *event;
	bool		good;

	wf_frame_leave_state(frame);
	if (!owner)
	{
		event = wf_add_event_at_once(x, WF_EXECUTION_SUCCEEDED_EVENT, frame->last);
		if (event)
			event->data = wf_payload_share(output);
		good = event && wf_finish(x, WF_SUCCEEDED, output, NULL, NULL);
		wf_payload_release(output);
		return good;
	}
	wf_frame_set_status(x, frame, WF_FRAME_ENDED);
	frame->result = output;
	wf_payload_release(frame->variables);
	frame->variables = NULL;
	owner->ended++;
	return wf_frame_touch(x, frame) && wf_frame_touch(x, owner) &&
		wf_state_kind(owner->state)->child_ended(x, owner, frame);
}

bool
wf_leave_state(WfExecution *x, WfFrame *frame, WfPayload *output, WfPayload *assigned, const WfState *next)
{
	WfEvent    *event = wf_add_event(x, wf_state_kind(frame->state)->exited, frame->last);
	bool		good = event != NULL;

	if (event)
	{
		event->name = frame->state->name;
		event->data = wf_payload_share(output);
		event->assigned = wf_payload_share(assigned);
		frame->last = event->id;
	}
	if (good && assigned)
		good = wf_set_variables(x, frame, assigned);
	wf_payload_release(assigned);
	if (!good)
	{
		wf_payload_release(output);
		return false;
	}
	if (!next)
		return end_frame(x, frame, output);
	wf_frame_leave_state(frame);
	frame->state = next;
	wf_payload_release(frame->input);
	frame->input = output;
	wf_frame_set_status(x, frame, WF_FRAME_READY);
	wf_queue_first(x, frame);
	return wf_frame_touch(x, frame);
}

/* New: the array of what the children of a frame gave; NULL with x->error. */
static WfPayload *
gather_results(WfExecution *x, WfFrame *owner)
{
	WfPayload **results;
	size_t		size = 1 + (size_t) (owner->length > 0 ? owner->length : 1);	/* brackets and commas */
	char	   *to;
	bool		good = true;
	WfPayload  *payload = NULL;

	if (owner->n_children < owner->length &&
		!x->keeper->load_results(x->keeper->arg, x, owner->id, &x->error))
		return NULL;
	results = calloc((size_t) owner->length + 1, sizeof(WfPayload *));
	if (!results)
	{
		wf_no_memory(x);
		return NULL;
	}
	for (WfFrame *child = owner->first; child; child = child->next)
		if (child->index >= 0 && child->index < owner->length)
			results[child->index] = child->result;
	for (int i = 0; good && i < owner->length; i++)
	{
		size_t		length = 0;

		if (!results[i])
			good = wf_error_set(&x->error, WF_INVALID_MEMORY, "frame %d has no result number %d", owner->id, i);
		else if (!wf_payload_text(results[i], &length))
			good = wf_no_memory(x);
		size += length;
	}
	/* Texts are there already, for the Exited events: joining them is cheaper than parsing those that were loaded. */
	if (good && !(payload = wf_payload_with_room(size, &to)))
		wf_no_memory(x);
	if (payload)
	{
		*to++ = '[';
		for (int i = 0; i < owner->length; i++)
		{
			size_t		length;
			const char *result = wf_payload_text(results[i], &length);

			if (i > 0)
				*to++ = ',';
			memcpy(to, result, length);
			to += length;
		}
		*to = ']';
	}
	free(results);
	return payload;
}

bool
wf_join(WfExecution *x, WfFrame *frame, WfEventType succeeded)
{
	WfPayload  *results = gather_results(x, frame);
	size_t		length = 0;
	const char *text = results ? wf_payload_text(results, &length) : NULL;
	bool		good = results && wf_remove_children(x, frame, false);

	/* Round a loop, each join adds a level: what nobody could read any more must not be written. */
	if (good && wf_json_text_is_too_deep(text, length))
	{
		WfError		error = WF_ERROR_NONE;

		wf_error_set(&error, WF_STATES_RUNTIME, "The result is nested too deeply, more than %d levels.",
					 WF_JSON_MAX_DEPTH);
		good = wf_fail_evaluation(x, frame, &error);
	}
	else
		good = good && wf_add_event(x, succeeded, frame->last) &&
			wf_complete_state(x, frame, results, frame->state->assign, frame->state->output, frame->state->next);
	wf_payload_release(results);
	return good;
}

/* --- stimuli --- */

static bool
start_execution(WfExecution *x)
{
	int64_t		seconds = x->facts->root == 0 ? x->definition->timeout : 0;	/* the machine's, not a child's */
	int64_t		limit = x->limits->max_execution_seconds;
	WfEvent    *event;

	if (x->row.last_event > 0 || x->n_frames > 0)
		return true;			/* it has been started already */
	x->row.next_serial = 1;
	x->row.last_event_at = x->facts->started_at;
	event = wf_add_event(x, WF_EXECUTION_STARTED_EVENT, 0);
	if (!event)
		return false;
	event->data = wf_payload_share(x->facts->input);
	event->role_arn = x->facts->role_arn;
	if (limit > 0 && (seconds == 0 || limit < seconds))
		seconds = limit;
	if (seconds > 0 && !wf_set_execution_timer(x, x->facts->started_at + seconds * 1000000))
		return false;
	return wf_frame_new(x, NULL, x->definition->blocks[x->facts->root], 0, x->facts->input, 0) != NULL;
}

/* From outside, whatever the frames are doing: the history points back to nothing. */
static bool
end_execution(WfExecution *x, WfEventType type, WfExecutionStatus status, const char *error, const char *cause)
{
	WfEvent    *event = wf_add_event(x, type, 0);

	return event && wf_event_failure(x, event, error, cause) && wf_finish(x, status, NULL, error, cause);
}

/* True if the stimulus is for something that the frame no longer waits for. */
static bool
comes_too_late(const WfFrame *frame, const WfStimulus *stimulus)
{
	if (!frame || frame->serial == 0 || frame->serial != stimulus->serial)
		return true;
	switch (frame->status)
	{
		case WF_FRAME_TASK:
			return (stimulus->kind == WF_TIMER_FIRED && frame->due_at == 0) ||
				(stimulus->kind == WF_HEARTBEAT_MISSED && frame->heartbeat_due_at == 0);
		case WF_FRAME_WAITING:
		case WF_FRAME_RETRYING:
			return stimulus->kind != WF_TIMER_FIRED;
		default:
			return true;
	}
}

static bool
wake_frame(WfExecution *x, WfFrame *frame, const WfStimulus *stimulus)
{
	if (frame->status != WF_FRAME_RETRYING)
		return wf_state_kind(frame->state)->resume(x, frame, stimulus);
	wf_timer_fired(x, frame, WF_TIMER_FRAME);
	return wf_end_wait(x, frame, false) && begin_work(x, frame);
}

static bool
carry_out(WfExecution *x, const WfStimulus *stimulus)
{
	switch (stimulus->kind)
	{
		case WF_START:
			return start_execution(x);
		case WF_GO_ON:
			return true;
		case WF_EXECUTION_TIMED_OUT:
			x->row.timeout_at = 0;
			return end_execution(x, WF_EXECUTION_TIMED_OUT_EVENT, WF_TIMED_OUT, NULL, NULL);
		case WF_STOP:
			/* of one that has not begun no state is entered */
			return start_execution(x) &&
				end_execution(x, WF_EXECUTION_ABORTED_EVENT, WF_ABORTED, stimulus->error, stimulus->cause);
		default:
			return wake_frame(x, wf_frame_find(x, stimulus->frame), stimulus);
	}
}

/* --- the loop --- */

static int
compare_frames(const void *a, const void *b)
{
	return (*(WfFrame *const *) a)->id - (*(WfFrame *const *) b)->id;
}

/*
 * Frames that an earlier step left ready go on in the order of their ids, whether they stayed in memory or were loaded
 * in whatever order: what happens next depends on what is stored alone.
 */
static bool
sort_queue(WfExecution *x)
{
	WfFrame   **frames;
	int			n = 0;

	if (x->queue == x->queue_end)
		return true;
	frames = malloc((size_t) x->n_frames * sizeof(WfFrame *));
	if (!frames)
		return wf_no_memory(x);
	while (x->queue)
	{
		frames[n++] = x->queue;
		wf_queue_remove(x, x->queue);
	}
	qsort(frames, (size_t) n, sizeof(WfFrame *), compare_frames);
	for (int i = 0; i < n; i++)
		wf_queue_last(x, frames[i]);
	free(frames);
	return true;
}

static bool
run_queue(WfExecution *x)
{
	bool		progress = false;	/* a state has been entered in this step */

	while (x->queue)
	{
		WfFrame    *frame = x->queue;

		if (x->host->interrupted(x->host->arg))
			return wf_error_set(&x->error, WF_INTERRUPTED, "interrupted");
		if (frame->status != WF_FRAME_READY)
		{
			wf_queue_remove(x, frame);
			if (!wf_state_kind(frame->state)->resume(x, frame, NULL))
				return false;
			continue;
		}
		/* Without progress there would be no end of pausing. */
		if (progress && x->keeper->pause(x->keeper->arg))
			return wf_add_command(x, WF_GO_ON_LATER, NULL) != NULL;
		wf_queue_remove(x, frame);
		if (!enter_state(x, frame, progress && frame->last == x->row.last_event))
			return false;
		progress = true;
	}
	return true;
}

/* The history holds as many events as it may: the last place is for the end. */
static bool
fill_history(WfExecution *x)
{
	static const char cause[] = "The execution reached the maximum number of history events (%d).";
	char		text[sizeof(cause) + 16];
	WfEvent    *event;

	x->full = false;
	snprintf(text, sizeof(text), cause, x->limits->max_events);
	event = wf_add_event(x, WF_EXECUTION_FAILED_EVENT, x->row.last_event);
	return event && wf_event_failure(x, event, wf_error_name(WF_STATES_RUNTIME), text) &&
		wf_finish(x, WF_FAILED, NULL, wf_error_name(WF_STATES_RUNTIME), text);
}

/* Takes back a WF_GO_ON_LATER that this step is the answer to. */
static void
take_back_pause(WfExecution *x)
{
	if (x->n_commands > 0 && x->commands[x->n_commands - 1].kind == WF_GO_ON_LATER)
		x->n_commands--;
}

static bool
fill_outcome(WfExecution *x, WfOutcome *outcome)
{
	wf_commands_settle(x);
	x->changed_now.n = 0;
	for (int i = 0; i < x->changed.n; i++)
		if (wf_frame_find(x, x->changed.ids[i]) && !wf_ids_add(x, &x->changed_now, x->changed.ids[i]))
			return false;
	outcome->n_events = x->n_events;
	outcome->events = x->events;
	outcome->n_commands = x->n_commands;
	outcome->commands = x->commands;
	outcome->n_changed = x->changed_now.n;
	outcome->changed = x->changed_now.ids;
	outcome->n_gone = x->gone.n;
	outcome->gone = x->gone.ids;
	return true;
}

bool
wf_execution_step(WfExecution *x, const WfStimulus *stimulus, WfOutcome *outcome, WfError *error)
{
	bool		good = true;
	bool		named = stimulus->kind >= WF_TASK_STARTED && stimulus->kind <= WF_HEARTBEAT;

	if (x->status == WF_RUNNING &&
		(stimulus->kind == WF_START || stimulus->kind == WF_STOP || x->n_frames > 0) &&
		!(named && comes_too_late(wf_frame_find(x, stimulus->frame), stimulus)))
	{
		take_back_pause(x);
		good = wf_frames_link(x) && sort_queue(x) && carry_out(x, stimulus) && run_queue(x);
		if (!good && x->full)
			good = fill_history(x);
	}
	if (good && x->error.code == WF_NO_ERROR && fill_outcome(x, outcome))
		return true;
	if (x->error.code == WF_NO_ERROR)
		wf_error_set(&x->error, WF_INVALID_MEMORY, "results could not be loaded");
	memset(outcome, 0, sizeof(*outcome));
	wf_error_move(error, &x->error);
	return false;
}
