/*
 * context.c - the context object (`$$`), and the view that expressions of one state have of the execution.
 *
 * The context object is made when an expression first asks for it, which few do.  What stays the same is kept: what it says
 * of the execution for all of that, what it says of the state while a view is open, for a Map asks for each of its items.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

/* Puts a new value into an object; both may be missing for want of memory. */
static bool
put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

static bool
put_text(json_t *object, const char *key, const char *text)
{
	return put(object, key, json_string(text ? text : ""));
}

static bool
put_time(json_t *object, const char *key, int64_t time)
{
	char		text[WF_TIME_SIZE];

	wf_time_format(time, text);
	return put(object, key, json_string(text));
}

static bool
put_execution(const WfExecution *x, json_t *about, WfError *error)
{
	const WfFacts *facts = x->facts;
	json_t	   *input = wf_payload_json(facts->input, error);
	json_t	   *object;

	if (!input)
		return false;
	object = wf_json_object();
	return put(about, "Execution", object) &&
		put_text(object, "Id", facts->id) &&
		json_object_set(object, "Input", input) == 0 &&
		put_time(object, "StartTime", facts->started_at) &&
		put_text(object, "Name", facts->name) &&
		put_text(object, "RoleArn", facts->role_arn) &&
		(facts->synchronous || put(object, "RedriveCount", json_integer(facts->redrive_count))) &&
		(facts->redriven_at == 0 || put_time(object, "RedriveTime", facts->redriven_at));
}

static bool
put_machine(const WfExecution *x, json_t *about)
{
	json_t	   *object = wf_json_object();

	return put(about, "StateMachine", object) &&
		put_text(object, "Id", x->facts->state_machine_id) &&
		put_text(object, "Name", x->facts->state_machine_name);
}

/* Only states that may be retried count their retries. */
static bool
put_state(const WfFrame *frame, json_t *context)
{
	static const bool retried[] = {
#define WF_STATE(identifier, word, terminal, retry) retry,
#include "asl/states.def"
#undef WF_STATE
	};
	json_t	   *object = wf_json_object();

	return put(context, "State", object) &&
		put_text(object, "Name", frame->state->name) &&
		put_time(object, "EnteredTime", frame->entered_at) &&
		(!retried[frame->state->type] || put(object, "RetryCount", json_integer(frame->attempt)));
}

/*
 * States that wait for more than their work's own answer have a token, those that wait for an execution's end (.sync) too;
 * the same as long as the attempt is out.
 */
static bool
put_task(const WfExecution *x, const WfFrame *frame, json_t *context, WfError *error)
{
	char		token[WF_TASK_TOKEN_SIZE];
	json_t	   *object;

	if (frame->state->type != WF_TASK || frame->state->task.resource.pattern == WF_REQUEST_RESPONSE ||
		frame->task_serial == 0 || !x->keeper->task_token)
		return true;
	if (!x->keeper->task_token(x->keeper->arg, frame->id, frame->task_serial, token, error))
		return false;
	object = wf_json_object();
	return put(context, "Task", object) && put_text(object, "Token", token);
}

static bool
put_item(json_t *context, int index, json_t *key, json_t *item, const char *source)
{
	json_t	   *object = wf_json_object();

	if (!put(context, "Map", object))
		return false;
	if (!put(object, "Item", wf_json_object()))
		return false;
	object = json_object_get(object, "Item");
	return put(object, "Index", json_integer(index)) && (!key || json_object_set(object, "Key", key) == 0) &&
		json_object_set(object, "Value", item) == 0 &&
		put_text(object, "Source", source ? source : "STATE_DATA");
}

/* Map.Item of the innermost iteration that the state is part of, or of the one being made; *item stays NULL without one. */
static bool
find_item(const WfView *view, int *index, json_t **item, WfError *error)
{
	const WfFrame *frame = view->frame;
	json_t	   *items;

	if (view->has_item)
	{
		*index = view->item_index;
		*item = view->item;
		return true;
	}
	while (frame->parent && frame->parent->state->type != WF_MAP)
		frame = frame->parent;
	if (!frame->parent || !frame->parent->items)
		return true;
	items = wf_payload_json(frame->parent->items, error);
	if (!items)
		return false;
	*index = frame->index;
	*item = json_array_get(items, (size_t) frame->index);
	return *item || wf_error_set(error, WF_INVALID_MEMORY, "frame %d is of item %d, which is not there", frame->id, *index);
}

/* Borrowed: the part of the context object that is the same for the whole execution; NULL with *error. */
static json_t *
about_execution(WfExecution *x, WfError *error)
{
	json_t	   *about;

	if (x->about)
		return x->about;
	about = wf_json_object();
	if (put_execution(x, about, error) && put_machine(x, about))
		return x->about = about;
	json_decref(about);
	if (error->code == WF_NO_ERROR)
		wf_error_no_memory(error);
	return NULL;
}

/* New: the context object without an item, or NULL with *error. */
static json_t *
make_common(const WfView *view, WfError *error)
{
	json_t	   *about = about_execution(view->x, error);
	json_t	   *common;

	if (!about)
		return NULL;
	common = wf_json_copy_level(about);
	if (common && put_state(view->frame, common) && put_task(view->x, view->frame, common, error))
		return common;
	json_decref(common);
	if (error->code == WF_NO_ERROR)
		wf_error_no_memory(error);
	return NULL;
}

/* New: the context object, or NULL with *error. */
static json_t *
make_context(WfView *view, WfError *error)
{
	int			index = 0;
	json_t	   *item = NULL;
	json_t	   *context;

	if ((!view->common && !(view->common = make_common(view, error))) || !find_item(view, &index, &item, error))
		return NULL;
	if (!item)
		return json_incref(view->common);
	context = wf_json_copy_level(view->common);
	if (context && put_item(context, index, view->item_key, item, view->item_source))
		return context;
	json_decref(context);
	wf_error_no_memory(error);
	return NULL;
}

static json_t *
context_of(void *arg, WfError *error)
{
	WfView	   *view = arg;

	if (!view->context)
		view->context = make_context(view, error);
	return view->context;
}

void
wf_view_open(WfView *view, WfExecution *x, const WfFrame *frame)
{
	memset(view, 0, sizeof(*view));
	view->x = x;
	view->frame = frame;
	view->scope.context = context_of;
	view->scope.context_arg = view;
	view->scope.host = x->host;
	view->scope.spent = &view->spent;
	view->scope.max_size = x->limits->max_payload * WF_PAYLOADS_AT_ONCE;
}

const WfScope *
wf_view_scope(WfView *view, WfPayload *input, WfError *error)
{
	if (!view->gathered && !wf_collect_variables(view->frame, &view->variables, error))
		return NULL;
	view->gathered = true;
	view->scope.variables = view->variables;
	view->scope.input = wf_payload_json(input, error);
	return view->scope.input ? &view->scope : NULL;
}

void
wf_view_set_item(WfView *view, int index, json_t *key, json_t *item)
{
	view->has_item = true;
	view->item_index = index;
	view->item_key = key;
	view->item = item;
	view->spent = 0;
	json_decref(view->context);
	view->context = NULL;
}

void
wf_view_close(WfView *view)
{
	json_decref(view->common);
	json_decref(view->context);
	json_decref(view->variables);
	view->common = view->context = view->variables = NULL;
}

WfPayload *
wf_execution_context(WfExecution *x, int id, WfError *error)
{
	const WfFrame *frame = wf_frame_find(x, id);
	WfView		view;
	WfPayload  *payload = NULL;

	if (!frame || !wf_frames_link(x))
	{
		wf_error_set(error, WF_INVALID_MEMORY, "there is no frame %d", id);
		return NULL;
	}
	wf_view_open(&view, x, frame);
	if (context_of(&view, error))
	{
		payload = wf_payload_from_json(json_incref(view.context));
		if (!payload)
			wf_error_no_memory(error);
	}
	wf_view_close(&view);
	return payload;
}
