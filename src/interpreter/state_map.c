/*
 * state_map.c - Map; inline: one frame for each item, as many at once as are allowed.
 *
 * Frames are made when their turn comes, so a Map of 40,000 items that runs 1,000 at a time has 1,000 of them; how many
 * were begun and how many have ended is counted in the owner.  An iteration that begins because another one ended points
 * back to what that one did last; the first ones point back to MapStateStarted.
 */
#include "interpreter/internal.h"

/* New: the members of an object as items; NULL with *error. */
static WfPayload *
list_members(json_t *object, WfError *error)
{
	json_t	   *list = json_array();
	WfPayload  *items;
	bool		good = list != NULL;

	for (void *member = json_object_iter(object); member && good; member = json_object_iter_next(object, member))
	{
		json_t	   *item = wf_json_object();

		good = json_array_append_new(list, item) == 0 &&
			json_object_set_new(item, "Key", json_stringn(json_object_iter_key(member), json_object_iter_key_len(member))) == 0 &&
			json_object_set(item, "Value", json_object_iter_value(member)) == 0;
	}
	items = good ? wf_payload_from_json(list) : NULL;
	if (!good)
		json_decref(list);
	if (!items)
		wf_error_no_memory(error);
	return items;
}

/* Items are to be an array. */
static void
refuse_items(const WfState *state, WfPayload *items, WfError *error)
{
	const WfQuery *query = state->map.items ? wf_template_query(state->map.items) : NULL;

	if (state->language == WF_JSONPATH)
		wf_error_set(error, WF_STATES_RUNTIME, "Reference path \"%s\" must point to array.",
					 state->map.items_path.path ? wf_path_text(state->map.items_path.path) : "$");
	else if (query)
		wf_query_refuse(query, wf_payload_json(items, error), "array", error);
	else if (!wf_payload_text(items, NULL))
		wf_error_no_memory(error);
	else
		wf_error_set(error, WF_STATES_QUERY_EVALUATION_ERROR, "Map state input must be an array but was: %s",
					 wf_payload_text(items, NULL));
}

/* The array to iterate over, new; NULL with *error.  *members: it is made of an object's, which only a distributed Map takes. */
static WfPayload *
find_items(WfView *view, const WfState *state, WfPayload *input, bool *members, WfError *error)
{
	WfPayload  *items = state->language == WF_JSONATA ? wf_apply_template(view, state->map.items, input, error) :
		wf_apply_reference_path(view, &state->map.items_path, input, error);
	json_t	   *value = items ? wf_payload_json(items, error) : NULL;
	WfPayload  *list = NULL;

	*members = false;
	if (json_is_array(value))
		return items;
	*members = json_is_object(value) && state->map.distributed;
	if (*members)
		list = list_members(value, error);
	else if (value)
		refuse_items(state, items, error);
	wf_payload_release(items);
	return list;
}

/* Sets *concurrency: how many iterations may run at once; 0: all. */
static bool
find_concurrency(WfView *view, const WfState *state, WfPayload *input, int *concurrency, WfError *error)
{
	int64_t		value;

	if (!wf_apply_count(view, &state->map.max_concurrency, "MaxConcurrency", "MaxConcurrencyPath", input, 0, &value, error))
		return false;
	if (value == 0 && !state->map.distributed)
		value = view->x->limits->inline_concurrency;
	*concurrency = value > INT32_MAX ? INT32_MAX : (int) value;
	return true;
}

static bool
begin_iteration(WfExecution *x, WfFrame *frame, WfPayload *given, int previous)
{
	WfEvent    *event = wf_add_event(x, WF_MAP_ITERATION_STARTED_EVENT, previous);

	if (!event)
		return false;
	event->name = frame->state->name;
	event->number = frame->begun;
	return wf_frame_new(x, frame, frame->state->map.processor, frame->begun++, given, event->id) != NULL;
}

/* Begins as many iterations as there is room for, behind the event `previous`. */
static bool
begin_iterations(WfExecution *x, WfFrame *frame, int previous)
{
	const WfState *state = frame->state;
	WfPayload  *input = NULL;
	json_t	   *items = NULL;
	WfError		error = WF_ERROR_NONE;
	WfView		view;
	bool		good = true;

	wf_view_open(&view, x, frame);
	input = wf_apply_path(&view, &state->input_path, frame->input, &error);
	if (input)
		items = wf_payload_json(frame->items, &error);
	while (items && good && error.code == WF_NO_ERROR && frame->begun < frame->length &&
		   (frame->concurrency == 0 || frame->begun - frame->ended < frame->concurrency))
	{
		json_t	   *item = json_array_get(items, (size_t) frame->begun);
		WfPayload  *given = wf_apply_item_selector(&view, input, frame->begun, item, false, &error);

		if (given && state->parameters && wf_over_limit(x, given))
		{
			wf_payload_release(given);
			wf_view_close(&view);
			wf_payload_release(input);
			return wf_fail_data_limit(x, frame, state->name, true);
		}
		if (given)
			good = begin_iteration(x, frame, given, previous);
		wf_payload_release(given);
	}
	wf_view_close(&view);
	wf_payload_release(input);
	if (error.code != WF_NO_ERROR)
		return wf_fail_evaluation(x, frame, &error);
	return good && wf_frame_touch(x, frame);
}

static bool
begin_map(WfExecution *x, WfFrame *frame)
{
	const WfState *state = frame->state;
	WfPayload  *input = NULL,
			   *items = NULL;
	int			concurrency = 0;
	WfEvent    *event;
	WfError		error = WF_ERROR_NONE;
	WfView		view;

	wf_view_open(&view, x, frame);
	input = wf_apply_path(&view, &state->input_path, frame->input, &error);
	if (input && find_concurrency(&view, state, input, &concurrency, &error) &&
		!(state->map.distributed && state->map.distributed->reader))
		items = find_items(&view, state, input, &frame->members, &error);
	if (state->map.distributed && error.code == WF_NO_ERROR)
	{
		bool		good = wf_begin_map_run(x, frame, &view, input, items, concurrency);

		wf_view_close(&view);
		wf_payload_release(input);
		wf_payload_release(items);
		return good;
	}
	wf_view_close(&view);
	wf_payload_release(input);
	if (!items)
		return wf_fail_evaluation(x, frame, &error);
	wf_payload_release(frame->items);
	frame->items = items;
	event = wf_add_event(x, WF_MAP_STATE_STARTED_EVENT, frame->last);
	if (!event)
		return false;
	frame->last = event->id;
	frame->broken = frame->over = false;
	frame->length = (int) json_array_size(wf_payload_json(items, &error));
	frame->begun = frame->ended = 0;
	frame->concurrency = concurrency;
	frame->first_child = x->row.next_frame;
	event->number = frame->length;
	wf_frame_set_status(x, frame, WF_FRAME_JOINING);
	if (frame->length == 0)
		wf_queue_first(x, frame);
	return wf_frame_touch(x, frame) && begin_iterations(x, frame, frame->last);
}

/* The iterations have all ended: Succeeded and Exited both point back to the last MapIterationSucceeded. */
static bool
resume_map(WfExecution *x, WfFrame *frame, const WfStimulus *stimulus)
{
	if (stimulus)
		return wf_resume_map_run(x, frame, stimulus);
	return wf_join(x, frame, WF_MAP_STATE_SUCCEEDED_EVENT);
}

static bool
end_iteration(WfExecution *x, WfFrame *frame, WfFrame *child)
{
	int			previous = child->last;
	WfEvent    *event = wf_add_event_at_once(x, WF_MAP_ITERATION_SUCCEEDED_EVENT, previous);

	if (!event)
		return false;
	event->name = frame->state->name;
	event->number = child->index;
	frame->last = event->id;
	if (frame->ended == frame->length)
		wf_queue_first(x, frame);
	return frame->begun == frame->length || begin_iterations(x, frame, previous);
}

const WfStateKind wf_state_kind_MAP = {
	.entered = WF_MAP_STATE_ENTERED_EVENT,
	.exited = WF_MAP_STATE_EXITED_EVENT,
	.aborted = WF_MAP_STATE_ABORTED_EVENT,
	.failed = WF_MAP_STATE_FAILED_EVENT,
	.begin = begin_map,
	.resume = resume_map,
	.child_ended = end_iteration,
};
