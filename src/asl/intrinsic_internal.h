/*
 * intrinsic_internal.h - a compiled call, and a call in progress, as the intrinsic_*.c files share them.
 */
#ifndef WF_INTRINSIC_INTERNAL_H
#define WF_INTRINSIC_INTERNAL_H

#include "asl/intrinsic.h"

typedef struct WfTerm WfTerm;
typedef struct WfCall WfCall;

/* New: the value, or NULL with a complaint. */
typedef json_t *(*WfIntrinsicFunction) (WfCall *call);

typedef struct WfFunction
{
	const char *word;
	int			min;
	int			max;			/* -1: any number */
	bool		gives_string;
	WfIntrinsicFunction evaluate;
} WfFunction;

typedef enum WfTermKind { WF_TERM_LITERAL, WF_TERM_PATH, WF_TERM_CALL } WfTermKind;

/* An argument, or the whole call. */
struct WfTerm
{
	WfTermKind	kind;
	json_t	   *literal;
	WfPath	   *path;
	const WfFunction *function;
	int			n;
	WfTerm	   *arguments;
};

/* A function's view of its call: how many arguments there are has been looked at. */
struct WfCall
{
	const WfTerm *term;
	json_t	  **values;			/* of the arguments; borrowed */
	const WfScope *scope;
	WfError    *error;
};

/* What a function says: NULL for all of them.  The last is for where memory ran out. */
extern json_t *wf_call_invalid(WfCall *call);	/* "Invalid arguments in States.X" */
extern json_t *wf_call_complain(WfCall *call, const char *what);	/* "Invalid arguments in States.X: what" */
extern json_t *wf_call_no_memory(WfCall *call);

/* A new value, or memory ran out. */
extern json_t *wf_call_give(WfCall *call, json_t *value);

/* Counts work; false if it is time to give up (reported). */
extern bool wf_call_goes_on(WfCall *call, unsigned *work);

/*
 * An argument's text, malloc'ed: Java's, but for what States.StringToJson gave, which reads as JSON.  NULL without memory, or
 * too deep (reported).
 */
extern char *wf_call_text(WfCall *call, int i, size_t *length);

/* A number cut off to a whole one, toward zero; false for what is no number, or does not fit. */
extern bool wf_call_integer(const json_t *value, json_int_t *integer);

#define WF_INTRINSIC(word, min, max, gives_string, function) extern json_t *wf_intrinsic_##function(WfCall *call);
#include "asl/intrinsics.def"
#undef WF_INTRINSIC

#endif
