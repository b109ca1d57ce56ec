/*
 * resource.h - what a Task's Resource names, and how its history calls it.
 */
#ifndef WF_RESOURCE_H
#define WF_RESOURCE_H

#include <stdbool.h>

typedef enum WfEventFamily { WF_FAMILY_TASK, WF_FAMILY_LAMBDA, WF_FAMILY_ACTIVITY } WfEventFamily;

typedef enum WfPattern { WF_REQUEST_RESPONSE, WF_SYNC, WF_SYNC2, WF_WAIT_FOR_TASK_TOKEN } WfPattern;

typedef struct WfResource
{
	char	   *text;			/* as written, with its suffix */
	char	   *base;			/* without it: what is looked up and run */
	WfPattern	pattern;
	WfEventFamily family;		/* which events the history gets */
	char	   *type;			/* resourceType: "function", "notify", "sql", "lambda", "sqs", "aws-sdk:sfn"; "" for LAMBDA and ACTIVITY */
	char	   *action;			/* resource in the events: "public.charge", "invoke", "sendMessage.waitForTaskToken"; the whole ARN for LAMBDA, ACTIVITY */
} WfResource;

/*
 * What is behind the service's own actions as tasks: "states:startExecution" and "aws-sdk:sfn:…", of an ARN without its
 * suffix.  Borrowed from it; NULL for any other.
 */
extern const char *wf_resource_own_action(const char *base);

/* True of the action that waits for an activity's task. */
extern bool wf_resource_is_poll(const WfResource *resource);

/* True of an ARN of the service's listing of files, s3:listObjectsV2. */
extern bool wf_resource_is_listing(const char *base);

/* False (with nothing allocated) if the text is no resource at all: neither an ARN nor a known local scheme. */
extern bool wf_resource_parse(const char *text, WfResource *resource);

/* True if the text is a resource: where parsing fails all the same, memory is out. */
extern bool wf_resource_is_valid(const char *text);
extern void wf_resource_free(WfResource *resource);

#endif
