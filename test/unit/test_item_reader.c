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
		{WF_INPUT_CSV, "a,,\n", "!CSV headers cannot contain duplicates.", 0, NULL, 0, {NULL}},
		/* quotes: delimiters, line ends and quotes within; repeated, also where nothing else is quoted */
		{WF_INPUT_CSV, "a,b\n\"1,\n\"\"2\",3\n4\"\"5,{\"\"6\"\":7}\n\"8\"\r\n\"\",\"\"\"\"", "{\"a\":\"1,\\n\\\"2\",\"b\":\"3\"}\n{\"a\":\"4\\\"5\",\"b\":\"{\\\"6\\\":7}\"}\n{\"a\":\"8\",\"b\":\"\"}\n{\"a\":\"\",\"b\":\"\\\"\"}\n", 0, NULL, 0, {NULL}},
		/* a backslash makes itself, a quote and the delimiter characters, and is dropped before others */
		{WF_INPUT_CSV, "a\\,b,c\nC:\\\\x\\y,\\\"1\\\"\n\"\\\"2\\\"\\,\\\n\",3\\", "{\"a,b\":\"C:\\\\xy\",\"c\":\"\\\"1\\\"\"}\n{\"a,b\":\"\\\"2\\\",\\n\",\"c\":\"3\"}\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a|b\n\\|\\,|1\n", "{\"a\":\"|,\",\"b\":\"1\"}\n", 0, NULL, '|', {NULL}},
		/* other quotes are errors, wherever they stand; lines are counted as they end */
		{WF_INPUT_CSV, "a,b\n\n1,\"2\n3,4\n", "!Line 3 of the file: a quoted field begins that is never closed.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a,b\n1,2,\"3\n", "!Line 2 of the file: a quoted field begins that is never closed.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a,\"b\n1,2\n", "!Line 1 of the file: a quoted field begins that is never closed.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a\n\"1\\\"", "!Line 2 of the file: a quoted field begins that is never closed.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "\xef\xbb\xbf" "a,b\r\n1,\"x\r\ny\"\r2,\"3\"4\n", "!Line 4 of the file: text follows a closing quotation mark.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a\n\"1\" \n", "!Line 2 of the file: text follows a closing quotation mark.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a\n1,\"2\"\"\"3\n", "!Line 2 of the file: text follows a closing quotation mark.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "\"a\"b\n1\n", "!Line 1 of the file: text follows a closing quotation mark.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a\r1\r12\" pipe\r", "!Line 3 of the file: a quotation mark within a field must be repeated.", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a,b\n1, \"2\"\n", "!Line 2 of the file: a quotation mark within a field must be repeated.", 0, NULL, 0, {NULL}},
		/* what is not read is not looked at */
		{WF_INPUT_CSV, "a\n1\n\"2", "{\"a\":\"1\"}\n", 1, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a;b\n1,2;3\n", "{\"a\":\"1,2\",\"b\":\"3\"}\n", 0, NULL, ';', {NULL}},
		{WF_INPUT_CSV, "a\tb\n1\t2\n", "{\"a\":\"1\",\"b\":\"2\"}\n", 0, NULL, '\t', {NULL}},
		{WF_INPUT_CSV, "", "", 0, NULL, 0, {NULL}},
		{WF_INPUT_CSV, "a,b", "", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSON, "[1, {\"b\": [2]}, null]", "1\n{\"b\":[2]}\nnull\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSON, "[1, 2, 3]", "1\n2\n", 2, NULL, 0, {NULL}},
		{WF_INPUT_JSON, "{\"a\": {\"b/c\": [[1], [2]]}}", "[1]\n[2]\n", 0, "/a/b~1c", 0, {NULL}},
		{WF_INPUT_JSON, "{\"a\": [[1, 2]]}", "1\n2\n", 0, "/a/0", 0, {NULL}},
		{WF_INPUT_JSON, "{\"a\": 1}", "!The ItemsPointer '/b' names nothing in the file.", 0, "/b", 0, {NULL}},
		{WF_INPUT_JSON, "{\"Hello\": \"world\"}", "!Attempting to map over non-iterable node.", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSON, "[1,\n2", "!The file is not valid JSON: expected ',' or ']' at line 2, column 2.", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSON, "[1e999]", "!The file is not valid JSON: number out of range: 1e999.", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSONL, "1\n\n {\"a\": 2} \r\n[3]", "1\n{\"a\":2}\n[3]\n", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSONL, "1\n2\n3\n", "1\n2\n", 2, NULL, 0, {NULL}},
		{WF_INPUT_JSONL, "\xef\xbb\xbf" "1\n \t\r\n\n{\n", "!Line 4 of the file is not valid JSON.", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSONL, "1 2\n", "!Line 1 of the file is not valid JSON.", 0, NULL, 0, {NULL}},
		{WF_INPUT_JSONL, "", "", 0, NULL, 0, {NULL}},
		{WF_INPUT_PARQUET, "PAR1", "!The InputType PARQUET is not supported by this version.", 0, NULL, 0, {NULL}},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(&cases[i], wf_payload_from_json(json_string(cases[i].text)));
}

/* Neither a NUL, which no JSON can hold, nor headers and fields of any length break the reader. */
static void
odd_files_are_read(void **state)
{
	char	   *text = malloc(200001);
	Case		c = {.type = WF_INPUT_CSV, .text = text};

	(void) state;
	assert_non_null(text);
	memcpy(text, "a\n1\n\0\n", 7);
	c.expected = "!Line 3 of the file: the character U+0000 is not allowed.";
	check(&c, wf_payload_from_json(json_stringn_nocheck(text, 6)));

	memset(text, 'x', 200000);
	strcpy(text + 10 * 1024, "\n1\n");
	c.expected = "!CSV headers cannot be longer than 10240 bytes.";
	check(&c, wf_payload_from_json(json_string(text)));
	c.headers[0] = "a";
	text[1000] = text[1001] = '"';	/* one character */
	text[1500] = '\n';
	text[1501] = '\0';
	c.expected = malloc(1600);
	assert_non_null(c.expected);
	sprintf((char *) c.expected, "{\"a\":\"%.*s\\\"%.*s\"}\n", 1000, text, 498, text);
	check(&c, wf_payload_from_json(json_string(text)));
	free((char *) c.expected);
	free(text);
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

/* --- manifests --- */

typedef struct ManifestCase
{
	WfManifest	manifest;
	const char *text;
	bool		json;			/* the result is JSON, not a file's text */
	const char *expected;		/* bucket and key, a line each, and the columns behind "|"; or behind "!" the cause */
} ManifestCase;

static void
describe_files(const WfItemFiles *files, char *to)
{
	for (int i = 0; i < files->n; i++)
		to += sprintf(to, "%s %s\n", files->files[i].bucket ? files->files[i].bucket : "-", files->files[i].key);
	for (int i = 0; i < files->config.n_headers; i++)
		to += sprintf(to, "|%s", files->config.headers[i]);
}

static void
manifests_name_files(void **state)
{
	static const ManifestCase cases[] = {
		{WF_MANIFEST_INVENTORY, "{\"destinationBucket\": \"arn:aws:s3:::d\", \"fileFormat\": \"CSV\", "
			"\"fileSchema\": \"Bucket, Key , Size\", \"files\": [{\"key\": \"x/1.csv\", \"size\": 3}, {\"key\": \"2.csv\"}, {\"key\": \"3\"}]}",
		false, "d x/1.csv\nd 2.csv\nd 3\n|Bucket|Key|Size"},
		/* how large a file is said to be, says nothing: it comes unpacked */
		{WF_MANIFEST_INVENTORY, "{\"fileSchema\": \"Key\", \"files\": [{\"key\": \"1\", \"size\": -7, \"MD5checksum\": 1}]}", false, "- 1\n|Key"},
		/* without a bucket the manifest's own counts; no file at all */
		{WF_MANIFEST_INVENTORY, "{\"fileSchema\": \"Key\", \"files\": [{\"key\": \"1\"}]}", true, "- 1\n|Key"},
		{WF_MANIFEST_INVENTORY, "\xef\xbb\xbf{\"fileSchema\": \"\", \"files\": []}", false, "|"},
		{WF_MANIFEST_INVENTORY, "{\"fileFormat\": \"ORC\", \"fileSchema\": \"a\", \"files\": []}", false,
		"!The files of the manifest have the format ORC; only CSV can be read."},
		{WF_MANIFEST_INVENTORY, "{\"fileSchema\": \"a\", \"files\": [{}]}", false, "!The manifest names a file without its key."},
		{WF_MANIFEST_INVENTORY, "[]", false, "!The manifest is not one of an S3 inventory: it needs fileSchema, a string, and files, an array."},
		{WF_MANIFEST_INVENTORY, "{\"files\"", false, "!The manifest is not valid JSON: expected ':' at line 1, column 9."},
		{WF_MANIFEST_INVENTORY, "null", true, "!The resource of the ItemReader gave nothing."},
		{WF_MANIFEST_ATHENA, "s3://b/x/1.csv\r\n\n\"s3://b/2,3\"\n", false, "b x/1.csv\nb 2,3\n"},
		{WF_MANIFEST_ATHENA, "", false, ""},
		{WF_MANIFEST_ATHENA, "s3://b/1\nx/1.csv\n", false, "!Line 2 of the file: this is not the address of a file, s3://bucket/key."},
		{WF_MANIFEST_ATHENA, "\"s3://b/1\n", false, "!Line 1 of the file: a quoted field begins that is never closed."},
		{WF_MANIFEST_ATHENA, "s3://b/\n", false, "!Line 1 of the file: this is not the address of a file, s3://bucket/key."},
		{WF_MANIFEST_ATHENA, "s3://b/1,2\n", false, "!Line 1 of the file: this is not the address of a file, s3://bucket/key."},
		{WF_MANIFEST_ATHENA, "{\"a\": 1}", true, "!The manifest is no text."},
		{WF_MANIFEST_LISTING, "{\"Contents\": [{\"Key\": \"a/\"}, {\"Key\": \"a/1\", \"Size\": 1}]}", true, "- a/1\n"},
		{WF_MANIFEST_LISTING, "[{\"Key\": \"1\"}]", true, "- 1\n"},
		{WF_MANIFEST_LISTING, "{\"Contents\": [{\"Name\": \"1\"}]}", true, "!The listing names a file without its Key."},
		{WF_MANIFEST_LISTING, "{}", true, "!Attempting to map over non-iterable node."},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		const ManifestCase *c = &cases[i];
		WfReaderConfig config = {.manifest = c->manifest, .type = WF_INPUT_CSV, .delimiter = ','};
		WfPayload  *result = c->json ? wf_payload_from_text(c->text, strlen(c->text)) : wf_payload_from_json(json_string(c->text));
		WfItemFiles files;
		WfError		error = WF_ERROR_NONE;
		char		text[500] = "";

		assert_non_null(result);
		if (wf_item_files_read(&config, result, &files, &error))
		{
			describe_files(&files, text);
			assert_string_equal(text, c->expected);
			assert_int_equal(files.config.manifest, WF_MANIFEST_NONE);
		}
		else
		{
			assert_int_equal(error.code, WF_STATES_RUNTIME);
			assert_string_equal(error.cause, c->expected + 1);
		}
		wf_item_files_clear(&files);
		wf_error_clear(&error);
		wf_payload_release(result);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_taken_apart),
		cmocka_unit_test(odd_files_are_read),
		cmocka_unit_test(other_results_are_items_too),
		cmocka_unit_test(manifests_name_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
