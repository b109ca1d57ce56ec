/*
 * pcre.h - PCRE2 with bounds, behind both of the languages' regular expressions.
 *
 * Matching is bounded: an expression that tries ever more ways ends in an error, not in a process that hangs.
 */
#ifndef WF_PCRE_H
#define WF_PCRE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>

/* How often one match may try. */
#define WF_PCRE_MATCH_LIMIT 1000000

typedef struct WfPcreMatcher
{
	pcre2_match_data *data;
	pcre2_match_context *context;
} WfPcreMatcher;

/* New: newline is one of PCRE2_NEWLINE_…, 0 for what is PCRE2's own.  NULL with PCRE2's problem, PCRE2_ERROR_HEAP_FAILED without memory. */
extern pcre2_code *wf_pcre_compile(const char *text, size_t length, uint32_t options, uint32_t newline, int *problem);

/* What matches need, with room for so many groups and the match itself.  False without memory. */
extern bool wf_pcre_matcher_make(WfPcreMatcher *matcher, uint32_t pairs);
extern void wf_pcre_matcher_release(WfPcreMatcher *matcher);

/* True if a match has ended in a bound. */
extern bool wf_pcre_gave_up(int result);

#endif
