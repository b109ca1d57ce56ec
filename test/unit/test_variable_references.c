/*
 * test_variable_references.c - which variables the states of a definition read.
 *
 * A case is a state of the machine {"A": …} and the names that it reads, joined by commas.
 */
#include "unit.h"

#include "asl/variable_references.h"

static json_t *
read_json(const char *text)
{
	char	   *copy = strdup(text);
	json_t	   *value;
	WfError		error = WF_ERROR_NONE;

	for (char *at = copy; *at != '\0'; at++)
		*at = *at == '\'' ? '"' : *at;
	value = wf_json_parse(copy, strlen(copy), false, &error);
	if (value == NULL)
		fail_msg("%s: %s", copy, error.cause);
	free(copy);
	return value;
}

/* All references of a definition: "A:a,b B:c". */
static void
assert_all_references(const char *definition, const char *expected)
{
	json_t	   *source = read_json(definition);
	json_t	   *references = wf_variable_references(source);
	char		got[500] = "";

	assert_non_null(references);
	for (void *member = json_object_iter(references); member != NULL; member = json_object_iter_next(references, member))
	{
		json_t	   *names = json_object_iter_value(member);

		sprintf(got + strlen(got), "%s%s:", got[0] != '\0' ? " " : "", json_object_iter_key(member));
		for (size_t i = 0; i < json_array_size(names); i++)
			sprintf(got + strlen(got), "%s%s", i > 0 ? "," : "", json_string_value(json_array_get(names, i)));
	}
	if (strcmp(got, expected) != 0)
		fail_msg("%s: got %s, expected %s", definition, got, expected);
	json_decref(references);
	json_decref(source);
}

static void
assert_references(const char *language, const char *state, const char *expected)
{
	char		definition[1000];
	char		all[500];

	snprintf(definition, sizeof(definition), "{'QueryLanguage':'%s','StartAt':'A','States':{'A':%s}}", language, state);
	snprintf(all, sizeof(all), "%s%s", expected[0] != '\0' ? "A:" : "", expected);
	assert_all_references(definition, all);
}

typedef struct Case
{
	const char *state;
	const char *expected;
} Case;

#define RUN(language, cases) \
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) \
		assert_references(language, cases[i].state, cases[i].expected)

static void
paths_read_variables(void **state)
{
	static const Case cases[] = {
		{"{'Type':'Pass','InputPath':'$b','OutputPath':'$a.x[0]','ResultPath':'$.c'}", "a,b"},
		{"{'Type':'Pass','InputPath':'$','OutputPath':'$$.Execution.Id','ResultPath':null}", ""},
		{"{'Type':'Wait','SecondsPath':'$wait_1'}", "wait_1"},
		{"{'Type':'Fail','ErrorPath':'$e','CausePath':'States.Format(\\u0027$no {}\\u0027, $c.d)'}", "c,e"},
		{"{'Type':'Pass','InputPath':'$.a[?(@.x == $b)]','OutputPath':'$.a.$c[\\u0027$d\\u0027].e$f'}", "b"},
		{"{'Type':'Task','TimeoutSecondsPath':'$t','HeartbeatSecondsPath':'$h'}", "h,t"},
		{"{'Type':'Map','ItemsPath':'$items','MaxConcurrencyPath':'$m','ToleratedFailureCountPath':'$n',"
			"'ItemReader':{'Parameters':{'Key.$':'$key'},'ReaderConfig':{'MaxItemsPath':'$max'}},"
			"'ItemBatcher':{'MaxItemsPerBatchPath':'$batch','BatchInput':{'x.$':'$input'}},'ResultWriter':{'Parameters':{'B.$':'$bucket'}}}",
		"batch,bucket,input,items,key,m,max,n"},
	};

	(void) state;
	RUN("JSONPath", cases);
}

static void
templates_read_variables_where_they_compute(void **state)
{
	static const Case cases[] = {
		{"{'Type':'Pass','Parameters':{'a':'$no','b.$':'$b','c':[{'d.$':'States.MathAdd(States.MathAdd($e, $d), $$.x)'}],'ePath':'$f'}}", "b,d,e"},
		{"{'Type':'Task','Parameters':{'Result':{'a.$':'$a'}},'ResultSelector':{'b.$':'$b'},'Credentials':{'RoleArn.$':'$c'}}", "a,b,c"},
		{"{'Type':'Pass','Result':{'a.$':'$a'},'Comment':'$b','Assign':{'x':'$c','y.$':'$d'}}", "d"},
		{"{'Type':'Map','ItemSelector':{'a.$':'$a','b':'$b'}}", "a"},
		{"{'Type':'Task','Catch':[{'ResultPath':'$.a','Assign':{'b.$':'$b'}}]}", "b"},
		{"{'Type':'Choice','Choices':[{'Variable':'$b','StringEqualsPath':'$a','Assign':{'x.$':'$f'}},"
			"{'Not':{'And':[{'Variable':'$c','IsNull':true},{'Variable':'$.x','NumericEquals':1}]}},"
		"{'Variable':'$.x','StringEquals':'$d'}],'Assign':{'z.$':'$e'}}", "a,b,c,e,f"},
		/* each once, however often it is read */
		{"{'Type':'Pass','Parameters':{'a.$':'$a','b.$':'$a.b'},'OutputPath':'$a'}", "a"},
	};

	(void) state;
	RUN("JSONPath", cases);
}

static void
expressions_read_variables(void **state)
{
	static const Case cases[] = {
		{"{'Type':'Pass','Output':{'a':['{% $b + $a.x %}','$no','{% $states.input.y %}']}}", "a,b"},
		{"{'Type':'Wait','Seconds':'{% $wait %}','Comment':'{% $no %}'}", "wait"},
		{"{'Type':'Choice','Choices':[{'Condition':'{% $c > 1 %}','Assign':{'x':'{% $d %}'},'Output':'{% $e %}'}]}", "c,d,e"},
		{"{'Type':'Map','Items':'{% $items %}','ItemSelector':{'Comment':'{% $sel %}'},'MaxConcurrency':'{% $m %}'}", "items,m,sel"},
		/* functions, called or handed over */
		{"{'Type':'Pass','Output':'{% $map($list, $uppercase) ~> $join() & $string ($n) %}'}", "list,n"},
		/* texts, comments, regular expressions, names in backticks */
		{"{'Type':'Pass','Output':'{% \\u0027$a\\u0027 & /* $b */ $c ~> $replace(/$d/, \\\"$e\\\\\\\"$f\\\") & `$g` & $h / $i %}'}", "c,h,i"},
		{"{'Type':'Pass','Output':'{% $$.x + $.y + a$b %}'}", ""},
		/* what an expression binds itself */
		{"{'Type':'Pass','Output':'{% ( $x := $y; $x + $z ) + $x %}'}", "x,y,z"},
		{"{'Type':'Pass','Output':'{% ( $x := $x + 1; $x ) %}'}", "x"},
		{"{'Type':'Pass','Output':'{% ( $f := function($n, $m){ $n + $m + $o }; $f(1) + $n ) %}'}", "n,o"},
		{"{'Type':'Pass','Output':'{% $filter($list, \xCE\xBB($v) { $v > $low }) %}'}", "list,low"},
		{"{'Type':'Pass','Output':'{% ( $list@$item.price[$item.x = $high]#$at.($at + $n) ) %}'}", "high,list,n"},
	};

	(void) state;
	RUN("JSONata", cases);
}

static void
states_inside_stand_beside_the_others(void **state)
{
	(void) state;
	assert_all_references("{'States':{'P':{'Type':'Parallel','Parameters':{'p.$':'$p'},'Branches':["
						  "{'States':{'Q':{'InputPath':'$q'}}},{'States':{'R':{'Type':'Succeed'}}}]},"
						  "'M':{'Type':'Map','ItemProcessor':{'States':{'N':{'Type':'Map','Iterator':{'States':{'O':{'OutputPath':'$o'}}}}}}}}}",
						  "P:p Q:q O:o");
	/* a state's language is its own */
	assert_all_references("{'States':{'M':{'Type':'Map','QueryLanguage':'JSONata','Items':'{% $m %}','OutputPath':'$no',"
						  "'ItemProcessor':{'States':{'I':{'InputPath':'$i','Output':'{% $no %}'}}}}}}", "M:m I:i");
	assert_all_references("{'QueryLanguage':'JSONata','States':{'M':{'Type':'Map','ItemProcessor':{'States':"
						  "{'I':{'OutputPath':'$no','Output':'{% $i %}'}}}}}}", "I:i");
	assert_all_references("{'States':1}", "");
	assert_all_references("{'States':{'A':1,'B':{'Branches':[1],'ItemProcessor':[]}}}", "");
}

/* What cannot be read reads nothing. */
static void
broken_expressions_end(void **state)
{
	static const Case cases[] = {
		{"{'Output':'{% $a & \\\"$b %}'}", ""},
		{"{'Output':'{% $a + /* $b %}'}", ""},
		{"{'Output':'{% )))]]}} ( $x := %}'}", ""},
		{"{'Output':'{% function($a %}'}", ""},
		{"{'Output':'{%$%}'}", ""},
		{"{'Output':'{%'}", ""},
		{"{'Output':'{%}'}", ""},
		{"{'Output':'{% \\\\'}", ""},
	};

	(void) state;
	RUN("JSONata", cases);
	assert_references("JSONPath", "{'InputPath':'$a[\\\"\\\\'}", "a");
}

static void
many_bound_names_are_no_variables(void **state)
{
	char		text[8000] = "{'Output':'{% (";
	json_t	   *source;
	json_t	   *references;
	char		definition[8200];

	(void) state;
	for (int i = 0; i < 300; i++)
		sprintf(text + strlen(text), "$x%d:=1;", i);
	strcat(text, "$y) %}'}");
	snprintf(definition, sizeof(definition), "{'QueryLanguage':'JSONata','States':{'A':%s}}", text);
	source = read_json(definition);
	references = wf_variable_references(source);
	assert_int_equal(json_array_size(json_object_get(references, "A")), 1);
	json_decref(references);
	json_decref(source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_read_variables),
		cmocka_unit_test(templates_read_variables_where_they_compute),
		cmocka_unit_test(expressions_read_variables),
		cmocka_unit_test(states_inside_stand_beside_the_others),
		cmocka_unit_test(broken_expressions_end),
		cmocka_unit_test(many_bound_names_are_no_variables),
	};

	return cmocka_run_group_tests_name("variable references", tests, NULL, NULL);
}
