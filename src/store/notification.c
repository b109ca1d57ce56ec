/*
 * notification.c - payloads of notifications that are too large for NOTIFY; see notification.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "pg/clock.h"
#include "store/notification.h"
#include "store/sql.h"

pg_uuid_t *
wf_notification_keep(int64 execution, const char *payload, size_t length, MemoryContext context)
{
	static WfStatement insert = {"INSERT INTO workflow.notification (id, execution_id, at, payload) VALUES ($1, $2, $3, $4)", 4,
	{UUIDOID, INT8OID, TIMESTAMPTZOID, JSONOID}};
	pg_uuid_t  *id = MemoryContextAlloc(context, sizeof(pg_uuid_t));
	Datum		values[4];

	*id = *DatumGetUUIDP(DirectFunctionCall1(gen_random_uuid, 0));
	values[0] = UUIDPGetDatum(id);
	values[1] = Int64GetDatum(execution);
	values[2] = TimestampTzGetDatum(wf_clock_now());
	values[3] = PointerGetDatum(cstring_to_text_with_len(payload, length));
	wf_sql(&insert, values, NULL, 0);
	return id;
}

int
wf_notification_purge(int limit)
{
	static WfStatement delete = {"DELETE FROM workflow.notification WHERE ctid = ANY (ARRAY(SELECT ctid "
		"FROM workflow.notification WHERE execution_id = 0 AND at < $1 - interval '1 day' "
		"ORDER BY execution_id, at LIMIT $2 FOR UPDATE SKIP LOCKED))", 2, {TIMESTAMPTZOID, INT4OID}};
	Datum		values[2] = {TimestampTzGetDatum(wf_clock_now()), Int32GetDatum(limit)};

	return (int) wf_sql(&delete, values, NULL, 0);
}

PG_FUNCTION_INFO_V1(workflow_notification_payload);

/* (notification uuid) returns json: NULL if there is none.  Whoever knows the id has got the notification. */
Datum
workflow_notification_payload(PG_FUNCTION_ARGS)
{
	static WfStatement select = {"SELECT payload FROM workflow.notification WHERE id = $1", 1, {UUIDOID}};
	MemoryContext context = CurrentMemoryContext;
	Datum		values[1] = {PG_GETARG_DATUM(0)};
	WfStore		store;
	char	   *payload = NULL;

	wf_store_begin(&store);
	if (wf_sql(&select, values, NULL, 1) > 0)
		payload = MemoryContextStrdup(context, wf_sql_text(0, 1));
	wf_store_end(&store);
	if (payload == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(payload));
}
