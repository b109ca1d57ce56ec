/*
 * wait.c - wait_for_execution(): a function, whose wait is capped because the query around it holds a snapshot; and a
 * procedure, which ends its transaction first and holds nothing while it waits.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/arguments.h"
#include "api/execution.h"
#include "pg/service_error.h"
#include "store/execution.h"
#include "worker/worker.h"

#define MOST_IN_FUNCTION	60000L	/* milliseconds */
#define LOOK_AGAIN			5000L	/* an end whose wake-up was lost (a crash between commit and latch) is seen then */

/* The execution's status, as its caller may see it; palloc'ed. */
static char *
look(int64 execution)
{
	WfExecutionReference reference = {execution, NULL};
	WfStateMachine machine;
	WfExecutionInfo info;

	wf_describe(&reference, &machine, &info);
	if (TransactionIdIsCurrentTransactionId(info.xmin))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot wait for an execution that was started in the same transaction"),
				 errdetail("It begins when this transaction commits."),
				 errhint("Commit first, then wait.")));
	return pstrdup(info.status);
}

/*
 * Whoever has been shown the execution needs to hear no more than how it ended: one lookup.  If it has not, all is looked at
 * again: it may have ended and been purged since.  palloc'ed.
 */
static char *
look_again(int64 execution)
{
	WfStore		store;
	MemoryContext context = CurrentMemoryContext;
	char	   *status;

	wf_store_begin(&store);
	status = wf_execution_end_status(execution);
	if (status != NULL)
		status = MemoryContextStrdup(context, status);
	wf_store_end(&store);
	MemoryContextSwitchTo(context);
	return status != NULL ? status : look(execution);
}

static bool
is_running(const char *status)
{
	return strcmp(status, "RUNNING") == 0;
}

/* How long to sleep now; 0: the time is over. */
static long
remaining(TimestampTz end)
{
	TimestampTz now = GetCurrentTimestamp();

	return now >= end ? 0 : Min((long) ((end - now) / 1000 + 1), LOOK_AGAIN);
}

PG_FUNCTION_INFO_V1(workflow_wait_for_execution);

Datum
workflow_wait_for_execution(PG_FUNCTION_ARGS)
{
	int64		execution = PG_GETARG_INT64(0);
	int64		timeout = wf_argument_milliseconds(fcinfo, 1, "timeout");
	TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), Min(timeout, MOST_IN_FUNCTION));
	char	   *status;
	long		sleep;

	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("cannot wait for an execution in a transaction of isolation level REPEATABLE READ or higher"),
				 errdetail("Such a transaction never sees the end.")));
	wf_wait_prepare(execution);
	status = look(execution);
	while (is_running(status) && (sleep = remaining(end)) > 0)
	{
		(void) wf_wait_sleep(execution, sleep);
		status = look_again(execution);
	}
	wf_wait_end();
	PG_RETURN_TEXT_P(cstring_to_text(status));
}

PG_FUNCTION_INFO_V1(workflow_wait_for_execution_procedure);

Datum
workflow_wait_for_execution_procedure(PG_FUNCTION_ARGS)
{
	TupleDesc	tuple_desc;
	Datum		values[1];
	bool		nulls[1] = {false};
	int64		execution;
	TimestampTz end;
	char	   *status;
	MemoryContext context = CurrentMemoryContext;
	long		sleep;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the execution and the timeout must not be null")));
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("wait_for_execution cannot be called as a procedure inside a transaction block"),
				 errhint("Use the function workflow.wait_for_execution(), or commit first.")));
	if (get_call_result_type(fcinfo, NULL, &tuple_desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	tuple_desc = BlessTupleDesc(tuple_desc);
	execution = PG_GETARG_INT64(0);
	end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), wf_argument_milliseconds(fcinfo, 1, "timeout"));

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	/* Before the first commit: what this transaction started itself is an error, not waited for. */
	(void) look(execution);
	wf_wait_prepare(execution);
	for (;;)
	{
		status = look_again(execution);
		sleep = remaining(end);
		if (!is_running(status) || sleep == 0)
			break;
		status = MemoryContextStrdup(context, status);
		SPI_commit();			/* and no snapshot until the next look */
		(void) wf_wait_sleep(execution, sleep);
	}
	wf_wait_end();
	status = MemoryContextStrdup(context, status);
	SPI_finish();

	values[0] = CStringGetTextDatum(status);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(tuple_desc, values, nulls)));
}
