/*
 * test_item_reader.c - items out of files' texts.
 */
#include "unit.h"

#include "asl/error.h"
#include "interpreter/item_reader.h"
#include "json/json.h"

typedef struct Case
{
	WfInputType type;
	const char *text;
	const char *expected;		/* the items, a line each; or behind "!" the cause */
	int64_t		max_items;
	const char *pointer;
	char		delimiter;		/* 0: a comma */
	const char *headers[4];		/* up to NULL; none: FIRST_ROW */
} Case;

static bool
take(void *arg, const char *text, size_t length)
{
	char	   *to = arg;

	assert_true(strlen(to) + length + 2 < 2000);
	memcpy(to + strlen(to) + 0, text, length + 1);
	strcat(to, "\n");
	return true;
}

static void
check(const Case *c, WfPayload *result)
{
	WfReaderConfig config = {.type = c->type, .delimiter = c->delimiter ? c->delimiter : ',', .pointer = c->pointer};
	char		items[2000] = "";
	WfError		error = WF_ERROR_NONE;

	assert_non_null(result);
	config.headers = (const char **) c->headers;
	while (c->headers[config.n_headers])
		config.n_headers++;
	config.headers_given = config.n_headers > 0;
	if (wf_items_read(&config, result, c->max_items, take, items, &error))
		assert_string_equal(items, c->expected);
	else
	{
		assert_int_equal(error.code, WF_STATES_RUNTIME);
		assert_int_equal(c->expected[0], '!');
		assert_string_equal(error.cause, c->expected + 1);
	}
	wf_error_clear(&error);
	wf_payload_release(result);
}

static void
files_are_taken_apart(void **state)
{
	static const Case cases[] = {
		/* the first row names the columns */
		{WF_INPUT_CSV, "a,b\n1,2\n3,4\n", "{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"3\",\"b\":\"4\"}\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a,b\n1,2\n3,4\n", "{\"a\":\"1\",\"b\":\"2\"}\n", 1, NULL, 0, {NULL}},
		/* no last line's end; CRLF; CR; a byte order mark; empty lines */
		{WF_INPUT_CSV, "\xef\xbb\xbf" "a,b\r\n\r\n1,2\r3,4", "{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"3\",\"b\":\"4\"}\n", 0, NULL, 0, {NULL}},
		/* too many columns, too few, none that says anything */
		{WF_INPUT_CSV, "a,b\n1,2,3\n1\n,,,\n   \n",
		"{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"1\",\"b\":\"\"}\n{\"a\":\"\",\"b\":\"\"}\n{\"a\":\"   \",\"b\":\"\"}\n", 0, NULL, 0, {NULL}},
		/* a blank header is a key; given ones leave the first row a row */
		{WF_INPUT_CSV, ",b\n1,2\n", "{\"\":\"1\",\"b\":\"2\"}\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a,b\n1,2\n", "{\"x\":\"a\"}\n{\"x\":\"1\"}\n", 0, NULL, 0, {"x", NULL}},
		{WF_INPUT_CSV, "a\n", "!CSV headers cannot contain duplicates.", 0, NULL, 0, {"x", "x", NULL}},
		{WF_INPUT_CSV, "a,a\n", "!CSV headers cannot contain duplicates.", 0, NULL, 0, {NULL}},
		/* quotes: delimiters, line ends and quotes within; in the middle they are characters */
		{WF_INPUT_CSV, "a,b\n\"1,\n\"\"2\",3\n4\"5,\"6\"7\n\"8", "{\"a\":\"1,\\n\\\"2\",\"b\":\"3\"}\n{\"a\":\"4\\\"5\",\"b\":\"67\"}\n{\"a\":\"8\",\"b\":\"\"}\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a;b\n1,2;3\n", "{\"a\":\"1,2\",\"b\":\"3\"}\n", 0, NULL, ';', {NULL}},
		{WF_INPUT_CSV, "a\tb\n1\t2\n", "{\"a\":\"1\",\"b\":\"2\"}\n", 0, NULL, '\t', {NULL}},
		{WF_INPUT_CSV, "", "", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a,b", "", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSON, "[1, {\"b\": [2]}, null]", "1\n{\"b\":[2]}\nnull\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSON, "[1, 2, 3]", "1\n2\n", 2, NULL, 0, {NULL}},
		{WF_INPUT_JSON, "{\"a\": {\"b/c\": [[1], [2]]}}", "[1]\n[2]\n", 0, "/a/b~1c", 0, {NULL}},
		{WF_INPUT_JSON, "{\"a\": [[1, 2]]}", "1\n2\n", 0, "/a/0", 0, {NULL}},
		{WF_INPUT_JSON, "{\"a\": 1}", "!The ItemsPointer names nothing in the file.", 0, "/b", 0, {NULL}},
		{WF_INPUT_JSON, "{\"Hello\": \"world\"}", "!Attempting to map over non-iterable node.", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSON, "[1", "!The file is not valid JSON.", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSONL, "1\n\n {\"a\": 2} \r\n[3]", "1\n{\"a\":2}\n[3]\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSONL, "1\n2\n3\n", "1\n2\n", 2, NULL, 0, {NULL}},
		{WF_INPUT_JSONL, "1\n{\n", "!A line of the file is not valid JSON.", 0, NULL, 0, {NULL}},
		{WF_INPUT_PARQUET, "PAR1", "!The InputType PARQUET is not supported by this version.", 0, NULL, 0, {NULL}},
		{WF_INPUT_MANIFEST, "{}", "!The InputType MANIFEST is not supported by this version.", 0, NULL, 0, {NULL}},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(&cases[i], wf_payload_from_json(json_string(cases[i].text)));
}

/* What a resource gives that is no file: an array, an object with the file or the listing in it. */
static void
other_results_are_items_too(void **state)
{
	static const Case cases[] = {
		{WF_INPUT_NONE, "[1,\"2\"]", "1\n\"2\"\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_NONE, "{\"Contents\":[{\"Key\":\"a\"}],\"KeyCount\":1}", "{\"Key\":\"a\"}\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "{\"Body\":\"a\\n1\",\"ETag\":\"x\"}", "{\"a\":\"1\"}\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_NONE, "{}", "!Attempting to map over non-iterable node.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "null", "!The resource of the ItemReader gave nothing.", 0, NULL, 0, {NULL}},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(&cases[i], wf_payload_from_text(cases[i].text, strlen(cases[i].text)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_taken_apart),
		cmocka_unit_test(other_results_are_items_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
