/*
 * json.c - JSON text to values.
 *
 * A reader of our own on jansson's values, for three reasons: the number rules (jansson refuses integers over 64 bits),
 * errors that name the place, and time, since every execution's input and output comes through here.
 *
 * The input is UTF-8 and is checked to be.  A NUL character is refused, in any spelling: no value may hold one, so that
 * every string can be a C string.  So is half of a surrogate pair, which UTF-8 cannot hold.
 */
#include "json/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/number.h"

typedef struct Reader
{
	const char *start;
	const char *at;
	const char *end;
	bool		duplicates;
	int			depth;
	const WfAsk *ask;			/* NULL: nobody */
	const char *next_question;	/* the place from which on it is asked */
	char	   *buffer;			/* for strings with escapes */
	size_t		capacity;
	WfError    *error;
} Reader;

static json_t *read_value(Reader *reader);

json_t *
wf_json_object(void)
{
	return json_pack("{}");
}

/* Reports what is wrong at `at`, by line and column.  Always NULL. */
static json_t *
complain(Reader *reader, const char *at, const char *what)
{
	int			line = 1;
	int			column = 1;

	for (const char *c = reader->start; c < at; c++)
	{
		if (*c == '\n')
		{
			line++;
			column = 1;
		}
		else if (((unsigned char) *c & 0xC0) != 0x80)
			column++;
	}
	wf_error_set(reader->error, WF_INVALID_JSON, "%s at line %d, column %d", what, line, column);
	return NULL;
}

static json_t *
run_out_of_memory(Reader *reader)
{
	wf_error_no_memory(reader->error);
	return NULL;
}

static void
skip_blanks(Reader *reader)
{
	while (reader->at < reader->end &&
		   (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' || *reader->at == '\r'))
		reader->at++;
}

static bool
reserve(Reader *reader, size_t needed)
{
	char	   *larger;
	size_t		capacity = reader->capacity ? reader->capacity : 256;

	if (needed <= reader->capacity)
		return true;
	while (capacity < needed)
		capacity *= 2;
	if ((larger = realloc(reader->buffer, capacity)) == NULL)
		return wf_error_no_memory(reader->error);
	reader->buffer = larger;
	reader->capacity = capacity;
	return true;
}

/* The length of the UTF-8 character at `at`, or 0 if it is none. */
static int
measure_character(const unsigned char *at, const unsigned char *end)
{
	int			length;
	uint32_t	code;

	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xC2 && at[0] <= 0xDF)
	{
		length = 2;
		code = at[0] & 0x1F;
	}
	else if (at[0] >= 0xE0 && at[0] <= 0xEF)
	{
		length = 3;
		code = at[0] & 0x0F;
	}
	else if (at[0] >= 0xF0 && at[0] <= 0xF4)
	{
		length = 4;
		code = at[0] & 0x07;
	}
	else
		return 0;
	if (end - at < length)
		return 0;
	for (int i = 1; i < length; i++)
	{
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		code = (code << 6) | (at[i] & 0x3F);
	}
	if ((length == 3 && (code < 0x800 || (code >= 0xD800 && code <= 0xDFFF))) ||
		(length == 4 && (code < 0x10000 || code > 0x10FFFF)))
		return 0;
	return length;
}

static size_t
write_character(uint32_t code, char *to)
{
	if (code < 0x80)
	{
		to[0] = (char) code;
		return 1;
	}
	if (code < 0x800)
	{
		to[0] = (char) (0xC0 | (code >> 6));
		to[1] = (char) (0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000)
	{
		to[0] = (char) (0xE0 | (code >> 12));
		to[1] = (char) (0x80 | ((code >> 6) & 0x3F));
		to[2] = (char) (0x80 | (code & 0x3F));
		return 3;
	}
	to[0] = (char) (0xF0 | (code >> 18));
	to[1] = (char) (0x80 | ((code >> 12) & 0x3F));
	to[2] = (char) (0x80 | ((code >> 6) & 0x3F));
	to[3] = (char) (0x80 | (code & 0x3F));
	return 4;
}

static bool
read_hex(Reader *reader, const char *at, uint32_t *code)
{
	*code = 0;
	if (reader->end - at < 4)
		return false;
	for (int i = 0; i < 4; i++)
	{
		char		c = at[i];

		*code <<= 4;
		if (c >= '0' && c <= '9')
			*code |= c - '0';
		else if (c >= 'a' && c <= 'f')
			*code |= c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			*code |= c - 'A' + 10;
		else
			return false;
	}
	return true;
}

/* Reads the escape at reader->at (behind its backslash) into the buffer. */
static bool
read_escape(Reader *reader, size_t *length)
{
	const char *start = reader->at - 1;
	uint32_t	code,
				low;
	char		c;

	if (reader->at >= reader->end)
		return complain(reader, start, "string without an end") != NULL;
	switch (*reader->at++)
	{
		case '"':
			c = '"';
			break;
		case '\\':
			c = '\\';
			break;
		case '/':
			c = '/';
			break;
		case 'b':
			c = '\b';
			break;
		case 'f':
			c = '\f';
			break;
		case 'n':
			c = '\n';
			break;
		case 'r':
			c = '\r';
			break;
		case 't':
			c = '\t';
			break;
		case 'u':
			if (!read_hex(reader, reader->at, &code))
				return complain(reader, start, "invalid escape") != NULL;
			reader->at += 4;
			if (code == 0)
				return complain(reader, start, "the character \\u0000 is not supported") != NULL;
			if (code >= 0xD800 && code <= 0xDBFF && reader->end - reader->at >= 6 &&
				reader->at[0] == '\\' && reader->at[1] == 'u' && read_hex(reader, reader->at + 2, &low) &&
				low >= 0xDC00 && low <= 0xDFFF)
			{
				code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
				reader->at += 6;
			}
			if (code >= 0xD800 && code <= 0xDFFF)
				return complain(reader, start, "half of a surrogate pair") != NULL;
			*length += write_character(code, reader->buffer + *length);
			return true;
		default:
			return complain(reader, start, "invalid escape") != NULL;
	}
	reader->buffer[(*length)++] = c;
	return true;
}

/* Bytes of a string that stand for themselves: ASCII but control characters, the quote and the backslash. */
static const bool plain[256] = {
	[0x20 ... '"' - 1] = true, ['"' + 1 ... '\\' - 1] = true, ['\\' + 1 ... 0x7F] = true
};

/*
 * Reads a string whose opening quote is at reader->at.  *text points into the input or into the reader's buffer, until
 * the next string is read.
 */
static bool
read_string(Reader *reader, const char **text, size_t *length)
{
	const char *start = ++reader->at;
	const char *run = start;	/* what is not yet in the buffer */
	bool		buffered = false;

	*length = 0;
	for (;;)
	{
		unsigned char c;

		while (reader->at < reader->end && plain[(unsigned char) *reader->at])
			reader->at++;
		if (reader->at >= reader->end)
			return complain(reader, start - 1, "string without an end") != NULL;
		c = (unsigned char) *reader->at;
		if (c == '"')
			break;
		if (c < 0x20)
			return complain(reader, reader->at, "control character in a string") != NULL;
		if (c >= 0x80)
		{
			int			bytes = measure_character((const unsigned char *) reader->at, (const unsigned char *) reader->end);

			if (bytes == 0)
				return complain(reader, reader->at, "invalid UTF-8") != NULL;
			reader->at += bytes;
			continue;
		}
		/* a backslash: room for the run, and for the longest character */
		if (!reserve(reader, *length + (size_t) (reader->at - run) + 8))
			return false;
		memcpy(reader->buffer + *length, run, (size_t) (reader->at - run));
		*length += (size_t) (reader->at - run);
		reader->at++;
		if (!read_escape(reader, length))
			return false;
		run = reader->at;
		buffered = true;
	}
	if (buffered)
	{
		if (!reserve(reader, *length + (size_t) (reader->at - run) + 1))
			return false;
		memcpy(reader->buffer + *length, run, (size_t) (reader->at - run));
		*length += (size_t) (reader->at - run);
		*text = reader->buffer;
	}
	else
	{
		*text = start;
		*length = (size_t) (reader->at - start);
	}
	reader->at++;
	return true;
}

static json_t *
read_number(Reader *reader)
{
	const char *start = reader->at;
	bool		integer = true;

#define IS_DIGIT() (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
	if (*reader->at == '-')
		reader->at++;
	if (!IS_DIGIT())
		return complain(reader, start, "invalid number");
	if (*reader->at == '0')
		reader->at++;
	else
		while (IS_DIGIT())
			reader->at++;
	if (reader->at < reader->end && *reader->at == '.')
	{
		integer = false;
		reader->at++;
		if (!IS_DIGIT())
			return complain(reader, start, "invalid number");
		while (IS_DIGIT())
			reader->at++;
	}
	if (reader->at < reader->end && (*reader->at == 'e' || *reader->at == 'E'))
	{
		integer = false;
		reader->at++;
		if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-'))
			reader->at++;
		if (!IS_DIGIT())
			return complain(reader, start, "invalid number");
		while (IS_DIGIT())
			reader->at++;
	}
	if (IS_DIGIT())
		return complain(reader, start, "number with a leading zero");
#undef IS_DIGIT
	return wf_number_read(start, (size_t) (reader->at - start), integer, reader->error);
}

/* Reads one `"key": value` into the object. */
static bool
read_member(Reader *reader, json_t *object)
{
	const char *start = reader->at;
	const char *key;
	size_t		length;
	char		space[128];
	char	   *copy = NULL;
	json_t	   *value = NULL;
	bool		done = false;

	if (reader->at >= reader->end || *reader->at != '"')
		return complain(reader, reader->at, "expected a key in quotes") != NULL;
	if (!read_string(reader, &key, &length))
		return false;

	/* the value's strings will use the buffer */
	if (key == reader->buffer)
	{
		copy = length <= sizeof(space) ? space : malloc(length);
		if (copy == NULL)
			return wf_error_no_memory(reader->error);
		memcpy(copy, key, length);
		key = copy;
	}

	skip_blanks(reader);
	if (reader->at >= reader->end || *reader->at != ':')
		complain(reader, reader->at, "expected ':'");
	else if (!reader->duplicates && json_object_getn(object, key, length) != NULL)
		complain(reader, start, "key stands twice in one object");
	else
	{
		reader->at++;
		skip_blanks(reader);
		value = read_value(reader);
		if (value != NULL)
		{
			done = json_object_setn_new_nocheck(object, key, length, value) == 0;
			if (!done)
				wf_error_no_memory(reader->error);
		}
	}
	if (copy != space)
		free(copy);
	return done;
}

static json_t *
read_object(Reader *reader)
{
	json_t	   *object = wf_json_object();

	if (object == NULL)
		return run_out_of_memory(reader);
	reader->at++;
	skip_blanks(reader);
	if (reader->at < reader->end && *reader->at == '}')
	{
		reader->at++;
		return object;
	}
	for (;;)
	{
		skip_blanks(reader);
		if (!read_member(reader, object))
			break;
		skip_blanks(reader);
		if (reader->at < reader->end && *reader->at == ',')
			reader->at++;
		else if (reader->at < reader->end && *reader->at == '}')
		{
			reader->at++;
			return object;
		}
		else
		{
			complain(reader, reader->at, "expected ',' or '}'");
			break;
		}
	}
	json_decref(object);
	return NULL;
}

static json_t *
read_array(Reader *reader)
{
	json_t	   *array = json_array();

	if (array == NULL)
		return run_out_of_memory(reader);
	reader->at++;
	skip_blanks(reader);
	if (reader->at < reader->end && *reader->at == ']')
	{
		reader->at++;
		return array;
	}
	for (;;)
	{
		json_t	   *item;

		skip_blanks(reader);
		item = read_value(reader);
		if (item == NULL)
			break;
		if (json_array_append_new(array, item) != 0)
		{
			run_out_of_memory(reader);
			break;
		}
		skip_blanks(reader);
		if (reader->at < reader->end && *reader->at == ',')
			reader->at++;
		else if (reader->at < reader->end && *reader->at == ']')
		{
			reader->at++;
			return array;
		}
		else
		{
			complain(reader, reader->at, "expected ',' or ']'");
			break;
		}
	}
	json_decref(array);
	return NULL;
}

static bool
read_word(Reader *reader, const char *word)
{
	size_t		length = strlen(word);

	if ((size_t) (reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
		return false;
	reader->at += length;
	return true;
}

/* So many bytes are read between two questions, about. */
#define BYTES_TO_ASK 4096

static bool
may_go_on(Reader *reader)
{
	reader->next_question = reader->at + (reader->end - reader->at < BYTES_TO_ASK ? reader->end - reader->at : BYTES_TO_ASK);
	return reader->ask == NULL || reader->ask->go_on(reader->ask->arg, BYTES_TO_ASK);
}

static json_t *
read_value(Reader *reader)
{
	json_t	   *value = NULL;
	const char *text;
	size_t		length;

	if (reader->at >= reader->end)
		return complain(reader, reader->at, "the text ends early");
	if (reader->at >= reader->next_question && !may_go_on(reader))
		return NULL;
	switch (*reader->at)
	{
		case '{':
		case '[':
			if (reader->depth >= WF_JSON_MAX_DEPTH)
				return complain(reader, reader->at, "too deeply nested");
			reader->depth++;
			value = *reader->at == '{' ? read_object(reader) : read_array(reader);
			reader->depth--;
			return value;
		case '"':
			if (!read_string(reader, &text, &length))
				return NULL;
			value = json_stringn_nocheck(text, length);
			return value != NULL ? value : run_out_of_memory(reader);
		case 't':
			if (read_word(reader, "true"))
				return json_true();
			break;
		case 'f':
			if (read_word(reader, "false"))
				return json_false();
			break;
		case 'n':
			if (read_word(reader, "null"))
				return json_null();
			break;
		case '-':
		case '0':
		case '1':
		case '2':
		case '3':
		case '4':
		case '5':
		case '6':
		case '7':
		case '8':
		case '9':
			return read_number(reader);
		default:
			break;
	}
	return complain(reader, reader->at, "invalid JSON");
}

json_t *
wf_json_parse(const char *text, size_t length, bool duplicates, WfError *error)
{
	return wf_json_parse_asking(text, length, duplicates, NULL, error);
}

json_t *
wf_json_parse_asking(const char *text, size_t length, bool duplicates, const WfAsk *ask, WfError *error)
{
	Reader		reader = {.start = text, .at = text, .end = text + length, .duplicates = duplicates, .next_question = text, .ask = ask, .error = error};
	json_t	   *value;

	skip_blanks(&reader);
	value = read_value(&reader);
	if (value != NULL)
	{
		skip_blanks(&reader);
		if (reader.at < reader.end)
		{
			json_decref(value);
			value = complain(&reader, reader.at, "text after the end of the value");
		}
	}
	free(reader.buffer);
	return value;
}
