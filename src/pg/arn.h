/*
 * arn.h - the service's names of things: computed from the setting workflow.arn_prefix, never stored.
 *
 *   <prefix>:stateMachine:<machine>            also :<version or alias>, /<label of a distributed Map>
 *   <prefix>:execution:<machine>:<execution>   a Map Run's child: <machine>/<label>
 *   <prefix>:express:<machine>:<execution>:<UUID>      names of EXPRESS executions are not unique
 *   <prefix>:activity:<activity>
 *   <prefix>:mapRun:<machine>/<label>:<uuid>
 *
 * The prefix itself is arn:<partition>:states:<region>:<account>; unset, arn:pg:states:local:<database>.
 */
#ifndef WF_ARN_H
#define WF_ARN_H

#include "postgres.h"

/* palloc'ed */
extern char *wf_arn_prefix(void);
extern char *wf_arn_region(void);
extern char *wf_arn_state_machine(const char *machine);
extern char *wf_arn_execution(const char *machine, const char *execution);
extern char *wf_arn_express(const char *machine, const char *execution, const char *uuid);
extern char *wf_arn_activity(const char *activity);
extern char *wf_arn_map_runs(const char *machine);	/* what the ARNs of its Map Runs begin with, up to the machine's name */
extern char *wf_arn_map_run(const char *machine, const char *label, const char *uuid);
extern char *wf_arn_role(const char *role);

/* A Lambda function's, by its name: in the region and account of our own prefix; an ARN stays as it is. */
extern char *wf_arn_lambda(const char *function);

/*
 * A log group's, by its name, likewise.  What follows ":log-group:" is its name, with ":*" behind it or not; is_log_group
 * tells whether an ARN has one.
 */
extern char *wf_arn_log_group(const char *name);
extern bool wf_arn_is_log_group(const char *arn);

typedef enum WfArnKind
{
	WF_ARN_NAME,				/* no ARN at all, but a bare name */
	WF_ARN_FOREIGN,				/* of another service, region or account: nothing that could be here */
	WF_ARN_STATE_MACHINE,
	WF_ARN_EXECUTION,
	WF_ARN_ACTIVITY,
	WF_ARN_MAP_RUN
} WfArnKind;

typedef struct WfArn
{
	WfArnKind	kind;
	char	   *name;			/* of the machine or activity; of a WF_ARN_NAME: the name */
	char	   *qualifier;		/* version or alias; NULL: none */
	char	   *label;			/* of a distributed Map; NULL: none */
	char	   *execution;		/* its name; of a WF_ARN_MAP_RUN its UUID; of others NULL */
} WfArn;

/*
 * Takes an ARN, or a bare name, apart; palloc'ed.  Raises InvalidArn if the text is neither, or names a kind of thing
 * other than `wanted` (WF_ARN_STATE_MACHINE, WF_ARN_EXECUTION, WF_ARN_ACTIVITY or WF_ARN_MAP_RUN).
 */
extern void wf_arn_parse(const char *text, WfArnKind wanted, WfArn *arn);

/* The name of the activity that a Task's resource names, "activity:<name>" or an ARN; NULL: none that could be here. */
extern char *wf_arn_activity_name(const char *resource);

/* The role that a role ARN (or a bare role name) names: what follows its last slash; palloc'ed.  Raises InvalidArn. */
extern char *wf_arn_role_name(const char *role_arn);

#endif
