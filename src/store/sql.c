/*
 * sql.c - the engine's own statements; see sql.h.
 *
 * Plans live as long as the process.  When the extension is dropped and made again, the plan cache analyses them anew by
 * the names in them, which are all qualified.
 */
#include "postgres.h"

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

uint64
wf_sql(WfStatement *statement, Datum *values, const char *nulls, long limit)
{
	int			code;

	if (statement->plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare(statement->sql, statement->n, statement->types);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare \"%s\": %s", statement->sql, SPI_result_code_string(SPI_result));
		statement->plan = plan;
	}
	SPI_freetuptable(SPI_tuptable);
	code = SPI_execute_plan(statement->plan, values, nulls, false, limit);
	if (code < 0)
		elog(ERROR, "could not run \"%s\": %s", statement->sql, SPI_result_code_string(code));
	return SPI_processed;
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
