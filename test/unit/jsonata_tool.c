/*
 * jsonata_tool.c - JSONata from the command line, for scripts and for a look by hand.
 *
 *   jsonata_tool                  lines {"expr", "input", "bindings", "depth", "milliseconds", "dialect"} from stdin →
 *                                 {"result"} | {"undefined"} | {"function"} | {"error": {"code", "message", …}}
 *   jsonata_tool references       the same lines → {"references": [{"use", "name", "field", "position", "function"}]}
 *   jsonata_tool speed SECONDS    lines {"name", "expr", "bindings"} → evaluations, and parsings, in a second of CPU time
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jsonata/jsonata.h"

#define MAX_BINDINGS 64

typedef struct Question
{
	const char *text;
	size_t		length;
	WfJsonataDialect dialect;
	json_t	   *input;
	WfJsonataBinding bindings[MAX_BINDINGS];
	int			n_bindings;
	WfJsonataLimits limits;
} Question;

static void
read_question(json_t *line, Question *question)
{
	json_t	   *expression = json_object_get(line, "expr");
	const char *name;
	json_t	   *value;

	*question = (Question) {.text = json_string_value(expression), .length = json_string_length(expression)};
	question->input = json_object_get(line, "input");
	question->limits.depth = (int) json_integer_value(json_object_get(line, "depth"));
	question->limits.milliseconds = json_integer_value(json_object_get(line, "milliseconds"));
	if (json_object_get(line, "dialect") != NULL)
		question->dialect = WF_JSONATA_STATES;
	json_object_foreach(json_object_get(line, "bindings"), name, value)
		if (question->n_bindings < MAX_BINDINGS)
			question->bindings[question->n_bindings++] = (WfJsonataBinding) {name, value};
}

static json_t *
error_json(WfJsonataError *error)
{
	json_t	   *json = json_pack("{s:{s:i, s:s, s:s?, s:s?, s:i, s:o*}}", "error", "kind", error->kind, "code", error->code,
								 "message", error->message, "token", error->token, "position", error->position,
								 "value", json_incref(error->value));

	wf_jsonata_error_clear(error);
	return json;
}

static json_t *
answer(const Question *question, WfJsonata *expression, WfJsonataError *error)
{
	json_t	   *result;

	switch (wf_jsonata_evaluate(expression, question->input, question->bindings, question->n_bindings, &question->limits, &result, error))
	{
		case WF_JSONATA_VALUE:
			return json_pack("{s:o}", "result", result);
		case WF_JSONATA_UNDEFINED:
			return json_pack("{s:b}", "undefined", 1);
		case WF_JSONATA_FUNCTION:
			return json_pack("{s:b}", "function", 1);
		case WF_JSONATA_FAILED:
			break;
	}
	return error_json(error);
}

static json_t *
references(WfJsonata *expression)
{
	static const char *const uses[] = {"variable", "context", "root", "call", "assignment"};
	const WfJsonataReference *list;
	json_t	   *array = json_array();
	int			n = wf_jsonata_references(expression, &list);

	for (int i = 0; i < n; i++)
		json_array_append_new(array, json_pack("{s:s, s:s?, s:s?, s:i, s:b}", "use", uses[list[i].use], "name", list[i].name,
											   "field", list[i].field, "position", list[i].position, "function", list[i].is_function));
	return json_pack("{s:o}", "references", array);
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static json_t *
speed(const Question *question, WfJsonata *expression, double seconds)
{
	double		rates[2];

	for (int parsing = 0; parsing < 2; parsing++)
	{
		double		begin = now();
		long		n = 0;

		do
		{
			for (int i = 0; i < 100; i++, n++)
			{
				WfJsonataError error = WF_JSONATA_ERROR_NONE;

				if (parsing)
					wf_jsonata_free(wf_jsonata_parse(question->text, question->length, question->dialect, &error));
				else
					json_decref(answer(question, expression, &error));
			}
		} while (now() - begin < seconds);
		rates[parsing] = (double) n / (now() - begin);
	}
	return json_pack("{s:i, s:i}", "evaluations", (int) rates[0], "parsings", (int) rates[1]);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char	   *line = NULL;
	size_t		capacity = 0;
	ssize_t		length;

	while ((length = getline(&line, &capacity, stdin)) > 0)
	{
		WfError		problem = WF_ERROR_NONE;
		WfJsonataError error = WF_JSONATA_ERROR_NONE;
		json_t	   *json = wf_json_parse(line, (size_t) length, true, &problem);
		json_t	   *said = NULL;
		Question	question;
		WfJsonata  *expression;
		char	   *text;

		wf_error_clear(&problem);
		if (json == NULL)
		{
			puts("{\"unreadable\":true}");
			continue;
		}
		read_question(json, &question);
		expression = wf_jsonata_parse(question.text, question.length, question.dialect, &error);
		if (expression == NULL)
			said = error_json(&error);
		else if (strcmp(what, "references") == 0)
			said = references(expression);
		else if (strcmp(what, "speed") == 0)
			said = speed(&question, expression, argc > 2 ? atof(argv[2]) : 1);
		else
			said = answer(&question, expression, &error);
		text = said != NULL ? wf_json_text(said, NULL) : NULL;
		puts(text != NULL ? text : "{\"unwritable\":true}");
		free(text);
		json_decref(said);
		json_decref(json);
		wf_jsonata_free(expression);
	}
	free(line);
	return 0;
}
