/*
 * write.c - a value as JSON text, as JavaScript writes it.
 */
#include <math.h>

#include "jsonata/error.h"
#include "jsonata/number_text.h"

typedef struct Writer
{
	WfBuffer   *out;
	bool		rounded;
	bool		pretty;
	const WfAsk *ask;
	size_t		asked;			/* when so much was written */
} Writer;

/* So many bytes are written between two questions, about: a value that stands in many places is soon far longer than it is large. */
#define BYTES_TO_ASK 4096

static bool write_value(Writer *writer, JnValue value, int depth);

static bool
write_string(WfBuffer *out, const char *text, size_t length)
{
	static const char escapes[] = "btn.fr";		/* of the characters from 8 on; . is \v, which has none */
	size_t		plain = 0;

	if (!wf_buffer_add(out, "\"", 1))
		return false;
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) text[i];
		char		escape[8];
		int			n;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		if (c == '"' || c == '\\')
			n = snprintf(escape, sizeof(escape), "\\%c", c);
		else if (c >= 8 && c <= 13 && c != 11)
			n = snprintf(escape, sizeof(escape), "\\%c", escapes[c - 8]);
		else
			n = snprintf(escape, sizeof(escape), "\\u%04x", c);
		if (!wf_buffer_add(out, text + plain, i - plain) || !wf_buffer_add(out, escape, (size_t) n))
			return false;
		plain = i + 1;
	}
	return wf_buffer_add(out, text + plain, length - plain) && wf_buffer_add(out, "\"", 1);
}

static bool
write_number(Writer *writer, JnValue value)
{
	char		text[WF_JS_NUMBER_SIZE];
	double		number = jn_double(value);

	if (value.borrowed && json_is_integer(value.json))
		return wf_buffer_add(writer->out, text, (size_t) snprintf(text, sizeof(text), "%lld", (long long) json_integer_value(value.json)));
	if (!isfinite(number))
		return writer->rounded ? wf_fault_number(writer->out->fault, "D1001", number) : wf_buffer_add(writer->out, "null", 4);
	return wf_buffer_add(writer->out, text,
						 writer->rounded ? wf_js_number_write_rounded(number, text) : wf_js_number_write(number, text));
}

static bool
write_break(Writer *writer, int depth)
{
	return !writer->pretty || (wf_buffer_add(writer->out, "\n", 1) && wf_buffer_repeat(writer->out, WF_STRING("  "), (size_t) depth));
}

static bool
write_array(Writer *writer, JnValue array, int depth)
{
	size_t		n = jn_length(array);

	if (!wf_buffer_add(writer->out, "[", 1))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && !wf_buffer_add(writer->out, ",", 1)) || !write_break(writer, depth + 1) ||
			!write_value(writer, jn_item(array, i), depth + 1))
			return false;
	return (n == 0 || write_break(writer, depth)) && wf_buffer_add(writer->out, "]", 1);
}

static bool
write_object(Writer *writer, JnValue object, int depth)
{
	JnWalk		walk = jn_walk(object);
	bool		first = true;

	if (!wf_buffer_add(writer->out, "{", 1))
		return false;
	while (jn_walk_next(&walk))
	{
		if (walk.value.kind == JN_UNDEFINED)
			continue;
		if ((!first && !wf_buffer_add(writer->out, ",", 1)) || !write_break(writer, depth + 1) ||
			!write_string(writer->out, walk.key.text, walk.key.length) ||
			!wf_buffer_add(writer->out, ": ", writer->pretty ? 2 : 1) || !write_value(writer, walk.value, depth + 1))
			return false;
		first = false;
	}
	return (first || write_break(writer, depth)) && wf_buffer_add(writer->out, "}", 1);
}

static bool
may_go_on(Writer *writer)
{
	size_t		written = writer->out->length - writer->asked;

	if (written < BYTES_TO_ASK || writer->ask == NULL)
		return true;
	writer->asked = writer->out->length;
	return writer->ask->go_on(writer->ask->arg, written) || wf_fault_kind(writer->out->fault, WF_FAULT_STOPPED);
}

static bool
write_value(Writer *writer, JnValue value, int depth)
{
	if (!may_go_on(writer))
		return false;
	switch ((JnKind) value.kind)
	{
		case JN_BOOLEAN:
			return value.boolean ? wf_buffer_add(writer->out, "true", 4) : wf_buffer_add(writer->out, "false", 5);
		case JN_NUMBER:
			return write_number(writer, value);
		case JN_STRING:
			return write_string(writer->out, jn_text(value).text, value.length);
		case JN_FUNCTION:
			return wf_buffer_add(writer->out, "\"\"", 2);
		case JN_ARRAY:
			return depth > WF_JSON_MAX_DEPTH ? wf_fault_kind(writer->out->fault, WF_FAULT_TOO_LARGE) : write_array(writer, value, depth);
		case JN_OBJECT:
			return depth > WF_JSON_MAX_DEPTH ? wf_fault_kind(writer->out->fault, WF_FAULT_TOO_LARGE) : write_object(writer, value, depth);
		default:
			return wf_buffer_add(writer->out, "null", 4);
	}
}

bool
jn_write(WfBuffer *buffer, JnValue value, bool rounded, bool pretty, const WfAsk *ask)
{
	Writer		writer = {buffer, rounded, pretty, ask, buffer->length};

	return write_value(&writer, value, 0);
}
