/*
 * scope.h - what an expression can see, and the few things that evaluation needs from the outside world.
 */
#ifndef WF_SCOPE_H
#define WF_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/json.h"

/* Given by whoever runs the interpreter: the plain-C half has no clock, no dice and no signals of its own. */
typedef struct WfHost
{
	void	   *arg;
	int64_t		(*now) (void *arg);			/* microseconds since 1970-01-01 UTC */
	double		(*random) (void *arg);		/* uniform in [0, 1) */
	bool		(*random_bytes) (void *arg, unsigned char *bytes, size_t n);	/* that nobody can guess; false: none to be had */
	bool		(*interrupted) (void *arg); /* true: give up with WF_INTERRUPTED; asked often, must be cheap */
	size_t		stack;			/* bytes of the C stack that an expression may take; 0: as many as it thinks fit */
} WfHost;

typedef struct WfScope
{
	json_t	   *input;			/* `$`; borrowed */
	json_t	   *(*context) (void *arg, WfError *error); /* `$$`: borrowed, made at the first use; NULL on error */
	void	   *context_arg;
	json_t	   *variables;		/* `$name`: an object, or NULL where there are none; borrowed */
	json_t	   *result;			/* of the state's work; NULL where there is none (JSONata's $states.result) */
	json_t	   *error_output;	/* in a Catcher; NULL elsewhere (JSONata's $states.errorOutput) */
	size_t		max_size;		/* bytes that a value may grow to on its way; 0: without a bound */
	const WfHost *host;
	int64_t    *spent;			/* microseconds that queries have taken of the time that they share; NULL: each has its own */
} WfScope;

#endif
