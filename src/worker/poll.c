/*
 * poll.c - sessions that wait for an activity's work, each with its place in the order in which they came.
 *
 * For every task that is offered, one is woken: the first that has not been woken yet.  Who is woken and finds nothing,
 * because another was quicker, keeps his place.  Who leaves although he was woken, without having looked since, wakes the
 * next: so no task lies there while somebody waits for it.  Between wake-ups a session that waits does nothing at all.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

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
		*mine = (WfPoller) {MyDatabaseId, activity, ++wf_shared->last_ticket, false, MyLatch};
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
	if (mine == NULL)
		return;
	LWLockAcquire(&wf_shared->pollers_lock, LW_EXCLUSIVE);
	mine->ticket = 0;
	if (mine->woken)
		(void) wake_first(mine->database, mine->activity);
	LWLockRelease(&wf_shared->pollers_lock);
	mine = NULL;
}
