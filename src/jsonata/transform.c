/*
 * transform.c - | where | what | : a copy of a value, in which the objects that are found are changed.
 */
#include "jsonata/evaluate.h"

static JnOrigin *
new_origin(JnEvaluation *evaluation, json_t *json, JnOrigin *around)
{
	JnOrigin   *origin = jn_alloc(&evaluation->arena, sizeof(JnOrigin));

	if (origin == NULL)
		jn_no_memory(evaluation);
	else
		*origin = (JnOrigin) {.json = json, .around = around};
	return origin;
}

/* Notes that what comes from there is no longer what it was made of, nor is what is around it. */
static void
set_changed(JnOrigin *origin)
{
	for (; origin != NULL && !origin->changed; origin = origin->around)
		origin->changed = true;
}

static bool clone_members(JnEvaluation *evaluation, JnValue value, JnValue *result, JnOrigin *around, int depth);

static inline bool
clone(JnEvaluation *evaluation, JnValue value, JnValue *result, JnOrigin *around, int depth)
{
	*result = value;
	return (value.kind != JN_ARRAY && value.kind != JN_OBJECT) || clone_members(evaluation, value, result, around, depth);
}

/* What is of the input, or has not been changed since it was copied from there, remembers where it comes from. */
static bool
clone_members(JnEvaluation *evaluation, JnValue value, JnValue *result, JnOrigin *around, int depth)
{
	JnOrigin   *origin = NULL;

	if (depth > WF_JSON_MAX_DEPTH)
		return jn_fail(evaluation, "U1001 nesting", NULL, NULL);
	if (!jn_step(evaluation))
		return false;
	value = jn_original(value);
	if (value.borrowed && (origin = new_origin(evaluation, value.json, around)) == NULL)
		return false;
	if (value.kind == JN_ARRAY)
	{
		size_t		n = jn_length(value);
		JnArray    *array = jn_new_array(evaluation, n);

		if (array == NULL)
			return false;
		array->origin = origin;
		*result = jn_array_value(array);
		for (; array->n < n; array->n++)
			if (!clone(evaluation, jn_item(value, array->n), &array->items[array->n], origin, depth + 1))
				return false;
	}
	else
	{
		JnObject   *object = jn_object_for(&evaluation->arena, jn_size(value));

		if (object == NULL)
			return jn_no_memory(evaluation);
		object->origin = origin;
		*result = jn_object_value(object);
		for (JnWalk walk = jn_walk(value); jn_walk_next(&walk);)
		{
			JnValue		member;

			if (!clone(evaluation, walk.value, &member, origin, depth + 1))
				return false;
			if (!jn_object_add(&evaluation->arena, object, walk.key.text, walk.key.length, member))
				return jn_no_memory(evaluation);
		}
	}
	return true;
}

bool
jn_clone(JnEvaluation *evaluation, JnValue value, JnValue *result)
{
	return clone(evaluation, value, result, NULL, 0);
}

/* The copy that is changed: by $clone, which the expression may have bound to a function of its own. */
static bool
copy(JnEvaluation *evaluation, const JnFunction *transform, JnValue value, JnValue *result)
{
	JnValue		cloner;

	if (!jn_variable(evaluation, transform->node->symbol, transform->frame, &cloner))
		return false;
	if (cloner.kind != JN_FUNCTION)
		return jn_fail(evaluation, "T2013", transform->node, NULL);
	if (cloner.function->type != JN_BUILTIN_FUNCTION && !jn_apply_to(evaluation, cloner, value, JN_NOTHING, JN_NOTHING, &value))
		return false;
	return jn_clone(evaluation, value, result);	/* whatever that has given may be somebody's */
}

/* What is put in is a copy: it may be, or hold, the object that it is put into. */
static bool
update(JnEvaluation *evaluation, const JnFunction *transform, JnValue found)
{
	JnValue		changes;
	JnValue		own;

	if (!jn_evaluate(evaluation, transform->node->right, found, transform->frame, &changes))
		return false;
	if (changes.kind == JN_UNDEFINED)
		return true;
	if (changes.kind != JN_OBJECT)
		return jn_fail(evaluation, "T2011", transform->node->right, &(JnDetails) {.value = changes});
	if (found.kind != JN_OBJECT)
		return true;
	if (!jn_clone(evaluation, changes, &own))
		return false;
	set_changed(found.object->origin);
	for (JnWalk walk = jn_walk(own); jn_walk_next(&walk);)
		if (!jn_object_set(&evaluation->arena, found.object, walk.key.text, walk.key.length, walk.value))
			return jn_no_memory(evaluation);
	return true;
}

static bool
delete(JnEvaluation *evaluation, const JnFunction *transform, JnValue found)
{
	JnValue		names;
	size_t		n;

	if (transform->node->third == NULL)
		return true;
	if (!jn_evaluate(evaluation, transform->node->third, found, transform->frame, &names))
		return false;
	if (!jn_steps_through(evaluation, names))
		return false;
	n = names.kind == JN_UNDEFINED ? 0 : names.kind == JN_ARRAY ? jn_length(names) : 1;
	for (size_t i = 0; i < n; i++)
		if ((names.kind == JN_ARRAY ? jn_item(names, i) : names).kind != JN_STRING)
			return jn_fail(evaluation, "T2012", transform->node->third, &(JnDetails) {.value = names});
	if (found.kind == JN_OBJECT && names.kind != JN_UNDEFINED)
	{
		set_changed(found.object->origin);
		jn_object_remove(found.object, names);
	}
	return true;
}

bool
jn_transform(JnEvaluation *evaluation, const JnFunction *transform, JnValue value, JnValue *result)
{
	JnValue		found;
	size_t		n;

	*result = value;
	if (value.kind == JN_UNDEFINED)
		return true;
	if (value.kind != JN_OBJECT && value.kind != JN_ARRAY)
		return jn_fail(evaluation, "T0410", NULL, &(JnDetails) {.value = value, .index = 1});
	if (!copy(evaluation, transform, value, result) ||
		!jn_evaluate(evaluation, transform->node->left, *result, transform->frame, &found))
		return false;
	n = found.kind == JN_UNDEFINED ? 0 : found.kind == JN_ARRAY ? jn_length(found) : 1;
	for (size_t i = 0; i < n; i++)
	{
		JnValue		item = found.kind == JN_ARRAY ? jn_item(found, i) : found;

		/* Only what is of the copy can be changed. */
		if (item.borrowed && (item.kind == JN_ARRAY || item.kind == JN_OBJECT))
			item = JN_NOTHING;
		if (!update(evaluation, transform, item) || !delete(evaluation, transform, item))
			return false;
	}
	return true;
}
