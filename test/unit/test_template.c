/*
 * test_template.c - payload templates and expressions.
 */
#include "unit.h"

#include "asl/template.h"

/* Fills in a template; NULL with *error. */
static json_t *
fill_in(const char *template_text, const char *input_text, WfError *error)
{
	json_t	   *source = json_of(template_text);
	json_t	   *input = json_of(input_text);
	json_t	   *variables = json_of("{'v':[1,2]}");
	WfScope		scope = {.input = input, .variables = variables};
	WfTemplate *template_ = wf_template_parse(source, NULL, error);
	json_t	   *value = NULL;

	/* the template keeps what it needs of the source */
	json_decref(source);
	if (template_ != NULL)
		value = wf_template_evaluate(template_, &scope, error);
	wf_template_free(template_);
	json_decref(input);
	json_decref(variables);
	return value;
}

static void
templates_are_filled_in(void **state)
{
	static const struct
	{
		const char *source;
		const char *value;
	}			cases[] = {
		{"{}", "{}"},
		{"[]", "[]"},
		{"'text'", "'text'"},
		{"{'a':1,'b':[true,null]}", "{'a':1,'b':[true,null]}"},
		{"{'x.$':'$.a'}", "{'x':1}"},
		{"{'k':0,'x.$':'$.b.c','y':{'z.$':'$'}}", "{'k':0,'x':'deep','y':{'z':{'a':1,'b':{'c':'deep'}}}}"},
		{"{'list':[{'x.$':'$.a'},'$.a',['$.a',{'y.$':'$.b'}]]}", "{'list':[{'x':1},'$.a',['$.a',{'y':{'c':'deep'}}]]}"},
		{"{'x.$':'$v[1]'}", "{'x':2}"},
		{"{'x.$':'$.b[*]'}", "{'x':['deep']}"},
		{"{'x$':'$.a','$':'$.a','y.$ ':'$.a'}", "{'x$':'$.a','$':'$.a','y.$ ':'$.a'}"},
		{"{'.$':'$.a'}", "{'':1}"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;
		json_t	   *value = fill_in(cases[i].source, "{'a':1,'b':{'c':'deep'}}", &error);

		if (value == NULL)
			fail_msg("%s: %s", cases[i].source, error.cause);
		assert_json(value, cases[i].value);
	}
}

static void
what_is_not_found_is_named(void **state)
{
	WfError		error = WF_ERROR_NONE;

	(void) state;
	assert_null(fill_in("{'a':{'value.$':'$.x'}}", "{'y':1}", &error));
	assert_error(error, WF_STATES_RUNTIME,
				 "The JSONPath '$.x' specified for the field 'value.$' could not be found in the input '{\"y\":1}'");
	assert_null(fill_in("{'v.$':'$unset'}", "{}", &error));
	assert_error(error, WF_STATES_RUNTIME, NULL);
	assert_null(fill_in("{'v.$':'$'}", "null", &error));
	assert_error(error, WF_STATES_RUNTIME, "Unable to apply Path transformation to null or empty input.");
	assert_json(fill_in("{'v.$':'$v[0]'}", "null", &error), "{'v':1}");
	assert_json(fill_in("{'v.$':'$.a[3]'}", "{'a':[1]}", &error), "{'v':null}");
}

static void
wrong_templates_say_where(void **state)
{
	static const struct
	{
		const char *source;
		const char *location;
	}			cases[] = {
		{"{'x.$':'nothing'}", "/x.$"},
		{"{'x.$':1}", "/x.$"},
		{"{'a':[{},{'b~/c':{'x.$':''}}]}", "/a[1]/b~/c/x.$"},
		{"{'x':1,'x.$':'$.a'}", "/x.$"},
		{"{'x.$':'$.a','x':1}", "/x.$"},
		{"{'x.$':' $.a'}", "/x.$"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;
		json_t	   *source = json_of(cases[i].source);
		char	   *location = NULL;

		assert_null(wf_template_parse(source, &location, &error));
		assert_string_equal(location, cases[i].location);
		assert_error(error, WF_INVALID_PATH, NULL);
		free(location);
		json_decref(source);
	}
}

static void
depth_is_bounded(void **state)
{
	json_t	   *source = json_of("{'a.$':'$'}");
	WfTemplate *template_ = wf_template_parse(source, NULL, NULL);
	json_t	   *value = json_of("{}");
	WfError		error = WF_ERROR_NONE;
	int			depth = 1;

	(void) state;
	for (;;)
	{
		WfScope		scope = {.input = value};
		json_t	   *next = wf_template_evaluate(template_, &scope, &error);

		if (next == NULL)
			break;
		json_decref(value);
		value = next;
		depth++;
	}
	assert_int_equal(depth, WF_JSON_MAX_DEPTH);
	assert_error(error, WF_STATES_RUNTIME, "The value of the field 'a.$' is nested more than 1000 levels deep");
	json_decref(value);
	json_decref(source);
	wf_template_free(template_);
}

static void
expressions_are_paths_or_intrinsic_functions(void **state)
{
	WfError		error = WF_ERROR_NONE;
	WfExpression *expression = wf_expression_parse("$.a", &error);
	json_t	   *input = json_of("{'a':[1]}");
	WfScope		scope = {.input = input};

	(void) state;
	assert_non_null(wf_expression_path(expression));
	assert_string_equal(wf_expression_text(expression), "$.a");
	assert_json(wf_expression_evaluate(expression, &scope, "f", &error), "[1]");
	wf_expression_free(expression);

	expression = wf_expression_parse("States.ArrayLength($.a)", &error);
	assert_null(wf_expression_path(expression));
	assert_non_null(wf_expression_intrinsic(expression));
	assert_json(wf_expression_evaluate(expression, &scope, "f.$", &error), "1");
	wf_expression_free(expression);

	expression = wf_expression_parse("$.zzz", &error);
	assert_null(wf_expression_evaluate(expression, &scope, "ErrorPath", &error));
	assert_error(error, WF_STATES_RUNTIME,
				 "The JSONPath '$.zzz' specified for the field 'ErrorPath' could not be found in the input '{\"a\":[1]}'");
	wf_expression_free(expression);

	assert_null(wf_expression_parse("a", &error));
	assert_error(error, WF_INVALID_PATH, "a path begins with '$' at position 0");
	json_decref(input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_are_filled_in),
		cmocka_unit_test(what_is_not_found_is_named),
		cmocka_unit_test(wrong_templates_say_where),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(expressions_are_paths_or_intrinsic_functions),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
