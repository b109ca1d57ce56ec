/*
 * waiting_task.c - people are told of tasks that have been out for long.
 *
 * Those that a turn of the scheduler finds are told of when it has been committed, in a transaction of its own: who cannot be
 * told, for the queue of notifications is full, must not keep the timers from firing.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/async.h"
#include "utils/memutils.h"

#include "engine/internal.h"

static struct
{
	int64		execution;
	int			frame;
}			waiting[WF_MOST_WAITING];
static int	n_waiting = 0;

void
wf_waiting_task_note(WfRun *run, const WfTimer *timer)
{
	if (n_waiting == WF_MOST_WAITING || !wf_run_expects(run, timer->frame, timer->serial))
		return;
	waiting[n_waiting].execution = timer->execution;
	waiting[n_waiting++].frame = timer->frame;
}

int
wf_waiting_tasks_noted(void)
{
	return n_waiting;
}

void
wf_waiting_tasks_forget(int from)
{
	n_waiting = from;
}

/* What such a task is, those who may see it find in the view: everybody can listen. */
void
wf_waiting_tasks_notify(void)
{
	for (int i = 0; i < n_waiting; i++)
		Async_Notify("workflow_waiting_task", psprintf("{\"execution_id\":" INT64_FORMAT ",\"frame\":%d}",
													   waiting[i].execution, waiting[i].frame));
	n_waiting = 0;
}

void
wf_waiting_tasks_tell(void)
{
	MemoryContext context = CurrentMemoryContext;
	int			n = n_waiting;

	if (n == 0)
		return;
	PG_TRY();
	{
		wf_engine_begin();
		wf_waiting_tasks_notify();
		wf_engine_commit();
	}
	PG_CATCH();
	{
		ErrorData  *data;

		MemoryContextSwitchTo(context);
		data = CopyErrorData();
		FlushErrorState();
		AbortOutOfAnyTransaction();
		n_waiting = 0;
		ereport(WARNING,
				(errcode(data->sqlerrcode),
				 errmsg("nobody could be told of %d tasks that have been out for long: %s", n, data->message),
				 errhint("The view workflow.waiting_tasks shows them.")));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
}
