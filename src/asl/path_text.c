/*
 * path_text.c - the text that a path is read from: places in it, what encloses and what is escaped, and complaints.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

bool
wf_path_complain(WfPathParser *parser, const char *format,...)
{
	char	   *text = NULL;
	va_list		arguments;
	int			length;

	if (parser->error == NULL || parser->error->code == WF_OUT_OF_MEMORY)
		return false;
	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length >= 0)
		text = malloc((size_t) length + 1);
	if (text == NULL)
		return wf_error_no_memory(parser->error);
	va_start(arguments, format);
	vsnprintf(text, (size_t) length + 1, format, arguments);
	va_end(arguments);
	wf_error_set(parser->error, WF_INVALID_PATH, "%s", text);
	free(text);
	return false;
}

int
wf_path_position(const WfPathParser *parser, size_t at)
{
	int			position = 0;

	/* the library's characters are UTF-16 units: two for what takes four bytes here */
	for (size_t i = 0; i < at && i < parser->size; i++)
	{
		unsigned char c = (unsigned char) parser->text[i];

		position += c < 0x80 || c >= 0xC0 ? 1 + (c >= 0xF0) : 0;
	}
	return position + (at > parser->size ? (int) (at - parser->size) : 0);
}

bool
wf_path_complain_of_end(WfPathParser *parser, size_t at)
{
	return wf_path_complain(parser, "java.lang.StringIndexOutOfBoundsException: String index out of range: %d",
							wf_path_position(parser, at));
}

int
wf_path_characters(const WfPathParser *parser, size_t at, int n)
{
	size_t		end = at;

	for (; n > 0 && end < parser->size; n--)
		for (end++; end < parser->size && ((unsigned char) parser->text[end] & 0xC0) == 0x80;)
			end++;
	return (int) (end - at);
}

/* The byte at a place, or NUL behind the end. */
static char
character_at(const WfPathParser *parser, size_t at)
{
	return at < parser->size ? parser->text[at] : '\0';
}

char
wf_path_peek(const WfPathParser *parser)
{
	return character_at(parser, parser->at);
}

void
wf_path_skip_blanks(WfPathParser *parser)
{
	while (parser->at + 1 < parser->length && wf_path_peek(parser) == ' ')
		parser->at++;
}

char
wf_path_significant(const WfPathParser *parser, size_t at)
{
	do
		at++;
	while (at < parser->length && parser->text[at] == ' ');
	return at < parser->length ? parser->text[at] : ' ';
}

size_t
wf_path_find_significant(const WfPathParser *parser, size_t at, char c)
{
	do
		at++;
	while (at < parser->length && parser->text[at] == ' ');
	return character_at(parser, at) == c ? at : 0;
}

size_t
wf_path_find_unescaped(const WfPathParser *parser, size_t at, char c)
{
	for (at++; at < parser->length; at++)
	{
		if (parser->text[at] == '\\')
			at++;
		else if (parser->text[at] == c)
			return at;
	}
	return parser->length;
}

bool
wf_path_find_closing(WfPathParser *parser, size_t at, char open, char close, bool slashes, size_t *place)
{
	int			depth = 1;

	*place = parser->length;
	for (at++; at < parser->length; at++)
	{
		char		c = parser->text[at];

		if (c == '\'' || c == '"')
		{
			at = wf_path_find_unescaped(parser, at, c);
			if (at >= parser->length)
				return wf_path_complain(parser, "Could not find matching close quote for %c when parsing : %.*s", c,
										(int) parser->size, parser->text);
			c = character_at(parser, ++at);
		}
		if (slashes && c == '/')
		{
			at = wf_path_find_unescaped(parser, at, c);
			if (at >= parser->length)
				return wf_path_complain(parser, "Could not find matching close for / when parsing regex in : %.*s",
										(int) parser->size, parser->text);
			c = character_at(parser, ++at);
		}
		if (at >= parser->length)
			return true;
		if (c == open)
			depth++;
		else if (c == close && --depth == 0)
		{
			*place = at;
			return true;
		}
	}
	return true;
}

char *
wf_path_copy(WfPathParser *parser, const char *text, size_t length)
{
	char	   *copy = malloc(length + 1);

	if (copy == NULL)
	{
		wf_error_no_memory(parser->error);
		return NULL;
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}
