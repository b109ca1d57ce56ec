/*
 * evaluate.c - the walk over the tree, and its beginning and end.
 */
#include <time.h>

#include "json/java.h"
#include "jsonata/functions.h"

#define DEFAULT_DEPTH 5000
#define DEFAULT_STACK (1024 * 1024)
#define DEFAULT_MEMORY (256 * 1024 * 1024)
#define MAX_ITEMS 10000000

/* Small evaluations ask for no memory at all. */
#define FIRST_MEMORY 4096

static bool
evaluate_block(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	frame = jn_frame(evaluation, frame);
	if (frame == NULL)
		return false;
	*result = JN_NOTHING;
	for (int i = 0; i < node->n_items; i++)
		if (!jn_evaluate(evaluation, node->items[i], input, frame, result))
			return false;
	return true;
}

static bool
evaluate_condition(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	JnValue		condition;

	if (!jn_evaluate(evaluation, node->left, input, frame, &condition))
		return false;
	if (jn_truth(evaluation, condition))
		return jn_evaluate(evaluation, node->right, input, frame, result);
	*result = JN_NOTHING;
	return node->third == NULL || jn_evaluate(evaluation, node->third, input, frame, result);
}

/* Items that are arrays of themselves stay items; what else is an array is joined. */
static bool
evaluate_array(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	JnArray    *array = jn_new_array(evaluation, (size_t) node->n_items);

	if (array == NULL)
		return false;
	for (int i = 0; i < node->n_items; i++)
	{
		const JnNode *item = node->items[i];
		JnValue		value;

		if (!jn_evaluate(evaluation, item, input, frame, &value))
			return false;
		if (!(item->type == JN_ARRAY_OF && item->n_stages == 0 ? jn_add(evaluation, array, value) : jn_append(evaluation, array, value)))
			return false;
	}
	array->whole = node->whole;
	*result = jn_array_value(array);
	return true;
}

static bool
evaluate_bind(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	return jn_evaluate(evaluation, node->right, input, frame, result) && jn_bind(evaluation, frame, node->symbol, *result);
}

static bool
evaluate_transform(JnEvaluation *evaluation, const JnNode *node, JnFrame *frame, JnValue *result)
{
	JnFunction *function = jn_alloc(&evaluation->arena, sizeof(JnFunction));

	if (function == NULL)
		return jn_no_memory(evaluation);
	*function = (JnFunction) {.type = JN_TRANSFORMER, .node = node, .frame = frame};
	*result = jn_function_value(function);
	return true;
}

static inline bool
dispatch(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	switch (node->type)
	{
		case JN_PATH:
			return jn_evaluate_path(evaluation, node, input, frame, result);
		case JN_NAME:
			return jn_lookup(evaluation, input, node->text.text, node->text.length, result);
		case JN_LITERAL:
		case JN_REGEX:
			*result = node->value;
			return true;
		case JN_VARIABLE:
			return jn_variable(evaluation, node->symbol, frame, result);
		case JN_CONTEXT:
			*result = input.kind == JN_ARRAY && !input.borrowed && input.array->wrapper ? input.array->items[0] : input;
			return true;
		case JN_ROOT:
			*result = evaluation->root;
			return true;
		case JN_WILDCARD:
			return jn_wildcard(evaluation, input, result);
		case JN_DESCENDANTS:
			return jn_descendants(evaluation, input, result);
		case JN_PARENT:
			return jn_variable(evaluation, node->slot->symbol, frame, result);
		case JN_BLOCK:
			return evaluate_block(evaluation, node, input, frame, result);
		case JN_CONDITION:
			return evaluate_condition(evaluation, node, input, frame, result);
		case JN_BIND:
			return evaluate_bind(evaluation, node, input, frame, result);
		case JN_ARRAY_OF:
			return evaluate_array(evaluation, node, input, frame, result);
		case JN_OBJECT_OF:
			return jn_group(evaluation, node, input, frame, result);
		case JN_LAMBDA:
			return jn_lambda(evaluation, node, input, frame, result);
		case JN_CALL:
			return jn_call(evaluation, node, NULL, input, frame, result);
		case JN_PARTIAL:
			return jn_partial(evaluation, node, input, frame, result);
		case JN_APPLY:
			return jn_chain(evaluation, node, input, frame, result);
		case JN_TRANSFORM:
			return evaluate_transform(evaluation, node, frame, result);
		default:
			return jn_evaluate_operator(evaluation, node, input, frame, result);
	}
}

static inline bool
enter(JnEvaluation *evaluation)
{
	if (++evaluation->depth > evaluation->limits.depth || !jn_has_stack(evaluation))
		return jn_fail(evaluation, "U1001", NULL, NULL);
	return jn_step(evaluation);
}

/* A sequence that is said to stay an array. */
static bool
keep_array(JnEvaluation *evaluation, JnValue *value)
{
	JnArray    *array;

	if (!jn_is_sequence(*value) || value->array->keep)
		return true;
	array = jn_alloc(&evaluation->arena, sizeof(JnArray));
	if (array == NULL)
		return jn_no_memory(evaluation);
	*array = *value->array;
	array->capacity = array->n;
	array->keep = true;
	*value = jn_array_value(array);
	return true;
}

/* What is not a path's step: its predicates and its group. */
static bool
evaluate_behind(JnEvaluation *evaluation, const JnNode *node, JnFrame *frame, JnValue *result)
{
	for (int i = 0; i < node->n_stages; i++)
	{
		if (node->stages[i].filter != NULL && !jn_filter(evaluation, node->stages[i].filter, *result, frame, result))
			return false;
		if (node->keep_array && result->kind != JN_ARRAY && result->kind != JN_UNDEFINED)
		{
			JnArray    *array = jn_new_sequence(evaluation, 1);

			if (array == NULL)
				return false;
			array->items[array->n++] = *result;
			*result = jn_array_value(array);
		}
	}
	return node->group == NULL || jn_group(evaluation, node->group, *result, frame, result);
}

bool
jn_evaluate(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	if (!enter(evaluation) || !dispatch(evaluation, node, input, frame, result))
		return false;
	evaluation->depth--;
	if (node->type == JN_PATH)
	{
		*result = jn_collapse(*result);
		return true;
	}
	if ((node->n_stages > 0 || node->group != NULL) && !evaluate_behind(evaluation, node, frame, result))
		return false;
	if (node->keep_array && !keep_array(evaluation, result))
		return false;
	*result = jn_collapse(*result);
	return true;
}

bool
jn_evaluate_step(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	if (!enter(evaluation) || !dispatch(evaluation, node, input, frame, result))
		return false;
	evaluation->depth--;
	if (node->group != NULL && node->type != JN_PATH && !jn_group(evaluation, node->group, *result, frame, result))
		return false;
	if (node->keep_array && !keep_array(evaluation, result))
		return false;
	*result = jn_collapse(*result);
	return true;
}

/* --- the whole --- */

/* Everything behind relies on it. */
static bool
check_utf8(const char *text, size_t length, WfJsonataError *error)
{
	json_t	   *same = json_stringn(text, length);
	json_t	   *mended = same == NULL ? wf_java_decode_utf8((const unsigned char *) text, length) : NULL;

	if (mended != NULL && (json_string_length(mended) != length || memcmp(json_string_value(mended), text, length) != 0))
		jn_error_set(error, "S0201", &(JnDetails) {.token = {json_string_value(mended), json_string_length(mended)}});
	else if (same == NULL)
		jn_problem_set(error, WF_JSONATA_NO_MEMORY);
	json_decref(mended);
	json_decref(same);
	return same != NULL;
}

WfJsonata *
wf_jsonata_parse(const char *text, size_t length, WfJsonataDialect dialect, WfJsonataError *error)
{
	JnArena		arena;
	WfJsonata  *expression;
	char	   *copy;

	*error = (WfJsonataError) WF_JSONATA_ERROR_NONE;
	if (!check_utf8(text, length, error))
		return NULL;
	jn_arena_begin(&arena, NULL, 0, DEFAULT_MEMORY);
	expression = jn_alloc0(&arena, sizeof(WfJsonata));
	copy = jn_alloc(&arena, length + 1);
	if (expression != NULL && copy != NULL)
	{
		memcpy(copy, text, length);
		copy[length] = '\0';
		expression->dialect = dialect;
		expression->root = jn_parse(&arena, &expression->symbols, dialect, copy, length, error);
		expression->arena = arena;
		if (expression->root != NULL && jn_find_references(expression))
			return expression;
		arena = expression->arena;
	}
	if (arena.over_limit && error->kind == WF_JSONATA_NO_MEMORY)
	{
		error->kind = WF_JSONATA_NO_PROBLEM;
		jn_error_set(error, "U1001 memory", NULL);
	}
	jn_arena_end(&arena);
	jn_problem_set(error, WF_JSONATA_NO_MEMORY);
	return NULL;
}

void
wf_jsonata_free(WfJsonata *expression)
{
	if (expression != NULL)
	{
		JnArena		arena = expression->arena;

		jn_arena_end(&arena);
	}
}

size_t
wf_jsonata_memory(const WfJsonata *expression)
{
	return expression->arena.taken;
}

int
wf_jsonata_references(const WfJsonata *expression, const WfJsonataReference **references)
{
	*references = expression->references;
	return expression->n_references;
}

/* A document that is an array is one value: what stands around it keeps paths from beginning at its items. */
static bool
set_root(JnEvaluation *evaluation, json_t *input, JnValue *context)
{
	*context = evaluation->root = input != NULL ? jn_wrap(input) : JN_NOTHING;
	if (context->kind == JN_ARRAY)
	{
		JnArray    *wrapper = jn_new_sequence(evaluation, 1);

		if (wrapper == NULL)
			return false;
		wrapper->wrapper = true;
		wrapper->items[wrapper->n++] = *context;
		*context = jn_array_value(wrapper);
	}
	return true;
}

static void
set_limits(JnEvaluation *evaluation, const WfJsonataLimits *limits)
{
	WfJsonataLimits *own = &evaluation->limits;

	if (limits != NULL)
		*own = *limits;
	if (own->depth <= 0)
		own->depth = DEFAULT_DEPTH;
	if (own->stack == 0)
		own->stack = DEFAULT_STACK;
	if (own->memory == 0)
		own->memory = DEFAULT_MEMORY;
	if (own->items <= 0 || own->items > MAX_ITEMS)
		own->items = MAX_ITEMS;
	if (own->milliseconds > 0)
	{
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		evaluation->deadline = (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000 + own->milliseconds;
	}
}

static bool
begin(JnEvaluation *evaluation, json_t *input, JnValue *context)
{
	evaluation->symbols = evaluation->expression->symbols;
	evaluation->n_globals = evaluation->symbols.n;
	evaluation->globals = jn_alloc(&evaluation->arena, (size_t) evaluation->n_globals * sizeof(JnValue));
	evaluation->looked_for = jn_alloc0(&evaluation->arena, (size_t) evaluation->n_globals);
	if (evaluation->globals == NULL || evaluation->looked_for == NULL)
		return jn_no_memory(evaluation);
	return set_root(evaluation, input, context);
}

/* The result leaves the arena. */
static WfJsonataOutcome
give(JnEvaluation *evaluation, JnValue value, json_t **result)
{
	size_t		room = evaluation->limits.memory;

	if (value.kind == JN_UNDEFINED)
		return WF_JSONATA_UNDEFINED;
	if (value.kind == JN_FUNCTION)
		return WF_JSONATA_FUNCTION;
	*result = jn_to_json(value, &room);
	if (*result != NULL)
		return WF_JSONATA_VALUE;
	if (room == 0)
		jn_fail(evaluation, "U1001 memory", NULL, NULL);
	else
		jn_problem_set(evaluation->error, WF_JSONATA_NO_MEMORY);
	return WF_JSONATA_FAILED;
}

WfJsonataOutcome
wf_jsonata_evaluate(const WfJsonata *expression, json_t *input, const WfJsonataBinding *bindings, int n_bindings,
					const WfJsonataLimits *limits, json_t **result, WfJsonataError *error)
{
	char		first[FIRST_MEMORY] __attribute__((aligned(16)));
	JnEvaluation evaluation = {.error = error, .expression = expression, .bindings = bindings, .n_bindings = n_bindings,
		.stack = __builtin_frame_address(0)};
	WfJsonataOutcome outcome = WF_JSONATA_FAILED;
	JnFrame		frame = {NULL};
	JnValue		context;
	JnValue		value;

	*result = NULL;
	*error = (WfJsonataError) WF_JSONATA_ERROR_NONE;
	set_limits(&evaluation, limits);
	jn_arena_begin(&evaluation.arena, first, sizeof(first), evaluation.limits.memory);
	if (begin(&evaluation, input, &context) && jn_evaluate(&evaluation, expression->root, context, &frame, &value) &&
		error->kind == WF_JSONATA_NO_PROBLEM)
		outcome = give(&evaluation, value, result);
	jn_arena_end(&evaluation.arena);
	return outcome;
}
