/*
 * table.h - writing a row into one of our tables without the executor.
 */
#ifndef WF_TABLE_H
#define WF_TABLE_H

#include "postgres.h"

/*
 * For rows that every execution writes: starting the executor, which also reads each CHECK constraint from its text, costs
 * several times the insertion.  All of the table's columns are given, in their order; defaults and CHECK constraints are the
 * caller's to mind, unique indexes are not.
 */
extern void wf_table_insert(const char *table, int n_columns, Datum *values, bool *nulls);

#endif
