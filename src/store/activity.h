/*
 * activity.h - activities, and their tasks that no worker has taken yet.
 */
#ifndef WF_ACTIVITY_H
#define WF_ACTIVITY_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct WfActivity
{
	int64		id;
	char	   *name;
	Oid			owner;
	TimestampTz created_at;
} WfActivity;

/* Strings are palloc'ed in the context.  False: there is none. */
extern bool wf_activity_by_name(const char *name, MemoryContext context, WfActivity *activity);
extern bool wf_activity_by_id(int64 id, MemoryContext context, WfActivity *activity);

/* What this role may with it (WF_MAY_…); nothing: then it does not exist for the role. */
extern int	wf_activity_privileges(const WfActivity *activity, Oid user);

/* Fills in the id.  False: the name is taken. */
extern bool wf_activity_insert(WfActivity *activity);
extern void wf_activity_delete(int64 id);

/* Those that this role may use, by name, behind `after`.  Returns how many. */
extern int	wf_activity_list(Oid user, const char *after, int limit, MemoryContext context, WfActivity **activities);

/* --- tasks --- */

typedef struct WfActivityTask
{
	int64		execution;
	int			frame;
	int			serial;
	Oid			role;			/* the machine's */
	char	   *input;			/* JSON text */
} WfActivityTask;

/* Offers a task to the activity's workers, and wakes one at commit.  False: there is no such activity. */
extern bool wf_activity_task_offer(const char *activity, const WfActivityTask *task);

/* It is not waited for any more.  What a worker is just taking is left to him, who will see. */
extern void wf_activity_task_withdraw(int64 execution, int frame, int serial);

/* Whose tasks of an activity who polls may have: all (WF_ANY_ROLE), or those of machines that run as this role. */
#define WF_ANY_ROLE	InvalidOid

/* How many have been offered, counted up to a limit. */
extern int	wf_activity_task_count(int64 activity, Oid role, int limit);

/*
 * Hands the first of them that nobody else is taking to a worker (NULL: without a name): it is taken with this transaction,
 * and has started then; should it roll back, it is given back, and another worker is woken.  Its token and input are
 * palloc'ed in the context.  False: there is none.
 */
extern bool wf_activity_task_hand_out(int64 activity, Oid role, const char *worker, MemoryContext context, char **token,
									  char **input);

#endif
