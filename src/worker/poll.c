/*
 * poll.c - sessions that wait for an activity's work, each with its place in the order in which they came.
 *
 * For every task that is offered, one is woken: the first that has not been woken yet.  Who is woken and finds nothing,
 * because another was quicker, keeps his place.  Who leaves although he was woken, without having looked since, wakes the
 * next: so no task lies there while somebody waits for it.  Between wake-ups a session that waits does nothing at all.
 *
 * Where executions wait, too, there is one order over both, in which the scheduler wakes (store/activity_poll.c).
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "pg/clock.h"
#include "worker/process.h"

static WfPoller *mine = NULL;

/* Under the lock.  False: there is nobody. */
static bool
wake_first(Oid database, int64 activity)
{
	WfPoller   *first = NULL;

	for (int i = 0; i < wf_shared->pollers_used; i++)
	{
		WfPoller   *poller = &wf_pollers[i];

		if (poller->ticket != 0 && !poller->woken && poller->activity == activity && poller->database == database &&
			(first == NULL || poller->ticket < first->ticket))
			first = poller;
	}
	if (first == NULL)
		return false;
	first->woken = true;
	SetLatch(first->latch);
	return true;
}

void
wf_poll_wake(Oid database, int64 activity, int n)
{
	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	while (n-- > 0 && wake_first(database, activity))
		;
	LWLockRelease(&wf_shared->pollers_lock);
}

void
wf_poll_wake_all(Oid database)
{
	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	for (int i = 0; i < wf_shared->pollers_used; i++)
		if (wf_pollers[i].ticket != 0 && wf_pollers[i].database == database)
		{
			wf_pollers[i].woken = true;
			SetLatch(wf_pollers[i].latch);
		}
	LWLockRelease(&wf_shared->pollers_lock);
}

bool
wf_poll_begin(int64 activity)
{
	TimestampTz since = wf_clock_now();

	wf_shared_attach();
	/* A commit on the way may run a deferred trigger, and so anything. */
	if (mine != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("this session waits for an activity's task already")));
	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	for (int i = 0; i < wf_shared->pollers_used && mine == NULL; i++)
		if (wf_pollers[i].ticket == 0)
			mine = &wf_pollers[i];
	if (mine == NULL && wf_shared->pollers_used < wf_shared->n_pollers)
		mine = &wf_pollers[wf_shared->pollers_used++];
	if (mine != NULL)
		*mine = (WfPoller) {MyDatabaseId, activity, ++wf_shared->last_ticket, false, MyLatch, since};
	LWLockRelease(&wf_shared->pollers_lock);
	return mine != NULL;
}

void
wf_poll_look(void)
{
	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	mine->woken = false;
	LWLockRelease(&wf_shared->pollers_lock);
}

static bool
is_woken(void)
{
	bool		woken;

	LWLockAcquire(&wf_shared->pollers_lock, LW_SHARED);
	woken = mine->woken;
	LWLockRelease(&wf_shared->pollers_lock);
	return woken;
}

bool
wf_poll_sleep(long timeout_ms)
{
	TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), timeout_ms);

	for (;;)
	{
		long		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), end);

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (is_woken())
			return true;
		if (left <= 0)
			return false;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, left, PG_WAIT_EXTENSION);
	}
}

void
wf_poll_end(void)
{
	bool		woken;
	int64		activity;

	if (mine == NULL)
		return;
	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	woken = mine->woken;
	activity = mine->activity;
	mine->ticket = 0;
	LWLockRelease(&wf_shared->pollers_lock);
	mine = NULL;
	if (woken && !wf_wake_scheduler_for_activity(activity))
		wf_poll_wake(MyDatabaseId, activity, 1);
}

/* --- for the scheduler --- */

static int
compare_sessions(const void *a, const void *b)
{
	const WfWaitingSession *x = a;
	const WfWaitingSession *y = b;

	if (x->activity != y->activity)
		return x->activity < y->activity ? -1 : 1;
	return x->ticket < y->ticket ? -1 : x->ticket > y->ticket;
}

int
wf_poll_sessions(WfWaitingSession **sessions)
{
	int			n = 0;

	wf_shared_attach();
	*sessions = palloc(Max(wf_shared->n_pollers, 1) * sizeof(WfWaitingSession));
	LWLockAcquire(&wf_shared->pollers_lock, LW_SHARED);
	for (int i = 0; i < wf_shared->pollers_used; i++)
	{
		const WfPoller *poller = &wf_pollers[i];

		if (poller->ticket != 0 && poller->database == MyDatabaseId)
			(*sessions)[n++] = (WfWaitingSession) {poller->activity, poller->ticket, poller->since};
	}
	LWLockRelease(&wf_shared->pollers_lock);
	qsort(*sessions, n, sizeof(WfWaitingSession), compare_sessions);
	return n;
}

void
wf_poll_wake_up_to(int64 activity, uint64 ticket)
{
	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	for (int i = 0; i < wf_shared->pollers_used; i++)
	{
		WfPoller   *poller = &wf_pollers[i];

		if (poller->ticket != 0 && poller->ticket <= ticket && !poller->woken && poller->activity == activity &&
			poller->database == MyDatabaseId)
		{
			poller->woken = true;
			SetLatch(poller->latch);
		}
	}
	LWLockRelease(&wf_shared->pollers_lock);
}
