/*
 * machine_functions.c - the SQL functions on state machines, and on who may use them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "api/arguments.h"
#include "api/definition_check.h"
#include "api/machine.h"
#include "asl/resource.h"
#include "pg/arn.h"
#include "pg/service_error.h"
#include "store/resource_mapping.h"

PG_FUNCTION_INFO_V1(workflow_create_state_machine);
PG_FUNCTION_INFO_V1(workflow_update_state_machine);
PG_FUNCTION_INFO_V1(workflow_delete_state_machine);
PG_FUNCTION_INFO_V1(workflow_describe_state_machine);
PG_FUNCTION_INFO_V1(workflow_list_state_machines);
PG_FUNCTION_INFO_V1(workflow_validate_state_machine_definition);
PG_FUNCTION_INFO_V1(workflow_grant_state_machine);
PG_FUNCTION_INFO_V1(workflow_revoke_state_machine);
PG_FUNCTION_INFO_V1(workflow_map_resource);

/* (name, definition, run_as, type) returns text, the ARN */
Datum
workflow_create_state_machine(PG_FUNCTION_ARGS)
{
	WfMachineWish wish = {0};
	WfStateMachine machine;

	wish.name = wf_argument_required(fcinfo, 0, "name");
	wish.definition = wf_argument_required(fcinfo, 1, "definition");
	wish.run_as = PG_ARGISNULL(2) ? InvalidOid : PG_GETARG_OID(2);
	wish.type = wf_argument_text(fcinfo, 3);
	wf_machine_create(&wish, &machine);
	PG_RETURN_TEXT_P(cstring_to_text(wf_arn_state_machine(machine.name)));
}

/* (state_machine, definition, run_as) returns uuid, the revision */
Datum
workflow_update_state_machine(PG_FUNCTION_ARGS)
{
	WfMachineWish wish = {0};
	WfStateMachine machine;

	wish.name = wf_argument_required(fcinfo, 0, "state_machine");
	wish.definition = wf_argument_text(fcinfo, 1);
	wish.run_as = PG_ARGISNULL(2) ? InvalidOid : PG_GETARG_OID(2);
	wf_machine_update(&wish, &machine);
	if (machine.revision == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(DirectFunctionCall1(uuid_in, CStringGetDatum(machine.revision)));
}

Datum
workflow_delete_state_machine(PG_FUNCTION_ARGS)
{
	wf_machine_delete(wf_argument_required(fcinfo, 0, "state_machine"));
	PG_RETURN_VOID();
}

/* (state_machine) returns (name, arn, type, status, definition, run_as, role_arn, owner, revision, created_at, updated_at) */
Datum
workflow_describe_state_machine(PG_FUNCTION_ARGS)
{
	WfStateMachine machine;
	WfRow		row = {0};

	wf_machine_describe(wf_argument_required(fcinfo, 0, "state_machine"), &machine);
	wf_row_add_text(&row, machine.name);
	wf_row_add_text(&row, wf_arn_state_machine(machine.name));
	wf_row_add_text(&row, machine.type);
	wf_row_add_text(&row, machine.deleting ? "DELETING" : "ACTIVE");
	wf_row_add_text(&row, machine.definition);
	wf_row_add(&row, ObjectIdGetDatum(machine.run_as), false);
	wf_row_add_text(&row, machine.role_arn);
	wf_row_add(&row, ObjectIdGetDatum(machine.owner), false);
	wf_row_add_uuid(&row, machine.revision);
	wf_row_add_time(&row, machine.created_at);
	wf_row_add_time(&row, machine.updated_at);
	PG_RETURN_DATUM(wf_row_result(fcinfo, &row));
}

/* () returns setof (name, arn, type, created_at) */
Datum
workflow_list_state_machines(PG_FUNCTION_ARGS)
{
	WfStateMachine *machines;
	int			n;
	WfRow		row = {0};

	InitMaterializedSRF(fcinfo, 0);
	n = wf_machine_list(NULL, PG_INT32_MAX, &machines);
	for (int i = 0; i < n; i++)
	{
		wf_row_add_text(&row, machines[i].name);
		wf_row_add_text(&row, wf_arn_state_machine(machines[i].name));
		wf_row_add_text(&row, machines[i].type);
		wf_row_add_time(&row, machines[i].created_at);
		wf_row_put(fcinfo, &row);
	}
	return (Datum) 0;
}

/* (definition, type) returns setof (severity, code, message, location) */
Datum
workflow_validate_state_machine_definition(PG_FUNCTION_ARGS)
{
	char	   *definition = wf_argument_required(fcinfo, 0, "definition");
	char	   *type = wf_argument_required(fcinfo, 1, "type");
	WfProblems	problems;
	WfRow		row = {0};

	if (strcmp(type, "STANDARD") != 0 && strcmp(type, "EXPRESS") != 0)
		wf_service_error(WF_VALIDATION_ERROR, "1 validation error detected: Value '%s' at 'type' failed to satisfy "
						 "constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]", type);
	InitMaterializedSRF(fcinfo, 0);
	wf_check_definition(definition, strcmp(type, "EXPRESS") == 0, &problems);
	for (int i = 0; i < problems.n; i++)
	{
		wf_row_add_text(&row, problems.items[i].is_error ? "ERROR" : "WARNING");
		wf_row_add_text(&row, problems.items[i].code);
		wf_row_add_text(&row, problems.items[i].message);
		wf_row_add_text(&row, problems.items[i].location);
		wf_row_put(fcinfo, &row);
	}
	return (Datum) 0;
}

/* --- who may use them --- */

/* (state_machine text, grantee text, privileges text[]) */
static void
change_privileges(FunctionCallInfo fcinfo, bool grant)
{
	char	   *reference = wf_argument_required(fcinfo, 0, "state_machine");
	Oid			grantee = wf_argument_grantee(fcinfo, 1);
	int			privileges = wf_argument_privileges(fcinfo, 2, WF_STATE_MACHINE_PRIVILEGES);
	WfCall		call;
	WfStateMachine machine;

	wf_call_begin(&call, grant ? "GrantStateMachine" : "RevokeStateMachine");
	wf_call_state_machine(&call, reference, WF_MAY_MANAGE, ExclusiveLock, false, &machine);
	if (grant)
		wf_privileges_grant(WF_STATE_MACHINE_PRIVILEGES, machine.id, grantee, privileges);
	else
		wf_privileges_revoke(WF_STATE_MACHINE_PRIVILEGES, machine.id, grantee, privileges);
	wf_call_end(&call);
}

Datum
workflow_grant_state_machine(PG_FUNCTION_ARGS)
{
	change_privileges(fcinfo, true);
	PG_RETURN_VOID();
}

Datum
workflow_revoke_state_machine(PG_FUNCTION_ARGS)
{
	change_privileges(fcinfo, false);
	PG_RETURN_VOID();
}

/* --- foreign resources --- */

/*
 * Whose mapping it is: the role that is named, whose privileges the caller must have; otherwise everybody's if a superuser
 * or the extension's owner says it, and the caller's own if anybody else does.
 */
static Oid
mapping_owner(FunctionCallInfo fcinfo, int number)
{
	Oid			user = GetUserId();

	if (PG_ARGISNULL(number))
		return superuser() || user == wf_engine_owner() ? WF_EVERYBODY : user;
	if (!has_privs_of_role(user, PG_GETARG_OID(number)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must have privileges of role \"%s\" to map resources for it",
						GetUserNameFromId(PG_GETARG_OID(number), false))));
	return PG_GETARG_OID(number);
}

/* (pattern, resource, for_role) */
Datum
workflow_map_resource(PG_FUNCTION_ARGS)
{
	char	   *pattern = wf_argument_required(fcinfo, 0, "pattern");
	char	   *resource = wf_argument_text(fcinfo, 1);
	Oid			owner = mapping_owner(fcinfo, 2);
	WfStore		store;

	if (strncmp(pattern, "arn:", 4) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid pattern of resources: \"%s\"", pattern),
				 errhint("A pattern is an ARN; an asterisk in it stands for any text.")));
	if (resource != NULL && (strncmp(resource, "arn:", 4) == 0 || !wf_resource_is_valid(resource)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("resource \"%s\" is no local work", resource),
				 errhint("Map to a function of this database, as in 'function:schema.name'.")));
	wf_store_begin(&store);
	(void) wf_resource_mapping_set(owner, pattern, resource);
	wf_store_end(&store);
	PG_RETURN_VOID();
}
