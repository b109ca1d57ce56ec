/*
 * activity.c - CreateActivity, DescribeActivity, ListActivities, DeleteActivity, both faces.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "api/activity.h"
#include "api/arguments.h"
#include "api/configuration.h"
#include "api/page.h"
#include "api/service.h"
#include "api/tag.h"
#include "pg/arn.h"
#include "pg/clock.h"
#include "pg/names.h"
#include "pg/service_error.h"
#include "worker/worker.h"

PG_FUNCTION_INFO_V1(workflow_create_activity);
PG_FUNCTION_INFO_V1(workflow_describe_activity);
PG_FUNCTION_INFO_V1(workflow_list_activities);
PG_FUNCTION_INFO_V1(workflow_delete_activity);
PG_FUNCTION_INFO_V1(workflow_grant_activity);
PG_FUNCTION_INFO_V1(workflow_revoke_activity);
PG_FUNCTION_INFO_V1(workflow_activity_arn);

bool
wf_call_try_activity(WfCall *call, const char *reference, int needs, WfActivity *activity)
{
	WfArn		arn;
	int			privileges;

	wf_arn_parse(reference, WF_ARN_ACTIVITY, &arn);
	if (arn.kind == WF_ARN_FOREIGN || !wf_activity_by_name(arn.name, call->context, activity))
		return false;
	privileges = wf_activity_privileges(activity, call->user);
	if ((privileges & needs) == needs)
		return true;
	if (privileges == 0)
		return false;
	wf_service_error_hint(WF_ACCESS_DENIED_ERROR, NULL,
						  "The activity's owner can give the right with workflow.grant_activity().",
						  "User: %s is not authorized to perform: states:%s on resource: %s",
						  wf_arn_role(GetUserNameFromId(call->user, false)), call->action,
						  wf_arn_activity(activity->name));
}

void
wf_call_activity(WfCall *call, const char *reference, int needs, WfActivity *activity)
{
	if (!wf_call_try_activity(call, reference, needs, activity))
		wf_service_error(WF_ACTIVITY_DOES_NOT_EXIST_ERROR, "Activity Does Not Exist: '%s'",
						 strncmp(reference, "arn:", 4) == 0 ? reference : wf_arn_activity(reference));
}

/* A repetition is answered as the first time, to whoever may manage the activity; its tags are ignored. */
static void
create(char *name, const WfTag *tags, int n_tags, WfActivity *activity)
{
	WfCall		call;
	bool		made;

	wf_name_check(name);
	wf_call_begin(&call, "CreateActivity");
	*activity = (WfActivity) {.name = name, .owner = call.user, .created_at = wf_clock_now()};
	made = wf_activity_insert(activity);
	if (!made && (!wf_activity_by_name(name, call.context, activity) ||
				  (wf_activity_privileges(activity, call.user) & WF_MAY_MANAGE) == 0))
		wf_service_error(WF_ACTIVITY_ALREADY_EXISTS_ERROR, "Activity Already Exists: '%s'", wf_arn_activity(name));
	if (made)
		wf_attach_tags(WF_ACTIVITY_TAGS, activity->id, wf_arn_activity(name), tags, n_tags);
	wf_call_end(&call);
}

static void
describe(const char *reference, WfActivity *activity)
{
	WfCall		call;

	wf_call_begin(&call, "DescribeActivity");
	wf_call_activity(&call, reference, WF_MAY_POLL, activity);
	wf_call_end(&call);
}

static int
list(const char *after, int limit, WfActivity **activities)
{
	WfCall		call;
	int			n;

	wf_call_begin(&call, "ListActivities");
	n = wf_activity_list(call.user, after, limit, call.context, activities);
	wf_call_end(&call);
	return n;
}

/* What is not there need not be deleted. */
static void
delete(const char *reference)
{
	WfCall		call;
	WfActivity	activity;

	wf_call_begin(&call, "DeleteActivity");
	if (wf_call_try_activity(&call, reference, WF_MAY_MANAGE, &activity))
		wf_activity_delete(activity.id);
	wf_call_end(&call);
}

/* --- the service's actions --- */

const WfField wf_create_activity_fields[] = {
	{"name", WF_FIELD_STRING, WF_FIELD_REQUIRED, 1, 80, NULL, NULL},
	{"tags", WF_FIELD_LIST, 0, 0, -1, NULL, wf_tag_field},
	{"encryptionConfiguration", WF_FIELD_OBJECT, 0, 0, -1, NULL, wf_encryption_fields},
	{NULL}
};

void
wf_create_activity_action(const WfRequest *request, WfResponse *response)
{
	WfActivity	activity;
	WfTag	   *tags;
	int			n_tags = wf_request_tags(request, &tags);

	(void) wf_configuration(request, NULL);	/* there is one kind of key: what is not refused is the default */
	create(wf_request_string(request, "name"), tags, n_tags, &activity);
	wf_response_string(response, "activityArn", wf_arn_activity(activity.name));
	wf_response_time(response, "creationDate", activity.created_at);
}

const WfField wf_describe_activity_fields[] = {
	WF_ARN_FIELD("activityArn", WF_FIELD_REQUIRED),
	{NULL}
};

void
wf_describe_activity_action(const WfRequest *request, WfResponse *response)
{
	WfActivity	activity;

	describe(wf_request_string(request, "activityArn"), &activity);
	wf_response_string(response, "activityArn", wf_arn_activity(activity.name));
	wf_response_string(response, "name", activity.name);
	wf_response_time(response, "creationDate", activity.created_at);
	wf_response_begin_object(response, "encryptionConfiguration");
	wf_response_string(response, "type", "AWS_OWNED_KEY");
	wf_response_end_object(response);
}

const WfField wf_list_activities_fields[] = {
	WF_MAX_RESULTS_FIELD,
	WF_NEXT_TOKEN_FIELD(1024),
	{NULL}
};

void
wf_list_activities_action(const WfRequest *request, WfResponse *response)
{
	WfPage		page;
	WfActivity *activities;
	int			n;

	wf_page_begin(&page, "ListActivities", request);
	n = list(page.name, page.limit + 1, &activities);
	wf_response_begin_array(response, "activities");
	for (int i = 0; i < Min(n, page.limit); i++)
	{
		wf_response_begin_object(response, NULL);
		wf_response_string(response, "activityArn", wf_arn_activity(activities[i].name));
		wf_response_string(response, "name", activities[i].name);
		wf_response_time(response, "creationDate", activities[i].created_at);
		wf_response_end_object(response);
	}
	wf_response_end_array(response);
	if (n > page.limit)
		wf_page_next(&page, response, 0, 0, activities[page.limit - 1].name);
}

const WfField wf_delete_activity_fields[] = {
	WF_ARN_FIELD("activityArn", WF_FIELD_REQUIRED),
	{NULL}
};

void
wf_delete_activity_action(const WfRequest *request, WfResponse *response)
{
	delete(wf_request_string(request, "activityArn"));
}

/* --- the SQL functions --- */

/* (name) returns text, the ARN */
Datum
workflow_create_activity(PG_FUNCTION_ARGS)
{
	WfActivity	activity;

	create(wf_argument_required(fcinfo, 0, "name"), NULL, 0, &activity);
	PG_RETURN_TEXT_P(cstring_to_text(wf_arn_activity(activity.name)));
}

/* (activity) returns (name, arn, owner, created_at) */
Datum
workflow_describe_activity(PG_FUNCTION_ARGS)
{
	WfActivity	activity;
	WfRow		row = {0};

	describe(wf_argument_required(fcinfo, 0, "activity"), &activity);
	wf_row_add_text(&row, activity.name);
	wf_row_add_text(&row, wf_arn_activity(activity.name));
	wf_row_add(&row, ObjectIdGetDatum(activity.owner), false);
	wf_row_add_time(&row, activity.created_at);
	return wf_row_result(fcinfo, &row);
}

/* () returns setof (name, arn, created_at) */
Datum
workflow_list_activities(PG_FUNCTION_ARGS)
{
	WfActivity *activities;
	int			n;
	WfRow		row = {0};

	InitMaterializedSRF(fcinfo, 0);
	n = list(NULL, PG_INT32_MAX, &activities);
	for (int i = 0; i < n; i++)
	{
		wf_row_add_text(&row, activities[i].name);
		wf_row_add_text(&row, wf_arn_activity(activities[i].name));
		wf_row_add_time(&row, activities[i].created_at);
		wf_row_put(fcinfo, &row);
	}
	return (Datum) 0;
}

/* (activity) */
Datum
workflow_delete_activity(PG_FUNCTION_ARGS)
{
	delete(wf_argument_required(fcinfo, 0, "activity"));
	PG_RETURN_VOID();
}

/* (activity text, grantee text, privileges text[]) */
static void
change_privileges(FunctionCallInfo fcinfo, bool grant)
{
	char	   *reference = wf_argument_required(fcinfo, 0, "activity");
	Oid			grantee = wf_argument_grantee(fcinfo, 1);
	int			privileges = wf_argument_privileges(fcinfo, 2, WF_ACTIVITY_PRIVILEGES);
	WfCall		call;
	WfActivity	activity;

	wf_call_begin(&call, grant ? "GrantActivity" : "RevokeActivity");
	wf_call_activity(&call, reference, WF_MAY_MANAGE, &activity);
	if (grant)
		wf_privileges_grant(WF_ACTIVITY_PRIVILEGES, activity.id, grantee, privileges);
	else
		wf_privileges_revoke(WF_ACTIVITY_PRIVILEGES, activity.id, grantee, privileges);
	wf_wake_for_polls(WF_ANY_ACTIVITY); /* other tasks may be theirs now */
	wf_call_end(&call);
}

Datum
workflow_grant_activity(PG_FUNCTION_ARGS)
{
	change_privileges(fcinfo, true);
	PG_RETURN_VOID();
}

Datum
workflow_revoke_activity(PG_FUNCTION_ARGS)
{
	change_privileges(fcinfo, false);
	PG_RETURN_VOID();
}

/* (name) returns text */
Datum
workflow_activity_arn(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(wf_arn_activity(text_to_cstring(PG_GETARG_TEXT_PP(0)))));
}
