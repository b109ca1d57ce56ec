/*
 * task.c - from a Task state's resource to the kind of work that does it: mapping, the service's own envelopes, rights.
 */
#include "postgres.h"

#include <stdlib.h>

#include "access/xact.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/portal.h"

#include "asl/distributed.h"
#include "asl/resource.h"
#include "interpreter/lambda.h"
#include "pg/arn.h"
#include "pg/compat.h"
#include "pg/core.h"
#include "pg/rights.h"
#include "pg/settings.h"
#include "store/resource_mapping.h"
#include "store/sql.h"
#include "task/map_items.h"
#include "task/task.h"
#include "worker/worker.h"

typedef struct TaskKind
{
	const char *scheme;
	WfPayload  *(*run) (const char *name, WfPayload *input, const WfTaskCall *call);
} TaskKind;

static const TaskKind kinds[] = {
#define WF_TASK_KIND(scheme, run) {scheme, run},
#include "task/kinds.def"
#undef WF_TASK_KIND
};

static const WfTaskCall *current_call = NULL;
static WfTaskStarts *current_starts = NULL;

const WfTaskCall *
wf_task_current(void)
{
	return current_call;
}

WfTaskStarts *
wf_task_current_starts(void)
{
	return current_starts;
}

/*
 * SET CONSTRAINTS reaches further than the task: to the deferred triggers of whoever runs it within a statement of his own,
 * which would fire as the task's role; and, in a batch, to the members after it.
 */
static bool owns_session = false;
static bool reached_out = false;

void
wf_task_set_constraints(void)
{
	if (current_call == NULL)
		return;
	if (!owns_session)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("a task that runs within another statement cannot set constraints")));
	reached_out = true;
}

bool
wf_task_reached_out(void)
{
	return reached_out;
}

/* The kind and name that a resource says, if it is local. */
static const TaskKind *
find_kind(const char *resource, const char **name)
{
	for (int i = 0; i < lengthof(kinds); i++)
	{
		size_t		length = strlen(kinds[i].scheme);

		if (strncmp(resource, kinds[i].scheme, length) == 0 && resource[length] == ':')
		{
			*name = resource + length + 1;
			return &kinds[i];
		}
	}
	return NULL;
}

#define LAMBDA_INVOKE ":states:::lambda:invoke"

static bool
is_lambda_invoke(const WfResource *resource)
{
	size_t		length = strlen(resource->base);
	size_t		ending = strlen(LAMBDA_INVOKE);

	return length > ending && strcmp(resource->base + length - ending, LAMBDA_INVOKE) == 0;
}

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

/*
 * What the resource is looked up as.  lambda:invoke names its function among the parameters; that one is looked up by
 * its ARN, and gets the Payload alone.
 */
static char *
name_to_map(const WfTaskToRun *task, WfPayload **input)
{
	char	   *function = NULL;
	char	   *arn;
	WfPayload  *payload = NULL;
	WfError		error = WF_ERROR_NONE;

	*input = task->parameters;
	if (!is_lambda_invoke(task->resource))
		return pstrdup(task->resource->base);
	if (!wf_lambda_request(task->parameters, &function, &payload, &error))
	{
		bool		bad_payload = error.code == WF_INVALID_JSON;
		char	   *cause = error.cause ? pstrdup(error.cause) : NULL;

		if (error.code == WF_OUT_OF_MEMORY || error.code == WF_INTERRUPTED)
			wf_core_raise(&error);
		wf_error_clear(&error);
		wf_task_raise(bad_payload ? "Lambda.InvalidRequestContentException" : "States.Runtime", cause);
	}
	wf_core_free_with(CurrentMemoryContext, release_payload, payload);
	wf_core_free_with(CurrentMemoryContext, free, function);
	arn = wf_arn_lambda(function);
	*input = payload;
	return arn;
}

static char *
map_resource(Oid role, const char *name)
{
	WfStore		store;
	MemoryContext context = CurrentMemoryContext;
	const char *kind_name;
	char	   *found;
	const char *own_action = wf_resource_own_action(name);

	if (own_action != NULL || find_kind(name, &kind_name) != NULL)
		return pstrdup(own_action != NULL ? own_action : name);
	wf_store_begin(&store);
	found = wf_resource_mapping_find(role, name);
	if (found != NULL)
		found = MemoryContextStrdup(context, found);
	wf_store_end(&store);
	return found;
}

static void
raise_unmapped(const WfTaskToRun *task, const char *name)
{
	bool		is_lambda = task->resource->family == WF_FAMILY_LAMBDA || is_lambda_invoke(task->resource);

	wf_task_raise(is_lambda ? "Lambda.ResourceNotFoundException" : "States.TaskFailed",
				  psprintf("The resource %s is not mapped to local work. Map it with SELECT workflow.map_resource('%s', 'function:schema.name').",
						   name, name));
}

/*
 * A machine runs as a role as long as its owner is a member of it: who loses the membership loses the machine's work too.
 */
static void
check_role(const WfTaskCall *call)
{
	char	   *role = GetUserNameFromId(call->role, true);
	char	   *owner = GetUserNameFromId(call->owner, true);

	if (role == NULL)
		wf_task_raise("States.Permissions",
					  psprintf("The machine's role, with OID %u, does not exist any more.", call->role));
	if (owner == NULL || !wf_may_become(call->owner, call->role))
		wf_task_raise("States.Permissions",
					  psprintf("The machine's owner, %s, is not a member of its role, %s.",
							   owner != NULL ? owner : "who does not exist any more", role));
}

/*
 * As the machine's role; an error's way out restores everything but the current call.
 *
 * What a task leaves to be done at the commit is done here, while it cannot leave its role: deferred triggers fire, and
 * cursors WITH HOLD go, whose queries would otherwise be run by the commit.  Not so within another's statement (a caller's
 * session, a task that runs a task): it would fire the caller's own triggers, and close its cursors.  What deferred triggers
 * start is not what the task waits for.
 */
static WfPayload *
run_as_role(const TaskKind *kind, const char *name, WfPayload *input, const WfTaskCall *call, WfTaskStarts *starts)
{
	const WfTaskCall *outer = current_call;
	WfTaskStarts *outer_starts = current_starts;
	Oid			role = wf_task_role(call);
	bool		own_session = wf_is_pool_worker() && outer == NULL;
	bool		outer_owns = owns_session;
	WfPayload  *volatile result = NULL;
	WfRights	rights;

	if (own_session)
	{
		reached_out = false;
		ResetSequenceCaches();	/* no currval of the task before, which may be another execution's */
	}
	wf_rights_begin_task(&rights, role, own_session);
	PG_TRY();
	{
		current_call = call;
		current_starts = starts;
		owns_session = own_session;
		result = kind->run(name, input, call);
		current_starts = NULL;
		if (own_session)
		{
			AfterTriggerFireDeferred();
			PortalHashTableDeleteAll();
		}
	}
	PG_FINALLY();
	{
		current_call = outer;
		current_starts = outer_starts;
		owns_session = outer_owns;
	}
	PG_END_TRY();
	wf_rights_end(&rights);
	return result;
}

static WfPayload *
invoke_lambda(const TaskKind *kind, const char *name, WfPayload *input, const WfTaskCall *call, WfTaskStarts *starts)
{
	WfError		error = WF_ERROR_NONE;
	WfPayload  *result = NULL;

	if (!wf_lambda_is_dry_run(call->task->parameters, &error))
		result = run_as_role(kind, name, input, call, starts);
	result = wf_lambda_response(call->task->parameters, result, wf_task_request_id(), &error);
	if (result == NULL)
		wf_core_raise(&error);
	wf_core_free_with(CurrentMemoryContext, release_payload, result);
	return result;
}

void
wf_task_refuse_size(const WfResource *resource)
{
	char	   *cause = wf_result_limit_cause(resource);

	if (cause == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	wf_core_free_with(CurrentMemoryContext, free, cause);
	wf_task_raise("States.DataLimitExceeded", cause);
}

/*
 * A result that the interpreter would refuse fails the task here, where that still rolls back what it has done.  Its size
 * counts without white space.  A reader's is taken apart first; one that is to come (NULL) is looked at when it comes.
 */
static void
check_size(const WfTaskCall *call, WfPayload *result)
{
	if (result != NULL && call->task->reader == NULL && wf_setting_max_payload > 0 &&
		wf_payload_size(result) > (size_t) wf_setting_max_payload)
		wf_task_refuse_size(call->task->resource);
}

/* What a resource stands for: the work, and what it is given. */
typedef struct Work
{
	const TaskKind *kind;
	const char *name;
	WfPayload  *input;
} Work;

static Work
find_work(const WfTaskCall *call)
{
	Work		work;
	char	   *name = name_to_map(call->task, &work.input);
	char	   *resource = map_resource(call->role, name);

	check_role(call);
	if (resource == NULL)
		raise_unmapped(call->task, name);
	work.kind = find_kind(resource, &work.name);
	if (work.kind == NULL)
		wf_task_raise("States.TaskFailed", psprintf("The resource %s is mapped to %s, which is no local work.",
													name, resource));
	return work;
}

static WfPayload *
do_work(const WfTaskCall *call, const Work *work)
{
	WfPattern	pattern = call->task->resource->pattern;
	bool		waits = pattern == WF_SYNC || pattern == WF_SYNC2;
	WfTaskStarts starts = {.context = waits ? CurrentMemoryContext : NULL};
	WfPayload  *result;

	if (is_lambda_invoke(call->task->resource))
		result = invoke_lambda(work->kind, work->name, work->input, call, &starts);
	else
		result = run_as_role(work->kind, work->name, work->input, call, &starts);
	check_size(call, result);
	if (waits)
		wf_task_await_child(call, &starts, result);
	return result;
}

WfPayload *
wf_task_work(const WfTaskCall *call)
{
	Work		work = find_work(call);

	return do_work(call, &work);
}

bool
wf_task_is_query(const WfTaskCall *call)
{
	return find_work(call).kind->run == wf_task_query;
}

/* A reader's query gives rows, which would be too many for one result: they are stored as they come. */
static WfPayload *
read_items(const WfTaskCall *call)
{
	static const TaskKind query_items = {"sql", wf_task_query_items};
	Work		work = find_work(call);

	if (work.kind->run != wf_task_query || call->task->reader->manifest != WF_MANIFEST_NONE)
		return wf_task_store_items(call, do_work(call, &work));
	work.kind = &query_items;
	return do_work(call, &work);
}

WfPayload *
wf_task_run(const WfTaskCall *call)
{
	if (call->task->writer != NULL)
		return wf_task_write_results(call);
	return call->task->reader != NULL ? read_items(call) : wf_task_work(call);
}

PG_FUNCTION_INFO_V1(workflow_context);

Datum
workflow_context(PG_FUNCTION_ARGS)
{
	const char *text;
	size_t		length;

	if (current_call == NULL)
		PG_RETURN_NULL();
	text = wf_payload_text(current_call->context, &length);
	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text, length));
}
