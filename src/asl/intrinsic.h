/*
 * intrinsic.h - calls of intrinsic functions: States.Format('{} has {}', $.name, States.ArrayLength($.items)).
 *
 * What they do beyond the documentation was observed on the service (docs/language.md lists it): it is written in Java,
 * and that shows.
 */
#ifndef WF_INTRINSIC_H
#define WF_INTRINSIC_H

#include "asl/path.h"

typedef struct WfIntrinsic WfIntrinsic;

/* New: a call, or NULL with WF_INVALID_PATH and what is wrong where in its syntax. */
extern WfIntrinsic *wf_intrinsic_parse(const char *text, WfError *error);
extern void wf_intrinsic_free(WfIntrinsic *intrinsic);

extern bool wf_intrinsic_gives_string(const WfIntrinsic *intrinsic);	/* always, or it may, as ArrayGetItem */

/*
 * What is certain to fail whenever this is evaluated, in a static text that says so; NULL: nothing.  The service accepts
 * such a definition.
 */
extern const char *wf_intrinsic_doubt(const WfIntrinsic *intrinsic);

/* New: its value; NULL with WF_STATES_RUNTIME, which is not caught, or with what gives the whole step up. */
extern json_t *wf_intrinsic_evaluate(const WfIntrinsic *intrinsic, const WfScope *scope, WfError *error);

#endif
