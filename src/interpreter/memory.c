/*
 * memory.c - frames and executions in memory, and between memory and rows.
 *
 * Frames are found by id through a hash table and hang below their parents in the order in which they were made.  What
 * WfFrameRow has no column for goes into its memory text: a small object of numbers, zeros left out.
 *
 * The rule that bites: a frame's `changed` and `stored` together decide whether the store hears of it.  A frame made and
 * removed before the store took anything over appears nowhere; one that the store may know appears among the gone.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

#define FIRST_BUCKETS 16

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

/* --- frames --- */

WfFrame *
wf_frame_find(const WfExecution *x, int id)
{
	WfFrame    *frame;

	if (x->n_buckets == 0 || id < 0)
		return NULL;
	frame = x->buckets[id & (x->n_buckets - 1)];
	while (frame && frame->id != id)
		frame = frame->next_in_bucket;
	return frame;
}

/* Ids come one after the other, so their low bits spread them evenly. */
static bool
grow_buckets(WfExecution *x)
{
	int			n = x->n_buckets ? x->n_buckets * 2 : FIRST_BUCKETS;
	WfFrame   **buckets = calloc((size_t) n, sizeof(WfFrame *));

	if (!buckets)
		return wf_no_memory(x);
	for (int i = 0; i < x->n_buckets; i++)
		for (WfFrame *frame = x->buckets[i], *next; frame; frame = next)
		{
			next = frame->next_in_bucket;
			frame->next_in_bucket = buckets[frame->id & (n - 1)];
			buckets[frame->id & (n - 1)] = frame;
		}
	free(x->buckets);
	x->buckets = buckets;
	x->n_buckets = n;
	return true;
}

static bool
is_active(WfFrameStatus status)
{
	return status != WF_FRAME_ENDED && status != WF_FRAME_JOINING;
}

static void
attach(WfFrame *frame, WfFrame *parent)
{
	frame->parent = parent;
	frame->previous = parent->final;
	frame->next = NULL;
	if (parent->final)
		parent->final->next = frame;
	else
		parent->first = frame;
	parent->final = frame;
	parent->n_children++;
}

/* Puts a filled-in frame among the others. */
static bool
register_frame(WfExecution *x, WfFrame *frame)
{
	WfFrame   **bucket;

	if (x->n_frames >= x->n_buckets && !grow_buckets(x))
		return false;
	bucket = &x->buckets[frame->id & (x->n_buckets - 1)];
	frame->next_in_bucket = *bucket;
	*bucket = frame;
	x->n_frames++;
	if (is_active(frame->status))
		x->n_active++;
	return true;
}

static void
free_frame(WfFrame *frame)
{
	wf_payload_release(frame->input);
	wf_payload_release(frame->items);
	wf_payload_release(frame->variables);
	wf_payload_release(frame->result);
	free(frame->retries);
	free(frame);
}

WfFrame *
wf_frame_new(WfExecution *x, WfFrame *parent, const WfBlock *block, int index, WfPayload *input, int last)
{
	WfFrame    *frame = calloc(1, sizeof(WfFrame));

	if (!frame)
	{
		wf_no_memory(x);
		return NULL;
	}
	frame->id = x->row.next_frame;
	frame->parent_id = parent ? parent->id : -1;
	frame->index = index;
	frame->block = block;
	frame->state = block->start;
	frame->status = WF_FRAME_READY;
	frame->input = wf_payload_share(input);
	frame->last = last;
	if (!register_frame(x, frame))
	{
		free_frame(frame);
		return NULL;
	}
	x->row.next_frame++;
	if (parent)
		attach(frame, parent);
	wf_queue_last(x, frame);
	return wf_frame_touch(x, frame) ? frame : NULL;
}

void
wf_frame_remove(WfExecution *x, WfFrame *frame)
{
	WfFrame   **place = &x->buckets[frame->id & (x->n_buckets - 1)];

	wf_queue_remove(x, frame);
	while (*place != frame)
		place = &(*place)->next_in_bucket;
	*place = frame->next_in_bucket;
	if (frame->parent)
	{
		if (frame->previous)
			frame->previous->next = frame->next;
		else
			frame->parent->first = frame->next;
		if (frame->next)
			frame->next->previous = frame->previous;
		else
			frame->parent->final = frame->previous;
		frame->parent->n_children--;
	}
	if (is_active(frame->status))
		x->n_active--;
	x->n_frames--;
	if (frame->stored && !wf_ids_add(x, &x->gone, frame->id))
		x->error.code = WF_OUT_OF_MEMORY;	/* found at the end of the step */
	free_frame(frame);
}

void
wf_frame_set_status(WfExecution *x, WfFrame *frame, WfFrameStatus status)
{
	x->n_active += is_active(status) - is_active(frame->status);
	frame->status = status;
}

bool
wf_frame_touch(WfExecution *x, WfFrame *frame)
{
	if (frame->changed)
		return true;
	frame->changed = true;
	return wf_ids_add(x, &x->changed, frame->id);
}

void
wf_frame_leave_state(WfFrame *frame)
{
	wf_payload_release(frame->items);
	frame->items = NULL;
	free(frame->retries);
	frame->retries = NULL;
	frame->attempt = 0;
	frame->started = frame->submitted = false;
	frame->task_serial = 0;
	frame->timeout = frame->heartbeat = frame->age_due_at = 0;
	frame->length = frame->begun = frame->ended = frame->concurrency = frame->first_child = 0;
	frame->broken = frame->over = false;
	frame->phase = frame->members = 0;
	frame->max_items = 0;
	frame->entered_event = 0;
	frame->entered_at = 0;
}

static int
compare_ids(const void *a, const void *b)
{
	return (*(WfFrame *const *) a)->id - (*(WfFrame *const *) b)->id;
}

/*
 * In the order of their ids, whatever order they were loaded in: siblings are aborted as they stand, and what happens must
 * depend on what is stored alone.
 */
bool
wf_frames_link(WfExecution *x)
{
	WfFrame   **orphans;
	int			n = 0;

	if (x->n_orphans == 0)
		return true;
	orphans = malloc((size_t) x->n_orphans * sizeof(WfFrame *));
	if (!orphans)
		return wf_no_memory(x);
	for (int i = 0; i < x->n_buckets; i++)
		for (WfFrame *frame = x->buckets[i]; frame; frame = frame->next_in_bucket)
			if (!frame->parent && frame->parent_id >= 0)
				orphans[n++] = frame;
	qsort(orphans, (size_t) n, sizeof(WfFrame *), compare_ids);
	for (int i = 0; i < n; i++)
	{
		WfFrame    *parent = wf_frame_find(x, orphans[i]->parent_id);

		if (!parent)
		{
			wf_error_set(&x->error, WF_INVALID_MEMORY, "frame %d has no parent %d", orphans[i]->id,
						 orphans[i]->parent_id);
			break;
		}
		attach(orphans[i], parent);
		x->n_orphans--;
	}
	free(orphans);
	return x->n_orphans == 0;
}

/* --- the queue --- */

void
wf_queue_first(WfExecution *x, WfFrame *frame)
{
	if (frame->queued)
		return;
	frame->queued = true;
	frame->previous_in_queue = NULL;
	frame->next_in_queue = x->queue;
	if (x->queue)
		x->queue->previous_in_queue = frame;
	else
		x->queue_end = frame;
	x->queue = frame;
}

void
wf_queue_last(WfExecution *x, WfFrame *frame)
{
	if (frame->queued)
		return;
	frame->queued = true;
	frame->next_in_queue = NULL;
	frame->previous_in_queue = x->queue_end;
	if (x->queue_end)
		x->queue_end->next_in_queue = frame;
	else
		x->queue = frame;
	x->queue_end = frame;
}

void
wf_queue_remove(WfExecution *x, WfFrame *frame)
{
	if (!frame->queued)
		return;
	if (frame->previous_in_queue)
		frame->previous_in_queue->next_in_queue = frame->next_in_queue;
	else
		x->queue = frame->next_in_queue;
	if (frame->next_in_queue)
		frame->next_in_queue->previous_in_queue = frame->previous_in_queue;
	else
		x->queue_end = frame->previous_in_queue;
	frame->next_in_queue = frame->previous_in_queue = NULL;
	frame->queued = false;
}

/* --- the memory text --- */

typedef struct Field
{
	const char *name;
	size_t		offset;
} Field;

/* Numbers of a frame, by their names in the text. */
static const Field fields[] = {
	{"last", offsetof(WfFrame, last)},
	{"length", offsetof(WfFrame, length)},
	{"begun", offsetof(WfFrame, begun)},
	{"ended", offsetof(WfFrame, ended)},
	{"concurrency", offsetof(WfFrame, concurrency)},
	{"first", offsetof(WfFrame, first_child)},
	{"phase", offsetof(WfFrame, phase)},
	{"members", offsetof(WfFrame, members)},
};

static int *
field_of(const WfFrame *frame, const Field *field)
{
	return (int *) ((char *) frame + field->offset);
}

/* Sets one number of an object unless it is zero. */
static bool
put_number(json_t *object, const char *name, int64_t value)
{
	return value == 0 || json_object_set_new(object, name, json_integer(value)) == 0;
}

/* New: a frame's memory as text, or NULL without memory. */
static char *
write_memory(const WfFrame *frame)
{
	json_t	   *object = wf_json_object();
	char	   *text = NULL;
	size_t		length;
	bool		good = object != NULL;

	for (size_t i = 0; good && i < sizeof(fields) / sizeof(fields[0]); i++)
		good = put_number(object, fields[i].name, *field_of(frame, &fields[i]));
	good = good && put_number(object, "started", frame->started) &&
		put_number(object, "submitted", frame->submitted) && put_number(object, "timeout", frame->timeout) &&
		put_number(object, "heartbeat", frame->heartbeat) && put_number(object, "age", frame->age_due_at) &&
		put_number(object, "since", frame->since) && put_number(object, "items", frame->max_items);
	if (good && frame->retries)
	{
		json_t	   *retries = json_array();

		for (int i = 0; good && i < frame->state->n_retriers; i++)
			good = json_array_append_new(retries, json_integer(frame->retries[i])) == 0;
		good = json_object_set_new(object, "retries", retries) == 0 && good;
	}
	if (good)
		text = wf_json_text(object, &length);
	json_decref(object);
	return text;
}

static bool
get_number(const json_t *object, const char *name, int64_t *value)
{
	const json_t *found = json_object_get(object, name);

	*value = found ? json_integer_value(found) : 0;
	return !found || json_is_integer(found);
}

/* Fills a frame in from its memory text; false if that is not what write_memory wrote, or without memory. */
static bool
read_memory(WfFrame *frame, const char *text, WfError *error)
{
	json_t	   *object = wf_json_parse(text, strlen(text), false, error);
	json_t	   *retries;
	int64_t		value = 0;
	bool		good = json_is_object(object);

	if (!object && error->code == WF_OUT_OF_MEMORY)
		return false;
	for (size_t i = 0; good && i < sizeof(fields) / sizeof(fields[0]); i++)
	{
		good = get_number(object, fields[i].name, &value) && value >= 0 && value <= INT32_MAX;
		*field_of(frame, &fields[i]) = (int) value;
	}
	good = good && get_number(object, "started", &value);
	frame->started = value != 0;
	good = good && get_number(object, "submitted", &value);
	frame->submitted = value != 0;
	good = good && get_number(object, "timeout", &frame->timeout) && get_number(object, "heartbeat", &frame->heartbeat) &&
		get_number(object, "age", &frame->age_due_at) && get_number(object, "since", &frame->since) &&
		get_number(object, "items", &frame->max_items);
	retries = good ? json_object_get(object, "retries") : NULL;
	if (retries)
	{
		good = json_array_size(retries) == (size_t) frame->state->n_retriers;
		if (good && !(frame->retries = calloc((size_t) frame->state->n_retriers + 1, sizeof(int))))
		{
			json_decref(object);
			return wf_error_no_memory(error);
		}
		for (int i = 0; good && i < frame->state->n_retriers; i++)
			frame->retries[i] = (int) json_integer_value(json_array_get(retries, (size_t) i));
	}
	json_decref(object);
	if (!good)
		return wf_error_set(error, WF_INVALID_MEMORY, "the memory of frame %d cannot be read: %s", frame->id, text);
	return true;
}

/* --- executions --- */

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
			free_frame(frame);
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

/*
 * Tells if a frame's row can be true of this definition.
 */
static bool
check_row(const WfExecution *x, const WfFrameRow *row, WfError *error)
{
	const WfDefinition *definition = x->definition;

	if (row->id < 0 || row->block < 0 || row->block >= definition->n_blocks ||
		row->state < 0 || row->state >= definition->n_states ||
		definition->states[row->state]->block != definition->blocks[row->block] ||
		(int) row->status < 0 || row->status > WF_FRAME_ENDED || (row->id == 0) != (row->parent < 0))
		return wf_error_set(error, WF_INVALID_MEMORY, "frame %d (block %d, state %d) does not fit the definition", row->id,
							row->block, row->state);
	return true;
}

bool
wf_execution_add_frame(WfExecution *x, const WfFrameRow *row, WfError *error)
{
	WfFrame    *parent = wf_frame_find(x, row->parent);
	WfFrame    *frame;

	/* Asked for an owner's results, the store gives all it has: also what is here already, or of an attempt before. */
	if (wf_frame_find(x, row->id) || (parent && row->id < parent->first_child))
		return true;
	if (!check_row(x, row, error))
		return false;
	frame = calloc(1, sizeof(WfFrame));
	if (!frame)
		return wf_error_no_memory(error);
	frame->id = row->id;
	frame->parent_id = row->parent;
	frame->index = row->index;
	frame->block = x->definition->blocks[row->block];
	frame->state = x->definition->states[row->state];
	frame->status = row->status;
	frame->serial = row->serial;
	frame->task_serial = row->status == WF_FRAME_TASK ? row->serial : 0;
	frame->entered_event = row->entered_event;
	frame->entered_at = row->entered_at;
	frame->due_at = row->due_at;
	frame->heartbeat_due_at = row->heartbeat_due_at;
	frame->attempt = row->attempt;
	frame->stored = true;
	if (row->memory && !read_memory(frame, row->memory, error))
	{
		free_frame(frame);
		return false;
	}
	if (!register_frame(x, frame))
	{
		wf_error_move(error, &x->error);
		free_frame(frame);
		return false;
	}
	frame->input = wf_payload_share(row->input);
	frame->items = wf_payload_share(row->items);
	frame->variables = wf_payload_share(row->variables);
	x->variables_bound += row->variables ? wf_payload_size(row->variables) : 0;
	frame->result = wf_payload_share(row->result);
	/* One that has ended is in nobody's way, and there may be very many: it need not wait for the others. */
	if (parent && row->status == WF_FRAME_ENDED)
		attach(frame, parent);
	else if (row->parent >= 0)
		x->n_orphans++;
	if (frame->status == WF_FRAME_READY || (frame->status == WF_FRAME_JOINING && frame->ended == frame->length))
		wf_queue_last(x, frame);
	return true;
}

bool
wf_execution_get_frame(const WfExecution *x, int id, WfFrameRow *row, WfError *error)
{
	const WfFrame *frame = wf_frame_find(x, id);

	memset(row, 0, sizeof(*row));
	if (!frame)
		return wf_error_set(error, WF_INVALID_MEMORY, "there is no frame %d", id);
	row->memory = write_memory(frame);
	if (!row->memory)
		return wf_error_no_memory(error);
	row->id = frame->id;
	row->parent = frame->parent_id;
	row->index = frame->index;
	row->block = frame->block->id;
	row->state = frame->state->id;
	row->status = frame->status;
	row->serial = frame->serial;
	row->entered_event = frame->entered_event;
	row->entered_at = frame->entered_at;
	row->due_at = frame->due_at;
	row->heartbeat_due_at = frame->heartbeat_due_at;
	row->attempt = frame->attempt;
	row->input = wf_payload_share(frame->input);
	row->items = wf_payload_share(frame->items);
	row->variables = wf_payload_share(frame->variables);
	row->result = wf_payload_share(frame->result);
	return true;
}

void
wf_frame_row_clear(WfFrameRow *row)
{
	free(row->memory);
	wf_payload_release(row->input);
	wf_payload_release(row->items);
	wf_payload_release(row->variables);
	wf_payload_release(row->result);
	memset(row, 0, sizeof(*row));
}

bool
wf_execution_expects(const WfExecution *x, int id, int serial)
{
	const WfFrame *frame = wf_frame_find(x, id);

	return frame && serial != 0 && frame->serial == serial;
}

/* --- words --- */

const char *
wf_frame_status_word(WfFrameStatus status)
{
	static const char *const words[] = {"ready", "task", "waiting", "retrying", "joining", "ended"};

	return words[status];
}

const char *
wf_execution_status_word(WfExecutionStatus status)
{
	static const char *const words[] = {"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"};

	return words[status];
}
