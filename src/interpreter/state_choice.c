/*
 * state_choice.c - Choice: the first rule that holds says what is next, else Default.
 *
 * A rule's Assign takes the place of the state's own, which counts where Default is taken.
 */
#include "interpreter/internal.h"

/* Sets *next and *assign; false with *error. */
static bool
choose(const WfState *state, const WfScope *scope, const WfState **next, const WfTemplate **assign, WfError *error)
{
	for (int i = 0; i < state->choice.n_rules; i++)
	{
		const WfRule *rule = &state->choice.rules[i];
		bool		matches;

		if (!wf_condition_evaluate(rule->condition, scope, &matches, error))
			return false;
		if (matches)
		{
			*next = rule->next;
			*assign = rule->assign;
			return true;
		}
	}
	*next = state->choice.fallback;
	*assign = state->assign;
	if (*next)
		return true;
	return wf_error_set(error, WF_STATES_RUNTIME,
						"Failed to transition out of the state. The state does not point to a next state.");
}

static bool
begin_choice(WfExecution *x, WfFrame *frame)
{
	const WfState *next = NULL;
	const WfTemplate *assign = NULL;
	const WfScope *scope;
	WfPayload  *input;
	WfError		error = WF_ERROR_NONE;
	WfView		view;
	bool		good;

	wf_view_open(&view, x, frame);
	input = wf_apply_path(&view, &frame->state->input_path, frame->input, &error);
	scope = input ? wf_view_scope(&view, input, &error) : NULL;
	good = scope && choose(frame->state, scope, &next, &assign, &error);
	wf_view_close(&view);
	good = good ? wf_complete_state(x, frame, input, assign, next) : wf_fail_evaluation(x, frame, &error);
	wf_payload_release(input);
	return good;
}

const WfStateKind wf_state_kind_CHOICE = {
	.entered = WF_CHOICE_STATE_ENTERED_EVENT,
	.exited = WF_CHOICE_STATE_EXITED_EVENT,
	.begin = begin_choice,
};
