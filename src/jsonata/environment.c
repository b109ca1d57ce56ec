/*
 * environment.c - variables, limits and errors of an evaluation.
 */
#include <time.h>

#include "jsonata/functions.h"

/* --- variables --- */

JnFrame *
jn_frame(JnEvaluation *evaluation, JnFrame *parent)
{
	JnFrame    *frame = jn_alloc(&evaluation->arena, sizeof(JnFrame));

	if (frame == NULL)
		jn_no_memory(evaluation);
	else
		*frame = (JnFrame) {.parent = parent};
	return frame;
}

bool
jn_bind(JnEvaluation *evaluation, JnFrame *frame, int symbol, JnValue value)
{
	for (int i = 0; i < frame->n; i++)
	{
		if (frame->symbols[i] == symbol)
		{
			frame->values[i] = value;
			return true;
		}
	}
	if (frame->n >= frame->capacity)
	{
		int			capacity = frame->n < 2 ? 4 : frame->n * 2;
		int		   *symbols = jn_alloc(&evaluation->arena, (size_t) capacity * sizeof(int));
		JnValue    *values = jn_alloc(&evaluation->arena, (size_t) capacity * sizeof(JnValue));

		if (symbols == NULL || values == NULL)
			return jn_no_memory(evaluation);
		if (frame->n > 0)
		{
			memcpy(symbols, frame->symbols, (size_t) frame->n * sizeof(int));
			memcpy(values, frame->values, (size_t) frame->n * sizeof(JnValue));
		}
		frame->symbols = symbols;
		frame->values = values;
		frame->capacity = capacity;
	}
	frame->symbols[frame->n] = symbol;
	frame->values[frame->n++] = value;
	return true;
}

/* What is bound outside: by the caller, or by the language. */
static bool
look_for_global(JnEvaluation *evaluation, int symbol, JnValue *result)
{
	const JnSymbol *name = &evaluation->symbols.items[symbol];

	*result = name->builtin >= 0 ? jn_builtin_function(name->builtin) : JN_NOTHING;
	for (int i = 0; i < evaluation->n_bindings; i++)
	{
		const WfJsonataBinding *binding = &evaluation->bindings[i];

		if (binding->value != NULL && strlen(binding->name) == name->name.length &&
			memcmp(binding->name, name->name.text, name->name.length) == 0)
			*result = jn_wrap(binding->value);
	}
	if (symbol < evaluation->n_globals)
	{
		evaluation->globals[symbol] = *result;
		evaluation->looked_for[symbol] = true;
	}
	return true;
}

bool
jn_variable(JnEvaluation *evaluation, int symbol, const JnFrame *frame, JnValue *result)
{
	if (evaluation->symbols.all_bound || evaluation->symbols.items[symbol].bound)
	{
		for (; frame != NULL; frame = frame->parent)
		{
			for (int i = frame->n - 1; i >= 0; i--)
			{
				if (frame->symbols[i] == symbol)
				{
					*result = frame->values[i];
					return true;
				}
			}
		}
	}
	if (symbol < evaluation->n_globals && evaluation->looked_for[symbol])
	{
		*result = evaluation->globals[symbol];
		return true;
	}
	return look_for_global(evaluation, symbol, result);
}

/* --- limits --- */

static bool
may_go_on(JnEvaluation *evaluation)
{
	if (evaluation->error->kind != WF_JSONATA_NO_PROBLEM)
		return false;
	if (evaluation->limits.interrupted != NULL && evaluation->limits.interrupted(evaluation->limits.arg))
		return jn_problem_set(evaluation->error, WF_JSONATA_INTERRUPTED);
	if (evaluation->deadline != 0)
	{
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		if ((int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000 >= evaluation->deadline)
			return jn_fail(evaluation, "U1001 time", NULL, NULL);
	}
	return true;
}

bool
jn_check(JnEvaluation *evaluation)
{
	if (may_go_on(evaluation))
		return true;

	/* Not everybody who is told so can say so (compare.c): the very next step is told again. */
	evaluation->steps |= JN_STEPS_TO_CHECK - 1;
	return false;
}

static bool
go_on(void *evaluation, size_t bytes)
{
	return jn_steps(evaluation, bytes / JN_BYTES_OF_STEP);
}

WfAsk
jn_ask(JnEvaluation *evaluation)
{
	return (WfAsk) {go_on, evaluation};
}

/* --- errors --- */

bool
jn_no_memory(JnEvaluation *evaluation)
{
	if (evaluation->arena.over_limit)
		return jn_fail(evaluation, "U1001 memory", NULL, NULL);
	return jn_problem_set(evaluation->error, WF_JSONATA_NO_MEMORY);
}

bool
jn_fail(JnEvaluation *evaluation, const char *code, const JnNode *node, const JnDetails *details)
{
	JnDetails	own = details != NULL ? *details : (JnDetails) {0};

	if (node != NULL)
		own.position = node->position;
	return jn_error_set(evaluation->error, code, &own);
}

bool
jn_fail_by(JnEvaluation *evaluation, WfFault *fault)
{
	JnDetails	details = {0};
	json_t	   *value = NULL;

	switch (fault->kind)
	{
		case WF_FAULT_NO_MEMORY:
			jn_problem_set(evaluation->error, WF_JSONATA_NO_MEMORY);
			break;
		case WF_FAULT_TOO_LARGE:
			jn_fail(evaluation, "U1001 memory", NULL, NULL);
			break;
		case WF_FAULT_TOO_LONG:
			jn_fail(evaluation, "U1001 matching", NULL, NULL);
			break;
		case WF_FAULT_STOPPED:
			break;				/* for an error that is there already */
		default:
			if (fault->value != NULL)
				value = wf_json_parse(fault->value, strlen(fault->value), true, NULL);
			if (value != NULL)
				details.value = jn_wrap(value);
			else if (fault->value != NULL)
				details.value = (JnValue) {.kind = JN_NULL};	/* no JSON: infinity and its like */
			jn_fail(evaluation, fault->code, NULL, &details);
			json_decref(value);
	}
	wf_fault_clear(fault);
	return false;
}

size_t
jn_room(const JnEvaluation *evaluation)
{
	size_t		room = evaluation->arena.limit - evaluation->arena.taken;

	return room < UINT32_MAX ? room : UINT32_MAX;
}

bool
jn_take(JnEvaluation *evaluation, WfBuffer *buffer, bool ok, JnValue *result)
{
	char	   *text;

	if (!ok)
	{
		wf_buffer_free(buffer);
		return jn_fail_by(evaluation, buffer->fault);
	}
	text = jn_alloc(&evaluation->arena, buffer->length + 1);
	if (text != NULL)
	{
		if (buffer->length > 0)
			memcpy(text, buffer->text, buffer->length);
		text[buffer->length] = '\0';
		*result = jn_string(text, buffer->length);
	}
	wf_buffer_free(buffer);
	return text != NULL || jn_no_memory(evaluation);
}

JnArray *
jn_new_array(JnEvaluation *evaluation, size_t capacity)
{
	JnArray    *array = jn_array(&evaluation->arena, capacity);

	if (array == NULL)
		jn_no_memory(evaluation);
	return array;
}

JnArray *
jn_new_sequence(JnEvaluation *evaluation, size_t capacity)
{
	JnArray    *array = jn_new_array(evaluation, capacity);

	if (array != NULL)
		array->sequence = true;
	return array;
}
