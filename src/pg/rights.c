/*
 * rights.c - as whom something runs; see rights.h.
 *
 * In a worker the pinned search_path is the session's own, set once: switching to the engine then costs two assignments
 * and a comparison.  Elsewhere (in any other session, and where a task's function calls us) it is set for each section.  A
 * plan of ours is only ever made or run under the pinned path: the plan cache would otherwise analyse it again under the
 * user's, and find the user's operators.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "pg/rights.h"

#define ENGINE_SEARCH_PATH "pg_catalog, pg_temp"

static char *role_search_path = NULL;	/* in a worker: the role's own; NULL: the session is not pinned */

static void
set_locally(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

Oid
wf_extension_oid(void)
{
	return get_extension_oid("workflow", true);
}

Oid
wf_engine_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACENAME, CStringGetDatum("workflow"));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("extension \"workflow\" is not in this database"),
				 errhint("Run CREATE EXTENSION workflow.")));
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

void
wf_rights_begin_engine(WfRights *saved)
{
	Oid			owner = wf_engine_owner();

	GetUserIdAndSecContext(&saved->user, &saved->context);
	saved->nest_level = 0;
	SetUserIdAndSecContext(owner, saved->context | SECURITY_LOCAL_USERID_CHANGE);
	if (strcmp(namespace_search_path, ENGINE_SEARCH_PATH) != 0)
	{
		saved->nest_level = NewGUCNestLevel();
		set_locally("search_path", ENGINE_SEARCH_PATH);
	}
}

void
wf_rights_begin_task(WfRights *saved, Oid role, bool own_session)
{
	int			context;

	GetUserIdAndSecContext(&saved->user, &saved->context);
	context = saved->context | SECURITY_LOCAL_USERID_CHANGE;
	if (role != saved->user)
		context |= SECURITY_RESTRICTED_OPERATION;
	SetUserIdAndSecContext(role, context);
	saved->nest_level = NewGUCNestLevel();
	if (own_session)
		set_locally("search_path", role_search_path);
}

void
wf_rights_end(const WfRights *saved)
{
	if (saved->nest_level > 0)
		AtEOXact_GUC(false, saved->nest_level);
	SetUserIdAndSecContext(saved->user, saved->context);
}

void
wf_rights_pin_session(void)
{
	role_search_path = MemoryContextStrdup(TopMemoryContext, namespace_search_path);
	SetConfigOption("search_path", ENGINE_SEARCH_PATH, PGC_USERSET, PGC_S_SESSION);
}
