/*
 * intrinsic.c - fuzzing intrinsic functions: the first line is the call, the rest the input.  What they give can be written and
 * read back.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/intrinsic.h"

static double
roll(void *arg)
{
	(void) arg;
	return 0.75;
}

static bool
give_bytes(void *arg, unsigned char *bytes, size_t n)
{
	(void) arg;
	memset(bytes, 0xA5, n);
	return true;
}

static bool
give_up(void *arg)
{
	return ++*(unsigned *) arg > 2000;
}

static json_t *
context_of(void *arg, WfError *error)
{
	(void) error;
	return arg;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned	asked = 0;
	WfHost		host = {.arg = &asked, .random = roll, .random_bytes = give_bytes, .interrupted = give_up};
	WfError		error = WF_ERROR_NONE;
	const uint8_t *end = memchr(data, '\n', size);
	size_t		length = end ? (size_t) (end - data) : size;
	char	   *call = malloc(length + 1);
	json_t	   *input = end ? wf_json_parse((const char *) end + 1, size - length - 1, true, &error) : NULL;
	json_t	   *utf8 = json_stringn((const char *) data, length);
	WfIntrinsic *intrinsic;

	memcpy(call, data, length);
	call[length] = '\0';
	wf_error_clear(&error);
	/* a definition is valid UTF-8 */
	intrinsic = utf8 ? wf_intrinsic_parse(call, &error) : NULL;
	json_decref(utf8);
	if (intrinsic && input)
	{
		WfScope		scope = {.input = input, .context = context_of, .context_arg = input, .variables = input, .host = &host};
		json_t	   *value = wf_intrinsic_evaluate(intrinsic, &scope, &error);

		wf_intrinsic_doubt(intrinsic);
		if (value && !wf_json_too_deep(value, 0))
		{
			size_t		written;
			char	   *text = wf_json_text(value, &written);
			json_t	   *again = text ? wf_json_parse(text, written, false, NULL) : NULL;

			if (!again || !wf_json_equal(value, again))
				abort();
			json_decref(again);
			free(text);
		}
		else if (!value && error.code == WF_NO_ERROR)
			abort();
		json_decref(value);
	}
	wf_intrinsic_free(intrinsic);
	json_decref(input);
	free(call);
	wf_error_clear(&error);
	return 0;
}
