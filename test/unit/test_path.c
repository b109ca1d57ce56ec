/*
 * test_path.c - JSONPath: what paths find, what they say when they find nothing, and writing by reference paths.
 */
#include "unit.h"

#include "asl/path.h"

static const char *const document =
	"{'a':{'b':{'c':1},'list':[10,20,30,40],'null':null},"
	" 'store':{'book':[{'title':'Moby','price':8.99,'tags':['sea','x']},"
	"                  {'title':'Sword','price':12.5,'isbn':'1'},"
	"                  {'title':'Cheap','price':5,'isbn':null}]},"
	" 'x-y':'dash', 'b c':'blank', 'x.y':'dot', 'n':[3,1,2], 'empty':[], 'ü':'u', 'it\\u0027s':'quote'}";

static json_t *
make_context(void *arg, WfError *error)
{
	(void) error;
	return arg;
}

typedef struct Case
{
	const char *path;
	const char *found;			/* NULL: nothing */
	const char *missing;
} Case;

static void
assert_found(const Case *c)
{
	json_t	   *input = json_of(document);
	json_t	   *context = json_of("{'Execution':{'Name':'e'}}");
	json_t	   *variables = json_of("{'v':{'k':[1,2]},'s':'str'}");
	WfScope		scope = {.input = input, .context = make_context, .context_arg = context, .variables = variables};
	WfError		error = WF_ERROR_NONE;
	WfPath	   *path = wf_path_parse(c->path, &error);
	json_t	   *found = NULL;
	char	   *missing = NULL;

	if (path == NULL)
		fail_msg("%s: %s", c->path, error.cause);
	if (!wf_path_get(path, &scope, &found, &missing, &error))
		fail_msg("%s: %s", c->path, error.cause);
	if (c->found == NULL)
	{
		if (found != NULL)
			fail_msg("%s finds something", c->path);
		assert_string_equal(missing, c->missing);
	}
	else
	{
		if (found == NULL)
			fail_msg("%s finds nothing: %s", c->path, missing);
		assert_null(missing);
		assert_json(found, c->found);
	}
	assert_string_equal(wf_path_text(path), c->path);
	free(missing);
	wf_path_free(path);
	json_decref(input);
	json_decref(context);
	json_decref(variables);
}

static void
paths_find(void **state)
{
	static const Case cases[] = {
		{"$.a.b.c", "1", NULL},
		{"$.a.b.c ", "1", NULL},
		{"$['a']['b'][\"c\"]", "1", NULL},
		{"$[ 'a' ].b", "{'c':1}", NULL},
		{"$.a.list[0]", "10", NULL},
		{"$.a.list[-1]", "40", NULL},
		{"$.a.list[ 1 ]", "20", NULL},
		{"$.a.list[0,2]", "[10,30]", NULL},
		{"$.a.list[1:3]", "[20,30]", NULL},
		{"$.a.list[:2]", "[10,20]", NULL},
		{"$.a.list[2:]", "[30,40]", NULL},
		{"$.a.list[-2:]", "[30,40]", NULL},
		{"$.a.list[:-1]", "[10,20,30]", NULL},
		{"$.a.list[-3:-1]", "[20,30]", NULL},
		{"$.a.list[-1:2]", "[40,10,20]", NULL},
		{"$.a.list[7:]", "[]", NULL},
		{"$.a.list[-9:2]", "[10,20,30,40,10,20]", NULL},
		{"$.a.list[*]", "[10,20,30,40]", NULL},
		{"$.a.*", "[{'c':1},[10,20,30,40],null]", NULL},
		{"$.a.null", "null", NULL},
		{"$['b c']", "'blank'", NULL},
		{"$.x-y", "'dash'", NULL},
		{"$.x\\.y", "'dot'", NULL},
		{"$['x.y']", "'dot'", NULL},
		{"$.ü", "'u'", NULL},
		{"$['it\\'s']", "'quote'", NULL},
		{"$['\\u00fc']", "'u'", NULL},
		{"$.a['b','null']", "{'b':{'c':1},'null':null}", NULL},
		{"$.a['b','zzz']['c']", "[1]", NULL},
		{"$..title", "['Moby','Sword','Cheap']", NULL},
		{"$..book[0].title", "['Moby']", NULL},
		{"$.store..price", "[8.99,12.5,5]", NULL},
		{"$..[1]", "[20,{'title':'Sword','price':12.5,'isbn':'1'},'x',1]", NULL},
		{"$.nothing[*]", "[]", NULL},
		{"$.a.b[*].x", "[]", NULL},
		{"$.a.b.c[*]", "[]", NULL},
		{"$.n.length()", "3", NULL},
		{"$.a.length()", "3", NULL},
		{"$.n.max()", "3.0", NULL},
		{"$.n.min()", "1.0", NULL},
		{"$.n.sum()", "6.0", NULL},
		{"$.n.avg()", "2.0", NULL},
		{"$.n.sum(4, $.n)", "16.0", NULL},
		{"$.n.first()", "3", NULL},
		{"$.n.last()", "2", NULL},
		{"$.n.index(1)", "1", NULL},
		{"$.n.append(7)", "[3,1,2,7]", NULL},
		{"$.n.append(6).sum()", "12.0", NULL},
		{"$.a.keys()", "['b','list','null']", NULL},
		{"$.concat('x', $.n[0], $.x-y)", "'x3dash'", NULL},
		{"$..price.sum()", "26.490000000000002", NULL},
		{"$..book.length()", "3", NULL},
		{"$$.Execution.Name", "'e'", NULL},
		{"$$", "{'Execution':{'Name':'e'}}", NULL},
		{"$v.k[1]", "2", NULL},
		{"$s", "'str'", NULL},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_found(&cases[i]);
}

static void
filters_find(void **state)
{
	static const Case cases[] = {
		{"$.store.book[?(@.price < 10)].title", "['Moby','Cheap']", NULL},
		{"$.store.book[?(@.price<10&&@.isbn == null)].title", "['Cheap']", NULL},
		{"$.store.book[?( @.price > 10 || @.title == 'Moby' )].title", "['Moby','Sword']", NULL},
		{"$.store.book[?(@.isbn)].title", "['Sword','Cheap']", NULL},
		{"$.store.book[?(!@.isbn)].title", "['Moby']", NULL},
		{"$.store.book[?(!(@.isbn || @.tags))].title", "[]", NULL},
		{"$.store.book[?(@.isbn != '1')].title", "['Moby','Cheap']", NULL},
		{"$.store.book[?(@.price == $.a.zzz)].title", "[]", NULL},
		{"$.store.book[?(@.title in ['Moby', \"Cheap\"])].price", "[8.99,5]", NULL},
		{"$.store.book[?(@.title nin ['Moby'])].price", "[12.5,5]", NULL},
		{"$.store.book[?(@.tags contains 'sea')].title", "['Moby']", NULL},
		{"$.store.book[?(@.title contains 'w')].title", "['Sword']", NULL},
		{"$.store.book[?(@.tags size 2)].title", "['Moby']", NULL},
		{"$.store.book[?(@.tags empty false)].title", "['Moby']", NULL},
		{"$.store.book[?(@.tags subsetof ['x','sea','y'])].title", "['Moby']", NULL},
		{"$.store.book[?(@.tags anyof ['x'])].title", "['Moby']", NULL},
		{"$.store.book[?(@.tags noneof ['q'])].title", "['Moby']", NULL},
		{"$.store.book[?(@.price >= 8.99 && @.price <= 12.5)].title", "['Moby','Sword']", NULL},
		{"$.store.book[?(@.isbn == 1)].title", "['Sword']", NULL},
		{"$.store.book[?(@.isbn === 1)].title", "[]", NULL},
		{"$.store.book[?('Cheap' == @.title)].price", "[5]", NULL},
		{"$.store.book[?(@['title'] == 'Cheap')].price", "[5]", NULL},
		{"$.store.book[?(@.tags[?(@ == 'sea')])].title", "['Moby','Sword','Cheap']", NULL},
		{"$.store.book[?(@.tags.length() > 1)].title", "['Moby']", NULL},
		{"$.n[?(@ > 1)]", "[3,2]", NULL},
		{"$.n[?(@ < $.a.list[0])]", "[3,1,2]", NULL},
		{"$..[?(@.isbn == '1')].title", "['Sword']", NULL},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_found(&cases[i]);
}

static void
what_is_missing_is_told(void **state)
{
	static const Case cases[] = {
		{"$.zzz", NULL, "No results for path: $['zzz']"},
		{"$.zzz.y", NULL, "Missing property in path $['zzz']"},
		{"$.a.zzz", NULL, "No results for path: $['a']['zzz']"},
		{"$.a.zzz.b.c", NULL, "Missing property in path $['a']['zzz']"},
		{"$.a.list[9]", NULL, "No results for path: $['a']['list'][9]"},
		{"$.a.list[9].x", NULL, "No results for path: $['a']['list'][9]['x']"},
		{"$[\"zzz\"]", NULL, "No results for path: $[\"zzz\"]"},
		{"$.a.null[0]", NULL, "The path $['a']['null'] is null"},
		{"$.a.b.c.d", NULL, "Expected an object with property ['d'] in path $['a']['b']['c'] but found number"},
		{"$.a[0]", NULL, "Expected an array in path $['a'] but found object"},
		{"$.zzz.length()", NULL, "Missing property in path $['zzz']"},
		{"$.zzz['a','b']", NULL, "Missing property in path $['zzz']"},
		{"$$.Map", NULL, "No results for path: $['Map']"},
		{"$nobody.x", NULL, "The variable 'nobody' is not set"},
		{"$v.k[5]", NULL, "No results for path: $['k'][5]"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_found(&cases[i]);
}

static void
wrong_paths_are_refused(void **state)
{
	static const char *const paths[] = {
		"", "a", "@.a", "$.", "$..", "$.a.", "$.a..", "$...a", "$a.", "$1", "$_a", "$.a b", "$ .a", "$x y", "$.a[", "$['a",
		"$['a'", "$['a' 'b']", "$['a',]", "$[]", "$[a]", "$[1.5]", "$[1,]", "$[:]", "$[99999999999]", "$[?]", "$[?(]", "$[?()]",
		"$[?(@.a ==)]", "$[?(@.a == 1]", "$[?(@.a == x)]", "$[?(@.a ~~ 1)]", "$[?(@.a && )]", "$[?(1)]", "$[?(@.a =~ /x)]",
		"$[(@.length-1)]", "$.zzz()", "$.sum(", "$.sum(1", "$.sum(1;2)", "$['\\u00']", "$['\\u0000']", "$$23", "$$x", "$[*",
		"$[?(@.a)", "$.a[?(@.b)]x", "$['a']b",
	};

	(void) state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
	{
		WfError		error = WF_ERROR_NONE;
		WfPath	   *path = wf_path_parse(paths[i], &error);

		if (path != NULL)
			fail_msg("accepted: %s", paths[i]);
		assert_error(error, WF_INVALID_PATH, NULL);
	}
}

static void
problems_say_where(void **state)
{
	WfError		error = WF_ERROR_NONE;

	(void) state;
	assert_null(wf_path_parse("$.abc[x]", &error));
	assert_error(error, WF_INVALID_PATH, "expected a name in quotes, a number, '*' or '?' at position 6");
	assert_null(wf_path_parse("$.a.", &error));
	assert_error(error, WF_INVALID_PATH, "the path ends with a '.' at position 4");
}

static void
evaluation_can_fail(void **state)
{
	static const struct
	{
		const char *path;
		const char *cause;
	}			cases[] = {
		{"$.x-y[?(@.a)]", "Invalid path '$.x-y[?(@.a)]' : a filter is applied to a value that is neither object nor array"},
		{"$.empty.max()", "Invalid path '$.empty.max()' : max() finds no number"},
		{"$.empty.first()", "Invalid path '$.empty.first()' : first() finds no item"},
		{"$.n.index('x')", "Invalid path '$.n.index('x')' : index() takes one whole number"},
		{"$.n.sum($.zzz)", "Invalid path '$.n.sum($.zzz)' : an argument of sum() finds nothing"},
		{"$.store.book[?(@.title =~ /M.*/)]",
		"Invalid path '$.store.book[?(@.title =~ /M.*/)]' : regular expressions in paths are not supported by this version"},
	};
	json_t	   *input = json_of(document);
	WfScope		scope = {.input = input};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;
		WfPath	   *path = wf_path_parse(cases[i].path, &error);
		json_t	   *found;

		assert_non_null(path);
		assert_false(wf_path_get(path, &scope, &found, NULL, &error));
		assert_null(found);
		assert_error(error, WF_STATES_RUNTIME, cases[i].cause);
		wf_path_free(path);
	}
	json_decref(input);
}

static bool
interrupt_later(void *arg)
{
	return ++*(int *) arg > 3;
}

static void
long_searches_can_be_interrupted(void **state)
{
	json_t	   *input = json_array();
	int			asked = 0;
	WfHost		host = {.arg = &asked, .interrupted = interrupt_later};
	WfScope		scope = {.input = input, .host = &host};
	WfError		error = WF_ERROR_NONE;
	WfPath	   *path = wf_path_parse("$[?(@ == 7)]", &error);
	json_t	   *found;

	(void) state;
	for (int i = 0; i < 100000; i++)
		json_array_append_new(input, json_integer(i));
	assert_false(wf_path_get(path, &scope, &found, NULL, &error));
	assert_int_equal(asked, 4);
	assert_error(error, WF_INTERRUPTED, NULL);
	wf_path_free(path);
	json_decref(input);
}

static void
results_and_depth_are_bounded(void **state)
{
	json_t	   *input = json_array();
	WfScope		scope = {.input = input};
	WfError		error = WF_ERROR_NONE;
	WfPath	   *path = wf_path_parse("$..*..*..*", &error);
	json_t	   *found;
	char		text[WF_JSON_MAX_DEPTH * 3 + 2];

	(void) state;
	for (int i = 0; i < 150; i++)
	{
		json_t	   *outer = json_array();

		json_array_append_new(outer, json_integer(i));
		json_array_append_new(outer, input);
		input = outer;
	}
	scope.input = input;
	assert_false(wf_path_get(path, &scope, &found, NULL, &error));
	assert_error(error, WF_STATES_RUNTIME, "Invalid path '$..*..*..*' : a path finds more than 1000000 values");
	wf_path_free(path);
	json_decref(input);

	strcpy(text, "$");
	for (int i = 0; i < WF_JSON_MAX_DEPTH + 1; i++)
		strcat(text, ".*");
	assert_null(wf_path_parse(text, &error));
	assert_error(error, WF_INVALID_PATH, NULL);

	strcpy(text, "$");
	for (int i = 0; i < 30; i++)
		strcat(text, "[?(@");
	assert_null(wf_path_parse(text, &error));
	assert_error(error, WF_INVALID_PATH, NULL);
	strcpy(text, "$[?(");
	for (int i = 0; i < 1000; i++)
		strcat(text, "!(");
	assert_null(wf_path_parse(text, &error));
	assert_error(error, WF_INVALID_PATH, NULL);
}

static void
kinds_of_paths_are_told_apart(void **state)
{
	static const struct
	{
		const char *path;
		bool		reference;
		bool		context;
		const char *variable;
	}			cases[] = {
		{"$", true, false, NULL},
		{"$.a['b'][0]", true, false, NULL},
		{"$.a[-1]", false, false, NULL},
		{"$.a[*]", false, false, NULL},
		{"$.a[0,1]", false, false, NULL},
		{"$['a','b']", false, false, NULL},
		{"$..a", false, false, NULL},
		{"$.a[1:2]", false, false, NULL},
		{"$.a[?(@.b)]", false, false, NULL},
		{"$.a.length()", false, false, NULL},
		{"$$.a", true, true, NULL},
		{"$name.a", true, false, "name"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfPath	   *path = wf_path_parse(cases[i].path, NULL);

		assert_int_equal(wf_path_is_reference(path), cases[i].reference);
		assert_int_equal(wf_path_is_context(path), cases[i].context);
		if (cases[i].variable != NULL)
			assert_string_equal(wf_path_variable(path), cases[i].variable);
		else
			assert_null(wf_path_variable(path));
		wf_path_free(path);
	}
}

static void
reference_paths_write(void **state)
{
	static const struct
	{
		const char *path;
		const char *target;
		const char *result;		/* NULL: refused */
	}			cases[] = {
		{"$", "{'a':1}", "'v'"},
		{"$.b", "{'a':1}", "{'a':1,'b':'v'}"},
		{"$.a", "{'a':1}", "{'a':'v'}"},
		{"$.b.c.d", "{'a':1}", "{'a':1,'b':{'c':{'d':'v'}}}"},
		{"$.a.x", "{'a':{'y':2},'b':{}}", "{'a':{'y':2,'x':'v'},'b':{}}"},
		{"$.a[1]", "{'a':[1,2,3]}", "{'a':[1,'v',3]}"},
		{"$[0].k", "[{}]", "[{'k':'v'}]"},
		{"$.a[3]", "{'a':[1,2,3]}", NULL},
		{"$.a[0]", "{}", NULL},
		{"$.a.b", "{'a':1}", NULL},
		{"$.a.b", "{'a':null}", NULL},
		{"$.x", "'foo'", NULL},
		{"$.x", "[1]", NULL},
		{"$[0]", "{}", NULL},
	};
	json_t	   *value = json_of("'v'");

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;
		WfPath	   *path = wf_path_parse(cases[i].path, &error);
		json_t	   *target = json_of(cases[i].target);
		json_t	   *result = wf_path_set(path, target, value, &error);

		if (cases[i].result != NULL)
			assert_json(result, cases[i].result);
		else
		{
			assert_null(result);
			assert_error(error, WF_STATES_REFERENCE_PATH_CONFLICT, NULL);
		}
		/* untouched */
		assert_json(target, cases[i].target);
		wf_path_free(path);
	}
	json_decref(value);
}

static void
writing_bounds_the_depth(void **state)
{
	json_t	   *value = json_of("{}");
	WfError		error = WF_ERROR_NONE;
	WfPath	   *path = wf_path_parse("$.a", &error);
	int			depth = 1;

	(void) state;
	for (;;)
	{
		json_t	   *target = wf_json_object();
		json_t	   *next = wf_path_set(path, target, value, &error);

		json_decref(target);
		if (next == NULL)
			break;
		depth++;
		json_decref(value);
		value = next;
	}
	assert_int_equal(depth, WF_JSON_MAX_DEPTH);
	assert_error(error, WF_STATES_RUNTIME, NULL);
	json_decref(value);
	wf_path_free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_find),
		cmocka_unit_test(filters_find),
		cmocka_unit_test(what_is_missing_is_told),
		cmocka_unit_test(wrong_paths_are_refused),
		cmocka_unit_test(problems_say_where),
		cmocka_unit_test(evaluation_can_fail),
		cmocka_unit_test(long_searches_can_be_interrupted),
		cmocka_unit_test(results_and_depth_are_bounded),
		cmocka_unit_test(kinds_of_paths_are_told_apart),
		cmocka_unit_test(reference_paths_write),
		cmocka_unit_test(writing_bounds_the_depth),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
