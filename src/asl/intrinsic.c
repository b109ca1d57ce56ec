/*
 * intrinsic.c - calls of intrinsic functions: their syntax, their arguments, and how a failure is told.
 *
 * A string stands in single quotes; a backslash in it may stand only before ', {, } and another backslash.  The service
 * refuses any other when a machine is created, and so do we.  All else shows when the function is called.
 */
#include "asl/intrinsic_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/java.h"

#define MAX_NESTING 10

/* Between two questions whether to go on. */
#define WORK_AT_ONCE 4096

struct WfIntrinsic
{
	char	   *text;
	WfTerm		call;
};

static const WfFunction functions[] = {
#define WF_INTRINSIC(word, min, max, gives_string, function) {word, min, max, gives_string, wf_intrinsic_##function},
#include "asl/intrinsics.def"
#undef WF_INTRINSIC
};

/* --- parsing --- */

typedef struct Reader
{
	const char *start;
	const char *at;
	int			nesting;
	WfError    *error;
} Reader;

static bool read_call(Reader *reader, WfTerm *term);

static bool
complain(Reader *reader, const char *what)
{
	return wf_error_set(reader->error, WF_INVALID_PATH,
						"%s at position %zu", what, (size_t) (reader->at - reader->start));
}

static void
skip_blanks(Reader *reader)
{
	while (*reader->at == ' ')
		reader->at++;
}

/* The bytes up to the quote that closes a string, at most: an escaped one counts double. */
static size_t
string_room(const char *at)
{
	size_t		n = 0;

	while (at[n] != '\0' && at[n] != '\'')
		n += at[n] == '\\' && at[n + 1] != '\0' ? 2 : 1;
	return n;
}

/*
 * Reads a string.  In a template of States.Format the escapes of braces and backslashes stay: it is the function that must
 * tell \{ from {.
 */
static bool
read_string(Reader *reader, WfTerm *term, bool template_)
{
	char	   *text = malloc(string_room(reader->at + 1) + 1);
	size_t		length = 0;
	bool		good = true;

	if (text == NULL)
		return wf_error_no_memory(reader->error);
	for (reader->at++; good && *reader->at != '\''; reader->at++)
	{
		if (*reader->at == '\0')
			good = complain(reader, "a quote is not closed");
		else if (*reader->at == '\\')
		{
			reader->at++;
			if (*reader->at == '\0' || strchr("'{}\\", *reader->at) == NULL)
				good = complain(reader, "a backslash may stand only before ', {, } and \\");
			else if (template_ && *reader->at != '\'')
				text[length++] = '\\';
		}
		if (!good)
			break;
		text[length++] = *reader->at;
	}
	if (good)
	{
		reader->at++;
		term->literal = json_stringn_nocheck(text, length);
		good = term->literal != NULL || wf_error_no_memory(reader->error);
	}
	free(text);
	return good;
}

/* Reads a path up to the comma or parenthesis that ends the argument. */
static bool
read_path(Reader *reader, WfTerm *term)
{
	const char *end = reader->at;
	int			depth = 0;
	char		quote = '\0';
	char	   *text;
	WfError		problem = WF_ERROR_NONE;

	for (; *end != '\0'; end++)
	{
		if (quote != '\0')
		{
			if (*end == '\\' && end[1] != '\0')
				end++;
			else if (*end == quote)
				quote = '\0';
		}
		else if (depth > 0 && (*end == '\'' || *end == '"'))
			quote = *end;
		else if (*end == '[' || *end == '(')
			depth++;
		else if (depth > 0 && (*end == ']' || *end == ')'))
			depth--;
		else if (depth == 0 && (*end == ',' || *end == ')' || *end == ' '))
			break;
	}
	text = malloc((size_t) (end - reader->at) + 1);
	if (text == NULL)
		return wf_error_no_memory(reader->error);
	memcpy(text, reader->at, (size_t) (end - reader->at));
	text[end - reader->at] = '\0';
	term->kind = WF_TERM_PATH;
	term->path = wf_path_parse(text, &problem);
	free(text);
	if (term->path != NULL)
	{
		reader->at = end;
		return true;
	}
	if (problem.code == WF_OUT_OF_MEMORY)
		wf_error_no_memory(reader->error);
	else
		complain(reader, "invalid path");
	wf_error_clear(&problem);
	return false;
}

static bool
read_number(Reader *reader, WfTerm *term)
{
	const char *start = reader->at;
	WfError		problem = WF_ERROR_NONE;

	while (*reader->at != '\0' && strchr("+-.0123456789eE", *reader->at) != NULL)
		reader->at++;
	term->literal = wf_json_parse(start, (size_t) (reader->at - start), true, &problem);
	if (term->literal != NULL)
		return true;
	if (problem.code == WF_OUT_OF_MEMORY)
		wf_error_no_memory(reader->error);
	else
	{
		reader->at = start;
		complain(reader, "invalid argument");
	}
	wf_error_clear(&problem);
	return false;
}

static bool
read_word(Reader *reader, const char *word)
{
	size_t		length = strlen(word);

	if (strncmp(reader->at, word, length) != 0)
		return false;
	reader->at += length;
	return true;
}

static bool
read_argument(Reader *reader, WfTerm *term, bool template_)
{
	if (*reader->at == '\'')
		return read_string(reader, term, template_);
	if (*reader->at == '$')
		return read_path(reader, term);
	if (strncmp(reader->at, "States.", 7) == 0)
		return read_call(reader, term);
	term->literal = read_word(reader, "true") ? json_true() : read_word(reader, "false") ? json_false() :
		read_word(reader, "null") ? json_null() : NULL;
	return term->literal != NULL || read_number(reader, term);
}

/* Reads the arguments behind the opening parenthesis, and the closing one. */
static bool
read_arguments(Reader *reader, WfTerm *term)
{
	int			size = 0;

	skip_blanks(reader);
	while (*reader->at != ')' || term->n > 0)
	{
		WfTerm	   *argument;

		if (term->n == size)
		{
			WfTerm	   *larger = realloc(term->arguments, (size_t) (size += size + 4) * sizeof(WfTerm));

			if (larger == NULL)
				return wf_error_no_memory(reader->error);
			term->arguments = larger;
		}
		argument = &term->arguments[term->n++];
		memset(argument, 0, sizeof(*argument));
		if (!read_argument(reader, argument, term->n == 1 && term->function->evaluate == wf_intrinsic_format))
			return false;
		skip_blanks(reader);
		if (*reader->at == ')')
			break;
		if (*reader->at != ',')
			return complain(reader, "expected ',' or ')'");
		reader->at++;
		skip_blanks(reader);
	}
	reader->at++;
	return true;
}

static bool
read_call(Reader *reader, WfTerm *term)
{
	size_t		length;

	term->kind = WF_TERM_CALL;
	if (!read_word(reader, "States."))
		return complain(reader, "expected a path or a call of an intrinsic function");
	length = strcspn(reader->at, "(");
	if (reader->at[length] == '\0')
		return complain(reader, "expected '('");
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
	{
		bool		done;

		if (strlen(functions[i].word) != length || strncmp(functions[i].word, reader->at, length) != 0)
			continue;
		term->function = &functions[i];
		if (++reader->nesting > MAX_NESTING)
			return complain(reader, "too deeply nested");
		reader->at += length + 1;
		done = read_arguments(reader, term);
		reader->nesting--;
		return done;
	}
	return complain(reader, "unknown intrinsic function");
}

static void
clear_term(WfTerm *term)
{
	for (int i = 0; i < term->n; i++)
		clear_term(&term->arguments[i]);
	free(term->arguments);
	wf_path_free(term->path);
	json_decref(term->literal);
}

WfIntrinsic *
wf_intrinsic_parse(const char *text, WfError *error)
{
	WfIntrinsic *intrinsic = calloc(1, sizeof(WfIntrinsic));
	Reader		reader = {.start = text, .at = text, .error = error};

	if (intrinsic == NULL || (intrinsic->text = malloc(strlen(text) + 1)) == NULL)
		wf_error_no_memory(error);
	else
	{
		strcpy(intrinsic->text, text);
		if (read_call(&reader, &intrinsic->call) &&
			(*reader.at == '\0' || complain(&reader, "text after the end of the call")))
			return intrinsic;
	}
	wf_intrinsic_free(intrinsic);
	return NULL;
}

void
wf_intrinsic_free(WfIntrinsic *intrinsic)
{
	if (intrinsic == NULL)
		return;
	clear_term(&intrinsic->call);
	free(intrinsic->text);
	free(intrinsic);
}

bool
wf_intrinsic_gives_string(const WfIntrinsic *intrinsic)
{
	return intrinsic->call.function->gives_string;
}

static bool
right_number(const WfTerm *call)
{
	return call->n >= call->function->min && (call->function->max < 0 || call->n <= call->function->max);
}

static const char *
doubt(const WfTerm *term)
{
	const char *found = NULL;

	if (term->kind == WF_TERM_CALL && !right_number(term))
		return term->n < term->function->min ? "The intrinsic function has too few arguments" :
			"The intrinsic function has too many arguments";
	for (int i = 0; i < term->n && found == NULL; i++)
		found = doubt(&term->arguments[i]);
	return found;
}

const char *
wf_intrinsic_doubt(const WfIntrinsic *intrinsic)
{
	return doubt(&intrinsic->call);
}

/* --- what a function may say --- */

json_t *
wf_call_invalid(WfCall *call)
{
	wf_error_set(call->error, WF_STATES_RUNTIME, "Invalid arguments in States.%s", call->term->function->word);
	return NULL;
}

json_t *
wf_call_complain(WfCall *call, const char *what)
{
	wf_error_set(call->error, WF_STATES_RUNTIME, "Invalid arguments in States.%s: %s", call->term->function->word, what);
	return NULL;
}

json_t *
wf_call_no_memory(WfCall *call)
{
	wf_error_no_memory(call->error);
	return NULL;
}

json_t *
wf_call_give(WfCall *call, json_t *value)
{
	return value != NULL ? value : wf_call_no_memory(call);
}

bool
wf_call_goes_on(WfCall *call, unsigned *work)
{
	const WfHost *host = call->scope->host;

	if (++*work % WORK_AT_ONCE != 0 || host == NULL || !host->interrupted(host->arg))
		return true;
	return wf_error_set(call->error, WF_INTERRUPTED, "interrupted");
}

char *
wf_call_text(WfCall *call, int i, size_t *length)
{
	const WfTerm *term = &call->term->arguments[i];
	char	   *text;

	if (wf_json_too_deep(call->values[i], 0))
	{
		wf_call_invalid(call);
		return NULL;
	}
	text = term->kind == WF_TERM_CALL && term->function->evaluate == wf_intrinsic_string_to_json ?
		wf_json_text(call->values[i], length) : wf_java_text(call->values[i], length);
	if (text == NULL)
		wf_call_no_memory(call);
	return text;
}

bool
wf_call_integer(const json_t *value, json_int_t *integer)
{
	double		real;

	if (json_is_integer(value))
		*integer = json_integer_value(value);
	else if (json_is_real(value) && (real = json_real_value(value)) > -9.2e18 && real < 9.2e18)
		*integer = (json_int_t) real;
	else
		return false;
	return true;
}

/* --- evaluation --- */

static json_t *evaluate_call(const WfTerm *term, const WfScope *scope, WfError *error);

static json_t *
evaluate_path(const WfPath *path, const WfScope *scope, WfError *error)
{
	json_t	   *found;
	char	   *input;

	if (!wf_path_get(path, scope, &found, NULL, error))
		return NULL;
	if (found != NULL)
		return found;
	/* The service names a path into the context object as one into the object, and the input all the same. */
	input = wf_json_text(scope->input, NULL);
	if (input == NULL)
		wf_error_no_memory(error);
	else
		wf_error_set(error, WF_STATES_RUNTIME,
					 "The JsonPath argument for the field '%s' could not be found in the input '%s'",
					 wf_path_text(path) + wf_path_is_context(path), input);
	free(input);
	return NULL;
}

static json_t *
evaluate_term(const WfTerm *term, const WfScope *scope, WfError *error)
{
	switch (term->kind)
	{
		case WF_TERM_LITERAL:
			return json_incref(term->literal);
		case WF_TERM_PATH:
			return evaluate_path(term->path, scope, error);
		default:
			return evaluate_call(term, scope, error);
	}
}

static json_t *
evaluate_call(const WfTerm *term, const WfScope *scope, WfError *error)
{
	WfCall		call = {.term = term, .scope = scope, .error = error};
	json_t	   *value = NULL;
	size_t		room = scope->max_size > 0 ? scope->max_size : SIZE_MAX;
	int			n = 0;
	bool		good = true;

	if (!right_number(term))
		return wf_call_invalid(&call);
	call.values = calloc((size_t) term->n + 1, sizeof(json_t *));
	if (call.values == NULL)
		return wf_call_no_memory(&call);
	/* The same large value may stand there thousands of times: what it comes to is shared now, but not as a text. */
	while (good && n < term->n)
	{
		call.values[n] = evaluate_term(&term->arguments[n], scope, error);
		good = call.values[n] != NULL &&
			(wf_json_fits(call.values[n++], &room) || wf_call_complain(&call, "they are too large") != NULL);
	}
	if (good)
		value = term->function->evaluate(&call);
	while (n > 0)
		json_decref(call.values[--n]);
	free(call.values);
	return value;
}

json_t *
wf_intrinsic_evaluate(const WfIntrinsic *intrinsic, const WfScope *scope, WfError *error)
{
	WfError		problem = WF_ERROR_NONE;
	json_t	   *value = evaluate_call(&intrinsic->call, scope, &problem);

	if (value != NULL)
		return value;
	if (problem.code == WF_INTERRUPTED || problem.code == WF_OUT_OF_MEMORY || problem.code == WF_INVALID_MEMORY)
		wf_error_move(error, &problem);
	else
		wf_error_set(error, WF_STATES_RUNTIME, "The function '%s' had the following error: %s", intrinsic->text,
					 problem.cause != NULL ? problem.cause : "");
	wf_error_clear(&problem);
	return NULL;
}
