/*
 * sql.h - the engine's own statements: prepared once in a process, kept, run through SPI.
 *
 * A WfStatement is a static variable beside the function that uses it.  wf_sql() is called between wf_store_begin() and
 * wf_store_end(), which connect to SPI and make us the extension's owner.
 */
#ifndef WF_SQL_H
#define WF_SQL_H

#include "postgres.h"

#include "executor/spi.h"
#include "pg/rights.h"

#define WF_SQL_MAX_PARAMETERS 20

typedef struct WfStatement
{
	const char *sql;
	int			n;				/* parameters */
	Oid			types[WF_SQL_MAX_PARAMETERS];
	SPIPlanPtr	plan;			/* NULL until it is first run */
} WfStatement;

typedef struct WfStore
{
	WfRights	rights;
} WfStore;

extern void wf_store_begin(WfStore *store);
extern void wf_store_end(WfStore *store);

/*
 * Runs a statement that must not fail; an error is raised otherwise.  Returns the number of rows, which are in
 * SPI_tuptable.  nulls: 'n' or ' ' for each parameter, or NULL.  limit 0: none.  Sees what this transaction wrote.
 */
extern uint64 wf_sql(WfStatement *statement, Datum *values, const char *nulls, long limit);

/* The same for one that only reads, of what has been committed by now, although a transaction's snapshot may be older. */
extern uint64 wf_sql_now(WfStatement *statement, Datum *values, const char *nulls, long limit);

/* Column `number` (from 1) of a row (from 0) of the last result. */
extern Datum wf_sql_value(uint64 row, int number, bool *isnull);
extern char *wf_sql_text(uint64 row, int number);	/* palloc'ed in the SPI context; NULL for null; text and json */
extern int64 wf_sql_int64(uint64 row, int number);	/* not null; int2, int4, int8 and oid columns */

#endif
