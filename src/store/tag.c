/*
 * tag.c - tags of state machines; see tag.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "store/sql.h"
#include "store/tag.h"

int
wf_tags_set(int64 state_machine_id, const WfTag *tags, int n)
{
	static WfStatement upsert = {"INSERT INTO workflow.state_machine_tag (state_machine_id, key, value) "
		"VALUES ($1, $2, $3) ON CONFLICT (state_machine_id, key) DO UPDATE SET value = excluded.value",
		3, {INT8OID, TEXTOID, TEXTOID}};
	static WfStatement count = {"SELECT count(*) FROM workflow.state_machine_tag WHERE state_machine_id = $1",
		1, {INT8OID}};
	Datum		values[3] = {Int64GetDatum(state_machine_id), (Datum) 0, (Datum) 0};

	for (int i = 0; i < n; i++)
	{
		values[1] = CStringGetTextDatum(tags[i].key);
		values[2] = CStringGetTextDatum(tags[i].value);
		wf_sql(&upsert, values, NULL, 0);
	}
	wf_sql(&count, values, NULL, 1);
	return (int) wf_sql_int64(0, 1);
}

void
wf_tags_remove(int64 state_machine_id, char *const *keys, int n)
{
	static WfStatement delete = {"DELETE FROM workflow.state_machine_tag WHERE state_machine_id = $1 AND key = $2",
		2, {INT8OID, TEXTOID}};
	Datum		values[2] = {Int64GetDatum(state_machine_id), (Datum) 0};

	for (int i = 0; i < n; i++)
	{
		values[1] = CStringGetTextDatum(keys[i]);
		wf_sql(&delete, values, NULL, 0);
	}
}

int
wf_tags_list(int64 state_machine_id, MemoryContext context, WfTag **tags)
{
	static WfStatement select = {"SELECT key, value FROM workflow.state_machine_tag WHERE state_machine_id = $1 "
		"ORDER BY key COLLATE \"C\"", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(state_machine_id)};
	int			n = (int) wf_sql(&select, values, NULL, 0);
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
