/*
 * map_inputs.c - what the children of a distributed Map are given: items one by one, or batches of them.
 *
 * ItemSelector and BatchInput are computed here, and a batch is closed when it has as many items or bytes as it may.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"
#include "interpreter/item_reader.h"

struct WfMapInputs
{
	const WfState *state;
	WfPayload  *input;
	WfPayload  *batch_input;	/* NULL: none */
	bool		members;		/* the items are an object's: {"Key": …, "Value": …} */
	char	   *source;			/* of the items; NULL: they are the state's own, or nobody asks */
	int64_t		items;			/* at most so many in a batch; 0: no limit */
	int64_t		bytes;
	int64_t		most;			/* that any input may have; 0: no limit */
	WfView		view;
	WfPayload  *single;			/* what the next child gets, if that is an item; NULL: none yet */
	json_t	   *batch;			/* array: the items that it gets, if there are batches */
	int64_t		size;			/* of its text, so far */
};

bool
wf_batch_limits(WfView *view, const WfDistributed *distributed, WfPayload *input, int64_t *items, int64_t *bytes,
				WfError *error)
{
	return wf_apply_count(view, &distributed->batch_items, "MaxItemsPerBatch", "MaxItemsPerBatchPath", input, 0, items,
						  error) &&
		wf_apply_count(view, &distributed->batch_bytes, "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath", input, 0, bytes,
					   error);
}

/* Of a batch's input the text without its items. */
static int64_t
batch_frame(const WfMapInputs *inputs)
{
	return inputs->batch_input ? (int64_t) strlen("{\"BatchInput\":,\"Items\":[]}") + (int64_t) wf_payload_size(inputs->batch_input)
		: (int64_t) strlen("{\"Items\":[]}");
}

/* An ItemSelector may ask where the items were read from. */
static bool
find_source(WfMapInputs *inputs, const WfDistributed *distributed, WfError *error)
{
	WfPayload  *parameters;
	json_t	   *value;

	if (!inputs->state->parameters || !distributed->reader)
		return true;
	parameters = wf_apply_template(&inputs->view, distributed->reader_parameters, inputs->input, error);
	value = parameters ? wf_payload_json(parameters, error) : NULL;
	if (value && !(inputs->source = wf_item_source(distributed->reader->text, value)))
		wf_error_no_memory(error);
	wf_payload_release(parameters);
	return inputs->source != NULL;
}

WfMapInputs *
wf_map_inputs_open(WfExecution *x, int id, WfError *error)
{
	const WfFrame *frame = wf_frame_find(x, id);
	WfMapInputs *inputs;
	const WfDistributed *distributed;

	if (!frame || !wf_frames_link(x) || frame->state->type != WF_MAP || !frame->state->map.distributed)
	{
		wf_error_set(error, WF_INVALID_MEMORY, "frame %d is no distributed Map", id);
		return NULL;
	}
	inputs = calloc(1, sizeof(WfMapInputs));
	if (!inputs || !(inputs->batch = json_array()))
	{
		free(inputs);
		wf_error_no_memory(error);
		return NULL;
	}
	distributed = frame->state->map.distributed;
	inputs->state = frame->state;
	inputs->members = frame->members;
	wf_view_open(&inputs->view, x, frame);
	if ((inputs->input = wf_apply_path(&inputs->view, &frame->state->input_path, frame->input, error)) &&
		wf_batch_limits(&inputs->view, distributed, inputs->input, &inputs->items, &inputs->bytes, error) &&
		(!distributed->batch_input ||
		 (inputs->batch_input = wf_apply_template(&inputs->view, distributed->batch_input, inputs->input, error))) &&
		find_source(inputs, distributed, error))
	{
		inputs->view.item_source = inputs->source;
		inputs->most = (int64_t) x->limits->max_payload;
		if (inputs->most > 0 && (inputs->bytes == 0 || inputs->bytes > inputs->most))
			inputs->bytes = inputs->most;
		inputs->size = batch_frame(inputs);
		return inputs;
	}
	wf_map_inputs_close(inputs);
	return NULL;
}

void
wf_map_inputs_close(WfMapInputs *inputs)
{
	if (!inputs)
		return;
	wf_view_close(&inputs->view);
	wf_payload_release(inputs->input);
	wf_payload_release(inputs->batch_input);
	wf_payload_release(inputs->single);
	json_decref(inputs->batch);
	free(inputs->source);
	free(inputs);
}

static bool
refuse_size(const WfMapInputs *inputs, int64_t size, WfError *error)
{
	char	   *cause;

	if (inputs->most == 0 || size <= inputs->most)
		return false;
	cause = wf_data_limit_cause(inputs->state->name);
	if (cause)
		wf_error_set(error, WF_STATES_DATA_LIMIT_EXCEEDED, "%s", cause);
	else
		wf_error_no_memory(error);
	free(cause);
	return true;
}

static WfMapAdded
add_to_batch(WfMapInputs *inputs, WfPayload *input, int64_t size, WfError *error)
{
	size_t		n = json_array_size(inputs->batch);
	json_t	   *value;

	size += inputs->size + (n > 0);
	if (n > 0 && inputs->bytes > 0 && size > inputs->bytes)
		return WF_MAP_ITEM_NEXT;
	if (refuse_size(inputs, size, error))
		return WF_MAP_ITEM_FAILED;
	value = wf_payload_json(input, error);
	if (!value || (json_array_append(inputs->batch, value) != 0 && !wf_error_no_memory(error)))
		return WF_MAP_ITEM_FAILED;
	inputs->size = size;
	return inputs->items > 0 && (int64_t) n + 1 >= inputs->items ? WF_MAP_ITEM_FULL : WF_MAP_ITEM_ADDED;
}

WfMapAdded
wf_map_inputs_add(WfMapInputs *inputs, int64_t index, json_t *item, WfError *error)
{
	WfPayload  *input = wf_apply_item_selector(&inputs->view, inputs->input, (int) index, item, inputs->members, error);
	size_t		length;
	WfMapAdded	added;

	if (!input)
		return WF_MAP_ITEM_FAILED;
	if (!wf_payload_text(input, &length))
	{
		wf_error_no_memory(error);
		added = WF_MAP_ITEM_FAILED;
	}
	else if (inputs->state->map.distributed->batched)
		added = add_to_batch(inputs, input, (int64_t) length, error);
	else if (refuse_size(inputs, (int64_t) length, error))
		added = WF_MAP_ITEM_FAILED;
	else
	{
		inputs->single = input;
		return WF_MAP_ITEM_FULL;
	}
	wf_payload_release(input);
	return added;
}

int
wf_map_inputs_pending(const WfMapInputs *inputs)
{
	return inputs->single ? 1 : (int) json_array_size(inputs->batch);
}

static WfPayload *
take_batch(WfMapInputs *inputs, WfError *error)
{
	json_t	   *batch = inputs->batch;
	json_t	   *common = inputs->batch_input ? wf_payload_json(inputs->batch_input, error) : NULL;
	json_t	   *value = wf_json_object();
	WfPayload  *payload = NULL;

	inputs->batch = json_array();
	inputs->size = batch_frame(inputs);
	if (inputs->batch && value && (!common || json_object_set(value, "BatchInput", common) == 0) &&
		json_object_set(value, "Items", batch) == 0)
		payload = wf_payload_from_json(json_incref(value));
	json_decref(value);
	json_decref(batch);
	if (!payload && error->code == WF_NO_ERROR)
		wf_error_no_memory(error);
	return payload;
}

WfPayload *
wf_map_inputs_take(WfMapInputs *inputs, WfError *error)
{
	WfPayload  *single = inputs->single;

	if (!single)
		return take_batch(inputs, error);
	inputs->single = NULL;
	return single;
}
