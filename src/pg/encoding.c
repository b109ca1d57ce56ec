/*
 * encoding.c - is this a database in which we can work; see encoding.h.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"

#include "pg/encoding.h"

bool
wf_encoding_fits(void)
{
	return GetDatabaseEncoding() == PG_UTF8;
}

PG_FUNCTION_INFO_V1(workflow_check_encoding);

/* Called by the extension's script before it makes anything. */
Datum
workflow_check_encoding(PG_FUNCTION_ARGS)
{
	if (!wf_encoding_fits())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("extension \"workflow\" needs a database with the encoding UTF8"),
				 errdetail("This database has the encoding %s.", GetDatabaseEncodingName()),
				 errhint("CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0 makes one.")));
	PG_RETURN_VOID();
}
