/*
 * world.h - a world for the interpreter to live in, in memory: a clock that jumps to the next timer, functions whose
 * behaviour is given, a store that keeps rows, and dice with a seed.
 *
 * Included by test programs; everything is static, and nobody needs all of it.  A world checks at each step what must hold whatever happens: ids
 * without gaps, times that do not run backwards, timers cancelled exactly as they were set, nothing left over at the end.
 * A broken rule is reported in world->problem and ends the run.
 */
#ifndef WF_WORLD_H
#define WF_WORLD_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/definition.h"
#include "asl/error.h"
#include "interpreter/history_part.h"
#include "interpreter/interpreter.h"
#include "interpreter/credentials.h"
#include "interpreter/lambda.h"
#include "interpreter/service.h"
#include "json/json.h"

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#endif

/* Something that will happen: a stimulus, and when. */
typedef struct Pending
{
	int64_t		at;
	int64_t		order;			/* of two at the same time the one that was noted first comes first */
	bool		timer;			/* a timer, with its key below */
	WfTimerKind kind;
	WfStimulus	stimulus;		/* output is owned */
	char	   *error;			/* owned, behind the stimulus */
	char	   *cause;
} Pending;

typedef struct World
{
	WfDefinition *definition;
	WfFacts		facts;
	WfHost		host;
	WfKeeper	keeper;
	WfLimits	limits;
	WfExecution *execution;
	json_t	   *functions;		/* name -> behaviour, or a list of them: one for each call */
	json_t	   *calls;			/* name -> how often it was called */
	int64_t		now;
	int64_t		horizon;		/* nothing later than this happens */
	int64_t		noted;
	int			n_pending;
	int			size_pending;
	Pending    *pending;
	int			n_rows;
	int			size_rows;
	WfFrameRow *rows;
	WfExecutionRow row;
	json_t	   *history;		/* the service's shape, without timestamps */
	int64_t		last_at;
	WfExecutionStatus status;
	json_t	   *output;
	char	   *error;
	char	   *cause;
	int			steps;
	int			stop_after;		/* this many steps, then WF_STOP; 0: never */
	char		problem[400];

	/* dice: each question has its own, so that asking one more often does not change the others */
	uint64_t	order_dice;
	uint64_t	pause_dice;
	uint64_t	reload_dice;
	uint64_t	jitter_dice;
	bool		shuffle;		/* what is pending happens in any order */
	int			pause_chance;	/* in 100 */
	int			reload_chance;
	int			inline_chance;	/* that a task is run before the step that gave it is stored */
	int			late_chance;	/* that a cancelled task answers nevertheless */
	int			interrupt_in;	/* so many questions later the step is interrupted; 0: never */
} World;

static uint64_t
roll(uint64_t *dice)
{
	uint64_t	z = (*dice += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static bool
chance(uint64_t *dice, int percent)
{
	return percent > 0 && (int) (roll(dice) % 100) < percent;
}

static bool
trouble(World *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool
trouble(World *w, const char *format, ...)
{
	va_list		arguments;

	if (w->problem[0])
		return false;
	va_start(arguments, format);
	vsnprintf(w->problem, sizeof(w->problem), format, arguments);
	va_end(arguments);
	return false;
}

/* --- what the interpreter asks --- */

static int64_t
world_now(void *arg)
{
	return ((World *) arg)->now;
}

static double
world_random(void *arg)
{
	return (double) (roll(&((World *) arg)->jitter_dice) >> 11) / 9007199254740992.0;
}

static bool
world_random_bytes(void *arg, unsigned char *bytes, size_t n)
{
	while (n > 0)
		bytes[--n] = (unsigned char) (roll(&((World *) arg)->jitter_dice) >> 40);
	return true;
}

static bool
world_interrupted(void *arg)
{
	World	   *w = arg;

	return w->interrupt_in > 0 && --w->interrupt_in == 0;
}

static bool
world_pause(void *arg)
{
	World	   *w = arg;

	return chance(&w->pause_dice, w->pause_chance);
}

static bool
world_load_results(void *arg, WfExecution *execution, int parent, WfError *error)
{
	World	   *w = arg;

	for (int i = 0; i < w->n_rows; i++)
		if (w->rows[i].parent == parent && w->rows[i].status == WF_FRAME_ENDED &&
			!wf_execution_add_frame(execution, &w->rows[i], error))
			return false;
	return true;
}

static bool
world_task_token(void *arg __attribute__((unused)), int frame, int serial, char *token,
				 WfError *error __attribute__((unused)))
{
	snprintf(token, WF_TASK_TOKEN_SIZE, "token-%d-%d", frame, serial);
	return true;
}

/* Any but those of one name. */
static bool
world_has_activity(void *arg __attribute__((unused)), const WfResource *resource, bool *has,
				   WfError *error __attribute__((unused)))
{
	*has = !strstr(resource->base, "activity:deleted");
	return true;
}

/* --- the store --- */

static WfExecution *
world_new_execution(World *w)
{
	return wf_execution_new(w->definition, &w->facts, &w->host, &w->keeper, &w->limits);
}

/* Payloads go through text, as they would through a table. */
static WfPayload *
through_text(WfPayload *payload)
{
	size_t		length;
	const char *text = payload ? wf_payload_text(payload, &length) : NULL;
	WfPayload  *copy = text ? wf_payload_from_text(text, length) : NULL;

	wf_payload_release(payload);
	return copy;
}

static int
find_row(const World *w, int id)
{
	for (int i = 0; i < w->n_rows; i++)
		if (w->rows[i].id == id)
			return i;
	return -1;
}

static bool
store_frame(World *w, int id)
{
	WfFrameRow	row;
	WfError		error = WF_ERROR_NONE;
	int			place = find_row(w, id);

	if (!wf_execution_get_frame(w->execution, id, &row, &error))
	{
		trouble(w, "frame %d was said to be changed: %s", id, error.cause);
		wf_error_clear(&error);
		return false;
	}
	row.input = through_text(row.input);
	row.items = through_text(row.items);
	row.variables = through_text(row.variables);
	row.result = through_text(row.result);
	if (place < 0)
	{
		if (w->n_rows == w->size_rows)
		{
			w->size_rows = w->size_rows ? w->size_rows * 2 : 16;
			w->rows = realloc(w->rows, (size_t) w->size_rows * sizeof(WfFrameRow));
		}
		place = w->n_rows++;
	}
	else
		wf_frame_row_clear(&w->rows[place]);
	w->rows[place] = row;
	return true;
}

/* A new execution out of the rows; in memory nothing is left of the old one. */
static bool
world_reload(World *w)
{
	WfError		error = WF_ERROR_NONE;

	wf_execution_free(w->execution);
	w->execution = world_new_execution(w);
	wf_execution_set_row(w->execution, &w->row);
	for (int i = w->n_rows - 1; i >= 0; i--)	/* children before their parents: any order must do */
		if (w->rows[i].status != WF_FRAME_ENDED && !wf_execution_add_frame(w->execution, &w->rows[i], &error))
		{
			trouble(w, "frame %d cannot be loaded: %s", w->rows[i].id, error.cause);
			wf_error_clear(&error);
			return false;
		}
	return true;
}

/* --- what is pending --- */

static Pending *
note_pending(World *w, int64_t at, WfStimulusKind kind, int frame, int serial)
{
	Pending    *pending;

	if (w->n_pending == w->size_pending)
	{
		w->size_pending = w->size_pending ? w->size_pending * 2 : 16;
		w->pending = realloc(w->pending, (size_t) w->size_pending * sizeof(Pending));
	}
	pending = &w->pending[w->n_pending++];
	memset(pending, 0, sizeof(*pending));
	pending->at = at;
	pending->order = w->noted++;
	pending->stimulus.kind = kind;
	pending->stimulus.frame = frame;
	pending->stimulus.serial = serial;
	return pending;
}

static void
clear_pending(Pending *pending)
{
	wf_payload_release(pending->stimulus.output);
	free(pending->error);
	free(pending->cause);
}

static void
remove_pending(World *w, int place)
{
	w->pending[place] = w->pending[--w->n_pending];
}

#include "world_functions.h"

/* --- history in the service's shape --- */

/* The service passes payloads as JSON text. */
static void
field_to_text(json_t *details, const char *key, const char *also)
{
	json_t	   *value = json_object_get(details, key);
	char	   *text;
	size_t		length;
	json_t	   *truncated;

	if (!value)
		return;
	text = wf_json_text(value, &length);
	json_object_set_new(details, key, json_stringn(text, length));
	free(text);
	if (also)
	{
		truncated = wf_json_object();
		json_object_set_new(truncated, "truncated", json_false());
		json_object_set_new(details, also, truncated);
	}
}

static bool
write_event(World *w, const WfEvent *event)
{
	json_t	   *object = wf_json_object();
	char	   *text;
	size_t		length;

	if (event->id != (int) json_array_size(w->history) + 1)
		return trouble(w, "event %d comes after %zu", event->id, json_array_size(w->history));
	if (event->previous < 0 || event->previous >= event->id)
		return trouble(w, "event %d points back to %d", event->id, event->previous);
	if (event->at < w->last_at)
		return trouble(w, "time runs backwards at event %d", event->id);
	w->last_at = event->at;
	json_object_set_new(object, "id", json_integer(event->id));
	json_object_set_new(object, "previousEventId", json_integer(event->previous));
	json_object_set_new(object, "type", json_string(wf_event_word(event->type)));
	if (!wf_event_details(event, &text, &length))
		return trouble(w, "event %d has no details", event->id);
	if (text)
	{
		WfError		error = WF_ERROR_NONE;
		json_t	   *details = wf_json_parse(text, length, false, &error);
		json_t	   *variables = json_object_get(details, "assignedVariables");
		const char *key;
		void	   *next;
		json_t	   *value;

		if (!details)
		{
			trouble(w, "event %d: details are no JSON: %s: %s", event->id, text, error.cause);
			wf_error_clear(&error);
			return false;
		}
		free(text);
		field_to_text(details, "input", "inputDetails");
		field_to_text(details, "output", "outputDetails");
		field_to_text(details, "parameters", NULL);
		json_object_foreach_safe(variables, next, key, value)
			field_to_text(variables, key, NULL);
		if (variables)
		{
			json_t	   *truncated = wf_json_object();

			json_object_set_new(truncated, "truncated", json_false());
			json_object_set_new(details, "assignedVariablesDetails", truncated);
		}
		json_object_set_new(object, wf_event_details_key(event->type), details);
	}
	json_array_append_new(w->history, object);
	return true;
}

/* --- steps --- */

static bool
cancel_timer(World *w, const WfCommand *command)
{
	for (int i = 0; i < w->n_pending; i++)
	{
		Pending    *pending = &w->pending[i];

		if (pending->timer && pending->kind == command->timer && pending->stimulus.frame == command->frame &&
			pending->stimulus.serial == command->serial && pending->at == command->due)
		{
			clear_pending(pending);
			remove_pending(w, i);
			return true;
		}
	}
	return trouble(w, "no timer %d of frame %d, serial %d, is set for %" PRId64, (int) command->timer, command->frame,
				   command->serial, command->due);
}

static void
cancel_task(World *w, const WfCommand *command)
{
	bool		late = chance(&w->order_dice, w->late_chance);

	for (int i = w->n_pending - 1; i >= 0; i--)
		if (!w->pending[i].timer && w->pending[i].stimulus.frame == command->frame &&
			w->pending[i].stimulus.serial == command->serial && command->serial != 0 && !late)
		{
			clear_pending(&w->pending[i]);
			remove_pending(w, i);
		}
}

static void
finish(World *w, const WfCommand *command)
{
	WfError		error = WF_ERROR_NONE;

	w->status = command->status;
	if (command->output)
		w->output = json_incref(wf_payload_json(command->output, &error));
	w->error = command->error ? strdup(command->error) : NULL;
	w->cause = command->cause ? strdup(command->cause) : NULL;
	wf_error_clear(&error);
}

/* Each child of a Map Run gives its item back; "fail" among the items fails it. */
static void
start_map_run(World *w, const WfCommand *command)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *items = command->map.items ? wf_payload_json(command->map.items, &error) : NULL;
	Pending    *pending;
	json_t	   *item;
	size_t		i;

	if (!items)
		return;
	pending = note_pending(w, w->now, WF_TASK_SUCCEEDED, command->frame, command->serial);
	pending->stimulus.output = wf_payload_share(command->map.items);
	json_array_foreach(items, i, item)
	{
		if (!json_is_string(item) || strcmp(json_string_value(item), "fail") != 0)
			continue;
		wf_payload_release(pending->stimulus.output);
		pending->stimulus.output = NULL;
		pending->stimulus.kind = WF_TASK_FAILED;
		pending->stimulus.error = pending->error = strdup("States.ExceedToleratedFailureThreshold");
		pending->stimulus.cause = pending->cause = strdup(WF_MAP_RUN_OVER_THRESHOLD);
		return;
	}
}

static bool
carry_out_command(World *w, const WfCommand *command)
{
	static const WfStimulusKind fired[] = {
		[WF_TIMER_FRAME] = WF_TIMER_FIRED, [WF_TIMER_HEARTBEAT] = WF_HEARTBEAT_MISSED,
		[WF_TIMER_EXECUTION] = WF_EXECUTION_TIMED_OUT
	};
	Pending    *pending;

	switch (command->kind)
	{
		case WF_RUN_TASK:
			note_pending(w, w->now, WF_TASK_STARTED, command->frame, command->serial);
			break;
		case WF_CANCEL_TASK:
			cancel_task(w, command);
			break;
		case WF_SET_TIMER:
			pending = note_pending(w, command->due, fired[command->timer], command->frame, command->serial);
			pending->timer = true;
			pending->kind = command->timer;
			break;
		case WF_CANCEL_TIMER:
			return cancel_timer(w, command);
		case WF_START_MAP_RUN:
			start_map_run(w, command);
			break;
		case WF_GO_ON_MAP_RUN:
		case WF_END_MAP_RUN:
			break;
		case WF_GO_ON_LATER:
			note_pending(w, w->now, WF_GO_ON, 0, 0);
			break;
		case WF_FINISH:
			finish(w, command);
			break;
	}
	return true;
}

/* An event as it was, and as it is read out of the stored form. */
static bool
same_event(World *w, const WfEvent *event, const WfPackedEvent *packed)
{
	char	   *text;
	size_t		length;
	bool		same;

	if (!wf_event_details(event, &text, &length))
		return trouble(w, "event %d has no details", event->id);
	same = event->id == packed->id && event->previous == packed->previous && event->type == packed->type &&
		event->at == packed->at && length == packed->length && (text == NULL) == (packed->details == NULL) &&
		(text == NULL || strcmp(text, packed->details) == 0);
	if (!same)
		trouble(w, "event %d was packed as %s and read as %s", event->id, text ? text : "none",
				packed->details ? packed->details : "none");
	free(text);
	return same;
}

/* Packs events as the store does, and reads them back. */
static bool
pack(World *w, const WfEvent *events, int n)
{
	WfHistoryWriter *writer = wf_history_writer_new();
	bool		good = writer != NULL;

	for (int done = 0; done < n && good;)
	{
		const char *text;
		size_t		length;
		int			packed = wf_history_write(writer, &events[done], n - done, &text, &length);
		WfError		error = WF_ERROR_NONE;
		WfHistoryReader *reader = wf_history_reader_new(text, length, events[done].id, events[done].at, &error);
		WfPackedEvent event;
		int			read = 0;

		while (good && reader && wf_history_read(reader, &event, &error))
		{
			good = read < packed && same_event(w, &events[done + read++], &event);
			free(event.details);
		}
		if (error.code != WF_NO_ERROR || (good && read != packed))
			good = trouble(w, "%d of %d events were read back: %s", read, packed, error.cause ? error.cause : "");
		wf_error_clear(&error);
		wf_history_reader_free(reader);
		done += packed;
	}
	wf_history_writer_free(writer);
	return good;
}

/* Takes an outcome over, as one transaction would. */
static bool
store_outcome(World *w, const WfOutcome *outcome)
{
	if (!pack(w, outcome->events, outcome->n_events))
		return false;
	for (int i = 0; i < outcome->n_events; i++)
		if (!write_event(w, &outcome->events[i]))
			return false;
	for (int i = 0; i < outcome->n_gone; i++)
	{
		int			place = find_row(w, outcome->gone[i]);

		if (place < 0)
			return trouble(w, "frame %d is gone, but was never there", outcome->gone[i]);
		wf_frame_row_clear(&w->rows[place]);
		w->rows[place] = w->rows[--w->n_rows];
	}
	for (int i = 0; i < outcome->n_changed; i++)
		if (!store_frame(w, outcome->changed[i]))
			return false;
	for (int i = 0; i < outcome->n_commands; i++)
		if (!carry_out_command(w, &outcome->commands[i]))
			return false;
	wf_execution_get_row(w->execution, &w->row);
	wf_execution_forget(w->execution);
	if (w->status == WF_RUNNING)
		return true;
	for (int i = 0; i < w->n_rows; i++)
		if (w->rows[i].status != WF_FRAME_ENDED)
			return trouble(w, "frame %d is still there at the end", w->rows[i].id);
	for (int i = 0; i < w->n_pending; i++)
		if (w->pending[i].timer)
			return trouble(w, "a timer of frame %d is still set at the end", w->pending[i].stimulus.frame);
	return true;
}

/* One stimulus that a task that was given but not stored yet answers with; true if there was one. */
static bool
run_inline(World *w, const WfOutcome *outcome, bool *started, Pending *next)
{
	for (int i = 0; i < outcome->n_commands; i++)
		if (outcome->commands[i].kind == WF_RUN_TASK)
		{
			const WfCommand *command = &outcome->commands[i];
			int			before = w->n_pending;

			memset(next, 0, sizeof(*next));
			next->stimulus = (WfStimulus) {.kind = WF_TASK_STARTED, .frame = command->frame, .serial = command->serial};
			if (!*started)
			{
				*started = true;
				return true;
			}
			*started = false;
			answer_task(w, &command->task, command->frame, command->serial);
			if (w->n_pending == before || w->pending[before].at > w->now)
				return false;	/* it takes its time, and answers later */
			*next = w->pending[before];
			remove_pending(w, before);
			return true;
		}
	return false;
}

static bool
world_step(World *w, const WfStimulus *stimulus)
{
	WfOutcome	outcome;
	WfError		error = WF_ERROR_NONE;
	Pending		next;
	bool		started = false;

	w->steps++;
	if (!wf_execution_step(w->execution, stimulus, &outcome, &error))
	{
		trouble(w, "step: %s: %s", wf_error_name(error.code), error.cause ? error.cause : "");
		wf_error_clear(&error);
		return false;
	}
	while (chance(&w->order_dice, w->inline_chance) && run_inline(w, &outcome, &started, &next))
	{
		bool		good;

		next.stimulus.error = next.error;
		next.stimulus.cause = next.cause;
		good = wf_execution_step(w->execution, &next.stimulus, &outcome, &error);
		clear_pending(&next);
		if (!good)
			return trouble(w, "step: %s", wf_error_name(error.code));
	}
	return store_outcome(w, &outcome) &&
		(w->status != WF_RUNNING || !chance(&w->reload_dice, w->reload_chance) || world_reload(w));
}

/* Which of the pending things happens next; -1: none does. */
static int
choose_pending(World *w)
{
	int			chosen = -1;

	if (w->shuffle && w->n_pending > 0)
	{
		/* their order in the list depends on removals alone, which are the same in every run of one seed */
		chosen = (int) (roll(&w->order_dice) % (uint64_t) w->n_pending);
		return w->pending[chosen].at <= w->horizon ? chosen : -1;
	}
	for (int i = 0; i < w->n_pending; i++)
		if (w->pending[i].at <= w->horizon &&
			(chosen < 0 || w->pending[i].at < w->pending[chosen].at ||
			 (w->pending[i].at == w->pending[chosen].at && w->pending[i].order < w->pending[chosen].order)))
			chosen = i;
	return chosen;
}

/* A task's worker takes it: what it is to do is made from memory again. */
static bool
world_start_task(World *w, const WfStimulus *stimulus)
{
	WfTaskToRun task;
	WfError		error = WF_ERROR_NONE;

	if (!world_step(w, stimulus))
		return false;
	if (w->status != WF_RUNNING || !wf_execution_expects(w->execution, stimulus->frame, stimulus->serial))
		return true;
	if (!wf_execution_task(w->execution, stimulus->frame, &task, &error))
	{
		trouble(w, "task of frame %d: %s", stimulus->frame, error.cause);
		wf_error_clear(&error);
		return false;
	}
	answer_task(w, &task, stimulus->frame, stimulus->serial);
	wf_task_to_run_clear(&task);
	return true;
}

/* Lets everything happen until the execution ends, or nothing more can happen. */
static bool
world_run(World *w)
{
	WfStimulus	start = {.kind = WF_START};

	if (!world_step(w, &start))
		return false;
	while (w->status == WF_RUNNING)
	{
		int			place = choose_pending(w);
		Pending		pending;
		bool		good;

		if (w->stop_after > 0 && w->steps >= w->stop_after)
		{
			WfStimulus	stop = {.kind = WF_STOP, .error = "Stopped", .cause = "by the test"};

			return world_step(w, &stop);
		}
		if (place < 0)
			return true;
		if (w->steps > 200000)
			return trouble(w, "there is no end of it");
		pending = w->pending[place];
		remove_pending(w, place);
		if (pending.at > w->now)
			w->now = pending.at;
		pending.stimulus.error = pending.error;
		pending.stimulus.cause = pending.cause;
		good = pending.stimulus.kind == WF_TASK_STARTED ? world_start_task(w, &pending.stimulus) :
			world_step(w, &pending.stimulus);
		clear_pending(&pending);
		if (!good)
			return false;
	}
	return true;
}

static const char *
text_or(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : otherwise;
}

static json_int_t
number_or(const json_t *object, const char *key, json_int_t otherwise)
{
	json_t	   *number = json_object_get(object, key);

	return json_is_integer(number) ? json_integer_value(number) : otherwise;
}

/*
 * Sets a world up for a case: {"definition": …, "input": …, "functions": {…}, "limits": {…}, "now": …, "horizon": …}.
 * The case is borrowed and must outlive the world.  False: problem says why.
 */
static bool
world_open(World *w, const json_t *request)
{
	const json_t *facts = json_object_get(request, "facts");
	const json_t *limits = json_object_get(request, "limits");
	json_t	   *definition = json_object_get(request, "definition");
	json_t	   *input = json_object_get(request, "input");
	WfError		error = WF_ERROR_NONE;
	char	   *text;
	size_t		length;

	memset(w, 0, sizeof(*w));
	w->now = number_or(request, "now", INT64_C(1767225600000000));	/* 2026-01-01 */
	w->horizon = w->now + number_or(request, "horizon", 31536000) * 1000000;
	w->facts = (WfFacts) {
		.id = text_or(facts, "id", "arn:aws:states:us-east-1:111111111111:execution:machine:run"),
		.name = text_or(facts, "name", "run"),
		.role_arn = text_or(facts, "role_arn", "arn:aws:iam::111111111111:role/sfn-role"),
		.state_machine_id = text_or(facts, "state_machine_id",
									"arn:aws:states:us-east-1:111111111111:stateMachine:machine"),
		.state_machine_name = text_or(facts, "state_machine_name", "machine"),
		.region = text_or(facts, "region", "us-east-1"),
		.started_at = w->now,
	};
	w->limits = (WfLimits) {
		.max_payload = (size_t) number_or(limits, "max_payload", 262144),
		.max_events = (int) number_or(limits, "max_events", 25000),
		.inline_concurrency = (int) number_or(limits, "inline_concurrency", 40),
		.default_task_timeout = (int64_t) number_or(limits, "default_task_timeout", 0),
	};
	w->host = (WfHost) {w, world_now, world_random, world_random_bytes, world_interrupted, 0};
	w->keeper = (WfKeeper) {w, world_load_results, world_pause, world_task_token, world_has_activity};
	w->functions = json_incref(json_object_get(request, "functions"));
	w->calls = wf_json_object();
	w->history = json_array();
	w->status = WF_RUNNING;
	text = wf_json_text(definition, &length);
	w->definition = text ? wf_definition_parse(text, length, &error) : NULL;
	free(text);
	if (!w->definition)
		trouble(w, "definition: %s: %s", wf_error_name(error.code), error.cause ? error.cause : "");
	wf_error_clear(&error);
	w->facts.input = wf_payload_from_json(input ? json_incref(input) : wf_json_object());
	w->execution = w->definition ? world_new_execution(w) : NULL;
	return w->definition != NULL;
}

static void
world_close(World *w)
{
	wf_execution_free(w->execution);
	wf_definition_free(w->definition);
	wf_payload_release(w->facts.input);
	for (int i = 0; i < w->n_pending; i++)
		clear_pending(&w->pending[i]);
	free(w->pending);
	for (int i = 0; i < w->n_rows; i++)
		wf_frame_row_clear(&w->rows[i]);
	free(w->rows);
	json_decref(w->functions);
	json_decref(w->calls);
	json_decref(w->history);
	json_decref(w->output);
	free(w->error);
	free(w->cause);
}

/* New: how the run ended, in the service's shape. */
static json_t *
world_result(const World *w)
{
	json_t	   *result = wf_json_object();

	json_object_set_new(result, "status", json_string(wf_execution_status_word(w->status)));
	if (w->output)
		json_object_set(result, "output", w->output);
	if (w->error)
		json_object_set_new(result, "error", json_string(w->error));
	if (w->cause)
		json_object_set_new(result, "cause", json_string(w->cause));
	json_object_set(result, "history", w->history);
	if (w->problem[0])
		json_object_set_new(result, "problem", json_string(w->problem));
	return result;
}

#endif
