/*
 * test_interpreter.c - the interpreter's contract with the engine: what a step gives, when, and what it never does.
 *
 * What the language means is tested by test/cases and by the recordings; here it is serials, timers, net effects, rows,
 * pauses, interrupts, and what happens when memory runs out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "world.h"

/* A world whose steps the test takes itself. */
static json_t *
open_world(World *w, const char *request)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *parsed = wf_json_parse(request, strlen(request), false, &error);

	if (!parsed)
		fail_msg("%s", error.cause);
	if (!world_open(w, parsed))
		fail_msg("%s", w->problem);
	return parsed;
}

static void
close_world(World *w, json_t *request)
{
	world_close(w);
	json_decref(request);
}

static WfOutcome
step(World *w, WfStimulus stimulus)
{
	WfOutcome	outcome;
	WfError		error = WF_ERROR_NONE;

	if (!wf_execution_step(w->execution, &stimulus, &outcome, &error))
		fail_msg("%s: %s", wf_error_name(error.code), error.cause);
	return outcome;
}

static const WfCommand *
find_command(const WfOutcome *outcome, WfCommandKind kind)
{
	for (int i = 0; i < outcome->n_commands; i++)
		if (outcome->commands[i].kind == kind)
			return &outcome->commands[i];
	return NULL;
}

#define ONE_TASK "{\"definition\":{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\"," \
	"\"Resource\":\"arn:aws:states:::sqs:sendMessage\",\"Parameters\":{\"n.$\":\"$.n\"},\"TimeoutSeconds\":10," \
	"\"HeartbeatSeconds\":4,\"Retry\":[{\"ErrorEquals\":[\"Again\"],\"IntervalSeconds\":2}],\"End\":true}}}," \
	"\"input\":{\"n\":1}}"

#define TWO_BRANCHES "{\"definition\":{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":[" \
	"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::sqs:sendMessage\",\"End\":true}}}," \
	"{\"StartAt\":\"B\",\"States\":{\"B\":{\"Type\":\"Wait\",\"Seconds\":60,\"End\":true}}}]}}},\"input\":{}}"

static void
test_task_gives_commands(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, ONE_TASK);
	WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	const WfCommand *run = find_command(&outcome, WF_RUN_TASK);
	WfTaskToRun again;
	WfError		error = WF_ERROR_NONE;
	size_t		length;

	(void) state;
	assert_int_equal(outcome.n_events, 3);
	assert_int_equal(outcome.n_changed, 1);
	assert_int_equal(outcome.n_commands, 1);
	assert_non_null(run);
	assert_true(run->task.alone);
	assert_int_equal(run->task.timeout, 10);
	assert_int_equal(run->task.heartbeat, 4);
	assert_string_equal(wf_payload_text(run->task.parameters, &length), "{\"n\":1}");
	assert_true(wf_execution_expects(w.execution, run->frame, run->serial));
	assert_true(wf_execution_task(w.execution, run->frame, &again, &error));
	assert_string_equal(wf_payload_text(again.parameters, &length), "{\"n\":1}");
	wf_task_to_run_clear(&again);
	close_world(&w, request);
}

/* From when it is given out to its end, over a reload; what is taken back at once is never shown. */
static void
test_age(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, ONE_TASK);
	WfOutcome	outcome;
	int			serial;
	int64_t		due;

	(void) state;
	w.limits.waiting_task_age = 3;
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	serial = find_command(&outcome, WF_RUN_TASK)->serial;
	due = find_command(&outcome, WF_SET_TIMER)->due;
	assert_int_equal(find_command(&outcome, WF_SET_TIMER)->timer, WF_TIMER_AGE);
	assert_int_equal(due, w.now + 3000000);
	assert_false(find_command(&outcome, WF_SET_TIMER)->idle);
	assert_true(store_frame(&w, 0));
	wf_execution_get_row(w.execution, &w.row);
	assert_true(world_reload(&w));
	outcome = step(&w, (WfStimulus) {.kind = WF_TASK_FAILED, .serial = serial, .error = "E"});
	assert_int_equal(outcome.n_commands, 2);
	assert_int_equal(outcome.commands[0].kind, WF_CANCEL_TIMER);
	assert_int_equal(outcome.commands[0].timer, WF_TIMER_AGE);
	assert_int_equal(outcome.commands[0].due, due);
	assert_int_equal(outcome.commands[1].kind, WF_FINISH);
	close_world(&w, request);

	request = open_world(&w, ONE_TASK);
	w.limits.waiting_task_age = 3;
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	serial = find_command(&outcome, WF_RUN_TASK)->serial;
	outcome = step(&w, (WfStimulus) {.kind = WF_TASK_FAILED, .serial = serial, .error = "E"});
	assert_int_equal(outcome.n_commands, 1);
	close_world(&w, request);
}

static void
test_clocks_run_from_started(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, ONE_TASK);
	WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	int			serial = find_command(&outcome, WF_RUN_TASK)->serial;
	int64_t		started;

	(void) state;
	wf_execution_forget(w.execution);
	w.now += 5000000;
	started = w.now;
	outcome = step(&w, (WfStimulus) {.kind = WF_TASK_STARTED, .serial = serial});
	assert_int_equal(outcome.n_events, 1);
	assert_int_equal(outcome.n_commands, 2);
	assert_int_equal(outcome.commands[0].kind, WF_SET_TIMER);
	assert_int_equal(outcome.commands[0].timer, WF_TIMER_FRAME);
	assert_int_equal(outcome.commands[0].due, started + 10000000);
	assert_int_equal(outcome.commands[1].timer, WF_TIMER_HEARTBEAT);
	assert_int_equal(outcome.commands[1].due, started + 4000000);
	wf_execution_forget(w.execution);

	/* started twice: nothing */
	outcome = step(&w, (WfStimulus) {.kind = WF_TASK_STARTED, .serial = serial});
	assert_int_equal(outcome.n_events + outcome.n_commands, 0);

	/* a heartbeat moves its timer, which is cancelled as it was set */
	w.now += 3000000;
	outcome = step(&w, (WfStimulus) {.kind = WF_HEARTBEAT, .serial = serial});
	assert_int_equal(outcome.n_events, 0);
	assert_int_equal(outcome.n_commands, 2);
	assert_int_equal(outcome.commands[0].kind, WF_CANCEL_TIMER);
	assert_int_equal(outcome.commands[0].due, started + 4000000);
	assert_int_equal(outcome.commands[1].kind, WF_SET_TIMER);
	assert_int_equal(outcome.commands[1].due, started + 7000000);
	wf_execution_forget(w.execution);

	/* the old heartbeat timer had been taken from the table before that: it is too late */
	w.now = started + 4000000;
	outcome = step(&w, (WfStimulus) {.kind = WF_HEARTBEAT_MISSED, .serial = serial});
	assert_int_equal(outcome.n_events + outcome.n_commands, 0);

	/* the new one is in time; the task is cancelled and the other timer too */
	w.now = started + 7000000;
	outcome = step(&w, (WfStimulus) {.kind = WF_HEARTBEAT_MISSED, .serial = serial});
	assert_int_equal(outcome.n_events, 2);
	assert_int_equal(outcome.events[0].type, WF_TASK_TIMED_OUT_EVENT);
	assert_string_equal(outcome.events[0].error, "States.Timeout");
	assert_null(outcome.events[0].cause);
	assert_non_null(find_command(&outcome, WF_CANCEL_TASK));
	assert_int_equal(find_command(&outcome, WF_CANCEL_TIMER)->due, started + 10000000);
	assert_int_equal(outcome.commands[outcome.n_commands - 1].kind, WF_FINISH);
	assert_int_equal(outcome.n_gone, 1);
	assert_int_equal(wf_execution_status(w.execution), WF_FAILED);
	close_world(&w, request);
}

static void
test_late_stimuli_do_nothing(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, ONE_TASK);
	WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	int			serial = find_command(&outcome, WF_RUN_TASK)->serial;
	int			retry_serial;

	(void) state;
	wf_execution_forget(w.execution);
	outcome = step(&w, (WfStimulus) {.kind = WF_TASK_FAILED, .serial = serial, .error = "Again", .cause = "busy"});
	assert_int_equal(outcome.n_events, 1);		/* never started: no Started event */
	assert_int_equal(outcome.events[0].previous, 3);
	assert_null(find_command(&outcome, WF_CANCEL_TASK));
	retry_serial = find_command(&outcome, WF_SET_TIMER)->serial;
	assert_int_not_equal(retry_serial, serial);
	wf_execution_forget(w.execution);
	for (int kind = WF_TASK_STARTED; kind <= WF_HEARTBEAT; kind++)
	{
		outcome = step(&w, (WfStimulus) {.kind = (WfStimulusKind) kind, .serial = serial});
		assert_int_equal(outcome.n_events + outcome.n_commands + outcome.n_changed, 0);
		outcome = step(&w, (WfStimulus) {.kind = (WfStimulusKind) kind, .frame = 7, .serial = serial});
		assert_int_equal(outcome.n_events + outcome.n_commands + outcome.n_changed, 0);
	}
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	assert_int_equal(outcome.n_events, 0);
	outcome = step(&w, (WfStimulus) {.kind = WF_GO_ON});
	assert_int_equal(outcome.n_events, 0);
	outcome = step(&w, (WfStimulus) {.kind = WF_TIMER_FIRED, .serial = retry_serial});
	assert_int_equal(outcome.n_events, 1);
	assert_int_equal(outcome.events[0].type, WF_TASK_SCHEDULED_EVENT);
	assert_int_equal(outcome.events[0].previous, 4);
	assert_int_equal(find_command(&outcome, WF_RUN_TASK)->task.attempt, 1);
	assert_null(find_command(&outcome, WF_CANCEL_TIMER));
	close_world(&w, request);
}

static void
test_net_effect(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, ONE_TASK);
	WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	int			serial = find_command(&outcome, WF_RUN_TASK)->serial;
	WfPayload  *output = wf_payload_from_text("{}", 2);

	(void) state;
	step(&w, (WfStimulus) {.kind = WF_TASK_STARTED, .serial = serial});
	outcome = step(&w, (WfStimulus) {.kind = WF_TASK_SUCCEEDED, .serial = serial, .output = output});
	assert_int_equal(outcome.n_events, 7);
	assert_int_equal(outcome.n_commands, 1);
	assert_int_equal(outcome.commands[0].kind, WF_FINISH);
	assert_int_equal(outcome.commands[0].status, WF_SUCCEEDED);
	assert_int_equal(outcome.n_changed, 0);
	assert_int_equal(outcome.n_gone, 0);
	wf_payload_release(output);
	close_world(&w, request);
}

static void
test_stop_cancels_everything(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, TWO_BRANCHES);
	WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_START});

	(void) state;
	assert_false(find_command(&outcome, WF_RUN_TASK)->task.alone);
	assert_int_equal(outcome.n_changed, 3);
	wf_execution_forget(w.execution);
	outcome = step(&w, (WfStimulus) {.kind = WF_STOP, .error = "E", .cause = "C"});
	assert_int_equal(outcome.n_events, 1);
	assert_int_equal(outcome.events[0].type, WF_EXECUTION_ABORTED_EVENT);
	assert_int_equal(outcome.events[0].previous, 0);
	assert_int_equal(outcome.n_gone, 3);
	assert_int_equal(outcome.n_commands, 3);
	assert_non_null(find_command(&outcome, WF_CANCEL_TASK));
	assert_non_null(find_command(&outcome, WF_CANCEL_TIMER));
	assert_int_equal(outcome.commands[2].kind, WF_FINISH);
	assert_string_equal(outcome.commands[2].error, "E");
	assert_string_equal(outcome.commands[2].cause, "C");
	close_world(&w, request);
}

#define MAP_RUN(reader) "{\"definition\":{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.items\"," reader \
	"\"ItemProcessor\":{\"ProcessorConfig\":{\"Mode\":\"DISTRIBUTED\",\"ExecutionType\":\"STANDARD\"},\"StartAt\":\"A\"," \
	"\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true}}},\"End\":true}}},\"input\":{\"items\":[1]}}"

/* Of a distributed Map a task is out while its items are read, and none while its children run. */
static void
test_stop_of_a_map_run(void **state)
{
	static const char *const requests[] = {MAP_RUN(""), MAP_RUN("\"ItemReader\":{\"Resource\":\"sql:query\",\"Parameters\":{}},")};

	(void) state;
	for (int reads = 0; reads < 2; reads++)
	{
		World		w;
		json_t	   *request = open_world(&w, requests[reads]);
		WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_START});
		const WfCommand *command;

		assert_int_equal(find_command(&outcome, WF_RUN_TASK) != NULL, reads);
		assert_false(wf_execution_is_overtaken(w.execution, 0));
		wf_execution_forget(w.execution);
		outcome = step(&w, (WfStimulus) {.kind = WF_STOP});
		command = find_command(&outcome, WF_CANCEL_TASK);
		if (reads)
			assert_string_equal(command->task.resource->text, "sql:query");
		else
			assert_null(command);
		assert_int_equal(find_command(&outcome, WF_END_MAP_RUN)->status, WF_ABORTED);
		close_world(&w, request);
	}
}

static void
test_payloads_are_shared(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, "{\"definition\":{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},"
								   "\"B\":{\"Type\":\"Succeed\"}}},\"input\":{\"a\":1}}");
	WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_START});

	(void) state;
	assert_int_equal(outcome.n_events, 6);
	for (int i = 0; i < 6; i++)
		assert_ptr_equal(outcome.events[i].data, w.facts.input);
	close_world(&w, request);
}

static int64_t
ticking_now(void *arg)
{
	return ((World *) arg)->now++;
}

/* A state is entered at the moment at which the one before was left, and the clock is read once for each state's work. */
static void
test_times(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, "{\"definition\":{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},"
								   "\"B\":{\"Type\":\"Pass\",\"Next\":\"C\"},\"C\":{\"Type\":\"Succeed\"}}},\"input\":{}}");
	int64_t		start = w.now;
	WfOutcome	outcome;

	(void) state;
	w.host.now = ticking_now;
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	assert_int_equal(outcome.n_events, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(outcome.events[i].at - start, i == 0 ? 0 : 1 + i / 2);
	close_world(&w, request);

	/* between two steps time has passed */
	request = open_world(&w, "{\"definition\":{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},"
						 "\"B\":{\"Type\":\"Succeed\"}}},\"input\":{}}");
	w.pause_chance = 100;
	step(&w, (WfStimulus) {.kind = WF_START});
	w.now += 1000;
	outcome = step(&w, (WfStimulus) {.kind = WF_GO_ON});
	assert_int_equal(outcome.n_events, 6);
	assert_int_equal(outcome.events[3].at - outcome.events[2].at, 1000);
	close_world(&w, request);
}

/* An execution takes over the arrays of the one freed before, and nothing that was in them. */
static void
test_nothing_is_left_of_another(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, TWO_BRANCHES);
	WfExecutionRow row;
	WfOutcome	outcome;

	(void) state;
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	assert_int_equal(outcome.n_changed, 3);
	close_world(&w, request);

	request = open_world(&w, ONE_TASK);
	wf_execution_get_row(w.execution, &row);
	assert_int_equal(row.last_event, 0);
	assert_int_equal(row.next_frame, 0);
	for (int frame = 0; frame < 3; frame++)
		for (int serial = 0; serial < 4; serial++)
			assert_false(wf_execution_expects(w.execution, frame, serial));
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	assert_int_equal(outcome.n_events, 3);
	assert_int_equal(outcome.events[0].id, 1);
	assert_null(outcome.events[0].resource);
	assert_int_equal(outcome.n_commands, 1);
	assert_int_equal(outcome.n_changed, 1);
	assert_int_equal(outcome.n_gone, 0);
	outcome = step(&w, (WfStimulus) {.kind = WF_STOP, .error = "E", .cause = "C"});
	assert_int_equal(wf_execution_status(w.execution), WF_ABORTED);
	close_world(&w, request);

	request = open_world(&w, ONE_TASK);
	assert_int_equal(wf_execution_status(w.execution), WF_RUNNING);
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	assert_int_equal(outcome.n_events, 3);
	close_world(&w, request);
}

/* Of an execution that has not begun, no state is entered. */
static void
test_stop_before_start(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, ONE_TASK);
	WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_STOP, .error = "E"});

	(void) state;
	assert_int_equal(wf_execution_status(w.execution), WF_ABORTED);
	assert_int_equal(outcome.n_events, 2);
	assert_int_equal(outcome.events[0].type, WF_EXECUTION_STARTED_EVENT);
	assert_int_equal(outcome.events[1].type, WF_EXECUTION_ABORTED_EVENT);
	assert_string_equal(outcome.events[1].error, "E");
	assert_int_equal(outcome.n_commands, 1);
	assert_int_equal(outcome.commands[0].kind, WF_FINISH);
	assert_int_equal(outcome.n_changed + outcome.n_gone, 0);
	close_world(&w, request);
}

static void
test_pause(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, "{\"definition\":{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},"
								   "\"B\":{\"Type\":\"Succeed\"}}},\"input\":{\"a\":1}}");
	WfOutcome	outcome;

	(void) state;
	w.pause_chance = 100;
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	assert_int_equal(outcome.n_events, 3);
	assert_int_equal(outcome.n_commands, 1);
	assert_int_equal(outcome.commands[0].kind, WF_GO_ON_LATER);
	outcome = step(&w, (WfStimulus) {.kind = WF_GO_ON});
	assert_int_equal(outcome.n_events, 6);
	assert_int_equal(outcome.n_commands, 1);
	assert_int_equal(outcome.commands[0].kind, WF_FINISH);
	close_world(&w, request);
}

static void
test_interrupt(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, TWO_BRANCHES);
	WfOutcome	outcome;
	WfError		error = WF_ERROR_NONE;
	WfStimulus	start = {.kind = WF_START};

	(void) state;
	w.interrupt_in = 2;
	assert_false(wf_execution_step(w.execution, &start, &outcome, &error));
	assert_int_equal(error.code, WF_INTERRUPTED);
	wf_error_clear(&error);
	close_world(&w, request);
}

static void
test_bad_memory(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, TWO_BRANCHES);
	WfOutcome	outcome;
	WfError		error = WF_ERROR_NONE;
	WfStimulus	stop = {.kind = WF_STOP};
	WfFrameRow	row = {.id = 0, .parent = -1, .block = 9};

	(void) state;
	assert_false(wf_execution_add_frame(w.execution, &row, &error));
	assert_int_equal(error.code, WF_INVALID_MEMORY);
	wf_error_clear(&error);
	row.block = 0;
	row.state = 2;				/* a state of another block */
	assert_false(wf_execution_add_frame(w.execution, &row, &error));
	wf_error_clear(&error);
	row.state = 0;
	row.memory = (char *) "{\"last\":\"x\"}";
	assert_false(wf_execution_add_frame(w.execution, &row, &error));
	assert_int_equal(error.code, WF_INVALID_MEMORY);
	wf_error_clear(&error);
	row.memory = (char *) "nonsense";
	assert_false(wf_execution_add_frame(w.execution, &row, &error));
	assert_int_equal(error.code, WF_INVALID_MEMORY);
	wf_error_clear(&error);
	row.id = 5;
	row.parent = 4;				/* which nobody has */
	row.memory = NULL;
	assert_true(wf_execution_add_frame(w.execution, &row, &error));
	assert_false(wf_execution_step(w.execution, &stop, &outcome, &error));
	assert_int_equal(error.code, WF_INVALID_MEMORY);
	wf_error_clear(&error);
	close_world(&w, request);
}

static void
test_context(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, ONE_TASK);
	WfError		error = WF_ERROR_NONE;
	WfPayload  *context;
	size_t		length;

	(void) state;
	step(&w, (WfStimulus) {.kind = WF_START});
	context = wf_execution_context(w.execution, 0, &error);
	assert_non_null(context);
	assert_string_equal(wf_payload_text(context, &length),
						"{\"Execution\":{\"Id\":\"arn:aws:states:us-east-1:111111111111:execution:machine:run\","
						"\"Input\":{\"n\":1},\"StartTime\":\"2026-01-01T00:00:00.000Z\",\"Name\":\"run\","
						"\"RoleArn\":\"arn:aws:iam::111111111111:role/sfn-role\",\"RedriveCount\":0},"
						"\"StateMachine\":{\"Id\":\"arn:aws:states:us-east-1:111111111111:stateMachine:machine\","
						"\"Name\":\"machine\"},\"State\":{\"Name\":\"T\",\"EnteredTime\":\"2026-01-01T00:00:00.000Z\","
						"\"RetryCount\":0}}");
	wf_payload_release(context);
	assert_null(wf_execution_context(w.execution, 3, &error));
	wf_error_clear(&error);
	close_world(&w, request);
}

/* In the caller's transaction: nothing of redriving in the context, and events may be dropped while commands add up. */
static void
test_synchronous(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, ONE_TASK);
	WfError		error = WF_ERROR_NONE;
	WfPayload  *context;
	WfOutcome	outcome;
	size_t		length;
	int			events;

	(void) state;
	w.facts.synchronous = true;
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	events = outcome.n_events;
	context = wf_execution_context(w.execution, 0, &error);
	assert_non_null(context);
	assert_null(strstr(wf_payload_text(context, &length), "RedriveCount"));
	wf_payload_release(context);
	wf_execution_forget_events(w.execution);
	outcome = step(&w, (WfStimulus) {.kind = WF_STOP});
	assert_int_equal(outcome.n_events, 1);
	assert_int_equal(outcome.events[0].id, events + 1);
	assert_non_null(find_command(&outcome, WF_FINISH));
	close_world(&w, request);
}

#define EACH_CONTEXT "{\"definition\":{\"StartAt\":\"M\",\"States\":{" \
	"\"M\":{\"Type\":\"Map\",\"ItemSelector\":{\"all.$\":\"$$\"},\"ItemProcessor\":{\"StartAt\":\"P\",\"States\":{" \
	"\"P\":{\"Type\":\"Pass\",\"Parameters\":{\"given.$\":\"$.all.Map\",\"state.$\":\"$.all.State.Name\",\"own.$\":\"$$.Map\"," \
	"\"name.$\":\"$$.State.Name\"},\"End\":true}}},\"End\":true}}},\"input\":[10,20]}"

/* A template may keep the whole context object: each item has its own. */
static void
test_context_of_items(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, EACH_CONTEXT);
	WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	const WfCommand *end = find_command(&outcome, WF_FINISH);
	size_t		length;

	(void) state;
	assert_non_null(end);
	assert_string_equal(wf_payload_text(end->output, &length),
						"[{\"given\":{\"Item\":{\"Index\":0,\"Value\":10,\"Source\":\"STATE_DATA\"}},\"state\":\"M\","
						"\"own\":{\"Item\":{\"Index\":0,\"Value\":10,\"Source\":\"STATE_DATA\"}},\"name\":\"P\"},"
						"{\"given\":{\"Item\":{\"Index\":1,\"Value\":20,\"Source\":\"STATE_DATA\"}},\"state\":\"M\","
						"\"own\":{\"Item\":{\"Index\":1,\"Value\":20,\"Source\":\"STATE_DATA\"}},\"name\":\"P\"}]");
	close_world(&w, request);
}

/* An iteration whose item is not there: memory that no execution has written. */
static void
test_no_such_item(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, EACH_CONTEXT);
	WfError		error = WF_ERROR_NONE;
	WfFrameRow	owner = {.id = 0, .parent = -1, .status = WF_FRAME_JOINING, .items = w.facts.input, .input = w.facts.input,
		.memory = (char *) "{\"length\":2,\"begun\":2,\"ended\":1}"};
	WfFrameRow	iteration = {.id = 1, .block = 1, .state = 1, .index = 7, .input = w.facts.input};

	(void) state;
	assert_true(wf_execution_add_frame(w.execution, &owner, &error));
	assert_true(wf_execution_add_frame(w.execution, &iteration, &error));
	assert_null(wf_execution_context(w.execution, 1, &error));
	assert_int_equal(error.code, WF_INVALID_MEMORY);
	wf_error_clear(&error);
	close_world(&w, request);
}

static void
test_words(void **state)
{
	(void) state;
	assert_string_equal(wf_event_word(WF_PASS_STATE_ENTERED_EVENT), "PassStateEntered");
	assert_string_equal(wf_event_details_key(WF_PASS_STATE_ENTERED_EVENT), "stateEnteredEventDetails");
	assert_string_equal(wf_event_details_key(WF_TASK_STATE_ABORTED_EVENT), "");
	assert_string_equal(wf_frame_status_word(WF_FRAME_ENDED), "ended");
	assert_string_equal(wf_execution_status_word(WF_TIMED_OUT), "TIMED_OUT");
	for (int a = 1; a < WF_EVENT_TYPE_COUNT; a++)
		for (int b = 1; b < a; b++)
			assert_string_not_equal(wf_event_word((WfEventType) a), wf_event_word((WfEventType) b));
}

/* 40,000 items, 1,000 at a time, each step stored: nothing in it may take time in proportion to all the others. */
static void
test_large_map(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, "{\"definition\":{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"MaxConcurrency\":1000,"
								   "\"ItemProcessor\":{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":5,\"End\":true}}},"
								   "\"End\":true}}},\"limits\":{\"max_events\":0,\"max_payload\":0}}");
	json_t	   *items = json_array();
	int		   *frames = malloc(50000 * sizeof(int));
	int		   *serials = malloc(50000 * sizeof(int));
	int			n = 0,
				done = 0,
				most = 0;
	clock_t		began = clock();
	WfOutcome	outcome;

	(void) state;
	for (int i = 0; i < 40000; i++)
		json_array_append_new(items, json_integer(i));
	wf_payload_release(w.facts.input);
	w.facts.input = wf_payload_from_json(items);
	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	for (;;)
	{
		for (int i = 0; i < outcome.n_commands; i++)
			if (outcome.commands[i].kind == WF_SET_TIMER)
			{
				frames[n] = outcome.commands[i].frame;
				serials[n++] = outcome.commands[i].serial;
			}
		most = n - done > most ? n - done : most;
		if (wf_execution_status(w.execution) != WF_RUNNING)
			break;
		wf_execution_forget(w.execution);
		w.now += 5000000;
		outcome = step(&w, (WfStimulus) {.kind = WF_TIMER_FIRED, .frame = frames[done], .serial = serials[done]});
		done++;
	}
	assert_int_equal(done, 40000);
	assert_int_equal(most, 1000);
	assert_int_equal(wf_execution_status(w.execution), WF_SUCCEEDED);
	assert_true((double) (clock() - began) / CLOCKS_PER_SEC < 20);
	free(frames);
	free(serials);
	close_world(&w, request);
}

/* --- no memory --- */

static long allocations_left = -1;

static void *
failing_malloc(size_t size)
{
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return malloc(size);
}

/*
 * Every iteration of a Map sets a variable of 150 bytes twice, which takes no more room, and then waits, so that it stays;
 * 8,000 bytes are allowed.
 */
static void
run_with_variables(int n, bool waits, World *w, json_t **request)
{
	char		text[2000];
	char		value[149];

	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	snprintf(text, sizeof(text),
			 "{\"definition\":{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.items\",\"ResultPath\":null,"
			 "\"ItemProcessor\":{\"StartAt\":\"A\",\"States\":{"
			 "\"A\":{\"Type\":\"Pass\",\"Assign\":{\"x\":\"%s\"},\"Next\":\"B\"},"
			 "\"B\":{\"Type\":\"Pass\",\"Assign\":{\"x.$\":\"$x\"},\"Next\":\"W\"},"
			 "\"W\":{\"Type\":\"Wait\",\"Seconds\":%d,\"End\":true}}},\"End\":true}}},"
			 "\"limits\":{\"max_payload\":200,\"inline_concurrency\":1000},\"input\":{\"items\":[0", value, waits ? 60 : 0);
	for (int i = 1; i < n; i++)
		strcat(text, ",0");
	strcat(text, "]}}");
	*request = open_world(w, text);
	world_run(w);
}

static void
test_variables_are_bounded(void **state)
{
	static const struct
	{
		int			n;
		bool		waits;
		bool		too_much;
	}			cases[] = {{51, true, false}, {52, true, true}, {200, false, false}};

	(void) state;
	for (int i = 0; i < 3; i++)
	{
		World		w;
		json_t	   *request;

		run_with_variables(cases[i].n, cases[i].waits, &w, &request);
		assert_string_equal(w.problem, "");
		assert_int_equal(w.status, cases[i].too_much ? WF_FAILED : WF_SUCCEEDED);
		close_world(&w, request);
	}
}

/* Each of jansson's allocations of a run fails in turn: every step ends well or says that memory is out. */
static void
test_no_memory(void **state)
{
	static const char request_text[] = "{\"definition\":{\"StartAt\":\"M\",\"States\":{"
		"\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.items\",\"ItemSelector\":{\"v.$\":\"$$.Map.Item.Value\",\"e.$\":\"$$.Execution.Name\"},"
		"\"ItemProcessor\":{\"StartAt\":\"C\",\"States\":{"
		"\"C\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.v\",\"NumericGreaterThan\":1,\"Next\":\"F\"}],\"Default\":\"P\"},"
		"\"P\":{\"Type\":\"Pass\",\"Parameters\":{\"n.$\":\"$.v\"},\"ResultPath\":\"$.r\",\"OutputPath\":\"$.r\",\"End\":true},"
		"\"F\":{\"Type\":\"Fail\",\"ErrorPath\":\"$.e\",\"Cause\":\"c\"}}},"
		"\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"ResultPath\":\"$.caught\",\"Next\":\"W\"}],\"End\":true},"
		"\"W\":{\"Type\":\"Wait\",\"SecondsPath\":\"$.s\",\"End\":true}}},\"input\":{\"items\":[1,2],\"s\":3}}";
	WfStimulus	start = {.kind = WF_START};
	bool		ended = false;

	(void) state;
	for (long n = 0; !ended; n++)
	{
		World		w;
		json_t	   *request = open_world(&w, request_text);
		WfOutcome	outcome;
		WfError		error = WF_ERROR_NONE;

		allocations_left = n;
		ended = wf_execution_step(w.execution, &start, &outcome, &error);
		allocations_left = -1;
		if (!ended)
			assert_int_equal(error.code, WF_OUT_OF_MEMORY);
		wf_error_clear(&error);
		close_world(&w, request);
		assert_true(n < 100000);
	}
}

#define DISTRIBUTED(fields, limit) "{\"definition\":{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\"," fields \
	",\"ItemProcessor\":{\"ProcessorConfig\":{\"Mode\":\"DISTRIBUTED\",\"ExecutionType\":\"STANDARD\"},\"StartAt\":\"S\"," \
	"\"States\":{\"S\":{\"Type\":\"Succeed\"}}},\"End\":true}}},\"input\":[],\"limits\":{\"max_payload\":" limit "}}"

/* Puts the items together to inputs as the engine does, a line each; behind "!" the name of the error. */
static void
gather_inputs(World *w, const char *items_text, char *to, long allocations)
{
	json_t	   *items = json_loads(items_text, 0, NULL);
	WfOutcome	outcome = step(w, (WfStimulus) {.kind = WF_START});
	const WfCommand *command = find_command(&outcome, WF_START_MAP_RUN);
	WfError		error = WF_ERROR_NONE;
	WfMapInputs *inputs;
	size_t		i = 0;
	bool		good = true;

	assert_non_null(command);
	allocations_left = allocations;
	inputs = wf_map_inputs_open(w->execution, command->frame, &error);
	while (inputs && good && (i < json_array_size(items) || wf_map_inputs_pending(inputs) > 0))
	{
		WfMapAdded	added = i < json_array_size(items) ?
			wf_map_inputs_add(inputs, (int64_t) i, json_array_get(items, i), &error) : WF_MAP_ITEM_NEXT;
		WfPayload  *input;

		good = added != WF_MAP_ITEM_FAILED;
		i += added == WF_MAP_ITEM_ADDED || added == WF_MAP_ITEM_FULL;
		if (!good || added == WF_MAP_ITEM_ADDED)
			continue;
		input = wf_map_inputs_take(inputs, &error);
		good = input && wf_payload_text(input, NULL);
		if (good)
			to += sprintf(to, "%s\n", wf_payload_text(input, NULL));
		else if (error.code == WF_NO_ERROR)
			wf_error_no_memory(&error);
		wf_payload_release(input);
	}
	wf_map_inputs_close(inputs);
	allocations_left = -1;
	if (error.code != WF_NO_ERROR)
		sprintf(to, "!%s", wf_error_name(error.code));
	wf_error_clear(&error);
	json_decref(items);
}

/* Children's inputs: single items or batches, never larger than a payload may be, to the byte. */
static void
test_inputs_of_children(void **state)
{
	static const struct
	{
		const char *request;
		const char *items;
		const char *inputs;
	}			cases[] = {
		{DISTRIBUTED("\"Label\":\"l\"", "10"), "[1,\"12345678\",{}]", "1\n\"12345678\"\n{}\n"},
		{DISTRIBUTED("\"Label\":\"l\"", "10"), "[1,\"123456789\",{}]", "1\n!States.DataLimitExceeded"},
		{DISTRIBUTED("\"ItemSelector\":{\"i.$\":\"$$.Map.Item.Index\",\"s.$\":\"$$.Map.Item.Source\"}", "100"), "[[],[]]",
			"{\"i\":0,\"s\":\"STATE_DATA\"}\n{\"i\":1,\"s\":\"STATE_DATA\"}\n"},
		{DISTRIBUTED("\"ItemReader\":{\"Resource\":\"arn:aws:states:::s3:getObject\",\"Parameters\":{\"Bucket\":\"b\",\"Key\":\"k\"}},"
					 "\"ItemSelector\":{\"s.$\":\"$$.Map.Item.Source\"}", "100"), "[1]", "{\"s\":\"S3://b/k\"}\n"},
		{DISTRIBUTED("\"ItemBatcher\":{\"MaxItemsPerBatch\":2}", "100"), "[1,2,3]", "{\"Items\":[1,2]}\n{\"Items\":[3]}\n"},
		/* 17 bytes are {"Items":[1,2,3]} */
		{DISTRIBUTED("\"ItemBatcher\":{\"MaxInputBytesPerBatch\":17}", "100"), "[1,2,3,4]", "{\"Items\":[1,2,3]}\n{\"Items\":[4]}\n"},
		{DISTRIBUTED("\"ItemBatcher\":{\"MaxInputBytesPerBatch\":16}", "100"), "[1,2,3]", "{\"Items\":[1,2]}\n{\"Items\":[3]}\n"},
		/* one is in each, however little it may have */
		{DISTRIBUTED("\"ItemBatcher\":{\"MaxInputBytesPerBatch\":1}", "100"), "[1,2]", "{\"Items\":[1]}\n{\"Items\":[2]}\n"},
		{DISTRIBUTED("\"ItemBatcher\":{\"MaxItemsPerBatch\":9}", "16"), "[1,2,3,\"xx\"]", "{\"Items\":[1,2]}\n{\"Items\":[3]}\n{\"Items\":[\"xx\"]}\n"},
		{DISTRIBUTED("\"ItemBatcher\":{\"MaxItemsPerBatch\":9}", "16"), "[1,\"xxx\"]", "{\"Items\":[1]}\n!States.DataLimitExceeded"},
		{DISTRIBUTED("\"ItemBatcher\":{\"MaxItemsPerBatch\":9,\"BatchInput\":{\"b\":1}}", "34"), "[1,2]",
			"{\"BatchInput\":{\"b\":1},\"Items\":[1]}\n{\"BatchInput\":{\"b\":1},\"Items\":[2]}\n"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		long		n = -1;
		char		inputs[500];

		/* then again, each of jansson's allocations failing */
		do
		{
			World		w;
			json_t	   *request = open_world(&w, cases[i].request);

			inputs[0] = '\0';
			gather_inputs(&w, cases[i].items, inputs, n);
			if (n < 0)
				assert_string_equal(inputs, cases[i].inputs);
			close_world(&w, request);
			n++;
		} while (n == 0 || strstr(inputs, "!OutOfMemory"));
		assert_string_equal(inputs, cases[i].inputs);
	}
}

#define ITEMS_BY_ATTEMPT "{\"definition\":{\"QueryLanguage\":\"JSONata\",\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\"," \
	"\"Items\":\"{% $states.context.State.RetryCount = 0 ? {'a': 1} : [7] %}\"," \
	"\"ItemSelector\":{\"v\":\"{% $states.context.Map.Item.Value %}\"},\"Retry\":[{\"ErrorEquals\":[\"E\"]}]," \
	"\"ItemProcessor\":{\"ProcessorConfig\":{\"Mode\":\"DISTRIBUTED\",\"ExecutionType\":\"STANDARD\"},\"StartAt\":\"S\"," \
	"\"States\":{\"S\":{\"Type\":\"Succeed\"}}},\"End\":true}}},\"input\":{}}"

/* A Map that was of an object's members may be of an array's items when it is tried again. */
static void
test_items_of_another_attempt(void **state)
{
	World		w;
	json_t	   *request = open_world(&w, ITEMS_BY_ATTEMPT);
	WfOutcome	outcome = step(&w, (WfStimulus) {.kind = WF_START});
	const WfCommand *command = find_command(&outcome, WF_START_MAP_RUN);
	json_t	   *item = json_integer(7);
	WfError		error = WF_ERROR_NONE;
	WfMapInputs *inputs;
	WfPayload  *input;

	(void) state;
	outcome = step(&w, (WfStimulus) {.kind = WF_TASK_FAILED, .frame = command->frame, .serial = command->serial, .error = "E"});
	command = find_command(&outcome, WF_SET_TIMER);
	w.now = command->due;
	outcome = step(&w, (WfStimulus) {.kind = WF_TIMER_FIRED, .frame = command->frame, .serial = command->serial});
	inputs = wf_map_inputs_open(w.execution, 0, &error);
	assert_int_equal(wf_map_inputs_add(inputs, 0, item, &error), WF_MAP_ITEM_FULL);
	input = wf_map_inputs_take(inputs, &error);
	assert_string_equal(wf_payload_text(input, NULL), "{\"v\":7}");
	wf_payload_release(input);
	wf_map_inputs_close(inputs);
	json_decref(item);
	close_world(&w, request);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_task_gives_commands),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_clocks_run_from_started),
		cmocka_unit_test(test_late_stimuli_do_nothing),
		cmocka_unit_test(test_net_effect),
		cmocka_unit_test(test_stop_cancels_everything),
		cmocka_unit_test(test_stop_of_a_map_run),
		cmocka_unit_test(test_payloads_are_shared),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_nothing_is_left_of_another),
		cmocka_unit_test(test_stop_before_start),
	cmocka_unit_test(test_pause),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_bad_memory),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_synchronous),
		cmocka_unit_test(test_context_of_items),
		cmocka_unit_test(test_no_such_item),
		cmocka_unit_test(test_large_map),
		cmocka_unit_test(test_variables_are_bounded),
		cmocka_unit_test(test_inputs_of_children),
		cmocka_unit_test(test_items_of_another_attempt),
		cmocka_unit_test(test_no_memory),
	};

	json_set_alloc_funcs(failing_malloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
