/*
 * retry.c - which Retrier or Catcher an error meets, and how long a Retrier waits.
 *
 * Which one is asked when, and the counting of attempts, is the interpreter's.
 */
#include "asl/retry.h"

#include <math.h>
#include <string.h>

/* Waits never exceed this, so that sums of times stay far from overflow: some 30 years. */
#define LONGEST_DELAY 1e15

/* True if `name`, as it stands in ErrorEquals, meets `error`. */
static bool
name_meets(const char *name, const char *error, const char *const *also)
{
	if (strcmp(name, "States.ALL") == 0)
		return true;
	if (strcmp(name, "States.TaskFailed") == 0 && (error == NULL || strcmp(error, "States.Timeout") != 0))
		return true;
	if (error != NULL && strcmp(name, error) == 0)
		return true;
	for (; also != NULL && *also != NULL; also++)
	{
		if (strcmp(name, *also) == 0)
			return true;
	}
	return false;
}

bool
wf_error_equals(int n_errors, const char *const *errors, const char *error, const char *const *also)
{
	/* not even by its own name: the service lets nothing catch it */
	if (error != NULL && strcmp(error, "States.Runtime") == 0)
		return false;
	for (int i = 0; i < n_errors; i++)
	{
		if (name_meets(errors[i], error, also))
			return true;
	}
	return false;
}

int64_t
wf_retry_delay(const WfRetrier *retrier, int attempt, const WfHost *host)
{
	double		seconds = (double) retrier->interval * pow(retrier->backoff_rate, attempt - 1);
	double		microseconds;

	if (retrier->max_delay > 0 && seconds > (double) retrier->max_delay)
		seconds = (double) retrier->max_delay;
	microseconds = seconds * 1e6;
	if (!(microseconds < LONGEST_DELAY))
		microseconds = LONGEST_DELAY;
	if (retrier->full_jitter)
		microseconds *= host->random(host->arg);
	return (int64_t) microseconds;
}
