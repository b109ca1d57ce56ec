/*
 * group.c - objects: each key with the items that have it, then each value of those items together.
 */
#include "jsonata/evaluate.h"

/* A key's items, and which of the pairs it comes from. */
typedef struct Group
{
	JnValue		items;			/* of tuples: their values */
	JnArray    *tuples;			/* NULL if there are none */
	int			pair;
} Group;

/* Appends as $append does: two become an array of their own, which grows; nobody else's does. */
static bool
append(JnEvaluation *evaluation, JnValue *to, JnValue item)
{
	JnArray    *array;

	if (to->kind == JN_UNDEFINED)
	{
		*to = item;
		return true;
	}
	if (item.kind == JN_UNDEFINED)
		return true;
	if (to->kind == JN_ARRAY && !to->borrowed && to->array->growing)
		return jn_append(evaluation, to->array, item);
	array = jn_new_array(evaluation, (to->kind == JN_ARRAY ? jn_length(*to) : 1) + 8);
	if (array == NULL || !jn_append(evaluation, array, *to) || !jn_append(evaluation, array, item))
		return false;
	array->growing = true;
	*to = jn_array_value(array);
	return true;
}

/* From here on it is a value as any other. */
static void
give_out(JnValue value)
{
	if (value.kind == JN_ARRAY && !value.borrowed)
		value.array->growing = false;
}

static bool
add_item(JnEvaluation *evaluation, Group *group, JnValue item)
{
	if (item.kind != JN_TUPLE)
		return append(evaluation, &group->items, item);
	if (group->tuples == NULL && (group->tuples = jn_new_array(evaluation, 4)) == NULL)
		return false;
	return jn_add(evaluation, group->tuples, item) && append(evaluation, &group->items, item.tuple->value);
}

/* The variables of a group's tuples: each has the values of all of them. */
static JnFrame *
merge_frames(JnEvaluation *evaluation, const JnArray *tuples, JnFrame *base)
{
	JnFrame    *merged = jn_frame(evaluation, base);

	for (uint32_t i = 0; merged != NULL && i < tuples->n; i++)
	{
		JnFrame    *own = jn_frame(evaluation, NULL);

		if (own == NULL || !jn_step(evaluation))
			return NULL;
		for (const JnFrame *frame = tuples->items[i].tuple->frame; frame != NULL && frame != base; frame = frame->parent)
		{
			for (int k = 0; k < frame->n; k++)
			{
				JnValue		value = JN_NOTHING;
				bool		seen = false;

				/* What a later step has bound hides what an earlier one has. */
				for (int m = 0; m < own->n; m++)
					if (own->symbols[m] == frame->symbols[k])
						seen = true;
				if (seen)
					continue;
				for (int m = 0; m < merged->n; m++)
					if (merged->symbols[m] == frame->symbols[k])
						value = merged->values[m];
				if (!append(evaluation, &value, frame->values[k]) || !jn_bind(evaluation, merged, frame->symbols[k], value) ||
					!jn_bind(evaluation, own, frame->symbols[k], JN_NOTHING))
					return NULL;
			}
		}
	}
	for (int i = 0; merged != NULL && i < merged->n; i++)
		give_out(merged->values[i]);
	return merged;
}

/* Names that JSONata keeps for itself. */
static bool
is_reserved(JnValue key)
{
	WfString	text = jn_text(key);

	return wf_string_equal(text, WF_STRING("_jsonata_lambda")) || wf_string_equal(text, WF_STRING("_jsonata_function"));
}

/* Finds the groups: keys in `index`, whose values are the groups' numbers. */
static bool
find_groups(JnEvaluation *evaluation, const JnNode *object, JnValue items, JnFrame *frame, JnObject *index, Group **groups)
{
	size_t		n = items.kind == JN_ARRAY ? jn_length(items) : 1;
	uint32_t	n_groups = 0;
	bool		nothing = n == 0;

	for (size_t i = 0; i < n + nothing; i++)
	{
		JnValue		item = nothing ? JN_NOTHING : items.kind == JN_ARRAY ? jn_item(items, i) : items;
		JnValue		context = item.kind == JN_TUPLE ? item.tuple->value : item;
		JnFrame    *own = item.kind == JN_TUPLE ? item.tuple->frame : frame;

		if (!jn_steps(evaluation, (size_t) object->n_items))
			return false;
		for (int pair = 0; pair < object->n_items; pair += 2)
		{
			const JnNode *node = object->items[pair];
			JnValue		key;
			JnPair	   *found;

			if (node->type == JN_LITERAL && node->n_stages == 0)
				key = node->value;
			else if (!jn_evaluate(evaluation, node, context, own, &key))
				return false;
			if (key.kind == JN_UNDEFINED)
				continue;
			if (key.kind != JN_STRING)
				return jn_fail(evaluation, "T1003", object, &(JnDetails) {.value = key});
			if (is_reserved(key))
				return jn_fail(evaluation, "D1013", object, &(JnDetails) {.value = key});
			found = jn_object_find(index, jn_text(key).text, key.length);
			if (found != NULL)
			{
				Group	   *group = &(*groups)[(size_t) found->value.number];

				if (group->pair != pair)
					return jn_fail(evaluation, "D1009", object, &(JnDetails) {.value = key});
				if (!add_item(evaluation, group, item))
					return false;
				continue;
			}
			if ((n_groups & (n_groups - 1)) == 0)
			{
				*groups = jn_grow(&evaluation->arena, *groups, n_groups * sizeof(Group),
								  (n_groups == 0 ? 4 : (size_t) n_groups * 2) * sizeof(Group));
				if (*groups == NULL)
					return jn_no_memory(evaluation);
			}
			(*groups)[n_groups] = (Group) {.pair = pair};
			if (!add_item(evaluation, &(*groups)[n_groups], item))
				return false;
			if (!jn_object_set(&evaluation->arena, index, jn_text(key).text, key.length, jn_number(n_groups++)))
				return jn_no_memory(evaluation);
		}
	}
	return true;
}

/* More are looked up in an index. */
#define MANY_KEYS 16

/* An object for one item, whose keys are all written as strings: each is a group of its own. */
static bool
is_plain(const JnNode *object, JnValue items)
{
	if (items.kind == JN_ARRAY || items.kind == JN_TUPLE || object->n_items > 2 * MANY_KEYS)
		return false;
	for (int pair = 0; pair < object->n_items; pair += 2)
		if (object->items[pair]->type != JN_LITERAL || object->items[pair]->value.kind != JN_STRING ||
			object->items[pair]->n_stages > 0 || is_reserved(object->items[pair]->value))
			return false;
	return true;
}

static bool
make_plain(JnEvaluation *evaluation, const JnNode *object, JnValue item, JnFrame *frame, JnObject *made)
{
	/* All keys first, as where they must be evaluated. */
	for (int pair = 2; pair < object->n_items; pair += 2)
		for (int other = 0; other < pair; other += 2)
			if (jn_equal(evaluation, object->items[other]->value, object->items[pair]->value))
				return jn_fail(evaluation, "D1009", object, &(JnDetails) {.value = object->items[pair]->value});

	for (int pair = 0; pair < object->n_items; pair += 2)
	{
		JnValue		key = object->items[pair]->value;
		JnValue		value;

		if (!jn_evaluate(evaluation, object->items[pair + 1], item, frame, &value))
			return false;
		if (value.kind != JN_UNDEFINED && !jn_object_set(&evaluation->arena, made, jn_text(key).text, key.length, value))
			return jn_no_memory(evaluation);
	}
	return true;
}

bool
jn_group(JnEvaluation *evaluation, const JnNode *object, JnValue items, JnFrame *frame, JnValue *result)
{
	JnObject   *made = jn_object(&evaluation->arena);
	JnObject   *index;
	Group	   *groups = NULL;

	if (made == NULL)
		return jn_no_memory(evaluation);
	*result = jn_object_value(made);
	if (items.kind == JN_ARRAY && !items.borrowed && items.array->tuples && items.array->n == 0)
		return true;
	if (is_plain(object, items))
		return make_plain(evaluation, object, items, frame, made);
	index = jn_object(&evaluation->arena);
	if (index == NULL)
		return jn_no_memory(evaluation);
	if (!find_groups(evaluation, object, items, frame, index, &groups))
		return false;
	for (uint32_t i = 0; i < index->n; i++)
	{
		Group	   *group = &groups[(size_t) index->pairs[i].value.number];
		JnFrame    *own = group->tuples != NULL ? merge_frames(evaluation, group->tuples, frame) : frame;
		JnValue		value;

		give_out(group->items);
		if (own == NULL || !jn_evaluate(evaluation, object->items[group->pair + 1], group->items, own, &value))
			return false;
		if (value.kind != JN_UNDEFINED &&
			!jn_object_set(&evaluation->arena, made, index->pairs[i].key, index->pairs[i].length, value))
			return jn_no_memory(evaluation);
	}
	return true;
}
