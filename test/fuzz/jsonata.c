/*
 * jsonata.c - fuzzing JSONata: an expression, a line break, a document.  Evaluations are small; what is said of an expression
 * that is UTF-8 must be UTF-8, and results must be writable as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "jsonata/jsonata.h"

static bool
give_up(void *arg)
{
	return ++*(int *) arg > 20;
}

static bool
is_utf8(const char *text, size_t length)
{
	json_t	   *value = json_stringn(text, length);

	json_decref(value);
	return value != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t		length = end ? (size_t) (end - data) : size;
	int			asked = 0;
	WfJsonataLimits limits = {
		.depth = 300, .memory = 4 * 1024 * 1024, .items = 1000, .interrupted = give_up, .arg = &asked
	};
	WfJsonataError error = WF_JSONATA_ERROR_NONE;
	json_t	   *input = wf_json_parse(end ? (const char *) end : "{\"a\":[1,{\"b\":\"c\"}]}", end ? size - length : 19, true, NULL);
	WfJsonataBinding binding = {"states", input};
	WfJsonata  *expression = wf_jsonata_parse((const char *) data, length, size % 2 ? WF_JSONATA_STATES : WF_JSONATA_STANDARD, &error);
	json_t	   *result = NULL;

	if (expression != NULL && input != NULL)
	{
		WfJsonataOutcome outcome = wf_jsonata_evaluate(expression, input, &binding, 1, &limits, &result, &error);

		if ((outcome == WF_JSONATA_VALUE) != (result != NULL) || (outcome == WF_JSONATA_FAILED) != (error.kind != WF_JSONATA_NO_PROBLEM))
			abort();
		if (result != NULL && !wf_json_too_deep(result, 0))
		{
			char	   *written = wf_json_text(result, NULL);

			if (written == NULL)
				abort();
			free(written);
		}
	}
	else if (expression == NULL && error.kind == WF_JSONATA_NO_PROBLEM)
		abort();
	if (is_utf8((const char *) data, length) && ((error.message != NULL && !is_utf8(error.message, strlen(error.message))) ||
												 (error.token != NULL && !is_utf8(error.token, strlen(error.token)))))
		abort();
	json_decref(result);
	json_decref(input);
	wf_jsonata_free(expression);
	wf_jsonata_error_clear(&error);
	return 0;
}
