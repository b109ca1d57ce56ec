/*
 * alone.c - one ready row by itself: where an error is an outcome.
 *
 * src/README.md has the three transactions of a task alone, and what happens where the process dies between them.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "asl/resource.h"
#include "engine/internal.h"
#include "pg/settings.h"
#include "store/crashed_task.h"
#include "worker/worker.h"

#define MAX_CRASHES 3
#define PASSING_MS 1000			/* before another try */
#define UNKNOWN_MS 60000

/* The row that is being done, while an error may still come from anywhere. */
typedef struct Alone
{
	WfReady		row;
	bool		finding_out;	/* it is here for nothing but that nobody knows how fast its task is */
	bool		chosen;
	bool		held;
	int			crashes;
} Alone;

static bool
is_expected(WfRun *run, const WfReady *row)
{
	return run != NULL && wf_run_expects(run, row->frame, row->serial);
}

/*
 * T1: takes the hold of the first of these rows that nobody else holds, claims it, and notes that its task has started.
 * False: there is none, or nothing is left to do for it.
 */
static bool
choose_row(const WfReady *rows, int n, Alone *alone)
{
	for (int i = 0; i < n; i++)
	{
		alone->row = rows[i];
		if (!wf_ready_hold(&alone->row))
			continue;
		alone->held = true;
		if (wf_ready_claim_one(&alone->row))
			return alone->chosen = true;
		wf_ready_unhold(&alone->row);
		alone->held = false;
	}
	return false;
}

/* Is somebody else finding out, or has done it since we looked?  Then the task can wait for a batch. */
static bool
is_left_to_others(WfRun *run, const Alone *alone)
{
	WfTaskToRun task;

	if (!alone->finding_out)
		return false;
	wf_run_get_task(run, alone->row.frame, &task);
	return !wf_speed_find_out(&task);
}

static bool
begin_task(Alone *alone)
{
	WfReady    *row = &alone->row;
	WfRun	   *run;
	bool		expected;

	if (row->started)
		return true;
	(void) wf_run_lock(row->execution, true, &run);
	expected = is_expected(run, row);
	if (expected && is_left_to_others(run, alone))
	{
		wf_run_free(run);
		return false;
	}
	if (expected)
	{
		WfStimulus	stimulus = {.kind = WF_TASK_STARTED, .frame = row->frame, .serial = row->serial};

		wf_run_step(run, &stimulus);
		wf_run_save(run);
		wf_ready_mark_started(row);
	}
	else
		wf_ready_delete(row);
	wf_run_free(run);
	return expected;
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
	WfPayload  *result = NULL;
	ErrorData  *data = NULL;
	const WfResource *resource = NULL;
	bool		failed = given != NULL;
	bool		cancelled = false;
	WfStopwatch watch;

	wf_engine_begin();
	wf_store_begin(&store);
	if (!wf_ready_claim_one(row))
	{
		/* Nobody but its holder touches a started row: it is gone, with its execution. */
		wf_store_end(&store);
		wf_engine_commit();
		return TASK_COMMITTED;
	}
	run = wf_run_look(row->execution);
	if (!is_expected(run, row))
	{
		AbortCurrentTransaction();
		return TASK_STALE;
	}
	if (given != NULL)
		error = *given;
	else
	{
		wf_run_get_task(run, row->frame, &task);
		wf_task_call(run, row->frame, row->serial, &task, &call);
		resource = task.resource;	/* the definition's, which outlives the run */
	}
	wf_store_end(&store);

	if (given == NULL)
	{
		WfRunningTask mark = {row->execution, row->frame, row->serial, true};

		wf_speed_start(&watch);
		wf_running_task_begin(&mark);
		failed = !wf_task_try(&call, &result, &data);
		cancelled = wf_cancel_requested();
		wf_running_task_end();
		if (failed)
			wf_task_error(data, &error);
		if (failed)
			wf_speed_note_error(&task);
		else
			wf_speed_note(&task, &watch);
	}
	wf_run_free(run);

	wf_store_begin(&store);
	(void) wf_run_lock(row->execution, true, &run);
	if (!is_expected(run, row) || (cancelled && wf_run_is_late(run, row->frame)))
	{
		/* Its answer comes too late, or its time is over, which its timer is about to say: all it did is rolled back. */
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
		wf_run_task_failed(run, row->frame, row->serial, &error);
	else
		wf_run_task_done(run, row->frame, row->serial, resource, result);
	wf_run_save(run);
	wf_ready_delete(row);
	wf_crashed_task_forget(row->execution, row->frame, row->serial);
	wf_run_free(run);
	wf_store_end(&store);
	wf_engine_commit();
	return TASK_COMMITTED;
}

/* The hold goes with an abort: is it ours again? */
static bool
hold_again(Alone *alone)
{
	alone->held = wf_ready_hold(&alone->row);
	return alone->held;
}

static void
run_task_alone(Alone *alone)
{
	MemoryContext context = CurrentMemoryContext;
	WfReady    *row = &alone->row;
	WfTaskError given;
	volatile bool has_given = false;
	volatile TaskEnd end = TASK_AGAIN;

	if (alone->crashes >= MAX_CRASHES)
	{
		make_error(&given, "States.Runtime",
				   psprintf("The task was given up: the server process that ran it died %d times.", alone->crashes));
		has_given = true;
	}
	while (end == TASK_AGAIN)
	{
		CHECK_FOR_INTERRUPTS();
		PG_TRY();
		{
			end = finish_task(row, has_given ? &given : NULL);
		}
		PG_CATCH();
		{
			ErrorData  *data;

			/*
			 * A failure of the commit, or of ours.  What would fail again is the task's outcome; if that cannot be
			 * stored either, it is not the task that is wrong.
			 */
			MemoryContextSwitchTo(context);
			data = CopyErrorData();
			if (wf_engine_judge(data) != WF_TROUBLE_UNKNOWN || has_given)
				PG_RE_THROW();
			(void) wf_engine_abort(context, &data);
			wf_task_error(data, &given);
			has_given = true;
		}
		PG_END_TRY();
		MemoryContextSwitchTo(context);
		if (end == TASK_COMMITTED)
			return;
		alone->held = false;	/* what did not commit was aborted */
		if (end == TASK_STALE)
			drop_row(row);
		else if (!hold_again(alone))
			return;
	}
}

/* Its evaluations may take long: they are shown as a task is, and cancelled likewise for who stops the execution. */
static WfMemberResult
run_member(const WfReady *row)
{
	WfRunningTask mark = {row->execution, WF_NO_FRAME, 0, false};
	volatile WfMemberResult result = WF_MEMBER_BUSY;

	wf_running_task_begin(&mark);
	PG_TRY();
	{
		result = wf_member_run(row, WF_TASKS_NONE, wf_engine_deadline(), true);
	}
	PG_FINALLY();
	{
		wf_running_task_end();
	}
	PG_END_TRY();
	return result;
}

/* A start or a continuation: its functions become rows of their own, so that nothing but the engine itself can fail. */
static void
run_member_alone(Alone *alone)
{
	WfReady    *row = &alone->row;
	WfStore		store;
	bool		claimed;
	WfMemberResult result = WF_MEMBER_MORE;

	wf_engine_begin();
	wf_store_begin(&store);
	claimed = wf_ready_claim_one(row);
	wf_store_end(&store);
	if (claimed)
		result = run_member(row);
	if (result == WF_MEMBER_BUSY)
		wf_engine_pause(1);
	else if (result != WF_MEMBER_MORE)
	{
		wf_store_begin(&store);
		wf_ready_delete(row);
		wf_store_end(&store);
	}
	wf_engine_commit();
}

static void
run_alone(const WfReady *rows, int n, Alone *alone)
{
	MemoryContext context = CurrentMemoryContext;
	WfStore		store;
	bool		go_on;

	wf_engine_begin();
	wf_store_begin(&store);
	go_on = choose_row(rows, n, alone);
	if (go_on && alone->row.kind == WF_READY_TASK)
	{
		go_on = begin_task(alone);
		if (go_on)
			alone->crashes = wf_crashed_task_count(alone->row.execution, alone->row.frame, alone->row.serial);
	}
	wf_store_end(&store);
	wf_engine_commit();
	MemoryContextSwitchTo(context);
	if (!go_on)
	{
		alone->chosen &= !alone->finding_out;
		return;
	}
	if (alone->row.kind == WF_READY_TASK)
		run_task_alone(alone);
	else
		run_member_alone(alone);
}

/*
 * It could not be done: the row makes way for others, or its execution is past help.  An evaluation that was cancelled made way
 * for what ends its execution, and is taken up again at once: to be begun anew, or for its row to be cleared away.
 */
static void
settle_trouble(WfReady *row, WfTrouble trouble, int sqlerrcode, const char *message)
{
	WfStore		store;

	if (sqlerrcode == ERRCODE_QUERY_CANCELED && row->kind != WF_READY_TASK)
		return;
	wf_engine_begin();
	wf_store_begin(&store);
	if (wf_ready_claim_one(row))
	{
		switch (trouble)
		{
			case WF_TROUBLE_PASSING:
				wf_ready_postpone(row, PASSING_MS);
				break;
			case WF_TROUBLE_UNKNOWN:
				wf_ready_postpone(row, UNKNOWN_MS);
				break;
			case WF_TROUBLE_BROKEN:
				if (!wf_run_force_fail(row->execution, message))
					wf_ready_postpone(row, PASSING_MS);
				else if (row->kind != WF_READY_SET_ASIDE)	/* which clears away what was for it */
					wf_ready_delete(row);
				break;
		}
	}
	wf_store_end(&store);
	wf_engine_commit();
}

bool
wf_engine_run_alone(const WfReady *rows, int n, bool finding_out)
{
	MemoryContext context = CurrentMemoryContext;
	Alone		alone = {.finding_out = finding_out};

	PG_TRY();
	{
		run_alone(rows, n, &alone);
	}
	PG_CATCH();
	{
		ErrorData  *data;
		WfTrouble	trouble = wf_engine_abort(context, &data);

		if (alone.chosen)
			settle_trouble(&alone.row, trouble, data->sqlerrcode, psprintf("The engine could not go on: %s", data->message));
		alone.held = false;
		if (trouble == WF_TROUBLE_PASSING && data->sqlerrcode != ERRCODE_QUERY_CANCELED)
			wf_engine_pause(PASSING_MS);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	if (alone.held)
		wf_ready_unhold(&alone.row);
	return alone.chosen;
}
