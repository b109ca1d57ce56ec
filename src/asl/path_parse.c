/*
 * path_parse.c - the text of a path to steps.
 *
 * The grammar is that of the library which the service uses, as it is and not as any standard has it: in dot notation a
 * name runs to the next `.`, `[` or `(`, whatever it holds but blanks (a backslash takes the next character as it is, as
 * the language's own specification has it); what stands in brackets may have blanks around it; a slice's step is read and
 * ignored; so is a single character behind a step at the very end.  A wrong path is refused in the library's words.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

/* Names of variables are at most this long. */
#define MAX_VARIABLE 80

/* Each backslash makes way for the character behind it.  Returns the new length. */
static size_t
drop_backslashes(char *name, size_t length)
{
	size_t		to = 0;

	for (size_t from = 0; from < length; from++)
	{
		if (name[from] == '\\' && from + 1 < length)
			from++;
		name[to++] = name[from];
	}
	return to;
}

/* name or name(…) */
static bool
read_dotted(WfPathParser *parser, WfPath *path)
{
	size_t		start = parser->at;
	size_t		end = start;
	size_t		length;
	WfStep	   *step;
	char	   *name;

	if (start >= parser->size)
		return wf_path_complain_of_end(parser, start);
	if (parser->text[start] == ' ')
		return wf_path_complain(parser, "Could not parse token starting at position %d", wf_path_position(parser, start));
	for (; end < parser->length; end++)
	{
		char		c = parser->text[end];

		if (c == ' ')
			return wf_path_complain(parser, "Use bracket notion ['my prop'] if your property contains blank characters. position: %d",
									wf_path_position(parser, start));
		if (c == '(')
			return wf_path_read_call(parser, path, end);
		if (c == '.' || c == '[')
			break;
		if (c == '\\' && end + 1 < parser->length)
			end++;
	}
	length = end - start;
	parser->at = end;
	step = wf_path_add_step(parser, path, WF_STEP_NAMES);
	if (step == NULL)
		return false;
	step->quote = '\'';
	name = wf_path_copy(parser, parser->text + start, length);
	if (name != NULL)
	{
		length = drop_backslashes(name, length);
		name[length] = '\0';
	}
	return name != NULL && wf_path_add_name(parser, step, name, length);
}

/* . and .., and what follows */
static bool
read_dot(WfPathParser *parser, WfPath *path)
{
	if (parser->at + 1 < parser->length && parser->text[parser->at + 1] == '.')
	{
		if (wf_path_add_step(parser, path, WF_STEP_SCAN) == NULL)
			return false;
		parser->at++;
	}
	else if (parser->at + 1 >= parser->length)
		return wf_path_complain(parser, "Path must not end with a '.");
	parser->at++;
	if (parser->at >= parser->size)
		return wf_path_complain_of_end(parser, parser->at);
	if (parser->text[parser->at] == '.')
		return wf_path_complain(parser, "Character '.' on position %d is not valid.", wf_path_position(parser, parser->at));
	return true;
}

/* True at the end, and at a last character, which is ignored. */
static bool
is_at_end(const WfPathParser *parser)
{
	return parser->at >= parser->length ||
		((unsigned char) parser->text[parser->at] < 0xF0 &&
		 parser->at + (size_t) wf_path_characters(parser, parser->at, 1) >= parser->length);
}

/* Reads the steps behind the root. */
static bool
read_steps(WfPathParser *parser, WfPath *path)
{
	bool		dotted = false;

	if (parser->at >= parser->length)
		return true;
	if (wf_path_peek(parser) != '.' && wf_path_peek(parser) != '[')
		return wf_path_complain(parser, "Illegal character at position %d expected '.' or '['",
								wf_path_position(parser, parser->at));
	do
	{
		char		c = wf_path_peek(parser);

		if (c == '.' && !dotted)
		{
			if (!read_dot(parser, path))
				return false;
			dotted = true;
			continue;
		}
		dotted = false;
		if (c == '[')
		{
			if (!wf_path_read_bracket(parser, path))
				return false;
		}
		else if (c == '*')
		{
			parser->at++;
			if (wf_path_add_step(parser, path, WF_STEP_WILDCARD) == NULL)
				return false;
		}
		else if (!read_dotted(parser, path))
			return false;
	} while (dotted || !is_at_end(parser));
	return true;
}

/* Reads what stands behind the root, and tells what kind of path it makes. */
static bool
read_behind_root(WfPathParser *parser, WfPath *path)
{
	if (!read_steps(parser, path) || !wf_path_turn_scan_around(parser, path))
		return false;
	wf_path_classify(path);
	return true;
}

WfPath *
wf_path_read_inner(WfPathParser *outer, const char *text, size_t length, bool trim)
{
	WfPathParser parser = {.text = text, .size = length, .length = length, .nesting = outer->nesting, .error = outer->error};
	WfPath	   *path;

	while (trim && parser.length > 1 && text[parser.length - 1] == ' ')
		parser.length--;
	if (trim && text[parser.length - 1] == '.')
	{
		wf_path_complain(outer, "Path must not end with a '.' or '..'");
		return NULL;
	}
	path = calloc(1, sizeof(WfPath));
	if (path == NULL)
	{
		wf_error_no_memory(outer->error);
		return NULL;
	}
	path->root = text[0] == '@' ? WF_ROOT_ITEM : WF_ROOT_INPUT;
	parser.at = 1;
	if (read_behind_root(&parser, path))
		return path;
	wf_path_free(path);
	return NULL;
}

/* Letters, any character beyond ASCII; digits and `_` but for the first. */
bool
wf_is_variable_character(char c, bool first)
{
	return isalpha((unsigned char) c) || (unsigned char) c >= 0x80 || (!first && (c == '_' || isdigit((unsigned char) c)));
}

/* `$`, `$$` or `$name` */
static bool
read_root(WfPathParser *parser, WfPath *path)
{
	size_t		start;

	if (wf_path_peek(parser) != '$')
		return wf_path_complain(parser, "a path begins with '$' at position 0");
	parser->at++;
	if (wf_path_peek(parser) == '$')
	{
		parser->at++;
		path->root = WF_ROOT_CONTEXT;
		return true;
	}
	start = parser->at;
	while (parser->at < parser->length && wf_is_variable_character(wf_path_peek(parser), parser->at == start))
		parser->at++;
	if (parser->at == start)
		return true;
	path->root = WF_ROOT_VARIABLE;
	if (parser->at - start > MAX_VARIABLE * 4)
		return wf_path_complain(parser, "the variable's name is too long");
	path->variable = wf_path_copy(parser, parser->text + start, parser->at - start);
	return path->variable != NULL;
}

WfPath *
wf_path_parse(const char *text, WfError *error)
{
	WfPathParser parser = {.text = text, .size = strlen(text), .length = strlen(text), .error = error};
	WfPath	   *path = calloc(1, sizeof(WfPath));

	if (path == NULL)
	{
		wf_error_no_memory(error);
		return NULL;
	}
	path->text = wf_path_copy(&parser, text, parser.size);

	/* blanks behind a path are ignored */
	while (parser.length > 0 && text[parser.length - 1] == ' ')
		parser.length--;
	if (path->text != NULL && parser.length > 0 && text[0] == '$' && text[parser.length - 1] == '.')
		wf_path_complain(&parser, "Path must not end with a '.' or '..'");
	else if (path->text != NULL && read_root(&parser, path) && read_behind_root(&parser, path))
		return path;
	wf_path_free(path);
	return NULL;
}
