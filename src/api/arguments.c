/*
 * arguments.c - arguments and results of SQL functions; see arguments.h.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "nodes/execnodes.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "api/arguments.h"

char *
wf_argument_text(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

int64
wf_argument_milliseconds(FunctionCallInfo fcinfo, int number, const char *name)
{
	const Interval *interval;
	int64		microseconds;

	if (PG_ARGISNULL(number))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name)));
	interval = PG_GETARG_INTERVAL_P(number);
	microseconds = interval->time + ((int64) interval->month * DAYS_PER_MONTH + interval->day) * USECS_PER_DAY;
	if (microseconds < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the %s must not be negative", name)));
	return microseconds / 1000;
}

char *
wf_argument_required(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name)));
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

void
wf_row_add(WfRow *row, Datum value, bool null)
{
	Assert(row->n < WF_ROW_COLUMNS);
	row->values[row->n] = value;
	row->nulls[row->n++] = null;
}

void
wf_row_add_text(WfRow *row, const char *text)
{
	wf_row_add(row, text != NULL ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

void
wf_row_add_time(WfRow *row, TimestampTz time)
{
	wf_row_add(row, TimestampTzGetDatum(time), time == 0);
}

void
wf_row_add_uuid(WfRow *row, const char *text)
{
	wf_row_add(row, text != NULL ? DirectFunctionCall1(uuid_in, CStringGetDatum(text)) : (Datum) 0, text == NULL);
}

Datum
wf_row_result(FunctionCallInfo fcinfo, WfRow *row)
{
	TupleDesc	tuple_desc;

	if (get_call_result_type(fcinfo, NULL, &tuple_desc) != TYPEFUNC_COMPOSITE || tuple_desc->natts != row->n)
		elog(ERROR, "the function's result has not %d columns", row->n);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tuple_desc), row->values, row->nulls));
}

void
wf_row_put(FunctionCallInfo fcinfo, WfRow *row)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	if (result->setDesc->natts != row->n)
		elog(ERROR, "the function's result has not %d columns", row->n);
	tuplestore_putvalues(result->setResult, result->setDesc, row->values, row->nulls);
	row->n = 0;
}

Oid
wf_argument_grantee(FunctionCallInfo fcinfo, int number)
{
	char	   *name = wf_argument_required(fcinfo, number, "grantee");

	/* No role can have the name "public". */
	return pg_strcasecmp(name, "public") == 0 ? WF_PUBLIC : get_role_oid(name, false);
}

int
wf_argument_privileges(FunctionCallInfo fcinfo, int number, WfPrivilegeObject object)
{
	static const char *const hints[] = {
		[WF_STATE_MACHINE_PRIVILEGES] = "Privileges on a state machine are start, read and manage.",
		[WF_ACTIVITY_PRIVILEGES] = "Privileges on an activity are poll and manage."
	};
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			privileges = 0;

	if (PG_ARGISNULL(number))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"privileges\" must not be null")));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		char	   *word = nulls[i] ? "" : TextDatumGetCString(elements[i]);
		int			privilege = wf_privilege_by_word(object, word);

		if (privilege == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unrecognized privilege: \"%s\"", word),
					 errhint("%s", hints[object])));
		privileges |= privilege;
	}
	if (privileges == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no privilege is given"),
				 errhint("%s", hints[object])));
	return privileges;
}
