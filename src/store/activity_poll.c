/*
 * activity_poll.c - executions whose tasks wait for an activity's work; see activity_poll.h.
 */
#include "postgres.h"

#include "access/xact.h"
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
		"due_at, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id", 8,
	{INT8OID, INT8OID, INT4OID, INT4OID, REGROLEOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID}};
	WfTimer		timer = timer_of(poll);
	Datum		values[8];

	values[0] = Int64GetDatum(poll->activity);
	values[1] = Int64GetDatum(poll->execution);
	values[2] = Int32GetDatum(poll->frame);
	values[3] = Int32GetDatum(poll->serial);
	values[4] = ObjectIdGetDatum(poll->role);
	values[5] = poll->worker != NULL ? CStringGetTextDatum(poll->worker) : (Datum) 0;
	values[6] = TimestampTzGetDatum(poll->due);
	values[7] = TimestampTzGetDatum(poll->since);
	wf_sql(&insert, values, poll->worker != NULL ? NULL : "     n  ", 0);
	wf_wake_for_new_poll(poll->activity, wf_sql_int64(0, 1));	/* a task may have been offered since it has looked */
	wf_timer_add(&timer);
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
		"WHERE p.activity_id = w.activity_id AND p.role = w.role AND p.id = w.id RETURNING p.due_at, p.activity_id", 3,
	{INT8OID, INT4OID, INT4OID}};
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(frame), Int32GetDatum(serial)};
	bool		isnull;

	wf_wake_after_abort();
	if (wf_sql(&delete, values, NULL, 0) == 0)
		return false;
	*poll = (WfActivityPoll) {
		.execution = execution, .frame = frame, .serial = serial, .due = DatumGetTimestampTz(wf_sql_value(0, 1, &isnull)),
		.activity = wf_sql_int64(0, 2)
	};
	wf_wake_for_polls(poll->activity);	/* it may have been told of a task that is still there */
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
 * Executions and sessions wait in one order: the first of them, as many as there are tasks, are told.  A session has a place in
 * shared memory, and is woken; of one that has been woken and has not looked yet it is taken that it will have a task.
 *
 * The scheduler must not wait for a session that does the same (run_until_idle): rows that somebody else holds are passed by.
 * A session's end announces that they are free.
 */

/* Those who poll one activity as one role. */
typedef struct Queue
{
	int64		activity;
	Oid			role;
	int64		from;			/* no look goes further back: those have gone */
	int64		first;			/* of all queues so far, the first that there is */
} Queue;

/* From one to the next through the index. */
static bool
next_queue(Queue *queue)
{
	static WfStatement select = {"SELECT activity_id, role, id FROM workflow.activity_poll "
		"WHERE (activity_id, role) > ($1, $2) AND id >= $3 ORDER BY activity_id, role, id LIMIT 1", 3,
	{INT8OID, OIDOID, INT8OID}};
	Datum		values[3] = {Int64GetDatum(queue->activity), ObjectIdGetDatum(queue->role), Int64GetDatum(queue->from)};

	if (wf_sql(&select, values, NULL, 1) == 0)
		return false;
	queue->activity = wf_sql_int64(0, 1);
	queue->role = (Oid) wf_sql_int64(0, 2);
	queue->first = Min(queue->first, wf_sql_int64(0, 3));
	return true;
}

#define AT_A_TIME 64			/* executions, each of which announces, when it is served, that there may be more */

typedef struct Waiting
{
	TimestampTz since;
	int64		id;				/* decides between executions that have come at the same time */
	uint64		ticket;			/* of a session; 0: an execution */
	int64		execution;
	int			frame;
	int			serial;
	bool		own_only;		/* it may only have tasks of machines that run as its role */
} Waiting;

/* All who may be next for tasks of one activity. */
typedef struct Crowd
{
	int64		activity;
	bool		gone;			/* there is no such activity: all executions are told */
	int			n;
	int			n_sessions;
	Waiting    *waiting;
	int			size;
} Crowd;

static void
join_crowd(Crowd *crowd, const Waiting *waiting)
{
	if (crowd->n == crowd->size)
	{
		crowd->size = crowd->size == 0 ? AT_A_TIME : 2 * crowd->size;
		crowd->waiting = crowd->waiting == NULL ? palloc(crowd->size * sizeof(Waiting)) :
			repalloc(crowd->waiting, crowd->size * sizeof(Waiting));
	}
	crowd->waiting[crowd->n++] = *waiting;
	crowd->n_sessions += waiting->ticket != 0;
}

/* Of a queue no more than there are tasks for. */
static void
add_queue(Crowd *crowd, const Queue *queue)
{
	static WfStatement select = {"SELECT execution_id, frame, serial, since, id FROM workflow.activity_poll "
		"WHERE activity_id = $1 AND role = $2 AND id >= $4 ORDER BY activity_id, role, id LIMIT $3 FOR UPDATE SKIP LOCKED", 4,
	{INT8OID, OIDOID, INT4OID, INT8OID}};
	Datum		values[4] = {Int64GetDatum(queue->activity), ObjectIdGetDatum(queue->role), (Datum) 0,
	Int64GetDatum(queue->from)};
	WfActivity	activity;
	Oid			tasks = WF_ANY_ROLE;
	int			limit = PG_INT32_MAX;
	int			n;

	crowd->gone = !wf_activity_by_id(queue->activity, CurrentMemoryContext, &activity);
	if (!crowd->gone)
	{
		tasks = wf_activity_poll_tasks(&activity, queue->role);
		limit = wf_activity_task_count(queue->activity, tasks, AT_A_TIME);
	}
	if (limit == 0)
		return;
	values[2] = Int32GetDatum(limit);
	n = (int) wf_sql(&select, values, NULL, 0);
	for (int i = 0; i < n; i++)
	{
		bool		isnull;

		join_crowd(crowd, &(Waiting) {
			.execution = wf_sql_int64(i, 1), .frame = (int) wf_sql_int64(i, 2), .serial = (int) wf_sql_int64(i, 3),
			.since = DatumGetTimestampTz(wf_sql_value(i, 4, &isnull)), .id = wf_sql_int64(i, 5),
			.own_only = tasks != WF_ANY_ROLE
		});
	}
}

static int
compare_arrivals(const void *a, const void *b)
{
	const Waiting *x = a;
	const Waiting *y = b;

	if (x->since != y->since)
		return x->since < y->since ? -1 : 1;
	if (x->ticket != y->ticket)
		return x->ticket < y->ticket ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
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

/*
 * Who is told may find that another was quicker; then there is one task less, too, and nobody else waits in vain.  But behind a
 * session, which takes the first task of any role, it is not sure that one is left of those that an execution may have: it is
 * told, and its task counts for the next, too.
 */
static void
tell_first(Crowd *crowd)
{
	int			tasks = wf_activity_task_count(crowd->activity, WF_ANY_ROLE, AT_A_TIME + crowd->n_sessions);
	uint64		last = 0;

	if (crowd->n > 1)
		qsort(crowd->waiting, crowd->n, sizeof(Waiting), compare_arrivals);
	for (int i = 0; i < crowd->n && (tasks > 0 || crowd->gone); i++)
	{
		const Waiting *first = &crowd->waiting[i];

		if (first->ticket != 0)
			last = Max(last, first->ticket);
		else
			tell(first->execution, first->frame, first->serial);
		tasks -= first->ticket != 0 || !first->own_only || last == 0;
	}
	if (last != 0)
		wf_poll_wake_up_to(crowd->activity, last);
}

/* Of two activities the first; 0: of none. */
static int64
first_activity(bool queues, const Queue *queue, const WfWaitingSession *session, const WfWaitingSession *end)
{
	int64		activity = queues ? queue->activity : PG_INT64_MAX;

	if (session < end)
		activity = Min(activity, session->activity);
	return activity == PG_INT64_MAX ? 0 : activity;
}

bool
wf_activity_polls_tell(uint64 polls)
{
	WfWaitingSession *session;
	int			n = wf_poll_sessions(&session);
	const WfWaitingSession *end = session + n;
	Queue		queue = {.first = PG_INT64_MAX};
	bool		queues;
	bool		any;
	int64		activity;
	int64		head;
	uint32		changes;

	wf_activity_head(WF_POLLS_OF_ALL, WF_ANY_ROLE, &head, &changes);
	queue.from = Min(head, wf_first_new_poll());
	any = queues = next_queue(&queue);

	while ((activity = first_activity(queues, &queue, session, end)) != 0)
	{
		Crowd		crowd = {.activity = activity};
		bool		asked = (polls & wf_polls_of(activity)) != 0;

		if (queues && queue.activity == activity)
			wf_polls_are_waited_for(wf_polls_of(activity));
		for (; session < end && session->activity == activity; session++)
			if (asked)
				join_crowd(&crowd, &(Waiting) {.since = session->since, .ticket = session->ticket});
		for (; queues && queue.activity == activity; queues = next_queue(&queue))
			if (asked)
				add_queue(&crowd, &queue);
		if (asked)
			tell_first(&crowd);
	}
	if (queue.first != head && !IsolationUsesXactSnapshot())
		wf_activity_head_move(WF_POLLS_OF_ALL, WF_ANY_ROLE, queue.first, changes);
	return any;
}
