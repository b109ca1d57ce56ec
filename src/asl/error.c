/*
 * error.c - errors as values: names, and the few ways in which an error is filled in, moved and emptied.
 *
 * An error without a cause is still an error: where there is no memory for the text, the code alone is kept.
 */
#include "asl/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct
{
	const char *name;
	bool		caught_by_all;
}			error_table[WF_ERROR_COUNT] = {
	[WF_NO_ERROR] = {"", false},
#define WF_ERROR(identifier, word, all) [identifier] = {word, all},
#include "asl/errors.def"
#undef WF_ERROR
};

const char *
wf_error_name(WfErrorCode code)
{
	return (unsigned) code < WF_ERROR_COUNT ? error_table[code].name : "";
}

bool
wf_error_caught_by_all(WfErrorCode code)
{
	return (unsigned) code < WF_ERROR_COUNT && error_table[code].caught_by_all;
}

void
wf_error_cut(char *text, size_t most)
{
	if (strnlen(text, most + 1) <= most)
		return;
	while (most > 0 && ((unsigned char) text[most] & 0xC0) == 0x80)
		most--;
	text[most] = '\0';
}

/* Malloc'ed, no longer than a cause may be; NULL without memory. */
static char *format_text(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

static char *
format_text(const char *format, va_list arguments)
{
	va_list		again;
	int			length;
	char	   *text;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	/* one character more than there may be: the cut looks at it */
	if (length > WF_MAX_CAUSE)
		length = WF_MAX_CAUSE + 1;
	text = length < 0 ? NULL : malloc((size_t) length + 1);
	if (text != NULL)
	{
		vsnprintf(text, (size_t) length + 1, format, again);
		wf_error_cut(text, WF_MAX_CAUSE);
	}
	va_end(again);
	return text;
}

bool
wf_error_set(WfError *error, WfErrorCode code, const char *format, ...)
{
	va_list		arguments;
	char	   *cause;

	if (error == NULL)
		return false;
	va_start(arguments, format);
	cause = format_text(format, arguments);
	va_end(arguments);

	/* only now: the arguments may point into the old cause */
	wf_error_clear(error);
	error->code = code;
	error->cause = cause;
	return false;
}

bool
wf_error_set_detail(WfError *error, const char *format, ...)
{
	va_list		arguments;
	char	   *detail;

	if (error == NULL)
		return false;
	va_start(arguments, format);
	detail = format_text(format, arguments);
	va_end(arguments);
	if (detail == NULL)
		return wf_error_no_memory(error);
	free(error->detail);
	error->detail = detail;
	return false;
}

bool
wf_error_set_location(WfError *error, const char *location)
{
	size_t		size = strlen(location) + 1;
	char	   *copy = malloc(size);

	if (error == NULL || copy == NULL)
	{
		free(copy);
		return wf_error_no_memory(error);
	}
	memcpy(copy, location, size);
	free(error->location);
	error->location = copy;
	return false;
}

bool
wf_error_no_memory(WfError *error)
{
	if (error != NULL)
	{
		wf_error_clear(error);
		error->code = WF_OUT_OF_MEMORY;
	}
	return false;
}

void
wf_error_move(WfError *to, WfError *from)
{
	if (to == from)
		return;
	if (to == NULL)
	{
		wf_error_clear(from);
		return;
	}
	wf_error_clear(to);
	*to = *from;
	*from = (WfError) WF_ERROR_NONE;
}

void
wf_error_clear(WfError *error)
{
	free(error->cause);
	free(error->location);
	free(error->detail);
	*error = (WfError) WF_ERROR_NONE;
}
