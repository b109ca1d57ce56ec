/*
 * state_wait.c - Wait: until a time, or for a number of seconds from when it was entered.
 *
 * What lies in the past is no wait at all.  A timer that lies too far ahead is refused: the service counts the delay in
 * a number of 31 bits.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

#define MAX_DELAY INT64_C(2147483647)	/* seconds */

/* New: what a *Path field refers to; NULL with *error, also where there is nothing. */
static json_t *
find_value(WfView *view, const WfPath *path, const char *field, WfPayload *input, WfError *error)
{
	const WfScope *scope = wf_view_scope(view, input, error);
	json_t	   *found = NULL;

	if (!scope || !wf_path_get(path, scope, &found, NULL, error))
		return NULL;
	if (found && !json_is_null(found))
		return found;
	json_decref(found);
	wf_error_set(error, WF_STATES_RUNTIME, "The %s parameter does not reference an input value: %s", field,
				 wf_path_text(path));
	return NULL;
}

/* Reports a value that is there but cannot be used; `complaint` is the sentence up to the path. */
static bool
refuse_value(const WfPath *path, const json_t *value, const char *complaint, WfError *error)
{
	char	   *text = wf_plain_text(value);

	if (!text)
		return wf_error_no_memory(error);
	wf_error_set(error, WF_STATES_RUNTIME, "%s: %s == %s", complaint, wf_path_text(path), text);
	free(text);
	return false;
}

static bool
seconds_due(WfView *view, const WfFrame *frame, WfPayload *input, int64_t *due, WfError *error)
{
	const WfNumber *field = &frame->state->wait.seconds;
	int64_t		seconds = field->value;

	if (field->query && !wf_apply_number(view, field, "Seconds", input, 0, &seconds, error))
		return false;
	if (field->path)
	{
		json_t	   *value = find_value(view, field->path, "SecondsPath", input, error);
		bool		good = value != NULL;

		if (!good)
			return false;
		if (!wf_integer_value(value, &seconds))
			good = refuse_value(field->path, value, "The SecondsPath parameter cannot be parsed as a long value", error);
		else if (seconds < 0)
			good = refuse_value(field->path, value, "The SecondsPath parameter references a negative value", error);
		json_decref(value);
		if (!good)
			return false;
	}
	if (seconds > MAX_DELAY)
		return wf_error_set(error, WF_STATES_RUNTIME, "Wait state delay is too long.");
	*due = frame->entered_at + seconds * 1000000;
	return true;
}

/* A query gives a text, which must be a time. */
static bool
query_timestamp(WfView *view, const WfQuery *query, WfPayload *input, int64_t *due, WfError *error)
{
	json_t	   *value = wf_apply_query(view, query, input, error);
	bool		good = value != NULL;

	if (good && !json_is_string(value))
		good = wf_query_refuse(query, value, "string", error);
	else if (good && !wf_time_parse(json_string_value(value), due))
	{
		wf_error_set(error, WF_STATES_QUERY_EVALUATION_ERROR, "The Timestamp field cannot be parsed as an ISO-8601 extended "
					 "offset date-time format string: %s", json_string_value(value));
		good = wf_error_set_location(error, wf_query_location(query));
	}
	json_decref(value);
	return good;
}

static bool
timestamp_due(WfView *view, const WfFrame *frame, WfPayload *input, int64_t *due, WfError *error)
{
	const WfPath *path = frame->state->wait.timestamp_path;

	*due = frame->state->wait.timestamp;
	if (frame->state->wait.timestamp_query &&
		!query_timestamp(view, frame->state->wait.timestamp_query, input, due, error))
		return false;
	if (path)
	{
		json_t	   *value = find_value(view, path, "TimestampPath", input, error);
		bool		good = value != NULL;

		if (!good)
			return false;
		if (!json_is_string(value) || !wf_time_parse(json_string_value(value), due))
			good = refuse_value(path, value, "The TimestampPath parameter does not reference a valid ISO-8601 extended "
								"offset date-time format string", error);
		json_decref(value);
		if (!good)
			return false;
	}
	if ((*due - frame->entered_at) / 1000000 > MAX_DELAY)
		return wf_error_set(error, WF_STATES_RUNTIME, "Wait state delay is too long.");
	return true;
}

static bool
begin_wait(WfExecution *x, WfFrame *frame)
{
	const WfState *state = frame->state;
	WfPayload  *input = NULL;
	WfError		error = WF_ERROR_NONE;
	WfView		view;
	int64_t		due = 0;
	bool		good = false;

	wf_view_open(&view, x, frame);
	input = wf_apply_path(&view, &state->input_path, frame->input, &error);
	if (input)
		good = state->wait.timestamp_given || state->wait.timestamp_path || state->wait.timestamp_query ?
			timestamp_due(&view, frame, input, &due, &error) : seconds_due(&view, frame, input, &due, &error);
	wf_view_close(&view);
	wf_payload_release(input);
	if (!good)
		return wf_fail_evaluation(x, frame, &error);
	if (due <= wf_now(x))
		return wf_hand_on_input(x, frame);
	return wf_begin_wait(x, frame, WF_FRAME_WAITING, due);
}

static bool
resume_wait(WfExecution *x, WfFrame *frame, const WfStimulus *stimulus)
{
	(void) stimulus;			/* nothing but its timer reaches a frame that waits */
	wf_timer_fired(x, frame, WF_TIMER_FRAME);
	return wf_end_wait(x, frame, false) && wf_hand_on_input(x, frame);
}

const WfStateKind wf_state_kind_WAIT = {
	.entered = WF_WAIT_STATE_ENTERED_EVENT,
	.exited = WF_WAIT_STATE_EXITED_EVENT,
	.aborted = WF_WAIT_STATE_ABORTED_EVENT,
	.begin = begin_wait,
	.resume = resume_wait,
};
