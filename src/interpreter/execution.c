/*
 * execution.c - executions in memory: made, told that their outcome is stored, and freed.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

bool
wf_no_memory(WfExecution *x)
{
	return wf_error_no_memory(&x->error);
}

bool
wf_ids_add(WfExecution *x, WfIds *ids, int id)
{
	if (ids->n == ids->size)
	{
		int			size = ids->size ? ids->size * 2 : 16;
		int		   *grown = realloc(ids->ids, (size_t) size * sizeof(int));

		if (!grown)
			return wf_no_memory(x);
		ids->ids = grown;
		ids->size = size;
	}
	ids->ids[ids->n++] = id;
	return true;
}

/*
 * The execution that was freed last, empty: its arrays serve the next one.  A worker runs one execution after the other,
 * most of them short, and these few large allocations would be the dearest part of each.
 */
static WfExecution *spare;

#define SPARE_EVENTS 256
#define SPARE_ITEMS 1024		/* of the other arrays */

static bool
is_small(const WfExecution *x)
{
	return x->events_size <= SPARE_EVENTS && x->n_buckets <= SPARE_ITEMS && x->commands_size <= SPARE_EVENTS &&
		x->changed.size <= SPARE_ITEMS && x->gone.size <= SPARE_ITEMS && x->changed_now.size <= SPARE_ITEMS;
}

/* The spare one, or NULL. */
static WfExecution *
take_spare(void)
{
	WfExecution *x = spare;

	spare = NULL;
	if (x)
	{
		if (x->n_buckets > 0)
			memset(x->buckets, 0, (size_t) x->n_buckets * sizeof(WfFrame *));
		x->changed.n = x->gone.n = x->changed_now.n = 0;
		memset((char *) x + offsetof(WfExecution, definition), 0, sizeof(*x) - offsetof(WfExecution, definition));
	}
	return x;
}

WfExecution *
wf_execution_new(const WfDefinition *definition, const WfFacts *facts, const WfHost *host, const WfKeeper *keeper,
				 const WfLimits *limits)
{
	WfExecution *x = take_spare();

	if (!x)
		x = calloc(1, sizeof(WfExecution));
	if (!x)
		return NULL;
	x->definition = definition;
	x->facts = facts;
	x->host = host;
	x->keeper = keeper;
	x->limits = limits;
	x->status = WF_RUNNING;
	return x;
}

void
wf_execution_forget_events(WfExecution *x)
{
	for (int i = 0; i < x->n_events; i++)
		wf_event_clear(&x->events[i]);
	x->n_events = 0;
}

/* Drops what the outcomes held. */
static void
clear_outcome(WfExecution *x)
{
	wf_execution_forget_events(x);
	for (int i = 0; i < x->n_commands; i++)
		wf_command_clear(&x->commands[i]);
	x->n_commands = x->n_dropped = 0;
	x->changed_now.n = x->gone.n = 0;
}

void
wf_execution_free(WfExecution *x)
{
	if (!x)
		return;
	clear_outcome(x);
	for (int i = 0; i < x->n_buckets; i++)
		for (WfFrame *frame = x->buckets[i], *next; frame; frame = next)
		{
			next = frame->next_in_bucket;
			wf_frame_free(frame);
		}
	json_decref(x->about);
	free(x->failure_error);
	free(x->failure_cause);
	wf_error_clear(&x->error);
	if (!spare && is_small(x))
	{
		spare = x;
		return;
	}
	free(x->buckets);
	free(x->events);
	free(x->commands);
	free(x->changed.ids);
	free(x->gone.ids);
	free(x->changed_now.ids);
	free(x);
}

void
wf_execution_forget(WfExecution *x)
{
	for (int i = 0; i < x->changed.n; i++)
	{
		WfFrame    *frame = wf_frame_find(x, x->changed.ids[i]);

		if (frame)
		{
			frame->stored = true;
			frame->changed = false;
		}
	}
	/* Commands stand for frames that are there, or have been dropped with them; a frame touched is a frame changed. */
	for (int i = 0; i < x->n_commands; i++)
	{
		WfFrame    *frame = wf_frame_find(x, x->commands[i].frame);

		if (frame)
			frame->run_command = frame->timer_command = frame->heartbeat_command = frame->age_command = 0;
	}
	x->changed.n = 0;
	clear_outcome(x);
}

WfExecutionStatus
wf_execution_status(const WfExecution *x)
{
	return x->status;
}

void
wf_execution_set_row(WfExecution *x, const WfExecutionRow *row)
{
	x->row = *row;
}

void
wf_execution_get_row(const WfExecution *x, WfExecutionRow *row)
{
	*row = x->row;
}

bool
wf_execution_expects(const WfExecution *x, int id, int serial)
{
	const WfFrame *frame = wf_frame_find(x, id);

	return frame && serial != 0 && frame->serial == serial;
}

const char *
wf_execution_status_word(WfExecutionStatus status)
{
	static const char *const words[] = {"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"};

	return words[status];
}
