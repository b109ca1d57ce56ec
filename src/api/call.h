/*
 * call.h - what every call from a person begins with: who asks, what is asked for, and may they.
 *
 * A call takes the caller's identity first and becomes the engine only then.  What a role may do nothing with does not
 * exist for it; what it may do something else with is denied.
 */
#ifndef WF_CALL_H
#define WF_CALL_H

#include "postgres.h"

#include "storage/lockdefs.h"

#include "store/execution_list.h"
#include "store/privilege.h"
#include "store/sql.h"
#include "store/state_machine.h"

typedef struct WfCall
{
	const char *action;			/* the service's word, for messages */
	Oid			user;			/* who asks */
	MemoryContext context;		/* the caller's: where results go */
	WfStore		store;
} WfCall;

/* From here to the end we are the engine.  An error in between needs no end. */
extern void wf_call_begin(WfCall *call, const char *action);
extern void wf_call_end(WfCall *call);

/*
 * The machine that a name or ARN says, locked in this mode (NoLock: for looking only).  Raises the service's errors: it
 * is none, does not exist (for this role), is not for this role to `needs` (WF_MAY_…).
 */
extern void wf_call_state_machine(WfCall *call, const char *reference, int needs, LOCKMODE lock, bool whole,
								  WfStateMachine *machine);

/* The same, but false if it does not exist. */
extern bool wf_call_try_state_machine(WfCall *call, const char *reference, int needs, LOCKMODE lock, bool whole,
									  WfStateMachine *machine);

/* An execution: by its id, or (id 0) by what a text says, a name or an ARN. */
typedef struct WfExecutionReference
{
	int64		id;
	const char *text;
	bool		express;		/* it may be an EXPRESS one; most calls are not for these */
	bool		express_child;	/* it may be one if it is a Map Run's child */
} WfExecutionReference;

/* Its id, and its machine with the revision that it runs.  Raises as above. */
extern int64 wf_call_execution(WfCall *call, const WfExecutionReference *reference, int needs, bool whole,
							   WfStateMachine *machine);

/* The same, with all that is stored of the execution itself. */
extern void wf_call_execution_info(WfCall *call, const WfExecutionReference *reference, int needs,
								   WfStateMachine *machine, WfExecutionInfo *info);

/* Raises StateMachineDeleting if that is so. */
extern void wf_call_refuse_deleting(const WfStateMachine *machine);

#endif
