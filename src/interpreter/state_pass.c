/*
 * state_pass.c - Pass: hands on its input, a constant, or a template filled in.  Never waits.
 */
#include "interpreter/internal.h"

/* Result wins over Parameters, and is taken literally: keys that end in `.$` stay as they are. */
static bool
begin_pass(WfExecution *x, WfFrame *frame)
{
	const WfState *state = frame->state;
	WfPayload  *result;
	WfError		error = WF_ERROR_NONE;
	bool		good;

	if (state->pass.result)
	{
		result = wf_payload_from_json(json_incref(state->pass.result));
		if (!result)
			wf_error_no_memory(&error);
	}
	else
		result = wf_apply_to_input(x, frame, state->parameters, &error);
	if (!result)
		return wf_fail_evaluation(x, frame, &error);
	good = wf_complete_state(x, frame, result, state->assign, state->output, state->next);
	wf_payload_release(result);
	return good;
}

const WfStateKind wf_state_kind_PASS = {
	.entered = WF_PASS_STATE_ENTERED_EVENT,
	.exited = WF_PASS_STATE_EXITED_EVENT,
	.begin = begin_pass,
};
