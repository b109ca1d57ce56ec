/*
 * function_object.c - functions over objects, and over any value.
 */
#include <math.h>

#include "jsonata/functions.h"

bool
jn_fn_sift(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		object = call->arguments[0];
	JnValue		function = call->arguments[1];
	JnObject   *sifted;

	if (object.kind != JN_OBJECT || function.kind != JN_FUNCTION)
		return true;
	sifted = jn_object(&evaluation->arena);
	if (sifted == NULL)
		return jn_no_memory(evaluation);
	for (JnWalk walk = jn_walk(object); jn_walk_next(&walk);)
	{
		JnValue		value;

		if (!jn_apply_to(evaluation, function, walk.value, jn_string(walk.key.text, walk.key.length), object, &value))
			return false;
		if (jn_truth(evaluation, value) && !jn_object_set(&evaluation->arena, sifted, walk.key.text, walk.key.length, walk.value))
			return jn_no_memory(evaluation);
	}
	if (sifted->n > 0)
		*result = jn_object_value(sifted);
	return true;
}

bool
jn_fn_each(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		object = call->arguments[0];
	JnArray    *values;

	if (object.kind != JN_OBJECT)
		return true;
	values = jn_new_sequence(evaluation, 0);
	if (values == NULL)
		return false;
	*result = jn_array_value(values);
	for (JnWalk walk = jn_walk(object); jn_walk_next(&walk);)
	{
		JnValue		value;

		if (!jn_apply_to(evaluation, call->arguments[1], walk.value, jn_string(walk.key.text, walk.key.length), object, &value) ||
			(value.kind != JN_UNDEFINED && !jn_add(evaluation, values, value)))
			return false;
	}
	return true;
}

/* An array's items have their keys together, each once. */
static bool
collect_keys(JnEvaluation *evaluation, JnValue value, JnObject *keys, int depth)
{
	if (!jn_step(evaluation) || !jn_steps_through(evaluation, value))
		return false;
	if (value.kind == JN_OBJECT)
	{
		for (JnWalk walk = jn_walk(value); jn_walk_next(&walk);)
			if (!jn_object_set(&evaluation->arena, keys, walk.key.text, walk.key.length, JN_NOTHING))
				return jn_no_memory(evaluation);
	}
	else if (value.kind == JN_ARRAY)
	{
		if (depth > WF_JSON_MAX_DEPTH)
			return jn_fail(evaluation, "U1001 nesting", NULL, NULL);
		for (size_t i = 0, n = jn_length(value); i < n; i++)
			if (!collect_keys(evaluation, jn_item(value, i), keys, depth + 1))
				return false;
	}
	return true;
}

bool
jn_fn_keys(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnObject   *keys = jn_object(&evaluation->arena);
	JnArray    *array = jn_new_sequence(evaluation, 0);

	if (keys == NULL)
		return jn_no_memory(evaluation);
	if (array == NULL || !collect_keys(evaluation, call->arguments[0], keys, 0))
		return false;
	*result = jn_array_value(array);
	for (uint32_t i = 0; i < keys->n; i++)
		if (!jn_add(evaluation, array, jn_string(keys->pairs[i].key, keys->pairs[i].length)))
			return false;
	return true;
}

bool
jn_fn_lookup(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		key = call->arguments[1];

	return key.kind != JN_STRING || jn_lookup(evaluation, call->arguments[0], jn_text(key).text, key.length, result);
}

/* Each member becomes an object of its own. */
static bool
spread(JnEvaluation *evaluation, JnValue value, JnArray *into, int depth)
{
	if (!jn_step(evaluation))
		return false;
	if (value.kind == JN_OBJECT)
	{
		for (JnWalk walk = jn_walk(value); jn_walk_next(&walk);)
		{
			JnObject   *object = jn_object(&evaluation->arena);

			if (object == NULL || !jn_object_set(&evaluation->arena, object, walk.key.text, walk.key.length, walk.value))
				return jn_no_memory(evaluation);
			if (!jn_add(evaluation, into, jn_object_value(object)))
				return false;
		}
		return true;
	}
	if (value.kind != JN_ARRAY)
		return jn_add(evaluation, into, value);
	if (depth > WF_JSON_MAX_DEPTH)
		return jn_fail(evaluation, "U1001 nesting", NULL, NULL);
	for (size_t i = 0, n = jn_length(value); i < n; i++)
		if (!spread(evaluation, jn_item(value, i), into, depth + 1))
			return false;
	return true;
}

bool
jn_fn_spread(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		value = call->arguments[0];
	JnArray    *array;

	*result = value;
	if (value.kind != JN_OBJECT && value.kind != JN_ARRAY)
		return true;
	array = jn_new_sequence(evaluation, 0);
	if (array == NULL)
		return false;
	array->sequence = value.kind == JN_OBJECT || jn_length(value) == 0;
	*result = jn_array_value(array);
	return spread(evaluation, value, array, 0);
}

bool
jn_fn_merge(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnObject   *merged;

	if (call->arguments[0].kind != JN_ARRAY)
		return true;
	merged = jn_object(&evaluation->arena);
	if (merged == NULL)
		return jn_no_memory(evaluation);
	*result = jn_object_value(merged);
	for (size_t i = 0, n = jn_length(call->arguments[0]); i < n; i++)
	{
		JnValue		object = jn_item(call->arguments[0], i);

		if (!jn_steps_through(evaluation, object))
			return false;
		for (JnWalk walk = jn_walk(object); jn_walk_next(&walk);)
			if (!jn_object_set(&evaluation->arena, merged, walk.key.text, walk.key.length, walk.value))
				return jn_no_memory(evaluation);
	}
	return true;
}

bool
jn_fn_clone(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		value = call->arguments[0];

	if (value.kind == JN_ARRAY && !value.borrowed && value.array->wrapper)
		value = value.array->items[0];
	return jn_clone(evaluation, value, result);
}

/* --- any value --- */

bool
jn_fn_boolean(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		value = call->arguments[0];

	if (value.kind == JN_NUMBER && isinf(jn_double(value)))
		return jn_fail(evaluation, "D1001", NULL, &(JnDetails) {.value = value});
	if (value.kind != JN_UNDEFINED)
		*result = jn_boolean(jn_truth(evaluation, value));
	return true;
}

bool
jn_fn_not(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (!jn_fn_boolean(evaluation, call, result))
		return false;
	if (result->kind == JN_BOOLEAN)
		result->boolean = !result->boolean;
	return true;
}

bool
jn_fn_exists(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	*result = jn_boolean(call->arguments[0].kind != JN_UNDEFINED);
	return true;
}

bool
jn_fn_type(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	static const char *const names[] = {
		[JN_UNDEFINED] = NULL, [JN_NULL] = "null", [JN_BOOLEAN] = "boolean", [JN_NUMBER] = "number", [JN_STRING] = "string",
		[JN_ARRAY] = "array", [JN_OBJECT] = "object", [JN_FUNCTION] = "function", [JN_TUPLE] = NULL, [JN_TAIL] = NULL
	};
	const char *name = names[call->arguments[0].kind];

	if (name != NULL)
		*result = jn_string(name, strlen(name));
	return true;
}

bool
jn_fn_error(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		message = call->arguments[0];

	return jn_fail(evaluation, "D3137", NULL, &(JnDetails) {
		.message = message.kind == JN_STRING ? jn_text(message) : WF_STRING("$error() function evaluated")
	});
}

bool
jn_fn_assert(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		message = call->arguments[1];

	if (call->arguments[0].kind == JN_BOOLEAN && call->arguments[0].boolean)
		return true;
	return jn_fail(evaluation, "D3141", NULL, &(JnDetails) {
		.message = message.kind == JN_STRING ? jn_text(message) : WF_STRING("$assert() statement failed")
	});
}

/* --- $eval --- */

/* The same error, told of by the call of $eval. */
static bool
wrap_error(JnEvaluation *evaluation, const char *code, WfJsonataError *inner)
{
	if (inner->kind != WF_JSONATA_PROBLEM)
		jn_problem_set(evaluation->error, inner->kind);
	else
	{
		const char *message = inner->message != NULL ? inner->message : "";

		jn_fail(evaluation, code, NULL, &(JnDetails) {.value = jn_string(message, strlen(message))});
	}
	wf_jsonata_error_clear(inner);
	return false;
}

/* The expression's symbols are shared by all evaluations: this one goes on with its own. */
static bool
own_symbols(JnEvaluation *evaluation)
{
	const JnSymbols *shared = &evaluation->expression->symbols;

	if (evaluation->symbols.items != shared->items)
		return true;
	return jn_copy_symbols(&evaluation->arena, shared, &evaluation->symbols) || jn_no_memory(evaluation);
}

static bool
wrap_context(JnEvaluation *evaluation, JnValue *context)
{
	JnArray    *wrapper;

	if (context->kind != JN_ARRAY || jn_is_sequence(*context))
		return true;
	wrapper = jn_new_sequence(evaluation, 1);
	if (wrapper == NULL)
		return false;
	wrapper->wrapper = true;
	wrapper->items[wrapper->n++] = *context;
	*context = jn_array_value(wrapper);
	return true;
}

bool
jn_fn_eval(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	WfJsonataError *outer = evaluation->error;
	WfJsonataError inner = WF_JSONATA_ERROR_NONE;
	JnValue		text = call->arguments[0];
	JnValue		context = call->context;
	JnFrame    *frame;
	JnNode	   *root;
	bool		ok;

	if (text.kind != JN_STRING)
		return true;
	if (call->arguments[1].kind != JN_UNDEFINED)
		context = call->arguments[1];
	if (call->arguments[1].kind != JN_UNDEFINED && !wrap_context(evaluation, &context))
		return false;
	frame = call->frame != NULL ? call->frame : jn_frame(evaluation, NULL);
	if (frame == NULL || !own_symbols(evaluation))
		return false;
	root = jn_parse(&evaluation->arena, &evaluation->symbols, evaluation->expression->dialect, jn_text(text).text, text.length, &inner);
	if (root == NULL)
		return evaluation->arena.over_limit ? jn_no_memory(evaluation) : wrap_error(evaluation, "D3120", &inner);
	evaluation->error = &inner;
	ok = jn_evaluate(evaluation, root, context, frame, result);
	evaluation->error = outer;
	return ok || wrap_error(evaluation, "D3121", &inner);
}
