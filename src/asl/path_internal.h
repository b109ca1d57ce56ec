/*
 * path_internal.h - a compiled path, as the path_*.c files share it.
 *
 * A path is a root and a row of steps.  A path inside a filter is a path too; its root is the item under test (`@`) or
 * the document (`$`).
 *
 * A step is *definite* if it leads to one place at most.  A path of definite steps only gives a value or nothing; any
 * other gives an array.  Several names at the very end are definite: they give one object with those members.
 */
#ifndef WF_PATH_INTERNAL_H
#define WF_PATH_INTERNAL_H

#include "asl/path.h"

/* Bounds on recursion, which the stack must bear: steps of one path, filters within filters. */
#define WF_PATH_MAX_STEPS 1000
#define WF_PATH_MAX_NESTING 20

typedef struct WfFilter WfFilter;
typedef struct WfOperand WfOperand;

typedef enum WfPathRoot { WF_ROOT_INPUT, WF_ROOT_CONTEXT, WF_ROOT_VARIABLE, WF_ROOT_ITEM } WfPathRoot;

typedef enum WfStepKind
{
	WF_STEP_NAMES,				/* .name ['name'] ['a','b'] */
	WF_STEP_INDEXES,			/* [0] [-1] [0,2] */
	WF_STEP_SLICE,				/* [1:3] [1:] [:3] */
	WF_STEP_WILDCARD,			/* .* [*] */
	WF_STEP_SCAN,				/* .. in front of another step */
	WF_STEP_FILTER,				/* [?(…)] */
	WF_STEP_FUNCTION			/* .length() */
} WfStepKind;

typedef enum WfPathFunction
{
	WF_FUNCTION_LENGTH,
	WF_FUNCTION_SIZE,
	WF_FUNCTION_MIN,
	WF_FUNCTION_MAX,
	WF_FUNCTION_AVG,
	WF_FUNCTION_SUM,
	WF_FUNCTION_STDDEV,
	WF_FUNCTION_KEYS,
	WF_FUNCTION_FIRST,
	WF_FUNCTION_LAST,
	WF_FUNCTION_INDEX,
	WF_FUNCTION_CONCAT,
	WF_FUNCTION_APPEND,
	WF_FUNCTION_COUNT
} WfPathFunction;

typedef struct WfStep
{
	WfStepKind	kind;
	bool		definite;
	int			n;				/* names, indexes, arguments */
	union
	{
		struct
		{
			char	  **names;
			size_t	   *lengths;
			char		quote;	/* as it was written; messages spell it so */
		};
		int		   *indexes;
		struct
		{
			bool		has_from;
			bool		has_to;
			int			from;
			int			to;
		};
		WfFilter   *filter;
		struct
		{
			WfPathFunction function;
			WfOperand  *arguments;
		};
	};
} WfStep;

struct WfPath
{
	char	   *text;			/* NULL for a path inside another */
	WfPathRoot	root;
	char	   *variable;
	int			n_steps;
	int			capacity;
	WfStep	   *steps;
	bool		definite;		/* all steps are */
	bool		reference;
};

/* --- filters --- */

typedef enum WfOperandKind { WF_OPERAND_LITERAL, WF_OPERAND_PATH, WF_OPERAND_REGEX } WfOperandKind;

struct WfOperand
{
	WfOperandKind kind;
	json_t	   *literal;		/* for a regular expression its text, with the slashes */
	WfPath	   *path;
};

typedef enum WfFilterKind { WF_FILTER_OR, WF_FILTER_AND, WF_FILTER_NOT, WF_FILTER_EXISTS, WF_FILTER_COMPARE } WfFilterKind;

typedef struct WfComparison WfComparison;

struct WfFilter
{
	WfFilterKind kind;
	int			n;				/* operands of OR and AND (any number), NOT (one) */
	WfFilter  **operands;
	WfOperand	left;			/* EXISTS, COMPARE */
	WfOperand	right;
	const WfComparison *comparison;
};

/* --- parsing: one text, several files --- */

typedef struct WfPathParser
{
	const char *text;
	size_t		length;
	size_t		at;
	int			nesting;		/* filters and function arguments around this place */
	WfError    *error;
} WfPathParser;

/* Reports a problem at the parser's place.  Always false. */
extern bool wf_path_complain(WfPathParser *parser, const char *what);

/* The character at the parser's place, or NUL at the end. */
extern char wf_path_peek(const WfPathParser *parser);
extern void wf_path_skip_blanks(WfPathParser *parser);

/* Reads a string in quotes, undoing escapes.  New, malloc'ed; NULL on error. */
extern char *wf_path_read_quoted(WfPathParser *parser, size_t *length);

/* Reads a path inside another: it ends where its syntax does.  New, or NULL on error. */
extern WfPath *wf_path_read_inner(WfPathParser *parser);

/* Reads a literal or a path.  *operand is empty on error. */
extern bool wf_operand_read(WfPathParser *parser, WfOperand *operand);
extern void wf_operand_clear(WfOperand *operand);

/* Reads a filter between `[?(` and `)]`.  New, or NULL on error. */
extern WfFilter *wf_filter_read(WfPathParser *parser);
extern void wf_filter_free(WfFilter *filter);

/* --- evaluation --- */

typedef struct WfEvaluation
{
	const WfScope *scope;
	json_t	   *document;		/* what `$` means inside filters; borrowed */
	unsigned	visits;			/* how much was looked at: for asking whether to go on */
	int			depth;			/* of the C stack */
	WfError    *error;
} WfEvaluation;

/* Counts a visit; false if it is time to give up (reported). */
extern bool wf_evaluation_visit(WfEvaluation *evaluation);

/* New, or NULL where nothing is (definite paths only).  False on error. */
extern bool wf_path_evaluate(WfEvaluation *evaluation, const WfPath *path, json_t *item, json_t **found);

extern bool wf_filter_evaluate(WfEvaluation *evaluation, const WfFilter *filter, json_t *item, bool *matches);

/* New: an operand's value, or NULL where nothing is.  False on error. */
extern bool wf_operand_evaluate(WfEvaluation *evaluation, const WfOperand *operand, json_t *item, json_t **found);

/* path_function.c; `values` are the arguments' (NULL: nothing there) */
extern bool wf_path_function_find(const char *name, size_t length, WfPathFunction *function);
extern const char *wf_path_function_name(WfPathFunction function);
extern bool wf_path_function_call(WfEvaluation *evaluation, WfPathFunction function, json_t *value,
								  json_t *const *values, int n_values, json_t **result);

#endif
