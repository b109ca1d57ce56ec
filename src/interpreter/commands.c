/*
 * commands.c - what the engine shall do, as a net effect.
 *
 * Outcomes add up until the engine says that it has stored them.  So a command that is taken back before that is simply
 * dropped: a timer set and cancelled within one batch is never written, and a task that the engine ran at once need not
 * be queued.  A command that may have been carried out is answered by its opposite instead.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

/* The kind of a command that was dropped; never shown. */
#define DROPPED ((WfCommandKind) -1)

WfCommand *
wf_add_command(WfExecution *x, WfCommandKind kind, const WfFrame *frame)
{
	WfCommand  *command;

	if (x->n_commands == x->commands_size)
	{
		int			size = x->commands_size ? x->commands_size * 2 : 8;
		WfCommand  *commands = realloc(x->commands, (size_t) size * sizeof(WfCommand));

		if (!commands)
		{
			wf_no_memory(x);
			return NULL;
		}
		x->commands = commands;
		x->commands_size = size;
	}
	command = &x->commands[x->n_commands++];
	memset(command, 0, sizeof(*command));
	command->kind = kind;
	if (frame)
	{
		command->frame = frame->id;
		command->serial = frame->serial;
	}
	return command;
}

void
wf_task_to_run_clear(WfTaskToRun *task)
{
	wf_payload_release(task->parameters);
	wf_payload_release(task->credentials);
	memset(task, 0, sizeof(*task));
}

void
wf_command_clear(WfCommand *command)
{
	wf_task_to_run_clear(&command->task);
	if (command->kind == WF_START_MAP_RUN)
		wf_map_run_to_start_clear(&command->map);
	wf_payload_release(command->output);
	command->output = NULL;
}

static int64_t *
due_of(WfFrame *frame, WfTimerKind kind)
{
	return kind == WF_TIMER_HEARTBEAT ? &frame->heartbeat_due_at :
		kind == WF_TIMER_AGE ? &frame->age_due_at : &frame->due_at;
}

static int *
command_of(WfFrame *frame, WfTimerKind kind)
{
	return kind == WF_TIMER_HEARTBEAT ? &frame->heartbeat_command :
		kind == WF_TIMER_AGE ? &frame->age_command : &frame->timer_command;
}

/* Drops the command at a place + 1; the place is forgotten. */
static void
drop(WfExecution *x, int *place)
{
	WfCommand  *command = &x->commands[*place - 1];

	wf_command_clear(command);
	command->kind = DROPPED;
	x->n_dropped++;
	*place = 0;
}

/* Moves what a frame remembers of a command to where that now stands. */
static void
follow(WfExecution *x, const WfCommand *command, int place)
{
	WfFrame    *frame = wf_frame_find(x, command->frame);

	if (!frame || frame->serial != command->serial)
		return;
	if (command->kind == WF_RUN_TASK)
		frame->run_command = place;
	else if (command->kind == WF_SET_TIMER)
		*command_of(frame, command->timer) = place;
}

void
wf_commands_settle(WfExecution *x)
{
	int			n = 0;

	if (x->n_dropped == 0)
		return;
	for (int i = 0; i < x->n_commands; i++)
		if (x->commands[i].kind != DROPPED)
		{
			if (n != i)
			{
				x->commands[n] = x->commands[i];
				follow(x, &x->commands[n], n + 1);
			}
			n++;
		}
	x->n_commands = n;
	x->n_dropped = 0;
}

bool
wf_frame_alone(const WfExecution *x, const WfFrame *frame)
{
	return x->n_active - (frame->status != WF_FRAME_ENDED && frame->status != WF_FRAME_JOINING) == 0;
}

bool
wf_run_task(WfExecution *x, WfFrame *frame, WfTaskToRun *task)
{
	WfCommand  *command = wf_add_command(x, WF_RUN_TASK, frame);

	if (!command)
	{
		wf_task_to_run_clear(task);
		return false;
	}
	command->task = *task;
	frame->run_command = x->n_commands;
	return true;
}

void
wf_drop_task(WfExecution *x, WfFrame *frame)
{
	if (frame->run_command)
		drop(x, &frame->run_command);
}

/* Of the task that is out; NULL: a Map Run's children are, and no task. */
static const WfResource *
resource_of(const WfFrame *frame)
{
	return frame->state->type == WF_MAP ? wf_map_run_resource(frame) : &frame->state->task.resource;
}

bool
wf_cancel_task(WfExecution *x, WfFrame *frame)
{
	const WfResource *resource = resource_of(frame);
	WfCommand  *command;

	if (frame->run_command)
	{
		drop(x, &frame->run_command);
		return true;
	}
	if (!resource)
		return true;
	command = wf_add_command(x, WF_CANCEL_TASK, frame);
	if (command)
		command->task.resource = resource;
	return command != NULL;
}

bool
wf_execution_is_overtaken(const WfExecution *x, int id)
{
	const WfFrame *frame = wf_frame_find(x, id);
	const WfResource *resource = frame && frame->status == WF_FRAME_TASK ? resource_of(frame) : NULL;

	return resource && !frame->submitted && resource->pattern != WF_REQUEST_RESPONSE;
}

bool
wf_set_timer(WfExecution *x, WfFrame *frame, WfTimerKind kind, int64_t due)
{
	WfCommand  *command = wf_add_command(x, WF_SET_TIMER, frame);

	if (!command)
		return false;
	command->timer = kind;
	command->due = due;
	command->idle = frame->status != WF_FRAME_TASK;
	*due_of(frame, kind) = due;
	*command_of(frame, kind) = x->n_commands;
	return true;
}

bool
wf_cancel_timer(WfExecution *x, WfFrame *frame, WfTimerKind kind)
{
	int64_t    *due = due_of(frame, kind);

	if (*due == 0)
		return true;
	if (*command_of(frame, kind))
		drop(x, command_of(frame, kind));
	else
	{
		WfCommand  *command = wf_add_command(x, WF_CANCEL_TIMER, frame);

		if (!command)
			return false;
		command->timer = kind;
		command->due = *due;
	}
	*due = 0;
	return true;
}

void
wf_timer_fired(WfExecution *x, WfFrame *frame, WfTimerKind kind)
{
	if (*command_of(frame, kind))
		drop(x, command_of(frame, kind));
	*due_of(frame, kind) = 0;
}

bool
wf_set_execution_timer(WfExecution *x, int64_t due)
{
	WfCommand  *command = wf_add_command(x, WF_SET_TIMER, NULL);

	if (!command)
		return false;
	command->timer = WF_TIMER_EXECUTION;
	command->due = x->row.timeout_at = due;
	return true;
}

bool
wf_cancel_execution_timer(WfExecution *x)
{
	WfCommand  *command;

	if (x->row.timeout_at == 0)
		return true;
	for (int i = 0; i < x->n_commands; i++)
		if (x->commands[i].kind == WF_SET_TIMER && x->commands[i].timer == WF_TIMER_EXECUTION)
		{
			int			place = i + 1;

			drop(x, &place);
			return true;
		}
	command = wf_add_command(x, WF_CANCEL_TIMER, NULL);
	if (!command)
		return false;
	command->timer = WF_TIMER_EXECUTION;
	command->due = x->row.timeout_at;
	return true;
}

bool
wf_begin_wait(WfExecution *x, WfFrame *frame, WfFrameStatus status, int64_t due)
{
	frame->serial = x->row.next_serial++;
	frame->since = status == WF_FRAME_TASK && frame->attempt > 0 ? x->row.last_event_at : 0;
	wf_frame_set_status(x, frame, status);
	if (due && !wf_set_timer(x, frame, WF_TIMER_FRAME, due))
		return false;
	return wf_frame_touch(x, frame);
}

bool
wf_end_wait(WfExecution *x, WfFrame *frame, bool cancel_task)
{
	if (frame->serial == 0)
		return true;
	if (!wf_cancel_timer(x, frame, WF_TIMER_FRAME) || !wf_cancel_timer(x, frame, WF_TIMER_HEARTBEAT) ||
		!wf_cancel_timer(x, frame, WF_TIMER_AGE))
		return false;
	if (frame->status == WF_FRAME_TASK)
	{
		if (!cancel_task)
			wf_drop_task(x, frame);
		else if (!wf_cancel_task(x, frame) || !wf_end_map_run(x, frame, WF_ABORTED))	/* whose phase says which task is out */
			return false;
	}
	frame->serial = 0;
	return wf_frame_touch(x, frame);
}
