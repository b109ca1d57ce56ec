/*
 * compat.h - what differs between PostgreSQL 15, 16, 17 and 18, as far as we meet it.  Code elsewhere is written for the
 * newest form and asks no PG_VERSION_NUM.
 */
#ifndef WF_COMPAT_H
#define WF_COMPAT_H

#include "postgres.h"

#include "access/genam.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/regproc.h"
#include "utils/timeout.h"

#if PG_VERSION_NUM < 150000
#error "workflow needs PostgreSQL 15 or later"
#endif

/* 16 took VARSIZE(), VARATT_IS_…() and their like out of postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 16 replaced pg_database_ownercheck() and its like by one function for all kinds of objects. */
static inline bool
wf_object_ownercheck(Oid class_id, Oid object, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return object_ownercheck(class_id, object, role);
#else
	switch (class_id)
	{
		case DatabaseRelationId:
			return pg_database_ownercheck(object, role);
		case ExtensionRelationId:
			return pg_extension_ownercheck(object, role);
		case NamespaceRelationId:
			return pg_namespace_ownercheck(object, role);
		default:
			return superuser_arg(role);
	}
#endif
}

static inline bool
wf_database_connect_allowed(Oid database, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(DatabaseRelationId, database, role, ACL_CONNECT) == ACLCHECK_OK;
#else
	return pg_database_aclcheck(database, role, ACL_CONNECT) == ACLCHECK_OK;
#endif
}

/* From 17 on a background worker can be a role that may not log in. */
#if PG_VERSION_NUM >= 170000
#define WF_BYPASS_ROLE_LOGIN_CHECK BGWORKER_BYPASS_ROLELOGINCHECK
#define WF_NOLOGIN_CAN_CONNECT true
#else
#define WF_BYPASS_ROLE_LOGIN_CHECK 0
#define WF_NOLOGIN_CAN_CONNECT false
#endif

/* A database whose DROP was interrupted; 15 got the mark in a minor release. */
#ifndef DATCONNLIMIT_INVALID_DB
#define DATCONNLIMIT_INVALID_DB (-2)
#endif

/* All settings of this process, to look at. */
static inline struct config_generic **
wf_all_settings(int *count)
{
#if PG_VERSION_NUM >= 160000
	return get_guc_variables(count);
#else
	*count = GetNumConfigOptions();
	return get_guc_variables();
#endif
}

/*
 * May this role become the other one, as SET ROLE does?  From 16 on being a member is not enough: a grant may be WITH SET
 * FALSE.
 */
static inline bool
wf_may_become(Oid member, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return member_can_set_role(member, role);
#else
	return is_member_of_role(member, role);
#endif
}

/* May this role execute the function? */
static inline bool
wf_may_execute(Oid function, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE) == ACLCHECK_OK;
#else
	return pg_proc_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK;
#endif
}

/* 16 lets the parser report a bad name without raising. */
static inline List *
wf_qualified_name_list(const char *name)
{
#if PG_VERSION_NUM >= 160000
	return stringToQualifiedNameList(name, NULL);
#else
	return stringToQualifiedNameList(name);
#endif
}

/* Memory that a setting's check hook hands on; NULL, after a message, without memory.  Settings have a context since 16. */
static inline void *
wf_guc_malloc(Size size)
{
#if PG_VERSION_NUM >= 160000
	return guc_malloc(LOG, size);
#else
	void	   *memory = malloc(size);

	if (memory == NULL)
		ereport(LOG, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return memory;
#endif
}

/* 16 lets the decoder say more about what is wrong, which nobody needs here. */
static inline int
wf_decode_datetime(char **fields, int *types, int n, int *type, struct pg_tm *tm, fsec_t *fsec, int *zone)
{
#if PG_VERSION_NUM >= 160000
	DateTimeErrorExtra unused;

	return DecodeDateTime(fields, types, n, type, tm, fsec, zone, &unused);
#else
	return DecodeDateTime(fields, types, n, type, tm, fsec, zone);
#endif
}

/* The present transaction's number in this process; 17 put it into a struct. */
static inline LocalTransactionId
wf_local_transaction(void)
{
#if PG_VERSION_NUM >= 170000
	return MyProc->vxid.lxid;
#else
	return MyProc->lxid;
#endif
}

/* The entries of a new row in all indexes of its table; 16 added summarizing indexes to the call. */
static inline List *
wf_exec_insert_index_tuples(ResultRelInfo *target, TupleTableSlot *slot, EState *estate)
{
#if PG_VERSION_NUM >= 160000
	return ExecInsertIndexTuples(target, slot, estate, false, false, NULL, NIL, false);
#else
	return ExecInsertIndexTuples(target, slot, estate, false, false, NULL, NIL);
#endif
}

/* 17 brought a limit to whole transactions, which is not meant for the engine's own. */
static inline void
wf_disable_transaction_timeout(void)
{
#if PG_VERSION_NUM >= 170000
	if (get_timeout_active(TRANSACTION_TIMEOUT))
		disable_timeout(TRANSACTION_TIMEOUT, false);
#endif
}

/* The privilege of pg_has_role() that lets a role become another; 16 lets a membership come without it. */
#if PG_VERSION_NUM >= 160000
#define WF_MAY_BECOME "SET"
#else
#define WF_MAY_BECOME "MEMBER"
#endif

#endif
