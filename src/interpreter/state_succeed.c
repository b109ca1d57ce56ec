/*
 * state_succeed.c - Succeed: ends its block well; for a branch or an iteration that is not the end of the execution.
 */
#include "interpreter/internal.h"

const WfStateKind wf_state_kind_SUCCEED = {
	.entered = WF_SUCCEED_STATE_ENTERED_EVENT,
	.exited = WF_SUCCEED_STATE_EXITED_EVENT,
	.begin = wf_hand_on_input,
};
