/*
 * operators.c - arithmetic, comparison, logic, text, ranges.
 */
#include <math.h>

#include "jsonata/evaluate.h"
#include "jsonata/text.h"

static bool
fail_operand(JnEvaluation *evaluation, const char *code, const JnNode *node, JnValue value, JnValue value2)
{
	return jn_fail(evaluation, code, node, &(JnDetails) {.token = node->text, .value = value, .value2 = value2});
}

/* Nothing is allowed, too: the result is nothing. */
static bool
check_number(JnEvaluation *evaluation, const JnNode *node, const char *code, JnValue value)
{
	if (value.kind == JN_UNDEFINED)
		return true;
	if (value.kind != JN_NUMBER || isnan(jn_double(value)))
		return fail_operand(evaluation, code, node, value, JN_NOTHING);
	return isfinite(jn_double(value)) || fail_operand(evaluation, "D1001", node, value, JN_NOTHING);
}

static bool
arithmetic(JnEvaluation *evaluation, const JnNode *node, JnValue left, JnValue right, JnValue *result)
{
	double		a;
	double		b;

	if (!check_number(evaluation, node, "T2001", left) || !check_number(evaluation, node, "T2002", right))
		return false;
	*result = JN_NOTHING;
	if (left.kind == JN_UNDEFINED || right.kind == JN_UNDEFINED)
		return true;
	a = jn_double(left);
	b = jn_double(right);
	*result = jn_number(node->operator == '+' ? a + b : node->operator == '-' ? a - b : node->operator == '*' ? a * b :
						node->operator == '/' ? a / b : fmod(a, b));
	return true;
}

static bool
order(JnEvaluation *evaluation, const JnNode *node, JnValue left, JnValue right, JnValue *result)
{
	bool		can_left = left.kind == JN_UNDEFINED || left.kind == JN_NUMBER || left.kind == JN_STRING;
	bool		can_right = right.kind == JN_UNDEFINED || right.kind == JN_NUMBER || right.kind == JN_STRING;
	bool		less;
	bool		same;
	bool		more;

	if (!can_left || !can_right)
		return fail_operand(evaluation, "T2010", node, can_left ? right : left, JN_NOTHING);
	*result = JN_NOTHING;
	if (left.kind == JN_UNDEFINED || right.kind == JN_UNDEFINED)
		return true;
	if (left.kind != right.kind)
		return fail_operand(evaluation, "T2009", node, left, right);
	if (left.kind == JN_NUMBER)
	{
		/* NaN is neither */
		less = jn_double(left) < jn_double(right);
		more = jn_double(left) > jn_double(right);
		same = jn_double(left) == jn_double(right);
	}
	else
	{
		int			compared = wf_string_compare(jn_text(left), jn_text(right));

		less = compared < 0;
		more = compared > 0;
		same = compared == 0;
	}
	*result = jn_boolean(node->operator == '<' ? less : node->operator == 'l' ? less || same :
						 node->operator == '>' ? more : more || same);
	return true;
}

/* Arrays and objects are in an array only if they are the very same. */
static bool
is_same(JnEvaluation *evaluation, JnValue a, JnValue b)
{
	if (a.kind != b.kind)
		return false;
	if (a.kind == JN_ARRAY || a.kind == JN_OBJECT)
		return a.borrowed == b.borrowed && a.array == b.array;
	return jn_equal(evaluation, a, b);
}

static bool
includes(JnEvaluation *evaluation, JnValue item, JnValue array)
{
	size_t		n;

	if (item.kind == JN_UNDEFINED || array.kind == JN_UNDEFINED)
		return false;
	if (array.kind != JN_ARRAY)
		return is_same(evaluation, item, array);
	n = jn_length(array);
	for (size_t i = 0; i < n; i++)
		if (is_same(evaluation, item, jn_item(array, i)))
			return true;
	return false;
}

/* A value's text, without its quotes. */
static bool
text_of(JnEvaluation *evaluation, const JnNode *node, JnValue value, WfString *text)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);
	WfAsk		ask = jn_ask(evaluation);

	if (value.kind == JN_UNDEFINED || value.kind == JN_FUNCTION)
		*text = (WfString) {"", 0};
	else
	{
		if (value.kind == JN_NUMBER && !isfinite(jn_double(value)))
			return jn_fail(evaluation, "D3001", node, &(JnDetails) {.value = value});
		if (value.kind != JN_STRING && !jn_take(evaluation, &buffer, jn_write(&buffer, value, true, false, &ask), &value))
			return false;
		*text = jn_text(value);
	}
	return true;
}

/* Texts from this length on get room to grow. */
#define LONG_TEXT 256

/*
 * A text that is put together piece by piece, in a loop of a function, must not be copied for each of them.  What was made last
 * goes on where it stands: its beginnings, which others may hold, stay as they are.
 */
static bool
concatenate(JnEvaluation *evaluation, const JnNode *node, JnValue left, JnValue right, JnValue *result)
{
	WfString	a;
	WfString	b;
	size_t		length;
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);

	if (!text_of(evaluation, node, left, &a) || !text_of(evaluation, node, right, &b))
		return false;
	if (wf_halves_meet(a, b))
		return jn_take(evaluation, &buffer, wf_buffer_add_string(&buffer, a) && wf_buffer_add_string(&buffer, b), result);
	length = a.length + b.length;
	if (length > UINT32_MAX)
		return jn_fail(evaluation, "U1001 memory", NULL, NULL);
	if (a.text != evaluation->text || a.length != evaluation->text_length || length > evaluation->text_capacity)
	{
		size_t		capacity = length < LONG_TEXT ? length : length * 2;
		char	   *text = jn_alloc(&evaluation->arena, capacity);

		if (text == NULL)
			return jn_no_memory(evaluation);
		if (a.length > 0)
			memcpy(text, a.text, a.length);
		evaluation->text = text;
		evaluation->text_capacity = capacity;
	}
	if (b.length > 0)
		memcpy(evaluation->text + a.length, b.text, b.length);
	evaluation->text_length = length;
	*result = jn_string(evaluation->text, length);
	return true;
}

static bool
is_whole(JnValue value)
{
	return value.kind == JN_UNDEFINED || (value.kind == JN_NUMBER && isfinite(jn_double(value)) && jn_double(value) == floor(jn_double(value)));
}

static bool
range(JnEvaluation *evaluation, const JnNode *node, JnValue left, JnValue right, JnValue *result)
{
	double		first;
	double		n;
	JnArray    *array;

	if (!is_whole(left))
		return fail_operand(evaluation, "T2003", node, left, JN_NOTHING);
	if (!is_whole(right))
		return fail_operand(evaluation, "T2004", node, right, JN_NOTHING);
	*result = JN_NOTHING;
	if (left.kind == JN_UNDEFINED || right.kind == JN_UNDEFINED || jn_double(left) > jn_double(right))
		return true;
	first = jn_double(left);
	n = jn_double(right) - first + 1;
	if (n > evaluation->limits.items)
		return fail_operand(evaluation, "D2014", node, jn_number(n), JN_NOTHING);
	array = jn_new_sequence(evaluation, (size_t) n);
	if (array == NULL)
		return false;
	for (uint32_t i = 0; i < (uint32_t) n; i++)
		array->items[i] = jn_number(first + i);
	array->n = (uint32_t) n;
	*result = jn_array_value(array);
	return true;
}

static bool
negate(JnEvaluation *evaluation, const JnNode *node, JnValue value, JnValue *result)
{
	*result = JN_NOTHING;
	if (value.kind == JN_UNDEFINED)
		return true;
	if (value.kind != JN_NUMBER || isnan(jn_double(value)))
		return jn_fail(evaluation, "D1002", node, &(JnDetails) {.token = WF_STRING("-"), .value = value});
	if (isinf(jn_double(value)))
		return jn_fail(evaluation, "D1001", NULL, &(JnDetails) {.value = value});
	*result = jn_number(-jn_double(value));
	return true;
}

bool
jn_evaluate_operator(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	JnValue		left;
	JnValue		right;

	if (!jn_evaluate(evaluation, node->left, input, frame, &left))
		return false;

	/* Those that may need no right side. */
	switch (node->type)
	{
		case JN_NEGATE:
			return negate(evaluation, node, left, result);
		case JN_AND:
		case JN_OR:
			if (jn_truth(evaluation, left) == (node->type == JN_OR))
			{
				*result = jn_boolean(node->type == JN_OR);
				return true;
			}
			break;
		case JN_DEFAULT:
			if (jn_truth(evaluation, left))
			{
				*result = left;
				return true;
			}
			break;
		case JN_COALESCE:
			if (left.kind != JN_UNDEFINED)
			{
				*result = left;
				return true;
			}
			break;
		default:
			break;
	}
	if (!jn_evaluate(evaluation, node->right, input, frame, &right))
		return false;
	if ((node->type == JN_IN || node->type == JN_ORDER) && !jn_steps_through(evaluation, right))
		return false;
	switch (node->type)
	{
		case JN_ARITHMETIC:
			return arithmetic(evaluation, node, left, right, result);
		case JN_ORDER:
			return order(evaluation, node, left, right, result);
		case JN_CONCATENATE:
			return concatenate(evaluation, node, left, right, result);
		case JN_RANGE:
			return range(evaluation, node, left, right, result);
		case JN_EQUALITY:
			*result = jn_boolean(left.kind != JN_UNDEFINED && right.kind != JN_UNDEFINED &&
								 jn_equal(evaluation, left, right) == (node->operator == '='));
			return true;
		case JN_AND:
		case JN_OR:
			*result = jn_boolean(jn_truth(evaluation, right));
			return true;
		case JN_IN:
			*result = jn_boolean(includes(evaluation, left, right));
			return true;
		default:				/* JN_DEFAULT, JN_COALESCE */
			*result = right;
			return true;
	}
}
