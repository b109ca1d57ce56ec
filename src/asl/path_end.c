/*
 * path_end.c - paths that end behind the end of an array, which a payload template takes for null.
 */
#include "asl/path_internal.h"

bool
wf_path_is_behind_end(const WfPath *path, const WfScope *scope, bool *behind, WfError *error)
{
	const WfStep *last;
	WfPath		array = *path;
	json_t	   *found;

	*behind = false;
	if (!path->reference || path->n_steps == 0)
		return true;
	last = path->steps + path->n_steps - 1;
	if (last->kind != WF_STEP_INDEXES || last->indexes[0] < 0)
		return true;
	array.n_steps--;
	if (!wf_path_get(&array, scope, &found, NULL, error))
		return false;
	*behind = json_is_array(found) && (size_t) last->indexes[0] >= json_array_size(found);
	json_decref(found);
	return true;
}
