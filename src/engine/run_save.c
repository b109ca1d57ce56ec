/*
 * run_save.c - an execution in memory: what its steps gave is stored; and the end of one that cannot be read.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "asl/resource.h"
#include "engine/child.h"
#include "engine/run_internal.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/core.h"
#include "store/activity.h"
#include "store/activity_poll.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/map_run.h"
#include "store/ready.h"
#include "store/state_machine.h"
#include "store/timer.h"

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
		wf_run_note_stored(run, &row, epoch);
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

static void
tell_parents(WfRun *run, WfExecutionStatus status, int64 stopped_at, const char *output, const char *error,
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
	if (run->awaitable)
		tell_parents(run, end->status, row.last_event_at, output, end->error, end->cause);
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
		wf_run_forget_stored(run, gone[i]);
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
	WfActivityTask offer = {.execution = run->id, .frame = command->frame, .serial = command->serial, .role = run->role};

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
			if (wf_resource_is_poll(command->task.resource))
				wf_activity_poll_delete(run->id, command->frame, command->serial);
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

static void
take_back(int64 execution, const WfFrameWait *wait)
{
	WfTimer		timer = {.execution = execution, .frame = wait->frame, .serial = wait->serial};

	timer.kind = WF_TIMER_FRAME;
	timer.due = wf_clock_from_unix(wait->due_at);
	if (wait->due_at != 0)
		wf_timer_cancel(&timer);
	timer.kind = WF_TIMER_HEARTBEAT;
	timer.due = wf_clock_from_unix(wait->heartbeat_due_at);
	if (wait->heartbeat_due_at != 0)
		wf_timer_cancel(&timer);
	wf_cancel_at_commit(execution, wait->frame, wait->serial);
	wf_activity_task_withdraw(execution, wait->frame, wait->serial);
	wf_activity_poll_delete(execution, wait->frame, wait->serial);
	wf_inbox_release(execution, wait->frame, wait->serial);
}

/*
 * All that an execution has out, whatever its memory says: the interpreter would have asked for it command by command.  (A
 * timer of an age, which stands in the memory alone, fires for nobody.)
 */
static void
take_all_back(int64 execution, const char *arn, const WfExecutionRow *row)
{
	WfFrameWait *waits;
	int			n = wf_frame_waits(execution, &waits);
	WfTimer		timeout = {.execution = execution, .kind = WF_TIMER_EXECUTION, .due = wf_clock_from_unix(row->timeout_at)};

	for (int i = 0; i < n; i++)
		take_back(execution, &waits[i]);
	if (row->timeout_at != 0)
		wf_timer_cancel(&timeout);
	wf_child_abandon(execution, arn, -1, 0);
}

bool
wf_run_force_fail(int64 execution, const char *cause)
{
	WfLockResult lock;
	WfStoredExecution stored;
	WfExecutionRow row;
	WfEpochs	epochs;
	WfEvent		event;
	char	   *arn;

	(void) wf_run_take_kept(execution);	/* what is kept of it is no longer true */
	memset(&row, 0, sizeof(row));
	lock = wf_live_execution_lock(execution, false, &row, &epochs);
	if (lock == WF_LOCK_BUSY)
		return false;
	if (wf_execution_has_ended(execution) || !wf_execution_read(execution, true, &stored))
		return true;
	arn = wf_execution_arn(stored.state_machine_name, stored.express, stored.name, execution);
	memset(&event, 0, sizeof(event));
	event.id = row.last_event + 1;
	event.previous = row.last_event;
	event.type = WF_EXECUTION_FAILED_EVENT;
	event.at = Max(row.last_event_at, wf_clock_to_unix(wf_clock_now()));
	event.error = pstrdup(wf_error_name(WF_STATES_RUNTIME));
	event.cause = pstrdup(cause);
	save_events(execution, stored.express, &stored.logging, &event, 1);
	take_all_back(execution, arn, &row);
	wf_map_runs_abandon(execution, stored.role, wf_clock_from_unix(event.at));
	wf_execution_write_end(execution, stored.state_machine_id, stored.map_run, lock == WF_LOCK_HELD, WF_FAILED,
						   wf_clock_from_unix(event.at), NULL, event.error, cause);
	if (wf_run_is_awaitable(&stored))
		wf_child_ended(execution, &(WfChildEnd) {
			.arn = arn, .name = stored.name, .state_machine_arn = wf_arn_state_machine(stored.state_machine_name),
			.status = WF_FAILED, .started_at = wf_clock_to_unix(stored.started_at), .stopped_at = event.at,
			.input = payload_text(stored.input), .error = event.error, .cause = cause
		});
	if (stored.map_run != 0)
		wf_map_run_child_ended(stored.map_run, stored.role, WF_FAILED, stored.map_items);
	if (stored.deleting)
		wf_state_machine_execution_ended(stored.state_machine_id);
	return true;
}
