/*
 * state_fail.c - Fail: ends its block with an error.  It is entered and never left; an error or a cause that it does not
 * give is absent, not empty.
 */
#include <stdlib.h>

#include "interpreter/internal.h"

/* Sets *text to the value of ErrorPath or CausePath, or of a query in Error or Cause, malloc'ed, at most `most` bytes of it. */
static bool
evaluate_text(WfView *view, const WfExpression *expression, const char *field, WfPayload *input, size_t most, char **text,
			  WfError *error)
{
	const WfScope *scope;
	json_t	   *value;

	if (!expression)
		return true;
	scope = wf_view_scope(view, input, error);
	value = scope ? wf_expression_evaluate(expression, scope, field, error) : NULL;
	if (!value)
		return false;
	if (json_is_string(value))
	{
		*text = wf_plain_text(value);
		if (*text)
			wf_error_cut(*text, most);
		else
			wf_error_no_memory(error);
	}
	else if (wf_expression_query(expression))
		wf_query_refuse(wf_expression_query(expression), value, "string", error);
	else
		wf_error_set(error, WF_STATES_RUNTIME,
					 "The JSONPath '%s' specified for the field '%s' must refer to a string.",
					 wf_expression_text(expression), field);
	json_decref(value);
	return *text != NULL;
}

static bool
begin_fail(WfExecution *x, WfFrame *frame)
{
	const WfState *state = frame->state;
	char	   *name = NULL,
			   *cause = NULL;
	WfError		error = WF_ERROR_NONE;
	WfView		view;
	bool		good;

	wf_view_open(&view, x, frame);
	good = evaluate_text(&view, state->fail.error_expression, "ErrorPath", frame->input, WF_MAX_ERROR_NAME, &name, &error) &&
		evaluate_text(&view, state->fail.cause_expression, "CausePath", frame->input, WF_MAX_CAUSE, &cause, &error);
	wf_view_close(&view);
	if (!good)
		good = wf_fail_evaluation(x, frame, &error);
	else
	{
		WfFailure	failure = {
			.error = name ? name : state->fail.error,
			.cause = cause ? cause : state->fail.cause,
		};

		good = wf_fail(x, frame, &failure);
	}
	free(name);
	free(cause);
	return good;
}

const WfStateKind wf_state_kind_FAIL = {
	.entered = WF_FAIL_STATE_ENTERED_EVENT,
	.begin = begin_fail,
};
