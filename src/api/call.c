/*
 * call.c - what every call from a person begins with; see call.h.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "api/call.h"
#include "pg/arn.h"
#include "pg/service_error.h"

void
wf_call_begin(WfCall *call, const char *action)
{
	call->action = action;
	call->user = GetUserId();
	call->context = CurrentMemoryContext;
	wf_store_begin(&call->store);
}

void
wf_call_end(WfCall *call)
{
	wf_store_end(&call->store);
	MemoryContextSwitchTo(call->context);
}

/*
 * False: for this role, the machine does not exist.  Who the machine runs as may start it, so that its machines can start
 * each other: the machine does nothing that this role could not do by itself.
 */
static bool
check_rights(WfCall *call, const WfStateMachine *machine, int needs)
{
	int			rights = wf_privileges(WF_STATE_MACHINE_PRIVILEGES, machine->id, machine->owner, call->user);

	if (call->user == machine->run_as)
		rights |= WF_MAY_START;
	if ((rights & needs) == needs)
		return true;
	if (rights == 0)
		return false;
	wf_service_error_hint(WF_ACCESS_DENIED_ERROR, NULL,
						  "The state machine's owner can give the right with workflow.grant_state_machine().",
						  "User: %s is not authorized to perform: states:%s on resource: %s",
						  wf_arn_role(GetUserNameFromId(call->user, false)), call->action,
						  wf_arn_state_machine(machine->name));
}

/* --- machines --- */

bool
wf_call_try_state_machine(WfCall *call, const char *reference, int needs, LOCKMODE lock, bool whole,
						  WfStateMachine *machine)
{
	WfArn		arn;

	wf_arn_parse(reference, WF_ARN_STATE_MACHINE, &arn);
	if (arn.label != NULL && needs != WF_MAY_READ)
		wf_service_error(WF_VALIDATION_ERROR, "%s does not support labeled state machine ARNs: '%s'", call->action,
						 reference);
	if (arn.kind == WF_ARN_FOREIGN || arn.qualifier != NULL || arn.label != NULL)
		return false;
	if (lock != NoLock)
		wf_state_machine_lock(arn.name, lock);
	return wf_state_machine_by_name(arn.name, whole, call->context, machine) && check_rights(call, machine, needs);
}

void
wf_call_state_machine(WfCall *call, const char *reference, int needs, LOCKMODE lock, bool whole,
					  WfStateMachine *machine)
{
	if (!wf_call_try_state_machine(call, reference, needs, lock, whole, machine))
		wf_service_error(WF_STATE_MACHINE_DOES_NOT_EXIST_ERROR, "State Machine Does Not Exist: '%s'",
						 strncmp(reference, "arn:", 4) == 0 ? reference : wf_arn_state_machine(reference));
}

void
wf_call_refuse_deleting(const WfStateMachine *machine)
{
	if (machine->deleting)
		wf_service_error(WF_STATE_MACHINE_DELETING_ERROR, "State Machine is being deleted: '%s'",
						 wf_arn_state_machine(machine->name));
}

/* --- executions --- */

static void
refuse_express(const WfStateMachine *machine)
{
	if (wf_state_machine_is_express(machine))
		wf_service_error_hint(WF_STATE_MACHINE_TYPE_NOT_SUPPORTED_ERROR, NULL,
							  "The outcome of an EXPRESS execution is in the view workflow.executions, and what its machine "
							  "logs in workflow.history_events.",
							  "This operation is not supported by this type of state machine");
}

static bool
may_use(WfCall *call, int64 id, int needs, bool whole, WfStateMachine *machine)
{
	return wf_state_machine_of_execution(id, whole, call->context, machine) && check_rights(call, machine, needs);
}

/* Is it a child of a distributed Map with this label? */
static bool
has_label(WfCall *call, int64 id, const char *label)
{
	WfExecutionInfo info;

	return wf_execution_info(id, call->context, &info) && info.map_label != NULL && strcmp(info.map_label, label) == 0;
}

int64
wf_call_execution(WfCall *call, const WfExecutionReference *reference, int needs, bool whole, WfStateMachine *machine)
{
	WfArn		arn;
	int64	   *ids = NULL;
	int			n = 0;
	int64		found = 0;

	if (reference->id != 0)
	{
		if (!may_use(call, reference->id, needs, whole, machine))
			wf_service_error(WF_EXECUTION_DOES_NOT_EXIST_ERROR, "Execution Does Not Exist: '" INT64_FORMAT "'",
							 reference->id);
		if (!reference->express)
			refuse_express(machine);
		return reference->id;
	}
	wf_arn_parse(reference->text, WF_ARN_EXECUTION, &arn);
	if (arn.kind == WF_ARN_NAME)
		n = wf_executions_by_name(NULL, arn.name, call->context, &ids);
	else if (arn.kind == WF_ARN_EXECUTION)
		n = wf_executions_by_name(arn.name, arn.execution, call->context, &ids);
	for (int i = 0; i < n; i++)
	{
		WfStateMachine candidate;

		if (!may_use(call, ids[i], needs, whole, &candidate) || wf_state_machine_is_express(&candidate) ||
			(arn.label != NULL && !has_label(call, ids[i], arn.label)))
			continue;
		if (found != 0)
			wf_service_error_hint(WF_VALIDATION_ERROR, NULL, "Give its ARN or its id.",
								  "Executions of several state machines have the name '%s'", reference->text);
		found = ids[i];
		*machine = candidate;
	}
	if (found == 0)
		wf_service_error(WF_EXECUTION_DOES_NOT_EXIST_ERROR, "Execution Does Not Exist: '%s'", reference->text);
	return found;
}

void
wf_call_execution_info(WfCall *call, const WfExecutionReference *reference, int needs, WfStateMachine *machine,
					   WfExecutionInfo *info)
{
	int64		id = wf_call_execution(call, reference, needs, false, machine);

	if (!wf_execution_info(id, call->context, info))
		wf_service_error(WF_EXECUTION_DOES_NOT_EXIST_ERROR, "Execution Does Not Exist: '" INT64_FORMAT "'", id);
}
