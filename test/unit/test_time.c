/*
 * test_time.c - timestamps.
 */
#include "unit.h"

#include "asl/time.h"

static void
timestamps_are_read(void **state)
{
	static const struct
	{
		const char *text;
		int64_t		microseconds;
	}			cases[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01T00:00:00.000001Z", 1},
		{"1969-12-31T23:59:59.5Z", -500000},
		{"2016-03-14T01:59:00Z", INT64_C(1457920740000000)},
		{"2016-03-14T03:59:00+02:00", INT64_C(1457920740000000)},
		{"2016-03-13T20:29:00-05:30", INT64_C(1457920740000000)},
		{"2000-02-29T00:00:00.123456789Z", INT64_C(951782400123456)},
		{"0000-03-01T00:00:00Z", INT64_C(-62162035200000000)},
		{"9999-12-31T23:59:59.999Z", INT64_C(253402300799999000)},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		int64_t		microseconds = -1;

		assert_true(wf_time_parse(cases[i].text, &microseconds));
		assert_int_equal(microseconds, cases[i].microseconds);
	}
}

static void
what_is_no_timestamp_is_refused(void **state)
{
	static const char *const cases[] = {
		"", "2016", "2016-03-14", "2016-03-14T01:59:00", "2016-03-14 01:59:00Z", "2016-03-14t01:59:00Z",
		"2016-03-14T01:59:00z", "2016-13-01T00:00:00Z", "2016-00-01T00:00:00Z", "2016-02-30T00:00:00Z",
		"2015-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2016-01-00T00:00:00Z", "2016-01-01T24:00:00Z",
		"2016-01-01T00:60:00Z", "2016-01-01T00:00:60Z", "2016-01-01T00:00:00.Z", "2016-01-01T00:00:00+0200",
		"2016-01-01T00:00:00+19:00", "2016-01-01T00:00:00+02:60", "2016-01-01T00:00:00Z ", "05-12-2016T21:29:29Z",
		"2016-1-01T00:00:00Z", "2016-01-01T00:00Z",
	};
	int64_t		microseconds;

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		if (wf_time_parse(cases[i], &microseconds))
			fail_msg("taken for a timestamp: %s", cases[i]);
	}
}

static void
timestamps_are_written_and_read_back(void **state)
{
	char		text[WF_TIME_SIZE];
	int64_t		microseconds;

	(void) state;
	wf_time_format(INT64_C(1763638327123456), text);
	assert_string_equal(text, "2025-11-20T11:32:07.123Z");
	wf_time_format(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	for (int64_t day = -800000; day < 2900000; day += 97)
	{
		int64_t		at = (day * 86400 + 12345) * 1000000;

		wf_time_format(at, text);
		if (text[0] == '-')
			continue;			/* before the year 0 */
		assert_true(wf_time_parse(text, &microseconds));
		assert_int_equal(microseconds, at);
	}
	wf_time_format(INT64_MAX, text);
	wf_time_format(INT64_MIN, text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timestamps_are_read),
		cmocka_unit_test(what_is_no_timestamp_is_refused),
		cmocka_unit_test(timestamps_are_written_and_read_back),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
