/*
 * run.c - an execution in memory, for one transaction; see run.h.
 */
#include "postgres.h"

#include "access/xact.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "asl/resource.h"
#include "engine/run_internal.h"
#include "pg/clock.h"
#include "pg/compat.h"
#include "pg/core.h"
#include "pg/settings.h"
#include "store/inbox.h"

/* --- the kept run --- */

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
WfRun *
wf_run_take_kept(int64 execution)
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

WfLockResult
wf_run_lock(int64 execution, bool wait, WfRun **run)
{
	WfExecutionRow row;
	WfEpochs	epochs;
	WfLockResult result;
	instr_time	start,
				end;

	*run = wf_run_take_kept(execution);
	if (*run != NULL)
		return WF_LOCK_HELD;
	result = wf_live_execution_lock(execution, wait, &row, &epochs);
	if (result != WF_LOCK_HELD)
		return result;
	INSTR_TIME_SET_CURRENT(start);
	*run = wf_run_make(execution, true);
	if (*run == NULL)
		return WF_LOCK_NO_ROW;
	wf_run_load(*run, &row, &epochs);
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
	run = wf_run_make(execution, true);
	if (run != NULL)
		wf_run_load(run, &row, &epochs);
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

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

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
wf_run_is_synchronous(const WfRun *run)
{
	return run->facts.synchronous;
}

bool
wf_run_expects(const WfRun *run, int frame, int serial)
{
	return wf_execution_expects(run->core, frame, serial);
}

bool
wf_run_is_late(WfRun *run, int frame)
{
	WfError		error = WF_ERROR_NONE;
	int64		now = wf_clock_to_unix(wf_clock_now());
	WfFrameRow	row;
	bool		late;

	if (!wf_execution_get_frame(run->core, frame, &row, &error))
		raise_problem(run, &error);
	late = (row.due_at != 0 && row.due_at <= now) || (row.heartbeat_due_at != 0 && row.heartbeat_due_at <= now);
	wf_frame_row_clear(&row);
	return late;
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

	if (output == NULL)
		return;
	wf_run_step(run, &stimulus);
	if (waits && run->live)		/* else its token is told at the commit, by a notification */
		wf_inbox_release(run->id, frame, serial);
}

/* An answer that came before its question was out is none: it goes with the attempt. */
void
wf_run_task_failed(WfRun *run, int frame, int serial, const WfTaskError *error)
{
	WfStimulus	stimulus = {
		.kind = WF_TASK_FAILED, .frame = frame, .serial = serial, .error = error->error, .cause = error->cause,
		.also = error->also
	};
	bool		may_be_answered = wf_run_is_overtaken(run, frame);

	wf_run_step(run, &stimulus);
	if (may_be_answered && run->live)
		wf_inbox_release(run->id, frame, serial);
}

bool
wf_run_is_overtaken(const WfRun *run, int frame)
{
	return wf_execution_is_overtaken(run->core, frame);
}
