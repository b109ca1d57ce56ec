/*
 * jsonata.c - JSONata expressions in states; see jsonata.h.
 *
 * An expression sees `$states` and the machine's variables, and has no document: `$` and `$$` are nothing.  It is given what
 * it refers to and nothing else, for the context object is dear to make and variables may be many.
 *
 * The sentences are the service's, and so are the limits: the depth and the time of one evaluation, the items of a range.  The
 * time is for all that is evaluated at one moment together (WfScope.spent), or a template of many expressions would have no end.
 */
#include "asl/jsonata.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_DEPTH 100
#define MAX_MILLISECONDS 5000

/*
 * The service counts what an evaluation holds, 6,990,256 bytes at most, and so refuses a range of one item more than these.
 * Ours keeps all that it makes until its end, and takes more for each value.
 */
#define MAX_ITEMS 873782
#define MAX_MEMORY ((size_t) 128 * 1024 * 1024)

/* The fields of $states, as bits. */
enum
{
	USES_INPUT = 1, USES_CONTEXT = 2, USES_RESULT = 4, USES_ERROR_OUTPUT = 8, USES_ALL = 15
};

struct WfQuery
{
	char	   *text;
	char	   *location;
	WfJsonata  *expression;
	unsigned	uses;			/* of $states */
	int			n_variables;
	const char **variables;		/* that it reads; the strings are the expression's */
};

bool
wf_is_query(const char *text)
{
	size_t		length = strlen(text);

	return length >= 4 && strncmp(text, "{%", 2) == 0 && strcmp(text + length - 2, "%}") == 0;
}

/* --- parsing --- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char *
copy_inside(const char *text)
{
	const char *from = text + 2;
	const char *end = text + strlen(text) - 2;
	char	   *copy;

	while (from < end && is_blank(*from))
		from++;
	while (end > from && is_blank(end[-1]))
		end--;
	copy = malloc((size_t) (end - from) + 1);
	if (copy != NULL)
	{
		memcpy(copy, from, (size_t) (end - from));
		copy[end - from] = '\0';
	}
	return copy;
}

/* Takes over what is wrong with an expression's text.  The service gives the message alone; the rest is a detail. */
static void
take_problem(WfJsonataError *problem, const char *text, WfError *error)
{
	if (problem->kind == WF_JSONATA_NO_MEMORY || problem->message == NULL)
		wf_error_no_memory(error);
	else
	{
		wf_error_set(error, WF_INVALID_QUERY, "%s", problem->message);
		if (problem->position >= 0)
			wf_error_set_detail(error, "%s at position %d of \"%s\".", problem->code, problem->position, text);
		else
			wf_error_set_detail(error, "%s in \"%s\".", problem->code, text);
	}
	wf_jsonata_error_clear(problem);
}

static unsigned
used_field(const char *field)
{
	static const struct
	{
		const char *field;
		unsigned	bit;
	}			fields[] = {
		{"input", USES_INPUT}, {"context", USES_CONTEXT}, {"result", USES_RESULT}, {"errorOutput", USES_ERROR_OUTPUT}
	};

	if (field == NULL)
		return USES_ALL;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].field, field) == 0)
			return fields[i].bit;
	return 0;
}

/* Finds out what the expression is to be given.  A variable hides a function of its name, as any binding does. */
static bool
note_uses(WfQuery *query)
{
	const WfJsonataReference *references;
	int			n = wf_jsonata_references(query->expression, &references);
	json_t	   *noted = wf_json_object();
	bool		good = noted != NULL && (query->variables = calloc((size_t) n + 1, sizeof(char *))) != NULL;

	for (int i = 0; i < n && good; i++)
	{
		const char *name = references[i].name;

		if (references[i].use != WF_JSONATA_VARIABLE && references[i].use != WF_JSONATA_CALL)
			continue;
		if (strcmp(name, "states") == 0)
			query->uses |= used_field(references[i].field);
		else if (json_object_get(noted, name) == NULL)
		{
			query->variables[query->n_variables++] = name;
			good = json_object_set_new_nocheck(noted, name, json_true()) == 0;
		}
	}
	json_decref(noted);
	return good;
}

WfQuery *
wf_query_parse(const char *text, const WfPlace *place, WfError *error)
{
	WfQuery    *query = calloc(1, sizeof(WfQuery));
	WfJsonataError problem = WF_JSONATA_ERROR_NONE;
	char	   *location = wf_place_spell(place);

	if (query == NULL || location == NULL || (query->text = copy_inside(text)) == NULL)
	{
		free(location);
		wf_query_free(query);
		wf_error_no_memory(error);
		return NULL;
	}
	query->location = location;
	if (location[0] == '/')		/* within its state a field stands without a slash */
		memmove(location, location + 1, strlen(location));
	query->expression = wf_jsonata_parse(query->text, strlen(query->text), WF_JSONATA_STATES, &problem);
	if (query->expression == NULL)
		take_problem(&problem, query->text, error);
	else if (note_uses(query))
		return query;
	else
		wf_error_no_memory(error);
	wf_query_free(query);
	return NULL;
}

void
wf_query_free(WfQuery *query)
{
	if (query == NULL)
		return;
	wf_jsonata_free(query->expression);
	free(query->variables);
	free(query->location);
	free(query->text);
	free(query);
}

const char *
wf_query_text(const WfQuery *query)
{
	return query->text;
}

const char *
wf_query_location(const WfQuery *query)
{
	return query->location;
}

int
wf_query_references(const WfQuery *query, const WfJsonataReference **references)
{
	return wf_jsonata_references(query->expression, references);
}

/* --- what it sees --- */

static bool
put(json_t *states, const char *field, json_t *value)
{
	return value == NULL || json_object_set_nocheck(states, field, value) == 0;
}

/* New: $states, with such fields as are asked for and exist.  NULL with *error. */
static json_t *
make_states(const WfScope *scope, unsigned uses, WfError *error)
{
	json_t	   *states = wf_json_object();
	json_t	   *context = NULL;

	if ((uses & USES_CONTEXT) != 0 && scope->context != NULL && (context = scope->context(scope->context_arg, error)) == NULL)
	{
		json_decref(states);
		return NULL;
	}
	if (states != NULL &&
		put(states, "input", (uses & USES_INPUT) != 0 ? scope->input : NULL) &&
		put(states, "context", context) &&
		put(states, "result", (uses & USES_RESULT) != 0 ? scope->result : NULL) &&
		put(states, "errorOutput", (uses & USES_ERROR_OUTPUT) != 0 ? scope->error_output : NULL))
		return states;
	json_decref(states);
	wf_error_no_memory(error);
	return NULL;
}

/* --- evaluation --- */

static bool
is_interrupted(void *arg)
{
	const WfHost *host = arg;

	return host->interrupted != NULL && host->interrupted(host->arg);
}

static bool
draw_bytes(void *arg, unsigned char *bytes, size_t n)
{
	const WfHost *host = arg;

	return host->random_bytes(host->arg, bytes, n);
}

static int64_t
milliseconds_now(void *arg)
{
	const WfHost *host = arg;

	return host->now(host->arg) / 1000;
}

/* The sentence that all failures begin with goes on with `rest`. */
static bool
fail(const WfQuery *query, const char *rest, const char *code, const char *message, WfError *error)
{
	wf_error_set(error, WF_STATES_QUERY_EVALUATION_ERROR, "The JSONata expression '%s' specified for the field '%s' %s%s%s",
				 query->text, query->location, rest, code, message);
	return wf_error_set_location(error, query->location);
}

/* What the service says of too much memory, which it finds in a range that is too long, too; NULL: it is something else. */
static const char *
memory_message(const WfJsonataError *problem)
{
	return strcmp(problem->code, "U1003") == 0 || strcmp(problem->code, "D2014") == 0 ?
		"Expression evaluation memory limit exceeded: Check for excessive memory usage" : NULL;
}

static void
take_failure(const WfQuery *query, WfJsonataError *problem, WfError *error)
{
	char		code[16] = "";

	if (problem->kind == WF_JSONATA_INTERRUPTED)
		wf_error_set(error, WF_INTERRUPTED, "interrupted");
	else if (problem->kind == WF_JSONATA_NO_MEMORY || problem->message == NULL)
		wf_error_no_memory(error);
	else if (memory_message(problem) != NULL)
		fail(query, "threw an error during evaluation: ", "", memory_message(problem), error);
	else if (problem->kind == WF_JSONATA_LIMIT)
		fail(query, "threw an error during evaluation: ", "", problem->message, error);
	else
	{
		strncat(code, problem->code, sizeof(code) - 3);
		strcat(code, ": ");
		fail(query, "threw an error during evaluation. ", code, problem->message, error);
	}
	wf_jsonata_error_clear(problem);
}

static json_t *
evaluate_within(const WfQuery *query, const WfScope *scope, const WfJsonataBinding *bindings, int n_bindings,
				int64_t milliseconds, WfError *error)
{
	WfJsonataLimits limits = {
		.depth = MAX_DEPTH, .stack = scope->host != NULL ? scope->host->stack : 0, .memory = MAX_MEMORY,
		.milliseconds = milliseconds, .items = MAX_ITEMS,
		.interrupted = scope->host != NULL ? is_interrupted : NULL,
		.now = scope->host != NULL && scope->host->now != NULL ? milliseconds_now : NULL,
		.random_bytes = scope->host != NULL && scope->host->random_bytes != NULL ? draw_bytes : NULL,
		.arg = (void *) scope->host
	};
	WfJsonataError problem = WF_JSONATA_ERROR_NONE;
	json_t	   *result = NULL;

	switch (wf_jsonata_evaluate(query->expression, NULL, bindings, n_bindings, &limits, &result, &problem))
	{
		case WF_JSONATA_VALUE:
			if (!wf_json_too_deep(result, 0))
				break;
			json_decref(result);
			result = NULL;
			fail(query, "returned a value that is nested too deeply.", "", "", error);
			break;
		case WF_JSONATA_UNDEFINED:
			fail(query, "returned nothing (undefined).", "", "", error);
			break;
		case WF_JSONATA_FUNCTION:
			fail(query, "returned an unsupported result type.", "", "", error);
			break;
		case WF_JSONATA_FAILED:
			take_failure(query, &problem, error);
			break;
	}
	return result;
}

static int64_t
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static json_t *
evaluate(const WfQuery *query, const WfScope *scope, const WfJsonataBinding *bindings, int n_bindings, WfError *error)
{
	int64_t		left = scope->spent != NULL ? MAX_MILLISECONDS - *scope->spent / 1000 : MAX_MILLISECONDS;
	int64_t		began;
	json_t	   *result;

	if (left <= 0)
	{
		fail(query, "threw an error during evaluation: ", "", "Expression evaluation timeout: Check for infinite loop", error);
		return NULL;
	}
	began = microseconds();
	result = evaluate_within(query, scope, bindings, n_bindings, left, error);
	if (scope->spent != NULL)
		*scope->spent += microseconds() - began;
	return result;
}

json_t *
wf_query_evaluate(const WfQuery *query, const WfScope *scope, WfError *error)
{
	WfJsonataBinding few[8];
	WfJsonataBinding *bindings = few;
	json_t	   *states = NULL;
	json_t	   *result = NULL;
	int			n = 0;

	if ((size_t) query->n_variables >= sizeof(few) / sizeof(few[0]))
		bindings = calloc((size_t) query->n_variables + 1, sizeof(WfJsonataBinding));
	if (bindings == NULL)
	{
		wf_error_no_memory(error);
		return NULL;
	}
	for (int i = 0; i < query->n_variables; i++)
	{
		json_t	   *value = json_object_get(scope->variables, query->variables[i]);

		if (value != NULL)
			bindings[n++] = (WfJsonataBinding) {query->variables[i], value};
	}
	if (query->uses == 0 || (states = make_states(scope, query->uses, error)) != NULL)
	{
		if (states != NULL)
			bindings[n++] = (WfJsonataBinding) {"states", states};
		result = evaluate(query, scope, bindings, n, error);
	}
	json_decref(states);
	if (bindings != few)
		free(bindings);
	return result;
}

bool
wf_query_refuse(const WfQuery *query, const json_t *value, const char *expected, WfError *error)
{
	static const char *const types[] = {
		[JSON_OBJECT] = "object", [JSON_ARRAY] = "array", [JSON_STRING] = "string", [JSON_INTEGER] = "number",
		[JSON_REAL] = "number", [JSON_TRUE] = "boolean", [JSON_FALSE] = "boolean", [JSON_NULL] = "null"
	};
	char	   *text = wf_json_text(value, NULL);

	if (text == NULL)
		return wf_error_no_memory(error);
	wf_error_set(error, WF_STATES_QUERY_EVALUATION_ERROR, "The JSONata expression '%s' specified for the field '%s' returned "
				 "an unexpected result type. Expected '%s', but was '%s' for value: %s",
				 query->text, query->location, expected, types[json_typeof(value)], text);
	free(text);
	return wf_error_set_location(error, query->location);
}
