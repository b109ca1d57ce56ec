/*
 * state_parallel.c - Parallel: one frame for each branch, all begun at once, each with the same input.
 */
#include "interpreter/internal.h"

static bool
begin_parallel(WfExecution *x, WfFrame *frame)
{
	const WfState *state = frame->state;
	WfError		error = WF_ERROR_NONE;
	WfPayload  *given = wf_apply_to_input(x, frame, state->parameters, &error);
	WfEvent    *event;
	bool		good;

	if (!given)
		return wf_fail_evaluation(x, frame, &error);
	if (state->parameters && wf_over_limit(x, given))
	{
		wf_payload_release(given);
		return wf_fail_data_limit(x, frame, state->name, true);
	}
	event = wf_add_event(x, WF_PARALLEL_STATE_STARTED_EVENT, frame->last);
	good = event != NULL;
	if (good)
	{
		frame->last = event->id;
		frame->broken = frame->over = false;
		frame->length = frame->begun = state->parallel.n_branches;
		frame->ended = 0;
		frame->first_child = x->row.next_frame;
		wf_frame_set_status(x, frame, WF_FRAME_JOINING);
		good = wf_frame_touch(x, frame);
	}
	for (int i = 0; good && i < state->parallel.n_branches; i++)
		good = wf_frame_new(x, frame, state->parallel.branches[i], i, given, frame->last) != NULL;
	wf_payload_release(given);
	return good;
}

/* The branches have all ended: Exited points back to what the last of them did, not to Succeeded. */
static bool
resume_parallel(WfExecution *x, WfFrame *frame, const WfStimulus *stimulus)
{
	(void) stimulus;
	return wf_join(x, frame, WF_PARALLEL_STATE_SUCCEEDED_EVENT);
}

static bool
end_branch(WfExecution *x, WfFrame *frame, WfFrame *child)
{
	frame->last = child->last;
	if (frame->ended == frame->length)
		wf_queue_first(x, frame);
	return true;
}

const WfStateKind wf_state_kind_PARALLEL = {
	.entered = WF_PARALLEL_STATE_ENTERED_EVENT,
	.exited = WF_PARALLEL_STATE_EXITED_EVENT,
	.aborted = WF_PARALLEL_STATE_ABORTED_EVENT,
	.failed = WF_PARALLEL_STATE_FAILED_EVENT,
	.begin = begin_parallel,
	.resume = resume_parallel,
	.child_ended = end_branch,
};
