/*
 * intrinsic_number.c - the intrinsic functions over numbers, which are Java's ints.
 */
#include "asl/intrinsic_internal.h"

#include <math.h>
#include <stdint.h>

#include "json/java.h"

static bool
is_int(json_int_t value)
{
	return value >= INT32_MIN && value <= INT32_MAX;
}

/* The nearest whole number, halves upward; false for what is no int. */
static bool
round_argument(const json_t *value, json_int_t *rounded)
{
	double		real,
				below;

	if (json_is_integer(value))
		*rounded = json_integer_value(value);
	else if (json_is_real(value) && fabs(real = json_real_value(value)) < 1e10)
	{
		below = floor(real);
		*rounded = (json_int_t) below + (real - below >= 0.5);
	}
	else
		return false;
	return is_int(*rounded);
}

json_t *
wf_intrinsic_math_add(WfCall *call)
{
	json_int_t	a,
				b;

	if (!round_argument(call->values[0], &a) || !round_argument(call->values[1], &b) || !is_int(a + b))
		return wf_call_invalid(call);
	return wf_call_give(call, json_integer(a + b));
}

/* Unlike MathAdd it cuts its arguments off.  The end is exclusive. */
json_t *
wf_intrinsic_math_random(WfCall *call)
{
	const WfHost *host = call->scope->host;
	json_int_t	from,
				to,
				seed;

	if (!wf_call_integer(call->values[0], &from) || !wf_call_integer(call->values[1], &to) ||
		!is_int(from) || !is_int(to) || from >= to)
		return wf_call_invalid(call);
	if (call->term->n > 2)
	{
		if (!wf_call_integer(call->values[2], &seed))
			return wf_call_invalid(call);
		return wf_call_give(call, json_integer(wf_java_random(seed, (int32_t) from, (int32_t) to)));
	}
	return wf_call_give(call, json_integer(from + (json_int_t) (host->random(host->arg) * (double) (to - from))));
}
