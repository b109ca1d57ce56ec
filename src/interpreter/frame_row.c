/*
 * frame_row.c - frames between memory and their rows.
 *
 * What WfFrameRow has no column for goes into its memory text: a small object of numbers, zeros left out.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

/* --- the memory text --- */

typedef enum FieldKind { COUNT, NUMBER, FLAG } FieldKind;	/* int, never negative; int64_t; bool */

typedef struct Field
{
	const char *name;
	FieldKind	kind;
	size_t		offset;
} Field;

/* Numbers of a frame, by their names in the text. */
static const Field fields[] = {
	{"last", COUNT, offsetof(WfFrame, last)},
	{"length", COUNT, offsetof(WfFrame, length)},
	{"begun", COUNT, offsetof(WfFrame, begun)},
	{"ended", COUNT, offsetof(WfFrame, ended)},
	{"concurrency", COUNT, offsetof(WfFrame, concurrency)},
	{"first", COUNT, offsetof(WfFrame, first_child)},
	{"phase", COUNT, offsetof(WfFrame, phase)},
	{"members", FLAG, offsetof(WfFrame, members)},
	{"started", FLAG, offsetof(WfFrame, started)},
	{"submitted", FLAG, offsetof(WfFrame, submitted)},
	{"timeout", NUMBER, offsetof(WfFrame, timeout)},
	{"heartbeat", NUMBER, offsetof(WfFrame, heartbeat)},
	{"age", NUMBER, offsetof(WfFrame, age_due_at)},
	{"since", NUMBER, offsetof(WfFrame, since)},
	{"items", NUMBER, offsetof(WfFrame, max_items)},
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

static int64_t
get_field(const WfFrame *frame, const Field *field)
{
	const char *place = (const char *) frame + field->offset;

	switch (field->kind)
	{
		case COUNT:
			return *(const int *) place;
		case NUMBER:
			return *(const int64_t *) place;
		case FLAG:
			return *(const bool *) place;
	}
	return 0;
}

/* False: it cannot be the field's. */
static bool
set_field(WfFrame *frame, const Field *field, int64_t value)
{
	char	   *place = (char *) frame + field->offset;

	switch (field->kind)
	{
		case COUNT:
			*(int *) place = (int) value;
			return value >= 0 && value <= INT32_MAX;
		case NUMBER:
			*(int64_t *) place = value;
			return true;
		case FLAG:
			*(bool *) place = value != 0;
			return true;
	}
	return false;
}

/* New: a frame's memory as text, or NULL without memory. */
static char *
write_memory(const WfFrame *frame)
{
	json_t	   *object = wf_json_object();
	char	   *text = NULL;
	size_t		length;
	bool		good = object != NULL;

	for (size_t i = 0; good && i < N_FIELDS; i++)
	{
		int64_t		value = get_field(frame, &fields[i]);

		good = value == 0 || json_object_set_new(object, fields[i].name, json_integer(value)) == 0;
	}
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

/* Fills a frame in from its memory text; false if that is not what write_memory wrote, or without memory. */
static bool
read_memory(WfFrame *frame, const char *text, WfError *error)
{
	json_t	   *object = wf_json_parse(text, strlen(text), false, error);
	json_t	   *retries;
	bool		good = json_is_object(object);

	if (!object && error->code == WF_OUT_OF_MEMORY)
		return false;
	for (size_t i = 0; good && i < N_FIELDS; i++)
	{
		const json_t *value = json_object_get(object, fields[i].name);

		good = !value || (json_is_integer(value) && set_field(frame, &fields[i], json_integer_value(value)));
	}
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

/* --- rows --- */

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
		wf_frame_free(frame);
		return false;
	}
	if (!wf_frame_register(x, frame))
	{
		wf_error_move(error, &x->error);
		wf_frame_free(frame);
		return false;
	}
	frame->input = wf_payload_share(row->input);
	frame->items = wf_payload_share(row->items);
	frame->variables = wf_payload_share(row->variables);
	x->variables_bound += row->variables ? wf_payload_size(row->variables) : 0;
	frame->result = wf_payload_share(row->result);
	/* One that has ended is in nobody's way, and there may be very many: it need not wait for the others. */
	if (parent && row->status == WF_FRAME_ENDED)
		wf_frame_attach(frame, parent);
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
