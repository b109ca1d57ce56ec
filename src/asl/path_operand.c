/*
 * path_operand.c - the text of one side of a comparison in a filter: a path, a value, a regular expression.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

/* Reports what the library does not foresee at this place, such as a text that is no number. */
static bool
fail_to_parse(WfPathParser *parser)
{
	if (parser->at >= parser->size)
		return wf_path_complain_of_end(parser, parser->at);
	return wf_path_complain(parser, "Failed to parse filter: %.*s, error on position: %d, char: %.*s", (int) parser->size,
							parser->text, wf_path_position(parser, parser->at), wf_path_characters(parser, parser->at, 1),
							parser->text + parser->at);
}

/* True if the parenthesis here closes a call without arguments: name() */
static bool
closes_call(const WfPathParser *parser, size_t start)
{
	size_t		at = parser->at - 1;

	while (at > start && parser->text[at] == ' ')
		at--;
	if (parser->text[at] != '(')
		return false;
	while (--at > start)
	{
		if (parser->text[at] == '.')
			return true;
	}
	return false;
}

/* @… or $…, up to an operator, a blank, or the parenthesis that encloses it */
static bool
read_path(WfPathParser *parser, WfOperand *operand)
{
	size_t		start = parser->at++;

	while (parser->at < parser->length)
	{
		char		c = wf_path_peek(parser);

		if (c == '[')
		{
			size_t		close;

			if (!wf_path_find_closing(parser, parser->at, '[', ']', false, &close))
				return false;
			if (close >= parser->length)
				return wf_path_complain(parser, "Square brackets does not match in filter %.*s", (int) parser->size, parser->text);
			parser->at = close + 1;
			c = wf_path_peek(parser);
		}
		if (parser->at >= parser->length || wf_is_operator_sign(c) || c == ' ' || (c == ')' && !closes_call(parser, start)))
			break;
		parser->at++;
	}
	operand->kind = WF_OPERAND_PATH;
	operand->path = wf_path_read_inner(parser, parser->text + start, parser->at - start, true);
	return operand->path != NULL;
}

/* 'text' or "text" */
static bool
read_text(WfPathParser *parser, WfOperand *operand)
{
	size_t		end = wf_path_find_unescaped(parser, parser->at, wf_path_peek(parser));
	size_t		length;
	char	   *text;

	if (end >= parser->length)
		return wf_path_complain(parser, "String literal does not have matching quotes. Expected %c in %.*s", wf_path_peek(parser),
								(int) parser->size, parser->text);
	text = wf_path_unescape(parser, parser->text + parser->at + 1, end - parser->at - 1, '\0', &length);
	parser->at = end + 1;
	if (text == NULL)
		return false;
	operand->literal = json_stringn_nocheck(text, length);
	free(text);
	return operand->literal != NULL || wf_error_no_memory(parser->error);
}

/* [1,2] or {"a":1} */
static bool
read_json(WfPathParser *parser, WfOperand *operand)
{
	char		open = wf_path_peek(parser);
	size_t		start = parser->at;
	size_t		close;

	if (!wf_path_find_closing(parser, start, open, open == '[' ? ']' : '}', false, &close))
		return false;
	if (close >= parser->length)
		return wf_path_complain(parser, "String not closed. Expected ' in %.*s", (int) parser->size, parser->text);
	operand->literal = wf_path_read_json(parser, parser->text + start, close + 1 - start);
	parser->at = close + 1;
	return operand->literal != NULL;
}

static bool
read_number(WfPathParser *parser, WfOperand *operand)
{
	size_t		start = parser->at;
	WfError		problem = WF_ERROR_NONE;
	bool		valid;

	while (parser->at < parser->length && (isdigit((unsigned char) wf_path_peek(parser)) ||
										   strchr("-.eE", wf_path_peek(parser)) != NULL))
		parser->at++;
	operand->literal = wf_path_read_number(parser->text + start, parser->at - start, &valid, &problem);
	if (operand->literal != NULL)
		return true;
	if (problem.code == WF_OUT_OF_MEMORY)
		wf_error_no_memory(parser->error);
	else
		fail_to_parse(parser);
	wf_error_clear(&problem);
	parser->final = true;
	return false;
}

static bool
read_word(WfPathParser *parser, WfOperand *operand, const char *word, json_t *value)
{
	size_t		length = strlen(word);

	if (parser->at + length > parser->length || memcmp(parser->text + parser->at, word, length) != 0)
		return wf_path_complain(parser, json_is_null(value) ? "Expected <null> value" : "Expected boolean literal");
	parser->at += length;
	operand->literal = value;
	return true;
}

/* How many bytes a bare word has here; 0: there is none. */
static size_t
bare_word(const WfPathParser *parser)
{
	static const char *const words[] = {"true", "false", "null"};
	const char *start = parser->text + parser->at;
	size_t		length = 0;

	if (parser->at >= parser->length || !wf_is_variable_character(*start, true))
		return 0;
	while (parser->at + length < parser->length &&
		   (wf_is_variable_character(start[length], false) || start[length] == '-' || start[length] == '.'))
		length++;
	for (int i = 0; i < 3; i++)
		if (strlen(words[i]) == length && memcmp(words[i], start, length) == 0)
			return 0;
	return length;
}

/*
 * A text without quotes, on the right side of a comparison.  The library refuses it; the service does not: definitions that
 * were published as samples for it have such filters.
 */
static bool
read_bare(WfPathParser *parser, WfOperand *operand)
{
	size_t		length = bare_word(parser);

	operand->literal = json_stringn_nocheck(parser->text + parser->at, length);
	parser->at += length;
	return operand->literal != NULL || wf_error_no_memory(parser->error);
}

/*
 * /expression/flags.  The flags go to the next `=` of the filter, if there is one behind the expression, and else to the first
 * parenthesis that is closed behind the expression's beginning.  So an expression on the right side can hold no
 * parentheses of its own, and nothing with a `=` can follow it: that is the library's way; on the left side it can.
 */
static bool
read_regex(WfPathParser *parser, WfOperand *operand)
{
	size_t		start = parser->at;
	size_t		close = wf_path_find_unescaped(parser, start, '/');
	size_t		end = close + 1;

	if (close >= parser->length)
		return wf_path_complain(parser, "Pattern not closed. Expected / in %.*s", (int) parser->size, parser->text);
	if (end < parser->length)
	{
		const char *sign = memchr(parser->text + start + 1, '=', parser->length - start - 1);

		end = sign > parser->text + close ? (size_t) (sign - parser->text) : wf_path_find_unescaped(parser, start, ')');
		if (end <= close || end >= parser->length)
		{
			parser->final = true;
			return fail_to_parse(parser);
		}
	}
	/* where the flags hold a slash, the expression goes on to it */
	for (size_t i = close + 1; i < end; i++)
		close = parser->text[i] == '/' ? i : close;
	operand->kind = WF_OPERAND_REGEX;
	operand->regex = wf_regex_read(parser, parser->text + start + 1, close - start - 1, parser->text + close + 1, end - close - 1);
	parser->final = operand->regex == NULL;
	parser->at = end;
	return operand->regex != NULL;
}

bool
wf_operand_read(WfPathParser *parser, WfOperand *operand, bool right, bool *negated)
{
	memset(operand, 0, sizeof(*operand));
	wf_path_skip_blanks(parser);
	*negated = wf_path_peek(parser) == '!';
	if (*negated)
	{
		parser->at++;
		wf_path_skip_blanks(parser);
		if (wf_path_peek(parser) != '@' && wf_path_peek(parser) != '$')
			return wf_path_complain(parser, "Unexpected character: !");
	}
	if (right && bare_word(parser) > 0)
		return read_bare(parser, operand);
	switch (wf_path_peek(parser))
	{
		case '$':
		case '@':
			return read_path(parser, operand);
		case '\'':
		case '"':
			return read_text(parser, operand);
		case 't':
			return read_word(parser, operand, "true", json_true());
		case 'f':
			return read_word(parser, operand, "false", json_false());
		case 'n':
			return read_word(parser, operand, "null", json_null());
		case '{':
		case '[':
			return read_json(parser, operand);
		case '/':
			return read_regex(parser, operand);
		default:
			return read_number(parser, operand);
	}
}

void
wf_operand_clear(WfOperand *operand)
{
	json_decref(operand->literal);
	wf_path_free(operand->path);
	wf_regex_free(operand->regex);
	memset(operand, 0, sizeof(*operand));
}
