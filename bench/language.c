/*
 * language.c - the plain-C half as an ordinary program, for bench/language: how often per second of one core it does one
 * case of language.json.
 *
 *   language FILE NAME KIND            does it once and prints what came out, as JSON
 *   language FILE NAME KIND SECONDS    does it for so long and prints how often per second of the thread's CPU time
 *
 * An execution does all that the server does with one but storing: the caller's text is read and written compact, which
 * is what a row holds; the execution is made of a row's text, stepped to its end, and its outcome is there as text.  The
 * kind "history" packs its events into the rows of the history, too.  Paths, templates and rules are parsed before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "asl/choice.h"
#include "asl/definition.h"
#include "interpreter/history_part.h"
#include "interpreter/interpreter.h"
#include "json/json.h"

typedef struct Case
{
	const json_t *source;
	char	   *definition_text;
	size_t		definition_length;
	char	   *input_text;
	size_t		input_length;
	json_t	   *input;
	WfDefinition *definition;
	WfPath	   *path;
	WfTemplate *template_;
	int			n_rules;
	WfCondition *rules[16];
} Case;

typedef struct Kind
{
	const char *word;
	void		(*open) (Case *c);
	json_t	   *(*run) (Case *c, bool show);	/* new where it is to be shown, else NULL */
} Kind;

static void
die(const char *what, const WfError *error)
{
	fprintf(stderr, "%s%s%s\n", what, error && error->cause ? ": " : "", error && error->cause ? error->cause : "");
	exit(1);
}

static int64_t
microseconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64_t) time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* --- what the interpreter asks of the world --- */

static int64_t
tell_time(void *arg)
{
	return microseconds(CLOCK_REALTIME);
}

static double
draw_random(void *arg)
{
	return 0.5;
}

static bool
never(void *arg)
{
	return false;
}

static bool
load_nothing(void *arg, WfExecution *execution, int parent, WfError *error)
{
	return true;
}

static const WfHost host = {NULL, tell_time, draw_random, NULL, never};
static const WfKeeper keeper = {NULL, load_nothing, never};
static const WfLimits limits = {.max_payload = 262144, .max_events = 25000, .inline_concurrency = 40};

/* --- the kinds --- */

static json_t *
run_definition(Case *c, bool show)
{
	WfError		error = WF_ERROR_NONE;
	WfDefinition *definition = wf_definition_parse(c->definition_text, c->definition_length, &error);

	if (!definition)
		die("definition", &error);
	wf_definition_free(definition);
	return show ? json_true() : NULL;
}

static void
open_definition(Case *c)
{
	c->definition_text = wf_json_text(json_object_get(c->source, "definition"), &c->definition_length);
}

static void
open_execution(Case *c)
{
	WfError		error = WF_ERROR_NONE;

	open_definition(c);
	c->definition = wf_definition_parse(c->definition_text, c->definition_length, &error);
	if (!c->definition)
		die("definition", &error);
}

static void
pack_history(const WfOutcome *outcome)
{
	static WfHistoryWriter *writer;
	const char *text;
	size_t		length;

	if (!writer)
		writer = wf_history_writer_new();
	for (int done = 0, packed; done < outcome->n_events; done += packed)
		if (!writer ||
			(packed = wf_history_write(writer, &outcome->events[done], outcome->n_events - done, &text, &length)) == 0)
			die("history", NULL);
}

static json_t *
execute(Case *c, bool history, bool show)
{
	WfError		error = WF_ERROR_NONE;
	WfPayload  *given = wf_payload_parse(c->input_text, c->input_length, &error);
	size_t		length;
	const char *text = given ? wf_payload_text(given, &length) : NULL;
	WfFacts		facts = {
		.id = "arn:aws:states:us-east-1:111111111111:execution:machine:run",
		.name = "run",
		.role_arn = "arn:aws:iam::111111111111:role/machine",
		.state_machine_id = "arn:aws:states:us-east-1:111111111111:stateMachine:machine",
		.state_machine_name = "machine",
		.region = "us-east-1",
		.started_at = microseconds(CLOCK_REALTIME),
		.input = text ? wf_payload_from_text(text, length) : NULL,
	};
	WfExecution *execution = facts.input ? wf_execution_new(c->definition, &facts, &host, &keeper, &limits) : NULL;
	WfStimulus	start = {.kind = WF_START};
	WfOutcome	outcome;
	const WfCommand *end;
	WfExecutionRow row;
	json_t	   *shown = NULL;

	if (!execution || !wf_execution_step(execution, &start, &outcome, &error))
		die("execution", &error);
	end = outcome.n_commands == 1 ? &outcome.commands[0] : NULL;
	if (!end || end->kind != WF_FINISH || end->status != WF_SUCCEEDED || !wf_payload_text(end->output, &length))
		die("the execution has not succeeded", NULL);
	if (history)
		pack_history(&outcome);
	wf_execution_get_row(execution, &row);
	if (show)
		shown = json_incref(wf_payload_json(end->output, &error));
	wf_execution_free(execution);
	wf_payload_release(facts.input);
	wf_payload_release(given);
	return shown;
}

static json_t *
run_execution(Case *c, bool show)
{
	return execute(c, false, show);
}

static json_t *
run_history(Case *c, bool show)
{
	return execute(c, true, show);
}

static void
open_path(Case *c)
{
	WfError		error = WF_ERROR_NONE;

	c->path = wf_path_parse(json_string_value(json_object_get(c->source, "path")), &error);
	if (!c->path)
		die("path", &error);
}

static json_t *
run_path(Case *c, bool show)
{
	WfError		error = WF_ERROR_NONE;
	WfScope		scope = {.input = c->input, .host = &host};
	json_t	   *found;

	if (!wf_path_get(c->path, &scope, &found, NULL, &error) || !found)
		die("path", &error);
	if (show)
		return found;
	json_decref(found);
	return NULL;
}

static void
open_template(Case *c)
{
	WfError		error = WF_ERROR_NONE;

	c->template_ = wf_template_parse(json_object_get(c->source, "template"), NULL, &error);
	if (!c->template_)
		die("template", &error);
}

static json_t *
run_template(Case *c, bool show)
{
	WfError		error = WF_ERROR_NONE;
	WfScope		scope = {.input = c->input, .host = &host};
	json_t	   *value = wf_template_evaluate(c->template_, &scope, &error);

	if (!value)
		die("template", &error);
	if (show)
		return value;
	json_decref(value);
	return NULL;
}

static void
open_choice(Case *c)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *rules = json_object_get(c->source, "rules");

	for (size_t i = 0; i < json_array_size(rules) && i < sizeof(c->rules) / sizeof(*c->rules); i++)
	{
		c->rules[c->n_rules++] = wf_condition_parse(json_array_get(rules, i), NULL, &error);
		if (!c->rules[i])
			die("rule", &error);
	}
}

/* The number of the first rule that holds. */
static json_t *
run_choice(Case *c, bool show)
{
	WfError		error = WF_ERROR_NONE;
	WfScope		scope = {.input = c->input, .host = &host};
	bool		matches = false;
	int			i = 0;

	for (; i < c->n_rules && !matches; i++)
		if (!wf_condition_evaluate(c->rules[i], &scope, &matches, &error))
			die("rule", &error);
	if (!matches)
		die("no rule holds", NULL);
	return show ? json_integer(i) : NULL;
}

static const Kind kinds[] = {
	{"definition", open_definition, run_definition},
	{"execution", open_execution, run_execution},
	{"history", open_execution, run_history},
	{"path", open_path, run_path},
	{"template", open_template, run_template},
	{"choice", open_choice, run_choice},
};

/* --- */

static json_t *
read_file(const char *name)
{
	FILE	   *file = fopen(name, "rb");
	static char text[1 << 20];
	size_t		length = file ? fread(text, 1, sizeof(text), file) : 0;
	WfError		error = WF_ERROR_NONE;
	json_t	   *value = wf_json_parse(text, length, false, &error);

	if (!file || !json_is_array(value))
		die(name, &error);
	fclose(file);
	return value;
}

static double
measure(const Kind *kind, Case *c, double seconds)
{
	int64_t		began = microseconds(CLOCK_THREAD_CPUTIME_ID);
	int64_t		enough = (int64_t) (seconds * 1e6);
	int64_t		passed;
	long		n = 0;
	long		batch = 1;

	/* The clock of a thread is a system call: it is read ever more seldom. */
	do
	{
		for (long i = 0; i < batch; i++)
			kind->run(c, false);
		n += batch;
		passed = microseconds(CLOCK_THREAD_CPUTIME_ID) - began;
		if (passed < enough / 16)
			batch *= 2;
	} while (passed < enough);
	return (double) n * 1e6 / (double) passed;
}

int
main(int n_arguments, char **arguments)
{
	json_t	   *cases = n_arguments >= 4 ? read_file(arguments[1]) : NULL;
	const Kind *kind = NULL;
	Case		c = {0};
	json_t	   *shown;
	char	   *text;
	size_t		length;

	for (size_t i = 0; i < json_array_size(cases); i++)
		if (strcmp(json_string_value(json_object_get(json_array_get(cases, i), "name")), arguments[2]) == 0)
			c.source = json_array_get(cases, i);
	for (size_t i = 0; c.source && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].word, arguments[3]) == 0)
			kind = &kinds[i];
	if (!kind)
		die("language FILE NAME KIND [SECONDS]", NULL);
	c.input = json_object_get(c.source, "input");
	c.input_text = c.input ? wf_json_text(c.input, &c.input_length) : NULL;
	kind->open(&c);

	if (n_arguments > 4)
	{
		measure(kind, &c, 0.05);
		printf("%.0f\n", measure(kind, &c, atof(arguments[4])));
		return 0;
	}
	shown = kind->run(&c, true);
	text = wf_json_text(shown, &length);
	puts(text);
	free(text);
	json_decref(shown);
	return 0;
}
