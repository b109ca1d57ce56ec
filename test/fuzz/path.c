/*
 * path.c - fuzzing JSONPath: a path, a line break, a document.  Found values must be writable as JSON, something must be
 * said where nothing is found and only there, and what is said of a path that is UTF-8 must be UTF-8.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/path.h"

static bool
give_up(void *arg)
{
	return ++*(int *) arg > 200;
}

static bool
is_utf8(const char *text)
{
	json_t	   *value = json_string(text);

	json_decref(value);
	return value != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t		length = end ? (size_t) (end - data) : size;
	char	   *text = calloc(1, length + 1);
	WfError		error = WF_ERROR_NONE;
	int			asked = 0;
	WfHost		host = {.arg = &asked, .interrupted = give_up};
	json_t	   *input = wf_json_parse(end ? (const char *) end : "{}", end ? size - length : 2, true, NULL);
	WfScope		scope = {.input = input, .variables = input, .host = &host};
	WfPath	   *path;
	json_t	   *found = NULL;
	char	   *missing = NULL;

	memcpy(text, data, length);
	path = wf_path_parse(text, &error);
	if (path != NULL && input != NULL && !wf_path_is_context(path) && wf_path_get(path, &scope, &found, &missing, &error))
	{
		char	   *written = found ? wf_json_text(found, NULL) : NULL;
		json_t	   *changed = wf_path_is_reference(path) ? wf_path_set(path, input, input, &error) : NULL;

		/* an indefinite path that finds nothing may say so, and gives an empty array all the same */
		if (found == NULL ? missing == NULL : written == NULL || (missing != NULL && strcmp(written, "[]") != 0))
			abort();
		json_decref(changed);
		free(written);
	}
	if (is_utf8(text) && ((missing != NULL && !is_utf8(missing)) || (error.cause != NULL && !is_utf8(error.cause))))
		abort();
	wf_path_free(path);
	json_decref(found);
	json_decref(input);
	wf_error_clear(&error);
	free(missing);
	free(text);
	return 0;
}
