/*
 * privilege.h - who may do what with a state machine, or an activity.
 *
 * The owner, whoever has the privileges of the owner's role, and superusers may do everything.  Others may what they, or
 * roles whose privileges they have, or PUBLIC, were granted.  The SQL twins of this, for the views, are the views
 * readable_state_machine and visible_activity: keep them alike.
 */
#ifndef WF_PRIVILEGE_H
#define WF_PRIVILEGE_H

#include "postgres.h"

typedef enum WfPrivilegeObject
{
	WF_STATE_MACHINE_PRIVILEGES, WF_ACTIVITY_PRIVILEGES
} WfPrivilegeObject;

#define WF_MAY_START	1		/* start executions and stop them */
#define WF_MAY_READ		2		/* see the machine, its executions and their data */
#define WF_MAY_MANAGE	4		/* change, delete, tag and grant; includes the others */
#define WF_MAY_POLL		8		/* take an activity's tasks */
#define WF_MAY_ALL		(WF_MAY_START | WF_MAY_READ | WF_MAY_MANAGE | WF_MAY_POLL)

#define WF_PUBLIC		InvalidOid	/* as a grantee */

/* What `user` may with the object.  Between wf_store_begin and wf_store_end; user: as it was before. */
extern int	wf_privileges(WfPrivilegeObject object, int64 id, Oid owner, Oid user);

/* "start", "read", "manage"; "poll", "manage"; 0 for another word. */
extern int	wf_privilege_by_word(WfPrivilegeObject object, const char *word);

extern void wf_privileges_grant(WfPrivilegeObject object, int64 id, Oid grantee, int privileges);
extern void wf_privileges_revoke(WfPrivilegeObject object, int64 id, Oid grantee, int privileges);

#endif
