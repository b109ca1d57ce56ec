/*
 * parse.c - a definition's JSON to its tree.
 *
 * The checker runs first, so what is built here is known to be right; a problem that still comes up is one of memory, or
 * an error of our own, and is reported rather than trusted away.  Blocks and states get their numbers in the order in
 * which they stand in the text: a state, then what is inside it, then the next one.  Stored memory names them by these
 * numbers, so the order must never change.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/parse_internal.h"
#include "asl/time.h"

static WfBlock *parse_block(WfParser *parser, json_t *object, const WfState *owner, int branch, WfQueryLanguage language);

/* Makes room for one pointer more in an array of pointers. */
static bool
make_room(WfParser *parser, void **array, int n, int *capacity)
{
	void	   *larger;

	if (n < *capacity)
		return true;
	larger = realloc(*array, (size_t) (*capacity * 2 + 16) * sizeof(void *));
	if (larger == NULL)
		return wf_error_no_memory(parser->error);
	*array = larger;
	*capacity = *capacity * 2 + 16;
	return true;
}

static WfQueryLanguage
read_language(json_t *object, WfQueryLanguage otherwise)
{
	if (!json_is_string(json_object_get(object, "QueryLanguage")))
		return otherwise;
	return wf_field_says(object, "QueryLanguage", "JSONata") ? WF_JSONATA : WF_JSONPATH;
}

/* --- Retry and Catch --- */

static bool
parse_errors(WfParser *parser, json_t *object, int *n, const char ***errors)
{
	json_t	   *list = json_object_get(object, "ErrorEquals");
	size_t		size = json_array_size(list);

	*errors = calloc(size + 1, sizeof(char *));
	if (*errors == NULL)
		return wf_error_no_memory(parser->error);
	for (size_t i = 0; i < size; i++)
	{
		if (json_is_string(json_array_get(list, i)))
			(*errors)[(*n)++] = json_string_value(json_array_get(list, i));
	}
	return true;
}

static int64_t
read_integer(json_t *object, const char *field, int64_t otherwise)
{
	json_t	   *value = json_object_get(object, field);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static bool
parse_retriers(WfParser *parser, WfState *state)
{
	json_t	   *list = json_object_get(state->source, "Retry");
	size_t		n = json_array_size(list);

	if (n == 0)
		return true;
	state->retriers = calloc(n, sizeof(WfRetrier));
	if (state->retriers == NULL)
		return wf_error_no_memory(parser->error);
	for (size_t i = 0; i < n; i++)
	{
		json_t	   *object = json_array_get(list, i);
		json_t	   *rate = json_object_get(object, "BackoffRate");
		WfRetrier  *retrier = &state->retriers[state->n_retriers++];

		retrier->interval = read_integer(object, "IntervalSeconds", 1);
		retrier->max_attempts = read_integer(object, "MaxAttempts", 3);
		retrier->backoff_rate = json_is_number(rate) ? json_number_value(rate) : 2.0;
		retrier->max_delay = read_integer(object, "MaxDelaySeconds", 0);
		retrier->full_jitter = wf_field_says(object, "JitterStrategy", "FULL");
		if (!parse_errors(parser, object, &retrier->n_errors, &retrier->errors))
			return false;
	}
	return true;
}

/* Borrowed: the state that a field names, in the block whose index this is.  NULL if the field is not there. */
static bool
find_target(WfParser *parser, const WfState *state, json_t *object, const char *field, json_t *index, const WfState **target)
{
	json_t	   *name = json_object_get(object, field);
	json_t	   *place;

	if (name == NULL)
		return true;
	place = json_is_string(name) ? json_object_get(index, json_string_value(name)) : NULL;
	if (place == NULL)
		return wf_parse_give_up(parser, state, field);
	*target = parser->definition->states[json_integer_value(place)];
	return true;
}

static bool
parse_catchers(WfParser *parser, WfState *state, json_t *index)
{
	json_t	   *list = json_object_get(state->source, "Catch");
	size_t		n = json_array_size(list);

	if (n == 0)
		return true;
	state->catchers = calloc(n, sizeof(WfCatcher));
	if (state->catchers == NULL)
		return wf_error_no_memory(parser->error);
	for (size_t i = 0; i < n; i++)
	{
		json_t	   *object = json_array_get(list, i);
		WfCatcher  *catcher = &state->catchers[state->n_catchers++];
		WfPlace		at_catch = {NULL, "Catch", 0};
		WfPlace		here = {&at_catch, NULL, i};

		if (!parse_errors(parser, object, &catcher->n_errors, &catcher->errors) ||
			!find_target(parser, state, object, "Next", index, &catcher->next))
			return false;
		catcher->discard = json_is_null(json_object_get(object, "ResultPath"));
		if (!catcher->discard && !wf_parse_path(parser, state, object, "ResultPath", &catcher->result_path))
			return false;
		if (!wf_parse_assign(parser, state, object, &here, &catcher->assign) ||
			(state->language == WF_JSONATA && !wf_parse_template(parser, state, object, &here, "Output", &catcher->output)))
			return false;
	}
	return true;
}

/* --- what each type has of its own --- */

static bool
parse_task(WfParser *parser, WfState *state)
{
	const char *resource = json_string_value(json_object_get(state->source, "Resource"));

	if (resource == NULL)
		return wf_parse_give_up(parser, state, "Resource");
	if (!wf_resource_parse(resource, &state->task.resource))
		return wf_resource_is_valid(resource) ? wf_error_no_memory(parser->error) : wf_parse_give_up(parser, state, "Resource");
	return wf_parse_number(parser, state, "TimeoutSeconds", "TimeoutSecondsPath", &state->task.timeout) &&
		wf_parse_number(parser, state, "HeartbeatSeconds", "HeartbeatSecondsPath", &state->task.heartbeat) &&
		wf_parse_template(parser, state, state->source, NULL, "Credentials", &state->task.credentials);
}

static bool
parse_choice(WfParser *parser, WfState *state, json_t *index)
{
	json_t	   *list = json_object_get(state->source, "Choices");
	size_t		n = json_array_size(list);

	state->choice.rules = calloc(n + 1, sizeof(WfRule));
	if (state->choice.rules == NULL)
		return wf_error_no_memory(parser->error);
	for (size_t i = 0; i < n; i++)
	{
		json_t	   *object = json_array_get(list, i);
		WfRule	   *rule = &state->choice.rules[state->choice.n_rules++];
		WfPlace		at_choices = {NULL, "Choices", 0};
		WfPlace		here = {&at_choices, NULL, i};

		if (!find_target(parser, state, object, "Next", index, &rule->next) ||
			!wf_parse_assign(parser, state, object, &here, &rule->assign))
			return false;
		if (state->language == WF_JSONPATH)
			rule->condition = wf_condition_parse(object, NULL, parser->error);
		else if (!wf_parse_template(parser, state, object, &here, "Condition", &rule->query) ||
				 !wf_parse_template(parser, state, object, &here, "Output", &rule->output))
			return false;
		if (rule->condition == NULL && rule->query == NULL)
			return wf_parse_give_up(parser, state, "Choices");
	}
	return find_target(parser, state, state->source, "Default", index, &state->choice.fallback);
}

static bool
parse_wait(WfParser *parser, WfState *state)
{
	const char *timestamp = json_string_value(json_object_get(state->source, "Timestamp"));

	if (!wf_parse_query(parser, state, state->source, NULL, "Timestamp", &state->wait.timestamp_query))
		return false;
	if (timestamp != NULL && state->wait.timestamp_query == NULL)
		state->wait.timestamp_given = wf_time_parse(timestamp, &state->wait.timestamp);
	return wf_parse_number(parser, state, "Seconds", "SecondsPath", &state->wait.seconds) &&
		wf_parse_path(parser, state, state->source, "TimestampPath", &state->wait.timestamp_path);
}

static bool
parse_fail(WfParser *parser, WfState *state)
{
	return wf_parse_text(parser, state, "Error", "ErrorPath", &state->fail.error, &state->fail.error_expression) &&
		wf_parse_text(parser, state, "Cause", "CausePath", &state->fail.cause, &state->fail.cause_expression);
}

static bool
parse_parallel(WfParser *parser, WfState *state, WfQueryLanguage language)
{
	json_t	   *list = json_object_get(state->source, "Branches");
	size_t		n = json_array_size(list);

	state->parallel.branches = calloc(n + 1, sizeof(WfBlock *));
	if (state->parallel.branches == NULL)
		return wf_error_no_memory(parser->error);
	for (size_t i = 0; i < n; i++)
	{
		WfBlock    *block = parse_block(parser, json_array_get(list, i), state, (int) i, language);

		if (block == NULL)
			return false;
		state->parallel.branches[state->parallel.n_branches++] = block;
	}
	return true;
}

static bool
parse_map(WfParser *parser, WfState *state, WfQueryLanguage language)
{
	json_t	   *processor = json_object_get(state->source, "ItemProcessor");

	if (processor == NULL)
		processor = json_object_get(state->source, "Iterator");
	if (wf_field_says(json_object_get(processor, "ProcessorConfig"), "Mode", "DISTRIBUTED") &&
		!wf_parse_distributed(parser, state, processor))
		return false;
	state->map.processor = parse_block(parser, processor, state, 0, language);
	return state->map.processor != NULL &&
		wf_parse_data_path(parser, state, "ItemsPath", &state->map.items_path) &&
		(state->language == WF_JSONPATH ||
		 wf_parse_template(parser, state, state->source, NULL, "Items", &state->map.items)) &&
		wf_parse_number(parser, state, "MaxConcurrency", "MaxConcurrencyPath", &state->map.max_concurrency);
}

/* Fills in what needs no other state of the same block; blocks inside are parsed here. */
static bool
parse_inside(WfParser *parser, WfState *state, WfQueryLanguage language)
{
	switch (state->type)
	{
		case WF_TASK:
			return parse_task(parser, state);
		case WF_WAIT:
			return parse_wait(parser, state);
		case WF_FAIL:
			return parse_fail(parser, state);
		case WF_PARALLEL:
			return parse_parallel(parser, state, language);
		case WF_MAP:
			return parse_map(parser, state, language);
		case WF_PASS:
			state->pass.result = json_object_get(state->source, "Result");
			return true;
		case WF_SUCCEED:
		case WF_CHOICE:
		case WF_STATE_TYPE_COUNT:
			break;
	}
	return true;
}

static bool
parse_data_flow(WfParser *parser, WfState *state)
{
	const char *parameters = "Parameters";

	if (state->type == WF_MAP && (json_object_get(state->source, "ItemSelector") != NULL || state->language == WF_JSONATA))
		parameters = "ItemSelector";
	else if (state->language == WF_JSONATA)
		parameters = "Arguments";
	if (!wf_parse_template(parser, state, state->source, NULL, parameters, &state->parameters) ||
		!wf_parse_assign(parser, state, state->source, NULL, &state->assign))
		return false;
	if (state->language == WF_JSONATA)
		return wf_parse_template(parser, state, state->source, NULL, "Output", &state->output);
	return wf_parse_data_path(parser, state, "InputPath", &state->input_path) &&
		wf_parse_template(parser, state, state->source, NULL, "ResultSelector", &state->result_selector) &&
		wf_parse_data_path(parser, state, "ResultPath", &state->result_path) &&
		wf_parse_data_path(parser, state, "OutputPath", &state->output_path);
}

/* --- blocks --- */

/* Makes a state and gives it its number. */
static WfState *
add_state(WfParser *parser, const WfBlock *block, const char *name, json_t *source, WfQueryLanguage language)
{
	WfDefinition *definition = parser->definition;
	const char *word = json_string_value(json_object_get(source, "Type"));
	WfState    *state;
	int			type = 0;

	while (type < WF_STATE_TYPE_COUNT && (word == NULL || strcmp(word, wf_state_type_word((WfStateType) type)) != 0))
		type++;
	if (type == WF_STATE_TYPE_COUNT)
	{
		wf_error_set(parser->error, WF_INVALID_DEFINITION,
					 "SCHEMA_VALIDATION_FAILED: unknown type at /States/%s/Type", name);
		return NULL;
	}
	if (!make_room(parser, (void **) &definition->states, definition->n_states, &parser->states_capacity))
		return NULL;
	state = calloc(1, sizeof(WfState));
	if (state == NULL)
	{
		wf_error_no_memory(parser->error);
		return NULL;
	}
	state->id = definition->n_states;
	state->type = (WfStateType) type;
	state->name = name;
	state->block = block;
	state->source = source;
	state->language = read_language(source, language);
	definition->states[definition->n_states++] = state;
	return state;
}

/* Fills in what a state says about others of its block, and its data flow. */
static bool
finish_state(WfParser *parser, WfState *state, json_t *index)
{
	return find_target(parser, state, state->source, "Next", index, &state->next) &&
		parse_retriers(parser, state) &&
		parse_catchers(parser, state, index) &&
		(state->type != WF_CHOICE || parse_choice(parser, state, index)) &&
		parse_data_flow(parser, state);
}

static WfBlock *
add_block(WfParser *parser, const WfState *owner, int branch, size_t n_states)
{
	WfDefinition *definition = parser->definition;
	WfBlock    *block;

	if (!make_room(parser, (void **) &definition->blocks, definition->n_blocks, &parser->blocks_capacity))
		return NULL;
	block = calloc(1, sizeof(WfBlock));
	if (block == NULL || (block->states = calloc(n_states + 1, sizeof(WfState *))) == NULL)
	{
		free(block);
		wf_error_no_memory(parser->error);
		return NULL;
	}
	block->id = definition->n_blocks;
	block->owner = owner;
	block->branch = branch;
	definition->blocks[definition->n_blocks++] = block;
	return block;
}

/* New: the block, which belongs to the definition already.  NULL on error. */
static WfBlock *
parse_block(WfParser *parser, json_t *object, const WfState *owner, int branch, WfQueryLanguage language)
{
	json_t	   *states = json_object_get(object, "States");
	json_t	   *start = json_object_get(object, "StartAt");
	json_t	   *place;
	WfBlock    *block = add_block(parser, owner, branch, json_object_size(states));
	json_t	   *index = wf_json_object();	/* name → number */
	bool		done = block != NULL;

	if (index == NULL)
		done = wf_error_no_memory(parser->error);
	for (void *member = json_object_iter(states); member != NULL && done; member = json_object_iter_next(states, member))
	{
		const char *name = json_object_iter_key(member);
		WfState    *state = add_state(parser, block, name, json_object_iter_value(member), language);

		done = state != NULL;
		if (!done)
			break;
		block->states[block->n_states++] = state;
		if (json_object_set_new_nocheck(index, name, json_integer(state->id)) != 0)
			done = wf_error_no_memory(parser->error);
		else
			done = parse_inside(parser, state, language);
	}
	for (int i = 0; done && i < block->n_states; i++)
		done = finish_state(parser, block->states[i], index);
	if (done)
	{
		place = json_is_string(start) ? json_object_get(index, json_string_value(start)) : NULL;
		if (place != NULL)
			block->start = parser->definition->states[json_integer_value(place)];
		else
			done = wf_error_set(parser->error, WF_INVALID_DEFINITION,
								"MISSING_TRANSITION_TARGET: StartAt names no state at /StartAt");
	}
	json_decref(index);
	return done ? block : NULL;
}

/* Checks the source; false with the first error. */
static bool
check_first(json_t *source, WfError *error)
{
	WfDiagnostics diagnostics;
	bool		done = true;

	if (!wf_check_source(source, WF_STANDARD, &diagnostics))
		done = wf_error_no_memory(error);
	for (int i = 0; done && i < diagnostics.n; i++)
	{
		const WfDiagnostic *diagnostic = &diagnostics.items[i];

		if (diagnostic->severity == WF_SEVERITY_ERROR)
			done = wf_error_set(error, WF_INVALID_DEFINITION, "%s: %s at %s", diagnostic->code, diagnostic->message,
								diagnostic->location != NULL ? diagnostic->location : "null");
	}
	wf_diagnostics_free(&diagnostics);
	return done;
}

WfDefinition *
wf_definition_parse(const char *text, size_t length, WfError *error)
{
	WfError		problem = WF_ERROR_NONE;
	WfParser	parser = {.error = &problem};
	json_t	   *source = wf_json_parse(text, length, false, &problem);
	WfDefinition *definition;

	if (source == NULL)
	{
		if (problem.code != WF_OUT_OF_MEMORY && problem.cause != NULL)
			wf_error_set(error, WF_INVALID_DEFINITION, "INVALID_JSON_DESCRIPTION: %s", problem.cause);
		else
			wf_error_move(error, &problem);
		wf_error_clear(&problem);
		return NULL;
	}
	definition = check_first(source, &problem) ? calloc(1, sizeof(WfDefinition)) : NULL;
	if (definition == NULL)
	{
		json_decref(source);
		if (problem.code == WF_NO_ERROR)
			wf_error_no_memory(&problem);
		wf_error_move(error, &problem);
		return NULL;
	}
	definition->source = source;
	definition->language = read_language(source, WF_JSONPATH);
	definition->timeout = read_integer(source, "TimeoutSeconds", 0);
	parser.definition = definition;
	if (parse_block(&parser, source, NULL, 0, definition->language) != NULL)
		return definition;
	wf_definition_free(definition);
	wf_error_move(error, &problem);
	return NULL;
}
