/*
 * function_number.c - functions over numbers.
 */
#include <math.h>

#include "jsonata/format_integer.h"
#include "jsonata/format_number.h"
#include "jsonata/functions.h"
#include "jsonata/number_text.h"

/* --- of many --- */

bool
jn_fn_count(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	*result = jn_number(call->arguments[0].kind == JN_ARRAY ? (double) jn_length(call->arguments[0]) : 0);
	return true;
}

static double
sum(JnValue numbers)
{
	double		total = 0;

	for (size_t i = 0, n = jn_length(numbers); i < n; i++)
		total += jn_double(jn_item(numbers, i));
	return total;
}

bool
jn_fn_sum(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (call->arguments[0].kind == JN_ARRAY)
		*result = jn_number(sum(call->arguments[0]));
	return true;
}

bool
jn_fn_average(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (call->arguments[0].kind == JN_ARRAY && jn_length(call->arguments[0]) > 0)
		*result = jn_number(sum(call->arguments[0]) / (double) jn_length(call->arguments[0]));
	return true;
}

static void
extreme(JnValue numbers, int sign, JnValue *result)
{
	if (numbers.kind != JN_ARRAY)
		return;
	for (size_t i = 0, n = jn_length(numbers); i < n; i++)
	{
		JnValue		number = jn_item(numbers, i);

		if (result->kind == JN_UNDEFINED || sign * jn_double(number) > sign * jn_double(*result))
			*result = number;
	}
}

bool
jn_fn_max(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	extreme(call->arguments[0], 1, result);
	return true;
}

bool
jn_fn_min(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	extreme(call->arguments[0], -1, result);
	return true;
}

/* --- of one --- */

bool
jn_fn_number(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		value = call->arguments[0];
	double		number;

	*result = value;
	if (value.kind == JN_BOOLEAN)
		*result = jn_number(value.boolean ? 1 : 0);
	else if (value.kind == JN_STRING)
	{
		if (!wf_js_number_read(jn_text(value), &number))
			return jn_fail(evaluation, "D3030", NULL, &(JnDetails) {.value = value});
		*result = jn_number(number);
	}
	return true;
}

bool
jn_fn_abs(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (call->arguments[0].kind == JN_NUMBER)
		*result = jn_number(fabs(jn_double(call->arguments[0])));
	return true;
}

bool
jn_fn_floor(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (call->arguments[0].kind == JN_NUMBER)
		*result = jn_number(floor(jn_double(call->arguments[0])));
	return true;
}

bool
jn_fn_ceil(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (call->arguments[0].kind == JN_NUMBER)
		*result = jn_number(ceil(jn_double(call->arguments[0])));
	return true;
}

bool
jn_fn_round(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (call->arguments[0].kind == JN_NUMBER)
		*result = jn_number(wf_js_round(jn_double(call->arguments[0]),
										call->arguments[1].kind == JN_NUMBER ? jn_double(call->arguments[1]) : 0));
	return true;
}

bool
jn_fn_sqrt(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (call->arguments[0].kind != JN_NUMBER)
		return true;
	if (jn_double(call->arguments[0]) < 0)
		return jn_fail(evaluation, "D3060", NULL, &(JnDetails) {.value = call->arguments[0]});
	*result = jn_number(sqrt(jn_double(call->arguments[0])));
	return true;
}

bool
jn_fn_power(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		base = call->arguments[0];
	JnValue		exponent = call->arguments[1];

	if (base.kind != JN_NUMBER)
		return true;
	*result = jn_number(exponent.kind == JN_NUMBER ? pow(jn_double(base), jn_double(exponent)) : NAN);
	if (!isfinite(result->number))
		return jn_fail(evaluation, "D3061", NULL, &(JnDetails) {.value = base, .value2 = exponent});
	return true;
}

/* --- as text --- */

/* Neither pictures nor words are for what is infinite or no number. */
static bool
is_writable(JnEvaluation *evaluation, JnValue number)
{
	return isfinite(jn_double(number)) || jn_fail(evaluation, "D1001", NULL, &(JnDetails) {.value = number});
}

bool
jn_fn_format_number(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	WfDecimalFormat format = wf_decimal_format_default();
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);

	if (call->arguments[0].kind != JN_NUMBER || call->arguments[1].kind != JN_STRING)
		return true;
	if (!is_writable(evaluation, call->arguments[0]))
		return false;
	if (call->arguments[2].kind == JN_OBJECT)
		for (JnWalk walk = jn_walk(call->arguments[2]); jn_walk_next(&walk);)
			if (walk.value.kind == JN_STRING)
				wf_decimal_format_set(&format, walk.key, jn_text(walk.value));
	return jn_take(evaluation, &buffer,
				   wf_format_number(jn_double(call->arguments[0]), jn_text(call->arguments[1]), &format, &buffer), result);
}

bool
jn_fn_format_base(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);
	double		radix = call->arguments[1].kind == JN_NUMBER ? jn_double(call->arguments[1]) : 10;

	if (call->arguments[0].kind != JN_NUMBER)
		return true;
	return jn_take(evaluation, &buffer, wf_js_format_base(jn_double(call->arguments[0]), radix, &buffer), result);
}

bool
jn_fn_format_integer(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);

	if (call->arguments[0].kind != JN_NUMBER || call->arguments[1].kind != JN_STRING)
		return true;
	if (!is_writable(evaluation, call->arguments[0]))
		return false;
	return jn_take(evaluation, &buffer,
				   wf_format_integer(jn_double(call->arguments[0]), jn_text(call->arguments[1]), &buffer), result);
}

bool
jn_fn_parse_integer(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	double		number;

	if (call->arguments[0].kind != JN_STRING || call->arguments[1].kind != JN_STRING)
		return true;
	if (!wf_parse_integer(jn_text(call->arguments[0]), jn_text(call->arguments[1]), &number, &fault))
		return jn_fail_by(evaluation, &fault);
	*result = jn_number(number);
	return true;
}
