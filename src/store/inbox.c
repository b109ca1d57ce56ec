/*
 * inbox.c - what comes in from outside for an execution; see inbox.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/inbox.h"
#include "store/sql.h"
#include "store/state_machine.h"
#include "worker/worker.h"

bool
wf_inbox_add(const WfInbox *row, TimestampTz at)
{
	static WfStatement insert = {"INSERT INTO workflow.inbox (execution_id, kind, frame, serial, output, error, cause, "
		"worker, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id", 9,
	{INT8OID, CHAROID, INT4OID, INT4OID, JSONOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}};
	const char *texts[4] = {row->output, row->error, row->cause, row->worker};
	Datum		values[9];
	char		nulls[10] = "         ";

	values[0] = Int64GetDatum(row->execution);
	values[1] = CharGetDatum(row->kind);
	values[2] = Int32GetDatum(row->frame);
	values[3] = Int32GetDatum(row->serial);
	for (int i = 0; i < lengthof(texts); i++)
	{
		if (texts[i] == NULL)
			nulls[4 + i] = 'n';
		else
			values[4 + i] = CStringGetTextDatum(texts[i]);
	}
	values[8] = TimestampTzGetDatum(at);
	if (wf_sql(&insert, values, nulls, 0) == 0)
		return false;
	wf_wake_for_inbox(wf_sql_int64(0, 1));
	return true;
}

#define ANSWER_OF_TASK "WHERE execution_id = $1 AND frame = $2 AND serial = $3 AND kind IN ('r', 'f')"

void
wf_inbox_set_aside(const WfInbox *row)
{
	static WfStatement update = {"UPDATE workflow.inbox SET not_before = 'infinity' WHERE id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(row->id)};

	wf_sql(&update, values, NULL, 0);
}

void
wf_inbox_release(int64 execution, int frame, int serial)
{
	static WfStatement update = {"UPDATE workflow.inbox SET not_before = NULL " ANSWER_OF_TASK
		" AND not_before = 'infinity' RETURNING id", 3, {INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};

	if (wf_sql(&update, values, NULL, 0) > 0)
		wf_wake_for_inbox(wf_sql_int64(0, 1));
}

bool
wf_inbox_has_answer(int64 execution, int frame, int serial)
{
	static WfStatement select = {"SELECT FROM workflow.inbox " ANSWER_OF_TASK, 3, {INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};

	return wf_sql_now(&select, values, NULL, 1) > 0;
}

static char *
copy_text(MemoryContext context, uint64 row, int column)
{
	char	   *text = wf_sql_text(row, column);

	return text == NULL ? NULL : MemoryContextStrdup(context, text);
}

static int
read_rows(int n, MemoryContext context, WfInbox **rows)
{
	*rows = MemoryContextAlloc(context, Max(n, 1) * sizeof(WfInbox));
	for (int i = 0; i < n; i++)
	{
		WfInbox    *row = &(*rows)[i];
		bool		isnull;

		row->id = wf_sql_int64(i, 1);
		row->execution = wf_sql_int64(i, 2);
		row->kind = (WfInboxKind) DatumGetChar(wf_sql_value(i, 3, &isnull));
		row->frame = (int) wf_sql_int64(i, 4);
		row->serial = (int) wf_sql_int64(i, 5);
		row->output = copy_text(context, i, 6);
		row->error = copy_text(context, i, 7);
		row->cause = copy_text(context, i, 8);
		row->worker = copy_text(context, i, 9);
		row->kept = false;
	}
	return n;
}

#define COLUMNS "SELECT id, execution_id, kind, frame, serial, output, error, cause, worker FROM workflow.inbox "

int
wf_inbox_claim(int64 from, int skip, int limit, MemoryContext context, WfInbox **rows)
{
	static WfStatement select = {"WITH first AS (" COLUMNS
		"WHERE id >= $1 AND (not_before IS NULL OR not_before <= pg_catalog.now()) "
		"ORDER BY id LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED) SELECT * FROM first ORDER BY execution_id, id",
	3, {INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(from), Int32GetDatum(limit), Int32GetDatum(skip)};

	return read_rows((int) wf_sql(&select, values, NULL, 0), context, rows);
}

#define SET_ASIDE "WHERE execution_id = $1 AND not_before = 'infinity' "

int
wf_inbox_claim_set_aside(int64 execution, int64 from, int limit, MemoryContext context, WfInbox **rows)
{
	static WfStatement select = {COLUMNS SET_ASIDE "AND id >= $2 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED", 3,
	{INT8OID, INT8OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int64GetDatum(from), Int32GetDatum(limit)};

	return read_rows((int) wf_sql(&select, values, NULL, 0), context, rows);
}

void
wf_inbox_delete_set_aside(int64 execution)
{
	static WfStatement delete = {"DELETE FROM workflow.inbox " SET_ASIDE, 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(execution)};

	wf_sql(&delete, values, NULL, 0);
}

int64
wf_inbox_first(int64 from)
{
	static WfStatement select = {"SELECT id FROM workflow.inbox WHERE id >= $1 AND not_before IS DISTINCT FROM 'infinity' "
	"ORDER BY id LIMIT 1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(from)};

	return wf_sql(&select, values, NULL, 1) == 0 ? PG_INT64_MAX : wf_sql_int64(0, 1);
}

void
wf_inbox_delete(const WfInbox *row)
{
	static WfStatement delete = {"DELETE FROM workflow.inbox WHERE id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(row->id)};

	wf_sql(&delete, values, NULL, 0);
	if (row->kind == WF_INBOX_DELETE)
		wf_state_machines_bury_deleting();
}

void
wf_inbox_postpone(const WfInbox *row, int milliseconds)
{
	static WfStatement update = {"UPDATE workflow.inbox SET not_before = pg_catalog.now() + $2 * interval '1 ms' "
		"WHERE id = $1", 2, {INT8OID, INT4OID}};
	Datum		values[2] = {Int64GetDatum(row->id), Int32GetDatum(milliseconds)};

	wf_sql(&update, values, NULL, 0);
}
