/*
 * crashed_task.c - tasks whose worker died; see crashed_task.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "store/crashed_task.h"
#include "store/sql.h"

static Datum *
key_of(int64 execution, int frame, int serial)
{
	static Datum values[3];

	values[0] = Int64GetDatum(execution);
	values[1] = Int32GetDatum(frame);
	values[2] = Int32GetDatum(serial);
	return values;
}

#define KEY_TYPES 3, {INT8OID, INT4OID, INT4OID}
#define BY_KEY " WHERE execution_id = $1 AND frame = $2 AND serial = $3"

int
wf_crashed_task_count(int64 execution, int frame, int serial)
{
	static WfStatement select = {"SELECT crashes FROM workflow.crashed_task" BY_KEY, KEY_TYPES};

	return wf_sql(&select, key_of(execution, frame, serial), NULL, 1) == 0 ? 0 : (int) wf_sql_int64(0, 1);
}

void
wf_crashed_task_add(int64 execution, int frame, int serial)
{
	static WfStatement insert = {"INSERT INTO workflow.crashed_task AS c (execution_id, frame, serial, crashes) "
		"VALUES ($1, $2, $3, 1) ON CONFLICT (execution_id, frame, serial) DO UPDATE SET crashes = c.crashes + 1",
	KEY_TYPES};

	wf_sql(&insert, key_of(execution, frame, serial), NULL, 0);
}

void
wf_crashed_task_forget(int64 execution, int frame, int serial)
{
	static WfStatement delete = {"DELETE FROM workflow.crashed_task" BY_KEY, KEY_TYPES};

	wf_sql(&delete, key_of(execution, frame, serial), NULL, 0);
}
