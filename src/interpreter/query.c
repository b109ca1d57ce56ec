/*
 * query.c - what a task of `sql:query` is given; see query.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/query.h"
#include "json/json.h"

static bool
check_fields(json_t *input, WfError *error)
{
	const char *key;
	json_t	   *value;
	json_t	   *query = json_object_get(input, "Query");
	json_t	   *parameters = json_object_get(input, "Parameters");

	if (!json_is_object(input))
		return wf_error_set(error, WF_STATES_RUNTIME, "The input of a query must be an object with the field 'Query'");
	if (!query)
		return wf_error_set(error, WF_STATES_RUNTIME, "The field 'Query' is required but was missing");
	if (!json_is_string(query))
		return wf_error_set(error, WF_STATES_RUNTIME, "The value for the field 'Query' must be a STRING");
	if (parameters && !json_is_array(parameters))
		return wf_error_set(error, WF_STATES_RUNTIME, "The value for the field 'Parameters' must be an ARRAY");
	json_object_foreach(input, key, value)
	{
		if (strcmp(key, "Query") != 0 && strcmp(key, "Parameters") != 0)
			return wf_error_set(error, WF_STATES_RUNTIME, "The field '%s' is not supported by sql:query", key);
	}
	return true;
}

/* New: the items under their numbers; NULL without memory. */
static json_t *
number_items(const json_t *items)
{
	json_t	   *object = wf_json_object();
	char		number[24];
	size_t		i;
	json_t	   *item;

	json_array_foreach(items, i, item)
	{
		snprintf(number, sizeof(number), "%zu", i + 1);
		if (json_object_set(object, number, item) != 0)
		{
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

bool
wf_query_request(WfPayload *input, char **query, WfPayload **values, int *n, WfError *error)
{
	json_t	   *object = wf_payload_json(input, error);
	json_t	   *parameters = json_object_get(object, "Parameters");

	*query = NULL;
	*values = NULL;
	if (!object || !check_fields(object, error))
		return false;
	*n = (int) json_array_size(parameters);
	*values = wf_payload_from_json(number_items(parameters));
	*query = strdup(json_string_value(json_object_get(object, "Query")));
	if (*values && *query)
		return true;
	wf_payload_release(*values);
	free(*query);
	*values = NULL;
	*query = NULL;
	return wf_error_no_memory(error);
}
