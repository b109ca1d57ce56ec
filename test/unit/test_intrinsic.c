/*
 * test_intrinsic.c - intrinsic functions: their syntax, what each gives, how each fails.
 *
 * Where an answer surprises, it is the service's: observed there, or what Java gives.
 */
#include "unit.h"

#include "asl/intrinsic.h"

static bool interrupt;

static double
roll(void *arg)
{
	return *(double *) arg;
}

static bool
give_bytes(void *arg, unsigned char *bytes, size_t n)
{
	(void) arg;
	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char) (0xF0 + i);
	return true;
}

static bool
asked_to_stop(void *arg)
{
	(void) arg;
	return interrupt;
}

static json_t *
context_of(void *arg, WfError *error)
{
	(void) error;
	return arg;
}

/* True if a text is a call; *gives_string, when not NULL, says whether of a string. */
static bool
reads(const char *text, bool *gives_string, WfError *error)
{
	WfIntrinsic *intrinsic = wf_intrinsic_parse(text, error);

	if (intrinsic != NULL && gives_string != NULL)
		*gives_string = wf_intrinsic_gives_string(intrinsic);
	wf_intrinsic_free(intrinsic);
	return intrinsic != NULL;
}

/* New: a call's value over an input; NULL with *error. */
static json_t *
call(const char *text, json_t *input, WfError *error)
{
	double		dice = 0.999999;
	WfHost		host = {.arg = &dice, .random = roll, .random_bytes = give_bytes, .interrupted = asked_to_stop};
	json_t	   *context = json_of("{'State':{'Name':'S'}}");
	json_t	   *variables = json_of("{'v':{'n':7}}");
	WfScope		scope = {
		.input = input, .context = context_of, .context_arg = context, .variables = variables, .host = &host
	};
	WfIntrinsic *intrinsic = wf_intrinsic_parse(text, error);
	json_t	   *value = intrinsic != NULL ? wf_intrinsic_evaluate(intrinsic, &scope, error) : NULL;

	wf_intrinsic_free(intrinsic);
	json_decref(context);
	json_decref(variables);
	return value;
}

typedef struct Case
{
	const char *call;
	const char *input;
	const char *value;			/* as JSON, single quotes for double ones */
} Case;

static void
gives(const Case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		WfError		error = WF_ERROR_NONE;
		json_t	   *input = json_of(cases[i].input);
		json_t	   *value = call(cases[i].call, input, &error);
		json_t	   *expected = json_of(cases[i].value);
		char	   *got,
				   *want;

		json_decref(input);
		if (value == NULL)
			fail_msg("%s: %s", cases[i].call, error.cause);
		got = wf_json_text(value, NULL);
		want = wf_json_text(expected, NULL);
		if (strcmp(got, want) != 0)
			fail_msg("%s over %s: %s, expected %s", cases[i].call, cases[i].input, got, want);
		free(got);
		free(want);
		json_decref(value);
		json_decref(expected);
	}
}

#define GIVES(...) \
	do { \
		static const Case cases[] = {__VA_ARGS__}; \
		(void) state; \
		gives(cases, sizeof(cases) / sizeof(*cases)); \
	} while (0)

/* The value of each case is what is told behind "had the following error: ". */
static void
fails(const Case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		WfError		error = WF_ERROR_NONE;
		json_t	   *input = json_of(cases[i].input);
		json_t	   *value = call(cases[i].call, input, &error);
		char		cause[1000];

		json_decref(input);
		if (value != NULL)
			fail_msg("%s did not fail", cases[i].call);
		snprintf(cause, sizeof(cause), "The function '%s' had the following error: %s", cases[i].call, cases[i].value);
		assert_error(error, WF_STATES_RUNTIME, cause);
	}
}

#define FAILS(...) \
	do { \
		static const Case cases[] = {__VA_ARGS__}; \
		(void) state; \
		fails(cases, sizeof(cases) / sizeof(*cases)); \
	} while (0)

static void
calls_are_read(void **state)
{
	static const char *const calls[] = {
		"States.UUID()", "States.UUID( )", "States.Array()", "States.Array($.a, 1, -2.5e3, null, true, false, 'x')",
		"States.Format('it\\'s {} \\{\\} \\\\', $.a)", "States.Format('{} {}', $.a['x,y)'][0], $$.b)", "States.JsonToString($)",
		"States.ArrayGetItem(States.StringSplit($.a,'/'),0)", "States.MathRandom(1, 5)", "States.MathRandom(1, 5, $.seed)",
		"States.JsonMerge($.a, $.b, false)", "States.Hash($.a,'SHA-1')", "States.StringToJson('{\"a\":1}')",
		"States.ArrayLength($.a[?(@.b == 'x')])", "States.MathAdd($.a.length(), 1)", "States.StringSplit('a\nb', '\n')",
		/* wrong, but not in their syntax: the service accepts them, and so do we */
		"States.UUID(1)", "States.MathAdd(1)", "States.Format(true)", "States.ArrayLength('x')",
	};
	static const char *const strings[] = {"States.UUID()", "States.Format('{}', $.a)", "States.JsonToString($)"};
	static const char *const others[] = {"States.Array()", "States.MathAdd(1, 2)", "States.StringToJson($.a)"};
	bool		gives_string;

	(void) state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
	{
		WfError		error = WF_ERROR_NONE;

		if (!reads(calls[i], NULL, &error))
			fail_msg("%s: %s", calls[i], error.cause);
	}
	for (int i = 0; i < 3; i++)
	{
		assert_true(reads(strings[i], &gives_string, NULL));
		assert_true(gives_string);
		assert_true(reads(others[i], &gives_string, NULL));
		assert_false(gives_string);
	}
}

static void
wrong_syntax_is_refused(void **state)
{
	static const char *const calls[] = {
		"States.", "States. ", "States.UUID", "States.UUID(", "States.UUID() ", "States.Unknown($.a)",
		"States.Format('a)", "States.Format('a\\n')", "States.Format('\\\"')", "States.MathAdd(1 2)", "States.MathAdd(1,)",
		"States.MathAdd(,1)", "States.MathAdd(01,1)", "States.MathAdd(1,2).x", "States.StringToJson $.a)", "States.JsonToString($",
		"States.JsonToString($.)", "States.Array(x)", "States.Array([1,2])", "States.Array(1.)", "States.Array(.5)",
		"States.Array(States.)", "States.StringToJson('{\"text\":\"An \\\"escaped\\\" here\"}')", "states.UUID()",
	};
	char		deep[400] = "";

	(void) state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
	{
		WfError		error = WF_ERROR_NONE;

		if (reads(calls[i], NULL, &error))
			fail_msg("accepted: %s", calls[i]);
		assert_error(error, WF_INVALID_PATH, NULL);
	}
	for (int i = 0; i < 11; i++)
		strcat(deep, "States.Array(");
	for (int i = 0; i < 11; i++)
		strcat(deep, ")");
	assert_false(reads(deep, NULL, NULL));
	deep[strlen(deep) - 1] = '\0';
	assert_true(reads(deep + strlen("States.Array("), NULL, NULL));
}

static void
certain_failures_are_doubted(void **state)
{
	static const struct
	{
		const char *call;
		const char *doubt;
	}			cases[] = {
		{"States.UUID()", NULL},
		{"States.UUID(1)", "The intrinsic function has too many arguments"},
		{"States.Array(1, States.MathAdd(1))", "The intrinsic function has too few arguments"},
		{"States.Format('{}', 1, 2)", NULL},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
	{
		WfIntrinsic *intrinsic = wf_intrinsic_parse(cases[i].call, NULL);
		const char *doubt = wf_intrinsic_doubt(intrinsic);

		if (cases[i].doubt == NULL)
			assert_null(doubt);
		else
			assert_string_equal(doubt, cases[i].doubt);
		wf_intrinsic_free(intrinsic);
	}
}

static void
arguments_are_evaluated(void **state)
{
	GIVES({"States.Array($.a, $$.State.Name, $v.n, 'it\\'s \\\\ \\{\\}', 1, 1.0, null, true)", "{'a':[]}",
		   "[[],'S',7,'it\\u0027s \\\\ {}',1,1.0,null,true]"},
		  {"States.Array($.a[*], $.a[5:], $..z)", "{'a':[1,2]}", "[[1,2],[],[]]"},
		  {"States.ArrayLength($.a[?(@ > 1)])", "{'a':[1,2,3]}", "2"},
		  {"States.MathAdd(States.MathAdd($.a, 1), States.ArrayLength(States.Array(1, 2)))", "{'a':1}", "4"},
		  {"States.Array( $.a , 1 )", "{'a':null}", "[null,1]"});
}

static void
what_is_not_found_is_named(void **state)
{
#define NOT_FOUND(path, input) "The JsonPath argument for the field '" path "' could not be found in the input '" input "'"
	FAILS({"States.Format('{}',$.nope)", "{'o':1}", NOT_FOUND("$.nope", "{\"o\":1}")},
		  {"States.Array($.o, $.a.b)", "{'o':1}", NOT_FOUND("$.a.b", "{\"o\":1}")},
		  {"States.Format('{}', States.Format('{}', $.nope))", "{}", NOT_FOUND("$.nope", "{}")},
		  {"States.Array($.a[2])", "{'a':[1,2]}", NOT_FOUND("$.a[2]", "{\"a\":[1,2]}")},
		  {"States.Array($$.No.Such)", "{'o':1}", NOT_FOUND("$.No.Such", "{\"o\":1}")},
		  {"States.Array($v.x)", "{}", NOT_FOUND("$v.x", "{}")});
}

static void
format_fills_in(void **state)
{
	GIVES({"States.Format('no {}s here: {}', $.a, $.b)", "{'a':'blank','b':''}", "'no blanks here: '"},
		  {"States.Format('{} {} {} {} {}', null, true, 1, 1.5, 'x')", "{}", "'null true 1 1.5 x'"},
		  {"States.Format('{}', $)", "{'Arg1':1,'Arg2':[],'o':{'x':null,'y':['a',1.0]}}",
		   "'{Arg1=1, Arg2=[], o={x=null, y=[a, 1.0]}}'"},
		  {"States.Format('{}|{}', $.big, $.small)", "{'big':12345678.9,'small':0.00001}", "'1.23456789E7|1.0E-5'"},
		  {"States.Format('\\{\\} \\\\ it\\'s \\{{}\\}', 1)", "{}", "'{} \\\\ it\\u0027s {1}'"},
		  {"States.Format($.t, 1)", "{'t':'a {} \\\\{ b'}", "'a 1 { b'"},
		  {"States.Format($.t)", "{'t':17}", "'17'"},
		  {"States.Format('')", "{}", "''"},
		  /* what StringToJson gives reads as JSON */
		  {"States.Format('{} {}', States.StringToJson($.t), States.StringToJson('\"x\"'))", "{'t':'{}'}", "'{} \\'x\\''"},
		  {"States.Format('{}', States.JsonToString($))", "{'a':[1]}", "'{\\'a\\':[1]}'"});
#define ARGUMENTS "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}."
	FAILS({"States.Format('{} {}', 1)", "{}", ARGUMENTS},
		  {"States.Format('{}', 1, 2)", "{}", ARGUMENTS},
		  {"States.Format('', 1)", "{}", ARGUMENTS},
		  {"States.Format()", "{}", "Invalid arguments in States.Format"},
		  {"States.Format('Hello {', $)", "{}", "Invalid template in States.Format: matching '}' not found for '{'."},
		  {"States.Format('Hello {{}}', $)", "{}", "Invalid template in States.Format: matching '}' not found for '{'."},
		  {"States.Format('}')", "{}", "Invalid template in States.Format: matching '{' not found for '}'."});
}

static void
json_and_text(void **state)
{
	GIVES({"States.StringToJson($)", "' {\\'a\\':[1,1.0]} '", "{'a':[1,1.0]}"},
		  {"States.StringToJson('')", "{}", "null"},
		  {"States.StringToJson(' \n')", "{}", "null"},
		  {"States.StringToJson('-0')", "{}", "0"},
		  {"States.StringToJson('\"x\"')", "{}", "'x'"},
		  {"States.JsonToString($)", "{'b':[1,1.50,null,'\u00e9\\n'],'a':{}}", "'{\\'b\\':[1,1.5,null,\\'\u00e9\\\\n\\'],\\'a\\':{}}'"},
		  {"States.JsonToString('x')", "{}", "'\\'x\\''"},
		  {"States.JsonMerge($.a, $.b, false)", "{'a':{'x':{'p':1},'y':1},'b':{'z':3,'x':{'q':2}}}", "{'x':{'q':2},'y':1,'z':3}"},
		  {"States.JsonMerge($.a, $.a, 'no')", "{'a':{}}", "{}"});
	FAILS({"States.StringToJson('{bad}')", "{}", "Invalid arguments in States.StringToJson"},
		  {"States.StringToJson('{\"a\":1')", "{}", "Invalid arguments in States.StringToJson"},
		  {"States.StringToJson(1)", "{}", "Invalid arguments in States.StringToJson"},
		  {"States.StringToJson()", "{}", "Invalid arguments in States.StringToJson"},
		  {"States.StringToJson('1', '2')", "{}", "Invalid arguments in States.StringToJson"},
		  {"States.JsonToString()", "{}", "Invalid arguments in States.JsonToString"},
		  {"States.JsonMerge($, $, true)", "{}", "Invalid arguments in States.JsonMerge"},
		  {"States.JsonMerge($, null, false)", "{}", "Invalid arguments in States.JsonMerge"},
		  {"States.JsonMerge($.a, $, false)", "{'a':[]}", "Invalid arguments in States.JsonMerge"},
		  {"States.JsonMerge($, $)", "{}", "Invalid arguments in States.JsonMerge"});
}

static void
arrays(void **state)
{
	GIVES({"States.Array()", "{}", "[]"},
		  {"States.Array($, $)", "[1]", "[[1],[1]]"},
		  {"States.ArrayPartition($, 4)", "[1,2,3,4,5,6,7,8,9]", "[[1,2,3,4],[5,6,7,8],[9]]"},
		  {"States.ArrayPartition($, 2.9)", "[1,2,3]", "[[1,2],[3]]"},
		  {"States.ArrayPartition($, 9223372036854775807)", "[1,2]", "[[1,2]]"},
		  {"States.ArrayPartition($, 1)", "[]", "[]"},
		  {"States.ArrayContains($, 2)", "[1,2]", "true"},
		  {"States.ArrayContains($, $[0])", "[[1,{'a':null}]]", "true"},
		  {"States.ArrayContains($, null)", "[]", "false"},
		  {"States.ArrayContains($, false)", "[0,1,-1.5,'']", "false"},
		  /* texts are compared */
		  {"States.ArrayContains($, true)", "['true']", "true"},
		  {"States.ArrayContains($, 9007199254740991)", "['9007199254740991']", "true"},
		  {"States.ArrayContains($.a, $.b)", "{'a':[{'x':1,'y':2}],'b':{'y':2,'x':1}}", "false"},
		  {"States.ArrayContains($, 1)", "[1.0]", "false"},
		  {"States.ArrayRange(1, 9, 2)", "{}", "[1,3,5,7,9]"},
		  {"States.ArrayRange(5, 1, -2)", "{}", "[5,3,1]"},
		  {"States.ArrayRange(3, 3, -1)", "{}", "[3]"},
		  {"States.ArrayRange(5, 1, 1)", "{}", "[]"},
		  {"States.ArrayRange(1, 5, -1)", "{}", "[]"},
		  {"States.ArrayRange(1.6, 1.4, 1)", "{}", "[1]"},
		  {"States.ArrayRange(5.4, -0.6, -2.4)", "{}", "[5,3,1]"},
		  {"States.ArrayRange(-9223372036854775808, 9223372036854775807, 9223372036854775807)", "{}",
		   "[-9223372036854775808,-1,9223372036854775806]"},
		  {"States.ArrayLength(States.ArrayRange(1, 1000, 1))", "{}", "1000"},
		  {"States.ArrayGetItem($, 1.9)", "[1,2,3]", "2"},
		  {"States.ArrayGetItem($, 7)", "[]", "null"},
		  {"States.ArrayLength($)", "[[],[]]", "2"});
	FAILS({"States.ArrayPartition($, 0.6)", "[1]", "Invalid arguments in States.ArrayPartition"},
		  {"States.ArrayPartition($, -1)", "[1]", "Invalid arguments in States.ArrayPartition"},
		  {"States.ArrayPartition($, '2')", "[1]", "Invalid arguments in States.ArrayPartition"},
		  {"States.ArrayPartition('x', 2)", "[1]", "Invalid arguments in States.ArrayPartition"},
		  {"States.ArrayContains($, 2)", "{}", "Invalid arguments in States.ArrayContains"},
		  {"States.ArrayRange(1, 10, 0.49)", "{}", "Invalid arguments in States.ArrayRange"},
		  {"States.ArrayRange(1, 1001, 1)", "{}", "Invalid arguments in States.ArrayRange"},
		  {"States.ArrayRange(1001, 1, -1)", "{}", "Invalid arguments in States.ArrayRange"},
		  {"States.ArrayRange(-9223372036854775808, 9223372036854775807, 1)", "{}", "Invalid arguments in States.ArrayRange"},
		  {"States.ArrayRange('a', 5, 1)", "{}", "Invalid arguments in States.ArrayRange"},
		  {"States.ArrayRange(1, 1e300, 1)", "{}", "Invalid arguments in States.ArrayRange"},
		  {"States.ArrayGetItem($, 3)", "[1,2,3]", "Invalid arguments in States.ArrayGetItem"},
		  {"States.ArrayGetItem($, -1)", "[1,2,3]", "Invalid arguments in States.ArrayGetItem"},
		  {"States.ArrayGetItem($, '1')", "[1,2,3]", "Invalid arguments in States.ArrayGetItem"},
		  {"States.ArrayLength($)", "{}", "Invalid arguments in States.ArrayLength"},
		  {"States.ArrayUnique($)", "{}", "Invalid arguments in States.ArrayUnique"});
}

/* A HashSet's order: by hashCode() modulo the number of buckets. */
static void
array_unique_gives_a_hash_sets_order(void **state)
{
	GIVES({"States.ArrayUnique($)", "[1,2,3,3,3,4]", "[1,2,3,4]"},
		  {"States.ArrayUnique($)", "[3,1,2,3]", "[1,2,3]"},
		  {"States.ArrayUnique($)", "['a','b','a','c']", "['a','b','c']"},
		  {"States.ArrayUnique($)", "[true,false,true]", "[false,true]"},
		  {"States.ArrayUnique($)", "[null,null,1,null]", "[null,1]"},
		  {"States.ArrayUnique($)", "[1,'1',1,'01']", "[1,'1','01']"},
		  {"States.ArrayUnique($)", "[[1,2],[1,2],[2,1]]", "[[2,1],[1,2]]"},
		  {"States.ArrayUnique($)", "[{'a':1,'b':2},{'b':2,'a':1}]", "[{'a':1,'b':2}]"},
		  /* hashes 33 and 17 share a bucket of 16, the first comes first; with 13 items there are 32 buckets */
		  {"States.ArrayUnique($)", "[33,17,1]", "[33,17,1]"},
		  {"States.ArrayUnique($)", "[33,17,1,1,1,1,1,1,1,1,1,1,1]", "[33,1,17]"},
		  /* 2^32 is a Long: its halves are xored, so 1 */
		  {"States.ArrayUnique($)", "[2,4294967296]", "[4294967296,2]"},
		  {"States.ArrayUnique($)", "['\u00e9\U0001F600','Aa','BB','Aa']", "['Aa','BB','\u00e9\U0001F600']"},
		  {"States.ArrayUnique($)", "[1,1.0,1.00]", "[1.0,1]"},
		  {"States.ArrayUnique($)", "[]", "[]"});
}

static void
strings(void **state)
{
	GIVES({"States.StringSplit('1.2+3', '.+')", "{}", "['1','2','3']"},
		  {"States.StringSplit(',a,,b,', ',')", "{}", "['a','b']"},
		  {"States.StringSplit(',', ',')", "{}", "[]"},
		  {"States.StringSplit('', ',')", "{}", "[]"},
		  {"States.StringSplit('abc', '')", "{}", "['abc']"},
		  {"States.StringSplit('a\u00e9b\u00e8c', '\u00e8')", "{}", "['a\u00e9b','c']"},
		  {"States.StringSplit('Hello\nWorld', '\n')", "{}", "['Hello','World']"},
		  {"States.StringSplit('a\U0001F680b\u20acc\u00e9dAe', '\u00e9\U0001F680\u20acA')", "{}", "['a','b','c','d','e']"},
		  {"States.StringSplit('a\U0001F680b\u20acc', 'x')", "{}", "['a\U0001F680b\u20acc']"},
		  {"States.Base64Encode('')", "{}", "''"},
		  {"States.Base64Encode('Data to encode')", "{}", "'RGF0YSB0byBlbmNvZGU='"},
		  {"States.Base64Encode('\U0001F680')", "{}", "'8J+agA=='"},
		  {"States.Base64Encode('abc')", "{}", "'YWJj'"},
		  {"States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "{}", "'Data to encode'"},
		  {"States.Base64Decode('4pyT')", "{}", "'\u2713'"},
		  /* it refuses nothing */
		  {"States.Base64Decode(' YW Jj!\n')", "{}", "'abc'"},
		  {"States.Base64Decode('YWI')", "{}", "'ab'"},
		  {"States.Base64Decode('YQ==YQ==')", "{}", "'a'"},
		  {"States.Base64Decode('8J-agA')", "{}", "'\U0001F680'"},
		  {"States.Base64Decode('4pz/Yg==')", "{}", "'\uFFFD\uFFFDb'"},
		  {"States.Base64Decode('7aCAYg==')", "{}", "'\uFFFDb'"},
		  {"States.Base64Decode('7b8')", "{}", "'\uFFFD'"},
		  {"States.Hash('hello', 'MD5')", "{}", "'5d41402abc4b2a76b9719d911017c592'"},
		  {"States.Hash('hello', 'SHA-1')", "{}", "'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'"},
		  {"States.Hash('', 'SHA-256')", "{}", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"},
		  {"States.Hash('hello', 'SHA-384')", "{}",
		   "'59e1748777448c69de6b800d7a33bbfb9ff1b463e44354c3553bcdb9c666fa90125a3c79f90397bdf5f6a13de828684f'"},
		  {"States.Hash('hello', 'SHA-512')", "{}",
		   "'9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043'"},
		  {"States.ArrayLength(States.Array(States.Hash($, 'MD5')))", "{}", "1"},
		  {"States.UUID()", "{}", "'f0f1f2f3-f4f5-46f7-b8f9-fafbfcfdfeff'"});
	FAILS({"States.StringSplit(1, ',')", "{}", "Invalid arguments in States.StringSplit"},
		  {"States.StringSplit('a', null)", "{}", "Invalid arguments in States.StringSplit"},
		  {"States.Base64Encode(1)", "{}", "Invalid arguments in States.Base64Encode"},
		  {"States.Base64Decode($)", "{}", "Invalid arguments in States.Base64Decode"},
		  {"States.Base64Decode('YWJjAGRlZg==')", "{}",
		   "Invalid arguments in States.Base64Decode: the character \\u0000 is not supported"},
		  {"States.Hash('x', 'sha-256')", "{}", "Invalid arguments in States.Hash"},
		  {"States.Hash('x', 1)", "{}", "Invalid arguments in States.Hash"},
		  {"States.Hash('x')", "{}", "Invalid arguments in States.Hash"},
		  {"States.UUID(1)", "{}", "Invalid arguments in States.UUID"});
}

/* 10,000 characters, in UTF-16 units. */
static void
long_strings_are_refused(void **state)
{
	static const char *const calls[] = {"States.Base64Encode($)", "States.Base64Decode($)", "States.Hash($, 'MD5')"};
	static const struct
	{
		const char *character;
		int			most;
	}			kinds[] = {{"a", 10000}, {"\u00e9", 10000}, {"\U0001F680", 5000}};
	char	   *text = malloc(50000);

	(void) state;
	for (int k = 0; k < 3; k++)
	{
		for (int more = 0; more < 2; more++)
		{
			json_t	   *input;

			*text = '\0';
			for (int i = 0; i < kinds[k].most + more; i++)
				strcpy(text + strlen(kinds[k].character) * (size_t) i, kinds[k].character);
			input = json_string(text);
			for (int i = 0; i < 3; i++)
			{
				WfError		error = WF_ERROR_NONE;
				json_t	   *value = call(calls[i], input, &error);

				assert_int_equal(value == NULL, more);
				json_decref(value);
				wf_error_clear(&error);
			}
			json_decref(input);
		}
	}
	free(text);
}

static void
numbers(void **state)
{
	GIVES({"States.MathAdd(1.5, 1.51)", "{}", "4"},
		  {"States.MathAdd(-1.5, 0)", "{}", "-1"},
		  {"States.MathAdd(-1.49, -1.5)", "{}", "-2"},
		  {"States.MathAdd(0.49999999999999994, 0)", "{}", "0"},
		  {"States.MathAdd(2147483646, 1)", "{}", "2147483647"},
		  {"States.MathAdd(-2147483648, 0)", "{}", "-2147483648"},
		  {"States.MathRandom(1, 3)", "{}", "2"},
		  {"States.MathRandom(1.6, 2.4)", "{}", "1"},
		  {"States.MathRandom(-2147483648, 2147483647)", "{}", "2147479352"},
		  /* java.util.Random's */
		  {"States.Array(States.MathRandom(0, 100, 42), States.MathRandom(0, 100, 0), States.MathRandom(0, 100, 1))", "{}", "[30,60,85]"},
		  {"States.Array(States.MathRandom(0, 10, 42), States.MathRandom(5, 15, 42))", "{}", "[0,5]"},
		  {"States.Array(States.MathRandom(0, 16, 42), States.MathRandom(0, 16, -1))", "{}", "[11,4]"});
	FAILS({"States.MathAdd(2147483647, 1)", "{}", "Invalid arguments in States.MathAdd"},
		  {"States.MathAdd(3000000000, -3000000000)", "{}", "Invalid arguments in States.MathAdd"},
		  {"States.MathAdd(1e300, 1)", "{}", "Invalid arguments in States.MathAdd"},
		  {"States.MathAdd('1', 1)", "{}", "Invalid arguments in States.MathAdd"},
		  {"States.MathAdd(1, true)", "{}", "Invalid arguments in States.MathAdd"},
		  {"States.MathAdd(1)", "{}", "Invalid arguments in States.MathAdd"},
		  {"States.MathRandom(1, 1)", "{}", "Invalid arguments in States.MathRandom"},
		  {"States.MathRandom(1.4, 1.6)", "{}", "Invalid arguments in States.MathRandom"},
		  {"States.MathRandom(1, 3000000000)", "{}", "Invalid arguments in States.MathRandom"},
		  {"States.MathRandom(1, 10, null)", "{}", "Invalid arguments in States.MathRandom"});
}

static void
long_work_is_interrupted(void **state)
{
	static const char *const calls[] = {"States.ArrayUnique($)", "States.ArrayContains($, 'x')"};
	json_t	   *input = json_array();

	(void) state;
	for (int i = 0; i < 5000; i++)
		json_array_append_new(input, json_integer(i));
	interrupt = true;
	for (int i = 0; i < 2; i++)
	{
		WfError		error = WF_ERROR_NONE;

		assert_null(call(calls[i], input, &error));
		assert_error(error, WF_INTERRUPTED, NULL);
	}
	interrupt = false;
	json_decref(input);
}

/* What could not be read back is not written. */
static void
depth_is_bounded(void **state)
{
	static const char *const calls[] = {
		"States.JsonToString(States.Array($))", "States.Format('{}', States.Array($))", "States.Hash(States.Array($), 'MD5')",
		"States.ArrayUnique(States.Array($))", "States.ArrayContains(States.Array($), 1)",
	};
	json_t	   *input = json_array();

	(void) state;
	for (int i = 1; i < WF_JSON_MAX_DEPTH; i++)
	{
		json_t	   *outer = json_array();

		json_array_append_new(outer, input);
		input = outer;
	}
	for (int i = 0; i < 5; i++)
	{
		WfError		error = WF_ERROR_NONE;

		assert_null(call(calls[i], input, &error));
		assert_error(error, WF_STATES_RUNTIME, NULL);
	}
	json_decref(input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_read),
		cmocka_unit_test(wrong_syntax_is_refused),
		cmocka_unit_test(certain_failures_are_doubted),
		cmocka_unit_test(arguments_are_evaluated),
		cmocka_unit_test(what_is_not_found_is_named),
		cmocka_unit_test(format_fills_in),
		cmocka_unit_test(json_and_text),
		cmocka_unit_test(arrays),
		cmocka_unit_test(array_unique_gives_a_hash_sets_order),
		cmocka_unit_test(strings),
		cmocka_unit_test(long_strings_are_refused),
		cmocka_unit_test(numbers),
		cmocka_unit_test(long_work_is_interrupted),
		cmocka_unit_test(depth_is_bounded),
	};

	return cmocka_run_group_tests_name("intrinsic", tests, NULL, NULL);
}
