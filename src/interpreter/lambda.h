/*
 * lambda.h - the envelope of the resource arn:aws:states:::lambda:invoke, for whoever runs a function in its place.
 *
 * A Task on a function's own ARN needs none of it: there input and result are the payload.  No jansson, no server header.
 */
#ifndef WF_LAMBDA_H
#define WF_LAMBDA_H

#include <stdbool.h>

#include "json/payload.h"

struct WfError;

/*
 * Takes a task's parameters apart.  *function is malloc'ed: a name or an ARN, as it was given, with the Qualifier behind
 * it if there is one; *payload is new: an absent
 * or null Payload is {}, a Payload that is a string is JSON text and parsed.  False with WF_INVALID_JSON if that text is
 * no JSON (the service's Lambda.InvalidRequestContentException), WF_STATES_RUNTIME if FunctionName is missing.
 */
extern bool wf_lambda_request(WfPayload *parameters, char **function, WfPayload **payload, struct WfError *error);

/* True if the function shall not be run (InvocationType DryRun). */
extern bool wf_lambda_is_dry_run(WfPayload *parameters, struct WfError *error);

/*
 * New: the task's output for what the function returned; `parameters` as above, `request_id` is shown.  Nobody waits for the
 * result of an Event or a DryRun: it is not shown, and may be NULL.  NULL with *error.
 */
extern WfPayload *wf_lambda_response(WfPayload *parameters, WfPayload *result, const char *request_id,
									 struct WfError *error);

#endif
