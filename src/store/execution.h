/*
 * execution.h - executions: what they are (execution), that they have begun to wait (live_execution), how they ended
 * (execution_end), and their names.
 */
#ifndef WF_EXECUTION_H
#define WF_EXECUTION_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "interpreter/interpreter.h"
#include "store/inbox.h"
#include "store/log.h"

/*
 * Writes a new execution and the ready row that starts it, and wakes a worker at commit.  `name` NULL: one is made from
 * the id.  The caller has checked rights, name and input, and has inserted nothing.  Returns the id; 0 if the name is
 * taken (nothing is written then).  parent: the execution whose task starts it; 0: none.  *started_at: as stored.  Between wf_store_begin and wf_store_end.
 */
extern int64 wf_execution_create(int64 state_machine_id, int64 revision_id, Oid role, const char *name,
								 const char *input, const char *trace_header, int64 parent, TimestampTz *started_at);

/* The same of an EXPRESS machine's: its name need not be unique. */
extern int64 wf_execution_create_express(int64 state_machine_id, int64 revision_id, Oid role, const char *name,
										 const char *input, const char *trace_header, int64 parent, TimestampTz *started_at);

/* The same for a Map Run's child: its number among them, and of how many items it is. */
extern int64 wf_execution_create_child(int64 state_machine_id, int64 revision_id, Oid role, int64 map_run, int64 index,
									   int items, const char *input);

/* The name of an execution that was given none, a UUID made from its id; and back (0: it is not such a name). */
#define WF_GENERATED_NAME_SIZE 37
extern void wf_execution_generated_name(int64 execution, char *name);
extern int64 wf_execution_by_generated_name(const char *name);

/* An execution's ARN; palloc'ed. */
extern char *wf_execution_arn(const char *state_machine, bool express, const char *name, int64 execution);

/*
 * Asks for an execution's end: an inbox row, and a wake-up at commit.  kind: WF_INBOX_STOP, or a stop of another name.
 */
extern void wf_execution_request_stop(int64 execution, WfInboxKind kind, const char *error, const char *cause, TimestampTz at);

/* --- for the engine --- */

typedef struct WfStoredExecution
{
	int64		state_machine_id;
	int64		revision_id;
	char	   *name;
	WfPayload  *input;
	TimestampTz started_at;
	char	   *machine_name;
	char	   *state_machine_name; /* as its ARNs have it: of a Map Run's child with the Map's label behind a slash */
	Oid			owner;			/* of the machine */
	Oid			role;			/* as which its tasks run */
	char	   *role_arn;
	bool		deleting;		/* its machine is being deleted */
	bool		express;
	WfLogging	logging;		/* what is kept of its history, if it is EXPRESS */
	bool		named;			/* its name was given, and others may know it */
	int64		parent;			/* whose task started it; 0: none */
	int64		map_run;		/* whose child it is; 0: of none */
	int			map_items;		/* that it works on */
	int			block;			/* of the definition, that a Map Run's child runs; -1: the Map Run is missing */
} WfStoredExecution;

/*
 * False: there is no such execution.  Strings are palloc'ed in the current memory context, the input is released with it.
 * once: it is not expected to be read again soon.
 */
extern bool wf_execution_read(int64 execution, bool once, WfStoredExecution *stored);

/* The part of it that a revision says: from machine_name on, to logging.  False: there is no such revision. */
extern bool wf_execution_read_revision(int64 revision_id, WfStoredExecution *stored);
extern const char *wf_execution_definition_text(int64 revision_id);

/* A machine has changed in this transaction: what was read of it is read again. */
extern void wf_execution_forget_revisions(void);
/*
 * Where in their indexes the rows of a live execution lie.  An epoch lasts 64 events: within it a row that changes keeps
 * its place, so that the update is in place; with the next it moves on, away from what it was before.  Someone's old
 * snapshot keeps all of that, and a look at the row steps over what lies in one epoch only.
 */
typedef struct WfEpochs
{
	int			present;		/* of the execution's row */
	int			oldest;			/* no frame that has not ended has a lower one */
} WfEpochs;

extern int	wf_epoch_of_event(int event);

typedef enum WfLockResult { WF_LOCK_HELD, WF_LOCK_BUSY, WF_LOCK_NO_ROW } WfLockResult;

/* Locks the execution's row to the end of the transaction; without `wait`, WF_LOCK_BUSY if someone else holds it. */
extern WfLockResult wf_live_execution_lock(int64 execution, bool wait, WfExecutionRow *row, WfEpochs *epochs);
extern bool wf_live_execution_read(int64 execution, WfExecutionRow *row, WfEpochs *epochs);	/* no lock; false: no row */

/* Writes the row: a new one, or over that of the epoch `before`. */
extern void wf_live_execution_insert(int64 execution, const WfExecutionRow *row, const WfEpochs *epochs);
extern void wf_live_execution_update(int64 execution, const WfExecutionRow *row, const WfEpochs *epochs, int before);

/* An execution that nobody need start: it is run by whoever writes it, with an id of its own. */
extern int64 wf_execution_next_id(void);
extern void wf_execution_write(int64 execution, const WfStoredExecution *stored, const char *trace_header);

/* The end: deletes what only a running execution has, and wakes who waits for it.  map_run: whose child it is; 0: of none. */
extern void wf_execution_write_end(int64 execution, int64 state_machine_id, int64 map_run, bool was_live,
								   WfExecutionStatus status, TimestampTz at, const char *output, const char *error, const char *cause);
extern bool wf_execution_has_ended(int64 execution);
extern char *wf_execution_end_status(int64 execution);	/* NULL: it has not ended; palloc'ed */

typedef struct WfStoredEnd
{
	WfExecutionStatus status;
	TimestampTz stopped_at;
	char	   *output;			/* NULL: none; so of error and cause */
	char	   *error;
	char	   *cause;
} WfStoredEnd;
extern bool wf_execution_read_end(int64 execution, WfStoredEnd *end);	/* false: it has not ended; strings are palloc'ed */

#endif
