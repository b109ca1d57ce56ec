/*
 * report.c - what our processes do now, as rows for the view workflow.workers.
 *
 *     workflow_workers() returns setof record
 *         (pid int, kind text, database oid, role oid, state text, execution_id bigint, frame int, since timestamptz)
 *
 * kind: launcher, scheduler, worker.  state: of a worker starting, busy, idle, leaving; of a scheduler running, sleeping,
 * standing still (pause(), a copy); of a database without one wanted, starting, parked, held (pid is null then).  since:
 * of the task if there is one, else of the state.  It shows all databases, and numbers of executions: who may call it is
 * for the SQL side to say.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "worker/process.h"

PG_FUNCTION_INFO_V1(workflow_workers);

typedef struct Row
{
	pid_t		pid;
	const char *kind;
	Oid			database;
	Oid			role;
	const char *state;
	int64		execution;
	int			frame;
	TimestampTz since;
} Row;

static void
put(ReturnSetInfo *result, const Row *row)
{
	Datum		values[8];
	bool		nulls[8] = {false};

	values[0] = Int32GetDatum(row->pid);
	nulls[0] = row->pid == 0;
	values[1] = CStringGetTextDatum(row->kind);
	values[2] = ObjectIdGetDatum(row->database);
	nulls[2] = !OidIsValid(row->database);
	values[3] = ObjectIdGetDatum(row->role);
	nulls[3] = !OidIsValid(row->role);
	values[4] = CStringGetTextDatum(row->state);
	values[5] = Int64GetDatum(row->execution);
	values[6] = Int32GetDatum(row->frame);
	nulls[5] = row->execution == 0;
	nulls[6] = row->execution == 0 || row->frame == WF_NO_FRAME;
	values[7] = TimestampTzGetDatum(row->since);
	nulls[7] = row->since == 0;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static const char *
scheduler_state(WfDatabaseSlot *slot)
{
	bool		sleeps;
	bool		stands_still;

	switch (slot->state)
	{
		case WF_DATABASE_RUNNING:
			SpinLockAcquire(&slot->mutex);
			sleeps = slot->sleep_until != DT_NOBEGIN;
			stands_still = slot->standing_still;
			SpinLockRelease(&slot->mutex);
			return stands_still ? "standing still" : sleeps ? "sleeping" : "running";
		case WF_DATABASE_STARTING:
			return slot->holds > 0 ? "held" : "starting";
		case WF_DATABASE_WANTED:
			return slot->holds > 0 ? "held" : "wanted";
		case WF_DATABASE_PARKED:
			return slot->holds > 0 ? "held" : "parked";
		default:
			return slot->holds > 0 ? "held" : NULL;
	}
}

static const char *
worker_state(const WfWorkerSlot *slot)
{
	switch (pg_atomic_read_u32(unconstify(pg_atomic_uint32 *, &slot->state)))
	{
		case WF_WORKER_STARTING:
			return "starting";
		case WF_WORKER_IDLE:
			return "idle";
		case WF_WORKER_LEAVING:
			return "leaving";
		default:
			return "busy";
	}
}

Datum
workflow_workers(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Row		   *rows;
	int			n = 0;
	int			n_workers;

	InitMaterializedSRF(fcinfo, 0);
	wf_shared_attach();
	rows = palloc((1 + wf_shared->n_databases + wf_shared->n_workers) * sizeof(Row));

	/* first all is copied: nothing is allocated under the lock */
	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	if (wf_shared->launcher_pid != 0)
		rows[n++] = (Row) {wf_shared->launcher_pid, "launcher", InvalidOid, InvalidOid, "running", 0, 0, 0};
	for (int i = 0; i < wf_shared->databases_used; i++)
	{
		WfDatabaseSlot *slot = &wf_database_slots[i];
		const char *state = OidIsValid(slot->database) ? scheduler_state(slot) : NULL;

		if (state != NULL)
			rows[n++] = (Row) {slot->pid, "scheduler", slot->database, InvalidOid, state, 0, 0, slot->since};
	}
	n_workers = wf_shared->workers_used;
	LWLockRelease(&wf_shared->lock);

	for (int i = 0; i < n_workers; i++)
	{
		WfWorkerSlot *slot = &wf_worker_slots[i];

		LWLockAcquire(&slot->lock, LW_SHARED);
		if (OidIsValid(slot->database))
			rows[n++] = (Row) {
				slot->pid, "worker", slot->database, slot->role, worker_state(slot), slot->task.execution,
				slot->task.frame, slot->task.execution != 0 ? slot->task_since : slot->state_since
			};
		LWLockRelease(&slot->lock);
	}

	for (int i = 0; i < n; i++)
		put(result, &rows[i]);
	return (Datum) 0;
}
