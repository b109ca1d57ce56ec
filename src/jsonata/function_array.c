/*
 * function_array.c - functions over arrays, and those that call a function for each of their items.
 */
#include "jsonata/functions.h"
#include "jsonata/random.h"
#include "jsonata/text.h"

/* Arrays from this length on get room to grow. */
#define LONG_ARRAY 16

static size_t
items_of(JnValue value)
{
	return value.kind == JN_ARRAY ? jn_length(value) : 1;
}

/*
 * An array to which a and n items more can be added that holds a already.  One that is put together piece by piece must not be
 * copied for each of them: what $append made last goes on where it stands, and its beginnings, which others may hold, stay.
 */
static JnArray *
array_to_append_to(JnEvaluation *evaluation, JnValue a, size_t n)
{
	size_t		length = items_of(a) + n;
	size_t		room = length < LONG_ARRAY ? length : length * 2;
	JnArray    *array;

	if (a.kind == JN_ARRAY && !a.borrowed && a.array->items == evaluation->appended && a.array->n == evaluation->n_appended &&
		length <= evaluation->appended_capacity)
	{
		array = jn_new_array(evaluation, 0);
		if (array == NULL)
			return NULL;
		array->items = a.array->items;
		array->n = a.array->n;
		array->capacity = (uint32_t) length;
	}
	else
	{
		array = jn_new_array(evaluation, room);
		if (array == NULL || !jn_append(evaluation, array, a))
			return NULL;
		evaluation->appended = array->items;
		evaluation->appended_capacity = array->capacity;
		array->capacity = (uint32_t) length;
	}
	evaluation->n_appended = (uint32_t) length;
	return array;
}

bool
jn_fn_append(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		a = call->arguments[0];
	JnValue		b = call->arguments[1];
	JnArray    *array;

	*result = a.kind == JN_UNDEFINED ? b : a;
	if (a.kind == JN_UNDEFINED || b.kind == JN_UNDEFINED)
		return true;
	array = array_to_append_to(evaluation, a, items_of(b));
	if (array == NULL || !jn_append(evaluation, array, b))
		return false;
	*result = jn_array_value(array);
	return true;
}

bool
jn_fn_reverse(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		items = call->arguments[0];
	JnArray    *array;

	*result = items;
	if (items.kind != JN_ARRAY || jn_length(items) < 2)
		return true;
	array = jn_new_array(evaluation, jn_length(items));
	if (array == NULL)
		return false;
	for (size_t i = jn_length(items); i-- > 0;)
		array->items[array->n++] = jn_item(items, i);
	*result = jn_array_value(array);
	return true;
}

bool
jn_fn_shuffle(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		items = call->arguments[0];
	JnArray    *array;

	*result = items;
	if (items.kind != JN_ARRAY || jn_length(items) < 2)
		return true;
	array = jn_new_array(evaluation, jn_length(items));
	if (array == NULL || !jn_add_all(evaluation, array, items))
		return false;
	for (uint32_t i = array->n - 1; i > 0; i--)
	{
		JnValue		item = array->items[i];
		double		number;
		uint32_t	other;

		if (!jn_random(evaluation, &number))
			return false;
		other = (uint32_t) (number * (i + 1));
		array->items[i] = array->items[other];
		array->items[other] = item;
	}
	*result = jn_array_value(array);
	return true;
}

/* Of an array or object, so many members are looked at; of one in it, fewer by this. */
#define MOST_MEMBERS 32
#define FEWER 4

/* Equal values have equal numbers. */
static uint32_t
number_of_any(JnValue value, size_t most)
{
	size_t		n;
	uint32_t	number;

	switch ((JnKind) value.kind)
	{
		case JN_STRING:
			return jn_hash(jn_text(value).text, value.length);
		case JN_NUMBER:
			{
				double		number = jn_double(value) + 0.0;	/* -0 is 0 */

				return jn_hash((const char *) &number, sizeof(number));
			}
		case JN_ARRAY:
			n = jn_length(value);
			number = (uint32_t) n;
			for (size_t i = 0; i < n && i < most; i++)
				number = number * 31 + number_of_any(jn_item(value, i), most / FEWER);
			return number;
		case JN_OBJECT:
			number = 77 + (uint32_t) jn_size(value);

			/* In whichever order: all of them, or none. */
			if (jn_size(value) <= most)
				for (JnWalk walk = jn_walk(value); jn_walk_next(&walk);)
					number += (jn_hash(walk.key.text, walk.key.length) ^ number_of_any(walk.value, most / FEWER)) * 2654435761u;
			return number;
		default:
			return value.kind;
	}
}

static inline uint32_t
number_of(JnValue value)
{
	return value.kind == JN_STRING ? jn_hash(jn_text(value).text, value.length) : number_of_any(value, MOST_MEMBERS);
}

static inline bool
is_same(JnEvaluation *evaluation, JnValue a, JnValue b)
{
	if (a.kind == JN_STRING && b.kind == JN_STRING && (a.length != b.length || a.length <= JN_BYTES_OF_STEP))
		return a.length == b.length && memcmp(jn_text(a).text, jn_text(b).text, a.length) == 0;
	return jn_equal(evaluation, a, b);
}

bool
jn_fn_distinct(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		items = call->arguments[0];
	size_t		n = items.kind == JN_ARRAY ? jn_length(items) : 0;
	size_t		size = 16;
	uint32_t   *table;
	JnArray    *array;

	*result = items;
	if (n < 2)
		return true;
	while (size < n * 2)
		size *= 2;
	table = jn_alloc0(&evaluation->arena, size * sizeof(uint32_t));
	if (table == NULL)
		return jn_no_memory(evaluation);
	array = jn_new_array(evaluation, 8);
	if (array == NULL)
		return false;
	array->sequence = jn_is_sequence(items);
	for (size_t i = 0; i < n; i++)
	{
		JnValue		item = jn_item(items, i);
		size_t		at = number_of(item) & (size - 1);

		if (!jn_steps_through(evaluation, item))
			return false;
		while (table[at] != 0 && !is_same(evaluation, array->items[table[at] - 1], item))
		{
			if (!jn_step(evaluation))
				return false;
			at = (at + 1) & (size - 1);
		}
		if (table[at] != 0)
			continue;
		if (!jn_add(evaluation, array, item))
			return false;
		table[at] = array->n;
	}
	*result = jn_array_value(array);
	return true;
}

bool
jn_fn_zip(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnArray    *array = jn_new_array(evaluation, 4);
	size_t		shortest = SIZE_MAX;

	if (array == NULL)
		return false;
	*result = jn_array_value(array);
	for (int i = 0; i < call->n; i++)
	{
		size_t		n = call->arguments[i].kind == JN_ARRAY ? jn_length(call->arguments[i]) : 0;

		shortest = n < shortest ? n : shortest;
	}
	for (size_t i = 0; i < shortest; i++)
	{
		JnArray    *tuple = jn_new_array(evaluation, (size_t) call->n);

		if (tuple == NULL || !jn_add(evaluation, array, jn_array_value(tuple)))
			return false;
		for (int k = 0; k < call->n; k++)
			tuple->items[tuple->n++] = jn_item(call->arguments[k], i);
	}
	return true;
}

/* --- sorting --- */

static bool
is_behind(JnEvaluation *evaluation, void *arg, JnValue a, JnValue b, bool *behind)
{
	if (!jn_step(evaluation) || !jn_steps_through(evaluation, a))
		return false;
	if (a.kind == JN_NUMBER)
		*behind = jn_double(a) > jn_double(b);
	else
		*behind = wf_string_compare(jn_text(a), jn_text(b)) > 0;
	return true;
}

static bool
is_behind_by(JnEvaluation *evaluation, void *arg, JnValue a, JnValue b, bool *behind)
{
	JnValue		answer;

	if (!jn_apply_to(evaluation, *(JnValue *) arg, a, b, JN_NOTHING, &answer))
		return false;
	*behind = jn_truth(evaluation, answer);
	return true;
}

static bool
can_be_sorted(JnValue items)
{
	JnValue		first = jn_item(items, 0);

	if (first.kind != JN_NUMBER && first.kind != JN_STRING)
		return false;
	for (size_t i = 1, n = jn_length(items); i < n; i++)
		if (jn_item(items, i).kind != first.kind)
			return false;
	return true;
}

bool
jn_fn_sort(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		items = call->arguments[0];
	JnValue		comparator = call->arguments[1];
	JnArray    *array;

	*result = items;
	if (items.kind != JN_ARRAY || jn_length(items) < 2)
		return true;
	if (comparator.kind != JN_FUNCTION && !can_be_sorted(items))
		return jn_fail(evaluation, "D3070", NULL, NULL);
	array = jn_new_array(evaluation, jn_length(items));
	if (array == NULL || !jn_add_all(evaluation, array, items))
		return false;
	*result = jn_array_value(array);
	return jn_sort(evaluation, array->items, array->n, comparator.kind == JN_FUNCTION ? is_behind_by : is_behind, &comparator);
}

/* --- functions over functions --- */

bool
jn_fn_map(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		items = call->arguments[0];
	JnArray    *mapped;

	if (items.kind != JN_ARRAY)
		return true;
	mapped = jn_new_sequence(evaluation, jn_length(items));
	if (mapped == NULL)
		return false;
	*result = jn_array_value(mapped);
	for (size_t i = 0, n = jn_length(items); i < n; i++)
	{
		JnValue		value;

		if (!jn_apply_to(evaluation, call->arguments[1], jn_item(items, i), jn_number((double) i), items, &value) ||
			(value.kind != JN_UNDEFINED && !jn_add(evaluation, mapped, value)))
			return false;
	}
	return true;
}

bool
jn_fn_filter(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		items = call->arguments[0];
	JnArray    *passed;

	if (items.kind != JN_ARRAY)
		return true;
	passed = jn_new_sequence(evaluation, 0);
	if (passed == NULL)
		return false;
	*result = jn_array_value(passed);
	for (size_t i = 0, n = jn_length(items); i < n; i++)
	{
		JnValue		item = jn_item(items, i);
		JnValue		value;

		if (!jn_apply_to(evaluation, call->arguments[1], item, jn_number((double) i), items, &value) ||
			(jn_truth(evaluation, value) && !jn_add(evaluation, passed, item)))
			return false;
	}
	return true;
}

bool
jn_fn_single(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		items = call->arguments[0];
	bool		found = false;

	if (items.kind != JN_ARRAY)
		return true;
	for (size_t i = 0, n = jn_length(items); i < n; i++)
	{
		JnValue		item = jn_item(items, i);
		JnValue		value = jn_boolean(true);

		if (call->arguments[1].kind == JN_FUNCTION &&
			!jn_apply_to(evaluation, call->arguments[1], item, jn_number((double) i), items, &value))
			return false;
		if (!jn_truth(evaluation, value))
			continue;
		if (found)
			return jn_fail(evaluation, "D3138", NULL, NULL);
		found = true;
		*result = item;
	}
	return found || jn_fail(evaluation, "D3139", NULL, NULL);
}

bool
jn_fn_reduce(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		items = call->arguments[0];
	JnValue		function = call->arguments[1];
	size_t		i = 0;
	int			arity;

	if (items.kind != JN_ARRAY)
		return true;
	arity = jn_arity(function);
	if (arity < 2)
		return jn_fail(evaluation, "D3050", NULL, NULL);
	*result = call->arguments[2];
	if (result->kind == JN_UNDEFINED && jn_length(items) > 0)
		*result = jn_item(items, i++);
	for (size_t n = jn_length(items); i < n; i++)
	{
		JnValue    *arguments = jn_alloc(&evaluation->arena, 4 * sizeof(JnValue));

		if (arguments == NULL)
			return jn_no_memory(evaluation);
		arguments[0] = *result;
		arguments[1] = jn_item(items, i);
		arguments[2] = jn_number((double) i);
		arguments[3] = items;
		if (!jn_apply(evaluation, function, arguments, arity < 4 ? arity : 4, JN_NO_CONTEXT, NULL, result))
			return false;
	}
	return true;
}
