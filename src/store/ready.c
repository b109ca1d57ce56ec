/*
 * ready.c - work that a pool worker can do now; see ready.h.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/ipc.h"
#include "storage/lock.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "pg/compat.h"
#include "store/ready.h"
#include "store/sql.h"
#include "store/table.h"
#include "worker/worker.h"

/* The columns, in their order. */
enum
{
	READY_ROLE, READY_ID, READY_EXECUTION_ID, READY_KIND, READY_FRAME, READY_SERIAL, READY_STARTED, READY_ALONE,
	READY_NOT_BEFORE, READY_COLUMNS
};

static void
add(Oid role, int64 id, int64 execution, WfReadyKind kind, int frame, int serial, bool alone)
{
	Datum		values[READY_COLUMNS] = {0};
	bool		nulls[READY_COLUMNS] = {false};

	values[READY_ROLE] = ObjectIdGetDatum(role);
	values[READY_ID] = Int64GetDatum(id);
	values[READY_EXECUTION_ID] = Int64GetDatum(execution);
	values[READY_KIND] = CharGetDatum(kind);
	values[READY_FRAME] = Int32GetDatum(frame);
	values[READY_SERIAL] = Int32GetDatum(serial);
	values[READY_STARTED] = BoolGetDatum(false);
	values[READY_ALONE] = BoolGetDatum(alone);
	nulls[READY_NOT_BEFORE] = true;
	wf_table_insert("ready", READY_COLUMNS, values, nulls);
	wf_wake_for_ready(role);
}

void
wf_ready_add_start(Oid role, int64 execution)
{
	add(role, execution, execution, WF_READY_START, 0, 0, false);
}

void
wf_ready_add_go_on(Oid role, int64 execution, bool alone)
{
	add(role, wf_table_nextval("execution_id"), execution, WF_READY_GO_ON, 0, 0, alone);
}

void
wf_ready_add_map_run(Oid role, int64 execution, int frame, int serial, bool goes_on)
{
	add(role, wf_table_nextval("execution_id"), execution, goes_on ? WF_READY_MAP_RUN_ON : WF_READY_MAP_RUN, frame, serial,
		false);
}

void
wf_ready_add_task(Oid role, int64 execution, int frame, int serial, bool alone)
{
	add(role, wf_table_nextval("execution_id"), execution, WF_READY_TASK, frame, serial, alone);
}

/* The execution waits, so no start row of its has this key. */
void
wf_ready_add_set_aside(Oid role, int64 execution)
{
	add(role, execution, execution, WF_READY_SET_ASIDE, 0, 0, true);
}

static void
read_row(uint64 i, WfReady *row)
{
	bool		isnull;

	row->role = (Oid) wf_sql_int64(i, 1);
	row->id = wf_sql_int64(i, 2);
	row->execution = wf_sql_int64(i, 3);
	row->kind = (WfReadyKind) DatumGetChar(wf_sql_value(i, 4, &isnull));
	row->frame = (int) wf_sql_int64(i, 5);
	row->serial = (int) wf_sql_int64(i, 6);
	row->started = DatumGetBool(wf_sql_value(i, 7, &isnull));
	row->alone = DatumGetBool(wf_sql_value(i, 8, &isnull));
	row->place = *(ItemPointer) DatumGetPointer(wf_sql_value(i, 9, &isnull));
}

#define COLUMNS "SELECT role, id, execution_id, kind, frame, serial, started, alone, ctid FROM workflow.ready "

static int
read_rows(int n, MemoryContext context, WfReady **rows)
{
	*rows = MemoryContextAlloc(context, Max(n, 1) * sizeof(WfReady));
	for (int i = 0; i < n; i++)
		read_row(i, &(*rows)[i]);
	return n;
}

#define IS_DUE "(not_before IS NULL OR not_before <= pg_catalog.now()) "

/* --- the two looks that every turn of a worker begins with: read without the executor, whose start is most of their cost --- */

/* False: it is not due. */
static bool
read_tuple(HeapTuple tuple, TupleDesc descriptor, WfReady *row)
{
	Datum		values[READY_COLUMNS];
	bool		nulls[READY_COLUMNS];

	heap_deform_tuple(tuple, descriptor, values, nulls);
	if (!nulls[READY_NOT_BEFORE] &&
		DatumGetTimestampTz(values[READY_NOT_BEFORE]) > GetCurrentTransactionStartTimestamp())
		return false;
	row->role = DatumGetObjectId(values[READY_ROLE]);
	row->id = DatumGetInt64(values[READY_ID]);
	row->execution = DatumGetInt64(values[READY_EXECUTION_ID]);
	row->kind = (WfReadyKind) DatumGetChar(values[READY_KIND]);
	row->frame = DatumGetInt32(values[READY_FRAME]);
	row->serial = DatumGetInt32(values[READY_SERIAL]);
	row->started = DatumGetBool(values[READY_STARTED]);
	row->alone = DatumGetBool(values[READY_ALONE]);
	row->place = tuple->t_self;
	return true;
}

/* Locks the row as SELECT FOR UPDATE SKIP LOCKED does.  False: somebody else has it, or has changed it. */
static bool
lock_tuple(Relation relation, HeapTuple found)
{
	HeapTupleData tuple = {.t_self = found->t_self};
	TM_FailureData failure;
	Buffer		buffer;
	TM_Result	result = heap_lock_tuple(relation, &tuple, GetCurrentCommandId(false), LockTupleExclusive, LockWaitSkip,
										 false, &buffer, &failure);

	ReleaseBuffer(buffer);
	return result == TM_Ok;
}

/* Along the primary key: (role, alone, id).  execution 0: of any. */
static int
scan(Oid role, bool alone, int64 execution, int64 from, int limit, bool claim, MemoryContext context, WfReady **rows)
{
	Relation	relation = wf_table_open("ready", READY_COLUMNS, RowShareLock);
	Relation	index = wf_table_open_key("ready");
	Snapshot	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	ScanKeyData keys[3];
	SysScanDesc scan;
	HeapTuple	tuple;
	int			n = 0;

	*rows = MemoryContextAlloc(context, limit * sizeof(WfReady));
	ScanKeyInit(&keys[0], READY_ROLE + 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(role));
	ScanKeyInit(&keys[1], READY_ALONE + 1, BTEqualStrategyNumber, F_BOOLEQ, BoolGetDatum(alone));
	ScanKeyInit(&keys[2], READY_ID + 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(from));
	scan = systable_beginscan_ordered(relation, index, snapshot, lengthof(keys), keys);
	while (n < limit && HeapTupleIsValid(tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
	{
		WfReady    *row = &(*rows)[n];

		if (read_tuple(tuple, RelationGetDescr(relation), row) && (execution == 0 || row->execution == execution) &&
			(!claim || lock_tuple(relation, tuple)))
			n++;
	}
	systable_endscan_ordered(scan);
	UnregisterSnapshot(snapshot);
	index_close(index, NoLock);
	table_close(relation, NoLock);
	return n;
}

bool
wf_ready_has_set_aside(Oid role, int64 execution)
{
	Relation	relation = wf_table_open("ready", READY_COLUMNS, AccessShareLock);
	Relation	index = wf_table_open_key("ready");
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	ScanKeyData keys[3];
	SysScanDesc scan;
	bool		found;

	ScanKeyInit(&keys[0], READY_ROLE + 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(role));
	ScanKeyInit(&keys[1], READY_ALONE + 1, BTEqualStrategyNumber, F_BOOLEQ, BoolGetDatum(true));
	ScanKeyInit(&keys[2], READY_ID + 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(execution));
	scan = systable_beginscan_ordered(relation, index, snapshot, lengthof(keys), keys);
	found = HeapTupleIsValid(systable_getnext_ordered(scan, ForwardScanDirection));
	systable_endscan_ordered(scan);
	UnregisterSnapshot(snapshot);
	index_close(index, NoLock);
	table_close(relation, NoLock);
	return found;
}

int
wf_ready_claim(Oid role, int64 execution, int64 from, int limit, MemoryContext context, WfReady **rows)
{
	return scan(role, false, execution, from, limit, true, context, rows);
}

int
wf_ready_find_alone(Oid role, int64 from, int limit, MemoryContext context, WfReady **rows)
{
	return scan(role, true, 0, from, limit, false, context, rows);
}

int
wf_ready_claim_for(Oid member, int limit, MemoryContext context, WfReady **rows)
{
	/* pg_has_role() fails for a role that is gone; its work then fails by itself. */
	static WfStatement select = {COLUMNS "WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_authid a WHERE a.oid = role) "
		"OR pg_catalog.pg_has_role($1, role, '" WF_MAY_BECOME "') ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED", 2,
	{OIDOID, INT4OID}};
	Datum		values[2] = {ObjectIdGetDatum(member), Int32GetDatum(limit)};

	return read_rows((int) wf_sql(&select, values, NULL, 0), context, rows);
}

#define COUNT(which) "(SELECT count(*) FROM (SELECT FROM workflow.ready w WHERE w.role = r.role AND " which " AND " IS_DUE \
	"LIMIT 64) x)::int "

int
wf_ready_roles(MemoryContext context, WfReadyRole **roles)
{
	/* From one role to the next through the index, then some rows of each. */
	static WfStatement select = {"WITH RECURSIVE r(role) AS ("
		"(SELECT role FROM workflow.ready ORDER BY role LIMIT 1) UNION ALL "
		"SELECT (SELECT n.role FROM workflow.ready n WHERE n.role > r.role ORDER BY n.role LIMIT 1) "
		"FROM r WHERE r.role IS NOT NULL) "
		"SELECT role, " COUNT("NOT w.alone") ", " COUNT("w.alone") "FROM r WHERE role IS NOT NULL"};
	int			n = (int) wf_sql(&select, NULL, NULL, 0);

	int			n_roles = 0;

	*roles = MemoryContextAlloc(context, Max(n, 1) * sizeof(WfReadyRole));
	for (int i = 0; i < n; i++)
	{
		WfReadyRole role = {(Oid) wf_sql_int64(i, 1), (int) wf_sql_int64(i, 2), (int) wf_sql_int64(i, 3)};

		if (role.in_batches + role.alone > 0)
			(*roles)[n_roles++] = role;
	}
	return n_roles;
}

/*
 * A row by its key, whichever of the two it is now: whoever had it before may have marked it alone.  Two statements' worth
 * rather than "alone IN (…)", which would be a filter behind a walk through all of the role's rows.
 */
#define BY_KEY " WHERE role = $1 AND alone = $2 AND id = $3"
#define BY_KEY_TYPES {REGROLEOID, BOOLOID, INT8OID, INT4OID}

static bool
run_by_key(WfStatement *statement, const WfReady *row, int argument)
{
	Datum		values[4] = {ObjectIdGetDatum(row->role), BoolGetDatum(row->alone), Int64GetDatum(row->id),
	Int32GetDatum(argument)};

	if (wf_sql(statement, values, NULL, 0) > 0)
		return true;
	values[1] = BoolGetDatum(!row->alone);
	return wf_sql(statement, values, NULL, 0) > 0;
}

bool
wf_ready_claim_one(WfReady *row)
{
	static WfStatement select = {COLUMNS BY_KEY " FOR UPDATE SKIP LOCKED", 3, BY_KEY_TYPES};

	if (!run_by_key(&select, row, 0))
		return false;
	read_row(0, row);
	return true;
}

void
wf_ready_delete(const WfReady *row)
{
	static WfStatement delete = {"DELETE FROM workflow.ready" BY_KEY, 3, BY_KEY_TYPES};

	(void) run_by_key(&delete, row, 0);
}

void
wf_ready_delete_claimed(const WfReady *row)
{
	Relation	relation = wf_table_open("ready", READY_COLUMNS, RowExclusiveLock);
	ItemPointerData place = row->place;

	simple_heap_delete(relation, &place);
	table_close(relation, NoLock);
}

void
wf_ready_mark_started(const WfReady *row)
{
	static WfStatement update = {"UPDATE workflow.ready SET started = true, alone = true" BY_KEY, 3, BY_KEY_TYPES};

	(void) run_by_key(&update, row, 0);
}

void
wf_ready_mark_alone(const WfReady *row)
{
	static WfStatement update = {"UPDATE workflow.ready SET alone = true" BY_KEY, 3, BY_KEY_TYPES};

	(void) run_by_key(&update, row, 0);
}

void
wf_ready_postpone(const WfReady *row, int milliseconds)
{
	static WfStatement update = {"UPDATE workflow.ready SET alone = true, "
		"not_before = pg_catalog.now() + $4 * interval '1 ms'" BY_KEY, 4, BY_KEY_TYPES};

	(void) run_by_key(&update, row, milliseconds);
}

void
wf_ready_mark_suspect(int64 execution, int frame, int serial)
{
	static WfStatement update = {"UPDATE workflow.ready SET alone = true WHERE execution_id = $1 "
		"AND (kind <> 't' OR frame = $2 AND serial = $3)", 3, {INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};

	wf_sql(&update, values, NULL, 0);
}

/*
 * The hold is a session-level heavyweight lock under an advisory tag, but of the default lock method: pg_advisory_unlock_all
 * does not find it, and pg_locks shows it.  The two halves of the row's id stand where an advisory lock has its key; 3 in
 * the last field keeps it apart from every advisory lock (which has 1 or 2 there).
 */
static void
set_hold_tag(LOCKTAG *tag, const WfReady *row)
{
	tag->locktag_field1 = MyDatabaseId;
	tag->locktag_field2 = (uint32) (row->id >> 32);
	tag->locktag_field3 = (uint32) row->id;
	tag->locktag_field4 = 3;
	tag->locktag_type = LOCKTAG_ADVISORY;
	tag->locktag_lockmethodid = DEFAULT_LOCKMETHOD;
}

/*
 * The server gives back such a lock when it aborts a transaction, but not when a process ends between two, which a SIGTERM
 * does that comes between T1 and T2: whoever got its PGPROC next would have the lock then, and nobody the row.
 */
static void
unhold_at_exit(int code, Datum arg)
{
	AbortOutOfAnyTransaction();
	LockReleaseAll(DEFAULT_LOCKMETHOD, true);
}

bool
wf_ready_hold(const WfReady *row)
{
	static bool prepared = false;
	LOCKTAG		tag;

	if (!prepared)
		before_shmem_exit(unhold_at_exit, 0);
	prepared = true;
	set_hold_tag(&tag, row);
	return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL;
}

void
wf_ready_unhold(const WfReady *row)
{
	LOCKTAG		tag;

	set_hold_tag(&tag, row);
	LockRelease(&tag, ExclusiveLock, true);
}
