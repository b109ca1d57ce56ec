/*
 * asl_tool.c - the plain-C half from the command line, for scripts and for a look by hand.
 *
 *   asl_tool check FILE... [--express]   diagnostics as JSON, one line a file: {"file", "errors", "diagnostics"}
 *   asl_tool parse FILE                  "ok" or the error
 *   asl_tool path                        lines {"path", "document"} from stdin → {"result"} | {"missing"} | {"error"}
 *   asl_tool template                    the same with {"template", "input"}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/definition.h"

static char *
read_all(FILE *file, size_t *length)
{
	size_t		capacity = 1 << 16;
	char	   *text = malloc(capacity);

	*length = 0;
	for (size_t n; text != NULL && (n = fread(text + *length, 1, capacity - *length - 1, file)) > 0;)
	{
		*length += n;
		if (capacity - *length < 2)
			text = realloc(text, capacity *= 2);
	}
	if (text != NULL)
		text[*length] = '\0';
	return text;
}

static void
print_json(json_t *value)
{
	char	   *text = wf_json_text(value, NULL);

	puts(text != NULL ? text : "null");
	free(text);
	json_decref(value);
}

static int
check(int n, char **files, WfMachineType type)
{
	for (int i = 0; i < n; i++)
	{
		FILE	   *file = fopen(files[i], "r");
		WfDiagnostics diagnostics;
		size_t		length;
		char	   *text;
		json_t	   *list = json_array();

		if (file == NULL)
			return 2;
		text = read_all(file, &length);
		fclose(file);
		if (!wf_definition_check(text, length, type, &diagnostics))
			return 3;
		for (int k = 0; k < diagnostics.n; k++)
		{
			WfDiagnostic *d = &diagnostics.items[k];

			json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:s}", "severity",
												  d->severity == WF_SEVERITY_ERROR ? "ERROR" : "WARNING", "code", d->code,
												  "location", d->location, "message", d->message));
		}
		print_json(json_pack("{s:s, s:i, s:o}", "file", files[i], "errors", diagnostics.n_errors, "diagnostics", list));
		wf_diagnostics_free(&diagnostics);
		free(text);
	}
	return 0;
}

static int
parse(const char *name)
{
	FILE	   *file = fopen(name, "r");
	WfError		error = WF_ERROR_NONE;
	WfDefinition *definition;
	size_t		length;
	char	   *text;

	if (file == NULL)
		return 2;
	text = read_all(file, &length);
	fclose(file);
	definition = wf_definition_parse(text, length, &error);
	if (definition != NULL)
		printf("ok %d states, %d blocks\n", definition->n_states, definition->n_blocks);
	else
		printf("%s: %s\n", wf_error_name(error.code), error.cause ? error.cause : "");
	wf_definition_free(definition);
	wf_error_clear(&error);
	free(text);
	return 0;
}

static json_t *
find(json_t *line)
{
	WfScope		scope = {.input = json_object_get(line, "document")};
	WfError		error = WF_ERROR_NONE;
	WfPath	   *path = wf_path_parse(json_string_value(json_object_get(line, "path")), &error);
	json_t	   *found = NULL;
	char	   *missing = NULL;
	json_t	   *answer;

	if (path == NULL || !wf_path_get(path, &scope, &found, &missing, &error))
		answer = json_pack("{s:s, s:s}", "error", error.cause ? error.cause : "", "kind", wf_error_name(error.code));
	else
		answer = json_pack("{s:o*, s:s*}", "result", found, "missing", missing);
	wf_path_free(path);
	free(missing);
	wf_error_clear(&error);
	return answer;
}

static json_t *
fill_in(json_t *line)
{
	WfScope		scope = {.input = json_object_get(line, "input")};
	WfError		error = WF_ERROR_NONE;
	WfTemplate *template_ = wf_template_parse(json_object_get(line, "template"), NULL, &error);
	json_t	   *value = template_ ? wf_template_evaluate(template_, &scope, &error) : NULL;
	json_t	   *answer = value ? json_pack("{s:o}", "result", value)
		: json_pack("{s:s, s:s}", "error", error.cause ? error.cause : "", "kind", wf_error_name(error.code));

	wf_template_free(template_);
	wf_error_clear(&error);
	return answer;
}

static int
each_line(json_t *(*answer) (json_t *line))
{
	size_t		length;
	char	   *text = read_all(stdin, &length);

	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
	{
		WfError		error = WF_ERROR_NONE;
		json_t	   *value = wf_json_parse(line, strlen(line), true, &error);

		print_json(value ? answer(value) : json_pack("{s:s}", "unreadable", error.cause ? error.cause : ""));
		json_decref(value);
		wf_error_clear(&error);
	}
	free(text);
	return 0;
}

int
main(int argc, char **argv)
{
	bool		express = argc > 2 && strcmp(argv[argc - 1], "--express") == 0;

	if (argc > 2 && strcmp(argv[1], "check") == 0)
		return check(argc - 2 - express, argv + 2, express ? WF_EXPRESS : WF_STANDARD);
	if (argc > 2 && strcmp(argv[1], "parse") == 0)
		return parse(argv[2]);
	if (argc > 1 && strcmp(argv[1], "path") == 0)
		return each_line(find);
	if (argc > 1 && strcmp(argv[1], "template") == 0)
		return each_line(fill_in);
	fprintf(stderr, "usage: asl_tool check FILE... [--express] | parse FILE | path | template\n");
	return 2;
}
