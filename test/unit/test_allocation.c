/*
 * test_allocation.c - every allocation fails once: nothing crashes, leaks, or is taken for another error.
 *
 * The linker puts __wrap_malloc and its like between all of our code and the C library; jansson is told to use them, too.
 * Each scenario runs again and again, the Nth allocation failing for N = 1, 2, … until one run needs fewer.
 */
#include "failing_malloc.h"
#include "unit.h"

#include "asl/definition.h"
#include "asl/intrinsic.h"
#include "asl/variable_references.h"
#include "interpreter/item_reader.h"
#include "interpreter/result_writer.h"
#include "json/payload.h"
#include "jsonata/datetime.h"
#include "jsonata/format_integer.h"
#include "jsonata/format_number.h"
#include "jsonata/number_text.h"
#include "jsonata/regex.h"
#include "jsonata/text.h"

/* Runs a scenario with each of its allocations failing.  It answers false if it noticed; it must not otherwise. */
static void
fail_each(const char *name, bool (*scenario) (WfError *error))
{
	for (int mode = 0; mode < 2; mode++)
	{
		for (long n = 1;; n++)
		{
			WfError		error = WF_ERROR_NONE;
			bool		done,
						has_failed;

			fail_allocation(n, mode == 1);
			done = scenario(&error);
			has_failed = fail_no_more();
			if (!done && error.code != WF_OUT_OF_MEMORY)
				fail_msg("%s: allocation %ld failed, and was taken for: %s %s", name, n, wf_error_name(error.code),
						 error.cause ? error.cause : "");
			wf_error_clear(&error);
			if (!has_failed)
			{
				assert_true(done);
				break;
			}
			assert_in_range(n, 1, 100000);
		}
	}
}

static const char definition_text[] =
	"{\"Comment\":\"c\",\"StartAt\":\"P\",\"States\":{"
	"\"P\":{\"Type\":\"Parallel\",\"Assign\":{\"v\":1},\"Branches\":[{\"StartAt\":\"T\",\"States\":{"
	"\"T\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\",\"TimeoutSecondsPath\":\"$.t\","
	"\"Parameters\":{\"a.$\":\"$.b[?(@.c == 'x' && !(@.d > 1))]\",\"l\":[{\"m.$\":\"States.Format('{}', $$.x)\"}]},"
	"\"Credentials\":{\"RoleArn.$\":\"$.r\"},\"ResultSelector\":{\"k.$\":\"$..y\"},\"ResultPath\":\"$.x.y\",\"Retry\":[{\"ErrorEquals\":[\"A\",\"B\"]}],"
	"\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"Next\":\"F\",\"Assign\":{\"w.$\":\"$\"}}],\"End\":true},"
	"\"F\":{\"Type\":\"Fail\",\"ErrorPath\":\"$.e\",\"Cause\":\"$.looks\"}}}],\"Next\":\"C\"},"
	"\"C\":{\"Type\":\"Choice\",\"Choices\":[{\"And\":[{\"Variable\":\"$.a\",\"NumericEquals\":1},{\"Not\":{\"Variable\":\"$v\",\"StringEqualsPath\":\"$.s\"}}],"
	"\"Next\":\"M\",\"Assign\":{\"q\":1}}],\"Default\":\"W\"},"
	"\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.i\",\"Label\":\"l\",\"ItemReader\":{\"Resource\":\"arn:aws:states:::s3:listObjectsV2\","
	"\"ReaderConfig\":{\"Transformation\":\"LOAD_AND_FLATTEN\",\"InputType\":\"CSV\",\"CSVHeaderLocation\":\"GIVEN\",\"CSVHeaders\":[\"h\"]}},"
	"\"ItemProcessor\":{\"ProcessorConfig\":{\"Mode\":\"DISTRIBUTED\",\"ExecutionType\":\"EXPRESS\"},"
	"\"StartAt\":\"S\",\"States\":{\"S\":{\"Type\":\"Succeed\"}}},\"ItemSelector\":{\"z.$\":\"$$.Map.Item.Value\"},\"Next\":\"W\"},"
	"\"W\":{\"Type\":\"Wait\",\"TimestampPath\":\"$.w\",\"End\":true}}}";

/* Everything that the checker can say needs memory, too. */
static const char wrong_text[] =
	"{\"StartAt\":\"X\",\"Nope\":1,\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::a:b.sync\",\"InputPath\":\"a\",\"Parameters\":"
	"{\"a.$\":\"b\",\"c\":\"$.d\"},\"ResultPath\":\"$..a\",\"Next\":\"B\"},\"B\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"a\",\"IsNull\":1}]},"
	"\"C\":{\"Type\":\"Fail\",\"ErrorPath\":\"States.X()\"}}}";

static bool
check_scenario(WfError *error)
{
	const char *const texts[] = {definition_text, wrong_text};

	for (int i = 0; i < 2; i++)
	{
		WfDiagnostics diagnostics;
		bool		done = wf_definition_check(texts[i], strlen(texts[i]), WF_EXPRESS, &diagnostics);

		if (done)
			assert_int_equal(diagnostics.n_errors > 5, i == 1);
		wf_diagnostics_free(&diagnostics);
		if (!done)
			return wf_error_no_memory(error);
	}
	return true;
}

static bool
parse_scenario(WfError *error)
{
	WfDefinition *definition = wf_definition_parse(definition_text, strlen(definition_text), error);

	wf_definition_free(definition);
	return definition != NULL;
}

static bool
wrong_scenario(WfError *error)
{
	WfDefinition *definition = wf_definition_parse(wrong_text, strlen(wrong_text), error);

	assert_null(definition);
	return error->code == WF_INVALID_DEFINITION && error->cause != NULL;
}

static bool
json_scenario(WfError *error)
{
	static const char text[] = "{\"a\\n\":[1,2.5,123456789012345678901234567890,\"\\u00e9x\",{\"b\":null}],\"c\":\"plain\"}";
	json_t	   *value = wf_json_parse(text, strlen(text), true, error);
	json_t	   *copy = NULL;
	json_t	   *merged = NULL;
	WfPayload  *payload = NULL;
	bool		done = false;

	if (value != NULL)
	{
		copy = wf_json_copy(value);
		merged = copy != NULL ? wf_json_merge(value, copy) : NULL;
		payload = merged != NULL ? wf_payload_from_json(json_incref(merged)) : NULL;
		done = payload != NULL && wf_payload_text(payload, NULL) != NULL;
		if (!done)
			wf_error_no_memory(error);
	}
	wf_payload_release(payload);
	json_decref(value);
	json_decref(copy);
	json_decref(merged);
	if (!done)
		return false;
	payload = wf_payload_parse(text, strlen(text), error);
	wf_payload_release(payload);
	return payload != NULL;
}

static json_t *scope_input;

static bool
path_scenario(WfError *error)
{
	static const char *const paths[] = {
		"$.a.b[0]", "$..c", "$.a['b','c']", "$.l[?(@.x in ['p','q'] || @.y == $.a.c)].x", "$.l[*].x", "$.n.sum(1, $.n)",
		"$.concat('x', $.a.c)", "$.o.keys()", "$.n.append(4).length()", "$..k.max()", "$.l[1:].y",
		"$.l[?(!(/(a|b)*/ =~ @.y) || @.x =~ /[pq]\\u0070?/i)].x", "$.l[?(@.x in {'a':[1,tru]})].length()", "$['a\\n']",
		/* nothing there: words are needed */
		"$.zzz.y", "$.a.c[0].x", "$var.x", "$.a.c.d", "$.a[0]",
	};
	WfScope		scope = {.input = scope_input};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
	{
		WfPath	   *path = wf_path_parse(paths[i], error);
		json_t	   *found = NULL;
		char	   *missing = NULL;
		bool		done = path != NULL && wf_path_get(path, &scope, &found, &missing, error);

		if (done)
			assert_true((found == NULL) == (missing != NULL));
		json_decref(found);
		free(missing);
		wf_path_free(path);
		if (!done)
			return false;
	}
	return true;
}

static bool
write_scenario(WfError *error)
{
	WfPath	   *path = wf_path_parse("$.a.new['deep']", error);
	WfPath	   *misfit = wf_path_parse("$.n.x", error);
	json_t	   *value = json_true();
	json_t	   *result = path != NULL && misfit != NULL ? wf_path_set(path, scope_input, value, error) : NULL;
	bool		done = result != NULL;

	json_decref(result);
	if (done)
	{
		WfError		refusal = WF_ERROR_NONE;

		assert_null(wf_path_set(misfit, scope_input, value, &refusal));
		done = refusal.code == WF_STATES_REFERENCE_PATH_CONFLICT && refusal.cause != NULL;
		wf_error_clear(&refusal);
		if (!done)
			wf_error_no_memory(error);
	}
	wf_path_free(path);
	wf_path_free(misfit);
	return done;
}

static json_t *template_source;
static json_t *query_source;
static json_t *rule_source;
static json_t *machine_source;

static bool
template_scenario(WfError *error)
{
	WfScope		scope = {.input = scope_input};
	WfTemplate *template_ = wf_template_parse(template_source, NULL, error);
	json_t	   *value = template_ != NULL ? wf_template_evaluate(template_, &scope, error) : NULL;

	json_decref(value);
	wf_template_free(template_);
	return value != NULL;
}

static json_t *
context_of(void *arg, WfError *error)
{
	(void) error;
	return arg;
}

/* A value, and a failure that is told. */
static bool
query_scenario(WfError *error)
{
	WfPlace		field = {NULL, "Output", 0};
	WfScope		scope = {
		.input = scope_input, .variables = scope_input, .context = context_of, .context_arg = scope_input, .result = scope_input
	};
	WfTemplate *template_ = wf_template_parse_queries(query_source, &field, error);
	json_t	   *value = template_ != NULL ? wf_template_evaluate(template_, &scope, error) : NULL;
	WfQuery    *query = value != NULL ? wf_query_parse("{% $nix %}", &field, error) : NULL;
	bool		done = query != NULL && wf_query_evaluate(query, &scope, error) == NULL &&
		error->code == WF_STATES_QUERY_EVALUATION_ERROR && error->cause != NULL && error->location != NULL;

	if (!done && error->code == WF_STATES_QUERY_EVALUATION_ERROR)
		wf_error_no_memory(error);
	if (done)
		wf_error_clear(error);
	wf_query_free(query);
	json_decref(value);
	wf_template_free(template_);
	return done;
}

static bool
choice_scenario(WfError *error)
{
	WfScope		scope = {.input = scope_input};
	char	   *location = NULL;
	WfCondition *condition = wf_condition_parse(rule_source, &location, error);
	bool		matches = false;
	bool		done = condition != NULL && wf_condition_evaluate(condition, &scope, &matches, error);

	if (done)
		assert_true(matches);
	free(location);
	wf_condition_free(condition);
	return done;
}

static double
roll(void *arg)
{
	(void) arg;
	return 0.5;
}

static bool
give_bytes(void *arg, unsigned char *bytes, size_t n)
{
	(void) arg;
	memset(bytes, 7, n);
	return true;
}

static bool
go_on(void *arg)
{
	(void) arg;
	return false;
}

static bool
intrinsic_scenario(WfError *error)
{
	static const char *const calls[] = {
		"States.Format('it\\'s {} \\{ {}', $.a, States.StringToJson('[1]'))", "States.JsonToString($)",
		"States.ArrayPartition($.n, 2)", "States.ArrayContains($.l, $.l[1])", "States.ArrayRange(1, 5, 2)",
		"States.ArrayGetItem($.n, 1)", "States.ArrayLength(States.Array($.n, 1, null, true))", "States.ArrayUnique($.l)",
		"States.Base64Decode(States.Base64Encode('text'))", "States.Hash($.a, 'SHA-512')", "States.JsonMerge($.a, $.o, false)",
		"States.MathAdd(1, 2.5)", "States.MathRandom(1, 5)", "States.MathRandom(1, 5, 3)", "States.StringSplit('a b', ' ')",
		"States.UUID()",
		/* failures are told */
		"States.Array($.zzz)", "States.Format('{}')", "States.MathAdd(1)", "States.Format('{')", "States.StringToJson('{')",
	};
	WfHost		host = {.random = roll, .random_bytes = give_bytes, .interrupted = go_on};
	WfScope		scope = {.input = scope_input, .host = &host};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
	{
		WfIntrinsic *intrinsic = wf_intrinsic_parse(calls[i], error);
		json_t	   *value = intrinsic != NULL ? wf_intrinsic_evaluate(intrinsic, &scope, error) : NULL;
		bool		done = value != NULL || (i >= 16 && error->code == WF_STATES_RUNTIME && error->cause != NULL);

		json_decref(value);
		wf_intrinsic_free(intrinsic);
		/* an error without its words is told, too: there is just no memory for them */
		if (!done)
			return error->code == WF_STATES_RUNTIME ? wf_error_no_memory(error) : false;
		wf_error_clear(error);
	}
	return true;
}

static bool
references_scenario(WfError *error)
{
	json_t	   *references = wf_variable_references(machine_source);

	if (references == NULL)
		error->code = WF_OUT_OF_MEMORY;
	else
		assert_int_equal(json_array_size(json_object_get(references, "A")), 2);
	json_decref(references);
	return references != NULL;
}

static bool
take(void *arg, const char *text, size_t length)
{
	(void) text;
	*(size_t *) arg += length;
	return true;
}

/* Reads items out of a file's text. */
static bool
read_file(WfInputType type, const char *pointer, const char *text, WfError *error)
{
	WfReaderConfig config = {.type = type, .delimiter = ',', .pointer = pointer};
	WfPayload  *file = wf_payload_from_json(json_string(text));
	size_t		size = 0;
	bool		done = file ? wf_items_read(&config, file, 0, take, &size, error) : wf_error_no_memory(error);

	wf_payload_release(file);
	return done;
}

static bool
read_manifest(WfManifest manifest, const char *text, int n, WfError *error)
{
	WfReaderConfig config = {.manifest = manifest, .type = WF_INPUT_CSV, .delimiter = ','};
	WfPayload  *file = wf_payload_from_json(json_string(text));
	WfItemFiles files = {0};
	bool		done = file ? wf_item_files_read(&config, file, &files, error) : wf_error_no_memory(error);

	if (done)
		assert_int_equal(files.n, n);
	wf_item_files_clear(&files);
	wf_payload_release(file);
	return done;
}

static bool
write_results(WfTransformation transformation, bool lines, WfError *error)
{
	static const char text[] = "[1,[2,3],{\"a\":\"b\"}]";
	WfWriterConfig config = {.transformation = transformation, .lines = lines};
	WfPayload  *results = wf_payload_from_text(text, strlen(text));
	WfPayload  *payload = results ? wf_results_payload(&config, results, error) : NULL;
	bool		done = (payload && wf_payload_text(payload, NULL)) || wf_error_no_memory(error);

	wf_payload_release(payload);
	wf_payload_release(results);
	return done;
}

static bool
files_scenario(WfError *error)
{
	return read_file(WF_INPUT_CSV, NULL, "a,b\n1,\"2\"\n3\n", error) &&
		read_file(WF_INPUT_JSON, "/a/0", "{\"a\":[[1,{\"b\":2}]]}", error) &&
		read_file(WF_INPUT_JSONL, NULL, "1\n[2]\n", error) &&
		read_manifest(WF_MANIFEST_INVENTORY, "{\"destinationBucket\":\"arn:aws:s3:::d\",\"fileSchema\":\"a, b,c\","
					  "\"files\":[{\"key\":\"1\"},{\"key\":\"2\"},{\"key\":\"3\"}]}", 3, error) &&
		read_manifest(WF_MANIFEST_ATHENA, "s3://a/b\ns3://c/d\n", 2, error) &&
		write_results(WF_TRANSFORMATION_FLATTEN, false, error) && write_results(WF_TRANSFORMATION_COMPACT, true, error);
}

#define SCENARIO(name) \
	static void \
	name##_survives(void **state) \
	{ \
		(void) state; \
		fail_each(#name, name##_scenario); \
	}

SCENARIO(check)
SCENARIO(parse)
SCENARIO(json)
SCENARIO(path)
SCENARIO(write)
SCENARIO(template)
SCENARIO(query)
SCENARIO(choice)
SCENARIO(intrinsic)
SCENARIO(references)
SCENARIO(files)

/* An error without its words is no success, and no other error. */
static void
wrong_survives(void **state)
{
	(void) state;
	for (long n = 1;; n++)
	{
		WfError		error = WF_ERROR_NONE;
		bool		has_failed;

		fail_allocation(n, false);
		wrong_scenario(&error);
		has_failed = fail_no_more();
		assert_true(error.code == WF_OUT_OF_MEMORY || error.code == WF_INVALID_DEFINITION);
		wf_error_clear(&error);
		if (!has_failed)
			break;
	}
}

static bool
replace_all(WfString text, WfString source, WfBuffer *out)
{
	WfJsRegex  *regex = wf_js_regex_read(source, true, false, out->fault);
	WfJsMatch	match;
	bool		found = true;
	bool		good = regex != NULL;

	for (size_t at = 0; good && found; at = match.end)
		good = wf_js_regex_match(regex, text, at, NULL, &found, &match, out->fault) &&
			(!found || wf_js_regex_replacement(&match, WF_STRING("[$1]"), out));
	wf_js_regex_free(regex);
	return good;
}

/* JSONata's functions, each into a buffer that grows. */
static bool
jsonata_functions(WfError *error)
{
	const WfString written = WF_STRING("[FNn], [D1o] [MNn] [Y0001], [H01]:[m01] [z]");
	WfDecimalFormat format = wf_decimal_format_default();
	WfFault		fault = {WF_FAULT_NONE, NULL, NULL};
	WfBuffer	out = WF_BUFFER(10000, &fault);
	double		number;
	bool		found;
	bool		good;

	good = wf_format_number(1234.5, WF_STRING("#,##0.00;(0)"), &format, &out) &&
		wf_format_integer(1234567, WF_STRING("Ww;o"), &out) &&
		wf_parse_integer(WF_STRING("1,234"), WF_STRING("#,##0"), &number, &fault) &&
		wf_from_millis(1234567890123.0, &written, NULL, &out) &&
		wf_to_millis(WF_STRING("Friday, 13th February 2009, 23:31 GMT+00:00"), &written, 0, &found, &number, &fault) &&
		wf_js_format_base(1e300, 2, &out) &&
		replace_all(WF_STRING("abcABC"), WF_STRING("(?<x>b+)|\\k<x>c"), &out);
	if (good)
		assert_true(found);
	wf_buffer_free(&out);
	if (!good)
	{
		assert_int_equal(fault.kind, WF_FAULT_NO_MEMORY);
		wf_error_no_memory(error);
	}
	else						/* an error is told whole, or for want of memory */
	{
		wf_fault_string(&fault, "D3140", WF_STRING("a string that is longer than what a buffer begins with, by far\n"));
		good = fault.kind == WF_FAULT_CODE || wf_error_no_memory(error);
	}
	wf_fault_clear(&fault);
	return good;
}

static void
jsonata_functions_survive(void **state)
{
	(void) state;
	fail_each("JSONata's functions", jsonata_functions);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_survives),
		cmocka_unit_test(path_survives),
		cmocka_unit_test(write_survives),
		cmocka_unit_test(template_survives),
		cmocka_unit_test(query_survives),
		cmocka_unit_test(choice_survives),
		cmocka_unit_test(intrinsic_survives),
		cmocka_unit_test(jsonata_functions_survive),
		cmocka_unit_test(references_survives),
		cmocka_unit_test(files_survives),
		cmocka_unit_test(check_survives),
		cmocka_unit_test(parse_survives),
		cmocka_unit_test(wrong_survives),
	};
	int			status;

	fail_in_jansson_too();
	json_object_seed(1);
	scope_input = json_of("{'a':{'b':[1],'c':'s'},'l':[{'x':'p'},{'y':'s'}],'n':[1,2,3],'o':{'k':1}}");
	template_source = json_of("{'k':1,'x.$':'$.a','y':[{'z.$':'$.l[*].x'}]}");
	query_source = json_of("{'k':1,'y':[{'z':'{% $a.b[0] + $sum($n) %}'},'{% $keys($states) %}','{% $states.context.a %}']}");
	rule_source = json_of("{'And':[{'Variable':'$.a.c','StringMatches':'s*'},{'Or':[{'Variable':'$.zzz','IsPresent':true},"
						  "{'Not':{'Variable':'$.a.c','StringEqualsPath':'$.l[0].x'}}]}]}");
	machine_source = json_of("{'States':{'A':{'InputPath':'$b','OutputPath':'$a'},'B':{'QueryLanguage':'JSONata','Output':'{% $c %}'}}}");
	status = cmocka_run_group_tests_name("allocation", tests, NULL, NULL);
	json_decref(scope_input);
	json_decref(template_source);
	json_decref(query_source);
	json_decref(rule_source);
	json_decref(machine_source);
	return status;
}
