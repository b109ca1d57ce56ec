/*
 * run.c - an execution in memory, for one transaction; see run.h.
 *
 * Includes the definition's tree, and with it jansson: utils/builtins.h must not be included here.
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "asl/definition.h"
#include "asl/resource.h"
#include "engine/child.h"
#include "engine/internal.h"
#include "engine/run.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/compat.h"
#include "pg/core.h"
#include "pg/settings.h"
#include "store/activity.h"
#include "store/frame.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/map_run.h"
#include "store/ready.h"
#include "store/sql.h"
#include "store/state_machine.h"
#include "store/task_token.h"
#include "store/timer.h"

#define INLINE_CONCURRENCY 40	/* iterations of an inline Map at once: the service's limit */

/*
 * What the store has of a frame: payloads are compared by identity, for they are never changed in place.  They are held, so
 * that no other can come to stand in their place.
 */
typedef struct StoredFrame
{
	int			id;
	char		status;			/* of the hash table */
	int			epoch;			/* where its row lies */
	WfPayload  *input;
	WfPayload  *items;
	WfPayload  *variables;
} StoredFrame;

#define SH_PREFIX stored
#define SH_ELEMENT_TYPE StoredFrame
#define SH_KEY_TYPE int
#define SH_KEY id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct WfRun
{
	MemoryContext context;
	int64		id;
	int64		state_machine_id;
	int64		revision_id;
	int64		map_run;		/* whose child it is; 0: of none */
	int			map_items;
	Oid			owner;
	Oid			role;
	bool		deleting;
	bool		express;
	WfLogging	logging;
	int64		parent;			/* whose task started it; 0: none */
	bool		live;			/* has a row in live_execution */
	WfEpochs	epochs;			/* of what is stored */
	WfFacts		facts;
	WfKeeper	keeper;
	WfLimits	limits;
	const WfDefinition *definition;
	WfExecution *core;

	stored_hash *stored;

	SubTransactionId saved_in;	/* see "kept" below; InvalidSubTransactionId: it is not as it is stored */

	int64		load_time;		/* microseconds that loading it took */
	TimestampTz deadline;		/* 0: none */
	bool		pause_at_once;
	ErrorData  *load_error;		/* raised while the interpreter waited for its keeper */

	/*
	 * What the steps gave since it was last saved.  The interpreter keeps it net: a timer that was set and is no longer
	 * wanted, a task that was given and has been answered are not among the commands any more.
	 */
	WfOutcome	outcome;
};

static void
free_core(void *core)
{
	wf_execution_free(core);
}

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

/* --- loading --- */

static void
release_stored(StoredFrame *stored)
{
	wf_payload_release(stored->input);
	wf_payload_release(stored->items);
	wf_payload_release(stored->variables);
}

static void
note_stored(WfRun *run, const WfFrameRow *row, int epoch)
{
	bool		found;
	StoredFrame *stored = stored_insert(run->stored, row->id, &found);

	if (found)
		release_stored(stored);
	stored->epoch = epoch;
	stored->input = wf_payload_share(row->input);
	stored->items = wf_payload_share(row->items);
	stored->variables = wf_payload_share(row->variables);
}

static void
forget_stored(WfRun *run, int frame)
{
	StoredFrame *stored = stored_lookup(run->stored, frame);

	release_stored(stored);
	stored_delete_item(run->stored, stored);
}

static void
release_all_stored(void *hash)
{
	stored_iterator i;
	StoredFrame *stored;

	stored_start_iterate(hash, &i);
	while ((stored = stored_iterate(hash, &i)) != NULL)
		release_stored(stored);
}

static void
add_frame(const WfFrameRow *row, int epoch, void *arg)
{
	WfRun	   *run = arg;
	WfError		error = WF_ERROR_NONE;

	if (!wf_execution_add_frame(run->core, row, &error))
		wf_core_raise(&error);
	note_stored(run, row, epoch);
}

/*
 * What the interpreter asks its keeper, through whom no error may jump: it is kept, and raised when the interpreter is back.
 */
static bool
ask_safely(WfRun *run, void (*ask) (WfRun *run, void *arg), void *arg, WfError *error)
{
	MemoryContext before = CurrentMemoryContext;
	volatile bool done = false;

	PG_TRY();
	{
		MemoryContextSwitchTo(run->context);
		ask(run, arg);
		done = true;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(run->context);
		run->load_error = CopyErrorData();
		FlushErrorState();
		wf_error_set(error, WF_INTERRUPTED, "what is stored could not be read");
	}
	PG_END_TRY();
	MemoryContextSwitchTo(before);
	return done;
}

static void
read_ended(WfRun *run, void *arg)
{
	wf_frame_read_ended(run->id, *(int *) arg, add_frame, run);
}

static bool
load_results(void *arg, WfExecution *execution, int parent, WfError *error)
{
	return ask_safely(arg, read_ended, &parent, error);
}

typedef struct TokenRequest
{
	WfTaskReference task;
	char	   *token;
} TokenRequest;

static void
make_token(WfRun *run, void *arg)
{
	TokenRequest *request = arg;

	wf_task_token_make(&request->task, request->token);
}

static bool
task_token(void *arg, int frame, int serial, char *token, WfError *error)
{
	WfRun	   *run = arg;
	TokenRequest request = {{run->id, frame, serial}, token};

	return ask_safely(run, make_token, &request, error);
}

typedef struct ActivityRequest
{
	const WfResource *resource;
	bool	   *has;
} ActivityRequest;

static void
look_for_activity(WfRun *run, void *arg)
{
	ActivityRequest *request = arg;
	char	   *name = wf_arn_activity_name(request->resource->base);
	WfActivity	activity;

	*request->has = name != NULL && wf_activity_by_name(name, run->context, &activity);
}

static bool
has_activity(void *arg, const WfResource *resource, bool *has, WfError *error)
{
	ActivityRequest request = {resource, has};

	return ask_safely(arg, look_for_activity, &request, error);
}

static bool
should_pause(void *arg)
{
	WfRun	   *run = arg;

	return run->pause_at_once || (run->deadline != 0 && GetCurrentTimestamp() >= run->deadline);
}

static char *
keep(WfRun *run, const char *text)
{
	return text == NULL ? NULL : MemoryContextStrdup(run->context, text);
}

static WfRun *
make_run_of(int64 execution, const char *arn, const WfStoredExecution *stored)
{
	MemoryContext context;
	MemoryContext before;
	WfRun	   *run;

	if (stored->map_run != 0 && stored->block < 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED), errmsg("the Map Run of execution " INT64_FORMAT " is missing", execution)));
	context = AllocSetContextCreate(TopTransactionContext, "workflow execution", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(context);
	run = palloc0(sizeof(WfRun));
	run->context = context;
	run->id = execution;
	run->state_machine_id = stored->state_machine_id;
	run->revision_id = stored->revision_id;
	run->owner = stored->owner;
	run->role = stored->role;
	run->deleting = stored->deleting;
	run->parent = stored->parent;
	run->map_run = stored->map_run;
	run->map_items = stored->map_items;
	run->express = stored->express;
	run->logging = stored->logging;
	run->facts.id = arn != NULL ? keep(run, arn) :
		wf_execution_arn(stored->state_machine_name, stored->express, stored->name, execution);
	run->facts.name = keep(run, stored->name);
	run->facts.role_arn = keep(run, stored->role_arn);
	run->facts.state_machine_id = wf_arn_state_machine(stored->state_machine_name);
	run->facts.state_machine_name = keep(run, stored->state_machine_name);
	run->facts.map_run_prefix = wf_arn_map_runs(stored->machine_name);
	run->facts.region = wf_arn_region();
	run->facts.started_at = wf_clock_to_unix(stored->started_at);
	run->facts.input = wf_payload_share(stored->input);
	wf_core_free_with(context, release_payload, run->facts.input);
	run->keeper.arg = run;
	run->keeper.load_results = load_results;
	run->keeper.pause = should_pause;
	run->keeper.has_activity = has_activity;
	run->keeper.task_token = execution != 0 ? task_token : NULL;
	run->limits.max_payload = wf_setting_max_payload;
	run->limits.max_events = stored->express ? PG_INT32_MAX : wf_setting_max_events;	/* ids are that large */
	run->limits.max_execution_seconds = stored->express ? wf_setting_express_timeout : 0;
	run->limits.inline_concurrency = INLINE_CONCURRENCY;
	run->limits.waiting_task_age = execution != 0 ? wf_setting_waiting_task_age : 0;
	run->limits.default_task_timeout = wf_setting_default_task_timeout;
	if (stored->map_run != 0)
		run->facts.root = stored->block;
	run->stored = stored_create(context, 8, NULL);
	wf_core_free_with(context, release_all_stored, run->stored);
	MemoryContextSwitchTo(before);

	run->definition = wf_core_definition(stored->revision_id, wf_execution_definition_text, context);
	run->core = wf_execution_new(run->definition, &run->facts, wf_core_host(), &run->keeper, &run->limits);
	if (run->core == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	wf_core_free_with(context, free_core, run->core);
	return run;
}

/* started: it has run before, and may well be read again. */
static WfRun *
make_run(int64 execution, bool started)
{
	WfStoredExecution stored;

	return wf_execution_read(execution, !started, &stored) ? make_run_of(execution, NULL, &stored) : NULL;
}

WfRun *
wf_run_unstored(int64 id, const char *arn, WfStoredExecution *execution)
{
	WfRun	   *run = make_run_of(id, arn, execution);

	run->facts.synchronous = true;
	return run;
}

WfRun *
wf_run_new(int64 execution)
{
	return make_run(execution, false);
}

/*
 * The run that was saved last is kept until its transaction ends: whoever has locked an execution is the only one to change
 * it, so what is in memory is what is stored.  The tasks of a Map's iterations come in batches, and to load all its frames
 * for each of them would be most of the work.  What is rolled back behind it makes it useless.
 */
static WfRun *kept = NULL;
static LocalTransactionId kept_in;	/* in another transaction the pointer dangles */

static WfRun *
kept_run(void)
{
	return kept_in == wf_local_transaction() ? kept : NULL;
}

static void
forget_kept(SubXactEvent event, SubTransactionId subtransaction, SubTransactionId parent, void *arg)
{
	WfRun	   *run = kept_run();

	if (event == SUBXACT_EVENT_ABORT_SUB && run != NULL && subtransaction <= run->saved_in)
		run->saved_in = InvalidSubTransactionId;
}

/* What is found belongs to the caller: a task that it runs may make runs of its own, which would free it. */
static WfRun *
find_kept(int64 execution)
{
	WfRun	   *run = kept_run();

	if (run == NULL || run->id != execution || run->saved_in == InvalidSubTransactionId)
		return NULL;
	kept = NULL;
	run->saved_in = InvalidSubTransactionId;
	run->load_time = 0;
	return run;
}

static void
keep_run(WfRun *run)
{
	static bool registered = false;

	if (!registered)
		RegisterSubXactCallback(forget_kept, NULL);
	registered = true;
	kept = run;
	kept_in = wf_local_transaction();
}

static void
load(WfRun *run, const WfExecutionRow *row, const WfEpochs *epochs)
{
	MemoryContext before = MemoryContextSwitchTo(run->context);

	run->live = true;
	run->epochs = *epochs;
	wf_execution_set_row(run->core, row);
	wf_frame_read(run->id, epochs, add_frame, run);
	MemoryContextSwitchTo(before);
}

WfLockResult
wf_run_lock(int64 execution, bool wait, WfRun **run)
{
	WfExecutionRow row;
	WfEpochs	epochs;
	WfLockResult result;
	instr_time	start,
				end;

	*run = find_kept(execution);
	if (*run != NULL)
		return WF_LOCK_HELD;
	result = wf_live_execution_lock(execution, wait, &row, &epochs);
	if (result != WF_LOCK_HELD)
		return result;
	INSTR_TIME_SET_CURRENT(start);
	*run = make_run(execution, true);
	if (*run == NULL)
		return WF_LOCK_NO_ROW;
	load(*run, &row, &epochs);
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, start);
	(*run)->load_time = INSTR_TIME_GET_MICROSEC(end);
	return WF_LOCK_HELD;
}

WfRun *
wf_run_look(int64 execution)
{
	WfExecutionRow row;
	WfEpochs	epochs;
	WfRun	   *run;

	if (!wf_live_execution_read(execution, &row, &epochs))
		return NULL;
	run = make_run(execution, true);
	if (run != NULL)
		load(run, &row, &epochs);
	return run;
}

void
wf_run_free(WfRun *run)
{
	WfRun	   *before = kept_run();

	if (run == NULL)
		return;
	if (before != NULL && before != run)
		MemoryContextDelete(before->context);
	if (run->saved_in != InvalidSubTransactionId)
		keep_run(run);
	else
	{
		kept = NULL;
		MemoryContextDelete(run->context);
	}
}

/* --- asking --- */

/* The interpreter could not do it; an error that its keeper met comes first. */
static void
raise_problem(WfRun *run, WfError *error)
{
	if (run->load_error == NULL)
		wf_core_raise(error);
	wf_error_clear(error);
	ReThrowError(run->load_error);
}

int64
wf_run_id(const WfRun *run)
{
	return run->id;
}

Oid
wf_run_owner(const WfRun *run)
{
	return run->owner;
}

Oid
wf_run_role(const WfRun *run)
{
	return run->role;
}

const char *
wf_run_arn(const WfRun *run)
{
	return run->facts.id;
}

bool
wf_run_expects(const WfRun *run, int frame, int serial)
{
	return wf_execution_expects(run->core, frame, serial);
}

static void
clear_task(void *task)
{
	wf_task_to_run_clear(task);
}

void
wf_run_get_task(WfRun *run, int frame, WfTaskToRun *task)
{
	WfError		error = WF_ERROR_NONE;
	WfTaskToRun *owned = MemoryContextAllocZero(run->context, sizeof(WfTaskToRun));

	if (!wf_execution_task(run->core, frame, owned, &error))
		raise_problem(run, &error);
	wf_core_free_with(run->context, clear_task, owned);
	*task = *owned;
}

WfPayload *
wf_run_context(WfRun *run, int frame)
{
	WfError		error = WF_ERROR_NONE;
	WfPayload  *context = wf_execution_context(run->core, frame, &error);

	if (context == NULL)
		raise_problem(run, &error);
	wf_core_free_with(run->context, release_payload, context);
	return context;
}

WfMapInputs *
wf_run_map_inputs(WfRun *run, int frame, WfError *error)
{
	return wf_map_inputs_open(run->core, frame, error);
}

void
wf_run_start_child(const WfRun *run, int64 map_run, int64 index, int items, const char *input)
{
	(void) wf_execution_create_child(run->state_machine_id, run->revision_id, run->role, map_run, index, items, input);
}

static const WfCommand *
find_command(const WfRun *run, WfCommandKind kind)
{
	for (int i = 0; i < run->outcome.n_commands; i++)
		if (run->outcome.commands[i].kind == kind)
			return &run->outcome.commands[i];
	return NULL;
}

WfStimulusKind
wf_run_overdue(const WfRun *run)
{
	WfExecutionRow row;

	wf_execution_get_row(run->core, &row);
	if (row.timeout_at != 0 && wf_clock_from_unix(row.timeout_at) <= wf_clock_now())
		return WF_EXECUTION_TIMED_OUT;
	return run->deleting ? WF_STOP : WF_GO_ON;
}

bool
wf_run_has_ended(const WfRun *run)
{
	return wf_execution_status(run->core) != WF_RUNNING;
}

const WfCommand *
wf_run_next_task(const WfRun *run)
{
	for (int i = 0; i < run->outcome.n_commands; i++)
		if (run->outcome.commands[i].kind == WF_RUN_TASK &&
			run->outcome.commands[i].task.resource->family != WF_FAMILY_ACTIVITY)
			return &run->outcome.commands[i];
	return NULL;
}

const WfCommand *
wf_run_next_timer(const WfRun *run, int frame)
{
	const WfCommand *first = NULL;

	for (int i = 0; i < run->outcome.n_commands; i++)
	{
		const WfCommand *command = &run->outcome.commands[i];

		if (command->kind == WF_SET_TIMER && command->timer != WF_TIMER_AGE && (first == NULL || command->due < first->due) &&
			(frame == WF_ANY_FRAME || command->frame == frame || command->timer == WF_TIMER_EXECUTION))
			first = command;
	}
	return first;
}

bool
wf_run_is_paused(const WfRun *run)
{
	return find_command(run, WF_GO_ON_LATER) != NULL;
}

const WfCommand *
wf_run_end(const WfRun *run)
{
	return find_command(run, WF_FINISH);
}

bool
wf_run_is_heavy(const WfRun *run)
{
	return run->load_time > (int64) (wf_setting_batch_budget * 1000 / 4);
}

TimestampTz
wf_run_worthwhile(const WfRun *run, TimestampTz deadline)
{
	return Max(deadline, GetCurrentTimestamp() + 8 * run->load_time);
}

void
wf_run_set_deadline(WfRun *run, TimestampTz deadline, bool pause_at_once)
{
	run->deadline = deadline;
	run->pause_at_once = pause_at_once;
}

/* --- stepping --- */

void
wf_run_step(WfRun *run, const WfStimulus *stimulus)
{
	WfError		error = WF_ERROR_NONE;

	if (!wf_execution_step(run->core, stimulus, &run->outcome, &error) || run->load_error != NULL)
		raise_problem(run, &error);
}

void
wf_run_task_done(WfRun *run, int frame, int serial, const WfResource *resource, WfPayload *output)
{
	bool		waits = resource->pattern != WF_REQUEST_RESPONSE;
	WfStimulus	stimulus = {
		.kind = waits ? WF_TASK_SUBMITTED : WF_TASK_SUCCEEDED, .frame = frame, .serial = serial, .output = output
	};

	wf_run_step(run, &stimulus);
	if (waits && run->live)		/* else its token is told at the commit, by a notification */
		wf_inbox_release(run->id, frame, serial);
}

bool
wf_run_is_overtaken(const WfRun *run, int frame)
{
	return wf_execution_is_overtaken(run->core, frame);
}

/* --- storing --- */

static void
write_frame(WfRun *run, const WfFrameRow *row, int epoch)
{
	StoredFrame *stored = stored_lookup(run->stored, row->id);
	const char *state_name = run->definition->states[row->state]->name;

	if (stored == NULL)
		wf_frame_insert(run->id, epoch, row, state_name);
	else
	{
		WfFrameParts parts = {
			.input = stored->input != row->input, .items = stored->items != row->items,
			.variables = stored->variables != row->variables
		};

		wf_frame_update(run->id, stored->epoch, epoch, row, state_name, &parts);
	}
}

static void
save_frame(WfRun *run, int frame)
{
	WfError		error = WF_ERROR_NONE;
	WfFrameRow	row;
	int			epoch;

	if (!wf_execution_get_frame(run->core, frame, &row, &error))
		wf_core_raise(&error);
	epoch = wf_frame_epoch(&row, &run->epochs);

	/* The row's malloc'ed parts must not be lost to an error of the store. */
	PG_TRY();
	{
		write_frame(run, &row, epoch);
		note_stored(run, &row, epoch);
	}
	PG_FINALLY();
	{
		wf_frame_row_clear(&row);
	}
	PG_END_TRY();
}

static const char *
payload_text(WfPayload *payload)
{
	const char *text = wf_payload_text(payload, NULL);

	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return text;
}

/* The execution is a child: its parent may wait for this end. */
static void
tell_parent(WfRun *run, WfExecutionStatus status, int64 stopped_at, const char *output, const char *error,
			const char *cause)
{
	WfChildEnd	end = {
		.arn = run->facts.id, .name = run->facts.name, .state_machine_arn = run->facts.state_machine_id,
		.status = status, .started_at = run->facts.started_at, .stopped_at = stopped_at,
		.redrive_count = run->facts.redrive_count, .input = payload_text(run->facts.input),
		.output = output, .error = error, .cause = cause
	};

	wf_child_ended(run->id, &end);
}

static void
save_end(WfRun *run, const WfCommand *end)
{
	WfExecutionRow row;
	const char *output = NULL;

	wf_execution_get_row(run->core, &row);
	if (end->output != NULL)
		output = payload_text(end->output);
	wf_execution_write_end(run->id, run->state_machine_id, run->map_run, run->live, end->status,
						   wf_clock_from_unix(row.last_event_at), output, end->error, end->cause);
	if (run->parent != 0)
		tell_parent(run, end->status, row.last_event_at, output, end->error, end->cause);
	if (run->map_run != 0)
		wf_map_run_child_ended(run->map_run, run->role, end->status, run->map_items);
	if (run->deleting)
		wf_state_machine_execution_ended(run->state_machine_id);
}

/*
 * Writes the execution's row for the present epoch.  True: the frames that are not written have fallen so far behind that
 * moving them is cheap beside what has been written meanwhile.
 */
static bool
save_row(WfRun *run)
{
	WfExecutionRow row;
	WfEpochs	written;
	int			before = run->epochs.present;
	bool		move;

	wf_execution_get_row(run->core, &row);
	run->epochs.present = wf_epoch_of_event(row.last_event);
	if (!run->live)
		run->epochs.oldest = run->epochs.present;
	move = run->epochs.present - run->epochs.oldest > (int) run->stored->members / 2;
	written = run->epochs;
	if (move)
		written.oldest = written.present;
	if (run->live)
		wf_live_execution_update(run->id, &row, &written, before);
	else
		wf_live_execution_insert(run->id, &row, &written);
	return move;
}

/* Such of the frames that no longer exist as are stored. */
static void
delete_gone(WfRun *run)
{
	int		   *gone = palloc(Max(run->outcome.n_gone, 1) * sizeof(int));
	int		   *epochs = palloc(Max(run->outcome.n_gone, 1) * sizeof(int));
	int			n = 0;

	for (int i = 0; i < run->outcome.n_gone; i++)
	{
		const StoredFrame *stored = stored_lookup(run->stored, run->outcome.gone[i]);

		if (stored == NULL)
			continue;
		gone[n] = stored->id;
		epochs[n++] = stored->epoch;
	}
	if (n > 0)
		wf_frame_delete(run->id, epochs, gone, n);
	for (int i = 0; i < n; i++)
		forget_stored(run, gone[i]);
}

static void
move_frames(WfRun *run)
{
	stored_iterator i;
	StoredFrame *stored;

	wf_frame_move(run->id, &run->epochs);
	stored_start_iterate(run->stored, &i);
	while ((stored = stored_iterate(run->stored, &i)) != NULL)
		if (stored->epoch >= run->epochs.oldest)
			stored->epoch = run->epochs.present;
	run->epochs.oldest = run->epochs.present;
}

static void
save_memory(WfRun *run)
{
	bool		move = save_row(run);

	delete_gone(run);
	for (int i = 0; i < run->outcome.n_changed; i++)
		save_frame(run, run->outcome.changed[i]);
	if (move)
		move_frames(run);
	run->live = true;
}

/* To the workers outside who poll for it. */
static void
offer_task(const WfRun *run, const WfCommand *command)
{
	const WfTaskToRun *task = &command->task;
	WfActivityTask offer = {.execution = run->id, .frame = command->frame, .serial = command->serial};

	offer.input = unconstify(char *, wf_payload_text(task->parameters, NULL));
	if (offer.input == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	/* It was there a moment ago: the state is entered again, and finds that out. */
	if (!wf_activity_task_offer(wf_arn_activity_name(task->resource->base), &offer))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("the activity %s has just been deleted", task->resource->text)));
}

static void
carry_out(WfRun *run, const WfCommand *command)
{
	WfTimer		timer = {
		.due = wf_clock_from_unix(command->due), .execution = run->id, .frame = command->frame,
		.kind = command->timer, .serial = command->serial, .role = command->idle ? run->role : InvalidOid
	};

	switch (command->kind)
	{
		case WF_RUN_TASK:
			if (command->task.resource->family == WF_FAMILY_ACTIVITY)
				offer_task(run, command);
			else
				wf_ready_add_task(run->role, run->id, command->frame, command->serial,
							  wf_speed_of(&command->task) == WF_SPEED_SLOW);
			break;
		case WF_CANCEL_TASK:
			if (command->task.resource->family == WF_FAMILY_ACTIVITY)
				wf_activity_task_withdraw(run->id, command->frame, command->serial);
			else
				wf_cancel_at_commit(run->id, command->frame, command->serial);
			if (command->task.resource->pattern == WF_SYNC || command->task.resource->pattern == WF_SYNC2)
				wf_child_abandon(run->id, run->facts.id, command->frame, command->serial);
			if (command->task.resource->pattern != WF_REQUEST_RESPONSE)
				wf_inbox_release(run->id, command->frame, command->serial);
			break;
		case WF_SET_TIMER:
			wf_timer_add(&timer);
			break;
		case WF_CANCEL_TIMER:
			wf_timer_cancel(&timer);
			break;
		case WF_START_MAP_RUN:
			wf_map_run_begin(run->id, run->state_machine_id, run->role, command);
			break;
		case WF_GO_ON_MAP_RUN:
			wf_map_run_go_on(run->id, run->role, command);
			break;
		case WF_END_MAP_RUN:
			wf_map_run_finish(run->id, run->role, command);
			break;
		case WF_GO_ON_LATER:
			wf_ready_add_go_on(run->role, run->id, wf_run_is_heavy(run));
			break;
		case WF_FINISH:
			save_end(run, command);
			break;
	}
}

static void
save_events(int64 execution, bool express, const WfLogging *logging, const WfEvent *events, int n)
{
	if (express)
		wf_log_append(execution, logging, events, n);
	else
		wf_history_append(execution, events, n);
}

void
wf_run_save(WfRun *run)
{
	save_events(run->id, run->express, &run->logging, run->outcome.events, run->outcome.n_events);
	if (!wf_run_has_ended(run))
		save_memory(run);
	for (int i = 0; i < run->outcome.n_commands; i++)
		carry_out(run, &run->outcome.commands[i]);
	wf_execution_forget(run->core);
	memset(&run->outcome, 0, sizeof(run->outcome));
	if (!wf_run_has_ended(run))
		run->saved_in = GetCurrentSubTransactionId();
}

void
wf_run_log(WfRun *run)
{
	if (run->id != 0)
		wf_log_append(run->id, &run->logging, run->outcome.events, run->outcome.n_events);
	wf_execution_forget_events(run->core);
	run->outcome.n_events = 0;
}

void
wf_run_force_fail(int64 execution, const char *cause)
{
	WfStoredExecution stored;
	WfExecutionRow row;
	WfEpochs	epochs;
	WfEvent		event;
	bool		live;
	char	   *arn;

	(void) find_kept(execution);	/* what is kept of it is no longer true */
	memset(&row, 0, sizeof(row));
	live = wf_live_execution_lock(execution, true, &row, &epochs) == WF_LOCK_HELD;
	if (wf_execution_has_ended(execution) || !wf_execution_read(execution, true, &stored))
		return;
	arn = wf_execution_arn(stored.state_machine_name, stored.express, stored.name, execution);
	memset(&event, 0, sizeof(event));
	event.id = row.last_event + 1;
	event.previous = row.last_event;
	event.type = WF_EXECUTION_FAILED_EVENT;
	event.at = Max(row.last_event_at, wf_clock_to_unix(wf_clock_now()));
	event.error = pstrdup(wf_error_name(WF_STATES_RUNTIME));
	event.cause = pstrdup(cause);
	save_events(execution, stored.express, &stored.logging, &event, 1);
	wf_execution_write_end(execution, stored.state_machine_id, stored.map_run, live, WF_FAILED,
						   wf_clock_from_unix(event.at), NULL, event.error, cause);
	wf_child_abandon(execution, arn, -1, 0);
	wf_map_runs_abandon(execution, stored.role, wf_clock_from_unix(event.at));
	if (stored.parent != 0)
		wf_child_ended(execution, &(WfChildEnd) {
			.arn = arn, .name = stored.name, .state_machine_arn = wf_arn_state_machine(stored.state_machine_name),
			.status = WF_FAILED, .started_at = wf_clock_to_unix(stored.started_at), .stopped_at = event.at,
			.input = payload_text(stored.input), .error = event.error, .cause = cause
		});
	if (stored.map_run != 0)
		wf_map_run_child_ended(stored.map_run, stored.role, WF_FAILED, stored.map_items);
	if (stored.deleting)
		wf_state_machine_execution_ended(stored.state_machine_id);
}
