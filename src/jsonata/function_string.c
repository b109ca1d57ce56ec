/*
 * function_string.c - functions over strings.
 */
#include <math.h>

#include "jsonata/functions.h"
#include "jsonata/text.h"

bool
jn_fn_string(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		value = call->arguments[0];
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);
	WfAsk		ask = jn_ask(evaluation);

	if (value.kind == JN_ARRAY && !value.borrowed && value.array->wrapper)
		value = value.array->items[0];	/* the document, as the context */
	*result = value;
	if (value.kind == JN_UNDEFINED || value.kind == JN_STRING)
		return true;
	if (value.kind == JN_FUNCTION)
	{
		*result = jn_string("", 0);
		return true;
	}
	if (value.kind == JN_NUMBER && !isfinite(jn_double(value)))
		return jn_fail(evaluation, "D3001", NULL, &(JnDetails) {.value = value});
	return jn_take(evaluation, &buffer, jn_write(&buffer, value, true, jn_truth(evaluation, call->arguments[1]), &ask), result);
}

bool
jn_fn_length(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	if (call->arguments[0].kind == JN_STRING)
		*result = jn_number((double) wf_string_characters(jn_text(call->arguments[0])));
	return true;
}

/* A view of a string is a string. */
static JnValue
view(WfString string)
{
	return jn_string(string.text, string.length);
}

bool
jn_fn_substring(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	double		length = 0;
	bool		limited = call->arguments[2].kind == JN_NUMBER;

	if (call->arguments[0].kind != JN_STRING)
		return true;
	if (limited && call->arguments[1].kind == JN_UNDEFINED)
	{
		*result = jn_string("", 0);		/* so much of what begins nowhere */
		return true;
	}
	if (limited)
		length = jn_double(call->arguments[2]);
	*result = view(wf_string_substring(jn_text(call->arguments[0]),
									   call->arguments[1].kind == JN_NUMBER ? jn_double(call->arguments[1]) : 0,
									   limited ? &length : NULL));
	return true;
}

bool
jn_fn_substring_before(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	*result = call->arguments[0];
	if (call->arguments[0].kind == JN_STRING && call->arguments[1].kind == JN_STRING)
		*result = view(wf_string_before(jn_text(call->arguments[0]), jn_text(call->arguments[1])));
	return true;
}

bool
jn_fn_substring_after(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	*result = call->arguments[0];
	if (call->arguments[0].kind == JN_STRING && call->arguments[1].kind == JN_STRING)
		*result = view(wf_string_after(jn_text(call->arguments[0]), jn_text(call->arguments[1])));
	return true;
}

/* Functions of one string that write another. */
static bool
convert(JnEvaluation *evaluation, const JnCall *call, bool (*write) (WfString string, WfBuffer *out), JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);

	if (call->arguments[0].kind != JN_STRING)
		return true;
	return jn_take(evaluation, &buffer, write(jn_text(call->arguments[0]), &buffer), result);
}

bool
jn_fn_lowercase(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return convert(evaluation, call, wf_string_lower, result);
}

bool
jn_fn_uppercase(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return convert(evaluation, call, wf_string_upper, result);
}

bool
jn_fn_trim(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return convert(evaluation, call, wf_string_trim, result);
}

bool
jn_fn_base64_encode(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return convert(evaluation, call, wf_base64_encode, result);
}

bool
jn_fn_base64_decode(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return convert(evaluation, call, wf_base64_decode, result);
}

/* Their message names the function. */
static bool
convert_url(JnEvaluation *evaluation, const JnCall *call, const char *name, bool component,
			bool (*write) (WfString string, bool component, WfBuffer *out), JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);
	bool		ok;

	if (call->arguments[0].kind != JN_STRING)
		return true;
	ok = write(jn_text(call->arguments[0]), component, &buffer);
	if (!ok && fault.kind == WF_FAULT_CODE)
	{
		wf_buffer_free(&buffer);
		wf_fault_clear(&fault);
		return jn_fail(evaluation, "D3140", NULL, &(JnDetails) {.token = {name, strlen(name)}, .value = call->arguments[0]});
	}
	return jn_take(evaluation, &buffer, ok, result);
}

bool
jn_fn_encode_url(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return convert_url(evaluation, call, "encodeUrl", false, wf_url_encode, result);
}

bool
jn_fn_encode_url_component(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return convert_url(evaluation, call, "encodeUrlComponent", true, wf_url_encode, result);
}

bool
jn_fn_decode_url(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return convert_url(evaluation, call, "decodeUrl", false, wf_url_decode, result);
}

bool
jn_fn_decode_url_component(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	return convert_url(evaluation, call, "decodeUrlComponent", true, wf_url_decode, result);
}

bool
jn_fn_pad(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);

	if (call->arguments[0].kind != JN_STRING)
		return true;
	return jn_take(evaluation, &buffer,
				   wf_string_pad(jn_text(call->arguments[0]), call->arguments[1].kind == JN_NUMBER ? jn_double(call->arguments[1]) : 0,
								 call->arguments[2].kind == JN_STRING ? jn_text(call->arguments[2]) : WF_STRING(" "), &buffer),
				   result);
}

bool
jn_fn_join(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);
	WfString	separator = call->arguments[1].kind == JN_STRING ? jn_text(call->arguments[1]) : WF_STRING("");
	bool		ok = true;

	if (call->arguments[0].kind != JN_ARRAY)
		return true;
	for (size_t i = 0, n = jn_length(call->arguments[0]); ok && i < n; i++)
		ok = (i == 0 || wf_buffer_add_string(&buffer, separator)) &&
			wf_buffer_add_string(&buffer, jn_text(jn_item(call->arguments[0], i)));
	return jn_take(evaluation, &buffer, ok, result);
}
