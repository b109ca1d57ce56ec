/*
 * evaluate_function.c - the SQL function that tries an expression.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/arguments.h"
#include "api/evaluate.h"
#include "pg/compat.h"

PG_FUNCTION_INFO_V1(workflow_evaluate);

/* A jsonb argument's text; null counts as an empty object. */
static char *
read_object(FunctionCallInfo fcinfo, int number)
{
	Jsonb	   *value;

	if (PG_ARGISNULL(number))
		return pstrdup("{}");
	value = PG_GETARG_JSONB_P(number);
	return JsonbToCString(NULL, &value->root, VARSIZE(value));
}

/* (expression, input jsonb, variables jsonb, context jsonb) returns json */
Datum
workflow_evaluate(PG_FUNCTION_ARGS)
{
	char	   *expression = wf_argument_required(fcinfo, 0, "expression");

	PG_RETURN_TEXT_P(cstring_to_text(wf_evaluate(expression, read_object(fcinfo, 1), read_object(fcinfo, 2),
												 read_object(fcinfo, 3))));
}
