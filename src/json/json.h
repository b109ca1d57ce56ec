/*
 * json.h - jansson, behind one header.
 *
 * Nothing else includes <jansson.h>.  Two traps, both verified: the PostgreSQL server exports a function json_object()
 * of its own, to which a call of jansson's would bind at run time, and crash; and <jansson.h> does not compile beside
 * utils/builtins.h.  Hence objects are made with wf_json_object(), and the name is poisoned below.  Server code that
 * needs builtins.h includes payload.h only, which shows json_t as an incomplete type.
 *
 * Ownership is said for every function that returns JSON: "new" (the caller must json_decref), "borrowed" or "steals".
 */
#ifndef WF_JSON_H
#define WF_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "asl/error.h"
#include "json/ask.h"

#if defined(__GNUC__)
#pragma GCC poison json_object
#endif

/* New: an empty object, or NULL without memory. */
extern json_t *wf_json_object(void);

/*
 * New: the value of a JSON text (any JSON value), or NULL with the problem in *error (WF_INVALID_JSON, or
 * WF_NUMBER_OUT_OF_RANGE with the number in the cause).  `duplicates` says whether a key may stand twice in one object
 * (the last one wins, as for the service); definitions are read with false.  Depth is bounded (WF_JSON_MAX_DEPTH).
 */
extern json_t *wf_json_parse(const char *text, size_t length, bool duplicates, WfError *error);

/* The same, of a text that may be long; NULL without a problem where it is told to stop. */
extern json_t *wf_json_parse_asking(const char *text, size_t length, bool duplicates, const WfAsk *ask, WfError *error);

#define WF_JSON_MAX_DEPTH 1000

/*
 * True if a value would be nested too deeply (WF_JSON_MAX_DEPTH) once it stands inside `above` further levels: its text
 * could not be read back.  To be asked whenever values are put into new containers.
 */
extern bool wf_json_too_deep(const json_t *value, int above);

/* Takes what a value's text needs, without escapes, off *room; false where that is not enough. */
extern bool wf_json_fits(const json_t *value, size_t *room);

/* Like wf_json_too_deep, of a JSON text. */
extern bool wf_json_text_is_too_deep(const char *text, size_t length);

/*
 * The compact JSON text of a value, keys in their order, malloc'ed; NULL without memory, or too deep.  Numbers by number.c's rules:
 * the shortest text that reads back as the same number.  Non-ASCII characters stay UTF-8.
 */
extern char *wf_json_text(const json_t *value, size_t *length);

/* Bytes that a value takes in memory, about: what jansson and malloc add to it is known roughly. */
#define WF_JSON_COST_OF_OBJECT 224
#define WF_JSON_COST_OF_MEMBER 96		/* and its key */
#define WF_JSON_COST_OF_ARRAY 64
#define WF_JSON_COST_OF_PLACE 16		/* of an array's item */
#define WF_JSON_COST_OF_STRING 80		/* and its bytes */
#define WF_JSON_COST_OF_VALUE 32		/* of any other */

extern size_t wf_json_memory(const json_t *value);

/* Equality as the language has it: 1 equals 1.0; the order of keys does not matter. */
extern bool wf_json_equal(const json_t *a, const json_t *b);

/* New: a shallow merge; keys of b win. */
extern json_t *wf_json_merge(const json_t *a, const json_t *b);

/*
 * New: a copy of `value` whose containers may be changed freely down to the leaves.  Payloads are shared and never
 * changed in place; whoever builds on one copies what it touches.
 */
extern json_t *wf_json_copy(const json_t *value);

/*
 * New: a container with the same items, which are shared.  (jansson's own json_copy gives an incomplete one where memory
 * runs out.)
 */
extern json_t *wf_json_copy_level(const json_t *container);

#endif
