/*
 * template.h - payload templates: JSON in which a field whose name ends in `.$` is computed (JSONPath), or any string
 * between {% and %} (JSONata).  Compiled with the definition.
 *
 * Expressions are the extension point: a path is one kind, an intrinsic function another, a query of JSONata a third.  Each
 * kind is a row of the table in expression.c and a file of its own.
 */
#ifndef WF_TEMPLATE_H
#define WF_TEMPLATE_H

#include "asl/intrinsic.h"
#include "asl/jsonata.h"

typedef struct WfExpression WfExpression;
typedef struct WfTemplate WfTemplate;

/* New: the expression in a `.$` field's text (a path, or an intrinsic function's call), or NULL with WF_INVALID_PATH. */
extern WfExpression *wf_expression_parse(const char *text, WfError *error);

/* New: the query in a string between {% and %}, which stands at `place` in its state; NULL with WF_INVALID_QUERY. */
extern WfExpression *wf_expression_parse_query(const char *text, const WfPlace *place, WfError *error);
extern void wf_expression_free(WfExpression *expression);
extern const char *wf_expression_text(const WfExpression *expression);
extern const WfPath *wf_expression_path(const WfExpression *expression);	/* NULL if it is no path; borrowed */
extern const WfIntrinsic *wf_expression_intrinsic(const WfExpression *expression);	/* likewise */
extern const WfQuery *wf_expression_query(const WfExpression *expression);	/* likewise */

/* New: its value.  `field` is how messages name the place ("value.$").  NULL with *error. */
extern json_t *wf_expression_evaluate(const WfExpression *expression, const WfScope *scope, const char *field,
									  WfError *error);

/*
 * New: a template, or NULL with WF_INVALID_PATH and in *location (malloc'ed, when not NULL) the place, below the
 * template, of the field that is wrong.  `source` is borrowed and kept by reference.
 */
extern WfTemplate *wf_template_parse(json_t *source, char **location, WfError *error);

/* The same in JSONata; any JSON is one.  `place` is where it stands in its state. */
extern WfTemplate *wf_template_parse_queries(json_t *source, const WfPlace *place, WfError *error);
extern const WfQuery *wf_template_query(const WfTemplate *template_);	/* if it is one as a whole; borrowed; NULL */
extern const WfQuery *wf_template_member_query(const WfTemplate *template_, const char *name);	/* if a member of it is one; likewise */
extern void wf_template_free(WfTemplate *template_);

/* New: the template filled in.  NULL with *error. */
extern json_t *wf_template_evaluate(const WfTemplate *template_, const WfScope *scope, WfError *error);

#endif
