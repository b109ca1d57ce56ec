/*
 * test_choice.c - the rules of a Choice state.
 */
#include "unit.h"

#include "asl/choice.h"

static const char *const input_text =
	"{'s':'foo','n':5,'f':5.0,'t':true,'null':null,'time':'2016-03-14T01:59:00Z','later':'2016-03-14T03:59:00+01:00',"
	" 'o':{'x':'foo','n':7,'f':false},'star':'a*b','back':'a\\\\b','log':'zebra-2026.log','numeric':'5'}";

/* 1, 0, or -1 for an error. */
static int
evaluate(const char *rule_text, WfError *error)
{
	json_t	   *rule = json_of(rule_text);
	json_t	   *input = json_of(input_text);
	WfScope		scope = {.input = input};
	char	   *location = NULL;
	WfCondition *condition = wf_condition_parse(rule, &location, error);
	bool		matches = false;
	int			answer;

	if (condition == NULL)
		fail_msg("%s: %s at %s", rule_text, error->cause, location);
	json_decref(rule);
	answer = wf_condition_evaluate(condition, &scope, &matches, error) ? matches : -1;
	wf_condition_free(condition);
	json_decref(input);
	return answer;
}

static void
all_operators_exist(void **state)
{
	static const char *const families[] = {"String", "Numeric", "Timestamp"};
	static const char *const orders[] = {"Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"};
	static const char *const others[] = {"BooleanEquals", "BooleanEqualsPath", "StringMatches", "IsNull", "IsPresent",
	"IsNumeric", "IsString", "IsBoolean", "IsTimestamp"};
	int			n = 0;

	(void) state;
	for (int i = 0; i < 3; i++)
	{
		for (int k = 0; k < 5; k++)
		{
			char		word[64];

			snprintf(word, sizeof(word), "%s%s", families[i], orders[k]);
			n += wf_choice_operator_exists(word);
			strcat(word, "Path");
			n += wf_choice_operator_exists(word);
		}
	}
	for (int i = 0; i < 9; i++)
		n += wf_choice_operator_exists(others[i]);
	assert_int_equal(n, 39);
	assert_false(wf_choice_operator_exists("StringMatchesPath"));
	assert_false(wf_choice_operator_exists("Variable"));
}

static void
rules_match(void **state)
{
	static const struct
	{
		const char *rule;
		int			answer;
	}			cases[] = {
		{"{'Variable':'$.s','StringEquals':'foo'}", 1},
		{"{'Variable':'$.s','StringEquals':'Foo'}", 0},
		{"{'Variable':'$.s','StringLessThan':'fop'}", 1},
		{"{'Variable':'$.s','StringLessThan':'foo'}", 0},
		{"{'Variable':'$.s','StringLessThanEquals':'foo'}", 1},
		{"{'Variable':'$.s','StringGreaterThan':'fo'}", 1},
		{"{'Variable':'$.s','StringGreaterThanEquals':'foo'}", 1},
		{"{'Variable':'$.s','StringEqualsPath':'$.o.x'}", 1},
		{"{'Variable':'$.s','StringGreaterThanPath':'$.o.x'}", 0},
		{"{'Variable':'$.n','StringEquals':'5'}", 0},
		{"{'Variable':'$.n','NumericEquals':5.0}", 1},
		{"{'Variable':'$.f','NumericEquals':5}", 1},
		{"{'Variable':'$.n','NumericLessThan':5}", 0},
		{"{'Variable':'$.n','NumericLessThanPath':'$.o.n'}", 1},
		{"{'Variable':'$.n','NumericGreaterThanEquals':5}", 1},
		{"{'Variable':'$.n','NumericEqualsPath':'$.s'}", 0},
		{"{'Variable':'$.numeric','NumericEquals':5}", 0},
		{"{'Variable':'$.t','BooleanEquals':true}", 1},
		{"{'Variable':'$.t','BooleanEquals':false}", 0},
		{"{'Variable':'$.t','BooleanEqualsPath':'$.o.f'}", 0},
		{"{'Variable':'$.s','BooleanEquals':true}", 0},
		{"{'Variable':'$.time','TimestampEquals':'2016-03-14T02:59:00+01:00'}", 1},
		{"{'Variable':'$.time','TimestampLessThan':'2016-03-14T01:59:00.001Z'}", 1},
		{"{'Variable':'$.time','TimestampLessThanPath':'$.later'}", 1},
		{"{'Variable':'$.time','TimestampGreaterThanEqualsPath':'$.later'}", 0},
		{"{'Variable':'$.s','TimestampEquals':'2016-03-14T01:59:00Z'}", 0},
		{"{'Variable':'$.null','IsNull':true}", 1},
		{"{'Variable':'$.s','IsNull':true}", 0},
		{"{'Variable':'$.s','IsNull':false}", 1},
		{"{'Variable':'$.null','IsPresent':true}", 1},
		{"{'Variable':'$.zzz','IsPresent':true}", 0},
		{"{'Variable':'$.zzz','IsPresent':false}", 1},
		{"{'Variable':'$.zzz.y[0]','IsPresent':false}", 1},
		{"{'Variable':'$.n','IsNumeric':true}", 1},
		{"{'Variable':'$.numeric','IsNumeric':true}", 0},
		{"{'Variable':'$.s','IsString':true}", 1},
		{"{'Variable':'$.t','IsBoolean':true}", 1},
		{"{'Variable':'$.time','IsTimestamp':true}", 1},
		{"{'Variable':'$.s','IsTimestamp':true}", 0},
		{"{'Variable':'$.s','IsTimestamp':false}", 1},
		{"{'Variable':'$.log','StringMatches':'zebra-*.log'}", 1},
		{"{'Variable':'$.log','StringMatches':'*.log'}", 1},
		{"{'Variable':'$.log','StringMatches':'zebra*'}", 1},
		{"{'Variable':'$.log','StringMatches':'*'}", 1},
		{"{'Variable':'$.log','StringMatches':'**2*.l*g'}", 1},
		{"{'Variable':'$.log','StringMatches':'ebra*'}", 0},
		{"{'Variable':'$.log','StringMatches':'*.lo'}", 0},
		{"{'Variable':'$.log','StringMatches':'zebra-2026.log*.log'}", 0},
		{"{'Variable':'$.s','StringMatches':'foo*foo'}", 0},
		{"{'Variable':'$.s','StringMatches':'f*o*o'}", 1},
		{"{'Variable':'$.s','StringMatches':'foo'}", 1},
		{"{'Variable':'$.star','StringMatches':'a\\\\*b'}", 1},
		{"{'Variable':'$.s','StringMatches':'f\\\\*'}", 0},
		{"{'Variable':'$.back','StringMatches':'a\\\\\\\\*'}", 1},
		{"{'Variable':'$.n','StringMatches':'*'}", 0},
		{"{'And':[{'Variable':'$.s','IsString':true},{'Variable':'$.n','NumericEquals':5}]}", 1},
		{"{'And':[{'Variable':'$.s','IsString':true},{'Variable':'$.n','NumericEquals':6}]}", 0},
		{"{'Or':[{'Variable':'$.s','IsNull':true},{'Variable':'$.n','NumericEquals':5}]}", 1},
		{"{'Or':[{'Variable':'$.s','IsNull':true},{'Variable':'$.n','NumericEquals':6}]}", 0},
		{"{'Not':{'Variable':'$.s','IsNull':true}}", 1},
		{"{'Not':{'Not':{'Or':[{'Variable':'$.s','IsNull':true}]}}}", 0},
		/* short circuit: what is missing is not looked at */
		{"{'Or':[{'Variable':'$.s','IsString':true},{'Variable':'$.zzz','IsString':true}]}", 1},
		{"{'And':[{'Variable':'$.s','IsNull':true},{'Variable':'$.zzz','IsString':true}]}", 0},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;
		int			answer = evaluate(cases[i].rule, &error);

		if (answer != cases[i].answer)
			fail_msg("%s gives %d %s", cases[i].rule, answer, error.cause ? error.cause : "");
	}
}

static void
missing_values_are_errors(void **state)
{
	WfError		error = WF_ERROR_NONE;

	(void) state;
	assert_int_equal(evaluate("{'Variable':'$.zzz','IsString':true}", &error), -1);
	assert_error(error, WF_STATES_RUNTIME, "Invalid path '$.zzz': The choice state's condition path references an invalid value.");
	assert_int_equal(evaluate("{'Variable':'$.s','StringEqualsPath':'$.zzz'}", &error), -1);
	assert_error(error, WF_STATES_RUNTIME, "Invalid path '$.zzz': The choice state's condition path references an invalid value.");
	assert_int_equal(evaluate("{'Not':{'Variable':'$.zzz','IsNull':true}}", &error), -1);
	assert_error(error, WF_STATES_RUNTIME, NULL);
}

static void
texts_are_ordered_by_utf16(void **state)
{
	json_t	   *rule = json_of("{'Variable':'$','StringLessThan':'\\uffee'}");
	WfCondition *condition = wf_condition_parse(rule, NULL, NULL);
	json_t	   *input = json_of("'\\ud83d\\ude00'");
	WfScope		scope = {.input = input};
	bool		matches = false;

	(void) state;
	assert_true(wf_condition_evaluate(condition, &scope, &matches, NULL));
	assert_true(matches);
	wf_condition_free(condition);
	json_decref(rule);
	json_decref(input);
}

static void
wrong_rules_say_where(void **state)
{
	static const struct
	{
		const char *rule;
		const char *location;	/* NULL: the rule itself */
	}			cases[] = {
		{"[]", NULL},
		{"{}", NULL},
		{"{'Variable':'$.a'}", NULL},
		{"{'StringEquals':'x'}", NULL},
		{"{'Variable':'$.a','StringEquals':'x','IsNull':true}", NULL},
		{"{'Variable':'a','StringEquals':'x'}", "/Variable"},
		{"{'Variable':1,'StringEquals':'x'}", "/Variable"},
		{"{'Variable':'$.a','StringEquals':1}", "/StringEquals"},
		{"{'Variable':'$.a','NumericEquals':'1'}", "/NumericEquals"},
		{"{'Variable':'$.a','BooleanEquals':'true'}", "/BooleanEquals"},
		{"{'Variable':'$.a','IsNull':1}", "/IsNull"},
		{"{'Variable':'$.a','TimestampEquals':'today'}", "/TimestampEquals"},
		{"{'Variable':'$.a','StringEqualsPath':'x'}", "/StringEqualsPath"},
		{"{'Variable':'$.a','StringMatches':'a\\\\'}", "/StringMatches"},
		{"{'Variable':'$.a','StringMatches':'a\\\\b'}", "/StringMatches"},
		{"{'And':[]}", "/And"},
		{"{'And':{}}", "/And"},
		{"{'Not':[]}", "/Not"},
		{"{'And':[{'Variable':'$.a','IsNull':true},{'Or':[{'Variable':'$.a'}]}]}", "/And/1/Or/0"},
		{"{'Not':{'Variable':'a','IsNull':true}}", "/Not/Variable"},
		{"{'And':[{'Variable':'$.a','IsNull':true}],'Or':[{'Variable':'$.a','IsNull':true}]}", NULL},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;
		json_t	   *rule = json_of(cases[i].rule);
		char	   *location = NULL;

		assert_null(wf_condition_parse(rule, &location, &error));
		if (cases[i].location != NULL)
		{
			assert_non_null(location);
			assert_string_equal(location, cases[i].location);
		}
		else if (location != NULL)
			assert_string_equal(location, "");
		assert_error(error, WF_INVALID_PATH, NULL);
		free(location);
		json_decref(rule);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_operators_exist),
		cmocka_unit_test(rules_match),
		cmocka_unit_test(missing_values_are_errors),
		cmocka_unit_test(texts_are_ordered_by_utf16),
		cmocka_unit_test(wrong_rules_say_where),
	};

	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
