/*
 * payload.c - a value and its text, each made once.
 *
 * Text that came from the store is trusted to be compact and is parsed only when somebody looks inside: most states pass
 * their input on as it is.
 */
#include "json/payload.h"

#include <stdlib.h>
#include <string.h>

#include "json/json.h"

struct WfPayload
{
	int			references;
	json_t	   *value;			/* NULL: not parsed yet */
	char	   *text;			/* NULL: not written yet */
	size_t		length;
	size_t		value_memory;	/* 0: not measured yet */
	char		given[];		/* a text that it was made from: text is this, or malloc'ed */
};

WfPayload *
wf_payload_with_room(size_t length, char **text)
{
	WfPayload  *payload = malloc(sizeof(WfPayload) + length + 1);

	if (payload == NULL)
		return NULL;
	payload->references = 1;
	payload->value = NULL;
	payload->text = payload->given;
	payload->text[length] = '\0';
	payload->length = length;
	payload->value_memory = 0;
	*text = payload->text;
	return payload;
}

WfPayload *
wf_payload_from_text(const char *text, size_t length)
{
	char	   *copy;
	WfPayload  *payload = wf_payload_with_room(length, &copy);

	if (payload != NULL)
		memcpy(copy, text, length);
	return payload;
}

WfPayload *
wf_payload_from_json(json_t *value)
{
	WfPayload  *payload;

	if (value == NULL)
		return NULL;
	payload = calloc(1, sizeof(WfPayload));
	if (payload == NULL)
	{
		json_decref(value);
		return NULL;
	}
	payload->references = 1;
	payload->value = value;
	return payload;
}

WfPayload *
wf_payload_from_string(const char *string, size_t length)
{
	return wf_payload_from_json(json_stringn_nocheck(string, length));
}

WfPayload *
wf_payload_parse_value(const char *text, size_t length, WfError *error)
{
	json_t	   *value = wf_json_parse(text, length, true, error);
	WfPayload  *payload = wf_payload_from_json(value);

	if (value != NULL && payload == NULL)
		wf_error_no_memory(error);
	return payload;
}

WfPayload *
wf_payload_parse(const char *text, size_t length, WfError *error)
{
	WfPayload  *payload = wf_payload_parse_value(text, length, error);

	if (payload != NULL && wf_payload_text(payload, NULL) == NULL)
	{
		wf_payload_release(payload);
		wf_error_no_memory(error);
		return NULL;
	}
	return payload;
}

WfPayload *
wf_payload_share(WfPayload *payload)
{
	if (payload != NULL)
		payload->references++;
	return payload;
}

void
wf_payload_release(WfPayload *payload)
{
	if (payload == NULL || --payload->references > 0)
		return;
	json_decref(payload->value);
	if (payload->text != payload->given)
		free(payload->text);
	free(payload);
}

json_t *
wf_payload_json(WfPayload *payload, WfError *error)
{
	if (payload->value == NULL)
		payload->value = wf_json_parse(payload->text, payload->length, true, error);
	return payload->value;
}

const char *
wf_payload_text(WfPayload *payload, size_t *length)
{
	if (payload->text == NULL)
		payload->text = wf_json_text(payload->value, &payload->length);
	if (length != NULL)
		*length = payload->length;
	return payload->text;
}

size_t
wf_payload_size(WfPayload *payload)
{
	return wf_payload_text(payload, NULL) != NULL ? payload->length : 0;
}

size_t
wf_payload_memory(WfPayload *payload)
{
	if (payload->value != NULL && payload->value_memory == 0)
		payload->value_memory = wf_json_memory(payload->value);
	return sizeof(WfPayload) + payload->length + payload->value_memory;
}
