/*
 * path_filter.c - filters in paths, [?(@.price < 10 && !(@.sold))]: their grammar, and what they let through.
 */
#include <stdlib.h>

#include "asl/path_internal.h"

/* --- parsing --- */

static WfFilter *read_or(WfPathParser *parser);

/* Reads an operator: what looks like one, or what goes up to a blank.  NULL if there is none of that name. */
static const WfComparison *
read_comparison(WfPathParser *parser)
{
	size_t		start;

	wf_path_skip_blanks(parser);
	start = parser->at;
	if (wf_is_operator_sign(wf_path_peek(parser)))
		while (parser->at < parser->length && wf_is_operator_sign(wf_path_peek(parser)))
			parser->at++;
	else
		while (parser->at < parser->length && wf_path_peek(parser) != ' ')
			parser->at++;
	return wf_comparison_find(parser->text + start, parser->at - start);
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
static bool
read_sides(WfPathParser *parser, WfFilter *filter)
{
	WfError    *error = parser->error;
	WfError		problem = WF_ERROR_NONE;
	size_t		behind;
	bool		negated,
				ignored,
				compares;

	if (!wf_operand_read(parser, &filter->left, false, &negated))
		return false;
	behind = parser->at;
	if (behind >= parser->size)
		return wf_path_complain_of_end(parser, behind);
	filter->comparison = read_comparison(parser);
	parser->error = &problem;
	compares = filter->comparison != NULL && wf_operand_read(parser, &filter->right, true, &ignored);
	parser->error = error;
	if (compares)
		return true;
	if (problem.code != WF_NO_ERROR && (problem.code != WF_INVALID_PATH || parser->final))
	{
		wf_error_move(error, &problem);
		return false;
	}
	wf_error_clear(&problem);
	wf_operand_clear(&filter->right);
	parser->at = behind;
	filter->kind = WF_FILTER_EXISTS;
	filter->should_exist = !negated;
	return filter->left.kind == WF_OPERAND_PATH || wf_path_complain(parser, "Expected path node");
}

static WfFilter *
read_comparison_or_test(WfPathParser *parser)
{
	WfFilter   *filter = make_filter(parser, WF_FILTER_COMPARE);

	if (filter != NULL && !read_sides(parser, filter))
	{
		wf_filter_free(filter);
		filter = NULL;
	}
	return filter;
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

	if (++parser->nesting > WF_PATH_MAX_NESTING * 2)
	{
		wf_path_complain(parser, "the filter is nested too deeply");
		return NULL;
	}
	wf_path_skip_blanks(parser);
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
find_side(WfEvaluation *evaluation, const WfOperand *operand, json_t *item, WfSide *side)
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
	WfSide		left = {0};
	WfSide		right = {0};
	bool		done;

	done = find_side(evaluation, &filter->left, item, &left) && find_side(evaluation, &filter->right, item, &right) &&
		wf_compare(evaluation, filter->comparison, &left, &right, answer);
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
