/*
 * credentials.h - a Task's Credentials: as whom it runs.  No jansson, no server header.
 */
#ifndef WF_CREDENTIALS_H
#define WF_CREDENTIALS_H

#include "json/payload.h"

struct WfError;

/*
 * New: what a definition's Credentials came to, {"RoleArn": …}, as history and workers are told it: {"roleArn": …}.  NULL
 * with *error if it names no role.
 */
extern WfPayload *wf_credentials(WfPayload *evaluated, struct WfError *error);

/* Borrowed: the role that such credentials name.  NULL with *error. */
extern const char *wf_credentials_role(WfPayload *credentials, struct WfError *error);

#endif
