/*
 * log.h - what a machine logs, as people see it: by the view log_events.
 */
#ifndef WF_API_LOG_H
#define WF_API_LOG_H

/* An event's details without what includeExecutionData adds; palloc'ed. */
extern char *wf_log_details_without_data(const char *details);

#endif
