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

#include "interpreter/internal.h"

typedef enum Class
{
	NONE, STARTED, OUTPUT, FAILURE, REDRIVEN, ENTERED, EXITED, LAMBDA, ACTIVITY, WORKER, SCHEDULED, TASK, TASK_OUTPUT,
	TASK_FAILURE, LENGTH, ITERATION, MAP_RUN, EVALUATION
} Class;

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

/* A text that grows; `failed` sticks, so that it is asked once, at the end. */
typedef struct Text
{
	char	   *data;
	size_t		length;
	size_t		size;
	bool		failed;
} Text;

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

WfEventType
wf_event_by_word(const char *word)
{
	for (int type = 1; type < WF_EVENT_TYPE_COUNT; type++)
		if (strcmp(types[type].word, word) == 0)
			return (WfEventType) type;
	return WF_EVENT_NONE;
}

static void
append(Text *text, const char *data, size_t length)
{
	if (text->failed)
		return;
	if (text->size - text->length <= length)
	{
		size_t		size = text->size ? text->size : 256;
		char	   *grown;

		while (size - text->length <= length)
			size *= 2;
		grown = realloc(text->data, size);
		if (!grown)
		{
			text->failed = true;
			return;
		}
		text->data = grown;
		text->size = size;
	}
	memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
}

static void
append_key(Text *text, const char *key)
{
	append(text, text->length > 1 ? ",\"" : "\"", text->length > 1 ? 2 : 1);
	append(text, key, strlen(key));
	append(text, "\":", 2);
}

/* Adds a field whose value is a payload; without one, nothing. */
static void
add_payload(Text *text, const char *key, WfPayload *payload)
{
	const char *data;
	size_t		length;

	if (!payload)
		return;
	data = wf_payload_text(payload, &length);
	if (!data)
	{
		text->failed = true;
		return;
	}
	append_key(text, key);
	append(text, data, length);
}

/* Adds a field whose value is a text; without one, nothing. */
static void
add_string(Text *text, const char *key, const char *value)
{
	json_t	   *string;
	char	   *data = NULL;
	size_t		length;

	if (!value)
		return;
	string = json_string(value);
	if (string)
		data = wf_json_text(string, &length);
	json_decref(string);
	if (!data)
	{
		text->failed = true;
		return;
	}
	append_key(text, key);
	append(text, data, length);
	free(data);
}

static void
add_number(Text *text, const char *key, int64_t value)
{
	char		data[32];

	append_key(text, key);
	append(text, data, (size_t) snprintf(data, sizeof(data), "%" PRId64, value));
}

/* Timeouts that were not given are left out, as the service does. */
static void
add_seconds(Text *text, const char *key, int64_t value)
{
	if (value > 0)
		add_number(text, key, value);
}

static void
add_resource(Text *text, const WfEvent *event)
{
	add_string(text, "resourceType", event->resource->type);
	add_string(text, "resource", event->resource->action);
}

static void
add_failure(Text *text, const WfEvent *event)
{
	add_string(text, "error", event->error);
	add_string(text, "cause", event->cause);
}

bool
wf_event_details(const WfEvent *event, char **result, size_t *length)
{
	Text		text = {0};

	*result = NULL;
	*length = 0;
	if (types[event->type].details == NONE)
		return true;
	append(&text, "{", 1);
	switch (types[event->type].details)
	{
		case NONE:
			break;
		case STARTED:
			add_payload(&text, "input", event->data);
			add_string(&text, "roleArn", event->role_arn);
			break;
		case OUTPUT:
			add_payload(&text, "output", event->data);
			break;
		case FAILURE:
			add_failure(&text, event);
			break;
		case REDRIVEN:
			add_number(&text, "redriveCount", event->number);
			break;
		case ENTERED:
			add_string(&text, "name", event->name);
			add_payload(&text, "input", event->data);
			break;
		case EXITED:
			add_string(&text, "name", event->name);
			add_payload(&text, "output", event->data);
			add_payload(&text, "assignedVariables", event->assigned);
			break;
		case LAMBDA:
		case ACTIVITY:
			add_string(&text, "resource", event->resource->action);
			add_payload(&text, "input", event->data);
			add_seconds(&text, "timeoutInSeconds", event->timeout);
			add_seconds(&text, "heartbeatInSeconds", event->heartbeat);
			add_payload(&text, "taskCredentials", event->credentials);
			break;
		case WORKER:
			add_string(&text, "workerName", event->name);
			break;
		case SCHEDULED:
			add_resource(&text, event);
			add_string(&text, "region", event->region);
			add_payload(&text, "parameters", event->data);
			add_seconds(&text, "timeoutInSeconds", event->timeout);
			add_seconds(&text, "heartbeatInSeconds", event->heartbeat);
			add_payload(&text, "taskCredentials", event->credentials);
			break;
		case TASK:
			add_resource(&text, event);
			break;
		case TASK_OUTPUT:
			add_resource(&text, event);
			add_payload(&text, "output", event->data);
			break;
		case TASK_FAILURE:
			add_resource(&text, event);
			add_failure(&text, event);
			break;
		case LENGTH:
			add_number(&text, "length", event->number);
			break;
		case ITERATION:
			add_string(&text, "name", event->name);
			add_number(&text, "index", event->number);
			break;
		case MAP_RUN:
			add_string(&text, "mapRunArn", event->name);
			if (event->type == WF_MAP_RUN_REDRIVEN_EVENT)
				add_number(&text, "redriveCount", event->number);
			break;
		case EVALUATION:
			add_failure(&text, event);
			add_string(&text, "location", event->location);
			add_string(&text, "state", event->name);
			break;
	}
	append(&text, "}", 1);
	if (text.failed)
	{
		free(text.data);
		return false;
	}
	*result = text.data;
	*length = text.length;
	return true;
}
