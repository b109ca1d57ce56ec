/*
 * regex.h - JavaScript's regular expressions, /ab+c/im, by PCRE2.
 *
 * Matching is bounded: an expression that tries ever more ways is a fault (WF_FAULT_TOO_LONG), not a process that hangs.
 */
#ifndef WF_JSONATA_REGEX_H
#define WF_JSONATA_REGEX_H

#include "json/ask.h"
#include "jsonata/buffer.h"

typedef struct WfJsRegex WfJsRegex;

typedef struct WfJsGroup
{
	bool		matched;		/* false: it took no part in the match */
	WfString	string;			/* a view of the text */
} WfJsGroup;

/* A match: a view of its expression, good until that matches again. */
typedef struct WfJsMatch
{
	size_t		start;			/* in bytes */
	size_t		end;
	WfString	string;			/* what has matched */
	size_t		n_groups;
	const WfJsGroup *groups;	/* the first is group 1 */
} WfJsMatch;

/*
 * New, from what stands between the slashes.  NULL with S0301 (empty) or S0303 with the reason (JavaScript has no such
 * expression, or PCRE2 has not).
 */
extern WfJsRegex *wf_js_regex_read(WfString source, bool ignore_case, bool multiline, WfFault *fault);
extern void wf_js_regex_free(WfJsRegex *regex);

/*
 * Lets the processor itself do the matching, where that can be had; otherwise answers false, and all is as before.  What is
 * matched often comes to it by itself.  Matches are the same, and their bounds no wider but for this: an expression may find its match
 * in fewer tries.
 */
extern bool wf_js_regex_make_machine_code(WfJsRegex *regex);

/* Bytes that it takes in memory, about, with its machine code: a few letters ({900}) may come to many. */
extern size_t wf_js_regex_memory(const WfJsRegex *regex);

/* What stood between the slashes. */
extern WfString wf_js_regex_source(const WfJsRegex *regex);

/*
 * The first match at a place (in bytes) or behind it.  What JSONata's functions do with it is theirs to do: behind a match
 * that ends where the text ends they look for no other; an empty one is an error (D1004), unless it is the first
 * and stands there.  ask: is asked at each place where a match is tried, of which a text may have
 * many, and on the way, as often as a repetition comes to an end; NULL for nobody.
 */
extern bool wf_js_regex_match(WfJsRegex *regex, WfString text, size_t from, const WfAsk *ask, bool *found, WfJsMatch *match,
							  WfFault *fault);

/* Writes what $replace puts in a match's place: $0, $1 … stand for the match and its groups, $$ for a dollar. */
extern bool wf_js_regex_replacement(const WfJsMatch *match, WfString replacement, WfBuffer *out);

#endif
