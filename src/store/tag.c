/*
 * tag.c - tags of state machines and of activities; see tag.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "store/sql.h"
#include "store/tag.h"

int
wf_tags_set(WfTagged of, int64 id, const WfTag *tags, int n)
{
#define UPSERT(table, column) "INSERT INTO workflow." #table " (" #column ", key, value) " \
	"VALUES ($1, $2, $3) ON CONFLICT (" #column ", key) DO UPDATE SET value = excluded.value"
#define COUNT(table, column) "SELECT count(*) FROM workflow." #table " WHERE " #column " = $1"
	static WfStatement upsert[] = {
		[WF_STATE_MACHINE_TAGS] = {UPSERT(state_machine_tag, state_machine_id), 3, {INT8OID, TEXTOID, TEXTOID}},
		[WF_ACTIVITY_TAGS] = {UPSERT(activity_tag, activity_id), 3, {INT8OID, TEXTOID, TEXTOID}}
	};
	static WfStatement count[] = {
		[WF_STATE_MACHINE_TAGS] = {COUNT(state_machine_tag, state_machine_id), 1, {INT8OID}},
		[WF_ACTIVITY_TAGS] = {COUNT(activity_tag, activity_id), 1, {INT8OID}}
	};
	Datum		values[3] = {Int64GetDatum(id), (Datum) 0, (Datum) 0};

	for (int i = 0; i < n; i++)
	{
		values[1] = CStringGetTextDatum(tags[i].key);
		values[2] = CStringGetTextDatum(tags[i].value);
		wf_sql(&upsert[of], values, NULL, 0);
	}
	wf_sql(&count[of], values, NULL, 1);
	return (int) wf_sql_int64(0, 1);
}

void
wf_tags_remove(WfTagged of, int64 id, char *const *keys, int n)
{
#define DELETE(table, column) "DELETE FROM workflow." #table " WHERE " #column " = $1 AND key = $2"
	static WfStatement delete[] = {
		[WF_STATE_MACHINE_TAGS] = {DELETE(state_machine_tag, state_machine_id), 2, {INT8OID, TEXTOID}},
		[WF_ACTIVITY_TAGS] = {DELETE(activity_tag, activity_id), 2, {INT8OID, TEXTOID}}
	};
	Datum		values[2] = {Int64GetDatum(id), (Datum) 0};

	for (int i = 0; i < n; i++)
	{
		values[1] = CStringGetTextDatum(keys[i]);
		wf_sql(&delete[of], values, NULL, 0);
	}
}

int
wf_tags_list(WfTagged of, int64 id, MemoryContext context, WfTag **tags)
{
#define SELECT(table, column) "SELECT key, value FROM workflow." #table " WHERE " #column " = $1 " \
	"ORDER BY key COLLATE \"C\""
	static WfStatement select[] = {
		[WF_STATE_MACHINE_TAGS] = {SELECT(state_machine_tag, state_machine_id), 1, {INT8OID}},
		[WF_ACTIVITY_TAGS] = {SELECT(activity_tag, activity_id), 1, {INT8OID}}
	};
	Datum		values[1] = {Int64GetDatum(id)};
	int			n = (int) wf_sql(&select[of], values, NULL, 0);
	MemoryContext old = MemoryContextSwitchTo(context);

	*tags = palloc(sizeof(WfTag) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		(*tags)[i].key = wf_sql_text(i, 1);
		(*tags)[i].value = wf_sql_text(i, 2);
	}
	MemoryContextSwitchTo(old);
	return n;
}
