/*
 * running_task.c - which task a pool worker executes: shown to others in its slot, cancelled through it.
 *
 * Who cancels holds the slot's lock from comparing the task to the end of kill().  So once the worker has taken the lock
 * after its task, every cancel meant for that task has been sent, and none will be: the signal is in or on its way into
 * this process, and wf_running_task_end() waits for it before it forgets it.  A cancel never hits the next task.
 *
 * In a session (run_until_idle) there is no slot: such a task is cancelled as any statement is.
 */
#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "worker/process.h"

WfWorkerSlot *wf_my_worker_slot = NULL;

bool
wf_is_pool_worker(void)
{
	return wf_my_worker_slot != NULL;
}

void
wf_running_task_begin(const WfRunningTask *task)
{
	WfWorkerSlot *slot = wf_my_worker_slot;

	if (slot == NULL)
		return;
	wf_crash_mark_write(task);
	LWLockAcquire(&slot->lock, LW_EXCLUSIVE);
	slot->task = *task;
	slot->task_since = GetCurrentTimestamp();
	slot->cancel = false;
	LWLockRelease(&slot->lock);
}

/* Every SIGINT that was sent before this call has set QueryCancelPending after it. */
static void
let_interrupt_arrive(void)
{
	sigset_t	interrupt,
				before;

	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	/* a signal that is pending when it is unblocked is delivered before the call returns */
	sigprocmask(SIG_BLOCK, &interrupt, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void
wf_running_task_end(void)
{
	WfWorkerSlot *slot = wf_my_worker_slot;
	bool		was_cancelled;

	if (slot == NULL)
		return;
	LWLockAcquire(&slot->lock, LW_EXCLUSIVE);
	memset(&slot->task, 0, sizeof(slot->task));
	was_cancelled = slot->cancel;
	slot->cancel = false;
	LWLockRelease(&slot->lock);
	if (was_cancelled)
	{
		let_interrupt_arrive();
		QueryCancelPending = false;
	}
	wf_crash_mark_write(NULL);
}

bool
wf_cancel_requested(void)
{
	/* reading one byte of our own slot needs no lock: the flag is set before the signal is sent */
	return wf_my_worker_slot != NULL && wf_my_worker_slot->cancel;
}

bool
wf_running_task_cancel(int64 execution, int frame, int serial)
{
	bool		found = false;
	int			used;

	wf_shared_attach();
	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	used = wf_shared->workers_used;
	LWLockRelease(&wf_shared->lock);

	for (int i = 0; i < used && !found; i++)
	{
		WfWorkerSlot *slot = &wf_worker_slots[i];

		/* a slot of another database may have the same numbers; who leaves has ended its task, under this lock */
		LWLockAcquire(&slot->lock, LW_EXCLUSIVE);
		if (slot->task.execution == execution && slot->task.frame == frame && slot->task.serial == serial &&
			slot->database == MyDatabaseId && slot->pid != 0)
		{
			slot->cancel = true;
			found = kill(slot->pid, SIGINT) == 0;
		}
		LWLockRelease(&slot->lock);
	}
	return found;
}
