/*
 * activity.c - activities, and their tasks that no worker has taken yet; see activity.h.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "pg/clock.h"
#include "store/activity.h"
#include "store/frame.h"
#include "store/inbox.h"
#include "store/installation.h"
#include "store/privilege.h"
#include "store/sql.h"
#include "store/task_token.h"
#include "worker/worker.h"

static void
read_activity(int row, WfActivity *activity)
{
	bool		isnull;

	activity->id = wf_sql_int64(row, 1);
	activity->name = wf_sql_text(row, 2);
	activity->owner = (Oid) wf_sql_int64(row, 3);
	activity->created_at = DatumGetTimestampTz(wf_sql_value(row, 4, &isnull));
}

static bool
find(WfStatement *select, Datum value, MemoryContext context, WfActivity *activity)
{
	MemoryContext before;

	if (wf_sql(select, &value, NULL, 1) == 0)
		return false;
	before = MemoryContextSwitchTo(context);
	read_activity(0, activity);
	MemoryContextSwitchTo(before);
	return true;
}

#define COLUMNS "SELECT id, name, owner, created_at FROM workflow.activity "

bool
wf_activity_by_name(const char *name, MemoryContext context, WfActivity *activity)
{
	static WfStatement select = {COLUMNS "WHERE name = $1", 1, {TEXTOID}};

	return find(&select, CStringGetTextDatum(name), context, activity);
}

bool
wf_activity_by_id(int64 id, MemoryContext context, WfActivity *activity)
{
	static WfStatement select = {COLUMNS "WHERE id = $1", 1, {INT8OID}};

	return find(&select, Int64GetDatum(id), context, activity);
}

int
wf_activity_privileges(const WfActivity *activity, Oid user)
{
	return wf_privileges(WF_ACTIVITY_PRIVILEGES, activity->id, activity->owner, user);
}

bool
wf_activity_insert(WfActivity *activity)
{
	static WfStatement insert = {"INSERT INTO workflow.activity (name, owner, created_at) VALUES ($1, $2, $3) "
		"ON CONFLICT DO NOTHING RETURNING id", 3, {TEXTOID, OIDOID, TIMESTAMPTZOID}};
	Datum		values[3];

	wf_installation_claim(false);
	values[0] = CStringGetTextDatum(activity->name);
	values[1] = ObjectIdGetDatum(activity->owner);
	values[2] = TimestampTzGetDatum(activity->created_at);
	if (wf_sql(&insert, values, NULL, 0) == 0)
		return false;
	activity->id = wf_sql_int64(0, 1);
	return true;
}

void
wf_activity_delete(int64 id)
{
	static WfStatement delete = {"DELETE FROM workflow.activity WHERE id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(id)};

	wf_sql(&delete, values, NULL, 0);
	wf_wake_for_all_activities();	/* who waits for its tasks waits in vain */
}

int
wf_activity_list(Oid user, const char *after, int limit, MemoryContext context, WfActivity **activities)
{
	static WfStatement select = {COLUMNS
		"WHERE name COLLATE \"C\" > $2 AND (pg_has_role($1, owner, 'USAGE') OR EXISTS ("
		"SELECT FROM workflow.activity_privilege p WHERE p.activity_id = id AND "
		"(p.grantee = 0 OR pg_has_role($1, p.grantee, 'USAGE')))) ORDER BY name COLLATE \"C\" LIMIT $3", 3,
	{OIDOID, TEXTOID, INT4OID}};
	Datum		values[3];
	MemoryContext before;
	int			n;

	values[0] = ObjectIdGetDatum(user);
	values[1] = CStringGetTextDatum(after != NULL ? after : "");
	values[2] = Int32GetDatum(limit);
	n = (int) wf_sql(&select, values, NULL, 0);
	before = MemoryContextSwitchTo(context);
	*activities = palloc(sizeof(WfActivity) * Max(n, 1));
	for (int i = 0; i < n; i++)
		read_activity(i, &(*activities)[i]);
	MemoryContextSwitchTo(before);
	return n;
}

/* --- tasks --- */

bool
wf_activity_task_offer(const char *activity, const WfActivityTask *task)
{
	static WfStatement insert = {"INSERT INTO workflow.activity_task (activity_id, execution_id, frame, serial, input, role) "
		"SELECT id, $2, $3, $4, $5, $6 FROM workflow.activity WHERE name = $1 RETURNING activity_id, id", 6,
	{TEXTOID, INT8OID, INT4OID, INT4OID, JSONOID, OIDOID}};
	Datum		values[6];

	values[0] = CStringGetTextDatum(activity);
	values[1] = Int64GetDatum(task->execution);
	values[2] = Int32GetDatum(task->frame);
	values[3] = Int32GetDatum(task->serial);
	values[4] = CStringGetTextDatum(task->input);
	values[5] = ObjectIdGetDatum(task->role);
	if (wf_sql(&insert, values, NULL, 0) == 0)
		return false;
	wf_wake_for_activity(wf_sql_int64(0, 1), wf_sql_int64(0, 2));
	return true;
}

void
wf_activity_task_withdraw(int64 execution, int frame, int serial)
{
	static WfStatement delete = {"WITH offered AS (SELECT activity_id, id FROM workflow.activity_task "
		"WHERE execution_id = $1 AND frame = $2 AND serial = $3 FOR UPDATE SKIP LOCKED) "
		"DELETE FROM workflow.activity_task t USING offered o WHERE t.activity_id = o.activity_id AND t.id = o.id", 3,
	{INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};

	wf_sql(&delete, values, NULL, 0);
}

/* Of an activity, all that are offered, or those of one role: each in the order of an index. */
typedef enum Whose
{
	OF_ALL, OF_ROLE
} Whose;

static Whose
whose(Oid role)
{
	return role == WF_ANY_ROLE ? OF_ALL : OF_ROLE;
}

#define TYPES 4, {INT8OID, INT4OID, OIDOID, INT8OID}
#define OF_ACTIVITY "FROM workflow.activity_task WHERE activity_id = $1 AND id >= $4 "
#define ROLES_OWN "AND role = $3 "

/* A look at them begins at its head. */
typedef struct Look
{
	int64		activity;
	Oid			role;
	int64		from;
	uint32		changes;
} Look;

static Look
begin_look(int64 activity, Oid role)
{
	Look		look = {.activity = activity, .role = role};

	wf_activity_head(activity, role, &look.from, &look.changes);
	look.from = Min(look.from, wf_first_offered(activity));
	return look;
}

static uint64
run_look(WfStatement *statements, const Look *look, int limit)
{
	Datum		values[4] = {Int64GetDatum(look->activity), Int32GetDatum(limit), ObjectIdGetDatum(look->role),
	Int64GetDatum(look->from)};

	return wf_sql(&statements[whose(look->role)], values, NULL, 0);
}

/*
 * The next look begins at the first task that is there: also at one that somebody is taking, who may give it back.  What this
 * transaction has taken itself is behind it, until it rolls back.  A snapshot of old does not see all.
 */
static void
move_head(const Look *look)
{
	static WfStatement select[] = {
		[OF_ALL] = {"SELECT id " OF_ACTIVITY "ORDER BY activity_id, id LIMIT $2", TYPES},
		[OF_ROLE] = {"SELECT id " OF_ACTIVITY ROLES_OWN "ORDER BY activity_id, role, id LIMIT $2", TYPES}
	};
	int64		first;

	if (IsolationUsesXactSnapshot())
		return;
	first = run_look(select, look, 1) > 0 ? wf_sql_int64(0, 1) : PG_INT64_MAX;
	if (first != look->from)
		wf_activity_head_move(look->activity, look->role, first, look->changes);
}

int
wf_activity_task_count(int64 activity, Oid role, int limit)
{
	static WfStatement select[] = {
		[OF_ALL] = {"SELECT " OF_ACTIVITY "LIMIT $2", TYPES},
		[OF_ROLE] = {"SELECT " OF_ACTIVITY ROLES_OWN "LIMIT $2", TYPES}
	};
	Look		look = begin_look(activity, role);

	return (int) run_look(select, &look, limit);
}

#define STEPPED_OVER 64			/* tasks that have been taken: then the head moves on */

static bool
take(int64 activity, Oid role, MemoryContext context, WfTaskReference *task, char **input)
{
#define TAKE(which) "WITH first AS (SELECT activity_id, id " OF_ACTIVITY which "LIMIT 1 FOR UPDATE SKIP LOCKED) " \
		"DELETE FROM workflow.activity_task t USING first f WHERE t.activity_id = f.activity_id AND t.id = f.id " \
		"RETURNING t.execution_id, t.frame, t.serial, t.input, t.id"
	static WfStatement delete[] = {
		[OF_ALL] = {TAKE("ORDER BY activity_id, id "), TYPES},
		[OF_ROLE] = {TAKE(ROLES_OWN "ORDER BY activity_id, role, id "), TYPES}
	};
#undef TAKE
	Look		look = begin_look(activity, role);
	int64		id = PG_INT64_MAX;
	bool		found;

	wf_wake_for_activity_after_abort(activity);
	found = run_look(delete, &look, 0) > 0;
	if (found)
	{
		task->execution = wf_sql_int64(0, 1);
		task->frame = (int) wf_sql_int64(0, 2);
		task->serial = (int) wf_sql_int64(0, 3);
		*input = MemoryContextStrdup(context, wf_sql_text(0, 4));
		id = wf_sql_int64(0, 5);
	}
	if (look.from < id - STEPPED_OVER)
		move_head(&look);
	return found;
}

bool
wf_activity_task_hand_out(int64 activity, Oid role, const char *worker, MemoryContext context, char **token, char **input)
{
	WfTaskReference task;
	WfInbox		started = {.kind = WF_INBOX_STARTED, .worker = unconstify(char *, worker)};

	/* One that was offered may be waited for no more: somebody else was just about to take it when it was withdrawn. */
	do
	{
		if (!take(activity, role, context, &task, input))
			return false;
	} while (!wf_frame_has_task(task.execution, task.frame, task.serial));
	started.execution = task.execution;
	started.frame = task.frame;
	started.serial = task.serial;
	(void) wf_inbox_add(&started, wf_clock_now());
	*token = MemoryContextAlloc(context, WF_TASK_TOKEN_SIZE);
	wf_task_token_make(&task, *token);
	return true;
}
