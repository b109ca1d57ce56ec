/*
 * test_interpreter_history.c - events as text, the events that only some kinds of task write, and lambda:invoke's envelope.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "interpreter/log.h"

#include "world.h"

static WfPayload *
payload(const char *text)
{
	return wf_payload_from_text(text, strlen(text));
}

static void
assert_details(const WfEvent *event, const char *expected)
{
	char	   *text;
	size_t		length;

	assert_true(wf_event_details(event, &text, &length));
	if (!expected)
		assert_null(text);
	else
	{
		assert_string_equal(text, expected);
		assert_int_equal(length, strlen(expected));
	}
	free(text);
}

static void
test_details(void **state)
{
	WfResource	resource = {.text = (char *) "arn", .type = (char *) "sqs", .action = (char *) "sendMessage"};
	WfPayload  *data = payload("{\"a\":[1]}");
	WfPayload  *role = payload("{\"RoleArn\":\"r\"}");
	char		error[] = "E\n\"q\"";
	char		cause[] = "ü";

	(void) state;
	assert_details(&(WfEvent) {.type = WF_TASK_STATE_ABORTED_EVENT}, NULL);
	assert_details(&(WfEvent) {.type = WF_EXECUTION_STARTED_EVENT, .data = data, .role_arn = "r"},
				   "{\"input\":{\"a\":[1]},\"roleArn\":\"r\"}");
	assert_details(&(WfEvent) {.type = WF_EXECUTION_FAILED_EVENT}, "{}");
	assert_details(&(WfEvent) {.type = WF_EXECUTION_ABORTED_EVENT, .error = error, .cause = cause},
				   "{\"error\":\"E\\n\\\"q\\\"\",\"cause\":\"ü\"}");
	assert_details(&(WfEvent) {.type = WF_EXECUTION_REDRIVEN_EVENT, .number = 2}, "{\"redriveCount\":2}");
	assert_details(&(WfEvent) {.type = WF_MAP_STATE_ENTERED_EVENT, .name = "M", .data = data},
				   "{\"name\":\"M\",\"input\":{\"a\":[1]}}");
	assert_details(&(WfEvent) {.type = WF_MAP_STATE_EXITED_EVENT, .name = "M", .data = data, .assigned = data},
				   "{\"name\":\"M\",\"output\":{\"a\":[1]},\"assignedVariables\":{\"a\":[1]}}");
	assert_details(&(WfEvent) {.type = WF_ACTIVITY_SCHEDULED_EVENT, .resource = &resource, .data = data, .timeout = 5,
				   .heartbeat = 3},
				   "{\"resource\":\"sendMessage\",\"input\":{\"a\":[1]},\"timeoutInSeconds\":5,\"heartbeatInSeconds\":3}");
	assert_details(&(WfEvent) {.type = WF_TASK_SCHEDULED_EVENT, .resource = &resource, .data = data, .region = "here",
				   .credentials = role},
				   "{\"resourceType\":\"sqs\",\"resource\":\"sendMessage\",\"region\":\"here\",\"parameters\":{\"a\":[1]},"
				   "\"taskCredentials\":{\"RoleArn\":\"r\"}}");
	assert_details(&(WfEvent) {.type = WF_TASK_SUBMITTED_EVENT, .resource = &resource, .data = data},
				   "{\"resourceType\":\"sqs\",\"resource\":\"sendMessage\",\"output\":{\"a\":[1]}}");
	assert_details(&(WfEvent) {.type = WF_TASK_TIMED_OUT_EVENT, .resource = &resource, .error = error},
				   "{\"resourceType\":\"sqs\",\"resource\":\"sendMessage\",\"error\":\"E\\n\\\"q\\\"\"}");
	assert_details(&(WfEvent) {.type = WF_MAP_ITERATION_ABORTED_EVENT, .name = "M", .number = 7},
				   "{\"name\":\"M\",\"index\":7}");
	assert_details(&(WfEvent) {.type = WF_MAP_RUN_STARTED_EVENT, .name = "arn"}, "{\"mapRunArn\":\"arn\"}");
	assert_details(&(WfEvent) {.type = WF_MAP_RUN_REDRIVEN_EVENT, .name = "arn", .number = 1},
				   "{\"mapRunArn\":\"arn\",\"redriveCount\":1}");
	assert_details(&(WfEvent) {.type = WF_EVALUATION_FAILED_EVENT, .name = "S", .cause = cause, .location = cause},
				   "{\"cause\":\"ü\",\"location\":\"ü\",\"state\":\"S\"}");
	wf_payload_release(data);
	wf_payload_release(role);
}

#define TASK(resource) "{\"definition\":{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":\"" resource "\"," \
	"\"HeartbeatSeconds\":60,\"End\":true}}},\"input\":{}}"

/* One task, as far as a number of stimuli bring it. */
static json_t *
play(World *w, const char *text, const WfStimulus *stimuli, int n)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *request = wf_json_parse(text, strlen(text), false, &error);
	WfStimulus	stimulus = {.kind = WF_START};
	WfOutcome	outcome;

	if (!request || !world_open(w, request))
		fail_msg("%s", w->problem);
	if (!wf_execution_step(w->execution, &stimulus, &outcome, &error) || outcome.n_commands != 1)
		fail_msg("%s", error.cause);
	stimulus.serial = outcome.commands[0].serial;
	for (int i = 0; i < n; i++)
	{
		int			serial = stimulus.serial;

		stimulus = stimuli[i];
		stimulus.serial = serial;
		if (!wf_execution_step(w->execution, &stimulus, &outcome, &error))
			fail_msg("%s", error.cause);
	}
	for (int i = 0; i < outcome.n_events; i++)
		write_event(w, &outcome.events[i]);
	assert_string_equal(w->problem, "");
	return request;
}

static const char *
type_of(const World *w, size_t i)
{
	return json_string_value(json_object_get(json_array_get(w->history, i), "type"));
}

static void
test_submitted(void **state)
{
	World		w;
	WfPayload  *sent = payload("{\"MessageId\":1}");
	WfPayload  *answer = payload("\"done\"");
	WfStimulus	stimuli[] = {
		{.kind = WF_TASK_STARTED}, {.kind = WF_TASK_SUBMITTED, .output = sent}, {.kind = WF_HEARTBEAT},
		{.kind = WF_TASK_SUCCEEDED, .output = answer}
	};
	json_t	   *request = play(&w, TASK("arn:aws:states:::sqs:sendMessage.waitForTaskToken"), stimuli, 4);

	(void) state;
	assert_int_equal(json_array_size(w.history), 8);
	assert_string_equal(type_of(&w, 3), "TaskStarted");
	assert_string_equal(type_of(&w, 4), "TaskSubmitted");
	assert_string_equal(type_of(&w, 5), "TaskSucceeded");
	assert_int_equal(wf_execution_status(w.execution), WF_SUCCEEDED);
	wf_payload_release(sent);
	wf_payload_release(answer);
	world_close(&w);
	json_decref(request);
}

static void
test_activity(void **state)
{
	World		w;
	char		worker[] = "worker 7";
	WfStimulus	stimuli[] = {{.kind = WF_TASK_STARTED, .worker = worker}, {.kind = WF_TASK_SUBMITTED},
	{.kind = WF_TASK_FAILED}};
	json_t	   *request;
	json_t	   *started;

	(void) state;
	request = play(&w, TASK("arn:aws:states:us-east-1:111111111111:activity:act"), stimuli, 3);
	memset(worker, 'x', sizeof(worker) - 1);
	assert_int_equal(json_array_size(w.history), 6);
	started = json_array_get(w.history, 3);
	assert_string_equal(type_of(&w, 3), "ActivityStarted");
	assert_string_equal(json_string_value(json_object_get(json_object_get(started, "activityStartedEventDetails"),
														  "workerName")), "worker 7");
	assert_string_equal(type_of(&w, 4), "ActivityFailed");
	assert_string_equal(type_of(&w, 5), "ExecutionFailed");
	world_close(&w);
	json_decref(request);
}

/* All within one batch: the timers that were set are never seen. */
static void
test_stopped_at_once(void **state)
{
	World		w;
	WfStimulus	stimuli[] = {{.kind = WF_TASK_STARTED}, {.kind = WF_STOP}};
	WfOutcome	outcome;
	WfError		error = WF_ERROR_NONE;
	json_t	   *request = play(&w, TASK("arn:aws:states:::sqs:sendMessage"), stimuli, 2);

	(void) state;
	assert_true(wf_execution_step(w.execution, &stimuli[1], &outcome, &error));
	assert_int_equal(outcome.n_commands, 1);
	assert_int_equal(outcome.commands[0].kind, WF_FINISH);
	assert_int_equal(outcome.n_gone + outcome.n_changed, 0);
	world_close(&w);
	json_decref(request);
}

static void
assert_request(const char *parameters, const char *function, const char *expected)
{
	WfPayload  *given = payload(parameters);
	WfPayload  *event;
	char	   *name;
	WfError		error = WF_ERROR_NONE;

	assert_true(wf_lambda_request(given, &name, &event, &error));
	assert_string_equal(name, function);
	assert_string_equal(wf_payload_text(event, NULL), expected);
	free(name);
	wf_payload_release(event);
	wf_payload_release(given);
}

static void
refuse_request(const char *parameters, WfErrorCode code)
{
	WfPayload  *given = payload(parameters);
	WfPayload  *event;
	char	   *name;
	WfError		error = WF_ERROR_NONE;

	assert_false(wf_lambda_request(given, &name, &event, &error));
	assert_int_equal(error.code, code);
	assert_null(name);
	assert_null(event);
	wf_error_clear(&error);
	wf_payload_release(given);
}

static void
test_lambda(void **state)
{
	WfPayload  *parameters = payload("{\"FunctionName\":\"f\",\"LogType\":\"Tail\"}");
	WfPayload  *result = payload("[1, 2]");
	WfPayload  *response;
	WfError		error = WF_ERROR_NONE;
	json_t	   *object;

	(void) state;
	assert_request("{\"FunctionName\":\"f\"}", "f", "{}");
	assert_request("{\"FunctionName\":\"arn:f\",\"Payload\":null}", "arn:f", "{}");
	assert_request("{\"FunctionName\":\"f\",\"Payload\":{\"a\":1}}", "f", "{\"a\":1}");
	assert_request("{\"FunctionName\":\"f\",\"Payload\":\"[ 1 ]\"}", "f", "[1]");
	assert_request("{\"FunctionName\":\"f\",\"Qualifier\":\"prod\"}", "f:prod", "{}");
	refuse_request("{\"FunctionName\":\"f\",\"Payload\":\"nonsense\"}", WF_INVALID_JSON);
	refuse_request("{\"FunctionName\":5}", WF_STATES_RUNTIME);
	refuse_request("[]", WF_STATES_RUNTIME);
	response = wf_lambda_response(parameters, result, "id", &error);
	object = wf_payload_json(response, &error);
	assert_int_equal(json_array_size(json_object_get(object, "Payload")), 2);
	assert_string_equal(text_or(object, "ExecutedVersion", ""), "$LATEST");
	assert_non_null(json_object_get(object, "LogResult"));
	assert_int_equal(number_or(object, "StatusCode", 0), 200);
	assert_string_equal(text_or(json_object_get(object, "SdkResponseMetadata"), "RequestId", ""), "id");
	assert_int_equal(number_or(json_object_get(object, "SdkHttpMetadata"), "HttpStatusCode", 0), 200);
	wf_payload_release(parameters);
	wf_payload_release(result);
	wf_payload_release(response);
}

static void
assert_invocation(const char *parameters, int status, const char *version, bool dry_run)
{
	WfPayload  *given = payload(parameters);
	WfPayload  *result = payload("{\"a\":1}");
	WfError		error = WF_ERROR_NONE;
	WfPayload  *response = wf_lambda_response(given, result, "id", &error);
	json_t	   *object = wf_payload_json(response, &error);

	assert_int_equal(number_or(object, "StatusCode", 0), status);
	assert_string_equal(text_or(object, "ExecutedVersion", "none"), version);
	assert_string_equal(text_or(object, "Payload", "the result"), status == 200 ? "the result" : "");
	assert_int_equal(wf_lambda_is_dry_run(given, &error), dry_run);
	wf_payload_release(given);
	wf_payload_release(result);
	wf_payload_release(response);
}

static void
test_invocation_types(void **state)
{
	(void) state;
	assert_invocation("{\"FunctionName\":\"f\",\"InvocationType\":\"RequestResponse\"}", 200, "$LATEST", false);
	assert_invocation("{\"FunctionName\":\"f\",\"Qualifier\":\"7\"}", 200, "7", false);
	assert_invocation("{\"FunctionName\":\"f\",\"InvocationType\":\"Event\"}", 202, "none", false);
	assert_invocation("{\"FunctionName\":\"f\",\"InvocationType\":\"DryRun\"}", 204, "$LATEST", true);
}

/* --- the service's own actions --- */

static void
assert_service_request(const char *action, const char *parameters, const char *expected)
{
	WfPayload  *given = payload(parameters);
	WfError		error = WF_ERROR_NONE;
	WfPayload  *request = wf_service_request(action, given, &error);

	assert_string_equal(wf_payload_text(request, NULL), expected);
	wf_payload_release(given);
	wf_payload_release(request);
}

static void
assert_service_response(WfServiceClient client, const char *response, const char *expected)
{
	WfPayload  *given = payload(response);
	WfError		error = WF_ERROR_NONE;
	WfPayload  *shown = wf_service_response(given, client, "id", &error);

	assert_string_equal(wf_payload_text(shown, NULL), expected);
	wf_payload_release(given);
	wf_payload_release(shown);
}

static void
assert_service_failure(WfServiceClient client, const char *word, const char *expected_error, const char *expected_cause)
{
	char	   *error;
	char	   *cause;

	assert_true(wf_service_failure(client, word, "Text", "id", &error, &cause));
	assert_string_equal(error, expected_error);
	assert_string_equal(cause, expected_cause);
	free(error);
	free(cause);
}

static void
test_service(void **state)
{
	(void) state;
	assert_service_request("startExecution", "{\"StateMachineArn\":\"a\",\"Input\":{\"B\":[1]},\"Name\":\"n\"}",
						   "{\"action\":\"StartExecution\",\"request\":{\"stateMachineArn\":\"a\","
						   "\"input\":\"{\\\"B\\\":[1]}\",\"name\":\"n\"}}");
	assert_service_request("startExecution", "{\"Input\":\"5\"}",
						   "{\"action\":\"StartExecution\",\"request\":{\"input\":\"5\"}}");
	assert_service_request("startExecution", "{\"Input\":5}",
						   "{\"action\":\"StartExecution\",\"request\":{\"input\":\"5\"}}");
	assert_service_request("startExecution", "{\"Input\":null}",
						   "{\"action\":\"StartExecution\",\"request\":{\"input\":null}}");
	assert_service_request("tagResource", "{\"Tags\":[{\"Key\":\"K\",\"Value\":\"V\"}]}",
						   "{\"action\":\"TagResource\",\"request\":{\"tags\":[{\"key\":\"K\",\"value\":\"V\"}]}}");
	assert_service_request("listStateMachines", "[]", "{\"action\":\"ListStateMachines\",\"request\":[]}");

	assert_service_response(WF_SDK_CLIENT, "{\"startDate\":1700000000.5,\"executionArn\":\"a\"}",
							"{\"ExecutionArn\":\"a\",\"StartDate\":\"2023-11-14T22:13:20.500Z\"}");
	assert_service_response(WF_SDK_CLIENT, "{\"events\":[{\"timestamp\":0,\"id\":1}],"
							"\"variableReferences\":{\"state\":[\"v\"]}}",
							"{\"Events\":[{\"Id\":1,\"Timestamp\":\"1970-01-01T00:00:00.000Z\"}],"
							"\"VariableReferences\":{\"state\":[\"v\"]}}");
	assert_service_response(WF_OPTIMIZED_CLIENT, "{\"startDate\":1700000000.5,\"executionArn\":\"a\"}",
							"{\"ExecutionArn\":\"a\",\"SdkHttpMetadata\":{\"AllHttpHeaders\":{"
							"\"Content-Length\":[\"45\"],\"Content-Type\":[\"application/x-amz-json-1.0\"],"
							"\"x-amzn-RequestId\":[\"id\"]},\"HttpHeaders\":{\"Content-Length\":\"45\","
							"\"Content-Type\":\"application/x-amz-json-1.0\",\"x-amzn-RequestId\":\"id\"},"
							"\"HttpStatusCode\":200},\"SdkResponseMetadata\":{\"RequestId\":\"id\"},"
							"\"StartDate\":1700000000500}");

	assert_service_failure(WF_OPTIMIZED_CLIENT, "StateMachineDoesNotExist", "StepFunctions.StateMachineDoesNotExistException",
						   "Text (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; "
						   "Request ID: id; Proxy: null)");
	assert_service_failure(WF_SDK_CLIENT, "InvalidToken", "Sfn.InvalidTokenException",
						   "Text (Service: Sfn, Status Code: 400, Request ID: id) (SDK Attempt Count: 1)");
	assert_service_failure(WF_SDK_CLIENT, "ConflictException", "Sfn.ConflictException",
						   "Text (Service: Sfn, Status Code: 409, Request ID: id) (SDK Attempt Count: 1)");
	assert_service_failure(WF_SDK_CLIENT, "AccessDeniedException", "Sfn.SfnException",
						   "Text (Service: Sfn, Status Code: 400, Request ID: id) (SDK Attempt Count: 1)");
}

static void
assert_child(const WfChildEnd *end, bool parsed, const char *expected)
{
	WfError		error = WF_ERROR_NONE;
	char	   *text = wf_child_description(end, parsed, &error);

	assert_string_equal(text, expected);
	free(text);
}

static void
test_child(void **state)
{
	WfChildEnd	end = {
		.arn = "e", .name = "n", .state_machine_arn = "m", .status = WF_SUCCEEDED, .started_at = 1500, .stopped_at = 2500,
		.input = "{}", .output = "{\"a\":1}"
	};
	char		deep[2 * WF_JSON_MAX_DEPTH + 1] = {0};
	char	   *text;
	WfError		error = WF_ERROR_NONE;

	(void) state;
	assert_child(&end, false, "{\"ExecutionArn\":\"e\",\"Input\":\"{}\",\"InputDetails\":{\"Included\":true},"
				 "\"Name\":\"n\",\"Output\":\"{\\\"a\\\":1}\",\"OutputDetails\":{\"Included\":true},"
				 "\"RedriveCount\":0,\"RedriveStatus\":\"NOT_REDRIVABLE\","
				 "\"RedriveStatusReason\":\"Execution is SUCCEEDED and cannot be redriven\",\"StartDate\":1,"
				 "\"StateMachineArn\":\"m\",\"Status\":\"SUCCEEDED\",\"StopDate\":2}");
	assert_child(&end, true, "{\"ExecutionArn\":\"e\",\"Input\":{},\"InputDetails\":{\"Included\":true},"
				 "\"Name\":\"n\",\"Output\":{\"a\":1},\"OutputDetails\":{\"Included\":true},"
				 "\"RedriveCount\":0,\"RedriveStatus\":\"NOT_REDRIVABLE\","
				 "\"RedriveStatusReason\":\"Execution is SUCCEEDED and cannot be redriven\",\"StartDate\":1,"
				 "\"StateMachineArn\":\"m\",\"Status\":\"SUCCEEDED\",\"StopDate\":2}");

	/* what is nested as deeply as it may be, cannot be shown inside another value */
	memset(deep, '[', WF_JSON_MAX_DEPTH);
	memset(deep + WF_JSON_MAX_DEPTH, ']', WF_JSON_MAX_DEPTH);
	end.output = deep;
	text = wf_child_description(&end, true, &error);
	assert_non_null(strstr(text, "\"Output\":\"[["));
	free(text);

	end.status = WF_FAILED;
	end.output = NULL;
	end.error = "E";
	end.cause = "C";
	assert_child(&end, false, "{\"Cause\":\"C\",\"Error\":\"E\",\"ExecutionArn\":\"e\",\"Input\":\"{}\","
				 "\"InputDetails\":{\"Included\":true},\"Name\":\"n\",\"RedriveCount\":0,"
				 "\"RedriveStatus\":\"REDRIVABLE\",\"StartDate\":1,\"StateMachineArn\":\"m\","
				 "\"Status\":\"FAILED\",\"StopDate\":2}");
}

/* --- the stored form --- */

static void
test_parts(void **state)
{
	WfResource	resource = {.text = (char *) "arn", .type = (char *) "sqs", .action = (char *) "sendMessage"};
	WfPayload  *data = payload("{\"a\":[1,\"]}\\\"\"]}");
	WfEvent		events[] = {
		{.id = 5, .previous = 4, .type = WF_TASK_STATE_ENTERED_EVENT, .at = 1000, .name = "Send", .data = data},
		{.id = 6, .previous = 5, .type = WF_TASK_SCHEDULED_EVENT, .at = 1000, .resource = &resource, .data = data, .timeout = 7},
		{.id = 7, .previous = 3, .type = WF_MAP_STATE_STARTED_EVENT, .at = 1007, .number = 40},
		{.id = 8, .previous = 7, .type = WF_TASK_STATE_ABORTED_EVENT, .at = 1009}
	};
	WfHistoryWriter *writer = wf_history_writer_new();
	const char *text;
	size_t		length;

	(void) state;
	assert_int_equal(wf_history_write(writer, events, 4, &text, &length), 4);
	assert_string_equal(text, "{\"values\":[\"Send\",{\"a\":[1,\"]}\\\"\"]},\"sqs\",\"sendMessage\"],"
						"\"events\":[[9,1,0,0,1],[54,1,0,2,3,null,1,7],[27,4,7,40],[11,1,9]]}");
	assert_int_equal(length, strlen(text));
	wf_history_writer_free(writer);
	wf_payload_release(data);
}

/* A long history takes several parts, and none of them grows without end. */
static void
test_long_history(void **state)
{
	enum { EVENTS = 3000 };
	WfPayload  *data[EVENTS];
	WfEvent		events[EVENTS];
	WfHistoryWriter *writer = wf_history_writer_new();
	int			done = 0;
	int			parts = 0;

	(void) state;
	for (int i = 0; i < EVENTS; i++)
	{
		char		text[32];

		snprintf(text, sizeof(text), "{\"number\":%d}", i);
		data[i] = payload(text);
		events[i] = (WfEvent) {.id = i + 1, .previous = i, .type = WF_PASS_STATE_EXITED_EVENT, .at = i, .name = "P", .data = data[i]};
	}
	while (done < EVENTS)
	{
		const char *text;
		size_t		length;
		int			packed = wf_history_write(writer, &events[done], EVENTS - done, &text, &length);
		WfHistoryReader *reader;
		WfPackedEvent event;
		WfError		error = WF_ERROR_NONE;

		assert_true(packed > 0 && length < 10000);
		reader = wf_history_reader_new(text, length, events[done].id, events[done].at, &error);
		for (int i = 0; i < packed; i++)
		{
			char		expected[64];

			assert_true(wf_history_read(reader, &event, &error));
			snprintf(expected, sizeof(expected), "{\"name\":\"P\",\"output\":{\"number\":%d}}", done + i);
			assert_string_equal(event.details, expected);
			assert_int_equal(event.at, done + i);
			free(event.details);
		}
		assert_false(wf_history_read(reader, &event, &error));
		assert_int_equal(error.code, WF_NO_ERROR);
		wf_history_reader_free(reader);
		done += packed;
		parts++;
	}
	assert_true(parts > 1 && parts < EVENTS / 50);
	wf_history_writer_free(writer);
	for (int i = 0; i < EVENTS; i++)
		wf_payload_release(data[i]);
}

/* A payload that is larger than a part should be is stored once all the same, however many events show it. */
static void
test_large_payload(void **state)
{
	enum { EVENTS = 40, SIZE = 100000 };
	char	   *large = malloc(SIZE + 1);
	WfPayload  *data;
	WfEvent		events[EVENTS];
	WfHistoryWriter *writer = wf_history_writer_new();
	const char *text;
	size_t		length;

	(void) state;
	memset(large, 'x', SIZE);
	large[0] = large[SIZE - 1] = '"';
	large[SIZE] = '\0';
	data = payload(large);
	for (int i = 0; i < EVENTS; i++)
		events[i] = (WfEvent) {.id = i + 1, .previous = i, .type = WF_PASS_STATE_ENTERED_EVENT, .name = "P", .data = data};
	assert_int_equal(wf_history_write(writer, events, EVENTS, &text, &length), EVENTS);
	assert_in_range(length, SIZE, SIZE + 2000);
	events[EVENTS / 2].name = "another";	/* a new value: it begins a part */
	assert_int_equal(wf_history_write(writer, events, EVENTS, &text, &length), EVENTS / 2);
	wf_history_writer_free(writer);
	wf_payload_release(data);
	free(large);
}

/* What is no part is refused, wherever the fault is. */
static void
test_broken_parts(void **state)
{
	static const char *const parts[] = {
		"", "{}", "[]", "{\"values\":[", "{\"values\":[]", "{\"values\":[],\"events\":[", "{\"values\":[],\"events\":[[",
		"{\"values\":[],\"events\":[[11", "{\"values\":[],\"events\":[[11,1", "{\"values\":[],\"events\":[[11,1,0]",
		"{\"values\":[],\"events\":[[11,1,0]]", "{\"values\":[],\"events\":[[11,1,0]]} ",
		"{\"values\":[],\"events\":[[0,1,0]]}", "{\"values\":[],\"events\":[[99,1,0]]}",
		"{\"values\":[],\"events\":[[11,0,0]]}", "{\"values\":[],\"events\":[[11,9,0]]}",
		"{\"values\":[],\"events\":[[11,1,0,1]]}", "{\"values\":[\"S\"],\"events\":[[7,1,0,1]]}",
		"{\"values\":[\"S\"],\"events\":[[7,1,0,-1]]}", "{\"values\":[\"S\"],\"events\":[[7,1,0,x]]}",
		"{\"values\":[,\"S\"],\"events\":[[7,1,0,0]]}", "{\"values\":[\"S],\"events\":[[7,1,0,0]]}",
		"{\"values\":[\"S\"],\"events\":[[7,1,0,0][7,1,0,0]", "{\"values\":[\"S\"],\"events\":[7]}"
	};

	(void) state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
	{
		/* at its end, so that reading beyond is seen */
		size_t		length = strlen(parts[i]);
		char	   *text = malloc(length ? length : 1);
		WfError		error = WF_ERROR_NONE;
		WfPackedEvent event;
		WfHistoryReader *reader;

		memcpy(text, parts[i], length);
		reader = wf_history_reader_new(text, length, 3, 0, &error);
		while (reader && wf_history_read(reader, &event, &error))
			free(event.details);
		if (error.code != WF_INVALID_JSON)
			fail_msg("%s was taken for a part", parts[i]);
		wf_error_clear(&error);
		wf_history_reader_free(reader);
		free(text);
	}
}

/* How many types of events a level logs, and that each has what the one before it has. */
static int
count_logged(WfLogLevel level)
{
	int			n = 0;

	for (int type = 1; type < WF_EVENT_TYPE_COUNT; type++)
	{
		bool		logged = wf_event_is_logged((WfEventType) type, level);

		n += logged;
		assert_true(level == WF_LOG_ALL || !logged || wf_event_is_logged((WfEventType) type, level + 1));
	}
	return n;
}

static void
test_logged(void **state)
{
	WfEvent		event = {.id = 7, .data = payload("1"), .assigned = payload("{}"), .cause = (char *) "c"};
	WfEvent		bare = wf_event_without_data(&event);

	(void) state;
	assert_int_equal(count_logged(WF_LOG_OFF), 0);
	assert_int_equal(count_logged(WF_LOG_FATAL), 3);
	assert_int_equal(count_logged(WF_LOG_ALL), WF_EVENT_TYPE_COUNT - 1);
	assert_true(wf_event_is_logged(WF_FAIL_STATE_ENTERED_EVENT, WF_LOG_ERROR));
	assert_true(wf_event_is_logged(WF_TASK_FAILED_EVENT, WF_LOG_ERROR));
	assert_true(wf_event_is_logged(WF_LAMBDA_FUNCTION_TIMED_OUT_EVENT, WF_LOG_ERROR));
	assert_true(wf_event_is_logged(WF_MAP_ITERATION_ABORTED_EVENT, WF_LOG_ERROR));
	assert_false(wf_event_is_logged(WF_TASK_FAILED_EVENT, WF_LOG_FATAL));
	assert_false(wf_event_is_logged(WF_EXECUTION_SUCCEEDED_EVENT, WF_LOG_ERROR));
	assert_int_equal(wf_log_level("ERROR"), WF_LOG_ERROR);
	assert_int_equal(wf_log_level("OFF"), WF_LOG_OFF);
	assert_int_equal(wf_log_level("loud"), WF_LOG_OFF);
	assert_int_equal(bare.id, 7);
	assert_string_equal(bare.cause, "c");
	assert_null(bare.data);
	assert_null(bare.assigned);
	wf_payload_release(event.data);
	wf_payload_release(event.assigned);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_long_history),
		cmocka_unit_test(test_large_payload),
		cmocka_unit_test(test_broken_parts),
		cmocka_unit_test(test_submitted),
		cmocka_unit_test(test_activity),
		cmocka_unit_test(test_stopped_at_once),
		cmocka_unit_test(test_lambda),
		cmocka_unit_test(test_logged),
		cmocka_unit_test(test_invocation_types),
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
