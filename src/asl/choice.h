/*
 * choice.h - the rules of a Choice state: And, Or, Not and the 39 comparison operators, which are rows of one table.
 */
#ifndef WF_CHOICE_H
#define WF_CHOICE_H

#include "asl/path.h"

typedef struct WfCondition WfCondition;

/* New: a rule's condition, or NULL with the problem in *error and its JSON pointer below `rule` in *location. */
extern WfCondition *wf_condition_parse(json_t *rule, char **location, WfError *error);
extern void wf_condition_free(WfCondition *condition);

/* True: *matches holds the answer.  False: *error (States.Runtime where a path finds nothing). */
extern bool wf_condition_evaluate(const WfCondition *condition, const WfScope *scope, bool *matches, WfError *error);

/* True if `word` is one of the 39 operators. */
extern bool wf_choice_operator_exists(const char *word);

/* True if a string is a pattern for StringMatches: no backslash but before `*` and `\\`. */
extern bool wf_choice_pattern_is_valid(const char *pattern);

#endif
