/*
 * intrinsic_array.c - the intrinsic functions over arrays.
 *
 * Numbers that are not whole are cut off, toward zero; the documentation says rounded.
 */
#include "asl/intrinsic_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/java.h"

#define MAX_RANGE 1000

json_t *
wf_intrinsic_array(WfCall *call)
{
	json_t	   *array = json_array();

	for (int i = 0; array != NULL && i < call->term->n; i++)
	{
		if (json_array_append(array, call->values[i]) != 0)
		{
			json_decref(array);
			array = NULL;
		}
	}
	return wf_call_give(call, array);
}

json_t *
wf_intrinsic_array_partition(WfCall *call)
{
	json_t	   *array = call->values[0];
	json_t	   *parts;
	json_int_t	size;

	if (!json_is_array(array) || !wf_call_integer(call->values[1], &size) || size < 1)
		return wf_call_invalid(call);
	parts = json_array();
	for (size_t i = 0; parts != NULL && i < json_array_size(array); i++)
	{
		json_t	   *part = i % (size_t) size != 0 ? json_array_get(parts, json_array_size(parts) - 1) : json_array();

		if ((i % (size_t) size == 0 && json_array_append_new(parts, part) != 0) ||
			json_array_append(part, json_array_get(array, i)) != 0)
		{
			json_decref(parts);
			parts = NULL;
		}
	}
	return wf_call_give(call, parts);
}

/* The service compares texts: true is in ["true"], and {"a":1,"b":2} is not the same as {"b":2,"a":1}. */
json_t *
wf_intrinsic_array_contains(WfCall *call)
{
	json_t	   *array = call->values[0];
	size_t		length;
	char	   *wanted;
	bool		found = false;
	unsigned	work = 0;

	if (!json_is_array(array) || wf_json_too_deep(array, 0))
		return wf_call_invalid(call);
	wanted = wf_call_text(call, 1, &length);
	if (wanted == NULL)
		return NULL;
	for (size_t i = 0; !found && i < json_array_size(array); i++)
	{
		size_t		n;
		char	   *text = wf_call_goes_on(call, &work) ? wf_java_text(json_array_get(array, i), &n) : NULL;

		if (text == NULL)
		{
			free(wanted);
			return call->error->code != WF_NO_ERROR ? NULL : wf_call_no_memory(call);
		}
		found = n == length && memcmp(text, wanted, n) == 0;
		free(text);
	}
	free(wanted);
	return json_boolean(found);
}

json_t *
wf_intrinsic_array_range(WfCall *call)
{
	json_int_t	from,
				to,
				step;
	__int128	n;
	json_t	   *range;

	if (!wf_call_integer(call->values[0], &from) || !wf_call_integer(call->values[1], &to) ||
		!wf_call_integer(call->values[2], &step) || step == 0)
		return wf_call_invalid(call);
	n = (step > 0) == (to > from) || from == to ? ((__int128) to - from) / step + 1 : 0;
	if (n > MAX_RANGE)
		return wf_call_invalid(call);
	range = json_array();
	for (int i = 0; range != NULL && i < n; i++)
	{
		if (json_array_append_new(range, json_integer((json_int_t) (from + (__int128) step * i))) != 0)
		{
			json_decref(range);
			range = NULL;
		}
	}
	return wf_call_give(call, range);
}

/* Of an empty array every item is null. */
json_t *
wf_intrinsic_array_get_item(WfCall *call)
{
	json_t	   *array = call->values[0];
	json_int_t	index;

	if (!json_is_array(array) || !wf_call_integer(call->values[1], &index) || index < 0)
		return wf_call_invalid(call);
	if (json_array_size(array) == 0)
		return json_null();
	if ((size_t) index >= json_array_size(array))
		return wf_call_invalid(call);
	return json_incref(json_array_get(array, (size_t) index));
}

json_t *
wf_intrinsic_array_length(WfCall *call)
{
	if (!json_is_array(call->values[0]))
		return wf_call_invalid(call);
	return wf_call_give(call, json_integer((json_int_t) json_array_size(call->values[0])));
}

/*
 * The items in the order of a HashSet made of the array: by bucket, in a bucket by place.  (A bucket of more than eight
 * becomes a tree in Java, which may change its order; ours stays.)
 */
json_t *
wf_intrinsic_array_unique(WfCall *call)
{
	typedef struct Entry
	{
		json_t	   *item;
		uint32_t	hash;
		size_t		next;		/* place + 1 of the next one in the bucket; 0: none */
	} Entry;
	json_t	   *array = call->values[0];
	size_t		n = json_array_size(array),
				n_buckets = 16;
	size_t	   *buckets;
	Entry	   *entries;
	json_t	   *unique = NULL;
	bool		good;
	unsigned	work = 0;

	if (!json_is_array(array) || wf_json_too_deep(array, 0))
		return wf_call_invalid(call);
	while (n_buckets < n + n / 3 + 1)
		n_buckets *= 2;
	buckets = calloc(n_buckets, sizeof(size_t));
	entries = calloc(n + 1, sizeof(Entry));
	good = (buckets != NULL && entries != NULL) || wf_call_no_memory(call) != NULL;
	for (size_t i = 0; good && i < n; i++)
	{
		json_t	   *item = json_array_get(array, i);
		uint32_t	hash = (uint32_t) wf_java_hash(item);
		size_t	   *place;

		hash ^= hash >> 16;
		place = &buckets[hash & (n_buckets - 1)];
		while ((good = wf_call_goes_on(call, &work)) && *place != 0 &&
			   !(entries[*place - 1].hash == hash && wf_java_equal(entries[*place - 1].item, item)))
			place = &entries[*place - 1].next;
		if (!good || *place != 0)
			continue;
		entries[i] = (Entry) {item, hash, 0};
		*place = i + 1;
	}
	if (good)
	{
		unique = json_array();
		for (size_t b = 0; unique != NULL && b < n_buckets; b++)
		{
			for (size_t i = buckets[b]; unique != NULL && i != 0; i = entries[i - 1].next)
			{
				if (json_array_append(unique, entries[i - 1].item) != 0)
				{
					json_decref(unique);
					unique = NULL;
				}
			}
		}
		if (unique == NULL)
			wf_call_no_memory(call);
	}
	free(buckets);
	free(entries);
	return unique;
}
