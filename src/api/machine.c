/*
 * machine.c - what can be done with state machines; see machine.h.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "api/configuration.h"
#include "api/definition_check.h"
#include "api/machine.h"
#include "api/tag.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/compat.h"
#include "pg/names.h"
#include "pg/service_error.h"

#define MAX_DEFINITION	1048576 /* characters */

/*
 * The role that the machine is to run as: it must exist, and whoever names it (or changes what runs as it) must be a
 * member of it who may become it.  *stored: its ARN, as it is shown.
 */
static Oid
resolve_role(Oid user, const char *role_arn, Oid run_as, char **stored)
{
	char	   *name;

	if (role_arn != NULL)
	{
		name = wf_arn_role_name(role_arn);
		run_as = get_role_oid(name, true);
		*stored = strncmp(role_arn, "arn:", 4) == 0 ? pstrdup(role_arn) : wf_arn_role(name);
		if (!OidIsValid(run_as))
			wf_service_error_hint(WF_ACCESS_DENIED_ERROR, psprintf("Role \"%s\" does not exist.", name), NULL,
								  "Neither the global service principal states.amazonaws.com, nor the regional one is "
								  "authorized to assume the provided role.");
	}
	else
	{
		if (!OidIsValid(run_as))
			run_as = user;
		name = GetUserNameFromId(run_as, true);
		if (name == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("role with OID %u does not exist", run_as)));
		*stored = wf_arn_role(name);
	}
	if (!wf_may_become(user, run_as))
	{
		char	   *user_name = GetUserNameFromId(user, false);

		wf_service_error_hint(WF_ACCESS_DENIED_ERROR,
							  psprintf("Role \"%s\" is not a member of role \"%s\".", user_name, name), NULL,
							  "User: %s is not authorized to perform: iam:PassRole on resource: %s",
							  wf_arn_role(user_name), *stored);
	}
	return run_as;
}

static void
check_definition(const char *definition, const char *type)
{
	int			length = pg_mbstrlen(definition);

	if (length < 1 || length > MAX_DEFINITION)
		wf_service_error(WF_VALIDATION_ERROR, "1 validation error detected: Value at 'definition' failed to satisfy "
						 "constraint: Member must have length %s than or equal to %d", length < 1 ? "greater" : "less",
						 length < 1 ? 1 : MAX_DEFINITION);
	wf_require_definition(definition, strcmp(type, "EXPRESS") == 0);
}

static bool
is_same(const WfStateMachine *a, const WfStateMachine *b)
{
	return strcmp(a->definition, b->definition) == 0 && strcmp(a->type, b->type) == 0 &&
		compareJsonbContainers(&a->configuration->root, &b->configuration->root) == 0;
}

/* --- create --- */

static void refuse_existing(const char *name) __attribute__((noreturn));

static void
refuse_existing(const char *name)
{
	wf_service_error(WF_STATE_MACHINE_ALREADY_EXISTS_ERROR, "State Machine Already Exists: '%s'",
					 wf_arn_state_machine(name));
}

void
wf_machine_create(const WfMachineWish *wish, WfStateMachine *machine)
{
	WfCall		call;
	WfStateMachine existing;

	memset(machine, 0, sizeof(*machine));
	wf_name_check(wish->name);
	machine->name = pstrdup(wish->name);
	machine->type = pstrdup(wish->type != NULL ? wish->type : "STANDARD");
	if (strcmp(machine->type, "STANDARD") != 0 && strcmp(machine->type, "EXPRESS") != 0)
		wf_service_error(WF_VALIDATION_ERROR, "1 validation error detected: Value '%s' at 'type' failed to satisfy "
						 "constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]", machine->type);
	check_definition(wish->definition, machine->type);
	machine->definition = pstrdup(wish->definition);
	machine->configuration = wf_configuration(wish->configuration, NULL);
	machine->owner = GetUserId();
	machine->run_as = resolve_role(machine->owner, wish->role_arn, wish->run_as, &machine->role_arn);
	machine->created_at = wf_clock_now();

	wf_call_begin(&call, "CreateStateMachine");
	wf_state_machine_lock(machine->name, ExclusiveLock);
	if (wf_state_machine_by_name(machine->name, true, call.context, &existing))
	{
		/* A repetition is answered as the first time, to whoever manages the machine. */
		wf_call_refuse_deleting(&existing);
		if ((wf_privileges(WF_STATE_MACHINE_PRIVILEGES, existing.id, existing.owner, call.user) & WF_MAY_MANAGE) == 0 ||
			!is_same(machine, &existing))
			refuse_existing(machine->name);
		*machine = existing;
	}
	else
	{
		if (!wf_state_machine_insert(machine))
			refuse_existing(machine->name);
		wf_attach_tags(WF_STATE_MACHINE_TAGS, machine->id, wf_arn_state_machine(machine->name), wish->tags, wish->n_tags);
	}
	wf_call_end(&call);
}

/* --- update --- */

void
wf_machine_update(const WfMachineWish *wish, WfStateMachine *machine)
{
	WfCall		call;
	WfStateMachine before;

	if (wish->definition == NULL && wish->role_arn == NULL && !OidIsValid(wish->run_as) &&
		(wish->configuration == NULL || !wf_configuration_given(wish->configuration)))
		wf_service_error(WF_MISSING_REQUIRED_PARAMETER_ERROR, "Either the definition, the role ARN, the "
						 "LoggingConfiguration, or the TracingConfiguration must be specified");

	wf_call_begin(&call, "UpdateStateMachine");
	wf_call_state_machine(&call, wish->name, WF_MAY_MANAGE, ExclusiveLock, true, machine);
	MemoryContextSwitchTo(call.context);
	wf_call_refuse_deleting(machine);
	before = *machine;
	if (wish->definition != NULL)
	{
		check_definition(wish->definition, machine->type);
		machine->definition = pstrdup(wish->definition);
	}
	machine->configuration = wf_configuration(wish->configuration, before.configuration);

	/* Whoever changes what a role runs must be a member of that role, also where the role stays. */
	if (wish->role_arn != NULL || OidIsValid(wish->run_as))
		machine->run_as = resolve_role(call.user, wish->role_arn, wish->run_as, &machine->role_arn);
	else
	{
		char	   *unused;

		(void) resolve_role(call.user, NULL, machine->run_as, &unused);
	}

	machine->revised_at = wf_clock_now();
	if (!is_same(machine, &before) || machine->run_as != before.run_as ||
		strcmp(machine->role_arn, before.role_arn) != 0)
		wf_state_machine_revise(machine, call.context);
	wf_call_end(&call);
}

/* --- describe, delete, list --- */

void
wf_machine_describe(const char *reference, WfStateMachine *machine)
{
	WfCall		call;

	wf_call_begin(&call, "DescribeStateMachine");
	wf_call_state_machine(&call, reference, WF_MAY_READ, NoLock, true, machine);
	wf_call_end(&call);
}

void
wf_machine_delete(const char *reference)
{
	WfCall		call;
	WfStateMachine machine;

	wf_call_begin(&call, "DeleteStateMachine");
	if (wf_call_try_state_machine(&call, reference, WF_MAY_MANAGE, AccessExclusiveLock, false, &machine) &&
		!machine.deleting)
		wf_state_machine_delete(machine.id, wf_clock_now());
	wf_call_end(&call);
}

int
wf_machine_list(const char *after, int limit, WfStateMachine **machines)
{
	WfCall		call;
	int			n;

	wf_call_begin(&call, "ListStateMachines");
	n = wf_state_machine_list(call.user, after, limit, call.context, machines);
	wf_call_end(&call);
	return n;
}
