/*
 * frame.c - frames in memory: found by id, below their parents, and in the queue of those that can go on.
 *
 * Frames are found by id through a hash table and hang below their parents in the order in which they were made.
 *
 * The rule that bites: a frame's `changed` and `stored` together decide whether the store hears of it.  A frame made and
 * removed before the store took anything over appears nowhere; one that the store may know appears among the gone.
 */
#include <stdlib.h>

#include "interpreter/internal.h"

#define FIRST_BUCKETS 16

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

void
wf_frame_attach(WfFrame *frame, WfFrame *parent)
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

bool
wf_frame_register(WfExecution *x, WfFrame *frame)
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

void
wf_frame_free(WfFrame *frame)
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
	if (!wf_frame_register(x, frame))
	{
		wf_frame_free(frame);
		return NULL;
	}
	x->row.next_frame++;
	if (parent)
		wf_frame_attach(frame, parent);
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
	wf_frame_free(frame);
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
	frame->members = false;
	frame->phase = 0;
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
		wf_frame_attach(orphans[i], parent);
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

const char *
wf_frame_status_word(WfFrameStatus status)
{
	static const char *const words[] = {"ready", "task", "waiting", "retrying", "joining", "ended"};

	return words[status];
}
