/*
 * history_part.c - packing events into parts, and reading them; see history_part.h.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/details.h"
#include "interpreter/history_part.h"

/*
 * A part is full at this size, once for its values and once for its events: a large payload is not stored again for each
 * event that shows it.  Rows that are larger than 2 kB are compressed by the server, which pays: events repeat themselves.
 * Much larger parts would make reading one event out of a long history dear.
 */
#define PART_SIZE 8000
#define MAX_VALUES 256
#define SLOTS 512				/* more than MAX_VALUES by half, and a power of two */

#define OPENING "{\"values\":["
#define MIDDLE "],\"events\":["
#define CLOSING "]}"

/* --- writing --- */

typedef struct Slot
{
	const void *identity;
	int			number;
} Slot;

struct WfHistoryWriter
{
	WfText		values;			/* the part, up to the end of its values; at the end all of it */
	WfText		events;
	int			n_values;
	Slot		slots[SLOTS];
};

WfHistoryWriter *
wf_history_writer_new(void)
{
	return calloc(1, sizeof(WfHistoryWriter));
}

void
wf_history_writer_free(WfHistoryWriter *writer)
{
	if (!writer)
		return;
	free(writer->values.data);
	free(writer->events.data);
	free(writer);
}

/* The slot of a value: its own, or the free one where it belongs. */
static Slot *
find_slot(WfHistoryWriter *writer, const void *identity)
{
	uint64_t	hash = (uint64_t) (uintptr_t) identity * UINT64_C(0x9E3779B97F4A7C15);
	size_t		i = (size_t) (hash >> 55) % SLOTS;

	while (writer->slots[i].identity && writer->slots[i].identity != identity)
		i = (i + 1) % SLOTS;
	return &writer->slots[i];
}

/* The number of a value; it is written when it is first seen. */
static int
value_number(WfHistoryWriter *writer, const WfDetailValue *value)
{
	Slot	   *slot = find_slot(writer, value->identity);

	if (!slot->identity)
	{
		*slot = (Slot) {value->identity, writer->n_values++};
		if (slot->number > 0)
			wf_text_add(&writer->values, ",", 1);
		wf_text_add_value(&writer->values, value);
	}
	return slot->number;
}

static bool
shows_new_value(WfHistoryWriter *writer, const WfEvent *event)
{
	for (const WfDetail *field = wf_event_details_fields(event->type); field->key; field++)
	{
		WfDetailValue value = wf_event_detail(event, field->source);

		if (value.identity && value.kind != WF_DETAIL_INTEGER && !find_slot(writer, value.identity)->identity)
			return true;
	}
	return false;
}

static bool
has_room(WfHistoryWriter *writer, const WfEvent *event)
{
	if (writer->events.length >= PART_SIZE || writer->values.failed || writer->events.failed)
		return false;
	return (writer->values.length < PART_SIZE && writer->n_values + WF_MAX_DETAILS <= MAX_VALUES) ||
		!shows_new_value(writer, event);
}

static void
write_event(WfHistoryWriter *writer, const WfEvent *event, int64_t start)
{
	WfText	   *to = &writer->events;
	int			absent = 0;

	wf_text_add(to, to->length > 0 ? ",[" : "[", to->length > 0 ? 2 : 1);
	wf_text_add_integer(to, event->type);
	wf_text_add(to, ",", 1);
	wf_text_add_integer(to, event->id - event->previous);
	wf_text_add(to, ",", 1);
	wf_text_add_integer(to, event->at - start);
	for (const WfDetail *field = wf_event_details_fields(event->type); field->key; field++)
	{
		WfDetailValue value = wf_event_detail(event, field->source);

		if (!value.identity)
		{
			absent++;
			continue;
		}
		for (; absent > 0; absent--)
			wf_text_add(to, ",null", 5);
		wf_text_add(to, ",", 1);
		wf_text_add_integer(to, value.kind == WF_DETAIL_INTEGER ? value.integer : value_number(writer, &value));
	}
	wf_text_add(to, "]", 1);
}

int
wf_history_write(WfHistoryWriter *writer, const WfEvent *events, int n, const char **text, size_t *length)
{
	int			done = 0;

	writer->values.length = writer->events.length = 0;
	writer->n_values = 0;
	memset(writer->slots, 0, sizeof(writer->slots));
	wf_text_add(&writer->values, OPENING, strlen(OPENING));
	do
		write_event(writer, &events[done], events[0].at);
	while (++done < n && has_room(writer, &events[done]));
	wf_text_add(&writer->values, MIDDLE, strlen(MIDDLE));
	if (!writer->events.failed)
		wf_text_add(&writer->values, writer->events.data, writer->events.length);
	wf_text_add(&writer->values, CLOSING, strlen(CLOSING));
	if (writer->values.failed || writer->events.failed)
	{
		writer->values.failed = writer->events.failed = false;
		return 0;
	}
	*text = writer->values.data;
	*length = writer->values.length;
	return done;
}

/* --- reading --- */

typedef struct Value
{
	const char *text;
	size_t		length;
} Value;

struct WfHistoryReader
{
	const char *at;				/* in the text, within "events" */
	const char *end;
	int			id;				/* of the next event */
	int64_t		start;
	int			n_values;
	Value	   *values;
};

static bool
broken(WfError *error)
{
	return wf_error_set(error, WF_INVALID_JSON, "it is not the stored form of a part of a history");
}

static bool
take(const char **at, const char *end, const char *expected)
{
	size_t		length = strlen(expected);

	if ((size_t) (end - *at) < length || memcmp(*at, expected, length) != 0)
		return false;
	*at += length;
	return true;
}

/* The end of the JSON value that begins here: the first comma or closing bracket that is not inside it; NULL: none. */
static const char *
skip_value(const char *at, const char *end)
{
	int			depth = 0;

	for (; at < end; at++)
		switch (*at)
		{
			case '"':
				for (at++; at < end && *at != '"'; at++)
					if (*at == '\\')
						at++;
				break;
			case '{':
			case '[':
				depth++;
				break;
			case '}':
			case ']':
				if (depth-- == 0)
					return at;
				break;
			case ',':
				if (depth == 0)
					return at;
				break;
			default:
				break;
		}
	return NULL;
}

static bool
read_values(WfHistoryReader *reader, WfError *error)
{
	int			size = 0;

	if (reader->at < reader->end && *reader->at == ']')
		return true;
	for (;;)
	{
		const char *next = skip_value(reader->at, reader->end);

		if (!next || next == reader->at)
			return broken(error);
		if (reader->n_values == size)
		{
			Value	   *grown = realloc(reader->values, (size_t) (size ? size * 2 : 16) * sizeof(Value));

			if (!grown)
				return wf_error_no_memory(error);
			reader->values = grown;
			size = size ? size * 2 : 16;
		}
		reader->values[reader->n_values++] = (Value) {reader->at, (size_t) (next - reader->at)};
		reader->at = next;
		if (*next != ',')
			return true;
		reader->at++;
	}
}

WfHistoryReader *
wf_history_reader_new(const char *text, size_t length, int first_id, int64_t at, WfError *error)
{
	WfHistoryReader *reader = calloc(1, sizeof(WfHistoryReader));

	if (!reader)
	{
		wf_error_no_memory(error);
		return NULL;
	}
	reader->at = text;
	reader->end = text + length;
	reader->id = first_id;
	reader->start = at;
	if (!take(&reader->at, reader->end, OPENING))
		broken(error);
	else if (read_values(reader, error))
	{
		if (take(&reader->at, reader->end, MIDDLE))
			return reader;
		broken(error);
	}
	wf_history_reader_free(reader);
	return NULL;
}

void
wf_history_reader_free(WfHistoryReader *reader)
{
	if (reader)
		free(reader->values);
	free(reader);
}

/* A number, and the comma before it. */
static bool
read_number(WfHistoryReader *reader, int64_t *number)
{
	bool		negative;
	const char *first;

	if (!take(&reader->at, reader->end, ","))
		return false;
	negative = take(&reader->at, reader->end, "-");
	first = reader->at;
	*number = 0;
	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' && reader->at - first < 18)
		*number = *number * 10 + (*reader->at++ - '0');
	if (negative)
		*number = -*number;
	return reader->at > first;
}

static bool
read_field(WfHistoryReader *reader, const WfDetail *field, WfText *details)
{
	int64_t		number;

	if (reader->at < reader->end && *reader->at == ']')
		return true;			/* nothing more is present */
	if (take(&reader->at, reader->end, ",null"))
		return true;
	if (!read_number(reader, &number))
		return false;
	wf_text_add_key(details, field->key);
	if (field->source >= WF_DETAIL_NUMBER)
		wf_text_add_integer(details, number);
	else if (number < 0 || number >= reader->n_values)
		return false;
	else
		wf_text_add(details, reader->values[number].text, reader->values[number].length);
	return true;
}

/* Within the brackets. */
static bool
read_event(WfHistoryReader *reader, WfPackedEvent *event, WfText *details)
{
	int64_t		type = 0;
	int64_t		back;
	int64_t		after;
	const WfDetail *fields;

	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' && type < WF_EVENT_TYPE_COUNT)
		type = type * 10 + (*reader->at++ - '0');
	if (type <= WF_EVENT_NONE || type >= WF_EVENT_TYPE_COUNT)
		return false;
	if (!read_number(reader, &back) || back < 1 || back > reader->id || !read_number(reader, &after))
		return false;
	event->id = reader->id++;
	event->previous = event->id - (int) back;
	event->type = (WfEventType) type;
	event->at = (int64_t) ((uint64_t) reader->start + (uint64_t) after);
	fields = wf_event_details_fields(event->type);
	if (fields->key)
		wf_text_add(details, "{", 1);
	for (; fields->key; fields++)
		if (!read_field(reader, fields, details))
			return false;
	if (details->length > 0)
		wf_text_add(details, "}", 1);
	return true;
}

bool
wf_history_read(WfHistoryReader *reader, WfPackedEvent *event, WfError *error)
{
	WfText		details = {0};
	bool		good;

	if (reader->at < reader->end && *reader->at == ']')
		return take(&reader->at, reader->end, CLOSING) && reader->at == reader->end ? false : broken(error);
	(void) take(&reader->at, reader->end, ",");
	good = take(&reader->at, reader->end, "[") && read_event(reader, event, &details) &&
		take(&reader->at, reader->end, "]");
	if (!good || details.failed)
	{
		free(details.data);
		return good ? wf_error_no_memory(error) : broken(error);
	}
	event->details = details.data;
	event->length = details.length;
	return true;
}
