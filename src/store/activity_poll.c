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
#include "store/privilege.h"
#include "store/sql.h"
#include "store/timer.h"
#include "worker/worker.h"

Oid
wf_activity_poll_tasks(const WfActivity *activity, Oid role)
{
	return wf_activity_privileges(activity, role) & WF_MAY_POLL ? WF_ANY_ROLE : role;
}

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
	static WfStatement select = {"SELECT activity_id, role, due_at, worker FROM workflow.activity_poll " OF_TASK
		" FOR UPDATE SKIP LOCKED", 3,
	{INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};
	bool		isnull;
	char	   *worker;

	if (wf_sql(&select, values, NULL, 0) == 0)
		return false;
	worker = wf_sql_text(0, 4);
	*poll = (WfActivityPoll) {
		.activity = wf_sql_int64(0, 1), .execution = execution, .frame = frame, .serial = serial,
		.role = (Oid) wf_sql_int64(0, 2), .due = DatumGetTimestampTz(wf_sql_value(0, 3, &isnull)),
		.worker = worker != NULL ? MemoryContextStrdup(context, worker) : NULL
	};
	return true;
}

/* A row that somebody else holds stays: he, or who looks next, finds that nobody waits.  False: there is none for us. */
static bool
delete_row(int64 execution, int frame, int serial, WfActivityPoll *poll)
{
	static WfStatement delete = {"WITH waiting AS (SELECT activity_id, role, id FROM workflow.activity_poll " OF_TASK
		" FOR UPDATE SKIP LOCKED) DELETE FROM workflow.activity_poll p USING waiting w "
		"WHERE p.activity_id = w.activity_id AND p.role = w.role AND p.id = w.id RETURNING p.due_at", 3,
	{INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};
	bool		isnull;

	if (wf_sql(&delete, values, NULL, 0) == 0)
		return false;
	*poll = (WfActivityPoll) {
		.execution = execution, .frame = frame, .serial = serial, .due = DatumGetTimestampTz(wf_sql_value(0, 1, &isnull))
	};
	wf_wake_for_polls();		/* it may have been told of a task that is still there */
	return true;
}

void
wf_activity_poll_delete(int64 execution, int frame, int serial)
{
	WfActivityPoll poll;
	WfTimer		timer;

	if (!delete_row(execution, frame, serial, &poll))
		return;
	timer = timer_of(&poll);
	wf_timer_cancel(&timer);
}

void
wf_activity_poll_expire(int64 execution, int frame, int serial)
{
	WfActivityPoll poll;

	(void) delete_row(execution, frame, serial, &poll);
}

/*
 * --- telling those who wait ---
 *
 * The scheduler must not wait for a session that does the same (run_until_idle): rows that somebody else holds are passed by.
 * A session's end announces that they are free.
 */

/* Those who poll one activity as one role. */
typedef struct Queue
{
	int64		activity;
	Oid			role;
} Queue;

/* From one to the next through the index. */
static bool
next_queue(Queue *queue)
{
	static WfStatement select = {"SELECT activity_id, role FROM workflow.activity_poll WHERE (activity_id, role) > ($1, $2) "
		"ORDER BY activity_id, role LIMIT 1", 2, {INT8OID, OIDOID}};
	Datum		values[2] = {Int64GetDatum(queue->activity), ObjectIdGetDatum(queue->role)};

	if (wf_sql(&select, values, NULL, 1) == 0)
		return false;
	queue->activity = wf_sql_int64(0, 1);
	queue->role = (Oid) wf_sql_int64(0, 2);
	return true;
}

#define AT_A_TIME 64			/* each of whom announces, when he is served, that there may be more */

/* How many of them shall look. */
static int
how_many(const Queue *queue)
{
	WfActivity	activity;

	if (!wf_activity_by_id(queue->activity, CurrentMemoryContext, &activity))
		return PG_INT32_MAX;
	return wf_activity_task_count(queue->activity, wf_activity_poll_tasks(&activity, queue->role), AT_A_TIME);
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

static void
tell_first(const Queue *queue, int limit)
{
	static WfStatement select = {"SELECT execution_id, frame, serial FROM workflow.activity_poll "
		"WHERE activity_id = $1 AND role = $2 ORDER BY activity_id, role, id LIMIT $3 FOR UPDATE SKIP LOCKED", 3,
	{INT8OID, OIDOID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(queue->activity), ObjectIdGetDatum(queue->role), Int32GetDatum(limit)};
	int			n = (int) wf_sql(&select, values, NULL, 0);
	WfActivityPoll *first = palloc(Max(n, 1) * sizeof(WfActivityPoll));

	for (int i = 0; i < n; i++)
		first[i] = (WfActivityPoll) {
			.execution = wf_sql_int64(i, 1), .frame = (int) wf_sql_int64(i, 2), .serial = (int) wf_sql_int64(i, 3)
		};
	for (int i = 0; i < n; i++)
		tell(first[i].execution, first[i].frame, first[i].serial);
	pfree(first);
}

bool
wf_activity_polls_tell(void)
{
	Queue		queue = {0, InvalidOid};
	bool		any = false;

	for (; next_queue(&queue); any = true)
	{
		int			limit = how_many(&queue);

		if (limit > 0)
			tell_first(&queue, limit);
	}
	return any;
}
