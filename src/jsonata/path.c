/*
 * path.c - paths: each step is evaluated for every item that the one before it gave, and what it gives is joined.
 *
 * Between two steps there is either one value, which stands for a sequence of one and needs no array, or an array whose
 * items are meant.  A path with @, # or % goes over tuples: values with the variables that the steps have bound.
 */
#include <math.h>

#include "jsonata/evaluate.h"

/* What is between two steps. */
typedef struct Stream
{
	JnValue		value;
	bool		many;			/* value is an array whose items are meant */
} Stream;

static bool
may_go_down(JnEvaluation *evaluation, JnValue value, int depth)
{
	if (depth > WF_JSON_MAX_DEPTH)
		return jn_fail(evaluation, "U1001 nesting", NULL, NULL);
	return jn_step(evaluation) && jn_steps_through(evaluation, value);
}

/* --- names --- */

static bool
collect(JnEvaluation *evaluation, JnValue input, const char *key, size_t length, JnArray *found, int depth)
{
	if (input.kind == JN_OBJECT)
		return jn_append(evaluation, found, jn_member(input, key, length));
	if (input.kind == JN_ARRAY)
	{
		size_t		n = jn_length(input);

		if (!may_go_down(evaluation, input, depth))
			return false;
		for (size_t i = 0; i < n; i++)
			if (!collect(evaluation, jn_item(input, i), key, length, found, depth + 1))
				return false;
	}
	return true;
}

/* An array's items have the member between them; it may be nested. */
bool
jn_lookup(JnEvaluation *evaluation, JnValue input, const char *key, size_t length, JnValue *result)
{
	JnArray    *found;

	*result = JN_NOTHING;
	if (input.kind == JN_OBJECT)
		*result = jn_member(input, key, length);
	if (input.kind != JN_ARRAY)
		return true;
	found = jn_new_sequence(evaluation, 0);
	if (found == NULL || !collect(evaluation, input, key, length, found, 0))
		return false;
	*result = jn_array_value(found);
	return true;
}

/* Arrays in arrays, all joined. */
static bool
flatten(JnEvaluation *evaluation, JnValue value, JnArray *into, int depth)
{
	size_t		n;

	if (value.kind != JN_ARRAY)
		return jn_add(evaluation, into, value);
	if (!may_go_down(evaluation, value, depth))
		return false;
	n = jn_length(value);
	for (size_t i = 0; i < n; i++)
		if (!flatten(evaluation, jn_item(value, i), into, depth + 1))
			return false;
	return true;
}

/* The members' values.  One array among them makes it an array, no sequence. */
bool
jn_wildcard(JnEvaluation *evaluation, JnValue input, JnValue *result)
{
	JnArray    *found = jn_new_sequence(evaluation, 0);

	if (found == NULL)
		return false;
	if (input.kind == JN_ARRAY && !input.borrowed && input.array->wrapper)
		input = input.array->items[0];
	if (input.kind == JN_OBJECT)
	{
		for (JnWalk walk = jn_walk(input); jn_walk_next(&walk);)
		{
			if (walk.value.kind == JN_ARRAY)
				found->sequence = false;
			if (walk.value.kind != JN_UNDEFINED && !flatten(evaluation, walk.value, found, 0))
				return false;
		}
	}
	else if (input.kind == JN_ARRAY)
	{
		size_t		n = jn_length(input);

		for (size_t i = 0; i < n; i++)
		{
			JnValue		item = jn_item(input, i);

			if (item.kind == JN_ARRAY)
				found->sequence = false;
			if (!flatten(evaluation, item, found, 0))
				return false;
		}
	}
	*result = jn_array_value(found);
	return true;
}

static bool
descend(JnEvaluation *evaluation, JnValue value, JnArray *found, int depth)
{
	if (!may_go_down(evaluation, value, depth))
		return false;
	if (value.kind != JN_ARRAY && !jn_add(evaluation, found, value))
		return false;
	if (value.kind == JN_ARRAY)
	{
		size_t		n = jn_length(value);

		for (size_t i = 0; i < n; i++)
			if (!descend(evaluation, jn_item(value, i), found, depth + 1))
				return false;
	}
	else if (value.kind == JN_OBJECT)
	{
		for (JnWalk walk = jn_walk(value); jn_walk_next(&walk);)
			if (walk.value.kind != JN_UNDEFINED && !descend(evaluation, walk.value, found, depth + 1))
				return false;
	}
	return true;
}

bool
jn_descendants(JnEvaluation *evaluation, JnValue input, JnValue *result)
{
	JnArray    *found = jn_new_sequence(evaluation, 0);

	if (found == NULL || (input.kind != JN_UNDEFINED && !descend(evaluation, input, found, 0)))
		return false;
	*result = found->n == 1 ? found->items[0] : jn_array_value(found);
	return true;
}

/* --- filters --- */

static bool
wanted(double number, size_t i, size_t n)
{
	number = floor(number);
	return (number < 0 ? number + (double) n : number) == (double) i;
}

/* True for an array of numbers, and how many of them are the place. */
static bool
are_places(JnValue value, size_t i, size_t n, size_t *times)
{
	size_t		length = jn_length(value);

	*times = 0;
	for (size_t k = 0; k < length; k++)
	{
		JnValue		item = jn_item(value, k);

		if (item.kind != JN_NUMBER)
			return false;
		if (wanted(jn_double(item), i, n))
			(*times)++;
	}
	return length > 0;
}

/* How often an item passes: a list of places may name its own several times. */
static bool
passes(JnEvaluation *evaluation, const JnNode *filter, JnValue item, JnFrame *frame, size_t i, size_t n, size_t *times)
{
	JnValue		value;

	if (item.kind == JN_TUPLE)
	{
		frame = item.tuple->frame;
		item = item.tuple->value;
	}
	if (!jn_evaluate(evaluation, filter, item, frame, &value) || !jn_steps_through(evaluation, value))
		return false;
	if (value.kind == JN_NUMBER)
		*times = wanted(jn_double(value), i, n);
	else if (value.kind != JN_ARRAY || !are_places(value, i, n, times))
		*times = jn_truth(evaluation, value);
	return true;
}

/* One item stands for itself unless it is an array, which would be taken for the items. */
bool
jn_filter(JnEvaluation *evaluation, const JnNode *filter, JnValue items, JnFrame *frame, JnValue *result)
{
	JnArray    *passed;
	size_t		n;

	if (items.kind == JN_UNDEFINED)
	{
		*result = items;
		return true;
	}
	n = items.kind == JN_ARRAY ? jn_length(items) : 1;
	if (filter->type == JN_LITERAL && filter->value.kind == JN_NUMBER)
	{
		double		place = floor(filter->value.number);

		if (place < 0)
			place += (double) n;
		if (!(place >= 0 && place < (double) n))
			*result = JN_NOTHING;
		else
			*result = items.kind == JN_ARRAY ? jn_item(items, (size_t) place) : items;
		return true;
	}
	if (items.kind != JN_ARRAY)
	{
		size_t		times;

		if (!passes(evaluation, filter, items, frame, 0, 1, &times))
			return false;
		*result = times > 0 ? items : JN_NOTHING;
		if (times < 2)
			return true;
		passed = jn_new_sequence(evaluation, times);
		while (passed != NULL && passed->n < times)
			passed->items[passed->n++] = items;
		*result = jn_array_value(passed);
		return passed != NULL;
	}
	passed = jn_new_sequence(evaluation, 0);
	if (passed == NULL)
		return false;
	passed->tuples = !items.borrowed && items.array->tuples;
	for (size_t i = 0; i < n; i++)
	{
		JnValue		item = jn_item(items, i);
		size_t		times;

		if (!passes(evaluation, filter, item, frame, i, n, &times))
			return false;
		for (; times > 0; times--)
			if (!jn_add(evaluation, passed, item))
				return false;
	}
	*result = jn_array_value(passed);
	return true;
}

/* --- steps without bindings --- */

static bool
join(JnEvaluation *evaluation, JnArray *into, JnValue value)
{
	if (value.kind == JN_ARRAY && (value.borrowed || !value.array->whole))
		return jn_add_all(evaluation, into, value);
	return jn_add(evaluation, into, value);
}

/* What a step gives for one item. */
static bool
step_for(JnEvaluation *evaluation, const JnNode *step, JnValue item, JnFrame *frame, JnValue *result)
{
	if (step->type == JN_NAME && item.kind == JN_OBJECT)
		*result = jn_member(item, step->text.text, step->text.length);
	else if (!jn_evaluate_step(evaluation, step, item, frame, result))
		return false;
	for (int i = 0; i < step->n_stages; i++)
		if (step->stages[i].filter != NULL && !jn_filter(evaluation, step->stages[i].filter, *result, frame, result))
			return false;
	if (result->kind == JN_ARRAY && step->n_stages > 0 && !result->borrowed && result->array->sequence && result->array->n == 0)
		*result = JN_NOTHING;
	return true;
}

static bool
take_step(JnEvaluation *evaluation, const JnNode *step, Stream *stream, bool last, JnFrame *frame)
{
	JnArray    *joined = NULL;
	JnValue		first = JN_NOTHING;
	size_t		n = stream->many ? jn_length(stream->value) : 1;

	if (step->type == JN_SORT)
	{
		if (stream->many && !jn_order_by(evaluation, step, stream->value, frame, &stream->value))
			return false;
		for (int i = 0; i < step->n_stages; i++)
			if (step->stages[i].filter != NULL &&
				!jn_filter(evaluation, step->stages[i].filter, stream->value, frame, &stream->value))
				return false;
		if (stream->many || step->n_stages > 0)
			stream->many = stream->value.kind == JN_ARRAY;
		return true;
	}
	for (size_t i = 0; i < n; i++)
	{
		JnValue		value;

		if (!step_for(evaluation, step, stream->many ? jn_item(stream->value, i) : stream->value, frame, &value))
			return false;
		if (value.kind == JN_UNDEFINED)
			continue;
		if (first.kind == JN_UNDEFINED)
		{
			first = value;
			continue;
		}
		if (joined == NULL)
		{
			joined = jn_new_sequence(evaluation, n - i + 4);
			if (joined == NULL || !join(evaluation, joined, first))
				return false;
		}
		if (!join(evaluation, joined, value))
			return false;
	}
	if (joined != NULL)
		*stream = (Stream) {jn_array_value(joined), true};
	else if (first.kind != JN_ARRAY || (!first.borrowed && first.array->whole && !last))
		*stream = (Stream) {first, false};
	else if (!last || !jn_is_sequence(first) || !first.array->keep)
		*stream = (Stream) {first, true};
	else
	{
		/* That it stays an array is said of where it comes from. */
		joined = jn_new_sequence(evaluation, jn_length(first));
		if (joined == NULL || !jn_add_all(evaluation, joined, first))
			return false;
		*stream = (Stream) {jn_array_value(joined), true};
	}
	return true;
}

/* --- steps with bindings --- */

static JnTuple *
make_tuple(JnEvaluation *evaluation, JnValue value, JnFrame *frame)
{
	JnTuple    *tuple = jn_alloc(&evaluation->arena, sizeof(JnTuple));

	if (tuple == NULL)
		jn_no_memory(evaluation);
	else
		*tuple = (JnTuple) {value, frame};
	return tuple;
}

static bool
add_tuple(JnEvaluation *evaluation, JnArray *tuples, JnValue value, JnFrame *frame)
{
	JnTuple    *tuple = make_tuple(evaluation, value, frame);

	return tuple != NULL && jn_add(evaluation, tuples, (JnValue) {.kind = JN_TUPLE, .tuple = tuple});
}

/* The variables of one tuple as seen by another one's steps: the same, in a frame that goes on from there. */
static bool
adopt(JnEvaluation *evaluation, JnArray *tuples, JnTuple *inner, JnFrame *frame, const JnFrame *base)
{
	frame = jn_frame(evaluation, frame);
	if (frame == NULL)
		return false;
	for (const JnFrame *from = inner->frame; from != NULL && from != base; from = from->parent)
	{
		for (int i = 0; i < from->n; i++)
		{
			bool		there = false;

			for (int k = 0; k < frame->n; k++)
				if (frame->symbols[k] == from->symbols[i])
					there = true;
			if (!there && !jn_bind(evaluation, frame, from->symbols[i], from->values[i]))
				return false;
		}
	}
	return add_tuple(evaluation, tuples, inner->value, frame);
}

static bool
bind_item(JnEvaluation *evaluation, const JnNode *step, JnArray *tuples, JnValue context, JnValue item, double place, JnFrame *frame)
{
	if (step->focus != 0 || step->index != 0 || step->ancestor != NULL)
	{
		frame = jn_frame(evaluation, frame);
		if (frame == NULL ||
			(step->focus != 0 && !jn_bind(evaluation, frame, step->focus, item)) ||
			(step->index != 0 && !jn_bind(evaluation, frame, step->index, jn_number(place))) ||
			(step->ancestor != NULL && !jn_bind(evaluation, frame, step->ancestor->symbol, context)))
			return false;
	}
	return add_tuple(evaluation, tuples, step->focus != 0 ? context : item, frame);
}

/* [ … ] behind a step with bindings sees all its tuples together. */
static bool
run_stages(JnEvaluation *evaluation, const JnNode *step, JnFrame *frame, JnValue *tuples)
{
	for (int i = 0; i < step->n_stages; i++)
	{
		const JnStage *stage = &step->stages[i];

		if (stage->filter != NULL)
		{
			if (!jn_filter(evaluation, stage->filter, *tuples, frame, tuples))
				return false;
			if (tuples->kind == JN_TUPLE || tuples->kind == JN_UNDEFINED)
			{
				JnArray    *one = jn_new_sequence(evaluation, 1);

				if (one == NULL || (tuples->kind == JN_TUPLE && !jn_add(evaluation, one, *tuples)))
					return false;
				one->tuples = true;
				*tuples = jn_array_value(one);
			}
			continue;
		}
		for (uint32_t k = 0; k < tuples->array->n; k++)
		{
			JnTuple    *tuple = tuples->array->items[k].tuple;
			JnFrame    *own = jn_frame(evaluation, tuple->frame);

			if (own == NULL || !jn_bind(evaluation, own, stage->symbol, jn_number(k)) ||
				(tuple = make_tuple(evaluation, tuple->value, own)) == NULL)
				return false;
			tuples->array->items[k].tuple = tuple;
		}
	}
	return true;
}

/* Sorting: of tuples as they are; of plain values, which then are numbered if that is asked for. */
static bool
take_sort_with_tuples(JnEvaluation *evaluation, const JnNode *step, Stream *stream, bool are_tuples, JnFrame *frame)
{
	JnArray    *tuples = jn_new_sequence(evaluation, 0);
	JnValue		sorted;

	if (tuples == NULL || !jn_order_by(evaluation, step, stream->value, frame, &sorted))
		return false;
	tuples->tuples = true;
	for (size_t i = 0, n = sorted.kind == JN_ARRAY ? jn_length(sorted) : 1; i < n; i++)
	{
		JnValue		item = sorted.kind == JN_ARRAY ? jn_item(sorted, i) : sorted;
		bool		ok = are_tuples ? jn_add(evaluation, tuples, item) :
			bind_item(evaluation, step, tuples, item, item, (double) i, frame);

		if (!ok)
			return false;
	}
	stream->value = jn_array_value(tuples);
	stream->many = true;
	return run_stages(evaluation, step, frame, &stream->value);
}

static bool
take_step_with_tuples(JnEvaluation *evaluation, const JnNode *step, Stream *stream, bool are_tuples, JnFrame *base)
{
	JnArray    *tuples;
	size_t		n = stream->many ? jn_length(stream->value) : 1;	/* a path may begin with nothing: $x#$i */

	if (step->type == JN_SORT)
		return take_sort_with_tuples(evaluation, step, stream, are_tuples, base);
	tuples = jn_new_sequence(evaluation, 0);
	if (tuples == NULL)
		return false;
	tuples->tuples = true;
	for (size_t i = 0; i < n; i++)
	{
		JnValue		item = stream->many ? jn_item(stream->value, i) : stream->value;
		JnFrame    *frame = base;
		JnValue		value;
		size_t		length;

		if (item.kind == JN_TUPLE)
		{
			frame = item.tuple->frame;
			item = item.tuple->value;
		}
		if (!jn_evaluate_step(evaluation, step, item, frame, &value))
			return false;
		if (value.kind == JN_UNDEFINED)
			continue;
		length = value.kind == JN_ARRAY ? jn_length(value) : 1;
		for (size_t k = 0; k < length; k++)
		{
			JnValue		part = value.kind == JN_ARRAY ? jn_item(value, k) : value;

			if (!(part.kind == JN_TUPLE ? adopt(evaluation, tuples, part.tuple, frame, base) :
				  bind_item(evaluation, step, tuples, item, part, (double) k, frame)))
				return false;
		}
	}
	stream->value = jn_array_value(tuples);
	stream->many = true;
	return run_stages(evaluation, step, base, &stream->value);
}

/* --- the path --- */

/* The tuples' values. */
static bool
strip(JnEvaluation *evaluation, JnValue *tuples)
{
	JnArray    *values = jn_new_sequence(evaluation, tuples->array->n);

	if (values == NULL)
		return false;
	for (uint32_t i = 0; i < tuples->array->n; i++)
	{
		JnValue		item = tuples->array->items[i];

		values->items[values->n++] = item.kind == JN_TUPLE ? item.tuple->value : item;
	}
	*tuples = jn_array_value(values);
	return true;
}

/* [] behind some step: the result is an array, whatever it holds. */
static bool
keep_singleton(JnEvaluation *evaluation, Stream *stream)
{
	JnArray    *array;

	if (stream->value.kind == JN_UNDEFINED)
		return true;
	if (stream->many && !jn_is_sequence(stream->value) && (stream->value.borrowed || !stream->value.array->whole))
		return true;
	if (stream->many && jn_is_sequence(stream->value))
	{
		array = jn_new_array(evaluation, 0);
		if (array == NULL)
			return false;
		*array = *stream->value.array;
		array->capacity = array->n;
	}
	else
	{
		array = jn_new_sequence(evaluation, 1);
		if (array == NULL)
			return false;
		array->items[array->n++] = stream->value;
	}
	array->keep = true;
	*stream = (Stream) {jn_array_value(array), true};
	return true;
}

bool
jn_evaluate_path(JnEvaluation *evaluation, const JnNode *path, JnValue input, JnFrame *frame, JnValue *result)
{
	Stream		stream = {input, input.kind == JN_ARRAY && path->items[0]->type != JN_VARIABLE && path->items[0]->type != JN_CONTEXT &&
	path->items[0]->type != JN_ROOT};
	bool		are_tuples = false;
	bool		become_tuples = false;	/* from the next step on, if not before */
	JnValue		tuples = JN_NOTHING;

	for (int i = 0; i < path->n_items; i++)
	{
		const JnNode *step = path->items[i];
		bool		last = i == path->n_items - 1;

		/* The way of most steps. */
		if (step->type == JN_NAME && !stream.many && !step->tuple && !are_tuples && step->n_stages == 0 &&
			stream.value.kind != JN_ARRAY)
		{
			stream.value = stream.value.kind == JN_OBJECT ? jn_member(stream.value, step->text.text, step->text.length) : JN_NOTHING;
			stream.many = stream.value.kind == JN_ARRAY && (last || stream.value.borrowed || !stream.value.array->whole);
		}
		else if (i == 0 && step->whole)
		{
			if (!jn_evaluate(evaluation, step, stream.value, frame, &stream.value))
				return false;
			stream.many = stream.value.kind == JN_ARRAY;
			become_tuples = step->tuple;
		}
		else if (step->tuple || become_tuples)
		{
			if (!take_step_with_tuples(evaluation, step, &stream, are_tuples, frame))
				return false;
			are_tuples = become_tuples = true;
			tuples = stream.value;
		}
		else if (!take_step(evaluation, step, &stream, last, frame))
			return false;
		if (!are_tuples && (last || !become_tuples) && (stream.value.kind == JN_UNDEFINED || (stream.many && jn_length(stream.value) == 0)))
		{
			/* An empty array is a value only where the path ends, or begins with it. */
			if (!last && !step->whole)
				stream = (Stream) {JN_NOTHING, false};
			break;
		}
	}
	if (are_tuples)
	{
		stream = (Stream) {tuples, true};
		if (path->group == NULL && !path->tuple && !strip(evaluation, &stream.value))
			return false;
	}
	if (path->keep_array && !path->tuple && path->group == NULL && !keep_singleton(evaluation, &stream))
		return false;
	*result = stream.value;
	return path->group == NULL || jn_group(evaluation, path->group, *result, frame, result);
}
