/*
 * test_query.c - what a task of sql:query is given, taken apart.
 */
#include "unit.h"

#include "interpreter/query.h"

static WfPayload *
payload(const char *text)
{
	return wf_payload_from_json(json_of(text));
}

static void
assert_request(const char *input, const char *query, const char *values, int n)
{
	WfPayload  *given = payload(input);
	WfPayload  *found_values;
	char	   *found;
	int			found_n;
	WfError		error = WF_ERROR_NONE;

	assert_true(wf_query_request(given, &found, &found_values, &found_n, &error));
	assert_string_equal(found, query);
	assert_string_equal(wf_payload_text(found_values, NULL), values);
	assert_int_equal(found_n, n);
	free(found);
	wf_payload_release(found_values);
	wf_payload_release(given);
}

static void
refuse_request(const char *input, const char *cause)
{
	WfPayload  *given = payload(input);
	WfPayload  *values;
	char	   *query;
	int			n;
	WfError		error = WF_ERROR_NONE;

	assert_false(wf_query_request(given, &query, &values, &n, &error));
	assert_int_equal(error.code, WF_STATES_RUNTIME);
	assert_string_equal(error.cause, cause);
	assert_null(query);
	assert_null(values);
	wf_error_clear(&error);
	wf_payload_release(given);
}

static void
test_requests(void **state)
{
	(void) state;
	assert_request("{'Query':'q'}", "q", "{}", 0);
	assert_request("{'Parameters':[],'Query':''}", "", "{}", 0);
	assert_request("{'Query':'q','Parameters':[1.50,null,'x',[{'a':[]}]]}", "q",
				   "{\"1\":1.5,\"2\":null,\"3\":\"x\",\"4\":[{\"a\":[]}]}", 4);
}

static void
test_refusals(void **state)
{
	(void) state;
	refuse_request("{}", "The field 'Query' is required but was missing");
	refuse_request("{'Query':null}", "The value for the field 'Query' must be a STRING");
	refuse_request("{'Query':'q','Parameters':{}}", "The value for the field 'Parameters' must be an ARRAY");
	refuse_request("{'Query':'q','Parameter':[]}", "The field 'Parameter' is not supported by sql:query");
	refuse_request("['q']", "The input of a query must be an object with the field 'Query'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
