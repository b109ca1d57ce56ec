/*
 * function_random.c - numbers by chance (xorshift128+), seeded by the system once for an evaluation.
 */
#include <sys/random.h>
#include <time.h>

#include "jsonata/functions.h"
#include "jsonata/random.h"

static uint64_t
next_bits(uint64_t state[2])
{
	uint64_t	a = state[0];
	uint64_t	b = state[1];

	state[0] = b;
	a ^= a << 23;
	state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
	return state[1] + b;
}

static double
fraction_of(uint64_t bits)
{
	return (double) (bits >> 11) / 9007199254740992.0;
}

static void
seed(JnEvaluation *evaluation)
{
	if (getrandom(evaluation->random, sizeof(evaluation->random), 0) != sizeof(evaluation->random))
	{
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		evaluation->random[0] = (uint64_t) now.tv_nsec;
		evaluation->random[1] = (uint64_t) now.tv_sec;
	}
	evaluation->random[0] |= 1;
}

double
jn_random(JnEvaluation *evaluation)
{
	if (evaluation->random[0] == 0 && evaluation->random[1] == 0)
		seed(evaluation);
	return fraction_of(next_bits(evaluation->random));
}

bool
jn_fn_random(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	*result = jn_number(jn_random(evaluation));
	return true;
}

/* The same seed gives the same number, wherever it is asked for. */
bool
jn_fn_random_seeded(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	uint64_t	state[2] = {0x9E3779B97F4A7C15, 0};
	double		number;

	if (call->arguments[0].kind != JN_NUMBER)
		return jn_fn_random(evaluation, call, result);
	number = jn_double(call->arguments[0]) + 0.0;
	memcpy(&state[1], &number, sizeof(number));
	for (int i = 0; i < 20; i++)
		next_bits(state);
	*result = jn_number(fraction_of(next_bits(state)));
	return true;
}

bool
jn_fn_uuid(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	unsigned char bytes[16];
	char	   *text = jn_alloc(&evaluation->arena, 37);

	if (text == NULL)
		return jn_no_memory(evaluation);
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (unsigned char) (jn_random(evaluation) * 256);
	bytes[6] = (unsigned char) ((bytes[6] & 0x0F) | 0x40);
	bytes[8] = (unsigned char) ((bytes[8] & 0x3F) | 0x80);
	for (int i = 0, at = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		at += snprintf(text + at, 3, "%02x", bytes[i]);
	}
	*result = jn_string(text, 36);
	return true;
}
