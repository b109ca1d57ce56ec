/*
 * sqlerror.c - an SQL error as the States Language sees it, and workflow.raise().
 *
 * The error's name is the condition's (unique_violation); Retry and Catch may also name its class
 * (integrity_constraint_violation) or its SQLSTATE.  The cause is JSON text.  What raise() raises travels as an ordinary
 * SQL error with an SQLSTATE of its own, the name in the message and the cause in the detail, so that a PL/pgSQL handler
 * may catch it and raise it again.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "task/task.h"

#define ERRCODE_TASK_RAISED MAKE_SQLSTATE('W', 'F', 'T', '0', '1')
#define MAX_ERROR 256			/* the service's limits */
#define MAX_CAUSE 32768

typedef struct Condition
{
	const char *sqlstate;
	const char *name;
} Condition;

static const Condition conditions[] = {
#define WF_CONDITION(sqlstate, name) {sqlstate, name},
#include "task/conditions.def"
#undef WF_CONDITION
};

static const char *
find_condition(const char *sqlstate)
{
	int			low = 0,
				high = lengthof(conditions) - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = strcmp(sqlstate, conditions[middle].sqlstate);

		if (order == 0)
			return conditions[middle].name;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return NULL;
}

static void
append_field(StringInfo json, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendStringInfoChar(json, json->len == 0 ? '{' : ',');
	escape_json(json, name);
	appendStringInfoChar(json, ':');
	escape_json(json, value);
}

void
wf_task_error(const ErrorData *data, WfTaskError *error)
{
	char	   *sqlstate = pstrdup(unpack_sql_state(data->sqlerrcode));
	char		class[6];
	const char *name;
	StringInfoData json;

	memset(error, 0, sizeof(*error));
	if (data->sqlerrcode == ERRCODE_TASK_RAISED)
	{
		error->error = pstrdup(data->message ? data->message : "");
		error->cause = data->detail ? pstrdup(data->detail) : NULL;
		return;
	}

	snprintf(class, sizeof(class), "%.2s000", sqlstate);
	name = find_condition(sqlstate);
	error->also[0] = name != NULL ? sqlstate : NULL;
	error->error = pstrdup(name != NULL ? name : sqlstate);
	if (find_condition(class) != NULL)
	{
		error->also[error->also[0] != NULL ? 1 : 0] = find_condition(class);
	}

	initStringInfo(&json);
	append_field(&json, "message", data->message);
	append_field(&json, "detail", data->detail);
	append_field(&json, "hint", data->hint);
	append_field(&json, "sqlstate", sqlstate);
	append_field(&json, "schema", data->schema_name);
	append_field(&json, "table", data->table_name);
	append_field(&json, "column", data->column_name);
	append_field(&json, "datatype", data->datatype_name);
	append_field(&json, "constraint", data->constraint_name);
	if (data->context != NULL && json.len + strlen(data->context) < MAX_CAUSE / 2)
		append_field(&json, "context", data->context);
	appendStringInfoChar(&json, '}');
	error->cause = json.data;
}

void
wf_task_raise(const char *error, const char *cause)
{
	ereport(ERROR,
			(errcode(ERRCODE_TASK_RAISED),
			 errmsg_internal("%s", error),
			 cause != NULL ? errdetail_internal("%s", cause) : 0));
}

PG_FUNCTION_INFO_V1(workflow_raise);

Datum
workflow_raise(PG_FUNCTION_ARGS)
{
	char	   *error;
	char	   *cause = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the error's name must not be null")));
	error = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (error[0] == '\0' || strlen(error) > MAX_ERROR)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the error's name must have 1 to %d bytes", MAX_ERROR)));
	if (cause != NULL && strlen(cause) > MAX_CAUSE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the cause must have at most %d bytes", MAX_CAUSE)));
	wf_task_raise(error, cause);
	PG_RETURN_VOID();
}
