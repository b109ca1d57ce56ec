/*
 * session.c - the engine in a caller's session: run_until_idle(); and the administrator's resume() and pause().
 *
 * Everything happens in the caller's transaction.  A task runs in a subtransaction of its own, as its machine's role, and
 * only if the caller may become that role.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "engine/engine.h"
#include "engine/internal.h"
#include "pg/clock.h"
#include "pg/compat.h"
#include "pg/core.h"
#include "pg/settings.h"
#include "store/crashed_task.h"
#include "store/installation.h"
#include "store/stored_payload.h"
#include "store/timer.h"
#include "worker/worker.h"

#define CLAIM_SIZE 20

/* Runs what is ready and the caller may run; returns how much. */
static int
run_ready(Oid caller)
{
	MemoryContext context = CurrentMemoryContext;
	WfReady    *rows;
	WfStore		store;
	int			n;
	int			done = 0;

	wf_store_begin(&store);
	n = wf_ready_claim_for(caller, CLAIM_SIZE, context, &rows);
	wf_store_end(&store);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (wf_member_run(&rows[i], WF_TASKS_ALL, 0, true) == WF_MEMBER_BUSY)
			continue;			/* without a deadline, nothing stays */
		wf_store_begin(&store);
		wf_ready_delete(&rows[i]);
		wf_store_end(&store);
		done++;
	}
	return done;
}

/* The session's memory is its owner's: nothing stays there after the call, however it ends. */
static void
give_payloads_back(void *unused)
{
	wf_stored_payloads_expire(true);
}

PG_FUNCTION_INFO_V1(workflow_run_until_idle);

Datum
workflow_run_until_idle(PG_FUNCTION_ARGS)
{
	bool		advance_clock = PG_GETARG_BOOL(0);
	Oid			caller = GetUserId();
	MemoryContext before = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(before, "workflow turn", ALLOCSET_DEFAULT_SIZES);
	WfStandstill standstill = wf_engine_standstill();
	int64		steps = 0;

	if (wf_task_current() != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("run_until_idle() cannot be called within a task")));
	if (standstill != WF_NO_STANDSTILL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("executions stand still in this database: %s", wf_standstill_reason(standstill)),
				 errhint("An administrator can let them go on with SELECT workflow.resume().")));
	wf_wake_after_abort();
	wf_core_free_with(before, give_payloads_back, NULL);
	for (;;)
	{
		WfStore		store;
		TimestampTz next;
		bool		busy;
		int			done;

		MemoryContextSwitchTo(context);
		MemoryContextReset(context);
		done = wf_schedule_step(0, &busy);
		done += run_ready(caller);
		steps += done;
		if (done > 0 && !busy)
			continue;
		if (!advance_clock)
			break;
		wf_store_begin(&store);
		next = wf_timer_next(DT_NOBEGIN);
		wf_store_end(&store);
		if (next == DT_NOEND)
			break;
		if (next > wf_clock_now())
			wf_clock_move_to(next);
		else if (busy)
			break;
	}
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
	PG_RETURN_INT64(steps);
}

/* --- standing still --- */

WfStandstill
wf_engine_standstill(void)
{
	return wf_installation_standstill();
}

PG_FUNCTION_INFO_V1(workflow_resume);

Datum
workflow_resume(PG_FUNCTION_ARGS)
{
	WfStore		store;

	wf_store_begin(&store);
	wf_installation_claim(true);
	wf_store_end(&store);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(workflow_pause);

Datum
workflow_pause(PG_FUNCTION_ARGS)
{
	WfStore		store;

	wf_store_begin(&store);
	wf_installation_pause();
	wf_store_end(&store);
	wf_wake_for_everything();
	PG_RETURN_VOID();
}

/* --- for the scheduler --- */

int
wf_engine_ready_roles(WfReadyRole **roles)
{
	WfStore		store;
	int			n;

	wf_store_begin(&store);
	n = wf_ready_roles(CurrentMemoryContext, roles);
	wf_store_end(&store);
	return n;
}

static void
note_crash(const WfRunningTask *task, void *arg)
{
	if (task->alone)
		wf_crashed_task_add(task->execution, task->frame, task->serial);
	wf_ready_mark_suspect(task->execution, task->frame, task->serial);
}

void
wf_engine_recover(void)
{
	WfStore		store;

	wf_engine_begin();
	wf_store_begin(&store);
	wf_crash_marks_collect(MyDatabaseId, note_crash, NULL);
	wf_store_end(&store);
	wf_engine_commit();
	wf_crash_marks_forget(MyDatabaseId);
}
