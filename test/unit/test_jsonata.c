/*
 * test_jsonata.c - JSONata: what its collections of cases do not show (test/corpora/jsonata.py): limits, references, the
 * States Language's functions, errors' places, what passes through untouched.
 */
#include "unit.h"

#include "jsonata/jsonata.h"

typedef struct Run
{
	WfJsonataOutcome outcome;
	json_t	   *result;
	WfJsonataError error;
} Run;

static Run
run_with(const char *text, WfJsonataDialect dialect, json_t *input, const WfJsonataBinding *bindings, int n, const WfJsonataLimits *limits)
{
	Run			run = {.outcome = WF_JSONATA_FAILED, .error = WF_JSONATA_ERROR_NONE};
	WfJsonata  *expression = wf_jsonata_parse(text, strlen(text), dialect, &run.error);

	if (expression != NULL)
		run.outcome = wf_jsonata_evaluate(expression, input, bindings, n, limits, &run.result, &run.error);
	wf_jsonata_free(expression);
	return run;
}

static Run
run_on(const char *text, const char *document)
{
	json_t	   *input = json_of(document);
	Run			run = run_with(text, WF_JSONATA_STANDARD, input, NULL, 0, NULL);

	json_decref(input);
	return run;
}

static void
gives(const char *text, const char *document, const char *expected)
{
	Run			run = run_on(text, document);

	if (run.outcome != WF_JSONATA_VALUE)
		fail_msg("%s: outcome %d, %s %s", text, run.outcome, run.error.code, run.error.message);
	assert_json(run.result, expected);
}

static void
check_failure(const char *text, Run run, const char *code, int position, const char *message)
{
	if (run.outcome != WF_JSONATA_FAILED)
		fail_msg("%s does not fail", text);
	assert_string_equal(run.error.code, code);
	if (message != NULL)
		assert_string_equal(run.error.message, message);
	if (position != 0)
		assert_int_equal(run.error.position, position);
	wf_jsonata_error_clear(&run.error);
}

static void
fails(const char *text, const char *code, int position, const char *message)
{
	check_failure(text, run_on(text, "{'a':1}"), code, position, message);
}

static void
test_outcomes(void **state)
{
	Run			run;

	(void) state;
	gives("a + 1", "{'a':41}", "42");
	gives("$", "[1,2]", "[1,2]");
	gives("[1/0, {'k': -1/0}]", "null", "['Infinity',{'k':'-Infinity'}]");
	gives("{'a': $sum, 'b': nothing}", "null", "{}");
	run = run_on("nothing", "{}");
	assert_int_equal(run.outcome, WF_JSONATA_UNDEFINED);
	run = run_on("function($x){$x}", "{}");
	assert_int_equal(run.outcome, WF_JSONATA_FUNCTION);
	run = run_on("$sum ~> $string", "{}");
	assert_int_equal(run.outcome, WF_JSONATA_FUNCTION);
}

/* Numbers of the input that a double would change keep their digits where nobody counts with them. */
static void
test_numbers_pass_through(void **state)
{
	(void) state;
	gives("a", "{'a':9007199254740993}", "9007199254740993");
	gives("a", "{'a':1.0}", "1.0");
	gives("[a, 1][0]", "{'a':9223372036854775807}", "9223372036854775807");
	gives("$max(a)", "{'a':[1,9007199254740993]}", "9007199254740993");
	gives("$string(a)", "{'a':9007199254740993}", "'9007199254740993'");
	gives("a + 0", "{'a':1.0}", "1");
	gives("1e21", "null", "1.0E21");
}

/* The document is shared, not copied. */
static void
test_shares_the_input(void **state)
{
	json_t	   *input = json_of("{'a':{'b':[1,2,3]},'s':'x'}");
	Run			run = run_with("a", WF_JSONATA_STANDARD, input, NULL, 0, NULL);

	(void) state;
	assert_ptr_equal(run.result, json_object_get(input, "a"));
	json_decref(run.result);
	run = run_with("{'s': $distinct(s & '' = 'x' ? [s, s])[0], 'key': $keys($)[0]}", WF_JSONATA_STANDARD, input, NULL, 0, NULL);
	assert_ptr_equal(json_object_get(run.result, "s"), json_object_get(input, "s"));
	json_decref(run.result);
	run = run_with("$ ~> |a|{'c': b[0]}, 'b'|", WF_JSONATA_STANDARD, input, NULL, 0, NULL);
	assert_json(run.result, "{'a':{'c':1},'s':'x'}");
	assert_json(input, "{'a':{'b':[1,2,3]},'s':'x'}");
}

/* What a transform has not changed is the input's own. */
static void
test_shares_what_is_not_transformed(void **state)
{
	json_t	   *same = json_of("{'n':[1,{'m':2}]}");
	json_t	   *input = json_pack("{s:O, s:O, s:{s:O, s:i}}", "x", same, "y", same, "z", "s", same, "t", 1);
	Run			run;

	(void) state;
	run = run_with("$ ~> |y.n|{'new': 3}|", WF_JSONATA_STANDARD, input, NULL, 0, NULL);
	assert_ptr_equal(json_object_get(run.result, "x"), same);
	assert_ptr_equal(json_object_get(run.result, "z"), json_object_get(input, "z"));
	assert_json(run.result, "{'x':{'n':[1,{'m':2}]},'y':{'n':[1,{'m':2,'new':3}]},'z':{'s':{'n':[1,{'m':2}]},'t':1}}");

	run = run_with("$ ~> |z.s.n|{}, ['m', 'o']|", WF_JSONATA_STANDARD, input, NULL, 0, NULL);
	assert_ptr_equal(json_object_get(run.result, "y"), same);
	assert_json(run.result, "{'x':{'n':[1,{'m':2}]},'y':{'n':[1,{'m':2}]},'z':{'s':{'n':[1,{}]},'t':1}}");

	/* what another one has changed stays changed, and parts of the copy can be put into it */
	run = run_with("$ ~> |z|{'u': x}| ~> |x|{'a': 1}| ~> |z.s|{'b': $$.x}|", WF_JSONATA_STANDARD, input, NULL, 0, NULL);
	assert_ptr_equal(json_object_get(run.result, "y"), same);
	assert_json(run.result, "{'x':{'n':[1,{'m':2}],'a':1},'y':{'n':[1,{'m':2}]},"
				"'z':{'s':{'n':[1,{'m':2}],'b':{'n':[1,{'m':2}]}},'t':1}}");
	run = run_with("[$ ~> |**[$exists(m)]|{'m': 3}|, $clone(x)]", WF_JSONATA_STANDARD, input, NULL, 0, NULL);
	assert_ptr_equal(json_array_get(run.result, 1), same);
	assert_json(run.result, "[{'x':{'n':[1,{'m':3}]},'y':{'n':[1,{'m':3}]},'z':{'s':{'n':[1,{'m':3}]},'t':1}},{'n':[1,{'m':2}]}]");
	assert_json(input, "{'x':{'n':[1,{'m':2}]},'y':{'n':[1,{'m':2}]},'z':{'s':{'n':[1,{'m':2}]},'t':1}}");
	json_decref(same);
}

static void
test_bindings(void **state)
{
	json_t	   *value = json_of("{'input':{'n':[1,2,3]}}");
	WfJsonataBinding bindings[] = {{"states", value}, {"sum", value}, {"none", NULL}};
	Run			run = run_with("$sum(1)", WF_JSONATA_STANDARD, NULL, bindings, 1, NULL);

	(void) state;
	assert_json(run.result, "1");
	run = run_with("[$states.input.n[1], $exists($none), ($states := 5; $states), $.states]", WF_JSONATA_STANDARD, NULL, bindings, 3, NULL);
	assert_json(run.result, "[2,false,5]");

	/* a caller's variable hides a function */
	check_failure("$sum(1)", run_with("$sum(1)", WF_JSONATA_STANDARD, NULL, bindings, 2, NULL), "T1006", 5, NULL);
	json_decref(value);
}

static void
test_errors(void **state)
{
	(void) state;
	fails("a +", "S0207", 3, "Unexpected end of expression");
	fails("", "S0207", 0, "Unexpected end of expression");
	fails("(", "S0203", 1, "Expected \")\" before end of expression");
	fails("{\"a\":", "S0203", 5, "Expected \"}\" before end of expression");
	fails("a@", "S0214", 2, "The right side of \"@\" must be a variable name (start with $)");
	fails("a 1.50", "S0201", 6, "Syntax error: 1.5");
	fails("f(1,)'", "S0101", 6, NULL);
	fails("f(1,) 2", "S0211", 5, "The symbol \")\" cannot be used as a unary operator");
	fails("[1 null]", "S0202", 7, "Expected \"]\", got null");
	fails("[1 'x']", "S0202", 6, "Expected \"]\", got \"x\"");
	fails("function($x)<a<n>>{1}('x')", "T0412", 22, "Argument 1 of function undefined must be an array of \"numbers\"");
	fails("function($x)<a<x>>{1}([1])", "T0412", 22, "Argument 1 of function undefined must be an array of undefined");
	fails("function($x)<a<(ns)>>{1}([1])", "T0412", 25, "Argument 1 of function undefined must be an array of undefined");
	fails("function($x)<a<a<n>>>{1}(1)", "T0412", 25, "Argument 1 of function undefined must be an array of undefined");
	gives("function($x)<a<a<n>>>{$x}([['a']])", "null", "[['a']]");
	gives("function($x)<a<x>>{$x}([])", "null", "[]");
	fails("1.a >", "S0213", 1, "The literal value 1 cannot be used as a step within a path expression");
	fails("'\\", "S0103", 2, "Unsupported escape sequence: \\\"\"");
	fails("/* a", "S0106", 0, "Comment has no closing tag");
	fails("1e400", "S0102", 0, "Number out of range: \"1e400\"");
	fails("function($a)<n<n>>{1}", "S0401", 15, "Type parameters can only be applied to functions and arrays");
	fails("a = %", "S0217", 3, "The object representing the 'parent' cannot be derived from this expression");
	fails("[a +", "S0203", 4, "Expected \"]\" before end of expression");
	fails("'x' ~> $floor", "T0410", 0, NULL);
	fails("'' ~> $fromMillis", "T0411", 0, NULL);
	fails("a b", "S0201", 3, "Syntax error: \"b\"");
	fails("[1!2]", "S0204", 3, "Unknown operator: \"!\"");
	fails("\"\\u12\"", "S0104", 2, NULL);
	fails("\"\\\xC3\xA9\"", "S0103", 2, "Unsupported escape sequence: \\\"\xC3\xA9\"");
	fails("\"\xF0\x9F\x98\x80\" + 1", "T2001", 6, "The left side of the \"+\" operator must evaluate to a number");
	fails("$foo(1)", "T1006", 5, "Attempted to invoke a non-function");
	fails("sum(a)", "T1005", 4, "Attempted to invoke a non-function. Did you mean $sum?");
	fails("$length(5)", "T0410", 8, "Argument 1 of function \"length\" does not match function signature");
	fails("$sum(['x'])", "T0412", 5, "Argument 1 of function \"sum\" must be an array of \"numbers\"");
	fails("1 < 'a'", "T2009", 3, "The values 1 and \"a\" either side of operator \"<\" must be of the same data type");
	fails("$error('mine')", "D3137", 7, "mine");
	fails("$toMillis('never')", "D3110", 10, NULL);
	fails("$eval('1 +')", "D3120", 6, "Syntax error in expression passed to function eval: \"Unexpected end of expression\"");
	fails("$string({'a': 1/0})", "D1001", 8, "Number out of range: null");
	fails("\xFF", "S0201", 0, NULL);
	gives("$ ~> |$|{'x':$}|", "{'a':1}", "{'a':1,'x':{'a':1}}");
}

static bool
interrupt(void *arg)
{
	(void) arg;
	return true;
}

static void
limited(const char *text, WfJsonataLimits limits, WfJsonataProblem kind)
{
	Run			run = run_with(text, WF_JSONATA_STANDARD, NULL, NULL, 0, &limits);

	if (run.outcome != WF_JSONATA_FAILED)
		fail_msg("%s is not stopped", text);
	assert_int_equal(run.error.kind, kind);
	assert_string_equal(run.error.code, kind == WF_JSONATA_LIMIT ? "U1001" : "");
	wf_jsonata_error_clear(&run.error);
}

/* What generated expressions have shown (test/differential/jsonata). */
static void
test_small_rules(void **state)
{
	(void) state;
	gives("[1,2][[0,0,1]]", "null", "[1,1,2]");
	gives("{}[[0,-1]]", "null", "[{},{}]");
	gives("a[[0,0]].b", "{'a':[{'b':1},{'b':2}]}", "[1,1]");
	gives("a^($)", "{'a':[5]}", "5");
	gives("[a^($)]", "{'a':[[5]]}", "[5]");
	gives("($x := [1,2]; $x#$i.$i)", "null", "[0,1]");
	gives("$clone()", "[1]", "[1]");
	gives("$@$p[].a", "{'a':{}}", "[{}]");
	gives("[($uppercase ~> $lowercase)()]", "'A'", "[]");
	gives("[0/0 >= 1, 0/0 < 1, 0/0 > 1, 0/0 <= 1]", "null", "[false,false,false,false]");
	fails("{'a': $error(), 'a': 1}", "D1009", 1, NULL);
	fails("$formatInteger(1/0, 'w')", "D1001", 15, NULL);
	fails("$formatInteger(0/0, 'w')", "D1001", 15, NULL);
	fails("$formatInteger(-1/0, 'A')", "D1001", 15, NULL);
	fails("$formatNumber(1/0, '0.0e0')", "D1001", 14, NULL);
	fails("-(1/0)", "D1001", 0, "Number out of range: null");
	fails("'x' & 1/0", "D3001", 5, NULL);
	fails("{'_jsonata_lambda': 1}", "D1013", 1, "Object property names starting with _jsonata_ are reserved for internal use: \"_jsonata_lambda\"");
	fails("[1]{'_jsonata_' & 'function': $}", "D1013", 4, NULL);
	gives("{'_jsonata_': 1}", "null", "{'_jsonata_':1}");
	fails("($clone := 1; {'a': 1} ~> |$|{}|)", "T2013", 27, NULL);
	gives("($clone := function($x){{'b': $x}}; {'a': 1} ~> |$|{'c': 2}|)", "null", "{'b':{'a':1},'c':2}");
	gives("[$exists([]#$v.c), $exists(([].a)#$v.c)]", "null", "[false,false]");
	gives("[$string(), $eval('$string()', [1])]", "[{'a':1}]", "['[{\\\"a\\\":1}]','[1]']");
	fails("$power(2, nothing)", "D3061", 7, NULL);
	fails("$assert(nothing)", "D3141", 8, NULL);

	/* the first match may be empty */
	gives("$contains('b', /c*/)", "null", "true");
	gives("$match('ba', /$/).index", "null", "2");
	gives("$replace('ba', /$/, 'x')", "null", "'bax'");
	gives("$split('b', /b*/)", "null", "['','']");
	gives("/a*/('b').end", "null", "0");
	gives("[(12 ~> /\\d+/), /u/(true), /u/(null), /^4$/(a)].match", "{'a':4.0}", "['12','u','u','4']");
	gives("[$contains('a', function(){null}), $contains('a', function(){0}), $contains('a', function(){nothing})]", "null", "[true,true,false]");
	fails("$contains('a', function(){1})", "T1010", 10, NULL);
	gives("[$substring('abc', nothing, 1), $substring('abc', nothing)]", "null", "['','abc']");

	/* A comparison gets two arguments, a matcher one, however many they take. */
	fails("$sort([2, 1], function($a)<n>{true})", "T0410", 6, NULL);
	gives("$sort([2, 1], function($a, $b, $c)<nn>{$a > $b})", "null", "[1,2]");
	gives("$contains('a', function($a, $b)<s>{true ? nothing})", "null", "false");
	gives("$replace('a', /a/, function($m, $n)<o>{'b'})", "null", "'b'");
	gives("[$match('ab', function(){1}, 0), $replace('ab', function(){1}, 'x', 0)]", "null", "['ab']");
	fails("$split('ab', /a*/, 1)", "D1004", 7, NULL);
	gives("[$split('ab', /a*/, 0), $split('ab', /x/, 1), $split('axb', /x/)]", "null", "['ab','a','b']");
	fails("$fromMillis(0, '[Y', 'x')", "D3135", 12, NULL);
	gives("$split('a1b2c3', /\\d/, 1.5)", "null", "['a','b']");
	gives("$split('a,b,c', ',', 1.5)", "null", "['a']");
	fails("$match('ab', /b*/)", "D1004", 7, NULL);
	fails("$match('ab', /a*/, 1)", "D1004", 7, NULL);
	fails("$replace('ab', /a*/, 'x', 1)", "D1004", 9, NULL);
}

static void
test_limits(void **state)
{
	(void) state;
	WfJsonataError error;
	WfJsonata  *expression = wf_jsonata_parse("/(?:abcdefghij){999}/", 21, WF_JSONATA_STANDARD, &error);
	Run			run;
	static const char doubling[] = "($d := function($n, $x){$n = 0 ? $x : $d($n - 1, [$x, $x])}; $d(40, [[]]))";
	char		nested[1001];

	limited("($f := function($n){1 + $f($n + 1)}; $f(1))", (WfJsonataLimits) {.depth = 100}, WF_JSONATA_LIMIT);
	limited("($f := function($n){1 + $f($n + 1)}; $f(1))", (WfJsonataLimits) {.stack = 100000}, WF_JSONATA_LIMIT);
	limited("($f := function($n){$f($n + 1)}; $f(1))", (WfJsonataLimits) {.milliseconds = 1}, WF_JSONATA_LIMIT);
	limited("($f := function($n){$f($n + 1)}; $f(1))", (WfJsonataLimits) {.interrupted = interrupt}, WF_JSONATA_INTERRUPTED);
	limited("$map([1..5000], function($i){$i})", (WfJsonataLimits) {.interrupted = interrupt}, WF_JSONATA_INTERRUPTED);
	limited("[1..100000]", (WfJsonataLimits) {.memory = 100000}, WF_JSONATA_LIMIT);
	limited("$pad('', 1e9)", (WfJsonataLimits) {.memory = 100000}, WF_JSONATA_LIMIT);
	limited(doubling, (WfJsonataLimits) {.memory = 1000000}, WF_JSONATA_LIMIT);
	fails("[1..10000001]", "D2014", 4, NULL);

	/* What is sorted by is evaluated once for each. */
	run = run_with("$count([1..2000]^($sum([1..20]) - $))", WF_JSONATA_STANDARD, NULL, NULL, 0, &(WfJsonataLimits) {.memory = 4000000});
	assert_json(run.result, "2000");
	gives("($o := $merge([1..20000].{$string(): $}); $o ~> |$|{}, $keys($o)[$ != '7']|)", "null", "{'7':7}");

	/* A regular expression's memory counts. */
	assert_non_null(expression);
	assert_true(wf_jsonata_memory(expression) > 20000);
	wf_jsonata_free(expression);

	/* What is deep without an expression being so. */
	limited("($chain := function($f, $n){$n = 0 ? $f : $chain($f ~> $string, $n - 1)}; $chain($string, 100000)(1))",
			(WfJsonataLimits) {0}, WF_JSONATA_LIMIT);
	limited("($make := function($f, $n){$n = 0 ? $f : $make($map(?, $f), $n - 1)}; $make($string, 100000)([1]))",
			(WfJsonataLimits) {0}, WF_JSONATA_LIMIT);
	gives("($deep := $reduce([1..100000], function($a, $i){[[$a]]}); $count($distinct([[$deep], [$deep], 1])))", "null", "2");

	memset(nested, '(', 1000);
	nested[1000] = '\0';
	fails(nested, "U1001", 0, NULL);
	for (int i = 0; i < 1000; i += 2)
		memcpy(nested + i, "-1", 2);
	gives("['\\ud83d' & '\\ude00', $length('a\\ud83d' & '\\ude00b')]", "null", "['\xF0\x9F\x98\x80',3]");
	gives("$count([1..1e5].$string())", "null", "100000");
	gives("$length($reduce([1..100000], function($text, $i){$text & 'word' & ' '}, ''))", "null", "500000");
	gives("($a := 'x' & 'y'; $b := $a & '1'; $c := $a & '2'; [$a, $b, $c, $b & $c])", "null", "['xy','xy1','xy2','xy1xy2']");
}

static bool
count_questions(void *arg)
{
	++*(int *) arg;
	return false;
}

/* Goes on for a while, and says no but once. */
static bool
interrupt_later(void *arg)
{
	return ++*(int *) arg == 100;
}

static bool
count_dice(void *arg, unsigned char *bytes, size_t n)
{
	++((int *) arg)[1];
	memset(bytes, 7, n);
	return true;
}

/* Who goes through much asks often. */
static void
asks_as(WfJsonataDialect dialect, const char *text, int at_least)
{
	int			asked = 0;
	WfJsonataLimits limits = {.interrupted = count_questions, .arg = &asked};
	Run			run = run_with(text, dialect, NULL, NULL, 0, &limits);

	if (run.outcome == WF_JSONATA_FAILED)
		fail_msg("%s: %s", text, run.error.message);
	if (asked < at_least)
		fail_msg("%s asks %d times", text, asked);
	json_decref(run.result);
}

static void
asks(const char *text, int at_least)
{
	asks_as(WF_JSONATA_STANDARD, text, at_least);
}

static void
test_asks_for_interrupts(void **state)
{
	(void) state;
	WfJsonataLimits limits;
	int			asked[2] = {0, 0};
	Run			run;

	asks("($many := [1..10000]; $count([1..100][$ in $many]))", 100);
	asks("($many := [1..10000]; $count([1..100].$sum($many)))", 100);
	asks("($many := [1..10000].{'a': $}; $count([1..100].$lookup($many, 'b')))", 100);
	asks("($many := [1..10000]; $count([1..100][$many]))", 100);
	asks("($long := $pad('', 100000, 'x'); $count([1..100].$length($long)))", 100);
	asks("($long := $pad('', 100000, 'x'); $same := $pad('', 100000, 'x'); $count([1..100][$long = $same]))", 100);
	asks("($long := $pad('', 100000, 'x'); $same := $pad('', 100000, 'x'); $count([1..100][$long <= $same]))", 100);
	asks("($same := $merge([1..10000].{$string(): 1}); $count($keys($merge([1..100].$same))))", 100);
	asks("$contains($pad('', 1000, 'xxxxxxxxxx ') & 'y', /(x+x+)+[yz]{2}/)", 100);
	asks("$count($sort($append([1..5000], [1..5000])))", 10);

	/* What others do in one go. */
	asks("($d := function($n, $x){$n = 0 ? $x : $d($n - 1, {'l': $x, 'r': $x})}; $length($string($d(18, 1))))", 40);
	asks("($d := function($n, $x){$n = 0 ? $x : $d($n - 1, {'l': $x, 'r': $x})}; $length('' & $d(18, 1)))", 40);
	asks_as(WF_JSONATA_STATES, "$hash($pad('', 2e7, 'x'), 'MD5')", 20);
	asks_as(WF_JSONATA_STATES, "$count($parse('[' & $pad('', 2000000, '1,') & '1]'))", 30);
	limits = (WfJsonataLimits) {.interrupted = interrupt_later, .arg = asked};
	run = run_with("$map([1..1000], function(){$parse('[' & $pad('', 100000, '1,') & '1]')})", WF_JSONATA_STATES, NULL, NULL, 0, &limits);
	assert_int_equal(run.error.kind, WF_JSONATA_INTERRUPTED);
	asked[0] = 0;
	run = run_with("$map([1..1000], function(){$hash($pad('', 100000, 'x'), 'MD5') & $string([1..100000])})", WF_JSONATA_STATES, NULL, NULL, 0,
				   &limits);
	assert_int_equal(run.error.kind, WF_JSONATA_INTERRUPTED);
	asked[0] = 0;

	/* Who has been told to stop stops, wherever that was. */
	limits = (WfJsonataLimits) {.interrupted = interrupt_later, .random_bytes = count_dice, .arg = asked};
	run = run_with("($a := [1..4000].{'a': $}; $b := [1..4000].{'a': $}; $map([1..1000], function(){($a = $b; $uuid())}))",
				   WF_JSONATA_STATES, NULL, NULL, 0, &limits);
	assert_int_equal(run.error.kind, WF_JSONATA_INTERRUPTED);
	assert_in_range(asked[1], 10, 100);
	asks("$count([1..1000]{'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5, 'f': 6, 'g': 7, 'h': 8, 'i': 9})", 4);
}

/* What a value holds twice is small in memory and large as JSON. */
static void
test_shared_values(void **state)
{
	(void) state;
	static const char doubled[] = "($d := function($n, $x){$n = 0 ? $x : $d($n - 1, {'l': $x, 'r': $x})}; ";
	WfJsonataBinding many = {"many", json_of("[[1,2,3],[4,5,6],[7,8,9]]")};
	char		text[200];
	Run			run;

	snprintf(text, sizeof(text), "%s$d(40, 1))", doubled);
	limited(text, (WfJsonataLimits) {.memory = 1000000}, WF_JSONATA_LIMIT);
	snprintf(text, sizeof(text), "%s$string($d(40, 1)))", doubled);
	limited(text, (WfJsonataLimits) {.memory = 1000000}, WF_JSONATA_LIMIT);
	limited("($a := {$pad('', 10000, 'x'): 1}; [1..100].($a))", (WfJsonataLimits) {.memory = 1000000}, WF_JSONATA_LIMIT);
	limited("($a := {}; [1..5000].($a))", (WfJsonataLimits) {.memory = 1000000}, WF_JSONATA_LIMIT);
	snprintf(text, sizeof(text), "%s$d(40, 1) = $d(40, 1))", doubled);
	limited(text, (WfJsonataLimits) {.interrupted = interrupt}, WF_JSONATA_INTERRUPTED);
	snprintf(text, sizeof(text), "($d := function($n, $x){$n = 0 ? $x : $d($n - 1, [[$x], [$x]])}; $boolean($d(40, [])))");
	limited(text, (WfJsonataLimits) {.interrupted = interrupt}, WF_JSONATA_INTERRUPTED);
	gives("($a := {'x': 1}; $b := [$a, $a]; $b = $b)", "null", "true");

	/* Whoever appends has an array of his own. */
	gives("($a := $append([1..20], 21); $b := $append($a, 'b'); $c := $append($a, 'c'); [$a[-1], $b[-1], $c[-1], $append($b, $b)[21], "
		  "$count($append($b, $b)), $count($a)])", "null", "[21,'b','c','b',44,21]");
	gives("$sum($reduce([1..100000], $append))", "null", "5000050000");
	gives("($a := [[[1..5].$, 6], [7]]; $b := $a{'k': $}; [[$a], [$b]])", "null", "[[[1,2,3,4,5,6],[7]],[{'k':[1,2,3,4,5,6,7]}]]");
	gives("$count([1..100000]{'k': $}.k)", "null", "100000");
	gives("$count([1..20000].{'v': $}.v@$x.$x{'k': $count($x)}.k)", "null", "1");
	run = run_with("$map([1..100000], function(){$many})", WF_JSONATA_STANDARD, NULL, &many, 1, &(WfJsonataLimits) {.memory = 10000000});
	assert_int_equal(run.error.kind, WF_JSONATA_LIMIT);
	wf_jsonata_error_clear(&run.error);
	json_decref(many.value);
	limited("($a := [{}]; [1..10000].$a)", (WfJsonataLimits) {.memory = 1000000}, WF_JSONATA_LIMIT);
}

/* Calls in tail position take no stack. */
static void
test_tail_calls(void **state)
{
	(void) state;
	static const char even[] = "($even := function($n){$n = 0 ? true : $odd($n - 1)}; $odd := function($n){$n = 0 ? false : $even($n - 1)}; $even(100000))";
	WfJsonataLimits limits = {.depth = 50};
	Run			run = run_with("($f := function($n, $s){$n = 0 ? $s : ($m := $n - 1; $f($m, $s + $n))}; $f(100000, 0))", WF_JSONATA_STANDARD,
							   NULL, NULL, 0, &limits);

	assert_json(run.result, "5000050000");
	gives("($f := function($n){$n > 100 ? $n : $f($n + 1)}; [$f(1), $f(50)])", "null", "[101,101]");
	run = run_with(even, WF_JSONATA_STANDARD, NULL, NULL, 0, &limits);
	assert_json(run.result, "true");
}

static int64_t
at_noon(void *arg)
{
	++*(int *) arg;
	return 1700000000000 + *(int *) arg;
}

static void
test_one_moment(void **state)
{
	int			asked = 0;
	WfJsonataLimits limits = {.now = at_noon, .arg = &asked};
	Run			run = run_with("[$millis(), $millis(), $toMillis($now())]", WF_JSONATA_STANDARD, NULL, NULL, 0, &limits);

	(void) state;
	assert_json(run.result, "[1700000000001,1700000000001,1700000000001]");
	assert_int_equal(asked, 1);
}

static void
states(const char *text, const char *expected)
{
	Run			run = run_with(text, WF_JSONATA_STATES, NULL, NULL, 0, NULL);

	if (run.outcome != WF_JSONATA_VALUE)
		fail_msg("%s: outcome %d, %s %s", text, run.outcome, run.error.code, run.error.message);
	assert_json(run.result, expected);
}

static void
states_fails(const char *text, const char *code)
{
	check_failure(text, run_with(text, WF_JSONATA_STATES, NULL, NULL, 0, NULL), code, 0, NULL);
}

static void
test_states_functions(void **state)
{
	(void) state;
	Run			run;

	states("$partition([1..5], 2)", "[[1,2],[3,4],[5]]");
	states("$partition([], 2)", "[]");
	states("$partition([1], 1e300)", "[[1]]");
	states("$range(1, 9, 4)", "[1,5,9]");
	states("$range(9, 1, -4)", "[9,5,1]");
	states("$range(1, 9, 9)", "1");
	states("[$range(1, 0, 1)]", "[]");
	states("$range(-1.7, 2, 1)", "[-1,0,1,2]");
	states("$hash('input data', 'SHA-1')", "'aaff4a450a104cd177d28d18d74485e8cae074b7'");
	states("$hash('', 'MD5')", "'d41d8cd98f00b204e9800998ecf8427e'");
	states("$random(7) = $random(7) and $random(7) != $random(8) and $random() < 1", "true");
	states("$length($uuid())", "36");
	states("$contains($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)", "true");
	states("$parse('{\"a\": [1, 2.50]}').a", "[1,2.5]");
	states_fails("$partition([1], 0)", "D3151");
	states_fails("$range(1, 2, 0)", "D3152");
	states_fails("$hash('a', 'SHA-2')", "D3153");
	states_fails("$parse('{')", "D3150");
	states_fails("$eval('1')", "T1006");
	check_failure("$uuid()", run_with("$uuid()", WF_JSONATA_STANDARD, NULL, NULL, 0, NULL), "T1006", 0, NULL);

	/* What $parse makes is memory, too, known before it is made. */
	states("$count($parse('[' & $join($map([1..10000], function(){'[],'})) & '0]'))", "10001");
	states("$parse('\"[,{:\"')", "'[,{:'");
	run = run_with("$count($parse('[' & $join($map([1..10000], function(){'[],'})) & '0]'))", WF_JSONATA_STATES, NULL, NULL, 0,
				   &(WfJsonataLimits) {.memory = 1000000});
	assert_int_equal(run.error.kind, WF_JSONATA_LIMIT);
	wf_jsonata_error_clear(&run.error);
}

static void
refers(const char *text, const char *expected)
{
	static const char *const uses[] = {"variable", "context", "root", "call", "assignment"};
	WfJsonataError error = WF_JSONATA_ERROR_NONE;
	WfJsonata  *expression = wf_jsonata_parse(text, strlen(text), WF_JSONATA_STATES, &error);
	const WfJsonataReference *references;
	char		found[1000] = "";
	int			n;

	if (expression == NULL)
		fail_msg("%s: %s", text, error.message);
	n = wf_jsonata_references(expression, &references);
	for (int i = 0; i < n; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s %s%s%s%s", i > 0 ? ", " : "", uses[references[i].use],
				 references[i].name ? references[i].name : "-", references[i].field ? "." : "",
				 references[i].field ? references[i].field : "", references[i].is_function ? " (function)" : "");
	assert_string_equal(found, expected);
	wf_jsonata_free(expression);
}

static void
test_references(void **state)
{
	(void) state;
	refers("$states.input.x + $n", "variable states.input, variable n");
	refers("$states.input.a[$.b = $states.result]", "variable states.input, variable states.result");
	refers("a.b", "context a");
	refers("$", "context -");
	refers("$.a", "context -.a");
	refers("$$ & *", "root $, context *");
	refers("$sum($x)", "call sum (function), variable x");
	refers("$nope(1)", "call nope");
	refers("($y := $x; $y + $z)", "assignment y, variable x, variable z");
	refers("$l@$a.(b[$a = $c]) & $a", "variable l, variable c, variable a");
	refers("($y; $y := 1)", "variable y, assignment y");
	refers("$map($l, function($v){$v + $w + x})", "call map (function), variable l, variable w, context x");
	refers("$map($l, $sum)", "call map (function), variable l, variable sum (function)");
	refers("($f := function($n){$f($n - 1)}; $f(1))", "assignment f");
	refers("$l.a@$i.b#$k[$k = $i]{$k: $i & c & $q}", "variable l.a, variable q");
	refers("$l^(<price, $p){x: $}", "variable l, variable p");
	refers("$s ~> |a|{'b': c & $d}|", "variable s, variable d");
	refers("$substring(?, $k)", "call substring (function), variable k");
	refers("{a: $states.context}", "context a, variable states.context");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_numbers_pass_through),
		cmocka_unit_test(test_shares_the_input),
		cmocka_unit_test(test_shares_what_is_not_transformed),
		cmocka_unit_test(test_bindings),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_small_rules),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_asks_for_interrupts),
		cmocka_unit_test(test_shared_values),
		cmocka_unit_test(test_tail_calls),
		cmocka_unit_test(test_one_moment),
		cmocka_unit_test(test_states_functions),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
