/*
 * path_parse.c - the text of a path to steps.
 *
 * The grammar is that of the library which the service uses, as it is and not as any standard has it: in dot notation a
 * name runs to the next `.`, `[` or `(`, whatever it holds but blanks (a backslash takes the next character as it is, as
 * the language's own specification has it); what stands in brackets may have blanks around it; a slice's step is read and
 * ignored; so is a single character behind a step at the very end.  A wrong path is refused in the library's words.
 */
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

/* Names of variables are at most this long. */
#define MAX_VARIABLE 80

static bool read_steps(WfPathParser *parser, WfPath *path);
static void classify(WfPath *path);

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

/* The place of the next character behind `at` that is no blank, if it is this one; else 0, where it never is. */
static size_t
find_significant(const WfPathParser *parser, size_t at, char c)
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

/* New: a copy of a part of a text. */
static char *
copy_text(WfPathParser *parser, const char *text, size_t length)
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

/* What a kind of step's reader says: is it one, and could it be read? */
typedef enum Reading { NOT_THIS, DONE, WRONG } Reading;

/* ['a'] ["a"] ['a','b'] */
static Reading
read_bracket_names(WfPathParser *parser, WfPath *path)
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
	step = add_step(parser, path, WF_STEP_NAMES);
	if (step == NULL)
		return WRONG;
	step->quote = quote;
	for (; at < parser->length; at++)
	{
		char		c = parser->text[at];

		if (c == '\\')
			at++;
		else if (c == ']' && !inside)
		{
			if (after_comma)
				return wf_path_complain(parser, "Found empty property at index %d", wf_path_position(parser, at)), WRONG;
			break;
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
			if (name == NULL || !add_name(parser, step, name, length))
				return WRONG;
			inside = false;
		}
		else if (c == quote)
		{
			start = at + 1;
			inside = true;
			after_comma = false;
		}
		else if (c == ',' && !inside)
		{
			if (after_comma)
				return wf_path_complain(parser, "Found empty property at index %d", wf_path_position(parser, at)), WRONG;
			after_comma = true;
		}
	}
	if (inside)
		return wf_path_complain(parser, "Property has not been closed - missing closing %c", quote), WRONG;
	end = find_significant(parser, end, ']');
	if (end == 0 || step->n == 0)
		return wf_path_complain(parser, "Property has not been closed - missing closing ]"), WRONG;
	parser->at = end + 1;
	return DONE;
}

/* Reads a whole number that is all of a text, trimmed; false if it is none or too large. */
static bool
read_integer(const char *text, size_t length, int *value)
{
	int64_t		sum = 0;
	bool		negative;
	size_t		i;

	while (length > 0 && *text == ' ')
		text++, length--;
	while (length > 0 && text[length - 1] == ' ')
		length--;
	negative = length > 0 && *text == '-';
	for (i = negative; i < length; i++)
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
	WfStep	   *step = add_step(parser, path, WF_STEP_SLICE);

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
	WfStep	   *step = add_step(parser, path, WF_STEP_INDEXES);
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
		if (!read_integer(text, n, &step->indexes[step->n]))
		{
			/* the blanks around the comma are its own */
			while (n > 0 && *text == ' ')
				text++, n--;
			while (n > 0 && text[n - 1] == ' ')
				n--;
			return wf_path_complain(parser, "Failed to parse token in ArrayIndexOperation: %.*s", (int) n, text);
		}
		step->n++;
		if (comma == NULL)
			return true;
		text = comma + 1;
	}
}

/* [0] [-1] [0,2] [1:3] */
static Reading
read_bracket_numbers(WfPathParser *parser, WfPath *path)
{
	char		first = wf_path_significant(parser, parser->at);
	const char *text = parser->text + parser->at + 1;
	const char *end = memchr(text, ']', parser->length > parser->at + 1 ? parser->length - parser->at - 1 : 0);
	size_t		length;
	bool		slice = false;

	if ((!isdigit((unsigned char) first) && first != '-' && first != ':') || end == NULL)
		return NOT_THIS;
	while (*text == ' ')
		text++;
	length = (size_t) (end - text);
	while (length > 0 && text[length - 1] == ' ')
		length--;
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
read_bracket_wildcard(WfPathParser *parser, WfPath *path)
{
	size_t		star = find_significant(parser, parser->at, '*');
	size_t		end;

	if (star == 0)
		return NOT_THIS;
	end = find_significant(parser, star, ']');
	if (end == 0 || end >= parser->length)
		return wf_path_complain(parser, "Expected wildcard token to end with ']' on position %d",
								wf_path_position(parser, star + 1)), WRONG;
	parser->at = end + 1;
	return add_step(parser, path, WF_STEP_WILDCARD) != NULL ? DONE : WRONG;
}

/* [?(…)]; [?] is for programs that use the library, which give a filter by other ways */
static Reading
read_bracket_filter(WfPathParser *parser, WfPath *path)
{
	size_t		start = parser->at;
	size_t		question = find_significant(parser, start, '?');
	size_t		open,
				close,
				end;
	WfStep	   *step;

	if (question == 0)
		return NOT_THIS;
	if (wf_path_significant(parser, question) == ' ')
		return wf_path_complain_of_end(parser, parser->size), WRONG;
	open = find_significant(parser, question, '(');
	if (open == 0)
	{
		if (wf_path_significant(parser, question) == ']')
			return wf_path_complain(parser, "Not enough predicates supplied for filter [%.*s] at position %d",
									(int) (find_significant(parser, question, ']') - start - 1), parser->text + start + 1,
									wf_path_position(parser, start)), WRONG;
		return NOT_THIS;
	}
	if (!wf_path_find_closing(parser, open, '(', ')', true, &close))
		return WRONG;
	if (close >= parser->length)
		return NOT_THIS;
	end = find_significant(parser, close, ']');
	if (end == 0 || end >= parser->length)
		return NOT_THIS;
	step = add_step(parser, path, WF_STEP_FILTER);
	if (step == NULL)
		return WRONG;
	step->filter = wf_filter_read(parser, parser->text + start, end + 1 - start);
	parser->at = end + 1;
	return step->filter != NULL ? DONE : WRONG;
}

static bool
read_bracket(WfPathParser *parser, WfPath *path)
{
	static Reading (*const readers[]) (WfPathParser *, WfPath *) = {
		read_bracket_names, read_bracket_numbers, read_bracket_wildcard, read_bracket_filter
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

/* A function's argument, cut out: a path, or JSON. */
static bool
add_argument(WfPathParser *parser, WfStep *step, const char *text, size_t length)
{
	WfOperand  *larger = realloc(step->arguments, (size_t) (step->n + 1) * sizeof(WfOperand));
	WfOperand  *argument;

	if (larger == NULL)
		return wf_error_no_memory(parser->error);
	step->arguments = larger;
	argument = &larger[step->n];
	memset(argument, 0, sizeof(*argument));
	if (text[0] == '$' || text[0] == '@')
	{
		argument->kind = WF_OPERAND_PATH;
		argument->path = wf_path_read_inner(parser, text, length, false);
	}
	else
		argument->literal = wf_path_read_json(parser, text, length);
	if (argument->path == NULL && argument->literal == NULL)
		return false;
	step->n++;
	return true;
}

/*
 * Reads a function's arguments, behind its opening parenthesis and up to behind the closing one.  An argument begins with
 * the first character that a path or JSON can begin with; what stands before, such as a single quote, is passed over.
 */
static bool
read_arguments(WfPathParser *parser, WfStep *step)
{
	WfSpelling		argument = {0};
	int			parentheses = 1,
				brackets = 0,
				braces = 0,
				quotes = 0;
	bool		begun = false;
	bool		ended = false;
	bool		done = true;
	char		before = '\0';

	while (done && parser->at < parser->length && !ended)
	{
		char		c = parser->text[parser->at++];

		if (!begun && isspace((unsigned char) c))
			continue;
		begun = begun || (c != '\0' && (isdigit((unsigned char) c) || strchr("{\"-$@", c) != NULL));
		switch (c)
		{
			case '"':
				quotes += before != '\\' && quotes > 0 ? -1 : 1;
				break;
			case '(':
				parentheses++;
				break;
			case '{':
				braces++;
				break;
			case '[':
				brackets++;
				break;
			case '}':
				done = braces-- > 0 ||
					wf_path_complain(parser, "Unexpected close brace '}' at character position: %d", wf_path_position(parser, parser->at));
				break;
			case ']':
				done = brackets-- > 0 ||
					wf_path_complain(parser, "Unexpected close bracket ']' at character position: %d", wf_path_position(parser, parser->at));
				break;
			case ')':
				parentheses--;
				if (before == '(')
					done = wf_spell(&argument, &c, 1) || wf_error_no_memory(parser->error);
				/* fall through */
			case ',':
				if (quotes != 0 || braces != 0 || brackets != 0 || parentheses > 1 || (parentheses == 0 && c != ')'))
					break;
				ended = parentheses == 0;
				if (done && begun)
				{
					done = argument.length > 0 && add_argument(parser, step, argument.text, argument.length);
					argument.length = 0;
					begun = false;
				}
				break;
			default:
				break;
		}
		if (done && begun && !(c == ',' && braces == 0 && brackets == 0 && parentheses == 1))
			done = wf_spell(&argument, &c, 1) || wf_error_no_memory(parser->error);
		before = c;
	}
	free(argument.text);
	if (done && (braces != 0 || parentheses != 0 || brackets != 0))
		return wf_path_complain(parser, "Arguments to function: '%s' are not closed properly.", step->name);
	return done;
}

/* length() counts what the path that is its argument leads to: so the path gets a wildcard. */
static bool
measure_children(WfPathParser *parser, WfStep *step)
{
	WfPath	   *path = step->n > 0 ? step->arguments[0].path : NULL;

	if (path == NULL || path->n_steps == 0 || path->steps[path->n_steps - 1].kind == WF_STEP_FUNCTION)
		return true;
	if (add_step(parser, path, WF_STEP_WILDCARD) == NULL)
		return false;
	classify(path);
	return true;
}

static bool
is_measure(const WfStep *step)
{
	return step->function == WF_FUNCTION_LENGTH || step->function == WF_FUNCTION_SIZE;
}

/* name(…), at the name's beginning; `open` is the parenthesis' place */
static bool
read_function(WfPathParser *parser, WfPath *path, size_t open)
{
	const char *name = parser->text + parser->at;
	size_t		length = open - parser->at;
	int			depth = 1;
	WfStep	   *step;

	for (size_t i = open + 1; i < parser->length && depth > 0; i++)
		depth += parser->text[i] == '(' ? 1 : parser->text[i] == ')' ? -1 : 0;
	if (depth != 0)
		return wf_path_complain(parser, "Arguments to function: '%.*s' are not closed properly.", (int) length, name);
	step = add_step(parser, path, WF_STEP_FUNCTION);
	if (step == NULL)
		return false;
	step->function = wf_path_function_find(name, length);
	step->name = copy_text(parser, name, length);
	if (step->name == NULL)
		return false;

	/* without arguments the closing parenthesis is left: it is passed over where the path ends */
	parser->at = open + 1;
	if (wf_path_peek(parser) == ')')
		return true;
	if (++parser->nesting > WF_PATH_MAX_NESTING)
		return wf_path_complain(parser, "the path is nested too deeply");
	if (!read_arguments(parser, step))
		return false;
	parser->nesting--;
	return !is_measure(step) || measure_children(parser, step);
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
			return read_function(parser, path, end);
		if (c == '.' || c == '[')
			break;
		if (c == '\\' && end + 1 < parser->length)
			end++;
	}
	length = end - start;
	parser->at = end;
	step = add_step(parser, path, WF_STEP_NAMES);
	if (step == NULL)
		return false;
	step->quote = '\'';
	name = copy_text(parser, parser->text + start, length);
	if (name != NULL)
	{
		length = drop_backslashes(name, length);
		name[length] = '\0';
	}
	return name != NULL && add_name(parser, step, name, length);
}

/* . and .., and what follows */
static bool
read_dot(WfPathParser *parser, WfPath *path)
{
	if (parser->at + 1 < parser->length && parser->text[parser->at + 1] == '.')
	{
		if (add_step(parser, path, WF_STEP_SCAN) == NULL)
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
			if (!read_bracket(parser, path))
				return false;
		}
		else if (c == '*')
		{
			parser->at++;
			if (add_step(parser, path, WF_STEP_WILDCARD) == NULL)
				return false;
		}
		else if (!read_dotted(parser, path))
			return false;
	} while (dotted || !is_at_end(parser));
	return true;
}

/*
 * ..a.b.f() is f() of all that `..a.b` finds: what stands before the first function becomes its only argument.
 */
static bool
turn_scan_around(WfPathParser *parser, WfPath *path)
{
	WfPath	   *scan;
	WfStep	   *function = path->steps;
	int			n;

	if (path->n_steps == 0 || path->steps[0].kind != WF_STEP_SCAN || path->steps[path->n_steps - 1].kind != WF_STEP_FUNCTION)
		return true;
	while (function->kind != WF_STEP_FUNCTION)
		function++;
	n = (int) (function - path->steps);
	if (n == 1)
		return wf_path_complain(parser, "Current path token is a leaf");
	scan = calloc(1, sizeof(WfPath));
	if (scan == NULL)
		return wf_error_no_memory(parser->error);
	scan->steps = malloc((size_t) n * sizeof(WfStep));
	if (scan->steps == NULL)
	{
		free(scan);
		return wf_error_no_memory(parser->error);
	}
	memcpy(scan->steps, path->steps, (size_t) n * sizeof(WfStep));
	scan->n_steps = scan->capacity = n;
	scan->root = path->root;
	path->n_steps -= n;
	memmove(path->steps, function, (size_t) path->n_steps * sizeof(WfStep));
	classify(scan);

	function = path->steps;
	for (int i = 0; i < function->n; i++)
		wf_operand_clear(&function->arguments[i]);
	free(function->arguments);
	function->n = 0;
	function->arguments = calloc(1, sizeof(WfOperand));
	if (function->arguments == NULL)
	{
		wf_path_free(scan);
		return wf_error_no_memory(parser->error);
	}
	function->n = 1;
	function->arguments[0].kind = WF_OPERAND_PATH;
	function->arguments[0].path = scan;
	return !is_measure(function) || measure_children(parser, function);
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

		step->upstream_definite = path->definite;
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
				break;
			default:
				step->definite = false;
				path->reference = false;
		}
		path->definite = path->definite && step->definite;
	}
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
	if (!read_steps(&parser, path) || !turn_scan_around(&parser, path))
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
	WfPathParser parser = {.text = text, .size = strlen(text), .length = strlen(text), .error = error};
	WfPath	   *path = calloc(1, sizeof(WfPath));

	if (path != NULL && (path->text = malloc(parser.length + 1)) != NULL)
	{
		memcpy(path->text, text, parser.size + 1);

		/* blanks behind a path are ignored */
		while (parser.length > 0 && text[parser.length - 1] == ' ')
			parser.length--;
		if (parser.length > 0 && text[0] == '$' && text[parser.length - 1] == '.')
			wf_path_complain(&parser, "Path must not end with a '.' or '..'");
		else if (read_root(&parser, path) && read_steps(&parser, path) && turn_scan_around(&parser, path))
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
			free(step->name);
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
