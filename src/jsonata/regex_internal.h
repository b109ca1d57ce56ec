/*
 * regex_internal.h - between the translator of regular expressions and what matches with them.
 */
#ifndef WF_JSONATA_REGEX_INTERNAL_H
#define WF_JSONATA_REGEX_INTERNAL_H

#include "jsonata/regex.h"

/* PCRE2's own bound on groups within groups. */
#define WF_JS_REGEX_MAX_DEPTH 250

/* PCRE2 calls back wherever a repetition without a narrow bound has come to an end, and again for each that it then goes back to. */
#define WF_JS_REGEX_CALL_BEHIND_REPETITION "(?C2)"

/*
 * Writes a JavaScript expression in PCRE2's spelling, to be compiled with PCRE2_DOTALL; *n_groups: how many it captures.
 * What JavaScript refuses is refused (S0303, with the reason as its value), and what PCRE2 lacks.
 */
extern bool wf_js_regex_translate(WfString source, bool ignore_case, bool multiline, WfBuffer *out, uint32_t *n_groups);

#endif
