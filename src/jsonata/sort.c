/*
 * sort.c - sorting, by a comparison that may fail: merging, so that it is stable and asks as rarely as can be.
 */
#include "jsonata/evaluate.h"
#include "jsonata/text.h"

/* Sorts from `items`, with as much room in `spare`; the halves first, then both together. */
static bool
sort(JnEvaluation *evaluation, JnValue *items, JnValue *spare, size_t n, JnBehind behind, void *arg)
{
	size_t		middle = n / 2;
	size_t		a = 0;
	size_t		b = middle;

	if (n < 2)
		return true;
	if (!sort(evaluation, items, spare, middle, behind, arg) ||
		!sort(evaluation, items + middle, spare + middle, n - middle, behind, arg))
		return false;
	memcpy(spare, items, n * sizeof(JnValue));
	for (size_t i = 0; i < n; i++)
	{
		bool		second = a == middle;

		if (a < middle && b < n && !behind(evaluation, arg, spare[a], spare[b], &second))
			return false;
		items[i] = spare[second ? b++ : a++];
	}
	return true;
}

bool
jn_sort(JnEvaluation *evaluation, JnValue *items, size_t n, JnBehind behind, void *arg)
{
	JnValue    *spare = jn_alloc(&evaluation->arena, n * sizeof(JnValue));

	return spare != NULL ? sort(evaluation, items, spare, n, behind, arg) : jn_no_memory(evaluation);
}

/* --- ^( … ) --- */

typedef struct Terms
{
	const JnNode *sort;
	JnFrame    *frame;
} Terms;

static bool
term_of(JnEvaluation *evaluation, const JnNode *term, const Terms *terms, JnValue item, JnValue *value)
{
	if (item.kind == JN_TUPLE)
		return jn_evaluate(evaluation, term, item.tuple->value, item.tuple->frame, value);
	return jn_evaluate(evaluation, term, item, terms->frame, value);
}

/* Items without a term's value come last, whichever way it is sorted. */
static bool
is_behind(JnEvaluation *evaluation, void *arg, JnValue a, JnValue b, bool *behind)
{
	const Terms *terms = arg;

	*behind = false;
	for (int i = 0; i < terms->sort->n_items; i++)
	{
		JnValue		left;
		JnValue		right;
		int			compared;

		if (!term_of(evaluation, terms->sort->items[i], terms, a, &left) ||
			!term_of(evaluation, terms->sort->items[i], terms, b, &right))
			return false;
		if (left.kind == JN_UNDEFINED || right.kind == JN_UNDEFINED)
		{
			if (left.kind == right.kind)
				continue;
			*behind = left.kind == JN_UNDEFINED;
			return true;
		}
		if ((left.kind != JN_STRING && left.kind != JN_NUMBER) || (right.kind != JN_STRING && right.kind != JN_NUMBER))
			return jn_fail(evaluation, "T2008", terms->sort,
						   &(JnDetails) {.value = left.kind != JN_STRING && left.kind != JN_NUMBER ? left : right});
		if (left.kind != right.kind)
			return jn_fail(evaluation, "T2007", terms->sort, &(JnDetails) {.value = left, .value2 = right});
		if (left.kind == JN_STRING)
			compared = wf_string_compare(jn_text(left), jn_text(right));
		else
			compared = (jn_double(left) > jn_double(right)) - (jn_double(left) < jn_double(right));
		if (compared != 0)
		{
			*behind = (compared > 0) != terms->sort->descending[i];
			return true;
		}
	}
	return true;
}

bool
jn_order_by(JnEvaluation *evaluation, const JnNode *sort, JnValue items, JnFrame *frame, JnValue *result)
{
	Terms		terms = {sort, frame};
	JnArray    *sorted;
	size_t		n = items.kind == JN_ARRAY ? jn_length(items) : 1;

	*result = items;
	if (items.kind != JN_ARRAY || n == 0)
		return true;

	/* One item stands for itself. */
	sorted = n == 1 ? jn_new_sequence(evaluation, 1) : jn_new_array(evaluation, n);
	if (sorted == NULL || !jn_add_all(evaluation, sorted, items) ||
		!jn_sort(evaluation, sorted->items, n, is_behind, &terms))
		return false;
	sorted->tuples = !items.borrowed && items.array->tuples;
	*result = jn_array_value(sorted);
	return true;
}
