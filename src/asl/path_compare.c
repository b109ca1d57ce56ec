/*
 * path_compare.c - the operators of filters, [?(@.price < 10)]: what each of them says of two sides.
 *
 * As in the service's library, a number equals a text that spells it, `==` with something that is missing is false (and
 * `!=` true), and `<` and its like are false between different types.  What an operator cannot be used for
 * (`@.a in 'text'`) makes the whole filter say no, whatever else stands in it.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"
#include "json/number.h"

/* False: it cannot be compared (evaluation->stop). */
typedef bool (*Compare) (WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer);

/* How an operator takes a comparison: as it is, or with the other answer, or with its sides the other way round. */
typedef enum Turn { AS_IT_IS, NEGATED, SWAPPED } Turn;

struct WfComparison
{
	const char *word;
	Compare		compare;
	Turn		turn;
};

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
is_equal(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
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
have_one_type(const json_t *a, const json_t *b)
{
	return a != NULL && b != NULL &&
		(json_typeof(a) == json_typeof(b) || (json_is_number(a) && json_is_number(b)) ||
		 (json_is_boolean(a) && json_is_boolean(b)) || (is_container(a) && is_container(b)));
}

static bool
is_same(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
{
	*answer = false;
	return !have_one_type(left->value, right->value) || is_equal(evaluation, left, right, answer);
}

/* Orders two numbers or two texts; false if they are neither. */
static bool
order(const WfSide *left, const WfSide *right, int *sign)
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
is_less(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
{
	int			sign;

	(void) evaluation;
	*answer = order(left, right, &sign) && sign < 0;
	return true;
}

static bool
is_less_or_equal(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
{
	int			sign;

	(void) evaluation;
	*answer = order(left, right, &sign) && sign <= 0;
	return true;
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
get_list(WfEvaluation *evaluation, const WfSide *side, bool *is_list)
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
is_in(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
{
	*answer = false;
	return get_list(evaluation, right, answer) && find_item(evaluation, *answer ? right->value : NULL, left->value, answer);
}

static bool
contains(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
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
get_lists(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
{
	return get_list(evaluation, right, answer) && (!*answer || get_list(evaluation, left, answer));
}

static bool
is_subset(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
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
have_common(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool common, bool *answer)
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
has_any(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
{
	return have_common(evaluation, left, right, true, answer);
}

static bool
has_none(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
{
	return have_common(evaluation, left, right, false, answer);
}

/* Operators that the library knows, but which nothing that can be written in a path fits. */
static bool
fits_nothing(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
{
	(void) left, (void) right;
	*answer = false;
	return refuse(evaluation);
}

/* An object has the size -1. */
static bool
has_size(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
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
has_emptiness(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
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
is_as_boolean(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
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
matches(WfEvaluation *evaluation, const WfSide *left, const WfSide *right, bool *answer)
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
	{"===", is_same, AS_IT_IS},
	{"!==", is_same, NEGATED},
	{"==", is_equal, AS_IT_IS},
	{"!=", is_equal, NEGATED},
	{"<=", is_less_or_equal, AS_IT_IS},
	{">=", is_less_or_equal, SWAPPED},
	{"<", is_less, AS_IT_IS},
	{">", is_less, SWAPPED},
	{"=~", matches, AS_IT_IS},
	{"in", is_in, AS_IT_IS},
	{"nin", is_in, NEGATED},
	{"contains", contains, AS_IT_IS},
	{"subsetof", is_subset, AS_IT_IS},
	{"anyof", has_any, AS_IT_IS},
	{"noneof", has_none, AS_IT_IS},
	{"size", has_size, AS_IT_IS},
	{"empty", has_emptiness, AS_IT_IS},
	{"exists", is_as_boolean, AS_IT_IS},
	{"all", fits_nothing, AS_IT_IS},
	{"type", fits_nothing, AS_IT_IS},
	{"matches", fits_nothing, AS_IT_IS},
};

bool
wf_is_operator_sign(char c)
{
	return c == '<' || c == '>' || c == '=' || c == '~' || c == '!';
}

const WfComparison *
wf_comparison_find(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(comparisons) / sizeof(*comparisons); i++)
	{
		const char *name = comparisons[i].word;
		size_t		k = 0;

		while (k < length && name[k] != '\0' && tolower((unsigned char) word[k]) == name[k])
			k++;
		if (k == length && name[k] == '\0')
			return &comparisons[i];
	}
	return NULL;
}

bool
wf_compare(WfEvaluation *evaluation, const WfComparison *comparison, const WfSide *left, const WfSide *right, bool *answer)
{
	if (comparison->turn == SWAPPED)
		return comparison->compare(evaluation, right, left, answer);
	if (!comparison->compare(evaluation, left, right, answer))
		return false;
	*answer = *answer != (comparison->turn == NEGATED);
	return true;
}
