/*
 * function_time.c - functions over moments.  An evaluation has one: whenever it asks, it is as late as when it asked first.
 */
#include <time.h>

#include "jsonata/datetime.h"
#include "jsonata/functions.h"

static double
now(JnEvaluation *evaluation)
{
	if (evaluation->now == 0)
	{
		if (evaluation->limits.now != NULL)
			evaluation->now = evaluation->limits.now(evaluation->limits.arg);
		else
		{
			struct timespec time;

			clock_gettime(CLOCK_REALTIME, &time);
			evaluation->now = (int64_t) time.tv_sec * 1000 + time.tv_nsec / 1000000;
		}
	}
	return (double) evaluation->now;
}

static bool
format(JnEvaluation *evaluation, double millis, JnValue picture, JnValue timezone, JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);
	WfString	texts[2] = {jn_text(picture), jn_text(timezone)};

	return jn_take(evaluation, &buffer,
				   wf_from_millis(millis, picture.kind == JN_STRING ? &texts[0] : NULL,
								  timezone.kind == JN_STRING ? &texts[1] : NULL, &buffer), result);
}

bool
jn_fn_now(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return format(evaluation, now(evaluation), call->arguments[0], call->arguments[1], result);
}

bool
jn_fn_millis(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	*result = jn_number(now(evaluation));
	return true;
}

bool
jn_fn_from_millis(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (call->arguments[0].kind != JN_NUMBER)
		return true;
	return format(evaluation, jn_double(call->arguments[0]), call->arguments[1], call->arguments[2], result);
}

bool
jn_fn_to_millis(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfString	picture = jn_text(call->arguments[1]);
	double		millis;
	bool		found;

	if (call->arguments[0].kind != JN_STRING)
		return true;
	if (!wf_to_millis(jn_text(call->arguments[0]), call->arguments[1].kind == JN_STRING ? &picture : NULL, now(evaluation), &found,
					  &millis, &fault))
		return jn_fail_by(evaluation, &fault);
	if (found)
		*result = jn_number(millis);
	return true;
}
