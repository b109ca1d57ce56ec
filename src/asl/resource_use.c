/*
 * resource_use.c - which resources a definition names; see resource_use.h.
 */
#include "asl/resource_use.h"

#include <stdlib.h>
#include <string.h>

#include "asl/place.h"

static bool list_block(const WfBlock *block, const WfPlace *place, WfResourceUses *uses);

#define LAMBDA_INVOKE ":states:::lambda:invoke"

static bool
invokes_lambda(const char *base)
{
	size_t		length = strlen(base);
	size_t		ending = strlen(LAMBDA_INVOKE);

	return length > ending && strcmp(base + length - ending, LAMBDA_INVOKE) == 0;
}

/* Where it is not computed: in JSONata, where it is no expression. */
static const char *
constant_function(const WfState *state, const json_t *source)
{
	bool		jsonata = state->language == WF_JSONATA;
	json_t	   *arguments = json_object_get(source, jsonata ? "Arguments" : "Parameters");
	const char *name = json_string_value(json_object_get(arguments, "FunctionName"));

	return name != NULL && jsonata && strncmp(name, "{%", 2) == 0 ? NULL : name;
}

/* A state names three resources at most, a Map: for its reader, for the files that this lists, for its writer. */
#define USES_OF_A_STATE 3

static bool
list_resource(const WfState *state, const WfResource *resource, const json_t *source, const WfPlace *place,
			  WfResourceUses *uses)
{
	WfPlace		field = {place, "Resource", 0};
	WfResourceUse *use = &uses->items[uses->n];

	if (resource == NULL)
		return true;
	use->location = wf_place_spell(&field);
	if (use->location == NULL)
		return false;
	use->base = resource->base;
	use->invokes = invokes_lambda(use->base);
	use->function = use->invokes ? constant_function(state, source) : NULL;
	uses->n++;
	return true;
}

/* What a distributed Map reads with, and writes with. */
static bool
list_parts(const WfState *state, const WfPlace *place, WfResourceUses *uses)
{
	const WfDistributed *distributed = state->map.distributed;
	WfPlace		reader = {place, "ItemReader", 0};
	WfPlace		writer = {place, "ResultWriter", 0};
	json_t	   *read = json_object_get(state->source, "ItemReader");
	json_t	   *write = json_object_get(state->source, "ResultWriter");

	return distributed == NULL ||
		(list_resource(state, distributed->reader, read, &reader, uses) &&
		 list_resource(state, distributed->reader_files, read, &reader, uses) &&
		 list_resource(state, distributed->writer, write, &writer, uses));
}

static bool
list_state(const WfState *state, const WfPlace *place, WfResourceUses *uses)
{
	if (state->type == WF_TASK)
		return list_resource(state, &state->task.resource, state->source, place, uses);
	if (state->type == WF_PARALLEL)
	{
		WfPlace		branches = {place, "Branches", 0};

		for (int i = 0; i < state->parallel.n_branches; i++)
		{
			WfPlace		branch = {&branches, NULL, (size_t) i};

			if (!list_block(state->parallel.branches[i], &branch, uses))
				return false;
		}
	}
	if (state->type == WF_MAP)
	{
		bool		old = json_object_get(state->source, "ItemProcessor") == NULL;
		WfPlace		processor = {place, old ? "Iterator" : "ItemProcessor", 0};

		return list_block(state->map.processor, &processor, uses) && list_parts(state, place, uses);
	}
	return true;
}

static bool
list_block(const WfBlock *block, const WfPlace *place, WfResourceUses *uses)
{
	WfPlace		states = {place, "States", 0};

	for (int i = 0; i < block->n_states; i++)
	{
		WfPlace		name = {&states, block->states[i]->name, 0};

		if (!list_state(block->states[i], &name, uses))
			return false;
	}
	return true;
}

bool
wf_resource_uses(const WfDefinition *definition, WfResourceUses *uses)
{
	uses->n = 0;
	uses->items = calloc((size_t) definition->n_states * USES_OF_A_STATE + 1, sizeof(WfResourceUse));
	return uses->items != NULL && list_block(definition->blocks[0], NULL, uses);
}

void
wf_resource_uses_free(WfResourceUses *uses)
{
	for (int i = 0; i < uses->n; i++)
		free(uses->items[i].location);
	free(uses->items);
	uses->items = NULL;
	uses->n = 0;
}
