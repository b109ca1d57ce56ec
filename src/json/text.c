/*
 * text.c - values to compact JSON text: the hot path of every transition.
 *
 * Strings hold valid UTF-8 (the reader saw to it) and are copied in runs; only quotes, backslashes and control
 * characters are escaped.  Whoever builds values keeps them within WF_JSON_MAX_DEPTH (wf_json_too_deep); what is deeper
 * all the same is not written, rather than risking the stack.
 */
#include <stdlib.h>
#include <string.h>

#include "json/number.h"

/* Short texts are written here, so that each costs one allocation, of the right size. */
#define SPACE_SIZE 2048

typedef struct Writer
{
	char	   *text;
	size_t		length;
	size_t		capacity;
	char	   *space;			/* on the stack; text is this, or malloc'ed */
} Writer;

static bool
grow(Writer *writer, size_t more)
{
	size_t		capacity = writer->capacity;
	char	   *larger;

	while (capacity - writer->length < more)
		capacity *= 2;
	larger = realloc(writer->text == writer->space ? NULL : writer->text, capacity);
	if (larger == NULL)
		return false;
	if (writer->text == writer->space)
		memcpy(larger, writer->space, writer->length);
	writer->text = larger;
	writer->capacity = capacity;
	return true;
}

static inline bool
reserve(Writer *writer, size_t more)
{
	return writer->capacity - writer->length >= more || grow(writer, more);
}

static inline bool
is_escaped(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

static char *
write_escape(unsigned char c, char *to)
{
	static const char hex[] = "0123456789abcdef";

	*to++ = '\\';
	switch (c)
	{
		case '"':
		case '\\':
			*to++ = (char) c;
			break;
		case '\b':
			*to++ = 'b';
			break;
		case '\f':
			*to++ = 'f';
			break;
		case '\n':
			*to++ = 'n';
			break;
		case '\r':
			*to++ = 'r';
			break;
		case '\t':
			*to++ = 't';
			break;
		default:
			memcpy(to, "u00", 3);
			to[3] = hex[c >> 4];
			to[4] = hex[c & 15];
			to += 5;
			break;
	}
	return to;
}

static bool
write_string(Writer *writer, const char *string, size_t length)
{
	size_t		run = 0;
	size_t		escaped = 0;
	char	   *to;

	/* most strings are one run */
	while (run < length && !is_escaped((unsigned char) string[run]))
		run++;
	/* a character is six when escaped, at most */
	for (size_t i = run; i < length; i++)
		escaped += is_escaped((unsigned char) string[i]);
	if (!reserve(writer, length + escaped * 5 + 2))
		return false;

	to = writer->text + writer->length;
	*to++ = '"';
	memcpy(to, string, run);
	to += run;
	for (size_t i = run; i < length; i++)
	{
		unsigned char c = (unsigned char) string[i];

		if (is_escaped(c))
			to = write_escape(c, to);
		else
			*to++ = (char) c;
	}
	*to++ = '"';
	writer->length = (size_t) (to - writer->text);
	return true;
}

static inline bool
write_word(Writer *writer, const char *word, size_t length)
{
	if (!reserve(writer, length))
		return false;
	memcpy(writer->text + writer->length, word, length);
	writer->length += length;
	return true;
}

static bool
write_value(Writer *writer, const json_t *value, int depth)
{
	size_t		n;

	switch (json_typeof(value))
	{
		case JSON_OBJECT:
			{
				json_t	   *object = (json_t *) value;	/* iterators are not const-correct */
				bool		first = true;

				if (depth >= WF_JSON_MAX_DEPTH || !write_word(writer, "{", 1))
					return false;
				for (void *member = json_object_iter(object); member != NULL;
					 member = json_object_iter_next(object, member))
				{
					if (!first && !write_word(writer, ",", 1))
						return false;
					first = false;
					if (!write_string(writer, json_object_iter_key(member), json_object_iter_key_len(member)) ||
						!write_word(writer, ":", 1) ||
						!write_value(writer, json_object_iter_value(member), depth + 1))
						return false;
				}
				return write_word(writer, "}", 1);
			}
		case JSON_ARRAY:
			if (depth >= WF_JSON_MAX_DEPTH || !write_word(writer, "[", 1))
				return false;
			n = json_array_size(value);
			for (size_t i = 0; i < n; i++)
			{
				if ((i > 0 && !write_word(writer, ",", 1)) ||
					!write_value(writer, json_array_get(value, i), depth + 1))
					return false;
			}
			return write_word(writer, "]", 1);
		case JSON_STRING:
			return write_string(writer, json_string_value(value), json_string_length(value));
		case JSON_INTEGER:
			if (!reserve(writer, WF_NUMBER_SIZE))
				return false;
			writer->length += wf_number_write_integer(json_integer_value(value), writer->text + writer->length);
			return true;
		case JSON_REAL:
			if (!reserve(writer, WF_NUMBER_SIZE))
				return false;
			n = wf_number_write_real(json_real_value(value), writer->text + writer->length);
			writer->length += n;
			return n > 0;
		case JSON_TRUE:
			return write_word(writer, "true", 4);
		case JSON_FALSE:
			return write_word(writer, "false", 5);
		case JSON_NULL:
			return write_word(writer, "null", 4);
	}
	return false;
}

char *
wf_json_text(const json_t *value, size_t *length)
{
	char		space[SPACE_SIZE];
	Writer		writer = {.text = space, .capacity = SPACE_SIZE, .space = space};
	bool		written = value != NULL && write_value(&writer, value, 0) && reserve(&writer, 1);
	char	   *text = writer.text;

	if (writer.text == space)
		text = written ? malloc(writer.length + 1) : NULL;
	else if (!written)
	{
		free(writer.text);
		text = NULL;
	}
	if (text == NULL)
		return NULL;
	if (writer.text == space)
		memcpy(text, space, writer.length);
	text[writer.length] = '\0';
	if (length != NULL)
		*length = writer.length;
	return text;
}

bool
wf_json_text_is_too_deep(const char *text, size_t length)
{
	int			depth = 0;
	bool		in_string = false;

	/* each level has its two brackets */
	if (length <= 2 * WF_JSON_MAX_DEPTH)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		char		c = text[i];

		if (in_string)
		{
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		}
		else if (c == '"')
			in_string = true;
		else if (c == '[' || c == '{')
		{
			if (++depth > WF_JSON_MAX_DEPTH)
				return true;
		}
		else if (c == ']' || c == '}')
			depth--;
	}
	return false;
}
