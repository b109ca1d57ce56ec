/*
 * path_filter.c - filters in paths, [?(@.price < 10 && !(@.sold))]: parsing and evaluation.
 *
 * Comparisons are rows of one table.  As in the service's library, a number equals a text that spells it, `==` with
 * something that is missing is false (and `!=` true), and `<` and its like are false between different types.  What an
 * operator cannot be used for (`@.a in 'text'`) makes the whole filter say no, whatever else stands in it.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"
#include "json/number.h"

/* One side of a comparison. */
typedef struct Side
{
	json_t	   *value;			/* NULL: a regular expression, or a path that finds nothing */
	const WfRegex *regex;
	bool		literal;		/* written in the filter, and borrowed from there */
} Side;

/* False: it cannot be compared (evaluation->stop). */
typedef bool (*Compare) (WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer);

struct WfComparison
{
	const char *word;
	Compare		compare;
};

/* --- comparing --- */

static bool
is_container(const json_t *value)
{
	return json_is_array(value) || json_is_object(value);
}

/* The text of a number as a decimal of the library's: exponents from the sixth zero on only.  Returns its length. */
static size_t
spell_number(const json_t *value, char *text)
{
	char		plain[WF_NUMBER_SIZE];
	char	   *mark;
	size_t		length;
	int			exponent,
				n_digits;

	if (json_is_integer(value))
		return wf_number_write_integer(json_integer_value(value), text);
	length = wf_number_write_real(json_real_value(value), text);
	text[length] = '\0';
	mark = memchr(text, 'E', length);
	if (mark == NULL)
		return length;
	exponent = atoi(mark + 1);
	n_digits = (int) (mark - text) - 1 - (text[0] == '-');
	if (exponent < -6 || exponent >= n_digits)
	{
		if (exponent > 0)
		{
			memmove(mark + 2, mark + 1, (size_t) (text + length - mark));
			mark[1] = '+';
			length++;
		}
		return length;
	}

	/* 2.5E-4: 0.00025 */
	memcpy(plain, text, length + 1);
	length = 0;
	if (plain[0] == '-')
		text[length++] = '-';
	text[length++] = '0';
	text[length++] = '.';
	for (int i = exponent + 1; i < 0; i++)
		text[length++] = '0';
	for (const char *c = plain; *c != 'E'; c++)
		if (isdigit((unsigned char) *c))
			text[length++] = *c;
	return length;
}

/* -1, 0 or 1; two integers exactly */
static int
compare_numbers(const json_t *a, const json_t *b)
{
	double		x,
				y;

	if (json_is_integer(a) && json_is_integer(b))
		return (json_integer_value(a) > json_integer_value(b)) - (json_integer_value(a) < json_integer_value(b));
	x = json_number_value(a);
	y = json_number_value(b);
	return (x > y) - (x < y);
}

/* The order of UTF-16: what lies beyond the first plane stands before U+E000. */
static int
compare_texts(const json_t *a, const json_t *b)
{
	const unsigned char *x = (const unsigned char *) json_string_value(a);
	const unsigned char *y = (const unsigned char *) json_string_value(b);

	while (*x == *y && *x != '\0')
		x++, y++;
	if (*x >= 0xF0 && (*y == 0xEE || *y == 0xEF))
		return -1;
	if (*y >= 0xF0 && (*x == 0xEE || *x == 0xEF))
		return 1;
	return (*x > *y) - (*x < *y);
}

/* Equality of what is no container; the left side decides as what they are compared. */
static bool
scalars_equal(WfEvaluation *evaluation, const json_t *left, const json_t *right, bool *answer)
{
	char		text[WF_NUMBER_SIZE + 8];
	json_t	   *number;
	size_t		length;
	WfError		problem = WF_ERROR_NONE;

	if (json_is_number(left) && json_is_number(right))
		*answer = compare_numbers(left, right) == 0;
	else if (json_is_number(left) && json_is_string(right))
	{
		number = wf_path_read_number(json_string_value(right), json_string_length(right), answer, &problem);
		if (problem.code == WF_OUT_OF_MEMORY)
		{
			wf_error_move(evaluation->error, &problem);
			return false;
		}
		*answer = number != NULL && compare_numbers(left, number) == 0;
		json_decref(number);
		wf_error_clear(&problem);
	}
	else if (json_is_string(left) && json_is_number(right))
	{
		length = spell_number(right, text);
		*answer = length == json_string_length(left) && memcmp(text, json_string_value(left), length) == 0;
	}
	else
		*answer = !is_container(left) && !is_container(right) && json_equal(left, right);
	return true;
}

/* Two containers are compared number for number of the same kind; one that is written in the filter, on the right only. */
static bool
is_equal(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	*answer = false;
	if (left->value == NULL || right->value == NULL)
		return true;
	if (is_container(left->value) && is_container(right->value))
	{
		*answer = !left->literal && json_equal(left->value, right->value);
		return true;
	}
	return scalars_equal(evaluation, left->value, right->value, answer);
}

static bool
is_different(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	bool		done = is_equal(evaluation, left, right, answer);

	*answer = !*answer;
	return done;
}

static bool
have_one_type(const json_t *a, const json_t *b)
{
	return a != NULL && b != NULL &&
		(json_typeof(a) == json_typeof(b) || (json_is_number(a) && json_is_number(b)) ||
		 (json_is_boolean(a) && json_is_boolean(b)) || (is_container(a) && is_container(b)));
}

static bool
is_same(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	*answer = false;
	return !have_one_type(left->value, right->value) || is_equal(evaluation, left, right, answer);
}

static bool
is_not_same(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	bool		done = is_same(evaluation, left, right, answer);

	*answer = !*answer;
	return done;
}

/* Orders two numbers or two texts; false if they are neither. */
static bool
order(const Side *left, const Side *right, int *sign)
{
	if (json_is_number(left->value) && json_is_number(right->value))
		*sign = compare_numbers(left->value, right->value);
	else if (json_is_string(left->value) && json_is_string(right->value))
		*sign = compare_texts(left->value, right->value);
	else
		return false;
	return true;
}

static bool
is_less(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	int			sign;

	(void) evaluation;
	*answer = order(left, right, &sign) && sign < 0;
	return true;
}

static bool
is_less_or_equal(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	int			sign;

	(void) evaluation;
	*answer = order(left, right, &sign) && sign <= 0;
	return true;
}

static bool
is_greater(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	return is_less(evaluation, right, left, answer);
}

static bool
is_greater_or_equal(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	return is_less_or_equal(evaluation, right, left, answer);
}

/* The operator cannot be used for this. */
static bool
refuse(WfEvaluation *evaluation)
{
	return wf_evaluation_stop(evaluation, WF_STOP_INVALID, WF_WRONG_OPERAND, NULL, 0, NULL);
}

/* An array whose items are compared one by one may hold no container: that is an error of the whole path. */
static bool
check_items(WfEvaluation *evaluation, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++)
	{
		if (is_container(json_array_get(array, i)))
			return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "Could not determine value type");
	}
	return wf_evaluation_visit(evaluation, (unsigned) json_array_size(array) / 16);
}

/* A side that must be a list; *is_list false: it is another container, and the answer is no. */
static bool
get_list(WfEvaluation *evaluation, const Side *side, bool *is_list)
{
	*is_list = json_is_array(side->value);
	if (!is_container(side->value))
		return refuse(evaluation);
	return !*is_list || check_items(evaluation, side->value);
}

/* True if an item equals a value, as the value compares itself. */
static bool
find_item(WfEvaluation *evaluation, const json_t *array, const json_t *value, bool *found)
{
	*found = false;
	for (size_t i = 0; !*found && value != NULL && i < json_array_size(array); i++)
	{
		if (!scalars_equal(evaluation, value, json_array_get(array, i), found))
			return false;
	}
	return true;
}

static bool
is_in(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	*answer = false;
	return get_list(evaluation, right, answer) && find_item(evaluation, *answer ? right->value : NULL, left->value, answer);
}

static bool
is_not_in(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	bool		done = is_in(evaluation, left, right, answer);

	*answer = !*answer;
	return done;
}

static bool
contains(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	*answer = false;
	if (json_is_string(left->value) && json_is_string(right->value))
	{
		*answer = strstr(json_string_value(left->value), json_string_value(right->value)) != NULL;
		return true;
	}
	return !json_is_array(left->value) ||
		(check_items(evaluation, left->value) && find_item(evaluation, left->value, right->value, answer));
}

/* Both sides as lists; *answer false: one of them is another container. */
static bool
get_lists(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	return get_list(evaluation, right, answer) && (!*answer || get_list(evaluation, left, answer));
}

static bool
is_subset(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	if (!get_lists(evaluation, left, right, answer))
		return false;
	for (size_t i = 0; *answer && i < json_array_size(left->value); i++)
	{
		if (!find_item(evaluation, right->value, json_array_get(left->value, i), answer) ||
			!wf_evaluation_visit(evaluation, 1))
			return false;
	}
	return true;
}

/* Do lists have an item in common?  *answer: what is said if so. */
static bool
have_common(WfEvaluation *evaluation, const Side *left, const Side *right, bool common, bool *answer)
{
	bool		found = false;

	if (!get_lists(evaluation, left, right, answer))
		return false;
	if (!*answer)
		return true;
	for (size_t i = 0; !found && i < json_array_size(left->value); i++)
	{
		if (!find_item(evaluation, right->value, json_array_get(left->value, i), &found) ||
			!wf_evaluation_visit(evaluation, 1))
			return false;
	}
	*answer = found == common;
	return true;
}

static bool
has_any(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	return have_common(evaluation, left, right, true, answer);
}

static bool
has_none(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	return have_common(evaluation, left, right, false, answer);
}

/* Operators that the library knows, but which nothing that can be written in a path fits. */
static bool
fits_nothing(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	(void) left, (void) right;
	*answer = false;
	return refuse(evaluation);
}

/* An object has the size -1. */
static bool
has_size(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	json_int_t	size = -1;

	(void) evaluation;
	*answer = false;
	if (!json_is_number(right->value) || !(json_is_string(left->value) || is_container(left->value)))
		return true;
	if (json_is_string(left->value))
	{
		/* in UTF-16 */
		size = 0;
		for (const unsigned char *c = (const unsigned char *) json_string_value(left->value); *c != '\0'; c++)
			size += *c < 0x80 || *c >= 0xC0 ? 1 + (*c >= 0xF0) : 0;
	}
	else if (json_is_array(left->value))
		size = (json_int_t) json_array_size(left->value);
	*answer = (double) size == trunc(json_number_value(right->value));
	return true;
}

static bool
has_emptiness(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	*answer = false;
	if (json_is_object(left->value))
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME,
							"class java.util.LinkedHashMap cannot be cast to class java.util.Collection (java.util.LinkedHashMap "
							"and java.util.Collection are in module java.base of loader 'bootstrap')");
	if (!json_is_string(left->value) && !json_is_array(left->value))
		return true;
	if (!json_is_boolean(right->value))
		return refuse(evaluation);
	*answer = (json_string_length(left->value) + json_array_size(left->value) == 0) == json_is_true(right->value);
	return true;
}

/* `@.a exists true`: like `==` between booleans, and for nothing else */
static bool
is_as_boolean(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	*answer = false;
	if (!json_is_boolean(left->value) && !json_is_boolean(right->value))
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "Failed to evaluate exists expression");
	if (!json_is_boolean(left->value) || !json_is_boolean(right->value))
		return refuse(evaluation);
	*answer = json_is_true(left->value) == json_is_true(right->value);
	return true;
}

/* Numbers and booleans are matched as they are spelled, anything else but texts as an empty text. */
static bool
match_scalar(WfEvaluation *evaluation, const WfRegex *regex, const json_t *value, bool *answer)
{
	char		number[WF_NUMBER_SIZE + 8];
	const char *text = "";
	size_t		length = 0;

	if (json_is_string(value))
	{
		text = json_string_value(value);
		length = json_string_length(value);
	}
	else if (json_is_number(value))
	{
		length = spell_number(value, number);
		text = number;
	}
	else if (json_is_boolean(value))
	{
		text = json_is_true(value) ? "true" : "false";
		length = strlen(text);
	}
	return wf_regex_matches(evaluation, regex, text, length, answer);
}

/* One side is a regular expression, which must match the other side or any item of it, from beginning to end. */
static bool
matches(WfEvaluation *evaluation, const Side *left, const Side *right, bool *answer)
{
	const WfRegex *regex = left->regex ? left->regex : right->regex;
	const json_t *value = left->regex ? right->value : left->value;

	*answer = false;
	if ((left->regex != NULL) == (right->regex != NULL))
		return true;
	if (!json_is_array(value))
		return match_scalar(evaluation, regex, value, answer);
	if (!check_items(evaluation, value))
		return false;
	for (size_t i = 0; !*answer && i < json_array_size(value); i++)
	{
		if (!match_scalar(evaluation, regex, json_array_get(value, i), answer))
			return false;
	}
	return true;
}

static const WfComparison comparisons[] = {
	{"===", is_same},
	{"!==", is_not_same},
	{"==", is_equal},
	{"!=", is_different},
	{"<=", is_less_or_equal},
	{">=", is_greater_or_equal},
	{"<", is_less},
	{">", is_greater},
	{"=~", matches},
	{"in", is_in},
	{"nin", is_not_in},
	{"contains", contains},
	{"subsetof", is_subset},
	{"anyof", has_any},
	{"noneof", has_none},
	{"size", has_size},
	{"empty", has_emptiness},
	{"exists", is_as_boolean},
	{"all", fits_nothing},
	{"type", fits_nothing},
	{"matches", fits_nothing},
};

/* --- parsing --- */

static WfFilter *read_or(WfPathParser *parser);

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

static bool
is_operator_character(char c)
{
	return c == '<' || c == '>' || c == '=' || c == '~' || c == '!';
}

/* Reads an operator: what looks like one, or what goes up to a blank.  NULL if there is none of that name. */
static const WfComparison *
read_comparison(WfPathParser *parser)
{
	size_t		start;
	size_t		length;

	wf_path_skip_blanks(parser);
	start = parser->at;
	if (is_operator_character(wf_path_peek(parser)))
		while (parser->at < parser->length && is_operator_character(wf_path_peek(parser)))
			parser->at++;
	else
		while (parser->at < parser->length && wf_path_peek(parser) != ' ')
			parser->at++;
	length = parser->at - start;
	for (size_t i = 0; i < sizeof(comparisons) / sizeof(*comparisons); i++)
	{
		const char *word = comparisons[i].word;
		size_t		k = 0;

		while (k < length && word[k] != '\0' && tolower((unsigned char) parser->text[start + k]) == word[k])
			k++;
		if (k == length && word[k] == '\0')
			return &comparisons[i];
	}
	return NULL;
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
read_operand_path(WfPathParser *parser, WfOperand *operand)
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
		if (parser->at >= parser->length || is_operator_character(c) || c == ' ' || (c == ')' && !closes_call(parser, start)))
			break;
		parser->at++;
	}
	operand->kind = WF_OPERAND_PATH;
	operand->path = wf_path_read_inner(parser, parser->text + start, parser->at - start, true);
	return operand->path != NULL;
}

/* 'text' or "text" */
static bool
read_operand_text(WfPathParser *parser, WfOperand *operand)
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
read_operand_json(WfPathParser *parser, WfOperand *operand)
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
read_operand_number(WfPathParser *parser, WfOperand *operand)
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
	parser->at = SIZE_MAX;
	return false;
}

static bool
read_operand_word(WfPathParser *parser, WfOperand *operand, const char *word, json_t *value)
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
read_operand_bare(WfPathParser *parser, WfOperand *operand)
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
read_operand_regex(WfPathParser *parser, WfOperand *operand)
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
			fail_to_parse(parser);
			parser->at = SIZE_MAX;
			return false;
		}
	}
	/* where the flags hold a slash, the expression goes on to it */
	for (size_t i = close + 1; i < end; i++)
		close = parser->text[i] == '/' ? i : close;
	operand->kind = WF_OPERAND_REGEX;
	operand->regex = wf_regex_read(parser, parser->text + start + 1, close - start - 1, parser->text + close + 1, end - close - 1);
	parser->at = operand->regex ? end : SIZE_MAX;
	return operand->regex != NULL;
}

/* Reads a value or a path.  *operand is empty on error; parser->at is SIZE_MAX if it is one that ends all. */
static bool
read_operand(WfPathParser *parser, WfOperand *operand, bool right, bool *negated)
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
		return read_operand_bare(parser, operand);
	switch (wf_path_peek(parser))
	{
		case '$':
		case '@':
			return read_operand_path(parser, operand);
		case '\'':
		case '"':
			return read_operand_text(parser, operand);
		case 't':
			return read_operand_word(parser, operand, "true", json_true());
		case 'f':
			return read_operand_word(parser, operand, "false", json_false());
		case 'n':
			return read_operand_word(parser, operand, "null", json_null());
		case '{':
		case '[':
			return read_operand_json(parser, operand);
		case '/':
			return read_operand_regex(parser, operand);
		default:
			return read_operand_number(parser, operand);
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

static WfFilter *
make_filter(WfPathParser *parser, WfFilterKind kind)
{
	WfFilter   *filter = calloc(1, sizeof(WfFilter));

	if (filter == NULL)
		wf_error_no_memory(parser->error);
	else
		filter->kind = kind;
	return filter;
}

/* Adds an operand; takes it over, and frees both where that fails. */
static WfFilter *
add_operand(WfPathParser *parser, WfFilter *filter, WfFilter *operand)
{
	WfFilter  **larger = NULL;

	if (filter != NULL && operand != NULL)
	{
		larger = realloc(filter->operands, (size_t) (filter->n + 1) * sizeof(WfFilter *));
		if (larger == NULL)
			wf_error_no_memory(parser->error);
	}
	if (larger == NULL)
	{
		wf_filter_free(filter);
		wf_filter_free(operand);
		return NULL;
	}
	filter->operands = larger;
	filter->operands[filter->n++] = operand;
	return filter;
}

/*
 * @.a == 1, or @.a alone: it exists.  What cannot be read as a comparison is tried as the latter, so that the problem is
 * found behind it.  An exclamation mark before the path of a comparison means nothing.
 */
static WfFilter *
read_comparison_or_test(WfPathParser *parser)
{
	WfFilter   *filter = make_filter(parser, WF_FILTER_COMPARE);
	WfError    *error = parser->error;
	WfError		problem = WF_ERROR_NONE;
	size_t		behind;
	bool		negated,
				ignored;

	if (filter == NULL)
		return NULL;
	if (!read_operand(parser, &filter->left, false, &negated))
	{
		wf_filter_free(filter);
		return NULL;
	}
	behind = parser->at;
	if (parser->at >= parser->size)
	{
		wf_path_complain_of_end(parser, parser->at);
		wf_filter_free(filter);
		return NULL;
	}
	filter->comparison = read_comparison(parser);
	parser->error = &problem;
	if (filter->comparison != NULL && read_operand(parser, &filter->right, true, &ignored))
	{
		parser->error = error;
		return filter;
	}
	parser->error = error;
	if (problem.code != WF_NO_ERROR && (problem.code != WF_INVALID_PATH || parser->at == SIZE_MAX))
	{
		wf_error_move(error, &problem);
		wf_filter_free(filter);
		return NULL;
	}
	wf_error_clear(&problem);
	wf_operand_clear(&filter->right);
	parser->at = behind;
	filter->kind = WF_FILTER_EXISTS;
	filter->should_exist = !negated;
	if (filter->left.kind == WF_OPERAND_PATH)
		return filter;
	wf_path_complain(parser, "Expected path node");
	wf_filter_free(filter);
	return NULL;
}

/* Eats a character behind blanks, which must stand here. */
static bool
expect(WfPathParser *parser, char c)
{
	wf_path_skip_blanks(parser);
	if (parser->at >= parser->size)
		return wf_path_complain_of_end(parser, parser->at);
	if (wf_path_peek(parser) != c)
		return wf_path_complain(parser, "Expected character: %c", c);
	parser->at++;
	return true;
}

static WfFilter *
read_and_operand(WfPathParser *parser)
{
	WfFilter   *filter = NULL;
	size_t		start;

	if (++parser->nesting > WF_PATH_MAX_NESTING * 2)
	{
		wf_path_complain(parser, "the filter is nested too deeply");
		return NULL;
	}
	wf_path_skip_blanks(parser);
	start = parser->at;
	if (wf_path_peek(parser) == '!')
	{
		char		next = wf_path_significant(parser, parser->at);

		if (next != '@' && next != '$')
		{
			parser->at++;
			filter = read_and_operand(parser);
			parser->nesting--;
			return filter != NULL ? add_operand(parser, make_filter(parser, WF_FILTER_NOT), filter) : NULL;
		}
		parser->at = start;
	}
	if (wf_path_peek(parser) == '(')
	{
		parser->at++;
		filter = read_or(parser);
		if (filter != NULL && !expect(parser, ')'))
		{
			wf_filter_free(filter);
			filter = NULL;
		}
	}
	else
		filter = read_comparison_or_test(parser);
	parser->nesting--;
	return filter;
}

/* Reads operands joined by an operator of two equal characters. */
static WfFilter *
read_joined(WfPathParser *parser, char c, WfFilterKind kind, WfFilter *(*read_next) (WfPathParser *parser))
{
	WfFilter   *filter = read_next(parser);
	WfFilter   *joined = NULL;

	while (filter != NULL)
	{
		size_t		behind = parser->at;

		wf_path_skip_blanks(parser);
		if (parser->at + 2 > parser->length || parser->text[parser->at] != c || parser->text[parser->at + 1] != c)
		{
			parser->at = behind;
			return filter;
		}
		parser->at += 2;
		if (joined == NULL)
			filter = joined = add_operand(parser, make_filter(parser, kind), filter);
		if (joined != NULL)
		{
			WfFilter   *operand = read_next(parser);

			if (operand == NULL)
			{
				wf_filter_free(joined);
				return NULL;
			}
			filter = joined = add_operand(parser, joined, operand);
		}
	}
	return NULL;
}

static WfFilter *
read_and(WfPathParser *parser)
{
	return read_joined(parser, '&', WF_FILTER_AND, read_and_operand);
}

static WfFilter *
read_or(WfPathParser *parser)
{
	return read_joined(parser, '|', WF_FILTER_OR, read_and);
}

WfFilter *
wf_filter_read(WfPathParser *outer, const char *text, size_t length)
{
	WfPathParser parser = {.text = text, .size = length, .length = length - 1, .at = 1, .nesting = outer->nesting + 1,
	.error = outer->error};
	WfFilter   *filter;

	if (parser.nesting > WF_PATH_MAX_NESTING)
	{
		wf_path_complain(outer, "the path is nested too deeply");
		return NULL;
	}
	/* up to the closing parenthesis and behind the question mark, both of which are there */
	while (text[parser.length - 1] == ' ')
		parser.length--;
	wf_path_skip_blanks(&parser);
	parser.at++;
	filter = read_or(&parser);
	if (filter == NULL)
		return NULL;
	wf_path_skip_blanks(&parser);
	if (parser.at < parser.length)
	{
		wf_path_complain(&parser, "Expected end of filter expression instead of: %.*s", (int) (parser.length - parser.at),
						 text + parser.at);
		wf_filter_free(filter);
		return NULL;
	}
	return filter;
}

void
wf_filter_free(WfFilter *filter)
{
	if (filter == NULL)
		return;
	for (int i = 0; i < filter->n; i++)
		wf_filter_free(filter->operands[i]);
	free(filter->operands);
	wf_operand_clear(&filter->left);
	wf_operand_clear(&filter->right);
	free(filter);
}

/* --- evaluation --- */

/* `$` is the document, wherever we are. */
static bool
find_side(WfEvaluation *evaluation, const WfOperand *operand, json_t *item, Side *side)
{
	bool		require = evaluation->require;
	bool		done;

	side->regex = operand->regex;
	side->literal = operand->kind == WF_OPERAND_LITERAL;
	if (operand->kind != WF_OPERAND_PATH)
	{
		side->value = operand->literal;
		return true;
	}
	evaluation->require = false;
	done = wf_path_evaluate(evaluation, operand->path, operand->path->root == WF_ROOT_ITEM ? item : evaluation->document,
							&side->value);
	evaluation->require = require;
	return done || (evaluation->stop == WF_STOP_ABSENT && wf_evaluation_go_on(evaluation));
}

static bool
evaluate_comparison(WfEvaluation *evaluation, const WfFilter *filter, json_t *item, bool *answer)
{
	Side		left = {0};
	Side		right = {0};
	bool		done;

	done = find_side(evaluation, &filter->left, item, &left) && find_side(evaluation, &filter->right, item, &right) &&
		filter->comparison->compare(evaluation, &left, &right, answer);
	json_decref(left.literal ? NULL : left.value);
	json_decref(right.literal ? NULL : right.value);
	return done;
}

/* Whether something exists is asked of the item, even where the path begins with `$`; all of its names must be there. */
static bool
evaluate_existence(WfEvaluation *evaluation, const WfFilter *filter, json_t *item, bool *answer)
{
	bool		require = evaluation->require;
	json_t	   *found = NULL;
	bool		done;

	evaluation->require = true;
	done = wf_path_evaluate(evaluation, filter->left.path, item, &found);
	evaluation->require = require;
	json_decref(found);
	*answer = done == filter->should_exist;
	return done || (evaluation->stop == WF_STOP_ABSENT && wf_evaluation_go_on(evaluation));
}

static bool
evaluate(WfEvaluation *evaluation, const WfFilter *filter, json_t *item, bool *answer)
{
	*answer = false;
	switch (filter->kind)
	{
		case WF_FILTER_AND:
		case WF_FILTER_OR:
			for (int i = 0; i < filter->n; i++)
			{
				if (!evaluate(evaluation, filter->operands[i], item, answer))
					return false;
				if (*answer == (filter->kind == WF_FILTER_OR))
					return true;
			}
			return true;
		case WF_FILTER_NOT:
			if (!evaluate(evaluation, filter->operands[0], item, answer))
				return false;
			*answer = !*answer;
			return true;
		case WF_FILTER_EXISTS:
			return evaluate_existence(evaluation, filter, item, answer);
		case WF_FILTER_COMPARE:
			return evaluate_comparison(evaluation, filter, item, answer);
	}
	return true;
}

bool
wf_filter_accepts(WfEvaluation *evaluation, const WfFilter *filter, json_t *item, bool *accepts)
{
	if (evaluate(evaluation, filter, item, accepts))
		return true;
	*accepts = false;
	return (evaluation->stop == WF_STOP_INVALID || evaluation->stop == WF_STOP_ABSENT) && wf_evaluation_go_on(evaluation);
}
