/*
 * error.h - errors by their code, with the language's words (errors.def).
 */
#ifndef WF_JSONATA_ERROR_H
#define WF_JSONATA_ERROR_H

#include "jsonata/jsonata.h"
#include "jsonata/value.h"

/* What a message names. */
typedef struct JnDetails
{
	int			position;		/* 0: none */
	WfString	token;
	JnValue		literal;		/* the token, where it is a number, true, false or null */
	JnValue		value;
	JnValue		value2;
	int			index;
	WfString	message;		/* of $error and $assert */
} JnDetails;

/* Sets an error, replacing none that is there; returns false. */
extern bool jn_error_set(WfJsonataError *error, const char *code, const JnDetails *details);

/* The same, of an error that is of no code. */
extern bool jn_problem_set(WfJsonataError *error, WfJsonataProblem problem);

/*
 * Writes a value as JSON.stringify does, functions as "".  rounded: numbers with 15 digits, as $string writes them.  False
 * (a fault of the buffer, or D1001 for a number that is none) if it could not.  ask: NULL for nobody.
 */
extern bool jn_write(WfBuffer *buffer, JnValue value, bool rounded, bool pretty, const WfAsk *ask);

#endif
