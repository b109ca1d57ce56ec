/*
 * notification.h - payloads of notifications that are too large for NOTIFY.
 */
#ifndef WF_NOTIFICATION_H
#define WF_NOTIFICATION_H

#include "postgres.h"

#include "utils/uuid.h"

/* Keeps a payload for as long as its execution is kept.  In an engine's section; palloc'ed in the given context. */
extern pg_uuid_t *wf_notification_keep(int64 execution, const char *payload, size_t length, MemoryContext context);

/*
 * Deletes up to `limit` of those that executions which are not kept themselves (run to their end within a call) sent more
 * than a day ago; returns how many.  The others leave with their executions (retention.h).
 */
extern int	wf_notification_purge(int limit);

#endif
