/*
 * evaluate.h - what the files of the evaluator share.
 *
 * Whatever can fail answers false and leaves the evaluation's error.
 */
#ifndef WF_JSONATA_EVALUATE_H
#define WF_JSONATA_EVALUATE_H

#include "jsonata/ast.h"

struct WfJsRegex;

/* Variables that are bound together.  Closures keep them, so they live as long as the evaluation. */
typedef struct JnFrame
{
	struct JnFrame *parent;
	int			n;
	int			capacity;		/* 0: the places are somebody else's */
	int		   *symbols;
	JnValue    *values;
} JnFrame;

typedef struct JnEvaluation
{
	JnArena		arena;
	WfJsonataError *error;
	const WfJsonata *expression;
	JnSymbols	symbols;		/* the expression's, and what $eval has added in the arena */
	const WfJsonataBinding *bindings;
	int			n_bindings;
	JnValue    *globals;		/* of each symbol; undefined while it has not been looked for */
	bool	   *looked_for;
	int			n_globals;
	WfJsonataLimits limits;
	JnValue		root;
	int			depth;
	uint64_t	steps;
	const char *stack;			/* where the C stack began */
	int64_t		deadline;		/* of the monotonic clock, in milliseconds; 0: none */
	int64_t		now;			/* milliseconds since 1970; 0: not asked yet */
	char	   *text;			/* what & put together last: it can grow where it stands */
	size_t		text_length;
	size_t		text_capacity;
	JnValue    *appended;		/* the same for $append: the items of the array that it made last */
	uint32_t	n_appended;
	uint32_t	appended_capacity;
	uint64_t	random[2];		/* of the generator; 0, 0: not seeded */
	struct
	{
		JnValue		function;	/* the call that a JN_TAIL stands for */
		JnValue    *arguments;
		int			n;
		JnValue		context;
		JnFrame    *frame;
		const JnNode *node;		/* where it is written */
	}			tail;
} JnEvaluation;

/* --- evaluate.c --- */

extern bool jn_evaluate(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result);

/* The same for a path's step: what stands in brackets behind it is left to the path. */
extern bool jn_evaluate_step(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result);

/* What a sequence comes to: nothing, its only item, itself. */
static inline JnValue
jn_collapse(JnValue value)
{
	if (value.kind != JN_ARRAY || value.borrowed || !value.array->sequence || value.array->tuples)
		return value;
	if (value.array->n == 0)
		return JN_NOTHING;
	return value.array->n == 1 && !value.array->keep ? value.array->items[0] : value;
}

/* --- compare.c --- */

/* Equality as `=` has it, within arrays and objects too; functions equal themselves. */
extern bool jn_equal(JnEvaluation *evaluation, JnValue a, JnValue b);

/* Whether $boolean() takes it for true. */
extern bool jn_truth(JnEvaluation *evaluation, JnValue value);

/* --- operators.c --- */

extern bool jn_evaluate_operator(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result);

/* --- path.c --- */

extern bool jn_evaluate_path(JnEvaluation *evaluation, const JnNode *path, JnValue input, JnFrame *frame, JnValue *result);
extern bool jn_filter(JnEvaluation *evaluation, const JnNode *filter, JnValue items, JnFrame *frame, JnValue *result);
extern bool jn_lookup(JnEvaluation *evaluation, JnValue input, const char *key, size_t length, JnValue *result);
extern bool jn_wildcard(JnEvaluation *evaluation, JnValue input, JnValue *result);
extern bool jn_descendants(JnEvaluation *evaluation, JnValue input, JnValue *result);

/* --- group.c --- */

extern bool jn_group(JnEvaluation *evaluation, const JnNode *object, JnValue items, JnFrame *frame, JnValue *result);

/* --- sort.c --- */

/* Whether a belongs behind b. */
typedef bool (*JnBehind) (JnEvaluation *evaluation, void *arg, JnValue a, JnValue b, bool *behind);

/* Stable. */
extern bool jn_sort(JnEvaluation *evaluation, JnValue *items, size_t n, JnBehind behind, void *arg);
extern bool jn_order_by(JnEvaluation *evaluation, const JnNode *sort, JnValue items, JnFrame *frame, JnValue *result);

/* --- apply.c --- */

extern bool jn_call(JnEvaluation *evaluation, const JnNode *node, const JnValue *first, JnValue input, JnFrame *frame,
					JnValue *result);
extern bool jn_partial(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result);
extern bool jn_lambda(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result);
extern bool jn_chain(JnEvaluation *evaluation, const JnNode *node, JnValue input, JnFrame *frame, JnValue *result);

/* Of a call that is not written as one: not to be taken for a missing argument, except where null can stand. */
#define JN_NO_CONTEXT ((JnValue) {.kind = JN_NULL})

/* Calls a function; its arguments are taken over. */
extern bool jn_apply(JnEvaluation *evaluation, JnValue function, JnValue *arguments, int n, JnValue context, JnFrame *frame,
					 JnValue *result);

/* The same with one argument or two; or with three, of which the function gets as many as it looks at. */
extern bool jn_apply_to(JnEvaluation *evaluation, JnValue function, JnValue a, JnValue b, JnValue c, JnValue *result);
extern int	jn_arity(JnValue function);

/* --- transform.c --- */

extern bool jn_transform(JnEvaluation *evaluation, const JnFunction *transform, JnValue value, JnValue *result);
extern bool jn_clone(JnEvaluation *evaluation, JnValue value, JnValue *result);

/* --- function_match.c --- */

extern bool jn_match_regex(JnEvaluation *evaluation, struct WfJsRegex *regex, JnValue text, double from, bool again,
						   JnValue *result);

/* --- environment.c: frames, variables, limits, errors --- */

extern JnFrame *jn_frame(JnEvaluation *evaluation, JnFrame *parent);
extern bool jn_bind(JnEvaluation *evaluation, JnFrame *frame, int symbol, JnValue value);
extern bool jn_variable(JnEvaluation *evaluation, int symbol, const JnFrame *frame, JnValue *result);

/* Looks at the clock and the caller's wishes; every so many steps is enough. */
extern bool jn_check(JnEvaluation *evaluation);

#define JN_STEPS_TO_CHECK 4096

static inline bool
jn_steps(JnEvaluation *evaluation, size_t n)
{
	uint64_t	before = evaluation->steps;

	evaluation->steps += n;
	return before / JN_STEPS_TO_CHECK == evaluation->steps / JN_STEPS_TO_CHECK || jn_check(evaluation);
}

static inline bool
jn_step(JnEvaluation *evaluation)
{
	return jn_steps(evaluation, 1);
}

/* Bytes of a string that are gone through in the time of a step. */
#define JN_BYTES_OF_STEP 16

/* For what goes through a value's items, members or bytes without asking at each. */
static inline bool
jn_steps_through(JnEvaluation *evaluation, JnValue value)
{
	switch ((JnKind) value.kind)
	{
		case JN_STRING:
			return jn_steps(evaluation, value.length / JN_BYTES_OF_STEP);
		case JN_ARRAY:
			return jn_steps(evaluation, jn_length(value));
		case JN_OBJECT:
			return jn_steps(evaluation, jn_size(value));
		default:
			return true;
	}
}

/* For what is done by others, who ask on the way: in time with the steps. */
extern WfAsk jn_ask(JnEvaluation *evaluation);

/* Whether the C stack has room for going further down. */
static inline bool
jn_has_stack(const JnEvaluation *evaluation)
{
	const char *here = __builtin_frame_address(0);

	return (size_t) (evaluation->stack > here ? evaluation->stack - here : here - evaluation->stack) <= evaluation->limits.stack;
}

extern bool jn_no_memory(JnEvaluation *evaluation);
extern bool jn_fail(JnEvaluation *evaluation, const char *code, const JnNode *node, const JnDetails *details);

/* The fault of a function over strings or numbers. */
extern bool jn_fail_by(JnEvaluation *evaluation, WfFault *fault);

/* What a buffer holds becomes a string of the arena; the buffer is freed in any case.  ok: false if writing it has failed. */
extern bool jn_take(JnEvaluation *evaluation, WfBuffer *buffer, bool ok, JnValue *result);
extern size_t jn_room(const JnEvaluation *evaluation);

extern JnArray *jn_new_array(JnEvaluation *evaluation, size_t capacity);
extern JnArray *jn_new_sequence(JnEvaluation *evaluation, size_t capacity);

static inline bool
jn_add(JnEvaluation *evaluation, JnArray *array, JnValue value)
{
	return jn_push(&evaluation->arena, array, value) || jn_no_memory(evaluation);
}

static inline bool
jn_add_all(JnEvaluation *evaluation, JnArray *array, JnValue items)
{
	return jn_push_all(&evaluation->arena, array, items) || jn_no_memory(evaluation);
}

/* Appends as $append does: arrays item by item. */
static inline bool
jn_append(JnEvaluation *evaluation, JnArray *array, JnValue value)
{
	if (value.kind == JN_UNDEFINED)
		return true;
	return value.kind == JN_ARRAY ? jn_add_all(evaluation, array, value) : jn_add(evaluation, array, value);
}

/* --- functions as values --- */

typedef enum JnFunctionType
{
	JN_BUILTIN_FUNCTION,
	JN_CLOSURE,
	JN_PARTLY_APPLIED,			/* `first`, of whose arguments some are there */
	JN_CHAINED,					/* `first`, then `second` */
	JN_MATCHER,					/* a regular expression */
	JN_NEXT_MATCH,				/* the same in `text`, further on */
	JN_TRANSFORMER
} JnFunctionType;

struct JnFunction
{
	JnFunctionType type;
	const struct JnBuiltin *builtin;
	const JnSignature *signature;
	const JnNode *node;			/* of a closure, a transformer */
	JnValue		input;
	JnFrame    *frame;
	JnValue		first;
	JnValue		second;
	JnValue    *bound;			/* JN_TAIL: still missing */
	int			n;
	struct WfJsRegex *regex;
	JnValue		text;
	double		from;
};

#endif
