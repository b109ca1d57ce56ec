/*
 * task.h - the work that Task states name.
 *
 * A task is run as its machine's role (rights.h) by whoever holds its claim, outside any section of the engine.  What it
 * raises is its failure; the caller decides what that means (in a batch: nothing yet; alone: TaskFailed).
 */
#ifndef WF_TASK_H
#define WF_TASK_H

#include "postgres.h"

#include "utils/portal.h"

#include "interpreter/interpreter.h"

struct WfRun;

typedef struct WfTaskCall
{
	int64		execution;
	const char *execution_arn;
	Oid			owner;			/* of the machine */
	Oid			role;			/* the machine's: as which the task runs, unless its Credentials name another */
	int			frame;
	int			serial;
	const WfTaskToRun *task;
	WfPayload  *context;		/* the context object */
	bool		synchronous;	/* its execution lives in memory alone: who calls waits for it */

	/* The children's inputs of the Map that its frame is in; the run is the engine's. */
	WfMapInputs *(*map_inputs) (struct WfRun *run, int frame, struct WfError *error);
	struct WfRun *run;
} WfTaskCall;

/*
 * Runs the task; the result is tied to the current memory context.  Its deferred triggers have fired where that is ours to do.
 * NULL: its work is done, but the result comes later (wf_task_wait_on).
 */
extern WfPayload *wf_task_run(const WfTaskCall *call);

/* The same, but only the resource's work: what a reader's gives is its result, and it writes for a Map no more than one file. */
extern WfPayload *wf_task_work(const WfTaskCall *call);

/* Is its work a query (sql:query, or an ARN mapped to that)? */
extern bool wf_task_is_query(const WfTaskCall *call);

/* Raises the failure of a task whose result is too large. */
extern void wf_task_refuse_size(const struct WfResource *resource) __attribute__((noreturn));

/* --- the kinds of kinds.def --- */
extern WfPayload *wf_task_function(const char *name, WfPayload *input, const WfTaskCall *call);
extern WfPayload *wf_task_notify(const char *name, WfPayload *input, const WfTaskCall *call);
extern WfPayload *wf_task_query(const char *name, WfPayload *input, const WfTaskCall *call);
extern WfPayload *wf_task_states(const char *name, WfPayload *input, const WfTaskCall *call);
extern WfPayload *wf_task_sfn(const char *name, WfPayload *input, const WfTaskCall *call);

/* --- task/query.c --- */

/* Opens a cursor over the rows of the query that a task is given, each as JSON; within an SPI section. */
extern Portal wf_task_query_open(WfPayload *input);

/* --- task/service.c --- */
extern char *wf_task_request_id(void);	/* a new one, palloc'ed */

/* Does the present task do nothing but poll for an activity's? */
extern bool wf_task_is_poll(void);

/* The present task's result will come later: somebody has been asked for it, in its transaction. */
extern void wf_task_wait_on(void);

/* --- task/child.c --- */

/* What StartExecution gave the work of a task that waits for it (.sync). */
typedef struct WfTaskStart
{
	int64		execution;
	bool		joined;			/* it ran already, under this name and with this input */
	bool		express;
} WfTaskStart;

typedef struct WfTaskStarts
{
	MemoryContext context;		/* where they are kept; NULL: nobody asks */
	WfTaskStart *starts;		/* in their order; some may have been rolled back */
	int			n;
} WfTaskStarts;

/* From StartExecution: notes it for the task that runs, if that one asks. */
extern void wf_task_note_start(const WfTaskStart *start);

/* The work of a task that waits for a child is done: `result` is its immediate answer. */
extern void wf_task_await_child(const WfTaskCall *call, const WfTaskStarts *starts, WfPayload *result);

/* --- task/credentials.c --- */

/* As which role the task runs: the machine's, or that of its Credentials. */
extern Oid	wf_task_role(const WfTaskCall *call);

/* --- task/sqlerror.c: an SQL error as the States Language sees it --- */
typedef struct WfTaskError
{
	char	   *error;			/* "unique_violation", or what raise() said */
	char	   *cause;			/* JSON text, or what raise() said; NULL: none */
	const char *also[3];		/* class and SQLSTATE; ends with NULL */
} WfTaskError;

extern void wf_task_error(const ErrorData *data, WfTaskError *error);

/* Raises what workflow.raise() raises: a task's failure under a name of its own.  cause NULL: none. */
extern void wf_task_raise(const char *error, const char *cause) __attribute__((noreturn));

/* --- task/context.c --- */
extern const WfTaskCall *wf_task_current(void);
extern WfTaskStarts *wf_task_current_starts(void);	/* NULL: no task runs */

/* From the utility hook, at SET CONSTRAINTS: refuses it where it would reach beyond the task's own transaction. */
extern void wf_task_set_constraints(void);

/* Has the last task of this session's own done something that the other members of a batch would share? */
extern bool wf_task_reached_out(void);

#endif
