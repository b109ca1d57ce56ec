/*
 * unit.h - what every unit test includes: cmocka in the order in which it wants its headers, and a few helpers.
 */
#ifndef WF_TEST_UNIT_H
#define WF_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"

/* New: a JSON text's value; single quotes stand for double ones.  Fails the test if it is none. */
static inline json_t *
json_of(const char *text)
{
	WfError		error = WF_ERROR_NONE;
	char	   *copy = strdup(text);
	json_t	   *value;

	for (char *c = copy; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	value = wf_json_parse(copy, strlen(copy), true, &error);
	if (value == NULL)
		fail_msg("%s: %s", copy, error.cause);
	free(copy);
	return value;
}

/* Compares a value with a JSON text in single quotes, and releases it. */
#define assert_json(value, expected) \
	do { \
		json_t	   *assert_json_value = (value); \
		json_t	   *assert_json_expected = json_of(expected); \
		char	   *assert_json_got = wf_json_text(assert_json_value, NULL); \
		char	   *assert_json_want = wf_json_text(assert_json_expected, NULL); \
		json_decref(assert_json_value); \
		json_decref(assert_json_expected); \
		assert_non_null(assert_json_got); \
		assert_string_equal(assert_json_got, assert_json_want); \
		free(assert_json_got); \
		free(assert_json_want); \
	} while (0)

/* Checks an error's code and cause (NULL: any), and empties it. */
#define assert_error(error, expected_code, expected_cause) \
	do { \
		const char *assert_error_cause = (expected_cause); \
		assert_int_equal((error).code, expected_code); \
		if (assert_error_cause != NULL) \
		{ \
			assert_non_null((error).cause); \
			assert_string_equal((error).cause, assert_error_cause); \
		} \
		wf_error_clear(&(error)); \
	} while (0)

#endif
