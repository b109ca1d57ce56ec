/*
 * run_load.c - an execution in memory: made of what is stored, with all that the interpreter may ask for meanwhile.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "asl/resource.h"
#include "engine/run_internal.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/core.h"
#include "pg/settings.h"
#include "store/activity.h"
#include "store/task_token.h"

#define INLINE_CONCURRENCY 40	/* iterations of an inline Map at once: the service's limit */

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

static void
release_stored(StoredFrame *stored)
{
	wf_payload_release(stored->input);
	wf_payload_release(stored->items);
	wf_payload_release(stored->variables);
}

void
wf_run_note_stored(WfRun *run, const WfFrameRow *row, int epoch)
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

void
wf_run_forget_stored(WfRun *run, int frame)
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
	wf_run_note_stored(run, row, epoch);
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

bool
wf_run_is_awaitable(const WfStoredExecution *stored)
{
	return stored->parent != 0 || (stored->named && !stored->express);
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
	run->map_run = stored->map_run;
	run->map_items = stored->map_items;
	run->awaitable = wf_run_is_awaitable(stored);
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

WfRun *
wf_run_make(int64 execution, bool started)
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
	return wf_run_make(execution, false);
}

void
wf_run_load(WfRun *run, const WfExecutionRow *row, const WfEpochs *epochs)
{
	MemoryContext before = MemoryContextSwitchTo(run->context);

	run->live = true;
	run->epochs = *epochs;
	wf_execution_set_row(run->core, row);
	wf_frame_read(run->id, epochs, add_frame, run);
	MemoryContextSwitchTo(before);
}
