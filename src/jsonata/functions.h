/*
 * functions.h - the functions that the language has: functions.def lists them.
 */
#ifndef WF_JSONATA_FUNCTIONS_H
#define WF_JSONATA_FUNCTIONS_H

#include "jsonata/evaluate.h"

/* All of them have the same parameters, whichever they need. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* A call of one of them.  Arguments are as its signature wants them; those that are missing are undefined. */
typedef struct JnCall
{
	JnValue    *arguments;
	int			n;				/* at least as many as the signature has parameters */
	JnValue		context;		/* where it is called */
	JnFrame    *frame;
} JnCall;

typedef bool (*JnRun) (JnEvaluation *evaluation, const JnCall *call, JnValue *result);

typedef struct JnBuiltin
{
	WfString	name;
	JnRun		run;
	const char *signature;		/* NULL: takes what it is given */
	int			arity;			/* how many arguments a function that calls it gives it at most */
	char		dialect;		/* 's': the standard's alone, 'w': the States Language's alone, ' ': both */
} JnBuiltin;

#define JN_FUNCTION(name, run, signature, arity, dialect) \
	extern bool run(JnEvaluation *evaluation, const JnCall *call, JnValue *result);
#include "jsonata/functions.def"
#undef JN_FUNCTION

/* The number of a function, or -1; its value. */
extern int	jn_builtin(WfString name, WfJsonataDialect dialect);
extern JnValue jn_builtin_function(int number);

/* Undefined without memory. */
extern JnValue jn_regex_function(JnArena *arena, struct WfJsRegex *regex);

#endif
