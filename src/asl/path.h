/*
 * path.h - JSONPath as the service's library has it, compiled once and evaluated often; and reference paths, which name
 * exactly one place and can be written to.
 */
#ifndef WF_PATH_H
#define WF_PATH_H

#include "asl/scope.h"

typedef struct WfPath WfPath;

/* New, or NULL with WF_INVALID_PATH and what is wrong where.  Takes `$…`, `$$…` (context) and `$name…` (variable). */
extern WfPath *wf_path_parse(const char *text, WfError *error);
extern void wf_path_free(WfPath *path);

extern const char *wf_path_text(const WfPath *path);	/* as it was written; borrowed */
extern bool wf_path_is_reference(const WfPath *path);	/* names one place: no wildcard, slice, filter, union, `..`, function */
extern bool wf_path_is_context(const WfPath *path);		/* begins with `$$` */
extern const char *wf_path_variable(const WfPath *path);	/* the variable's name, or NULL */

/*
 * Finds what the path names.  True: *found is new, or NULL if nothing is there (a definite path only: an indefinite one
 * gives an array, maybe empty).  False: *error says why evaluation could not be done.
 * If nothing is there, also where that gives an empty array, *missing (when not NULL) gets, malloc'ed, what is missing in
 * the library's words: "No results for path: $['a']", "Missing property in path $['a']", or what stands there instead of an
 * object or an array.
 */
extern bool wf_path_get(const WfPath *path, const WfScope *scope, json_t **found, char **missing, WfError *error);

/* *behind: a path that finds nothing names an item behind the end of an array that is there.  False: as above. */
extern bool wf_path_is_behind_end(const WfPath *path, const WfScope *scope, bool *behind, WfError *error);

/*
 * New: `target` with `value` put where a reference path says, missing objects made on the way; target itself is not
 * changed, untouched parts are shared.  NULL with WF_STATES_REFERENCE_PATH_CONFLICT where it cannot be done.
 */
extern json_t *wf_path_set(const WfPath *path, json_t *target, json_t *value, WfError *error);

/* Sets the same error for a reference path that finds nothing in `target`.  Always false. */
extern bool wf_path_conflict(const WfPath *path, const json_t *target, WfError *error);

/* True for a byte that a variable's name may have, at its beginning or further on. */
extern bool wf_is_variable_character(char c, bool first);

#endif
