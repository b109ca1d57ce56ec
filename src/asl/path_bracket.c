/*
 * path_bracket.c - steps in brackets: names, indexes, slices, wildcards and filters.
 */
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

/* What a kind of step's reader says: is it one, and could it be read? */
typedef enum Reading { NOT_THIS, DONE, WRONG } Reading;

/* ['a'] ["a"] ['a','b'] */
static Reading
read_names(WfPathParser *parser, WfPath *path)
{
	char		quote = wf_path_significant(parser, parser->at);
	size_t		at = parser->at + 1;
	size_t		start = 0;
	size_t		end = 0;
	bool		inside = false;
	bool		after_comma = false;
	WfStep	   *step;

	if (quote != '\'' && quote != '"')
		return NOT_THIS;
	step = wf_path_add_step(parser, path, WF_STEP_NAMES);
	if (step == NULL)
		return WRONG;
	step->quote = quote;
	for (; at < parser->length; at++)
	{
		char		c = parser->text[at];

		if (c == '\\')
			at++;
		else if ((c == ']' || c == ',') && !inside)
		{
			if (after_comma)
				return wf_path_complain(parser, "Found empty property at index %d", wf_path_position(parser, at)), WRONG;
			if (c == ']')
				break;
			after_comma = true;
		}
		else if (c == quote && inside)
		{
			char		next = wf_path_significant(parser, at);
			char	   *name;
			size_t		length;

			if (next != ']' && next != ',')
				return wf_path_complain(parser, "Property must be separated by comma or Property must be terminated close square bracket at index %d",
										wf_path_position(parser, at)), WRONG;
			end = at;
			name = wf_path_unescape(parser, parser->text + start, at - start, quote == '\'' ? '"' : '\'', &length);
			if (name == NULL || !wf_path_add_name(parser, step, name, length))
				return WRONG;
			inside = false;
		}
		else if (c == quote)
		{
			start = at + 1;
			inside = true;
			after_comma = false;
		}
	}
	if (inside)
		return wf_path_complain(parser, "Property has not been closed - missing closing %c", quote), WRONG;
	end = wf_path_find_significant(parser, end, ']');
	if (end == 0 || step->n == 0)
		return wf_path_complain(parser, "Property has not been closed - missing closing ]"), WRONG;
	parser->at = end + 1;
	return DONE;
}

/* Cuts the blanks off a text's ends. */
static void
trim(const char **text, size_t *length)
{
	while (*length > 0 && **text == ' ')
		++*text, --*length;
	while (*length > 0 && (*text)[*length - 1] == ' ')
		--*length;
}

/* Reads a whole number that is all of a text; false if it is none or too large. */
static bool
read_integer(const char *text, size_t length, int *value)
{
	bool		negative = length > 0 && *text == '-';
	int64_t		sum = 0;

	for (size_t i = negative; i < length; i++)
	{
		if (!isdigit((unsigned char) text[i]))
			return false;
		sum = sum * 10 + (text[i] - '0');
		if (sum > (int64_t) INT_MAX + negative)
			return false;
	}
	*value = (int) (negative ? -sum : sum);
	return length > (size_t) negative;
}

/* 1:3, 1:, :3; what stands behind a second colon is ignored */
static bool
read_slice(WfPathParser *parser, WfPath *path, const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);
	const char *to = colon + 1;
	const char *end = memchr(to, ':', (size_t) (text + length - to));
	WfStep	   *step = wf_path_add_step(parser, path, WF_STEP_SLICE);

	if (step == NULL)
		return false;
	if (end == NULL)
		end = text + length;
	step->has_from = colon > text;
	step->has_to = end > to;
	if (memchr(text, ' ', length) != NULL || memchr(text, ',', length) != NULL || (!step->has_from && !step->has_to))
		return wf_path_complain(parser, "Failed to parse SliceOperation: %.*s", (int) length, text);
	if (step->has_from && !read_integer(text, (size_t) (colon - text), &step->from))
		return wf_path_complain(parser, "java.lang.NumberFormatException: For input string: \"%.*s\"",
								(int) (colon - text), text);
	if (step->has_to && !read_integer(to, (size_t) (end - to), &step->to))
		return wf_path_complain(parser, "java.lang.NumberFormatException: For input string: \"%.*s\"", (int) (end - to), to);
	return true;
}

/* 1 or 1,2,3 */
static bool
read_indexes(WfPathParser *parser, WfPath *path, const char *text, size_t length)
{
	WfStep	   *step = wf_path_add_step(parser, path, WF_STEP_INDEXES);
	const char *end = text + length;

	if (step == NULL)
		return false;
	for (;;)
	{
		const char *comma = memchr(text, ',', (size_t) (end - text));
		size_t		n = (size_t) ((comma ? comma : end) - text);
		int		   *indexes = realloc(step->indexes, (size_t) (step->n + 1) * sizeof(int));

		if (indexes == NULL)
			return wf_error_no_memory(parser->error);
		step->indexes = indexes;
		trim(&text, &n);		/* the blanks around the comma are its own */
		if (!read_integer(text, n, &step->indexes[step->n]))
			return wf_path_complain(parser, "Failed to parse token in ArrayIndexOperation: %.*s", (int) n, text);
		step->n++;
		if (comma == NULL)
			return true;
		text = comma + 1;
	}
}

/* [0] [-1] [0,2] [1:3] */
static Reading
read_numbers(WfPathParser *parser, WfPath *path)
{
	char		first = wf_path_significant(parser, parser->at);
	const char *text = parser->text + parser->at + 1;
	const char *end = memchr(text, ']', parser->length > parser->at + 1 ? parser->length - parser->at - 1 : 0);
	size_t		length;
	bool		slice = false;

	if ((!isdigit((unsigned char) first) && first != '-' && first != ':') || end == NULL)
		return NOT_THIS;
	length = (size_t) (end - text);
	trim(&text, &length);
	for (size_t i = 0; i < length; i++)
	{
		if (!isdigit((unsigned char) text[i]) && strchr(",-: ", text[i]) == NULL)
			return NOT_THIS;
		slice = slice || text[i] == ':';
	}
	if (!(slice ? read_slice(parser, path, text, length) : read_indexes(parser, path, text, length)))
		return WRONG;
	parser->at = (size_t) (end - parser->text) + 1;
	return DONE;
}

/* [*] */
static Reading
read_wildcard(WfPathParser *parser, WfPath *path)
{
	size_t		star = wf_path_find_significant(parser, parser->at, '*');
	size_t		end;

	if (star == 0)
		return NOT_THIS;
	end = wf_path_find_significant(parser, star, ']');
	if (end == 0 || end >= parser->length)
		return wf_path_complain(parser, "Expected wildcard token to end with ']' on position %d",
								wf_path_position(parser, star + 1)), WRONG;
	parser->at = end + 1;
	return wf_path_add_step(parser, path, WF_STEP_WILDCARD) != NULL ? DONE : WRONG;
}

/* [?(…)]; [?] is for programs that use the library, which give a filter by other ways */
static Reading
read_filter(WfPathParser *parser, WfPath *path)
{
	size_t		start = parser->at;
	size_t		question = wf_path_find_significant(parser, start, '?');
	size_t		open,
				close,
				end;
	WfStep	   *step;

	if (question == 0)
		return NOT_THIS;
	if (wf_path_significant(parser, question) == ' ')
		return wf_path_complain_of_end(parser, parser->size), WRONG;
	open = wf_path_find_significant(parser, question, '(');
	if (open == 0)
	{
		if (wf_path_significant(parser, question) == ']')
			return wf_path_complain(parser, "Not enough predicates supplied for filter [%.*s] at position %d",
									(int) (wf_path_find_significant(parser, question, ']') - start - 1), parser->text + start + 1,
									wf_path_position(parser, start)), WRONG;
		return NOT_THIS;
	}
	if (!wf_path_find_closing(parser, open, '(', ')', true, &close))
		return WRONG;
	if (close >= parser->length)
		return NOT_THIS;
	end = wf_path_find_significant(parser, close, ']');
	if (end == 0 || end >= parser->length)
		return NOT_THIS;
	step = wf_path_add_step(parser, path, WF_STEP_FILTER);
	if (step == NULL)
		return WRONG;
	step->filter = wf_filter_read(parser, parser->text + start, end + 1 - start);
	parser->at = end + 1;
	return step->filter != NULL ? DONE : WRONG;
}

bool
wf_path_read_bracket(WfPathParser *parser, WfPath *path)
{
	static Reading (*const readers[]) (WfPathParser *, WfPath *) = {
		read_names, read_numbers, read_wildcard, read_filter
	};

	if (parser->at + 1 >= parser->size)
		return wf_path_complain_of_end(parser, parser->at + 1);
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++)
	{
		Reading		reading = readers[i] (parser, path);

		if (reading != NOT_THIS)
			return reading == DONE;
	}
	return wf_path_complain(parser, "Could not parse token starting at position %d. Expected ?, ', 0-9, * ",
							wf_path_position(parser, parser->at));
}
