/*
 * state_machine.h - state machines and their revisions.
 *
 * A machine's name has a lock of its own (a heavyweight lock, held to the end of the transaction): whoever starts an
 * execution shares it, whoever deletes the machine has it alone.  So nothing can be started behind a deletion's back, and
 * a start writes nothing on the machine's row.
 *
 * All but the lock is called between wf_store_begin and wf_store_end.  What is returned is palloc'ed in `context`.
 */
#ifndef WF_STATE_MACHINE_H
#define WF_STATE_MACHINE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/lockdefs.h"
#include "utils/jsonb.h"

typedef struct WfStateMachine
{
	int64		id;
	char	   *name;
	char	   *type;			/* "STANDARD" */
	bool		deleting;
	Oid			owner;
	TimestampTz created_at;
	TimestampTz updated_at;		/* 0: never */
	/* the revision: the current one, or the one that was asked for */
	int64		revision_id;
	char	   *revision;		/* the service's revisionId; NULL for the first */
	char	   *definition;		/* NULL unless it was asked for */
	Oid			run_as;
	char	   *role_arn;
	Jsonb	   *configuration;	/* loggingConfiguration, tracingConfiguration, encryptionConfiguration; NULL as above */
	TimestampTz revised_at;
} WfStateMachine;

extern bool wf_state_machine_is_express(const WfStateMachine *machine);

/* Start: AccessShareLock.  Create, update, grant: ExclusiveLock.  Delete: AccessExclusiveLock. */
extern void wf_state_machine_lock(const char *name, LOCKMODE mode);

/* The machine of that name that is not DELETED; `whole`: with its definition and configuration.  False: there is none. */
extern bool wf_state_machine_by_name(const char *name, bool whole, MemoryContext context, WfStateMachine *machine);

/* The machine of an execution, DELETED or not, with the revision that the execution runs. */
extern bool wf_state_machine_of_execution(int64 execution, bool whole, MemoryContext context, WfStateMachine *machine);

/*
 * The machines that `user` may use, by name, behind `after` (NULL: from the beginning): name, type and created_at only.
 */
extern int	wf_state_machine_list(Oid user, const char *after, int limit, MemoryContext context, WfStateMachine **machines);

/*
 * Writes a new machine and its first revision from *machine (all but the ids and updated_at), and fills the ids in.
 * False: the name is taken (by a transaction that committed meanwhile); nothing is written then.
 */
extern bool wf_state_machine_insert(WfStateMachine *machine);

/*
 * Writes a new revision (definition, run_as, role_arn, configuration, revised_at of *machine) and makes it the current
 * one; fills in revision_id and revision.
 */
extern void wf_state_machine_revise(WfStateMachine *machine, MemoryContext context);

/*
 * The machine is DELETING from now on; its running executions are asked to end; if there are none it is DELETED at once.
 */
extern void wf_state_machine_delete(int64 state_machine_id, TimestampTz at);

/* True if an execution of the machine has not ended. */
extern bool wf_state_machine_is_running(int64 state_machine_id);

/*
 * An execution of a machine that is DELETING has ended (its execution_end row is written): the machine is DELETED if it
 * was the last one.  To be called only for machines that are DELETING.  Never waits: where two last ones end side by
 * side, the row stays DELETING until its name is next asked for.
 */
extern void wf_state_machine_execution_ended(int64 state_machine_id);

/* The same for all machines that are DELETING, when their inbox is worked off. */
extern void wf_state_machines_bury_deleting(void);

#endif
