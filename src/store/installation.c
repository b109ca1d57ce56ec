/*
 * installation.c - whose data this is; see installation.h.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "pg/rights.h"
#include "store/installation.h"
#include "store/sql.h"
#include "worker/worker.h"

const char *
wf_installation_standstill(void)
{
	static WfStatement select = {"SELECT system_identifier, database, extension, paused FROM workflow.installation"};
	bool		isnull;

	if (wf_sql(&select, NULL, NULL, 1) == 0)
		return "nothing has been created yet";
	if (wf_sql_int64(0, 1) != (int64) GetSystemIdentifier() || (Oid) wf_sql_int64(0, 2) != MyDatabaseId ||
		(Oid) wf_sql_int64(0, 3) != wf_extension_oid())
		return "the data is a copy from another server or database";
	return DatumGetBool(wf_sql_value(0, 4, &isnull)) ? "paused" : NULL;
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
