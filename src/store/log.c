/*
 * log.c - the histories of EXPRESS executions; see log.h.
 */
#include "postgres.h"

#include "store/history.h"
#include "store/log.h"

/* A part's events are consecutive: what is left out begins another. */
static int
end_of_run(const WfEvent *events, int n, int first)
{
	int			end = first + 1;

	while (end < n && events[end].id == events[end - 1].id + 1)
		end++;
	return end;
}

void
wf_log_append(int64 execution, const WfLogging *logging, const WfEvent *events, int n)
{
	WfEvent    *logged;
	int			n_logged = 0;

	if (logging->level == WF_LOG_OFF)
		return;
	logged = palloc_extended(Max(n, 1) * sizeof(WfEvent), MCXT_ALLOC_HUGE);
	for (int i = 0; i < n; i++)
		if (wf_event_is_logged(events[i].type, logging->level))
			logged[n_logged++] = logging->with_data ? events[i] : wf_event_without_data(&events[i]);
	for (int first = 0, end; first < n_logged; first = end)
	{
		end = end_of_run(logged, n_logged, first);
		wf_history_append(execution, &logged[first], end - first);
	}
	pfree(logged);
}
