/*
 * internal.h - what the files of the interpreter share: frames and executions as they are in memory, and the few moves
 * that a state may make.
 *
 * How a step runs: frames that can go on stand in a queue; step.c takes the first, runs it until it waits, ends or fails,
 * and takes the next.  A state never calls into its owner or its children: what they have to do next is put into the
 * queue, so depth of nesting costs no C stack.
 *
 * The rule that bites: every move may end the whole execution (the history is full, nobody catches an error).  Then all
 * frames are gone, and the pointers to them with it.  So a state's function makes its move last, returns what the move
 * returned, and touches no frame afterwards.
 *
 * What the functions return: true - go on with the queue.  False - give the step up: execution->error says why, or
 * execution->full that the history has no room for another event; wf_execution_step deals with both.
 */
#ifndef WF_INTERPRETER_INTERNAL_H
#define WF_INTERPRETER_INTERNAL_H

#include "asl/definition.h"
#include "asl/error.h"
#include "asl/time.h"
#include "interpreter/interpreter.h"
#include "json/json.h"

/* --- what is in memory --- */

typedef struct WfFrame WfFrame;

struct WfFrame
{
	/* as in WfFrameRow */
	int			id;
	int			parent_id;
	int			index;
	const WfBlock *block;
	const WfState *state;
	WfFrameStatus status;		/* changed by wf_frame_set_status only */
	int			serial;
	int			entered_event;
	int64_t		entered_at;
	int64_t		due_at;
	int64_t		heartbeat_due_at;
	int			attempt;
	WfPayload  *input;
	WfPayload  *items;			/* of a Map: its array; of a Task whose parameters were computed: these */
	WfPayload  *variables;
	WfPayload  *result;

	/* kept as text in WfFrameRow.memory (frame_row.c) */
	int			last;			/* the event that the next one of this frame points back to */
	int		   *retries;		/* by each of the state's retriers; NULL: none yet */
	bool		started;		/* the task's Started event is written */
	bool		submitted;		/* its immediate answer has come; it waits on */
	int64_t		timeout;		/* seconds, of the task that is out */
	int64_t		heartbeat;
	int64_t		age_due_at;		/* of its timer; 0: none */
	int64_t		since;			/* when the task of this attempt was given out; 0: when the state was entered */
	int			length;			/* of a Parallel or Map: how many frames it consists of, */
	int			begun;			/* how many have been made, */
	int			ended;			/* how many have ended well, */
	int			concurrency;	/* how many may run at once (0: all), */
	int			first_child;	/* and the id of the first one: those of an earlier attempt are lower */
	int			phase;			/* of a distributed Map: state_map_distributed.c */
	bool		members;		/* its items are an object's, each {"Key": …, "Value": …} */
	int64_t		max_items;

	/* in memory only */
	int			task_serial;	/* of the attempt whose data is looked at: before its wait begins, and when it is over, too */
	WfFrame    *parent;			/* NULL: none, or not loaded yet */
	WfFrame    *first;			/* children in the order in which they were made or loaded */
	WfFrame    *final;
	WfFrame    *next;
	WfFrame    *previous;
	int			n_children;		/* in that list */
	WfFrame    *next_in_bucket;
	WfFrame    *next_in_queue;
	WfFrame    *previous_in_queue;
	bool		queued;
	bool		stored;			/* the store may know it */
	bool		changed;		/* its id stands in execution->changed */
	bool		broken;			/* a Parallel or Map one of whose frames has failed, its own Failed event not yet written */
	bool		over;			/* written: the state is not to be aborted any more */
	int			run_command;	/* places + 1 in execution->commands, of commands not yet forgotten; 0: none */
	int			timer_command;
	int			heartbeat_command;
	int			age_command;
};

typedef struct WfIds
{
	int			n;
	int			size;
	int		   *ids;
} WfIds;

struct WfExecution
{
	/* arrays, which the next execution takes over (execution.c) */
	int			n_buckets;		/* a power of two */
	WfFrame   **buckets;		/* frames by id */
	int			events_size;
	WfEvent    *events;
	int			commands_size;
	WfCommand  *commands;
	WfIds		changed;
	WfIds		gone;
	WfIds		changed_now;	/* what the last outcome shows: changed, without those that are gone */

	/* from here on all is zero at first */
	const WfDefinition *definition;
	const WfFacts *facts;
	const WfHost *host;
	const WfKeeper *keeper;
	const WfLimits *limits;
	WfExecutionRow row;
	WfExecutionStatus status;

	int			n_frames;
	int			n_orphans;		/* loaded before their parents */
	int			n_active;		/* frames that neither ended nor wait for their children */
	WfFrame    *queue;			/* frames that can go on, first to last */
	WfFrame    *queue_end;

	int			n_events;
	int			n_commands;
	int			n_dropped;		/* of them, taken back before anybody saw them */

	bool		full;			/* the history has no room left */
	WfError		error;			/* why the step is given up */
	size_t		variables_bound;	/* no more bytes than that are all variables together; see variables.c */
	json_t	   *about;			/* Execution and StateMachine of the context object; NULL: not asked for yet */
	char	   *failure_error;	/* of the WF_FINISH command */
	char	   *failure_cause;
};

/* --- execution.c --- */

extern bool wf_no_memory(WfExecution *x);	/* notes it and returns false */
extern bool wf_ids_add(WfExecution *x, WfIds *ids, int id);

/* --- frame.c --- */

extern WfFrame *wf_frame_find(const WfExecution *x, int id);

/* New frames stand at the end of the queue.  Shares input.  NULL without memory (noted in x->error). */
extern WfFrame *wf_frame_new(WfExecution *x, WfFrame *parent, const WfBlock *block, int index, WfPayload *input, int last);
extern void wf_frame_remove(WfExecution *x, WfFrame *frame);	/* must have no children */
extern void wf_frame_set_status(WfExecution *x, WfFrame *frame, WfFrameStatus status);
extern bool wf_frame_touch(WfExecution *x, WfFrame *frame);	/* notes that it changed */
extern void wf_frame_leave_state(WfFrame *frame);	/* forgets all that belongs to the state just left */
extern bool wf_frames_link(WfExecution *x); /* loaded frames to their parents; false: one is missing */

/* Of a frame that is loaded: puts it, filled in, among the others; below its parent; frees one that is in neither. */
extern bool wf_frame_register(WfExecution *x, WfFrame *frame);
extern void wf_frame_attach(WfFrame *frame, WfFrame *parent);
extern void wf_frame_free(WfFrame *frame);

extern void wf_queue_first(WfExecution *x, WfFrame *frame);
extern void wf_queue_last(WfExecution *x, WfFrame *frame);
extern void wf_queue_remove(WfExecution *x, WfFrame *frame);

/* --- events.c --- */

/* A new event behind the last one, to be filled in; NULL: give the step up.  Valid until the next event is added. */
extern WfEvent *wf_add_event(WfExecution *x, WfEventType type, int previous);

/* The same at the time of the last event, from which it follows without anything happening in between: no clock is read. */
extern WfEvent *wf_add_event_at_once(WfExecution *x, WfEventType type, int previous);
extern void wf_event_clear(WfEvent *event);	/* releases what it holds */
extern int64_t wf_now(const WfExecution *x);	/* never before the last event */

/* Sets an event's own copies of error and cause; either may be NULL. */
extern bool wf_event_failure(WfExecution *x, WfEvent *event, const char *error, const char *cause);

/* --- commands.c: what the engine shall do, and taking it back while nobody has seen it --- */

extern bool wf_run_task(WfExecution *x, WfFrame *frame, WfTaskToRun *task); /* steals what *task holds, also when it fails */
extern bool wf_set_timer(WfExecution *x, WfFrame *frame, WfTimerKind kind, int64_t due);
extern bool wf_cancel_timer(WfExecution *x, WfFrame *frame, WfTimerKind kind);
extern void wf_timer_fired(WfExecution *x, WfFrame *frame, WfTimerKind kind);	/* it need not be cancelled any more */
extern void wf_drop_task(WfExecution *x, WfFrame *frame);	/* it is done: its WF_RUN_TASK need not be carried out any more */
extern bool wf_cancel_task(WfExecution *x, WfFrame *frame);
extern bool wf_set_execution_timer(WfExecution *x, int64_t due);
extern bool wf_cancel_execution_timer(WfExecution *x);
extern void wf_commands_settle(WfExecution *x); /* takes out what was dropped */
extern void wf_command_clear(WfCommand *command);
extern WfCommand *wf_add_command(WfExecution *x, WfCommandKind kind, const WfFrame *frame);

/* A wait begins: a new serial, this status, and a timer where due is not 0. */
extern bool wf_begin_wait(WfExecution *x, WfFrame *frame, WfFrameStatus status, int64_t due);

/* The wait is over: timers that are still set are cancelled, and the task if it was not it that ended the wait. */
extern bool wf_end_wait(WfExecution *x, WfFrame *frame, bool cancel_task);

/* True if no other frame of this execution runs beside this one. */
extern bool wf_frame_alone(const WfExecution *x, const WfFrame *frame);

/* --- context.c and dataflow.c --- */

/*
 * What expressions of one frame's state may see, for as long as one move is being computed.  Most states have none, so
 * opening a view costs nothing: what there is to see is gathered when wf_view_scope is first asked for it.  wf_view_close
 * releases what was made on the way.
 */
typedef struct WfView
{
	WfScope		scope;
	WfExecution *x;
	const WfFrame *frame;
	bool		gathered;		/* the scope has its variables */
	bool		has_item;		/* Map.Item of an item that has no frame yet: ItemSelector */
	int			item_index;
	json_t	   *item_key;		/* borrowed; NULL: of no object's member */
	json_t	   *item;			/* borrowed */
	const char *item_source;	/* borrowed; NULL: the items are the state's own */
	json_t	   *common;			/* the context object without an item; made at the first use */
	json_t	   *context;		/* as it is asked for; made at the first use */
	json_t	   *variables;		/* NULL or new */
	int64_t		spent;			/* the scope's: of an item anew */
} WfView;

/*
 * How much an execution may hold at once, in limits of one payload: all its variables together (10 MiB, as the service has
 * it), and what one template makes on its way, which a path that stands there thousands of times makes large.
 */
#define WF_PAYLOADS_AT_ONCE 40

extern void wf_view_open(WfView *view, WfExecution *x, const WfFrame *frame);
extern void wf_view_close(WfView *view);
extern void wf_view_set_item(WfView *view, int index, json_t *key, json_t *item);	/* NULL for key: none */

/* Borrowed from the view: the scope, with this input; NULL with *error. */
extern const WfScope *wf_view_scope(WfView *view, WfPayload *input, WfError *error);

/* All that a state's input goes through.  Each returns a new payload, or NULL with *error. */
extern WfPayload *wf_apply_path(WfView *view, const WfDataPath *path, WfPayload *input, WfError *error);
extern WfPayload *wf_apply_reference_path(WfView *view, const WfDataPath *path, WfPayload *input, WfError *error);
extern WfPayload *wf_apply_template(WfView *view, const WfTemplate *template_, WfPayload *input, WfError *error);

/* A template filled in from the state's input; without one that input itself. */
extern WfPayload *wf_apply_to_input(WfExecution *x, const WfFrame *frame, const WfTemplate *template_, WfError *error);

/*
 * What an iteration or a child gets of an item: the ItemSelector filled in; without one the item.  An object's member is an
 * item {"Key": …, "Value": …}, of which the context object has the two parts.
 */
extern WfPayload *wf_apply_item_selector(WfView *view, WfPayload *input, int index, json_t *item, bool member, WfError *error);

extern json_t *wf_apply_query(WfView *view, const WfQuery *query, WfPayload *input, WfError *error);	/* a value, new */
extern WfPayload *wf_apply_result_path(const WfDataPath *path, WfPayload *input, WfPayload *result, WfError *error);

/* A field that is a number or a path.  *value is `otherwise` where it is not given. */
extern bool wf_apply_number(WfView *view, const WfNumber *number, const char *field, WfPayload *input, int64_t otherwise,
							int64_t *value, WfError *error);

/* The same for one that must not be negative. */
extern bool wf_apply_count(WfView *view, const WfNumber *number, const char *field, const char *path_field,
						   WfPayload *input, int64_t otherwise, int64_t *value, WfError *error);

/* The percentage that a query or a path gives; *value stays as it is where there is neither. */
extern bool wf_apply_percentage(WfView *view, const WfQuery *query, WfPath *path, const char *field,
								const char *path_field, WfPayload *input, double *value, WfError *error);

/* The service reads integers by their text: "5" is one too, 5.0 is none. */
extern bool wf_integer_value(const json_t *value, int64_t *integer);

/* A path to something else than what is `wanted`: says so in the service's words. */
extern bool wf_refuse_number(const char *field, const char *path, const json_t *value, const char *wanted,
							 WfError *error);

/* The value as a message shows it: a string bare, anything else as JSON.  Malloc'ed. */
extern char *wf_plain_text(const json_t *value);

/* --- variables.c --- */

/* New: what an Assign makes, or NULL: without a template (*error clear), or with *error, also where it is too much. */
extern WfPayload *wf_assigned(WfView *view, const WfTemplate *assign, WfPayload *input, WfError *error);

/* Gives a frame's block the variables that a state has assigned. */
extern bool wf_set_variables(WfExecution *x, WfFrame *frame, WfPayload *assigned);

/* Brings the variables together that a frame can read; *variables is new, or NULL: none. */
extern bool wf_collect_variables(const WfFrame *frame, json_t **variables, WfError *error);

/* --- failure.c --- */

typedef struct WfFailure
{
	const char *error;			/* NULL: none */
	const char *cause;			/* NULL: none */
	const char *const *also;	/* further names that Retry and Catch may use; NULL: none */
	bool		timed_out;		/* the history shows no cause, a Catcher an empty one */
	bool		own_handlers;	/* the state's own Retry and Catch are asked too, not only its owners' */
} WfFailure;

/* The frame's state has failed: its Retry, its Catch, its owners' in turn, or the end of the execution. */
extern bool wf_fail(WfExecution *x, WfFrame *frame, const WfFailure *failure);

/*
 * The same with what an evaluation reported, after an EvaluationFailed where it was a query's; clears *error.  What is not
 * the definition's fault gives the step up.
 */
extern bool wf_fail_evaluation(WfExecution *x, WfFrame *frame, WfError *error);

/* New: the cause of such a failure, which is told where it was a query's, and does not end anything yet; NULL with x->error. */
extern char *wf_tell_evaluation(WfExecution *x, WfFrame *frame, const WfError *error);

/* The same as wf_fail_evaluation when the state's work is done: an owner of frames has told already that they have succeeded. */
extern bool wf_fail_output(WfExecution *x, WfFrame *frame, WfError *error);

/* The same for a result or output over the limit; `culprit` is how the message calls what returned it. */
extern bool wf_fail_data_limit(WfExecution *x, WfFrame *frame, const char *culprit, bool own_handlers);
extern char *wf_data_limit_cause(const char *culprit); /* malloc'ed */
extern bool wf_over_limit(const WfExecution *x, WfPayload *payload);

/* Ends the execution; all frames are gone afterwards.  The caller has written the last event. */
extern bool wf_finish(WfExecution *x, WfExecutionStatus status, WfPayload *output, const char *error, const char *cause);

/* Removes all frames below this one, without events; commands are taken back or cancelled. */
extern bool wf_remove_children(WfExecution *x, WfFrame *frame, bool load);

/* --- map_run_name.c and map_inputs.c --- */

/* Gives a Map Run its names, and *arn, malloc'ed. */
extern bool wf_name_map_run(WfExecution *x, const WfState *state, WfMapRunToStart *run, char **arn);

/* The limits of an ItemBatcher, in items and bytes; 0: none. */
extern bool wf_batch_limits(WfView *view, const WfDistributed *distributed, WfPayload *input, int64_t *items, int64_t *bytes,
							WfError *error);

/* --- task_parameters.c --- */

/* False with *error: the resource of a Task's state cannot do anything with these. */
extern bool wf_check_task_parameters(const WfState *state, WfPayload *parameters, WfError *error);

/* --- state_map_distributed.c: what state_map.c and the frames' ends need of a Map Run --- */

extern bool wf_begin_map_run(WfExecution *x, WfFrame *frame, WfView *view, WfPayload *input, WfPayload *items,
							 int64_t concurrency);	/* items NULL: its reader gives them */
extern bool wf_resume_map_run(WfExecution *x, WfFrame *frame, const WfStimulus *stimulus);
extern bool wf_end_map_run(WfExecution *x, WfFrame *frame, WfExecutionStatus status, bool written);	/* if there is one */
extern bool wf_map_run_is_open(const WfFrame *frame);
extern const WfResource *wf_map_run_resource(const WfFrame *frame);	/* of its task that is out; NULL: none is */
extern bool wf_describe_map_task(WfExecution *x, const WfFrame *frame, WfTaskToRun *task, WfError *error);
extern void wf_map_run_to_start_clear(WfMapRunToStart *run);

/* --- step.c --- */

/*
 * The state's work is done: ResultSelector, ResultPath and OutputPath of a result, or Output; Assign; the Exited event;
 * what is next.  `assign`, `computed` (Output) and `next` are the state's own, but for a Choice.
 */
extern bool wf_complete_state(WfExecution *x, WfFrame *frame, WfPayload *result, const WfTemplate *assign,
							  const WfTemplate *computed, const WfState *next);

/* The same of a state whose result is its input: Succeed, and a Wait that is over. */
extern bool wf_hand_on_input(WfExecution *x, WfFrame *frame);

/* The same from where the output is known; steals output and assigned, also when it fails. */
extern bool wf_leave_state(WfExecution *x, WfFrame *frame, WfPayload *output, WfPayload *assigned, const WfState *next);

/* --- state_*.c: one row for each type, in the order of states.def --- */

typedef struct WfStateKind
{
	WfEventType entered;
	WfEventType exited;			/* WF_EVENT_NONE: never */
	WfEventType aborted;		/* WF_EVENT_NONE: nothing tells of it */
	WfEventType failed;			/* of an owner of frames; WF_EVENT_NONE: none */

	/* The Entered event has just been written, or a retry is due: begin the work. */
	bool		(*begin) (WfExecution *x, WfFrame *frame);

	/* What the frame waited for has happened; the stimulus is NULL where its children have all ended. */
	bool		(*resume) (WfExecution *x, WfFrame *frame, const WfStimulus *stimulus);

	/* A child has ended well (its last event was `last`); NULL where there are no children. */
	bool		(*child_ended) (WfExecution *x, WfFrame *frame, WfFrame *child);
} WfStateKind;

#define WF_STATE(identifier, word, terminal, retry) extern const WfStateKind wf_state_kind_##identifier;
#include "asl/states.def"
#undef WF_STATE

extern const WfStateKind *wf_state_kind(const WfState *state);

/*
 * The frame's children have all ended: gathers their results, and the state is done with them, after the event that says
 * so.
 */
extern bool wf_join(WfExecution *x, WfFrame *frame, WfEventType succeeded);

#endif
