/*
 * template.c - fuzzing templates, the rules of Choice states and JSON itself: one JSON text is template, rule and input.
 * What was read must read back as the same from what is written.
 */
#include <stdlib.h>

#include "asl/choice.h"
#include "asl/template.h"

static void
must_be_written(const json_t *value)
{
	char	   *written = value != NULL ? wf_json_text(value, NULL) : NULL;

	if (value != NULL && written == NULL)
		abort();
	free(written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *input = wf_json_parse((const char *) data, size, true, &error);
	WfScope		scope = {.input = input};
	WfTemplate *template_ = input ? wf_template_parse(input, NULL, &error) : NULL;
	WfTemplate *queries = input ? wf_template_parse_queries(input, NULL, &error) : NULL;
	json_t	   *value = template_ ? wf_template_evaluate(template_, &scope, &error) : NULL;
	json_t	   *queried = queries ? wf_template_evaluate(queries, &scope, &error) : NULL;
	WfCondition *condition = input ? wf_condition_parse(input, NULL, &error) : NULL;
	bool		matches;

	if (condition != NULL)
		wf_condition_evaluate(condition, &scope, &matches, &error);
	if (input != NULL)
	{
		size_t		length;
		char	   *written = wf_json_text(input, &length);
		json_t	   *again = written ? wf_json_parse(written, length, false, NULL) : NULL;

		if (!wf_json_equal(input, again))
			abort();
		json_decref(again);
		free(written);
	}
	must_be_written(value);
	must_be_written(queried);
	wf_condition_free(condition);
	wf_template_free(template_);
	wf_template_free(queries);
	json_decref(value);
	json_decref(queried);
	json_decref(input);
	wf_error_clear(&error);
	return 0;
}
