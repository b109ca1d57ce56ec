/*
 * function_states.c - functions that the States Language adds, after its intrinsics: $partition, $range, $hash, $parse.
 */
#include <math.h>

#include "json/digest.h"
#include "jsonata/functions.h"

bool
jn_fn_partition(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		items = call->arguments[0];
	double		size = call->arguments[1].kind == JN_NUMBER ? jn_double(call->arguments[1]) : 0;
	JnArray    *parts;
	size_t		n;

	if (items.kind != JN_ARRAY || call->arguments[1].kind != JN_NUMBER)
		return true;
	if (!(size >= 1))
		return jn_fail(evaluation, "D3151", NULL, &(JnDetails) {.value = call->arguments[1]});
	parts = jn_new_array(evaluation, 4);
	if (parts == NULL)
		return false;
	*result = jn_array_value(parts);
	n = jn_length(items);
	size = size < (double) n ? floor(size) : (double) n;
	for (size_t i = 0; i < n;)
	{
		JnArray    *part = jn_new_array(evaluation, (size_t) size);

		if (part == NULL || !jn_add(evaluation, parts, jn_array_value(part)))
			return false;
		while (i < n && part->n < size)
			part->items[part->n++] = jn_item(items, i++);
	}
	return true;
}

/* The service makes no longer ones: they would take more memory than it gives an evaluation. */
#define MAX_RANGE 360145

bool
jn_fn_range(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	double		numbers[3];
	double		n;
	JnArray    *array;

	for (int i = 0; i < 3; i++)
	{
		if (call->arguments[i].kind != JN_NUMBER)
			return true;
		numbers[i] = trunc(jn_double(call->arguments[i]));
	}
	if (numbers[2] == 0 || !isfinite(numbers[0]) || !isfinite(numbers[1]) || !isfinite(numbers[2]))
		return jn_fail(evaluation, "D3152", NULL, &(JnDetails) {.value = call->arguments[2]});
	n = floor((numbers[1] - numbers[0]) / numbers[2]) + 1;
	if (n > MAX_RANGE || n > evaluation->limits.items)
		return jn_fail(evaluation, "D2014", NULL, &(JnDetails) {.value = jn_number(n)});
	array = jn_new_sequence(evaluation, n > 0 ? (size_t) n : 0);
	if (array == NULL)
		return false;
	while (array->n < n)
	{
		array->items[array->n] = jn_number(numbers[0] + array->n * numbers[2]);
		array->n++;
	}
	*result = jn_array_value(array);
	return true;
}

bool
jn_fn_hash(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		text = call->arguments[0];
	JnValue		algorithm = call->arguments[1];
	WfAsk		ask = jn_ask(evaluation);
	char	   *hex;
	size_t		length;

	if (text.kind != JN_STRING || algorithm.kind != JN_STRING)
		return true;
	hex = jn_alloc(&evaluation->arena, WF_HASH_SIZE);
	if (hex == NULL)
		return jn_no_memory(evaluation);
	switch (wf_hash(jn_text(text).text, text.length, jn_text(algorithm).text, algorithm.length, &ask, hex, &length))
	{
		case WF_HASHED:
			*result = jn_string(hex, length);
			return true;
		case WF_HASH_UNKNOWN:
			return jn_fail(evaluation, "D3153", NULL, &(JnDetails) {.value = algorithm});
		case WF_HASH_STOPPED:
			return false;
		case WF_HASH_UNAVAILABLE:
			break;
	}
	return jn_fail(evaluation, "D3155", NULL, &(JnDetails) {.value = algorithm});
}

/* What a text comes to as JSON, about, known before it is read: it may be many times as much. */
static size_t
memory_as_json(WfString text)
{
	size_t		memory = text.length + WF_JSON_COST_OF_VALUE;
	bool		inside = false;	/* a string */

	for (size_t i = 0; i < text.length; i++)
	{
		switch (text.text[i])
		{
			case '\\':
				i += inside;
				break;
			case '"':
				inside = !inside;
				memory += inside ? WF_JSON_COST_OF_STRING : 0;
				break;
			case '{':
				memory += inside ? 0 : WF_JSON_COST_OF_OBJECT;
				break;
			case '[':
				memory += inside ? 0 : WF_JSON_COST_OF_ARRAY;
				break;
			case ':':
				memory += inside ? 0 : WF_JSON_COST_OF_MEMBER;
				break;
			case ',':
				memory += inside ? 0 : WF_JSON_COST_OF_PLACE + WF_JSON_COST_OF_VALUE;
				break;
		}
	}
	return memory;
}

static void
release(void *json)
{
	json_decref(json);
}

bool
jn_fn_parse(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		text = call->arguments[0];
	WfError		error = WF_ERROR_NONE;
	WfAsk		ask = jn_ask(evaluation);
	json_t	   *json;

	if (text.kind != JN_STRING)
		return true;
	if (!jn_arena_count(&evaluation->arena, memory_as_json(jn_text(text))))
		return jn_no_memory(evaluation);
	json = wf_json_parse_asking(jn_text(text).text, text.length, true, &ask, &error);
	if (json == NULL)
	{
		bool		no_memory = error.code == WF_OUT_OF_MEMORY;

		wf_error_clear(&error);
		if (evaluation->error->kind != WF_JSONATA_NO_PROBLEM)
			return false;
		return no_memory ? jn_problem_set(evaluation->error, WF_JSONATA_NO_MEMORY) :
			jn_fail(evaluation, "D3150", NULL, &(JnDetails) {.value = text});
	}
	if (!jn_arena_keep(&evaluation->arena, json, release))
		return jn_no_memory(evaluation);
	*result = jn_wrap(json);
	return true;
}
