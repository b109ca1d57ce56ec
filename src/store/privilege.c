/*
 * privilege.c - who may do what with a state machine, or an activity; see privilege.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "store/privilege.h"
#include "store/sql.h"

static const struct
{
	WfPrivilegeObject object;
	const char *word;
	int			privilege;
	int			includes;
}			words[] =
{
	{WF_STATE_MACHINE_PRIVILEGES, "start", WF_MAY_START, WF_MAY_START},
	{WF_STATE_MACHINE_PRIVILEGES, "read", WF_MAY_READ, WF_MAY_READ},
	{WF_STATE_MACHINE_PRIVILEGES, "manage", WF_MAY_MANAGE, WF_MAY_ALL},
	{WF_ACTIVITY_PRIVILEGES, "poll", WF_MAY_POLL, WF_MAY_POLL},
	{WF_ACTIVITY_PRIVILEGES, "manage", WF_MAY_MANAGE, WF_MAY_ALL}
};

static int
included(WfPrivilegeObject object, const char *word)
{
	for (int i = 0; i < lengthof(words); i++)
		if (words[i].object == object && strcmp(word, words[i].word) == 0)
			return words[i].includes;
	return 0;
}

int
wf_privilege_by_word(WfPrivilegeObject object, const char *word)
{
	for (int i = 0; i < lengthof(words); i++)
		if (words[i].object == object && pg_strcasecmp(word, words[i].word) == 0)
			return words[i].privilege;
	return 0;
}

int
wf_privileges(WfPrivilegeObject object, int64 id, Oid owner, Oid user)
{
	static WfStatement select[] = {
		[WF_STATE_MACHINE_PRIVILEGES] = {"SELECT grantee, privilege FROM workflow.state_machine_privilege "
		"WHERE state_machine_id = $1", 1, {INT8OID}},
		[WF_ACTIVITY_PRIVILEGES] = {"SELECT grantee, privilege FROM workflow.activity_privilege "
		"WHERE activity_id = $1", 1, {INT8OID}}
	};
	Datum		values[1] = {Int64GetDatum(id)};
	int			found = 0;
	uint64		n;

	if (has_privs_of_role(user, owner))
		return WF_MAY_ALL;
	n = wf_sql(&select[object], values, NULL, 0);
	for (uint64 i = 0; i < n; i++)
	{
		Oid			grantee = (Oid) wf_sql_int64(i, 1);

		if (grantee == WF_PUBLIC || has_privs_of_role(user, grantee))
			found |= included(object, wf_sql_text(i, 2));
	}
	return found;
}

/* Runs the object's statement for each of the privileges. */
static void
for_each(WfStatement *statements, WfPrivilegeObject object, int64 id, Oid grantee, int privileges)
{
	Datum		values[3] = {Int64GetDatum(id), ObjectIdGetDatum(grantee), (Datum) 0};

	for (int i = 0; i < lengthof(words); i++)
	{
		if (words[i].object != object || (privileges & words[i].privilege) == 0)
			continue;
		values[2] = CStringGetTextDatum(words[i].word);
		wf_sql(&statements[object], values, NULL, 0);
	}
}

void
wf_privileges_grant(WfPrivilegeObject object, int64 id, Oid grantee, int privileges)
{
	static WfStatement insert[] = {
		[WF_STATE_MACHINE_PRIVILEGES] = {"INSERT INTO workflow.state_machine_privilege (state_machine_id, grantee, privilege) "
		"VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", 3, {INT8OID, OIDOID, TEXTOID}},
		[WF_ACTIVITY_PRIVILEGES] = {"INSERT INTO workflow.activity_privilege (activity_id, grantee, privilege) "
		"VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", 3, {INT8OID, OIDOID, TEXTOID}}
	};

	for_each(insert, object, id, grantee, privileges);
}

void
wf_privileges_revoke(WfPrivilegeObject object, int64 id, Oid grantee, int privileges)
{
	static WfStatement delete[] = {
		[WF_STATE_MACHINE_PRIVILEGES] = {"DELETE FROM workflow.state_machine_privilege "
		"WHERE state_machine_id = $1 AND grantee = $2 AND privilege = $3", 3, {INT8OID, OIDOID, TEXTOID}},
		[WF_ACTIVITY_PRIVILEGES] = {"DELETE FROM workflow.activity_privilege "
		"WHERE activity_id = $1 AND grantee = $2 AND privilege = $3", 3, {INT8OID, OIDOID, TEXTOID}}
	};

	for_each(delete, object, id, grantee, privileges);
}
