/*
 * path_eval.c - what a path finds.
 *
 * Most paths are a few names: they run through a loop without recursion (follow_definite).  The rest recurses, into the
 * document and over the steps; a counter bounds the stack, another one asks from time to time whether to go on, and the
 * number of results is bounded, for `..` can name a node many times.
 *
 * Where a definite path finds nothing, what is missing is worded as the library words it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

#define MAX_DEPTH 4000			/* frames of this file on the stack */
#define MAX_RESULTS 1000000
#define VISITS_PER_QUESTION 1024

/* Where results go while steps are followed. */
typedef struct Walk
{
	WfEvaluation *evaluation;
	const WfPath *path;
	int			n_steps;		/* how many of the path's steps are followed */
	json_t	   *results;		/* an array, or NULL: a definite path */
	json_t	   *found;			/* of a definite path */
} Walk;

static bool follow(Walk *walk, int i, json_t *value);

bool
wf_evaluation_visit(WfEvaluation *evaluation)
{
	const WfHost *host = evaluation->scope->host;

	if (++evaluation->visits % VISITS_PER_QUESTION != 0 || host == NULL || host->interrupted == NULL ||
		!host->interrupted(host->arg))
		return true;
	return wf_error_set(evaluation->error, WF_INTERRUPTED, "interrupted");
}

/* Takes a result; steals the reference. */
static bool
add_result(Walk *walk, json_t *value)
{
	if (value == NULL)
		return wf_error_no_memory(walk->evaluation->error);
	if (walk->results == NULL)
	{
		json_decref(walk->found);
		walk->found = value;
		return true;
	}
	if (json_array_size(walk->results) >= MAX_RESULTS)
	{
		json_decref(value);
		return wf_error_set(walk->evaluation->error, WF_STATES_RUNTIME, "a path finds more than %d values", MAX_RESULTS);
	}
	if (json_array_append_new(walk->results, value) != 0)
		return wf_error_no_memory(walk->evaluation->error);
	return true;
}

/* Goes on behind step i, whose value this is. */
static bool
go_on(Walk *walk, int i, json_t *value)
{
	bool		done;

	if (i + 1 >= walk->n_steps)
		return add_result(walk, json_incref(value));
	if (!wf_evaluation_visit(walk->evaluation))
		return false;
	if (++walk->evaluation->depth > MAX_DEPTH)
	{
		walk->evaluation->depth--;
		return wf_error_set(walk->evaluation->error, WF_STATES_RUNTIME, "a path needs too much depth");
	}
	done = follow(walk, i + 1, value);
	walk->evaluation->depth--;
	return done;
}

/* Borrowed: the item at an index, negative ones from the end; NULL if there is none. */
static json_t *
get_item(const json_t *array, int index)
{
	json_int_t	size = (json_int_t) json_array_size(array);
	json_int_t	place = index < 0 ? size + index : index;

	return place >= 0 && place < size ? json_array_get(array, (size_t) place) : NULL;
}

/* Several names at the end of a path: one object with those members that exist. */
static bool
merge_members(Walk *walk, const WfStep *step, json_t *object)
{
	json_t	   *merged = wf_json_object();

	if (merged == NULL)
		return wf_error_no_memory(walk->evaluation->error);
	for (int k = 0; k < step->n; k++)
	{
		json_t	   *member = json_object_getn(object, step->names[k], step->lengths[k]);

		if (member != NULL &&
			json_object_setn_new_nocheck(merged, step->names[k], step->lengths[k], json_incref(member)) != 0)
		{
			json_decref(merged);
			return wf_error_no_memory(walk->evaluation->error);
		}
	}
	return add_result(walk, merged);
}

static bool
follow_names(Walk *walk, int i, json_t *value)
{
	const WfStep *step = &walk->path->steps[i];

	if (!json_is_object(value))
		return true;
	if (step->n > 1 && i == walk->n_steps - 1)
		return merge_members(walk, step, value);
	for (int k = 0; k < step->n; k++)
	{
		json_t	   *member = json_object_getn(value, step->names[k], step->lengths[k]);

		if (member != NULL && !go_on(walk, i, member))
			return false;
	}
	return true;
}

static bool
follow_indexes(Walk *walk, int i, json_t *value)
{
	const WfStep *step = &walk->path->steps[i];

	if (!json_is_array(value))
		return true;
	for (int k = 0; k < step->n; k++)
	{
		json_t	   *item = get_item(value, step->indexes[k]);

		if (item != NULL && !go_on(walk, i, item))
			return false;
	}
	return true;
}

/*
 * Beginning and end count from the array's end if negative; but in a slice with both, the beginning is counted item by
 * item, so that [-1:2] of three items gives the last, the first and the second.  That is the library's way.
 */
static bool
follow_slice(Walk *walk, int i, json_t *value)
{
	const WfStep *step = &walk->path->steps[i];
	json_int_t	size,
				from,
				to;

	if (!json_is_array(value))
		return true;
	size = (json_int_t) json_array_size(value);
	if (size == 0)
		return true;
	from = step->has_from ? step->from : 0;
	to = step->has_to ? step->to : size;
	if (!step->has_to && from < 0)
		from = from + size > 0 ? from + size : 0;
	if (!step->has_from && to < 0)
		to += size;
	if (to > size)
		to = size;
	if (from < -size)
		from = -size;			/* what is before the first item is nothing */
	for (; from < to; from++)
	{
		json_t	   *item = get_item(value, (int) from);

		if (item != NULL && !go_on(walk, i, item))
			return false;
	}
	return true;
}

static bool
follow_wildcard(Walk *walk, int i, json_t *value)
{
	if (json_is_object(value))
	{
		for (void *member = json_object_iter(value); member != NULL; member = json_object_iter_next(value, member))
		{
			if (!wf_evaluation_visit(walk->evaluation) || !go_on(walk, i, json_object_iter_value(member)))
				return false;
		}
	}
	else if (json_is_array(value))
	{
		for (size_t k = 0; k < json_array_size(value); k++)
		{
			if (!wf_evaluation_visit(walk->evaluation) || !go_on(walk, i, json_array_get(value, k)))
				return false;
		}
	}
	return true;
}

/* True if everything before step i is definite: the document's author is then told that a filter cannot work. */
static bool
is_upstream_definite(const WfPath *path, int i)
{
	while (i-- > 0)
	{
		if (!path->steps[i].definite)
			return false;
	}
	return true;
}

static bool
follow_filter(Walk *walk, int i, json_t *value)
{
	const WfFilter *filter = walk->path->steps[i].filter;
	bool		matches;

	if (json_is_array(value))
	{
		for (size_t k = 0; k < json_array_size(value); k++)
		{
			json_t	   *item = json_array_get(value, k);

			if (!wf_evaluation_visit(walk->evaluation) ||
				!wf_filter_evaluate(walk->evaluation, filter, item, &matches) ||
				(matches && !go_on(walk, i, item)))
				return false;
		}
		return true;
	}
	if (json_is_object(value))
		return wf_filter_evaluate(walk->evaluation, filter, value, &matches) &&
			(!matches || go_on(walk, i, value));
	if (is_upstream_definite(walk->path, i))
		return wf_error_set(walk->evaluation->error, WF_STATES_RUNTIME,
							"a filter is applied to a value that is neither object nor array");
	return true;
}

/* True if a node that a scan comes by is one for the step behind the scan. */
static bool
is_scanned(Walk *walk, const WfStep *step, json_t *node, bool *scanned)
{
	switch (step->kind)
	{
		case WF_STEP_NAMES:
			*scanned = json_is_object(node);
			for (int k = 0; *scanned && step->definite && k < step->n; k++)
				*scanned = json_object_getn(node, step->names[k], step->lengths[k]) != NULL;
			return true;
		case WF_STEP_INDEXES:
		case WF_STEP_SLICE:
			*scanned = json_is_array(node);
			return true;
		case WF_STEP_WILDCARD:
			*scanned = true;
			return true;
		case WF_STEP_FILTER:
			return wf_filter_evaluate(walk->evaluation, step->filter, node, scanned);
		default:
			*scanned = false;
			return true;
	}
}

/* `..`: step i + 1 is tried at the value and at everything below it, outer nodes first. */
static bool
scan(Walk *walk, int i, json_t *value)
{
	bool		scanned;
	bool		done = true;

	if (!json_is_object(value) && !json_is_array(value))
		return true;
	if (++walk->evaluation->depth > MAX_DEPTH)
	{
		walk->evaluation->depth--;
		return wf_error_set(walk->evaluation->error, WF_STATES_RUNTIME, "a path needs too much depth");
	}
	done = wf_evaluation_visit(walk->evaluation) && is_scanned(walk, &walk->path->steps[i + 1], value, &scanned);
	if (done && scanned)
		done = follow(walk, i + 1, value);
	if (json_is_object(value))
	{
		for (void *member = json_object_iter(value); done && member != NULL; member = json_object_iter_next(value, member))
			done = scan(walk, i, json_object_iter_value(member));
	}
	else
	{
		for (size_t k = 0; done && k < json_array_size(value); k++)
			done = scan(walk, i, json_array_get(value, k));
	}
	walk->evaluation->depth--;
	return done;
}

/* Evaluates a function's arguments; *values is malloc'ed.  The document is what they see. */
static bool
evaluate_arguments(WfEvaluation *evaluation, const WfStep *step, json_t ***values)
{
	*values = calloc((size_t) step->n + 1, sizeof(json_t *));
	if (*values == NULL)
		return wf_error_no_memory(evaluation->error);
	for (int k = 0; k < step->n; k++)
	{
		if (!wf_operand_evaluate(evaluation, &step->arguments[k], evaluation->document, &(*values)[k]))
			return false;
		if ((*values)[k] == NULL)
			return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "an argument of %s() finds nothing",
								wf_path_function_name(step->function));
	}
	return true;
}

static void
free_values(json_t **values, int n)
{
	for (int k = 0; values != NULL && k < n; k++)
		json_decref(values[k]);
	free(values);
}

static bool
follow_function(Walk *walk, int i, json_t *value)
{
	const WfStep *step = &walk->path->steps[i];
	json_t	  **values = NULL;
	json_t	   *result = NULL;
	bool		done;

	done = evaluate_arguments(walk->evaluation, step, &values) &&
		wf_path_function_call(walk->evaluation, step->function, value, values, step->n, &result);
	free_values(values, step->n);
	done = done && go_on(walk, i, result);
	json_decref(result);
	return done;
}

static bool
follow(Walk *walk, int i, json_t *value)
{
	switch (walk->path->steps[i].kind)
	{
		case WF_STEP_NAMES:
			return follow_names(walk, i, value);
		case WF_STEP_INDEXES:
			return follow_indexes(walk, i, value);
		case WF_STEP_SLICE:
			return follow_slice(walk, i, value);
		case WF_STEP_WILDCARD:
			return follow_wildcard(walk, i, value);
		case WF_STEP_FILTER:
			return follow_filter(walk, i, value);
		case WF_STEP_FUNCTION:
			return follow_function(walk, i, value);
		case WF_STEP_SCAN:
			return i + 1 >= walk->n_steps || scan(walk, i, value);
	}
	return true;
}

/* ..a.b.f(): one call of f, on all that `..a.b` finds. */
static bool
call_on_scan(WfEvaluation *evaluation, const WfPath *path, json_t *start, json_t **found)
{
	const WfStep *step = &path->steps[path->n_steps - 1];
	Walk		walk = {.evaluation = evaluation, .path = path, .n_steps = path->n_steps - 1, .results = json_array()};
	bool		done;

	if (walk.results == NULL)
		return wf_error_no_memory(evaluation->error);
	done = follow(&walk, 0, start);

	/* lengths are counted one level further down */
	if (done && step->function == WF_FUNCTION_LENGTH)
	{
		json_int_t	count = 0;

		for (size_t k = 0; k < json_array_size(walk.results); k++)
		{
			json_t	   *item = json_array_get(walk.results, k);

			count += (json_int_t) (json_array_size(item) + json_object_size(item));
		}
		*found = json_integer(count);
		done = *found != NULL || wf_error_no_memory(evaluation->error);
	}
	else if (done)
		done = wf_path_function_call(evaluation, step->function, start, &walk.results, 1, found);
	json_decref(walk.results);
	return done;
}

bool
wf_path_evaluate(WfEvaluation *evaluation, const WfPath *path, json_t *item, json_t **found)
{
	json_t	   *value = path->root == WF_ROOT_ITEM ? item : evaluation->document;
	Walk		walk = {.evaluation = evaluation, .path = path, .n_steps = path->n_steps};
	int			i = 0;

	*found = NULL;

	/* names and indexes: no need to recurse */
	for (; i < path->n_steps; i++)
	{
		const WfStep *step = &path->steps[i];
		json_t	   *next;

		if (step->n != 1 || step->kind > WF_STEP_INDEXES)
			break;
		next = step->kind == WF_STEP_NAMES ? json_object_getn(value, step->names[0], step->lengths[0])
			: get_item(value, step->indexes[0]);
		if (next == NULL)
		{
			if (path->definite)
				return true;
			*found = json_array();
			return *found != NULL || wf_error_no_memory(evaluation->error);
		}
		value = next;
	}
	if (i == path->n_steps)
	{
		*found = json_incref(value);
		return true;
	}

	if (path->steps[0].kind == WF_STEP_SCAN && path->steps[path->n_steps - 1].kind == WF_STEP_FUNCTION)
		return call_on_scan(evaluation, path, value, found);
	if (!path->definite && (walk.results = json_array()) == NULL)
		return wf_error_no_memory(evaluation->error);
	if (!follow(&walk, i, value))
	{
		json_decref(walk.results);
		json_decref(walk.found);
		return false;
	}
	*found = path->definite ? walk.found : walk.results;
	return true;
}

/* Appends a step in the library's spelling: $['a'][0].length() */
static char *
append_step(char *text, const WfStep *step)
{
	char	   *larger;
	size_t		length = strlen(text);
	size_t		more = 64;

	if (step->kind == WF_STEP_NAMES)
	{
		for (int k = 0; k < step->n; k++)
			more += step->lengths[k] + 3;
	}
	larger = realloc(text, length + more);
	if (larger == NULL)
	{
		free(text);
		return NULL;
	}
	if (step->kind == WF_STEP_INDEXES)
		sprintf(larger + length, "[%d]", step->indexes[0]);
	else if (step->kind == WF_STEP_FUNCTION)
		sprintf(larger + length, ".%s()", wf_path_function_name(step->function));
	else if (step->kind == WF_STEP_NAMES)
	{
		char	   *to = larger + length;

		*to++ = '[';
		for (int k = 0; k < step->n; k++)
			to += sprintf(to, "%s%c%s%c", k > 0 ? "," : "", step->quote, step->names[k], step->quote);
		strcpy(to, "]");
	}
	return larger;
}

/* New: the beginning of a path up to and without step n. */
static char *
spell_path(const WfPath *path, int n)
{
	char	   *text = malloc(2);

	if (text != NULL)
		strcpy(text, "$");
	for (int i = 0; i < n && text != NULL; i++)
		text = append_step(text, &path->steps[i]);
	return text;
}

static const char *
name_type(const json_t *value)
{
	static const char *const names[] = {"object", "array", "string", "number", "number", "boolean", "boolean", "null"};

	return names[json_typeof(value)];
}

/* New: what a definite path misses in a document, in words.  NULL without memory. */
static char *
explain_missing(const WfPath *path, json_t *document)
{
	json_t	   *value = document;
	const WfStep *step = NULL;
	json_t	   *next;
	char	   *place;
	char	   *text = NULL;
	size_t		room;
	WfError		message = WF_ERROR_NONE;
	int			i = 0;

	/* the step that fails; a function is never it */
	for (; i < path->n_steps; i++)
	{
		step = &path->steps[i];
		if (step->kind > WF_STEP_INDEXES)
			break;
		if (step->kind == WF_STEP_NAMES)
			next = json_is_object(value) ? json_object_getn(value, step->names[0], step->lengths[0]) : NULL;
		else
			next = json_is_array(value) ? get_item(value, step->indexes[0]) : NULL;
		if (next == NULL)
			break;
		value = next;
	}

	if (i < path->n_steps && step->kind == WF_STEP_NAMES && !json_is_object(value))
	{
		place = spell_path(path, i);
		if (place != NULL)
			wf_error_set(&message, WF_STATES_RUNTIME, "Expected an object with property ['%s'] in path %s but found %s",
						 step->names[0], place, name_type(value));
		free(place);
		return message.cause;
	}
	if (i < path->n_steps && step->kind == WF_STEP_INDEXES && !json_is_array(value))
	{
		place = spell_path(path, i);
		if (place != NULL)
			wf_error_set(&message, WF_STATES_RUNTIME,
						 json_is_null(value) ? "The path %s is null" : "Expected an array in path %s but found %s",
						 place, name_type(value));
		free(place);
		return message.cause;
	}
	if (i < path->n_steps - 1 && step->kind == WF_STEP_NAMES)
	{
		place = spell_path(path, i + 1);
		room = 32;
	}
	else
	{
		place = spell_path(path, path->n_steps);
		room = 24;
		i = path->n_steps;
	}
	if (place != NULL && (text = malloc(strlen(place) + room)) != NULL)
		sprintf(text, "%s%s", i < path->n_steps ? "Missing property in path " : "No results for path: ", place);
	free(place);
	return text;
}

/* Borrowed: what `$` is for this path.  NULL with nothing in *error: a variable that is not there. */
static json_t *
find_document(const WfPath *path, const WfScope *scope, WfError *error)
{
	switch (path->root)
	{
		case WF_ROOT_CONTEXT:
			if (scope->context == NULL)
			{
				wf_error_set(error, WF_STATES_RUNTIME, "there is no context object here");
				return NULL;
			}
			return scope->context(scope->context_arg, error);
		case WF_ROOT_VARIABLE:
			return scope->variables ? json_object_get(scope->variables, path->variable) : NULL;
		default:
			return scope->input;
	}
}

bool
wf_path_get(const WfPath *path, const WfScope *scope, json_t **found, char **missing, WfError *error)
{
	WfError		problem = WF_ERROR_NONE;
	WfEvaluation evaluation = {.scope = scope, .error = &problem};
	bool		done;

	*found = NULL;
	if (missing != NULL)
		*missing = NULL;
	evaluation.document = find_document(path, scope, &problem);
	if (evaluation.document == NULL)
	{
		if (problem.code != WF_NO_ERROR)
		{
			wf_error_move(error, &problem);
			return false;
		}
		if (path->root != WF_ROOT_VARIABLE)
			return wf_error_no_memory(error);
		if (missing != NULL)
		{
			*missing = malloc(strlen(path->variable) + 32);
			if (*missing == NULL)
				return wf_error_no_memory(error);
			sprintf(*missing, "The variable '%s' is not set", path->variable);
		}
		return true;
	}

	done = wf_path_evaluate(&evaluation, path, NULL, found);
	if (done && !path->definite && wf_json_too_deep(*found, 0))
	{
		json_decref(*found);
		*found = NULL;
		done = wf_error_set(&problem, WF_STATES_RUNTIME, "what is found is nested too deeply");
	}
	if (!done)
	{
		/* what went wrong is told with the path */
		if (problem.code == WF_STATES_RUNTIME && problem.cause != NULL)
			wf_error_set(error, WF_STATES_RUNTIME, "Invalid path '%s' : %s", path->text, problem.cause);
		else
			wf_error_move(error, &problem);
		wf_error_clear(&problem);
		return false;
	}
	if (*found == NULL && missing != NULL)
	{
		*missing = explain_missing(path, evaluation.document);
		if (*missing == NULL)
			return wf_error_no_memory(error);
	}
	return true;
}
