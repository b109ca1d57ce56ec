/*
 * check_scope.c - which variables may be set when a Parallel or a Map is entered.
 *
 * A block inside may read such a variable, but not assign it.  A name that the outer block assigns only afterwards, or in
 * the Parallel's own Catcher, may be used inside: it is another variable, which is gone by then.  So the transitions are
 * followed backwards from the state, and what the states on the way assign is collected.
 *
 * That is the only part of the checker whose time is not linear; it is bounded, and a definition that exceeds the bound
 * is not checked for this.
 */
#include <string.h>

#include "asl/check.h"

#define MAX_VISITS 2000000

/* Notes that `from` leads to the state that a field names. */
static void
add_edge(WfChecker *checker, json_t *edges, json_t *object, const char *field, const char *from)
{
	const char *target = json_string_value(json_object_get(object, field));
	json_t	   *sources;

	if (target == NULL)
		return;
	sources = json_object_get(edges, target);
	if (sources == NULL)
	{
		sources = json_array();
		if (sources == NULL || json_object_set_new_nocheck(edges, target, sources) != 0)
		{
			wf_check_no_memory(checker);
			return;
		}
	}
	if (json_array_append_new(sources, json_string_nocheck(from)) != 0)
		wf_check_no_memory(checker);
}

static const char *const lists[] = {"Catch", "Choices"};

static bool
assigns(json_t *state)
{
	if (json_object_get(state, "Assign") != NULL)
		return true;
	for (size_t i = 0; i < 2; i++)
	{
		json_t	   *list = json_object_get(state, lists[i]);

		for (size_t k = 0; k < json_array_size(list); k++)
		{
			if (json_object_get(json_array_get(list, k), "Assign") != NULL)
				return true;
		}
	}
	return false;
}

json_t *
wf_check_edges(WfChecker *checker, json_t *states)
{
	json_t	   *edges;
	bool		needed = false;

	for (void *member = json_object_iter(states); member != NULL && !needed; member = json_object_iter_next(states, member))
		needed = assigns(json_object_iter_value(member));
	if (!needed)
		return NULL;
	edges = wf_json_object();
	if (edges == NULL)
	{
		wf_check_no_memory(checker);
		return NULL;
	}
	for (void *member = json_object_iter(states); member != NULL; member = json_object_iter_next(states, member))
	{
		const char *name = json_object_iter_key(member);
		json_t	   *state = json_object_iter_value(member);

		add_edge(checker, edges, state, "Next", name);
		add_edge(checker, edges, state, "Default", name);
		for (size_t i = 0; i < 2; i++)
		{
			json_t	   *list = json_object_get(state, lists[i]);

			for (size_t k = 0; k < json_array_size(list); k++)
				add_edge(checker, edges, json_array_get(list, k), "Next", name);
		}
	}
	return edges;
}

static void
add_variables(WfChecker *checker, json_t *variables, json_t *object)
{
	json_t	   *assign = json_object_get(object, "Assign");

	for (void *member = json_is_object(assign) ? json_object_iter(assign) : NULL; member != NULL;
		 member = json_object_iter_next(assign, member))
	{
		const char *key = json_object_iter_key(member);
		size_t		length = json_object_iter_key_len(member);

		if (length >= 2 && strcmp(key + length - 2, ".$") == 0)
			length -= 2;
		if (json_object_setn_new_nocheck(variables, key, length, json_true()) != 0)
			wf_check_no_memory(checker);
	}
}

static void
add_all_variables(WfChecker *checker, json_t *variables, json_t *state)
{
	add_variables(checker, variables, state);
	for (size_t i = 0; i < 2; i++)
	{
		json_t	   *list = json_object_get(state, lists[i]);

		for (size_t k = 0; k < json_array_size(list); k++)
			add_variables(checker, variables, json_array_get(list, k));
	}
}

/* Puts the sources of a state's edges, where they are new, at the end of the list of states to be visited. */
static bool
visit_sources(WfChecker *checker, json_t *edges, const char *name, json_t *seen, json_t *visited)
{
	json_t	   *sources = json_object_get(edges, name);

	for (size_t i = 0; i < json_array_size(sources); i++)
	{
		json_t	   *source = json_array_get(sources, i);

		if (++checker->visits > MAX_VISITS)
			return false;
		if (json_object_get(seen, json_string_value(source)) != NULL)
			continue;
		if (json_object_set_new_nocheck(seen, json_string_value(source), json_true()) != 0 ||
			json_array_append(visited, source) != 0)
		{
			wf_check_no_memory(checker);
			return false;
		}
	}
	return true;
}

json_t *
wf_check_reaching_variables(WfChecker *checker, json_t *states, json_t *edges, const char *name)
{
	json_t	   *state = json_object_get(states, name);
	json_t	   *variables;
	json_t	   *seen;
	json_t	   *visited;

	if (edges == NULL || checker->visits > MAX_VISITS ||
		(json_object_get(state, "Branches") == NULL && json_object_get(state, "ItemProcessor") == NULL &&
		 json_object_get(state, "Iterator") == NULL))
		return NULL;
	variables = wf_json_object();
	seen = wf_json_object();
	visited = json_array();
	if (variables == NULL || seen == NULL || visited == NULL)
		wf_check_no_memory(checker);
	else if (visit_sources(checker, edges, name, seen, visited))
	{
		for (size_t i = 0; i < json_array_size(visited); i++)
		{
			const char *source = json_string_value(json_array_get(visited, i));

			add_all_variables(checker, variables, json_object_get(states, source));
			if (!visit_sources(checker, edges, source, seen, visited))
				break;
		}
	}
	json_decref(seen);
	json_decref(visited);
	return variables;
}
