/*
 * jsonata.h - the query and transformation language JSONata: an expression is compiled once and evaluated often.
 *
 * A compiled expression is immutable and shared by all its evaluations.  An evaluation takes JSON under names, borrowed and
 * never changed, and gives new JSON, or nothing (undefined).  It has no I/O but the clock and the dice that its limits
 * may bring; it gives up when one of its limits is reached, and leaves no memory behind, whatever happens.
 */
#ifndef WF_JSONATA_H
#define WF_JSONATA_H

#include <stdint.h>

#include "json/json.h"

typedef struct WfJsonata WfJsonata;

/*
 * What went wrong, in the language's own words: a code (S… in the text, T… a type, D… in the evaluation, U… a limit), and
 * its message.  Where memory is out or the caller has interrupted, `kind` says so and there is no code: neither is the
 * expression's fault.
 */
typedef enum WfJsonataProblem
{
	WF_JSONATA_NO_PROBLEM = 0,
	WF_JSONATA_PROBLEM,			/* of the expression or its data: has a code */
	WF_JSONATA_LIMIT,			/* of depth, time or memory: has a code */
	WF_JSONATA_INTERRUPTED,
	WF_JSONATA_NO_MEMORY
} WfJsonataProblem;

typedef struct WfJsonataError
{
	WfJsonataProblem kind;
	char		code[8];
	int			position;		/* in UTF-16 units, as the language counts; -1: none */
	char	   *token;			/* malloc'ed, or NULL */
	char	   *message;		/* malloc'ed, or NULL where memory is out */
	json_t	   *value;			/* new: the value that is complained of, or NULL */
} WfJsonataError;

#define WF_JSONATA_ERROR_NONE {.position = -1}

extern void wf_jsonata_error_clear(WfJsonataError *error);

/* Which functions there are beside those that every JSONata has. */
typedef enum WfJsonataDialect
{
	WF_JSONATA_STANDARD = 0,	/* with $eval */
	WF_JSONATA_STATES			/* the States Language's: no $eval; $partition $range $hash $random(seed) $uuid $parse */
} WfJsonataDialect;

/* New, or NULL with *error. */
extern WfJsonata *wf_jsonata_parse(const char *text, size_t length, WfJsonataDialect dialect, WfJsonataError *error);
extern void wf_jsonata_free(WfJsonata *expression);

/* Bytes that a compiled expression takes in memory, about. */
extern size_t wf_jsonata_memory(const WfJsonata *expression);

/*
 * What an expression refers to, in the order of its text; for checks before anything runs.  Names that the expression binds
 * itself (`:=`, a function's parameters, `@$`, `#$`) are not among them, where they are bound.
 */
typedef enum WfJsonataUse
{
	WF_JSONATA_VARIABLE,		/* $name, free; `field` is the name that follows at once ($states.input: "input"), or NULL */
	WF_JSONATA_CONTEXT,			/* `$`, or a name, wildcard or descendant on it, where that is the document */
	WF_JSONATA_ROOT,			/* `$$`, wherever it stands */
	WF_JSONATA_CALL,			/* a call of $name, which is not bound in the expression */
	WF_JSONATA_ASSIGNMENT		/* $name := … */
} WfJsonataUse;

typedef struct WfJsonataReference
{
	WfJsonataUse use;
	const char *name;			/* without `$`; of a CONTEXT the field's name, or NULL for `$` itself */
	const char *field;
	int			position;
	bool		is_function;	/* the language has a function of this name */
} WfJsonataReference;

extern int	wf_jsonata_references(const WfJsonata *expression, const WfJsonataReference **references);

/* What an evaluation may take; 0 or NULL: the default, or without one. */
typedef struct WfJsonataLimits
{
	int			depth;			/* evaluations inside each other; default 5000 */
	size_t		stack;			/* bytes of the C stack; default 1 MB */
	size_t		memory;			/* bytes; default 256 MB */
	int64_t		milliseconds;	/* wall time; default: no limit */
	int			items;			/* of an array made by a range; default and at most 10,000,000 */
	bool		(*interrupted) (void *arg);	/* asked every few thousand steps */
	int64_t		(*now) (void *arg);	/* milliseconds since 1970, asked once at most; default: the system's clock */
	bool		(*random_bytes) (void *arg, unsigned char *bytes, size_t n);	/* that nobody can guess; default: the system's */
	void	   *arg;
} WfJsonataLimits;

typedef struct WfJsonataBinding
{
	const char *name;			/* without `$` */
	json_t	   *value;			/* borrowed; NULL: not bound */
} WfJsonataBinding;

typedef enum WfJsonataOutcome
{
	WF_JSONATA_FAILED,			/* *error says why */
	WF_JSONATA_VALUE,			/* *result is new */
	WF_JSONATA_UNDEFINED,		/* nothing; *result is NULL */
	WF_JSONATA_FUNCTION			/* a function, which JSON cannot hold; *result is NULL */
} WfJsonataOutcome;

/*
 * Evaluates.  `input` is the document (`$`, `$$`), NULL for none.  Functions and nothing inside of objects are left out of
 * the result, inside of arrays they become null, as where JSON is written.  A result may be nested more deeply than can be read
 * back (wf_json_too_deep), where it holds parts of what was bound.
 */
extern WfJsonataOutcome wf_jsonata_evaluate(const WfJsonata *expression, json_t *input, const WfJsonataBinding *bindings,
											int n_bindings, const WfJsonataLimits *limits, json_t **result, WfJsonataError *error);

#endif
