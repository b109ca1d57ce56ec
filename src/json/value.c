/*
 * value.c - comparing, merging, copying and measuring values.
 *
 * Recursion is bounded by WF_JSON_MAX_DEPTH, which every value keeps to: the reader refuses what is deeper, and whoever
 * builds values asks wf_json_too_deep.
 */
#include <math.h>
#include <string.h>

#include "json/json.h"

/* An integer and a double are equal only if the double is exactly that integer. */
static bool
compare_mixed(json_int_t integer, double real)
{
	return real >= -9223372036854775808.0 && real < 9223372036854775808.0 && real == floor(real) &&
		(json_int_t) real == integer;
}

static bool
compare_values(const json_t *a, const json_t *b, int depth)
{
	if (a == b)
		return true;
	if (a == NULL || b == NULL || depth > WF_JSON_MAX_DEPTH)
		return false;
	if (json_is_number(a) && json_is_number(b))
	{
		if (json_is_integer(a))
			return json_is_integer(b) ? json_integer_value(a) == json_integer_value(b)
				: compare_mixed(json_integer_value(a), json_real_value(b));
		return json_is_integer(b) ? compare_mixed(json_integer_value(b), json_real_value(a))
			: json_real_value(a) == json_real_value(b);
	}
	if (json_typeof(a) != json_typeof(b))
		return false;
	switch (json_typeof(a))
	{
		case JSON_STRING:
			return json_string_length(a) == json_string_length(b) &&
				memcmp(json_string_value(a), json_string_value(b), json_string_length(a)) == 0;
		case JSON_ARRAY:
			if (json_array_size(a) != json_array_size(b))
				return false;
			for (size_t i = 0; i < json_array_size(a); i++)
			{
				if (!compare_values(json_array_get(a, i), json_array_get(b, i), depth + 1))
					return false;
			}
			return true;
		case JSON_OBJECT:
			if (json_object_size(a) != json_object_size(b))
				return false;
			for (void *member = json_object_iter((json_t *) a); member != NULL;
				 member = json_object_iter_next((json_t *) a, member))
			{
				if (!compare_values(json_object_iter_value(member),
									json_object_getn(b, json_object_iter_key(member), json_object_iter_key_len(member)),
									depth + 1))
					return false;
			}
			return true;
		default:
			return true;		/* true, false, null: the type says it all */
	}
}

bool
wf_json_equal(const json_t *a, const json_t *b)
{
	return compare_values(a, b, 0);
}

size_t
wf_json_memory(const json_t *value)
{
	size_t		memory;

	switch (json_typeof(value))
	{
		case JSON_OBJECT:
			memory = WF_JSON_COST_OF_OBJECT;
			for (void *member = json_object_iter((json_t *) value); member != NULL;
				 member = json_object_iter_next((json_t *) value, member))
				memory += WF_JSON_COST_OF_MEMBER + json_object_iter_key_len(member) + wf_json_memory(json_object_iter_value(member));
			return memory;
		case JSON_ARRAY:
			memory = WF_JSON_COST_OF_ARRAY;
			for (size_t i = 0; i < json_array_size(value); i++)
				memory += WF_JSON_COST_OF_PLACE + wf_json_memory(json_array_get(value, i));
			return memory;
		case JSON_STRING:
			return WF_JSON_COST_OF_STRING + json_string_length(value);
		default:
			return WF_JSON_COST_OF_VALUE;
	}
}

/* Sets all members of `from` in `object`. */
static bool
take_members(json_t *object, json_t *from)
{
	for (void *member = json_object_iter(from); member != NULL; member = json_object_iter_next(from, member))
	{
		if (json_object_setn_new_nocheck(object, json_object_iter_key(member), json_object_iter_key_len(member),
										 json_incref(json_object_iter_value(member))) != 0)
			return false;
	}
	return true;
}

json_t *
wf_json_merge(const json_t *a, const json_t *b)
{
	json_t	   *merged = wf_json_object();

	if (merged != NULL && take_members(merged, (json_t *) a) && take_members(merged, (json_t *) b))
		return merged;
	json_decref(merged);
	return NULL;
}

json_t *
wf_json_copy_level(const json_t *container)
{
	json_t	   *copy = json_is_object(container) ? wf_json_object() : json_array();
	bool		done = copy != NULL;

	if (done && json_is_object(container))
		done = take_members(copy, (json_t *) container);
	else if (done)
	{
		for (size_t i = 0; done && i < json_array_size(container); i++)
			done = json_array_append_new(copy, json_incref(json_array_get(container, i))) == 0;
	}
	if (done)
		return copy;
	json_decref(copy);
	return NULL;
}

json_t *
wf_json_copy(const json_t *value)
{
	json_t	   *copy = NULL;
	json_t	   *item;
	bool		done = true;

	if (json_is_object(value))
	{
		copy = wf_json_object();
		for (void *member = copy ? json_object_iter((json_t *) value) : NULL; member != NULL && done;
			 member = json_object_iter_next((json_t *) value, member))
		{
			item = wf_json_copy(json_object_iter_value(member));
			done = item != NULL &&
				json_object_setn_new_nocheck(copy, json_object_iter_key(member), json_object_iter_key_len(member),
											 item) == 0;
		}
	}
	else if (json_is_array(value))
	{
		copy = json_array();
		for (size_t i = 0; copy != NULL && i < json_array_size(value) && done; i++)
		{
			item = wf_json_copy(json_array_get(value, i));
			done = item != NULL && json_array_append_new(copy, item) == 0;
		}
	}
	else
		return json_incref((json_t *) value);	/* leaves are never changed */

	if (!done)
	{
		json_decref(copy);
		return NULL;
	}
	return copy;
}

static bool
exceed_depth(const json_t *value, int depth)
{
	json_t	   *item;

	if (json_is_object(value))
	{
		if (depth >= WF_JSON_MAX_DEPTH)
			return true;
		for (void *member = json_object_iter((json_t *) value); member != NULL;
			 member = json_object_iter_next((json_t *) value, member))
		{
			item = json_object_iter_value(member);
			if (json_typeof(item) <= JSON_ARRAY && exceed_depth(item, depth + 1))
				return true;
		}
	}
	else if (json_is_array(value))
	{
		if (depth >= WF_JSON_MAX_DEPTH)
			return true;
		for (size_t i = 0; i < json_array_size(value); i++)
		{
			item = json_array_get(value, i);
			if (json_typeof(item) <= JSON_ARRAY && exceed_depth(item, depth + 1))
				return true;
		}
	}
	return false;
}

bool
wf_json_too_deep(const json_t *value, int above)
{
	return exceed_depth(value, above);
}

static bool
take(size_t *room, size_t n)
{
	if (n > *room)
		return false;
	*room -= n;
	return true;
}

/* Values are shared, so a small one may have a text of any length: the walk ends where the room does. */
bool
wf_json_fits(const json_t *value, size_t *room)
{
	if (json_is_string(value))
		return take(room, json_string_length(value) + 2);
	if (!take(room, 2))
		return false;
	if (json_is_object(value))
	{
		for (void *member = json_object_iter((json_t *) value); member != NULL;
			 member = json_object_iter_next((json_t *) value, member))
			if (!take(room, json_object_iter_key_len(member) + 4) || !wf_json_fits(json_object_iter_value(member), room))
				return false;
	}
	else if (json_is_array(value))
	{
		for (size_t i = 0; i < json_array_size(value); i++)
			if (!take(room, 1) || !wf_json_fits(json_array_get(value, i), room))
				return false;
	}
	return true;
}
