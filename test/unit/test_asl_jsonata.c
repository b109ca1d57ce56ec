/*
 * test_asl_jsonata.c - JSONata as the States Language has it: what an expression sees in a state, what is said where it
 * fails, and what it may take.
 */
#include "unit.h"

#include "asl/template.h"

typedef struct World
{
	int			asked;			/* for the context object */
	int			patience;		/* questions until it interrupts; 0: endless */
	json_t	   *context;
} World;

static json_t *
context_of(void *arg, WfError *error)
{
	World	   *world = arg;

	(void) error;
	world->asked++;
	return world->context;
}

static json_t *
no_context(void *arg, WfError *error)
{
	(void) arg;
	wf_error_set(error, WF_INVALID_MEMORY, "there is none");
	return NULL;
}

static bool
is_interrupted(void *arg)
{
	World	   *world = arg;

	return world->patience > 0 && --world->patience == 0;
}

static int64_t
tell_time(void *arg)
{
	(void) arg;
	return INT64_C(1234567890123456);
}

static json_t *
evaluate(const char *text, WfScope *scope, WfError *error)
{
	WfPlace		field = {NULL, "Output", 0};
	WfPlace		item = {&field, NULL, 2};
	WfQuery    *query = wf_query_parse(text, &item, error);
	json_t	   *value = query != NULL ? wf_query_evaluate(query, scope, error) : NULL;

	wf_query_free(query);
	return value;
}

static void
queries_are_known_by_their_brackets(void **state)
{
	WfPlace		field = {NULL, "Output", 0};
	WfPlace		member = {&field, "a", 0};
	WfPlace		item = {&member, NULL, 0};
	WfError		error = WF_ERROR_NONE;
	WfQuery    *query = wf_query_parse("{%\n\t $x + 1 %}", &item, &error);

	(void) state;
	assert_true(wf_is_query("{%%}"));
	assert_true(wf_is_query("{% 1 %}"));
	assert_false(wf_is_query("{%}"));
	assert_false(wf_is_query(" {% 1 %}"));
	assert_false(wf_is_query("{% 1 %} "));
	assert_string_equal(wf_query_text(query), "$x + 1");
	assert_string_equal(wf_query_location(query), "Output/a[0]");
	wf_query_free(query);
	assert_null(wf_query_parse("{% 1 + %}", &item, &error));
	assert_string_equal(error.detail, "S0207 at position 3 of \"1 +\".");
	assert_error(error, WF_INVALID_QUERY, "Unexpected end of expression");
}

static void
they_see_states_and_variables(void **state)
{
	World		world = {.context = json_of("{'State':{'Name':'A'}}")};
	json_t	   *input = json_of("{'a':[1,2]}");
	json_t	   *variables = json_of("{'x':5,'sum':'hidden'}");
	json_t	   *result = json_of("{'r':true}");
	json_t	   *error_output = json_of("{'Error':'E'}");
	WfHost		host = {.arg = &world, .now = tell_time, .interrupted = is_interrupted};
	WfScope		scope = {.input = input, .variables = variables, .context = context_of, .context_arg = &world, .host = &host};
	WfError		error = WF_ERROR_NONE;

	(void) state;
	assert_json(evaluate("{% $states.input.a %}", &scope, &error), "[1,2]");
	assert_json(evaluate("{% $x + $count($states.input.a) %}", &scope, &error), "7");
	assert_json(evaluate("{% $sum %}", &scope, &error), "'hidden'");
	assert_json(evaluate("{% $exists($states.result) or $exists($states.errorOutput) %}", &scope, &error), "false");
	assert_int_equal(world.asked, 0);
	assert_json(evaluate("{% $states.context.State.Name %}", &scope, &error), "'A'");
	assert_int_equal(world.asked, 1);
	scope.result = result;
	scope.error_output = error_output;
	assert_json(evaluate("{% $states.result.r %}", &scope, &error), "true");
	assert_json(evaluate("{% $states.errorOutput.Error %}", &scope, &error), "'E'");
	assert_json(evaluate("{% $keys($states) %}", &scope, &error), "['input','context','result','errorOutput']");
	assert_json(evaluate("{% ($x := 1; $x) %}", &scope, &error), "1");
	assert_json(evaluate("{% $millis() %}", &scope, &error), "1234567890123");
	assert_json(evaluate("{% null %}", &scope, &error), "null");

	/* what the context object cannot be made of is not the expression's fault */
	scope.context = no_context;
	assert_null(evaluate("{% $states.context %}", &scope, &error));
	assert_error(error, WF_INVALID_MEMORY, "there is none");
	json_decref(world.context);
	json_decref(input);
	json_decref(variables);
	json_decref(result);
	json_decref(error_output);
}

static void
failures_say_where(void **state)
{
	static const struct
	{
		const char *text;
		const char *rest;
	}			cases[] = {
		{"{% $nix %}", "returned nothing (undefined)."},
		{"{% $sum %}", "returned an unsupported result type."},
		{"{% $nix() %}", "threw an error during evaluation. T1006: Attempted to invoke a non-function"},
		{"{% $eval('1') %}", "threw an error during evaluation. T1006: Attempted to invoke a non-function"},
		{"{% ($f := function($x){1 + $f($x)}; $f(1)) %}", "threw an error during evaluation: Stack overflow error: "},
		{"{% $count([1..900000]) %}", "threw an error during evaluation: Expression evaluation memory limit exceeded: "
		"Check for excessive memory usage"},
		{"{% ($f := function($s, $n){$n = 0 ? $s : $f($s & $s, $n - 1)}; $length($f('0123456789', 40))) %}",
			"threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage"},
	};
	WfScope		scope = {0};
	char		expected[500];

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;
		size_t		length = strlen(cases[i].text);

		assert_null(evaluate(cases[i].text, &scope, &error));
		snprintf(expected, sizeof(expected), "The JSONata expression '%.*s' specified for the field 'Output[2]' %s",
				 (int) length - 6, cases[i].text + 3, cases[i].rest);
		assert_int_equal(error.code, WF_STATES_QUERY_EVALUATION_ERROR);
		if (strncmp(error.cause, expected, strlen(expected)) != 0)
			fail_msg("got %s, expected %s", error.cause, expected);
		assert_string_equal(error.location, "Output[2]");
		wf_error_clear(&error);
	}
}

/* Queries that share their time have it together. */
static void
time_is_shared(void **state)
{
	int64_t		spent = 0;
	WfScope		scope = {.spent = &spent};
	WfError		error = WF_ERROR_NONE;

	(void) state;
	assert_json(evaluate("{% $count([1..1e5].$string()) %}", &scope, &error), "100000");
	assert_true(spent > 0);
	spent = 5000000;
	assert_null(evaluate("{% 1 %}", &scope, &error));
	assert_error(error, WF_STATES_QUERY_EVALUATION_ERROR, "The JSONata expression '1' specified for the field 'Output[2]' threw an "
				 "error during evaluation: Expression evaluation timeout: Check for infinite loop");
	scope.spent = NULL;
	assert_json(evaluate("{% 1 %}", &scope, &error), "1");
}

static void
types_are_refused(void **state)
{
	WfPlace		field = {NULL, "Items", 0};
	WfError		error = WF_ERROR_NONE;
	WfQuery    *query = wf_query_parse("{% {'a': 1} %}", &field, &error);
	json_t	   *value = json_of("{'a':1}");

	(void) state;
	assert_false(wf_query_refuse(query, value, "array", &error));
	assert_string_equal(error.location, "Items");
	assert_error(error, WF_STATES_QUERY_EVALUATION_ERROR, "The JSONata expression '{'a': 1}' specified for the field 'Items' "
				 "returned an unexpected result type. Expected 'array', but was 'object' for value: {\"a\":1}");
	wf_query_free(query);
	json_decref(value);
}

/* What could not be written is no result, not even to say that it is the wrong one. */
static void
depth_is_bounded(void **state)
{
	json_t	   *deep = json_array();
	json_t	   *variables = wf_json_object();
	WfScope		scope = {.variables = variables};
	WfError		error = WF_ERROR_NONE;

	(void) state;
	for (int i = 1; i < WF_JSON_MAX_DEPTH; i++)
	{
		json_t	   *outer = json_array();

		json_array_append_new(outer, deep);
		deep = outer;
	}
	json_object_set_new(variables, "x", deep);
	json_decref(evaluate("{% $x %}", &scope, &error));
	assert_int_equal(error.code, WF_NO_ERROR);
	assert_null(evaluate("{% {'a': [$x]} %}", &scope, &error));
	assert_string_equal(error.location, "Output[2]");
	assert_error(error, WF_STATES_QUERY_EVALUATION_ERROR, "The JSONata expression '{'a': [$x]}' specified for the field 'Output[2]' "
				 "returned a value that is nested too deeply.");
	json_decref(variables);
}

/* An expression that would never end by itself is given up when somebody asks for it. */
static void
interrupts_reach_them(void **state)
{
	World		world = {.patience = 3};
	WfHost		host = {.arg = &world, .now = tell_time, .interrupted = is_interrupted};
	WfScope		scope = {.host = &host};
	WfError		error = WF_ERROR_NONE;

	(void) state;
	assert_null(evaluate("{% ($f := function($x){$f($x + 1)}; $f(1)) %}", &scope, &error));
	assert_error(error, WF_INTERRUPTED, NULL);
}

static void
templates_hold_queries(void **state)
{
	json_t	   *source = json_of("{'k':1,'x.$':'$.a','y':[{'z':'{% $v %}'},'{% 2 + 3 %}','{% no'],'deep':{'c':[1,{'d':2}]}}");
	json_t	   *whole = json_of("'{% $v %}'");
	json_t	   *variables = json_of("{'v':'s'}");
	WfPlace		field = {NULL, "Output", 0};
	WfScope		scope = {.variables = variables};
	WfError		error = WF_ERROR_NONE;
	WfTemplate *template_ = wf_template_parse_queries(source, &field, &error);

	(void) state;
	assert_json(wf_template_evaluate(template_, &scope, &error),
				"{'k':1,'x.$':'$.a','y':[{'z':'s'},5,'{% no'],'deep':{'c':[1,{'d':2}]}}");
	assert_null(wf_template_query(template_));
	scope.variables = NULL;
	assert_null(wf_template_evaluate(template_, &scope, &error));
	assert_string_equal(error.location, "Output/y[0]/z");
	wf_error_clear(&error);
	wf_template_free(template_);

	/* more than all payloads together may be */
	scope.variables = variables;
	scope.max_size = 5;
	template_ = wf_template_parse_queries(whole, &field, &error);
	assert_non_null(wf_template_query(template_));
	assert_json(wf_template_evaluate(template_, &scope, &error), "'s'");
	scope.max_size = 2;
	assert_null(wf_template_evaluate(template_, &scope, &error));
	assert_error(error, WF_STATES_DATA_LIMIT_EXCEEDED, "The value of the field 'Output' makes its payload larger than 2 bytes");
	wf_template_free(template_);
	json_decref(source);
	json_decref(whole);
	json_decref(variables);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_are_known_by_their_brackets),
		cmocka_unit_test(they_see_states_and_variables),
		cmocka_unit_test(failures_say_where),
		cmocka_unit_test(time_is_shared),
		cmocka_unit_test(types_are_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(interrupts_reach_them),
		cmocka_unit_test(templates_hold_queries),
	};

	return cmocka_run_group_tests_name("JSONata in states", tests, NULL, NULL);
}
