/*
 * function.c - `function:schema.name`: an SQL function.
 *
 * One json or jsonb argument takes the whole input.  Otherwise the input must be an object, whose fields are matched to
 * the names of the arguments; defaults apply.  The function is called by a statement made for its signature and the
 * arguments given, whose plan is kept: json_to_record converts the fields, so that arrays, rows and domains work as they
 * do everywhere in PostgreSQL.  The result becomes JSON: a row an object, a set an array, void and null null.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/jsonfuncs.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "pg/compat.h"
#include "pg/core.h"
#include "task/task.h"

/* --- finding the function --- */

typedef struct Signature
{
	Oid			function;
	int			n;				/* input arguments */
	int			n_defaults;		/* of the last ones */
	Oid		   *types;
	char	  **names;			/* NULL, or "" where one has none */
	bool		variadic;		/* the last one is: its field is an array */
	bool		returns_set;
	Oid			result;
	bool		whole_input;	/* takes the whole input as its only argument */
	TransactionId xmin;			/* of its pg_proc row: a plan made for another is stale */
} Signature;

static bool
is_json_type(Oid type)
{
	return type == JSONOID || type == JSONBOID;
}

/* False: not an ordinary function that could be called here. */
static bool
read_signature(Oid function, Signature *signature)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc form;
	Oid		   *types;
	char	  **names;
	char	   *modes;
	int			n_all;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	if (form->prokind != PROKIND_FUNCTION)
	{
		ReleaseSysCache(tuple);
		return false;
	}
	n_all = get_func_arg_info(tuple, &types, &names, &modes);
	signature->function = function;
	signature->n = 0;
	signature->variadic = false;
	signature->n_defaults = form->pronargdefaults;
	signature->types = palloc((n_all + 1) * sizeof(Oid));
	signature->names = palloc0((n_all + 1) * sizeof(char *));
	for (int i = 0; i < n_all; i++)
	{
		if (modes != NULL && modes[i] != PROARGMODE_IN && modes[i] != PROARGMODE_INOUT && modes[i] != PROARGMODE_VARIADIC)
			continue;
		signature->variadic = modes != NULL && modes[i] == PROARGMODE_VARIADIC;
		signature->types[signature->n] = types[i];
		signature->names[signature->n] = names != NULL && names[i] != NULL ? names[i] : "";
		signature->n++;
	}
	signature->returns_set = form->proretset;
	signature->result = form->prorettype;
	signature->whole_input = signature->n == 1 && is_json_type(signature->types[0]);
	signature->xmin = HeapTupleHeaderGetRawXmin(tuple->t_data);
	ReleaseSysCache(tuple);
	return true;
}

static bool
has_field(const char *name, int n_fields, char **fields)
{
	for (int i = 0; i < n_fields; i++)
		if (strcmp(name, fields[i]) == 0)
			return true;
	return false;
}

/* Can it be called with these fields?  If not, *problem says why. */
static bool
fits(const Signature *signature, bool is_object, int n_fields, char **fields, char **problem)
{
	*problem = NULL;
	if (signature->whole_input)
		return true;
	if (!is_object)
	{
		*problem = signature->n == 0 ? pstrdup("it takes no argument, so the input must be an object without fields")
			: pstrdup("its arguments are taken from the input's fields, so the input must be an object");
		return false;
	}
	for (int i = 0; i < n_fields; i++)
	{
		bool		known = false;

		for (int j = 0; j < signature->n && !known; j++)
			known = fields[i][0] != '\0' && strcmp(signature->names[j], fields[i]) == 0;
		if (!known)
		{
			*problem = psprintf("it has no argument named \"%s\"", fields[i]);
			return false;
		}
	}
	for (int j = 0; j < signature->n; j++)
		if (get_typtype(signature->types[j]) == TYPTYPE_PSEUDO && has_field(signature->names[j], n_fields, fields))
		{
			*problem = psprintf("its argument \"%s\" is of the pseudo-type %s, which no JSON value can be converted to",
								signature->names[j], format_type_be(signature->types[j]));
			return false;
		}
	for (int j = 0; j < signature->n; j++)
	{
		bool		has_default = j >= signature->n - signature->n_defaults;

		/* a call by names cannot leave a variadic argument to its default */
		if (signature->variadic && j == signature->n - 1)
			has_default = false;
		if (!has_default && !has_field(signature->names[j], n_fields, fields))
		{
			*problem = signature->names[j][0] == '\0'
				? psprintf("its argument number %d has no name, and cannot be matched to a field", j + 1)
				: psprintf("its argument \"%s\" is not among the input's fields", signature->names[j]);
			return false;
		}
	}
	return true;
}

static Signature *
find_function(const char *name, bool is_object, int n_fields, char **fields)
{
	List	   *names = wf_qualified_name_list(name);
	FuncCandidateList candidates = FuncnameGetCandidates(names, -1, NIL, false, false, false, true);
	Signature  *found = NULL;
	char	   *problem = NULL;
	int			n_candidates = 0;

	for (; candidates != NULL; candidates = candidates->next)
	{
		Signature  *signature = palloc(sizeof(Signature));

		if (!read_signature(candidates->oid, signature))
			continue;
		n_candidates++;
		if (!fits(signature, is_object, n_fields, fields, &problem))
			continue;
		if (found != NULL && found->whole_input == signature->whole_input)
			ereport(ERROR,
					(errcode(ERRCODE_AMBIGUOUS_FUNCTION),
					 errmsg("function %s is ambiguous for this input", name),
					 errdetail("%s and %s both fit.", format_procedure(found->function),
							   format_procedure(signature->function)),
					 errhint("Give the functions different names.")));
		if (found == NULL || found->whole_input)
			found = signature;	/* named arguments say more than a whole input */
	}
	if (n_candidates == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function %s does not exist", name),
				 errhint("A Task's resource names a function as function:schema.name.")));
	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function %s cannot be called with this input", name),
				 n_candidates == 1 ? errdetail("%s does not fit: %s.", name, problem)
				 : errdetail("None of %d functions of that name fits; of the last, %s.", n_candidates, problem)));
	return found;
}

/* What the role may not call fails as States.Permissions, under which a definition can catch it. */
static void
check_permission(const Signature *signature, const char *name)
{
	Oid			role = GetUserId();

	if (!wf_may_execute(signature->function, role))
		wf_task_raise("States.Permissions",
					  psprintf("The role %s may not execute the function %s.", GetUserNameFromId(role, false), name));
}

/* --- the input's fields --- */

/* The names of an object's fields; 0 for anything else. */
static int
list_fields(WfPayload *input, char ***fields)
{
	const char **keys;
	int			n;

	if (!wf_payload_keys(input, &n, &keys))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	wf_core_free_with(CurrentMemoryContext, free, keys);
	*fields = (char **) keys;
	return n;
}

/* --- the statement --- */

typedef struct PlanKey
{
	Oid			function;
	Oid			user;
	TransactionId xmin;
	uint32		fields;			/* hash of the fields given */
} PlanKey;

typedef struct PlanEntry
{
	PlanKey		key;
	SPIPlanPtr	plan;
	char	   *statement;
} PlanEntry;

static HTAB *plans = NULL;

/* Calls under way: one, or more where a task runs other tasks (run_until_idle). */
static int	n_calls = 0;

/* Unlike any column: a bare `result` would mean a column of that name. */
#define RESULT_ALIAS "\"the function's result\""

/* The arguments by their names; a variadic one must stand last, and takes its array as it is. */
static void
append_arguments(StringInfo call, const Signature *signature, int n_fields, char **fields)
{
	const char *last = signature->variadic ? signature->names[signature->n - 1] : NULL;
	const char *separator = "";

	for (int i = 0; i < n_fields; i++)
	{
		if (last != NULL && strcmp(fields[i], last) == 0)
			continue;
		appendStringInfo(call, "%s%s => input.%s", separator, quote_identifier(fields[i]), quote_identifier(fields[i]));
		separator = ", ";
	}
	if (last != NULL && has_field(last, n_fields, fields))
		appendStringInfo(call, "%sVARIADIC %s => input.%s", separator, quote_identifier(last), quote_identifier(last));
}

/*
 * A file's text, or its bytes, which are text, too: as JSON they would be hexadecimal digits.  Both are taken as they are, for a
 * file may be large, and JSON another copy of it.
 */
static bool
gives_file(const Signature *signature, const WfTaskCall *call)
{
	return call->task->reader != NULL && !signature->returns_set &&
		(signature->result == TEXTOID || signature->result == VARCHAROID || signature->result == BYTEAOID);
}

static char *
write_statement(const Signature *signature, int n_fields, char **fields, bool file)
{
	StringInfoData sql;
	StringInfoData call;
	char	   *schema = get_namespace_name(get_func_namespace(signature->function));
	bool		is_void = signature->result == VOIDOID && !signature->returns_set;

	initStringInfo(&call);
	appendStringInfoString(&call, quote_qualified_identifier(schema, get_func_name(signature->function)));
	appendStringInfoChar(&call, '(');
	if (signature->whole_input)
		appendStringInfo(&call, "$1::pg_catalog.%s", signature->types[0] == JSONOID ? "json" : "jsonb");
	else
		append_arguments(&call, signature, n_fields, fields);
	appendStringInfoChar(&call, ')');

	initStringInfo(&sql);
	if (signature->returns_set)
		appendStringInfoString(&sql, "SELECT pg_catalog.json_agg(" RESULT_ALIAS ") FROM ");
	else if (is_void || file)
		appendStringInfo(&sql, "SELECT %s", call.data);
	else
		appendStringInfo(&sql, "SELECT pg_catalog.to_json(%s)", call.data);

	if (!signature->whole_input && n_fields > 0)
	{
		appendStringInfoString(&sql, signature->returns_set ? "" : " FROM ");
		appendStringInfoString(&sql, "pg_catalog.json_to_record($1) AS input (");
		for (int i = 0; i < n_fields; i++)
			for (int j = 0; j < signature->n; j++)
				if (strcmp(signature->names[j], fields[i]) == 0)
					appendStringInfo(&sql, "%s%s %s", i > 0 ? ", " : "", quote_identifier(fields[i]),
									 /* a bare "character" or "bit" would mean one of length 1 */
									 format_type_extended(signature->types[j], -1,
														  FORMAT_TYPE_FORCE_QUALIFY | FORMAT_TYPE_TYPEMOD_GIVEN));
		appendStringInfoChar(&sql, ')');
		if (signature->returns_set)
			appendStringInfoString(&sql, ", LATERAL ");
	}
	if (signature->returns_set)
		appendStringInfo(&sql, "%s AS " RESULT_ALIAS, call.data);
	return sql.data;
}

/* What was kept for the function as it was before it was replaced. */
static void
forget_replaced(const PlanKey *present)
{
	HASH_SEQ_STATUS scan;
	PlanEntry  *entry;

	hash_seq_init(&scan, plans);
	while ((entry = hash_seq_search(&scan)) != NULL)
		if (entry->key.function == present->function && entry->key.user == present->user &&
			entry->key.xmin != present->xmin)
		{
			SPI_freeplan(entry->plan);
			pfree(entry->statement);
			(void) hash_search(plans, &entry->key, HASH_REMOVE, NULL);
		}
}

/* Kept, or (if a call is under way that may use what would make room for it) valid to the end of the SPI section. */
static SPIPlanPtr
get_plan(const Signature *signature, int n_fields, char **fields, bool file)
{
	PlanKey		key;
	PlanEntry  *entry;
	bool		found;
	char	   *statement;
	Oid			type = JSONOID;
	SPIPlanPtr	plan;

	if (plans == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(PlanKey), .entrysize = sizeof(PlanEntry), .hcxt = TopMemoryContext};

		plans = hash_create("workflow function plans", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	memset(&key, 0, sizeof(key));
	key.function = signature->function;
	key.user = GetUserId();
	key.xmin = signature->xmin;
	for (int i = 0; i < n_fields; i++)
		key.fields = hash_combine(key.fields, hash_bytes((unsigned char *) fields[i], strlen(fields[i])));

	entry = hash_search(plans, &key, HASH_FIND, NULL);
	statement = write_statement(signature, n_fields, fields, file);
	if (entry != NULL && strcmp(entry->statement, statement) == 0)
	{
		pfree(statement);
		return entry->plan;
	}

	plan = SPI_prepare(statement, 1, &type);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", statement, SPI_result_code_string(SPI_result));
	if (n_calls > 0)
		return plan;
	forget_replaced(&key);
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep a plan");
	entry = hash_search(plans, &key, HASH_ENTER, &found);
	if (found)
	{
		SPI_freeplan(entry->plan);
		pfree(entry->statement);
	}
	entry->plan = plan;
	entry->statement = MemoryContextStrdup(TopMemoryContext, statement);
	return plan;
}

/* --- the call --- */

static int
run_plan(SPIPlanPtr plan, Datum input)
{
	volatile int code = 0;

	n_calls++;
	PG_TRY();
	{
		code = SPI_execute_plan(plan, &input, NULL, false, 0);
	}
	PG_FINALLY();
	{
		n_calls--;
	}
	PG_END_TRY();
	return code;
}

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

static WfPayload *
read_result(const Signature *signature, bool file, struct varlena *value, const WfTaskCall *call)
{
	const char *data = VARDATA_ANY(value);
	size_t		length = VARSIZE_ANY_EXHDR(value);
	WfError		error = WF_ERROR_NONE;
	WfPayload  *result;

	if (file && signature->result == BYTEAOID)
		(void) pg_verify_mbstr(PG_UTF8, data, (int) length, false);
	if (file)
		result = wf_payload_from_string(data, length);
	else if (call->task->reader != NULL)
		result = wf_payload_parse_value(data, length, &error);
	else
		result = wf_payload_parse(data, length, &error);
	if (result == NULL)
	{
		if (error.code == WF_NO_ERROR)
			wf_error_no_memory(&error);
		wf_core_raise(&error);
	}
	return result;
}

WfPayload *
wf_task_function(const char *name, WfPayload *input, const WfTaskCall *call)
{
	MemoryContext context = CurrentMemoryContext;
	size_t		length;
	const char *text = wf_payload_text(input, &length);
	char	  **fields = NULL;
	int			n_fields = 0;
	Signature  *signature;
	Datum		value;
	bool		isnull;
	bool		file;
	WfPayload  *result;
	int			code;

	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (text[0] == '{')
		n_fields = list_fields(input, &fields);
	signature = find_function(name, text[0] == '{', n_fields, fields);
	check_permission(signature, name);
	if (signature->whole_input)
		n_fields = 0;
	file = gives_file(signature, call);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	value = PointerGetDatum(cstring_to_text_with_len(text, length));
	code = run_plan(get_plan(signature, n_fields, fields, file), value);
	if (code < 0)
		elog(ERROR, "could not call %s: %s", name, SPI_result_code_string(code));

	value = SPI_processed > 0 ? SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull) : (Datum) 0;
	if (SPI_processed == 0 || isnull || signature->result == VOIDOID)
	{
		MemoryContext spi = MemoryContextSwitchTo(context);

		if (signature->returns_set)
			result = wf_core_payload("[]", 2);
		else
			result = wf_core_payload("null", 4);
		MemoryContextSwitchTo(spi);
	}
	else
	{
		MemoryContext spi;

		result = read_result(signature, file, PG_DETOAST_DATUM_PACKED(value), call);
		spi = MemoryContextSwitchTo(context);
		wf_core_free_with(context, release_payload, result);
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return result;
}
