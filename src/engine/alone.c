/*
 * alone.c - one ready row by itself: where an error is an outcome.
 *
 * src/README.md has the three transactions of a task alone, and what happens where the process dies between them.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "asl/resource.h"
#include "engine/internal.h"
#include "pg/settings.h"
#include "store/crashed_task.h"
#include "worker/worker.h"

#define MAX_CRASHES 3

static bool
is_expected(WfRun *run, const WfReady *row)
{
	return run != NULL && wf_run_expects(run, row->frame, row->serial);
}

/*
 * T1: claims the row, takes its hold, and notes that the task has started.  False: there is nothing (more) to do, or
 * someone else does it.
 */
static bool
begin_task(WfReady *row, bool *held)
{
	WfStore		store;
	WfRun	   *run = NULL;
	bool		go_on = false;

	wf_engine_begin();
	wf_store_begin(&store);
	if (wf_ready_claim_one(row) && (*held = wf_ready_hold(row)))
	{
		if (row->started)
			go_on = true;
		else
		{
			(void) wf_run_lock(row->execution, true, &run);
			if (is_expected(run, row))
			{
				WfStimulus	stimulus = {.kind = WF_TASK_STARTED, .frame = row->frame, .serial = row->serial};

				wf_run_step(run, &stimulus);
				wf_run_save(run);
				wf_ready_mark_started(row);
				go_on = true;
			}
			else
				wf_ready_delete(row);
		}
	}
	wf_run_free(run);
	wf_store_end(&store);
	wf_engine_commit();
	return go_on;
}

/* T3: nobody waits for this task any more. */
static void
drop_row(WfReady *row)
{
	WfStore		store;

	wf_engine_begin();
	wf_store_begin(&store);
	if (wf_ready_claim_one(row))
		wf_ready_delete(row);
	wf_store_end(&store);
	wf_engine_commit();
}

static void
make_error(WfTaskError *error, const char *name, char *cause)
{
	memset(error, 0, sizeof(*error));
	error->error = pstrdup(name);
	error->cause = cause;
}

typedef enum TaskEnd
{
	TASK_COMMITTED, TASK_STALE, TASK_AGAIN
} TaskEnd;

/*
 * T2: the task, its outcome and the transition, in one transaction.  With `given`, the task is not run: that is its
 * outcome.
 */
static TaskEnd
finish_task(WfReady *row, const WfTaskError *given)
{
	WfStore		store;
	WfRun	   *run;
	WfTaskToRun task;
	WfTaskCall	call;
	WfTaskError error;
	WfStimulus	stimulus;
	WfPayload  *result = NULL;
	ErrorData  *data = NULL;
	bool		failed = given != NULL;
	bool		cancelled = false;
	instr_time	start,
				end;

	wf_engine_begin();
	wf_store_begin(&store);
	if (!wf_ready_claim_one(row))
	{
		/* Only its holder deletes a started row; it is gone with its execution's purge. */
		wf_store_end(&store);
		wf_engine_commit();
		return TASK_COMMITTED;
	}
	run = wf_run_look(row->execution);
	if (!is_expected(run, row))
	{
		wf_store_end(&store);
		wf_engine_commit();
		return TASK_STALE;
	}
	if (given != NULL)
		error = *given;
	else
	{
		wf_run_get_task(run, row->frame, &task);
		wf_task_call(run, row->frame, row->serial, &task, &call);
	}
	wf_store_end(&store);

	if (given == NULL)
	{
		WfRunningTask mark = {row->execution, row->frame, row->serial, true};

		INSTR_TIME_SET_CURRENT(start);
		wf_running_task_begin(&mark);
		failed = !wf_task_try(&call, &result, &data);
		cancelled = wf_cancel_requested();
		wf_running_task_end();
		INSTR_TIME_SET_CURRENT(end);
		INSTR_TIME_SUBTRACT(end, start);
		if (failed)
			wf_task_error(data, &error);
		if (failed)
			wf_speed_note_slow(task.resource->base);
		else
			wf_speed_note(task.resource->base, INSTR_TIME_GET_MICROSEC(end));
	}
	wf_run_free(run);

	wf_store_begin(&store);
	(void) wf_run_lock(row->execution, true, &run);
	if (!is_expected(run, row))
	{
		/* Its answer comes too late: all it did is rolled back. */
		AbortCurrentTransaction();
		return TASK_STALE;
	}
	if (cancelled && failed)
	{
		/* The cancel was meant for another. */
		AbortCurrentTransaction();
		return TASK_AGAIN;
	}
	if (failed)
		wf_stimulus_failed(&stimulus, row->frame, row->serial, &error);
	else
	{
		memset(&stimulus, 0, sizeof(stimulus));
		stimulus.kind = WF_TASK_SUCCEEDED;
		stimulus.frame = row->frame;
		stimulus.serial = row->serial;
		stimulus.output = result;
	}
	wf_run_step(run, &stimulus);
	wf_run_save(run);
	wf_ready_delete(row);
	wf_crashed_task_forget(row->execution, row->frame, row->serial);
	wf_run_free(run);
	wf_store_end(&store);
	wf_engine_commit();
	return TASK_COMMITTED;
}

static void
run_task_alone(WfReady *row, bool *held)
{
	MemoryContext context = CurrentMemoryContext;
	WfTaskError given;
	volatile bool has_given = false;
	WfStore		store;
	int			crashes;

	if (!begin_task(row, held))
		return;
	wf_engine_begin();
	wf_store_begin(&store);
	crashes = wf_crashed_task_count(row->execution, row->frame, row->serial);
	wf_store_end(&store);
	wf_engine_commit();
	MemoryContextSwitchTo(context);
	if (crashes >= MAX_CRASHES)
	{
		make_error(&given, "States.Runtime",
				   psprintf("The task was given up: the server process that ran it died %d times.", crashes));
		has_given = true;
	}

	for (;;)
	{
		volatile TaskEnd end = TASK_AGAIN;

		PG_TRY();
		{
			end = finish_task(row, has_given ? &given : NULL);
		}
		PG_CATCH();
		{
			ErrorData  *data;
			WfTrouble	trouble = wf_engine_abort(context, &data);

			/* A failure of the commit itself, or of ours: what lasts is the task's outcome. */
			if (trouble == WF_TROUBLE_PASSING || has_given)
				wf_engine_pause(1000);
			else
			{
				wf_task_error(data, &given);
				has_given = true;
			}
		}
		PG_END_TRY();
		MemoryContextSwitchTo(context);
		if (end == TASK_COMMITTED)
			break;
		if (end == TASK_STALE)
		{
			drop_row(row);
			break;
		}
		CHECK_FOR_INTERRUPTS();
	}
}

/* A start or a continuation: its functions become rows of their own, so that nothing but the engine itself can fail. */
static void
run_member_alone(WfReady *row)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		WfStore		store;
		bool		claimed;

		wf_engine_begin();
		wf_store_begin(&store);
		claimed = wf_ready_claim_one(row);
		wf_store_end(&store);
		if (claimed && wf_member_run(row, WF_TASKS_NONE, wf_engine_deadline()) == WF_MEMBER_BUSY)
			wf_engine_pause(1);
		else if (claimed)
		{
			wf_store_begin(&store);
			wf_ready_delete(row);
			wf_store_end(&store);
		}
		wf_engine_commit();
	}
	PG_CATCH();
	{
		ErrorData  *data;

		if (wf_engine_abort(context, &data) == WF_TROUBLE_PASSING)
			wf_engine_pause(1000);
		else
		{
			WfStore		store;

			wf_engine_begin();
			wf_store_begin(&store);
			if (wf_ready_claim_one(row))
			{
				wf_run_force_fail(row->execution,
								  psprintf("The engine could not go on: %s", data->message));
				wf_ready_delete(row);
			}
			wf_store_end(&store);
			wf_engine_commit();
		}
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
}

void
wf_engine_run_alone(const WfReady *given)
{
	WfReady		row = *given;
	bool		held = false;

	if (row.kind != WF_READY_TASK)
	{
		run_member_alone(&row);
		return;
	}
	PG_TRY();
	{
		run_task_alone(&row, &held);
	}
	PG_FINALLY();
	{
		if (held)
			wf_ready_unhold(&row);
	}
	PG_END_TRY();
}
