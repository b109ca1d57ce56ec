/*
 * awaited_execution.c - executions whose end tasks wait for; see awaited_execution.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "store/awaited_execution.h"
#include "store/execution.h"
#include "store/sql.h"
#include "store/table.h"

#define LONG_WAY 8			/* levels */

static bool
has_mark(int64 execution)
{
	static WfStatement select = {"SELECT FROM workflow.inbox WHERE execution_id = $1 AND kind = 'b'", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(execution)};

	return wf_sql_now(&select, values, NULL, 1) > 0;
}

/* Who waits for its end: the execution whose task has started it, or whose Map Run it belongs to.  0: nobody. */
static int64
waits_for(int64 execution, bool *over)
{
	static WfStatement select = {"SELECT parent_id, false FROM workflow.awaited_execution WHERE execution_id = $1 AND NOT joined "
		"UNION ALL SELECT m.execution_id, m.status <> 'r' FROM workflow.execution e JOIN workflow.map_run m ON m.id = e.map_run_id "
		"WHERE e.id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(execution)};
	bool		isnull;

	if (wf_sql_now(&select, values, NULL, 1) == 0)
		return 0;
	*over = DatumGetBool(wf_sql_value(0, 2, &isnull));
	return wf_sql_int64(0, 1);
}

static bool
is_any_marked(void)
{
	static WfStatement select = {"SELECT FROM workflow.inbox WHERE kind = 'b' LIMIT 1"};

	return wf_sql_now(&select, NULL, NULL, 1) > 0;
}

/*
 * Is it about to be stopped?  Whoever stops those below an execution marks all whom he sees, and a machine that starts
 * itself is always a few executions further: so what counts is not only its own mark, but whether anyone above it who waits
 * has one or has ended.  A stop that has been committed then holds for all that is below, however far it has got.
 *
 * A long way up is gone only while marks are carried out: as long as they are, one of them is above all that goes on.
 */
static bool
is_abandoned(int64 execution)
{
	bool		over = has_mark(execution);

	for (int level = 1; !over && (execution = waits_for(execution, &over)) != 0; level++)
	{
		CHECK_FOR_INTERRUPTS();
		if (level == LONG_WAY && !is_any_marked())
			return false;
		over |= has_mark(execution) || wf_execution_has_ended(execution);
	}
	return over;
}

WfAwait
wf_awaited_add(int64 execution, const WfAwaited *awaited)
{
	static WfStatement insert = {"INSERT INTO workflow.awaited_execution (execution_id, parent_id, frame, serial, parsed, joined) "
		"SELECT id, $2, $3, $4, $5, $6 FROM workflow.execution WHERE id = $1 AND ($6 OR parent_id = $2)", 6,
	{INT8OID, INT8OID, INT4OID, INT4OID, BOOLOID, BOOLOID}};
	Datum		values[6] = {
		Int64GetDatum(execution), Int64GetDatum(awaited->parent), Int32GetDatum(awaited->frame),
		Int32GetDatum(awaited->serial), BoolGetDatum(awaited->parsed), BoolGetDatum(awaited->joined)
	};

	if (is_abandoned(awaited->parent))
		return WF_AWAIT_ABANDONED;
	return wf_sql(&insert, values, NULL, 0) > 0 ? WF_AWAIT_CHILD : WF_AWAIT_NOTHING;
}

/* By a look at the index for each: of EXISTS the planner would make a hash table of all that are abandoned, for each end anew. */
#define IS_ABANDONED "coalesce((SELECT true FROM workflow.inbox i WHERE i.execution_id = a.execution_id AND i.kind = 'b' " \
	"LIMIT 1), false)"

/* The table's columns. */
#define COLUMNS 6

/*
 * Most ends are awaited by nobody, and find that out without the executor.  A row that is locked is being taken by somebody
 * else who has seen the end: by the scheduler, or in a session, for who has joined too late.
 */
int
wf_awaited_take(int64 execution, WfAwaited **awaited)
{
	static WfStatement delete = {"DELETE FROM workflow.awaited_execution a WHERE ctid = ANY (ARRAY("
		"SELECT ctid FROM workflow.awaited_execution WHERE execution_id = $1 FOR UPDATE SKIP LOCKED)) "
		"RETURNING parent_id, frame, serial, parsed, joined, NOT joined AND " IS_ABANDONED, 1, {INT8OID}};
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
	int			n_rows;
	int			n = 0;

	if (!wf_table_fetch("awaited_execution", execution, COLUMNS, values, nulls))
		return 0;
	values[0] = Int64GetDatum(execution);
	n_rows = (int) wf_sql(&delete, values, NULL, 0);
	*awaited = palloc(Max(n_rows, 1) * sizeof(WfAwaited));
	for (int i = 0; i < n_rows; i++)
	{
		bool		isnull;

		if (DatumGetBool(wf_sql_value(i, 6, &isnull)))
			continue;
		(*awaited)[n].parent = wf_sql_int64(i, 1);
		(*awaited)[n].frame = (int) wf_sql_int64(i, 2);
		(*awaited)[n].serial = (int) wf_sql_int64(i, 3);
		(*awaited)[n].parsed = DatumGetBool(wf_sql_value(i, 4, &isnull));
		(*awaited)[n++].joined = DatumGetBool(wf_sql_value(i, 5, &isnull));
	}
	return n;
}

/* One execution's children at a time: the planner joins whole tables, over and over again for a chain of any length. */
int
wf_awaited_below(int64 parent, int frame, int serial, int64 **children)
{
	static WfStatement select = {"SELECT execution_id FROM workflow.awaited_execution a WHERE parent_id = $1 "
		"AND ($2 < 0 OR frame = $2 AND serial = $3) AND NOT joined AND NOT " IS_ABANDONED, 3, {INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(parent), Int32GetDatum(frame), Int32GetDatum(serial)};
	int			room = 16;
	int			n = 0;

	*children = palloc(room * sizeof(int64));
	for (int looked = -1; looked < n; looked++)
	{
		int			more;

		CHECK_FOR_INTERRUPTS();
		if (looked >= 0)
		{
			values[0] = Int64GetDatum((*children)[looked]);
			values[1] = Int32GetDatum(-1);
		}
		more = (int) wf_sql(&select, values, NULL, 0);
		if (n + more > room)
		{
			room = Max(2 * room, n + more);
			*children = repalloc_huge(*children, room * sizeof(int64));
		}
		for (int i = 0; i < more; i++)
			(*children)[n++] = wf_sql_int64(i, 1);
	}
	return n;
}
