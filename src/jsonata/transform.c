/*
 * transform.c - | where | what | : a copy of a value, in which the objects that are found are changed.
 */
#include "jsonata/evaluate.h"

static bool
clone(JnEvaluation *evaluation, JnValue value, JnValue *result, int depth)
{
	*result = value;
	if (value.kind != JN_ARRAY && value.kind != JN_OBJECT)
		return true;
	if (depth > WF_JSON_MAX_DEPTH)
		return jn_fail(evaluation, "U1001 nesting", NULL, NULL);
	if (!jn_step(evaluation))
		return false;
	if (value.kind == JN_ARRAY)
	{
		size_t		n = jn_length(value);
		JnArray    *array = jn_new_array(evaluation, n);

		if (array == NULL)
			return false;
		*result = jn_array_value(array);
		for (size_t i = 0; i < n; i++)
		{
			JnValue		item;

			if (!clone(evaluation, jn_item(value, i), &item, depth + 1) || !jn_add(evaluation, array, item))
				return false;
		}
	}
	else
	{
		JnObject   *object = jn_object(&evaluation->arena);

		if (object == NULL)
			return jn_no_memory(evaluation);
		*result = jn_object_value(object);
		for (JnWalk walk = jn_walk(value); jn_walk_next(&walk);)
		{
			JnValue		member;

			if (!clone(evaluation, walk.value, &member, depth + 1))
				return false;
			if (!jn_object_set(&evaluation->arena, object, walk.key.text, walk.key.length, member))
				return jn_no_memory(evaluation);
		}
	}
	return true;
}

bool
jn_clone(JnEvaluation *evaluation, JnValue value, JnValue *result)
{
	return clone(evaluation, value, result, 0);
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
		jn_object_remove(found.object, names);
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
		if (item.borrowed)
			item = JN_NOTHING;
		if (!update(evaluation, transform, item) || !delete(evaluation, transform, item))
			return false;
	}
	return true;
}
