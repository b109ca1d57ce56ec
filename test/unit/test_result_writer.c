/*
 * test_result_writer.c - what a distributed Map's children gave, as a ResultWriter says.
 */
#include "unit.h"

#include "asl/error.h"
#include "interpreter/result_writer.h"
#include "json/json.h"

static void
results_are_transformed(void **state)
{
	static const struct
	{
		WfTransformation transformation;
		bool		lines;
		const char *results;
		const char *expected;
	}			cases[] = {
		{WF_TRANSFORMATION_COMPACT, false, "[1,[2,[3]],{}]", "[1,[2,[3]],{}]"},
		{WF_TRANSFORMATION_NONE, false, "[]", "[]"},
		/* one level, and no more */
		{WF_TRANSFORMATION_FLATTEN, false, "[1,[2,[3]],[],{\"a\":[4]}]", "[1,2,[3],{\"a\":[4]}]"},
		{WF_TRANSFORMATION_FLATTEN, false, "[[]]", "[]"},
		{WF_TRANSFORMATION_FLATTEN, false, "[]", "[]"},
		{WF_TRANSFORMATION_COMPACT, true, "[1,[2],\"\\n\"]", "\"1\\n[2]\\n\\\"\\\\n\\\"\""},
		{WF_TRANSFORMATION_FLATTEN, true, "[1,[2,3]]", "\"1\\n2\\n3\""},
		{WF_TRANSFORMATION_FLATTEN, true, "[]", "\"\""},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfWriterConfig config = {.transformation = cases[i].transformation, .lines = cases[i].lines};
		WfPayload  *results = wf_payload_from_text(cases[i].results, strlen(cases[i].results));
		WfError		error = WF_ERROR_NONE;
		WfPayload  *payload = wf_results_payload(&config, results, &error);

		assert_non_null(payload);
		assert_string_equal(wf_payload_text(payload, NULL), cases[i].expected);
		wf_payload_release(payload);
		wf_payload_release(results);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_transformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
