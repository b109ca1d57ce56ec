/*
 * value.c - arrays and objects; from JSON and back.
 */
#include <math.h>

#include "json/java.h"
#include "jsonata/value.h"

/* Deeper ones could not be read back. */
#define MAX_DEPTH WF_JSON_MAX_DEPTH

JnValue
jn_wrap(json_t *json)
{
	switch (json_typeof(json))
	{
		case JSON_STRING:
			return (JnValue) {.kind = JN_STRING, .borrowed = true, .length = (uint32_t) json_string_length(json), .json = json};
		case JSON_INTEGER:
			{
				json_int_t	number = json_integer_value(json);

				if (number > -(1LL << 53) && number < 1LL << 53)
					return jn_number((double) number);
				break;
			}
		case JSON_REAL:
			{
				double		number = json_real_value(json);

				if (number != floor(number))
					return jn_number(number);
				break;
			}
		case JSON_TRUE:
			return jn_boolean(true);
		case JSON_FALSE:
			return jn_boolean(false);
		case JSON_NULL:
			return (JnValue) {.kind = JN_NULL};
		case JSON_ARRAY:
			return (JnValue) {.kind = JN_ARRAY, .borrowed = true, .json = json};
		case JSON_OBJECT:
			return (JnValue) {.kind = JN_OBJECT, .borrowed = true, .json = json};
	}

	/* Its digits would not survive, or its 1.0 would become 1. */
	return (JnValue) {.kind = JN_NUMBER, .borrowed = true, .json = json};
}

/* --- arrays --- */

JnArray *
jn_array(JnArena *arena, size_t capacity)
{
	JnArray    *array;

	if (capacity > UINT32_MAX)
		return NULL;
	array = jn_alloc(arena, sizeof(JnArray) + capacity * sizeof(JnValue));
	if (array != NULL)
		*array = (JnArray) {.items = (JnValue *) (array + 1), .capacity = (uint32_t) capacity};
	return array;
}

bool
jn_push_more(JnArena *arena, JnArray *array, JnValue value)
{
	size_t		capacity = array->capacity < 4 ? 8 : (size_t) array->capacity * 2;
	JnValue    *items;

	if (capacity > UINT32_MAX)
		return false;
	items = jn_grow(arena, array->items, array->capacity * sizeof(JnValue), capacity * sizeof(JnValue));
	if (items == NULL)
		return false;
	array->items = items;
	array->capacity = (uint32_t) capacity;
	array->items[array->n++] = value;
	return true;
}

bool
jn_push_all(JnArena *arena, JnArray *array, JnValue items)
{
	size_t		n = jn_length(items);

	for (size_t i = 0; i < n; i++)
		if (!jn_push(arena, array, jn_item(items, i)))
			return false;
	return true;
}

/* --- objects --- */

/* Up to so many members are looked for one after the other. */
#define SMALL_OBJECT 8

/* A product carries upwards only: what is above comes down again. */
static uint64_t
mix(uint64_t hash)
{
	hash *= 0x9E3779B97F4A7C15;
	return hash ^ hash >> 32;
}

/*
 * It begins with what another process has not: where we lie in memory.  Keys made to collide, which would take their number's
 * square in one call, would have to know it.
 */
uint32_t
jn_hash(const char *key, size_t length)
{
	static const char here = 0;
	uint64_t	hash = ((uint64_t) (uintptr_t) &here >> 4) * 0x9E3779B97F4A7C15 ^ length;
	uint64_t	word = 0;
	uint32_t	half[2];

	for (; length > sizeof(word); key += sizeof(word), length -= sizeof(word))
	{
		memcpy(&word, key, sizeof(word));
		hash = mix(hash ^ word);
	}
	/* What is left, in pieces that may overlap. */
	if (length >= sizeof(*half))
	{
		memcpy(&half[0], key, sizeof(*half));
		memcpy(&half[1], key + length - sizeof(*half), sizeof(*half));
		word = (uint64_t) half[0] << 32 | half[1];
	}
	else if (length > 0)
		word = (uint64_t) (unsigned char) key[0] << 16 | (uint64_t) (unsigned char) key[length / 2] << 8 | (unsigned char) key[length - 1];
	else
		word = 0;
	return (uint32_t) mix(mix(hash ^ word));	/* twice: a table takes the lower bits, to which the last upper ones must come */
}

JnObject *
jn_object(JnArena *arena)
{
	JnObject   *object = jn_alloc(arena, sizeof(JnObject));

	if (object != NULL)
		*object = (JnObject) {NULL};
	return object;
}

static bool
is_named(const JnPair *pair, const char *key, size_t length)
{
	return pair->length == length && memcmp(pair->key, key, length) == 0;
}

static JnPair *
find(const JnObject *object, const char *key, size_t length, uint32_t hash)
{
	for (uint32_t mask = object->capacity * 2 - 1, at = hash & mask; object->index[at] != 0; at = (at + 1) & mask)
	{
		JnPair	   *pair = &object->pairs[object->index[at] - 1];

		if (pair->hash == hash && is_named(pair, key, length))
			return pair;
	}
	return NULL;
}

static JnPair *
find_in_small(const JnObject *object, const char *key, size_t length)
{
	for (uint32_t i = 0; i < object->n; i++)
		if (is_named(&object->pairs[i], key, length))
			return &object->pairs[i];
	return NULL;
}

JnPair *
jn_object_find(const JnObject *object, const char *key, size_t length)
{
	return object->index != NULL ? find(object, key, length, jn_hash(key, length)) : find_in_small(object, key, length);
}

static void
index_pair(JnObject *object, uint32_t i)
{
	uint32_t	mask = object->capacity * 2 - 1;
	uint32_t	at = object->pairs[i].hash & mask;

	while (object->index[at] != 0)
		at = (at + 1) & mask;
	object->index[at] = i + 1;
}

static void
index_all(JnObject *object)
{
	memset(object->index, 0, object->capacity * 2 * sizeof(uint32_t));
	for (uint32_t i = 0; i < object->n; i++)
		index_pair(object, i);
}

static bool
set_capacity(JnArena *arena, JnObject *object, size_t capacity)
{
	JnPair	   *pairs;

	if (capacity > UINT32_MAX / 4)
		return false;
	pairs = jn_grow(arena, object->pairs, object->capacity * sizeof(JnPair), capacity * sizeof(JnPair));
	if (pairs == NULL)
		return false;
	object->pairs = pairs;
	if (capacity > SMALL_OBJECT)
	{
		uint32_t   *index = jn_alloc(arena, capacity * 2 * sizeof(uint32_t));

		if (index == NULL)
			return false;
		if (object->index == NULL)
			for (uint32_t i = 0; i < object->n; i++)
				object->pairs[i].hash = jn_hash(object->pairs[i].key, object->pairs[i].length);
		object->index = index;
		object->capacity = (uint32_t) capacity;
		index_all(object);
	}
	object->capacity = (uint32_t) capacity;
	return true;
}

/* The capacity is a power of two, for the index's sake. */
static bool
enlarge(JnArena *arena, JnObject *object)
{
	return set_capacity(arena, object, object->capacity == 0 ? 4 : (size_t) object->capacity * 2);
}

JnObject *
jn_object_for(JnArena *arena, size_t n)
{
	JnObject   *object = jn_object(arena);
	size_t		capacity = 4;

	while (capacity < n)
		capacity *= 2;
	return object != NULL && (n == 0 || set_capacity(arena, object, capacity)) ? object : NULL;
}

static bool
add(JnArena *arena, JnObject *object, const char *key, size_t length, uint32_t hash, JnValue value)
{
	bool		was_small = object->index == NULL;

	if (object->n == object->capacity && !enlarge(arena, object))
		return false;
	if (was_small && object->index != NULL)
		hash = jn_hash(key, length);
	object->pairs[object->n] = (JnPair) {key, (uint32_t) length, hash, value};
	if (object->index != NULL)
		index_pair(object, object->n);
	object->n++;
	return true;
}

bool
jn_object_add(JnArena *arena, JnObject *object, const char *key, size_t length, JnValue value)
{
	return add(arena, object, key, length, object->index != NULL ? jn_hash(key, length) : 0, value);
}

bool
jn_object_set(JnArena *arena, JnObject *object, const char *key, size_t length, JnValue value)
{
	uint32_t	hash = object->index != NULL ? jn_hash(key, length) : 0;
	JnPair	   *pair = object->index != NULL ? find(object, key, length, hash) : find_in_small(object, key, length);

	if (pair == NULL)
		return add(arena, object, key, length, hash, value);
	pair->value = value;
	return true;
}

/* They are marked first: each moves the others but once. */
void
jn_object_remove(JnObject *object, JnValue names)
{
	size_t		n = names.kind == JN_ARRAY ? jn_length(names) : 1;
	uint32_t	left = 0;

	for (size_t i = 0; i < n; i++)
	{
		JnValue		name = names.kind == JN_ARRAY ? jn_item(names, i) : names;
		JnPair	   *pair = jn_object_find(object, jn_text(name).text, name.length);

		if (pair != NULL)
			pair->value.kind = JN_TAIL;		/* no member's */
	}
	for (uint32_t i = 0; i < object->n; i++)
		if (object->pairs[i].value.kind != JN_TAIL)
			object->pairs[left++] = object->pairs[i];
	if (left == object->n)
		return;
	object->n = left;
	if (object->index != NULL)
		index_all(object);
}

JnValue
jn_member(JnValue object, const char *key, size_t length)
{
	if (object.borrowed)
	{
		json_t	   *member = json_object_getn(object.json, key, length);

		return member != NULL ? jn_wrap(member) : JN_NOTHING;
	}
	else
	{
		JnPair	   *pair = jn_object_find(object.object, key, length);

		return pair != NULL ? pair->value : JN_NOTHING;
	}
}

bool
jn_walk_next(JnWalk *walk)
{
	if (walk->object.borrowed)
	{
		if (walk->at == NULL)
			return false;
		walk->key = (WfString) {json_object_iter_key(walk->at), json_object_iter_key_len(walk->at)};
		walk->value = jn_wrap(json_object_iter_value(walk->at));
		walk->at = json_object_iter_next(walk->object.json, walk->at);
	}
	else
	{
		JnPair	   *pair;

		if (walk->i >= walk->object.object->n)
			return false;
		pair = &walk->object.object->pairs[walk->i++];
		walk->key = (WfString) {pair->key, pair->length};
		walk->value = pair->value;
	}
	return true;
}

size_t
jn_size(JnValue object)
{
	return object.borrowed ? json_object_size(object.json) : object.object->n;
}

/* --- to JSON --- */

/*
 * Whole numbers are JSON's integers; those that a double cannot hold exactly stay doubles.  What is no number there is told by
 * its name, as the service does.
 */
static json_t *
number_to_json(double number)
{
	if (!isfinite(number))
		return json_string(isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
	if (number == floor(number) && fabs(number) < 9007199254740992.0)
		return json_integer((json_int_t) number);
	return json_real(number);
}

/* Half a surrogate pair, which an expression can write, is no character of JSON's. */
static json_t *
string_to_json(const char *text, size_t length)
{
	json_t	   *string = json_stringn(text, length);

	return string != NULL ? string : wf_java_decode_utf8((const unsigned char *) text, length);
}

static bool
set_member(json_t *object, const char *key, size_t length, json_t *value)
{
	json_t	   *string;
	bool		set;

	if (json_object_setn(object, key, length, value) == 0)
	{
		json_decref(value);
		return true;
	}
	string = value != NULL ? string_to_json(key, length) : NULL;
	set = string != NULL && json_object_setn(object, json_string_value(string), json_string_length(string), value) == 0;
	json_decref(string);
	json_decref(value);
	return set;
}

static json_t *
too_large(size_t *room)
{
	*room = 0;
	return NULL;
}

/*
 * What a value costs as JSON without its members, about: one that stands in many places is made for all of them.  What is of the
 * input is shared; but it, too, is written wherever it stands, so that in a larger value it counts as often.
 */
static size_t
cost_of(JnValue value, int depth)
{
	if (value.borrowed)
		return WF_JSON_COST_OF_PLACE + (depth > 0 ? wf_json_memory(value.json) : 0);
	switch ((JnKind) value.kind)
	{
		case JN_STRING:
			return WF_JSON_COST_OF_PLACE + WF_JSON_COST_OF_STRING + value.length;
		case JN_ARRAY:
			return WF_JSON_COST_OF_PLACE + WF_JSON_COST_OF_ARRAY;
		case JN_OBJECT:
			return WF_JSON_COST_OF_PLACE + WF_JSON_COST_OF_OBJECT + (size_t) value.object->n * WF_JSON_COST_OF_MEMBER;
		default:
			return WF_JSON_COST_OF_PLACE + WF_JSON_COST_OF_VALUE;
	}
}

static bool
take_room(size_t *room, size_t cost)
{
	bool		fits = cost <= *room;

	*room = fits ? *room - cost : 0;
	return fits;
}

static json_t *
to_json(JnValue value, int depth, size_t *room)
{
	value = jn_original(value);
	if (!take_room(room, cost_of(value, depth)))
		return NULL;
	if (value.borrowed)
		return json_incref(value.json);
	switch ((JnKind) value.kind)
	{
		case JN_BOOLEAN:
			return json_boolean(value.boolean);
		case JN_NUMBER:
			return number_to_json(value.number);
		case JN_STRING:
			return string_to_json(value.own_text, value.length);
		case JN_ARRAY:
			{
				json_t	   *array = depth < MAX_DEPTH ? json_array() : too_large(room);

				for (uint32_t i = 0; array != NULL && i < value.array->n; i++)
				{
					if (json_array_append_new(array, to_json(value.array->items[i], depth + 1, room)) != 0)
					{
						json_decref(array);
						array = NULL;
					}
				}
				return array;
			}
		case JN_OBJECT:
			{
				json_t	   *object = depth < MAX_DEPTH ? wf_json_object() : too_large(room);

				for (uint32_t i = 0; object != NULL && i < value.object->n; i++)
				{
					JnPair	   *pair = &value.object->pairs[i];

					if (pair->value.kind == JN_UNDEFINED || pair->value.kind == JN_FUNCTION)
						continue;
					if (!take_room(room, pair->length) ||
						!set_member(object, pair->key, pair->length, to_json(pair->value, depth + 1, room)))
					{
						json_decref(object);
						object = NULL;
					}
				}
				return object;
			}
		case JN_UNDEFINED:
		case JN_NULL:
		case JN_FUNCTION:
		case JN_TUPLE:
		case JN_TAIL:
			break;
	}
	return json_null();
}

json_t *
jn_to_json(JnValue value, size_t *room)
{
	return to_json(value, 0, room);
}
