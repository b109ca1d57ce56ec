/*
 * history.c - the words of event types, and an event's details as JSON text.
 *
 * Which details a type has is said once, in history.def, as a class; a class is a list of fields below.  Payloads go into
 * the text as they are: they have been written once already, as an input or an output, and are only copied here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/details.h"
#include "interpreter/internal.h"

typedef enum Class
{
	NONE, STARTED, OUTPUT, FAILURE, REDRIVEN, ENTERED, EXITED, LAMBDA, ACTIVITY, WORKER, SCHEDULED, TASK, TASK_OUTPUT,
	TASK_FAILURE, LENGTH, ITERATION, MAP_RUN, MAP_RUN_REDRIVEN, EVALUATION, CLASSES
} Class;

#define RESOURCE {"resourceType", WF_DETAIL_RESOURCE_TYPE}, {"resource", WF_DETAIL_RESOURCE_ACTION}
#define TIMEOUTS {"timeoutInSeconds", WF_DETAIL_TIMEOUT}, {"heartbeatInSeconds", WF_DETAIL_HEARTBEAT}
#define ERROR_AND_CAUSE {"error", WF_DETAIL_ERROR}, {"cause", WF_DETAIL_CAUSE}
#define CREDENTIALS {"taskCredentials", WF_DETAIL_CREDENTIALS}

static const WfDetail fields[CLASSES][WF_MAX_DETAILS] = {
	[STARTED] = {{"input", WF_DETAIL_DATA}, {"roleArn", WF_DETAIL_ROLE_ARN}},
	[OUTPUT] = {{"output", WF_DETAIL_DATA}},
	[FAILURE] = {ERROR_AND_CAUSE},
	[REDRIVEN] = {{"redriveCount", WF_DETAIL_NUMBER}},
	[ENTERED] = {{"name", WF_DETAIL_NAME}, {"input", WF_DETAIL_DATA}},
	[EXITED] = {{"name", WF_DETAIL_NAME}, {"output", WF_DETAIL_DATA}, {"assignedVariables", WF_DETAIL_ASSIGNED}},
	[LAMBDA] = {{"resource", WF_DETAIL_RESOURCE_ACTION}, {"input", WF_DETAIL_DATA}, TIMEOUTS, CREDENTIALS},
	[ACTIVITY] = {{"resource", WF_DETAIL_RESOURCE_ACTION}, {"input", WF_DETAIL_DATA}, TIMEOUTS, CREDENTIALS},
	[WORKER] = {{"workerName", WF_DETAIL_NAME}},
	[SCHEDULED] = {RESOURCE, {"region", WF_DETAIL_REGION}, {"parameters", WF_DETAIL_DATA}, TIMEOUTS, CREDENTIALS},
	[TASK] = {RESOURCE},
	[TASK_OUTPUT] = {RESOURCE, {"output", WF_DETAIL_DATA}},
	[TASK_FAILURE] = {RESOURCE, ERROR_AND_CAUSE},
	[LENGTH] = {{"length", WF_DETAIL_NUMBER}},
	[ITERATION] = {{"name", WF_DETAIL_NAME}, {"index", WF_DETAIL_NUMBER}},
	[MAP_RUN] = {{"mapRunArn", WF_DETAIL_NAME}},
	[MAP_RUN_REDRIVEN] = {{"mapRunArn", WF_DETAIL_NAME}, {"redriveCount", WF_DETAIL_NUMBER}},
	[EVALUATION] = {ERROR_AND_CAUSE, {"location", WF_DETAIL_LOCATION}, {"state", WF_DETAIL_NAME}}
};

typedef struct Type
{
	const char *word;
	const char *key;
	Class		details;
} Type;

static const Type types[] = {
	{"", "", NONE},
#define WF_EVENT(identifier, word, key, details) {word, key, details},
#include "interpreter/history.def"
#undef WF_EVENT
};

const char *
wf_event_word(WfEventType type)
{
	return types[type].word;
}

const char *
wf_event_details_key(WfEventType type)
{
	return types[type].key;
}

const WfDetail *
wf_event_details_fields(WfEventType type)
{
	return fields[types[type].details];
}

/* --- texts that grow --- */

void
wf_text_add_key(WfText *text, const char *key)
{
	wf_text_add(text, text->length > 1 ? ",\"" : "\"", text->length > 1 ? 2 : 1);
	wf_text_add(text, key, strlen(key));
	wf_text_add(text, "\":", 2);
}

void
wf_text_add_integer(WfText *text, int64_t value)
{
	char		digits[24];
	char	   *first = digits + sizeof(digits);
	uint64_t	rest = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;

	do
		*--first = (char) ('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (value < 0)
		*--first = '-';
	wf_text_add(text, first, (size_t) (digits + sizeof(digits) - first));
}

static void
add_string(WfText *text, const char *value)
{
	size_t		length = 0;
	json_t	   *string;
	char	   *data = NULL;

	while ((unsigned char) value[length] >= 0x20 && value[length] != '"' && value[length] != '\\')
		length++;
	if (value[length] == '\0')
	{
		/* names and resources, as a rule: nothing to escape */
		wf_text_add(text, "\"", 1);
		wf_text_add(text, value, length);
		wf_text_add(text, "\"", 1);
		return;
	}
	string = json_string(value);
	if (string)
		data = wf_json_text(string, &length);
	json_decref(string);
	if (data)
		wf_text_add(text, data, length);
	else
		text->failed = true;
	free(data);
}

static void
add_payload(WfText *text, const WfPayload *payload)
{
	size_t		length;
	const char *data = wf_payload_text((WfPayload *) payload, &length);

	if (data)
		wf_text_add(text, data, length);
	else
		text->failed = true;
}

void
wf_text_add_value(WfText *text, const WfDetailValue *value)
{
	switch (value->kind)
	{
		case WF_DETAIL_PAYLOAD:
			add_payload(text, value->identity);
			break;
		case WF_DETAIL_STRING:
			add_string(text, value->identity);
			break;
		case WF_DETAIL_INTEGER:
			wf_text_add_integer(text, value->integer);
			break;
	}
}

/* --- an event's details --- */

static WfDetailValue
payload(const WfPayload *value)
{
	return (WfDetailValue) {WF_DETAIL_PAYLOAD, value, 0};
}

static WfDetailValue
string(const char *value)
{
	return (WfDetailValue) {WF_DETAIL_STRING, value, 0};
}

static WfDetailValue
integer(const int64_t *value, bool present)
{
	return (WfDetailValue) {WF_DETAIL_INTEGER, present ? value : NULL, *value};
}

WfDetailValue
wf_event_detail(const WfEvent *event, WfDetailSource source)
{
	switch (source)
	{
		case WF_DETAIL_DATA:
			return payload(event->data);
		case WF_DETAIL_ASSIGNED:
			return payload(event->assigned);
		case WF_DETAIL_CREDENTIALS:
			return payload(event->credentials);
		case WF_DETAIL_NAME:
			return string(event->name);
		case WF_DETAIL_RESOURCE_TYPE:
			return string(event->resource->type);
		case WF_DETAIL_RESOURCE_ACTION:
			return string(event->resource->action);
		case WF_DETAIL_REGION:
			return string(event->region);
		case WF_DETAIL_ROLE_ARN:
			return string(event->role_arn);
		case WF_DETAIL_ERROR:
			return string(event->error);
		case WF_DETAIL_CAUSE:
			return string(event->cause);
		case WF_DETAIL_LOCATION:
			return string(event->location);
		case WF_DETAIL_NUMBER:
			return integer(&event->number, true);
		case WF_DETAIL_TIMEOUT:
			return integer(&event->timeout, event->timeout > 0);
		case WF_DETAIL_HEARTBEAT:
			return integer(&event->heartbeat, event->heartbeat > 0);
	}
	return string(NULL);
}

bool
wf_event_details(const WfEvent *event, char **result, size_t *length)
{
	WfText		text = {0};

	*result = NULL;
	*length = 0;
	if (types[event->type].details == NONE)
		return true;
	wf_text_add(&text, "{", 1);
	for (const WfDetail *field = wf_event_details_fields(event->type); field->key; field++)
	{
		WfDetailValue value = wf_event_detail(event, field->source);

		if (!value.identity)
			continue;
		wf_text_add_key(&text, field->key);
		wf_text_add_value(&text, &value);
	}
	wf_text_add(&text, "}", 1);
	if (text.failed)
	{
		free(text.data);
		return false;
	}
	*result = text.data;
	*length = text.length;
	return true;
}
