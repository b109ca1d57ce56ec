/*
 * service.h - the service's own actions as tasks: requests and responses in the words of a definition, and the result of a
 * child execution.
 *
 * A definition has the names of fields with a capital (StateMachineArn), the actions with a small letter first
 * (stateMachineArn).  No jansson, no server header.
 */
#ifndef WF_SERVICE_TASK_H
#define WF_SERVICE_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "interpreter/interpreter.h"

struct WfError;

/* Two clients of the service stand behind its tasks, and show: in names of errors, in times, in what is around an answer. */
typedef enum WfServiceClient
{
	WF_OPTIMIZED_CLIENT,		/* arn:…:states:::states:startExecution */
	WF_SDK_CLIENT				/* arn:…:states:::aws-sdk:sfn:… */
} WfServiceClient;

/*
 * New: {"action": "StartExecution", "request": {…}} for an action as a resource names it (startExecution).  Of fields that
 * the service takes as JSON text, a value that is none becomes one.  NULL with *error.
 */
extern WfPayload *wf_service_request(const char *action, WfPayload *parameters, struct WfError *error);

/* New: the response as the task's result; `request_id` is shown.  NULL with *error. */
extern WfPayload *wf_service_response(WfPayload *response, WfServiceClient client, const char *request_id,
									  struct WfError *error);

/*
 * How an error of the service ("StateMachineDoesNotExist", and its text) looks as the task's.  Both malloc'ed; false
 * without memory.
 */
extern bool wf_service_failure(WfServiceClient client, const char *word, const char *text, const char *request_id,
							   char **error, char **cause);

/* How a child execution has ended: what DescribeExecution says of it. */
typedef struct WfChildEnd
{
	const char *arn;
	const char *name;
	const char *state_machine_arn;
	WfExecutionStatus status;
	int64_t		started_at;		/* microseconds since 1970 */
	int64_t		stopped_at;
	int			redrive_count;
	const char *input;			/* compact JSON */
	const char *output;			/* likewise; NULL: none */
	const char *error;			/* NULL: none */
	const char *cause;			/* NULL: none */
} WfChildEnd;

/*
 * The description of the child for who waited for it, compact JSON, malloc'ed; NULL with *error.  parsed (.sync:2): input
 * and output are shown as JSON, not as text in text.
 */
extern char *wf_child_description(const WfChildEnd *end, bool parsed, struct WfError *error);

#endif
