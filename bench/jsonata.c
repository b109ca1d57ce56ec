/*
 * jsonata.c - JSONata as an ordinary program, for bench/jsonata: how often per second of one core it parses or evaluates an
 * expression.
 *
 *   jsonata parse|evaluate            reads {"expr", "bindings"}, does it once and prints what came out, as JSON
 *   jsonata parse|evaluate SECONDS    does it for so long and prints how often per second of the thread's CPU time
 *
 * To be evaluated an expression is parsed once, and its bindings are there as JSON; what comes out is JSON, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json/json.h"
#include "jsonata/jsonata.h"

#define MAX_BINDINGS 8

static struct
{
	const char *text;
	size_t		length;
	WfJsonata  *expression;
	WfJsonataBinding bindings[MAX_BINDINGS];
	int			n_bindings;
} subject;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "%s%s%s\n", what, why ? ": " : "", why ? why : "");
	exit(1);
}

static WfJsonata *
parse(void)
{
	WfJsonataError error = WF_JSONATA_ERROR_NONE;
	WfJsonata  *expression = wf_jsonata_parse(subject.text, subject.length, WF_JSONATA_STATES, &error);

	if (!expression)
		die(error.code, error.message);
	return expression;
}

static json_t *
evaluate(void)
{
	WfJsonataError error = WF_JSONATA_ERROR_NONE;
	json_t	   *result;

	if (wf_jsonata_evaluate(subject.expression, NULL, subject.bindings, subject.n_bindings, NULL, &result, &error) != WF_JSONATA_VALUE)
		die("no value", error.message);
	return result;
}

static void
run(bool parsing)
{
	if (parsing)
		wf_jsonata_free(parse());
	else
		json_decref(evaluate());
}

static double
seconds_used(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static double
measure(bool parsing, double seconds)
{
	double		began = seconds_used();
	double		passed;
	long		n = 0;
	long		batch = 1;

	/* The clock of a thread is a system call: it is read ever more seldom. */
	do
	{
		for (long i = 0; i < batch; i++)
			run(parsing);
		n += batch;
		passed = seconds_used() - began;
		if (passed < seconds / 16)
			batch *= 2;
	} while (passed < seconds);
	return (double) n / passed;
}

int
main(int n_arguments, char **arguments)
{
	static char text[1 << 20];
	WfError		problem = WF_ERROR_NONE;
	json_t	   *question = wf_json_parse(text, fread(text, 1, sizeof(text), stdin), false, &problem);
	json_t	   *expression = json_object_get(question, "expr");
	bool		parsing = n_arguments > 1 && strcmp(arguments[1], "parse") == 0;
	const char *name;
	json_t	   *value;

	if (n_arguments < 2 || !json_is_string(expression))
		die("jsonata parse|evaluate [SECONDS] < {\"expr\", \"bindings\"}", problem.cause);
	subject.text = json_string_value(expression);
	subject.length = json_string_length(expression);
	json_object_foreach(json_object_get(question, "bindings"), name, value)
		if (subject.n_bindings < MAX_BINDINGS)
			subject.bindings[subject.n_bindings++] = (WfJsonataBinding) {name, value};
	subject.expression = parse();

	if (n_arguments > 2)
	{
		measure(parsing, 0.05);
		printf("%.0f\n", measure(parsing, atof(arguments[2])));
	}
	else if (parsing)
		puts("true");
	else
	{
		json_t	   *result = evaluate();
		char	   *shown = wf_json_text(result, NULL);

		puts(shown);
		free(shown);
		json_decref(result);
	}
	wf_jsonata_free(subject.expression);
	json_decref(question);
	return 0;
}
