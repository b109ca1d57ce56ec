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

#include "asl/check.h"
#include "asl/time.h"

typedef struct Parser
{
	WfDefinition *definition;
	int			states_capacity;
	int			blocks_capacity;
	WfError    *error;
} Parser;

static WfBlock *parse_block(Parser *parser, json_t *object, const WfState *owner, int branch, WfQueryLanguage language);

static bool
give_up(Parser *parser, const WfState *state, const char *field)
{
	if (parser->error->code != WF_OUT_OF_MEMORY)
		wf_error_set(parser->error, WF_INVALID_DEFINITION,
					 "SCHEMA_VALIDATION_FAILED: the field cannot be used at /States/%s/%s",
					 state->name, field);
	return false;
}

/* Makes room for one pointer more in an array of pointers. */
static bool
make_room(Parser *parser, void **array, int n, int *capacity)
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
	const char *word = json_string_value(json_object_get(object, "QueryLanguage"));

	if (word == NULL)
		return otherwise;
	return strcmp(word, "JSONata") == 0 ? WF_JSONATA : WF_JSONPATH;
}

/* --- single fields --- */

static bool
parse_data_path(Parser *parser, const WfState *state, const char *field, WfDataPath *path)
{
	json_t	   *value = json_object_get(state->source, field);

	if (value == NULL)
		return true;
	if (json_is_null(value))
	{
		path->null = true;
		return true;
	}
	path->path = json_is_string(value) ? wf_path_parse(json_string_value(value), parser->error) : NULL;
	return path->path != NULL || give_up(parser, state, field);
}

static bool
parse_path(Parser *parser, const WfState *state, json_t *object, const char *field, WfPath **path)
{
	json_t	   *value = json_object_get(object, field);

	if (value == NULL)
		return true;
	*path = json_is_string(value) ? wf_path_parse(json_string_value(value), parser->error) : NULL;
	return *path != NULL || give_up(parser, state, field);
}

/* In the object that stands at `outer` in its state; NULL: the state itself. */
static bool
parse_template(Parser *parser, const WfState *state, json_t *object, const WfPlace *outer, const char *field,
			   WfTemplate **template_)
{
	json_t	   *value = json_object_get(object, field);
	WfPlace		here = {outer, field, 0};

	if (value == NULL)
		return true;
	*template_ = state->language == WF_JSONATA ? wf_template_parse_queries(value, &here, parser->error) :
		wf_template_parse(value, NULL, parser->error);
	return *template_ != NULL || give_up(parser, state, field);
}

static bool
parse_assign(Parser *parser, const WfState *state, json_t *object, const WfPlace *outer, WfTemplate **assign)
{
	if (!parse_template(parser, state, object, outer, "Assign", assign))
		return false;
	parser->definition->assigns = parser->definition->assigns || *assign != NULL;
	return true;
}

static bool
holds_query(const WfState *state, json_t *value)
{
	return state->language == WF_JSONATA && json_is_string(value) && wf_is_query(json_string_value(value));
}

/* *query stays NULL where the field holds none. */
static bool
parse_query(Parser *parser, const WfState *state, json_t *object, const WfPlace *outer, const char *field, WfQuery **query)
{
	json_t	   *value = json_object_get(object, field);
	WfPlace		here = {outer, field, 0};

	if (!holds_query(state, value))
		return true;
	*query = wf_query_parse(json_string_value(value), &here, parser->error);
	return *query != NULL || give_up(parser, state, field);
}

/* A text, or what computes it: a query in its place, or under another field a path or an intrinsic function. */
static bool
parse_text(Parser *parser, const WfState *state, const char *field, const char *path_field, const char **text,
		   WfExpression **expression)
{
	json_t	   *value = json_object_get(state->source, field);
	json_t	   *path = json_object_get(state->source, path_field);
	WfPlace		here = {NULL, field, 0};

	if (holds_query(state, value))
		*expression = wf_expression_parse_query(json_string_value(value), &here, parser->error);
	else if (path != NULL)
		*expression = json_is_string(path) ? wf_expression_parse(json_string_value(path), parser->error) : NULL;
	else
	{
		*text = json_string_value(value);
		return true;
	}
	return *expression != NULL || give_up(parser, state, field);
}

/* A number, a query in its place, or under another field a path to one. */
static bool
parse_number_of(Parser *parser, const WfState *state, WfOwner owner, json_t *object, const WfPlace *outer, const char *field,
				const char *path_field, WfNumber *number)
{
	json_t	   *value = json_object_get(object, field);

	if (json_is_integer(value))
	{
		number->given = true;
		number->value = json_integer_value(value);
	}
	wf_check_bounds(owner, field, &number->low, &number->high);
	if (!parse_path(parser, state, object, path_field, &number->path) ||
		!parse_query(parser, state, object, outer, field, &number->query))
		return false;
	number->given = number->given || number->path != NULL || number->query != NULL;
	return true;
}

static bool
parse_number(Parser *parser, const WfState *state, const char *field, const char *path_field, WfNumber *number)
{
	return parse_number_of(parser, state, (WfOwner) 1 << state->type, state->source, NULL, field, path_field, number);
}

/* --- Retry and Catch --- */

static bool
parse_errors(Parser *parser, json_t *object, int *n, const char ***errors)
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
parse_retriers(Parser *parser, WfState *state)
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
		const char *jitter = json_string_value(json_object_get(object, "JitterStrategy"));
		WfRetrier  *retrier = &state->retriers[state->n_retriers++];

		retrier->interval = read_integer(object, "IntervalSeconds", 1);
		retrier->max_attempts = read_integer(object, "MaxAttempts", 3);
		retrier->backoff_rate = json_is_number(rate) ? json_number_value(rate) : 2.0;
		retrier->max_delay = read_integer(object, "MaxDelaySeconds", 0);
		retrier->full_jitter = jitter != NULL && strcmp(jitter, "FULL") == 0;
		if (!parse_errors(parser, object, &retrier->n_errors, &retrier->errors))
			return false;
	}
	return true;
}

/* Borrowed: the state that a field names, in the block whose index this is.  NULL if the field is not there. */
static bool
find_target(Parser *parser, const WfState *state, json_t *object, const char *field, json_t *index, const WfState **target)
{
	json_t	   *name = json_object_get(object, field);
	json_t	   *place;

	if (name == NULL)
		return true;
	place = json_is_string(name) ? json_object_get(index, json_string_value(name)) : NULL;
	if (place == NULL)
		return give_up(parser, state, field);
	*target = parser->definition->states[json_integer_value(place)];
	return true;
}

static bool
parse_catchers(Parser *parser, WfState *state, json_t *index)
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
		json_t	   *path = json_object_get(object, "ResultPath");
		WfCatcher  *catcher = &state->catchers[state->n_catchers++];
		WfPlace		at_catch = {NULL, "Catch", 0};
		WfPlace		here = {&at_catch, NULL, i};

		if (!parse_errors(parser, object, &catcher->n_errors, &catcher->errors) ||
			!find_target(parser, state, object, "Next", index, &catcher->next))
			return false;
		catcher->discard = json_is_null(path);
		if (json_is_string(path))
		{
			catcher->result_path = wf_path_parse(json_string_value(path), parser->error);
			if (catcher->result_path == NULL)
				return give_up(parser, state, "Catch");
		}
		if (!parse_assign(parser, state, object, &here, &catcher->assign) ||
			(state->language == WF_JSONATA && !parse_template(parser, state, object, &here, "Output", &catcher->output)))
			return false;
	}
	return true;
}

/* --- what each type has of its own --- */

static bool
parse_task(Parser *parser, WfState *state)
{
	const char *resource = json_string_value(json_object_get(state->source, "Resource"));

	if (resource == NULL)
		return give_up(parser, state, "Resource");
	if (!wf_resource_parse(resource, &state->task.resource))
		return wf_resource_is_valid(resource) ? wf_error_no_memory(parser->error) : give_up(parser, state, "Resource");
	return parse_number(parser, state, "TimeoutSeconds", "TimeoutSecondsPath", &state->task.timeout) &&
		parse_number(parser, state, "HeartbeatSeconds", "HeartbeatSecondsPath", &state->task.heartbeat) &&
		parse_template(parser, state, state->source, NULL, "Credentials", &state->task.credentials);
}

static bool
parse_choice(Parser *parser, WfState *state, json_t *index)
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
			!parse_assign(parser, state, object, &here, &rule->assign))
			return false;
		if (state->language == WF_JSONPATH)
			rule->condition = wf_condition_parse(object, NULL, parser->error);
		else if (!parse_template(parser, state, object, &here, "Condition", &rule->query) ||
				 !parse_template(parser, state, object, &here, "Output", &rule->output))
			return false;
		if (rule->condition == NULL && rule->query == NULL)
			return give_up(parser, state, "Choices");
	}
	return find_target(parser, state, state->source, "Default", index, &state->choice.fallback);
}

static bool
parse_wait(Parser *parser, WfState *state)
{
	const char *timestamp = json_string_value(json_object_get(state->source, "Timestamp"));

	if (!parse_query(parser, state, state->source, NULL, "Timestamp", &state->wait.timestamp_query))
		return false;
	if (timestamp != NULL && state->wait.timestamp_query == NULL)
		state->wait.timestamp_given = wf_time_parse(timestamp, &state->wait.timestamp);
	return parse_number(parser, state, "Seconds", "SecondsPath", &state->wait.seconds) &&
		parse_path(parser, state, state->source, "TimestampPath", &state->wait.timestamp_path);
}

static bool
parse_fail(Parser *parser, WfState *state)
{
	return parse_text(parser, state, "Error", "ErrorPath", &state->fail.error, &state->fail.error_expression) &&
		parse_text(parser, state, "Cause", "CausePath", &state->fail.cause, &state->fail.cause_expression);
}

static bool
parse_parallel(Parser *parser, WfState *state, WfQueryLanguage language)
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

/* --- a distributed Map --- */

/* Sets *resource to the object's Resource, new; it stays NULL where there is none. */
static bool
parse_part_resource(Parser *parser, const WfState *state, json_t *object, const char *part, WfResource **resource)
{
	const char *text = json_string_value(json_object_get(object, "Resource"));

	if (text == NULL)
		return true;
	if (!wf_resource_is_valid(text))
		return give_up(parser, state, part);
	*resource = calloc(1, sizeof(WfResource));
	return (*resource != NULL && wf_resource_parse(text, *resource)) || wf_error_no_memory(parser->error);
}

static WfInputType
read_input_type(const char *word)
{
	static const char *const words[] = {
		[WF_INPUT_CSV] = "CSV", [WF_INPUT_JSON] = "JSON", [WF_INPUT_JSONL] = "JSONL", [WF_INPUT_PARQUET] = "PARQUET",
		[WF_INPUT_MANIFEST] = "MANIFEST"
	};

	for (int i = WF_INPUT_CSV; word != NULL && i <= WF_INPUT_MANIFEST; i++)
		if (strcmp(word, words[i]) == 0)
			return (WfInputType) i;
	return WF_INPUT_NONE;
}

/* Files say all by default, a result no more than the outputs. */
static void
read_writer_config(json_t *writer, WfWriterConfig *config)
{
	json_t	   *object = json_object_get(writer, "WriterConfig");
	const char *transformation = json_string_value(json_object_get(object, "Transformation"));
	const char *type = json_string_value(json_object_get(object, "OutputType"));

	config->exports = json_object_get(writer, "Resource") != NULL;
	config->lines = type != NULL && strcmp(type, "JSONL") == 0;
	if (transformation == NULL)
		config->transformation = config->exports ? WF_TRANSFORMATION_NONE : WF_TRANSFORMATION_COMPACT;
	else if (strcmp(transformation, "COMPACT") == 0)
		config->transformation = WF_TRANSFORMATION_COMPACT;
	else if (strcmp(transformation, "FLATTEN") == 0)
		config->transformation = WF_TRANSFORMATION_FLATTEN;
}

static WfManifest
read_manifest(json_t *object, WfInputType type)
{
	const char *manifest = json_string_value(json_object_get(object, "ManifestType"));
	const char *transformation = json_string_value(json_object_get(object, "Transformation"));

	if (manifest != NULL)
		return strcmp(manifest, "ATHENA_DATA") == 0 ? WF_MANIFEST_ATHENA : WF_MANIFEST_INVENTORY;
	if (type == WF_INPUT_MANIFEST)
		return WF_MANIFEST_INVENTORY;
	return transformation != NULL && strcmp(transformation, "LOAD_AND_FLATTEN") == 0 ? WF_MANIFEST_LISTING : WF_MANIFEST_NONE;
}

static char
read_delimiter(const char *word)
{
	static const struct
	{
		const char *word;
		char		delimiter;
	}			delimiters[] = {{"PIPE", '|'}, {"SEMICOLON", ';'}, {"SPACE", ' '}, {"TAB", '\t'}};

	for (size_t i = 0; word != NULL && i < sizeof(delimiters) / sizeof(delimiters[0]); i++)
		if (strcmp(word, delimiters[i].word) == 0)
			return delimiters[i].delimiter;
	return ',';
}

static bool
parse_reader_config(Parser *parser, json_t *object, WfReaderConfig *config)
{
	const char *location = json_string_value(json_object_get(object, "CSVHeaderLocation"));
	json_t	   *headers = json_object_get(object, "CSVHeaders");

	config->type = read_input_type(json_string_value(json_object_get(object, "InputType")));
	config->manifest = read_manifest(object, config->type);
	if (config->manifest == WF_MANIFEST_INVENTORY)
		config->type = WF_INPUT_CSV;
	config->headers_given = location != NULL && strcmp(location, "GIVEN") == 0;
	config->delimiter = read_delimiter(json_string_value(json_object_get(object, "CSVDelimiter")));
	config->pointer = json_string_value(json_object_get(object, "ItemsPointer"));
	config->headers = calloc(json_array_size(headers) + 1, sizeof(char *));
	if (config->headers == NULL)
		return wf_error_no_memory(parser->error);
	for (size_t i = 0; i < json_array_size(headers); i++)
		if (json_is_string(json_array_get(headers, i)))
			config->headers[config->n_headers++] = json_string_value(json_array_get(headers, i));
	return true;
}

/* What a listing lists is read by the same service's other action. */
static bool
parse_reader_files(Parser *parser, WfDistributed *distributed)
{
	const char *base = distributed->reader ? distributed->reader->base : "";
	size_t		length = strlen(base);
	char	   *text;
	bool		good;

	if (distributed->reader_config.manifest != WF_MANIFEST_LISTING || !wf_resource_is_listing(base))
		return true;
	text = malloc(length + 1);
	distributed->reader_files = calloc(1, sizeof(WfResource));
	good = text && distributed->reader_files;
	if (good)
	{
		memcpy(text, base, length + 1);
		strcpy(text + length - strlen("listObjectsV2"), "getObject");
		good = wf_resource_parse(text, distributed->reader_files);
		distributed->reader_config.files = distributed->reader_files;
	}
	free(text);
	return good || wf_error_no_memory(parser->error);
}

static bool
parse_distributed(Parser *parser, WfState *state, json_t *processor)
{
	json_t	   *config = json_object_get(processor, "ProcessorConfig");
	const char *type = json_string_value(json_object_get(config, "ExecutionType"));
	json_t	   *reader = json_object_get(state->source, "ItemReader");
	json_t	   *reader_config = json_object_get(reader, "ReaderConfig");
	json_t	   *batcher = json_object_get(state->source, "ItemBatcher");
	json_t	   *writer = json_object_get(state->source, "ResultWriter");
	json_t	   *percentage = json_object_get(state->source, "ToleratedFailurePercentage");
	const char *parameters = state->language == WF_JSONATA ? "Arguments" : "Parameters";
	WfPlace		at_reader = {NULL, "ItemReader", 0};
	WfPlace		at_reader_config = {&at_reader, "ReaderConfig", 0};
	WfPlace		at_batcher = {NULL, "ItemBatcher", 0};
	WfPlace		at_writer = {NULL, "ResultWriter", 0};
	WfDistributed *distributed = state->map.distributed = calloc(1, sizeof(WfDistributed));

	if (distributed == NULL)
		return wf_error_no_memory(parser->error);
	distributed->express = type != NULL && strcmp(type, "EXPRESS") == 0;
	distributed->label = json_string_value(json_object_get(state->source, "Label"));
	distributed->batched = batcher != NULL;
	read_writer_config(writer, &distributed->writer_config);
	distributed->percentage_given = json_is_number(percentage);
	distributed->tolerated_percentage = json_number_value(percentage);
	return parse_number(parser, state, "ToleratedFailureCount", "ToleratedFailureCountPath",
						&distributed->tolerated_count) &&
		parse_path(parser, state, state->source, "ToleratedFailurePercentagePath",
				   &distributed->tolerated_percentage_path) &&
		parse_query(parser, state, state->source, NULL, "ToleratedFailurePercentage",
					&distributed->tolerated_percentage_query) &&
		parse_part_resource(parser, state, reader, "ItemReader", &distributed->reader) &&
		parse_template(parser, state, reader, &at_reader, parameters, &distributed->reader_parameters) &&
		parse_reader_config(parser, reader_config, &distributed->reader_config) &&
		parse_reader_files(parser, distributed) &&
		parse_number_of(parser, state, WF_OWNER_READER_CONFIG, reader_config, &at_reader_config, "MaxItems", "MaxItemsPath",
						&distributed->max_items) &&
		parse_number_of(parser, state, WF_OWNER_BATCHER, batcher, &at_batcher, "MaxItemsPerBatch", "MaxItemsPerBatchPath",
						&distributed->batch_items) &&
		parse_number_of(parser, state, WF_OWNER_BATCHER, batcher, &at_batcher, "MaxInputBytesPerBatch",
						"MaxInputBytesPerBatchPath", &distributed->batch_bytes) &&
		parse_template(parser, state, batcher, &at_batcher, "BatchInput", &distributed->batch_input) &&
		parse_part_resource(parser, state, writer, "ResultWriter", &distributed->writer) &&
		parse_template(parser, state, writer, &at_writer, parameters, &distributed->writer_parameters);
}

static bool
parse_map(Parser *parser, WfState *state, WfQueryLanguage language)
{
	json_t	   *processor = json_object_get(state->source, "ItemProcessor");
	const char *mode;

	if (processor == NULL)
		processor = json_object_get(state->source, "Iterator");
	mode = json_string_value(json_object_get(json_object_get(processor, "ProcessorConfig"), "Mode"));
	if (mode != NULL && strcmp(mode, "DISTRIBUTED") == 0 && !parse_distributed(parser, state, processor))
		return false;
	state->map.processor = parse_block(parser, processor, state, 0, language);
	return state->map.processor != NULL &&
		parse_data_path(parser, state, "ItemsPath", &state->map.items_path) &&
		(state->language == WF_JSONPATH ||
		 parse_template(parser, state, state->source, NULL, "Items", &state->map.items)) &&
		parse_number(parser, state, "MaxConcurrency", "MaxConcurrencyPath", &state->map.max_concurrency);
}

/* Fills in what needs no other state of the same block; blocks inside are parsed here. */
static bool
parse_inside(Parser *parser, WfState *state, WfQueryLanguage language)
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
parse_data_flow(Parser *parser, WfState *state)
{
	const char *parameters = "Parameters";

	if (state->type == WF_MAP && (json_object_get(state->source, "ItemSelector") != NULL || state->language == WF_JSONATA))
		parameters = "ItemSelector";
	else if (state->language == WF_JSONATA)
		parameters = "Arguments";
	if (!parse_template(parser, state, state->source, NULL, parameters, &state->parameters) ||
		!parse_assign(parser, state, state->source, NULL, &state->assign))
		return false;
	if (state->language == WF_JSONATA)
		return parse_template(parser, state, state->source, NULL, "Output", &state->output);
	return parse_data_path(parser, state, "InputPath", &state->input_path) &&
		parse_template(parser, state, state->source, NULL, "ResultSelector", &state->result_selector) &&
		parse_data_path(parser, state, "ResultPath", &state->result_path) &&
		parse_data_path(parser, state, "OutputPath", &state->output_path);
}

/* --- blocks --- */

/* Makes a state and gives it its number. */
static WfState *
add_state(Parser *parser, const WfBlock *block, const char *name, json_t *source, WfQueryLanguage language)
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
finish_state(Parser *parser, WfState *state, json_t *index)
{
	return find_target(parser, state, state->source, "Next", index, &state->next) &&
		parse_retriers(parser, state) &&
		parse_catchers(parser, state, index) &&
		(state->type != WF_CHOICE || parse_choice(parser, state, index)) &&
		parse_data_flow(parser, state);
}

static WfBlock *
add_block(Parser *parser, const WfState *owner, int branch, size_t n_states)
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
parse_block(Parser *parser, json_t *object, const WfState *owner, int branch, WfQueryLanguage language)
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
	Parser		parser = {.error = &problem};
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
