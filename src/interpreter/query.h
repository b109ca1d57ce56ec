/*
 * query.h - what a task of `sql:query` is given, taken apart for whoever runs the query.  No jansson, no server header.
 */
#ifndef WF_QUERY_H
#define WF_QUERY_H

#include <stdbool.h>

#include "json/payload.h"

struct WfError;

/*
 * {"Query": "… $1 …", "Parameters": […]}.  *query is malloc'ed.  *values is new: an object with the parameters under their
 * numbers, "1" and so on, in their order; n is how many there are.  False with WF_STATES_RUNTIME if it is not that.
 */
extern bool wf_query_request(WfPayload *input, char **query, WfPayload **values, int *n, struct WfError *error);

#endif
