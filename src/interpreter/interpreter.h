/*
 * interpreter.h - what happens next: a definition, an execution's memory and one stimulus give history events to append,
 * commands to carry out, and changed memory.
 *
 * The interpreter does no I/O and has no clock.  The engine loads an execution's memory (the execution's row and all its
 * live frames), calls wf_execution_step once for each stimulus, stores what came out, and commits.  Nothing here is ever
 * replayed: memory is what is stored.
 *
 * A *frame* is one run of a block: the machine itself (frame 0), a branch of a Parallel, an iteration of a Map.  It stands
 * in exactly one state.  A frame that has ended keeps its result, and its row, until its owner joins.
 *
 * This header shows no jansson and includes no server header: both sides include it.
 */
#ifndef WF_INTERPRETER_H
#define WF_INTERPRETER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/payload.h"

struct WfDefinition;
struct WfError;
struct WfHost;
struct WfResource;
struct WfReaderConfig;
struct WfWriterConfig;
struct json_t;

typedef struct WfExecution WfExecution;

/* --- what an execution is told about itself; borrowed, must outlive it --- */

typedef struct WfFacts
{
	const char *id;				/* the execution's ARN */
	const char *name;
	const char *role_arn;
	const char *state_machine_id;	/* ARN */
	const char *state_machine_name;
	const char *region;			/* for TaskScheduled */
	int64_t		started_at;		/* microseconds since 1970 */
	int			redrive_count;
	int64_t		redriven_at;	/* 0: never */
	bool		synchronous;	/* by StartSyncExecution: the context object says nothing of redriving */
	const char *map_run_prefix; /* of the ARNs of its Map Runs: …:mapRun:<machine>; NULL: none */
	int			root;			/* the block that it runs: 0, or a distributed Map's processor */
	WfPayload  *input;
} WfFacts;

typedef struct WfLimits
{
	size_t		max_payload;	/* bytes of an input, output, result: 262144; 0: none */
	int			max_events;		/* of one history: 25000; 0: none */
	int			inline_concurrency; /* of one inline Map without a limit of its own: 40; 0: none */
	int64_t		max_execution_seconds;	/* 0: none */
	int64_t		waiting_task_age;	/* seconds after which a task that is still out is worth telling; 0: never */
	int64_t		default_task_timeout;	/* seconds of a task whose state says nothing; 0: none */
} WfLimits;

/*
 * The interpreter's questions to whoever holds the stored memory.  load_results adds (wf_execution_add_frame) the ended
 * frames whose parent is `parent`: they are not loaded before their owner joins.  pause is asked between states: true
 * ends the step early, frames that could go on stay WF_FRAME_READY, and a WF_GO_ON command is given.  task_token gives the
 * secret by which the task of this frame and serial is answered from outside; NULL: nobody outside can.  has_activity says whether the activity of a
 * resource is there; NULL: any is.
 */
#define WF_TASK_TOKEN_SIZE 65	/* with the end of the string */

typedef struct WfKeeper
{
	void	   *arg;
	bool		(*load_results) (void *arg, WfExecution *execution, int parent, struct WfError *error);
	bool		(*pause) (void *arg);
	bool		(*task_token) (void *arg, int frame, int serial, char *token, struct WfError *error);
	bool		(*has_activity) (void *arg, const struct WfResource *resource, bool *has, struct WfError *error);
} WfKeeper;

/* --- memory, as rows --- */

typedef enum WfFrameStatus
{
	WF_FRAME_READY,				/* about to enter its state: a step was paused here, or it has just been made */
	WF_FRAME_TASK,				/* its task is out */
	WF_FRAME_WAITING,			/* a Wait state's time has not come */
	WF_FRAME_RETRYING,			/* between a failed attempt and the next */
	WF_FRAME_JOINING,			/* its branches or iterations are out */
	WF_FRAME_ENDED				/* its result waits for its owner */
} WfFrameStatus;

extern const char *wf_frame_status_word(WfFrameStatus status);	/* "ready", "task", "waiting", "retrying", "joining", "ended" */

typedef struct WfFrameRow
{
	int			id;				/* 0: the machine's own frame */
	int			parent;			/* -1 for frame 0 */
	int			index;			/* branch or iteration; 0 for frame 0 */
	int			block;			/* WfBlock.id */
	int			state;			/* WfState.id */
	WfFrameStatus status;
	int			serial;			/* of what it waits for (task, timer): what answers must name it; 0: nothing */
	int			entered_event;	/* id of the StateEntered event */
	int64_t		entered_at;
	int64_t		due_at;			/* of its timer (wait, retry, task timeout); 0: none */
	int64_t		heartbeat_due_at;	/* 0: none */
	int			attempt;		/* retries of this state so far: State.RetryCount */
	char	   *memory;			/* JSON text: the rest, small, in the interpreter's own form; malloc'ed */
	WfPayload  *input;			/* the state's raw input; changes only when another state is entered */
	WfPayload  *items;			/* of a Map; or the parameters of a task that is out, if they were computed; NULL: none;
								 * changes only when another state is entered or started again */
	WfPayload  *variables;		/* of this frame's block; NULL: none */
	WfPayload  *result;			/* of an ended frame; NULL: none */
} WfFrameRow;

/* The execution's own row; small, changes with each step. */
typedef struct WfExecutionRow
{
	int			last_event;		/* id of the last event; 0: none yet */
	int64_t		last_event_at;
	int			next_frame;		/* id of the next frame to be made */
	int			next_serial;
	int64_t		timeout_at;		/* the execution's own TimeoutSeconds; 0: none */
} WfExecutionRow;

/* --- stimuli --- */

typedef enum WfStimulusKind
{
	WF_START,					/* a new execution; the row is all zero, there is no frame */
	WF_GO_ON,					/* after a pause */
	WF_TASK_STARTED,			/* frame, serial; worker: who took it (activities) or NULL */
	WF_TASK_SUBMITTED,			/* frame, serial; output: the immediate answer (.sync, .waitForTaskToken) */
	WF_TASK_SUCCEEDED,			/* frame, serial; output */
	WF_TASK_FAILED,				/* frame, serial; error, cause, also; or evaluation */
	WF_TIMER_FIRED,				/* frame, serial: wait over, retry due, task timed out - by the frame's status */
	WF_HEARTBEAT_MISSED,		/* frame, serial */
	WF_HEARTBEAT,				/* frame, serial: the worker is alive */
	WF_EXECUTION_TIMED_OUT,
	WF_STOP						/* error, cause */
} WfStimulusKind;

typedef struct WfStimulus
{
	WfStimulusKind kind;
	int			frame;
	int			serial;
	WfPayload  *output;
	const char *error;			/* may be NULL (SendTaskFailure without an error) */
	const char *cause;
	const char *const *also;	/* further names under which Retry and Catch may meet the error; ends with NULL */
	const char *worker;
	const struct WfError *evaluation;	/* of a Map Run: what kept a child's input from being made; in place of error and cause */
} WfStimulus;

/* --- what a step gives --- */

typedef enum WfEventType
{
	WF_EVENT_NONE = 0,
#define WF_EVENT(identifier, word, key, details) WF_##identifier##_EVENT,
#include "interpreter/history.def"
#undef WF_EVENT
	WF_EVENT_TYPE_COUNT
} WfEventType;

typedef struct WfEvent
{
	int			id;
	int			previous;
	WfEventType type;
	int64_t		at;
	/* details; which of them count is said by history.def.  Strings are borrowed from the definition, or owned below. */
	const char *name;			/* of a state; worker name; Map Run's ARN */
	WfPayload  *data;			/* input, output or parameters */
	WfPayload  *assigned;		/* an object, variable → value */
	WfPayload  *credentials;
	const struct WfResource *resource;
	const char *role_arn;
	const char *region;
	char	   *error;			/* owned; NULL: none */
	char	   *cause;			/* owned; NULL: none */
	char	   *location;		/* owned; of a failed evaluation */
	int64_t		timeout;		/* seconds; 0: none */
	int64_t		heartbeat;
	int64_t		number;			/* length, index or redrive count */
} WfEvent;

/*
 * The event's details as compact JSON text, malloc'ed: {"name": …, "input": …}, with payloads as JSON, not as text in
 * text; NULL in *text for a type that has none.  False without memory.
 */
extern bool wf_event_details(const WfEvent *event, char **text, size_t *length);

extern const char *wf_event_word(WfEventType type);			/* "PassStateEntered" */
extern const char *wf_event_details_key(WfEventType type);	/* "stateEnteredEventDetails", or "" */

typedef enum WfTimerKind
{
	WF_TIMER_FRAME,
	WF_TIMER_HEARTBEAT,
	WF_TIMER_EXECUTION,
	WF_TIMER_AGE,				/* the task has been out for long: whoever fires it tells people; nothing happens here */
	WF_TIMER_POLL				/* never set here: a task's wait for an activity's is over */
} WfTimerKind;

typedef enum WfCommandKind
{
	WF_RUN_TASK,				/* frame, serial, task; an activity's is to be offered to workers outside */
	WF_CANCEL_TASK,				/* frame, serial, task.resource: whoever runs it should stop */
	WF_SET_TIMER,				/* frame, serial, timer, due */
	WF_CANCEL_TIMER,			/* frame, serial, timer, due: as it was set */
	WF_START_MAP_RUN,			/* frame, serial, map */
	WF_GO_ON_MAP_RUN,			/* frame, serial: its items have been read */
	WF_END_MAP_RUN,				/* frame, serial, status: what still runs of it is to be stopped */
	WF_GO_ON_LATER,				/* the step was paused: call again with WF_GO_ON */
	WF_FINISH					/* the execution has ended */
} WfCommandKind;

typedef enum WfExecutionStatus
{
	WF_RUNNING, WF_SUCCEEDED, WF_FAILED, WF_TIMED_OUT, WF_ABORTED
} WfExecutionStatus;

extern const char *wf_execution_status_word(WfExecutionStatus status);	/* "SUCCEEDED" */

typedef struct WfTaskToRun
{
	const struct WfResource *resource;	/* borrowed from the definition */
	const char *state_name;
	WfPayload  *parameters;		/* the task's input */
	WfPayload  *credentials;	/* NULL: none */
	int64_t		timeout;		/* seconds; 0: none */
	int64_t		heartbeat;
	int			attempt;		/* 0 first */
	bool		alone;			/* nothing else of this execution runs beside it */
	/* of a distributed Map; the frame and serial are the Map Run's */
	const struct WfReaderConfig *reader;	/* the result is taken apart into items; NULL: it is a task as any */
	int64_t		max_items;		/* 0: all */
	const struct WfWriterConfig *writer;	/* the task is run for each file of results; NULL: it is a task as any */
} WfTaskToRun;

/* The cause of States.ExceedToleratedFailureThreshold. */
#define WF_MAP_RUN_OVER_THRESHOLD "The specified tolerated failure threshold was exceeded"

/*
 * A Map Run; it is answered with WF_TASK_SUCCEEDED (output: the array of results) or WF_TASK_FAILED, once: when no child runs
 * any more, also where too many have failed; or when an input cannot be made.
 */
typedef struct WfMapRunToStart
{
	char	   *uuid;
	char	   *label;
	WfPayload  *items;			/* an array; NULL: the reader's task gives them */
	int			block;			/* that the children run */
	bool		express;
	bool		writes_results; /* they go to a ResultWriter: the Map need not be given them */
	int64_t		max_concurrency;	/* 0: none */
	int64_t		tolerated_count;	/* -1: none */
	double		tolerated_percentage;	/* -1: none */
} WfMapRunToStart;

typedef struct WfCommand
{
	WfCommandKind kind;
	int			frame;
	int			serial;
	WfTaskToRun task;
	WfMapRunToStart map;
	WfTimerKind timer;
	int64_t		due;
	bool		idle;			/* of a timer that is set: nothing of the frame runs meanwhile (a wait, a retry) */
	WfExecutionStatus status;
	bool		written;		/* of a Map Run that ends: its ResultWriter has written the results */
	WfPayload  *output;			/* NULL: none */
	const char *error;			/* borrowed from the execution; NULL: none */
	const char *cause;
} WfCommand;

typedef struct WfOutcome
{
	int			n_events;
	const WfEvent *events;
	int			n_commands;
	const WfCommand *commands;
	int			n_changed;		/* frames made or changed */
	const int  *changed;
	int			n_gone;			/* frames that no longer exist; only such as the store may know (after WF_FINISH none
								 * does: ended ones that were not loaded are not listed then) */
	const int  *gone;
} WfOutcome;

/* --- the calls, in the order in which the engine makes them --- */

/* New; NULL without memory. */
extern WfExecution *wf_execution_new(const struct WfDefinition *definition, const WfFacts *facts,
									 const struct WfHost *host, const WfKeeper *keeper, const WfLimits *limits);
extern void wf_execution_free(WfExecution *execution);

extern void wf_execution_set_row(WfExecution *execution, const WfExecutionRow *row);
extern void wf_execution_get_row(const WfExecution *execution, WfExecutionRow *row);

/* Adds a stored frame; payloads are shared, memory is read.  False with WF_INVALID_MEMORY. */
extern bool wf_execution_add_frame(WfExecution *execution, const WfFrameRow *row, struct WfError *error);

/* Fills in a frame's row (payloads shared, memory malloc'ed).  wf_frame_row_clear releases both. */
extern bool wf_execution_get_frame(const WfExecution *execution, int frame, WfFrameRow *row, struct WfError *error);
extern void wf_frame_row_clear(WfFrameRow *row);

/* True if the frame is there and waits for exactly this (its serial): an answer for another comes too late. */
extern bool wf_execution_expects(const WfExecution *execution, int frame, int serial);

/*
 * Of a task that is expected: an answer from outside has overtaken its immediate answer (WF_TASK_SUBMITTED), and must be
 * given after that.
 */
extern bool wf_execution_is_overtaken(const WfExecution *execution, int frame);

/* A task that is out, as WF_RUN_TASK gave it, made again from memory: for a worker that has just loaded it. */
extern bool wf_execution_task(WfExecution *execution, int frame, WfTaskToRun *task, struct WfError *error);
extern void wf_task_to_run_clear(WfTaskToRun *task);

/* New, malloc'ed: why a task whose result is too large fails with States.DataLimitExceeded; NULL without memory. */
extern char *wf_result_limit_cause(const struct WfResource *resource);

/*
 * New: the context object as a task's function may ask for it.  NULL with *error.
 */
extern WfPayload *wf_execution_context(WfExecution *execution, int frame, struct WfError *error);

/*
 * The inputs of a Map Run's children, made of its items one after the other.  ADDED: more may follow.  FULL: to be taken
 * now.  NEXT: it was not added, the input is to be taken first.  FAILED: *error says why, which is the Map's failure.
 */
typedef struct WfMapInputs WfMapInputs;
typedef enum WfMapAdded { WF_MAP_ITEM_ADDED, WF_MAP_ITEM_FULL, WF_MAP_ITEM_NEXT, WF_MAP_ITEM_FAILED } WfMapAdded;

extern WfMapInputs *wf_map_inputs_open(WfExecution *execution, int frame, struct WfError *error);
extern WfMapAdded wf_map_inputs_add(WfMapInputs *inputs, int64_t index, struct json_t *item, struct WfError *error);
extern int	wf_map_inputs_pending(const WfMapInputs *inputs);	/* items in the input that was not taken yet */
extern WfPayload *wf_map_inputs_take(WfMapInputs *inputs, struct WfError *error);	/* new */
extern void wf_map_inputs_close(WfMapInputs *inputs);

/*
 * Carries one stimulus out.  True: *outcome holds, until the next call of step or free, what was added since the last
 * wf_execution_forget; a stimulus that comes too late adds nothing.  False: WF_INTERRUPTED, WF_OUT_OF_MEMORY or
 * WF_INVALID_MEMORY in *error; the execution in memory is then unusable, and must be freed and loaded again.
 */
extern bool wf_execution_step(WfExecution *execution, const WfStimulus *stimulus, WfOutcome *outcome,
							  struct WfError *error);

/* What the last outcomes held has been stored: drop it, keep the memory. */
extern void wf_execution_forget(WfExecution *execution);

/* The same of the events alone: commands and changes still add up. */
extern void wf_execution_forget_events(WfExecution *execution);

/* WF_RUNNING until a WF_FINISH command was given. */
extern WfExecutionStatus wf_execution_status(const WfExecution *execution);

#endif
