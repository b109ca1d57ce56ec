/*
 * test_retry.c - which error names meet which errors, and how long a Retrier waits.
 */
#include "unit.h"

#include "asl/retry.h"

static double
roll(void *arg)
{
	return *(double *) arg;
}

static bool
meets(const char *name, const char *error, const char *const *also)
{
	const char *const names[] = {"Other", name};

	return wf_error_equals(2, names, error, also);
}

static void
names_meet_errors(void **state)
{
	static const char *const heartbeat[] = {"States.HeartbeatTimeout", NULL};
	static const char *const sql[] = {"integrity_constraint_violation", "23505", NULL};

	(void) state;
	assert_true(meets("CardDeclined", "CardDeclined", NULL));
	assert_false(meets("CardDeclined", "carddeclined", NULL));
	assert_true(meets("States.ALL", "CardDeclined", NULL));
	assert_true(meets("States.ALL", "States.Timeout", NULL));
	assert_true(meets("States.ALL", NULL, NULL));
	assert_true(meets("States.TaskFailed", "CardDeclined", NULL));
	assert_true(meets("States.TaskFailed", NULL, NULL));
	assert_false(meets("States.TaskFailed", "States.Timeout", NULL));
	assert_false(meets("States.TaskFailed", "States.Timeout", heartbeat));
	assert_true(meets("States.Timeout", "States.Timeout", heartbeat));
	assert_true(meets("States.HeartbeatTimeout", "States.Timeout", heartbeat));
	assert_false(meets("States.HeartbeatTimeout", "States.Timeout", NULL));
	assert_true(meets("23505", "unique_violation", sql));
	assert_true(meets("integrity_constraint_violation", "unique_violation", sql));
	assert_false(meets("23503", "unique_violation", sql));
	assert_false(wf_error_equals(0, NULL, "CardDeclined", NULL));
}

static void
runtime_errors_are_met_by_nothing(void **state)
{
	(void) state;
	assert_false(meets("States.ALL", "States.Runtime", NULL));
	assert_false(meets("States.Runtime", "States.Runtime", NULL));
	assert_false(meets("States.TaskFailed", "States.Runtime", NULL));
	assert_true(meets("States.ALL", "States.DataLimitExceeded", NULL));
}

static void
waits_grow_up_to_their_limit(void **state)
{
	double		random = 0.25;
	WfHost		host = {.arg = &random, .random = roll};
	WfRetrier	retrier = {.interval = 3, .backoff_rate = 1.5};

	(void) state;
	assert_int_equal(wf_retry_delay(&retrier, 1, &host), 3000000);
	assert_int_equal(wf_retry_delay(&retrier, 2, &host), 4500000);
	assert_int_equal(wf_retry_delay(&retrier, 3, &host), 6750000);
	retrier.max_delay = 5;
	assert_int_equal(wf_retry_delay(&retrier, 3, &host), 5000000);
	retrier.full_jitter = true;
	assert_int_equal(wf_retry_delay(&retrier, 3, &host), 1250000);
	random = 0;
	assert_int_equal(wf_retry_delay(&retrier, 3, &host), 0);

	/* never an overflow */
	retrier = (WfRetrier) {.interval = 99999999, .backoff_rate = 1e300};
	assert_in_range(wf_retry_delay(&retrier, 99999999, &host), 1, INT64_C(1000000000000000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_meet_errors),
		cmocka_unit_test(runtime_errors_are_met_by_nothing),
		cmocka_unit_test(waits_grow_up_to_their_limit),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
