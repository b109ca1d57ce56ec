/*
 * jsonata.h - a JSONata expression as the value of a state's field, "{% … %}": what it can see, what it may take, and what
 * is said where it fails.  The language itself is src/jsonata.
 */
#ifndef WF_ASL_JSONATA_H
#define WF_ASL_JSONATA_H

#include "asl/place.h"
#include "asl/scope.h"
#include "jsonata/jsonata.h"

typedef struct WfQuery WfQuery;

/* True for a string that begins with {% and ends with %}, and so is an expression. */
extern bool wf_is_query(const char *text);

/*
 * New: the expression in such a string, or NULL with WF_INVALID_QUERY: the language's own message, its code and position.  `place` is where it
 * stands in its state: the field that its failures name.
 */
extern WfQuery *wf_query_parse(const char *text, const WfPlace *place, WfError *error);
extern void wf_query_free(WfQuery *query);
extern const char *wf_query_text(const WfQuery *query);	/* without its brackets and the blanks inside them */
extern const char *wf_query_location(const WfQuery *query);	/* "Output/a[0]" */
extern int	wf_query_references(const WfQuery *query, const WfJsonataReference **references);

/* False with WF_INVALID_QUERY: it refers to a document, which no query has (asl/check_query.c). */
extern bool wf_query_check(const WfQuery *query, WfError *error);

/* New: its value.  NULL with *error: where the expression fails, WF_STATES_QUERY_EVALUATION_ERROR and the location. */
extern json_t *wf_query_evaluate(const WfQuery *query, const WfScope *scope, WfError *error);

/* The value is of another type than the field's: says so.  False. */
extern bool wf_query_refuse(const WfQuery *query, const json_t *value, const char *expected, WfError *error);

#endif
