/*
 * path_set.c - writing where a reference path says: ResultPath; and what is told where such a path leads nowhere.
 *
 * Payloads are shared between states and events, so nothing is changed in place: the containers on the way are copied,
 * one level each, and all that hangs beside the way is shared.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

/* The place in an array that a step names; it may be outside. */
static json_int_t
find_place(const WfStep *step, const json_t *array)
{
	return step->indexes[0] < 0 ? (json_int_t) json_array_size(array) + step->indexes[0] : step->indexes[0];
}

/* True if a step can be taken into a value: a name into an object (made if missing), an index to an item that is there. */
static bool
fits(const WfStep *step, const json_t *value)
{
	if (step->kind == WF_STEP_NAMES)
		return value == NULL || json_is_object(value);
	return json_is_array(value) && find_place(step, value) >= 0 &&
		find_place(step, value) < (json_int_t) json_array_size(value);
}

/* Borrowed: what a step leads to; NULL if there is nothing yet. */
static json_t *
get_child(const WfStep *step, const json_t *value)
{
	if (step->kind == WF_STEP_NAMES)
		return json_object_getn(value, step->names[0], step->lengths[0]);
	return json_array_get(value, (size_t) find_place(step, value));
}

/* Puts a child where a step leads; steals it. */
static bool
set_child(const WfStep *step, json_t *value, json_t *child)
{
	if (step->kind == WF_STEP_NAMES)
		return json_object_setn_new_nocheck(value, step->names[0], step->lengths[0], child) == 0;
	return json_array_set_new(value, (size_t) find_place(step, value), child) == 0;
}

/* Sets the error for a step that cannot be taken; NULL: for the path as a whole.  Always false. */
static bool
refuse(const WfPath *path, const WfStep *step, const json_t *target, WfError *error)
{
	char	   *text = wf_json_text(target, NULL);

	if (text == NULL)
		return wf_error_no_memory(error);
	if (step == NULL || (!json_is_object(target) && !json_is_array(target)))
		wf_error_set(error, WF_STATES_REFERENCE_PATH_CONFLICT, "Unable to apply ReferencePath %s to input %s", path->text, text);
	else if (step->kind == WF_STEP_NAMES)
		wf_error_set(error, WF_STATES_REFERENCE_PATH_CONFLICT, "Unable to apply step \"%s\" to input %s", step->names[0], text);
	else
		wf_error_set(error, WF_STATES_REFERENCE_PATH_CONFLICT, "Unable to apply step \"%d\" to input %s", step->indexes[0], text);
	free(text);
	return false;
}

bool
wf_path_conflict(const WfPath *path, const json_t *target, WfError *error)
{
	const json_t *at = target;

	for (int i = 0; path->reference && i < path->n_steps; i++)
	{
		at = fits(&path->steps[i], at) ? get_child(&path->steps[i], at) : NULL;
		if (at == NULL)
			return refuse(path, &path->steps[i], target, error);
	}
	return refuse(path, NULL, target, error);
}

json_t *
wf_path_set(const WfPath *path, json_t *target, json_t *value, WfError *error)
{
	json_t	   *whole = NULL;	/* new: what is returned */
	json_t	   *copy = NULL;	/* borrowed: the last container on the way */
	json_t	   *old = target;	/* what stood there; NULL: nothing */

	if (path->n_steps == 0)
		return json_incref(value);
	if (wf_json_too_deep(value, path->n_steps))
	{
		wf_error_set(error, WF_STATES_RUNTIME,
					 "the state's output is nested more than %d levels deep", WF_JSON_MAX_DEPTH);
		return NULL;
	}
	if (!path->reference)
	{
		refuse(path, NULL, target, error);
		return NULL;
	}

	for (int i = 0; i < path->n_steps; i++)
	{
		json_t	   *level;

		if (!fits(&path->steps[i], old))
		{
			json_decref(whole);
			refuse(path, &path->steps[i], target, error);
			return NULL;
		}
		level = old != NULL ? wf_json_copy_level(old) : wf_json_object();
		if (level == NULL || (copy != NULL && !set_child(&path->steps[i - 1], copy, level)))
		{
			json_decref(whole);
			wf_error_no_memory(error);
			return NULL;
		}
		if (whole == NULL)
			whole = level;
		copy = level;
		old = get_child(&path->steps[i], level);
	}
	if (!set_child(&path->steps[path->n_steps - 1], copy, json_incref(value)))
	{
		json_decref(whole);
		wf_error_no_memory(error);
		return NULL;
	}
	return whole;
}
