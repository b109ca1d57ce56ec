/*
 * path_eval.c - what a path finds.
 *
 * Most paths are a few names: they run through a loop without recursion.  The rest recurses, into the document and over
 * the steps; a counter bounds the stack, another one asks from time to time whether to go on, and the number of results
 * is bounded, for `..` can name a node many times.
 *
 * What is missing ends the evaluation only where the path has been definite so far; beyond that it is passed over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

#define MAX_DEPTH 4000			/* frames of this file on the stack */
#define MAX_RESULTS 1000000

/* Where results go while steps are followed. */
typedef struct Walk
{
	WfEvaluation *evaluation;
	const WfPath *path;
	json_t	   *results;		/* an array, or NULL: a definite path */
	json_t	   *found;			/* of a definite path: the last result */
	int			scanned_index;	/* the item of an array at which a scan went on, -1: none */
} Walk;

static bool follow(Walk *walk, int i, json_t *value);

bool
wf_evaluation_ask(WfEvaluation *evaluation)
{
	const WfHost *host = evaluation->scope->host;

	if (host == NULL || host->interrupted == NULL || !host->interrupted(host->arg))
		return true;
	return wf_error_set(evaluation->error, WF_INTERRUPTED, "interrupted");
}

bool
wf_evaluation_stop(WfEvaluation *evaluation, WfStop stop, WfStopReason reason, const WfPath *path, int step, json_t *value)
{
	json_decref(evaluation->stop_value);
	evaluation->stop = stop;
	evaluation->reason = reason;
	evaluation->stop_path = path;
	evaluation->stop_step = step;
	evaluation->stop_value = json_incref(value);
	return false;
}

bool
wf_evaluation_go_on(WfEvaluation *evaluation)
{
	evaluation->stop = WF_STOP_ERROR;
	return true;
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

	if (i + 1 >= walk->path->n_steps)
		return add_result(walk, json_incref(value));
	if (!wf_evaluation_visit(walk->evaluation, 1))
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

/* Below an item of an array, a function that asks for an item too many finds nothing, and that is no error. */
static bool
forgive_bounds(WfEvaluation *evaluation)
{
	return evaluation->stop == WF_STOP_BOUNDS && wf_evaluation_go_on(evaluation);
}

/* Goes on behind step i with an item of an array. */
static bool
go_on_with_item(Walk *walk, int i, json_t *item)
{
	return item == NULL || go_on(walk, i, item) || forgive_bounds(walk->evaluation);
}

/* Ends the evaluation at step i, or passes over it where something before was indefinite. */
static bool
miss(Walk *walk, int i, WfStopReason reason, json_t *value)
{
	return !walk->path->steps[i].upstream_definite ||
		wf_evaluation_stop(walk->evaluation, WF_STOP_ABSENT, reason, walk->path, i, value);
}

/* Several names at the end of a path: one object with those members that exist. */
static bool
merge_members(Walk *walk, int i, json_t *object)
{
	const WfStep *step = &walk->path->steps[i];
	json_t	   *merged = wf_json_object();

	if (merged == NULL)
		return wf_error_no_memory(walk->evaluation->error);
	for (int k = 0; k < step->n; k++)
	{
		json_t	   *member = json_object_getn(object, step->names[k], step->lengths[k]);

		if (member == NULL && walk->evaluation->require)
		{
			json_decref(merged);
			return wf_evaluation_stop(walk->evaluation, WF_STOP_ABSENT, WF_PROPERTY_MISSING, walk->path, i, object);
		}
		if (member != NULL &&
			json_object_setn_new_nocheck(merged, step->names[k], step->lengths[k], json_incref(member)) != 0)
		{
			json_decref(merged);
			return wf_error_no_memory(walk->evaluation->error);
		}
	}
	return add_result(walk, merged);
}

/*
 * A name at the end of a path, reached from a scan over the items of an array, counts only if the step between is one index,
 * and this item's.
 */
static bool
is_passed_over(const Walk *walk, int i)
{
	const WfStep *before = &walk->path->steps[i > 0 ? i - 1 : 0];

	return walk->scanned_index >= 0 && i + 1 == walk->path->n_steps &&
		(before->kind != WF_STEP_INDEXES || before->n != 1 || before->indexes[0] != walk->scanned_index);
}

static bool
follow_names(Walk *walk, int i, json_t *value)
{
	const WfStep *step = &walk->path->steps[i];
	bool		last = i + 1 == walk->path->n_steps;

	if (!json_is_object(value))
		return miss(walk, i, WF_NOT_AN_OBJECT, value);
	if (step->n > 1 && last)
		return merge_members(walk, i, value);
	for (int k = 0; k < step->n; k++)
	{
		json_t	   *member = json_object_getn(value, step->names[k], step->lengths[k]);

		if (member == NULL && (walk->evaluation->require || (!last && step->n == 1 && step->upstream_definite)))
			return wf_evaluation_stop(walk->evaluation, WF_STOP_ABSENT, last ? WF_NO_RESULTS : WF_PROPERTY_MISSING, walk->path, i, value);
		if (member != NULL && !is_passed_over(walk, i) && !go_on(walk, i, member))
			return false;
	}
	return true;
}

/* Indexes and slices want an array. */
static bool
check_array(Walk *walk, int i, json_t *value, bool *skip)
{
	*skip = !json_is_array(value);
	return !*skip || miss(walk, i, json_is_null(value) ? WF_ARRAY_IS_NULL : WF_NOT_AN_ARRAY, value);
}

static bool
follow_indexes(Walk *walk, int i, json_t *value)
{
	const WfStep *step = &walk->path->steps[i];
	bool		skip;

	if (!check_array(walk, i, value, &skip))
		return false;
	if (skip)
		return true;
	for (int k = 0; k < step->n; k++)
	{
		if (!go_on_with_item(walk, i, get_item(value, step->indexes[k])))
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
	bool		skip;

	if (!check_array(walk, i, value, &skip))
		return false;
	if (skip)
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
		if (!go_on_with_item(walk, i, get_item(value, (int) from)))
			return false;
	}
	return true;
}

/* What is missing below one item of an array does not hinder the others. */
static bool
follow_wildcard(Walk *walk, int i, json_t *value)
{
	if (json_is_object(value))
	{
		for (void *member = json_object_iter(value); member != NULL; member = json_object_iter_next(value, member))
		{
			if (!wf_evaluation_visit(walk->evaluation, 1) || !go_on(walk, i, json_object_iter_value(member)))
				return false;
		}
	}
	else if (json_is_array(value))
	{
		for (size_t k = 0; k < json_array_size(value); k++)
		{
			if (!wf_evaluation_visit(walk->evaluation, 1))
				return false;
			if (!go_on_with_item(walk, i, json_array_get(value, k)) &&
				(walk->evaluation->stop != WF_STOP_ABSENT || walk->evaluation->require || !wf_evaluation_go_on(walk->evaluation)))
				return false;
		}
	}
	return true;
}

static bool
follow_filter(Walk *walk, int i, json_t *value)
{
	const WfStep *step = &walk->path->steps[i];
	bool		accepts;

	if (json_is_array(value))
	{
		for (size_t k = 0; k < json_array_size(value); k++)
		{
			json_t	   *item = json_array_get(value, k);

			if (!wf_evaluation_visit(walk->evaluation, 1) ||
				!wf_filter_accepts(walk->evaluation, step->filter, item, &accepts) ||
				(accepts && !go_on_with_item(walk, i, item)))
				return false;
		}
		return true;
	}
	if (json_is_object(value))
		return wf_filter_accepts(walk->evaluation, step->filter, value, &accepts) && (!accepts || go_on(walk, i, value));
	return !step->upstream_definite ||
		wf_evaluation_stop(walk->evaluation, WF_STOP_INVALID, WF_FILTERED_PRIMITIVE, walk->path, i, value);
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
			return wf_filter_accepts(walk->evaluation, step->filter, node, scanned);
		default:
			*scanned = false;
			return true;
	}
}

/*
 * Step i + 1, behind a scan, at a node that is one for it.  In an array it is not followed but where it is the last: the
 * steps behind it go on with every item.  That is the library's way.
 */
static bool
follow_scanned(Walk *walk, int i, json_t *node)
{
	if (!json_is_array(node) || i + 2 >= walk->path->n_steps)
		return follow(walk, i + 1, node);
	for (size_t k = 0; k < json_array_size(node); k++)
	{
		walk->scanned_index = (int) k;
		if (!wf_evaluation_visit(walk->evaluation, 1) || !follow(walk, i + 2, json_array_get(node, k)))
			return false;
	}
	return true;
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
	done = wf_evaluation_visit(walk->evaluation, 1) &&
		is_scanned(walk, &walk->path->steps[i + 1], value, &scanned);
	if (done && scanned)
		done = follow_scanned(walk, i, value);
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

/* Evaluates a function's arguments, in the document wherever we are; *values is malloc'ed. */
static bool
evaluate_arguments(WfEvaluation *evaluation, const WfStep *step, json_t ***values)
{
	*values = calloc((size_t) step->n + 1, sizeof(json_t *));
	if (*values == NULL)
		return wf_error_no_memory(evaluation->error);
	for (int k = 0; k < step->n; k++)
	{
		const WfOperand *argument = &step->arguments[k];

		(*values)[k] = json_incref(argument->literal);
		if (argument->kind == WF_OPERAND_PATH &&
			!wf_path_evaluate(evaluation, argument->path, evaluation->document, &(*values)[k]))
			return false;
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

/* What a function gives is a result, also where the path goes on. */
static bool
follow_function(Walk *walk, int i, json_t *value)
{
	const WfStep *step = &walk->path->steps[i];
	json_t	  **values = NULL;
	json_t	   *result = NULL;
	bool		done;

	if (step->function == WF_FUNCTION_COUNT)
		return wf_path_function_call(walk->evaluation, walk->path, i, value, NULL, &result);
	done = evaluate_arguments(walk->evaluation, step, &values) &&
		wf_path_function_call(walk->evaluation, walk->path, i, value, values, &result);
	free_values(values, step->n);
	done = done && (i + 1 == walk->path->n_steps || add_result(walk, json_incref(result))) && go_on(walk, i, result);
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
			return i + 1 >= walk->path->n_steps || scan(walk, i, value);
	}
	return true;
}

/* Follows names and indexes from the beginning, without recursion, up to the first step that is something else. */
static inline bool
follow_simple(WfEvaluation *evaluation, const WfPath *path, json_t **value, int *i)
{
	WfStopReason reason;

	for (; *value != NULL && *i < path->n_steps; ++*i)
	{
		const WfStep *step = &path->steps[*i];
		json_t	   *next = NULL;

		if (step->n != 1 || step->kind > WF_STEP_INDEXES)
			return true;
		if (step->kind == WF_STEP_NAMES)
		{
			next = json_object_getn(*value, step->names[0], step->lengths[0]);
			reason = json_is_object(*value) ? WF_PROPERTY_MISSING : WF_NOT_AN_OBJECT;
			if (next == NULL && (reason == WF_NOT_AN_OBJECT || *i + 1 < path->n_steps))
				return wf_evaluation_stop(evaluation, WF_STOP_ABSENT, reason, path, *i, *value);
		}
		else if (json_is_array(*value))
			next = get_item(*value, step->indexes[0]);
		else
		{
			reason = json_is_null(*value) ? WF_ARRAY_IS_NULL : WF_NOT_AN_ARRAY;
			return wf_evaluation_stop(evaluation, WF_STOP_ABSENT, reason, path, *i, *value);
		}
		*value = next;
	}
	return true;
}

/* True if one of the simple steps before step i was an index. */
static bool
is_in_array(const WfPath *path, int i)
{
	while (i-- > 0)
	{
		if (path->steps[i].kind == WF_STEP_INDEXES)
			return true;
	}
	return false;
}

/* What the steps from step i on find; there are some, or nothing is there. */
static bool
follow_rest(WfEvaluation *evaluation, const WfPath *path, int i, json_t *value, json_t **found)
{
	Walk		walk = {.evaluation = evaluation, .path = path, .scanned_index = -1};
	bool		done;

	if (!path->definite && (walk.results = json_array()) == NULL)
		return wf_error_no_memory(evaluation->error);
	if (++evaluation->depth > MAX_DEPTH)
		done = wf_error_set(evaluation->error, WF_STATES_RUNTIME, "a path needs too much depth");
	else
		done = value == NULL || follow(&walk, i, value) || (is_in_array(path, i) && forgive_bounds(evaluation));
	evaluation->depth--;
	*found = path->definite ? walk.found : walk.results;
	if (!done)
	{
		json_decref(*found);
		*found = NULL;
		return false;
	}
	return *found != NULL || wf_evaluation_stop(evaluation, WF_STOP_ABSENT, WF_NO_RESULTS, path, i, value);
}

bool
wf_path_evaluate(WfEvaluation *evaluation, const WfPath *path, json_t *start, json_t **found)
{
	json_t	   *value = start;
	int			i = 0;

	*found = NULL;
	if (!follow_simple(evaluation, path, &value, &i))
		return false;
	if (value == NULL || i < path->n_steps)
		return follow_rest(evaluation, path, i, value, found);
	*found = json_incref(value);
	return true;
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

/*
 * What an evaluation that ended early comes to.  Something that is not there: nothing if the path is definite.  Otherwise an
 * empty array: that is what the service gives, where the library says that nothing was found.
 */
static bool
judge(WfEvaluation *evaluation, const WfPath *path, json_t **found, char **missing)
{
	bool		absent = evaluation->stop == WF_STOP_ABSENT;
	char	   *text = NULL;

	if (evaluation->stop == WF_STOP_ERROR)
		return false;
	if (absent && !path->definite && (*found = json_array()) == NULL)
		return wf_error_no_memory(evaluation->error);
	if (absent && missing == NULL)
		return true;
	text = wf_evaluation_explain(evaluation);
	if (text == NULL)
	{
		json_decref(*found);
		*found = NULL;
		return wf_error_no_memory(evaluation->error);
	}
	if (absent)
	{
		*missing = text;
		return true;
	}
	wf_error_set(evaluation->error, WF_STATES_RUNTIME, "%s", text);
	free(text);
	return false;
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

	done = wf_path_evaluate(&evaluation, path, evaluation.document, found);
	if (done && !path->definite && wf_json_too_deep(*found, 0))
	{
		json_decref(*found);
		*found = NULL;
		done = wf_error_set(&problem, WF_STATES_RUNTIME, "what is found is nested too deeply");
	}
	if (!done)
		done = judge(&evaluation, path, found, missing);
	json_decref(evaluation.stop_value);
	wf_regex_release(&evaluation);
	if (done)
		return true;

	/* what went wrong is told with the path */
	if (problem.code == WF_STATES_RUNTIME && problem.cause != NULL)
		wf_error_set(error, WF_STATES_RUNTIME, "Invalid path '%s' : %s", path->text, problem.cause);
	else
		wf_error_move(error, &problem);
	wf_error_clear(&problem);
	return false;
}
