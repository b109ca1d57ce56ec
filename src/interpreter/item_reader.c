/*
 * item_reader.c - items out of a file's text; see item_reader.h.
 *
 * CSV as the service reads it: a field may be quoted, and then has delimiters and line ends in it; within any field a quotation
 * mark is repeated, or stands behind a backslash, which makes a delimiter and a backslash characters, too; before anything else
 * a backslash is dropped.  Lines end with LF, CRLF or CR; empty ones are no rows.  A row's columns beyond the headers are
 * dropped, missing ones are empty.  All values are strings.  Other quotation marks are errors, as nobody knows which fields
 * are meant: one that is never closed would swallow the rest of the file.
 */
#include <stdio.h>
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
	if (value)
		return take_array(r, value);
	return wf_error_set(r->error, WF_STATES_RUNTIME, "The ItemsPointer '%s' names nothing in the file.", pointer);
}

/* What a text that is no JSON is called; of a whole file the parser's own words say where. */
static bool
parse_failed(Reading *r, const char *what, bool whole)
{
	WfError		problem = WF_ERROR_NONE;

	if (r->error->code == WF_OUT_OF_MEMORY || r->error->code == WF_INTERRUPTED)
		return false;
	wf_error_move(&problem, r->error);
	if (whole && problem.cause)
		wf_error_set(r->error, WF_STATES_RUNTIME, "%s: %s.", what, problem.cause);
	else
		wf_error_set(r->error, WF_STATES_RUNTIME, "%s.", what);
	wf_error_clear(&problem);
	return false;
}

static bool
read_json(Reading *r, const char *text, size_t length)
{
	json_t	   *value = wf_json_parse(text, length, true, r->error);
	bool		good = value ? read_value(r, value) : parse_failed(r, "The file is not valid JSON", true);

	json_decref(value);
	return good;
}

static bool
is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
	return true;
}

static bool
read_jsonl(Reading *r, const char *text, size_t length)
{
	const char *end = text + length;
	int64_t		line = 0;
	bool		good = true;

	while (good && text < end && r->left > 0)
	{
		char		what[80];

		const char *stop = memchr(text, '\n', (size_t) (end - text));
		size_t		size = (size_t) ((stop ? stop : end) - text);

		if (!is_blank(text, size))
		{
			json_t	   *value = wf_json_parse(text, size, true, r->error);

			snprintf(what, sizeof(what), "Line %lld of the file is not valid JSON", (long long) line + 1);
			good = value ? take_value(r, value) : parse_failed(r, what, false);
			json_decref(value);
		}
		text += size + 1;
		line++;
	}
	return good;
}

/* --- CSV --- */

typedef struct Csv
{
	const char *start;
	const char *at;
	const char *end;
	char		delimiter;
	char	   *field;			/* as long as the rest of the text at most */
	size_t		length;
	bool		last;			/* of its row */
	const char *flaw;			/* why it is none; NULL: it is one */
	const char *flaw_at;
} Csv;

static bool
csv_open(Csv *csv, const char *text, size_t length, char delimiter)
{
	*csv = (Csv) {.start = text, .at = text, .end = text + length, .delimiter = delimiter, .field = malloc(length + 1)};
	return csv->field != NULL;
}

static bool
at_line_end(const Csv *csv)
{
	return csv->at == csv->end || *csv->at == '\n' || *csv->at == '\r';
}

static bool
next_is(const Csv *csv, char c)
{
	return csv->at + 1 < csv->end && csv->at[1] == c;
}

/* Always false. */
static bool
find_flaw(Csv *csv, const char *at, const char *flaw)
{
	csv->flaw = flaw;
	csv->flaw_at = at;
	return false;
}

/* Takes the next character of a field; or two, of which the first says that the second is one. */
static void
take_character(Csv *csv)
{
	if (*csv->at == '"')
		csv->at++;
	else if (*csv->at == '\\')
	{
		if (!next_is(csv, '\\') && !next_is(csv, '"') && !next_is(csv, csv->delimiter))
		{
			csv->at++;
			return;
		}
		csv->at++;
	}
	else if (*csv->at == '\0')
		(void) find_flaw(csv, csv->at, "the character U+0000 is not allowed");
	csv->field[csv->length++] = *csv->at++;
}

/* Reads what stands between quotation marks, and the second of them. */
static bool
read_quoted(Csv *csv)
{
	const char *opening = csv->at++;

	while (csv->at < csv->end && (*csv->at != '"' || next_is(csv, '"')))
		take_character(csv);
	if (csv->at == csv->end)
		return find_flaw(csv, opening, "a quoted field begins that is never closed");
	csv->at++;
	if (!at_line_end(csv) && *csv->at != csv->delimiter)
		return find_flaw(csv, csv->at, "text follows a closing quotation mark");
	return csv->flaw == NULL;
}

static bool
read_unquoted(Csv *csv)
{
	while (!at_line_end(csv) && *csv->at != csv->delimiter)
	{
		if (*csv->at == '"' && !next_is(csv, '"'))
			return find_flaw(csv, csv->at, "a quotation mark within a field must be repeated");
		take_character(csv);
	}
	return csv->flaw == NULL;
}

/* Reads one field and what separates it from the next. */
static bool
read_field(Csv *csv)
{
	csv->length = 0;
	if (!(csv->at < csv->end && *csv->at == '"' ? read_quoted(csv) : read_unquoted(csv)))
		return false;
	csv->last = at_line_end(csv);
	if (csv->last && csv->at < csv->end && *csv->at == '\r' && next_is(csv, '\n'))
		csv->at++;
	csv->at += csv->at < csv->end;
	return true;
}

/* Counted from 1. */
static long long
line_number(const Csv *csv, const char *at)
{
	long long	line = 1;

	for (const char *c = csv->start; c < at; c++)
		line += *c == '\n' || (*c == '\r' && (c + 1 == csv->end || c[1] != '\n'));
	return line;
}

static bool
report_flaw(Reading *r, const Csv *csv)
{
	return wf_error_set(r->error, WF_STATES_RUNTIME, "Line %lld of the file: %s.", line_number(csv, csv->flaw_at), csv->flaw);
}

static void
skip_empty_lines(Csv *csv)
{
	while (csv->at < csv->end && at_line_end(csv))
		csv->at++;
}

/* New: the next field; NULL with *error.  (Part of a JSON string, it is valid UTF-8.) */
static json_t *
next_field(Reading *r, Csv *csv)
{
	json_t	   *value;

	if (!read_field(csv))
	{
		report_flaw(r, csv);
		return NULL;
	}
	value = json_stringn(csv->field, csv->length);
	if (!value)
		wf_error_no_memory(r->error);
	return value;
}

#define MOST_HEADER_BYTES (10 * 1024)	/* CSVHeaders can be as long */

/* The first row's fields. */
static bool
read_header_row(Reading *r, Csv *csv, json_t *headers)
{
	const char *begin;

	skip_empty_lines(csv);
	begin = csv->at;
	csv->last = csv->at == csv->end;
	while (!csv->last)
	{
		json_t	   *value = next_field(r, csv);

		if (!value)
			return false;
		if (json_array_append_new(headers, value) != 0)
			return wf_error_no_memory(r->error);
	}
	if (csv->at - begin > MOST_HEADER_BYTES)
		return wf_error_set(r->error, WF_STATES_RUNTIME, "CSV headers cannot be longer than %d bytes.", MOST_HEADER_BYTES);
	return true;
}

static bool
take_given_headers(Reading *r, json_t *headers)
{
	for (int i = 0; i < r->config->n_headers; i++)
		if (json_array_append_new(headers, json_string(r->config->headers[i])) != 0)
			return wf_error_no_memory(r->error);
	return true;
}

static bool
check_headers(Reading *r, const json_t *headers)
{
	json_t	   *seen = wf_json_object();
	bool		good = seen || wf_error_no_memory(r->error);
	size_t		i;
	json_t	   *header;

	json_array_foreach(headers, i, header)
	{
		const char *name = json_string_value(header);

		if (good && json_object_get(seen, name))
			good = fail(r, "CSV headers cannot contain duplicates.");
		good = good && (json_object_set_new(seen, name, json_true()) == 0 || wf_error_no_memory(r->error));
	}
	json_decref(seen);
	return good;
}

/* New: the names of the columns; NULL with *error. */
static json_t *
read_headers(Reading *r, Csv *csv)
{
	json_t	   *headers = json_array();

	if (!headers)
		wf_error_no_memory(r->error);
	else if ((r->config->headers_given ? take_given_headers(r, headers) : read_header_row(r, csv, headers)) &&
			 check_headers(r, headers))
		return headers;
	json_decref(headers);
	return NULL;
}

/* One row's fields; *row has them by their names. */
static bool
read_fields(Reading *r, Csv *csv, const json_t *headers, json_t *row)
{
	size_t		n = json_array_size(headers);

	csv->last = false;
	for (size_t i = 0; i < n || !csv->last; i++)
	{
		json_t	   *value = csv->last ? json_string("") : next_field(r, csv);

		if (!value)
			return r->error->code != WF_NO_ERROR ? false : wf_error_no_memory(r->error);
		if (i >= n)
			json_decref(value);
		else if (json_object_set_new(row, json_string_value(json_array_get(headers, i)), value) != 0)
			return wf_error_no_memory(r->error);
	}
	return true;
}

static bool
read_row(Reading *r, Csv *csv, const json_t *headers)
{
	json_t	   *row = wf_json_object();
	bool		good = row ? read_fields(r, csv, headers, row) && take_value(r, row) : wf_error_no_memory(r->error);

	json_decref(row);
	return good;
}

static bool
read_csv(Reading *r, const char *text, size_t length)
{
	Csv			csv;
	json_t	   *headers;
	bool		good;

	if (!csv_open(&csv, text, length, r->config->delimiter))
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

static void
skip_byte_order_mark(const char **text, size_t *length)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (*length >= strlen(bom) && memcmp(*text, bom, strlen(bom)) == 0)
	{
		*text += strlen(bom);
		*length -= strlen(bom);
	}
}

static bool
read_text(Reading *r, const char *text, size_t length)
{
	skip_byte_order_mark(&text, &length);
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
		case WF_INPUT_MANIFEST: /* says of the files no more than that they are listed */
			break;
	}
	return fail(r, "The InputType is unknown.");
}

/* Borrowed: the text of a file that a resource gave, as such or as Body; or what else it gave. */
static json_t *
file_of(json_t *value)
{
	json_t	   *body = json_object_get(value, "Body");

	return json_is_string(body) ? body : value;
}

bool
wf_items_read(const WfReaderConfig *config, WfPayload *result, int64_t max_items, WfTakeItem take, void *arg,
			  WfError *error)
{
	Reading		r = {config, max_items > 0 ? max_items : INT64_MAX, take, arg, error};
	json_t	   *given = wf_payload_json(result, error);
	json_t	   *value = file_of(given);
	json_t	   *contents = json_object_get(given, "Contents");

	if (!given)
		return false;
	if (json_is_string(value))
		return read_text(&r, json_string_value(value), json_string_length(value));
	if (json_is_null(value))
		return fail(&r, "The resource of the ItemReader gave nothing.");
	return json_is_array(contents) ? take_array(&r, contents) : read_value(&r, value);
}

/* --- where items come from --- */

#define SOURCE_SCHEME "S3://"

/* The bucket and the key of a file, the bucket of a listing; of what is no service's, the resource. */
char *
wf_item_source(const char *resource, const json_t *parameters)
{
	const char *bucket = strstr(resource, ":s3:") ? json_string_value(json_object_get(parameters, "Bucket")) : NULL;
	const char *key = json_string_value(json_object_get(parameters, "Key"));
	size_t		size;
	char	   *source;

	if (!bucket)
		return strdup(resource);
	size = strlen(SOURCE_SCHEME) + strlen(bucket) + (key ? strlen(key) + 1 : 0) + 1;
	source = malloc(size);
	if (source)
		snprintf(source, size, SOURCE_SCHEME "%s%s%s", bucket, key ? "/" : "", key ? key : "");
	return source;
}

/* --- manifests --- */

static char *
copy_text(const char *text, size_t length)
{
	char	   *copy = malloc(length + 1);

	if (copy)
	{
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	return copy;
}

/* Makes room for one more; the array grows in powers of two. */
static bool
add_room(void **array, int n, size_t size)
{
	void	   *larger = (n & (n - 1)) == 0 ? realloc(*array, (n > 0 ? 2 * (size_t) n : 1) * size) : *array;

	if (larger)
		*array = larger;
	return larger != NULL;
}

static bool
add_file(Reading *r, WfItemFiles *files, const char *bucket, size_t bucket_length, const char *key, size_t key_length)
{
	WfItemFile *file;

	if (!add_room((void **) &files->files, files->n, sizeof(WfItemFile)))
		return wf_error_no_memory(r->error);
	file = &files->files[files->n++];
	file->bucket = bucket ? copy_text(bucket, bucket_length) : NULL;
	file->key = copy_text(key, key_length);
	return (file->key && (file->bucket || !bucket)) || wf_error_no_memory(r->error);
}

/* "Bucket, Key, Size": the columns of an inventory's files, which have no headers of their own. */
static bool
read_schema(Reading *r, const char *schema, WfItemFiles *files)
{
	bool		more = true;

	while (more)
	{
		size_t		length;

		schema += strspn(schema, " ");
		length = strcspn(schema, ",");
		more = schema[length] == ',';
		if (!add_room((void **) &files->headers, files->n_headers, sizeof(char *)) ||
			!(files->headers[files->n_headers] = copy_text(schema, length)))
			return wf_error_no_memory(r->error);
		while (length > 0 && schema[length - 1] == ' ')
			files->headers[files->n_headers][--length] = '\0';
		files->n_headers++;
		schema += strcspn(schema, ",") + more;
	}
	files->config.headers = (const char **) files->headers;
	files->config.n_headers = files->n_headers;
	files->config.headers_given = true;
	return true;
}

#define BUCKET_ARN ":s3:::"

/* The manifest.json of an S3 inventory. */
static bool
read_inventory(Reading *r, const json_t *manifest, WfItemFiles *files)
{
	const char *format = json_string_value(json_object_get(manifest, "fileFormat"));
	const char *schema = json_string_value(json_object_get(manifest, "fileSchema"));
	const char *bucket = json_string_value(json_object_get(manifest, "destinationBucket"));
	const char *arn = bucket ? strstr(bucket, BUCKET_ARN) : NULL;
	json_t	   *list = json_object_get(manifest, "files");
	size_t		i;
	json_t	   *file;

	if (!schema || !json_is_array(list))
		return fail(r, "The manifest is not one of an S3 inventory: it needs fileSchema, a string, and files, an array.");
	if (format && strcmp(format, "CSV") != 0)
	{
		wf_error_set(r->error, WF_STATES_RUNTIME, "The files of the manifest have the format %s; only CSV can be read.",
					 format);
		return false;
	}
	if (arn)
		bucket = arn + strlen(BUCKET_ARN);
	json_array_foreach(list, i, file)
	{
		json_t	   *key = json_object_get(file, "key");

		if (!json_is_string(key))
			return fail(r, "The manifest names a file without its key.");
		if (!add_file(r, files, bucket, bucket ? strlen(bucket) : 0, json_string_value(key), json_string_length(key)))
			return false;
	}
	return read_schema(r, schema, files);
}

#define ADDRESS_SCHEME "s3://"

/* The field that was read, an address: s3://bucket/key. */
static bool
add_address(Reading *r, Csv *csv, const char *line, WfItemFiles *files)
{
	const char *bucket = csv->field + strlen(ADDRESS_SCHEME);
	const char *slash;

	csv->field[csv->length] = '\0';
	slash = strncmp(csv->field, ADDRESS_SCHEME, strlen(ADDRESS_SCHEME)) == 0 ? strchr(bucket, '/') : NULL;
	if (!slash || slash == bucket || !slash[1] || !csv->last)
	{
		(void) find_flaw(csv, line, "this is not the address of a file, s3://bucket/key");
		return report_flaw(r, csv);
	}
	return add_file(r, files, bucket, (size_t) (slash - bucket), slash + 1, strlen(slash + 1));
}

/* A line for each file. */
static bool
read_addresses(Reading *r, const char *text, size_t length, WfItemFiles *files)
{
	Csv			csv;
	bool		good = true;

	if (!csv_open(&csv, text, length, ','))
		return wf_error_no_memory(r->error);
	for (skip_empty_lines(&csv); good && csv.at < csv.end; skip_empty_lines(&csv))
	{
		const char *line = csv.at;

		good = read_field(&csv) ? add_address(r, &csv, line, files) : report_flaw(r, &csv);
	}
	free(csv.field);
	return good;
}

/* What a listing lists; keys that end with a slash are its folders. */
static bool
read_listing(Reading *r, const json_t *listing, WfItemFiles *files)
{
	json_t	   *contents = json_is_array(listing) ? (json_t *) listing : json_object_get(listing, "Contents");
	size_t		i;
	json_t	   *file;

	if (!json_is_array(contents))
		return fail(r, "Attempting to map over non-iterable node.");
	json_array_foreach(contents, i, file)
	{
		const char *key = json_string_value(json_object_get(file, "Key"));
		size_t		length = json_string_length(json_object_get(file, "Key"));

		if (!key || length == 0)
			return fail(r, "The listing names a file without its Key.");
		if (key[length - 1] != '/' && !add_file(r, files, NULL, 0, key, length))
			return false;
	}
	return true;
}

static bool
read_manifest(Reading *r, json_t *manifest, WfItemFiles *files)
{
	const char *text = json_string_value(manifest);
	size_t		length = json_string_length(manifest);
	json_t	   *value = NULL;
	bool		good;

	if (r->config->manifest == WF_MANIFEST_LISTING)
		return read_listing(r, manifest, files);
	if (text)
		skip_byte_order_mark(&text, &length);
	if (r->config->manifest == WF_MANIFEST_ATHENA)
		return text ? read_addresses(r, text, length, files) : fail(r, "The manifest is no text.");
	if (!text)
		return read_inventory(r, manifest, files);
	value = wf_json_parse(text, length, true, r->error);
	good = value ? read_inventory(r, value, files) : parse_failed(r, "The manifest is not valid JSON", true);
	json_decref(value);
	return good;
}

bool
wf_item_files_read(const WfReaderConfig *config, WfPayload *manifest, WfItemFiles *files, WfError *error)
{
	Reading		r = {.config = config, .error = error};
	json_t	   *value = wf_payload_json(manifest, error);

	memset(files, 0, sizeof(*files));
	files->config = *config;
	files->config.manifest = WF_MANIFEST_NONE;
	if (!value)
		return false;
	return json_is_null(value) ? fail(&r, "The resource of the ItemReader gave nothing.") :
		read_manifest(&r, file_of(value), files);
}

void
wf_item_files_clear(WfItemFiles *files)
{
	for (int i = 0; i < files->n; i++)
	{
		free(files->files[i].bucket);
		free(files->files[i].key);
	}
	free(files->files);
	for (int i = 0; i < files->n_headers; i++)
		free(files->headers[i]);
	free(files->headers);
	memset(files, 0, sizeof(*files));
}
