/*
 * map_run_list.c - Map Runs as people ask for them; see map_run_list.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/map_run_list.h"
#include "store/ready.h"
#include "store/sql.h"

#define REPORT "SELECT r.id, r.execution_id, coalesce(e.name, workflow.generated_execution_name(r.execution_id)), o.label, " \
	"m.name, r.label, r.uuid, CASE r.status WHEN 'r' THEN 'RUNNING' WHEN 's' THEN 'SUCCEEDED' WHEN 'f' THEN 'FAILED' " \
	"ELSE 'ABORTED' END, r.started_at, r.stopped_at, l.max_concurrency, coalesce(l.tolerated_failure_count, 0), " \
	"coalesce(l.tolerated_failure_percentage, 0), coalesce(r.items, 0), p.next_item, p.next_child, p.succeeded, p.failed, " \
	"p.timed_out, p.aborted, p.items_succeeded, p.items_failed, p.items_timed_out, p.items_aborted " \
	"FROM workflow.map_run r JOIN workflow.map_limit l ON l.map_run_id = r.id " \
	"CROSS JOIN LATERAL (SELECT * FROM workflow.map_progress x WHERE x.map_run_id = r.id ORDER BY x.epoch DESC LIMIT 1) p " \
	"JOIN workflow.state_machine m ON m.id = r.state_machine_id " \
	"LEFT JOIN workflow.execution e ON e.id = r.execution_id LEFT JOIN workflow.map_run o ON o.id = e.map_run_id "

static TimestampTz
time_or_zero(uint64 row, int number)
{
	bool		isnull;
	Datum		value = wf_sql_value(row, number, &isnull);

	return isnull ? 0 : DatumGetTimestampTz(value);
}

static void
read_counts(uint64 row, int number, WfMapCounts *counts)
{
	counts->succeeded = wf_sql_int64(row, number);
	counts->failed = wf_sql_int64(row, number + 1);
	counts->timed_out = wf_sql_int64(row, number + 2);
	counts->aborted = wf_sql_int64(row, number + 3);
}

/* In the memory context of the caller's choice, which is current. */
static void
read_report(uint64 row, WfMapRunReport *report)
{
	bool		isnull;

	report->id = wf_sql_int64(row, 1);
	report->execution = wf_sql_int64(row, 2);
	report->execution_name = wf_sql_text(row, 3);
	report->execution_label = wf_sql_text(row, 4);
	report->state_machine = wf_sql_text(row, 5);
	report->label = wf_sql_text(row, 6);
	report->uuid = wf_sql_text(row, 7);
	report->status = wf_sql_text(row, 8);
	report->started_at = time_or_zero(row, 9);
	report->stopped_at = time_or_zero(row, 10);
	report->max_concurrency = wf_sql_int64(row, 11);
	report->tolerated_count = wf_sql_int64(row, 12);
	report->tolerated_percentage = DatumGetFloat8(wf_sql_value(row, 13, &isnull));
	report->items = wf_sql_int64(row, 14);
	report->items_started = wf_sql_int64(row, 15);
	report->started = wf_sql_int64(row, 16);
	read_counts(row, 17, &report->children);
	read_counts(row, 21, &report->counted);
}

bool
wf_map_run_report(const char *uuid, MemoryContext context, WfMapRunReport *report)
{
	static WfStatement select = {REPORT "WHERE r.uuid = $1", 1, {TEXTOID}};
	Datum		values[1] = {CStringGetTextDatum(uuid)};
	MemoryContext before;

	if (wf_sql(&select, values, NULL, 1) == 0)
		return false;
	before = MemoryContextSwitchTo(context);
	read_report(0, report);
	MemoryContextSwitchTo(before);
	return true;
}

int
wf_map_runs_of_execution(int64 execution, int64 before, int limit, MemoryContext context, WfMapRunReport **reports)
{
	static WfStatement select = {REPORT "WHERE r.execution_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3", 3,
	{INT8OID, INT8OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int64GetDatum(before), Int32GetDatum(limit)};
	int			n = (int) wf_sql(&select, values, NULL, 0);
	MemoryContext old = MemoryContextSwitchTo(context);

	*reports = palloc(Max(n, 1) * sizeof(WfMapRunReport));
	for (int i = 0; i < n; i++)
		read_report(i, &(*reports)[i]);
	MemoryContextSwitchTo(old);
	return n;
}

int
wf_map_run_list_children(int64 id, const char *status, int64 before, int limit, MemoryContext context,
						 WfExecutionInfo **list)
{
	static WfStatement select = {"SELECT e.id, coalesce(x.status, 'RUNNING'), e.started_at, x.stopped_at, e.map_index, "
		"e.map_items FROM workflow.execution e LEFT JOIN workflow.execution_end x ON x.execution_id = e.id "
		"WHERE e.state_machine_id = (SELECT o.state_machine_id FROM workflow.map_run o WHERE o.id = $1) "
		"AND e.map_run_id = $1 AND e.map_index < $2 AND ($3 IS NULL OR coalesce(x.status, 'RUNNING') = $3) "
		"ORDER BY e.map_index DESC LIMIT $4", 4, {INT8OID, INT8OID, TEXTOID, INT4OID}};
	Datum		values[4];
	int			n;
	MemoryContext old;

	values[0] = Int64GetDatum(id);
	values[1] = Int64GetDatum(before);
	values[2] = status != NULL ? CStringGetTextDatum(status) : (Datum) 0;
	values[3] = Int32GetDatum(limit);
	n = (int) wf_sql(&select, values, status != NULL ? "    " : "  n ", 0);
	old = MemoryContextSwitchTo(context);
	*list = palloc0(Max(n, 1) * sizeof(WfExecutionInfo));
	for (int i = 0; i < n; i++)
	{
		WfExecutionInfo *info = &(*list)[i];

		info->id = wf_sql_int64(i, 1);
		info->name = palloc(WF_GENERATED_NAME_SIZE);
		wf_execution_generated_name(info->id, info->name);
		info->status = wf_sql_text(i, 2);
		info->started_at = time_or_zero(i, 3);
		info->stopped_at = time_or_zero(i, 4);
		info->map_index = wf_sql_int64(i, 5);
		info->map_items = wf_sql_int64(i, 6);
	}
	MemoryContextSwitchTo(old);
	return n;
}

bool
wf_map_run_change(int64 id, int64 max_concurrency, int64 tolerated_count, double tolerated_percentage)
{
	static WfStatement update = {"UPDATE workflow.map_limit l SET max_concurrency = coalesce($2, max_concurrency), "
		"tolerated_failure_count = coalesce($3, tolerated_failure_count), "
		"tolerated_failure_percentage = coalesce($4, tolerated_failure_percentage) "
		"FROM workflow.map_run r JOIN workflow.execution e ON e.id = r.execution_id "
		"JOIN workflow.state_machine_revision v ON v.id = e.revision_id "
		"WHERE l.map_run_id = $1 AND r.id = $1 AND r.status = 'r' RETURNING r.execution_id, r.frame, r.serial, v.run_as", 4,
	{INT8OID, INT8OID, INT8OID, FLOAT8OID}};
	Datum		values[4] = {Int64GetDatum(id), Int64GetDatum(max_concurrency), Int64GetDatum(tolerated_count),
	Float8GetDatum(tolerated_percentage)};
	char		nulls[5] = "    ";

	nulls[1] = max_concurrency < 0 ? 'n' : ' ';
	nulls[2] = tolerated_count < 0 ? 'n' : ' ';
	nulls[3] = tolerated_percentage < 0 ? 'n' : ' ';
	if (wf_sql(&update, values, nulls, 0) == 0)
		return false;
	wf_ready_add_map_run((Oid) wf_sql_int64(0, 4), wf_sql_int64(0, 1), (int) wf_sql_int64(0, 2), (int) wf_sql_int64(0, 3),
						 false);
	return true;
}
