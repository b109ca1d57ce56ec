/*
 * timer.c - moments to come; see timer.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "store/ready.h"
#include "store/sql.h"
#include "store/timer.h"
#include "worker/worker.h"

static const char kind_letters[] = {
	[WF_TIMER_FRAME] = 'f', [WF_TIMER_HEARTBEAT] = 'h', [WF_TIMER_EXECUTION] = 'x', [WF_TIMER_AGE] = 'a',
	[WF_TIMER_POLL] = 'p'
};

static WfTimerKind
kind_of(char letter)
{
	for (int i = 0; i < lengthof(kind_letters); i++)
		if (kind_letters[i] == letter)
			return (WfTimerKind) i;
	elog(ERROR, "a timer is of the unknown kind \"%c\"", letter);
}

static Datum *
columns_of(const WfTimer *timer)
{
	static Datum values[6];

	values[0] = TimestampTzGetDatum(timer->due);
	values[1] = Int64GetDatum(timer->execution);
	values[2] = Int32GetDatum(timer->frame);
	values[3] = CharGetDatum(kind_letters[timer->kind]);
	values[4] = Int32GetDatum(timer->serial);
	values[5] = ObjectIdGetDatum(timer->role);
	return values;
}

void
wf_timer_add(const WfTimer *timer)
{
	static WfStatement insert = {"INSERT INTO workflow.timer (due_at, execution_id, frame, kind, serial, role) "
		"VALUES ($1, $2, $3, $4, $5, $6)", 6, {TIMESTAMPTZOID, INT8OID, INT4OID, CHAROID, INT4OID, REGROLEOID}};

	wf_sql(&insert, columns_of(timer), OidIsValid(timer->role) ? NULL : "     n", 0);
	wf_wake_for_timer(timer->due);
}

#define BY_KEY "due_at = $1 AND execution_id = $2 AND frame = $3 AND kind = $4"

void
wf_timer_cancel(const WfTimer *timer)
{
	static WfStatement delete = {"DELETE FROM workflow.timer WHERE ctid = ANY (ARRAY(SELECT ctid FROM workflow.timer "
		"WHERE " BY_KEY " FOR UPDATE SKIP LOCKED))", 4, {TIMESTAMPTZOID, INT8OID, INT4OID, CHAROID}};

	wf_sql(&delete, columns_of(timer), NULL, 0);
}

void
wf_timer_delete(const WfTimer *timer)
{
	static WfStatement delete = {"DELETE FROM workflow.timer WHERE " BY_KEY, 4,
	{TIMESTAMPTZOID, INT8OID, INT4OID, CHAROID}};

	wf_sql(&delete, columns_of(timer), NULL, 0);
}

void
wf_timer_postpone(const WfTimer *timer, TimestampTz to)
{
	static WfStatement update = {"UPDATE workflow.timer SET due_at = $6 WHERE " BY_KEY, 6,
	{TIMESTAMPTZOID, INT8OID, INT4OID, CHAROID, INT4OID, TIMESTAMPTZOID}};
	Datum		values[6];

	memcpy(values, columns_of(timer), 5 * sizeof(Datum));
	values[5] = TimestampTzGetDatum(to);
	wf_sql(&update, values, NULL, 0);
}

#define DUE "WHERE due_at >= $1 AND due_at <= $2 "
#define IN_ORDER "ORDER BY due_at, execution_id LIMIT $3 "

static int
read_timers(int n, MemoryContext context, WfTimer **timers)
{
	*timers = MemoryContextAlloc(context, Max(n, 1) * sizeof(WfTimer));
	for (int i = 0; i < n; i++)
	{
		WfTimer    *timer = &(*timers)[i];
		bool		isnull;

		timer->due = DatumGetTimestampTz(wf_sql_value(i, 1, &isnull));
		timer->execution = wf_sql_int64(i, 2);
		timer->frame = (int) wf_sql_int64(i, 3);
		timer->kind = kind_of(DatumGetChar(wf_sql_value(i, 4, &isnull)));
		timer->serial = (int) wf_sql_int64(i, 5);
	}
	return n;
}

#define COLUMNS "SELECT due_at, execution_id, frame, kind, serial FROM workflow.timer "

int
wf_timer_claim(TimestampTz from, TimestampTz now, int skip, int limit, MemoryContext context, WfTimer **timers)
{
	static WfStatement select = {"WITH due AS (" COLUMNS DUE IN_ORDER
		"OFFSET $4 FOR UPDATE SKIP LOCKED) SELECT * FROM due ORDER BY execution_id, due_at", 4,
	{TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, INT4OID}};
	Datum		values[4] = {TimestampTzGetDatum(from), TimestampTzGetDatum(now), Int32GetDatum(limit), Int32GetDatum(skip)};

	return read_timers((int) wf_sql(&select, values, NULL, 0), context, timers);
}

/* Which of two is the later is said by their serials: a wait until a moment that was past already is due before what it followed. */
void
wf_timer_set_aside(const WfTimer *timer)
{
	static WfStatement delete_earlier = {"DELETE FROM workflow.timer WHERE " BY_KEY " AND serial <= $5", 5,
	{TIMESTAMPTZOID, INT8OID, INT4OID, CHAROID, INT4OID}};
	static WfStatement find_later = {"SELECT FROM workflow.timer WHERE " BY_KEY, 4,
	{TIMESTAMPTZOID, INT8OID, INT4OID, CHAROID}};
	WfTimer		aside = *timer;

	aside.due = DT_NOEND;
	wf_sql(&delete_earlier, columns_of(&aside), NULL, 0);
	if (wf_sql(&find_later, columns_of(&aside), NULL, 1) > 0)
		wf_timer_delete(timer);
	else
		wf_timer_postpone(timer, DT_NOEND);
}

#define SET_ASIDE "WHERE due_at = 'infinity' AND execution_id = $1 "

int
wf_timer_claim_set_aside(int64 execution, int limit, MemoryContext context, WfTimer **timers)
{
	static WfStatement select = {COLUMNS SET_ASIDE "ORDER BY frame, kind LIMIT $2 FOR UPDATE SKIP LOCKED", 2, {INT8OID, INT4OID}};
	Datum		values[2] = {Int64GetDatum(execution), Int32GetDatum(limit)};

	return read_timers((int) wf_sql(&select, values, NULL, 0), context, timers);
}

void
wf_timer_delete_set_aside(int64 execution)
{
	static WfStatement delete = {"DELETE FROM workflow.timer " SET_ASIDE, 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(execution)};

	wf_sql(&delete, values, NULL, 0);
}

int
wf_timer_hand_over(TimestampTz from, TimestampTz now, int limit)
{
	static WfStatement move = {"WITH due AS (DELETE FROM workflow.timer WHERE ctid = ANY (ARRAY("
		"SELECT ctid FROM workflow.timer " DUE "AND role IS NOT NULL " IN_ORDER "FOR UPDATE SKIP LOCKED)) "
		"RETURNING role, execution_id, frame, serial) "
		"INSERT INTO workflow.ready (role, execution_id, kind, frame, serial) "
		"SELECT role, execution_id, $4, frame, serial FROM due RETURNING role", 4,
	{TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, CHAROID}};
	Datum		values[4] = {TimestampTzGetDatum(from), TimestampTzGetDatum(now), Int32GetDatum(limit),
	CharGetDatum(WF_READY_WAITED)};
	int			n = (int) wf_sql(&move, values, NULL, 0);

	for (int i = 0; i < n; i++)
		wf_wake_for_ready((Oid) wf_sql_int64(i, 1));
	return n;
}

TimestampTz
wf_timer_next(TimestampTz from)
{
	static WfStatement select = {"SELECT due_at FROM workflow.timer WHERE due_at >= $1 AND due_at < 'infinity' "
	"ORDER BY due_at LIMIT 1", 1, {TIMESTAMPTZOID}};
	Datum		values[1] = {TimestampTzGetDatum(from)};
	bool		isnull;

	return wf_sql(&select, values, NULL, 1) == 0 ? DT_NOEND : DatumGetTimestampTz(wf_sql_value(0, 1, &isnull));
}
