/*
 * table.h - rows by the table's and its indexes' own methods, as COPY uses them: without parser, planner and executor,
 * which cost several times what a row itself costs.  For what every execution does; the rest is SQL (sql.h).
 *
 * Between wf_store_begin and wf_store_end.  Checks and triggers are passed over: these tables have none, and NOT NULL is
 * the caller's care.
 */
#ifndef WF_TABLE_H
#define WF_TABLE_H

#include "postgres.h"

#define WF_TABLE_COLUMNS 16		/* at most */

/* Inserts a row with all of the table's columns.  nulls: NULL if there are none. */
extern void wf_table_insert(const char *table, int columns, const Datum *values, const bool *nulls);

/* The next number of a sequence. */
extern int64 wf_table_next(const char *sequence);

/*
 * Reads the first `columns` columns of the row whose bigint primary key this is, as a statement of this moment would see it.
 * What is not by value is palloc'ed.  False: there is none.
 */
extern bool wf_table_fetch(const char *table, const char *primary_key, int64 id, int columns, Datum *values, bool *nulls);

#endif
