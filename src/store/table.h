/*
 * table.h - a row of one of our tables, read or written without the executor.
 */
#ifndef WF_TABLE_H
#define WF_TABLE_H

#include "postgres.h"

#include "storage/lockdefs.h"
#include "utils/relcache.h"

extern Relation wf_table_open(const char *table, int n_columns, LOCKMODE lock);
extern Relation wf_table_open_key(const char *table);	/* the index of its primary key, to read */

/*
 * For rows that every execution reads and writes: starting the executor, which also reads each CHECK constraint from its
 * text, costs several times what is then done.  All of the table's columns are given, in their order; defaults and
 * constraints are the caller's to mind, unique indexes are not.  nulls NULL: none is null.
 */
extern void wf_table_insert(const char *table, int n_columns, const Datum *values, const bool *nulls);

/* By a primary key of one bigint, or its first column: then any row that has it.  What is not passed by value is palloc'ed, and may be toasted.  False: no such row. */
extern bool wf_table_fetch(const char *table, int64 key, int n_columns, Datum *values, bool *nulls);

extern int64 wf_table_nextval(const char *sequence);

#endif
