/*
 * events.c - making events: ids without gaps, times that never run backwards, and the limit of a history.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

/*
 * Tells if a type ends the history: only such an event may take the last place that the limit leaves.
 */
static bool
ends_history(WfEventType type)
{
	return type == WF_EXECUTION_SUCCEEDED_EVENT || type == WF_EXECUTION_FAILED_EVENT ||
		type == WF_EXECUTION_ABORTED_EVENT || type == WF_EXECUTION_TIMED_OUT_EVENT;
}

int64_t
wf_now(const WfExecution *x)
{
	int64_t		now = x->host->now(x->host->arg);

	return now > x->row.last_event_at ? now : x->row.last_event_at;
}

/* A new event without a time. */
static WfEvent *
add_event(WfExecution *x, WfEventType type, int previous)
{
	WfEvent    *event;

	if (x->limits->max_events > 0 && x->row.last_event + 1 >= x->limits->max_events && !ends_history(type))
	{
		x->full = true;
		return NULL;
	}
	if (x->n_events == x->events_size)
	{
		int			size = x->events_size ? x->events_size * 2 : 16;
		WfEvent    *events = realloc(x->events, (size_t) size * sizeof(WfEvent));

		if (!events)
		{
			wf_no_memory(x);
			return NULL;
		}
		x->events = events;
		x->events_size = size;
	}
	event = &x->events[x->n_events++];
	memset(event, 0, sizeof(*event));
	event->id = ++x->row.last_event;
	event->previous = previous;
	event->type = type;
	return event;
}

WfEvent *
wf_add_event(WfExecution *x, WfEventType type, int previous)
{
	WfEvent    *event = add_event(x, type, previous);

	if (event)
		event->at = x->row.last_event_at = wf_now(x);
	return event;
}

WfEvent *
wf_add_event_at_once(WfExecution *x, WfEventType type, int previous)
{
	WfEvent    *event = add_event(x, type, previous);

	if (event)
		event->at = x->row.last_event_at;
	return event;
}

bool
wf_event_failure(WfExecution *x, WfEvent *event, const char *error, const char *cause)
{
	if (error && !(event->error = strdup(error)))
		return wf_no_memory(x);
	if (cause && !(event->cause = strdup(cause)))
		return wf_no_memory(x);
	return true;
}

/* What few events have is asked for first: there are many events, and a call for each field of each would be felt. */
void
wf_event_clear(WfEvent *event)
{
	wf_payload_release(event->data);
	if (event->assigned)
		wf_payload_release(event->assigned);
	if (event->credentials)
		wf_payload_release(event->credentials);
	if (event->error)
		free(event->error);
	if (event->cause)
		free(event->cause);
	if (event->location)
		free(event->location);
}
