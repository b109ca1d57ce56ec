/*
 * java.c - Java's toString(), hashCode(), equals() and Random over JSON values; see java.h.
 *
 * Whole numbers are Integers or Longs, others Doubles, objects LinkedHashMaps and arrays ArrayLists.  Values are not deeper than
 * WF_JSON_MAX_DEPTH (json.h), which bounds the recursion here.
 */
#include "json/java.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/growing_text.h"
#include "json/number.h"

/* --- text --- */

static bool append_value(WfText *text, const json_t *value, int depth);

static bool
append_object(WfText *text, const json_t *object, int depth)
{
	bool		good = wf_text_add(text, "{", 1);
	bool		first = true;

	for (void *member = json_object_iter((json_t *) object); member != NULL && good;
		 member = json_object_iter_next((json_t *) object, member))
	{
		good = (first || wf_text_add(text, ", ", 2)) &&
			wf_text_add(text, json_object_iter_key(member), json_object_iter_key_len(member)) &&
			wf_text_add(text, "=", 1) &&
			append_value(text, json_object_iter_value(member), depth + 1);
		first = false;
	}
	return good && wf_text_add(text, "}", 1);
}

static bool
append_array(WfText *text, const json_t *array, int depth)
{
	bool		good = wf_text_add(text, "[", 1);

	for (size_t i = 0; i < json_array_size(array) && good; i++)
		good = (i == 0 || wf_text_add(text, ", ", 2)) && append_value(text, json_array_get(array, i), depth + 1);
	return good && wf_text_add(text, "]", 1);
}

static bool
append_value(WfText *text, const json_t *value, int depth)
{
	char		number[WF_NUMBER_SIZE];

	if (depth > WF_JSON_MAX_DEPTH)
		return false;
	switch (json_typeof(value))
	{
		case JSON_OBJECT:
			return append_object(text, value, depth);
		case JSON_ARRAY:
			return append_array(text, value, depth);
		case JSON_STRING:
			return wf_text_add(text, json_string_value(value), json_string_length(value));
		case JSON_INTEGER:
			return wf_text_add(text, number, wf_number_write_integer(json_integer_value(value), number));
		case JSON_REAL:
			return wf_text_add(text, number, wf_number_write_real(json_real_value(value), number));
		case JSON_TRUE:
			return wf_text_add(text, "true", 4);
		case JSON_FALSE:
			return wf_text_add(text, "false", 5);
		default:
			return wf_text_add(text, "null", 4);
	}
}

char *
wf_java_text(const json_t *value, size_t *length)
{
	WfText		text = {0};

	if (append_value(&text, value, 0))
	{
		*length = text.length;
		return text.data;
	}
	free(text.data);
	return NULL;
}

/* --- strings --- */

/* Continuation bytes add nothing; what takes four bytes takes two units. */
size_t
wf_java_length(const char *text, size_t length)
{
	size_t		units = 0;

	for (size_t i = 0; i < length; i++)
		units += ((unsigned char) text[i] & 0xC0) == 0x80 ? 0 : (unsigned char) text[i] >= 0xF0 ? 2 : 1;
	return units;
}

static int32_t
hash_string(const char *text, size_t length)
{
	uint32_t	hash = 0;

	for (size_t i = 0; i < length;)
	{
		unsigned char c = (unsigned char) text[i];
		int			more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
		uint32_t	point = more == 0 ? c : c & (0x3Fu >> more);

		for (i++; more > 0 && i < length; more--, i++)
			point = point << 6 | ((unsigned char) text[i] & 0x3F);
		if (point >= 0x10000)
		{
			hash = hash * 31 + (0xD7C0 + (point >> 10));
			point = 0xDC00 | (point & 0x3FF);
		}
		hash = hash * 31 + point;
	}
	return (int32_t) hash;
}

/* --- hashCode and equals --- */

static int32_t
fold(uint64_t bits)
{
	return (int32_t) (uint32_t) (bits ^ bits >> 32);
}

static uint64_t
bits_of(double value)
{
	uint64_t	bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

int32_t
wf_java_hash(const json_t *value)
{
	uint32_t	hash;
	json_int_t	integer;

	switch (json_typeof(value))
	{
		case JSON_OBJECT:
			hash = 0;
			for (void *member = json_object_iter((json_t *) value); member != NULL;
				 member = json_object_iter_next((json_t *) value, member))
				hash += (uint32_t) hash_string(json_object_iter_key(member), json_object_iter_key_len(member)) ^
					(uint32_t) wf_java_hash(json_object_iter_value(member));
			return (int32_t) hash;
		case JSON_ARRAY:
			hash = 1;
			for (size_t i = 0; i < json_array_size(value); i++)
				hash = hash * 31 + (uint32_t) wf_java_hash(json_array_get(value, i));
			return (int32_t) hash;
		case JSON_STRING:
			return hash_string(json_string_value(value), json_string_length(value));
		case JSON_INTEGER:
			integer = json_integer_value(value);
			return integer == (int32_t) integer ? (int32_t) integer : fold((uint64_t) integer);
		case JSON_REAL:
			return fold(bits_of(json_real_value(value)));
		case JSON_TRUE:
			return 1231;
		case JSON_FALSE:
			return 1237;
		default:
			return 0;
	}
}

bool
wf_java_equal(const json_t *a, const json_t *b)
{
	if (a == b)
		return true;
	if (json_typeof(a) != json_typeof(b))
		return false;
	switch (json_typeof(a))
	{
		case JSON_OBJECT:
			if (json_object_size(a) != json_object_size(b))
				return false;
			for (void *member = json_object_iter((json_t *) a); member != NULL;
				 member = json_object_iter_next((json_t *) a, member))
			{
				json_t	   *other = json_object_getn(b, json_object_iter_key(member), json_object_iter_key_len(member));

				if (other == NULL || !wf_java_equal(json_object_iter_value(member), other))
					return false;
			}
			return true;
		case JSON_ARRAY:
			if (json_array_size(a) != json_array_size(b))
				return false;
			for (size_t i = 0; i < json_array_size(a); i++)
				if (!wf_java_equal(json_array_get(a, i), json_array_get(b, i)))
					return false;
			return true;
		case JSON_STRING:
			return json_string_length(a) == json_string_length(b) &&
				memcmp(json_string_value(a), json_string_value(b), json_string_length(a)) == 0;
		case JSON_INTEGER:
			return json_integer_value(a) == json_integer_value(b);
		case JSON_REAL:
			return bits_of(json_real_value(a)) == bits_of(json_real_value(b));
		default:
			return true;
	}
}

/* --- Random: a linear congruential generator of 48 bits --- */

#define MULTIPLIER UINT64_C(0x5DEECE66D)
#define MASK ((UINT64_C(1) << 48) - 1)

static int32_t
next(uint64_t *state, int bits)
{
	*state = (*state * MULTIPLIER + 0xB) & MASK;
	return (int32_t) (uint32_t) (*state >> (48 - bits));
}

/* 0 <= number < bound, without a bias for small numbers. */
static int32_t
next_below(uint64_t *state, int32_t bound)
{
	int32_t		number = next(state, 31);

	if ((bound & (bound - 1)) == 0)
		return (int32_t) ((int64_t) bound * number >> 31);
	for (int32_t drawn = number; (int64_t) drawn - (number = drawn % bound) + (bound - 1) > INT32_MAX;)
		drawn = next(state, 31);
	return number;
}

int32_t
wf_java_random(int64_t seed, int32_t from, int32_t to)
{
	uint64_t	state = ((uint64_t) seed ^ MULTIPLIER) & MASK;
	int64_t		range = (int64_t) to - from;
	int32_t		number;

	if (range <= INT32_MAX)
		return from + next_below(&state, (int32_t) range);
	do
		number = next(&state, 32);
	while (number < from || number >= to);
	return number;
}

/* --- decoding --- */

/*
 * The length of the well-formed character at the beginning; 0: none, and *bad bytes belong to the wrong one.  Half a
 * surrogate pair is one wrong character, which is seen only when all of it is there.
 */
static size_t
character_length(const unsigned char *at, size_t left, size_t *bad)
{
	size_t		length = at[0] < 0x80 ? 1 : at[0] >= 0xC2 && at[0] <= 0xDF ? 2 : at[0] >= 0xE0 && at[0] <= 0xEF ? 3 :
		at[0] >= 0xF0 && at[0] <= 0xF4 ? 4 : 0;

	*bad = 1;
	for (size_t i = 1; i < length; i++)
	{
		unsigned char low = i > 1 ? 0x80 : at[0] == 0xE0 ? 0xA0 : at[0] == 0xF0 ? 0x90 : 0x80;
		unsigned char high = i > 1 ? 0xBF : at[0] == 0xF4 ? 0x8F : 0xBF;

		if (i >= left || at[i] < low || at[i] > high)
			return 0;
		*bad = i + 1;
	}
	return at[0] == 0xED && at[1] >= 0xA0 ? 0 : length;
}

json_t *
wf_java_decode_utf8(const unsigned char *bytes, size_t length)
{
	WfText		text = {0};
	bool		good = wf_text_add(&text, "", 0);
	json_t	   *string;

	for (size_t i = 0; i < length && good;)
	{
		size_t		bad;
		size_t		n = character_length(bytes + i, length - i, &bad);

		good = n > 0 ? wf_text_add(&text, (const char *) bytes + i, n) : wf_text_add(&text, "\xEF\xBF\xBD", 3);
		i += n > 0 ? n : bad;
	}
	string = good ? json_stringn_nocheck(text.data, text.length) : NULL;
	free(text.data);
	return string;
}
