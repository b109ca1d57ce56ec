/*
 * function_random.c - numbers by chance: xorshift128+, seeded once for an evaluation; and UUIDs.
 */
#include <sys/random.h>

#include "json/digest.h"
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

bool
jn_random_bytes(JnEvaluation *evaluation, unsigned char *bytes, size_t n)
{
	const WfJsonataLimits *limits = &evaluation->limits;
	bool		got = limits->random_bytes != NULL ? limits->random_bytes(limits->arg, bytes, n) :
		getrandom(bytes, n, 0) == (ssize_t) n;

	return got || jn_fail(evaluation, "D3154", NULL, NULL);
}

bool
jn_random(JnEvaluation *evaluation, double *number)
{
	if (evaluation->random[0] == 0 && evaluation->random[1] == 0)
	{
		if (!jn_random_bytes(evaluation, (unsigned char *) evaluation->random, sizeof(evaluation->random)))
			return false;
		evaluation->random[0] |= 1;		/* all zeros would stay so */
	}
	*number = fraction_of(next_bits(evaluation->random));
	return true;
}

bool
jn_fn_random(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	double		number;

	if (!jn_random(evaluation, &number))
		return false;
	*result = jn_number(number);
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
	char	   *text = jn_alloc(&evaluation->arena, WF_UUID_SIZE);

	if (text == NULL)
		return jn_no_memory(evaluation);
	if (!jn_random_bytes(evaluation, bytes, sizeof(bytes)))
		return false;
	wf_uuid_write(bytes, text);
	*result = jn_string(text, WF_UUID_SIZE);
	return true;
}
