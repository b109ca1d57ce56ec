/*
 * history.c - GetExecutionHistory: events from the stored form into the service's.
 *
 * Stored, payloads are JSON; the service has them as JSON text, each with a note that it is not truncated.  The text is
 * cut out of the stored details as it stands, never parsed and written again.
 */
#include "postgres.h"

#include "api/execution.h"
#include "api/members.h"
#include "api/page.h"
#include "api/service.h"
#include "interpreter/interpreter.h"

const WfField wf_get_execution_history_fields[] = {
	WF_ARN_FIELD("executionArn", WF_FIELD_REQUIRED),
	WF_MAX_RESULTS_FIELD,
	{"reverseOrder", WF_FIELD_BOOLEAN, 0, 0, -1, NULL, NULL},
	WF_NEXT_TOKEN_FIELD(1024),
	{"includeExecutionData", WF_FIELD_BOOLEAN, 0, 0, -1, NULL, NULL},
	{NULL}
};

static bool
is_payload(const char *key)
{
	return strcmp(key, "input") == 0 || strcmp(key, "output") == 0 || strcmp(key, "parameters") == 0;
}

static void
show_untruncated(WfResponse *response, const char *key)
{
	wf_response_begin_object(response, psprintf("%sDetails", key));
	wf_response_boolean(response, "truncated", false);
	wf_response_end_object(response);
}

/* A key as it is written in JSON, unescaped. */
static char *
read_key(const WfMember *member)
{
	WfResponse	one;
	JsonbValue	value;
	Jsonb	   *object;

	if (memchr(member->key, '\\', member->key_length) == NULL)
		return pnstrdup(member->key, member->key_length);
	wf_response_begin(&one);
	wf_response_json(&one, "key", pnstrdup(member->key - 1, member->key_length + 2));
	object = wf_response_end(&one);
	(void) getKeyJsonValueFromContainer(&object->root, "key", 3, &value);
	return pnstrdup(value.val.string.val, value.val.string.len);
}

static void
show_variables(WfResponse *response, const char *variables)
{
	const char *at = NULL;
	WfMember	member;

	wf_response_begin_object(response, "assignedVariables");
	while (wf_next_member(variables, &at, &member))
		wf_response_string_n(response, read_key(&member), member.value, (int) member.value_length);
	wf_response_end_object(response);
	show_untruncated(response, "assignedVariables");
}

static void
show_details(WfResponse *response, const char *details, bool with_data)
{
	const char *at = NULL;
	WfMember	member;

	while (wf_next_member(details, &at, &member))
	{
		char	   *key = pnstrdup(member.key, member.key_length);

		if (is_payload(key))
		{
			if (!with_data)
				continue;
			wf_response_string_n(response, key, member.value, (int) member.value_length);
			if (strcmp(key, "parameters") != 0)
				show_untruncated(response, key);
		}
		else if (strcmp(key, "assignedVariables") == 0)
		{
			if (with_data)
				show_variables(response, pnstrdup(member.value, member.value_length));
		}
		else
			wf_response_json(response, key, pnstrdup(member.value, member.value_length));
	}
}

static void
show_event(WfResponse *response, const WfStoredEvent *event, bool with_data)
{
	const char *key = wf_event_details_key((WfEventType) event->type);

	wf_response_begin_object(response, NULL);
	wf_response_integer(response, "id", event->id);
	wf_response_integer(response, "previousEventId", event->previous_id);
	wf_response_time(response, "timestamp", event->at);
	wf_response_string(response, "type", wf_event_word((WfEventType) event->type));
	if (key[0] != '\0')
	{
		wf_response_begin_object(response, key);
		if (event->details != NULL)
			show_details(response, event->details, with_data);
		wf_response_end_object(response);
	}
	wf_response_end_object(response);
}

void
wf_get_execution_history_action(const WfRequest *request, WfResponse *response)
{
	WfExecutionReference reference = {0, wf_request_string(request, "executionArn")};
	bool		reverse = wf_request_boolean(request, "reverseOrder", false);
	bool		with_data = wf_request_boolean(request, "includeExecutionData", true);
	WfPage		page;
	WfStoredEvent *events;
	int			n;

	wf_page_begin(&page, psprintf("GetExecutionHistory %s %d", reference.text, reverse), request);
	n = wf_history(&reference, page.first ? (reverse ? PG_INT32_MAX : 0) : (int) page.number, reverse, page.limit + 1,
				   &events);
	wf_response_begin_array(response, "events");
	for (int i = 0; i < Min(n, page.limit); i++)
		show_event(response, &events[i], with_data);
	wf_response_end_array(response);
	if (n > page.limit)
		wf_page_next(&page, response, events[page.limit - 1].id, 0, NULL);
}
