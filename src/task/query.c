/*
 * query.c - `sql:query`: {"Query": "… $1 …", "Parameters": […]} gives {"Rows": […], "RowCount": n}.
 *
 * The parameters are values, never text of the statement.  Their types are those that the parser finds for $1, $2, …, as it
 * does for PREPARE without types; json_to_record converts the values, as for a function's arguments.  Each row becomes JSON
 * as row_to_json has it while the query runs: one that gives too many rows ends, with all its effects, as soon as their
 * text is too large, and no more of them than that is ever held.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "parser/analyze.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "asl/resource.h"
#include "interpreter/query.h"
#include "pg/compat.h"
#include "pg/core.h"
#include "pg/settings.h"
#include "task/task.h"

#define PLANS 64				/* kept in each process */
#define MAX_PARAMETERS 65535	/* the protocol's limit for everybody else */

/* --- plans --- */

/*
 * A query that is prepared once and kept until another one needs the place.  What its names and parameters mean depends on
 * the search_path; and what the role may do is asked each time it runs.
 */
typedef struct QueryPlan
{
	MemoryContext context;		/* of all this; NULL: the place is free */
	uint32		hash;
	char	   *query;
	char	   *search_path;
	Oid			user;
	int			n;				/* parameters */
	SPIPlanPtr	values;			/* a row of them from the JSON object; NULL where there is none */
	SPIPlanPtr	plan;
} QueryPlan;

static QueryPlan *plans[PLANS];

/* Queries under way: one, or more where a task runs other tasks (run_until_idle). */
static int	n_running = 0;

static void
free_plan(QueryPlan *plan)
{
	if (plan->values != NULL)
		SPI_freeplan(plan->values);
	SPI_freeplan(plan->plan);
	MemoryContextDelete(plan->context);
}

static SPIPlanPtr
prepare(const char *statement, int n, Oid *types, int options)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(statement, n, types, options);

	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", statement, SPI_result_code_string(SPI_result));
	return plan;
}

/* The types of the query's parameters, as the parser finds them. */
static Oid *
infer_types(const char *query, int n)
{
	List	   *statements = pg_parse_query(query);
	Oid		   *types = NULL;
	int			n_found = 0;

	if (list_length(statements) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 statements == NIL ? errmsg("the query is empty") : errmsg("the query has more than one statement"),
				 errhint("A function can have as many statements as it needs: function:schema.name.")));
	PushActiveSnapshot(GetTransactionSnapshot());
	(void) parse_analyze_varparams(linitial_node(RawStmt, statements), query, &types, &n_found, NULL);
	PopActiveSnapshot();
	if (n_found != n)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("wrong number of parameters for the query"),
				 errdetail("Expected %d parameters but got %d.", n_found, n)));
	for (int i = 0; i < n; i++)
		if (types[i] == InvalidOid || types[i] == UNKNOWNOID)
			ereport(ERROR,
					(errcode(ERRCODE_INDETERMINATE_DATATYPE),
					 errmsg("could not determine data type of parameter $%d", i + 1),
					 errhint("Write the type behind it, as in $%d::integer.", i + 1)));
	return types;
}

/* The statement that makes a row of parameters of the JSON object that has them under their numbers. */
static char *
write_conversion(int n, const Oid *types)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT * FROM pg_catalog.json_to_record($1) AS parameters (");
	for (int i = 0; i < n; i++)
		appendStringInfo(&sql, "%s\"%d\" %s", i > 0 ? ", " : "", i + 1,
						 /* a bare "character" or "bit" would mean one of length 1 */
						 format_type_extended(types[i], -1, FORMAT_TYPE_FORCE_QUALIFY | FORMAT_TYPE_TYPEMOD_GIVEN));
	appendStringInfoChar(&sql, ')');
	return sql.data;
}

/* Valid to the end of the SPI section. */
static QueryPlan *
make_plan(const char *query, uint32 hash, int n)
{
	Oid		   *types = infer_types(query, n);
	Oid			json = JSONOID;
	QueryPlan  *plan = palloc0(sizeof(QueryPlan));

	plan->context = CurrentMemoryContext;
	plan->hash = hash;
	plan->query = pstrdup(query);
	plan->search_path = pstrdup(namespace_search_path);
	plan->user = GetUserId();
	plan->n = n;
	if (n > 0)
		plan->values = prepare(write_conversion(n, types), 1, &json, 0);
	plan->plan = prepare(query, n, types, CURSOR_OPT_PARALLEL_OK);
	return plan;
}

/* From the SPI section's memory to where it stays. */
static QueryPlan *
keep_plan(QueryPlan *plan)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "workflow query", ALLOCSET_SMALL_SIZES);
	QueryPlan  *kept = MemoryContextAlloc(context, sizeof(QueryPlan));

	*kept = *plan;
	kept->context = context;
	kept->query = MemoryContextStrdup(context, plan->query);
	kept->search_path = MemoryContextStrdup(context, plan->search_path);
	if ((kept->values != NULL && SPI_keepplan(kept->values) != 0) || SPI_keepplan(kept->plan) != 0)
		elog(ERROR, "could not keep a plan");
	return kept;
}

/*
 * The query's plan: kept, or (if a query is under way that may use the one in its place) valid to the end of the SPI
 * section.  One that a change of the schema has made invalid is made anew: its parameters may be of other types now.
 */
static QueryPlan *
get_plan(const char *query, int n)
{
	uint32		hash = hash_bytes((const unsigned char *) query, strlen(query));
	QueryPlan **place = &plans[hash % PLANS];
	QueryPlan  *plan = *place;

	if (plan != NULL && plan->hash == hash && plan->user == GetUserId() && plan->n == n &&
		strcmp(plan->query, query) == 0 && strcmp(plan->search_path, namespace_search_path) == 0 &&
		SPI_plan_is_valid(plan->plan) && (n == 0 || SPI_plan_is_valid(plan->values)))
		return plan;
	plan = make_plan(query, hash, n);
	if (n_running > 0)
		return plan;
	if (*place != NULL)
	{
		QueryPlan  *old = *place;

		*place = NULL;
		free_plan(old);
	}
	return *place = keep_plan(plan);
}

/* --- rows --- */

typedef struct RowReceiver
{
	DestReceiver pub;
	StringInfoData rows;		/* their JSON text, without the brackets */
	uint64		n;
	TupleDesc	columns;		/* NULL: the query gives no rows */
	size_t		most;			/* bytes of the text */
	MemoryContext row_context;
	const WfResource *resource;
} RowReceiver;

static void
begin_rows(DestReceiver *self, int operation, TupleDesc columns)
{
	RowReceiver *receiver = (RowReceiver *) self;

	for (int i = 0; i < columns->natts; i++)
		for (int j = 0; j < i; j++)
			if (strcmp(NameStr(TupleDescAttr(columns, i)->attname), NameStr(TupleDescAttr(columns, j)->attname)) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_COLUMN),
						 errmsg("two columns of the query's result are named \"%s\"",
								NameStr(TupleDescAttr(columns, i)->attname)),
						 errhint("A row becomes an object. Name its columns differently with AS.")));

	/* The slots that come may have other names, or none. */
	receiver->columns = CreateTupleDescCopy(columns);
	receiver->columns->tdtypeid = RECORDOID;
	receiver->columns->tdtypmod = -1;
	BlessTupleDesc(receiver->columns);
}

static bool
take_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;
	MemoryContext before = MemoryContextSwitchTo(receiver->row_context);
	HeapTuple	row;
	text	   *json;

	slot_getallattrs(slot);
	row = heap_form_tuple(receiver->columns, slot->tts_values, slot->tts_isnull);
	json = DatumGetTextPP(DirectFunctionCall1(row_to_json, HeapTupleGetDatum(row)));
	if (receiver->rows.len + VARSIZE_ANY_EXHDR(json) + 1 > receiver->most)
		wf_task_refuse_size(receiver->resource);
	MemoryContextSwitchTo(before);
	if (receiver->n++ > 0)
		appendStringInfoChar(&receiver->rows, ',');
	appendBinaryStringInfo(&receiver->rows, VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json));
	MemoryContextReset(receiver->row_context);
	return true;
}

static void
do_nothing(DestReceiver *self)
{
}

static void
init_receiver(RowReceiver *receiver, const WfResource *resource)
{
	memset(receiver, 0, sizeof(*receiver));
	receiver->pub.rStartup = begin_rows;
	receiver->pub.receiveSlot = take_row;
	receiver->pub.rShutdown = do_nothing;
	receiver->pub.rDestroy = do_nothing;
	receiver->pub.mydest = DestNone;
	initStringInfo(&receiver->rows);
	/* White space in json values is taken away afterwards: only what is far too large is refused here. */
	receiver->most = Min((size_t) wf_setting_max_payload * 4, MaxAllocSize / 2);
	receiver->row_context = AllocSetContextCreate(CurrentMemoryContext, "workflow row", ALLOCSET_DEFAULT_SIZES);
	receiver->resource = resource;
}

/* --- the query --- */

/* The parameters as the query takes them; they live in the SPI section. */
static ParamListInfo
convert_values(const QueryPlan *plan, WfPayload *values)
{
	size_t		length;
	const char *text = wf_payload_text(values, &length);
	Datum		json;
	ParamListInfo parameters = makeParamList(plan->n);
	int			code;

	if (plan->n == 0)
		return parameters;
	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	json = PointerGetDatum(cstring_to_text_with_len(text, length));
	code = SPI_execute_plan(plan->values, &json, NULL, false, 0);
	if (code != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not convert parameters: %s", SPI_result_code_string(code));
	for (int i = 0; i < plan->n; i++)
	{
		ParamExternData *parameter = &parameters->params[i];

		parameter->value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &parameter->isnull);
		parameter->pflags = PARAM_FLAG_CONST;
		parameter->ptype = SPI_gettypeid(SPI_tuptable->tupdesc, i + 1);
	}
	return parameters;
}

static void
refuse_statement(int code)
{
	switch (code)
	{
		case SPI_ERROR_TRANSACTION:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("a query cannot begin or end a transaction"),
					 errdetail("It belongs to the transaction in which its task ends.")));
			break;
		case SPI_ERROR_COPY:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("a query cannot COPY from or to a client")));
			break;
		default:
			elog(ERROR, "could not execute the query: %s", SPI_result_code_string(code));
	}
}

static int
run_plan(const QueryPlan *plan, WfPayload *values, RowReceiver *receiver)
{
	volatile int code = 0;

	n_running++;
	PG_TRY();
	{
		SPIExecuteOptions options = {.params = convert_values(plan, values), .dest = &receiver->pub};

		code = SPI_execute_plan_extended(plan->plan, &options);
	}
	PG_FINALLY();
	{
		n_running--;
	}
	PG_END_TRY();
	return code;
}

static void
run_query(const char *query, WfPayload *values, int n, RowReceiver *receiver)
{
	int			code = run_plan(get_plan(query, n), values, receiver);

	if (code < 0)
		refuse_statement(code);
	if (receiver->columns == NULL)
		receiver->n = SPI_processed;
}

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

static WfPayload *
make_result(const RowReceiver *receiver)
{
	StringInfoData text;
	WfError		error = WF_ERROR_NONE;
	WfPayload  *result;

	initStringInfo(&text);
	appendStringInfo(&text, "{\"Rows\":[%s],\"RowCount\":" UINT64_FORMAT "}", receiver->rows.data, receiver->n);
	result = wf_payload_parse(text.data, text.len, &error);
	if (result == NULL)
		wf_core_raise(&error);
	pfree(text.data);
	wf_core_free_with(CurrentMemoryContext, release_payload, result);
	return result;
}

/* Query and parameters; both go with the current memory context. */
static void
read_request(WfPayload *input, char **query, WfPayload **values, int *n)
{
	WfError		error = WF_ERROR_NONE;
	char	   *cause;

	if (!wf_query_request(input, query, values, n, &error))
	{
		if (error.code != WF_STATES_RUNTIME)
			wf_core_raise(&error);
		cause = pstrdup(error.cause);
		wf_error_clear(&error);
		wf_task_raise("States.Runtime", cause);
	}
	wf_core_free_with(CurrentMemoryContext, free, *query);
	wf_core_free_with(CurrentMemoryContext, release_payload, *values);
	if (*n > MAX_PARAMETERS)
		ereport(ERROR,
				(errcode(ERRCODE_TOO_MANY_ARGUMENTS),
				 errmsg("a query can have at most %d parameters", MAX_PARAMETERS)));
}

WfPayload *
wf_task_query(const char *name, WfPayload *input, const WfTaskCall *call)
{
	char	   *query;
	WfPayload  *values;
	int			n;
	RowReceiver receiver;

	read_request(input, &query, &values, &n);
	init_receiver(&receiver, call->task->resource);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	run_query(query, values, n, &receiver);
	SPI_finish();
	return make_result(&receiver);
}
