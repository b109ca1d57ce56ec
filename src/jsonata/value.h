/*
 * value.h - a value of JSONata while it is being evaluated: sixteen bytes, passed by value.
 *
 * Arrays and objects of the input stay what they are, borrowed and never changed, and their members become values when
 * somebody looks at them.  What an evaluation makes lies in its arena.
 */
#ifndef WF_JSONATA_VALUE_H
#define WF_JSONATA_VALUE_H

#include <stdint.h>
#include <string.h>

#include "json/json.h"
#include "jsonata/arena.h"
#include "jsonata/buffer.h"

typedef enum JnKind
{
	JN_UNDEFINED = 0,
	JN_NULL,
	JN_BOOLEAN,
	JN_NUMBER,
	JN_STRING,
	JN_ARRAY,
	JN_OBJECT,
	JN_FUNCTION,
	JN_TUPLE,					/* a value with the variables that a path's steps have bound; inside of arrays only */
	JN_TAIL						/* a call that is still to be made (apply.c) */
} JnKind;

typedef struct JnArray JnArray;
typedef struct JnObject JnObject;
typedef struct JnFunction JnFunction;
typedef struct JnTuple JnTuple;

typedef struct JnValue
{
	uint8_t		kind;
	bool		borrowed;		/* `json` holds: a string, array or object of the input; or a number, so that its text is kept */
	uint32_t	length;			/* of a string, in bytes */
	union
	{
		bool		boolean;
		double		number;
		const char *own_text;	/* jn_text() */
		JnArray    *array;
		JnObject   *object;
		const JnFunction *function;
		JnTuple    *tuple;
		json_t	   *json;
	};
} JnValue;

/* Where a copy comes from: what of it has not been changed since can be given back as what it was made of. */
typedef struct JnOrigin
{
	json_t	   *json;			/* of the input */
	struct JnOrigin *around;	/* of the array or object that it was copied with; NULL if there is none */
	bool		changed;		/* it, or something in it: then so is what is around it */
} JnOrigin;

struct JnArray
{
	JnValue    *items;
	JnOrigin   *origin;			/* NULL: it is no copy */
	uint32_t	n;
	uint32_t	capacity;
	bool		sequence;		/* made by a path: one item stands for itself, none for nothing */
	bool		keep;			/* … but here one item stays an array ([]) */
	bool		whole;			/* an array that was written as one: a path does not flatten it */
	bool		wrapper;		/* around a document that is an array: paths begin at the document, not at its items */
	bool		tuples;			/* of tuples */
	bool		growing;		/* somebody's own who is still putting it together (group.c) */
};

typedef struct JnPair
{
	const char *key;
	uint32_t	length;
	uint32_t	hash;			/* known while the object has an index */
	JnValue		value;
} JnPair;

struct JnObject
{
	JnPair	   *pairs;			/* in the order of their making */
	JnOrigin   *origin;			/* NULL: it is no copy */
	uint32_t	n;
	uint32_t	capacity;
	uint32_t   *index;			/* hash table of positions + 1, twice as large as the capacity; NULL while small */
};

struct JnTuple
{
	JnValue		value;
	struct JnFrame *frame;
};

#define JN_NOTHING ((JnValue) {0})

static inline JnValue
jn_boolean(bool value)
{
	return (JnValue) {.kind = JN_BOOLEAN, .boolean = value};
}

static inline JnValue
jn_number(double value)
{
	return (JnValue) {.kind = JN_NUMBER, .number = value};
}

static inline JnValue
jn_string(const char *text, size_t length)
{
	return (JnValue) {.kind = JN_STRING, .length = (uint32_t) length, .own_text = text};
}

static inline JnValue
jn_array_value(JnArray *array)
{
	return (JnValue) {.kind = JN_ARRAY, .array = array};
}

static inline JnValue
jn_object_value(JnObject *object)
{
	return (JnValue) {.kind = JN_OBJECT, .object = object};
}

static inline JnValue
jn_function_value(const JnFunction *function)
{
	return (JnValue) {.kind = JN_FUNCTION, .function = function};
}

/* Of a JN_STRING. */
static inline WfString
jn_text(JnValue value)
{
	return (WfString) {value.borrowed ? json_string_value(value.json) : value.own_text, value.length};
}

/* The number of a JN_NUMBER. */
static inline double
jn_double(JnValue value)
{
	return value.borrowed ? json_number_value(value.json) : value.number;
}

/* A member of the input, borrowed.  NULL gives undefined. */
extern JnValue jn_wrap(json_t *json);

/* --- arrays: all of these take borrowed ones, too --- */

static inline size_t
jn_length(JnValue array)
{
	return array.borrowed ? json_array_size(array.json) : array.array->n;
}

static inline JnValue
jn_item(JnValue array, size_t i)
{
	return array.borrowed ? jn_wrap(json_array_get(array.json, i)) : array.array->items[i];
}

static inline bool
jn_is_sequence(JnValue value)
{
	return value.kind == JN_ARRAY && !value.borrowed && value.array->sequence;
}

extern JnArray *jn_array(JnArena *arena, size_t capacity);		/* NULL without memory, as all that follow */
extern bool jn_push_more(JnArena *arena, JnArray *array, JnValue value);
extern bool jn_push_all(JnArena *arena, JnArray *array, JnValue items);

static inline bool
jn_push(JnArena *arena, JnArray *array, JnValue value)
{
	if (array->n == array->capacity)
		return jn_push_more(arena, array, value);
	array->items[array->n++] = value;
	return true;
}

/* --- objects --- */

extern uint32_t jn_hash(const char *key, size_t length);
extern JnObject *jn_object(JnArena *arena);
extern JnObject *jn_object_for(JnArena *arena, size_t n);		/* with room for so many members */
extern JnPair *jn_object_find(const JnObject *object, const char *key, size_t length);
extern bool jn_object_set(JnArena *arena, JnObject *object, const char *key, size_t length, JnValue value);

/* The same for a name of which there is no member yet. */
extern bool jn_object_add(JnArena *arena, JnObject *object, const char *key, size_t length, JnValue value);

/* Removes the members of that name, or of those names. */
extern void jn_object_remove(JnObject *object, JnValue names);

/* A member of an object, borrowed or not; undefined if there is none. */
extern JnValue jn_member(JnValue object, const char *key, size_t length);

/* Goes through an object's members in their order: JnWalk walk = jn_walk(object); while (jn_walk_next(&walk)) … */
typedef struct JnWalk
{
	JnValue		object;
	uint32_t	i;
	void	   *at;				/* in a borrowed one */
	WfString	key;
	JnValue		value;
} JnWalk;

static inline JnWalk
jn_walk(JnValue object)
{
	return (JnWalk) {.object = object, .at = object.borrowed ? json_object_iter(object.json) : NULL};
}

extern bool jn_walk_next(JnWalk *walk);
extern size_t jn_size(JnValue object);

/* What a copy in which nothing has been changed was made of, borrowed; any other value as it is. */
static inline JnValue
jn_original(JnValue value)
{
	JnOrigin   *origin = value.borrowed ? NULL : value.kind == JN_ARRAY ? value.array->origin :
		value.kind == JN_OBJECT ? value.object->origin : NULL;

	return origin != NULL && !origin->changed ? (JnValue) {.kind = value.kind, .borrowed = true, .json = origin->json} : value;
}

/* New JSON, shared with the input where it comes from there.  NULL without memory; and where it does not fit into *room (bytes,
 * about) or is too deep, which sets *room to 0. */
extern json_t *jn_to_json(JnValue value, size_t *room);

#endif
