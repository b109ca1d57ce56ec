/*
 * test_jsonata_allocation.c - every allocation of JSONata fails once: nothing crashes, leaks, or is taken for another error.
 */
#include "failing_malloc.h"
#include "unit.h"

#include "jsonata/jsonata.h"

/* Between them, they come to every kind of thing that is allocated. */
static const char *const expressions[] = {
	"a.b[c > 1]{$string(c): $}",
	"$map([1..200], function($i, $k){$string($i) & $k}) ~> $join('-') ~> $uppercase",
	"a.b@$x.%.d[$x.c = 2]^(>$x.c)#$i.[$i, $x]",
	"$replace('abcabc', /(b)c/, function($m){$m.groups[0] & $m.next().match})",
	"$ ~> |a.b|{'e': [c, 'long enough to be a string of its own']}, 'c'|",
	"($f := function($n)<n:n>{$n > 50 ? $n : $f($n + 1)}; $f(1) + $reduce([1..50], $append)[3])",
	"$eval('[1, 2, {\"x\": $sum(a.b.c)}]')",
	"$match('x1y22', /\\d+/) & $fromMillis(1700000000000, '[Y] [MNn] [D1o]') & $formatNumber(1234.5, '#,##0.00')",
	"$distinct([1..40]) ~> $sort(function($a, $b){$a < $b}) ~> $zip([1..9]) ~> $string",
	"$error('no ' & $string(a))",
	"a.b.c + 'x'",
	"1 + ",
	"'\\u00e9' & `a`.b[].{'k\\u00ea': %.d}",
	"$toMillis('12 March', '[D] [MNn]') & $encodeUrl('a b') & $formatInteger(12345, 'w')",
	"[[1..20].{'k': [$, 1]}{$string($count(k)): k}, a.b^(c, >$string($)), $append([1..20], 1) ~> $append(2) ~> $append('x')]",
	"'\\ud83d' & '\\ude00' & $count($distinct([[1, {'a': 2}], [1, {'a': 2}]])) & $string($ ~> |a|{}, ['b', 'c']|)",
	"$parseInteger('twelve', 'w') + $number('0x1F') + $length($base64decode('YWJjZA=='))",
};

/*
 * Evaluates with the nth allocation failing, and all behind it; n = 0: with none.  True once there are not as many.  What
 * gives no value must be told as want of memory, or be what the expression comes to by itself: its error's code, or "value",
 * which stands in `code`.
 */
static bool
try_with(const char *text, long n, json_t *input, char *code)
{
	WfJsonataBinding binding = {"states", input};
	WfJsonataError error = WF_JSONATA_ERROR_NONE;
	WfJsonata  *expression;
	json_t	   *result = NULL;
	bool		survived;

	fail_allocation(n, true);
	expression = wf_jsonata_parse(text, strlen(text), WF_JSONATA_STANDARD, &error);
	if (expression != NULL)
		wf_jsonata_evaluate(expression, input, &binding, 1, NULL, &result, &error);
	survived = !fail_no_more();
	if (n == 0)
		strcpy(code, result != NULL ? "value" : error.code);
	else if (!survived && result == NULL && error.kind != WF_JSONATA_NO_MEMORY && strcmp(code, error.code) != 0)
		fail_msg("%s: allocation %ld failed, and was taken for: %d %s", text, n, error.kind, error.code);
	wf_jsonata_error_clear(&error);
	wf_jsonata_free(expression);
	json_decref(result);
	return survived;
}

static void
test_allocations(void **state)
{
	json_t	   *input = json_of("{'a':{'b':[{'c':1},{'c':2},{'c':3}],'d':'text'}}");

	(void) state;
	for (size_t i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++)
	{
		char		code[8];

		(void) try_with(expressions[i], 0, input, code);
		for (long n = 1; !try_with(expressions[i], n, input, code); n++)
			assert_in_range(n, 1, 10000);
	}
	json_decref(input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allocations),
	};

	fail_in_jansson_too();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
