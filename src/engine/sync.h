/*
 * sync.h - StartSyncExecution: an EXPRESS execution in the calling transaction, from its start to its end.
 */
#ifndef WF_SYNC_H
#define WF_SYNC_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "interpreter/interpreter.h"
#include "store/execution.h"

typedef struct WfSyncResult
{
	WfExecutionStatus status;
	char	   *output;			/* compact JSON; NULL: none */
	char	   *error;
	char	   *cause;
	TimestampTz stopped_at;
} WfSyncResult;

/*
 * Runs it and returns its end; strings are palloc'ed.  Nothing of it is stored but what its tasks do, which belongs to the
 * caller's transaction; and, if it has an id (else 0), the execution with what its machine logs.  Its tasks run as the
 * machine's role: an error unless the caller may become that role.
 */
extern void wf_engine_run_sync(int64 id, const char *arn, WfStoredExecution *execution, const char *trace_header,
							   WfSyncResult *result);

#endif
