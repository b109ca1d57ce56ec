/*
 * installation.c - whose data this is; see installation.h.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "pg/compat.h"
#include "pg/rights.h"
#include "store/installation.h"
#include "store/sql.h"
#include "store/table.h"
#include "worker/worker.h"

/* The columns, in their order. */
enum
{
	INSTALLATION_ID = 1, INSTALLATION_SYSTEM_IDENTIFIER, INSTALLATION_DATABASE, INSTALLATION_EXTENSION, INSTALLATION_PAUSED,
	INSTALLATION_TOKEN_KEY, INSTALLATION_COLUMNS = INSTALLATION_TOKEN_KEY
};

/* Every turn of a worker asks: read without the executor. */
WfStandstill
wf_installation_standstill(void)
{
	Relation	relation = wf_table_open("installation", INSTALLATION_COLUMNS, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	SysScanDesc scan = systable_beginscan(relation, InvalidOid, false, snapshot, 0, NULL);
	HeapTuple	tuple = systable_getnext(scan);
	TupleDesc	descriptor = RelationGetDescr(relation);
	WfStandstill standstill;
	bool		isnull;

	if (!HeapTupleIsValid(tuple))
		standstill = WF_NOTHING_CREATED;
	else if (DatumGetInt64(heap_getattr(tuple, INSTALLATION_SYSTEM_IDENTIFIER, descriptor, &isnull)) != (int64) GetSystemIdentifier() ||
			 DatumGetObjectId(heap_getattr(tuple, INSTALLATION_DATABASE, descriptor, &isnull)) != MyDatabaseId ||
			 DatumGetObjectId(heap_getattr(tuple, INSTALLATION_EXTENSION, descriptor, &isnull)) != wf_extension_oid())
		standstill = WF_DATA_IS_COPY;
	else
		standstill = DatumGetBool(heap_getattr(tuple, INSTALLATION_PAUSED, descriptor, &isnull)) ? WF_PAUSED : WF_NO_STANDSTILL;
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(relation, NoLock);
	return standstill;
}

const char *
wf_standstill_reason(WfStandstill standstill)
{
	static const char *const reasons[] = {
		[WF_NOTHING_CREATED] = "nothing has been created yet",
		[WF_DATA_IS_COPY] = "the data is a copy from another server or database",
		[WF_PAUSED] = "paused",
	};

	return reasons[standstill];
}

bool
wf_installation_token_key(unsigned char *key)
{
	Relation	relation = wf_table_open("installation", INSTALLATION_COLUMNS, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());	/* a token may be younger than the transaction's */
	SysScanDesc scan = systable_beginscan(relation, InvalidOid, false, snapshot, 0, NULL);
	HeapTuple	tuple = systable_getnext(scan);
	bool		found = HeapTupleIsValid(tuple);

	if (found)
	{
		bool		isnull;
		Datum		value = heap_getattr(tuple, INSTALLATION_TOKEN_KEY, RelationGetDescr(relation), &isnull);
		bytea	   *stored = DatumGetByteaPP(value);

		if (VARSIZE_ANY_EXHDR(stored) != WF_TOKEN_KEY_SIZE)
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("the key of task tokens is damaged")));
		memcpy(key, VARDATA_ANY(stored), WF_TOKEN_KEY_SIZE);
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(relation, NoLock);
	return found;
}

/* For a new installation; one that is there keeps its own, and with it the tokens that are out. */
static Datum
make_token_key(void)
{
	bytea	   *key = palloc(VARHDRSZ + WF_TOKEN_KEY_SIZE);

	SET_VARSIZE(key, VARHDRSZ + WF_TOKEN_KEY_SIZE);
	if (!pg_strong_random(VARDATA(key), WF_TOKEN_KEY_SIZE))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random key")));
	return PointerGetDatum(key);
}

void
wf_installation_claim(bool resume)
{
#define INSERT "INSERT INTO workflow.installation AS i (system_identifier, database, extension, token_key) " \
	"VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO "
#define TYPES 4, {INT8OID, OIDOID, OIDOID, BYTEAOID}
	static WfStatement once = {INSERT "NOTHING", TYPES};
	static WfStatement again = {INSERT "UPDATE SET system_identifier = $1, database = $2, extension = $3, paused = false",
	TYPES};
#undef INSERT
#undef TYPES
	Datum		values[4];

	values[0] = Int64GetDatum((int64) GetSystemIdentifier());
	values[1] = ObjectIdGetDatum(MyDatabaseId);
	values[2] = ObjectIdGetDatum(wf_extension_oid());
	values[3] = make_token_key();
	if (wf_sql(resume ? &again : &once, values, NULL, 0) > 0)
		wf_wake_for_everything();	/* what stood still may run now */
}

void
wf_installation_pause(void)
{
	static WfStatement update = {"UPDATE workflow.installation SET paused = true"};

	wf_sql(&update, NULL, NULL, 0);
}
