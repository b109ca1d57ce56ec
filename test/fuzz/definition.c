/*
 * definition.c - fuzzing the checker and the parser with definitions.
 *
 * The two must agree: what the checker accepts parses, what it refuses does not; and no message may be broken UTF-8.
 * Whatever is JSON is searched for variables.
 */
#include <stdlib.h>

#include "asl/definition.h"
#include "asl/variable_references.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text = malloc(size + 1);
	WfDiagnostics diagnostics;
	WfDefinition *definition;
	WfError		error = WF_ERROR_NONE;
	WfError		problem = WF_ERROR_NONE;
	json_t	   *source;

	for (size_t i = 0; i < size; i++)
		text[i] = (char) data[i];
	text[size] = '\0';
	if (!wf_definition_check(text, size, size % 2 ? WF_STANDARD : WF_EXPRESS, &diagnostics))
		abort();
	for (int i = 0; i < diagnostics.n; i++)
	{
		json_t	   *message = json_string(diagnostics.items[i].message);
		bool		located = diagnostics.items[i].location != NULL;
		json_t	   *location = located ? json_string(diagnostics.items[i].location) : NULL;

		if (message == NULL || (located && location == NULL))
			abort();
		json_decref(message);
		json_decref(location);
	}
	definition = wf_definition_parse(text, size, &error);
	if (size % 2 && (definition != NULL) != (diagnostics.n_errors == 0))
		abort();
	source = wf_json_parse(text, size, false, &problem);
	if (source != NULL)
	{
		json_t	   *references = wf_variable_references(source);

		if (references == NULL)
			abort();
		json_decref(references);
		json_decref(source);
	}
	wf_error_clear(&problem);
	wf_diagnostics_free(&diagnostics);
	wf_definition_free(definition);
	wf_error_clear(&error);
	free(text);
	return 0;
}
