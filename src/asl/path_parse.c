/*
 * path_parse.c - the text of a path to steps.
 *
 * The grammar is that of the library which the service uses, as it is and not as any standard has it: in dot notation a
 * name runs to the next `.`, `[` or `(`, whatever it holds but blanks (a backslash takes the next character as it is, as
 * the language's own specification has it); what stands in brackets may have blanks around it;
 * a slice's step is read and ignored.
 */
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

/* Names of variables are at most this long. */
#define MAX_VARIABLE 80

static bool read_steps(WfPathParser *parser, WfPath *path);

bool
wf_path_complain(WfPathParser *parser, const char *what)
{
	if (parser->error == NULL || parser->error->code != WF_OUT_OF_MEMORY)
		wf_error_set(parser->error, WF_INVALID_PATH, "%s at position %zu", what, parser->at);
	return false;
}

char
wf_path_peek(const WfPathParser *parser)
{
	return parser->at < parser->length ? parser->text[parser->at] : '\0';
}

void
wf_path_skip_blanks(WfPathParser *parser)
{
	while (wf_path_peek(parser) == ' ')
		parser->at++;
}

/* Eats a character if it stands here. */
static bool
take(WfPathParser *parser, char c)
{
	if (wf_path_peek(parser) != c)
		return false;
	parser->at++;
	return true;
}

/* New: an empty step at the path's end, or NULL on error. */
static WfStep *
add_step(WfPathParser *parser, WfPath *path, WfStepKind kind)
{
	WfStep	   *step;

	if (path->n_steps >= WF_PATH_MAX_STEPS)
	{
		wf_path_complain(parser, "the path has too many steps");
		return NULL;
	}
	if (path->n_steps == path->capacity)
	{
		int			capacity = path->capacity ? path->capacity * 2 : 4;
		WfStep	   *larger = realloc(path->steps, (size_t) capacity * sizeof(WfStep));

		if (larger == NULL)
		{
			wf_error_no_memory(parser->error);
			return NULL;
		}
		path->steps = larger;
		path->capacity = capacity;
	}
	step = &path->steps[path->n_steps++];
	memset(step, 0, sizeof(*step));
	step->kind = kind;
	return step;
}

/* Adds a name to a step; takes over the malloc'ed text. */
static bool
add_name(WfPathParser *parser, WfStep *step, char *name, size_t length)
{
	char	  **names = NULL;
	size_t	   *lengths = NULL;

	if (name != NULL)
		names = realloc(step->names, (size_t) (step->n + 1) * sizeof(*names));
	if (names != NULL)
	{
		step->names = names;
		lengths = realloc(step->lengths, (size_t) (step->n + 1) * sizeof(*lengths));
	}
	if (lengths == NULL)
	{
		free(name);
		return wf_error_no_memory(parser->error);
	}
	step->lengths = lengths;
	step->names[step->n] = name;
	step->lengths[step->n] = length;
	step->n++;
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Undoes \uXXXX at the parser's place, behind the u.  Surrogates and NUL give nothing: no value holds them. */
static bool
read_unicode(WfPathParser *parser, char *to, size_t *length)
{
	unsigned	code = 0;

	for (int i = 0; i < 4; i++, parser->at++)
	{
		int			digit = hex_value(wf_path_peek(parser));

		if (digit < 0)
			return wf_path_complain(parser, "invalid escape");
		code = code * 16 + (unsigned) digit;
	}
	if (code == 0 || (code >= 0xD800 && code <= 0xDFFF))
		return wf_path_complain(parser, "invalid escape");
	if (code < 0x80)
		to[(*length)++] = (char) code;
	else if (code < 0x800)
	{
		to[(*length)++] = (char) (0xC0 | (code >> 6));
		to[(*length)++] = (char) (0x80 | (code & 0x3F));
	}
	else
	{
		to[(*length)++] = (char) (0xE0 | (code >> 12));
		to[(*length)++] = (char) (0x80 | ((code >> 6) & 0x3F));
		to[(*length)++] = (char) (0x80 | (code & 0x3F));
	}
	return true;
}

char *
wf_path_read_quoted(WfPathParser *parser, size_t *length)
{
	char		quote = wf_path_peek(parser);
	size_t		end = ++parser->at;
	char	   *text;
	char		c;

	/* undone escapes are never longer than they were */
	while (end < parser->length && parser->text[end] != quote)
		end += parser->text[end] == '\\' ? 2 : 1;
	if (end >= parser->length)
	{
		wf_path_complain(parser, "a quote is not closed");
		return NULL;
	}
	text = malloc(end - parser->at + 1);
	if (text == NULL)
	{
		wf_error_no_memory(parser->error);
		return NULL;
	}
	*length = 0;
	while (parser->at < end)
	{
		c = parser->text[parser->at++];
		if (c != '\\')
		{
			text[(*length)++] = c;
			continue;
		}
		c = parser->text[parser->at++];
		if (c == 'u')
		{
			if (!read_unicode(parser, text, length))
			{
				free(text);
				return NULL;
			}
			continue;
		}
		/* The other kind of quote needs no escape: before it the service keeps the backslash as a character. */
		if (c != quote && (c == '"' || c == '\''))
			text[(*length)++] = '\\';
		text[(*length)++] = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
	}
	parser->at++;
	text[*length] = '\0';
	return text;
}

/* ['a'] ["a"] ['a','b'], behind the bracket and its blanks */
static bool
read_quoted_names(WfPathParser *parser, WfPath *path)
{
	WfStep	   *step = add_step(parser, path, WF_STEP_NAMES);

	if (step == NULL)
		return false;
	for (;;)
	{
		char	   *name;
		size_t		length;

		wf_path_skip_blanks(parser);
		if (wf_path_peek(parser) != '\'' && wf_path_peek(parser) != '"')
			return wf_path_complain(parser, "expected a name in quotes");
		step->quote = wf_path_peek(parser);
		name = wf_path_read_quoted(parser, &length);
		if (name == NULL || !add_name(parser, step, name, length))
			return false;
		wf_path_skip_blanks(parser);
		if (take(parser, ']'))
			return true;
		if (!take(parser, ','))
			return wf_path_complain(parser, "expected ',' or ']'");
	}
}

static bool
read_integer(WfPathParser *parser, int *value)
{
	bool		negative = take(parser, '-');
	int64_t		sum = 0;

	if (!isdigit((unsigned char) wf_path_peek(parser)))
		return wf_path_complain(parser, "expected a number");
	while (isdigit((unsigned char) wf_path_peek(parser)))
	{
		sum = sum * 10 + (parser->text[parser->at++] - '0');
		if (sum > INT_MAX)
			return wf_path_complain(parser, "the index is too large");
	}
	*value = (int) (negative ? -sum : sum);
	return true;
}

/* [1:3] [1:] [:3] and, with its step ignored, [1:3:1]; behind the first number if there is one */
static bool
read_slice(WfPathParser *parser, WfPath *path, bool has_from, int from)
{
	WfStep	   *step = add_step(parser, path, WF_STEP_SLICE);
	int			ignored;

	if (step == NULL)
		return false;
	step->has_from = has_from;
	step->from = from;
	parser->at++;				/* the colon */
	wf_path_skip_blanks(parser);
	if (wf_path_peek(parser) != ']' && wf_path_peek(parser) != ':')
	{
		step->has_to = true;
		if (!read_integer(parser, &step->to))
			return false;
		wf_path_skip_blanks(parser);
	}
	if (take(parser, ':'))
	{
		wf_path_skip_blanks(parser);
		if (wf_path_peek(parser) != ']' && !read_integer(parser, &ignored))
			return false;
		wf_path_skip_blanks(parser);
	}
	if (!step->has_from && !step->has_to)
		return wf_path_complain(parser, "a slice needs a beginning or an end");
	if (!take(parser, ']'))
		return wf_path_complain(parser, "expected ']'");
	return true;
}

/* [0] [-1] [0,2] [1:3], behind the bracket and its blanks */
static bool
read_indexes(WfPathParser *parser, WfPath *path)
{
	WfStep	   *step;
	int			value;
	int		   *indexes;

	if (wf_path_peek(parser) == ':')
		return read_slice(parser, path, false, 0);
	if (!read_integer(parser, &value))
		return false;
	wf_path_skip_blanks(parser);
	if (wf_path_peek(parser) == ':')
		return read_slice(parser, path, true, value);

	step = add_step(parser, path, WF_STEP_INDEXES);
	if (step == NULL)
		return false;
	for (;;)
	{
		indexes = realloc(step->indexes, (size_t) (step->n + 1) * sizeof(int));
		if (indexes == NULL)
			return wf_error_no_memory(parser->error);
		step->indexes = indexes;
		step->indexes[step->n++] = value;
		if (take(parser, ']'))
			return true;
		if (!take(parser, ','))
			return wf_path_complain(parser, "expected ',' or ']'");
		wf_path_skip_blanks(parser);
		if (!read_integer(parser, &value))
			return false;
		wf_path_skip_blanks(parser);
	}
}

/* [?(…)], behind the bracket and its blanks */
static bool
read_filter(WfPathParser *parser, WfPath *path)
{
	WfStep	   *step = add_step(parser, path, WF_STEP_FILTER);

	if (step == NULL)
		return false;
	parser->at++;
	wf_path_skip_blanks(parser);
	if (!take(parser, '('))
		return wf_path_complain(parser, "expected '(' after '?'");
	if (++parser->nesting > WF_PATH_MAX_NESTING)
		return wf_path_complain(parser, "too deeply nested");
	step->filter = wf_filter_read(parser);
	parser->nesting--;
	if (step->filter == NULL)
		return false;
	wf_path_skip_blanks(parser);
	if (!take(parser, ')'))
		return wf_path_complain(parser, "expected ')'");
	wf_path_skip_blanks(parser);
	if (!take(parser, ']'))
		return wf_path_complain(parser, "expected ']'");
	return true;
}

static bool
read_bracket(WfPathParser *parser, WfPath *path)
{
	parser->at++;
	wf_path_skip_blanks(parser);
	switch (wf_path_peek(parser))
	{
		case '\'':
		case '"':
			return read_quoted_names(parser, path);
		case '*':
			parser->at++;
			wf_path_skip_blanks(parser);
			if (!take(parser, ']'))
				return wf_path_complain(parser, "expected ']'");
			return add_step(parser, path, WF_STEP_WILDCARD) != NULL;
		case '?':
			return read_filter(parser, path);
		default:
			if (isdigit((unsigned char) wf_path_peek(parser)) || wf_path_peek(parser) == '-' || wf_path_peek(parser) == ':')
				return read_indexes(parser, path);
			return wf_path_complain(parser, "expected a name in quotes, a number, '*' or '?'");
	}
}

/* Reads the arguments of a function, behind its opening parenthesis. */
static bool
read_arguments(WfPathParser *parser, WfStep *step)
{
	wf_path_skip_blanks(parser);
	if (take(parser, ')'))
		return true;
	if (++parser->nesting > WF_PATH_MAX_NESTING)
		return wf_path_complain(parser, "too deeply nested");
	for (;;)
	{
		WfOperand  *larger = realloc(step->arguments, (size_t) (step->n + 1) * sizeof(WfOperand));

		if (larger == NULL)
			return wf_error_no_memory(parser->error);
		step->arguments = larger;
		wf_path_skip_blanks(parser);
		if (!wf_operand_read(parser, &step->arguments[step->n]))
			return false;
		step->n++;
		wf_path_skip_blanks(parser);
		if (take(parser, ')'))
			break;
		if (!take(parser, ','))
			return wf_path_complain(parser, "expected ',' or ')'");
	}
	parser->nesting--;
	return true;
}

/* True if a name in dot notation ends before this character.  Inside a filter an operator ends it too. */
static bool
ends_name(const WfPathParser *parser, char c)
{
	if (c == '.' || c == '[' || c == '(' || c == ' ' || parser->at >= parser->length)
		return true;
	return parser->nesting > 0 && (c == ')' || c == ',' || c == '<' || c == '>' || c == '=' || c == '~' || c == '!');
}

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

/* name, *, name(…): behind the dot */
static bool
read_dotted(WfPathParser *parser, WfPath *path)
{
	size_t		start = parser->at;
	size_t		length;
	WfStep	   *step;
	char	   *name;
	bool		escaped = false;
	WfPathFunction function;

	if (take(parser, '*'))
		return add_step(parser, path, WF_STEP_WILDCARD) != NULL;
	while (!ends_name(parser, wf_path_peek(parser)))
	{
		escaped = escaped || wf_path_peek(parser) == '\\';
		parser->at += wf_path_peek(parser) == '\\' && parser->at + 1 < parser->length ? 2 : 1;
	}
	length = parser->at - start;
	if (length == 0)
		return wf_path_complain(parser, "expected a name");
	if (wf_path_peek(parser) == ' ' && parser->nesting == 0)
		return wf_path_complain(parser, "names with blanks are written in brackets, ['like this'],");

	if (take(parser, '('))
	{
		if (!wf_path_function_find(parser->text + start, length, &function))
			return wf_path_complain(parser, "unknown function");
		step = add_step(parser, path, WF_STEP_FUNCTION);
		if (step == NULL)
			return false;
		step->function = function;
		return read_arguments(parser, step);
	}

	step = add_step(parser, path, WF_STEP_NAMES);
	if (step == NULL)
		return false;
	step->quote = '\'';
	name = malloc(length + 1);
	if (name != NULL)
	{
		memcpy(name, parser->text + start, length);
		if (escaped)
			length = drop_backslashes(name, length);
		name[length] = '\0';
	}
	return add_name(parser, step, name, length);
}

static bool
read_steps(WfPathParser *parser, WfPath *path)
{
	for (;;)
	{
		char		c = wf_path_peek(parser);

		if (c == '[')
		{
			if (!read_bracket(parser, path))
				return false;
		}
		else if (c == '.')
		{
			parser->at++;
			if (take(parser, '.'))
			{
				if (add_step(parser, path, WF_STEP_SCAN) == NULL)
					return false;
				if (wf_path_peek(parser) == '.')
					return wf_path_complain(parser, "unexpected '.'");
			}
			if (parser->at >= parser->length)
				return wf_path_complain(parser, "the path ends with a '.'");
			if (wf_path_peek(parser) == '[' ? !read_bracket(parser, path) : !read_dotted(parser, path))
				return false;
		}
		else if (parser->at >= parser->length || parser->nesting > 0)
			return true;
		else
			return wf_path_complain(parser, "expected '.' or '['");
	}
}

static void
classify(WfPath *path)
{
	path->definite = true;
	path->reference = true;
	for (int i = 0; i < path->n_steps; i++)
	{
		WfStep	   *step = &path->steps[i];
		bool		last = i == path->n_steps - 1;

		switch (step->kind)
		{
			case WF_STEP_NAMES:
				step->definite = step->n == 1 || last;
				path->reference = path->reference && step->n == 1;
				break;
			case WF_STEP_INDEXES:
				step->definite = step->n == 1;
				path->reference = path->reference && step->n == 1 && step->indexes[0] >= 0;
				break;
			case WF_STEP_FUNCTION:
				step->definite = true;
				path->reference = false;

				/* ..a.b.f() calls f once, on all that was found */
				if (last && path->steps[0].kind == WF_STEP_SCAN)
					path->definite = true;
				break;
			default:
				step->definite = false;
				path->reference = false;
		}
		path->definite = path->definite && step->definite;
	}
}

WfPath *
wf_path_read_inner(WfPathParser *parser)
{
	WfPath	   *path = calloc(1, sizeof(WfPath));

	if (path == NULL)
	{
		wf_error_no_memory(parser->error);
		return NULL;
	}
	path->root = wf_path_peek(parser) == '@' ? WF_ROOT_ITEM : WF_ROOT_INPUT;
	parser->at++;
	if (!read_steps(parser, path))
	{
		wf_path_free(path);
		return NULL;
	}
	classify(path);
	return path;
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

	if (!take(parser, '$'))
		return wf_path_complain(parser, "a path begins with '$'");
	if (take(parser, '$'))
	{
		path->root = WF_ROOT_CONTEXT;
		return true;
	}
	start = parser->at;
	while (wf_is_variable_character(wf_path_peek(parser), parser->at == start))
		parser->at++;
	if (parser->at == start)
		return true;
	path->root = WF_ROOT_VARIABLE;
	if (parser->at - start > MAX_VARIABLE * 4)
		return wf_path_complain(parser, "the variable's name is too long");
	path->variable = malloc(parser->at - start + 1);
	if (path->variable == NULL)
		return wf_error_no_memory(parser->error);
	memcpy(path->variable, parser->text + start, parser->at - start);
	path->variable[parser->at - start] = '\0';
	return true;
}

WfPath *
wf_path_parse(const char *text, WfError *error)
{
	WfPathParser parser = {.text = text, .length = strlen(text), .error = error};
	WfPath	   *path = calloc(1, sizeof(WfPath));

	if (path != NULL && (path->text = malloc(parser.length + 1)) != NULL)
	{
		memcpy(path->text, text, parser.length + 1);

		/* blanks behind a path are ignored */
		while (parser.length > 0 && text[parser.length - 1] == ' ')
			parser.length--;
		if (read_root(&parser, path) && read_steps(&parser, path))
		{
			classify(path);
			return path;
		}
	}
	else
		wf_error_no_memory(error);
	wf_path_free(path);
	return NULL;
}

static void
clear_step(WfStep *step)
{
	switch (step->kind)
	{
		case WF_STEP_NAMES:
			for (int i = 0; i < step->n; i++)
				free(step->names[i]);
			free(step->names);
			free(step->lengths);
			break;
		case WF_STEP_INDEXES:
			free(step->indexes);
			break;
		case WF_STEP_FILTER:
			wf_filter_free(step->filter);
			break;
		case WF_STEP_FUNCTION:
			for (int i = 0; i < step->n; i++)
				wf_operand_clear(&step->arguments[i]);
			free(step->arguments);
			break;
		case WF_STEP_SLICE:
		case WF_STEP_WILDCARD:
		case WF_STEP_SCAN:
			break;
	}
}

void
wf_path_free(WfPath *path)
{
	if (path == NULL)
		return;
	for (int i = 0; i < path->n_steps; i++)
		clear_step(&path->steps[i]);
	free(path->steps);
	free(path->variable);
	free(path->text);
	free(path);
}

const char *
wf_path_text(const WfPath *path)
{
	return path->text;
}

bool
wf_path_is_reference(const WfPath *path)
{
	return path->reference;
}

bool
wf_path_is_context(const WfPath *path)
{
	return path->root == WF_ROOT_CONTEXT;
}

const char *
wf_path_variable(const WfPath *path)
{
	return path->variable;
}
