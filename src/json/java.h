/*
 * java.h - what the service's functions inherit from the language they are written in: how its values read as text, hash,
 * and compare, and its generator of random numbers.  Definitions depend on it (States.Format of an object, the order of
 * States.ArrayUnique, States.MathRandom with a seed), so it is part of the language.
 */
#ifndef WF_JAVA_H
#define WF_JAVA_H

#include <stdint.h>

#include "json/json.h"

/*
 * The text of a value as toString() gives it, malloc'ed: a string bare, null as "null", an object as {a=1, b=[x, y]}.  NULL
 * without memory, or too deep.
 */
extern char *wf_java_text(const json_t *value, size_t *length);

/* The length of a string as length() counts: UTF-16 units. */
extern size_t wf_java_length(const char *text, size_t length);

/* hashCode() and equals(): unlike in wf_json_equal, 1 is not 1.0. */
extern int32_t wf_java_hash(const json_t *value);
extern bool wf_java_equal(const json_t *a, const json_t *b);

/* The first number that Random(seed).ints(from, to) gives: from <= number < to. */
extern int32_t wf_java_random(int64_t seed, int32_t from, int32_t to);

/* A new string of bytes decoded as UTF-8; what is none becomes U+FFFD.  NULL without memory. */
extern json_t *wf_java_decode_utf8(const unsigned char *bytes, size_t length);

#endif
