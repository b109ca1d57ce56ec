/*
 * frame.c - where executions stand; see frame.h.
 *
 * A frame's small columns change with every wait; its payloads only when it enters another state.  An update that does
 * not carry a payload leaves its TOAST value where it is.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "pg/clock.h"
#include "store/frame.h"
#include "store/sql.h"
#include "store/stored_payload.h"

/* What stands in the column status: the first letter of the interpreter's word, but for these two. */
static const char status_letters[] = {
	[WF_FRAME_READY] = 'g', [WF_FRAME_TASK] = 't', [WF_FRAME_WAITING] = 'w', [WF_FRAME_RETRYING] = 'r',
	[WF_FRAME_JOINING] = 'j', [WF_FRAME_ENDED] = 'e'
};

/* A frame that has ended waits for its owner, out of the way of those that still run. */
#define ENDED_EPOCH -1
#define ENDED_EPOCH_TEXT CppAsString2(ENDED_EPOCH)

static WfFrameStatus
status_of_letter(char letter)
{
	for (int i = 0; i < lengthof(status_letters); i++)
		if (status_letters[i] == letter)
			return (WfFrameStatus) i;
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("a frame has the unknown status \"%c\"", letter)));
}

static int64
read_time(uint64 row, int column)
{
	bool		isnull;
	Datum		value = wf_sql_value(row, column, &isnull);

	return isnull ? 0 : wf_clock_to_unix(DatumGetTimestampTz(value));
}

static WfPayload *
read_payload(uint64 row, int column)
{
	bool		isnull;
	Datum		value = wf_sql_value(row, column, &isnull);

	return isnull ? NULL : wf_stored_payload(value);
}

/* The rows of the last result. */
static void
read_rows(uint64 n, WfFrameReader add, void *arg)
{
	for (uint64 i = 0; i < n; i++)
	{
		WfFrameRow	row;
		bool		isnull;

		row.id = (int) wf_sql_int64(i, 1);
		row.parent = (int) wf_sql_int64(i, 2);
		row.index = (int) wf_sql_int64(i, 3);
		row.block = (int) wf_sql_int64(i, 4);
		row.state = (int) wf_sql_int64(i, 5);
		row.status = status_of_letter(DatumGetChar(wf_sql_value(i, 6, &isnull)));
		row.serial = (int) wf_sql_int64(i, 7);
		row.entered_event = (int) wf_sql_int64(i, 8);
		row.attempt = (int) wf_sql_int64(i, 9);
		row.entered_at = read_time(i, 10);
		row.due_at = read_time(i, 11);
		row.heartbeat_due_at = read_time(i, 12);
		row.memory = wf_sql_text(i, 13);
		row.input = read_payload(i, 14);
		row.items = read_payload(i, 15);
		row.variables = read_payload(i, 16);
		row.result = read_payload(i, 17);
		add(&row, (int) wf_sql_int64(i, 18), arg);
	}
}

#define COLUMNS "SELECT id, parent, index, block, state, status, serial, entered_event, attempt, entered_at, due_at, " \
	"heartbeat_due_at, memory, input, items, variables, result, epoch FROM workflow.frame WHERE execution_id = $1 "

void
wf_frame_read(int64 execution, const WfEpochs *epochs, WfFrameReader add, void *arg)
{
	static WfStatement select = {COLUMNS "AND epoch >= $2 ORDER BY id", 2, {INT8OID, INT4OID}};
	Datum		values[2] = {Int64GetDatum(execution), Int32GetDatum(epochs->oldest)};

	read_rows(wf_sql(&select, values, NULL, 0), add, arg);
}

void
wf_frame_read_ended(int64 execution, int parent, WfFrameReader add, void *arg)
{
	static WfStatement select = {COLUMNS "AND epoch = " ENDED_EPOCH_TEXT " AND parent = $2 ORDER BY id", 2, {INT8OID, INT4OID}};
	Datum		values[2] = {Int64GetDatum(execution), Int32GetDatum(parent)};

	read_rows(wf_sql(&select, values, NULL, 0), add, arg);
}

#undef COLUMNS

/* --- writing --- */

static Datum
payload_datum(WfPayload *payload)
{
	size_t		length;
	const char *text = wf_payload_text(payload, &length);

	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return PointerGetDatum(cstring_to_text_with_len(text, length));
}

static void
set_time(Datum *values, char *nulls, int i, int64 time)
{
	nulls[i] = time == 0 ? 'n' : ' ';
	values[i] = TimestampTzGetDatum(wf_clock_from_unix(time));
}

static void
set_payload(Datum *values, char *nulls, int i, WfPayload *payload)
{
	nulls[i] = payload == NULL ? 'n' : ' ';
	if (payload != NULL)
		values[i] = payload_datum(payload);
}

int
wf_frame_epoch(const WfFrameRow *row, const WfEpochs *epochs)
{
	return row->status == WF_FRAME_ENDED ? ENDED_EPOCH : epochs->present;
}

/* The columns that every write carries: parameters 1 to 14. */
static void
set_small_columns(Datum *values, char *nulls, int64 execution, int epoch, const WfFrameRow *row, const char *state_name)
{
	values[0] = Int64GetDatum(execution);
	values[1] = Int32GetDatum(row->id);
	values[2] = Int32GetDatum(row->state);
	values[3] = CharGetDatum(status_letters[row->status]);
	values[4] = Int32GetDatum(row->serial);
	values[5] = Int32GetDatum(row->entered_event);
	values[6] = Int32GetDatum(row->attempt);
	set_time(values, nulls, 7, row->entered_at);
	nulls[7] = ' ';				/* a frame that has just been made has not entered its state: the epoch */
	set_time(values, nulls, 8, row->due_at);
	set_time(values, nulls, 9, row->heartbeat_due_at);
	values[10] = CStringGetTextDatum(state_name);
	values[11] = CStringGetTextDatum(row->memory);
	set_payload(values, nulls, 12, row->result);
	values[13] = Int32GetDatum(epoch);
}

#define SMALL_TYPES INT8OID, INT4OID, INT4OID, CHAROID, INT4OID, INT4OID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID, \
	TIMESTAMPTZOID, TEXTOID, JSONOID, JSONOID, INT4OID

void
wf_frame_insert(int64 execution, int epoch, const WfFrameRow *row, const char *state_name)
{
	static WfStatement insert = {"INSERT INTO workflow.frame (execution_id, id, state, status, serial, entered_event, "
		"attempt, entered_at, due_at, heartbeat_due_at, state_name, memory, result, epoch, parent, index, block, input, "
		"items, variables) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
		"$20)", 20, {SMALL_TYPES, INT4OID, INT4OID, INT4OID, JSONOID, JSONOID, JSONOID}};
	Datum		values[20];
	char		nulls[21] = "                    ";

	set_small_columns(values, nulls, execution, epoch, row, state_name);
	values[14] = Int32GetDatum(row->parent);
	values[15] = Int32GetDatum(row->index);
	values[16] = Int32GetDatum(row->block);
	set_payload(values, nulls, 17, row->input);
	set_payload(values, nulls, 18, row->items);
	set_payload(values, nulls, 19, row->variables);
	wf_sql(&insert, values, nulls, 0);
}

void
wf_frame_update(int64 execution, int before, int epoch, const WfFrameRow *row, const char *state_name,
				const WfFrameParts *parts)
{
#define SET_SMALL "UPDATE workflow.frame SET state = $3, status = $4, serial = $5, entered_event = $6, attempt = $7, " \
	"entered_at = $8, due_at = $9, heartbeat_due_at = $10, state_name = $11, memory = $12, result = $13, epoch = $14"
#define THIS_FRAME " WHERE execution_id = $1 AND epoch = $15 AND id = $2"
	static WfStatement small = {SET_SMALL THIS_FRAME, 15, {SMALL_TYPES, INT4OID}};
	static WfStatement with_payloads = {SET_SMALL ", input = $16, items = $17, variables = $18" THIS_FRAME, 18,
	{SMALL_TYPES, INT4OID, JSONOID, JSONOID, JSONOID}};
#undef SET_SMALL
#undef THIS_FRAME
	Datum		values[18];
	char		nulls[19] = "                  ";
	bool		carries_payloads = parts->input || parts->items || parts->variables;

	set_small_columns(values, nulls, execution, epoch, row, state_name);
	values[14] = Int32GetDatum(before);
	if (carries_payloads)
	{
		set_payload(values, nulls, 15, row->input);
		set_payload(values, nulls, 16, row->items);
		set_payload(values, nulls, 17, row->variables);
	}
	if (wf_sql(carries_payloads ? &with_payloads : &small, values, nulls, 0) != 1)
		elog(ERROR, "frame %d of execution " INT64_FORMAT " has disappeared", row->id, execution);
}

static Datum
make_array(const int *numbers, int n)
{
	Datum	   *elements = palloc(n * sizeof(Datum));

	for (int i = 0; i < n; i++)
		elements[i] = Int32GetDatum(numbers[i]);
	return PointerGetDatum(construct_array(elements, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

/* Each by its whole key: as a join, a planner that takes an execution for a row or two reads all its frames for them. */
void
wf_frame_delete(int64 execution, const int *epochs, const int *frames, int n)
{
	static WfStatement delete = {"DELETE FROM workflow.frame WHERE ctid = ANY (ARRAY (SELECT f.ctid "
		"FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS gone (epoch, id), "
		"LATERAL (SELECT ctid FROM workflow.frame WHERE execution_id = $1 AND epoch = gone.epoch AND id = gone.id OFFSET 0) f))",
	3, {INT8OID, INT4ARRAYOID, INT4ARRAYOID}};
	Datum		values[3];

	values[0] = Int64GetDatum(execution);
	values[1] = make_array(epochs, n);
	values[2] = make_array(frames, n);
	if (wf_sql(&delete, values, NULL, 0) != n)
		elog(ERROR, "frames of execution " INT64_FORMAT " have disappeared", execution);
}

void
wf_frame_move(int64 execution, const WfEpochs *epochs)
{
	static WfStatement update = {"UPDATE workflow.frame SET epoch = $3 WHERE execution_id = $1 AND epoch >= $2 AND epoch < $3",
	3, {INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(epochs->oldest), Int32GetDatum(epochs->present)};

	wf_sql(&update, values, NULL, 0);
}

int
wf_frame_waits(int64 execution, WfFrameWait **waits)
{
	static WfStatement select = {"SELECT id, serial, due_at, heartbeat_due_at FROM workflow.frame "
	"WHERE execution_id = $1 AND epoch > " ENDED_EPOCH_TEXT " AND serial <> 0", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(execution)};
	int			n = (int) wf_sql(&select, values, NULL, 0);

	*waits = palloc(Max(n, 1) * sizeof(WfFrameWait));
	for (int i = 0; i < n; i++)
		(*waits)[i] = (WfFrameWait) {
			(int) wf_sql_int64(i, 1), (int) wf_sql_int64(i, 2), read_time(i, 3), read_time(i, 4)
		};
	return n;
}

bool
wf_frame_has_task(int64 execution, int frame, int serial)
{
	static WfStatement select = {"SELECT FROM workflow.frame WHERE execution_id = $1 AND epoch >= "
		"(SELECT max(l.oldest_epoch) FROM workflow.live_execution l WHERE l.execution_id = $1) "
		"AND id = $2 AND serial = $3 AND status = 't' AND NOT EXISTS (SELECT FROM workflow.timer t "
		"WHERE t.due_at = 'infinity' AND t.execution_id = $1 AND t.frame = $2 AND t.kind = 'f' AND t.serial = $3)", 3,
	{INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};

	return wf_sql_now(&select, values, NULL, 1) > 0;
}
