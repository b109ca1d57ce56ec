/*
 * activity_poll.c - executions whose tasks wait for an activity's work; see activity_poll.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "pg/clock.h"
#include "store/activity_poll.h"
#include "store/frame.h"
#include "store/inbox.h"
#include "store/sql.h"
#include "store/timer.h"
#include "worker/worker.h"

static WfTimer
timer_of(const WfActivityPoll *poll)
{
	return (WfTimer) {
		.due = poll->due, .execution = poll->execution, .frame = poll->frame, .kind = WF_TIMER_POLL, .serial = poll->serial,
		.role = InvalidOid
	};
}

void
wf_activity_poll_add(const WfActivityPoll *poll)
{
	static WfStatement insert = {"INSERT INTO workflow.activity_poll (activity_id, execution_id, frame, serial, role, worker, "
		"due_at) VALUES ($1, $2, $3, $4, $5, $6, $7)", 7,
	{INT8OID, INT8OID, INT4OID, INT4OID, REGROLEOID, TEXTOID, TIMESTAMPTZOID}};
	WfTimer		timer = timer_of(poll);
	Datum		values[7];

	values[0] = Int64GetDatum(poll->activity);
	values[1] = Int64GetDatum(poll->execution);
	values[2] = Int32GetDatum(poll->frame);
	values[3] = Int32GetDatum(poll->serial);
	values[4] = ObjectIdGetDatum(poll->role);
	values[5] = poll->worker != NULL ? CStringGetTextDatum(poll->worker) : (Datum) 0;
	values[6] = TimestampTzGetDatum(poll->due);
	wf_sql(&insert, values, poll->worker != NULL ? NULL : "     n ", 0);
	wf_timer_add(&timer);
	wf_wake_for_polls();		/* a task may have been offered since it has looked */
}

#define OF_TASK "WHERE execution_id = $1 AND frame = $2 AND serial = $3"

bool
wf_activity_poll_find(int64 execution, int frame, int serial, MemoryContext context, WfActivityPoll *poll)
{
	static WfStatement select = {"SELECT activity_id, role, due_at, worker FROM workflow.activity_poll " OF_TASK, 3,
	{INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};
	bool		isnull;
	char	   *worker;

	if (wf_sql(&select, values, NULL, 1) == 0)
		return false;
	worker = wf_sql_text(0, 4);
	*poll = (WfActivityPoll) {
		.activity = wf_sql_int64(0, 1), .execution = execution, .frame = frame, .serial = serial,
		.role = (Oid) wf_sql_int64(0, 2), .due = DatumGetTimestampTz(wf_sql_value(0, 3, &isnull)),
		.worker = worker != NULL ? MemoryContextStrdup(context, worker) : NULL
	};
	return true;
}

/* A row that somebody else holds, he is deleting. */
void
wf_activity_poll_delete(int64 execution, int frame, int serial)
{
	static WfStatement delete = {"WITH waiting AS (SELECT activity_id, id FROM workflow.activity_poll " OF_TASK
		" FOR UPDATE SKIP LOCKED) DELETE FROM workflow.activity_poll p USING waiting w "
		"WHERE p.activity_id = w.activity_id AND p.id = w.id RETURNING p.due_at", 3, {INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};
	WfActivityPoll poll = {.execution = execution, .frame = frame, .serial = serial};
	WfTimer		timer;
	bool		isnull;

	if (wf_sql(&delete, values, NULL, 0) == 0)
		return;
	poll.due = DatumGetTimestampTz(wf_sql_value(0, 1, &isnull));
	timer = timer_of(&poll);
	wf_timer_cancel(&timer);
	wf_wake_for_polls();		/* it may have been told of a task that is still there */
}

/* From one activity to the next through the index. */
#define ACTIVITIES "WITH RECURSIVE a(id) AS (" \
	"(SELECT activity_id FROM workflow.activity_poll ORDER BY activity_id LIMIT 1) UNION ALL " \
	"SELECT (SELECT n.activity_id FROM workflow.activity_poll n WHERE n.activity_id > a.id ORDER BY n.activity_id LIMIT 1) " \
	"FROM a WHERE a.id IS NOT NULL) "

/* So many at a time; each that is served announces that there may be more. */
#define TASKS "(SELECT count(*) FROM (SELECT FROM workflow.activity_task t WHERE t.activity_id = a.id LIMIT 64) x)"

static uint64
find_first(void)
{
	static WfStatement select = {ACTIVITIES "SELECT p.execution_id, p.frame, p.serial FROM a, LATERAL ("
		"SELECT * FROM workflow.activity_poll w WHERE w.activity_id = a.id ORDER BY w.id "
		"LIMIT CASE WHEN EXISTS (SELECT FROM workflow.activity v WHERE v.id = a.id) THEN " TASKS " END) p"};

	return wf_sql(&select, NULL, NULL, 0);
}

static void
tell(int64 execution, int frame, int serial)
{
	WfInbox		row = {.kind = WF_INBOX_OFFERED, .execution = execution, .frame = frame, .serial = serial};

	if (wf_frame_has_task(execution, frame, serial))
		(void) wf_inbox_add(&row, wf_clock_now());	/* or it has been told, and did not have the time yet */
	else
		wf_activity_poll_delete(execution, frame, serial);
}

bool
wf_activity_polls_tell(void)
{
	static WfStatement any = {"SELECT FROM workflow.activity_poll"};
	int			n;
	struct
	{
		int64		execution;
		int			frame;
		int			serial;
	}		   *first;

	if (wf_sql(&any, NULL, NULL, 1) == 0)
		return false;
	n = (int) find_first();
	first = palloc(Max(n, 1) * sizeof(*first));
	for (int i = 0; i < n; i++)
	{
		first[i].execution = wf_sql_int64(i, 1);
		first[i].frame = (int) wf_sql_int64(i, 2);
		first[i].serial = (int) wf_sql_int64(i, 3);
	}
	for (int i = 0; i < n; i++)
		tell(first[i].execution, first[i].frame, first[i].serial);
	pfree(first);
	return true;
}
