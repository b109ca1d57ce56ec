/*
 * tag.c - TagResource, UntagResource, ListTagsForResource: of state machines and of activities.
 */
#include "postgres.h"

#include "api/activity.h"
#include "api/service.h"
#include "api/tag.h"
#include "pg/arn.h"
#include "pg/service_error.h"

static const WfField tag_fields[] = {
	{"key", WF_FIELD_STRING, WF_FIELD_REQUIRED, 1, 128, NULL, NULL},
	{"value", WF_FIELD_STRING, 0, 0, 256, NULL, NULL},
	{NULL}
};
const WfField wf_tag_field[] = {{"tag", WF_FIELD_OBJECT, 0, 0, -1, NULL, tag_fields}};
static const WfField tag_key[] = {{"key", WF_FIELD_STRING, 0, 1, 128, NULL, NULL}};

int
wf_request_tags(const WfRequest *request, WfTag **tags)
{
	int			n = Max(wf_request_list_length(request, "tags"), 0);

	*tags = palloc(sizeof(WfTag) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		WfRequest	one;

		wf_request_list_object(request, "tags", i, &one);
		(*tags)[i].key = wf_request_string(&one, "key");
		(*tags)[i].value = wf_request_has(&one, "value") ? wf_request_string(&one, "value") : "";
	}
	return n;
}

void
wf_attach_tags(WfTagged of, int64 id, const char *arn, const WfTag *tags, int n)
{
	if (n > 0 && wf_tags_set(of, id, tags, n) > WF_MAX_TAGS)
		wf_service_error(WF_TOO_MANY_TAGS_ERROR, "'%s' can have at most %d tags", arn, WF_MAX_TAGS);
}

typedef struct Tagged
{
	WfTagged	of;
	int64		id;
	const char *arn;
} Tagged;

static bool
find_activity(WfCall *call, const char *reference, bool change, Tagged *tagged)
{
	WfActivity	activity;

	if (!wf_call_try_activity(call, reference, change ? WF_MAY_MANAGE : WF_MAY_POLL, &activity))
		return false;
	*tagged = (Tagged) {WF_ACTIVITY_TAGS, activity.id, wf_arn_activity(activity.name)};
	return true;
}

static bool
find_state_machine(WfCall *call, const char *reference, bool change, Tagged *tagged)
{
	WfStateMachine machine;

	if (!wf_call_try_state_machine(call, reference, change ? WF_MAY_MANAGE : WF_MAY_READ, change ? ExclusiveLock : NoLock,
								   false, &machine))
		return false;
	*tagged = (Tagged) {WF_STATE_MACHINE_TAGS, machine.id, wf_arn_state_machine(machine.name)};
	return true;
}

static Tagged
find(WfCall *call, const WfRequest *request, bool change)
{
	char	   *reference = wf_request_string(request, "resourceArn");
	bool		is_activity = strncmp(reference, "arn:", 4) == 0 && wf_arn_activity_name(reference) != NULL;
	Tagged		tagged;

	if (!(is_activity ? find_activity : find_state_machine) (call, reference, change, &tagged))
		wf_service_error(WF_RESOURCE_NOT_FOUND_ERROR, "Resource not found: '%s'", reference);
	return tagged;
}

const WfField wf_tag_resource_fields[] = {
	WF_ARN_FIELD("resourceArn", WF_FIELD_REQUIRED),
	{"tags", WF_FIELD_LIST, WF_FIELD_REQUIRED, 0, -1, NULL, wf_tag_field},
	{NULL}
};

void
wf_tag_resource_action(const WfRequest *request, WfResponse *response)
{
	WfCall		call;
	Tagged		tagged;
	WfTag	   *tags;
	int			n = wf_request_tags(request, &tags);

	wf_call_begin(&call, "TagResource");
	tagged = find(&call, request, true);
	wf_attach_tags(tagged.of, tagged.id, tagged.arn, tags, n);
	wf_call_end(&call);
}

const WfField wf_untag_resource_fields[] = {
	WF_ARN_FIELD("resourceArn", WF_FIELD_REQUIRED),
	{"tagKeys", WF_FIELD_LIST, WF_FIELD_REQUIRED, 0, -1, NULL, tag_key},
	{NULL}
};

void
wf_untag_resource_action(const WfRequest *request, WfResponse *response)
{
	WfCall		call;
	Tagged		tagged;
	int			n = wf_request_list_length(request, "tagKeys");
	char	  **keys = palloc(sizeof(char *) * Max(n, 1));

	for (int i = 0; i < n; i++)
		keys[i] = wf_request_list_string(request, "tagKeys", i);
	wf_call_begin(&call, "UntagResource");
	tagged = find(&call, request, true);
	wf_tags_remove(tagged.of, tagged.id, keys, n);
	wf_call_end(&call);
}

const WfField wf_list_tags_for_resource_fields[] = {
	WF_ARN_FIELD("resourceArn", WF_FIELD_REQUIRED),
	{NULL}
};

void
wf_list_tags_for_resource_action(const WfRequest *request, WfResponse *response)
{
	WfCall		call;
	Tagged		tagged;
	WfTag	   *tags;
	int			n;

	wf_call_begin(&call, "ListTagsForResource");
	tagged = find(&call, request, false);
	n = wf_tags_list(tagged.of, tagged.id, call.context, &tags);
	wf_call_end(&call);
	wf_response_begin_array(response, "tags");
	for (int i = 0; i < n; i++)
	{
		wf_response_begin_object(response, NULL);
		wf_response_string(response, "key", tags[i].key);
		wf_response_string(response, "value", tags[i].value);
		wf_response_end_object(response);
	}
	wf_response_end_array(response);
}
