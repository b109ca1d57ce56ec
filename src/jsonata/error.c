/*
 * error.c - an error's message, put together from its table.
 */
#include <stdlib.h>

#include "jsonata/error.h"

static const struct Message
{
	const char *code;
	const char *text;
}			messages[] =
{
#define JN_ERROR(code, text) {code, text},
#include "jsonata/errors.def"
#undef JN_ERROR
};

/* Values are shown as far as this. */
#define MAX_SHOWN 10000

/* Larger ones do not come with their error. */
#define MAX_VALUE 1000000

static bool
write_value(WfBuffer *out, JnValue value)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	text = WF_BUFFER(MAX_SHOWN, &fault);
	bool		ok = true;

	if (value.kind == JN_NUMBER && jn_double(value) - jn_double(value) != 0)
		return wf_buffer_add(out, "null", 4);
	if (value.kind == JN_UNDEFINED)
		return wf_buffer_add(out, "undefined", 9);
	if (jn_write(&text, value, false, false, NULL))
		ok = wf_buffer_add(out, text.text, text.length);
	else
		ok = wf_buffer_add(out, "…", 3);
	wf_buffer_free(&text);
	wf_fault_clear(&fault);
	return ok;
}

static bool
write_placeholder(WfBuffer *out, WfString name, const JnDetails *details)
{
	char		digits[12];

	if (wf_string_equal(name, WF_STRING("token")) && details->literal.kind != JN_UNDEFINED)
		return write_value(out, details->literal);
	if (wf_string_equal(name, WF_STRING("token")))
		return write_value(out, details->token.text != NULL ? jn_string(details->token.text, details->token.length) : JN_NOTHING);
	if (wf_string_equal(name, WF_STRING("bare")))
		return wf_buffer_add_string(out, details->token);
	if (wf_string_equal(name, WF_STRING("value")))
		return write_value(out, details->value);
	if (wf_string_equal(name, WF_STRING("value2")))
		return write_value(out, details->value2);
	if (wf_string_equal(name, WF_STRING("message")))
		return wf_buffer_add_string(out, details->message);
	return wf_buffer_add(out, digits, snprintf(digits, sizeof(digits), "%d", details->index));
}

/* Half a surrogate pair, three bytes, becomes U+FFFD: what is said must be UTF-8. */
static char *
mend(char *text)
{
	for (char *at = text; at != NULL && (at = strchr(at, '\xED')) != NULL; at++)
		if ((unsigned char) at[1] >= 0xA0)
			memcpy(at, "\xEF\xBF\xBD", 3);
	return text;
}

static char *
message(const char *template, const JnDetails *details)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	out = WF_BUFFER(SIZE_MAX / 2, &fault);
	bool		ok = true;
	char	   *text = NULL;

	while (ok && *template != '\0')
	{
		size_t		plain = strcspn(template, "{");

		ok = wf_buffer_add(&out, template, plain);
		template += plain;
		if (ok && *template == '{')
		{
			size_t		length = strcspn(++template, "}");

			ok = write_placeholder(&out, (WfString) {template, length}, details);
			template += length + 1;
		}
	}
	if (ok)
		text = mend(wf_buffer_take(&out, NULL));
	wf_buffer_free(&out);
	wf_fault_clear(&fault);
	return text;
}

bool
jn_error_set(WfJsonataError *error, const char *code, const JnDetails *details)
{
	const JnDetails none = {0};
	size_t		room = MAX_VALUE;

	if (error->kind != WF_JSONATA_NO_PROBLEM)
		return false;
	if (details == NULL)
		details = &none;
	error->kind = code[0] == 'U' ? WF_JSONATA_LIMIT : WF_JSONATA_PROBLEM;
	snprintf(error->code, sizeof(error->code), "%.5s", code);
	error->position = details->position > 0 ? details->position : -1;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (strcmp(messages[i].code, code) == 0)
			error->message = message(messages[i].text, details);
	if (details->token.text != NULL && (error->token = malloc(details->token.length + 1)) != NULL)
	{
		memcpy(error->token, details->token.text, details->token.length);
		error->token[details->token.length] = '\0';
		mend(error->token);
	}
	if (details->value.kind != JN_UNDEFINED)
		error->value = jn_to_json(details->value, &room);
	if (error->message == NULL)
	{
		wf_jsonata_error_clear(error);
		error->kind = WF_JSONATA_NO_MEMORY;
	}
	return false;
}

bool
jn_problem_set(WfJsonataError *error, WfJsonataProblem problem)
{
	if (error->kind == WF_JSONATA_NO_PROBLEM)
		error->kind = problem;
	return false;
}

void
wf_jsonata_error_clear(WfJsonataError *error)
{
	free(error->token);
	free(error->message);
	json_decref(error->value);
	*error = (WfJsonataError) WF_JSONATA_ERROR_NONE;
}
