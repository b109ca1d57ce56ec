/*
 * expression.c - what may be computed in a template: kinds of expressions as rows of one table.
 *
 * The first row that recognizes a text in a `.$` field parses it; the last one of those takes everything, so that its
 * complaint is what a user reads.  A query of JSONata is known by its brackets, before it comes here.  A new kind is a row,
 * and a file of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/template.h"

typedef struct Kind
{
	bool		(*recognize) (const char *text);
	bool		(*parse) (WfExpression *expression, const WfPlace *place, WfError *error);
	json_t	   *(*evaluate) (const WfExpression *expression, const WfScope *scope, const char *field, WfError *error);
} Kind;

struct WfExpression
{
	const Kind *kind;
	char	   *text;
	WfPath	   *path;			/* NULL: no path */
	WfIntrinsic *intrinsic;		/* NULL: no intrinsic function */
	WfQuery    *query;			/* NULL: no query */
};

static bool
recognize_intrinsic(const char *text)
{
	return strncmp(text, "States.", 7) == 0;
}

static bool
parse_intrinsic(WfExpression *expression, const WfPlace *place, WfError *error)
{
	(void) place;
	expression->intrinsic = wf_intrinsic_parse(expression->text, error);
	return expression->intrinsic != NULL;
}

static json_t *
evaluate_intrinsic(const WfExpression *expression, const WfScope *scope, const char *field, WfError *error)
{
	(void) field;
	return wf_intrinsic_evaluate(expression->intrinsic, scope, error);
}

static bool
recognize_any(const char *text)
{
	(void) text;
	return true;
}

static bool
parse_path(WfExpression *expression, const WfPlace *place, WfError *error)
{
	(void) place;
	expression->path = wf_path_parse(expression->text, error);
	return expression->path != NULL;
}

static json_t *
evaluate_path(const WfExpression *expression, const WfScope *scope, const char *field, WfError *error)
{
	json_t	   *found;
	char	   *input;
	bool		behind;

	if (json_is_null(scope->input) && !wf_path_is_context(expression->path) && wf_path_variable(expression->path) == NULL)
	{
		wf_error_set(error, WF_STATES_RUNTIME, "Unable to apply Path transformation to null or empty input.");
		return NULL;
	}
	if (!wf_path_get(expression->path, scope, &found, NULL, error))
		return NULL;
	if (found != NULL)
		return found;
	if (!wf_path_is_behind_end(expression->path, scope, &behind, error))
		return NULL;
	if (behind)
		return json_null();		/* as the service has it, but not as an argument of an intrinsic function */
	input = wf_json_text(scope->input, NULL);
	if (input == NULL)
		wf_error_no_memory(error);
	else
		wf_error_set(error, WF_STATES_RUNTIME,
					 "The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'",
					 expression->text, field, input);
	free(input);
	return NULL;
}

static bool
parse_query(WfExpression *expression, const WfPlace *place, WfError *error)
{
	expression->query = wf_query_parse(expression->text, place, error);
	return expression->query != NULL;
}

static json_t *
evaluate_query(const WfExpression *expression, const WfScope *scope, const char *field, WfError *error)
{
	(void) field;				/* it knows its place */
	return wf_query_evaluate(expression->query, scope, error);
}

static const Kind kinds[] = {
	{recognize_intrinsic, parse_intrinsic, evaluate_intrinsic},
	{recognize_any, parse_path, evaluate_path},
};

static const Kind query = {wf_is_query, parse_query, evaluate_query};

static WfExpression *
parse(const Kind *kind, const char *text, const WfPlace *place, WfError *error)
{
	WfExpression *expression = calloc(1, sizeof(WfExpression));

	if (expression != NULL && (expression->text = malloc(strlen(text) + 1)) != NULL)
	{
		strcpy(expression->text, text);
		expression->kind = kind;
		if (kind->parse(expression, place, error))
			return expression;
	}
	else
		wf_error_no_memory(error);
	wf_expression_free(expression);
	return NULL;
}

WfExpression *
wf_expression_parse(const char *text, WfError *error)
{
	const Kind *kind = kinds;

	while (!kind->recognize(text))
		kind++;
	return parse(kind, text, NULL, error);
}

WfExpression *
wf_expression_parse_query(const char *text, const WfPlace *place, WfError *error)
{
	return parse(&query, text, place, error);
}

void
wf_expression_free(WfExpression *expression)
{
	if (expression == NULL)
		return;
	wf_path_free(expression->path);
	wf_intrinsic_free(expression->intrinsic);
	wf_query_free(expression->query);
	free(expression->text);
	free(expression);
}

const char *
wf_expression_text(const WfExpression *expression)
{
	return expression->text;
}

const WfPath *
wf_expression_path(const WfExpression *expression)
{
	return expression->path;
}

const WfIntrinsic *
wf_expression_intrinsic(const WfExpression *expression)
{
	return expression->intrinsic;
}

const WfQuery *
wf_expression_query(const WfExpression *expression)
{
	return expression->query;
}

json_t *
wf_expression_evaluate(const WfExpression *expression, const WfScope *scope, const char *field, WfError *error)
{
	return expression->kind->evaluate(expression, scope, field, error);
}
