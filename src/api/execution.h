/*
 * execution.h - what can be done with executions: the operations behind both faces.
 */
#ifndef WF_API_EXECUTION_H
#define WF_API_EXECUTION_H

#include "api/call.h"
#include "store/history.h"

typedef struct WfStart
{
	const char *state_machine;	/* name or ARN */
	const char *name;			/* NULL: one is made */
	const char *input;			/* JSON text; NULL: {} */
	const char *trace_header;	/* NULL: none */
} WfStart;

/* What was started, or found to be running under this name with this input: id, name, started_at. */
extern void wf_start(const WfStart *start, WfStateMachine *machine, WfExecutionInfo *info);

/* Asks for the execution's end; returns when.  One that has ended is left as it is. */
extern TimestampTz wf_stop(const WfExecutionReference *reference, const char *error, const char *cause);

extern void wf_describe(const WfExecutionReference *reference, WfStateMachine *machine, WfExecutionInfo *info);

/* The ARN of what was described. */
extern char *wf_described_arn(const WfStateMachine *machine, const WfExecutionInfo *info);

/* See wf_execution_list. */
extern int	wf_list(const char *state_machine, const char *status, int64 before_id, TimestampTz before_time, int limit,
					WfStateMachine *machine, WfExecutionInfo **list);

/* See wf_history_list; an execution that nobody has begun yet shows the event that its start will write. */
extern int	wf_history(const WfExecutionReference *reference, int from, bool reverse, int limit, WfStoredEvent **list);

#endif
