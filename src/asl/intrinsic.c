/*
 * intrinsic.c - the syntax of intrinsic functions' calls.
 *
 * Strings stand in single quotes; a backslash may stand only before ', {, } and another backslash.  The service refuses
 * any other when a machine is created, and so do we.
 */
#include "asl/intrinsic.h"

#include <stdlib.h>
#include <string.h>

#define MAX_NESTING 10

static const struct
{
	const char *word;
	const char *signature;
	bool		gives_string;
}			intrinsics[] = {
#define WF_INTRINSIC(identifier, word, signature, gives_string) {word, signature, gives_string},
#include "asl/intrinsics.def"
#undef WF_INTRINSIC
};

typedef struct Caller
{
	const char *start;
	const char *at;
	int			nesting;
	WfError    *error;
} Caller;

static bool read_call(Caller *caller, bool *gives_string);

static bool
complain(Caller *caller, const char *what)
{
	return wf_error_set(caller->error, WF_INVALID_PATH,
						"%s at position %zu", what, (size_t) (caller->at - caller->start));
}

static void
skip_blanks(Caller *caller)
{
	while (*caller->at == ' ')
		caller->at++;
}

static bool
read_string(Caller *caller)
{
	for (caller->at++; *caller->at != '\''; caller->at++)
	{
		if (*caller->at == '\0')
			return complain(caller, "a quote is not closed");
		if (*caller->at == '\\')
		{
			caller->at++;
			if (*caller->at == '\0' || strchr("'{}\\", *caller->at) == NULL)
				return complain(caller, "a backslash may stand only before ', {, } and \\");
		}
	}
	caller->at++;
	return true;
}

/* Reads a path up to the comma or parenthesis that ends the argument. */
static bool
read_path(Caller *caller)
{
	const char *end = caller->at;
	int			depth = 0;
	char		quote = '\0';
	char	   *text;
	WfPath	   *path;
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
	text = malloc((size_t) (end - caller->at) + 1);
	if (text == NULL)
		return wf_error_no_memory(caller->error);
	memcpy(text, caller->at, (size_t) (end - caller->at));
	text[end - caller->at] = '\0';
	path = wf_path_parse(text, &problem);
	free(text);
	if (path == NULL)
	{
		if (problem.code == WF_OUT_OF_MEMORY)
			wf_error_no_memory(caller->error);
		else
			complain(caller, "invalid path");
		wf_error_clear(&problem);
		return false;
	}
	wf_path_free(path);
	caller->at = end;
	return true;
}

static bool
read_number(Caller *caller)
{
	const char *start = caller->at;
	json_t	   *number;
	WfError		problem = WF_ERROR_NONE;

	while (*caller->at != '\0' && strchr("+-.0123456789eE", *caller->at) != NULL)
		caller->at++;
	number = wf_json_parse(start, (size_t) (caller->at - start), true, &problem);
	if (number != NULL)
	{
		json_decref(number);
		return true;
	}
	if (problem.code == WF_OUT_OF_MEMORY)
		wf_error_no_memory(caller->error);
	else
	{
		caller->at = start;
		complain(caller, "invalid argument");
	}
	wf_error_clear(&problem);
	return false;
}

static bool
read_word(Caller *caller, const char *word)
{
	size_t		length = strlen(word);

	if (strncmp(caller->at, word, length) != 0)
		return false;
	caller->at += length;
	return true;
}

/* Reads one argument and checks it against its letter of the signature. */
static bool
read_argument(Caller *caller, char expected)
{
	const char *start = caller->at;
	char		kind;

	if (*caller->at == '\'')
	{
		kind = 's';
		if (!read_string(caller))
			return false;
	}
	else if (*caller->at == '$')
		return read_path(caller);
	else if (strncmp(caller->at, "States.", 7) == 0)
		return read_call(caller, NULL);
	else if (read_word(caller, "true") || read_word(caller, "false"))
		kind = 'b';
	else if (read_word(caller, "null"))
		kind = 'v';
	else
	{
		kind = 'n';
		if (!read_number(caller))
			return false;
	}
	if (expected == kind || expected == 'v' || expected == '*')
		return true;
	caller->at = start;
	return complain(caller, expected == 's' ? "expected a string or a path" : expected == 'n' ? "expected a number or a path" :
					expected == 'b' ? "expected true, false or a path" : "expected a path");
}

/* Reads the arguments behind the opening parenthesis. */
static bool
read_arguments(Caller *caller, const char *signature)
{
	bool		first = true;

	for (;;)
	{
		skip_blanks(caller);
		if (*caller->at == ')' && (first || *signature == '\0' || *signature == '?' || *signature == '*'))
			break;
		if (!first)
		{
			if (*caller->at != ',')
				return complain(caller, "expected ',' or ')'");
			caller->at++;
			skip_blanks(caller);
		}
		if (*signature == '?')
			signature++;
		if (*signature == '\0')
			return complain(caller, "too many arguments");
		if (!read_argument(caller, *signature))
			return false;
		first = false;
		if (*signature != '*')
			signature++;
	}
	if (*signature != '\0' && *signature != '?' && *signature != '*')
		return complain(caller, "too few arguments");
	caller->at++;
	return true;
}

static bool
read_call(Caller *caller, bool *gives_string)
{
	size_t		length;

	if (!read_word(caller, "States."))
		return complain(caller, "expected a path or a call of an intrinsic function");
	length = strcspn(caller->at, "(");
	if (caller->at[length] == '\0')
		return complain(caller, "expected '('");
	for (size_t i = 0; i < sizeof(intrinsics) / sizeof(*intrinsics); i++)
	{
		bool		done;

		if (strlen(intrinsics[i].word) != length || strncmp(intrinsics[i].word, caller->at, length) != 0)
			continue;
		if (gives_string != NULL)
			*gives_string = intrinsics[i].gives_string;
		if (++caller->nesting > MAX_NESTING)
			return complain(caller, "too deeply nested");
		caller->at += length + 1;
		done = read_arguments(caller, intrinsics[i].signature);
		caller->nesting--;
		return done;
	}
	return complain(caller, "unknown intrinsic function");
}

bool
wf_intrinsic_check(const char *text, bool *gives_string, WfError *error)
{
	Caller		caller = {.start = text, .at = text, .error = error};

	if (!read_call(&caller, gives_string))
		return false;
	return *caller.at == '\0' || complain(&caller, "text after the end of the call");
}
