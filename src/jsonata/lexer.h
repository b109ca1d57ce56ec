/*
 * lexer.h - the words of an expression, one at a time: whether `/` divides or begins a regular expression, the parser knows.
 */
#ifndef WF_JSONATA_LEXER_H
#define WF_JSONATA_LEXER_H

#include "jsonata/error.h"

typedef enum JnTokenType
{
	JN_TOKEN_END,
	JN_TOKEN_OPERATOR,			/* kind: its first byte, or one of those below */
	JN_TOKEN_NAME,
	JN_TOKEN_QUOTED_NAME,
	JN_TOKEN_VARIABLE,
	JN_TOKEN_STRING,
	JN_TOKEN_NUMBER,
	JN_TOKEN_VALUE,				/* true false null */
	JN_TOKEN_REGEX
} JnTokenType;

/* Operators of two bytes, and those that are words. */
enum JnOperator
{
	JN_OP_RANGE = 128,
	JN_OP_BIND,
	JN_OP_NOT_EQUAL,
	JN_OP_GREATER_EQUAL,
	JN_OP_LESS_EQUAL,
	JN_OP_DESCENDANTS,
	JN_OP_APPLY,
	JN_OP_DEFAULT,
	JN_OP_COALESCE,
	JN_OP_AND,
	JN_OP_OR,
	JN_OP_IN,
	JN_OP_MAX
};

typedef struct JnToken
{
	JnTokenType type;
	unsigned char kind;
	int			position;
	WfString	text;			/* as it stands there; of strings and quoted names, what they mean */
	double		number;
	JnValue		value;
	bool		ignore_case;	/* a regular expression's flags */
	bool		multiline;
} JnToken;

typedef struct JnLexer
{
	JnArena    *arena;
	const char *begin;
	const char *at;
	const char *end;
	const char *counted;		/* up to here … */
	int			units;			/* … it is so many UTF-16 units */
	WfJsonataError *error;
} JnLexer;

/* False with the lexer's *error.  operand: a value is expected, no operator. */
extern bool jn_lexer_next(JnLexer *lexer, bool operand, JnToken *token);

/* The position of a place, not before one that was asked for. */
extern int	jn_lexer_position(JnLexer *lexer, const char *at);

#endif
