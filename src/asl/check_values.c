/*
 * check_values.c - what a single field's value may be.
 *
 * Each function looks at the value alone; what depends on several fields is a group in fields.def, or stands with the
 * object that has them (check.c).
 */
#include "asl/check_values.h"

#include <string.h>

#include "asl/intrinsic.h"
#include "asl/time.h"

/* Characters that names and labels must not have, apart from control characters. */
#define BAD_CHARACTERS " <>{}[]?*\"#%\\^|~`$&,;:/"

void
wf_check_any(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) checker;
	(void) field;
	(void) value;
	(void) place;
}

void
wf_check_text(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	wf_check_type(checker, value, JSON_STRING, place);
}

/* A string that is used at run time: in JSONata it may be an expression, in JSONPath it is none. */
void
wf_check_string(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	if (wf_check_type(checker, value, JSON_STRING, place))
		return;
	if (checker->language == WF_JSONATA)
		wf_check_jsonata_text(checker, json_string_value(value), place);
	else if (wf_check_looks_like_path(json_string_value(value)))
		wf_check_report(checker, WF_SEVERITY_WARNING, "NO_PATH", place,
						"The value looks like a path, but the name of the field '%s' does not end with 'Path'", field->name);
}

void
wf_check_boolean(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	wf_check_type(checker, value, JSON_TRUE, place);
}

void
wf_check_word(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	const char *word = json_string_value(value);

	if (word == NULL)
	{
		/* the service says this one differently */
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Expected value of type [STRING]");
		return;
	}
	for (const char *at = field->words; *at != '\0';)
	{
		size_t		length = strcspn(at, ",");

		if (strlen(word) == length && strncmp(word, at, length) == 0)
			return;
		at += length;
		at += strspn(at, ", ");
	}
	wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
					"Value should be one of the following: [%s]", field->words);
}

/* Bounds are told with as many decimals as the service tells them. */
static void
check_range(WfChecker *checker, const WfField *field, double value, int decimals, const WfPlace *place)
{
	if (value < field->low)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Minimum value is %.*f", decimals, field->low);
	else if (value > field->high)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Maximum value is %.*f", decimals, field->high);
}

void
wf_check_integer(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	if (!wf_check_type(checker, value, JSON_INTEGER, place))
		check_range(checker, field, (double) json_integer_value(value), 0, place);
}

void
wf_check_number(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	if (!wf_check_type(checker, value, JSON_REAL, place))
		check_range(checker, field, json_number_value(value), 1, place);
}

/* An array of strings, with a bound on all of them together. */
void
wf_check_strings(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	size_t		total = 0;

	if (wf_check_type(checker, value, JSON_ARRAY, place))
		return;
	for (size_t i = 0; i < json_array_size(value); i++)
	{
		WfPlace		here = {place, NULL, i};

		wf_check_type(checker, json_array_get(value, i), JSON_STRING, &here);
		total += json_string_length(json_array_get(value, i));
	}
	if ((double) total > field->high)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Maximum length is %.0f", field->high);
}

void
wf_check_timestamp(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	int64_t		ignored;

	(void) field;
	if (!wf_check_type(checker, value, JSON_STRING, place) && !wf_time_parse(json_string_value(value), &ignored))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "String does not match RFC3339 timestamp");
}

/* --- paths --- */

/* New: the path; NULL after a report. */
static WfPath *
parse_path(WfChecker *checker, json_t *value, const WfPlace *place)
{
	WfError		problem = WF_ERROR_NONE;
	WfPath	   *path;

	if (wf_check_type(checker, value, JSON_STRING, place))
		return NULL;
	path = wf_path_parse(json_string_value(value), &problem);
	if (path == NULL && problem.code == WF_OUT_OF_MEMORY)
		wf_check_no_memory(checker);
	else if (path == NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Value must be a valid JSONPath.");
	wf_error_clear(&problem);
	return path;
}

void
wf_check_path_or_null(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	if (!json_is_null(value))
		wf_path_free(parse_path(checker, value, place));
}

/* Takes a path over; `context` and `variable` say whether it may begin so. */
static void
check_reference_path(WfChecker *checker, WfPath *path, const WfPlace *place, bool context, bool variable)
{
	if (path == NULL)
		return;
	if (!wf_path_is_reference(path))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"Value is not a Reference Path: it may name more than one node");
	else if (wf_path_is_context(path) && !context)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"Value is not a Reference Path: the context object cannot be used here");
	else if (wf_path_variable(path) != NULL && !variable)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"Value is not a Reference Path: variables cannot be used here");
	wf_path_free(path);
}

static void
check_reference(WfChecker *checker, json_t *value, const WfPlace *place, bool context, bool variable)
{
	check_reference_path(checker, parse_path(checker, value, place), place, context, variable);
}

/* The paths in a Choice's rules, which the service tells to be no reference paths where others are no paths at all. */
void
wf_check_operand_path(WfChecker *checker, json_t *value, const WfPlace *place)
{
	WfError		problem = WF_ERROR_NONE;
	WfPath	   *path;

	if (wf_check_type(checker, value, JSON_STRING, place))
		return;
	if (json_string_value(value)[0] != '$')
	{
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"Value is not a Reference Path: Reference path didn't start with '$'");
		return;
	}
	path = wf_path_parse(json_string_value(value), &problem);
	if (path == NULL)
		wf_check_take(checker, place, "Value is not a Reference Path", &problem);
	check_reference_path(checker, path, place, true, true);
}

void
wf_check_reference(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	check_reference(checker, value, place, true, true);
}

void
wf_check_input_reference(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	check_reference(checker, value, place, false, true);
}

void
wf_check_result_path(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	if (!json_is_null(value))
		check_reference(checker, value, place, false, false);
}

void
wf_check_items_path(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	check_reference(checker, value, place, true, true);
}

/* ErrorPath, CausePath: a path, or an intrinsic function that gives a string. */
void
wf_check_string_expression(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	WfError		problem = WF_ERROR_NONE;
	WfExpression *expression;
	const WfIntrinsic *intrinsic;

	if (wf_check_type(checker, value, JSON_STRING, place))
		return;
	expression = wf_expression_parse(json_string_value(value), &problem);
	if (expression == NULL)
	{
		wf_check_take(checker, place, "Value must be a valid JSONPath or a valid intrinsic function call", &problem);
		return;
	}
	intrinsic = wf_expression_intrinsic(expression);
	if (intrinsic != NULL && !wf_intrinsic_gives_string(intrinsic))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"The intrinsic function must return a string: ArrayGetItem, Base64Encode, Base64Decode, Format, "
						"JsonToString, Hash or UUID");
	wf_check_intrinsic(checker, intrinsic, place, field->name);
	wf_expression_free(expression);
}

/* --- Task --- */

bool
wf_check_is_activity(WfChecker *checker, json_t *resource)
{
	WfResource	parsed;
	bool		is_activity;

	if (!json_is_string(resource) || !wf_resource_is_valid(json_string_value(resource)))
		return false;
	if (!wf_resource_parse(json_string_value(resource), &parsed))
	{
		wf_check_no_memory(checker);
		return false;
	}
	is_activity = parsed.family == WF_FAMILY_ACTIVITY;
	wf_resource_free(&parsed);
	return is_activity;
}

void
wf_check_resource(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	static const char *const suffixes[] = {
		[WF_SYNC] = "'.sync' service integration",
		[WF_SYNC2] = "'.sync:2' service integration",
		[WF_WAIT_FOR_TASK_TOKEN] = "'.waitForTaskToken' service integration "	/* the service's own blank */
	};
	WfResource	resource;

	(void) field;
	if (wf_check_type(checker, value, JSON_STRING, place))
		return;
	if (!wf_resource_is_valid(json_string_value(value)))
	{
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"Value is not a valid resource ARN, nor one of function:schema.name, sql:query, notify:channel, "
						"activity:name, states:startExecution");
		return;
	}
	if (checker->block == NULL || checker->block->type != WF_EXPRESS)
		return;
	if (!wf_resource_parse(json_string_value(value), &resource))
	{
		wf_check_no_memory(checker);
		return;
	}
	if (resource.family == WF_FAMILY_ACTIVITY)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"Express state machine does not support Activity ARN");
	else if (resource.pattern != WF_REQUEST_RESPONSE)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Express state machine does not support %s",
						suffixes[resource.pattern]);
	wf_resource_free(&resource);
}

/* Of a reader or writer, which is called and answers: nothing waits for what comes later. */
void
wf_check_part_resource(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	WfResource	resource;
	bool		answers;

	wf_check_resource(checker, field, value, place);
	if (!json_is_string(value) || !wf_resource_is_valid(json_string_value(value)))
		return;
	if (!wf_resource_parse(json_string_value(value), &resource))
	{
		wf_check_no_memory(checker);
		return;
	}
	answers = resource.family != WF_FAMILY_ACTIVITY && resource.pattern == WF_REQUEST_RESPONSE;
	wf_resource_free(&resource);
	if (!answers)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"Readers and writers support neither activities nor '.sync' nor '.waitForTaskToken'");
}

void
wf_check_credentials(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	json_t	   *role = json_object_get(value, "RoleArn");
	WfPlace		at_role = {place, "RoleArn", 0};

	if (checker->language == WF_JSONATA && json_is_string(value) && wf_is_query(json_string_value(value)))
	{
		wf_check_template(checker, field, value, place);
		return;
	}
	if (wf_check_type(checker, value, JSON_OBJECT, place))
		return;
	if (role != NULL)
		wf_check_type(checker, role, JSON_STRING, &at_role);
	else if (json_object_get(value, "RoleArn.$") == NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "The field 'RoleArn' is required but was missing");
	wf_check_template(checker, field, value, place);
}

/* --- Map --- */

/* The number of characters of UTF-8. */
static size_t
count_characters(const char *text)
{
	size_t		n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char) *text & 0xC0) != 0x80;
	return n;
}

static bool
has_bad_character(const char *text)
{
	for (const unsigned char *c = (const unsigned char *) text; *c != '\0'; c++)
	{
		if (*c < 0x20 || *c == 0x7F || strchr(BAD_CHARACTERS, *c) != NULL)
			return true;
		if (c[0] == 0xC2 && c[1] >= 0x80 && c[1] <= 0x9F)	/* U+0080 to U+009F */
			return true;
		if (c[0] == 0xEF && c[1] == 0xBF && c[2] >= 0xBE)	/* U+FFFE, U+FFFF */
			return true;
		if (c[0] == 0xF4 && c[1] == 0x8F && c[2] == 0xBF && c[3] == 0xBF)	/* U+10FFFF */
			return true;
	}
	return false;
}

void
wf_check_label(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	const char *label = json_string_value(value);

	if (wf_check_type(checker, value, JSON_STRING, place))
		return;
	if (count_characters(label) > (size_t) field->high || *label == '\0')
		wf_check_report(checker, WF_SEVERITY_ERROR, "INVALID_LABEL_NAME", place,
						"The label must be 1 to %.0f characters long", field->high);
	if (has_bad_character(label))
		wf_check_report(checker, WF_SEVERITY_ERROR, "INVALID_LABEL_NAME", place,
						"The label must not have white space, brackets, wildcards, control or special characters");
	if (json_object_get(checker->labels, label) != NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, "DUPLICATE_LABEL_NAME", place, "Duplicate label name: %s", label);
	if (json_object_set_new_nocheck(checker->labels, label, json_true()) != 0)
		wf_check_no_memory(checker);
}

void
wf_check_items(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	if (json_is_string(value) && !wf_is_query(json_string_value(value)))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Expected value of type Array");
	else if (!json_is_string(value) && !json_is_object(value))
		wf_check_type(checker, value, JSON_ARRAY, place);
	wf_check_template(checker, field, value, place);
}

/* An object that is described by fields of its own. */
void
wf_check_part(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	if (!wf_check_type(checker, value, JSON_OBJECT, place))
		wf_check_fields(checker, (WfOwner) field->low, value, place);
}

static bool
is_word(json_t *object, const char *field, const char *word)
{
	const char *value = json_string_value(json_object_get(object, field));

	return value != NULL && strcmp(value, word) == 0;
}

/* Which files are listed by a manifest, or in a listing, and what is in them. */
static void
check_manifest(WfChecker *checker, json_t *config, const WfPlace *place)
{
	bool		flattens = is_word(config, "Transformation", "LOAD_AND_FLATTEN");
	bool		text = is_word(config, "InputType", "CSV") || is_word(config, "InputType", "JSONL");

	if (is_word(config, "InputType", "PARQUET"))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"InputType PARQUET is not supported: Parquet files cannot be read here. Have the Resource return the "
						"rows as JSON, or read them with a query");
	else if (is_word(config, "ManifestType", "ATHENA_DATA") && !text)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"The field 'InputType' must be CSV or JSONL with the ManifestType ATHENA_DATA");
	else if (is_word(config, "ManifestType", "S3_INVENTORY") && json_object_get(config, "InputType") != NULL &&
			 !is_word(config, "InputType", "MANIFEST") && !is_word(config, "InputType", "CSV"))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"The files of an S3 inventory must be CSV: the field 'InputType' is not needed");
	if (flattens && !text && !is_word(config, "InputType", "JSON") && !is_word(config, "InputType", "PARQUET"))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"The field 'InputType' must be CSV, JSON or JSONL with the Transformation LOAD_AND_FLATTEN");
}

void
wf_check_reader(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	json_t	   *config = json_object_get(value, "ReaderConfig");
	const char *resource = json_string_value(json_object_get(value, "Resource"));

	wf_check_part(checker, field, value, place);
	if (is_word(config, "Transformation", "LOAD_AND_FLATTEN") && resource != NULL && !wf_resource_is_listing(resource))
	{
		WfPlace		here = {place, "ReaderConfig", 0};

		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, &here,
						"The Transformation LOAD_AND_FLATTEN is supported for the Resource s3:listObjectsV2 only");
	}
}

void
wf_check_reader_config(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	wf_check_part(checker, field, value, place);
	check_manifest(checker, value, place);
	if (is_word(value, "InputType", "CSV") && json_object_get(value, "CSVHeaderLocation") == NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "The field 'CSVHeaderLocation' is required");
	if (is_word(value, "InputType", "JSON") && json_object_get(value, "CSVHeaderLocation") != NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Field 'CSVHeaderLocation' is not supported");
	if (is_word(value, "CSVHeaderLocation", "GIVEN") && json_object_get(value, "CSVHeaders") == NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "These fields are required: [CSVHeaders]");
}

void
wf_check_batcher(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	wf_check_part(checker, field, value, place);
	if (json_is_object(value) &&
		json_object_get(value, "MaxItemsPerBatch") == NULL && json_object_get(value, "MaxItemsPerBatchPath") == NULL &&
		json_object_get(value, "MaxInputBytesPerBatch") == NULL && json_object_get(value,
																				   "MaxInputBytesPerBatchPath") == NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"This object should have at least one of the following fields: [MaxItemsPerBatch, "
						"MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath]");
}

void
wf_check_writer(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	if (json_is_object(value) && json_object_size(value) == 0)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Value cannot be empty");
	else
		wf_check_part(checker, field, value, place);
}

/* --- Retry and Catch --- */

static void
check_all_alone(WfChecker *checker, json_t *list, size_t i, const WfPlace *place)
{
	json_t	   *names = json_object_get(json_array_get(list, i), "ErrorEquals");
	WfPlace		here = {place, NULL, i};
	WfPlace		at_names = {&here, "ErrorEquals", 0};

	for (size_t k = 0; k < json_array_size(names); k++)
	{
		const char *name = json_string_value(json_array_get(names, k));

		if (name != NULL && strcmp(name,
								   "States.ALL") == 0 && (json_array_size(names) > 1 || i + 1 < json_array_size(list)))
		{
			wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, &at_names,
							"States.ALL must appear alone and at end of list");
			break;
		}
	}
}

static void
check_handlers(WfChecker *checker, WfOwner owner, json_t *list, const WfPlace *place)
{
	if (wf_check_type(checker, list, JSON_ARRAY, place))
		return;
	for (size_t i = 0; i < json_array_size(list); i++)
	{
		json_t	   *object = json_array_get(list, i);
		WfPlace		here = {place, NULL, i};

		if (wf_check_type(checker, object, JSON_OBJECT, &here))
			continue;
		wf_check_fields(checker, owner, object, &here);
		check_all_alone(checker, list, i, place);
		if (owner == WF_OWNER_RETRIER)
		{
			json_t	   *interval = json_object_get(object, "IntervalSeconds");
			json_t	   *delay = json_object_get(object, "MaxDelaySeconds");
			WfPlace		at_delay = {&here, "MaxDelaySeconds", 0};

			if (json_is_integer(delay) && json_integer_value(delay) > 0 &&
				json_integer_value(delay) <= (json_is_integer(interval) ? json_integer_value(interval) : 1))
				wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, &at_delay,
								"MaxDelaySeconds must be greater than IntervalSeconds");
		}
	}
}

void
wf_check_retry(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	check_handlers(checker, WF_OWNER_RETRIER, value, place);
}

void
wf_check_catch(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	check_handlers(checker, WF_OWNER_CATCHER, value, place);
}

void
wf_check_error_names(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	if (wf_check_list(checker, value, place))
		return;
	for (size_t i = 0; i < json_array_size(value); i++)
	{
		WfPlace		here = {place, NULL, i};

		wf_check_type(checker, json_array_get(value, i), JSON_STRING, &here);
	}
}
