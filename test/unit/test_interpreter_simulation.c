/*
 * test_interpreter_simulation.c - whole executions in which what is out comes back in any order.
 *
 * A handful of machines with Parallel, Map, Retry and Catch; completions, timeouts, late answers, pauses and stops come as
 * the dice fall.  The world checks each step.  Every run is done twice, once in one memory and once with all of it written
 * to rows and loaded again between steps: the histories must be the same to the letter.  The seed is printed on failure;
 * WF_SEED starts elsewhere, WF_RUNS says how many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "world.h"
#include "world_machines.h"

/* One run as text; free it. */
static char *
run_once(const json_t *request, uint64_t seed, bool reload)
{
	World		w;
	uint64_t	dice = seed * 7919;
	json_t	   *result;
	char	   *text;
	size_t		length;

	if (!world_open(&w, request))
		fail_msg("%s", w.problem);
	w.order_dice = seed;
	w.pause_dice = seed + 1;
	w.reload_dice = seed + 2;
	w.jitter_dice = seed + 3;
	w.shuffle = chance(&dice, 80);
	w.pause_chance = chance(&dice, 50) ? (int) (roll(&dice) % 60) : 0;
	w.inline_chance = chance(&dice, 30) ? 70 : 0;
	w.late_chance = chance(&dice, 50) ? 50 : 0;
	w.stop_after = chance(&dice, 25) ? (int) (roll(&dice) % 25) + 1 : 0;
	w.reload_chance = reload ? 60 : 0;
	world_run(&w);
	if (w.status == WF_RUNNING && !w.problem[0])
		trouble(&w, "it never ended");
	if (w.problem[0])
		fail_msg("seed %llu%s: %s", (unsigned long long) seed, reload ? ", reloading" : "", w.problem);
	result = world_result(&w);
	text = wf_json_text(result, &length);
	json_decref(result);
	world_close(&w);
	return text;
}

static void
test_machine(void **state)
{
	const char *text = *state;
	const char *seed_given = getenv("WF_SEED");
	const char *runs_given = getenv("WF_RUNS");
	uint64_t	first = seed_given ? strtoull(seed_given, NULL, 10) : 1;
	uint64_t	runs = runs_given ? strtoull(runs_given, NULL, 10) : 150;
	WfError		error = WF_ERROR_NONE;
	json_t	   *request = wf_json_parse(text, strlen(text), false, &error);

	if (!request)
		fail_msg("%s", error.cause);
	for (uint64_t seed = first; seed < first + runs; seed++)
	{
		char	   *once = run_once(request, seed, false);
		char	   *again = run_once(request, seed, true);

		if (strcmp(once, again) != 0)
			fail_msg("seed %llu: reloading changes the run:\n%s\n%s", (unsigned long long) seed, once, again);
		free(once);
		free(again);
	}
	json_decref(request);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{"branches", test_machine, NULL, NULL, (void *) machines[0]},
		{"map_in_map", test_machine, NULL, NULL, (void *) machines[1]},
		{"parallel_in_map", test_machine, NULL, NULL, (void *) machines[2]},
		{"loop", test_machine, NULL, NULL, (void *) machines[3]},
		{"bad_item", test_machine, NULL, NULL, (void *) machines[4]},
		{"full_history", test_machine, NULL, NULL, (void *) machines[5]},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
