/*
 * credentials.c - a Task's Credentials: another role than the machine's, which the machine's role may take.
 *
 * The task is run by a worker of the machine's role, whose session and settings it has; what it may do is the other role's.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"

#include "interpreter/credentials.h"
#include "pg/compat.h"
#include "pg/core.h"
#include "task/task.h"

/* The name behind the last slash of a role's ARN, or the text itself. */
static const char *
role_name(const char *role_arn)
{
	const char *slash = strrchr(role_arn, '/');

	return slash != NULL ? slash + 1 : role_arn;
}

Oid
wf_task_role(const WfTaskCall *call)
{
	WfError		error = WF_ERROR_NONE;
	const char *role_arn;
	Oid			role;

	if (call->task->credentials == NULL)
		return call->role;
	role_arn = wf_credentials_role(call->task->credentials, &error);
	if (role_arn == NULL)
		wf_core_raise(&error);
	role = get_role_oid(role_name(role_arn), true);
	if (!OidIsValid(role) || !wf_may_become(call->role, role))
		wf_task_raise("States.Permissions",
					  psprintf("The machine's role, %s, may not take the role of the task's credentials, %s.",
							   GetUserNameFromId(call->role, false), role_arn));
	return role;
}
