/*
 * retention.c - what ended long ago leaves; see retention.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "pg/clock.h"
#include "pg/settings.h"
#include "store/retention.h"
#include "store/sql.h"

void
wf_retention_set(int64 state_machine_id, const Interval *retention)
{
	static WfStatement update = {"UPDATE workflow.state_machine SET retention = $2 WHERE id = $1", 2,
	{INT8OID, INTERVALOID}};
	Datum		values[2] = {Int64GetDatum(state_machine_id), IntervalPGetDatum(retention)};

	wf_sql(&update, values, retention == NULL ? " n" : NULL, 0);
}

int
wf_purge_list(int64 state_machine_id, const Interval *older_than, MemoryContext context, WfPurge **purges)
{
	/* An age that is given for all machines does not cut short what one of them has been promised. */
#define AGE "CASE WHEN $3 IS NULL THEN coalesce(retention, CASE type WHEN 'EXPRESS' THEN $5 ELSE $4 END * interval '1 s') " \
	"WHEN $1 = 0 THEN greatest($3, retention) ELSE $3 END"
	static WfStatement select = {"SELECT id, owner::oid, $2 - " AGE " FROM workflow.state_machine "
		"WHERE ($1 = 0 OR id = $1) AND " AGE " IS NOT NULL ORDER BY id", 5,
	{INT8OID, TIMESTAMPTZOID, INTERVALOID, FLOAT8OID, FLOAT8OID}};
#undef AGE
	Datum		values[5];
	char		nulls[] = "     ";
	int			n;

	values[0] = Int64GetDatum(state_machine_id);
	values[1] = TimestampTzGetDatum(wf_clock_now());
	values[2] = IntervalPGetDatum(older_than);
	values[3] = Float8GetDatum(wf_setting_retention);
	values[4] = Float8GetDatum(wf_setting_express_retention);
	if (older_than == NULL)
		nulls[2] = 'n';
	if (wf_setting_retention < 0)
		nulls[3] = 'n';
	if (wf_setting_express_retention < 0)
		nulls[4] = 'n';
	n = (int) wf_sql(&select, values, nulls, 0);
	*purges = MemoryContextAllocZero(context, Max(n, 1) * sizeof(WfPurge));
	for (int i = 0; i < n; i++)
	{
		bool		isnull;

		(*purges)[i].state_machine_id = wf_sql_int64(i, 1);
		(*purges)[i].owner = (Oid) wf_sql_int64(i, 2);
		(*purges)[i].before = DatumGetTimestampTz(wf_sql_value(i, 3, &isnull));
		(*purges)[i].last_at = DT_NOBEGIN;
	}
	return n;
}

/* Claims those that are to go; palloc'ed. */
static Datum *
claim(WfPurge *purge, const char *status, int limit, int *n)
{
	static WfStatement select = {"SELECT execution_id, stopped_at FROM workflow.execution_end "
		"WHERE state_machine_id = $1 AND status = $2 AND stopped_at < $3 AND (stopped_at, execution_id) > ($4, $5) "
		/* the results of a Map Run that is under way are needed yet */
		"AND NOT EXISTS (SELECT FROM workflow.execution e JOIN workflow.map_run r ON r.id = e.map_run_id "
		"WHERE e.id = execution_id AND r.status = 'r') "
		"ORDER BY state_machine_id, status, stopped_at, execution_id LIMIT $6 FOR UPDATE SKIP LOCKED", 6,
	{INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, INT4OID}};
	Datum		values[6];
	Datum	   *ids;
	bool		isnull;

	values[0] = Int64GetDatum(purge->state_machine_id);
	values[1] = CStringGetTextDatum(status);
	values[2] = TimestampTzGetDatum(purge->before);
	values[3] = TimestampTzGetDatum(purge->last_at);
	values[4] = Int64GetDatum(purge->last_id);
	values[5] = Int32GetDatum(limit);
	*n = (int) wf_sql(&select, values, NULL, 0);
	ids = palloc(Max(*n, 1) * sizeof(Datum));
	for (int i = 0; i < *n; i++)
		ids[i] = Int64GetDatum(wf_sql_int64(i, 1));
	if (*n > 0)
	{
		purge->last_at = DatumGetTimestampTz(wf_sql_value(*n - 1, 2, &isnull));
		purge->last_id = DatumGetInt64(ids[*n - 1]);
	}
	return ids;
}

static void
delete_executions(Datum *ids, int n)
{
	/* The name first: it is found through the execution. */
	static WfStatement deletes[] = {
		{"DELETE FROM workflow.execution_name n USING workflow.execution e WHERE e.id = ANY ($1) "
			"AND n.state_machine_id = e.state_machine_id AND n.name = e.name AND n.execution_id = e.id", 1, {INT8ARRAYOID}},
		{"DELETE FROM workflow.history WHERE execution_id = ANY ($1)", 1, {INT8ARRAYOID}},
		{"DELETE FROM workflow.crashed_task WHERE execution_id = ANY ($1)", 1, {INT8ARRAYOID}},
		{"DELETE FROM workflow.notification WHERE execution_id = ANY ($1)", 1, {INT8ARRAYOID}},
		{"DELETE FROM workflow.execution WHERE id = ANY ($1)", 1, {INT8ARRAYOID}},
		{"DELETE FROM workflow.execution_end WHERE execution_id = ANY ($1)", 1, {INT8ARRAYOID}}
	};
	Datum		values[1];

	values[0] = PointerGetDatum(construct_array(ids, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	for (int i = 0; i < lengthof(deletes); i++)
		wf_sql(&deletes[i], values, NULL, 0);
}

/* Map Runs go after their execution and their children, of whose ends each comes in its own time. */
static void
delete_map_runs(int64 state_machine_id)
{
	static WfStatement delete = {"DELETE FROM workflow.map_run r WHERE r.state_machine_id = $1 AND r.status <> 'r' "
		"AND NOT EXISTS (SELECT FROM workflow.execution e WHERE e.id = r.execution_id) "
		"AND NOT EXISTS (SELECT FROM workflow.execution e WHERE e.map_run_id = r.id) "
		"AND NOT EXISTS (SELECT FROM workflow.map_item i WHERE i.execution_id = r.execution_id AND i.frame = r.frame "
		"AND i.serial = r.serial)", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(state_machine_id)};

	wf_sql(&delete, values, NULL, 0);
}

int
wf_purge_some(WfPurge *purge, int limit)
{
	static const char *const statuses[] = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"};

	for (; purge->status < lengthof(statuses); purge->status++)
	{
		int			n;
		Datum	   *ids = claim(purge, statuses[purge->status], limit, &n);

		if (n > 0)
		{
			delete_executions(ids, n);
			return n;
		}
		purge->last_at = DT_NOBEGIN;
		purge->last_id = 0;
	}
	delete_map_runs(purge->state_machine_id);
	return 0;
}

void
wf_purge_machine(int64 state_machine_id)
{
	static WfStatement select = {"SELECT FROM workflow.state_machine m WHERE m.id = $1 AND m.status = 'DELETED' "
		"AND NOT EXISTS (SELECT FROM workflow.execution e WHERE e.state_machine_id = m.id) FOR UPDATE SKIP LOCKED", 1,
	{INT8OID}};
	static WfStatement deletes[] = {
		{"DELETE FROM workflow.state_machine_tag WHERE state_machine_id = $1", 1, {INT8OID}},
		{"DELETE FROM workflow.state_machine_privilege WHERE state_machine_id = $1", 1, {INT8OID}},
		{"DELETE FROM workflow.state_machine_revision WHERE state_machine_id = $1", 1, {INT8OID}},
		{"DELETE FROM workflow.state_machine WHERE id = $1", 1, {INT8OID}}
	};
	Datum		values[1] = {Int64GetDatum(state_machine_id)};

	if (wf_sql(&select, values, NULL, 0) == 0)
		return;
	for (int i = 0; i < lengthof(deletes); i++)
		wf_sql(&deletes[i], values, NULL, 0);
}
