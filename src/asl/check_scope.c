/*
 * check_scope.c - which variables may be set when a Parallel or a Map is entered.
 *
 * A block inside may read such a variable, but not assign it.  A name that the outer block assigns only afterwards, or in
 * the Parallel's own Catcher, may be used inside: it is another variable, which is gone by then.  So the transitions are
 * followed from the states that assign it.
 *
 * That is done for names alone that are assigned both outside and inside, once for each.  It is the only part of the
 * checker whose time is not linear; it is bounded, far beyond what a megabyte can hold.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/check.h"

#define MAX_STEPS 200000000

/* The transitions of a block, by number. */
struct WfCheckedTransitions
{
	int			n;				/* states */
	json_t	   *numbers;		/* state → number */
	json_t	   *assigned;		/* variable → array of the numbers of states that assign it */
	json_t	   *known;			/* variable → which of the sets is its own */
	int		   *first;			/* where in targets a state's begin; one more for the end */
	int		   *targets;
	int		   *queue;
	size_t		n_sets;
	size_t		capacity;
	unsigned char *sets;		/* n bytes each: 1 for a state that may be entered with the variable set */
	long		steps;
};

static const char *const lists[] = {"Catch", "Choices"};

static int
find_number(const WfCheckedTransitions *transitions, json_t *object, const char *field)
{
	const char *name = json_string_value(json_object_get(object, field));
	json_t	   *number = name != NULL ? json_object_get(transitions->numbers, name) : NULL;

	return number != NULL ? (int) json_integer_value(number) : -1;
}

/* Adds where a state leads to, and counts; `to` may be NULL. */
static int
list_targets(const WfCheckedTransitions *transitions, json_t *state, int *to)
{
	int			n = 0;
	int			next = find_number(transitions, state, "Next");
	int			otherwise = find_number(transitions, state, "Default");

	for (size_t i = 0; i < 2; i++)
	{
		json_t	   *list = json_object_get(state, lists[i]);

		for (size_t k = 0; k < json_array_size(list); k++)
		{
			int			target = find_number(transitions, json_array_get(list, k), "Next");

			if (target >= 0 && to != NULL)
				to[n] = target;
			n += target >= 0;
		}
	}
	if (next >= 0 && to != NULL)
		to[n] = next;
	n += next >= 0;
	if (otherwise >= 0 && to != NULL)
		to[n] = otherwise;
	return n + (otherwise >= 0);
}

/* Notes that a state assigns what an object's Assign names. */
static bool
note_assigned(WfCheckedTransitions *transitions, json_t *object, int number)
{
	json_t	   *assign = json_object_get(object, "Assign");

	for (void *member = json_is_object(assign) ? json_object_iter(assign) : NULL; member != NULL;
		 member = json_object_iter_next(assign, member))
	{
		const char *key = json_object_iter_key(member);
		size_t		length = json_object_iter_key_len(member);
		json_t	   *states;

		if (length >= 2 && strcmp(key + length - 2, ".$") == 0)
			length -= 2;
		states = json_object_getn(transitions->assigned, key, length);
		if (states == NULL)
		{
			states = json_array();
			if (json_object_setn_new_nocheck(transitions->assigned, key, length, states) != 0)
				return false;
		}
		if (json_array_append_new(states, json_integer(number)) != 0)
			return false;
	}
	return true;
}

static bool
note_all_assigned(WfCheckedTransitions *transitions, json_t *state, int number)
{
	if (!note_assigned(transitions, state, number))
		return false;
	for (size_t i = 0; i < 2; i++)
	{
		json_t	   *list = json_object_get(state, lists[i]);

		for (size_t k = 0; k < json_array_size(list); k++)
		{
			if (!note_assigned(transitions, json_array_get(list, k), number))
				return false;
		}
	}
	return true;
}

static bool
build(WfCheckedTransitions *transitions, json_t *states)
{
	int			n = 0;
	int			n_targets = 0;

	transitions->n = (int) json_object_size(states);
	transitions->numbers = wf_json_object();
	transitions->assigned = wf_json_object();
	transitions->known = wf_json_object();
	transitions->first = calloc((size_t) transitions->n + 1, sizeof(int));
	transitions->queue = calloc((size_t) transitions->n + 1, sizeof(int));
	if (transitions->numbers == NULL || transitions->assigned == NULL || transitions->known == NULL ||
		transitions->first == NULL || transitions->queue == NULL)
		return false;
	for (void *member = json_object_iter(states); member != NULL; member = json_object_iter_next(states, member))
	{
		if (json_object_set_new_nocheck(transitions->numbers, json_object_iter_key(member), json_integer(n)) != 0 ||
			!note_all_assigned(transitions, json_object_iter_value(member), n++))
			return false;
	}
	for (void *member = json_object_iter(states); member != NULL; member = json_object_iter_next(states, member))
		n_targets += list_targets(transitions, json_object_iter_value(member), NULL);
	transitions->targets = calloc((size_t) n_targets + 1, sizeof(int));
	if (transitions->targets == NULL)
		return false;
	n = 0;
	for (void *member = json_object_iter(states); member != NULL; member = json_object_iter_next(states, member), n++)
		transitions->first[n + 1] = transitions->first[n] +
			list_targets(transitions, json_object_iter_value(member), transitions->targets + transitions->first[n]);
	return true;
}

void
wf_check_transitions_free(WfCheckedTransitions *transitions)
{
	if (transitions == NULL)
		return;
	json_decref(transitions->numbers);
	json_decref(transitions->assigned);
	json_decref(transitions->known);
	free(transitions->first);
	free(transitions->targets);
	free(transitions->queue);
	free(transitions->sets);
	free(transitions);
}

/* Puts the targets of a state that are new into the set and the queue; returns the queue's new end. */
static int
visit_targets(WfCheckedTransitions *transitions, int state, unsigned char *set, int end)
{
	for (int i = transitions->first[state]; i < transitions->first[state + 1]; i++)
	{
		int			target = transitions->targets[i];

		transitions->steps++;
		if (!set[target])
		{
			set[target] = 1;
			transitions->queue[end++] = target;
		}
	}
	return end;
}

/* The states that may be entered with a variable set: those that can be reached from one that assigns it.  NULL: no memory. */
static const unsigned char *
find_set(WfCheckedTransitions *transitions, const char *variable, size_t length, json_t *assigning)
{
	size_t		size = (size_t) transitions->n;
	json_t	   *known = json_object_getn(transitions->known, variable, length);
	unsigned char *set;
	int			end = 0;

	if (known != NULL)
		return transitions->sets + (size_t) json_integer_value(known) * size;
	if (transitions->n_sets == transitions->capacity)
	{
		size_t		capacity = transitions->capacity * 2 + 4;
		unsigned char *larger = realloc(transitions->sets, capacity * size);

		if (larger == NULL)
			return NULL;
		transitions->sets = larger;
		transitions->capacity = capacity;
	}
	set = transitions->sets + transitions->n_sets * size;
	if (json_object_setn_new_nocheck(transitions->known, variable, length, json_integer((json_int_t) transitions->n_sets)) != 0)
		return NULL;
	transitions->n_sets++;
	memset(set, 0, size);
	for (size_t i = 0; i < json_array_size(assigning); i++)
		end = visit_targets(transitions, (int) json_integer_value(json_array_get(assigning, i)), set, end);
	for (int at = 0; at < end; at++)
		end = visit_targets(transitions, transitions->queue[at], set, end);
	return set;
}

bool
wf_check_may_be_set(WfChecker *checker, WfCheckedScope *scope, const char *variable, size_t length)
{
	WfCheckedTransitions *transitions = scope->transitions;
	const unsigned char *set;
	json_t	   *assigning;

	if (transitions == NULL)
	{
		transitions = scope->transitions = calloc(1, sizeof(WfCheckedTransitions));
		if (transitions == NULL || !build(transitions, scope->states))
		{
			wf_check_no_memory(checker);
			wf_check_transitions_free(transitions);
			scope->transitions = NULL;
			return false;
		}
	}
	assigning = json_object_getn(transitions->assigned, variable, length);
	if (assigning == NULL || transitions->steps > MAX_STEPS)
		return false;
	set = find_set(transitions, variable, length, assigning);
	if (set == NULL)
	{
		wf_check_no_memory(checker);
		return false;
	}
	return set[json_integer_value(json_object_get(transitions->numbers, scope->state))] != 0;
}
