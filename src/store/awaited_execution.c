/*
 * awaited_execution.c - child executions that a task waits for; see awaited_execution.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "store/awaited_execution.h"
#include "store/sql.h"

WfAwait
wf_awaited_add(int64 child, const WfAwaited *awaited)
{
	static WfStatement is_abandoned = {"SELECT FROM workflow.awaited_execution WHERE execution_id = $1 AND abandoned",
	1, {INT8OID}};
	static WfStatement insert = {"INSERT INTO workflow.awaited_execution (execution_id, parent_id, frame, serial, parsed) "
		"SELECT id, parent_id, $3, $4, $5 FROM workflow.execution WHERE id = $1 AND parent_id = $2", 5,
	{INT8OID, INT8OID, INT4OID, INT4OID, BOOLOID}};
	Datum		values[5] = {
		Int64GetDatum(child), Int64GetDatum(awaited->parent), Int32GetDatum(awaited->frame),
		Int32GetDatum(awaited->serial), BoolGetDatum(awaited->parsed)
	};

	if (wf_sql(&is_abandoned, &values[1], NULL, 1) > 0)
		return WF_AWAIT_ABANDONED;
	return wf_sql(&insert, values, NULL, 0) > 0 ? WF_AWAIT_CHILD : WF_AWAIT_NOTHING;
}

bool
wf_awaited_take(int64 child, WfAwaited *awaited)
{
	static WfStatement delete = {"DELETE FROM workflow.awaited_execution WHERE execution_id = $1 "
		"RETURNING parent_id, frame, serial, parsed, abandoned", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(child)};
	bool		isnull;

	if (wf_sql(&delete, values, NULL, 0) == 0)
		return false;
	awaited->parent = wf_sql_int64(0, 1);
	awaited->frame = (int) wf_sql_int64(0, 2);
	awaited->serial = (int) wf_sql_int64(0, 3);
	awaited->parsed = DatumGetBool(wf_sql_value(0, 4, &isnull));
	return !DatumGetBool(wf_sql_value(0, 5, &isnull));
}

int
wf_awaited_abandon(int64 parent, int frame, int serial, int64 **children)
{
	static WfStatement update = {"WITH RECURSIVE below AS ("
		"SELECT execution_id FROM workflow.awaited_execution "
		"WHERE parent_id = $1 AND ($2 < 0 OR frame = $2 AND serial = $3) AND NOT abandoned "
		"UNION ALL SELECT a.execution_id FROM below b JOIN workflow.awaited_execution a ON a.parent_id = b.execution_id "
		"WHERE NOT a.abandoned), "
		"free AS (SELECT execution_id FROM workflow.awaited_execution "
		"WHERE execution_id IN (SELECT execution_id FROM below) FOR UPDATE SKIP LOCKED) "
		"UPDATE workflow.awaited_execution a SET abandoned = true FROM free f WHERE a.execution_id = f.execution_id "
		"RETURNING a.execution_id", 3, {INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(parent), Int32GetDatum(frame), Int32GetDatum(serial)};
	int			n = (int) wf_sql(&update, values, NULL, 0);

	*children = palloc(Max(n, 1) * sizeof(int64));
	for (int i = 0; i < n; i++)
		(*children)[i] = wf_sql_int64(i, 1);
	return n;
}
