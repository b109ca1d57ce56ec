/*
 * path_internal.h - a compiled path, as the path_*.c files share it.
 *
 * A path is a root and a row of steps.  A path inside a filter is a path too; its root is the item under test (`@`) or
 * the document (`$`).
 *
 * A step is *definite* if it leads to one place at most.  A path of definite steps only gives a value or nothing; any
 * other gives an array.  Several names at the very end are definite: they give one object with those members.
 *
 * Reading: path_text.c has the text, path_literal.c and path_regex.c what stands in it by itself, path.c the path that
 * grows; path_bracket.c, path_call.c, path_operand.c and path_filter.c read the kinds of steps, path_parse.c the whole.
 * Evaluation: path_eval.c follows the steps, path_function.c calls functions, path_filter.c asks path_compare.c, and
 * path_explain.c says what is missing.  path_set.c writes, path_end.c asks about the end of an array.
 *
 * The rules are those of the library which the service uses, to the letter: where they look odd, they are meant.
 */
#ifndef WF_PATH_INTERNAL_H
#define WF_PATH_INTERNAL_H

#include "asl/path.h"
#include "json/growing_text.h"

/* Bounds on recursion, which the stack must bear: steps of one path, filters within filters. */
#define WF_PATH_MAX_STEPS 1000
#define WF_PATH_MAX_NESTING 20

typedef struct WfFilter WfFilter;
typedef struct WfOperand WfOperand;
typedef struct WfRegex WfRegex;

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
	WF_FUNCTION_COUNT			/* also: there is no function of that name */
} WfPathFunction;

typedef struct WfStep
{
	WfStepKind	kind;
	bool		definite;
	bool		upstream_definite;	/* all steps before are */
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
			char	   *name;	/* which need not be one of a function: that is found out when it is called */
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
	json_t	   *literal;
	WfPath	   *path;
	WfRegex    *regex;
};

typedef enum WfFilterKind { WF_FILTER_OR, WF_FILTER_AND, WF_FILTER_NOT, WF_FILTER_EXISTS, WF_FILTER_COMPARE } WfFilterKind;

typedef struct WfComparison WfComparison;

struct WfFilter
{
	WfFilterKind kind;
	int			n;				/* operands of OR and AND (any number), NOT (one) */
	WfFilter  **operands;
	bool		should_exist;	/* EXISTS */
	WfOperand	left;			/* EXISTS, COMPARE */
	WfOperand	right;
	const WfComparison *comparison;
};

/* --- path_text.c: the text that is read --- */

/*
 * A text that is read, which may be part of a larger one: what stands in a filter or in a function's parentheses is cut
 * out and read by itself.  Positions in messages count from the part's beginning.
 */
typedef struct WfPathParser
{
	const char *text;
	size_t		size;			/* of the text */
	size_t		length;			/* up to here it is read; behind are blanks and what encloses it */
	size_t		at;
	int			nesting;		/* filters and function arguments around this place */
	bool		final;			/* what has been reported ends all: nothing else is tried in its place */
	WfError    *error;
} WfPathParser;

/* Reports a problem.  Always false. */
extern bool wf_path_complain(WfPathParser *parser, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reports that a character behind the text's end was asked for.  Always false. */
extern bool wf_path_complain_of_end(WfPathParser *parser, size_t at);

/* A byte's place in characters, as messages count. */
extern int	wf_path_position(const WfPathParser *parser, size_t at);

/* How many bytes so many characters at a place have; fewer are there at the end. */
extern int	wf_path_characters(const WfPathParser *parser, size_t at, int n);

/* The byte at the parser's place, or NUL at the end of the text. */
extern char wf_path_peek(const WfPathParser *parser);
extern void wf_path_skip_blanks(WfPathParser *parser);

/* The next character behind a place that is no blank, or a blank if there is none. */
extern char wf_path_significant(const WfPathParser *parser, size_t at);

/* The place of that character, if it is this one; else 0, where it never is. */
extern size_t wf_path_find_significant(const WfPathParser *parser, size_t at, char c);

/* The place of the next quote or slash like the one at `at`, an escaped one not counting; `length` if there is none. */
extern size_t wf_path_find_unescaped(const WfPathParser *parser, size_t at, char c);

/*
 * The place of the bracket that closes the one at `at`; what stands in quotes, and in slashes if so wished, does not count.
 * `length` if there is none.  False: a quote is not closed (reported).
 */
extern bool wf_path_find_closing(WfPathParser *parser, size_t at, char open, char close, bool slashes, size_t *place);

/* New: a copy of a part of a text; NULL without memory (reported). */
extern char *wf_path_copy(WfPathParser *parser, const char *text, size_t length);

/* --- path_literal.c: values in it --- */

/*
 * New, malloc'ed: a text with its escapes undone.  NULL on error.  A backslash before `kept` (NUL: none) stays: in a name
 * that is the other kind of quote, before which the service, unlike the library, takes the backslash as a character.
 */
extern char *wf_path_unescape(WfPathParser *parser, const char *text, size_t length, char kept, size_t *result_length);

/* New: the JSON of a literal, read as permissively as the library does: 'a', [a, 'b',]. NULL on error. */
extern json_t *wf_path_read_json(WfPathParser *parser, const char *text, size_t length);

/* New: a number as the library's decimals have it; NULL with *valid false if it is none. */
extern json_t *wf_path_read_number(const char *text, size_t length, bool *valid, WfError *error);

/* --- path.c: a path as it grows --- */

/* New: an empty step at the path's end, or NULL on error. */
extern WfStep *wf_path_add_step(WfPathParser *parser, WfPath *path, WfStepKind kind);

/* Adds a name to a step; takes over the malloc'ed text. */
extern bool wf_path_add_name(WfPathParser *parser, WfStep *step, char *name, size_t length);

/* Tells what the steps make of the path and of each other: what is definite, and whether it is a reference path. */
extern void wf_path_classify(WfPath *path);

/* --- steps: path_bracket.c, path_call.c, path_parse.c --- */

/* Reads a step in brackets, from the opening one up to behind the closing one. */
extern bool wf_path_read_bracket(WfPathParser *parser, WfPath *path);

/* Reads name(…), at the name's beginning; `open` is the parenthesis' place. */
extern bool wf_path_read_call(WfPathParser *parser, WfPath *path, size_t open);

/* ..a.b.f() is f() of all that `..a.b` finds: what stands before the first function becomes its only argument. */
extern bool wf_path_turn_scan_around(WfPathParser *parser, WfPath *path);

/* Reads a path inside another, trimmed or as it is.  New, or NULL on error. */
extern WfPath *wf_path_read_inner(WfPathParser *parser, const char *text, size_t length, bool trim);

/* --- filters: path_regex.c, path_operand.c, path_filter.c; their evaluation is below --- */

/* A regular expression and its flags.  New, or NULL on error. */
extern WfRegex *wf_regex_read(WfPathParser *parser, const char *text, size_t length, const char *flags, size_t n_flags);
extern void wf_regex_free(WfRegex *regex);

/*
 * Reads one side of a comparison; a text without quotes only on the right.  *negated: a `!` stands before it, which only a
 * path may have.  *operand holds nothing on error.
 */
extern bool wf_operand_read(WfPathParser *parser, WfOperand *operand, bool right, bool *negated);
extern void wf_operand_clear(WfOperand *operand);

/* Reads a filter, `[?(…)]`.  New, or NULL on error. */
extern WfFilter *wf_filter_read(WfPathParser *outer, const char *text, size_t length);
extern void wf_filter_free(WfFilter *filter);

/* --- evaluation --- */

/* Why an evaluation ended early.  Filters take an absence or a wrong use for "no"; functions' errors end all. */
typedef enum WfStop
{
	WF_STOP_ERROR,				/* *error says why */
	WF_STOP_ABSENT,				/* something is not there */
	WF_STOP_INVALID,			/* the path cannot be applied to this */
	WF_STOP_BOUNDS				/* a function asked for an item beyond the array */
} WfStop;

typedef enum WfStopReason
{
	WF_NO_RESULTS,				/* ABSENT */
	WF_PROPERTY_MISSING,
	WF_NOT_AN_OBJECT,
	WF_ARRAY_IS_NULL,
	WF_NOT_AN_ARRAY,
	WF_FILTERED_PRIMITIVE,		/* INVALID */
	WF_UNKNOWN_FUNCTION,
	WF_WRONG_OPERAND,
	WF_OUT_OF_BOUNDS			/* BOUNDS */
} WfStopReason;

typedef struct WfEvaluation
{
	const WfScope *scope;
	json_t	   *document;		/* what `$` means inside filters; borrowed */
	unsigned	visits;			/* how much was looked at: for asking whether to go on */
	int			depth;			/* of the C stack */
	bool		require;		/* names must be there: a filter asks whether something exists */
	WfError    *error;

	/* of the last function that returned false */
	WfStop		stop;
	WfStopReason reason;
	const WfPath *stop_path;
	int			stop_step;
	json_t	   *stop_value;		/* owned: what stood there */
	int			stop_index;		/* BOUNDS */
	int			stop_size;

	void	   *regex_scratch;	/* path_regex.c */
} WfEvaluation;

/* Counts visits; false if it is time to give up (reported), which is asked once for so many. */
#define WF_VISITS_PER_QUESTION 1024

extern bool wf_evaluation_ask(WfEvaluation *evaluation);

static inline bool
wf_evaluation_visit(WfEvaluation *evaluation, unsigned n)
{
	evaluation->visits += n;
	return evaluation->visits % WF_VISITS_PER_QUESTION >= n || wf_evaluation_ask(evaluation);
}

/* Says why evaluation ends here.  Always false. */
extern bool wf_evaluation_stop(WfEvaluation *evaluation, WfStop stop, WfStopReason reason, const WfPath *path, int step,
							   json_t *value);

/* Forgets why, since whoever called can go on.  Always true. */
extern bool wf_evaluation_go_on(WfEvaluation *evaluation);

/* path_explain.c.  New, malloc'ed: why evaluation ended, in the library's words.  NULL without memory. */
extern char *wf_evaluation_explain(const WfEvaluation *evaluation);

/* Adds the text of a value as the library's language writes it into other texts: {a=1, b=[1,"x"]}.  False without memory. */
extern bool wf_spell_value(WfText *text, const json_t *value);

/* New, starting at a value.  False: evaluation->stop says why. */
extern bool wf_path_evaluate(WfEvaluation *evaluation, const WfPath *path, json_t *start, json_t **found);

/* --- path_compare.c --- */

/* One side of a comparison. */
typedef struct WfSide
{
	json_t	   *value;			/* NULL: a regular expression, or a path that finds nothing */
	const WfRegex *regex;
	bool		literal;		/* written in the filter, and borrowed from there */
} WfSide;

/* True for what operators that are no words consist of. */
extern bool wf_is_operator_sign(char c);

/* The operator of that name, in letters of any case; NULL: there is none. */
extern const WfComparison *wf_comparison_find(const char *word, size_t length);

/* False: it cannot be compared (evaluation->stop). */
extern bool wf_compare(WfEvaluation *evaluation, const WfComparison *comparison, const WfSide *left, const WfSide *right,
					   bool *answer);

/* --- path_filter.c --- */

extern bool wf_filter_accepts(WfEvaluation *evaluation, const WfFilter *filter, json_t *item, bool *accepts);

extern bool wf_regex_matches(WfEvaluation *evaluation, const WfRegex *regex, const char *text, size_t length, bool *matches);
extern void wf_regex_release(WfEvaluation *evaluation);

/* path_function.c; `values` are the arguments' */
extern WfPathFunction wf_path_function_find(const char *name, size_t length);
extern bool wf_path_function_call(WfEvaluation *evaluation, const WfPath *path, int step, json_t *value,
								  json_t *const *values, json_t **result);

#endif
