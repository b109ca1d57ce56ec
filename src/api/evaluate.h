/*
 * evaluate.h - trying an expression without a state machine.
 */
#ifndef WF_EVALUATE_H
#define WF_EVALUATE_H

#include "postgres.h"

/*
 * What an expression gives, as compact JSON; palloc'ed.  The expression is a path, a call of an intrinsic function, a query
 * of JSONata between {% and %}, or a template: JSON, in JSONata where a query stands in it, else in JSONPath.  Input,
 * variables and context are JSON texts.  Raises an error where it cannot be read (InvalidDefinition) or fails (a data
 * exception, in the words of the state's failure).
 */
extern char *wf_evaluate(const char *expression, const char *input, const char *variables, const char *context);

#endif
