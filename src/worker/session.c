/*
 * session.c - a pool worker's session: connected to the database as the role, with the role's settings.
 *
 * Where the role may connect, the worker connects as that role and is nothing else.  Where it may not (NOLOGIN before
 * PostgreSQL 17, no CONNECT on the database, a limit on connections), the worker connects as the cluster's first superuser
 * and *adopts* the role: session user, settings.  Who may run tasks as a role is decided when a machine is created, not by
 * who may connect.  An adopted session could in principle go back to the superuser; tasks can't, because they run
 * under SECURITY_LOCAL_USERID_CHANGE (pg/rights.c), and RESET SESSION AUTHORIZATION gives the role, not the superuser.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "pg/compat.h"
#include "worker/process.h"

WfRoleAccess
wf_session_role_access(Oid role)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	Form_pg_authid form;
	WfRoleAccess access;
	HeapTuple	database;

	if (!HeapTupleIsValid(tuple))
		return WF_ROLE_GONE;
	form = (Form_pg_authid) GETSTRUCT(tuple);
	if (form->rolsuper)
		access = form->rolcanlogin || WF_NOLOGIN_CAN_CONNECT ? WF_ROLE_CONNECTS : WF_ROLE_ADOPTED;
	else if ((form->rolcanlogin || WF_NOLOGIN_CAN_CONNECT) && form->rolconnlimit < 0 &&
			 wf_database_connect_allowed(MyDatabaseId, role))
		access = WF_ROLE_CONNECTS;
	else
		access = WF_ROLE_ADOPTED;
	ReleaseSysCache(tuple);

	database = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
	if (HeapTupleIsValid(database))
	{
		if (((Form_pg_database) GETSTRUCT(database))->datconnlimit >= 0)
			access = WF_ROLE_ADOPTED;
		ReleaseSysCache(database);
	}
	return access;
}

/* --- adopting a role --- */

typedef struct Setting
{
	const char *name;
	char	   *value;
} Setting;

/* What all settings are before a role or a database has a say: the server's configuration. */
static Setting *
settings_of_server(int *n)
{
	struct config_generic **all = wf_all_settings(n);
	Setting    *settings = palloc0(*n * sizeof(Setting));

	for (int i = 0; i < *n; i++)
	{
		const char *value;

		settings[i].name = all[i]->name;
		if (all[i]->context < PGC_BACKEND)
			continue;			/* no role can have it */
		value = GetConfigOption(all[i]->name, true, false);
		settings[i].value = value != NULL ? pstrdup(value) : NULL;
	}
	return settings;
}

/* Takes back one setting that connecting as the superuser has brought along. */
static void
take_back(const char *name, const Setting *server, int n)
{
	for (int i = 0; i < n; i++)
		if (pg_strcasecmp(server[i].name, name) == 0 && server[i].value != NULL)
		{
			SetConfigOption(name, server[i].value, PGC_SUSET, PGC_S_DATABASE_USER);
			return;
		}
}

/* Takes back what ALTER ROLE of the superuser says; by the names, as pg_db_role_setting has them. */
static void
take_back_superuser_settings(const Setting *server, int n)
{
	Oid			databases[2] = {MyDatabaseId, InvalidOid};
	Relation	relation = table_open(DbRoleSettingRelationId, AccessShareLock);

	for (int i = 0; i < 2; i++)
	{
		ScanKeyData keys[2];
		SysScanDesc scan;
		HeapTuple	tuple;

		ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
					ObjectIdGetDatum(databases[i]));
		ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ,
					ObjectIdGetDatum(GetSessionUserId()));
		scan = systable_beginscan(relation, DbRoleSettingDatidRolidIndexId, true, NULL, 2, keys);
		while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		{
			bool		isnull;
			Datum		array = heap_getattr(tuple, Anum_pg_db_role_setting_setconfig,
											 RelationGetDescr(relation), &isnull);
			Datum	   *elements;
			int			n_elements;

			if (isnull)
				continue;
			deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL,
							  &n_elements);
			for (int j = 0; j < n_elements; j++)
			{
				char	   *name = TextDatumGetCString(elements[j]);
				char	   *equals = strchr(name, '=');

				if (equals == NULL)
					continue;
				*equals = '\0';
				take_back(name, server, n);
			}
		}
		systable_endscan(scan);
	}
	table_close(relation, AccessShareLock);
}

/*
 * The settings of database and role, as a connection as that role would have got them.  All with the same source, so that
 * what comes later wins: the order is from the general to the special.
 */
static void
apply_role_settings(Oid role)
{
	Relation	relation = table_open(DbRoleSettingRelationId, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetCatalogSnapshot(DbRoleSettingRelationId));

	ApplySetting(snapshot, InvalidOid, InvalidOid, relation, PGC_S_DATABASE_USER);
	ApplySetting(snapshot, MyDatabaseId, InvalidOid, relation, PGC_S_DATABASE_USER);
	ApplySetting(snapshot, InvalidOid, role, relation, PGC_S_DATABASE_USER);
	ApplySetting(snapshot, MyDatabaseId, role, relation, PGC_S_DATABASE_USER);
	UnregisterSnapshot(snapshot);
	table_close(relation, AccessShareLock);
}

static void
adopt(Oid role, const Setting *server, int n)
{
	HeapTuple	tuple;

	StartTransactionCommand();
	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	if (!HeapTupleIsValid(tuple))
		ereport(FATAL,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role with OID %u does not exist", role)));

	take_back_superuser_settings(server, n);
	apply_role_settings(role);
	/* as the value that RESET goes back to */
	SetConfigOption("session_authorization", NameStr(((Form_pg_authid) GETSTRUCT(tuple))->rolname),
					PGC_SUSET, PGC_S_OVERRIDE);
	ReleaseSysCache(tuple);
	CommitTransactionCommand();

	if (GetSessionUserId() != role)
		ereport(FATAL,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not adopt role with OID %u", role)));
}

void
wf_session_connect(Oid database, Oid role, bool adopted)
{
	MemoryContext context;
	MemoryContext before;
	Setting    *server;
	int			n;

	if (!adopted)
	{
		BackgroundWorkerInitializeConnectionByOid(database, role, WF_BYPASS_ROLE_LOGIN_CHECK);
		return;
	}

	context = AllocSetContextCreate(TopMemoryContext, "workflow server settings", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(context);
	server = settings_of_server(&n);
	MemoryContextSwitchTo(before);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	adopt(role, server, n);
	MemoryContextDelete(context);
}
