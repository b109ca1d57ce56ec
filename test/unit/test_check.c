/*
 * test_check.c - the checker: what it says, where, and that it says everything.
 *
 * A case is a definition and the diagnostics that it must give, in order: "W" or "E", code, location, beginning of the
 * message.  SVF stands for SCHEMA_VALIDATION_FAILED.
 */
#include "unit.h"

#include <time.h>

#include "asl/definition.h"

#define SVF "SCHEMA_VALIDATION_FAILED"
#define IJE "INVALID_JSONATA_EXPRESSION"
#define UJE "UNSUPPORTED_JSONATA_EXPRESSION"

typedef struct Expected
{
	const char *code;
	const char *location;		/* NULL: none */
	const char *message;
	bool		warning;
} Expected;

#define MAX_EXPECTED 12

typedef struct Case
{
	const char *text;
	Expected	expected[MAX_EXPECTED];
	WfMachineType type;
} Case;

static void
print_all(const char *text, const WfDiagnostics *diagnostics)
{
	print_error("%s\n", text);
	for (int i = 0; i < diagnostics->n; i++)
		print_error("   %s at %s: %s\n", diagnostics->items[i].code,
					diagnostics->items[i].location != NULL ? diagnostics->items[i].location : "null", diagnostics->items[i].message);
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
assert_checked(const Case *c)
{
	char	   *text = strdup(c->text);
	WfDiagnostics diagnostics;
	int			n = 0;

	for (char *at = text; *at != '\0'; at++)
		*at = *at == '\'' ? '"' : *at;
	assert_true(wf_definition_check(text, strlen(text), c->type, &diagnostics));
	for (; n < MAX_EXPECTED && c->expected[n].code != NULL; n++)
	{
		const Expected *expected = &c->expected[n];
		const WfDiagnostic *got = &diagnostics.items[n];

		if (n >= diagnostics.n || strcmp(got->code, expected->code) != 0 || !is_same(got->location, expected->location) ||
			strncmp(got->message, expected->message, strlen(expected->message)) != 0 ||
			(got->severity == WF_SEVERITY_WARNING) != expected->warning)
		{
			print_all(text, &diagnostics);
			fail_msg("expected: %s at %s: %s", expected->code, expected->location != NULL ? expected->location : "null",
					 expected->message);
		}
	}
	if (n != diagnostics.n)
	{
		print_all(text, &diagnostics);
		fail_msg("more diagnostics than expected");
	}
	wf_diagnostics_free(&diagnostics);
	free(text);
}

#define MACHINE(states) "{'StartAt':'A','States':{" states "}}"
#define RUN(cases) \
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) \
		assert_checked(&cases[i])

static void
machines_are_checked(void **state)
{
	static const Case cases[] = {
		{MACHINE("'A':{'Type':'Succeed'}"), {{0}}, WF_STANDARD},
		{" ", {{SVF, NULL, "Definition must be a valid JSON object", false}}, WF_STANDARD},
		{"[]", {{SVF, NULL, "Definition must be a valid JSON object", false}}, WF_STANDARD},
		{"{,}", {{"INVALID_JSON_DESCRIPTION", "line 1, column 2", "expected a key in quotes", false}}, WF_STANDARD},
		{"{}", {{SVF, "/", "These fields are required: [States, StartAt]", false}}, WF_STANDARD},
		{"{'StartAt':'A','States':{}}",
			{{"MISSING_TRANSITION_TARGET", "/StartAt", "Missing 'Next' target: A", false}, {SVF, "/States", "Value cannot be empty", false}},
		WF_STANDARD},
		{"{'StartAt':1,'States':[],'Version':'2','TimeoutSeconds':-1,'Nope':0,'QueryLanguage':'SQL'}",
			{{SVF, "/StartAt", "Expected value of type String", false}, {SVF, "/States", "Expected value of type Object", false},
				{SVF, "/Version", "Value should be one of the following: [1.0]", false},
				{SVF, "/TimeoutSeconds", "Minimum value is 0", false}, {SVF, "/", "Field 'Nope' is not supported", false},
			{SVF, "/QueryLanguage", "Value should be one of the following: [JSONPath, JSONata]", false}}, WF_STANDARD},
		{"{'StartAt':'A','TimeoutSeconds':100000000,'States':{'A':{'Type':'Succeed'}}}",
		{{SVF, "/TimeoutSeconds", "Maximum value is 99999999", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

static void
states_are_checked(void **state)
{
	static const Case cases[] = {
		{MACHINE("'A':1"), {{SVF, "/States/A", "Expected value of type Object", false}}, WF_STANDARD},
		{MACHINE("'A':{}"), {{SVF, "/States/A", "These fields are required: [Type]", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Go'}"),
			{{SVF, "/States/A/Type", "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
		false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass'}"),
			{{SVF, "/States/A", "This object should have only one of the following fields: [Next, End]", false},
		{"MISSING_END_STATE", NULL, "Workflow has no terminal state", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','Next':'A','End':true}"),
		{{SVF, "/States/A", "There should only be one of the following fields: [Next, End]", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','End':false}"),
			{{SVF, "/States/A/End", "Value should be one of the following: [true]", false},
		{"MISSING_END_STATE", NULL, "Workflow", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Succeed','End':true,'Retry':[]}"),
			{{SVF, "/States/A", "Field 'End' is not supported", false}, {SVF, "/States/A", "Field 'Retry' is not supported", false}},
		WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Pass','Next':'A'},'C':{'Type':'Pass','Next':'A'}"),
		{{"MISSING_END_STATE", NULL, "Workflow has no terminal state", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Succeed'},'B':{'Type':'Pass','Next':'B'},'C':{'Type':'Fail'}"),
			{{"MISSING_TRANSITION_TARGET", "/States/B", "State \"B\" is not reachable.", false},
		{"MISSING_TRANSITION_TARGET", "/States/C", "State \"C\" is not reachable.", false}}, WF_STANDARD},
		{"{'StartAt':'X','States':{'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Succeed'}}}",
			{{"MISSING_TRANSITION_TARGET", "/StartAt", "Missing 'Next' target: X", false},
		{"MISSING_TRANSITION_TARGET", "/States/A", "State \"A\" is not reachable.", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Choice','Choices':[{'Variable':'$.a','IsNull':true,'Next':'X'}],'Default':'Y'},'B':{'Type':'Succeed'}"),
			{{"MISSING_TRANSITION_TARGET", "/States/A/Choices[0]/Next", "Missing 'Next' target: X", false},
				{"MISSING_TRANSITION_TARGET", "/States/A/Default", "Missing 'Next' target: Y", false},
		{"MISSING_TRANSITION_TARGET", "/States/B", "State", false}}, WF_STANDARD},
		{MACHINE("'':{'Type':'Succeed'},'A':{'Type':'Pass','Next':''}"),
		{{"INVALID_STATE_NAME", "/States/", "The name of a state must be 1 to 80 characters long", false}}, WF_STANDARD},
		{"{'StartAt':'~/','States':{'~/':{'Type':'Fail','X':1}}}", {{SVF, "/States/~/", "Field 'X'", false}}, WF_STANDARD},
		{"{'StartAt':'üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü','States':{"
			"'üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü':{'Type':'Fail'}}}",
		{{0}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

static void
single_types_are_checked(void **state)
{
	static const Case cases[] = {
		{MACHINE("'A':{'Type':'Task','End':true}"), {{SVF, "/States/A", "These fields are required: [Resource]", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Task','Resource':'charge','End':true}"),
		{{SVF, "/States/A/Resource", "Value is not a valid resource ARN", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Task','Resource':'sql:query','TimeoutSeconds':10,'HeartbeatSeconds':11,'End':true}"),
		{{SVF, "/States/A/HeartbeatSeconds", "HeartbeatSeconds must not be greater than TimeoutSeconds", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Task','Resource':'sql:query','TimeoutSeconds':0,'TimeoutSecondsPath':'$.x','End':true}"),
			{{SVF, "/States/A/TimeoutSeconds", "Minimum value is 1", false},
		{SVF, "/States/A", "There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath]", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Task','Resource':'sql:query','TimeoutSeconds':1.5,'HeartbeatSeconds':'5','End':true}"),
			{{SVF, "/States/A/TimeoutSeconds", "Expected value of type Integer", false},
		{SVF, "/States/A/HeartbeatSeconds", "Expected value of type Integer", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Task','Resource':'sql:query','Credentials':{},'End':true}"),
		{{SVF, "/States/A/Credentials", "The field 'RoleArn' is required but was missing", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Task','Resource':'sql:query','Credentials':{'RoleArn':5},'End':true}"),
		{{SVF, "/States/A/Credentials/RoleArn", "Expected value of type String", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Task','Resource':'sql:query','Credentials':{'RoleArn.$':'$.r'},'End':true}"), {{0}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Task','Resource':'activity:a','Credentials':{'RoleArn':'r'},'End':true}"),
		{{SVF, "/States/A/Credentials", "The field 'Credentials' is not supported for activities", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Wait','End':true}"),
			{{SVF, "/States/A", "This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]",
		false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Wait','Seconds':1,'Timestamp':'2016','End':true}"),
			{{SVF, "/States/A/Timestamp", "String does not match RFC3339 timestamp", false},
		{SVF, "/States/A", "There should only be one", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Fail','Error':'$.e','Cause':1,'ErrorPath':'States.MathAdd(1,2)','CausePath':'c'}"),
			{{"NO_PATH", "/States/A/Error", "The value looks like a path", true}, {SVF, "/States/A/Cause", "Expected value of type String", false},
				{SVF, "/States/A/ErrorPath", "The intrinsic function must return a string", false},
				{SVF, "/States/A/CausePath", "Value must be a valid JSONPath or a valid intrinsic function call: a path begins", false},
				{SVF, "/States/A", "There should only be one of the following fields: [Error, ErrorPath]", false},
		{SVF, "/States/A", "There should only be one of the following fields: [Cause, CausePath]", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Fail','ErrorPath':'$.e','CausePath':'States.Format(\\u0027{}\\u0027, $.c)'}"), {{0}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','InputPath':'a','OutputPath':null,'ResultPath':'$..a','Result':{'x':['$.y']},'End':true}"),
			{{SVF, "/States/A/InputPath", "Value must be a valid JSONPath.", false},
				{SVF, "/States/A/ResultPath", "Value is not a Reference Path", false},
		{"PASS_RESULT_IS_STATIC", "/States/A/Result/x[0]", "", true}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','ResultPath':'$$.a','Next':'B'},'B':{'Type':'Pass','ResultPath':'$v','End':true}"),
			{{SVF, "/States/A/ResultPath", "Value is not a Reference Path: the context object", false},
		{SVF, "/States/B/ResultPath", "Value is not a Reference Path: variables", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

#define RETRY(list) MACHINE("'A':{'Type':'Task','Resource':'sql:query','End':true,'Retry':" list "}")
#define CATCH(list) MACHINE("'A':{'Type':'Task','Resource':'sql:query','End':true,'Catch':" list "}")

static void
retriers_and_catchers_are_checked(void **state)
{
	static const Case cases[] = {
		{RETRY("{}"), {{SVF, "/States/A/Retry", "Expected value of type Array", false}}, WF_STANDARD},
		{RETRY("[1,{}]"),
			{{SVF, "/States/A/Retry[0]", "Expected value of type Object", false},
		{SVF, "/States/A/Retry[1]", "These fields are required: [ErrorEquals]", false}}, WF_STANDARD},
		{RETRY("[{'ErrorEquals':[]},{'ErrorEquals':[1]}]"),
			{{SVF, "/States/A/Retry[0]/ErrorEquals", "Value cannot be empty", false},
		{SVF, "/States/A/Retry[1]/ErrorEquals[0]", "Expected value of type String", false}}, WF_STANDARD},
		{RETRY("[{'ErrorEquals':['States.ALL','X']},{'ErrorEquals':['States.ALL']},{'ErrorEquals':['Y']}]"),
			{{SVF, "/States/A/Retry[0]/ErrorEquals", "States.ALL must appear alone and at end of list", false},
		{SVF, "/States/A/Retry[1]/ErrorEquals", "States.ALL must appear alone and at end of list", false}}, WF_STANDARD},
		{RETRY("[{'ErrorEquals':['X'],'IntervalSeconds':-1,'MaxAttempts':-1,'BackoffRate':0.5,'MaxDelaySeconds':0,'JitterStrategy':'HALF','Next':'A'}]"),
			{{SVF, "/States/A/Retry[0]/IntervalSeconds", "Minimum value is 0", false},
				{SVF, "/States/A/Retry[0]/MaxAttempts", "Minimum value is 0", false},
				{SVF, "/States/A/Retry[0]/BackoffRate", "Minimum value is 1.0", false},
				{SVF, "/States/A/Retry[0]/MaxDelaySeconds", "Minimum value is 1", false},
				{SVF, "/States/A/Retry[0]/JitterStrategy", "Value should be one of the following: [NONE, FULL]", false},
		{SVF, "/States/A/Retry[0]", "Field 'Next' is not supported", false}}, WF_STANDARD},
		{RETRY("[{'ErrorEquals':['X'],'IntervalSeconds':5,'MaxDelaySeconds':5}]"),
		{{SVF, "/States/A/Retry[0]/MaxDelaySeconds", "MaxDelaySeconds must be greater than IntervalSeconds", false}}, WF_STANDARD},
		{CATCH("[{'ErrorEquals':['X']},{'ErrorEquals':['X'],'Next':'B','ResultPath':'$.a[*]','Output':1}]"),
			{{SVF, "/States/A/Catch[0]", "These fields are required: [Next]", false},
				{SVF, "/States/A/Catch[1]", "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
				false},
				{"MISSING_TRANSITION_TARGET", "/States/A/Catch[1]/Next", "Missing 'Next' target: B", false},
		{SVF, "/States/A/Catch[1]/ResultPath", "Value is not a Reference Path", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

#define CHOICE(rules) MACHINE("'A':{'Type':'Choice','Default':'B','Choices':" rules "},'B':{'Type':'Succeed'}")

static void
choices_are_checked(void **state)
{
	static const Case cases[] = {
		{CHOICE("[]"), {{SVF, "/States/A/Choices", "Value cannot be empty", false}}, WF_STANDARD},
		{CHOICE("[{'Variable':'$.a','IsNull':true}]"), {{SVF, "/States/A/Choices[0]", "These fields are required: [Next]", false}}, WF_STANDARD},
		{CHOICE("[{'Next':'B'}]"),
			{{SVF, "/States/A/Choices[0]", "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]", false}},
		WF_STANDARD},
		{CHOICE("[{'Variable':'$.a','Next':'B'}]"), {{SVF, "/States/A/Choices[0]", "The rule has no comparison operator", false}}, WF_STANDARD},
		{CHOICE("[{'Variable':'$.a','IsNull':true,'IsString':true,'Next':'B'}]"),
		{{SVF, "/States/A/Choices[0]", "There should only be one of the following fields: [IsNull, IsString]", false}}, WF_STANDARD},
		{CHOICE("[{'Variable':'a','IsNull':true,'Next':'B'},{'Variable':'$.a','NumericEquals':'1','Next':'B'}]"),
			{{SVF, "/States/A/Choices[0]/Variable", "Value is not a Reference Path: Reference path didn't start with '$'", false},
		{SVF, "/States/A/Choices[1]/NumericEquals", "Expected value of type Number", false}}, WF_STANDARD},
		/* both the variable and the operand are looked at */
		{CHOICE("[{'Variable':'$.a[*]','StringEqualsPath':'b','Next':'B'},{'Variable':1,'IsNull':2,'Next':'B'}]"),
			{{SVF, "/States/A/Choices[0]/Variable", "Value is not a Reference Path", false},
				{SVF, "/States/A/Choices[0]/StringEqualsPath", "Value is not a Reference Path: Reference path didn't start with '$'", false},
				{SVF, "/States/A/Choices[1]/Variable", "Expected value of type String", false},
		{SVF, "/States/A/Choices[1]/IsNull", "Expected value of type Boolean", false}}, WF_STANDARD},
		{CHOICE("[{'Variable':'$$.Execution.Name','StringEqualsPath':'$v','Next':'B'},{'Variable':'$.a[x','IsNull':true,'Next':'B'}]"),
		{{SVF, "/States/A/Choices[1]/Variable", "Value is not a Reference Path: ", false}}, WF_STANDARD},
		{CHOICE("[{'And':[{'Variable':'$.a','IsNull':true,'Next':'B'},{'Not':{'Variable':'$.a','IsNull':1}},3],'Next':'B'}]"),
			{{SVF, "/States/A/Choices[0]/And[0]", "Field 'Next' is not supported", false},
				{SVF, "/States/A/Choices[0]/And[1]/Not/IsNull", "Expected value of type Boolean", false},
		{SVF, "/States/A/Choices[0]/And[2]", "Expected value of type Object", false}}, WF_STANDARD},
		{CHOICE("[{'Or':[],'Next':'B'},{'Not':[],'Next':'B'},{'And':{},'Next':'B'}]"),
			{{SVF, "/States/A/Choices[0]/Or", "Value cannot be empty", false},
				{SVF, "/States/A/Choices[1]/Not", "Expected value of type Object", false},
		{SVF, "/States/A/Choices[2]/And", "Expected value of type Array", false}}, WF_STANDARD},
		{CHOICE("[{'Variable':'$.a','StringEquals':'$.b','Next':'B'}]"), {{"NO_PATH", "/States/A/Choices[0]/StringEquals", "", true}}, WF_STANDARD},
		{CHOICE("[{'Condition':'{% true %}','Next':'B'}]"),
		{{SVF, "/States/A/Choices[0]", "The QueryLanguage is set to 'JSONPath', but field 'Condition'", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

#define PARAMETERS(value) MACHINE("'A':{'Type':'Pass','End':true,'Parameters':" value "}")

static void
templates_are_checked(void **state)
{
	static const Case cases[] = {
		{PARAMETERS("{'a.$':'b','c':{'d.$':1,'e':[{'f.$':'States.X()'}]}}"),
			{{SVF, "/States/A/Parameters", "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call", false},
				{SVF, "/States/A/Parameters/c", "The value for the field 'd.$' must be", false},
		{SVF, "/States/A/Parameters/c/e[0]", "The value for the field 'f.$' must be", false}}, WF_STANDARD},
		{PARAMETERS("{'a':1,'a.$':'$.b'}"), {{SVF, "/States/A/Parameters", "The field 'a.$' has the same name as another one", false}}, WF_STANDARD},
		{PARAMETERS("{'a':{'b.$':'States.Array(States.MathAdd(1))'}}"),
			{{"INVALID_ARGUMENTS", "/States/A/Parameters/a", "The value for the field 'b.$' will fail: The intrinsic function has too few arguments", true}},
		WF_STANDARD},
		{PARAMETERS("{'a':'$.b','b':'$','c':'States.UUID()'}"),
			{{"NO_DOLLAR", "/States/A/Parameters/a", "The value looks like a path", true}, {"NO_DOLLAR", "/States/A/Parameters/c", "", true}},
		WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','End':true,'Assign':{'x.y':1,'2':1,'states':1,'ok.$':'$.a','v_1':2}}"),
			{{"INVALID_VARIABLE_NAME", "/States/A/Assign/x.y", "Invalid variable name 'x.y'", false},
				{"INVALID_VARIABLE_NAME", "/States/A/Assign/2", "Invalid variable name '2'", false},
		{"RESERVED_VARIABLE_NAME", "/States/A/Assign/states", "Cannot assign to reserved variable '$states'.", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

#define INNER "{'StartAt':'I','States':{'I':{'Type':'Pass','End':true,'Assign':{'v':1}}}}"

static void
variables_of_outer_scopes_are_only_read(void **state)
{
	static const Case cases[] = {
		{MACHINE("'A':{'Type':'Pass','Assign':{'v':0},'Next':'P'},'P':{'Type':'Parallel','Branches':[" INNER "],'End':true}"),
		{{SVF, "/States/P/Branches[0]/States/I/Assign/v", "The variable 'v' is assigned in an outer scope", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Parallel','Branches':[" INNER "],'Next':'B'},'B':{'Type':'Pass','Assign':{'v':0},'End':true}"),
		{{0}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Parallel','Branches':[" INNER "],'Catch':[{'ErrorEquals':['States.ALL'],'Next':'B','Assign':{'v':1}}],'Next':'B'},"
			"'B':{'Type':'Succeed'}"), {{0}}, WF_STANDARD},
		/* its own assignment counts where it is entered again, in whatever way that is */
		{MACHINE("'P':{'Type':'Parallel','Branches':[" INNER "],'Assign':{'v':0},'Next':'B'},'A':{'Type':'Pass','Next':'P'},'B':{'Type':'Succeed'}"),
		{{0}}, WF_STANDARD},
		{MACHINE("'P':{'Type':'Parallel','Branches':[" INNER "],'Catch':[{'ErrorEquals':['X'],'Assign':{'v.$':'$'},'Next':'A'}],'End':true},"
			"'A':{'Type':'Pass','Next':'P'}"),
		{{SVF, "/States/P/Branches[0]/States/I/Assign/v", "The variable 'v'", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Choice','Choices':[{'Variable':'$','IsNull':true,'Next':'B'}],'Default':'P','Assign':{'v':1}},"
			"'P':{'Type':'Parallel','Branches':[" INNER "],'End':true},'B':{'Type':'Succeed'}"),
		{{SVF, "/States/P/Branches[0]/States/I/Assign/v", "The variable 'v'", false}}, WF_STANDARD},
		/* through blocks between, but not into children of a distributed Map, and not between branches */
		{MACHINE("'A':{'Type':'Pass','Assign':{'v':0},'Next':'M'},'M':{'Type':'Map','ItemProcessor':{'StartAt':'P','States':{"
			"'P':{'Type':'Parallel','Branches':[" INNER "],'End':true}}},'End':true}"),
		{{SVF, "/States/M/ItemProcessor/States/P/Branches[0]/States/I/Assign/v", "The variable 'v'", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','Assign':{'v':0},'Next':'M'},'M':{'Type':'Map','ItemProcessor':{'ProcessorConfig':"
			"{'Mode':'DISTRIBUTED','ExecutionType':'STANDARD'},'StartAt':'P','States':{'P':{'Type':'Pass','Assign':{'v':1},'End':true}}},'End':true}"),
		{{0}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Parallel','Branches':[" INNER ",{'StartAt':'J','States':{'J':{'Type':'Pass','End':true,'Assign':{'v':1}}}}],'End':true}"),
		{{0}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Map','ItemProcessor':" INNER ",'Next':'B'},'B':{'Type':'Choice','Default':'A','Choices':["
			"{'Variable':'$','IsNull':true,'Next':'A','Assign':{'v.$':'$'}},{'Variable':'$','IsNull':false,'Next':'C'}]},'C':{'Type':'Succeed'}"),
		{{SVF, "/States/A/ItemProcessor/States/I/Assign/v", "The variable 'v'", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

#define PROCESSOR(config) "{'ProcessorConfig':" config ",'StartAt':'I','States':{'I':{'Type':'Task','Resource':'activity:a','End':true}}}"

static void
blocks_inside_are_checked(void **state)
{
	static const Case cases[] = {
		{MACHINE("'A':{'Type':'Parallel','Branches':[],'End':true}"), {{SVF, "/States/A/Branches", "Value cannot be empty", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Parallel','Branches':[[],{},{'StartAt':'B','States':{'B':{'Type':'Pass','Next':'A'},'A':{'Type':'Fail'}}}],'End':true}"),
			{{SVF, "/States/A/Branches[0]", "Expected value of type Object", false},
				{SVF, "/States/A/Branches[1]", "These fields are required: [States, StartAt]", false},
		{"DUPLICATE_STATE_NAME", "/States/A/Branches[2]/States/A", "Duplicate State name: A", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Parallel','Branches':[{'StartAt':'B','States':{'B':{'Type':'Pass','Next':'C'}}}],'Next':'C'},'C':{'Type':'Fail'}"),
			{{"MISSING_TRANSITION_TARGET", "/States/A/Branches[0]/States/B/Next", "Missing 'Next' target: C", false},
		{"MISSING_END_STATE", "/States/A/Branches[0]", "Workflow has no terminal state", true}}, WF_STANDARD},
		/* of a block inside it is said, and the service lets it pass; what cannot be reached it does not */
		{MACHINE("'A':{'Type':'Map','ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass','Next':'J'},'J':{'Type':'Pass','Next':'I'},"
			"'K':{'Type':'Pass','Next':'I'}}},'End':true}"),
			{{"MISSING_END_STATE", "/States/A/ItemProcessor", "Workflow has no terminal state", true},
		{"MISSING_TRANSITION_TARGET", "/States/A/ItemProcessor/States/K", "State \"K\" is not reachable.", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','Next':'NOPE'}"),
			{{"MISSING_TRANSITION_TARGET", "/States/A/Next", "Missing 'Next' target: NOPE", false},
		{"MISSING_END_STATE", NULL, "Workflow has no terminal state", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Map','End':true}"),
		{{SVF, "/States/A", "This object should have only one of the following fields: [ItemProcessor, Iterator]", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Map','ItemsPath':null,'MaxConcurrency':-1,'MaxConcurrencyPath':'$$.x','ItemProcessor':" PROCESSOR("{'Mode':'INLINE'}") ",'End':true}"),
			{{SVF, "/States/A/ItemsPath", "Expected value of type String", false}, {SVF, "/States/A/MaxConcurrency", "Minimum value is 0", false},
				{SVF, "/States/A/MaxConcurrencyPath", "Value is not a Reference Path", false},
		{SVF, "/States/A", "There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath]", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Map','ItemProcessor':" PROCESSOR("{'Mode':'DISTRIBUTED'}") ",'End':true}"),
		{{SVF, "/States/A/ItemProcessor/ProcessorConfig", "These fields are required: [ExecutionType]", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Map','ItemProcessor':" PROCESSOR("{'Mode':'INLINE','ExecutionType':'EXPRESS'}") ",'End':true}"),
		{{SVF, "/States/A/ItemProcessor/ProcessorConfig", "Field 'ExecutionType' is not supported", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Map','ItemProcessor':" PROCESSOR("{'Mode':'DISTRIBUTED','ExecutionType':'EXPRESS'}") ",'End':true}"),
		{{SVF, "/States/A/ItemProcessor/States/I/Resource", "Express state machine does not support Activity ARN", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Map','ItemBatcher':{},'ResultWriter':{},'ToleratedFailurePercentage':101,'Label':'a b',"
			"'ItemReader':{'ReaderConfig':{'InputType':'CSV','MaxItems':-1}},'Iterator':{'StartAt':'I','States':{'I':{'Type':'Succeed'}}},'End':true}"),
			{{SVF, "/States/A/ItemBatcher", "This object should have at least one", false}, {SVF, "/States/A/ResultWriter", "Value cannot be empty", false},
				{SVF, "/States/A/ToleratedFailurePercentage", "Maximum value is 100.0", false},
				{"INVALID_LABEL_NAME", "/States/A/Label", "The label must not have white space", false},
				{SVF, "/States/A/ItemReader", "These fields are required: [Resource]", false},
				{SVF, "/States/A/ItemReader/ReaderConfig/MaxItems", "Minimum value is 0", false},
		{SVF, "/States/A/ItemReader/ReaderConfig", "The field 'CSVHeaderLocation' is required", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

static void
express_machines_are_limited(void **state)
{
	static const Case cases[] = {
		{MACHINE("'A':{'Type':'Task','Resource':'arn:aws:states:::sqs:sendMessage.waitForTaskToken','End':true}"),
		{{SVF, "/States/A/Resource", "Express state machine does not support '.waitForTaskToken' service integration ", false}}, WF_EXPRESS},
		{MACHINE("'A':{'Type':'Task','Resource':'states:startExecution.sync','End':true}"),
		{{SVF, "/States/A/Resource", "Express state machine does not support '.sync' service integration", false}}, WF_EXPRESS},
		{MACHINE("'A':{'Type':'Task','Resource':'activity:a','End':true}"),
		{{SVF, "/States/A/Resource", "Express state machine does not support Activity ARN", false}}, WF_EXPRESS},
		{MACHINE("'A':{'Type':'Map','ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'STANDARD'},"
			"'StartAt':'I','States':{'I':{'Type':'Succeed'}}},'End':true}"),
			{{SVF, "/States/A/ItemProcessor/ProcessorConfig/Mode", "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS'",
		false}}, WF_EXPRESS},
	};

	(void) state;
	RUN(cases);
}

static void
query_languages_are_kept_apart(void **state)
{
	static const Case cases[] = {
		{"{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Pass','QueryLanguage':'JSONPath','End':true}}}",
		{{SVF, "/States/A", "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", false}}, WF_STANDARD},
		{"{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Wait','SecondsPath':'$.a','End':true}}}",
		{{SVF, "/States/A", "The QueryLanguage is set to 'JSONata', but field 'SecondsPath' is only supported for the 'JSONPath' QueryLanguage", false}},
		WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','Output':1,'End':true}"),
		{{SVF, "/States/A", "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage", false}},
		WF_STANDARD},
		/* it is told once, and values are looked at all the same */
		{"{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Map','QueryLanguage':'JSONPath','Output':1,'MaxConcurrency':-1,"
			"'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass','InputPath':'$.a','End':true}}},'End':true}}}",
			{{SVF, "/States/A", "'QueryLanguage' can not be 'JSONPath'", false},
				{SVF, "/States/A/MaxConcurrency", "Minimum value is 0", false},
		{SVF, "/States/A/ItemProcessor/States/I", "The QueryLanguage is set to 'JSONata', but field 'InputPath'", false}}, WF_STANDARD},
		/* whatever is not JSONPath to the letter is JSONata; what belongs to the other language is told first */
		{MACHINE("'A':{'Type':'Pass','QueryLanguage':'jsonata','Output':{'v':'{% 1 %}'},'InputPath':'$.a','End':true}"),
			{{SVF, "/States/A", "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage", false},
		{SVF, "/States/A/QueryLanguage", "Value should be one of the following: [JSONPath, JSONata]", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','QueryLanguage':5,'InputPath':'$.a','End':true}"),
			{{SVF, "/States/A", "The QueryLanguage is set to 'JSONata', but field 'InputPath'", false},
		{SVF, "/States/A/QueryLanguage", "Expected value of type [STRING]", false}}, WF_STANDARD},
		{"{'QueryLanguage':'jsonpath','StartAt':'A','States':{'A':{'Type':'Pass','Output':1,'End':true}}}",
		{{SVF, "/QueryLanguage", "Value should be one of the following: [JSONPath, JSONata]", false}}, WF_STANDARD},
		/* blocks inside have no language of their own */
		{MACHINE("'A':{'Type':'Parallel','Branches':[{'QueryLanguage':'JSONata','StartAt':'I','States':{'I':{'Type':'Succeed'}}}],'Next':'B'},"
			"'B':{'Type':'Map','Iterator':{'QueryLanguage':'JSONata','StartAt':'J','States':{'J':{'Type':'Succeed'}}},'End':true}"),
			{{SVF, "/States/A/Branches[0]", "Field 'QueryLanguage' is not supported", false},
		{SVF, "/States/B/Iterator", "Field 'QueryLanguage' is not supported", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Parallel','QueryLanguage':'JSONata','Branches':[{'StartAt':'I','States':{'I':{'Type':'Pass','Output':1,'End':true}}}],'End':true}"),
		{{SVF, "/States/A/Branches[0]/States/I", "The QueryLanguage is set to 'JSONPath', but field 'Output'", false}}, WF_STANDARD},
		/* each part of a state speaks the state's language */
		{MACHINE("'A':{'Type':'Map','QueryLanguage':'JSONata','ItemReader':{'Resource':'sql:query','Parameters':{},'ReaderConfig':{'MaxItemsPath':'$.a'}},"
			"'ItemBatcher':{'MaxItemsPerBatch':'{% 1 %}','MaxInputBytesPerBatchPath':'$.b'},'ResultWriter':{'Parameters':{}},"
			"'Catch':[{'ErrorEquals':['X'],'ResultPath':'$.e','Output':1,'Next':'B'}],"
			"'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Succeed'}}},'Next':'B'},'B':{'Type':'Succeed'}"),
			{{SVF, "/States/A/ItemReader", "The QueryLanguage is set to 'JSONata', but field 'Parameters'", false},
				{SVF, "/States/A/ItemReader/ReaderConfig", "The QueryLanguage is set to 'JSONata', but field 'MaxItemsPath'", false},
				{SVF, "/States/A/ItemBatcher", "The QueryLanguage is set to 'JSONata', but field 'MaxInputBytesPerBatchPath'", false},
				{SVF, "/States/A/ResultWriter", "The QueryLanguage is set to 'JSONata', but field 'Parameters'", false},
		{SVF, "/States/A/Catch[0]", "The QueryLanguage is set to 'JSONata', but field 'ResultPath'", false}}, WF_STANDARD},
		/* a Map's own language does not reach its inner states */
		{MACHINE("'A':{'Type':'Map','QueryLanguage':'JSONata','Items':[1],'End':true,'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Pass','Output':1,'End':true}}}}"),
		{{SVF, "/States/A/ItemProcessor/States/I", "The QueryLanguage is set to 'JSONPath', but field 'Output'", false}}, WF_STANDARD},
		{"{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Pass','Output':{'a':['{% 1','2 %}','{%3%}','{%  %}']},'End':true}}}",
			{{SVF, "/States/A/Output/a[0]", "JSONata string must start with {% and end with %}", false},
				{SVF, "/States/A/Output/a[1]", "JSONata string must start", false},
		{IJE, "/States/A/Output/a[3]", "Unexpected end of expression", false}}, WF_STANDARD},
		{"{'QueryLanguage':'JSONata','StartAt':'A','States':{'A':{'Type':'Choice','Choices':[{'Variable':'$.a','IsNull':true,'Next':'B'},"
			"{'Condition':1,'Next':'B'}]},'B':{'Type':'Task','Resource':'sql:query','Arguments':[],'TimeoutSeconds':'{% 1 %}','End':true}}}",
			{{SVF, "/States/A/Choices[0]", "The QueryLanguage is set to 'JSONata', but field 'Variable'", false},
				{SVF, "/States/A/Choices[0]", "The QueryLanguage is set to 'JSONata', but field 'IsNull'", false},
				{SVF, "/States/A/Choices[1]/Condition", "Expected value of type Boolean, or a JSONata expression", false},
		{SVF, "/States/B/Arguments", "Expected value of type Object", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

#define JSONATA(states) "{'QueryLanguage':'JSONata','StartAt':'A','States':{" states "}}"
#define NO_TOP(name) "Reference to '" name "' at the top level is not supported."
#define BLOCK "{'StartAt':'I','States':{'I':{'Type':'Succeed'}}}"

/* The language's own errors, in every field where it may stand. */
static void
queries_are_read(void **state)
{
	static const Case cases[] = {
		{JSONATA("'A':{'Type':'Pass','Assign':{'x':'{% (1 %}','y':[{'z':'{% 1 2 %}'}]},'Output':'{% $sum( %}','End':true}"),
			{{IJE, "/States/A/Assign/x", "", false}, {IJE, "/States/A/Assign/y[0]/z", "", false}, {IJE, "/States/A/Output", "", false}},
		WF_STANDARD},
		{JSONATA("'A':{'Type':'Task','Resource':'sql:query','Arguments':{'a':'{% a[1,2) %}'},'TimeoutSeconds':'{% 1 + %}',"
				 "'HeartbeatSeconds':'{% { %}','Credentials':'{% ] %}','Catch':[{'ErrorEquals':['X'],'Output':'{% ( %}',"
				 "'Assign':{'v':'{% ) %}'},'Next':'A'}],'End':true}"),
			{{IJE, "/States/A/Arguments/a", "Expected \"]\", got \",\"", false},
				{IJE, "/States/A/TimeoutSeconds", "Unexpected end of expression", false}, {IJE, "/States/A/HeartbeatSeconds", "", false},
				{IJE, "/States/A/Credentials", "", false}, {IJE, "/States/A/Catch[0]/Output", "", false},
		{IJE, "/States/A/Catch[0]/Assign/v", "", false}}, WF_STANDARD},
		{JSONATA("'A':{'Type':'Choice','Choices':[{'Condition':'{% ( %}','Output':'{% ( %}','Assign':{'v':'{% ( %}'},'Next':'B'}],'Default':'B'},"
				 "'B':{'Type':'Wait','Seconds':'{% ( %}','Next':'C'},'C':{'Type':'Wait','Timestamp':'{% ( %}','Next':'D'},"
				 "'D':{'Type':'Fail','Error':'{% ( %}','Cause':'{% ( %}'}"),
			{{IJE, "/States/A/Choices[0]/Condition", "", false}, {IJE, "/States/A/Choices[0]/Output", "", false},
				{IJE, "/States/A/Choices[0]/Assign/v", "", false}, {IJE, "/States/B/Seconds", "", false}, {IJE, "/States/C/Timestamp", "", false},
		{IJE, "/States/D/Error", "", false}, {IJE, "/States/D/Cause", "", false}}, WF_STANDARD},
		{JSONATA("'A':{'Type':'Map','Items':['{% ( %}'],'ItemSelector':'{% ( %}','MaxConcurrency':'{% ( %}','ToleratedFailureCount':'{% ( %}',"
				 "'ToleratedFailurePercentage':'{% ( %}','ItemReader':{'Resource':'sql:query','Arguments':'{% ( %}',"
				 "'ReaderConfig':{'MaxItems':'{% ( %}'}},'ItemBatcher':{'MaxItemsPerBatch':'{% ( %}','MaxInputBytesPerBatch':'{% ( %}',"
				 "'BatchInput':{'b':'{% ( %}'}},'ResultWriter':{'Resource':'function:f','Arguments':{'k':'{% ( %}'}},"
				 "'ItemProcessor':" BLOCK ",'End':true}"),
			{{IJE, "/States/A/Items[0]", "", false}, {IJE, "/States/A/ItemSelector", "", false}, {IJE, "/States/A/MaxConcurrency", "", false},
				{IJE, "/States/A/ToleratedFailureCount", "", false}, {IJE, "/States/A/ToleratedFailurePercentage", "", false},
				{IJE, "/States/A/ItemReader/Arguments", "", false}, {IJE, "/States/A/ItemReader/ReaderConfig/MaxItems", "", false},
				{IJE, "/States/A/ItemBatcher/MaxItemsPerBatch", "", false}, {IJE, "/States/A/ItemBatcher/MaxInputBytesPerBatch", "", false},
		{IJE, "/States/A/ItemBatcher/BatchInput/b", "", false}, {IJE, "/States/A/ResultWriter/Arguments/k", "", false}}, WF_STANDARD},
		/* where text is text it is not looked at */
		{JSONATA("'A':{'Type':'Task','Comment':'{% ( %}','Resource':'sql:query','Arguments':{},"
				 "'Retry':[{'ErrorEquals':['{% ( %}']}],'End':true}"), {{0}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','Parameters':{'v':'{% ( %}'},'Result':'{% ( %}','End':true}"), {{0}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

/* A query refers to what there is where it stands. */
static void
queries_have_no_document(void **state)
{
	static const Case cases[] = {
		{JSONATA("'A':{'Type':'Pass','Output':{'a':'{% phone[0] %}','b':'{% $.phone %}','c':'{% $$ %}','d':'{% aaa + bbb + aaa %}'},'End':true}"),
			{{UJE, "/States/A/Output/a", NO_TOP("phone"), false}, {UJE, "/States/A/Output/b", NO_TOP("$"), false},
				{UJE, "/States/A/Output/c", "Reference to '$$' is not supported.", false},
		{UJE, "/States/A/Output/d", NO_TOP("aaa"), false}, {UJE, "/States/A/Output/d", NO_TOP("bbb"), false}}, WF_STANDARD},
		{JSONATA("'A':{'Type':'Pass','Output':['{% $states.input.phone %}','{% $states.input.items[phone > $.limit] %}',"
				 "'{% $map($states.input.a, function($x){ $x.phone }) %}','{% $phone %}','{% $states.context.Execution.Id %}',"
				 "'{% $states.input.{\\'a\\': b}^(c) %}'],'End':true}"), {{0}}, WF_STANDARD},
		{JSONATA("'A':{'Type':'Pass','Output':'{% $map($states.input.a, function($x){ b }) %}','End':true}"),
		{{UJE, "/States/A/Output", NO_TOP("b"), false}}, WF_STANDARD},
		/* the fields of $states */
		{JSONATA("'A':{'Type':'Pass','Output':'{% $states.result %}','Assign':{'x':'{% $states.errorOutput %}','y':'{% $states.item %}'},'End':true}"),
			{{UJE, "/States/A/Output", "Field '$states.result' does not exist.", false},
				{UJE, "/States/A/Assign/x", "Field '$states.errorOutput' does not exist.", false},
		{UJE, "/States/A/Assign/y", "Field '$states.item' does not exist.", false}}, WF_STANDARD},
		{JSONATA("'A':{'Type':'Task','Resource':'sql:query','Arguments':'{% $states.result %}','Output':'{% [$states.result, $states.errorOutput] %}',"
				 "'Catch':[{'ErrorEquals':['X'],'Output':'{% [$states.errorOutput, $states.result] %}','Next':'A'}],'End':true}"),
			{{UJE, "/States/A/Arguments", "Field '$states.result' does not exist.", false},
				{UJE, "/States/A/Output", "Field '$states.errorOutput' does not exist.", false},
		{UJE, "/States/A/Catch[0]/Output", "Field '$states.result' does not exist.", false}}, WF_STANDARD},
		{JSONATA("'A':{'Type':'Map','ItemProcessor':" BLOCK ",'Output':'{% $states.result %}','Assign':{'r':'{% $states.result %}'},'Next':'B'},"
				 "'B':{'Type':'Parallel','Branches':[" BLOCK "],'Output':'{% $states.result %}','Next':'C'},"
				 "'C':{'Type':'Choice','Choices':[{'Condition':'{% true %}','Output':'{% $states.result %}','Next':'D'}],'Default':'D'},"
				 "'D':{'Type':'Succeed'}"),
			{{"DUPLICATE_STATE_NAME", "/States/B/Branches[0]/States/I", "Duplicate State name: I", false},
		{UJE, "/States/C/Choices[0]/Output", "Field '$states.result' does not exist.", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

/* Labels, and what a distributed Map reads, batches and writes. */
static void
parts_of_distributed_maps_are_checked(void **state)
{
#define MAP(fields) MACHINE("'A':{'Type':'Map'," fields ",'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Succeed'}}},'End':true}")
#define READER(config) MAP("'ItemReader':{'Resource':'arn:aws:states:::s3:getObject','ReaderConfig':" config "}")
	static const Case cases[] = {
		{READER("{'InputType':'CSV','CSVHeaderLocation':'GIVEN','CSVHeaders':['a','b'],'CSVDelimiter':'PIPE','MaxItems':1}"), {{0}}, WF_STANDARD},
		{READER("{'InputType':'JSON','CSVHeaderLocation':'FIRST_ROW'}"),
		{{SVF, "/States/A/ItemReader/ReaderConfig", "Field 'CSVHeaderLocation' is not supported", false}}, WF_STANDARD},
		{READER("{'InputType':'CSV','CSVHeaderLocation':'GIVEN'}"),
		{{SVF, "/States/A/ItemReader/ReaderConfig", "These fields are required: [CSVHeaders]", false}}, WF_STANDARD},
		{READER("{'InputType':'XML','CSVHeaders':['a',1],'CSVDelimiter':',','ItemsPointer':1,'MaxItems':100000001}"),
			{{SVF, "/States/A/ItemReader/ReaderConfig/InputType", "Value should be one of the following: [CSV, JSON, JSONL, PARQUET, MANIFEST]", false},
				{SVF, "/States/A/ItemReader/ReaderConfig/CSVHeaders[1]", "Expected value of type String", false},
				{SVF, "/States/A/ItemReader/ReaderConfig/CSVDelimiter", "Value should be one of", false},
				{SVF, "/States/A/ItemReader/ReaderConfig/ItemsPointer", "Expected value of type String", false},
		{SVF, "/States/A/ItemReader/ReaderConfig/MaxItems", "Maximum value is 100000000", false}}, WF_STANDARD},
		{READER("{'CSVHeaders':{},'MaxItems':1,'MaxItemsPath':'$.m'}"),
			{{SVF, "/States/A/ItemReader/ReaderConfig/CSVHeaders", "Expected value of type Array", false},
		{SVF, "/States/A/ItemReader/ReaderConfig", "There should only be one of the following fields: [MaxItems, MaxItemsPath]", false}}, WF_STANDARD},
		{READER("{'InputType':'PARQUET'}"),
		{{SVF, "/States/A/ItemReader/ReaderConfig", "InputType PARQUET is not supported", false}}, WF_STANDARD},
		{READER("{'InputType':'MANIFEST'}"), {{0}}, WF_STANDARD},
		{READER("{'ManifestType':'S3_INVENTORY'}"), {{0}}, WF_STANDARD},
		{READER("{'ManifestType':'S3_INVENTORY','InputType':'JSONL'}"),
		{{SVF, "/States/A/ItemReader/ReaderConfig", "The files of an S3 inventory must be CSV", false}}, WF_STANDARD},
		{READER("{'ManifestType':'ATHENA_DATA','InputType':'JSONL'}"), {{0}}, WF_STANDARD},
		{READER("{'ManifestType':'ATHENA_DATA'}"),
		{{SVF, "/States/A/ItemReader/ReaderConfig", "The field 'InputType' must be CSV or JSONL", false}}, WF_STANDARD},
		{READER("{'Transformation':'LOAD_AND_FLATTEN','InputType':'JSON'}"),
		{{SVF, "/States/A/ItemReader/ReaderConfig", "The Transformation LOAD_AND_FLATTEN is supported for the Resource s3:listObjectsV2 only", false}}, WF_STANDARD},
		{MAP("'ItemReader':{'Resource':'arn:aws:states:::s3:listObjectsV2','ReaderConfig':{'Transformation':'LOAD_AND_FLATTEN','InputType':'JSONL'}}"),
		{{0}}, WF_STANDARD},
		{MAP("'ItemReader':{'Resource':'arn:aws:states:::s3:listObjectsV2','ReaderConfig':{'Transformation':'LOAD_AND_FLATTEN'}}"),
		{{SVF, "/States/A/ItemReader/ReaderConfig", "The field 'InputType' must be CSV, JSON or JSONL", false}}, WF_STANDARD},
		{MAP("'ItemBatcher':{'MaxItemsPerBatch':1,'MaxItemsPerBatchPath':'$.a','MaxInputBytesPerBatch':262145}"),
			{{SVF, "/States/A/ItemBatcher/MaxInputBytesPerBatch", "Maximum value is 262144", false},
		{SVF, "/States/A/ItemBatcher", "There should only be one of the following fields: [MaxItemsPerBatch, MaxItemsPerBatchPath]", false}}, WF_STANDARD},
		{MAP("'ItemReader':{'Resource':'activity:a'},'ResultWriter':{'Resource':'function:f.x.waitForTaskToken'}"),
			{{SVF, "/States/A/ItemReader/Resource", "Readers and writers support neither activities", false},
		{SVF, "/States/A/ResultWriter/Resource", "Readers and writers support neither activities", false}}, WF_STANDARD},
		{MAP("'ResultWriter':{'WriterConfig':{'Transformation':'NONE'}}"),
		{{SVF, "/States/A/ResultWriter/WriterConfig", "These fields are required: [OutputType]", false}}, WF_STANDARD},
		{MAP("'ResultWriter':{'WriterConfig':{}}"),
		{{SVF, "/States/A/ResultWriter/WriterConfig", "These fields are required: [OutputType]", false}}, WF_STANDARD},
		{MAP("'ResultWriter':{'WriterConfig':{'OutputType':'JSONL'}}"), {{0}}, WF_STANDARD},
		{MAP("'Label':1"), {{SVF, "/States/A/Label", "Expected value of type String", false}}, WF_STANDARD},
		{MAP("'Label':''"), {{"INVALID_LABEL_NAME", "/States/A/Label", "The label must be 1 to 40 characters long", false}}, WF_STANDARD},
		{MAP("'Label':'1234567890123456789012345678901234567890'"), {{0}}, WF_STANDARD},
		{MAP("'Label':'12345678901234567890123456789012345678901'"),
		{{"INVALID_LABEL_NAME", "/States/A/Label", "The label must be 1 to 40 characters long", false}}, WF_STANDARD},
		{MAP("'Label':'a\\u007f'"), {{"INVALID_LABEL_NAME", "/States/A/Label", "The label must not", false}}, WF_STANDARD},
		{MAP("'Label':'a\\u0085'"), {{"INVALID_LABEL_NAME", "/States/A/Label", "The label must not", false}}, WF_STANDARD},
		{MAP("'Label':'a\\ufffe'"), {{"INVALID_LABEL_NAME", "/States/A/Label", "The label must not", false}}, WF_STANDARD},
		{MAP("'Label':'a\\udbff\\udfff'"), {{"INVALID_LABEL_NAME", "/States/A/Label", "The label must not", false}}, WF_STANDARD},
		{MAP("'Label':'\\u00e4-_.1'"), {{0}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Map','Label':'x','ItemProcessor':{'StartAt':'I','States':{'I':{'Type':'Map','Label':'x','Iterator':"
			"{'StartAt':'J','States':{'J':{'Type':'Succeed'}}},'End':true}}},'End':true}"),
		{{"DUPLICATE_LABEL_NAME", "/States/A/ItemProcessor/States/I/Label", "Duplicate label name: x", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

static void
types_of_values_are_checked(void **state)
{
	static const Case cases[] = {
		{"{'Comment':1,'StartAt':'A','States':{'A':{'Type':'Succeed','Comment':[]}}}",
			{{SVF, "/Comment", "Expected value of type String", false}, {SVF, "/States/A/Comment", "Expected value of type String", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Task','Resource':1,'Assign':[],'ResultSelector':'$','Credentials':'x','End':1}"),
			{{SVF, "/States/A/Resource", "Expected value of type String", false}, {SVF, "/States/A/Assign", "Expected value of type Object", false},
				{SVF, "/States/A/ResultSelector", "Expected value of type Object", false},
				{SVF, "/States/A/Credentials", "Expected value of type Object", false}, {SVF, "/States/A/End", "Expected value of type Boolean", false},
		{"MISSING_END_STATE", NULL, "Workflow has no terminal state", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Parallel','Branches':{},'Retry':[{'ErrorEquals':'X'}],'Catch':{},'End':true}"),
			{{SVF, "/States/A/Branches", "Expected value of type Array", false}, {SVF, "/States/A/Retry[0]/ErrorEquals", "Expected value of type Array", false},
		{SVF, "/States/A/Catch", "Expected value of type Array", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Map','ItemProcessor':[],'ItemReader':1,'End':true}"),
			{{SVF, "/States/A/ItemProcessor", "Expected value of type Object", false}, {SVF, "/States/A/ItemReader", "Expected value of type Object", false}},
		WF_STANDARD},
		{MACHINE("'A':{'Type':'Choice','Choices':{},'Default':1}"),
			{{SVF, "/States/A/Choices", "Expected value of type Array", false}, {SVF, "/States/A/Default", "Expected value of type String", false},
		{"MISSING_END_STATE", NULL, "Workflow has no terminal state", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Fail','ErrorPath':1,'CausePath':'States.Format(1'}"),
			{{SVF, "/States/A/ErrorPath", "Expected value of type String", false},
		{SVF, "/States/A/CausePath", "Value must be a valid JSONPath or a valid intrinsic function call: ", false}}, WF_STANDARD},
		{MACHINE("'A':{'Type':'Pass','QueryLanguage':'JSONata','Output':'{% 1','Next':'B'},"
			"'B':{'Type':'Task','QueryLanguage':'JSONata','Resource':'sql:query','Arguments':'{% $x %}','Next':'C'},"
			"'C':{'Type':'Parallel','QueryLanguage':'JSONata','Arguments':'x','Branches':[{'StartAt':'I','States':{'I':{'Type':'Succeed'}}}],'Next':'D'},"
			"'D':{'Type':'Map','QueryLanguage':'JSONata','Items':'x','Iterator':{'StartAt':'J','States':{'J':{'Type':'Succeed'}}},'Next':'E'},"
			"'E':{'Type':'Fail','QueryLanguage':'JSONata','Error':'{% $e','Cause':'{% $c %}'}"),
			{{SVF, "/States/A/Output", "JSONata string must start with {% and end with %}", false},
				{SVF, "/States/C/Arguments", "Expected value of type Object", false}, {SVF, "/States/D/Items", "Expected value of type Array", false},
		{SVF, "/States/E/Error", "JSONata string must start with {% and end with %}", false}}, WF_STANDARD},
		/* a Result is not computed, whatever it looks like, at whatever depth */
		{MACHINE("'A':{'Type':'Pass','Result':{'x':{'y.$':'$.z'}},'End':true}"),
		{{"PASS_RESULT_IS_STATIC", "/States/A/Result/x", "", true}}, WF_STANDARD},
		/* names of variables: 80 characters, not bytes */
		{MACHINE("'A':{'Type':'Pass','Assign':{'a1234567890123456789012345678901234567890123456789012345678901234567890123456789':1,"
			"'\\u00e41234567890123456789012345678901234567890123456789012345678901234567890123456789':1,"
			"'b12345678901234567890123456789012345678901234567890123456789012345678901234567890.$':'$'},'End':true}"),
			{{"INVALID_VARIABLE_NAME", "/States/A/Assign/b12345678901234567890123456789012345678901234567890123456789012345678901234567890.$",
		"Invalid variable name 'b12345678901234567890123456789012345678901234567890123456789012345678901234567890': it is longer", false}}, WF_STANDARD},
	};

	(void) state;
	RUN(cases);
}

/* Which fields the types of states have, as the language's tables say it: any other is "not supported". */
static void
each_type_has_its_fields(void **state)
{
	static const struct
	{
		const char *type;
		const char *fields;
	}			types[] = {
		{"Pass", "InputPath OutputPath Result ResultPath Parameters Output Assign Next End"},
		{"Task", "InputPath OutputPath ResultPath Parameters Arguments Output Assign Resource Credentials ResultSelector Retry Catch "
			"TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath Next End"},
		{"Wait", "InputPath OutputPath Output Assign Seconds Timestamp SecondsPath TimestampPath Next End"},
		{"Parallel", "InputPath OutputPath ResultPath Parameters Arguments Output Assign ResultSelector Retry Catch Branches Next End"},
		{"Map", "InputPath OutputPath ResultPath Parameters Output Assign ResultSelector Retry Catch ItemProcessor Iterator ItemsPath Items "
			"ItemSelector ItemReader ItemBatcher ResultWriter MaxConcurrency MaxConcurrencyPath ToleratedFailurePercentage "
		"ToleratedFailurePercentagePath ToleratedFailureCount ToleratedFailureCountPath Label Next End"},
		{"Choice", "InputPath OutputPath Output Assign Choices Default"},
		{"Succeed", "InputPath OutputPath Output"},
		{"Fail", "Error Cause ErrorPath CausePath"},
	};
	static const char *const further[] = {"Type", "Comment", "QueryLanguage", "Variable", "StartAt", "States", "inputPath"};
	int			supported = 0;

	(void) state;
	for (size_t t = 0; t < sizeof(types) / sizeof(*types); t++)
	{
		for (size_t u = 0; u < sizeof(types) / sizeof(*types) + 1; u++)
		{
			char		names[1000] = "";
			char	   *rest = names;

			if (u < sizeof(types) / sizeof(*types))
				strcpy(names, types[u].fields);
			else
			{
				for (size_t i = 0; i < sizeof(further) / sizeof(*further); i++)
					sprintf(names + strlen(names), "%s ", further[i]);
			}
			for (char *name = strtok_r(rest, " ", &rest); name != NULL; name = strtok_r(rest, " ", &rest))
			{
				char		text[300];
				char		message[100];
				char		padded[1000];
				char		searched[60];
				bool		expected = strcmp(name, "Type") == 0 || strcmp(name, "Comment") == 0 || strcmp(name, "QueryLanguage") == 0;
				bool		found = true;
				WfDiagnostics diagnostics;

				snprintf(padded, sizeof(padded), " %s ", types[t].fields);
				snprintf(searched, sizeof(searched), " %s ", name);
				expected = expected || strstr(padded, searched) != NULL;
				if (strcmp(name, "Type") == 0)
					snprintf(text, sizeof(text), "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"%s\"}}}", types[t].type);
				else
					snprintf(text, sizeof(text), "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"%s\",\"%s\":0}}}", types[t].type, name);
				snprintf(message, sizeof(message), "Field '%s' is not supported", name);
				assert_true(wf_definition_check(text, strlen(text), WF_STANDARD, &diagnostics));
				for (int i = 0; i < diagnostics.n; i++)
				{
					if (strcmp(diagnostics.items[i].message, message) == 0)
					{
						assert_string_equal(diagnostics.items[i].location, "/States/A");
						found = false;
					}
				}
				if (found != expected)
					fail_msg("%s.%s is %ssupported", types[t].type, name, found ? "" : "not ");
				supported += found;
				wf_diagnostics_free(&diagnostics);
			}
		}
	}
	assert_true(supported > 0);
}

/* A text that grows. */
typedef struct Text
{
	char	   *text;
	size_t		length;
	size_t		capacity;
} Text;

static void __attribute__((format(printf, 2, 3)))
add(Text *text, const char *format, ...)
{
	va_list		arguments;

	if (text->capacity - text->length < 1024)
		text->text = realloc(text->text, text->capacity = text->capacity * 2 + 4096);
	va_start(arguments, format);
	text->length += (size_t) vsnprintf(text->text + text->length, text->capacity - text->length, format, arguments);
	va_end(arguments);
}

static void
nesting_is_bounded(void **state)
{
	Text		text = {0};
	WfDiagnostics diagnostics;

	(void) state;
	for (int i = 0; i < 60; i++)
		add(&text, "{\"StartAt\":\"S%d\",\"States\":{\"S%d\":{\"Type\":\"Map\",\"End\":true,\"ItemProcessor\":", i, i);
	add(&text, "{\"StartAt\":\"E\",\"States\":{\"E\":{\"Type\":\"Succeed\"}}}");
	for (int i = 0; i < 60; i++)
		add(&text, "}}}");
	assert_true(wf_definition_check(text.text, text.length, WF_STANDARD, &diagnostics));
	assert_int_equal(diagnostics.n_errors, 1);
	assert_string_equal(diagnostics.items[0].code, "TOO_DEEPLY_NESTED");
	wf_diagnostics_free(&diagnostics);
	free(text.text);
}

static void
a_megabyte_is_checked_quickly(void **state)
{
	Text		text = {0};
	WfDiagnostics diagnostics;
	clock_t		from;

	(void) state;
	add(&text, "{\"StartAt\":\"S0\",\"States\":{");
	for (int i = 0; i < 8000; i++)
		add(&text, "\"S%d\":{\"Type\":\"Parallel\",\"Assign\":{\"v%d.$\":\"$.a.b\"},\"Branches\":[{\"StartAt\":\"I%d\",\"States\":"
			"{\"I%d\":{\"Type\":\"Succeed\"}}}],\"Next\":\"S%d\"},", i, i, i, i, i + 1);
	add(&text, "\"S8000\":{\"Type\":\"Succeed\"}}}");
	assert_in_range(text.length, 1000000, 1300000);
	from = clock();
	assert_true(wf_definition_check(text.text, text.length, WF_STANDARD, &diagnostics));
	assert_int_equal(diagnostics.n, 0);
	/* generous: under sanitizers, on a busy machine */
	assert_true((double) (clock() - from) / CLOCKS_PER_SEC < 20);
	wf_diagnostics_free(&diagnostics);
	free(text.text);
}

/* A variable of thousands of states before is known to be set, however many others are. */
static void
long_ways_are_followed(void **state)
{
	Text		text = {0};
	WfDiagnostics diagnostics;

	(void) state;
	add(&text, "{\"StartAt\":\"S0\",\"States\":{");
	for (int i = 0; i < 5000; i++)
		add(&text, "\"S%d\":{\"Type\":\"Parallel\",\"Assign\":{\"v%d\":0},\"Branches\":[{\"StartAt\":\"I%d\",\"States\":{\"I%d\":"
			"{\"Type\":\"Pass\",\"Assign\":{\"v%d\":1,\"v%d\":1},\"End\":true}}}],\"Next\":\"S%d\"},", i, i, i, i, i,
			i < 4999 ? i + 1 : 0, i + 1);
	add(&text, "\"S5000\":{\"Type\":\"Succeed\"}}}");
	assert_true(wf_definition_check(text.text, text.length, WF_STANDARD, &diagnostics));
	assert_int_equal(diagnostics.n, 1);
	assert_string_equal(diagnostics.items[0].location, "/States/S4999/Branches[0]/States/I4999/Assign/v0");
	wf_diagnostics_free(&diagnostics);
	free(text.text);
}

static void
diagnostics_are_bounded(void **state)
{
	Text		text = {0};
	WfDiagnostics diagnostics;

	(void) state;
	add(&text, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\"Parameters\":{");
	for (int i = 0; i < 3000; i++)
		add(&text, "\"w%d\":\"$.x\",\"e%d.$\":\"x\",", i, i);
	add(&text, "\"");
	for (int i = 0; i < 3000; i++)
		add(&text, "ü");
	add(&text, ".$\":\"x\"}}}}");
	assert_true(wf_definition_check(text.text, text.length, WF_STANDARD, &diagnostics));
	assert_int_equal(diagnostics.n_errors, 500);
	assert_int_equal(diagnostics.n, 1000);
	wf_diagnostics_free(&diagnostics);
	free(text.text);
}

static void
long_names_are_cut_between_characters(void **state)
{
	Text		text = {0};
	WfDiagnostics diagnostics;
	json_t	   *message;

	(void) state;
	for (int shift = 0; shift < 3; shift++)
	{
		text.length = 0;
		add(&text, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\"%.*s", shift, "xxx");
		for (int i = 0; i < 3000; i++)
			add(&text, "€");
		add(&text, "\":1,\"Parameters\":{\"%.*s", shift, "xxx");
		for (int i = 0; i < 3000; i++)
			add(&text, "€");
		add(&text, "\":{\"a.$\":1}}}}}");
		assert_true(wf_definition_check(text.text, text.length, WF_STANDARD, &diagnostics));
		assert_int_equal(diagnostics.n_errors, 2);
		for (int i = 0; i < 2; i++)
		{
			message = json_string(diagnostics.items[i].message);
			assert_non_null(message);	/* NULL where it is no UTF-8 */
			json_decref(message);
			message = json_string(diagnostics.items[i].location);
			assert_non_null(message);
			json_decref(message);
		}
		wf_diagnostics_free(&diagnostics);
	}
	free(text.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_are_checked),
		cmocka_unit_test(states_are_checked),
		cmocka_unit_test(single_types_are_checked),
		cmocka_unit_test(retriers_and_catchers_are_checked),
		cmocka_unit_test(choices_are_checked),
		cmocka_unit_test(templates_are_checked),
		cmocka_unit_test(variables_of_outer_scopes_are_only_read),
		cmocka_unit_test(blocks_inside_are_checked),
		cmocka_unit_test(express_machines_are_limited),
		cmocka_unit_test(query_languages_are_kept_apart),
		cmocka_unit_test(queries_are_read),
		cmocka_unit_test(queries_have_no_document),
		cmocka_unit_test(parts_of_distributed_maps_are_checked),
		cmocka_unit_test(types_of_values_are_checked),
		cmocka_unit_test(each_type_has_its_fields),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(a_megabyte_is_checked_quickly),
		cmocka_unit_test(long_ways_are_followed),
		cmocka_unit_test(diagnostics_are_bounded),
		cmocka_unit_test(long_names_are_cut_between_characters),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
