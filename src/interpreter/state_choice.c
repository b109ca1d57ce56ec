/*
 * state_choice.c - Choice: the first rule that holds says what is next, else Default.
 *
 * A rule's Assign and Output take the place of the state's own, which count where Default is taken.
 */
#include "interpreter/internal.h"

/* JSONata's Condition: true or false, and nothing else. */
static bool
query_matches(const WfTemplate *query, const WfScope *scope, bool *matches, WfError *error)
{
	json_t	   *value = wf_template_evaluate(query, scope, error);
	bool		good = value != NULL;

	if (good && !json_is_boolean(value))	/* literals have been checked with the definition */
		good = wf_query_refuse(wf_template_query(query), value, "boolean", error);
	*matches = json_is_true(value);
	json_decref(value);
	return good;
}

/* Sets *chosen to how the state is left; false with *error. */
static bool
choose(const WfState *state, const WfScope *scope, WfRule *chosen, WfError *error)
{
	for (int i = 0; i < state->choice.n_rules; i++)
	{
		const WfRule *rule = &state->choice.rules[i];
		bool		matches;

		if (!(rule->query ? query_matches(rule->query, scope, &matches, error) :
			  wf_condition_evaluate(rule->condition, scope, &matches, error)))
			return false;
		if (matches)
		{
			*chosen = *rule;
			return true;
		}
	}
	*chosen = (WfRule) {.assign = state->assign, .output = state->output, .next = state->choice.fallback};
	if (chosen->next)
		return true;
	return wf_error_set(error, WF_STATES_RUNTIME,
						"Failed to transition out of the state. The state does not point to a next state.");
}

static bool
begin_choice(WfExecution *x, WfFrame *frame)
{
	WfRule		chosen = {0};
	const WfScope *scope;
	WfPayload  *input;
	WfError		error = WF_ERROR_NONE;
	WfView		view;
	bool		good;

	wf_view_open(&view, x, frame);
	input = wf_apply_path(&view, &frame->state->input_path, frame->input, &error);
	scope = input ? wf_view_scope(&view, input, &error) : NULL;
	good = scope && choose(frame->state, scope, &chosen, &error);
	wf_view_close(&view);
	good = good ? wf_complete_state(x, frame, input, chosen.assign, chosen.output, chosen.next) : wf_fail_evaluation(x, frame, &error);
	wf_payload_release(input);
	return good;
}

const WfStateKind wf_state_kind_CHOICE = {
	.entered = WF_CHOICE_STATE_ENTERED_EVENT,
	.exited = WF_CHOICE_STATE_EXITED_EVENT,
	.begin = begin_choice,
};
