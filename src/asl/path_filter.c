/*
 * path_filter.c - filters in paths, [?(@.price < 10 && !(@.sold))]: parsing and evaluation.
 *
 * Comparisons are rows of one table.  As in the service's library, a number equals a string that spells it, `==` with
 * something that is missing is false (and `!=` true), and `<` and its like are false between different types.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"
#include "json/number.h"

typedef bool (*Compare) (const json_t *left, const json_t *right);

struct WfComparison
{
	const char *word;
	Compare		compare;
	bool		undefined;		/* the answer where a side is missing */
};

static WfFilter *read_or(WfPathParser *parser);

/* --- comparing --- */

static bool
read_as_number(const json_t *value, double *number)
{
	char	   *end;

	if (json_is_number(value))
	{
		*number = json_number_value(value);
		return true;
	}
	if (!json_is_string(value) || json_string_length(value) == 0)
		return false;
	*number = strtod(json_string_value(value), &end);
	return *end == '\0';
}

static bool
is_equal(const json_t *left, const json_t *right)
{
	double		a,
				b;
	char		text[WF_NUMBER_SIZE + 1];
	size_t		length;

	if (json_is_number(left) && json_is_string(right))
		return read_as_number(right, &b) && read_as_number(left, &a) && a == b;
	if (json_is_string(left) && json_is_number(right))
	{
		length = json_is_integer(right) ? wf_number_write_integer(json_integer_value(right), text)
			: wf_number_write_real(json_real_value(right), text);
		return length == json_string_length(left) && memcmp(text, json_string_value(left), length) == 0;
	}
	return wf_json_equal(left, right);
}

static bool
is_same(const json_t *left, const json_t *right)
{
	return (json_typeof(left) == json_typeof(right) || (json_is_number(left) && json_is_number(right)) ||
			(json_is_boolean(left) && json_is_boolean(right))) && wf_json_equal(left, right);
}

static bool
is_different(const json_t *left, const json_t *right)
{
	return !is_equal(left, right);
}

static bool
is_not_same(const json_t *left, const json_t *right)
{
	return !is_same(left, right);
}

/* Orders two numbers or two strings; false if they are neither. */
static bool
order(const json_t *left, const json_t *right, int *sign)
{
	if (json_is_number(left) && json_is_number(right))
	{
		double		a = json_number_value(left);
		double		b = json_number_value(right);

		*sign = a < b ? -1 : a > b;
		return true;
	}
	if (json_is_string(left) && json_is_string(right))
	{
		*sign = strcmp(json_string_value(left), json_string_value(right));
		return true;
	}
	return false;
}

static bool
is_less(const json_t *left, const json_t *right)
{
	int			sign;

	return order(left, right, &sign) && sign < 0;
}

static bool
is_less_or_equal(const json_t *left, const json_t *right)
{
	int			sign;

	return order(left, right, &sign) && sign <= 0;
}

static bool
is_greater(const json_t *left, const json_t *right)
{
	int			sign;

	return order(left, right, &sign) && sign > 0;
}

static bool
is_greater_or_equal(const json_t *left, const json_t *right)
{
	int			sign;

	return order(left, right, &sign) && sign >= 0;
}

static bool
is_in(const json_t *left, const json_t *right)
{
	for (size_t i = 0; json_is_array(right) && i < json_array_size(right); i++)
	{
		if (is_equal(json_array_get(right, i), left))
			return true;
	}
	return false;
}

static bool
is_not_in(const json_t *left, const json_t *right)
{
	return json_is_array(right) && !is_in(left, right);
}

static bool
contains(const json_t *left, const json_t *right)
{
	if (json_is_string(left) && json_is_string(right))
		return strstr(json_string_value(left), json_string_value(right)) != NULL;
	return is_in(right, left);
}

static bool
is_subset(const json_t *left, const json_t *right)
{
	if (!json_is_array(left) || !json_is_array(right))
		return false;
	for (size_t i = 0; i < json_array_size(left); i++)
	{
		if (!is_in(json_array_get(left, i), right))
			return false;
	}
	return true;
}

static bool
has_all(const json_t *left, const json_t *right)
{
	return is_subset(right, left);
}

static bool
has_any(const json_t *left, const json_t *right)
{
	for (size_t i = 0; json_is_array(left) && i < json_array_size(left); i++)
	{
		if (is_in(json_array_get(left, i), right))
			return true;
	}
	return false;
}

static bool
has_none(const json_t *left, const json_t *right)
{
	return json_is_array(left) && json_is_array(right) && !has_any(left, right);
}

static bool
has_size(const json_t *left, const json_t *right)
{
	json_int_t	size;

	if (!json_is_integer(right))
		return false;
	if (json_is_string(left))
		size = (json_int_t) json_string_length(left);
	else if (json_is_array(left))
		size = (json_int_t) json_array_size(left);
	else
		return false;
	return size == json_integer_value(right);
}

static bool
has_emptiness(const json_t *left, const json_t *right)
{
	bool		empty;

	if (json_is_string(left))
		empty = json_string_length(left) == 0;
	else if (json_is_array(left) || json_is_object(left))
		empty = json_array_size(left) + json_object_size(left) == 0;
	else
		return false;
	return json_is_boolean(right) && empty == json_is_true(right);
}

/* Longer words first where one begins another. */
static const WfComparison comparisons[] = {
	{"===", is_same, false},
	{"!==", is_not_same, true},
	{"==", is_equal, false},
	{"!=", is_different, true},
	{"<=", is_less_or_equal, false},
	{">=", is_greater_or_equal, false},
	{"<", is_less, false},
	{">", is_greater, false},
	{"=~", NULL, false},		/* regular expressions: read, but not evaluated by this version */
	{"in", is_in, false},
	{"nin", is_not_in, true},
	{"contains", contains, false},
	{"subsetof", is_subset, false},
	{"anyof", has_any, false},
	{"noneof", has_none, false},
	{"all", has_all, false},
	{"size", has_size, false},
	{"empty", has_emptiness, false},
};

/* --- parsing --- */

static bool
is_operator_character(char c)
{
	return c == '<' || c == '>' || c == '=' || c == '~' || c == '!';
}

/* Reads the operator at the parser's place; NULL (nothing eaten, nothing reported) if there is none. */
static const WfComparison *
read_comparison(WfPathParser *parser)
{
	size_t		start;
	size_t		length;

	wf_path_skip_blanks(parser);
	start = parser->at;
	if (is_operator_character(wf_path_peek(parser)))
		while (is_operator_character(wf_path_peek(parser)))
			parser->at++;
	else
		while ((wf_path_peek(parser) | 0x20) >= 'a' && (wf_path_peek(parser) | 0x20) <= 'z')
			parser->at++;
	length = parser->at - start;
	for (size_t i = 0; i < sizeof(comparisons) / sizeof(*comparisons); i++)
	{
		const char *word = comparisons[i].word;
		size_t		k = 0;

		if (strlen(word) != length)
			continue;
		while (k < length && (word[k] == parser->text[start + k] || (word[k] >= 'a' && (parser->text[start + k] | 0x20) == word[k])))
			k++;
		if (k == length)
			return &comparisons[i];
	}
	parser->at = start;
	return NULL;
}

/* Reads a number, true, false, null, or a JSON array or object. */
static bool
read_json_literal(WfPathParser *parser, WfOperand *operand)
{
	size_t		start = parser->at;
	char		open = wf_path_peek(parser);
	WfError		problem = WF_ERROR_NONE;

	if (open == '[' || open == '{')
	{
		int			depth = 0;
		char		quote = '\0';

		for (; parser->at < parser->length; parser->at++)
		{
			char		c = parser->text[parser->at];

			if (quote != '\0')
			{
				if (c == '\\')
					parser->at++;
				else if (c == quote)
					quote = '\0';
			}
			else if (c == '"' || c == '\'')
				quote = c;
			else if (c == '[' || c == '{')
				depth++;
			else if ((c == ']' || c == '}') && --depth == 0)
			{
				parser->at++;
				break;
			}
		}
		if (parser->at > parser->length)
			parser->at = parser->length;
	}
	else
	{
		for (char c = wf_path_peek(parser);
			 (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' || c == '-' || c == '+';
			 c = wf_path_peek(parser))
			parser->at++;
	}

	operand->kind = WF_OPERAND_LITERAL;
	operand->literal = wf_json_parse(parser->text + start, parser->at - start, true, &problem);

	/* lists may use single quotes: ['a', 'b'] */
	if (operand->literal == NULL && problem.code == WF_INVALID_JSON && (open == '[' || open == '{'))
	{
		size_t		length = parser->at - start;
		char	   *copy = malloc(length + 1);

		if (copy == NULL)
			wf_error_no_memory(&problem);
		else
		{
			memcpy(copy, parser->text + start, length);
			for (size_t i = 0; i < length; i++)
				copy[i] = copy[i] == '\'' ? '"' : copy[i];
			operand->literal = wf_json_parse(copy, length, true, &problem);
			free(copy);
		}
	}
	if (operand->literal != NULL)
	{
		wf_error_clear(&problem);
		return true;
	}
	if (problem.code == WF_OUT_OF_MEMORY)
		wf_error_move(parser->error, &problem);
	else
	{
		parser->at = start;
		wf_path_complain(parser, "expected a value or a path");
	}
	wf_error_clear(&problem);
	return false;
}

/* /expression/flags */
static bool
read_regex(WfPathParser *parser, WfOperand *operand)
{
	size_t		start = parser->at++;

	while (parser->at < parser->length && parser->text[parser->at] != '/')
		parser->at += parser->text[parser->at] == '\\' ? 2 : 1;
	if (parser->at >= parser->length)
	{
		parser->at = parser->length;
		return wf_path_complain(parser, "a regular expression is not closed");
	}
	parser->at++;
	while ((wf_path_peek(parser) | 0x20) >= 'a' && (wf_path_peek(parser) | 0x20) <= 'z')
		parser->at++;
	operand->kind = WF_OPERAND_REGEX;
	operand->literal = json_stringn_nocheck(parser->text + start, parser->at - start);
	return operand->literal != NULL || wf_error_no_memory(parser->error);
}

bool
wf_operand_read(WfPathParser *parser, WfOperand *operand)
{
	char		c = wf_path_peek(parser);

	memset(operand, 0, sizeof(*operand));
	if (c == '@' || c == '$')
	{
		operand->kind = WF_OPERAND_PATH;
		operand->path = wf_path_read_inner(parser);
		return operand->path != NULL;
	}
	if (c == '\'' || c == '"')
	{
		size_t		length;
		char	   *text = wf_path_read_quoted(parser, &length);

		if (text == NULL)
			return false;
		operand->literal = json_stringn_nocheck(text, length);
		free(text);
		return operand->literal != NULL || wf_error_no_memory(parser->error);
	}
	if (c == '/')
		return read_regex(parser, operand);
	return read_json_literal(parser, operand);
}

void
wf_operand_clear(WfOperand *operand)
{
	json_decref(operand->literal);
	wf_path_free(operand->path);
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

/* @.a == 1, or @.a alone: it exists */
static WfFilter *
read_comparison_or_test(WfPathParser *parser)
{
	WfFilter   *filter = make_filter(parser, WF_FILTER_EXISTS);

	if (filter == NULL)
		return NULL;
	wf_path_skip_blanks(parser);
	if (!wf_operand_read(parser, &filter->left))
	{
		wf_filter_free(filter);
		return NULL;
	}
	filter->comparison = read_comparison(parser);
	if (filter->comparison != NULL)
	{
		filter->kind = WF_FILTER_COMPARE;
		wf_path_skip_blanks(parser);
		if (wf_operand_read(parser, &filter->right))
			return filter;
	}
	else if (filter->left.kind == WF_OPERAND_PATH)
		return filter;
	else
		wf_path_complain(parser, "expected a comparison");
	wf_filter_free(filter);
	return NULL;
}

static WfFilter *
read_and_operand(WfPathParser *parser)
{
	WfFilter   *filter = NULL;

	if (++parser->nesting > WF_PATH_MAX_NESTING * 2)
		wf_path_complain(parser, "too deeply nested");
	else
	{
		wf_path_skip_blanks(parser);
		if (wf_path_peek(parser) == '!')
		{
			parser->at++;
			filter = read_and_operand(parser);
			if (filter != NULL)
				filter = add_operand(parser, make_filter(parser, WF_FILTER_NOT), filter);
		}
		else if (wf_path_peek(parser) == '(')
		{
			parser->at++;
			filter = read_or(parser);
			wf_path_skip_blanks(parser);
			if (filter != NULL && wf_path_peek(parser) != ')')
			{
				wf_path_complain(parser, "expected ')'");
				wf_filter_free(filter);
				filter = NULL;
			}
			parser->at++;
		}
		else
			filter = read_comparison_or_test(parser);
	}
	parser->nesting--;
	return filter;
}

/* Reads operands joined by an operator of two equal characters. */
static WfFilter *
read_joined(WfPathParser *parser, char c, WfFilterKind kind, WfFilter *(*read_operand) (WfPathParser *parser))
{
	WfFilter   *filter = read_operand(parser);
	WfFilter   *joined = NULL;

	while (filter != NULL)
	{
		wf_path_skip_blanks(parser);
		if (parser->length - parser->at < 2 || parser->text[parser->at] != c || parser->text[parser->at + 1] != c)
			return filter;
		parser->at += 2;
		if (joined == NULL)
			filter = joined = add_operand(parser, make_filter(parser, kind), filter);
		if (joined != NULL)
		{
			WfFilter   *operand = read_operand(parser);

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
wf_filter_read(WfPathParser *parser)
{
	return read_or(parser);
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

bool
wf_operand_evaluate(WfEvaluation *evaluation, const WfOperand *operand, json_t *item, json_t **found)
{
	if (operand->kind == WF_OPERAND_PATH)
		return wf_path_evaluate(evaluation, operand->path, item, found);
	*found = json_incref(operand->literal);
	return true;
}

static bool
evaluate_comparison(WfEvaluation *evaluation, const WfFilter *filter, json_t *item, bool *matches)
{
	json_t	   *left = NULL;
	json_t	   *right = NULL;
	bool		done;

	if (filter->comparison->compare == NULL || filter->right.kind == WF_OPERAND_REGEX ||
		filter->left.kind == WF_OPERAND_REGEX)
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME,
							"regular expressions in paths are not supported by this version");
	done = wf_operand_evaluate(evaluation, &filter->left, item, &left) &&
		wf_operand_evaluate(evaluation, &filter->right, item, &right);
	if (done)
		*matches = left != NULL && right != NULL ? filter->comparison->compare(left, right)
			: filter->comparison->undefined;
	json_decref(left);
	json_decref(right);
	return done;
}

bool
wf_filter_evaluate(WfEvaluation *evaluation, const WfFilter *filter, json_t *item, bool *matches)
{
	json_t	   *found = NULL;

	switch (filter->kind)
	{
		case WF_FILTER_AND:
		case WF_FILTER_OR:
			for (int i = 0; i < filter->n; i++)
			{
				if (!wf_filter_evaluate(evaluation, filter->operands[i], item, matches))
					return false;
				if (*matches == (filter->kind == WF_FILTER_OR))
					return true;
			}
			return true;
		case WF_FILTER_NOT:
			if (!wf_filter_evaluate(evaluation, filter->operands[0], item, matches))
				return false;
			*matches = !*matches;
			return true;
		case WF_FILTER_EXISTS:
			if (!wf_path_evaluate(evaluation, filter->left.path, item, &found))
				return false;
			*matches = found != NULL;
			json_decref(found);
			return true;
		case WF_FILTER_COMPARE:
			return evaluate_comparison(evaluation, filter, item, matches);
	}
	return true;
}
