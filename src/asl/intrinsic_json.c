/*
 * intrinsic_json.c - the intrinsic functions over JSON as text, and over objects.
 */
#include "asl/intrinsic_internal.h"

#include <stdlib.h>
#include <string.h>

/* A text of blanks is null. */
json_t *
wf_intrinsic_string_to_json(WfCall *call)
{
	json_t	   *string = call->values[0];
	json_t	   *value;
	WfError		problem = WF_ERROR_NONE;

	if (!json_is_string(string))
		return wf_call_invalid(call);
	if (strspn(json_string_value(string), " \t\r\n") == json_string_length(string))
		return json_null();
	value = wf_json_parse(json_string_value(string), json_string_length(string), true, &problem);
	if (value == NULL)
	{
		if (problem.code == WF_OUT_OF_MEMORY)
			wf_call_no_memory(call);
		else
			wf_call_invalid(call);
	}
	wf_error_clear(&problem);
	return value;
}

json_t *
wf_intrinsic_json_to_string(WfCall *call)
{
	size_t		length;
	char	   *text;
	json_t	   *string;

	if (wf_json_too_deep(call->values[0], 0))
		return wf_call_invalid(call);
	text = wf_json_text(call->values[0], &length);
	string = text != NULL ? json_stringn_nocheck(text, length) : NULL;
	free(text);
	return wf_call_give(call, string);
}

/* Shallow only; whatever is not true in its place stands for false. */
json_t *
wf_intrinsic_json_merge(WfCall *call)
{
	if (!json_is_object(call->values[0]) || !json_is_object(call->values[1]) || json_is_true(call->values[2]))
		return wf_call_invalid(call);
	return wf_call_give(call, wf_json_merge(call->values[0], call->values[1]));
}
