/*
 * state_map_distributed.c - Map, distributed: its items are worked on by executions of their own, which a Map Run starts.
 *
 *     begin ─MapRunStarted─▶ READING ─▶ RUNNING ─▶ WRITING ─MapRunSucceeded─▶
 *                              │          │ └──▶ REPORTING
 *                              │          │          │ │
 *                              └──────────┴──────────┴─┴─MapRunFailed─▶ (Retry: a new Map Run)
 *
 * READING and WRITING are tasks, of the ItemReader's and the ResultWriter's resource, and only there where those are given,
 * or where the result is to say more of the children than the engine's answer does.  REPORTING is WRITING where too many
 * children have failed: that is the Map's failure, whatever comes of the files.  RUNNING is the engine's: it counts, and
 * answers once.  All three are one wait of the frame, whose serial is the Map Run's name within its execution.  What an
 * execution holds of a Map Run does not grow with its items.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"
#include "interpreter/result_writer.h"

enum
{
	NO_RUN, READING, RUNNING, WRITING, REPORTING
};

void
wf_map_run_to_start_clear(WfMapRunToStart *run)
{
	free(run->uuid);
	free(run->label);
	wf_payload_release(run->items);
	memset(run, 0, sizeof(*run));
}

/* --- the beginning --- */

/* What the fields of a Map say when it begins. */
typedef struct Beginning
{
	WfMapRunToStart run;
	WfPayload  *reader_parameters;	/* NULL: the items are the state's own */
	int64_t		max_items;
} Beginning;

static bool
evaluate(WfView *view, const WfState *state, WfPayload *input, Beginning *beginning, WfError *error)
{
	const WfDistributed *distributed = state->map.distributed;
	int64_t		items,
				bytes;

	beginning->run.tolerated_percentage = distributed->percentage_given ? distributed->tolerated_percentage : -1;
	return wf_apply_count(view, &distributed->tolerated_count, "ToleratedFailureCount", "ToleratedFailureCountPath", input, -1,
						  &beginning->run.tolerated_count, error) &&
		wf_apply_percentage(view, distributed->tolerated_percentage_query, distributed->tolerated_percentage_path,
							"ToleratedFailurePercentage", "ToleratedFailurePercentagePath", input,
							&beginning->run.tolerated_percentage, error) &&
		wf_apply_number(view, &distributed->max_items, "MaxItemsPath", input, 0, &beginning->max_items, error) &&
		wf_batch_limits(view, distributed, input, &items, &bytes, error) &&
		(!distributed->reader ||
		 (beginning->reader_parameters = wf_apply_template(view, distributed->reader_parameters, input, error)));
}

/* The Map Run has failed: for good, as far as it is concerned.  Its results may have been written all the same. */
static bool
fail_run(WfExecution *x, WfFrame *frame, const char *name, const char *cause, const char *const *also, bool written)
{
	WfFailure	failure = {name, cause, also, false, true};
	WfEvent    *event;

	if (!wf_end_map_run(x, frame, WF_FAILED, written) || !wf_end_wait(x, frame, false))
		return false;
	event = wf_add_event(x, WF_MAP_RUN_FAILED_EVENT, frame->last);
	if (!event)
		return false;
	frame->last = event->id;
	frame->broken = true;
	return wf_event_failure(x, event, name, cause) && wf_fail(x, frame, &failure);
}

static bool
give_task(WfExecution *x, WfFrame *frame, int phase, WfPayload *parameters)
{
	WfTaskToRun task;
	WfError		error = WF_ERROR_NONE;

	wf_payload_release(frame->items);
	frame->items = wf_payload_share(parameters);
	frame->phase = phase;
	frame->started = false;
	if (!wf_describe_map_task(x, frame, &task, &error))
		return wf_fail_evaluation(x, frame, &error);
	return wf_frame_touch(x, frame) && wf_run_task(x, frame, &task);
}

static bool
start_run(WfExecution *x, WfFrame *frame, Beginning *beginning)
{
	const WfDistributed *distributed = frame->state->map.distributed;
	char	   *arn = NULL;
	WfCommand  *command;
	WfEvent    *event;

	if (!wf_name_map_run(x, frame->state, &beginning->run, &arn) ||
		!(event = wf_add_event(x, WF_MAP_RUN_STARTED_EVENT, frame->last)))
	{
		free(arn);
		return false;
	}
	event->location = arn;		/* its owner, as of a worker's name */
	event->name = arn;
	frame->last = event->id;
	if (!wf_begin_wait(x, frame, WF_FRAME_TASK, 0) || !(command = wf_add_command(x, WF_START_MAP_RUN, frame)))
		return false;
	command->map = beginning->run;
	memset(&beginning->run, 0, sizeof(beginning->run));
	frame->phase = RUNNING;
	frame->max_items = beginning->max_items;
	if (!distributed->reader)
		return wf_frame_touch(x, frame);
	if (beginning->max_items < 0)
		return fail_run(x, frame, "States.ItemReaderFailed", "field MaxItems must be positive", NULL, false);
	return give_task(x, frame, READING, beginning->reader_parameters);
}

static bool
begin(WfExecution *x, WfFrame *frame, WfView *view, WfPayload *input, WfPayload *items, Beginning *beginning)
{
	const WfState *state = frame->state;
	WfError		error = WF_ERROR_NONE;
	WfEvent    *event = wf_add_event(x, WF_MAP_STATE_STARTED_EVENT, frame->last);

	if (!event)
		return false;
	frame->last = event->id;
	frame->broken = frame->over = false;
	event->number = items ? (int64_t) json_array_size(wf_payload_json(items, &error)) : 0;
	if (error.code != WF_NO_ERROR || !evaluate(view, state, input, beginning, &error))
		return wf_fail_evaluation(x, frame, &error);
	beginning->run.items = wf_payload_share(items);
	beginning->run.block = state->map.processor->id;
	beginning->run.express = state->map.distributed->express;
	beginning->run.writes_results = state->map.distributed->writer != NULL;
	return start_run(x, frame, beginning);
}

bool
wf_begin_map_run(WfExecution *x, WfFrame *frame, WfView *view, WfPayload *input, WfPayload *items, int64_t concurrency)
{
	Beginning	beginning = {.run.max_concurrency = concurrency};
	bool		good = begin(x, frame, view, input, items, &beginning);

	wf_map_run_to_start_clear(&beginning.run);
	wf_payload_release(beginning.reader_parameters);
	return good;
}

/* --- the way to the end --- */

/* What is known of the children is the engine's own: work without a resource, which has a name for its speed alone. */
static const WfResource own_results = {
	.text = "map:results", .base = "map:results", .pattern = WF_REQUEST_RESPONSE, .family = WF_FAMILY_TASK, .type = "map",
	.action = "results"
};

bool
wf_describe_map_task(WfExecution *x, const WfFrame *frame, WfTaskToRun *task, WfError *error)
{
	const WfDistributed *distributed = frame->state->map.distributed;

	memset(task, 0, sizeof(*task));
	if (!distributed || frame->phase == NO_RUN || frame->phase == RUNNING || !frame->items)
		return wf_error_set(error, WF_INVALID_MEMORY, "frame %d has no task out", frame->id);
	if (frame->phase == READING)
		task->resource = distributed->reader;
	else
		task->resource = distributed->writer ? distributed->writer : &own_results;
	task->reader = frame->phase == READING ? &distributed->reader_config : NULL;
	task->max_items = frame->max_items;
	task->writer = frame->phase == READING ? NULL : &distributed->writer_config;
	task->state_name = frame->state->name;
	task->parameters = wf_payload_share(frame->items);
	task->attempt = frame->attempt;
	task->alone = wf_frame_alone(x, frame);
	return true;
}

bool
wf_end_map_run(WfExecution *x, WfFrame *frame, WfExecutionStatus status, bool written)
{
	WfCommand  *command;

	if (frame->phase == NO_RUN)
		return true;
	frame->phase = NO_RUN;
	command = wf_add_command(x, WF_END_MAP_RUN, frame);
	if (!command)
		return false;
	command->status = status;
	command->written = written;
	return true;
}

const WfResource *
wf_map_run_resource(const WfFrame *frame)
{
	const WfDistributed *distributed = frame->state->map.distributed;

	return frame->phase == READING ? distributed->reader : frame->phase == WRITING ? distributed->writer : NULL;
}

bool
wf_map_run_is_open(const WfFrame *frame)
{
	return frame->phase != NO_RUN;
}

/*
 * What was asked for has been done: Succeeded and Exited both point back to MapRunSucceeded, but Exited to MapRunStarted in
 * JSONata, and in machines with variables.  (Of the service's own histories those since late in 2024, when JSONata and
 * variables came, have Exited point to MapRunStarted, two years of older ones to MapRunSucceeded; one and the same definition
 * does both.  So a definition that could not have been run before is told as it is today.)
 */
static bool
succeed(WfExecution *x, WfFrame *frame, WfPayload *output)
{
	WfEvent    *event;
	size_t		length = 0;
	const char *text = wf_payload_text(output, &length);
	int			started = frame->last;
	WfError		error = WF_ERROR_NONE;

	if (!text)
		return wf_no_memory(x);
	if (!wf_end_map_run(x, frame, WF_SUCCEEDED, frame->state->map.distributed->writer != NULL) || !wf_end_wait(x, frame, false) ||
		!(event = wf_add_event(x, WF_MAP_RUN_SUCCEEDED_EVENT, frame->last)))
		return false;
	frame->last = event->id;
	if (!wf_add_event(x, WF_MAP_STATE_SUCCEEDED_EVENT, frame->last))
		return false;
	if (frame->state->language == WF_JSONATA || x->definition->assigns)
		frame->last = started;
	/* Round a loop, each Map adds a level: what nobody could read any more must not be written. */
	if (wf_json_text_is_too_deep(text, length))
	{
		frame->last = x->row.last_event;
		wf_error_set(&error, WF_STATES_RUNTIME, "The result is nested too deeply, more than %d levels.", WF_JSON_MAX_DEPTH);
		return wf_fail_evaluation(x, frame, &error);
	}
	if (wf_over_limit(x, output))
	{
		frame->last = x->row.last_event;
		return wf_fail_data_limit(x, frame, frame->state->name, true);
	}
	return wf_complete_state(x, frame, output, frame->state->assign, frame->state->output, frame->state->next);
}

/* The results are the state's. */
static bool
give_results(WfExecution *x, WfFrame *frame, WfPayload *results)
{
	const WfWriterConfig *config = &frame->state->map.distributed->writer_config;
	WfError		error = WF_ERROR_NONE;
	WfPayload  *output;
	bool		good;

	/* More than the engine has gathered all of. */
	if (wf_over_limit(x, results))
		return succeed(x, frame, results);
	output = wf_results_payload(config, results, &error);
	if (!output)
		return wf_fail_evaluation(x, frame, &error);
	good = succeed(x, frame, output);
	wf_payload_release(output);
	return good;
}

static bool
begin_writing(WfExecution *x, WfFrame *frame, int phase)
{
	WfError		error = WF_ERROR_NONE;
	WfPayload  *parameters = wf_apply_to_input(x, frame, frame->state->map.distributed->writer_parameters, &error);
	bool		good;

	if (!parameters)
		return wf_fail_evaluation(x, frame, &error);
	good = give_task(x, frame, phase, parameters);
	wf_payload_release(parameters);
	return good;
}

static bool
fail_over_threshold(WfExecution *x, WfFrame *frame, bool written)
{
	return fail_run(x, frame, wf_error_name(WF_STATES_EXCEED_TOLERATED_FAILURE_THRESHOLD), WF_MAP_RUN_OVER_THRESHOLD, NULL,
					written);
}

/* What a child was to be given could not be made.  That it is too large is told as it is of any state. */
static bool
fail_inputs(WfExecution *x, WfFrame *frame, const WfError *error)
{
	char	   *cause;
	bool		good;

	if (error->code == WF_STATES_DATA_LIMIT_EXCEEDED)
		return fail_run(x, frame, wf_error_name(error->code), error->cause, NULL, false);
	cause = wf_tell_evaluation(x, frame, error);
	good = cause && fail_run(x, frame, wf_error_name(error->code), cause, NULL, false);
	free(cause);
	return good;
}

static bool
take_failure(WfExecution *x, WfFrame *frame, const WfStimulus *stimulus)
{
	const WfDistributed *distributed = frame->state->map.distributed;

	if (stimulus->evaluation)
		return fail_inputs(x, frame, stimulus->evaluation);
	switch (frame->phase)
	{
		case READING:
			return fail_run(x, frame, "States.ItemReaderFailed", stimulus->cause, NULL, false);
		case RUNNING:
			if (distributed->writer &&
				strcmp(stimulus->error, wf_error_name(WF_STATES_EXCEED_TOLERATED_FAILURE_THRESHOLD)) == 0)
				return begin_writing(x, frame, REPORTING);
			break;
		case WRITING:
			if (distributed->writer)
				return fail_run(x, frame, "States.ResultWriterFailed", stimulus->cause, NULL, false);
			break;
		default:
			return fail_over_threshold(x, frame, false);
	}
	return fail_run(x, frame, stimulus->error, stimulus->cause, stimulus->also, false);
}

bool
wf_resume_map_run(WfExecution *x, WfFrame *frame, const WfStimulus *stimulus)
{
	const WfDistributed *distributed = frame->state->map.distributed;

	if (stimulus->kind == WF_TASK_FAILED)
		return take_failure(x, frame, stimulus);
	if (stimulus->kind != WF_TASK_SUCCEEDED)
		return true;
	wf_drop_task(x, frame);
	switch (frame->phase)
	{
		case READING:
			frame->phase = RUNNING;
			return wf_frame_touch(x, frame) && wf_add_command(x, WF_GO_ON_MAP_RUN, frame);
		case RUNNING:
			if (distributed->writer || distributed->writer_config.transformation == WF_TRANSFORMATION_NONE)
				return begin_writing(x, frame, WRITING);
			return give_results(x, frame, stimulus->output);
		case WRITING:
			return succeed(x, frame, stimulus->output);
		default:
			return fail_over_threshold(x, frame, true);
	}
}
