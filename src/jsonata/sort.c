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

/* What is sorted are the items' numbers. */
typedef struct Terms
{
	const JnNode *sort;
	JnFrame    *frame;
	JnValue		items;
	JnValue    *values;			/* of each item, its terms'; JN_TAIL: not known yet */
} Terms;

/* An item's term is evaluated once, when somebody asks for it. */
static bool
term_of(JnEvaluation *evaluation, const Terms *terms, size_t number, int term, JnValue *value)
{
	const JnNode *node = terms->sort->items[term];
	JnValue    *known = &terms->values[number * (size_t) terms->sort->n_items + (size_t) term];

	if (known->kind == JN_TAIL)
	{
		JnValue		item = jn_item(terms->items, number);
		bool		is_tuple = item.kind == JN_TUPLE;

		if (!jn_evaluate(evaluation, node, is_tuple ? item.tuple->value : item, is_tuple ? item.tuple->frame : terms->frame, known))
			return false;
	}
	*value = *known;
	return true;
}

/* Items without a term's value come last, whichever way it is sorted. */
static bool
is_behind(JnEvaluation *evaluation, void *arg, JnValue a, JnValue b, bool *behind)
{
	const Terms *terms = arg;

	*behind = false;
	if (!jn_step(evaluation))
		return false;
	for (int i = 0; i < terms->sort->n_items; i++)
	{
		JnValue		left;
		JnValue		right;
		int			compared;

		if (!term_of(evaluation, terms, (size_t) a.number, i, &left) || !term_of(evaluation, terms, (size_t) b.number, i, &right))
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
	Terms		terms = {sort, frame, items, NULL};
	JnArray    *sorted;
	size_t		n = items.kind == JN_ARRAY ? jn_length(items) : 1;
	size_t		n_values = n * (size_t) sort->n_items;

	*result = items;
	if (items.kind != JN_ARRAY || n == 0)
		return true;

	/* One item stands for itself. */
	sorted = n == 1 ? jn_new_sequence(evaluation, 1) : jn_new_array(evaluation, n);
	if (sorted == NULL)
		return false;
	terms.values = jn_alloc(&evaluation->arena, n_values * sizeof(JnValue));
	if (terms.values == NULL)
		return jn_no_memory(evaluation);
	for (size_t i = 0; i < n_values; i++)
		terms.values[i].kind = JN_TAIL;
	while (sorted->n < n)
	{
		sorted->items[sorted->n] = jn_number(sorted->n);
		sorted->n++;
	}
	if (!jn_sort(evaluation, sorted->items, n, is_behind, &terms))
		return false;
	for (size_t i = 0; i < n; i++)
		sorted->items[i] = jn_item(items, (size_t) sorted->items[i].number);
	sorted->tuples = !items.borrowed && items.array->tuples;
	*result = jn_array_value(sorted);
	return true;
}
