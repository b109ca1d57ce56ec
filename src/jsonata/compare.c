/*
 * compare.c - equality and truth.
 *
 * A value may stand in many places of another one, so that looking at all of it takes for ever.  Who is stopped there answers
 * false and leaves the evaluation's error, at which it ends soon.
 */
#include <math.h>

#include "jsonata/evaluate.h"

/* Deeper ones are not equal and not true. */
static bool
may_go_on(JnEvaluation *evaluation, JnValue value, int depth)
{
	return depth < WF_JSON_MAX_DEPTH && jn_step(evaluation) && jn_steps_through(evaluation, value);
}

static bool
equal(JnEvaluation *evaluation, JnValue a, JnValue b, int depth)
{
	if (a.kind != b.kind)
		return false;
	switch ((JnKind) a.kind)
	{
		case JN_UNDEFINED:
		case JN_NULL:
			return true;
		case JN_BOOLEAN:
			return a.boolean == b.boolean;
		case JN_NUMBER:
			return jn_double(a) == jn_double(b);
		case JN_STRING:
			return a.length == b.length && jn_steps_through(evaluation, a) && memcmp(jn_text(a).text, jn_text(b).text, a.length) == 0;
		case JN_FUNCTION:
			return a.function == b.function;
		case JN_ARRAY:
			{
				size_t		n = jn_length(a);

				if (a.borrowed == b.borrowed && a.array == b.array)
					return true;
				if (n != jn_length(b) || !may_go_on(evaluation, a, depth))
					return false;
				for (size_t i = 0; i < n; i++)
					if (!equal(evaluation, jn_item(a, i), jn_item(b, i), depth + 1))
						return false;
				return true;
			}
		case JN_OBJECT:
			{
				JnWalk		walk = jn_walk(a);

				if (a.borrowed == b.borrowed && a.object == b.object)
					return true;
				if (jn_size(a) != jn_size(b) || !may_go_on(evaluation, a, depth))
					return false;
				while (jn_walk_next(&walk))
					if (!equal(evaluation, walk.value, jn_member(b, walk.key.text, walk.key.length), depth + 1))
						return false;
				return true;
			}
		case JN_TUPLE:
		case JN_TAIL:
			break;
	}
	return false;
}

bool
jn_equal(JnEvaluation *evaluation, JnValue a, JnValue b)
{
	return equal(evaluation, a, b, 0);
}

static bool
truth(JnEvaluation *evaluation, JnValue value, int depth)
{
	switch ((JnKind) value.kind)
	{
		case JN_BOOLEAN:
			return value.boolean;
		case JN_NUMBER:
			return jn_double(value) != 0 && !isnan(jn_double(value));
		case JN_STRING:
			return value.length > 0;
		case JN_OBJECT:
			return jn_size(value) > 0;
		case JN_ARRAY:
			{
				size_t		n = jn_length(value);

				if (!may_go_on(evaluation, value, depth))
					return false;
				for (size_t i = 0; i < n && evaluation->error->kind == WF_JSONATA_NO_PROBLEM; i++)
					if (truth(evaluation, jn_item(value, i), depth + 1))
						return true;
				return false;
			}
		default:
			return false;
	}
}

bool
jn_truth(JnEvaluation *evaluation, JnValue value)
{
	return truth(evaluation, value, 0);
}
