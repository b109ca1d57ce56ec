/*
 * lexer.c - from bytes to words.
 */
#include <math.h>
#include <stdlib.h>

#include "jsonata/lexer.h"

static const struct Operator
{
	char		text[4];
	unsigned char kind;
}			long_operators[] =
{
	{"..", JN_OP_RANGE}, {":=", JN_OP_BIND}, {"!=", JN_OP_NOT_EQUAL}, {">=", JN_OP_GREATER_EQUAL}, {"<=", JN_OP_LESS_EQUAL},
	{"**", JN_OP_DESCENDANTS}, {"~>", JN_OP_APPLY}, {"?:", JN_OP_DEFAULT}, {"??", JN_OP_COALESCE}
};

/* What ends a name: blanks and operators, but no quotes. */
static bool
ends_name(char c)
{
	return strchr(" \t\n\r\v.[]{}(),@#;:?+-*/%|=<>^&!~", c) != NULL;		/* NUL, too */
}

int
jn_lexer_position(JnLexer *lexer, const char *at)
{
	for (; lexer->counted < at; lexer->counted++)
	{
		unsigned char c = (unsigned char) *lexer->counted;

		if ((c & 0xC0) != 0x80)
			lexer->units += c >= 0xF0 ? 2 : 1;
	}
	return lexer->units;
}

static bool
fail(JnLexer *lexer, const char *code, WfString token)
{
	int			position = jn_lexer_position(lexer, lexer->at);

	jn_error_set(lexer->error, code, &(JnDetails) {.position = position, .token = token});
	lexer->error->position = position;	/* 0, too */
	return false;
}

static bool
skip_blanks(JnLexer *lexer)
{
	for (;;)
	{
		const char *start;

		while (lexer->at < lexer->end && *lexer->at != '\0' && strchr(" \t\n\r\v", *lexer->at) != NULL)
			lexer->at++;
		if (lexer->end - lexer->at < 2 || lexer->at[0] != '/' || lexer->at[1] != '*')
			return true;
		start = lexer->at;
		for (lexer->at += 2;; lexer->at++)
		{
			if (lexer->end - lexer->at < 2)
			{
				lexer->at = start;
				return fail(lexer, "S0106", (WfString) {NULL, 0});
			}
			if (lexer->at[0] == '*' && lexer->at[1] == '/')
				break;
		}
		lexer->at += 2;
	}
}

/* --- strings --- */

static bool
read_hex(const char *at, const char *end, uint32_t *unit)
{
	*unit = 0;
	if (end - at < 4)
		return false;
	for (int i = 0; i < 4; i++)
	{
		char		c = at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
		*unit = *unit * 16 + (uint32_t) (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return true;
}

/* At the u of \u: a character, of which the second half may be written the same way. */
static bool
read_unicode_escape(JnLexer *lexer, char **to)
{
	uint32_t	unit;
	uint32_t	second;

	if (!read_hex(lexer->at + 1, lexer->end, &unit))
		return fail(lexer, "S0104", (WfString) {NULL, 0});
	lexer->at += 5;
	if (unit >= 0xD800 && unit < 0xDC00 && lexer->end - lexer->at >= 6 && lexer->at[0] == '\\' && lexer->at[1] == 'u' &&
		read_hex(lexer->at + 2, lexer->end, &second) && second >= 0xDC00 && second < 0xE000)
	{
		unit = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
		lexer->at += 6;
	}
	*to += wf_character_write(unit, *to);
	return true;
}

static bool
read_string(JnLexer *lexer, JnToken *token)
{
	static const char escapes[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	char		quote = *lexer->at++;
	const char *closing = memchr(lexer->at, quote, (size_t) (lexer->end - lexer->at));
	char	   *text;
	char	   *to;

	if (closing != NULL && memchr(lexer->at, '\\', (size_t) (closing - lexer->at)) == NULL)
	{
		token->text = (WfString) {lexer->at, (size_t) (closing - lexer->at)};
		lexer->at = closing + 1;
		return true;
	}
	to = text = jn_alloc(lexer->arena, (size_t) (lexer->end - lexer->at) + 1);
	if (text == NULL)
		return jn_problem_set(lexer->error, WF_JSONATA_NO_MEMORY);
	while (lexer->at < lexer->end)
	{
		char		c = *lexer->at++;
		const char *escape;

		if (c == quote)
		{
			token->text = (WfString) {text, (size_t) (to - text)};
			return true;
		}
		if (c != '\\')
		{
			*to++ = c;
			continue;
		}
		if (lexer->at == lexer->end)
			return fail(lexer, "S0103", WF_STRING(""));
		c = *lexer->at;
		escape = c != '\0' ? strchr(escapes, c) : NULL;
		if (escape != NULL)
			*to++ = meanings[escape - escapes];
		else if (c != 'u')
		{
			const char *end = lexer->at;

			wf_character_next(&end, lexer->end);
			return fail(lexer, "S0103", (WfString) {lexer->at, (size_t) (end - lexer->at)});
		}
		if (c != 'u')
			lexer->at++;
		else if (!read_unicode_escape(lexer, &to))
			return false;
	}
	return fail(lexer, "S0101", (WfString) {NULL, 0});
}

static bool
read_quoted_name(JnLexer *lexer, JnToken *token)
{
	const char *closing = memchr(lexer->at + 1, '`', (size_t) (lexer->end - lexer->at - 1));

	if (closing == NULL)
	{
		lexer->at = lexer->end;
		return fail(lexer, "S0105", (WfString) {NULL, 0});
	}
	token->text = (WfString) {lexer->at + 1, (size_t) (closing - lexer->at - 1)};
	lexer->at = closing + 1;
	return true;
}

/* --- the rest --- */

/* Up to the slash that stands in no brackets, and its flags. */
static bool
read_regex(JnLexer *lexer, JnToken *token)
{
	const char *start = ++lexer->at;
	int			depth = 0;

	for (; lexer->at < lexer->end; lexer->at++)
	{
		char		c = *lexer->at;
		bool		escaped = lexer->at > start && lexer->at[-1] == '\\' && !(lexer->at - 1 > start && lexer->at[-2] == '\\');

		if (c == '/' && !escaped && depth == 0)
			break;
		if (!escaped && strchr("([{", c) != NULL && c != '\0')
			depth++;
		if (!escaped && strchr(")]}", c) != NULL && c != '\0')
			depth--;
	}
	if (lexer->at == lexer->end)
		return fail(lexer, "S0302", (WfString) {NULL, 0});
	if (lexer->at == start)
		return fail(lexer, "S0301", (WfString) {NULL, 0});
	token->text = (WfString) {start, (size_t) (lexer->at - start)};
	for (lexer->at++; lexer->at < lexer->end && (*lexer->at == 'i' || *lexer->at == 'm'); lexer->at++)
		*(*lexer->at == 'i' ? &token->ignore_case : &token->multiline) = true;
	return true;
}

static bool
is_digit(const JnLexer *lexer, const char *at)
{
	return at < lexer->end && *at >= '0' && *at <= '9';
}

static bool
read_number(JnLexer *lexer, JnToken *token)
{
	const char *start = lexer->at;
	const char *at = start;
	char		copy[64];
	char	   *text = copy;
	size_t		length;

	if (*at++ != '0')
		while (is_digit(lexer, at))
			at++;
	if (at < lexer->end && *at == '.' && is_digit(lexer, at + 1))
		for (at++; is_digit(lexer, at);)
			at++;
	if (at < lexer->end && (*at | 0x20) == 'e')
	{
		const char *exponent = at + 1;

		if (exponent < lexer->end && (*exponent == '+' || *exponent == '-'))
			exponent++;
		if (is_digit(lexer, exponent))
			for (at = exponent; is_digit(lexer, at);)
				at++;
	}
	length = (size_t) (at - start);
	if (length >= sizeof(copy) && (text = jn_alloc(lexer->arena, length + 1)) == NULL)
		return jn_problem_set(lexer->error, WF_JSONATA_NO_MEMORY);
	memcpy(text, start, length);
	text[length] = '\0';
	token->number = strtod(text, NULL);
	token->text = (WfString) {start, length};
	if (!isfinite(token->number))
		return fail(lexer, "S0102", token->text);
	lexer->at = at;
	return true;
}

static void
read_name(JnLexer *lexer, JnToken *token)
{
	static const struct
	{
		WfString	text;
		unsigned char kind;
	}			words[] = {{{"and", 3}, JN_OP_AND}, {{"or", 2}, JN_OP_OR}, {{"in", 2}, JN_OP_IN}};
	const char *start = lexer->at;

	while (lexer->at < lexer->end && !ends_name(*lexer->at))
		lexer->at++;
	if (lexer->at == start)
		lexer->at++;			/* a NUL */
	token->text = (WfString) {start, (size_t) (lexer->at - start)};
	token->type = JN_TOKEN_NAME;
	if (*start == '$')
	{
		token->type = JN_TOKEN_VARIABLE;
		token->text = (WfString) {start + 1, token->text.length - 1};
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		if (wf_string_equal(token->text, words[i].text))
		{
			token->type = JN_TOKEN_OPERATOR;
			token->kind = words[i].kind;
		}
	}
	if (wf_string_equal(token->text, WF_STRING("true")) || wf_string_equal(token->text, WF_STRING("false")))
	{
		token->type = JN_TOKEN_VALUE;
		token->value = jn_boolean(*start == 't');
	}
	else if (wf_string_equal(token->text, WF_STRING("null")))
	{
		token->type = JN_TOKEN_VALUE;
		token->value = (JnValue) {.kind = JN_NULL};
	}
}

static void
read_operator(JnLexer *lexer, JnToken *token)
{
	size_t		length = 1;

	token->type = JN_TOKEN_OPERATOR;
	token->kind = (unsigned char) *lexer->at;
	for (size_t i = 0; i < sizeof(long_operators) / sizeof(long_operators[0]); i++)
	{
		if (lexer->end - lexer->at >= 2 && memcmp(lexer->at, long_operators[i].text, 2) == 0)
		{
			token->kind = long_operators[i].kind;
			length = 2;
		}
	}
	token->text = (WfString) {lexer->at, length};
	lexer->at += length;
}

bool
jn_lexer_next(JnLexer *lexer, bool operand, JnToken *token)
{
	bool		ok = true;

	*token = (JnToken) {.type = JN_TOKEN_END, .text = WF_STRING("(end)")};
	if (!skip_blanks(lexer))
		return false;
	if (lexer->at < lexer->end)
	{
		char		c = *lexer->at;

		if (c == '/' && operand)
		{
			token->type = JN_TOKEN_REGEX;
			ok = read_regex(lexer, token);
		}
		else if (c == '"' || c == '\'')
		{
			token->type = JN_TOKEN_STRING;
			ok = read_string(lexer, token);
		}
		else if (c == '`')
		{
			token->type = JN_TOKEN_QUOTED_NAME;
			ok = read_quoted_name(lexer, token);
		}
		else if (c >= '0' && c <= '9')
		{
			token->type = JN_TOKEN_NUMBER;
			ok = read_number(lexer, token);
		}
		else if (c != '\0' && ends_name(c))
			read_operator(lexer, token);
		else
			read_name(lexer, token);
	}
	token->position = ok ? jn_lexer_position(lexer, lexer->at) : 0;
	return ok;
}
