/*
 * privilege.c - who may do what with a state machine; see privilege.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "store/privilege.h"
#include "store/sql.h"

static const struct
{
	const char *word;
	int			privilege;
	int			includes;
}			words[] =
{
	{"start", WF_MAY_START, WF_MAY_START},
	{"read", WF_MAY_READ, WF_MAY_READ},
	{"manage", WF_MAY_MANAGE, WF_MAY_ALL}
};

static int
included(const char *word)
{
	for (int i = 0; i < lengthof(words); i++)
		if (strcmp(word, words[i].word) == 0)
			return words[i].includes;
	return 0;
}

int
wf_privilege_by_word(const char *word)
{
	for (int i = 0; i < lengthof(words); i++)
		if (pg_strcasecmp(word, words[i].word) == 0)
			return words[i].privilege;
	return 0;
}

int
wf_privileges(int64 state_machine_id, Oid owner, Oid user)
{
	static WfStatement select = {"SELECT grantee, privilege FROM workflow.state_machine_privilege "
		"WHERE state_machine_id = $1", 1, {INT8OID}};
	Datum		values[1] = {Int64GetDatum(state_machine_id)};
	int			found = 0;
	uint64		n;

	if (has_privs_of_role(user, owner))
		return WF_MAY_ALL;
	n = wf_sql(&select, values, NULL, 0);
	for (uint64 i = 0; i < n; i++)
	{
		Oid			grantee = (Oid) wf_sql_int64(i, 1);

		if (grantee == WF_PUBLIC || has_privs_of_role(user, grantee))
			found |= included(wf_sql_text(i, 2));
	}
	return found;
}

/* Runs the statement for each of the privileges. */
static void
for_each(WfStatement *statement, int64 state_machine_id, Oid grantee, int privileges)
{
	Datum		values[3] = {Int64GetDatum(state_machine_id), ObjectIdGetDatum(grantee), (Datum) 0};

	for (int i = 0; i < lengthof(words); i++)
	{
		if ((privileges & words[i].privilege) == 0)
			continue;
		values[2] = CStringGetTextDatum(words[i].word);
		wf_sql(statement, values, NULL, 0);
	}
}

void
wf_privileges_grant(int64 state_machine_id, Oid grantee, int privileges)
{
	static WfStatement insert = {"INSERT INTO workflow.state_machine_privilege (state_machine_id, grantee, privilege) "
		"VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", 3, {INT8OID, OIDOID, TEXTOID}};

	for_each(&insert, state_machine_id, grantee, privileges);
}

void
wf_privileges_revoke(int64 state_machine_id, Oid grantee, int privileges)
{
	static WfStatement delete = {"DELETE FROM workflow.state_machine_privilege "
		"WHERE state_machine_id = $1 AND grantee = $2 AND privilege = $3", 3, {INT8OID, OIDOID, TEXTOID}};

	for_each(&delete, state_machine_id, grantee, privileges);
}
