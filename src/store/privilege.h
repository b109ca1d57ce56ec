/*
 * privilege.h - who may do what with a state machine.
 *
 * The owner, whoever has the privileges of the owner's role, and superusers may do everything.  Others may what they, or
 * roles whose privileges they have, or PUBLIC, were granted.  The SQL twin of this, for the views, is the view
 * readable_state_machine: keep the two alike.
 */
#ifndef WF_PRIVILEGE_H
#define WF_PRIVILEGE_H

#include "postgres.h"

#define WF_MAY_START	1		/* start executions and stop them */
#define WF_MAY_READ		2		/* see the machine, its executions and their data */
#define WF_MAY_MANAGE	4		/* change, delete, tag and grant; includes the others */
#define WF_MAY_ALL		(WF_MAY_START | WF_MAY_READ | WF_MAY_MANAGE)

#define WF_PUBLIC		InvalidOid	/* as a grantee */

/* What `user` may with the machine.  Between wf_store_begin and wf_store_end; user: as it was before. */
extern int	wf_privileges(int64 state_machine_id, Oid owner, Oid user);

/* "start", "read", "manage"; 0 for another word. */
extern int	wf_privilege_by_word(const char *word);

extern void wf_privileges_grant(int64 state_machine_id, Oid grantee, int privileges);
extern void wf_privileges_revoke(int64 state_machine_id, Oid grantee, int privileges);

#endif
