/*
 * state_succeed.c - Succeed: ends its block well; for a branch or an iteration that is not the end of the execution.
 */
#include "interpreter/internal.h"

static bool
begin_succeed(WfExecution *x, WfFrame *frame)
{
	WfPayload  *input = NULL;
	WfError		error = WF_ERROR_NONE;
	WfView		view;
	bool		good;

	wf_view_open(&view, x, frame);
	input = wf_apply_path(&view, &frame->state->input_path, frame->input, &error);
	wf_view_close(&view);
	if (!input)
		return wf_fail_evaluation(x, frame, &error);
	good = wf_complete_state(x, frame, input, frame->state->assign, frame->state->output, NULL);
	wf_payload_release(input);
	return good;
}

const WfStateKind wf_state_kind_SUCCEED = {
	.entered = WF_SUCCEED_STATE_ENTERED_EVENT,
	.exited = WF_SUCCEED_STATE_EXITED_EVENT,
	.begin = begin_succeed,
};
