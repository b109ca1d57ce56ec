/*
 * map_run.c - a Map Run's turn: counts the children that have ended, starts others, and tells the Map when all have.
 *
 * A ready row of kind 'm' asks for a turn: written with the items, and by the first child that ends in a transaction, which
 * this turn counts.  A turn that leaves something to do writes a row of kind 'n', of which there is one at most; as long as it
 * stands, the others only count, and there are never more turns under way than one.  Turns of one Map Run exclude each other
 * by the row of its progress, which nobody else writes; they hold no execution but, at the end, its own, which they never
 * wait for.  So the order of locks is: ready row, progress, execution.
 *
 * A turn starts a few hundred children and puts the next turn behind them in the queue: other work of the role waits for
 * those few, never for ten thousand.
 *
 * Includes jansson: utils/builtins.h must not be included here.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "engine/internal.h"
#include "json/json.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/core.h"
#include "pg/settings.h"
#include "store/map_run.h"

#define STARTED_AT_ONCE 256
#define STOPPED_AT_ONCE 256
#define CHUNKS_AT_ONCE 64
#define GATHERED_AT_ONCE 256
#define GATHERED_IN_A_BATCH 1024	/* results of more children are gathered alone: others would wait for it */
#define MOST_AT_ONCE 10000		/* children under way: the service's limit */

/* --- what the interpreter's commands ask for --- */

void
wf_map_run_begin(int64 execution, int64 state_machine_id, Oid role, const WfCommand *command)
{
	WfItemSink	sink;
	WfError		error = WF_ERROR_NONE;
	json_t	   *items;
	size_t		i;
	json_t	   *item;

	wf_map_run_insert(execution, state_machine_id, command->frame, command->serial, &command->map, wf_clock_now());
	if (command->map.items == NULL)
		return;
	items = wf_payload_json(command->map.items, &error);
	if (items == NULL)
		wf_core_raise(&error);
	wf_items_begin(&sink, execution, command->frame, command->serial);
	json_array_foreach(items, i, item)
	{
		size_t		length;
		char	   *text = wf_json_text(item, &length);

		if (text == NULL)
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
		PG_TRY();
		{
			wf_items_add(&sink, text, length);
		}
		PG_FINALLY();
		{
			free(text);
		}
		PG_END_TRY();
	}
	wf_items_end(&sink);
	wf_map_run_go_on(execution, role, command);
}

void
wf_map_run_go_on(int64 execution, Oid role, const WfCommand *command)
{
	wf_map_run_items_read(execution, command->frame, command->serial);
	wf_ready_add_map_run(role, execution, command->frame, command->serial, false);
}

void
wf_map_run_finish(int64 execution, Oid role, const WfCommand *command)
{
	wf_map_run_end(execution, command->frame, command->serial, command->status, command->written, wf_clock_now());
	wf_ready_add_map_run(role, execution, command->frame, command->serial, false);
}

/* --- a turn --- */

static int64
running(const WfMapRun *map)
{
	return map->next_child -
		(map->children.succeeded + map->children.failed + map->children.timed_out + map->children.aborted);
}

static bool
has_room(const WfMapRun *map)
{
	int64		most = map->max_concurrency > 0 ? Min(map->max_concurrency, MOST_AT_ONCE) : MOST_AT_ONCE;

	return running(map) < most;
}

/* Has more failed than is tolerated?  By what is given: a count, a part of all items, or both; by default nothing may fail. */
static bool
is_over_threshold(const WfMapRun *map)
{
	int64		failed = map->counted.failed + map->counted.timed_out + map->counted.aborted;

	if (failed == 0)
		return false;
	if (map->tolerated_count < 0 && map->tolerated_percentage < 0)
		return true;
	return (map->tolerated_count >= 0 && failed > map->tolerated_count) ||
		(map->tolerated_percentage >= 0 && 100.0 * failed > map->tolerated_percentage * map->items);
}

/* Its Map is gone; whoever ended that has ended it, too, or forgot it.  The turns to come clear it away. */
static void
abandon(const WfMapRun *map, Oid role)
{
	WfCommand	end = {.kind = WF_END_MAP_RUN, .frame = map->frame, .serial = map->serial, .status = WF_ABORTED};

	wf_map_run_finish(map->execution, role, &end);
}

/* Tells the Map how its Map Run ended.  BUSY: somebody else holds its execution. */
static WfMemberResult
tell(const WfMapRun *map, Oid role, TimestampTz deadline, WfStimulus stimulus)
{
	WfRun	   *run;
	WfLockResult lock = wf_run_lock(map->execution, false, &run);

	if (lock == WF_LOCK_BUSY)
		return WF_MEMBER_BUSY;
	if (run == NULL)
	{
		abandon(map, role);
		return WF_MEMBER_DONE;
	}
	stimulus.frame = map->frame;
	stimulus.serial = map->serial;
	wf_run_set_deadline(run, deadline, false);
	wf_run_step(run, &stimulus);
	wf_run_save(run);
	wf_run_free(run);
	return WF_MEMBER_DONE;
}

static void
close_inputs(void *inputs)
{
	wf_map_inputs_close(inputs);
}

/* Makes a child of the items that were added last. */
static void
start_child(WfMapRun *map, const WfRun *run, WfMapInputs *inputs, int64 next_item)
{
	WfError		error = WF_ERROR_NONE;
	int			n = wf_map_inputs_pending(inputs);
	WfPayload  *input = wf_map_inputs_take(inputs, &error);
	const char *text = input != NULL ? wf_payload_text(input, NULL) : NULL;

	if (text == NULL)
		wf_core_raise(&error);
	PG_TRY();
	{
		wf_run_start_child(run, map->id, map->next_child, n, text);
	}
	PG_FINALLY();
	{
		wf_payload_release(input);
	}
	PG_END_TRY();
	map->next_child++;
	map->next_item = next_item;
	map->stopped = 0;
}

/*
 * The execution, to read the Map from.  A look without a lock may come amid a change, or when the Map has just been given up:
 * that is only sure under the lock.  WF_LOCK_NO_ROW: the Map does not wait for this Map Run any more.
 */
static WfLockResult
look_at_map(const WfMapRun *map, WfRun **run)
{
	WfLockResult lock;

	*run = wf_run_look(map->execution);
	if (*run != NULL && wf_run_expects(*run, map->frame, map->serial))
		return WF_LOCK_HELD;
	wf_run_free(*run);
	lock = wf_run_lock(map->execution, false, run);
	if (*run == NULL || wf_run_expects(*run, map->frame, map->serial))
		return lock;
	wf_run_free(*run);
	*run = NULL;
	return WF_LOCK_NO_ROW;
}

/* Starts children, as many as there is room and time for.  False: an input cannot be made, *error says why. */
static bool
start_children(WfMapRun *map, WfRun *run, TimestampTz deadline, WfError *error)
{
	WfMapInputs *inputs;
	WfPayload  *chunk = NULL;
	json_t	   *items = NULL;
	int64		first = 0;
	int64		item = map->next_item;
	int			started = 0;

	inputs = wf_run_map_inputs(run, map->frame, error);
	if (inputs == NULL)
		return false;
	wf_core_free_with(CurrentMemoryContext, close_inputs, inputs);
	while (item < map->items)
	{
		WfMapAdded	added;

		if (wf_map_inputs_pending(inputs) == 0 &&
			(!has_room(map) || started == STARTED_AT_ONCE ||
			 (started > 0 && deadline != 0 && GetCurrentTimestamp() >= deadline)))
			break;
		if (items == NULL || item - first >= (int64) json_array_size(items))
		{
			chunk = wf_items_chunk(map, item, &first);
			items = wf_payload_json(chunk, error);
			if (items == NULL)
				wf_core_raise(error);
		}
		added = wf_map_inputs_add(inputs, item, json_array_get(items, (size_t) (item - first)), error);
		if (added == WF_MAP_ITEM_FAILED)
			return false;
		item += added != WF_MAP_ITEM_NEXT;
		if (added == WF_MAP_ITEM_ADDED && item < map->items)
			continue;
		start_child(map, run, inputs, item);
		started++;
	}
	return true;
}

/*
 * The array of the children's outputs, in their order.  Longer than a payload may be, it is not read to its end: that it is
 * too long is all that matters then.
 */
static WfPayload *
gather_results(const WfMapRun *map)
{
	size_t		most = wf_setting_max_payload > 0 ? (size_t) wf_setting_max_payload + 2 : SIZE_MAX;
	StringInfoData results;
	int64		child = 0;

	initStringInfo(&results);
	appendStringInfoChar(&results, '[');
	while (child < map->next_child && (size_t) results.len < most)
	{
		CHECK_FOR_INTERRUPTS();
		child = wf_map_run_outputs(map->id, child, GATHERED_AT_ONCE, most, &results);
	}
	if (results.data[results.len - 1] == ',')
		results.len--;
	appendStringInfoChar(&results, ']');
	return wf_core_payload(results.data, results.len);
}

/* All children have ended: what the Map is told. */
static WfPayload *
outcome(const WfMapRun *map)
{
	return map->writes_results ? wf_core_payload("null", 4) : gather_results(map);
}

/*
 * Stops what still runs, a part of it in each turn, the newest first: of a million children those that run are among the last,
 * and when all of them have been counted nobody need look at the others.  True: there is more.
 */
static bool
stop_children(WfMapRun *map)
{
	int64		end = map->next_child - map->stopped;
	int64		first = Max(end - STOPPED_AT_ONCE, 0);
	int64	   *executions;
	int			n;

	if (end <= 0 || running(map) == 0)
		return false;
	n = wf_map_run_live_children(map->id, first, end - first, &executions);
	for (int i = 0; i < n; i++)
		wf_execution_request_stop(executions[i], WF_INBOX_ABANDON, NULL, NULL, wf_clock_now());
	map->stopped += end - first;
	return true;
}

/* After the end: stops the children, and clears the items away, a part in each turn.  True: there is more. */
static bool
clear_away(WfMapRun *map)
{
	if (map->status != WF_SUCCEEDED && stop_children(map))
		return true;
	return wf_items_delete(map, CHUNKS_AT_ONCE);
}

WfMemberResult
wf_map_run_turn(const WfReady *row, bool in_batch, TimestampTz deadline)
{
	WfMapRun	map;
	WfError		error = WF_ERROR_NONE;
	WfMemberResult result = WF_MEMBER_DONE;
	bool		good = true;
	bool		counted;
	bool		more = false;

	switch (wf_map_run_lock(row->execution, row->frame, row->serial, &map))
	{
		case WF_LOCK_BUSY:
			return WF_MEMBER_BUSY;
		case WF_LOCK_NO_ROW:
			return WF_MEMBER_DONE;
		case WF_LOCK_HELD:
			break;
	}
	counted = wf_map_run_count_ended(&map, row->id);
	if (row->kind == WF_READY_MAP_RUN && map.goes_on)
	{
		/* The turn that is to come sees what has happened. */
		if (counted)
			wf_map_run_update(&map);
		return WF_MEMBER_DONE;
	}
	if (map.status != WF_RUNNING)
		more = clear_away(&map);
	else if (!map.told && is_over_threshold(&map))
		more = stop_children(&map);
	else if (!map.told && map.next_item < map.items && has_room(&map))
	{
		WfRun	   *run;

		switch (look_at_map(&map, &run))
		{
			case WF_LOCK_BUSY:
				if (counted)
					wf_map_run_update(&map);
				return WF_MEMBER_BUSY;
			case WF_LOCK_NO_ROW:
				abandon(&map, row->role);
				break;
			case WF_LOCK_HELD:
				good = start_children(&map, run, deadline, &error);
				more = good && map.next_item < map.items && has_room(&map);
				wf_run_free(run);
				break;
		}
	}
	map.goes_on = more;
	wf_map_run_update(&map);
	if (more)
		wf_ready_add_map_run(row->role, row->execution, row->frame, row->serial, true);
	if (map.status != WF_RUNNING || map.told)
		return WF_MEMBER_DONE;

	/* From here on all is stored: should the execution be busy, the next turn comes to the same end. */
	if (!good)
	{
		WfError		copy = {error.code, pstrdup(error.cause != NULL ? error.cause : ""),
		error.location != NULL ? pstrdup(error.location) : NULL};

		if (error.code == WF_OUT_OF_MEMORY || error.code == WF_INTERRUPTED || error.code == WF_INVALID_MEMORY)
			wf_core_raise(&error);
		wf_error_clear(&error);
		return tell(&map, row->role, deadline, (WfStimulus) {.kind = WF_TASK_FAILED, .evaluation = &copy});
	}
	if (running(&map) > 0)
		return WF_MEMBER_DONE;
	if (is_over_threshold(&map))
		result = tell(&map, row->role, deadline, (WfStimulus) {.kind = WF_TASK_FAILED,
			.error = wf_error_name(WF_STATES_EXCEED_TOLERATED_FAILURE_THRESHOLD), .cause = WF_MAP_RUN_OVER_THRESHOLD});
	else if (map.items >= 0 && map.next_item == map.items)
	{
		if (in_batch && !map.writes_results && map.next_child > GATHERED_IN_A_BATCH)
			return WF_MEMBER_SLOW;
		result = tell(&map, row->role, deadline, (WfStimulus) {.kind = WF_TASK_SUCCEEDED, .output = outcome(&map)});
	}
	else
		return WF_MEMBER_DONE;
	if (result == WF_MEMBER_DONE)
	{
		map.told = true;
		wf_map_run_update(&map);
	}
	return result;
}
