/*
 * test_interpreter_allocation.c - each allocation of each step fails in turn.
 *
 * A step must then say that memory is out, or have done without; and whatever it had in hand must be released, which the
 * leak checker sees at the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "failing_malloc.h"
#include "world.h"
#include "world_machines.h"

#define STEPS 14				/* of each machine: by then all of them have done all they do */

/* Takes what happens next out of the world; false: nothing does. */
static bool
take_next(World *w, Pending *next)
{
	int			place = w->status == WF_RUNNING ? choose_pending(w) : -1;

	memset(next, 0, sizeof(*next));
	if (place < 0)
		return false;
	*next = w->pending[place];
	remove_pending(w, place);
	if (next->at > w->now)
		w->now = next->at;
	next->stimulus.error = next->error;
	next->stimulus.cause = next->cause;
	return true;
}

/* Lets so many steps happen; false: it ended before. */
static bool
advance(World *w, int steps, Pending *next)
{
	memset(next, 0, sizeof(*next));
	next->stimulus.kind = WF_START;
	for (int i = 0; i < steps; i++)
	{
		bool		good = next->stimulus.kind == WF_TASK_STARTED ? world_start_task(w, &next->stimulus) :
			world_step(w, &next->stimulus);

		clear_pending(next);
		if (!good)
			fail_msg("%s", w->problem);
		if (!take_next(w, next))
			return false;
	}
	return true;
}

/* What the engine does with an outcome, without memory too. */
static void
read_outcome(World *w, const WfOutcome *outcome)
{
	WfError		error = WF_ERROR_NONE;
	bool		good;

	for (int i = 0; i < outcome->n_changed; i++)
		for (long n = 1, ok = 0; !ok; n++)
		{
			WfFrameRow	row;

			fail_allocation(n, true);
			ok = good = wf_execution_get_frame(w->execution, outcome->changed[i], &row, &error);
			fail_no_more();
			if (good)
				wf_frame_row_clear(&row);
			else
				assert_int_equal(error.code, WF_OUT_OF_MEMORY);
			wf_error_clear(&error);
		}
	for (int i = 0; i < outcome->n_events; i++)
		for (long n = 1, ok = 0; !ok; n++)
		{
			char	   *text;
			size_t		length;

			fail_allocation(n, true);
			ok = wf_event_details(&outcome->events[i], &text, &length);
			fail_no_more();
			free(text);
		}
	for (long n = 1, ok = 0; outcome->n_events > 0 && !ok; n++)
	{
		WfHistoryWriter *writer;
		WfHistoryReader *reader = NULL;
		WfPackedEvent event;
		const char *text;
		size_t		length;

		fail_allocation(n, true);
		writer = wf_history_writer_new();
		ok = writer && wf_history_write(writer, outcome->events, outcome->n_events, &text, &length) > 0;
		if (ok)
			ok = (reader = wf_history_reader_new(text, length, outcome->events[0].id, 0, &error)) != NULL;
		while (ok && wf_history_read(reader, &event, &error))
			free(event.details);
		fail_no_more();
		if (error.code != WF_NO_ERROR)
		{
			assert_int_equal(error.code, WF_OUT_OF_MEMORY);
			ok = false;
		}
		wf_error_clear(&error);
		wf_history_reader_free(reader);
		wf_history_writer_free(writer);
	}
}

/* The step after `steps` others, with its allocation number n failing; true if it needed no more than that. */
static bool
step_without(const json_t *request, int steps, long n)
{
	/* An execution freed leaves its arrays to the next one.  This one takes them, so that the world's allocates its own. */
	WfExecution *taker = wf_execution_new(NULL, NULL, NULL, NULL, NULL);
	World		w;
	Pending		next;
	WfOutcome	outcome;
	WfError		error = WF_ERROR_NONE;
	bool		good = true;

	if (!world_open(&w, request))
		fail_msg("%s", w.problem);
	if (advance(&w, steps, &next))
	{
		fail_allocation(n, true);
		good = wf_execution_step(w.execution, &next.stimulus, &outcome, &error);
		fail_no_more();
		if (good)
			read_outcome(&w, &outcome);
		else
			assert_int_equal(error.code, WF_OUT_OF_MEMORY);
	}
	wf_error_clear(&error);
	clear_pending(&next);
	world_close(&w);
	wf_execution_free(taker);
	return good;
}

static void
test_allocations(void **state)
{
	(void) state;
	for (size_t i = 0; i < N_MACHINES; i++)
	{
		WfError		error = WF_ERROR_NONE;
		json_t	   *request = wf_json_parse(machines[i], strlen(machines[i]), false, &error);

		for (int steps = 0; steps < STEPS; steps++)
			for (long n = 1; !step_without(request, steps, n); n++)
				assert_true(n < 100000);
		json_decref(request);
	}
}

/* What tasks of the service's own actions are made of and come to, with allocation number n failing. */
static bool
service_without(const char *parameters, const char *answer, long n)
{
	WfChildEnd	end = {
		.arn = "e", .name = "n", .state_machine_arn = "m", .status = WF_SUCCEEDED, .input = "{\"a\":1}", .output = "[2]"
	};
	WfPayload  *given = wf_payload_from_text(parameters, strlen(parameters));
	WfPayload  *response = wf_payload_from_text(answer, strlen(answer));
	WfPayload  *made[3] = {NULL};
	char	   *text = NULL;
	char	   *name = NULL;
	char	   *cause = NULL;
	WfError		error = WF_ERROR_NONE;
	bool		good;

	fail_allocation(n, true);
	good = (made[0] = wf_service_request("startExecution", given, &error)) &&
		(made[1] = wf_service_response(response, WF_OPTIMIZED_CLIENT, "id", &error)) &&
		(made[2] = wf_credentials(given, &error)) &&
		(text = wf_child_description(&end, true, &error));
	if (good && !wf_service_failure(WF_SDK_CLIENT, "InvalidToken", "Text", "id", &name, &cause))
		good = wf_error_no_memory(&error);
	fail_no_more();
	if (!good)
		assert_int_equal(error.code, WF_OUT_OF_MEMORY);
	else
	{
		free(name);
		free(cause);
	}
	free(text);
	for (int i = 0; i < 3; i++)
		wf_payload_release(made[i]);
	wf_payload_release(given);
	wf_payload_release(response);
	wf_error_clear(&error);
	return good;
}

static void
test_service_allocations(void **state)
{
	(void) state;
	for (long n = 1; !service_without("{\"Input\":{\"a\":1},\"Tags\":[{\"Key\":\"k\"}],\"RoleArn\":\"r\"}",
									  "{\"executionArn\":\"e\",\"startDate\":1,\"l\":[{\"b\":2}]}", n); n++)
		assert_true(n < 100000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allocations),
		cmocka_unit_test(test_service_allocations),
	};

	fail_in_jansson_too();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
