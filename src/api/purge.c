/*
 * purge.c - purge() and set_retention(): how long executions stay that have ended.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/arguments.h"
#include "api/call.h"
#include "engine/purge.h"

/* A span of time that is not negative, and that can be taken off the present time; NULL: null. */
static const Interval *
read_span(FunctionCallInfo fcinfo, int number, const char *name)
{
	Interval   *span;
	double		years;

	if (PG_ARGISNULL(number))
		return NULL;
	span = PG_GETARG_INTERVAL_P(number);
	years = span->month / 12.0 + span->day / 365.25 + span->time / (365.25 * USECS_PER_DAY);
	if (span->time < 0 || span->day < 0 || span->month < 0 || years > 1001)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be between 0 and 1000 years", name)));
	return span;
}

PG_FUNCTION_INFO_V1(workflow_set_retention);

/* (state_machine, retention) */
Datum
workflow_set_retention(PG_FUNCTION_ARGS)
{
	char	   *reference = wf_argument_required(fcinfo, 0, "state_machine");
	const Interval *retention = read_span(fcinfo, 1, "retention");
	WfCall		call;
	WfStateMachine machine;

	wf_call_begin(&call, "SetRetention");
	wf_call_state_machine(&call, reference, WF_MAY_MANAGE, ExclusiveLock, false, &machine);
	wf_retention_set(machine.id, retention);
	wf_call_end(&call);
	PG_RETURN_VOID();
}

/* What is asked for: a machine's executions, or those of all machines that the caller may manage. */
static int
list_purges(const char *reference, const Interval *older_than, WfPurge **purges)
{
	WfCall		call;
	WfStateMachine machine = {0};
	int			n;
	int			kept = 0;

	wf_call_begin(&call, "Purge");
	if (reference != NULL)
		wf_call_state_machine(&call, reference, WF_MAY_MANAGE, NoLock, false, &machine);
	n = wf_purge_list(machine.id, older_than, call.context, purges);
	for (int i = 0; i < n; i++)
		if (wf_privileges(WF_STATE_MACHINE_PRIVILEGES, (*purges)[i].state_machine_id, (*purges)[i].owner, call.user) &
			WF_MAY_MANAGE)
			(*purges)[kept++] = (*purges)[i];
	wf_call_end(&call);
	return kept;
}

PG_FUNCTION_INFO_V1(workflow_purge);

/*
 * (older_than, state_machine, INOUT purged).  Commits every few milliseconds, unless it is called in a transaction block.
 */
Datum
workflow_purge(PG_FUNCTION_ARGS)
{
	bool		atomic = fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic;
	const Interval *older_than = read_span(fcinfo, 0, "older_than");
	char	   *reference = wf_argument_text(fcinfo, 1);
	TupleDesc	result;
	WfPurge    *purges;
	int			n;
	int			next = 0;
	int64		purged = 0;
	bool		more;
	Datum		values[1];
	bool		nulls[1] = {false};

	if (get_call_result_type(fcinfo, NULL, &result) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	result = BlessTupleDesc(result);
	n = list_purges(reference, older_than, &purges);
	if (SPI_connect_ext(atomic ? 0 : SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	do
	{
		WfStore		store;

		wf_store_begin(&store);
		more = wf_engine_purge_some(purges, n, &next, &purged);
		wf_store_end(&store);
		if (!atomic)
			SPI_commit();
	} while (more);
	SPI_finish();

	values[0] = Int64GetDatum(purged);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(result, values, nulls)));
}
