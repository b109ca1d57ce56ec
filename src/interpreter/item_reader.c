/*
 * item_reader.c - items out of a file's text; see item_reader.h.
 *
 * CSV as the service reads it: RFC 4180, and leniently: lines end with LF, CRLF or CR; a quote in the middle of a field is
 * one; what follows a closing quote belongs to the field.  Empty lines are no rows.  A row's columns beyond the headers are
 * dropped, missing ones are empty.  All values are strings.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/item_reader.h"
#include "json/json.h"

typedef struct Reading
{
	const WfReaderConfig *config;
	int64_t		left;			/* items that may be taken yet */
	WfTakeItem	take;
	void	   *arg;
	WfError    *error;
} Reading;

static bool
fail(Reading *r, const char *cause)
{
	return wf_error_set(r->error, WF_STATES_RUNTIME, "%s", cause);
}

/* Borrows the value.  True: go on. */
static bool
take_value(Reading *r, const json_t *value)
{
	size_t		length;
	char	   *text = wf_json_text(value, &length);
	bool		good;

	if (!text)
		return wf_error_no_memory(r->error);
	good = r->take(r->arg, text, length);
	free(text);
	r->left--;
	return good;
}

static bool
take_array(Reading *r, const json_t *array)
{
	size_t		i;
	json_t	   *item;

	if (!json_is_array(array))
		return fail(r, "Attempting to map over non-iterable node.");
	json_array_foreach(array, i, item)
	{
		if (r->left <= 0)
			return true;
		if (!take_value(r, item))
			return false;
	}
	return true;
}

/* --- JSON --- */

/* Borrowed: what a JSON pointer (RFC 6901) names; NULL: nothing. */
static json_t *
follow_pointer(json_t *value, const char *pointer, WfError *error)
{
	while (value && *pointer == '/')
	{
		size_t		size = strcspn(++pointer, "/");
		char	   *token = malloc(size + 1);
		char	   *to = token;
		char	   *end;

		if (!token)
		{
			wf_error_no_memory(error);
			return NULL;
		}
		for (size_t i = 0; i < size; i++)
		{
			if (pointer[i] == '~' && i + 1 < size && (pointer[i + 1] == '0' || pointer[i + 1] == '1'))
				*to++ = pointer[++i] == '0' ? '~' : '/';
			else
				*to++ = pointer[i];
		}
		*to = '\0';
		if (!json_is_array(value))
			value = json_object_get(value, token);
		else
		{
			size_t		index = strtoul(token, &end, 10);

			value = *token && !*end ? json_array_get(value, index) : NULL;
		}
		free(token);
		pointer += size;
	}
	return *pointer ? NULL : value;
}

static bool
read_value(Reading *r, json_t *value)
{
	const char *pointer = r->config->pointer;

	if (pointer && *pointer)
	{
		value = follow_pointer(value, pointer, r->error);
		if (r->error->code != WF_NO_ERROR)
			return false;
	}
	return value ? take_array(r, value) : fail(r, "The ItemsPointer names nothing in the file.");
}

/* What a text that is no JSON is called. */
static bool
parse_failed(Reading *r, const char *cause)
{
	if (r->error->code == WF_OUT_OF_MEMORY || r->error->code == WF_INTERRUPTED)
		return false;
	wf_error_clear(r->error);
	return fail(r, cause);
}

static bool
read_json(Reading *r, const char *text, size_t length)
{
	json_t	   *value = wf_json_parse(text, length, true, r->error);
	bool		good = value ? read_value(r, value) : parse_failed(r, "The file is not valid JSON.");

	json_decref(value);
	return good;
}

static bool
is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!strchr(" \t\r", text[i]))
			return false;
	return true;
}

static bool
read_jsonl(Reading *r, const char *text, size_t length)
{
	const char *end = text + length;
	bool		good = true;

	while (good && text < end && r->left > 0)
	{
		const char *stop = memchr(text, '\n', (size_t) (end - text));
		size_t		size = (size_t) ((stop ? stop : end) - text);

		if (!is_blank(text, size))
		{
			json_t	   *value = wf_json_parse(text, size, true, r->error);

			good = value ? take_value(r, value) : parse_failed(r, "A line of the file is not valid JSON.");
			json_decref(value);
		}
		text += size + 1;
	}
	return good;
}

/* --- CSV --- */

typedef struct Csv
{
	const char *at;
	const char *end;
	char		delimiter;
	char	   *field;			/* as long as the rest of the text at most */
	size_t		length;
	bool		last;			/* of its row */
} Csv;

static bool
at_line_end(const Csv *csv)
{
	return csv->at == csv->end || *csv->at == '\n' || *csv->at == '\r';
}

/* Reads one field and what separates it from the next. */
static void
read_field(Csv *csv)
{
	csv->length = 0;
	if (csv->at < csv->end && *csv->at == '"')
	{
		csv->at++;
		while (csv->at < csv->end && (*csv->at != '"' || (csv->at + 1 < csv->end && csv->at[1] == '"')))
		{
			csv->at += *csv->at == '"';
			csv->field[csv->length++] = *csv->at++;
		}
		csv->at += csv->at < csv->end;
	}
	while (!at_line_end(csv) && *csv->at != csv->delimiter)
		csv->field[csv->length++] = *csv->at++;
	csv->last = at_line_end(csv);
	if (csv->last && csv->at < csv->end && *csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n')
		csv->at++;
	csv->at += csv->at < csv->end;
}

static void
skip_empty_lines(Csv *csv)
{
	while (csv->at < csv->end && at_line_end(csv))
		csv->at++;
}

/* New: the field; NULL with *error. */
static json_t *
field_value(const Csv *csv, WfError *error)
{
	bool		has_nul = memchr(csv->field, '\0', csv->length) != NULL;
	json_t	   *value = has_nul ? NULL : json_stringn(csv->field, csv->length);

	if (!value)
		wf_error_set(error, WF_STATES_RUNTIME, has_nul ? "The file has the character U+0000." : "The file is not valid UTF-8.");
	return value;
}

/* New: the names of the columns; NULL with *error. */
static json_t *
read_headers(Reading *r, Csv *csv)
{
	json_t	   *headers = json_array();
	json_t	   *seen = wf_json_object();
	bool		good = headers && seen;

	if (!good)
		wf_error_no_memory(r->error);
	if (r->config->headers_given)
	{
		for (int i = 0; good && i < r->config->n_headers; i++)
			good = json_array_append_new(headers, json_string(r->config->headers[i])) == 0 ||
				wf_error_no_memory(r->error);
	}
	else
	{
		skip_empty_lines(csv);
		csv->last = csv->at == csv->end;
		while (good && !csv->last)
		{
			json_t	   *value;

			read_field(csv);
			value = field_value(csv, r->error);
			good = value && (json_array_append_new(headers, value) == 0 || wf_error_no_memory(r->error));
		}
	}
	for (size_t i = 0; good && i < json_array_size(headers); i++)
	{
		const char *name = json_string_value(json_array_get(headers, i));

		if (json_object_get(seen, name))
			good = fail(r, "CSV headers cannot contain duplicates.");
		else
			good = json_object_set_new(seen, name, json_true()) == 0 || wf_error_no_memory(r->error);
	}
	json_decref(seen);
	if (good)
		return headers;
	json_decref(headers);
	return NULL;
}

static bool
read_row(Reading *r, Csv *csv, const json_t *headers)
{
	json_t	   *row = wf_json_object();
	size_t		n = json_array_size(headers);
	bool		good = row || wf_error_no_memory(r->error);

	csv->last = false;
	for (size_t i = 0; good && (i < n || !csv->last); i++)
	{
		json_t	   *value = NULL;

		if (!csv->last)
			read_field(csv);
		else
			csv->length = 0;
		if (i >= n)
			continue;
		value = field_value(csv, r->error);
		good = value && (json_object_set_new(row, json_string_value(json_array_get(headers, i)), value) == 0 ||
						 wf_error_no_memory(r->error));
	}
	good = good && take_value(r, row);
	json_decref(row);
	return good;
}

static bool
read_csv(Reading *r, const char *text, size_t length)
{
	Csv			csv = {.at = text, .end = text + length, .delimiter = r->config->delimiter};
	json_t	   *headers;
	bool		good = true;

	csv.field = malloc(length + 1);
	if (!csv.field)
		return wf_error_no_memory(r->error);
	headers = read_headers(r, &csv);
	good = headers != NULL;
	while (good && r->left > 0)
	{
		skip_empty_lines(&csv);
		if (csv.at == csv.end)
			break;
		good = read_row(r, &csv, headers);
	}
	json_decref(headers);
	free(csv.field);
	return good;
}

/* --- */

static bool
read_text(Reading *r, const char *text, size_t length)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (length >= strlen(bom) && memcmp(text, bom, strlen(bom)) == 0)
	{
		text += strlen(bom);
		length -= strlen(bom);
	}
	switch (r->config->type)
	{
		case WF_INPUT_CSV:
			return read_csv(r, text, length);
		case WF_INPUT_JSONL:
			return read_jsonl(r, text, length);
		case WF_INPUT_NONE:
		case WF_INPUT_JSON:
			return read_json(r, text, length);
		case WF_INPUT_PARQUET:
			return fail(r, "The InputType PARQUET is not supported by this version.");
		case WF_INPUT_MANIFEST:
			return fail(r, "The InputType MANIFEST is not supported by this version.");
	}
	return fail(r, "The InputType is unknown.");
}

bool
wf_items_read(const WfReaderConfig *config, WfPayload *result, int64_t max_items, WfTakeItem take, void *arg,
			  WfError *error)
{
	Reading		r = {config, max_items > 0 ? max_items : INT64_MAX, take, arg, error};
	json_t	   *value = wf_payload_json(result, error);
	json_t	   *body = json_object_get(value, "Body");
	json_t	   *contents = json_object_get(value, "Contents");

	if (!value)
		return false;
	if (json_is_string(body))
		value = body;
	if (json_is_string(value))
		return read_text(&r, json_string_value(value), json_string_length(value));
	if (json_is_null(value))
		return fail(&r, "The resource of the ItemReader gave nothing.");
	return json_is_array(contents) ? take_array(&r, contents) : read_value(&r, value);
}
