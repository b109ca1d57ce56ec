/*
 * map_run.c - Map Runs; see map_run.h.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "pg/clock.h"
#include "pg/compat.h"
#include "store/map_run.h"
#include "store/ready.h"
#include "store/sql.h"
#include "store/stored_payload.h"
#include "store/table.h"

#define CHUNK_BYTES (64 * 1024)
#define CHUNK_ITEMS 256

static char
status_letter(WfExecutionStatus status)
{
	static const char letters[] = {
		[WF_RUNNING] = 'r', [WF_SUCCEEDED] = 's', [WF_FAILED] = 'f', [WF_TIMED_OUT] = 't', [WF_ABORTED] = 'a'
	};

	return letters[status];
}

static WfExecutionStatus
letter_status(char letter)
{
	switch (letter)
	{
		case 'r':
			return WF_RUNNING;
		case 's':
			return WF_SUCCEEDED;
		case 'f':
			return WF_FAILED;
		case 't':
			return WF_TIMED_OUT;
		default:
			return WF_ABORTED;
	}
}

/* --- the row --- */

void
wf_map_run_insert(int64 execution, int64 state_machine_id, int frame, int serial, const WfMapRunToStart *run,
				  TimestampTz at)
{
	static WfStatement insert = {"INSERT INTO workflow.map_run (execution_id, state_machine_id, frame, serial, uuid, label, "
		"block, express, writes_results, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id", 10,
	{INT8OID, INT8OID, INT4OID, INT4OID, TEXTOID, TEXTOID, INT4OID, BOOLOID, BOOLOID, TIMESTAMPTZOID}};
	static WfStatement insert_limit = {"INSERT INTO workflow.map_limit (map_run_id, max_concurrency, tolerated_failure_count, "
		"tolerated_failure_percentage) VALUES ($1, $2, $3, $4)", 4, {INT8OID, INT8OID, INT8OID, FLOAT8OID}};
	static WfStatement insert_progress = {"INSERT INTO workflow.map_progress (map_run_id) VALUES ($1)", 1, {INT8OID}};
	Datum		values[10];
	char		nulls[5] = "    ";

	values[0] = Int64GetDatum(execution);
	values[1] = Int64GetDatum(state_machine_id);
	values[2] = Int32GetDatum(frame);
	values[3] = Int32GetDatum(serial);
	values[4] = CStringGetTextDatum(run->uuid);
	values[5] = CStringGetTextDatum(run->label);
	values[6] = Int32GetDatum(run->block);
	values[7] = BoolGetDatum(run->express);
	values[8] = BoolGetDatum(run->writes_results);
	values[9] = TimestampTzGetDatum(at);
	wf_sql(&insert, values, NULL, 0);
	values[0] = Int64GetDatum(wf_sql_int64(0, 1));
	values[1] = Int64GetDatum(run->max_concurrency);
	values[2] = Int64GetDatum(run->tolerated_count);
	values[3] = Float8GetDatum(run->tolerated_percentage);
	if (run->tolerated_count < 0)
		nulls[2] = 'n';
	if (run->tolerated_percentage < 0)
		nulls[3] = 'n';
	wf_sql(&insert_limit, values, nulls, 0);
	wf_sql(&insert_progress, values, NULL, 0);
}

#define KEY_TYPES INT8OID, INT4OID, INT4OID
#define BY_KEY "WHERE execution_id = $1 AND frame = $2 AND serial = $3 "

static void
set_key(Datum *values, int64 execution, int frame, int serial)
{
	values[0] = Int64GetDatum(execution);
	values[1] = Int32GetDatum(frame);
	values[2] = Int32GetDatum(serial);
}

void
wf_map_run_items_read(int64 execution, int frame, int serial)
{
	static WfStatement update = {"UPDATE workflow.map_run SET items = coalesce((SELECT i.first + i.n FROM workflow.map_item i "
		"WHERE i.execution_id = $1 AND i.frame = $2 AND i.serial = $3 ORDER BY i.first DESC LIMIT 1), 0) " BY_KEY, 3,
	{KEY_TYPES}};
	Datum		values[3];

	set_key(values, execution, frame, serial);
	wf_sql(&update, values, NULL, 0);
}

void
wf_map_run_end(int64 execution, int frame, int serial, WfExecutionStatus status, TimestampTz at)
{
	static WfStatement update = {"UPDATE workflow.map_run SET status = $4, stopped_at = $5 " BY_KEY, 5,
	{KEY_TYPES, CHAROID, TIMESTAMPTZOID}};
	Datum		values[5];

	set_key(values, execution, frame, serial);
	values[3] = CharGetDatum(status_letter(status));
	values[4] = TimestampTzGetDatum(at);
	wf_sql(&update, values, NULL, 0);
}

void
wf_map_runs_abandon(int64 execution, Oid role, TimestampTz at)
{
	static WfStatement update = {"UPDATE workflow.map_run SET status = 'a', stopped_at = $2 "
		"WHERE execution_id = $1 AND status = 'r' RETURNING frame, serial", 2, {INT8OID, TIMESTAMPTZOID}};
	Datum		values[2] = {Int64GetDatum(execution), TimestampTzGetDatum(at)};
	uint64		n = wf_sql(&update, values, NULL, 0);

	/* The row that went on with it may be the one that could not. */
	for (uint64 i = 0; i < n; i++)
		wf_ready_add_map_run(role, execution, (int) wf_sql_int64(i, 1), (int) wf_sql_int64(i, 2), true);
}

#define NUMBERS "next_item, next_child, next_stopped, next_cleared, succeeded, failed, timed_out, aborted, " \
	"items_succeeded, items_failed, items_timed_out, items_aborted "
#define N_NUMBERS 12

/* The numbers that a turn changes, in the order of NUMBERS. */
static void
number_places(WfMapRun *run, int64 **places)
{
	int64	   *all[N_NUMBERS] = {&run->next_item, &run->next_child, &run->next_stopped, &run->next_cleared,
		&run->children.succeeded, &run->children.failed, &run->children.timed_out, &run->children.aborted,
	&run->counted.succeeded, &run->counted.failed, &run->counted.timed_out, &run->counted.aborted};

	memcpy(places, all, sizeof(all));
}

static bool
lock_progress(WfMapRun *run)
{
	static WfStatement lock = {"SELECT epoch, told, goes_on, " NUMBERS "FROM workflow.map_progress WHERE map_run_id = $1 "
		"ORDER BY epoch DESC LIMIT 1 FOR UPDATE SKIP LOCKED", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(run->id)};
	int64	   *places[N_NUMBERS];
	bool		isnull;

	if (wf_sql(&lock, values, NULL, 1) == 0)
		return false;
	run->epoch = (int) wf_sql_int64(0, 1);
	run->told = DatumGetBool(wf_sql_value(0, 2, &isnull));
	run->goes_on = DatumGetBool(wf_sql_value(0, 3, &isnull));
	number_places(run, places);
	for (int i = 0; i < N_NUMBERS; i++)
		*places[i] = wf_sql_int64(0, 4 + i);
	return true;
}

/* What others write is read when the lock is held: else a turn could miss what the one before it has left to it. */
WfLockResult
wf_map_run_lock(int64 execution, int frame, int serial, WfMapRun *run)
{
	static WfStatement find = {"SELECT id FROM workflow.map_run " BY_KEY, 3, {KEY_TYPES}};
	static WfStatement select = {"SELECT r.status, r.writes_results, coalesce(r.items, -1), l.max_concurrency, "
		"coalesce(l.tolerated_failure_count, -1), coalesce(l.tolerated_failure_percentage, -1) "
		"FROM workflow.map_run r JOIN workflow.map_limit l ON l.map_run_id = r.id WHERE r.id = $1", 1, {INT8OID}};
	Datum		values[3];
	bool		isnull;

	set_key(values, execution, frame, serial);
	if (wf_sql(&find, values, NULL, 1) == 0)
		return WF_LOCK_NO_ROW;
	run->id = wf_sql_int64(0, 1);
	if (!lock_progress(run))
		return WF_LOCK_BUSY;
	values[0] = Int64GetDatum(run->id);
	if (wf_sql(&select, values, NULL, 1) == 0)
		return WF_LOCK_NO_ROW;
	run->execution = execution;
	run->frame = frame;
	run->serial = serial;
	run->status = letter_status(DatumGetChar(wf_sql_value(0, 1, &isnull)));
	run->writes_results = DatumGetBool(wf_sql_value(0, 2, &isnull));
	run->items = wf_sql_int64(0, 3);
	run->max_concurrency = wf_sql_int64(0, 4);
	run->tolerated_count = wf_sql_int64(0, 5);
	run->tolerated_percentage = DatumGetFloat8(wf_sql_value(0, 6, &isnull));
	return WF_LOCK_HELD;
}

void
wf_map_run_update(WfMapRun *run)
{
	static WfStatement update = {"UPDATE workflow.map_progress SET (" NUMBERS ", goes_on, told, turn, epoch) = "
		"($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, turn + 1, (turn + 1) / 64) "
		"WHERE map_run_id = $1 AND epoch = $2 RETURNING epoch", 16, {INT8OID, INT4OID, INT8OID, INT8OID, INT8OID, INT8OID,
	INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, BOOLOID, BOOLOID}};
	int64	   *places[N_NUMBERS];
	Datum		values[N_NUMBERS + 4];

	values[0] = Int64GetDatum(run->id);
	values[1] = Int32GetDatum(run->epoch);
	number_places(run, places);
	for (int i = 0; i < N_NUMBERS; i++)
		values[i + 2] = Int64GetDatum(*places[i]);
	values[N_NUMBERS + 2] = BoolGetDatum(run->goes_on);
	values[N_NUMBERS + 3] = BoolGetDatum(run->told);
	if (wf_sql(&update, values, NULL, 0) != 1)
		elog(ERROR, "the progress of Map Run " INT64_FORMAT " has disappeared", run->id);
	run->epoch = (int) wf_sql_int64(0, 1);
}

/* --- children --- */

static void
add_count(WfMapCounts *counts, WfExecutionStatus status, int64 n)
{
	switch (status)
	{
		case WF_SUCCEEDED:
			counts->succeeded += n;
			break;
		case WF_FAILED:
			counts->failed += n;
			break;
		case WF_TIMED_OUT:
			counts->timed_out += n;
			break;
		case WF_ABORTED:
			counts->aborted += n;
			break;
		case WF_RUNNING:
			break;
	}
}

/*
 * One turn for all that end in a transaction: its ready row comes first, so that all their ids are higher.  A savepoint that
 * is rolled back may have taken that row with it, and a turn in the same transaction may have been it: then another is made.
 */
static LocalTransactionId announced_in = InvalidLocalTransactionId;
static int64 announced;

bool
wf_map_run_count_ended(WfMapRun *run, int64 from)
{
	static WfStatement delete = {"DELETE FROM workflow.map_ended WHERE map_run_id = $1 AND id > $2 RETURNING status, items",
		2, {INT8OID, INT8OID}};
	Datum		values[2] = {Int64GetDatum(run->id), Int64GetDatum(from)};
	uint64		n = wf_sql(&delete, values, NULL, 0);

	announced_in = InvalidLocalTransactionId;
	for (uint64 i = 0; i < n; i++)
	{
		bool		isnull;
		WfExecutionStatus status = letter_status(DatumGetChar(wf_sql_value(i, 1, &isnull)));

		add_count(&run->children, status, 1);
		add_count(&run->counted, status, wf_sql_int64(i, 2));
	}
	return n > 0;
}

/* Of a Map Run's children these: found in the index of executions by machine. */
#define IS_CHILD "e.state_machine_id = (SELECT o.state_machine_id FROM workflow.map_run o WHERE o.id = $1) " \
	"AND e.map_run_id = $1 AND e.map_index >= $2 AND e.map_index < $3 "

/* Read once in a transaction: a batch is mostly of few Map Runs. */
#define REMEMBERED 8
static struct
{
	LocalTransactionId transaction;
	WfMapRunInfo info;
}			infos[REMEMBERED];

#define SELECT_INFO "SELECT id, execution_id, frame, serial, block, express, label, uuid FROM workflow.map_run "

/* From the last result, tied to the current memory context. */
static void
read_info(WfMapRunInfo *info)
{
	bool		isnull;

	info->id = wf_sql_int64(0, 1);
	info->execution = wf_sql_int64(0, 2);
	info->frame = (int) wf_sql_int64(0, 3);
	info->serial = (int) wf_sql_int64(0, 4);
	info->block = (int) wf_sql_int64(0, 5);
	info->express = DatumGetBool(wf_sql_value(0, 6, &isnull));
	info->label = wf_sql_text(0, 7);
	info->uuid = wf_sql_text(0, 8);
}

const WfMapRunInfo *
wf_map_run_info(int64 id)
{
	static WfStatement select = {SELECT_INFO "WHERE id = $1", 1, {INT8OID}};
	int			place = (int) ((uint64) id % REMEMBERED);
	Datum		values[1] = {Int64GetDatum(id)};
	MemoryContext before;

	if (infos[place].transaction == wf_local_transaction() && infos[place].info.id == id)
		return &infos[place].info;
	infos[place].transaction = InvalidLocalTransactionId;
	if (wf_sql(&select, values, NULL, 1) == 0)
		return NULL;
	before = MemoryContextSwitchTo(TopTransactionContext);
	read_info(&infos[place].info);
	MemoryContextSwitchTo(before);
	infos[place].transaction = wf_local_transaction();
	return &infos[place].info;
}

const WfMapRunInfo *
wf_map_run_info_of(int64 execution, int frame, int serial)
{
	static WfStatement select = {SELECT_INFO BY_KEY, 3, {KEY_TYPES}};
	Datum		values[3];
	WfMapRunInfo *info;

	set_key(values, execution, frame, serial);
	if (wf_sql(&select, values, NULL, 1) == 0)
		return NULL;
	info = palloc(sizeof(WfMapRunInfo));
	read_info(info);
	return info;
}

static void
forget_announced(SubXactEvent event, SubTransactionId subtransaction, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		announced_in = InvalidLocalTransactionId;
}

static void
announce(int64 id, Oid role)
{
	static bool registered = false;
	const WfMapRunInfo *info = wf_map_run_info(id);

	if (!registered)
		RegisterSubXactCallback(forget_announced, NULL);
	registered = true;
	if (info == NULL)
		return;
	wf_ready_add_map_run(role, info->execution, info->frame, info->serial, false);
	announced_in = wf_local_transaction();
	announced = id;
}

void
wf_map_run_child_ended(int64 id, Oid role, WfExecutionStatus status, int items)
{
	Datum		values[4];

	if (announced_in != wf_local_transaction() || announced != id)
		announce(id, role);
	values[0] = Int64GetDatum(id);
	values[1] = Int64GetDatum(wf_table_nextval("execution_id"));
	values[2] = CharGetDatum(status_letter(status));
	values[3] = Int32GetDatum(items);
	wf_table_insert("map_ended", lengthof(values), values, NULL);
}

void
wf_map_run_outputs(int64 id, int64 from, int64 limit, StringInfo to)
{
	static WfStatement select = {"SELECT x.output FROM workflow.execution e "
		"JOIN workflow.execution_end x ON x.execution_id = e.id "
		"WHERE " IS_CHILD "AND x.status = 'SUCCEEDED' "
		"ORDER BY e.map_index", 3, {INT8OID, INT8OID, INT8OID}};
	Datum		values[3] = {Int64GetDatum(id), Int64GetDatum(from), Int64GetDatum(from + limit)};
	uint64		n = wf_sql(&select, values, NULL, 0);

	for (uint64 i = 0; i < n; i++)
	{
		char	   *text = wf_sql_text(i, 1);

		appendStringInfoString(to, text);
		appendStringInfoChar(to, ',');
		pfree(text);
	}
}

void
wf_map_run_reports(int64 id, int64 from, int64 limit, bool succeeded, StringInfo to)
{
	/* In the service's order and words; what it passes as text is text. */
	static WfStatement select = {"SELECT pg_catalog.json_strip_nulls(pg_catalog.json_build_object("
		"'Cause', x.cause, 'Error', x.error, 'ExecutionArn', v.arn, 'Input', e.input::text, "
		"'InputDetails', '{\"Included\":true}'::json, 'Name', v.name, 'Output', x.output::text, "
		"'OutputDetails', CASE WHEN x.output IS NOT NULL THEN '{\"Included\":true}'::json END, "
		"'StartDate', pg_catalog.to_char(e.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "
		"'StateMachineArn', workflow.state_machine_arn(m.name || '/' || r.label), 'Status', x.status, "
		"'StopDate', pg_catalog.to_char(x.stopped_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))) "
		"FROM workflow.execution e JOIN workflow.execution_end x ON x.execution_id = e.id "
		"JOIN workflow.map_run r ON r.id = e.map_run_id JOIN workflow.state_machine m ON m.id = e.state_machine_id "
		"CROSS JOIN LATERAL (SELECT workflow.generated_execution_name(e.id) AS name, CASE WHEN r.express "
		"THEN workflow.express_execution_arn(m.name || '/' || r.label, workflow.generated_execution_name(e.id), e.id) "
		"ELSE workflow.execution_arn(m.name || '/' || r.label, workflow.generated_execution_name(e.id)) END AS arn) v "
		"WHERE " IS_CHILD "AND (x.status = 'SUCCEEDED') = $4 "
		"ORDER BY e.map_index", 4, {INT8OID, INT8OID, INT8OID, BOOLOID}};
	Datum		values[4] = {Int64GetDatum(id), Int64GetDatum(from), Int64GetDatum(from + limit), BoolGetDatum(succeeded)};
	uint64		n = wf_sql(&select, values, NULL, 0);

	for (uint64 i = 0; i < n; i++)
	{
		char	   *text = wf_sql_text(i, 1);

		appendStringInfoString(to, to->len == 0 ? "[" : "");
		appendStringInfoString(to, text);
		appendStringInfoChar(to, ',');
		pfree(text);
	}
}

int64
wf_map_run_children(int64 id)
{
	static WfStatement select = {"SELECT next_child FROM workflow.map_progress WHERE map_run_id = $1 "
		"ORDER BY epoch DESC LIMIT 1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(id)};

	return wf_sql(&select, values, NULL, 1) == 0 ? 0 : wf_sql_int64(0, 1);
}

char *
wf_map_run_machine(int64 id)
{
	static WfStatement select = {"SELECT m.name FROM workflow.map_run r "
		"JOIN workflow.state_machine m ON m.id = r.state_machine_id WHERE r.id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(id)};

	return wf_sql(&select, values, NULL, 1) == 0 ? NULL : wf_sql_text(0, 1);
}

int
wf_map_run_live_children(int64 id, int64 from, int64 limit, int64 **executions)
{
	static WfStatement select = {"SELECT e.id FROM workflow.execution e WHERE " IS_CHILD
		"AND NOT EXISTS (SELECT FROM workflow.execution_end x WHERE x.execution_id = e.id)", 3,
	{INT8OID, INT8OID, INT8OID}};
	Datum		values[3] = {Int64GetDatum(id), Int64GetDatum(from), Int64GetDatum(from + limit)};
	int			n = (int) wf_sql(&select, values, NULL, 0);

	*executions = palloc(Max(n, 1) * sizeof(int64));
	for (int i = 0; i < n; i++)
		(*executions)[i] = wf_sql_int64(i, 1);
	return n;
}

/* --- items --- */

void
wf_items_begin(WfItemSink *sink, int64 execution, int frame, int serial)
{
	memset(sink, 0, sizeof(*sink));
	sink->execution = execution;
	sink->frame = frame;
	sink->serial = serial;
	initStringInfo(&sink->chunk);
}

static void
flush(WfItemSink *sink)
{
	Datum		values[6];
	text	   *items;

	appendStringInfoChar(&sink->chunk, ']');
	items = cstring_to_text_with_len(sink->chunk.data, sink->chunk.len);
	values[0] = Int64GetDatum(sink->execution);
	values[1] = Int32GetDatum(sink->frame);
	values[2] = Int32GetDatum(sink->serial);
	values[3] = Int64GetDatum(sink->flushed);
	values[4] = Int32GetDatum((int) (sink->n - sink->flushed));
	values[5] = PointerGetDatum(items);
	wf_table_insert("map_item", lengthof(values), values, NULL);
	pfree(items);
	sink->flushed = sink->n;
	resetStringInfo(&sink->chunk);
}

void
wf_items_add(WfItemSink *sink, const char *text, size_t length)
{
	appendStringInfoChar(&sink->chunk, sink->n == sink->flushed ? '[' : ',');
	appendBinaryStringInfo(&sink->chunk, text, (int) length);
	sink->n++;
	if (sink->chunk.len >= CHUNK_BYTES || sink->n - sink->flushed >= CHUNK_ITEMS)
		flush(sink);
}

void
wf_items_end(WfItemSink *sink)
{
	if (sink->n > sink->flushed)
		flush(sink);
	pfree(sink->chunk.data);
}

WfPayload *
wf_items_chunk(const WfMapRun *run, int64 item, int64 *first)
{
	static WfStatement select = {"SELECT first, items FROM workflow.map_item " BY_KEY "AND first <= $4 "
		"ORDER BY first DESC LIMIT 1", 4, {KEY_TYPES, INT8OID}};
	Datum		values[4];
	bool		isnull;

	set_key(values, run->execution, run->frame, run->serial);
	values[3] = Int64GetDatum(item);
	if (wf_sql(&select, values, NULL, 1) == 0)
		elog(ERROR, "item " INT64_FORMAT " of the Map Run " INT64_FORMAT " is missing", item, run->id);
	*first = wf_sql_int64(0, 1);
	return wf_stored_payload_once(wf_sql_value(0, 2, &isnull));
}

bool
wf_items_delete(WfMapRun *run, int limit)
{
	static WfStatement delete = {"WITH gone AS (DELETE FROM workflow.map_item " BY_KEY "AND first IN ("
		"SELECT first FROM workflow.map_item " BY_KEY "AND first >= $4 ORDER BY first LIMIT $5) RETURNING first + n AS next) "
		"SELECT count(*), coalesce(max(next), 0) FROM gone", 5, {KEY_TYPES, INT8OID, INT4OID}};
	Datum		values[5];

	set_key(values, run->execution, run->frame, run->serial);
	values[3] = Int64GetDatum(run->next_cleared);
	values[4] = Int32GetDatum(limit);
	wf_sql(&delete, values, NULL, 0);
	run->next_cleared = Max(run->next_cleared, wf_sql_int64(0, 2));
	return wf_sql_int64(0, 1) == limit;
}
