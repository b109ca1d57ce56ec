/*
 * test_definition.c - definitions to trees.
 */
#include "unit.h"

#include "asl/definition.h"
#include "asl/resource_use.h"

static WfDefinition *
parse(const char *text)
{
	WfError		error = WF_ERROR_NONE;
	char	   *copy = strdup(text);
	WfDefinition *definition;

	for (char *c = copy; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	definition = wf_definition_parse(copy, strlen(copy), &error);
	if (definition == NULL)
		fail_msg("%s", error.cause);
	free(copy);
	return definition;
}

static void
states_are_numbered_as_they_stand(void **state)
{
	static const char *const names[] = {"P", "A1", "A2", "M", "M1", "B1", "End"};
	WfDefinition *definition = parse(
		"{'StartAt':'P','TimeoutSeconds':60,'States':{"
		" 'P':{'Type':'Parallel','Next':'End','Branches':["
		"  {'StartAt':'A2','States':{'A1':{'Type':'Pass','End':true},'A2':{'Type':'Pass','Next':'A1'}}},"
		"  {'StartAt':'M','States':{'M':{'Type':'Map','Next':'B1','ItemsPath':'$.l','MaxConcurrency':3,"
		"    'ItemProcessor':{'StartAt':'M1','States':{'M1':{'Type':'Succeed'}}}},'B1':{'Type':'Succeed'}}}]},"
		" 'End':{'Type':'Succeed'}}}");
	const WfState *parallel = definition->states[0];
	const WfState *map = definition->states[3];

	(void) state;
	assert_int_equal(definition->timeout, 60);
	assert_int_equal(definition->n_states, 7);
	assert_int_equal(definition->n_blocks, 4);
	for (int i = 0; i < 7; i++)
	{
		assert_string_equal(definition->states[i]->name, names[i]);
		assert_int_equal(definition->states[i]->id, i);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(definition->blocks[i]->id, i);

	assert_ptr_equal(definition->blocks[0]->start, parallel);
	assert_null(definition->blocks[0]->owner);
	assert_int_equal(definition->blocks[0]->n_states, 2);
	assert_ptr_equal(parallel->next, definition->states[6]);
	assert_int_equal(parallel->parallel.n_branches, 2);
	assert_ptr_equal(parallel->parallel.branches[1], definition->blocks[2]);
	assert_int_equal(parallel->parallel.branches[1]->branch, 1);
	assert_ptr_equal(parallel->parallel.branches[1]->owner, parallel);
	assert_string_equal(parallel->parallel.branches[0]->start->name, "A2");
	assert_ptr_equal(definition->states[2]->next, definition->states[1]);
	assert_ptr_equal(definition->states[1]->block, definition->blocks[1]);
	assert_null(definition->states[1]->next);

	assert_ptr_equal(map->map.processor, definition->blocks[3]);
	assert_string_equal(wf_path_text(map->map.items_path.path), "$.l");
	assert_int_equal(map->map.max_concurrency.value, 3);
	assert_true(map->map.max_concurrency.given);
	assert_false(map->map.distributed);
	wf_definition_free(definition);
}

static void
fields_of_the_data_flow_are_compiled(void **state)
{
	WfDefinition *definition = parse(
		"{'StartAt':'T','States':{"
		" 'T':{'Type':'Task','Resource':'function:public.f','InputPath':null,'Parameters':{'x.$':'$.a'},"
		"  'ResultSelector':{'y.$':'$.b'},'ResultPath':null,'OutputPath':'$.o','Assign':{'v.$':'$.c'},"
		"  'TimeoutSecondsPath':'$.t','HeartbeatSeconds':5,"
		"  'Retry':[{'ErrorEquals':['A','B'],'IntervalSeconds':2,'MaxAttempts':0,'BackoffRate':1.5,'MaxDelaySeconds':9,"
		"            'JitterStrategy':'FULL'},{'ErrorEquals':['States.ALL']}],"
		"  'Catch':[{'ErrorEquals':['A'],'Next':'F','ResultPath':'$.e','Assign':{'w':1}},"
		"           {'ErrorEquals':['States.ALL'],'Next':'P','ResultPath':null}],'Next':'P'},"
		" 'P':{'Type':'Pass','Result':{'r':1},'Next':'F'},"
		" 'F':{'Type':'Fail','Error':'E','CausePath':'$.c'}}}");
	const WfState *task = definition->states[0];
	const WfState *fail = definition->states[2];

	(void) state;
	assert_int_equal(task->type, WF_TASK);
	assert_string_equal(wf_state_type_word(task->type), "Task");
	assert_true(task->input_path.null);
	assert_null(task->input_path.path);
	assert_true(task->result_path.null);
	assert_false(task->output_path.null);
	assert_string_equal(wf_path_text(task->output_path.path), "$.o");
	assert_non_null(task->parameters);
	assert_non_null(task->result_selector);
	assert_non_null(task->assign);
	assert_string_equal(task->task.resource.action, "public.f");
	assert_true(task->task.timeout.given);
	assert_string_equal(wf_path_text(task->task.timeout.path), "$.t");
	assert_int_equal(task->task.heartbeat.value, 5);

	assert_int_equal(task->n_retriers, 2);
	assert_int_equal(task->retriers[0].n_errors, 2);
	assert_string_equal(task->retriers[0].errors[1], "B");
	assert_int_equal(task->retriers[0].interval, 2);
	assert_int_equal(task->retriers[0].max_attempts, 0);
	assert_true(task->retriers[0].backoff_rate == 1.5);
	assert_int_equal(task->retriers[0].max_delay, 9);
	assert_true(task->retriers[0].full_jitter);
	assert_int_equal(task->retriers[1].interval, 1);
	assert_int_equal(task->retriers[1].max_attempts, 3);
	assert_true(task->retriers[1].backoff_rate == 2.0);
	assert_int_equal(task->retriers[1].max_delay, 0);
	assert_false(task->retriers[1].full_jitter);

	assert_int_equal(task->n_catchers, 2);
	assert_ptr_equal(task->catchers[0].next, fail);
	assert_string_equal(wf_path_text(task->catchers[0].result_path), "$.e");
	assert_false(task->catchers[0].discard);
	assert_non_null(task->catchers[0].assign);
	assert_true(task->catchers[1].discard);

	assert_json(json_incref(definition->states[1]->pass.result), "{'r':1}");
	assert_string_equal(fail->fail.error, "E");
	assert_null(fail->fail.cause);
	assert_string_equal(wf_expression_text(fail->fail.cause_expression), "$.c");
	assert_null(fail->fail.error_expression);
	wf_definition_free(definition);
}

static void
choices_and_waits_are_compiled(void **state)
{
	WfDefinition *definition = parse(
		"{'StartAt':'C','States':{"
		" 'C':{'Type':'Choice','Default':'W2','Choices':[{'Variable':'$.a','IsNull':true,'Next':'W1','Assign':{'x':1}},"
		"   {'Not':{'Variable':'$.b','IsNull':true},'Next':'W3'}]},"
		" 'W1':{'Type':'Wait','Seconds':10,'End':true},"
		" 'W2':{'Type':'Wait','Timestamp':'1970-01-01T00:00:01Z','End':true},"
		" 'W3':{'Type':'Wait','TimestampPath':'$.t','Next':'W4'},"
		" 'W4':{'Type':'Wait','SecondsPath':'$.s','End':true}}}");
	const WfState *choice = definition->states[0];

	(void) state;
	assert_int_equal(choice->choice.n_rules, 2);
	assert_string_equal(choice->choice.rules[0].next->name, "W1");
	assert_string_equal(choice->choice.rules[1].next->name, "W3");
	assert_non_null(choice->choice.rules[0].condition);
	assert_non_null(choice->choice.rules[0].assign);
	assert_null(choice->choice.rules[1].assign);
	assert_string_equal(choice->choice.fallback->name, "W2");
	assert_int_equal(definition->states[1]->wait.seconds.value, 10);
	assert_true(definition->states[2]->wait.timestamp_given);
	assert_int_equal(definition->states[2]->wait.timestamp, 1000000);
	assert_string_equal(wf_path_text(definition->states[3]->wait.timestamp_path), "$.t");
	assert_string_equal(wf_path_text(definition->states[4]->wait.seconds.path), "$.s");
	wf_definition_free(definition);
}

static void
maps_have_their_selector(void **state)
{
	WfDefinition *definition = parse(
		"{'StartAt':'M','States':{'M':{'Type':'Map','Parameters':{'a':1},'MaxConcurrencyPath':'$.m',"
		"  'Iterator':{'StartAt':'N','States':{'N':{'Type':'Map','ItemSelector':{'b':2},'End':true,"
		"    'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'EXPRESS'},'StartAt':'S',"
		"      'States':{'S':{'Type':'Succeed'}}}}}},'End':true}}}");

	(void) state;
	assert_non_null(definition->states[0]->parameters);
	assert_non_null(definition->states[0]->map.max_concurrency.path);
	assert_null(definition->states[0]->map.items_path.path);
	assert_non_null(definition->states[1]->parameters);
	assert_true(definition->states[1]->map.distributed);
	assert_non_null(json_object_get(definition->states[1]->source, "ItemProcessor"));
	wf_definition_free(definition);
}

static void
jsonata_is_compiled(void **state)
{
	WfDefinition *definition = parse(
		"{'StartAt':'T','States':{'T':{'Type':'Task','QueryLanguage':'JSONata','Resource':'sql:query',"
		"  'Arguments':'{% $states.input %}','TimeoutSeconds':'{% 5 %}','Output':{'a':'{% 1 %}'},'Assign':{'v':'{% 2 %}'},"
		"  'Catch':[{'ErrorEquals':['States.ALL'],'Next':'C','Output':'{% 3 %}'}],'Next':'C'},"
		" 'C':{'Type':'Choice','QueryLanguage':'JSONata','Choices':[{'Condition':'{% true %}','Output':1,'Next':'W'}],'Default':'W'},"
		" 'W':{'Type':'Wait','QueryLanguage':'JSONata','Seconds':'{% 1 %}','Next':'D'},"
		" 'D':{'Type':'Map','QueryLanguage':'JSONata','Items':['{% 1 %}'],'ItemBatcher':{'MaxItemsPerBatch':'{%\\t$n %}'},"
		"  'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'STANDARD'},'StartAt':'I','States':{'I':{'Type':'Succeed'}}},'End':true}}}");
	const WfDistributed *distributed = definition->states[3]->map.distributed;
	const WfState *task = definition->states[0];

	(void) state;
	assert_int_equal(definition->language, WF_JSONPATH);
	assert_int_equal(task->language, WF_JSONATA);
	assert_non_null(json_object_get(task->source, "Arguments"));
	assert_string_equal(wf_query_text(wf_template_query(task->parameters)), "$states.input");
	assert_non_null(task->assign);
	assert_null(wf_template_query(task->output));
	assert_true(task->task.timeout.given);
	assert_string_equal(wf_query_location(task->task.timeout.query), "TimeoutSeconds");
	assert_int_equal(task->task.timeout.low, 1);
	assert_int_equal(task->task.timeout.high, 99999999);
	assert_string_equal(task->catchers[0].next->name, "C");
	assert_string_equal(wf_query_location(wf_template_query(task->catchers[0].output)), "Catch[0]/Output");
	assert_null(definition->states[1]->choice.rules[0].condition);
	assert_string_equal(wf_query_location(wf_template_query(definition->states[1]->choice.rules[0].query)), "Choices[0]/Condition");
	assert_non_null(definition->states[1]->choice.rules[0].output);
	assert_string_equal(definition->states[1]->choice.rules[0].next->name, "W");
	assert_string_equal(wf_query_text(definition->states[2]->wait.seconds.query), "1");
	assert_null(wf_template_query(definition->states[3]->map.items));
	assert_string_equal(wf_query_location(distributed->batch_items.query), "ItemBatcher/MaxItemsPerBatch");
	assert_string_equal(wf_query_text(distributed->batch_items.query), "$n");
	wf_definition_free(definition);
}

static void
wrong_definitions_give_their_first_error(void **state)
{
	static const struct
	{
		const char *text;
		const char *cause;
	}			cases[] = {
		{"{", "INVALID_JSON_DESCRIPTION: expected a key in quotes at line 1, column 2"},
		{"[]", "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"},
		{"{}", "SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /"},
		{"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"}}}",
		"MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next"},
		{"{\"StartAt\":\"A\",\"StartAt\":\"A\",\"States\":{}}", "INVALID_JSON_DESCRIPTION: key stands twice in one object at line 1, column 16"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;

		assert_null(wf_definition_parse(cases[i].text, strlen(cases[i].text), &error));
		assert_error(error, WF_INVALID_DEFINITION, cases[i].cause);
	}
}

static void
resources_are_listed_where_they_stand(void **state)
{
	WfResourceUses uses;
	WfDefinition *definition = parse(
		"{'StartAt':'P','States':{"
		" 'P':{'Type':'Parallel','Next':'M','Branches':[{'StartAt':'X','States':{'X':{'Type':'Succeed'}}},"
		"  {'StartAt':'L','States':{'L':{'Type':'Task','Resource':'arn:aws:lambda:r:1:function:f','End':true}}}]},"
		" 'M':{'Type':'Map','Next':'I','Iterator':{'StartAt':'a/b','States':{"
		"  'a/b':{'Type':'Task','Resource':'arn:aws:states:::sqs:sendMessage.waitForTaskToken','Parameters':{},'End':true}}}},"
		" 'I':{'Type':'Task','Resource':'arn:aws:states:::lambda:invoke','Parameters':{'FunctionName':'g'},'Next':'C'},"
		" 'C':{'Type':'Task','Resource':'arn:aws:states:::lambda:invoke','Parameters':{'FunctionName.$':'$.f'},'Next':'J'},"
		" 'J':{'Type':'Task','QueryLanguage':'JSONata','Resource':'arn:aws:states:::lambda:invoke',"
		"  'Arguments':{'FunctionName':'{% $f %}'},'Next':'F'},"
		" 'F':{'Type':'Task','Resource':'function:public.f','Next':'D'},"
		" 'D':{'Type':'Map','End':true,'ItemReader':{'Resource':'arn:aws:states:::s3:listObjectsV2',"
		"  'ReaderConfig':{'Transformation':'LOAD_AND_FLATTEN','InputType':'JSON'}},"
		"  'ResultWriter':{'Resource':'arn:aws:states:::lambda:invoke','Parameters':{'FunctionName':'h'}},"
		"  'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'EXPRESS'},'StartAt':'Z','States':{'Z':{'Type':'Succeed'}}}}}}");
	static const struct
	{
		const char *location;
		const char *base;
		bool		invokes;
		const char *function;
	}			expected[] = {
		{"/States/P/Branches[1]/States/L/Resource", "arn:aws:lambda:r:1:function:f", false, NULL},
		{"/States/M/Iterator/States/a/b/Resource", "arn:aws:states:::sqs:sendMessage", false, NULL},
		{"/States/I/Resource", "arn:aws:states:::lambda:invoke", true, "g"},
		{"/States/C/Resource", "arn:aws:states:::lambda:invoke", true, NULL},
		{"/States/J/Resource", "arn:aws:states:::lambda:invoke", true, NULL},
		{"/States/F/Resource", "function:public.f", false, NULL},
		{"/States/D/ItemReader/Resource", "arn:aws:states:::s3:listObjectsV2", false, NULL},
		{"/States/D/ItemReader/Resource", "arn:aws:states:::s3:getObject", false, NULL},
		{"/States/D/ResultWriter/Resource", "arn:aws:states:::lambda:invoke", true, "h"},
	};

	(void) state;
	assert_true(wf_resource_uses(definition, &uses));
	assert_int_equal(uses.n, 9);
	for (int i = 0; i < uses.n; i++)
	{
		assert_string_equal(uses.items[i].location, expected[i].location);
		assert_string_equal(uses.items[i].base, expected[i].base);
		assert_int_equal(uses.items[i].invokes, expected[i].invokes);
		if (expected[i].function == NULL)
			assert_null(uses.items[i].function);
		else
			assert_string_equal(uses.items[i].function, expected[i].function);
	}
	wf_resource_uses_free(&uses);
	wf_definition_free(definition);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_numbered_as_they_stand),
		cmocka_unit_test(fields_of_the_data_flow_are_compiled),
		cmocka_unit_test(choices_and_waits_are_compiled),
		cmocka_unit_test(maps_have_their_selector),
		cmocka_unit_test(jsonata_is_compiled),
		cmocka_unit_test(wrong_definitions_give_their_first_error),
		cmocka_unit_test(resources_are_listed_where_they_stand),
	};

	return cmocka_run_group_tests_name("definition", tests, NULL, NULL);
}
