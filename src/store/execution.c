/*
 * execution.c - executions: what they are, that they wait, how they ended; see execution.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/compat.h"
#include "store/execution.h"
#include "store/inbox.h"
#include "store/map_run.h"
#include "store/ready.h"
#include "store/sql.h"
#include "store/stored_payload.h"
#include "store/table.h"
#include "worker/worker.h"

#define TEXT_OR_NULL(text) ((text) != NULL ? CStringGetTextDatum(text) : (Datum) 0)
#define NULL_IF(condition) ((condition) ? 'n' : ' ')

/* The columns of these tables, in their order. */
enum
{
	EXECUTION_ID, EXECUTION_STATE_MACHINE_ID, EXECUTION_REVISION_ID, EXECUTION_NAME, EXECUTION_INPUT, EXECUTION_STARTED_AT,
	EXECUTION_TRACE_HEADER, EXECUTION_PARENT_ID, EXECUTION_MAP_RUN_ID, EXECUTION_MAP_INDEX, EXECUTION_MAP_ITEMS, EXECUTION_COLUMNS
};
enum
{
	END_EXECUTION_ID, END_STATE_MACHINE_ID, END_MAP_RUN_ID, END_STATUS, END_STOPPED_AT, END_OUTPUT, END_ERROR, END_CAUSE, END_COLUMNS
};

/* --- start --- */

int64
wf_execution_next_id(void)
{
	return wf_table_nextval("execution_id");
}

static bool
take_name(int64 state_machine_id, const char *name, int64 id)
{
	static WfStatement insert = {"INSERT INTO workflow.execution_name (state_machine_id, name, execution_id) "
		"VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", 3, {INT8OID, TEXTOID, INT8OID}};
	Datum		values[3];

	values[0] = Int64GetDatum(state_machine_id);
	values[1] = CStringGetTextDatum(name);
	values[2] = Int64GetDatum(id);
	return wf_sql(&insert, values, NULL, 0) > 0;
}

static void
insert(int64 id, int64 state_machine_id, int64 revision_id, const char *name, const char *input, TimestampTz started_at,
	   const char *trace_header, int64 parent, int64 map_run, int64 index, int items)
{
	Datum		values[EXECUTION_COLUMNS];
	bool		nulls[EXECUTION_COLUMNS] = {false};

	values[EXECUTION_ID] = Int64GetDatum(id);
	values[EXECUTION_STATE_MACHINE_ID] = Int64GetDatum(state_machine_id);
	values[EXECUTION_REVISION_ID] = Int64GetDatum(revision_id);
	values[EXECUTION_NAME] = TEXT_OR_NULL(name);
	nulls[EXECUTION_NAME] = name == NULL;
	values[EXECUTION_INPUT] = CStringGetTextDatum(input);
	values[EXECUTION_STARTED_AT] = TimestampTzGetDatum(started_at);
	values[EXECUTION_TRACE_HEADER] = TEXT_OR_NULL(trace_header);
	nulls[EXECUTION_TRACE_HEADER] = trace_header == NULL;
	values[EXECUTION_PARENT_ID] = Int64GetDatum(parent);
	nulls[EXECUTION_PARENT_ID] = parent == 0;
	values[EXECUTION_MAP_RUN_ID] = Int64GetDatum(map_run);
	values[EXECUTION_MAP_INDEX] = Int64GetDatum(index);
	values[EXECUTION_MAP_ITEMS] = Int32GetDatum(items);
	nulls[EXECUTION_MAP_RUN_ID] = nulls[EXECUTION_MAP_INDEX] = nulls[EXECUTION_MAP_ITEMS] = map_run == 0;
	wf_table_insert("execution", EXECUTION_COLUMNS, values, nulls);
}

static int64
create(int64 state_machine_id, int64 revision_id, Oid role, const char *name, bool unique, const char *input,
	   const char *trace_header, int64 parent, TimestampTz *started_at)
{
	int64		id = wf_execution_next_id();

	if (name != NULL && unique && !take_name(state_machine_id, name, id))
		return 0;
	*started_at = wf_clock_now();
	insert(id, state_machine_id, revision_id, name, input, *started_at, trace_header, parent, 0, 0, 0);
	wf_ready_add_start(role, id);
	return id;
}

int64
wf_execution_create(int64 state_machine_id, int64 revision_id, Oid role, const char *name, const char *input,
					const char *trace_header, int64 parent, TimestampTz *started_at)
{
	return create(state_machine_id, revision_id, role, name, true, input, trace_header, parent, started_at);
}

int64
wf_execution_create_child(int64 state_machine_id, int64 revision_id, Oid role, int64 map_run, int64 index, int items,
						  const char *input)
{
	int64		id = wf_execution_next_id();

	insert(id, state_machine_id, revision_id, NULL, input, wf_clock_now(), NULL, 0, map_run, index, items);
	wf_ready_add_start(role, id);
	return id;
}

int64
wf_execution_create_express(int64 state_machine_id, int64 revision_id, Oid role, const char *name, const char *input,
							const char *trace_header, int64 parent, TimestampTz *started_at)
{
	return create(state_machine_id, revision_id, role, name, false, input, trace_header, parent, started_at);
}

void
wf_execution_request_stop(int64 execution, WfInboxKind kind, const char *error, const char *cause, TimestampTz at)
{
	WfInbox		row = {.execution = execution, .kind = kind, .error = unconstify(char *, error), .cause = unconstify(char *, cause)};

	(void) wf_inbox_add(&row, at);
}

/* --- generated names --- */

/*
 * A name that looks like any UUID and holds the id: 64 bits of it, mixed by a reversible function so that neighbours look
 * unalike, around the version and variant bits; the other 58 bits are a hash of them, and checked when read back.
 */
static uint64
mix(uint64 x)
{
	x ^= x >> 32;
	x *= UINT64CONST(0xd6e8feb86659fd93);
	x ^= x >> 32;
	x *= UINT64CONST(0xd6e8feb86659fd93);
	x ^= x >> 32;
	return x;
}

static uint64
unmix(uint64 x)
{
	/* the multiplier's inverse modulo 2^64 */
	x ^= x >> 32;
	x *= UINT64CONST(0xcfee444d8b59a89b);
	x ^= x >> 32;
	x *= UINT64CONST(0xcfee444d8b59a89b);
	x ^= x >> 32;
	return x;
}

void
wf_execution_generated_name(int64 execution, char *name)
{
	uint64		mixed = mix((uint64) execution);
	uint64		rest = mix(mixed ^ UINT64CONST(0x776f726b666c6f77));

	snprintf(name, WF_GENERATED_NAME_SIZE, "%08x-%04x-8%03x-%04x-%04x%08x",
			 (uint32) (mixed >> 32), (uint32) (mixed >> 16) & 0xffff, (uint32) rest & 0xfff,
			 0x8000 | ((uint32) (rest >> 12) & 0x3fff), (uint32) mixed & 0xffff, (uint32) (rest >> 26));
}

int64
wf_execution_by_generated_name(const char *name)
{
	unsigned int high,
				middle,
				version,
				variant,
				low,
				rest;
	char		again[WF_GENERATED_NAME_SIZE];
	int64		id;

	if (strlen(name) != WF_GENERATED_NAME_SIZE - 1 ||
		sscanf(name, "%8x-%4x-%4x-%4x-%4x%8x", &high, &middle, &version, &variant, &low, &rest) != 6)
		return 0;
	id = (int64) unmix(((uint64) high << 32) | ((uint64) middle << 16) | low);
	if (id <= 0)
		return 0;
	wf_execution_generated_name(id, again);
	return strcmp(name, again) == 0 ? id : 0;
}

/* The UUID of an EXPRESS execution: of the id's complement, and so never what its name could be. */
char *
wf_execution_arn(const char *state_machine, bool express, const char *name, int64 execution)
{
	char		uuid[WF_GENERATED_NAME_SIZE];

	if (!express)
		return wf_arn_execution(state_machine, name);
	wf_execution_generated_name(~execution, uuid);
	return wf_arn_express(state_machine, name, uuid);
}

/* --- what the engine reads and writes --- */

/*
 * What is the same for all executions of a revision, read once in a transaction: a batch is mostly of few revisions.  It may
 * change meanwhile in one thing, that the machine is being deleted; who deletes it looks after what runs (inbox rows), and
 * has this session forget.
 */
typedef struct Revision
{
	LocalTransactionId transaction;
	int64		id;
	char	   *state_machine_name;
	Oid			owner;
	Oid			role;
	char	   *role_arn;
	bool		deleting;
	bool		express;
	WfLogging	logging;
} Revision;

#define REMEMBERED 16
static Revision revisions[REMEMBERED];

void
wf_execution_forget_revisions(void)
{
	memset(revisions, 0, sizeof(revisions));
}

static const Revision *
read_revision(int64 id)
{
	static WfStatement select = {"SELECT m.name, r.run_as, r.role_arn, m.status = 'DELETING', m.owner, "
		"m.type = 'EXPRESS', coalesce(r.configuration #>> '{loggingConfiguration,level}', 'OFF'), "
		"coalesce((r.configuration #>> '{loggingConfiguration,includeExecutionData}')::boolean, false) "
		"FROM workflow.state_machine_revision r JOIN workflow.state_machine m ON m.id = r.state_machine_id "
		"WHERE r.id = $1", 1, {INT8OID}};
	Revision   *revision = &revisions[(uint64) id % REMEMBERED];
	Datum		values[1] = {Int64GetDatum(id)};
	MemoryContext before;
	bool		isnull;

	if (revision->transaction == wf_local_transaction() && revision->id == id)
		return revision;
	revision->transaction = InvalidLocalTransactionId;
	if (wf_sql(&select, values, NULL, 1) == 0)
		return NULL;
	before = MemoryContextSwitchTo(TopTransactionContext);
	revision->id = id;
	revision->state_machine_name = wf_sql_text(0, 1);
	revision->role = (Oid) wf_sql_int64(0, 2);
	revision->role_arn = wf_sql_text(0, 3);
	revision->deleting = DatumGetBool(wf_sql_value(0, 4, &isnull));
	revision->owner = (Oid) wf_sql_int64(0, 5);
	revision->express = DatumGetBool(wf_sql_value(0, 6, &isnull));
	revision->logging.level = wf_log_level(wf_sql_text(0, 7));
	revision->logging.with_data = DatumGetBool(wf_sql_value(0, 8, &isnull));
	MemoryContextSwitchTo(before);
	revision->transaction = wf_local_transaction();
	return revision;
}

bool
wf_execution_read_revision(int64 revision_id, WfStoredExecution *stored)
{
	const Revision *revision = read_revision(revision_id);

	if (revision == NULL)
		return false;
	stored->machine_name = stored->state_machine_name = pstrdup(revision->state_machine_name);
	stored->owner = revision->owner;
	stored->role = revision->role;
	stored->role_arn = pstrdup(revision->role_arn);
	stored->deleting = revision->deleting;
	stored->express = revision->express;
	stored->logging = revision->logging;
	return true;
}

/* A Map Run's child runs a part of its machine's definition, under a name and a type of its own. */
static void
read_map_run(WfStoredExecution *stored)
{
	const WfMapRunInfo *map = wf_map_run_info(stored->map_run);

	stored->block = map != NULL ? map->block : -1;
	if (map == NULL)
		return;
	stored->state_machine_name = psprintf("%s/%s", stored->machine_name, map->label);
	stored->express = map->express;
}

bool
wf_execution_read(int64 execution, bool once, WfStoredExecution *stored)
{
	Datum		values[EXECUTION_COLUMNS];
	bool		nulls[EXECUTION_COLUMNS];

	if (!wf_table_fetch("execution", execution, EXECUTION_COLUMNS, values, nulls))
		return false;
	stored->state_machine_id = DatumGetInt64(values[EXECUTION_STATE_MACHINE_ID]);
	stored->revision_id = DatumGetInt64(values[EXECUTION_REVISION_ID]);
	if (!wf_execution_read_revision(stored->revision_id, stored))
		return false;
	stored->named = !nulls[EXECUTION_NAME];
	if (stored->named)
		stored->name = TextDatumGetCString(values[EXECUTION_NAME]);
	else
	{
		stored->name = palloc(WF_GENERATED_NAME_SIZE);
		wf_execution_generated_name(execution, stored->name);
	}
	stored->input = once ? wf_stored_payload_once(values[EXECUTION_INPUT]) : wf_stored_payload(values[EXECUTION_INPUT]);
	stored->started_at = DatumGetTimestampTz(values[EXECUTION_STARTED_AT]);
	stored->parent = nulls[EXECUTION_PARENT_ID] ? 0 : DatumGetInt64(values[EXECUTION_PARENT_ID]);
	stored->map_run = nulls[EXECUTION_MAP_RUN_ID] ? 0 : DatumGetInt64(values[EXECUTION_MAP_RUN_ID]);
	stored->map_items = stored->map_run == 0 ? 0 : DatumGetInt32(values[EXECUTION_MAP_ITEMS]);
	stored->block = 0;
	if (stored->map_run != 0)
		read_map_run(stored);
	return true;
}

const char *
wf_execution_definition_text(int64 revision_id)
{
	static WfStatement select = {"SELECT definition FROM workflow.state_machine_revision WHERE id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(revision_id)};

	if (wf_sql(&select, values, NULL, 1) == 0)
		elog(ERROR, "revision " INT64_FORMAT " is missing", revision_id);
	return wf_sql_text(0, 1);
}

int
wf_epoch_of_event(int event)
{
	return event / 64;
}

/* The columns of the last result. */
static void
read_live_row(WfExecutionRow *row, WfEpochs *epochs)
{
	bool		isnull;
	Datum		timeout_at = wf_sql_value(0, 7, &isnull);

	row->timeout_at = isnull ? 0 : wf_clock_to_unix(DatumGetTimestampTz(timeout_at));
	row->last_event = (int) wf_sql_int64(0, 1);
	row->last_event_at = wf_clock_to_unix(DatumGetTimestampTz(wf_sql_value(0, 2, &isnull)));
	row->next_frame = (int) wf_sql_int64(0, 3);
	row->next_serial = (int) wf_sql_int64(0, 4);
	epochs->present = (int) wf_sql_int64(0, 5);
	epochs->oldest = (int) wf_sql_int64(0, 6);
}

/* From the index's end: the present row comes first. */
#define COLUMNS "SELECT last_event_id, last_event_at, next_frame, next_serial, epoch, oldest_epoch, timeout_at "
#define NEWEST "FROM workflow.live_execution WHERE execution_id = $1 ORDER BY epoch DESC LIMIT 1"

WfLockResult
wf_live_execution_lock(int64 execution, bool wait, WfExecutionRow *row, WfEpochs *epochs)
{
	static WfStatement lock = {COLUMNS NEWEST " FOR UPDATE", 1, {INT8OID}};
	static WfStatement try_lock = {COLUMNS NEWEST " FOR UPDATE SKIP LOCKED", 1, {INT8OID}};
	static WfStatement exists = {"SELECT " NEWEST, 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(execution)};

	if (wf_sql(wait ? &lock : &try_lock, values, NULL, 1) == 0)
		return !wait && wf_sql(&exists, values, NULL, 1) > 0 ? WF_LOCK_BUSY : WF_LOCK_NO_ROW;
	read_live_row(row, epochs);
	return WF_LOCK_HELD;
}

bool
wf_live_execution_read(int64 execution, WfExecutionRow *row, WfEpochs *epochs)
{
	static WfStatement select = {COLUMNS NEWEST, 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(execution)};

	if (wf_sql(&select, values, NULL, 1) == 0)
		return false;
	read_live_row(row, epochs);
	return true;
}

static Datum *
columns_of(int64 execution, const WfExecutionRow *row, const WfEpochs *epochs, char *nulls)
{
	static Datum values[9];

	memcpy(nulls, "         ", 10);
	values[0] = Int64GetDatum(execution);
	values[1] = Int32GetDatum(row->last_event);
	values[2] = TimestampTzGetDatum(wf_clock_from_unix(row->last_event_at));
	values[3] = Int32GetDatum(row->next_frame);
	values[4] = Int32GetDatum(row->next_serial);
	values[5] = Int32GetDatum(epochs->present);
	values[6] = Int32GetDatum(epochs->oldest);
	values[7] = TimestampTzGetDatum(wf_clock_from_unix(row->timeout_at));
	nulls[7] = NULL_IF(row->timeout_at == 0);
	return values;
}

#define TYPES INT8OID, INT4OID, TIMESTAMPTZOID, INT4OID, INT4OID, INT4OID, INT4OID, TIMESTAMPTZOID

void
wf_live_execution_insert(int64 execution, const WfExecutionRow *row, const WfEpochs *epochs)
{
	static WfStatement insert = {"INSERT INTO workflow.live_execution (execution_id, last_event_id, last_event_at, "
		"next_frame, next_serial, epoch, oldest_epoch, timeout_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", 8, {TYPES}};
	char		nulls[10];
	Datum	   *values = columns_of(execution, row, epochs, nulls);

	wf_sql(&insert, values, nulls, 0);
}

void
wf_live_execution_update(int64 execution, const WfExecutionRow *row, const WfEpochs *epochs, int before)
{
	static WfStatement update = {"UPDATE workflow.live_execution SET last_event_id = $2, last_event_at = $3, "
		"next_frame = $4, next_serial = $5, epoch = $6, oldest_epoch = $7, timeout_at = $8 "
		"WHERE execution_id = $1 AND epoch = $9", 9, {TYPES, INT4OID}};
	char		nulls[10];
	Datum	   *values = columns_of(execution, row, epochs, nulls);

	values[8] = Int32GetDatum(before);
	if (wf_sql(&update, values, nulls, 0) != 1)
		elog(ERROR, "the row of the live execution " INT64_FORMAT " has disappeared", execution);
}

void
wf_execution_write(int64 execution, const WfStoredExecution *stored, const char *trace_header)
{
	insert(execution, stored->state_machine_id, stored->revision_id, stored->name, wf_payload_text(stored->input, NULL),
		   stored->started_at, trace_header, 0, 0, 0, 0);
}

void
wf_execution_write_end(int64 execution, int64 state_machine_id, int64 map_run, bool was_live, WfExecutionStatus status,
					   TimestampTz at, const char *output, const char *error, const char *cause)
{
	static WfStatement delete_live = {"DELETE FROM workflow.live_execution WHERE execution_id = $1", 1, {INT8OID}};
	static WfStatement delete_frames = {"DELETE FROM workflow.frame WHERE execution_id = $1", 1, {INT8OID}};
	Datum		values[END_COLUMNS];
	bool		nulls[END_COLUMNS] = {false};

	values[END_EXECUTION_ID] = Int64GetDatum(execution);
	if (was_live)
	{
		wf_sql(&delete_live, values, NULL, 0);
		wf_sql(&delete_frames, values, NULL, 0);
	}
	values[END_STATE_MACHINE_ID] = Int64GetDatum(state_machine_id);
	values[END_MAP_RUN_ID] = Int64GetDatum(map_run);
	nulls[END_MAP_RUN_ID] = map_run == 0;
	values[END_STATUS] = CStringGetTextDatum(wf_execution_status_word(status));
	values[END_STOPPED_AT] = TimestampTzGetDatum(at);
	values[END_OUTPUT] = TEXT_OR_NULL(output);
	nulls[END_OUTPUT] = output == NULL;
	values[END_ERROR] = TEXT_OR_NULL(error);
	nulls[END_ERROR] = error == NULL;
	values[END_CAUSE] = TEXT_OR_NULL(cause);
	nulls[END_CAUSE] = cause == NULL;
	wf_table_insert("execution_end", END_COLUMNS, values, nulls);
	wf_wake_for_end(execution);
}

char *
wf_execution_end_status(int64 execution)
{
	Datum		values[END_COLUMNS];
	bool		nulls[END_COLUMNS];

	if (!wf_table_fetch("execution_end", execution, END_COLUMNS, values, nulls))
		return NULL;
	return TextDatumGetCString(values[END_STATUS]);
}

bool
wf_execution_has_ended(int64 execution)
{
	return wf_execution_end_status(execution) != NULL;
}

static WfExecutionStatus
status_of_word(const char *word)
{
	for (int status = WF_RUNNING; status <= WF_ABORTED; status++)
		if (strcmp(wf_execution_status_word((WfExecutionStatus) status), word) == 0)
			return (WfExecutionStatus) status;
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("an execution has the unknown status \"%s\"", word)));
}

bool
wf_execution_read_end(int64 execution, WfStoredEnd *end)
{
	Datum		values[END_COLUMNS];
	bool		nulls[END_COLUMNS];

	if (!wf_table_fetch("execution_end", execution, END_COLUMNS, values, nulls))
		return false;
	end->status = status_of_word(TextDatumGetCString(values[END_STATUS]));
	end->stopped_at = DatumGetTimestampTz(values[END_STOPPED_AT]);
	end->output = nulls[END_OUTPUT] ? NULL : TextDatumGetCString(values[END_OUTPUT]);
	end->error = nulls[END_ERROR] ? NULL : TextDatumGetCString(values[END_ERROR]);
	end->cause = nulls[END_CAUSE] ? NULL : TextDatumGetCString(values[END_CAUSE]);
	return true;
}
