/*
 * run_case.c - runs definitions in memory, without a server: one case in, one result out, a line each.
 *
 * A case is what world.h says, and for experiments "seed", "shuffle", "pause", "reload", "inline", "late" (chances in
 * 100), "stop_after" (steps).  The result is {"status", "output", "error", "cause", "history"} as the service shows them,
 * "seconds" that it took by the world's clock, and "problem" where something is wrong with the interpreter or the definition.
 */
#define _GNU_SOURCE

#include "world.h"

static void
run_line(const char *line, size_t length)
{
	World		world;
	WfError		error = WF_ERROR_NONE;
	json_t	   *request = wf_json_parse(line, length, true, &error);
	json_t	   *result;
	char	   *text;
	size_t		size;

	if (!request)
	{
		printf("{\"problem\":\"the case is no JSON\"}\n");
		wf_error_clear(&error);
		return;
	}
	if (world_open(&world, request))
	{
		uint64_t	seed = (uint64_t) number_or(request, "seed", 1);

		world.order_dice = seed;
		world.pause_dice = seed + 1;
		world.reload_dice = seed + 2;
		world.jitter_dice = seed + 3;
		world.shuffle = json_is_true(json_object_get(request, "shuffle"));
		world.pause_chance = (int) number_or(request, "pause", 0);
		world.reload_chance = (int) number_or(request, "reload", 0);
		world.inline_chance = (int) number_or(request, "inline", 0);
		world.late_chance = (int) number_or(request, "late", 0);
		world.stop_after = (int) number_or(request, "stop_after", 0);
		world_run(&world);
	}
	result = world_result(&world);
	json_object_set_new(result, "seconds", json_real((double) (world.now - world.facts.started_at) / 1e6));
	text = wf_json_text(result, &size);
	puts(text ? text : "{\"problem\":\"the result cannot be written\"}");
	free(text);
	json_decref(result);
	world_close(&world);
	json_decref(request);
}

int
main(void)
{
	char	   *line = NULL;
	size_t		size = 0;
	ssize_t		length;

	while ((length = getline(&line, &size, stdin)) > 0)
	{
		run_line(line, (size_t) length);
		fflush(stdout);
	}
	free(line);
	return 0;
}
