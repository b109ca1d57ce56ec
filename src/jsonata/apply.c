/*
 * apply.c - functions: making them, calling them.
 *
 * A call that is the last thing its function does is not made there: it is handed back to whoever called the function
 * (JN_TAIL), and takes its place.  So a function that calls itself that way needs no stack, however often.  What such a call
 * gives is the function's result as it is: a sequence of one is then not taken for its item.
 */
#include <stdlib.h>

#include "jsonata/functions.h"

static JnFunction *
make(JnEvaluation *evaluation, JnFunctionType type, JnValue *result)
{
	JnFunction *function = jn_alloc0(&evaluation->arena, sizeof(JnFunction));

	if (function == NULL)
	{
		jn_no_memory(evaluation);
		return NULL;
	}
	function->type = type;
	*result = jn_function_value(function);
	return function;
}

bool
jn_lambda(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	JnFunction *function = make(evaluation, JN_CLOSURE, result);

	if (function == NULL)
		return false;
	function->node = node;
	function->signature = node->signature;
	function->input = input;
	function->frame = frame;
	return true;
}

JnValue
jn_regex_function(JnArena *arena, struct WfJsRegex *regex)
{
	JnFunction *function = jn_alloc0(arena, sizeof(JnFunction));

	if (function == NULL)
		return JN_NOTHING;
	function->type = JN_MATCHER;
	function->regex = regex;
	return jn_function_value(function);
}

/* --- calling --- */

static JnValue *
new_arguments(JnEvaluation *evaluation, int n)
{
	JnValue    *arguments = jn_alloc0(&evaluation->arena, (size_t) n * sizeof(JnValue));

	if (arguments == NULL)
		jn_no_memory(evaluation);
	return arguments;
}

/* At least n of them, the rest undefined. */
static bool
pad_arguments(JnEvaluation *evaluation, JnValue **arguments, int *given, int n)
{
	JnValue    *padded;

	if (*given >= n)
		return true;
	padded = new_arguments(evaluation, n);
	if (padded == NULL)
		return false;
	if (*given > 0)
		memcpy(padded, *arguments, (size_t) *given * sizeof(JnValue));
	*arguments = padded;
	*given = n;
	return true;
}

/* The parameters are the variables of a frame; more arguments than those are dropped. */
static bool
apply_closure(JnEvaluation *evaluation, const JnFunction *function, JnValue *arguments, int n, JnValue *result)
{
	const JnNode *node = function->node;
	JnFrame    *frame = jn_frame(evaluation, function->frame);

	if (frame == NULL || !pad_arguments(evaluation, &arguments, &n, node->n_parameters))
		return false;
	frame->n = node->n_parameters;
	frame->symbols = node->parameters;
	frame->values = arguments;
	return jn_evaluate(evaluation, node->left, function->input, frame, result);
}

static bool
apply_builtin(JnEvaluation *evaluation, const JnBuiltin *builtin, const JnSignature *signature, JnValue *arguments, int n,
			  JnValue context, JnFrame *frame, JnValue *result)
{
	JnCall		call = {.context = context, .frame = frame};
	int			wanted = signature != NULL ? signature->n : builtin->arity;

	if (!pad_arguments(evaluation, &arguments, &n, wanted))
		return false;
	for (int i = 0; i < n; i++)
		if (!jn_steps_through(evaluation, arguments[i]))
			return false;
	call.arguments = arguments;
	call.n = n;
	*result = JN_NOTHING;
	return builtin->run(evaluation, &call, result);
}

/* The missing arguments of a function that has been given some. */
static bool
fill_in(JnEvaluation *evaluation, const JnFunction *function, JnValue **arguments, int *n)
{
	JnValue    *all = new_arguments(evaluation, function->n);
	int			given = 0;

	if (all == NULL)
		return false;
	for (int i = 0; i < function->n; i++)
	{
		all[i] = function->bound[i];
		if (all[i].kind == JN_TAIL)
			all[i] = given < *n ? (*arguments)[given++] : JN_NOTHING;
	}
	*arguments = all;
	*n = function->n;
	return true;
}

/* The name by which an error calls the function. */
static WfString
name_of(const JnNode *node)
{
	if (node->left->type == JN_PATH)
		return node->left->items[0]->text;
	return node->left->type == JN_VARIABLE ? node->left->text : (WfString) {NULL, 0};
}

/* A function's error that says neither where nor which gets the call that it is about. */
static bool
locate(JnEvaluation *evaluation, const JnNode *node)
{
	WfJsonataError *error = evaluation->error;

	if (error->kind == WF_JSONATA_PROBLEM || error->kind == WF_JSONATA_LIMIT)
	{
		WfString	name = name_of(node);

		if (error->position < 0)
			error->position = node->position;
		if (error->token == NULL && name.text != NULL && (error->token = malloc(name.length + 1)) != NULL)
		{
			memcpy(error->token, name.text, name.length);
			error->token[name.length] = '\0';
		}
	}
	return false;
}

/* A call that is to be made instead of the present one. */
static bool
hand_back(JnEvaluation *evaluation, JnValue function, JnValue *arguments, int n, JnValue context, JnFrame *frame, const JnNode *node,
		  JnValue *result)
{
	evaluation->tail.function = function;
	evaluation->tail.arguments = arguments;
	evaluation->tail.n = n;
	evaluation->tail.context = context;
	evaluation->tail.frame = frame;
	evaluation->tail.node = node;
	*result = (JnValue) {.kind = JN_TAIL};
	return true;
}

static bool
apply_once(JnEvaluation *evaluation, JnValue value, JnValue *arguments, int n, JnValue context, JnFrame *frame, const JnNode *node,
		   JnValue *result)
{
	const JnFunction *function = value.function;
	JnValue		first;

	if (value.kind != JN_FUNCTION)
		return jn_fail(evaluation, "T1006", NULL, NULL);
	if (!jn_step(evaluation))
		return false;
	if (function->signature != NULL)
	{
		JnDetails	where = {.token = function->builtin != NULL ? function->builtin->name : (WfString) {NULL, 0}};

		if (!jn_signature_apply(function->signature, &evaluation->arena, &arguments, &n, context, &where, evaluation->error))
			return evaluation->arena.over_limit ? jn_no_memory(evaluation) : false;
	}
	switch (function->type)
	{
		case JN_BUILTIN_FUNCTION:
			return apply_builtin(evaluation, function->builtin, function->signature, arguments, n, context, frame, result);
		case JN_CLOSURE:
			return apply_closure(evaluation, function, arguments, n, result);
		case JN_MATCHER:
			return pad_arguments(evaluation, &arguments, &n, 2) &&
				jn_match_regex(evaluation, function->regex, arguments[0],
							   arguments[1].kind == JN_NUMBER ? jn_double(arguments[1]) : 0, false, result);
		case JN_NEXT_MATCH:
			return jn_match_regex(evaluation, function->regex, function->text, function->from, true, result);
		case JN_TRANSFORMER:
			return pad_arguments(evaluation, &arguments, &n, 1) && jn_transform(evaluation, function, arguments[0], result);
		case JN_PARTLY_APPLIED:
			return fill_in(evaluation, function, &arguments, &n) &&
				hand_back(evaluation, function->first, arguments, n, context, frame, node, result);
		case JN_CHAINED:
			break;
	}
	/* One argument, whatever is given: so that nothing stands for it, not the context. */
	if (!pad_arguments(evaluation, &arguments, &n, 1) ||
		!jn_apply(evaluation, function->first, arguments, 1, context, frame, &first) ||
		(arguments = new_arguments(evaluation, 1)) == NULL)
		return false;
	arguments[0] = first;
	return hand_back(evaluation, function->second, arguments, 1, context, frame, node, result);
}

bool
jn_apply(JnEvaluation *evaluation, JnValue function, JnValue *arguments, int n, JnValue context, JnFrame *frame, JnValue *result)
{
	const JnNode *node = NULL;

	/* Functions made of functions call each other without an expression between them. */
	if (!jn_has_stack(evaluation))
		return jn_fail(evaluation, "U1001", NULL, NULL);
	for (;;)
	{
		if (!apply_once(evaluation, function, arguments, n, context, frame, node, result))
			return node != NULL ? locate(evaluation, node) : false;
		if (result->kind != JN_TAIL)
			return true;
		function = evaluation->tail.function;
		arguments = evaluation->tail.arguments;
		n = evaluation->tail.n;
		context = evaluation->tail.context;
		frame = evaluation->tail.frame;
		node = evaluation->tail.node;
	}
}

int
jn_arity(JnValue value)
{
	const JnFunction *function = value.function;
	int			n = 0;

	switch (function->type)
	{
		case JN_BUILTIN_FUNCTION:
			return function->builtin->arity;
		case JN_CLOSURE:
			return function->node->n_parameters;
		case JN_PARTLY_APPLIED:
			for (int i = 0; i < function->n; i++)
				n += function->bound[i].kind == JN_TAIL;
			return n;
		case JN_MATCHER:
			return 2;
		case JN_NEXT_MATCH:
			return 0;
		case JN_CHAINED:
		case JN_TRANSFORMER:
			break;
	}
	return 1;
}

bool
jn_apply_to(JnEvaluation *evaluation, JnValue function, JnValue a, JnValue b, JnValue c, JnValue *result)
{
	JnValue    *arguments;
	int			n;

	if (function.kind != JN_FUNCTION)
		return jn_fail(evaluation, "T1006", NULL, NULL);
	if (c.kind == JN_UNDEFINED)
		n = b.kind == JN_UNDEFINED ? 1 : 2;
	else
	{
		n = jn_arity(function);
		n = n < 1 ? 1 : n > 3 ? 3 : n;
	}
	arguments = jn_alloc(&evaluation->arena, (size_t) n * sizeof(JnValue));
	if (arguments == NULL)
		return jn_no_memory(evaluation);
	arguments[0] = a;
	if (n > 1)
		arguments[1] = b;
	if (n > 2)
		arguments[2] = c;
	return jn_apply(evaluation, function, arguments, n, JN_NO_CONTEXT, NULL, result);
}

/* --- calls as they are written --- */

/* A plain name instead of a variable, of which there is one. */
static bool
is_forgotten(JnEvaluation *evaluation, const JnNode *node, JnFrame *frame)
{
	WfString	name = name_of(node);
	JnValue		value = JN_NOTHING;

	if (!node->named)
		return false;
	if (jn_known_symbol(&evaluation->symbols, name) > 0)
		return jn_variable(evaluation, jn_known_symbol(&evaluation->symbols, name), frame, &value) && value.kind != JN_UNDEFINED;
	for (int i = 0; i < evaluation->n_bindings; i++)
		if (strlen(evaluation->bindings[i].name) == name.length && memcmp(evaluation->bindings[i].name, name.text, name.length) == 0)
			return true;
	return jn_builtin(name, evaluation->expression->dialect) >= 0;
}

bool
jn_call(JnEvaluation *evaluation, const JnNode *node, const JnValue *first, JnValue input, JnFrame *frame, JnValue *result)
{
	int			n = node->n_items + (first != NULL);
	JnValue    *arguments;
	JnValue		function;

	if (!jn_evaluate(evaluation, node->left, input, frame, &function))
		return false;
	if (function.kind == JN_UNDEFINED && is_forgotten(evaluation, node, frame))
		return jn_fail(evaluation, "T1005", node, &(JnDetails) {.token = name_of(node)});
	arguments = jn_alloc(&evaluation->arena, (size_t) n * sizeof(JnValue));
	if (arguments == NULL)
		return jn_no_memory(evaluation);
	if (first != NULL)
		arguments[0] = *first;
	for (int i = 0; i < node->n_items; i++)
		if (!jn_evaluate(evaluation, node->items[i], input, frame, &arguments[i + (first != NULL)]))
			return false;
	if (node->tail)
		return hand_back(evaluation, function, arguments, n, input, frame, node, result);
	return jn_apply(evaluation, function, arguments, n, input, frame, result) || locate(evaluation, node);
}

bool
jn_partial(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	JnFunction *partial;
	JnValue    *bound = new_arguments(evaluation, node->n_items);
	JnValue		function;

	if (bound == NULL)
		return false;
	for (int i = 0; i < node->n_items; i++)
	{
		if (node->items[i]->type == JN_PLACEHOLDER)
			bound[i].kind = JN_TAIL;
		else if (!jn_evaluate(evaluation, node->items[i], input, frame, &bound[i]))
			return false;
	}
	if (!jn_evaluate(evaluation, node->left, input, frame, &function))
		return false;
	if (function.kind != JN_FUNCTION)
		return jn_fail(evaluation, function.kind == JN_UNDEFINED && is_forgotten(evaluation, node, frame) ? "T1007" : "T1008", node,
					   &(JnDetails) {.token = name_of(node)});
	partial = make(evaluation, JN_PARTLY_APPLIED, result);
	if (partial == NULL)
		return false;
	partial->first = function;
	partial->bound = bound;
	partial->n = node->n_items;
	return true;
}

/* left ~> right: calls right with left, as its first argument if right is a call; or makes of two functions one. */
bool
jn_chain(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result)
{
	JnFunction *chained;
	JnValue    *arguments;
	JnValue		left;
	JnValue		right;

	if (!jn_evaluate(evaluation, node->left, input, frame, &left))
		return false;
	if (node->right->type == JN_CALL)
	{
		if (!jn_call(evaluation, node->right, &left, input, frame, result))
			return false;
		return true;
	}
	if (!jn_evaluate(evaluation, node->right, input, frame, &right))
		return false;
	if (right.kind != JN_FUNCTION)
		return jn_fail(evaluation, "T2006", node, &(JnDetails) {.value = right});
	if (left.kind == JN_FUNCTION)
	{
		chained = make(evaluation, JN_CHAINED, result);
		if (chained == NULL)
			return false;
		chained->first = left;
		chained->second = right;
		return true;
	}
	arguments = new_arguments(evaluation, 1);
	if (arguments == NULL)
		return false;
	arguments[0] = left;
	return jn_apply(evaluation, right, arguments, 1, JN_NO_CONTEXT, frame, result);
}
