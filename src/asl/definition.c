/*
 * definition.c - the tree of a definition: words and release.
 */
#include "asl/definition.h"

#include <stdlib.h>

static const char *const state_words[WF_STATE_TYPE_COUNT] = {
#define WF_STATE(identifier, word, terminal, retry) [WF_##identifier] = word,
#include "asl/states.def"
#undef WF_STATE
};

const char *
wf_state_type_word(WfStateType type)
{
	return (unsigned) type < WF_STATE_TYPE_COUNT ? state_words[type] : "";
}

/* Names of errors, of states and the JSON values in the tree belong to the source. */
static void
free_resource(WfResource *resource)
{
	if (resource == NULL)
		return;
	wf_resource_free(resource);
	free(resource);
}

static void
free_number(WfNumber *number)
{
	wf_path_free(number->path);
	wf_query_free(number->query);
}

static void
free_distributed(WfDistributed *distributed)
{
	if (distributed == NULL)
		return;
	free_number(&distributed->tolerated_count);
	wf_path_free(distributed->tolerated_percentage_path);
	wf_query_free(distributed->tolerated_percentage_query);
	free_resource(distributed->reader);
	free_resource(distributed->reader_files);
	wf_template_free(distributed->reader_parameters);
	free(distributed->reader_config.headers);
	free_number(&distributed->max_items);
	free_number(&distributed->batch_items);
	free_number(&distributed->batch_bytes);
	wf_template_free(distributed->batch_input);
	free_resource(distributed->writer);
	wf_template_free(distributed->writer_parameters);
	free(distributed);
}

static void
free_state(WfState *state)
{
	wf_path_free(state->input_path.path);
	wf_template_free(state->parameters);
	wf_template_free(state->result_selector);
	wf_path_free(state->result_path.path);
	wf_path_free(state->output_path.path);
	wf_template_free(state->assign);
	wf_template_free(state->output);
	for (int i = 0; i < state->n_retriers; i++)
		free(state->retriers[i].errors);
	free(state->retriers);
	for (int i = 0; i < state->n_catchers; i++)
	{
		free(state->catchers[i].errors);
		wf_path_free(state->catchers[i].result_path);
		wf_template_free(state->catchers[i].assign);
		wf_template_free(state->catchers[i].output);
	}
	free(state->catchers);

	switch (state->type)
	{
		case WF_TASK:
			wf_resource_free(&state->task.resource);
			free_number(&state->task.timeout);
			free_number(&state->task.heartbeat);
			wf_template_free(state->task.credentials);
			break;
		case WF_CHOICE:
			for (int i = 0; i < state->choice.n_rules; i++)
			{
				wf_condition_free(state->choice.rules[i].condition);
				wf_template_free(state->choice.rules[i].query);
				wf_template_free(state->choice.rules[i].assign);
				wf_template_free(state->choice.rules[i].output);
			}
			free(state->choice.rules);
			break;
		case WF_WAIT:
			free_number(&state->wait.seconds);
			wf_path_free(state->wait.timestamp_path);
			wf_query_free(state->wait.timestamp_query);
			break;
		case WF_FAIL:
			wf_expression_free(state->fail.error_expression);
			wf_expression_free(state->fail.cause_expression);
			break;
		case WF_PARALLEL:
			free(state->parallel.branches);
			break;
		case WF_MAP:
			wf_path_free(state->map.items_path.path);
			wf_template_free(state->map.items);
			free_number(&state->map.max_concurrency);
			free_distributed(state->map.distributed);
			break;
		case WF_PASS:
		case WF_SUCCEED:
		case WF_STATE_TYPE_COUNT:
			break;
	}
	free(state);
}

void
wf_definition_free(WfDefinition *definition)
{
	if (definition == NULL)
		return;
	for (int i = 0; i < definition->n_states; i++)
		free_state(definition->states[i]);
	free(definition->states);
	for (int i = 0; i < definition->n_blocks; i++)
	{
		free(definition->blocks[i]->states);
		free(definition->blocks[i]);
	}
	free(definition->blocks);
	json_decref(definition->source);
	free(definition);
}

void
wf_diagnostics_free(WfDiagnostics *diagnostics)
{
	for (int i = 0; i < diagnostics->n; i++)
	{
		free(diagnostics->items[i].message);
		free(diagnostics->items[i].location);
	}
	free(diagnostics->items);
	diagnostics->items = NULL;
	diagnostics->n = 0;
	diagnostics->n_errors = 0;
}
