/*
 * test_jsonata_functions.c - JSONata's functions over strings and numbers, by themselves.
 *
 * Whether they are JavaScript's to the last case, test/differential/jsonata_functions.mjs asks.
 */
#include "unit.h"

#include <math.h>

#include "json/digest.h"
#include "json/number.h"
#include "jsonata/datetime.h"
#include "jsonata/format_integer.h"
#include "jsonata/format_number.h"
#include "jsonata/number_text.h"
#include "jsonata/regex.h"
#include "jsonata/text.h"

#define LIMIT 1000

static WfString
string(const char *text)
{
	return (WfString) {text, strlen(text)};
}

/* Checks what a call that writes into `out` gives: a text, or an error's code and value, as "D3080" or "D3130 \"x\"". */
#define assert_gives(call, expected) \
	do { \
		WfFault		fault = {WF_FAULT_NONE, NULL, NULL}; \
		WfBuffer	buffer = WF_BUFFER(LIMIT, &fault); \
		WfBuffer   *out = &buffer; \
		bool		good = (call); \
		char		got[LIMIT + 100]; \
		if (good) \
			snprintf(got, sizeof(got), "%.*s", (int) buffer.length, buffer.text != NULL ? buffer.text : ""); \
		else if (fault.kind == WF_FAULT_CODE) \
			snprintf(got, sizeof(got), "%s%s%s", fault.code, fault.value != NULL ? " " : "", fault.value != NULL ? fault.value : ""); \
		else \
			snprintf(got, sizeof(got), "fault %d", (int) fault.kind); \
		wf_buffer_free(&buffer); \
		wf_fault_clear(&fault); \
		assert_string_equal(got, expected); \
	} while (0)

/* --- buffer.c --- */

static void
buffers_have_a_limit(void **state)
{
	WfFault		fault = {WF_FAULT_NONE, NULL, NULL};
	WfBuffer	buffer = WF_BUFFER(5, &fault);
	size_t		length;
	char	   *text;

	(void) state;
	assert_true(wf_buffer_add(&buffer, "abc", 3));
	assert_false(wf_buffer_add(&buffer, "def", 3));
	assert_int_equal(fault.kind, WF_FAULT_TOO_LARGE);
	assert_true(wf_buffer_repeat(&buffer, WF_STRING("x"), 2));
	assert_false(wf_buffer_repeat(&buffer, WF_STRING("xy"), SIZE_MAX));
	text = wf_buffer_take(&buffer, &length);
	assert_string_equal(text, "abcxx");
	assert_int_equal(length, 5);
	free(text);
	wf_fault_clear(&fault);
}

static void
halves_of_a_pair_join(void **state)
{
	(void) state;
	assert_gives(wf_buffer_add_character(out, 0xD83D) && wf_buffer_add_character(out, 0xDE01), "\xF0\x9F\x98\x81");
	assert_gives(wf_buffer_add_character(out, 0xDE01) && wf_buffer_add_character(out, 0xD83D), "\xED\xB8\x81\xED\xA0\xBD");
}

static void
faults_tell_values_as_json(void **state)
{
	(void) state;
	assert_gives(wf_fault_string(out->fault, "D3140", WF_STRING("a\"\\\n\x01\xED\xA0\x80\0")), "D3140 \"a\\\"\\\\\\n\\u0001\\ud800\\u0000\"");
	assert_gives(wf_fault_number(out->fault, "D3100", 1e21), "D3100 1e+21");
}

/* --- number_text.c --- */

static bool
write_number(double number, WfBuffer *out)
{
	char		text[WF_JS_NUMBER_SIZE];

	return wf_buffer_add(out, text, wf_js_number_write(number, text));
}

static bool
write_rounded(double number, WfBuffer *out)
{
	char		text[WF_JS_NUMBER_SIZE];

	return wf_buffer_add(out, text, wf_js_number_write_rounded(number, text));
}

static void
numbers_are_written_as_in_javascript(void **state)
{
	(void) state;
	assert_gives(write_number(0, out), "0");
	assert_gives(write_number(-0.0, out), "0");
	assert_gives(write_number(1e21, out), "1e+21");
	assert_gives(write_number(123456789012345680000.0, out), "123456789012345680000");
	assert_gives(write_number(1e-6, out), "0.000001");
	assert_gives(write_number(1e-7, out), "1e-7");
	assert_gives(write_number(-1.5e-10, out), "-1.5e-10");
	assert_gives(write_number(0.1 + 0.2, out), "0.30000000000000004");
	assert_gives(write_number(5e-324, out), "5e-324");
	assert_gives(write_number(INFINITY, out), "Infinity");

	/* powers of two whose fewest digits are not the nearest */
	assert_gives(write_number(ldexp(1, -44), out), "5.684341886080802e-14");
	assert_gives(write_number(ldexp(1, -1074 + 52), out), "2.2250738585072014e-308");

	assert_gives(write_rounded(0.1 + 0.2, out), "0.3");
	assert_gives(write_rounded(5890840712243076.0, out), "5890840712243076");
	assert_gives(write_rounded(4503599627370.56250, out), "4503599627370.56");
	assert_gives(write_rounded(100000000000000.5, out), "100000000000001");	/* a tie goes up */
}

static void
numbers_are_read_as_in_javascript(void **state)
{
	static const struct
	{
		const char *text;
		double		number;
	}			good[] = {
		{"0", 0}, {"-01.50e+1", -15}, {"0x1F", 31}, {"0B101", 5}, {"0o17", 15}, {"1e-400", 0},
		{"0x20000000000001", 9007199254740992.0}, {"0x20000000000003", 9007199254740996.0},
	};
	static const char *const bad[] = {"", " 1", "1 ", "+1", ".5", "5.", "1e", "0x", "-0x1", "0b2", "1e400", "Infinity", "1_0", "0x1.5"};
	char		long_text[2001];
	double		number;

	(void) state;
	/* halfway between 1 and the next double, and a digit far behind */
	memset(long_text, '0', sizeof(long_text) - 1);
	memcpy(long_text, "1.00000000000000011102230246251565404236316680908203125", 55);
	long_text[2000] = '\0';
	assert_true(wf_js_number_read(string(long_text), &number) && number == 1);
	long_text[1999] = '1';
	assert_true(wf_js_number_read(string(long_text), &number) && number == nextafter(1, 2));
	memset(long_text, '9', 2000);
	memcpy(long_text + 1990, "e-0001990", 9);
	long_text[1999] = '\0';
	assert_true(wf_js_number_read(string(long_text), &number) && number == 1);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
	{
		assert_true(wf_js_number_read(string(good[i].text), &number));
		assert_true(number == good[i].number);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(wf_js_number_read(string(bad[i]), &number));
}

static void
rounding_is_half_to_even(void **state)
{
	(void) state;
	assert_true(wf_js_round(2.5, 0) == 2 && wf_js_round(3.5, 0) == 4 && wf_js_round(-2.5, 0) == -2);
	assert_true(wf_js_round(1.005, 2) == 1 && wf_js_round(4.525, 2) == 4.52 && wf_js_round(12250, -2) == 12200);
	assert_true(isnan(wf_js_round(1.5e300, 10)) && isnan(wf_js_round(1.5, 0.5)));
	assert_false(signbit(wf_js_round(-0.4, 0)));
}

static void
bases(void **state)
{
	(void) state;
	assert_gives(wf_js_format_base(100, 2, out), "1100100");
	assert_gives(wf_js_format_base(-100.5, 16, out), "-64");
	assert_gives(wf_js_format_base(-411947808510952450.0, 7, out), "-510655254000625143540");
	assert_gives(wf_js_format_base(100, 1, out), "D3100 1");
	assert_gives(wf_js_format_base(100, 37, out), "D3100 37");
}

/* --- format_number.c --- */

static bool
format(double number, const char *picture, const char *name, const char *value, WfBuffer *out)
{
	WfDecimalFormat decimal = wf_decimal_format_default();

	if (name != NULL)
		wf_decimal_format_set(&decimal, string(name), string(value));
	return wf_format_number(number, string(picture), &decimal, out);
}

static void
numbers_by_pictures(void **state)
{
	(void) state;
	assert_gives(format(12345.6, "#,###.00", NULL, NULL, out), "12,345.60");
	assert_gives(format(-12345.6, "$#,##0.0", NULL, NULL, out), "-$12,345.6");
	assert_gives(format(-12345.6, "#,###.00;(#,###.0)", NULL, NULL, out), "(12,345.6)");
	assert_gives(format(1234567891, "#,##,####", NULL, NULL, out), "1234,56,7891");
	assert_gives(format(1234567891, "##,##,##", NULL, NULL, out), "12,34,56,78,91");
	assert_gives(format(0.14, "01%", NULL, NULL, out), "14%");
	assert_gives(format(0.14, "###pm", "per-mille", "pm", out), "140pm");
	assert_gives(format(1234.5678, "00.000e0", NULL, NULL, out), "12.346e2");
	assert_gives(format(0.234, ".00e0", NULL, NULL, out), ".23e0");
	assert_gives(format(0, "0.00e0", NULL, NULL, out), "0.00e0");
	assert_gives(format(1234, "$00e0", NULL, NULL, out), "$12e2");
	assert_gives(format(1234, "\xD9\xA0", "zero-digit", "\xD9\xA0", out), "\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4");
	assert_gives(format(12, "0E0", "exponent-separator", "E", out), "1E1");
	assert_gives(format(1, "0", "no-such-option", "E", out), "1");
	assert_gives(format(12, "#,##0.0", "decimal-separator", "", out), "D3086");
	assert_gives(format(72194286482408.625, "0.00", NULL, NULL, out), "72194286482408.63");	/* a half goes up, having been rounded */
	assert_gives(format(99999999999999.875, "0.00", NULL, NULL, out), "99999999999999.88");
	assert_gives(format(9.9999999999999996, "0.0", NULL, NULL, out), "10.0");
	assert_gives(format(12, "#", "zero-digit", "\xF4\x8F\xBF\xBF", out), "12");	/* the last character of all */
	assert_gives(format(1e22, "#,##0", NULL, NULL, out), "10,000,000,000,000,000,000,000");
}

static void
wrong_pictures_of_numbers(void **state)
{
	static const struct
	{
		const char *picture;
		const char *code;
	}			pictures[] = {
		{"0;0;0", "D3080"}, {"0.0.0", "D3081"}, {"%0%", "D3082"}, {"\xE2\x80\xB0" "0\xE2\x80\xB0", "D3083"},
		{"%0\xE2\x80\xB0", "D3084"}, {".e00", "D3085"}, {"", "D3085"}, {"0;", "D3085"}, {"0x0", "D3086"}, {"abc", "D3086"},
		{"0,.0", "D3087"}, {"#,", "D3088"}, {"#,,0", "D3089"}, {"0#.0", "D3090"}, {"0.#0", "D3091"}, {"0e0%", "D3092"},
		{"0e0,0", "D3093"}, {"0e", "D3093"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(pictures) / sizeof(*pictures); i++)
		assert_gives(format(20, pictures[i].picture, NULL, NULL, out), pictures[i].code);
}

/* --- format_integer.c, number_words.c --- */

static double
parse(const char *text, const char *picture)
{
	WfFault		fault = {WF_FAULT_NONE, NULL, NULL};
	double		number;

	assert_true(wf_parse_integer(string(text), string(picture), &number, &fault));
	return number;
}

static void
integers_by_pictures(void **state)
{
	static const struct
	{
		double		number;
		const char *picture;
		const char *text;
	}			cases[] = {
		{1234567, "#,##0", "1,234,567"}, {-5.9, "1", "-6"}, {1234567, "#,##,000", "12,34,567"}, {7, "000", "007"},
		{1234567890, "0,0-0", "12345678,9-0"}, {123456, "#ab000", "123ab456"}, {1234, "\xD9\xA0", "\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4"},
		{9, "#,##0.00", "0.09"}, {21, "1;o", "21st"}, {12, "1;o", "12th"}, {113, "1;o", "113th"}, {-1, "1;o", "-1st"},
		{1999, "I", "MCMXCIX"}, {-4, "i", "-iv"}, {703, "A", "AAA"}, {26, "a", "z"}, {0, "w", "zero"}, {100, "w;o", "one hundredth"},
		{1001, "w", "one thousand and one"}, {1100, "w", "one thousand, one hundred"},
		{1234567, "Ww;o", "One Million, Two Hundred and Thirty-Four Thousand, Five Hundred and Sixty-Seventh"},
		{1e15, "W", "ONE THOUSAND TRILLION"}, {1, "\xCE\xB1", "D3130 \"\xCE\xB1\""}, {1, "0\xD9\xA1", "D3131"}, {1, "", "D3130 \"\""},
		{1e9, "i", "fault 3"}, {1, "0;o;o", "1;oth"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_gives(wf_format_integer(cases[i].number, string(cases[i].picture), out), cases[i].text);
}

static void
integers_are_read_back(void **state)
{
	(void) state;
	assert_true(parse("12,345", "#,##0") == 12345 && parse("-12x", "0") == -12 && parse(" 0x10", "0") == 16);
	assert_true(parse("\xD9\xA1,\xD9\xA2", "\xD9\xA0,\xD9\xA0") == 12);
	assert_true(parse("21st", "1;o") == 21 && parse("xiv", "i") == 14 && parse("IC", "I") == 99 && parse("abc", "a") == 731);
	assert_true(parse("twenty-one thousand, three hundred and FIFTH", "w") == 21305);
	assert_true(parse("one million two", "w") == 1000002 && parse("two hundred thousand million", "w") == 200000000000);
	assert_true(isnan(parse("", "0")) && isnan(parse("five and", "w")) && isnan(parse("XIV!", "I")) && isnan(parse("1", "1;o")));
}

/* --- datetime --- */

static bool
from_millis(double millis, const char *picture, const char *timezone, WfBuffer *out)
{
	WfString	p = string(picture != NULL ? picture : "");
	WfString	t = string(timezone != NULL ? timezone : "");

	return wf_from_millis(millis, picture != NULL ? &p : NULL, timezone != NULL ? &t : NULL, out);
}

#define FRIDAY 1234567890123.0	/* 2009-02-13T23:31:30.123Z */

static void
moments_by_pictures(void **state)
{
	static const struct
	{
		const char *picture;
		const char *timezone;
		const char *text;
	}			cases[] = {
		{NULL, NULL, "2009-02-13T23:31:30.123Z"}, {NULL, "+0100", "2009-02-14T00:31:30.123+01:00"},
		{NULL, "-0530", "2009-02-13T18:01:30.123-05:30"}, {NULL, "+01:00", "2009-02-14T00:31:30.123+01:00"}, {NULL, "x", "D3134 \"x\""},
		{"[Y]|[Y,2-2]|[Y01]|[Y#1]|[YI]|[Yw]|[Y9,999,*]", NULL, "2009|09|09|9|MMIX|two thousand and nine|2,009"},
		{"[M01] [MN] [MNn,3-3] [D1o] [Dwo] [d001]", NULL, "02 FEBRUARY Feb 13th thirteenth 044"},
		{"[F] [FNn,3-3] [F1] [W] [w] [X]", NULL, "friday Fri 5 7 2 2009"},
		{"[H] [h] [P] [PN] [m] [s] [f001] [C] [E]", NULL, "23 11 pm PM 31 30 123 ISO ISO"},
		{"[Z] [Z0] [Z0000] [z] [Z01:01t]", "+0530", "+05:30 +5:30 +0530 GMT+05:30 +05:30"},
		{"[Z01:01t] [z0]", "+0000", "Z GMT+0"}, {"[Z] [Z0]", "-0030", "-00:30 -0:30"},
		{"[[[ Y 0001 ]]]]", NULL, "[2009]]"}, {"[q]", NULL, "D3132 \"q\""}, {"[]", NULL, "D3132 \"\""}, {"[YN]", NULL, "D3133 \"Y\""},
		{"[Z00000]", NULL, "D3134 5"}, {"[Y", NULL, "D3135"}, {"[Yq]", NULL, "D3130 \"q\""}, {"[Y0\xD9\xA1]", NULL, "D3131"},
		{"[D,99999]", NULL, "fault 3"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_gives(from_millis(FRIDAY, cases[i].picture, cases[i].timezone, out), cases[i].text);
	assert_gives(from_millis(-1, NULL, NULL, out), "1969-12-31T23:59:59.999Z");
	assert_gives(from_millis(-62198755200000.0, NULL, NULL, out), "-0001-01-01T00:00:00.000Z");
	assert_gives(from_millis(1609459200000.0, "[X0001] [W01]/[F1]", NULL, out), "2020 53/5");	/* the 1st of January 2021 */
	assert_gives(from_millis(1e17, NULL, NULL, out), "D3110 100000000000000000");
}

/* The moment that a text tells, as a text: "" for none. */
static bool
to_millis(const char *text, const char *picture, WfBuffer *out)
{
	WfString	p = string(picture != NULL ? picture : "");
	bool		found;
	double		millis;

	if (!wf_to_millis(string(text), picture != NULL ? &p : NULL, FRIDAY, &found, &millis, out->fault))
		return false;
	return !found || wf_from_millis(millis, NULL, NULL, out);
}

static void
moments_are_read(void **state)
{
	static const struct
	{
		const char *text;
		const char *picture;
		const char *moment;
	}			cases[] = {
		{"2020", NULL, "2020-01-01T00:00:00.000Z"}, {"2020-02-30", NULL, "2020-03-01T00:00:00.000Z"},
		{"2020-01-01T10:00:00.1239+0130", NULL, "2020-01-01T08:30:00.123Z"}, {"2020-01-01T24:00:00Z", NULL, "2020-01-02T00:00:00.000Z"},
		{"2020-13", NULL, "D3110 \"2020-13\""}, {"2020-01-01T10:00", NULL, "D3110 \"2020-01-01T10:00\""},
		{"3rd May 1999", "[D1o] [MNn] [Y0001]", "1999-05-03T00:00:00.000Z"},
		{"199911", "[Y0001][M01]", "1999-11-01T00:00:00.000Z"}, {"2021-060", "[Y0001]-[d001]", "2021-03-01T00:00:00.000Z"},
		{"9.8.2021 12:30 am", "[D1].[M1].[Y0001] [h]:[m] [P]", "2021-08-09T00:30:00.000Z"},
		{"thirty-first May two thousand and one", "[Dw] [MNn] [Yw]", "2001-05-31T00:00:00.000Z"},
		{"MMXXIV", "[YI]", "2024-01-01T00:00:00.000Z"}, {"18", "[Y01]", "1918-01-01T00:00:00.000Z"},
		{"1 1 1970 -02:30", "[D] [M] [Y] [Z]", "1970-01-01T02:30:00.000Z"}, {"1 1 1970 GMT-5", "[D] [M] [Y] [z01]", "1970-01-01T05:00:00.000Z"},
		{"07:15", "[H]:[m]", "2009-02-13T07:15:00.000Z"}, {"5", "[D]", "2009-02-05T00:00:00.000Z"}, {"foo", "[Y]", ""}, {"x", "x", ""},
		{"99999999", "[Y]", ""}, {"2021-9", "[Y]-[D]", "D3136"}, {"5", "[w]", "D3136"}, {"2 foo 2012", "[D1] [MNn] [Y0001]", "D3136"},
		{"2 March 2012", "[D1] [MN] [Y0001]", "2012-03-02T00:00:00.000Z"}, {"2 MARCH 2012", "[D1] [MN] [Y0001]", "D3136"},
		{"2 mar 2012", "[D1] [Mn,3-3] [Y0001]", "D3136"},
		{"2018 1 1 0:00 am", "[Y] [M] [D] [h]:[m] [P]", "D3136"}, {"2018 1 1 0:30 pm", "[Y] [M] [D] [h]:[m] [P]", "2018-01-01T12:30:00.000Z"},
		{"1 1 1970 3 pm", "[D] [M] [Y] [h] [P01]", "1970-01-01T15:00:00.000Z"}, {"1 1 1970 0:0:0.5", "[D] [M] [Y] [H]:[m]:[s].[fN]", "1970-01-01T00:00:00.500Z"},
		{"1 1 1970 0:0:0.1239", "[D] [M] [Y] [H]:[m]:[s].[f1o]", "1970-01-01T00:00:00.123Z"}, {"1970am", "[Y0001][P1]", "1970-01-01T00:00:00.000Z"},
		{"1 1 1970 0:0:123+1", "[D] [M] [Y] [H]:[m]:[s1][Z0]", "1969-12-31T23:02:03.000Z"}, {"+012018", "[Z0][Y]", "1907-12-31T19:39:00.000Z"},
		{"2018 +100", "[Y] [Z0001]", "2017-12-31T14:00:00.000Z"}, {"1 1 1970 3 Pm", "[D] [M] [Y] [h] [PNn]", "D3136"},
		{"2018", "[YN]", "D3133 \"Y\""}, {"2018", "[q]", "D3132 \"q\""}, {"2018", "[Y#]", "D3130 \"#\""},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_gives(to_millis(cases[i].text, cases[i].picture, out), cases[i].moment);
}

/* A picture that a long text fits in very many ways is given up. */
static void
matching_a_picture_is_bounded(void **state)
{
	char		text[201];

	(void) state;
	memset(text, 'a', 200);
	text[200] = '\0';
	assert_gives(to_millis(text, "[Ya][Ma][Da][Ha][ma][sa]x", out), "fault 4");
}

/* --- text.c and its kin --- */

static bool
put(WfString string, WfBuffer *out)
{
	return wf_buffer_add_string(out, string);
}

static void
parts_of_strings(void **state)
{
	WfString	hello = WF_STRING("h\xF0\x9F\x98\x81llo");
	double		two = 2;

	(void) state;
	assert_int_equal(wf_string_characters(hello), 5);
	assert_int_equal(wf_string_units(hello), 6);
	assert_gives(put(wf_string_substring(hello, 1, NULL), out), "\xF0\x9F\x98\x81llo");
	assert_gives(put(wf_string_substring(hello, 1, &two), out), "\xF0\x9F\x98\x81l");
	assert_gives(put(wf_string_substring(hello, -3, &two), out), "ll");
	assert_gives(put(wf_string_substring(hello, -9, &two), out), "h\xF0\x9F\x98\x81");
	assert_gives(put(wf_string_substring(hello, 9, &two), out), "");
	assert_gives(put(wf_string_before(hello, WF_STRING("l")), out), "h\xF0\x9F\x98\x81");
	assert_gives(put(wf_string_after(hello, WF_STRING("l")), out), "lo");
	assert_gives(put(wf_string_after(hello, WF_STRING("x")), out), "h\xF0\x9F\x98\x81llo");
	assert_gives(wf_string_trim(WF_STRING("\n\t a\r\n \xC2\xA0" "b "), out), "a \xC2\xA0" "b");
	assert_gives(wf_string_pad(WF_STRING("a"), -4.9, WF_STRING("\xC3\xA4y"), out), "\xC3\xA4y\xC3\xA4" "a");
	assert_gives(wf_string_pad(WF_STRING("a"), 3, WF_STRING(""), out), "a  ");
	assert_gives(wf_string_pad(WF_STRING("a"), 1e300, WF_STRING("x"), out), "fault 3");
	assert_true(wf_string_compare(WF_STRING("\xEF\xBD\x9E"), hello) > 0);
	assert_true(wf_string_compare(WF_STRING("\xEF\xBD\x9E"), WF_STRING("\xF0\x9F\x98\x81")) > 0);
	assert_true(wf_string_compare(WF_STRING("a"), WF_STRING("ab")) < 0);
}

static void
letters_have_another_case(void **state)
{
	(void) state;
	assert_gives(wf_string_upper(WF_STRING("a\xC3\x9F\xC5\x89\xC4\xB1\xF0\x90\x90\xA8\xE1\xBE\xB3"), out),
				 "ASS\xCA\xBCNI\xF0\x90\x90\x80\xCE\x91\xCE\x99");
	/* a sigma at a word's end, marks between letters not counting */
	assert_gives(wf_string_lower(WF_STRING("\xCE\x91\xCE\xA3 \xCE\xA3\xCE\x91'\xCE\xA3\xCC\x88. \xCE\xA3\xC4\xB0"), out),
				 "\xCE\xB1\xCF\x82 \xCF\x83\xCE\xB1'\xCF\x82\xCC\x88. \xCF\x83i\xCC\x87");
}

static void
base64_is_of_bytes(void **state)
{
	(void) state;
	assert_gives(wf_base64_encode(WF_STRING("\xC3\xA4\xC3\xB6\xC3\xBC!"), out), "5Pb8IQ==");
	assert_gives(wf_base64_encode(WF_STRING("\xF0\x9F\x98\x81"), out), "PQE=");
	assert_gives(wf_base64_decode(WF_STRING("/-8=YQ"), out), "\xC3\xBF\xC3\xAF");
	assert_gives(wf_base64_decode(WF_STRING("aGV sbG8"), out), "hello");
}

static void
urls(void **state)
{
	(void) state;
	assert_gives(wf_url_encode(WF_STRING("a b&/\xC3\xA9~!%"), false, out), "a%20b&/%C3%A9~!%25");
	assert_gives(wf_url_encode(WF_STRING("a b&/\xC3\xA9~!%"), true, out), "a%20b%26%2F%C3%A9~!%25");
	assert_gives(wf_url_encode(WF_STRING("\xED\xA0\x80"), true, out), "D3140 \"\\ud800\"");
	assert_gives(wf_url_decode(WF_STRING("%20%26%2f%C3%A9"), false, out), " %26%2f\xC3\xA9");
	assert_gives(wf_url_decode(WF_STRING("%20%26%2f%F0%9F%98%81"), true, out), " &/\xF0\x9F\x98\x81");
	assert_gives(wf_url_decode(WF_STRING("%C3"), true, out), "D3140 \"%C3\"");
	assert_gives(wf_url_decode(WF_STRING("%C0%80"), true, out), "D3140 \"%C0%80\"");
	assert_gives(wf_url_decode(WF_STRING("%ED%A0%80"), true, out), "D3140 \"%ED%A0%80\"");
}

/* --- regex.c --- */

/* Replaces the first match; "-" where there is none. */
static bool
replace_by(bool machine_code, const char *text, const char *source, const char *flags, const char *replacement, WfBuffer *out)
{
	WfJsRegex  *regex = wf_js_regex_read(string(source), strchr(flags, 'i') != NULL, strchr(flags, 'm') != NULL, out->fault);
	WfJsMatch	match;
	bool		found;
	bool		good = regex != NULL;

	if (good && machine_code)
		wf_js_regex_make_machine_code(regex);
	good = good && wf_js_regex_match(regex, string(text), 0, NULL, &found, &match, out->fault);
	if (good && !found)
		good = wf_buffer_add(out, "-", 1);
	else if (good)
		good = wf_buffer_add(out, text, match.start) && wf_js_regex_replacement(&match, string(replacement), out) &&
			wf_buffer_add(out, text + match.end, strlen(text) - match.end);
	wf_js_regex_free(regex);
	return good;
}

static bool
replace(const char *text, const char *source, const char *flags, const char *replacement, WfBuffer *out)
{
	return replace_by(false, text, source, flags, replacement, out);
}

static void
regular_expressions_are_javascripts(void **state)
{
	static const struct
	{
		const char *text;
		const char *source;
		const char *flags;
		const char *result;		/* with [$0] for the match */
	}			cases[] = {
		{"abc", "B", "i", "a[b]c"}, {"a\nb", "^b$", "", "-"}, {"a\nb", "^b$", "m", "a\n[b]"}, {"b\n", "b$", "", "-"},
		{"a\xE2\x80\xA8" "b", "^b", "m", "a\xE2\x80\xA8[b]"}, {"a\rb", "a.b", "", "-"}, {"a\vb", "a.b", "", "[a\vb]"}, {"\xD9\xA1", "\\d", "", "-"},
		{"\xC2\xA0", "\\s", "", "[\xC2\xA0]"}, {"a\xC2\xA0", "[\\S]+", "", "[a]\xC2\xA0"}, {"a", "[]", "", "-"}, {"\n", "[^]", "", "[\n]"},
		{"a]", "a]", "", "[a]]"}, {"x{,2}", "x{,2}", "", "[x{,2}]"}, {"a", "(b)?a\\1", "", "[a]"}, {"\x02", "(a)*\\2", "", "[\x02]"},
		{"8", "\\8", "", "[8]"}, {"A", "\\u0041\\u{0}", "", "[A]"}, {"\xF0\x9F\x98\x81", "^\\ud83d\\ude01$", "", "[\xF0\x9F\x98\x81]"},
		{"abab", "(?<x>ab)\\k<x>", "", "[abab]"}, {"k<x>", "\\k<x>", "", "[k<x>]"}, {"z-", "[\\w-c]+", "", "[z-]"}, {"\b", "[\\b]", "", "[\b]"},
		{"ab", "(?<=a)b", "", "a[b]"}, {"h", "\\h", "", "[h]"}, {"E", "\\Q\\E", "", "-"}, {"\\c1", "\\c1", "", "[\\c1]"},
		{"\xE2\x84\xAA", "k", "i", "-"}, {"\xC3\x89", "\xC3\xA9", "i", "[\xC3\x89]"}, {"a", "a{99999}", "", "S0303 \"Number too large in {} quantifier\""},
		{"", "", "", "S0301"}, {"", "(", "", "S0303 \"Unterminated group\""}, {"", ")", "", "S0303 \"Unmatched ')'\""},
		{"", "a**", "", "S0303 \"Nothing to repeat\""}, {"", "^*", "", "S0303 \"Nothing to repeat\""}, {"", "a++", "", "S0303 \"Nothing to repeat\""},
		{"", "(?>a)", "", "S0303 \"Invalid group\""}, {"", "(?i)a", "", "S0303 \"Invalid group\""}, {"", "(*COMMIT)", "", "S0303 \"Nothing to repeat\""},
		{"", "[b-a]", "", "S0303 \"Range out of order in character class\""}, {"", "[a", "", "S0303 \"Unterminated character class\""},
		{"", "a\\", "", "S0303 \"\\\\ at end of pattern\""}, {"", "a{2,1}", "", "S0303 \"numbers out of order in {} quantifier\""},
		{"", "(?<x>a)(?<x>b)", "", "S0303 \"Duplicate capture group name\""}, {"", "(?<1>a)", "", "S0303 \"Invalid capture group name\""},
		{"", "(?<x>a)\\k<y>", "", "S0303 \"Invalid named reference\""}, {"", "[\\ud800-\\udbff]", "", "S0303 \"Half a surrogate pair\""},
	};
	WfFault		fault = {WF_FAULT_NONE, NULL, NULL};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		assert_gives(replace_by(false, cases[i].text, cases[i].source, cases[i].flags, "[$0]", out), cases[i].result);
		assert_gives(replace_by(true, cases[i].text, cases[i].source, cases[i].flags, "[$0]", out), cases[i].result);
	}

	/* the words are PCRE2's, and change with its versions */
	assert_null(wf_js_regex_read(string("(?<=a*)b"), false, false, &fault));
	assert_string_equal(fault.code, "S0303");
	wf_fault_clear(&fault);
}

static void
replacements_name_groups(void **state)
{
	(void) state;
	assert_gives(replace("abc", "(b)(c)", "", "[$2$1$0$$$x$]", out), "a[cbbc$$x$]");
	assert_gives(replace("abc", "(b)(c)", "", "[$12|$3|$33|$01]", out), "a[b2||3|bc1]");
	assert_gives(replace("abc", "b", "", "[$1|$12]", out), "a[|2]c");
	assert_gives(replace("abcdefghijk", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "", "$11,$10,$12,$99,$111", out), "k,j,a2,i9,k1");
	assert_gives(replace("abc", "(x)?b", "", "[$1]", out), "a[]c");
}

static bool
go_on_twice(void *arg, size_t bytes)
{
	(void) bytes;
	return ++*(int *) arg <= 2;
}

static void
matching_is_bounded(void **state)
{
	(void) state;
	for (int machine_code = 0; machine_code < 2; machine_code++)
	{
		WfFault		fault = {WF_FAULT_NONE, NULL, NULL};
		WfJsRegex  *regex = wf_js_regex_read(string("a[0-9]"), false, false, &fault);
		int			asked = 0;
		WfAsk		ask = {go_on_twice, &asked};
		WfJsMatch	match;
		bool		found;

		assert_gives(replace_by(machine_code, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$", "", "", out), "fault 4");
		if (machine_code)
			wf_js_regex_make_machine_code(regex);
		assert_false(wf_js_regex_match(regex, string("aaaaaaa"), 0, &ask, &found, &match, &fault));
		assert_int_equal(fault.kind, WF_FAULT_STOPPED);
		assert_int_equal(asked, 3);
		wf_js_regex_free(regex);
	}
}

/* A repetition behind another one goes through as much as the square of a text: it is asked about between any two ways. */
static void
matching_asks_on_the_way(void **state)
{
	static const char *const sources[] = {"^\\s*\\s*[xy]", "^(?:\\s?){30}\\s*[xy]", "^(\\s*)\\1[xy]", "^(?:\\s{2,})+[xy]"};
	const size_t length = 20000;
	char	   *text = malloc(length);

	(void) state;
	memset(text, ' ', length);
	for (size_t i = 0; i < 2 * sizeof(sources) / sizeof(*sources); i++)
	{
		WfFault		fault = {WF_FAULT_NONE, NULL, NULL};
		WfJsRegex  *regex = wf_js_regex_read(string(sources[i / 2]), false, false, &fault);
		int			asked = 0;
		WfAsk		ask = {go_on_twice, &asked};
		WfJsMatch	match;
		bool		found;

		if (i % 2 == 1)
			wf_js_regex_make_machine_code(regex);
		assert_false(wf_js_regex_match(regex, (WfString) {text, length}, 0, &ask, &found, &match, &fault));
		assert_int_equal(fault.kind, WF_FAULT_STOPPED);
		assert_int_equal(asked, 3);
		wf_js_regex_free(regex);
	}
	free(text);
}

/* More groups than machine code has a stack for are the interpreter's; so is what it would go back over for too long. */
static void
machine_code_leaves_the_rest_to_the_interpreter(void **state)
{
	const size_t length = 50000;
	char	   *text = malloc(length + 2);
	WfString	subject = {text, length + 1};
	WfFault		fault = {WF_FAULT_NONE, NULL, NULL};
	WfJsMatch	match;
	bool		found;

	(void) state;
	memset(text, 'a', length);
	text[length] = '!';
	for (int i = 0; i < 2; i++)
	{
		WfJsRegex  *regex = wf_js_regex_read(string(i == 0 ? "^(?:a|b)+!" : "^(?:[ab]{2})+?!"), false, false, &fault);

		wf_js_regex_make_machine_code(regex);
		assert_true(wf_js_regex_match(regex, subject, 0, NULL, &found, &match, &fault));
		assert_true(found);
		assert_int_equal(match.end, length + 1);
		wf_js_regex_free(regex);
	}
	free(text);
}

/* Of a few expressions it takes fifty times their own memory, for which nobody has counted. */
static void
machine_code_is_no_larger_than_counted(void **state)
{
	static const char few[] = "a?b";
	char		many[701] = "";
	WfFault		fault = {WF_FAULT_NONE, NULL, NULL};

	(void) state;
	for (size_t i = 0; i + 2 < sizeof(many); i += 2)
		memcpy(many + i, "a?", 3);
	for (int i = 0; i < 2; i++)
	{
		WfJsRegex  *regex = wf_js_regex_read(string(i == 0 ? few : many), false, false, &fault);
		WfJsMatch	match;
		bool		found;
		bool		made = wf_js_regex_make_machine_code(regex);

		/* there may be none at all */
		if (i == 1)
			assert_false(made);
		assert_true(wf_js_regex_match(regex, string("aab"), 0, NULL, &found, &match, &fault));
		assert_true(found);
		assert_int_equal(match.end, i == 0 ? 3 : 2);
		wf_js_regex_free(regex);
	}
}

/* What is matched often, and has become machine code on the way, matches as before. */
static void
matching_often_changes_nothing(void **state)
{
	WfFault		fault = {WF_FAULT_NONE, NULL, NULL};
	WfJsRegex  *regex = wf_js_regex_read(string("(b)|(c+)"), false, false, &fault);
	WfJsMatch	match;
	bool		found;

	(void) state;
	for (int i = 0; i < 300; i++)
	{
		assert_true(wf_js_regex_match(regex, string("abcc"), i % 4, NULL, &found, &match, &fault));
		assert_true(found);
		assert_int_equal(match.start, i % 4 < 2 ? 1 : i % 4);
		assert_int_equal(match.end, i % 4 < 2 ? 2 : 4);
		assert_int_equal(match.groups[0].matched, i % 4 < 2);
		assert_int_equal(match.groups[1].matched, i % 4 >= 2);
	}
	wf_js_regex_free(regex);
}

/* --- digest.c --- */

static void
hashes_and_uuids(void **state)
{
	char		text[WF_HASH_SIZE];
	size_t		length;
	unsigned char bytes[16];

	(void) state;
	assert_int_equal(wf_hash("abc", 3, "SHA-1", 5, NULL, text, &length), WF_HASHED);
	assert_int_equal(length, 40);
	assert_memory_equal(text, "a9993e364706816aba3e25717850c26c9cd0d89d", 40);
	assert_int_equal(wf_hash("abc", 3, "SHA-512", 7, NULL, text, &length), WF_HASHED);
	assert_int_equal(length, WF_HASH_SIZE);
	assert_int_equal(wf_hash("abc", 3, "sha-1", 5, NULL, text, &length), WF_HASH_UNKNOWN);
	memset(bytes, 0xFF, sizeof(bytes));
	wf_uuid_write(bytes, text);
	assert_memory_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff", WF_UUID_SIZE);
}

/* JSON's own doubles have the fewest digits, too. */
static void
powers_of_two_have_few_digits(void **state)
{
	char		text[WF_NUMBER_SIZE];

	(void) state;
	assert_int_equal(wf_number_write_real(ldexp(1, -44), text), strlen("5.684341886080802E-14"));
	assert_memory_equal(text, "5.684341886080802E-14", strlen("5.684341886080802E-14"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_have_a_limit),
		cmocka_unit_test(halves_of_a_pair_join),
		cmocka_unit_test(faults_tell_values_as_json),
		cmocka_unit_test(numbers_are_written_as_in_javascript),
		cmocka_unit_test(numbers_are_read_as_in_javascript),
		cmocka_unit_test(rounding_is_half_to_even),
		cmocka_unit_test(bases),
		cmocka_unit_test(numbers_by_pictures),
		cmocka_unit_test(wrong_pictures_of_numbers),
		cmocka_unit_test(integers_by_pictures),
		cmocka_unit_test(integers_are_read_back),
		cmocka_unit_test(moments_by_pictures),
		cmocka_unit_test(moments_are_read),
		cmocka_unit_test(matching_a_picture_is_bounded),
		cmocka_unit_test(parts_of_strings),
		cmocka_unit_test(letters_have_another_case),
		cmocka_unit_test(base64_is_of_bytes),
		cmocka_unit_test(urls),
		cmocka_unit_test(regular_expressions_are_javascripts),
		cmocka_unit_test(replacements_name_groups),
		cmocka_unit_test(matching_is_bounded),
		cmocka_unit_test(matching_asks_on_the_way),
		cmocka_unit_test(machine_code_is_no_larger_than_counted),
		cmocka_unit_test(machine_code_leaves_the_rest_to_the_interpreter),
		cmocka_unit_test(matching_often_changes_nothing),
		cmocka_unit_test(hashes_and_uuids),
		cmocka_unit_test(powers_of_two_have_few_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
