/*
 * test_resource.c - what a Task's Resource names.
 */
#include "unit.h"

#include "asl/resource.h"

typedef struct Case
{
	const char *text;
	const char *base;
	WfPattern	pattern;
	WfEventFamily family;
	const char *type;
	const char *action;
} Case;

static const Case cases[] = {
	{"function:public.charge", "function:public.charge", WF_REQUEST_RESPONSE, WF_FAMILY_TASK, "function", "public.charge"},
	{"function:charge", "function:charge", WF_REQUEST_RESPONSE, WF_FAMILY_TASK, "function", "charge"},
	{"function:public.sync", "function:public.sync", WF_REQUEST_RESPONSE, WF_FAMILY_TASK, "function", "public.sync"},
	{"function:public.charge.waitForTaskToken", "function:public.charge", WF_WAIT_FOR_TASK_TOKEN, WF_FAMILY_TASK,
	"function", "public.charge.waitForTaskToken"},
	{"sql:query", "sql:query", WF_REQUEST_RESPONSE, WF_FAMILY_TASK, "sql", "query"},
	{"notify:ch", "notify:ch", WF_REQUEST_RESPONSE, WF_FAMILY_TASK, "notify", "ch"},
	{"notify:ch.waitForTaskToken", "notify:ch", WF_WAIT_FOR_TASK_TOKEN, WF_FAMILY_TASK, "notify", "ch.waitForTaskToken"},
	{"activity:packing", "activity:packing", WF_REQUEST_RESPONSE, WF_FAMILY_ACTIVITY, "", "activity:packing"},
	{"states:startExecution.sync:2", "states:startExecution", WF_SYNC2, WF_FAMILY_TASK, "states", "startExecution.sync:2"},
	{"arn:aws:lambda:us-east-1:1:function:f", "arn:aws:lambda:us-east-1:1:function:f", WF_REQUEST_RESPONSE,
	WF_FAMILY_LAMBDA, "", "arn:aws:lambda:us-east-1:1:function:f"},
	{"arn:aws:lambda:us-east-1:1:function:f:prod", "arn:aws:lambda:us-east-1:1:function:f:prod", WF_REQUEST_RESPONSE,
	WF_FAMILY_LAMBDA, "", "arn:aws:lambda:us-east-1:1:function:f:prod"},
	{"arn:aws:states:us-east-1:1:activity:a", "arn:aws:states:us-east-1:1:activity:a", WF_REQUEST_RESPONSE,
	WF_FAMILY_ACTIVITY, "", "arn:aws:states:us-east-1:1:activity:a"},
	{"arn:pg:states:local:db:activity:a", "arn:pg:states:local:db:activity:a", WF_REQUEST_RESPONSE,
	WF_FAMILY_ACTIVITY, "", "arn:pg:states:local:db:activity:a"},
	{"arn:aws:states:::lambda:invoke", "arn:aws:states:::lambda:invoke", WF_REQUEST_RESPONSE, WF_FAMILY_TASK, "lambda", "invoke"},
	{"arn:aws:states:::sqs:sendMessage.waitForTaskToken", "arn:aws:states:::sqs:sendMessage", WF_WAIT_FOR_TASK_TOKEN,
	WF_FAMILY_TASK, "sqs", "sendMessage.waitForTaskToken"},
	{"arn:aws:states:::states:startExecution.sync", "arn:aws:states:::states:startExecution", WF_SYNC, WF_FAMILY_TASK,
	"states", "startExecution.sync"},
	{"arn:aws:states:::aws-sdk:sfn:startExecution", "arn:aws:states:::aws-sdk:sfn:startExecution", WF_REQUEST_RESPONSE,
	WF_FAMILY_TASK, "aws-sdk:sfn", "startExecution"},
	{"arn:aws:swf:us-east-1:12:task:X", "arn:aws:swf:us-east-1:12:task:X", WF_REQUEST_RESPONSE, WF_FAMILY_TASK, "swf", "task:X"},
};

static void
resources_are_recognized(void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		const Case *c = &cases[i];
		WfResource	resource;

		if (!wf_resource_parse(c->text, &resource))
			fail_msg("not recognized: %s", c->text);
		assert_true(wf_resource_is_valid(c->text));
		assert_string_equal(resource.text, c->text);
		assert_string_equal(resource.base, c->base);
		assert_int_equal(resource.pattern, c->pattern);
		assert_int_equal(resource.family, c->family);
		assert_string_equal(resource.type, c->type);
		assert_string_equal(resource.action, c->action);
		wf_resource_free(&resource);
	}
}

static void
other_texts_are_none(void **state)
{
	static const char *const texts[] = {
		"", "charge", "arn:", "arn:aws", "arn:aws:lambda:us-east-1:1", "arn:aws:lambda:us-east-1:1:",
		"arn:aws:lambda:us-east-1:1:function:", "arn:aws:lambda:us-east-1:1:function:f:", "arn:aws:states:::lambda",
		"arn:aws:states:::lambda:", "arn:aws:states:::.sync", "arn:aws:states:::aws-sdk:sfn", "arn:aws::us-east-1:1:x",
		"function:", "notify:", "activity:", "sql:", "sql:delete", "sql:query2", "states:stopExecution",
		"procedure:public.p", "http://example.org", "${resource}",
	};
	WfResource	resource;

	(void) state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
	{
		if (wf_resource_parse(texts[i], &resource) || wf_resource_is_valid(texts[i]))
			fail_msg("taken for a resource: %s", texts[i]);
	}
}

static void
own_actions_are_known(void **state)
{
	(void) state;
	assert_string_equal(wf_resource_own_action("arn:aws:states:::states:startExecution"), "states:startExecution");
	assert_string_equal(wf_resource_own_action("arn:aws-cn:states:::aws-sdk:sfn:stopExecution"), "aws-sdk:sfn:stopExecution");
	assert_null(wf_resource_own_action("arn:aws:states:::states:stopExecution"));
	assert_null(wf_resource_own_action("arn:aws:states:::aws-sdk:s3:listBuckets"));
	assert_null(wf_resource_own_action("arn:aws:states:::sqs:sendMessage"));
	assert_null(wf_resource_own_action("arn:aws:x:::y:states:::states:startExecution"));
	assert_null(wf_resource_own_action("states:startExecution"));
}

static void
polls_are_known(void **state)
{
	static const struct
	{
		const char *text;
		bool		is_poll;
	}			resources[] = {
		{"arn:aws:states:::aws-sdk:sfn:getActivityTask", true},
		{"arn:aws:states:::aws-sdk:sfn:getActivityTask.waitForTaskToken", true},
		{"arn:aws:states:::aws-sdk:sfn:describeActivity", false},
		{"arn:aws:states:us-east-1:1:activity:getActivityTask", false},
		{"function:public.f", false},
	};
	WfResource	none = {0};

	(void) state;
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
	{
		WfResource	resource;

		assert_true(wf_resource_parse(resources[i].text, &resource));
		assert_int_equal(wf_resource_is_poll(&resource), resources[i].is_poll);
		wf_resource_free(&resource);
	}
	assert_false(wf_resource_is_poll(&none));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resources_are_recognized),
		cmocka_unit_test(other_texts_are_none),
		cmocka_unit_test(own_actions_are_known),
		cmocka_unit_test(polls_are_known),
	};

	return cmocka_run_group_tests_name("resource", tests, NULL, NULL);
}
