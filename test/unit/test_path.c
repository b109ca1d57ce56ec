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
		if (missing != NULL)
			assert_int_equal(json_array_size(found), 0);
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
		{"$.concat(\"x\", $.n[0], $.x-y)", "'x3dash'", NULL},
		{"$.concat('x', $.n[0], $.x-y)", "'3dash'", NULL},	/* single quotes are passed over */
		{"$.n.concat()", "''", NULL},
		{"$.concat($.a)", "'{b={c=1}, list=[10,20,30,40], null=null}'", NULL},
		{"$.concat($.store..tags, 1.0E10)", "'[\\\"sea\\\",\\\"x\\\"]1.0E10'", NULL},
		{"$.n.append({'k':1}, true)", "[3,1,2,{'k':1}]", NULL},
		{"$.a.append(1)", "{'b':{'c':1},'list':[10,20,30,40],'null':null}", NULL},
		{"$.a.list[*].append(1)", "[10,20,30,40]", NULL},
		{"$.store.book[*].tags.append(1).length()", "[['sea','x',1],3]", NULL},
		{"$.store.book[0].tags.index(9)", NULL, "No results for path: $['store']['book'][0]['tags'].index(...)"},
		{"$.store.book[*].tags.index(9)", "[]", NULL},
		{"$.length($.a)", "3", NULL},
		{"$.a.length($.store)", NULL, "Missing property in path $['store']"},
		{"$.x-y.keys()", "null", NULL},
		{"$..['title','isbn'].length()", "0", NULL},
		{"$..book.append(1).length()", "9", NULL},
		{"$.n.sum($.zzz)", NULL, "No results for path: $['zzz']"},
		{"$.a.b[", "{'c':1}", NULL},
		{"$['n'][0]x", "3", NULL},
		{"$['n'][0]€", "3", NULL},
		{"$['it\\u0027s']", "'quote'", NULL},
		{"$[\"it\\'s\"]", NULL, "No results for path: $[\"it\\'s\"]"},	/* the service keeps this backslash */
		{"$.a.list[1:2:3:4]", "[20]", NULL},
		{"$.a.list[0 , -1]", "[10,40]", NULL},
		{"$..[1].title", "['Sword']", NULL},
		{"$..[0:2].title", "[]", NULL},
		{"$..*.title", "[]", NULL},
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
		{"$.store.book[?(@.title == Moby)].price", "[8.99]", NULL},
		{"$.store.book[?(@.title == fr-Moby || @.title!=nulls)].title", "['Moby','Sword','Cheap']", NULL},
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
		{"$.store.book[?(@.tags[?(@ == 'sea')])].title", "['Moby']", NULL},
		{"$.store.book[?(@.tags.length() > 1)].title", "['Moby']", NULL},
		{"$.n[?(@ > 1)]", "[3,2]", NULL},
		{"$.n[?(@ < $.a.list[0])]", "[3,1,2]", NULL},
		{"$..[?(@.isbn == '1')].title", "['Sword']", NULL},
		{"$.store.book[?(@.title =~ /.o.*/)].title", "['Moby']", NULL},
		{"$.store.book[?(@.title =~ /o/)].title", "[]", NULL},	/* all of it */
		{"$.store.book[?(@.title =~ /MOBY/)].title", "[]", NULL},
		{"$.store.book[?(@.title =~ /MOBY/i)].title", "['Moby']", NULL},
		{"$.store.book[?(/(M|Ch).*/ =~ @.title)].title", "['Moby','Cheap']", NULL},
		{"$.store.book[?(/(?iU:m)\\Qoby\\E/ =~ @.title)].title", "['Moby']", NULL},
		{"$.store.book[?(@.price =~ /\\d+\\.9*5?9*/)].title", "['Moby','Sword']", NULL},
		{"$.store.book[?(@.tags =~ /s[^a]a/)].title", "['Moby']", NULL},	/* any item */
		{"$.store.book[?(@.tags =~ //)].title", "['Sword','Cheap']", NULL},	/* what is missing is an empty text */
		{"$.store.book[?(/a/ =~ /a/)]", "[]", NULL},
		{"$[?(/\\u00fC.*/ =~ @)]", "[]", NULL},
		{"$.n[?(@ =~ /[^1]/)]", "[3,2]", NULL},
		{"$.store.book[?(@.price == 8.990)].title", "['Moby']", NULL},
		{"$.store.book[?(@.tags == ['sea', x])].title", "['Moby']", NULL},
		{"$.store.book[?(['sea','x'] == @.tags)].title", "[]", NULL},	/* a text, not a list, on the left */
		{"$.store.book[?(@.tags all ['sea'])].title", "[]", NULL},
		{"$.store.book[?(@.title type 'string')].title", "[]", NULL},
		{"$.store.book[?(!(@.title in 'Moby'))].title", "[]", NULL},	/* cannot be asked: no for all of it */
		{"$.store.book[?(@.title in 'Moby' || @.price)].title", "[]", NULL},
		{"$.store.book[?(@.zzz nin ['Moby'])].price", "[8.99,12.5,5]", NULL},
		{"$.store.book[?(@.title nin @.zzz)].price", "[]", NULL},
		{"$.store.book[?(@ size -1)].price", "[8.99,12.5,5]", NULL},
		{"$.store.book[?(!@.title == 'Moby')].price", "[8.99]", NULL},	/* the `!` means nothing here */
		{"$.store.book[?($.title == null || $.a.b.c == 1)].price", "[8.99,12.5,5]", NULL},
		{"$.store.book[?($.a)].price", "[]", NULL},	/* asks the item */
		{"$.store.book[?($.isbn)].price", "[12.5,5]", NULL},
		{"$.store.book[?(@['isbn','tags'])].price", "[]", NULL},
		{"$.store.book[?(@..isbn)].price", "[8.99,12.5,5]", NULL},
		{"$.store.book[?(@.tags[*].length() == [null,null])].price", "[8.99]", NULL},
		{"$.store.book[?(@.isbn < 1 || @.isbn >= '1')].price", "[12.5]", NULL},
		{"$.n[?(1e0 == @ || @ == .3E1)]", "[3,1]", NULL},
		{"$.n[?('1' == @ && @ == '1.0')]", "[1]", NULL},
		{"$.n[?(@ in [1,\"3\",])]", "[3,1]", NULL},
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
		{"$.a.b.c.d", NULL,
			"Expected to find an object with property ['d'] in path $['a']['b']['c'] but found 'java.lang.Integer'. "
			"This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'."},
		{"$.a[0]", NULL,
			"Filter: [0] can only be applied to arrays. Current context is: {b={c=1}, list=[10,20,30,40], null=null}"},
		{"$.a.b.zzz['x','y']", NULL, "Missing property in path $['a']['b']['zzz']"},
		{"$.n['x','y']", NULL,
			"Expected to find an object with property ['x','y'] in path $['n'] but found 'net.minidev.json.JSONArray'. "
			"This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'."},
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
	static const struct
	{
		const char *path;
		const char *cause;		/* NULL: any */
	}			cases[] = {
		{"", "a path begins with '$' at position 0"},
		{"a", "a path begins with '$' at position 0"},
		{"@.a", "a path begins with '$' at position 0"},
		{" $.a", "a path begins with '$' at position 0"},
		{"$.", "Path must not end with a '.' or '..'"},
		{"$..", "Path must not end with a '.' or '..'"},
		{"$.a.", "Path must not end with a '.' or '..'"},
		{"$...a", "Character '.' on position 3 is not valid."},
		{"$1", "Illegal character at position 1 expected '.' or '['"},
		{"$_a", "Illegal character at position 1 expected '.' or '['"},
		{"$ .a", "Illegal character at position 1 expected '.' or '['"},
		{"$x y", "Illegal character at position 2 expected '.' or '['"},
		{"$$23", "Illegal character at position 2 expected '.' or '['"},
		{"$.a b", "Use bracket notion ['my prop'] if your property contains blank characters. position: 2"},
		{"$.ü.😀.a b", "Use bracket notion ['my prop'] if your property contains blank characters. position: 7"},
		{"$. a", "Could not parse token starting at position 2"},
		{"$[", "java.lang.StringIndexOutOfBoundsException: String index out of range: 2"},
		{"$['a", "Property has not been closed - missing closing '"},
		{"$[\"a", "Property has not been closed - missing closing \""},
		{"$['a'", "Property must be separated by comma or Property must be terminated close square bracket at index 4"},
		{"$['a' 'b']", "Property must be separated by comma or Property must be terminated close square bracket at index 4"},
		{"$['a',]", "Found empty property at index 6"},
		{"$['a',,'b']", "Found empty property at index 6"},
		{"$['\\u0000']", NULL},
		{"$['\\ud800']", NULL},
		{"$['\\u00zz']", "com.jayway.jsonpath.JsonPathException: Unable to parse unicode value: 00zz"},
		{"$[]", "Could not parse token starting at position 1. Expected ?, ', 0-9, * "},
		{"$.b[a]", "Could not parse token starting at position 3. Expected ?, ', 0-9, * "},
		{"$[1.5]", "Could not parse token starting at position 1. Expected ?, ', 0-9, * "},
		{"$[(@.length-1)]", "Could not parse token starting at position 1. Expected ?, ', 0-9, * "},
		{"$[1,]", "Failed to parse token in ArrayIndexOperation: "},
		{"$[1, 2 3 ]", "Failed to parse token in ArrayIndexOperation: 2 3"},
		{"$[99999999999]", "Failed to parse token in ArrayIndexOperation: 99999999999"},
		{"$[:]", "Failed to parse SliceOperation: :"},
		{"$[1 :2]", "Failed to parse SliceOperation: 1 :2"},
		{"$[::2]", "Failed to parse SliceOperation: ::2"},
		{"$[*", "Expected wildcard token to end with ']' on position 3"},
		{"$[?]", "Not enough predicates supplied for filter [?] at position 1"},
		{"$[?(]", "Could not parse token starting at position 1. Expected ?, ', 0-9, * "},
		{"$[?(@.a)", "Could not parse token starting at position 1. Expected ?, ', 0-9, * "},
		{"$[?()]", "Failed to parse filter: [?()], error on position: 3, char: )"},
		{"$[?(1)]", "Expected path node"},
		{"$[?(@.a ==)]", "Failed to parse filter: [?(@.a ==)], error on position: 9, char: )"},
		{"$[?(@.a == 1]", "Could not parse token starting at position 1. Expected ?, ', 0-9, * "},
		{"$[?(x == @.a)]", "Failed to parse filter: [?(x == @.a)], error on position: 3, char: x"},
		{"$[?(€ == 1)]", "Failed to parse filter: [?(€ == 1)], error on position: 3, char: €"},
		{"$['\\u00€€']", "com.jayway.jsonpath.JsonPathException: Unable to parse unicode value: 00€€"},
		{"$[?(@.a == 1-2)]", "Failed to parse filter: [?(@.a == 1-2)], error on position: 13, char: )"},
		{"$[?(@.a == 'x)]", "Could not find matching close quote for ' when parsing : $[?(@.a == 'x)]"},
		{"$[?(@.a ~~ 1)]", "Expected character: )"},
		{"$[?(@.a && )]", "Failed to parse filter: [?(@.a && )], error on position: 10, char: )"},
		{"$[?(@.a) || (@.b)]", "Could not parse token starting at position 1. Expected ?, ', 0-9, * "},
		{"$[?((@.a) (@.b))]", "Expected character: )"},
		{"$[?(!1)]", "Expected path node"},
		{"$[?(@.a =~ /x)]", "Could not find matching close for / when parsing regex in : $[?(@.a =~ /x)]"},
		{"$[?(@ in {'a':1]})]", "Expected character: )"},
		{"$[?(@ in [1}])]", "Expected character: )"},
		{"$.sum(", "Arguments to function: 'sum' are not closed properly."},
		{"$.sum(1", "Arguments to function: 'sum' are not closed properly."},
		{"$.sum(1})", "Unexpected close brace '}' at character position: 8"},
		{"$.sum(1])", "Unexpected close bracket ']' at character position: 8"},
		{"$.sum($x)", "Illegal character at position 1 expected '.' or '['"},
		{"$..length()", "Current path token is a leaf"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;
		WfPath	   *path = wf_path_parse(cases[i].path, &error);

		if (path != NULL)
			fail_msg("accepted: %s", cases[i].path);
		if (error.code != WF_INVALID_PATH || (cases[i].cause != NULL && strcmp(error.cause, cases[i].cause) != 0))
			fail_msg("%s is refused with: %s", cases[i].path, error.cause);
		wf_error_clear(&error);
	}
}

static void
wrong_regular_expressions_are_refused(void **state)
{
	static const char *const paths[] = {
		"$[?(@ =~ /[/)]", "$[?(@ =~ /a{2,1}/)]", "$[?(@ =~ /*/)]", "$[?(@ =~ /[a[b]]/)]", "$[?(@ =~ /[a&&b]/)]", "$[?(@ =~ /\\u12/)]",
		"$[?(/(?P<a>b)/ =~ @)]", "$[?(/(*LIMIT_MATCH=9)a/ =~ @)]", "$[?(/a\\Kb/ =~ @)]", "$[?(/(?R)/ =~ @)]",

		/* the library's way of finding the flags */
		"$[?(@ =~ /(a|b)/)]", "$[?(@.a =~ /a/ && @.b == 1)]",
	};

	(void) state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
	{
		WfError		error = WF_ERROR_NONE;

		if (wf_path_parse(paths[i], &error) != NULL)
			fail_msg("accepted: %s", paths[i]);
		assert_error(error, WF_INVALID_PATH, NULL);
	}
}

static void
evaluation_can_fail(void **state)
{
	static const struct
	{
		const char *path;
		const char *cause;
	}			cases[] = {
		{"$.x-y[?(@.a)].b",
		"Invalid path '$.x-y[?(@.a)].b' : Filter: [?]['b'] can not be applied to primitives. Current context is: dash"},
		{"$.empty.max()",
		"Invalid path '$.empty.max()' : Aggregation function attempted to calculate value using empty array"},
		{"$.empty.first()", "Invalid path '$.empty.first()' : Index 0 out of bounds for length 0"},
		{"$.n.index(3)", "Invalid path '$.n.index(3)' : Index 3 out of bounds for length 3"},
		{"$.n.index(-3)", "Invalid path '$.n.index(-3)' : Target index:-3 larger than object count:3"},
		{"$.n.index(\"x\")", "Invalid path '$.n.index(\"x\")' : Index 0 out of bounds for length 0"},
		{"$.a.first()", "Invalid path '$.a.first()' : Aggregation function attempted to calculate value using empty array"},
		{"$.n.zzz()", "Invalid path '$.n.zzz()' : Function with name: zzz does not exist."},
		{"$.n.length(1)", "Invalid path '$.n.length(1)' : length() takes a path"},
		{"$.store.book[?(@ empty true)]",
			"Invalid path '$.store.book[?(@ empty true)]' : class java.util.LinkedHashMap cannot be cast to class "
			"java.util.Collection (java.util.LinkedHashMap and java.util.Collection are in module java.base of loader 'bootstrap')"},
		{"$.store[?(@.book contains 1)]", "Invalid path '$.store[?(@.book contains 1)]' : Could not determine value type"},
		{"$.n[?(@ exists 1)]", "Invalid path '$.n[?(@ exists 1)]' : Failed to evaluate exists expression"},
		{"$.store.book[?(@.tags.min() > 1)]",
			"Invalid path '$.store.book[?(@.tags.min() > 1)]' : Aggregation function attempted to calculate value using empty array"},
		{"$.explosive[?(/(?:a|aa)+[^a]{2}/ =~ @)]", "Invalid path '$.explosive[?(/(?:a|aa)+[^a]{2}/ =~ @)]' : a regular expression needs too many steps"},
	};
	json_t	   *input = json_of(document);
	WfScope		scope = {.input = input};

	(void) state;
	json_object_set_new(input, "explosive", json_pack("[s]", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfError		error = WF_ERROR_NONE;
		WfPath	   *path = wf_path_parse(cases[i].path, &error);
		json_t	   *found;

		if (path == NULL)
			fail_msg("%s: %s", cases[i].path, error.cause);
		if (wf_path_get(path, &scope, &found, NULL, &error))
			fail_msg("%s does not fail", cases[i].path);
		assert_null(found);
		if (strcmp(error.cause, cases[i].cause) != 0)
			fail_msg("%s: %s", cases[i].path, error.cause);
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

/* A repetition behind another one may go through the square of a text. */
static void
regular_expressions_can_be_interrupted(void **state)
{
	char		blanks[20001];
	json_t	   *input = json_array();
	int			asked = 0;
	WfHost		host = {.arg = &asked, .interrupted = interrupt_later};
	WfScope		scope = {.input = input, .host = &host};
	WfError		error = WF_ERROR_NONE;
	WfPath	   *path = wf_path_parse("$[?(@ =~ /\\s*\\s*[xy]/)]", &error);
	json_t	   *found;

	(void) state;
	memset(blanks, ' ', sizeof(blanks) - 1);
	blanks[sizeof(blanks) - 1] = '\0';
	json_array_append_new(input, json_string(blanks));
	assert_false(wf_path_get(path, &scope, &found, NULL, &error));
	assert_int_equal(asked, 4);
	assert_error(error, WF_INTERRUPTED, NULL);
	wf_path_free(path);
	json_decref(input);
}

/* Of a character of several bytes none is a control. */
static void
values_are_told_in_valid_text(void **state)
{
	json_t	   *input = json_of("{'a':{'l':['Ü ь 亅']}}");
	WfScope		scope = {.input = input};
	WfError		error = WF_ERROR_NONE;
	WfPath	   *path = wf_path_parse("$.a[0]", &error);
	json_t	   *found = NULL;
	char	   *missing = NULL;

	(void) state;
	assert_true(wf_path_get(path, &scope, &found, &missing, &error));
	assert_string_equal(missing, "Filter: [0] can only be applied to arrays. Current context is: {l=[\"Ü ь 亅\"]}");
	free(missing);
	wf_path_free(path);
	json_decref(input);
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
		cmocka_unit_test(wrong_regular_expressions_are_refused),
		cmocka_unit_test(evaluation_can_fail),
		cmocka_unit_test(long_searches_can_be_interrupted),
		cmocka_unit_test(regular_expressions_can_be_interrupted),
		cmocka_unit_test(values_are_told_in_valid_text),
		cmocka_unit_test(results_and_depth_are_bounded),
		cmocka_unit_test(kinds_of_paths_are_told_apart),
		cmocka_unit_test(reference_paths_write),
		cmocka_unit_test(writing_bounds_the_depth),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
