/*
 * start_trigger.c - start_execution_trigger(): a change of a table's row starts an execution.
 *
 * It is start_execution() in the transaction of the change, asked for by whoever makes the change: who may change the table
 * may not therefore start the machine.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "api/execution.h"
#include "pg/compat.h"

PG_FUNCTION_INFO_V1(workflow_start_execution_trigger);

/* Only the row, and only what has been done to it: before, another trigger may still change or refuse it. */
static TriggerData *
check_call(FunctionCallInfo fcinfo)
{
	TriggerData *call = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("start_execution_trigger() can only be called as a trigger")));
	if (!TRIGGER_FIRED_AFTER(call->tg_event) || !TRIGGER_FIRED_FOR_ROW(call->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" must be fired AFTER INSERT, UPDATE or DELETE FOR EACH ROW",
						call->tg_trigger->tgname)));
	if (call->tg_trigger->tgnargs < 1 || call->tg_trigger->tgnargs > 2)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" must name a state machine, and may give a pattern of names",
						call->tg_trigger->tgname),
				 errhint("As in EXECUTE FUNCTION workflow.start_execution_trigger('machine', 'order-{id}').")));
	return call;
}

static const char *
operation_word(TriggerEvent event)
{
	return TRIGGER_FIRED_BY_INSERT(event) ? "INSERT" : TRIGGER_FIRED_BY_UPDATE(event) ? "UPDATE" : "DELETE";
}

static void
append_row(StringInfo input, const char *key, HeapTuple row, TupleDesc columns)
{
	text	   *json;

	if (row == NULL)
	{
		appendStringInfo(input, ",\"%s\":null", key);
		return;
	}
	json = DatumGetTextPP(DirectFunctionCall1(row_to_json, heap_copy_tuple_as_datum(row, columns)));
	appendStringInfo(input, ",\"%s\":", key);
	appendBinaryStringInfo(input, VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json));
}

static char *
write_input(const TriggerData *call, HeapTuple new, HeapTuple old)
{
	Relation	table = call->tg_relation;
	StringInfoData input;

	initStringInfo(&input);
	appendStringInfo(&input, "{\"operation\":\"%s\",\"schema\":", operation_word(call->tg_event));
	escape_json(&input, get_namespace_name(RelationGetNamespace(table)));
	appendStringInfoString(&input, ",\"table\":");
	escape_json(&input, RelationGetRelationName(table));
	append_row(&input, "new", new, RelationGetDescr(table));
	append_row(&input, "old", old, RelationGetDescr(table));
	appendStringInfoChar(&input, '}');
	return input.data;
}

static const char *
column_text(const char *column, HeapTuple row, const TriggerData *call)
{
	TupleDesc	columns = RelationGetDescr(call->tg_relation);
	int			number = SPI_fnumber(columns, column);
	char	   *value;

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist", column,
						RelationGetRelationName(call->tg_relation)),
				 errdetail("Trigger \"%s\" makes the execution's name of it.", call->tg_trigger->tgname)));
	value = SPI_getvalue(row, columns, number);
	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("column \"%s\", of which trigger \"%s\" makes the execution's name, is null", column,
						call->tg_trigger->tgname)));
	return value;
}

/* The pattern with the row's values in the place of {column}: no name has braces. */
static char *
write_name(const char *pattern, HeapTuple row, const TriggerData *call)
{
	StringInfoData name;
	const char *open;

	initStringInfo(&name);
	while ((open = strchr(pattern, '{')) != NULL)
	{
		const char *close = strchr(open, '}');

		if (close == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("trigger \"%s\" has a pattern of names with a brace that is not closed",
							call->tg_trigger->tgname)));
		appendBinaryStringInfo(&name, pattern, open - pattern);
		appendStringInfoString(&name, column_text(pnstrdup(open + 1, close - open - 1), row, call));
		pattern = close + 1;
	}
	appendStringInfoString(&name, pattern);
	return name.data;
}

/* Who changes the row need not know that there is a trigger. */
static void
tell_trigger(void *arg)
{
	const TriggerData *call = arg;

	errcontext("trigger \"%s\" on table \"%s\"", call->tg_trigger->tgname, RelationGetRelationName(call->tg_relation));
}

/* (state_machine, name) as the trigger's arguments */
Datum
workflow_start_execution_trigger(PG_FUNCTION_ARGS)
{
	TriggerData *call = check_call(fcinfo);
	ErrorContextCallback context = {.previous = error_context_stack, .callback = tell_trigger, .arg = call};
	Trigger    *trigger = call->tg_trigger;
	bool		update = TRIGGER_FIRED_BY_UPDATE(call->tg_event);
	HeapTuple	new = update ? call->tg_newtuple : TRIGGER_FIRED_BY_INSERT(call->tg_event) ? call->tg_trigtuple : NULL;
	HeapTuple	old = TRIGGER_FIRED_BY_INSERT(call->tg_event) ? NULL : call->tg_trigtuple;
	WfStart		start = {.state_machine = trigger->tgargs[0]};
	WfStateMachine machine;
	WfExecutionInfo info;

	error_context_stack = &context;
	if (trigger->tgnargs == 2)
		start.name = write_name(trigger->tgargs[1], new != NULL ? new : old, call);
	start.input = write_input(call, new, old);
	wf_start(&start, &machine, &info);
	error_context_stack = context.previous;
	return PointerGetDatum(NULL);
}
