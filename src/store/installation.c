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
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "pg/rights.h"
#include "store/installation.h"
#include "store/sql.h"
#include "store/table.h"
#include "worker/worker.h"

/* Every turn of a worker asks: read without the executor. */
const char *
wf_installation_standstill(void)
{
	Relation	relation = wf_table_open("installation", 5, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	SysScanDesc scan = systable_beginscan(relation, InvalidOid, false, snapshot, 0, NULL);
	HeapTuple	tuple = systable_getnext(scan);
	TupleDesc	descriptor = RelationGetDescr(relation);
	const char *reason;
	bool		isnull;

	if (!HeapTupleIsValid(tuple))
		reason = "nothing has been created yet";
	else if (DatumGetInt64(heap_getattr(tuple, 2, descriptor, &isnull)) != (int64) GetSystemIdentifier() ||
			 DatumGetObjectId(heap_getattr(tuple, 3, descriptor, &isnull)) != MyDatabaseId ||
			 DatumGetObjectId(heap_getattr(tuple, 4, descriptor, &isnull)) != wf_extension_oid())
		reason = "the data is a copy from another server or database";
	else
		reason = DatumGetBool(heap_getattr(tuple, 5, descriptor, &isnull)) ? "paused" : NULL;
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(relation, NoLock);
	return reason;
}

void
wf_installation_claim(bool resume)
{
#define INSERT "INSERT INTO workflow.installation AS i (system_identifier, database, extension) VALUES ($1, $2, $3) " \
	"ON CONFLICT (id) DO "
	static WfStatement once = {INSERT "NOTHING", 3, {INT8OID, OIDOID, OIDOID}};
	static WfStatement again = {INSERT "UPDATE SET system_identifier = $1, database = $2, extension = $3, paused = false",
	3, {INT8OID, OIDOID, OIDOID}};
#undef INSERT
	Datum		values[3];

	values[0] = Int64GetDatum((int64) GetSystemIdentifier());
	values[1] = ObjectIdGetDatum(MyDatabaseId);
	values[2] = ObjectIdGetDatum(wf_extension_oid());
	if (wf_sql(resume ? &again : &once, values, NULL, 0) > 0)
		wf_wake_for_everything();	/* what stood still may run now */
}

void
wf_installation_pause(void)
{
	static WfStatement update = {"UPDATE workflow.installation SET paused = true"};

	wf_sql(&update, NULL, NULL, 0);
}
