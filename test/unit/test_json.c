/*
 * test_json.c - reading, writing, comparing, merging, copying JSON; payloads; errors.
 */
#include "unit.h"

#include <math.h>

#include "json/number.h"
#include "json/payload.h"

static size_t given;			/* bytes that jansson has asked for */

static void *
count_and_give(size_t size)
{
	given += size;
	return malloc(size);
}

/* What a payload of this text says that parsing it has added, beside what jansson asked for. */
static double
weigh(const char *text)
{
	WfError		error = WF_ERROR_NONE;
	WfPayload  *payload = wf_payload_from_text(text, strlen(text));
	size_t		before = wf_payload_memory(payload);
	size_t		after;

	assert_true(before >= strlen(text));
	given = 0;
	json_set_alloc_funcs(count_and_give, free);
	assert_non_null(wf_payload_json(payload, &error));
	json_set_alloc_funcs(malloc, free);
	after = wf_payload_memory(payload);
	wf_payload_release(payload);
	return (double) (after - before) / (double) given;
}

static void
payloads_know_about_what_they_weigh(void **state)
{
	static const char *const texts[] = {
		"1", "\"a string\"", "[1,2,3,4,5,6,7,8,9,10]", "[[],[],[],[],[]]", "[{},{},{}]", "{\"a\":1,\"b\":\"c\"}",
		"[{\"a\":1,\"b\":\"c\"},{\"a\":1,\"b\":\"c\"}]"
	};

	(void) state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		double		ratio = weigh(texts[i]);

		if (ratio < 0.5 || ratio > 3)
			fail_msg("%s: %f of what it took", texts[i], ratio);
	}
}

/* Reads a text and writes it again. */
static void
assert_rewritten(const char *text, const char *expected)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *value = wf_json_parse(text, strlen(text), true, &error);
	size_t		length = 0;
	char	   *written;

	if (value == NULL)
		fail_msg("%s: %s", text, error.cause);
	written = wf_json_text(value, &length);
	assert_string_equal(written, expected);
	assert_int_equal(length, strlen(expected));
	free(written);
	json_decref(value);
}

static void
assert_refused(const char *text, WfErrorCode code, const char *cause)
{
	WfError		error = WF_ERROR_NONE;

	assert_null(wf_json_parse(text, strlen(text), false, &error));
	assert_error(error, code, cause);
}

static void
numbers_are_written_as_short_as_possible(void **state)
{
	(void) state;
	assert_rewritten("0.1", "0.1");
	assert_rewritten("1.0", "1.0");
	assert_rewritten("1", "1");
	assert_rewritten("-0.0", "-0.0");
	assert_rewritten("-0", "0");
	assert_rewritten("0.30000000000000004", "0.30000000000000004");
	assert_rewritten("3.14159", "3.14159");
	assert_rewritten("1e2", "100.0");
	assert_rewritten("9999999.5", "9999999.5");
	assert_rewritten("1e7", "1.0E7");
	assert_rewritten("12345678.9", "1.23456789E7");
	assert_rewritten("0.001", "0.001");
	assert_rewritten("0.00025", "2.5E-4");
	assert_rewritten("1.7976931348623157e308", "1.7976931348623157E308");
	assert_rewritten("5e-324", "5.0E-324");
	assert_rewritten("9007199254740993", "9007199254740993");
	assert_rewritten("9223372036854775807", "9223372036854775807");
	assert_rewritten("-9223372036854775808", "-9223372036854775808");
	assert_rewritten("0.05", "0.05");
	assert_rewritten("-12.5", "-12.5");
}

static void
numbers_beyond_64_bits_become_doubles(void **state)
{
	(void) state;
	assert_rewritten("9223372036854775808", "9.223372036854776E18");
	assert_rewritten("123456789012345678901234567890", "1.2345678901234568E29");
	assert_rewritten("1e-400", "0.0");
}

static void
numbers_out_of_range_are_refused(void **state)
{
	(void) state;
	assert_refused("1E400", WF_NUMBER_OUT_OF_RANGE, "number out of range: 1E400");
	assert_refused("[1, -1e309]", WF_NUMBER_OUT_OF_RANGE, "number out of range: -1e309");
}

static void
every_double_reads_back_as_itself(void **state)
{
	uint64_t	seed = 88172645463325252u;

	(void) state;
	for (int i = 0; i < 20000; i++)
	{
		char		text[WF_NUMBER_SIZE + 1];
		double		value;
		size_t		length;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		memcpy(&value, &seed, sizeof(value));
		length = wf_number_write_real(value, text);
		if (!isfinite(value))
		{
			assert_int_equal(length, 0);
			continue;
		}
		assert_in_range(length, 3, WF_NUMBER_SIZE - 1);
		text[length] = '\0';
		assert_true(strtod(text, NULL) == value);
	}
}

/* What somebody has written with at most 15 digits is found as that, and as the printer of the C library has it. */
static void
decimal_doubles_are_known(void **state)
{
	uint64_t	seed = 88172645463325252u;

	(void) state;
	for (int i = 0; i < 20000; i++)
	{
		char		text[40];
		double		value;
		double		whole;
		int			places;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		snprintf(text, sizeof(text), "%llue-%d", (unsigned long long) (seed % 1000000000000000), (int) (seed >> 60));
		value = strtod(text, NULL);
		assert_true(wf_number_decimal(value, &whole, &places));
		snprintf(text, sizeof(text), "%.0fe-%d", whole, places);
		assert_true(strtod(text, NULL) == value);
		assert_true(whole < 1e15 && (places == 0 || fmod(whole, 10) != 0));
	}
	assert_false(wf_number_decimal(0.1 + 0.2, &(double) {0}, &(int) {0}));
	assert_false(wf_number_decimal(9007199254740993.0, &(double) {0}, &(int) {0}));
	assert_false(wf_number_decimal(5e-324, &(double) {0}, &(int) {0}));
}

static void
strings_keep_their_characters(void **state)
{
	(void) state;
	assert_rewritten("\"a\\n\\t\\\"\\\\\\/\\u0001\\u00e9\\ud83d\\ude00\"", "\"a\\n\\t\\\"\\\\/\\u0001\xc3\xa9\xf0\x9f\x98\x80\"");
	assert_rewritten("\"\xc3\xa9\"", "\"\xc3\xa9\"");
	assert_rewritten(" {\"b\" : 1 , \"a\" : [ true , false , null ] } ", "{\"b\":1,\"a\":[true,false,null]}");
	assert_rewritten("{}", "{}");
	assert_rewritten("[]", "[]");
	assert_rewritten("\"\"", "\"\"");
}

static void
long_strings_with_escapes_are_written(void **state)
{
	char		text[6000];
	size_t		length;
	char	   *written;
	json_t	   *value;

	(void) state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 3 == 0 ? '"' : i % 3 == 1 ? '\x02' : 'x';
	value = json_stringn_nocheck(text, sizeof(text));
	written = wf_json_text(value, &length);
	assert_int_equal(length, 2 + sizeof(text) / 3 * (2 + 6 + 1));
	json_decref(value);
	value = wf_json_parse(written, length, true, NULL);
	assert_memory_equal(json_string_value(value), text, sizeof(text));
	json_decref(value);
	free(written);
}

/* The writer begins in a space on the stack: texts that end before, at and behind its end, and what makes them grow over it. */
static void
texts_of_any_length_are_written(void **state)
{
	(void) state;
	for (int length = 1900; length < 4200; length += length % 100 < 60 ? 1 : 7)
	{
		char		text[4400];
		int			n = 0;

		n += sprintf(text, "{\"a\":\"");
		memset(text + n, 'x', (size_t) length);
		sprintf(text + n + length, "\\n\\u0001\",\"b\":[true,null,12.5,-1234567890123],\"c\":{\"d\":\"\"}}");
		assert_rewritten(text, text);
	}
}

static void
keys_with_escapes_outlive_their_values(void **state)
{
	char		text[600];
	char		key[301];

	(void) state;
	assert_rewritten("{\"\\u0061\\n\":\"\\u0062\\t\",\"\":\"\\n\"}", "{\"a\\n\":\"b\\t\",\"\":\"\\n\"}");
	for (int length = 120; length <= 300; length++)
	{
		memset(key, 'k', (size_t) length);
		key[length] = '\0';
		sprintf(text, "{\"%s\\n\":\"\\tvalue\"}", key);
		assert_rewritten(text, text);
	}
}

static void
wrong_texts_are_refused_with_their_place(void **state)
{
	(void) state;
	assert_refused("", WF_INVALID_JSON, "the text ends early at line 1, column 1");
	assert_refused("{\"a\":\n 1,}", WF_INVALID_JSON, "expected a key in quotes at line 2, column 4");
	assert_refused("[1 2]", WF_INVALID_JSON, "expected ',' or ']' at line 1, column 4");
	assert_refused("{\"a\" 1}", WF_INVALID_JSON, "expected ':' at line 1, column 6");
	assert_refused("{\"a\":1 \"b\":2}", WF_INVALID_JSON, "expected ',' or '}' at line 1, column 8");
	assert_refused("01", WF_INVALID_JSON, "number with a leading zero at line 1, column 1");
	assert_refused("1.", WF_INVALID_JSON, "invalid number at line 1, column 1");
	assert_refused("-", WF_INVALID_JSON, "invalid number at line 1, column 1");
	assert_refused("1e", WF_INVALID_JSON, "invalid number at line 1, column 1");
	assert_refused("nul", WF_INVALID_JSON, "invalid JSON at line 1, column 1");
	assert_refused("1 1", WF_INVALID_JSON, "text after the end of the value at line 1, column 3");
	assert_refused("\"abc", WF_INVALID_JSON, "string without an end at line 1, column 1");
	assert_refused("\"a\\x\"", WF_INVALID_JSON, "invalid escape at line 1, column 3");
	assert_refused("\"\\u12\"", WF_INVALID_JSON, "invalid escape at line 1, column 2");
	assert_refused("\"\\u0000\"", WF_INVALID_JSON, "the character \\u0000 is not supported at line 1, column 2");
	assert_refused("\"\\ud800\"", WF_INVALID_JSON, "half of a surrogate pair at line 1, column 2");
	assert_refused("\"a\nb\"", WF_INVALID_JSON, "control character in a string at line 1, column 3");
	assert_refused("\"\xff\"", WF_INVALID_JSON, "invalid UTF-8 at line 1, column 2");
	assert_refused("\"\xc0\x80\"", WF_INVALID_JSON, "invalid UTF-8 at line 1, column 2");
	assert_refused("\"\xed\xa0\x80\"", WF_INVALID_JSON, "invalid UTF-8 at line 1, column 2");
	assert_refused("\"\xe2\x82\"", WF_INVALID_JSON, "invalid UTF-8 at line 1, column 2");
	assert_refused("{\"a\":1,\"a\":2}", WF_INVALID_JSON, "key stands twice in one object at line 1, column 8");
}

static void
a_nul_ends_nothing(void **state)
{
	WfError		error = WF_ERROR_NONE;

	(void) state;
	assert_null(wf_json_parse("\"a\0b\"", 5, true, &error));
	assert_error(error, WF_INVALID_JSON, "control character in a string at line 1, column 3");
	assert_null(wf_json_parse("1\0", 2, true, &error));
	assert_error(error, WF_INVALID_JSON, NULL);
}

static void
the_last_of_equal_keys_wins(void **state)
{
	(void) state;
	assert_rewritten("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
}

/* n arrays in each other. */
static json_t *
nest(int n)
{
	json_t	   *value = json_array();

	while (--n > 0)
	{
		json_t	   *outer = json_array();

		json_array_append_new(outer, value);
		value = outer;
	}
	return value;
}

static void
depth_is_bounded(void **state)
{
	char		text[2 * WF_JSON_MAX_DEPTH + 3];
	WfError		error = WF_ERROR_NONE;
	json_t	   *value;
	char	   *written;

	(void) state;
	memset(text, '[', WF_JSON_MAX_DEPTH);
	memset(text + WF_JSON_MAX_DEPTH, ']', WF_JSON_MAX_DEPTH);
	value = wf_json_parse(text, 2 * WF_JSON_MAX_DEPTH, true, &error);
	assert_non_null(value);
	assert_false(wf_json_too_deep(value, 0));
	assert_true(wf_json_too_deep(value, 1));
	written = wf_json_text(value, NULL);
	assert_non_null(written);
	free(written);
	json_decref(value);

	memset(text, '[', WF_JSON_MAX_DEPTH + 1);
	memset(text + WF_JSON_MAX_DEPTH + 1, ']', WF_JSON_MAX_DEPTH + 1);
	assert_null(wf_json_parse(text, 2 * WF_JSON_MAX_DEPTH + 2, true, &error));
	assert_error(error, WF_INVALID_JSON, "too deeply nested at line 1, column 1001");

	value = nest(WF_JSON_MAX_DEPTH + 1);
	assert_true(wf_json_too_deep(value, 0));
	assert_null(wf_json_text(value, NULL));
	json_decref(value);
}

static void
depth_of_a_text_is_bounded_alike(void **state)
{
	char		text[2 * WF_JSON_MAX_DEPTH + 10];
	size_t		length = 0;

	(void) state;
	for (int depth = WF_JSON_MAX_DEPTH - 1; depth <= WF_JSON_MAX_DEPTH + 1; depth++)
	{
		memset(text, '[', (size_t) depth);
		memset(text + depth, ']', (size_t) depth);
		length = 2 * (size_t) depth;
		assert_int_equal(wf_json_text_is_too_deep(text, length), depth > WF_JSON_MAX_DEPTH);
	}
	/* brackets in a string are none, and one that closes gives its level back */
	memset(text, '[', sizeof(text));
	text[1] = '"';
	memcpy(text + sizeof(text) - 4, "\\\"\"]", 4);
	assert_false(wf_json_text_is_too_deep(text, sizeof(text)));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 == 0 ? '{' : '}';
	assert_false(wf_json_text_is_too_deep(text, sizeof(text)));
}

static void
equality_ignores_order_and_kind_of_number(void **state)
{
	static const struct
	{
		const char *a;
		const char *b;
		bool		equal;
	}			cases[] = {
		{"1", "1.0", true},
		{"1", "1.5", false},
		{"1", "true", false},
		{"9007199254740993", "9007199254740992.0", false},
		{"9223372036854775807", "9223372036854775808", false},
		{"'a'", "'a'", true},
		{"'a'", "'ab'", false},
		{"{'a':1,'b':[2]}", "{'b':[2.0],'a':1}", true},
		{"{'a':1}", "{'a':1,'b':2}", false},
		{"{'a':1}", "{'b':1}", false},
		{"[1,2]", "[2,1]", false},
		{"[1,2]", "[1]", false},
		{"null", "null", true},
		{"null", "false", false},
		{"{}", "[]", false},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		json_t	   *a = json_of(cases[i].a);
		json_t	   *b = json_of(cases[i].b);

		assert_int_equal(wf_json_equal(a, b), cases[i].equal);
		assert_int_equal(wf_json_equal(b, a), cases[i].equal);
		json_decref(a);
		json_decref(b);
	}
}

static void
merging_is_shallow(void **state)
{
	json_t	   *a = json_of("{'a':1,'b':{'x':1}}");
	json_t	   *b = json_of("{'b':{'y':2},'c':3}");

	(void) state;
	assert_json(wf_json_merge(a, b), "{'a':1,'b':{'y':2},'c':3}");
	json_decref(a);
	json_decref(b);
}

static void
copies_share_no_container(void **state)
{
	json_t	   *value = json_of("{'a':[{'b':1}],'c':'x'}");
	json_t	   *copy = wf_json_copy(value);

	(void) state;
	json_object_set_new(json_array_get(json_object_get(copy, "a"), 0), "b", json_integer(2));
	json_array_append_new(json_object_get(copy, "a"), json_null());
	assert_json(copy, "{'a':[{'b':2},null],'c':'x'}");
	assert_json(value, "{'a':[{'b':1}],'c':'x'}");
}

static void
payloads_are_text_and_value(void **state)
{
	WfError		error = WF_ERROR_NONE;
	WfPayload  *payload = wf_payload_parse(" { \"a\" : 1.0 } ", 15, &error);
	WfPayload  *shared = wf_payload_share(payload);
	size_t		length;

	(void) state;
	assert_string_equal(wf_payload_text(payload, &length), "{\"a\":1.0}");
	assert_int_equal(length, 9);
	assert_int_equal(wf_payload_size(payload), 9);
	wf_payload_release(payload);
	assert_true(json_is_object(wf_payload_json(shared, &error)));
	wf_payload_release(shared);

	payload = wf_payload_from_text("[1]", 3);
	assert_int_equal(json_array_size(wf_payload_json(payload, &error)), 1);
	wf_payload_release(payload);

	payload = wf_payload_from_text("[1", 2);
	assert_null(wf_payload_json(payload, &error));
	assert_error(error, WF_INVALID_JSON, NULL);
	wf_payload_release(payload);

	assert_null(wf_payload_parse("{", 1, &error));
	assert_error(error, WF_INVALID_JSON, NULL);
	assert_null(wf_payload_from_json(NULL));
	assert_null(wf_payload_share(NULL));
	wf_payload_release(NULL);
}

static void
errors_have_names_and_move(void **state)
{
	WfError		from = WF_ERROR_NONE;
	WfError		to = WF_ERROR_NONE;

	(void) state;
	assert_string_equal(wf_error_name(WF_STATES_RUNTIME), "States.Runtime");
	assert_false(wf_error_caught_by_all(WF_STATES_RUNTIME));
	assert_true(wf_error_caught_by_all(WF_STATES_TIMEOUT));
	assert_string_equal(wf_error_name(WF_NO_ERROR), "");

	assert_false(wf_error_set(&from, WF_STATES_RUNTIME, "a %d", 1));
	assert_false(wf_error_set(&from, WF_STATES_RUNTIME, "%s b", from.cause));
	assert_false(wf_error_set(&to, WF_STATES_TIMEOUT, "old"));
	wf_error_move(&to, &from);
	assert_null(from.cause);
	assert_int_equal(from.code, WF_NO_ERROR);
	assert_error(to, WF_STATES_RUNTIME, "a 1 b");
	wf_error_no_memory(&to);
	assert_int_equal(to.code, WF_OUT_OF_MEMORY);
	wf_error_set(NULL, WF_STATES_RUNTIME, "nobody listens");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_written_as_short_as_possible),
		cmocka_unit_test(numbers_beyond_64_bits_become_doubles),
		cmocka_unit_test(numbers_out_of_range_are_refused),
		cmocka_unit_test(every_double_reads_back_as_itself),
		cmocka_unit_test(decimal_doubles_are_known),
		cmocka_unit_test(strings_keep_their_characters),
		cmocka_unit_test(long_strings_with_escapes_are_written),
		cmocka_unit_test(texts_of_any_length_are_written),
		cmocka_unit_test(keys_with_escapes_outlive_their_values),
		cmocka_unit_test(wrong_texts_are_refused_with_their_place),
		cmocka_unit_test(a_nul_ends_nothing),
		cmocka_unit_test(the_last_of_equal_keys_wins),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(depth_of_a_text_is_bounded_alike),
		cmocka_unit_test(equality_ignores_order_and_kind_of_number),
		cmocka_unit_test(merging_is_shallow),
		cmocka_unit_test(copies_share_no_container),
		cmocka_unit_test(payloads_are_text_and_value),
		cmocka_unit_test(payloads_know_about_what_they_weigh),
		cmocka_unit_test(errors_have_names_and_move),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
