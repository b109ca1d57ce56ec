/*
 * parse_distributed.c - what a distributed Map has of its own: its ItemReader, ItemBatcher and ResultWriter, and what it
 * tolerates.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/parse_internal.h"

/* Sets *resource to the object's Resource, new; it stays NULL where there is none. */
static bool
parse_part_resource(WfParser *parser, const WfState *state, json_t *object, const char *part, WfResource **resource)
{
	const char *text = json_string_value(json_object_get(object, "Resource"));

	if (text == NULL)
		return true;
	if (!wf_resource_is_valid(text))
		return wf_parse_give_up(parser, state, part);
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

static WfManifest
read_manifest(json_t *object, WfInputType type)
{
	if (json_is_string(json_object_get(object, "ManifestType")))
		return wf_field_says(object, "ManifestType", "ATHENA_DATA") ? WF_MANIFEST_ATHENA : WF_MANIFEST_INVENTORY;
	if (type == WF_INPUT_MANIFEST)
		return WF_MANIFEST_INVENTORY;
	return wf_field_says(object, "Transformation", "LOAD_AND_FLATTEN") ? WF_MANIFEST_LISTING : WF_MANIFEST_NONE;
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
parse_reader_config(WfParser *parser, json_t *object, WfReaderConfig *config)
{
	json_t	   *headers = json_object_get(object, "CSVHeaders");

	config->type = read_input_type(json_string_value(json_object_get(object, "InputType")));
	config->manifest = read_manifest(object, config->type);
	if (config->manifest == WF_MANIFEST_INVENTORY)
		config->type = WF_INPUT_CSV;
	config->headers_given = wf_field_says(object, "CSVHeaderLocation", "GIVEN");
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
parse_reader_files(WfParser *parser, WfDistributed *distributed)
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

/* Under which field a reader and a writer have what their resource is given. */
static const char *
parameters_field(const WfState *state)
{
	return state->language == WF_JSONATA ? "Arguments" : "Parameters";
}

static bool
parse_reader(WfParser *parser, WfState *state, WfDistributed *distributed)
{
	json_t	   *reader = json_object_get(state->source, "ItemReader");
	json_t	   *config = json_object_get(reader, "ReaderConfig");
	WfPlace		here = {NULL, "ItemReader", 0};
	WfPlace		at_config = {&here, "ReaderConfig", 0};

	return parse_part_resource(parser, state, reader, "ItemReader", &distributed->reader) &&
		wf_parse_template(parser, state, reader, &here, parameters_field(state), &distributed->reader_parameters) &&
		parse_reader_config(parser, config, &distributed->reader_config) &&
		parse_reader_files(parser, distributed) &&
		wf_parse_number_of(parser, state, WF_OWNER_READER_CONFIG, config, &at_config, "MaxItems", "MaxItemsPath",
						   &distributed->max_items);
}

static bool
parse_batcher(WfParser *parser, WfState *state, WfDistributed *distributed)
{
	json_t	   *batcher = json_object_get(state->source, "ItemBatcher");
	WfPlace		here = {NULL, "ItemBatcher", 0};

	distributed->batched = batcher != NULL;
	return wf_parse_number_of(parser, state, WF_OWNER_BATCHER, batcher, &here, "MaxItemsPerBatch", "MaxItemsPerBatchPath",
							  &distributed->batch_items) &&
		wf_parse_number_of(parser, state, WF_OWNER_BATCHER, batcher, &here, "MaxInputBytesPerBatch",
						   "MaxInputBytesPerBatchPath", &distributed->batch_bytes) &&
		wf_parse_template(parser, state, batcher, &here, "BatchInput", &distributed->batch_input);
}

/* Files say all by default, a result no more than the outputs. */
static void
read_writer_config(json_t *writer, WfWriterConfig *config)
{
	json_t	   *object = json_object_get(writer, "WriterConfig");

	config->exports = json_object_get(writer, "Resource") != NULL;
	config->lines = wf_field_says(object, "OutputType", "JSONL");
	if (wf_field_says(object, "Transformation", "FLATTEN"))
		config->transformation = WF_TRANSFORMATION_FLATTEN;
	else if (wf_field_says(object, "Transformation", "COMPACT") ||
			 (!json_is_string(json_object_get(object, "Transformation")) && !config->exports))
		config->transformation = WF_TRANSFORMATION_COMPACT;
}

static bool
parse_writer(WfParser *parser, WfState *state, WfDistributed *distributed)
{
	json_t	   *writer = json_object_get(state->source, "ResultWriter");
	WfPlace		here = {NULL, "ResultWriter", 0};

	read_writer_config(writer, &distributed->writer_config);
	return parse_part_resource(parser, state, writer, "ResultWriter", &distributed->writer) &&
		wf_parse_template(parser, state, writer, &here, parameters_field(state), &distributed->writer_parameters);
}

static bool
parse_tolerance(WfParser *parser, WfState *state, WfDistributed *distributed)
{
	json_t	   *percentage = json_object_get(state->source, "ToleratedFailurePercentage");

	distributed->percentage_given = json_is_number(percentage);
	distributed->tolerated_percentage = json_number_value(percentage);
	return wf_parse_number(parser, state, "ToleratedFailureCount", "ToleratedFailureCountPath",
						   &distributed->tolerated_count) &&
		wf_parse_path(parser, state, state->source, "ToleratedFailurePercentagePath",
					  &distributed->tolerated_percentage_path) &&
		wf_parse_query(parser, state, state->source, NULL, "ToleratedFailurePercentage",
					   &distributed->tolerated_percentage_query);
}

bool
wf_parse_distributed(WfParser *parser, WfState *state, json_t *processor)
{
	WfDistributed *distributed = state->map.distributed = calloc(1, sizeof(WfDistributed));

	if (distributed == NULL)
		return wf_error_no_memory(parser->error);
	distributed->express = wf_field_says(json_object_get(processor, "ProcessorConfig"), "ExecutionType", "EXPRESS");
	distributed->label = json_string_value(json_object_get(state->source, "Label"));
	return parse_tolerance(parser, state, distributed) && parse_reader(parser, state, distributed) &&
		parse_batcher(parser, state, distributed) && parse_writer(parser, state, distributed);
}
