/*
 * state_machine.c - state machines and their revisions; see state_machine.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "pg/rights.h"
#include "store/execution.h"
#include "store/installation.h"
#include "store/sql.h"
#include "store/state_machine.h"

bool
wf_state_machine_is_express(const WfStateMachine *machine)
{
	return strcmp(machine->type, "EXPRESS") == 0;
}

/* --- the name's lock --- */

static LOCKTAG
name_tag(const char *name)
{
	LOCKTAG		tag;

	/* An object of the extension; nobody else locks one with its oid and a hash. */
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, wf_extension_oid(),
					   DatumGetUInt32(hash_any((const unsigned char *) name, strlen(name))), 0);
	return tag;
}

void
wf_state_machine_lock(const char *name, LOCKMODE mode)
{
	LOCKTAG		tag = name_tag(name);

	(void) LockAcquire(&tag, mode, false, false);
}

/* --- reading --- */

/* Columns 1 to 14, as read_machine takes them. */
#define COLUMNS "m.id, m.name, m.type, m.status = 'DELETING', m.owner, m.created_at, m.updated_at, " \
	"r.id, r.revision::text, r.run_as, r.role_arn, r.created_at, r.definition, r.configuration "

static TimestampTz
time_or_zero(uint64 row, int number)
{
	bool		isnull;
	Datum		value = wf_sql_value(row, number, &isnull);

	return isnull ? 0 : DatumGetTimestampTz(value);
}

static void
read_machine(bool whole, MemoryContext context, WfStateMachine *machine)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	bool		isnull;

	memset(machine, 0, sizeof(*machine));
	machine->id = wf_sql_int64(0, 1);
	machine->name = wf_sql_text(0, 2);
	machine->type = wf_sql_text(0, 3);
	machine->deleting = DatumGetBool(wf_sql_value(0, 4, &isnull));
	machine->owner = (Oid) wf_sql_int64(0, 5);
	machine->created_at = time_or_zero(0, 6);
	machine->updated_at = time_or_zero(0, 7);
	machine->revision_id = wf_sql_int64(0, 8);
	machine->revision = wf_sql_text(0, 9);
	machine->run_as = (Oid) wf_sql_int64(0, 10);
	machine->role_arn = wf_sql_text(0, 11);
	machine->revised_at = time_or_zero(0, 12);
	if (whole)
	{
		machine->definition = wf_sql_text(0, 13);
		machine->configuration = DatumGetJsonbPCopy(wf_sql_value(0, 14, &isnull));
	}
	MemoryContextSwitchTo(old);
}

bool
wf_state_machine_by_name(const char *name, bool whole, MemoryContext context, WfStateMachine *machine)
{
	static WfStatement select = {"SELECT " COLUMNS
		"FROM workflow.state_machine m JOIN workflow.state_machine_revision r ON r.id = m.revision_id "
		"WHERE m.name = $1 AND m.status <> 'DELETED'", 1, {TEXTOID}};
	Datum		values[1] = {CStringGetTextDatum(name)};

	if (wf_sql(&select, values, NULL, 1) == 0)
		return false;
	read_machine(whole, context, machine);
	/* Its last execution may have ended unnoticed. */
	return !machine->deleting || wf_state_machine_is_running(machine->id);
}

bool
wf_state_machine_of_execution(int64 execution, bool whole, MemoryContext context, WfStateMachine *machine)
{
	static WfStatement select = {"SELECT " COLUMNS
		"FROM workflow.execution e JOIN workflow.state_machine m ON m.id = e.state_machine_id "
		"JOIN workflow.state_machine_revision r ON r.id = e.revision_id WHERE e.id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(execution)};

	if (wf_sql(&select, values, NULL, 1) == 0)
		return false;
	read_machine(whole, context, machine);
	return true;
}

int
wf_state_machine_list(Oid user, const char *after, int limit, MemoryContext context, WfStateMachine **machines)
{
	/* Who may do anything with a machine sees it: see privilege.h. */
	static WfStatement select = {"SELECT m.name, m.type, m.created_at FROM workflow.state_machine m "
		"WHERE m.status <> 'DELETED' AND m.name COLLATE \"C\" > $2 AND (pg_has_role($1, m.owner, 'USAGE') OR EXISTS ("
		"SELECT FROM workflow.state_machine_privilege p WHERE p.state_machine_id = m.id "
		"AND (p.grantee = 0 OR pg_has_role($1, p.grantee, 'USAGE')))) ORDER BY m.name COLLATE \"C\" LIMIT $3",
		3, {OIDOID, TEXTOID, INT4OID}};
	Datum		values[3];
	MemoryContext old;
	int			n;

	values[0] = ObjectIdGetDatum(user);
	values[1] = CStringGetTextDatum(after != NULL ? after : "");
	values[2] = Int32GetDatum(limit);
	n = (int) wf_sql(&select, values, NULL, 0);
	old = MemoryContextSwitchTo(context);
	*machines = palloc0(sizeof(WfStateMachine) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		(*machines)[i].name = wf_sql_text(i, 1);
		(*machines)[i].type = wf_sql_text(i, 2);
		(*machines)[i].created_at = time_or_zero(i, 3);
	}
	MemoryContextSwitchTo(old);
	return n;
}

/* --- writing --- */

static void
insert_revision(WfStateMachine *machine)
{
	static WfStatement insert = {"INSERT INTO workflow.state_machine_revision "
		"(id, state_machine_id, revision, definition, run_as, role_arn, configuration, created_at) "
		"VALUES ($1, $2, $3::uuid, $4, $5, $6, $7, $8)", 8,
	{INT8OID, INT8OID, TEXTOID, TEXTOID, OIDOID, TEXTOID, JSONBOID, TIMESTAMPTZOID}};
	Datum		values[8];
	char		nulls[9] = "        ";

	values[0] = Int64GetDatum(machine->revision_id);
	values[1] = Int64GetDatum(machine->id);
	values[2] = machine->revision != NULL ? CStringGetTextDatum(machine->revision) : (Datum) 0;
	nulls[2] = machine->revision != NULL ? ' ' : 'n';
	values[3] = CStringGetTextDatum(machine->definition);
	values[4] = ObjectIdGetDatum(machine->run_as);
	values[5] = CStringGetTextDatum(machine->role_arn);
	values[6] = JsonbPGetDatum(machine->configuration);
	values[7] = TimestampTzGetDatum(machine->revised_at);
	wf_sql(&insert, values, nulls, 0);
}

static void
set_deleted(int64 state_machine_id)
{
	static WfStatement update = {"UPDATE workflow.state_machine SET status = 'DELETED' WHERE id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(state_machine_id)};

	wf_sql(&update, values, NULL, 0);
}

/* A machine of this name that is DELETING, and of which nothing runs any more, gives its name free. */
static void
bury_finished(const char *name)
{
	static WfStatement select = {"SELECT id FROM workflow.state_machine WHERE name = $1 AND status = 'DELETING'",
		1, {TEXTOID}};
	Datum		values[1] = {CStringGetTextDatum(name)};

	if (wf_sql(&select, values, NULL, 1) > 0)
	{
		int64		id = wf_sql_int64(0, 1);

		if (!wf_state_machine_is_running(id))
			set_deleted(id);
	}
}

bool
wf_state_machine_insert(WfStateMachine *machine)
{
	static WfStatement next_ids = {"SELECT nextval('workflow.state_machine_id'), nextval('workflow.revision_id')"};
	static WfStatement insert = {"INSERT INTO workflow.state_machine (id, name, type, owner, revision_id, created_at) "
		"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING", 6,
	{INT8OID, TEXTOID, TEXTOID, OIDOID, INT8OID, TIMESTAMPTZOID}};
	Datum		values[6];

	wf_installation_claim(false);
	bury_finished(machine->name);
	wf_sql(&next_ids, NULL, NULL, 1);
	machine->id = wf_sql_int64(0, 1);
	machine->revision_id = wf_sql_int64(0, 2);
	values[0] = Int64GetDatum(machine->id);
	values[1] = CStringGetTextDatum(machine->name);
	values[2] = CStringGetTextDatum(machine->type);
	values[3] = ObjectIdGetDatum(machine->owner);
	values[4] = Int64GetDatum(machine->revision_id);
	values[5] = TimestampTzGetDatum(machine->created_at);
	if (wf_sql(&insert, values, NULL, 0) == 0)
		return false;
	machine->revised_at = machine->created_at;
	insert_revision(machine);
	return true;
}

void
wf_state_machine_revise(WfStateMachine *machine, MemoryContext context)
{
	static WfStatement next = {"SELECT nextval('workflow.revision_id'), gen_random_uuid()::text"};
	static WfStatement update = {"UPDATE workflow.state_machine SET revision_id = $2, updated_at = $3 WHERE id = $1",
		3, {INT8OID, INT8OID, TIMESTAMPTZOID}};
	Datum		values[3];

	wf_sql(&next, NULL, NULL, 1);
	machine->revision_id = wf_sql_int64(0, 1);
	machine->revision = MemoryContextStrdup(context, wf_sql_text(0, 2));
	insert_revision(machine);
	values[0] = Int64GetDatum(machine->id);
	values[1] = Int64GetDatum(machine->revision_id);
	values[2] = TimestampTzGetDatum(machine->revised_at);
	wf_sql(&update, values, NULL, 0);
	machine->updated_at = machine->revised_at;
}

/* --- the end --- */

/*
 * Executions that have not ended wait (live_execution) or have not begun (the ready row of their start, which outlives
 * the end for a moment).  Scalar subqueries, and so one lookup of each by its key, whatever the planner believes of these
 * tables: a join planned for few rows takes minutes for many.
 */
#define RUNNING "SELECT r.execution_id FROM (SELECT execution_id FROM workflow.live_execution " \
	"UNION ALL SELECT execution_id FROM workflow.ready WHERE kind = 's') r " \
	"WHERE (SELECT e.state_machine_id FROM workflow.execution e WHERE e.id = r.execution_id) = $1 " \
	"AND (SELECT x.execution_id FROM workflow.execution_end x WHERE x.execution_id = r.execution_id) IS NULL"

bool
wf_state_machine_is_running(int64 state_machine_id)
{
	static WfStatement select = {RUNNING, 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(state_machine_id)};

	return wf_sql(&select, values, NULL, 1) > 0;
}

void
wf_state_machine_delete(int64 state_machine_id, TimestampTz at)
{
	static WfStatement select = {RUNNING, 1, {INT8OID}};
	static WfStatement update = {"UPDATE workflow.state_machine SET status = 'DELETING' WHERE id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(state_machine_id)};
	int			n = (int) wf_sql(&select, values, NULL, 0);
	int64	   *running;

	if (n == 0)
	{
		set_deleted(state_machine_id);
		return;
	}
	wf_execution_forget_revisions();
	running = palloc_extended(sizeof(int64) * n, MCXT_ALLOC_HUGE);
	for (int i = 0; i < n; i++)
		running[i] = wf_sql_int64(i, 1);
	wf_sql(&update, values, NULL, 0);
	for (int i = 0; i < n; i++)
		wf_execution_request_stop(running[i], WF_INBOX_DELETE, NULL, NULL, at);
	pfree(running);
}

/*
 * Whether anything of a machine still runs takes a look at all that runs.  A machine is deleted with a row in the inbox for
 * each execution: so while there is any such row, nobody looks, and whoever is done with the last one does.
 */
static bool
is_being_worked_off(void)
{
	static WfStatement select = {"SELECT FROM workflow.inbox WHERE kind = 'd' ORDER BY id DESC LIMIT 1"};

	return wf_sql(&select, NULL, NULL, 1) > 0;
}

static void
bury_if_finished(int64 state_machine_id, const char *name)
{
	LOCKTAG		tag = name_tag(name);

	if (LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL &&
		!wf_state_machine_is_running(state_machine_id))
		set_deleted(state_machine_id);
}

void
wf_state_machine_execution_ended(int64 state_machine_id)
{
	static WfStatement select = {"SELECT name FROM workflow.state_machine WHERE id = $1 AND status = 'DELETING'",
		1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(state_machine_id)};

	if (!is_being_worked_off() && wf_sql(&select, values, NULL, 1) > 0)
		bury_if_finished(state_machine_id, wf_sql_text(0, 1));
}

void
wf_state_machines_bury_deleting(void)
{
	static WfStatement select = {"SELECT id, name FROM workflow.state_machine WHERE status = 'DELETING'"};
	int			n = is_being_worked_off() ? 0 : (int) wf_sql(&select, NULL, NULL, 0);
	int64	   *ids = palloc(sizeof(int64) * Max(n, 1));
	char	  **names = palloc(sizeof(char *) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		ids[i] = wf_sql_int64(i, 1);
		names[i] = wf_sql_text(i, 2);
	}
	for (int i = 0; i < n; i++)
		bury_if_finished(ids[i], names[i]);
}
