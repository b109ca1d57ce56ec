/*
 * intrinsic.h - calls of intrinsic functions, States.Format('{}', $.name): what is a well-formed one.
 *
 * This version reads them, so that definitions that use them are accepted, but does not evaluate them.
 */
#ifndef WF_INTRINSIC_H
#define WF_INTRINSIC_H

#include "asl/path.h"

/*
 * True if the text is one call, well formed, of a known function with arguments that fit; *gives_string (when not NULL)
 * then says whether it gives a string.  False with WF_INVALID_PATH and what is wrong where.
 */
extern bool wf_intrinsic_check(const char *text, bool *gives_string, WfError *error);

#endif
