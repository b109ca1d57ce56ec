/*
 * variables.c - what Assign makes, who can read it, and how much of it there may be.
 *
 * A variable belongs to the frame whose state assigned it, and goes with it.  Frames inside read it; the checker sees to it
 * that they assign no name that can be set outside, so names are unique along the way up.
 *
 * How large all variables of an execution are together is known only as a bound, which grows with each Assign: to measure
 * them each time would cost time that is quadratic in the number of frames.  Where the bound passes the limit, it is measured.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

/* The values' texts together, without the names.  Names are written without escapes. */
static size_t
size_of_values(WfPayload *assigned, json_t *values)
{
	size_t		size = wf_payload_size(assigned) - strlen("{}");

	for (void *member = json_object_iter(values); member; member = json_object_iter_next(values, member))
		size -= json_object_iter_key_len(member) + strlen("\"\":,");
	return json_object_size(values) > 0 ? size + strlen(",") : 0;
}

static size_t
size_of_variables(const WfExecution *x)
{
	size_t		size = 0;

	for (int i = 0; i < x->n_buckets; i++)
		for (const WfFrame *frame = x->buckets[i]; frame; frame = frame->next_in_bucket)
			size += frame->variables ? wf_payload_size(frame->variables) : 0;
	return size;
}

/* What a frame's variables lose when others of the same names are set; false with *error. */
static bool
size_of_replaced(const WfFrame *frame, json_t *values, size_t *size, WfError *error)
{
	json_t	   *variables = frame->variables ? wf_payload_json(frame->variables, error) : NULL;

	*size = 0;
	if (!variables)
		return !frame->variables;
	for (void *member = json_object_iter(values); member; member = json_object_iter_next(values, member))
	{
		size_t		name = json_object_iter_key_len(member);
		json_t	   *old = json_object_getn(variables, json_object_iter_key(member), name);
		size_t		length;
		char	   *text;

		if (!old)
			continue;
		text = wf_json_text(old, &length);
		if (!text)
			return wf_error_no_memory(error);
		free(text);
		*size += name + strlen("\"\":") + length;
	}
	return true;
}

/* Sets *error if an Assign makes too much. */
static bool
check_size(WfExecution *x, const WfFrame *frame, WfPayload *assigned, json_t *values, WfError *error)
{
	size_t		limit = x->limits->max_payload;
	size_t		replaced;

	if (limit == 0)
		return true;
	if (!wf_payload_text(assigned, NULL))
		return wf_error_no_memory(error);
	if (size_of_values(assigned, values) > limit)
		return wf_error_set(error, WF_STATES_DATA_LIMIT_EXCEEDED,
							"The variables assigned by one Assign field exceed the maximum of %zu bytes.", limit);
	limit *= WF_PAYLOADS_AT_ONCE;
	x->variables_bound += wf_payload_size(assigned);
	if (x->variables_bound <= limit)
		return true;
	if (!size_of_replaced(frame, values, &replaced, error))
		return false;
	x->variables_bound = size_of_variables(x) + wf_payload_size(assigned) - replaced;
	return x->variables_bound <= limit ||
		wf_error_set(error, WF_STATES_DATA_LIMIT_EXCEEDED,
					 "The variables of the execution exceed the maximum of %zu bytes.", limit);
}

WfPayload *
wf_assigned(WfView *view, const WfTemplate *assign, WfPayload *input, WfError *error)
{
	WfPayload  *assigned = assign ? wf_apply_template(view, assign, input, error) : NULL;
	json_t	   *values = assigned ? wf_payload_json(assigned, error) : NULL;

	if (values && check_size(view->x, view->frame, assigned, values, error))
		return assigned;
	wf_payload_release(assigned);
	return NULL;
}

bool
wf_set_variables(WfExecution *x, WfFrame *frame, WfPayload *assigned)
{
	json_t	   *old = frame->variables ? wf_payload_json(frame->variables, &x->error) : NULL;
	json_t	   *new_ = wf_payload_json(assigned, &x->error);
	json_t	   *merged;
	WfPayload  *variables;

	if (!new_ || (frame->variables && !old))
		return false;
	if (!old)
		variables = wf_payload_share(assigned);
	else
	{
		merged = wf_json_merge(old, new_);
		variables = merged ? wf_payload_from_json(merged) : NULL;
	}
	if (!variables)
		return wf_no_memory(x);
	wf_payload_release(frame->variables);
	frame->variables = variables;
	return true;
}

bool
wf_collect_variables(const WfFrame *frame, json_t **variables, WfError *error)
{
	json_t	   *found = NULL;

	for (; frame; frame = frame->parent)
	{
		json_t	   *own,
				   *merged;

		if (!frame->variables)
			continue;
		own = wf_payload_json(frame->variables, error);
		merged = !own ? NULL : found ? wf_json_merge(own, found) : json_incref(own);
		json_decref(found);
		if (!merged)
			return error->code == WF_NO_ERROR ? wf_error_no_memory(error) : false;
		found = merged;
	}
	*variables = found;
	return true;
}
