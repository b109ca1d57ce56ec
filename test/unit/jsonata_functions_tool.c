/*
 * jsonata_functions_tool.c - the functions of JSONata's library on the command line: for test/differential/jsonata_functions.mjs.
 *
 * Reads one call a line, ["$name", argument, …], and answers {"value": …}, {"code": "D3080"} or {} (nothing) each.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "jsonata/datetime.h"
#include "jsonata/format_integer.h"
#include "jsonata/format_number.h"
#include "jsonata/number_text.h"
#include "jsonata/regex.h"
#include "jsonata/text.h"

#define LIMIT 1000000

typedef struct Call
{
	json_t	   *arguments;		/* the first is the function's name */
	WfBuffer   *out;
	WfFault    *fault;
	json_t	   *value;			/* new: the result, if it is not in the buffer */
	bool		nothing;
} Call;

static WfString
string(const Call *call, size_t i)
{
	const json_t *value = json_array_get(call->arguments, i);

	return (WfString) {json_string_value(value), json_string_length(value)};
}

static double
number(const Call *call, size_t i)
{
	return json_number_value(json_array_get(call->arguments, i));
}

static bool
has(const Call *call, size_t i)
{
	return i < json_array_size(call->arguments) && !json_is_null(json_array_get(call->arguments, i));
}

static bool
give_number(Call *call, double value)
{
	call->value = isfinite(value) ? json_real(value) : json_null();
	return true;
}

static bool
give_string(Call *call, WfString value)
{
	return wf_buffer_add_string(call->out, value);
}

static bool call_upper(Call *call) { return wf_string_upper(string(call, 1), call->out); }
static bool call_lower(Call *call) { return wf_string_lower(string(call, 1), call->out); }
static bool call_trim(Call *call) { return wf_string_trim(string(call, 1), call->out); }
static bool call_base64_encode(Call *call) { return wf_base64_encode(string(call, 1), call->out); }
static bool call_base64_decode(Call *call) { return wf_base64_decode(string(call, 1), call->out); }
static bool call_encode_url(Call *call) { return wf_url_encode(string(call, 1), false, call->out); }
static bool call_encode_component(Call *call) { return wf_url_encode(string(call, 1), true, call->out); }
static bool call_decode_url(Call *call) { return wf_url_decode(string(call, 1), false, call->out); }
static bool call_decode_component(Call *call) { return wf_url_decode(string(call, 1), true, call->out); }
static bool call_length(Call *call) { return give_number(call, (double) wf_string_characters(string(call, 1))); }
static bool call_before(Call *call) { return give_string(call, wf_string_before(string(call, 1), string(call, 2))); }
static bool call_after(Call *call) { return give_string(call, wf_string_after(string(call, 1), string(call, 2))); }
static bool call_round(Call *call) { return give_number(call, wf_js_round(number(call, 1), has(call, 2) ? number(call, 2) : 0)); }

static bool
call_substring(Call *call)
{
	double		length = number(call, 3);

	return give_string(call, wf_string_substring(string(call, 1), number(call, 2), has(call, 3) ? &length : NULL));
}

static bool
call_pad(Call *call)
{
	return wf_string_pad(string(call, 1), number(call, 2), has(call, 3) ? string(call, 3) : WF_STRING(" "), call->out);
}

static bool
call_less(Call *call)
{
	call->value = json_boolean(wf_string_compare(string(call, 1), string(call, 2)) < 0);
	return true;
}

static bool
call_number(Call *call)
{
	double		value;

	if (!wf_js_number_read(string(call, 1), &value))
		return wf_fault_string(call->fault, "D3030", string(call, 1));
	return give_number(call, value);
}

static bool
call_string(Call *call)
{
	char		text[WF_JS_NUMBER_SIZE];

	return wf_buffer_add(call->out, text, wf_js_number_write_rounded(number(call, 1), text));
}

static bool
call_format_base(Call *call)
{
	return wf_js_format_base(number(call, 1), has(call, 2) ? number(call, 2) : 10, call->out);
}

static bool
call_format_number(Call *call)
{
	WfDecimalFormat format = wf_decimal_format_default();
	json_t	   *options = json_array_get(call->arguments, 3);

	for (void *member = json_object_iter(options); member != NULL; member = json_object_iter_next(options, member))
		wf_decimal_format_set(&format, (WfString) {json_object_iter_key(member), json_object_iter_key_len(member)},
							  (WfString) {json_string_value(json_object_iter_value(member)),
								  json_string_length(json_object_iter_value(member))});
	return wf_format_number(number(call, 1), string(call, 2), &format, call->out);
}

static bool
call_format_integer(Call *call)
{
	return wf_format_integer(number(call, 1), string(call, 2), call->out);
}

static bool
call_parse_integer(Call *call)
{
	double		value;

	return wf_parse_integer(string(call, 1), string(call, 2), &value, call->fault) && give_number(call, value);
}

static bool
call_from_millis(Call *call)
{
	WfString	picture = string(call, 2);
	WfString	timezone = string(call, 3);

	return wf_from_millis(number(call, 1), has(call, 2) ? &picture : NULL, has(call, 3) ? &timezone : NULL, call->out);
}

static bool
call_to_millis(Call *call)
{
	WfString	picture = string(call, 2);
	bool		found;
	double		value;

	if (!wf_to_millis(string(call, 1), has(call, 2) ? &picture : NULL, number(call, 3), &found, &value, call->fault))
		return false;
	call->nothing = !found;
	return !found || give_number(call, value);
}

/* ["/", text, source, flags, replacement]: all matches, and the text with them replaced */
static bool
call_regex(Call *call)
{
	WfString	text = string(call, 1);
	WfString	flags = string(call, 3);
	WfJsRegex  *regex = wf_js_regex_read(string(call, 2), memchr(flags.text, 'i', flags.length) != NULL,
										 memchr(flags.text, 'm', flags.length) != NULL, call->fault);
	json_t	   *matches = json_array();
	size_t		at = 0;
	bool		good = regex != NULL;
	bool		ended = false;	/* JSONata looks for nothing behind a match at the end */
	bool		found = false;
	WfJsMatch	match;

	while (good && !ended && (good = wf_js_regex_match(regex, text, at, NULL, &found, &match, call->fault)) && found)
	{
		json_t	   *groups = json_array();

		for (size_t i = 0; i < match.n_groups; i++)
			json_array_append_new(groups, match.groups[i].matched ?
								  json_stringn(match.groups[i].string.text, match.groups[i].string.length) : json_null());
		json_array_append_new(matches, json_pack("[s#,I,o]", match.string.text, (int) match.string.length,
												 (json_int_t) wf_string_units((WfString) {text.text, match.start}), groups));
		good = wf_buffer_add(call->out, text.text + at, match.start - at) &&
			(!has(call, 4) || wf_js_regex_replacement(&match, string(call, 4), call->out));
		at = match.end;
		ended = at == text.length;
		if (match.end == match.start && !(ended && json_array_size(matches) == 1))
			good = wf_fault(call->fault, "D1004");
	}
	good = good && wf_buffer_add(call->out, text.text + at, text.length - at);
	wf_js_regex_free(regex);
	if (good)
		call->value = json_pack("[O,s#]", matches, call->out->text != NULL ? call->out->text : "", (int) call->out->length);
	json_decref(matches);
	return good;
}

static const struct
{
	const char *name;
	bool		(*function) (Call *call);
}			functions[] = {
	{"$uppercase", call_upper}, {"$lowercase", call_lower}, {"$trim", call_trim}, {"$base64encode", call_base64_encode},
	{"$base64decode", call_base64_decode}, {"$encodeUrl", call_encode_url}, {"$encodeUrlComponent", call_encode_component},
	{"$decodeUrl", call_decode_url}, {"$decodeUrlComponent", call_decode_component}, {"$length", call_length},
	{"$substringBefore", call_before}, {"$substringAfter", call_after}, {"$substring", call_substring}, {"$pad", call_pad},
	{"<", call_less}, {"$number", call_number}, {"$string", call_string}, {"$round", call_round},
	{"$formatBase", call_format_base}, {"$formatNumber", call_format_number}, {"$formatInteger", call_format_integer},
	{"$parseInteger", call_parse_integer}, {"$fromMillis", call_from_millis}, {"$toMillis", call_to_millis},
	{"/", call_regex},
};

static json_t *
answer(json_t *arguments)
{
	WfFault		fault = {WF_FAULT_NONE, NULL, NULL};
	WfBuffer	out = WF_BUFFER(LIMIT, &fault);
	Call		call = {arguments, &out, &fault, NULL, false};
	json_t	   *result = wf_json_object();

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
	{
		if (strcmp(functions[i].name, json_string_value(json_array_get(arguments, 0))) != 0)
			continue;
		if (!functions[i].function(&call))
			json_object_set_new(result, "code", json_string(fault.kind == WF_FAULT_CODE ? fault.code : "limit"));
		else if (!call.nothing)
			json_object_set_new(result, "value", call.value != NULL ? call.value :
								json_stringn(out.text != NULL ? out.text : "", out.length));
	}
	wf_buffer_free(&out);
	wf_fault_clear(&fault);
	return result;
}

int
main(void)
{
	char	   *line = NULL;
	size_t		capacity = 0;
	ssize_t		length;

	while ((length = getline(&line, &capacity, stdin)) > 0)
	{
		WfError		error = WF_ERROR_NONE;
		json_t	   *arguments = wf_json_parse(line, (size_t) length, true, &error);
		json_t	   *result = arguments != NULL ? answer(arguments) : wf_json_object();
		char	   *text = wf_json_text(result, NULL);

		puts(text);
		free(text);
		json_decref(result);
		json_decref(arguments);
		wf_error_clear(&error);
	}
	free(line);
	return 0;
}
