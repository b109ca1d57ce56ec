/*
 * jsonata_functions.c - fuzzing what JSONata's functions read: a letter for the function, a line with a picture or a regular
 * expression, a text.  What is well-formed gives what is.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "jsonata/datetime.h"
#include "jsonata/format_integer.h"
#include "jsonata/format_number.h"
#include "jsonata/number_text.h"
#include "jsonata/regex.h"
#include "jsonata/text.h"

static bool
is_well_formed(const char *text, size_t length)
{
	json_t	   *value = json_stringn(text, length);

	json_decref(value);
	return value != NULL;
}

static bool
replace(WfString source, WfString text, bool ignore_case, bool multiline, WfBuffer *out)
{
	WfJsRegex  *regex = wf_js_regex_read(source, ignore_case, multiline, out->fault);
	WfJsMatch	match;
	bool		found;
	bool		good = regex != NULL;

	if (good && text.length % 2 != 0)
		wf_js_regex_make_machine_code(regex);
	for (size_t at = 0; good && at < text.length;)
	{
		good = wf_js_regex_match(regex, text, at, NULL, &found, &match, out->fault);
		if (!good || !found || match.end == match.start)
			break;
		if (match.start < at || match.end > text.length)
			abort();
		good = wf_js_regex_replacement(&match, text, out);
		at = match.end;
	}
	wf_js_regex_free(regex);
	return good;
}

static bool
call(char function, WfString picture, WfString text, WfBuffer *out)
{
	WfDecimalFormat format = wf_decimal_format_default();
	double		number = 1234567.891;
	bool		found;

	if (!wf_js_number_read(text, &number) && text.length >= sizeof(number))
		memcpy(&number, text.text, sizeof(number));
	if (!isfinite(number))
		number = 0;
	switch (function)
	{
		case 'n':
			wf_decimal_format_set(&format, WF_STRING("zero-digit"), text);
			/* FALLTHROUGH */
		case 'N':
			return wf_format_number(number, picture, &format, out);
		case 'i':
			return wf_format_integer(number, picture, out);
		case 'p':
			return wf_parse_integer(text, picture, &number, out->fault);
		case 'f':
			return wf_from_millis(number, &picture, NULL, out);
		case 'z':
			return wf_from_millis(number, &picture, &text, out);
		case 't':
			return wf_to_millis(text, &picture, 1234567890123.0, &found, &number, out->fault) &&
				(!found || wf_from_millis(number, NULL, NULL, out));
		case 'T':
			return wf_to_millis(text, NULL, 0, &found, &number, out->fault);
		case 'u':
			return wf_url_decode(text, true, out) && wf_url_encode(text, false, out);
		case 'b':
			return wf_base64_decode(text, out) && wf_base64_encode(picture, out);
		case 'c':
			return wf_string_upper(text, out) && wf_string_lower(text, out) && wf_string_trim(text, out);
		case 's':
			return wf_buffer_add_string(out, wf_string_substring(text, number, NULL)) && wf_string_pad(picture, number, text, out);
		case 'B':
			return wf_js_format_base(number, (double) picture.length, out);
		default:
			return replace(picture, text, (function & 1) != 0, (function & 2) != 0, out);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *) data + 1;
	const char *end = size > 0 ? memchr(text, '\n', size - 1) : NULL;
	WfFault		fault = {WF_FAULT_NONE, NULL, NULL};
	WfBuffer	out = WF_BUFFER(100000, &fault);
	bool		good;

	if (end == NULL || !is_well_formed(text, size - 1))
		return 0;
	good = call((char) data[0], (WfString) {text, (size_t) (end - text)},
				(WfString) {end + 1, size - 2 - (size_t) (end - text)}, &out);
	if (good != (fault.kind == WF_FAULT_NONE) || (fault.value != NULL && !is_well_formed(fault.value, strlen(fault.value))))
		abort();
	if (good && out.length > 0 && !is_well_formed(out.text, out.length))
		abort();
	wf_buffer_free(&out);
	wf_fault_clear(&fault);
	return 0;
}
