/*
 * execution_list.c - executions as people ask for them; see execution_list.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/execution.h"
#include "store/execution_list.h"
#include "store/sql.h"

/* --- by name --- */

/* Copies the result's first column. */
static int
copy_ids(uint64 n, MemoryContext context, int64 **ids)
{
	*ids = MemoryContextAlloc(context, sizeof(int64) * Max(n, 1));
	for (uint64 i = 0; i < n; i++)
		(*ids)[i] = wf_sql_int64(i, 1);
	return (int) n;
}

int
wf_executions_by_name(const char *machine, const char *execution, MemoryContext context, int64 **ids)
{
	/* Statements of their own for the living and the others: each has a partial index on the machine's name. */
#define BY_NAME "SELECT n.execution_id FROM workflow.state_machine m JOIN workflow.execution_name n " \
	"ON n.state_machine_id = m.id AND n.name = $1 "
	static WfStatement any_living = {BY_NAME "WHERE m.status <> 'DELETED' LIMIT 100", 1, {TEXTOID}};
	static WfStatement any_deleted = {BY_NAME "WHERE m.status = 'DELETED' ORDER BY m.id DESC LIMIT 1", 1, {TEXTOID}};
	static WfStatement living = {BY_NAME "WHERE m.name = $2 AND m.status <> 'DELETED'", 2, {TEXTOID, TEXTOID}};
	static WfStatement deleted = {BY_NAME "WHERE m.name = $2 AND m.status = 'DELETED' ORDER BY m.id DESC LIMIT 1",
		2, {TEXTOID, TEXTOID}};
	static WfStatement generated = {"SELECT e.id FROM workflow.execution e "
		"JOIN workflow.state_machine m ON m.id = e.state_machine_id "
		"WHERE e.id = $1 AND e.name IS NULL AND m.name = coalesce($2, m.name)", 2, {INT8OID, TEXTOID}};
#undef BY_NAME
	int64		id = wf_execution_by_generated_name(execution);
	Datum		values[2];
	uint64		n = 0;

	values[1] = machine != NULL ? CStringGetTextDatum(machine) : (Datum) 0;
	if (id != 0)
	{
		values[0] = Int64GetDatum(id);
		n = wf_sql(&generated, values, machine != NULL ? "  " : " n", 0);
		if (n > 0)
			return copy_ids(n, context, ids);
	}
	values[0] = CStringGetTextDatum(execution);
	n = wf_sql(machine != NULL ? &living : &any_living, values, NULL, 0);
	if (n == 0)
		n = wf_sql(machine != NULL ? &deleted : &any_deleted, values, NULL, 0);
	return copy_ids(n, context, ids);
}

/* --- rows --- */

#define COLUMNS "SELECT e.id, e.name, e.started_at, x.status, x.stopped_at, e.xmin::text::bigint"

static TimestampTz
time_or_zero(uint64 row, int number)
{
	bool		isnull;
	Datum		value = wf_sql_value(row, number, &isnull);

	return isnull ? 0 : DatumGetTimestampTz(value);
}

/* In the memory context of the caller's choice, which is current. */
static void
read_info(uint64 row, WfExecutionInfo *info)
{
	memset(info, 0, sizeof(*info));
	info->id = wf_sql_int64(row, 1);
	info->name = wf_sql_text(row, 2);
	if (info->name == NULL)
	{
		info->name = palloc(WF_GENERATED_NAME_SIZE);
		wf_execution_generated_name(info->id, info->name);
	}
	info->started_at = time_or_zero(row, 3);
	info->status = wf_sql_text(row, 4);
	if (info->status == NULL)
		info->status = "RUNNING";
	info->stopped_at = time_or_zero(row, 5);
	info->xmin = (TransactionId) wf_sql_int64(row, 6);
}

bool
wf_execution_info(int64 execution, MemoryContext context, WfExecutionInfo *info)
{
	static WfStatement select = {COLUMNS ", e.input, e.trace_header, x.output, x.error, x.cause, r.label, r.uuid "
		"FROM workflow.execution e LEFT JOIN workflow.execution_end x ON x.execution_id = e.id "
		"LEFT JOIN workflow.map_run r ON r.id = e.map_run_id WHERE e.id = $1",
		1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(execution)};
	MemoryContext old;

	if (wf_sql(&select, values, NULL, 1) == 0)
		return false;
	old = MemoryContextSwitchTo(context);
	read_info(0, info);
	info->input = wf_sql_text(0, 7);
	info->trace_header = wf_sql_text(0, 8);
	info->output = wf_sql_text(0, 9);
	info->error = wf_sql_text(0, 10);
	info->cause = wf_sql_text(0, 11);
	info->map_label = wf_sql_text(0, 12);
	info->map_uuid = wf_sql_text(0, 13);
	MemoryContextSwitchTo(old);
	return true;
}

int
wf_execution_list(int64 state_machine_id, const char *status, int64 before_id, TimestampTz before_time, int limit,
				  MemoryContext context, WfExecutionInfo **list)
{
	/* The order begins with what is null, as the indexes do: see 20_tables.sql. */
	static WfStatement all = {COLUMNS " FROM workflow.execution e LEFT JOIN workflow.execution_end x "
		"ON x.execution_id = e.id WHERE e.state_machine_id = $1 AND e.id < $2 "
		"AND e.map_run_id IS NULL AND e.map_index IS NULL "
		"ORDER BY e.map_run_id DESC, e.map_index DESC, e.id DESC LIMIT $3", 3, {INT8OID, INT8OID, INT4OID}};
	/* What runs waits, or has not begun: found there, not among all the others that have ended. */
	static WfStatement running = {"SELECT e.id, e.name, e.started_at, NULL::text, NULL::timestamptz, e.xmin::text::bigint "
		"FROM (SELECT execution_id FROM workflow.live_execution "
		"UNION SELECT execution_id FROM workflow.ready WHERE kind = 's') r "
		"JOIN workflow.execution e ON e.id = r.execution_id "
		"WHERE e.state_machine_id = $1 AND e.id < $2 AND e.map_run_id IS NULL ORDER BY e.id DESC LIMIT $3", 3,
	{INT8OID, INT8OID, INT4OID}};
	static WfStatement closed = {COLUMNS " FROM workflow.execution_end x JOIN workflow.execution e "
		"ON e.id = x.execution_id WHERE x.state_machine_id = $1 AND x.map_run_id IS NULL AND x.status = $4 "
		"AND (x.stopped_at, x.execution_id) < ($5, $2) "
		"ORDER BY x.map_run_id DESC, x.stopped_at DESC, x.execution_id DESC LIMIT $3",
		5, {INT8OID, INT8OID, INT4OID, TEXTOID, TIMESTAMPTZOID}};
	Datum		values[5];
	uint64		n;
	MemoryContext old;

	values[0] = Int64GetDatum(state_machine_id);
	values[1] = Int64GetDatum(before_id);
	values[2] = Int32GetDatum(limit);
	values[3] = status != NULL ? CStringGetTextDatum(status) : (Datum) 0;
	values[4] = TimestampTzGetDatum(before_time);
	n = wf_sql(status == NULL ? &all : strcmp(status, "RUNNING") == 0 ? &running : &closed, values, NULL, 0);

	old = MemoryContextSwitchTo(context);
	*list = palloc_extended(sizeof(WfExecutionInfo) * Max(n, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < n; i++)
		read_info(i, &(*list)[i]);
	MemoryContextSwitchTo(old);
	return (int) n;
}
