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
#define AGE(type) "CASE WHEN $3 IS NULL THEN coalesce(retention, CASE " type " WHEN 'EXPRESS' THEN $5 ELSE $4 END * interval '1 s') " \
	"WHEN $1 = 0 THEN greatest($3, retention) ELSE $3 END"
	static WfStatement select = {"SELECT id, owner::oid, coalesce($2 - " AGE("type") ", '-infinity'), "
		"coalesce($2 - " AGE("'EXPRESS'") ", '-infinity') FROM workflow.state_machine "
		"WHERE ($1 = 0 OR id = $1) AND coalesce(" AGE("type") ", " AGE("'EXPRESS'") ") IS NOT NULL ORDER BY id", 5,
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
		(*purges)[i].express_before = DatumGetTimestampTz(wf_sql_value(i, 4, &isnull));
		(*purges)[i].last_at = DT_NOBEGIN;
	}
	return n;
}

/* The first column of the last result. */
static Datum *
copy_ids(int n)
{
	Datum	   *ids = palloc(Max(n, 1) * sizeof(Datum));

	for (int i = 0; i < n; i++)
		ids[i] = Int64GetDatum(wf_sql_int64(i, 1));
	return ids;
}

/* Claims those that are to go; palloc'ed. */
static Datum *
claim(WfPurge *purge, const char *status, int limit, int *n)
{
	static WfStatement select = {"SELECT execution_id, stopped_at FROM workflow.execution_end "
		"WHERE state_machine_id = $1 AND map_run_id IS NULL AND status = $2 AND stopped_at < $3 "
		"AND (stopped_at, execution_id) > ($4, $5) "
		"ORDER BY state_machine_id, map_run_id, status, stopped_at, execution_id LIMIT $6 FOR UPDATE SKIP LOCKED", 6,
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
	ids = copy_ids(*n);
	if (*n > 0)
	{
		purge->last_at = DatumGetTimestampTz(wf_sql_value(*n - 1, 2, &isnull));
		purge->last_id = DatumGetInt64(ids[*n - 1]);
	}
	return ids;
}

/* The same of a Map Run's children. */
static Datum *
claim_children(WfPurge *purge, int limit, int *n)
{
	static WfStatement select = {"SELECT x.execution_id, e.map_index FROM workflow.execution e "
		"JOIN workflow.execution_end x ON x.execution_id = e.id "
		"WHERE e.state_machine_id = $1 AND e.map_run_id = $2 AND e.map_index > $3 "
		"ORDER BY e.map_index LIMIT $4 FOR UPDATE OF x SKIP LOCKED", 4, {INT8OID, INT8OID, INT8OID, INT4OID}};
	Datum		values[4];

	values[0] = Int64GetDatum(purge->state_machine_id);
	values[1] = Int64GetDatum(purge->map_run);
	values[2] = Int64GetDatum(purge->last_child);
	values[3] = Int32GetDatum(limit);
	*n = (int) wf_sql(&select, values, NULL, 0);
	if (*n > 0)
		purge->last_child = wf_sql_int64(*n - 1, 2);
	return copy_ids(*n);
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

/* The next Map Run that is to go, with its children. */
static bool
find_map_run(WfPurge *purge)
{
	static WfStatement select = {"SELECT id, stopped_at FROM workflow.map_run WHERE state_machine_id = $1 "
		"AND stopped_at < greatest($2, $3) AND stopped_at < CASE WHEN express THEN $3 ELSE $2 END "
		"AND (stopped_at, id) > ($4, $5) ORDER BY state_machine_id, stopped_at, id LIMIT 1", 5,
	{INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID}};
	Datum		values[5];
	bool		isnull;

	values[0] = Int64GetDatum(purge->state_machine_id);
	values[1] = TimestampTzGetDatum(purge->before);
	values[2] = TimestampTzGetDatum(purge->express_before);
	values[3] = TimestampTzGetDatum(purge->last_at);
	values[4] = Int64GetDatum(purge->last_id);
	if (wf_sql(&select, values, NULL, 1) == 0)
		return false;
	purge->map_run = purge->last_id = wf_sql_int64(0, 1);
	purge->last_at = DatumGetTimestampTz(wf_sql_value(0, 2, &isnull));
	purge->last_child = -1;
	return true;
}

/* It goes after its execution and its children, some of whom may end after it.  Scalar subqueries: one lookup of each. */
static void
delete_map_run(int64 id)
{
	static WfStatement select = {"SELECT FROM workflow.map_run r JOIN workflow.map_limit l ON l.map_run_id = r.id "
		"JOIN workflow.map_progress p ON p.map_run_id = r.id WHERE r.id = $1 "
		"AND (SELECT e.id FROM workflow.execution e WHERE e.id = r.execution_id) IS NULL "
		"AND (SELECT e.id FROM workflow.execution e WHERE e.state_machine_id = r.state_machine_id "
		"AND e.map_run_id = r.id LIMIT 1) IS NULL "
		"AND (SELECT i.n FROM workflow.map_item i WHERE i.execution_id = r.execution_id AND i.frame = r.frame "
		"AND i.serial = r.serial LIMIT 1) IS NULL FOR UPDATE OF r, l, p SKIP LOCKED", 1, {INT8OID}};
	static WfStatement deletes[] = {
		{"DELETE FROM workflow.map_ended WHERE map_run_id = $1", 1, {INT8OID}},
		{"DELETE FROM workflow.map_progress WHERE map_run_id = $1", 1, {INT8OID}},
		{"DELETE FROM workflow.map_limit WHERE map_run_id = $1", 1, {INT8OID}},
		{"DELETE FROM workflow.map_run WHERE id = $1", 1, {INT8OID}}
	};
	Datum		values[1] = {Int64GetDatum(id)};

	if (wf_sql(&select, values, NULL, 1) == 0)
		return;
	for (int i = 0; i < lengthof(deletes); i++)
		wf_sql(&deletes[i], values, NULL, 0);
}

bool
wf_purge_some(WfPurge *purge, int limit, int64 *purged)
{
	static const char *const statuses[] = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"};
	Datum	   *ids;
	int			n;

	for (; purge->status < lengthof(statuses); purge->status++)
	{
		ids = claim(purge, statuses[purge->status], limit, &n);
		if (n > 0)
		{
			delete_executions(ids, n);
			*purged += n;
			return true;
		}
		purge->last_at = DT_NOBEGIN;
		purge->last_id = 0;
	}
	if (purge->map_run == 0 && !find_map_run(purge))
		return false;
	ids = claim_children(purge, limit, &n);
	if (n > 0)
		delete_executions(ids, n);
	else
	{
		delete_map_run(purge->map_run);
		purge->map_run = 0;
	}
	*purged += n;
	return true;
}

void
wf_purge_machine(int64 state_machine_id)
{
	static WfStatement select = {"SELECT FROM workflow.state_machine m WHERE m.id = $1 AND m.status <> 'ACTIVE' "
		"AND NOT EXISTS (SELECT FROM workflow.execution e WHERE e.state_machine_id = m.id) "
		"AND NOT EXISTS (SELECT FROM workflow.map_run r WHERE r.state_machine_id = m.id) FOR UPDATE SKIP LOCKED", 1,
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
