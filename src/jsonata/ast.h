/*
 * ast.h - a compiled expression: its tree, its names.
 *
 * The parser makes a tree as the text is written; shape.c turns it into what is evaluated: a.b.c becomes one path of
 * three steps, predicates become stages of the step before them, `%` finds the step whose input it means, and calls
 * in tail position are marked.
 */
#ifndef WF_JSONATA_AST_H
#define WF_JSONATA_AST_H

#include "jsonata/error.h"
#include "jsonata/jsonata.h"
#include "jsonata/signature.h"

typedef enum JnNodeType
{
	JN_LITERAL,					/* value */
	JN_REGEX,					/* regex */
	JN_NAME,					/* text */
	JN_VARIABLE,				/* symbol */
	JN_CONTEXT,					/* $ */
	JN_ROOT,					/* $$ */
	JN_WILDCARD,				/* * */
	JN_DESCENDANTS,				/* ** */
	JN_PARENT,					/* %: slot */
	JN_NEGATE,					/* left */
	JN_ARRAY_OF,				/* items */
	JN_OBJECT_OF,				/* items: key, value, key, value … */
	JN_BLOCK,					/* items */
	JN_CONDITION,				/* left ? right : third (or NULL) */
	JN_LAMBDA,					/* parameters, signature, left: the body */
	JN_CALL,					/* left(items) */
	JN_PARTIAL,					/* left(items), of which some are placeholders */
	JN_PLACEHOLDER,				/* ? */
	JN_TRANSFORM,				/* |left|right, third (or NULL)| */
	JN_RANGE,					/* left..right, in [] only */
	JN_ARITHMETIC,				/* operator: + - * / % */
	JN_CONCATENATE,				/* & */
	JN_EQUALITY,				/* operator: = ! */
	JN_ORDER,					/* operator: < > l g */
	JN_AND,
	JN_OR,
	JN_IN,
	JN_DEFAULT,					/* ?: */
	JN_COALESCE,				/* ?? */
	JN_APPLY,					/* left ~> right */
	JN_BIND,					/* $symbol := right */
	JN_PATH,					/* items: steps */
	JN_SORT,					/* a step: items: terms; descending[i] */
	/* Only between parser and shape.c. */
	JN_END,						/* where an operand is missing at the end of the text */
	JN_DOT,
	JN_PREDICATE,				/* left[right] */
	JN_GROUP,					/* left{items} */
	JN_ORDER_BY,				/* left^(items) */
	JN_FOCUS,					/* left@$symbol */
	JN_POSITION					/* left#$symbol */
} JnNodeType;

/* What `%` stands for: the input of the step that is `level` steps before it, which binds it to a symbol of its own. */
typedef struct JnSlot
{
	int			symbol;
	int			level;
} JnSlot;

typedef struct JnSlots
{
	JnSlot	  **items;
	int			n;
	int			capacity;
} JnSlots;

typedef struct JnNode JnNode;

/* [ … ] behind a step: a filter, or the binding of the position. */
typedef struct JnStage
{
	JnNode	   *filter;			/* NULL: binds */
	int			symbol;
} JnStage;

struct JnNode
{
	JnNodeType	type;
	char		operator;
	bool		keep_array;		/* followed by [] */
	bool		whole;			/* an array written in a path's first or last step: stays one */
	bool		tuple;			/* a step that binds variables; a path that gives its bindings to the path around it */
	bool		tail;			/* a call that is the last thing its function does */
	bool		named;			/* a function's procedure that is a plain name: $ forgotten? */
	bool		simple;			/* a name without anything behind it */
	int			position;		/* behind it, in UTF-16 units */
	WfString	text;
	int			symbol;			/* JN_VARIABLE, JN_BIND; of JN_TRANSFORM, $clone's */
	JnValue		value;
	JnNode	   *left;
	JnNode	   *right;
	JnNode	   *third;
	JnNode	  **items;
	int			n_items;
	bool	   *descending;
	int		   *parameters;
	int			n_parameters;
	const JnSignature *signature;
	JnStage    *stages;			/* of a step, or behind any other expression: its predicates */
	int			n_stages;
	JnNode	   *group;			/* JN_OBJECT_OF */
	int			focus;			/* @$symbol: 0 if none */
	int			index;			/* #$symbol */
	JnSlot	   *ancestor;		/* binds its input under the slot's symbol */
	JnSlots		seeking;		/* slots whose step lies before this expression */
	JnSlot	   *slot;			/* of JN_PARENT */
};

/* A name of a variable or function.  Number 0 is none. */
typedef struct JnSymbol
{
	WfString	name;
	int			builtin;		/* number of the function, or -1 */
	bool		bound;			/* somewhere in the expression */
} JnSymbol;

typedef struct JnSymbols
{
	JnSymbol   *items;
	int			n;
	int			capacity;
	JnObject   *index;			/* their numbers by their names */
	bool		all_bound;		/* $eval may bind any */
} JnSymbols;

struct WfJsonata
{
	JnArena		arena;
	WfJsonataDialect dialect;
	JnSymbols	symbols;
	JnNode	   *root;
	WfJsonataReference *references;
	int			n_references;
};

/* The number of a name, which gets one at the first time; -1 without memory. */
extern int	jn_symbol(JnArena *arena, JnSymbols *symbols, WfString name, WfJsonataDialect dialect);

/* The same, 0 if it has none. */
extern int	jn_known_symbol(const JnSymbols *symbols, WfString name);

/* The same symbols in another arena, where others can be added; false without memory. */
extern bool jn_copy_symbols(JnArena *arena, const JnSymbols *symbols, JnSymbols *copy);

/* A text in the arena, whose symbols go on from those that there are; NULL with *error. */
extern JnNode *jn_parse(JnArena *arena, JnSymbols *symbols, WfJsonataDialect dialect, const char *text, size_t length,
						WfJsonataError *error);

/* The tree as it is evaluated; NULL with *error. */
extern JnNode *jn_shape(JnArena *arena, JnSymbols *symbols, JnNode *root, WfJsonataError *error);

extern bool jn_find_references(WfJsonata *expression);

/* Deeper trees are refused; what walks through a tree need not look at its depth. */
#define JN_MAX_NESTING 1000

#endif
