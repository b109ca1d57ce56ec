/*
 * hooks.c - commands that concern our processes, seen in ProcessUtility.
 *
 * Before a command that needs a database, or the extension in it, for itself: its processes are held out (hold.c).  Only
 * for who may run the command: a stranger's attempt fails in the command itself and disturbs nobody.
 * After a command that may have brought the extension into a database: the launcher looks there at commit.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/syscache.h"

#include "pg/compat.h"
#include "task/task.h"
#include "worker/process.h"

static ProcessUtility_hook_type previous_hook = NULL;

/* --- a database for itself --- */

static void
hold_database_of_owner(const char *name)
{
	Oid			database = name != NULL ? get_database_oid(name, true) : InvalidOid;

	if (OidIsValid(database) && wf_object_ownercheck(DatabaseRelationId, database, GetUserId()))
		wf_hold_database(database);
}

static bool
may_copy(Oid database)
{
	Oid			user = GetUserId();
	HeapTuple	tuple;
	bool		may_create = false;
	bool		is_template = false;

	if (superuser())
		return true;
	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(user));
	if (HeapTupleIsValid(tuple))
	{
		may_create = ((Form_pg_authid) GETSTRUCT(tuple))->rolcreatedb;
		ReleaseSysCache(tuple);
	}
	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
	if (HeapTupleIsValid(tuple))
	{
		is_template = ((Form_pg_database) GETSTRUCT(tuple))->datistemplate;
		ReleaseSysCache(tuple);
	}
	return may_create && (is_template || wf_object_ownercheck(DatabaseRelationId, database, user));
}

static DefElem *
find_statement_option(List *options, const char *name)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, name) == 0)
			return option;
	}
	return NULL;
}

static void
before_create_database(CreatedbStmt *statement)
{
	DefElem    *option = find_statement_option(statement->options, "template");
	Oid			database = InvalidOid;

	if (option != NULL && option->arg != NULL)
		database = get_database_oid(defGetString(option), true);
	if (OidIsValid(database) && may_copy(database))
		wf_hold_database(database);
	wf_wake_for_rescan();
}

static void
before_alter_database(AlterDatabaseStmt *statement)
{
	if (find_statement_option(statement->options, "tablespace") != NULL)
		hold_database_of_owner(statement->dbname);
	wf_wake_for_rescan();		/* it may be a template now, or allow no connections */
}

/* --- the extension for itself --- */

static bool
owns_extension(void)
{
	Oid			extension = get_extension_oid("workflow", true);

	return OidIsValid(extension) && wf_object_ownercheck(ExtensionRelationId, extension, GetUserId());
}

/* In a task it could never commit: the task's own end is written into the extension's tables. */
static void
hold_this_database(void)
{
	if (wf_is_pool_worker())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a task cannot drop or alter extension \"workflow\"")));
	wf_hold_database(MyDatabaseId);
}

static bool
names(List *objects, const char *name)
{
	ListCell   *cell;

	foreach(cell, objects)
	{
		Node	   *object = lfirst(cell);

		if (IsA(object, String) && strcmp(strVal(object), name) == 0)
			return true;
	}
	return false;
}

static void
before_drop(DropStmt *statement)
{
	bool		concerned = false;

	if (statement->removeType == OBJECT_EXTENSION)
		concerned = names(statement->objects, "workflow") || statement->behavior == DROP_CASCADE;
	else if (statement->removeType == OBJECT_SCHEMA)
		concerned = names(statement->objects, "workflow") && statement->behavior == DROP_CASCADE;
	if (concerned && owns_extension())
		hold_this_database();
}

/* Those of their roles own the extension: it goes with the rest. */
static void
before_drop_owned(DropOwnedStmt *statement)
{
	Oid			extension = get_extension_oid("workflow", true);
	ListCell   *cell;

	if (!OidIsValid(extension))
		return;
	foreach(cell, statement->roles)
	{
		Oid			role = get_rolespec_oid(lfirst_node(RoleSpec, cell), true);

		if (OidIsValid(role) && has_privs_of_role(GetUserId(), role) &&
			wf_object_ownercheck(ExtensionRelationId, extension, role))
		{
			hold_this_database();
			return;
		}
	}
}

/* --- the hook --- */

static void
before(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_DropdbStmt:
			hold_database_of_owner(castNode(DropdbStmt, statement)->dbname);
			break;
		case T_RenameStmt:
			if (castNode(RenameStmt, statement)->renameType == OBJECT_DATABASE)
				hold_database_of_owner(castNode(RenameStmt, statement)->subname);
			break;
		case T_CreatedbStmt:
			before_create_database(castNode(CreatedbStmt, statement));
			break;
		case T_AlterDatabaseStmt:
			before_alter_database(castNode(AlterDatabaseStmt, statement));
			break;
		case T_DropStmt:
			before_drop(castNode(DropStmt, statement));
			break;
		case T_DropOwnedStmt:
			before_drop_owned(castNode(DropOwnedStmt, statement));
			break;
		case T_AlterExtensionStmt:
			if (strcmp(castNode(AlterExtensionStmt, statement)->extname, "workflow") == 0 && owns_extension())
				hold_this_database();
			break;
		default:
			break;
	}
}

/* May it bring the extension into this database? */
static bool
creates_extension(Node *statement)
{
	CreateExtensionStmt *create;

	if (!IsA(statement, CreateExtensionStmt))
		return false;
	create = castNode(CreateExtensionStmt, statement);
	return strcmp(create->extname, "workflow") == 0 || find_statement_option(create->options, "cascade") != NULL;
}

/*
 * What a prepared transaction noted down was forgotten with the session that prepared it.  When this statement is done, it
 * is committed or rolled back already; the statement's own transaction ends right after.
 */
static bool
ends_prepared(Node *statement)
{
	TransactionStmtKind kind;

	if (!IsA(statement, TransactionStmt))
		return false;
	kind = castNode(TransactionStmt, statement)->kind;
	return kind == TRANS_STMT_COMMIT_PREPARED || kind == TRANS_STMT_ROLLBACK_PREPARED;
}

static void
process_utility(PlannedStmt *planned, const char *query, bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *destination,
				QueryCompletion *completion)
{
	bool		concerned = IsUnderPostmaster && !RecoveryInProgress() && OidIsValid(MyDatabaseId);
	bool		probe = false;
	bool		everything = false;

	/* All is decided now: a statement that ends the transaction may free the tree in which it stands. */
	if (concerned)
	{
		probe = creates_extension(planned->utilityStmt);
		everything = ends_prepared(planned->utilityStmt);
		before(planned->utilityStmt);
	}
	if (IsA(planned->utilityStmt, ConstraintsSetStmt))
		wf_task_set_constraints();
	if (previous_hook != NULL)
		previous_hook(planned, query, read_only_tree, context, parameters, environment, destination, completion);
	else
		standard_ProcessUtility(planned, query, read_only_tree, context, parameters, environment, destination,
								completion);
	if (probe)
		wf_wake_for_probe();
	if (everything)
		wf_wake_for_everything();
}

void
wf_hooks_install(void)
{
	previous_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}
