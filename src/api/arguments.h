/*
 * arguments.h - arguments and results of SQL functions.
 */
#ifndef WF_ARGUMENTS_H
#define WF_ARGUMENTS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "funcapi.h"

#include "store/privilege.h"

/* A text argument; NULL if it is null. */
extern char *wf_argument_text(FunctionCallInfo fcinfo, int number);

/* The same; an error that names the argument if it is null. */
extern char *wf_argument_required(FunctionCallInfo fcinfo, int number, const char *name);

/* How long to wait, in milliseconds; raises an error if it is null or negative. */
extern int64 wf_argument_milliseconds(FunctionCallInfo fcinfo, int number, const char *name);

/* A role's name, or WF_PUBLIC; and the privileges that an array of words says. */
extern Oid	wf_argument_grantee(FunctionCallInfo fcinfo, int number);
extern int	wf_argument_privileges(FunctionCallInfo fcinfo, int number, WfPrivilegeObject object);

/* A row that is filled in column by column; text and json columns alike. */
#define WF_ROW_COLUMNS 16

typedef struct WfRow
{
	int			n;
	Datum		values[WF_ROW_COLUMNS];
	bool		nulls[WF_ROW_COLUMNS];
} WfRow;

extern void wf_row_add(WfRow *row, Datum value, bool null);
extern void wf_row_add_text(WfRow *row, const char *text);	/* NULL: null */
extern void wf_row_add_time(WfRow *row, TimestampTz time);	/* 0: null */
extern void wf_row_add_uuid(WfRow *row, const char *text);	/* NULL: null */

/* The function's result: this row; or, in a function that returns a set, one more row. */
extern Datum wf_row_result(FunctionCallInfo fcinfo, WfRow *row);
extern void wf_row_put(FunctionCallInfo fcinfo, WfRow *row);

#endif
