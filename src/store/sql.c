/*
 * sql.c - the engine's own statements; see sql.h.
 *
 * Plans live as long as the process.  When the extension is dropped and made again, the plan cache analyses them anew by
 * the names in them, which are all qualified.
 */
#include "postgres.h"

#include "access/xact.h"
#include "jit/jit.h"
#include "optimizer/cost.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "store/sql.h"

void
wf_store_begin(WfStore *store)
{
	wf_rights_begin_engine(&store->rights);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
wf_store_end(WfStore *store)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	wf_rights_end(&store->rights);
}

/*
 * Statistics of a queue say that it is empty, or what it held when somebody looked: a plan made by them reads the whole
 * table, dead rows and all, where the next moment it is long.  All our access is by index; so plans are made once, without
 * parameters' values, and with sequential and bitmap scans priced out.  The planner's switches are its own variables: set
 * for the call alone, they cost nothing and never show in anybody's settings.
 */
static int
execute(SPIPlanPtr plan, Datum *values, const char *nulls, Snapshot snapshot, long limit)
{
	bool		seqscan = enable_seqscan;
	bool		bitmapscan = enable_bitmapscan;
	bool		jit = jit_enabled;
	volatile int code = 0;

	PG_TRY();
	{
		enable_seqscan = enable_bitmapscan = jit_enabled = false;
		code = SPI_execute_snapshot(plan, values, nulls, snapshot, InvalidSnapshot, snapshot != InvalidSnapshot, true, limit);
	}
	PG_FINALLY();
	{
		enable_seqscan = seqscan;
		enable_bitmapscan = bitmapscan;
		jit_enabled = jit;
	}
	PG_END_TRY();
	return code;
}

static uint64
run(WfStatement *statement, Datum *values, const char *nulls, Snapshot snapshot, long limit)
{
	int			code;

	if (statement->plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare_cursor(statement->sql, statement->n, statement->types,
											  CURSOR_OPT_GENERIC_PLAN);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare \"%s\": %s", statement->sql, SPI_result_code_string(SPI_result));
		statement->plan = plan;
	}
	SPI_freetuptable(SPI_tuptable);
	code = execute(statement->plan, values, nulls, snapshot, limit);
	if (code < 0)
		elog(ERROR, "could not run \"%s\": %s", statement->sql, SPI_result_code_string(code));
	return SPI_processed;
}

uint64
wf_sql(WfStatement *statement, Datum *values, const char *nulls, long limit)
{
	return run(statement, values, nulls, InvalidSnapshot, limit);
}

uint64
wf_sql_now(WfStatement *statement, Datum *values, const char *nulls, long limit)
{
	CommandCounterIncrement();	/* as other statements begin */
	return run(statement, values, nulls, GetLatestSnapshot(), limit);
}

Datum
wf_sql_value(uint64 row, int number, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, isnull);
}

char *
wf_sql_text(uint64 row, int number)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number);
}

int64
wf_sql_int64(uint64 row, int number)
{
	bool		isnull;
	Datum		value = wf_sql_value(row, number, &isnull);

	if (isnull)
		elog(ERROR, "column %d is null", number);
	switch (SPI_gettypeid(SPI_tuptable->tupdesc, number))
	{
		case 21:				/* int2 */
			return DatumGetInt16(value);
		case 20:				/* int8 */
			return DatumGetInt64(value);
		case 23:				/* int4 */
			return DatumGetInt32(value);
		default:				/* oid, regrole */
			return DatumGetObjectId(value);
	}
}
