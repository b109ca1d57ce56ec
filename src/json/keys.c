/*
 * keys.c - an object's keys, for code that must not see jansson.
 */
#include <stdlib.h>

#include "json/json.h"
#include "json/payload.h"

bool
wf_payload_keys(WfPayload *payload, int *n, const char ***keys)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *value = wf_payload_json(payload, &error);
	const char *key;
	json_t	   *member;

	wf_error_clear(&error);
	*n = 0;
	*keys = malloc((json_object_size(value) + 1) * sizeof(char *));
	if (value == NULL || *keys == NULL)
	{
		free(*keys);
		return false;
	}
	json_object_foreach(value, key, member)
		(*keys)[(*n)++] = key;
	return true;
}
