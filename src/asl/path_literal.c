/*
 * path_literal.c - the values that stand in a path: numbers, texts, and JSON as loosely written as the library takes it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"
#include "json/number.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads four hexadecimal digits; -1 if they are none. */
static int
read_unit(const char *text)
{
	int			code = 0;

	for (int i = 0; i < 4; i++)
	{
		if (hex_value(text[i]) < 0)
			return -1;
		code = code * 16 + hex_value(text[i]);
	}
	return code;
}

static void
write_character(char *to, size_t *length, unsigned code)
{
	if (code < 0x80)
		to[(*length)++] = (char) code;
	else if (code < 0x800)
	{
		to[(*length)++] = (char) (0xC0 | (code >> 6));
		to[(*length)++] = (char) (0x80 | (code & 0x3F));
	}
	else if (code < 0x10000)
	{
		to[(*length)++] = (char) (0xE0 | (code >> 12));
		to[(*length)++] = (char) (0x80 | ((code >> 6) & 0x3F));
		to[(*length)++] = (char) (0x80 | (code & 0x3F));
	}
	else
	{
		to[(*length)++] = (char) (0xF0 | (code >> 18));
		to[(*length)++] = (char) (0x80 | ((code >> 12) & 0x3F));
		to[(*length)++] = (char) (0x80 | ((code >> 6) & 0x3F));
		to[(*length)++] = (char) (0x80 | (code & 0x3F));
	}
}

/* How many bytes the first four characters of a text have. */
static int
four_characters(const char *text, size_t length)
{
	WfPathParser part = {.text = text, .size = length};

	return wf_path_characters(&part, 0, 4);
}

/* Undoes \uXXXX, or two of them that are one character, behind the first u.  Halves and NUL stand for nothing we can hold. */
static bool
unescape_unicode(WfPathParser *parser, const char *text, size_t length, size_t *from, char *to, size_t *to_length)
{
	int			code,
				second = -1;

	if (length - *from < 4)
	{
		*from = length;
		return true;			/* cut off: the library drops it */
	}
	code = read_unit(text + *from);
	if (code < 0)
		return wf_path_complain(parser, "com.jayway.jsonpath.JsonPathException: Unable to parse unicode value: %.*s",
								four_characters(text + *from, length - *from), text + *from);
	*from += 4;
	if (code >= 0xD800 && code < 0xDC00 && length - *from >= 6 && text[*from] == '\\' && text[*from + 1] == 'u')
		second = read_unit(text + *from + 2);
	if (second >= 0xDC00 && second < 0xE000)
	{
		code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
		*from += 6;
	}
	if (code == 0 || (code >= 0xD800 && code <= 0xDFFF))
		return wf_path_complain(parser, "no name or text can hold the character \\u%04x", (unsigned) code);
	write_character(to, to_length, (unsigned) code);
	return true;
}

char *
wf_path_unescape(WfPathParser *parser, const char *text, size_t length, char kept, size_t *result_length)
{
	char	   *result = malloc(length + 1);	/* undone escapes are never longer than they were */
	size_t		from = 0;

	if (result == NULL)
	{
		wf_error_no_memory(parser->error);
		return NULL;
	}
	*result_length = 0;
	while (from < length)
	{
		char		c = text[from++];

		if (c == '\\' && from < length)
		{
			c = text[from++];
			if (c == 'u')
			{
				if (!unescape_unicode(parser, text, length, &from, result, result_length))
				{
					free(result);
					return NULL;
				}
				continue;
			}
			if (c == kept && c != '\0')
				result[(*result_length)++] = '\\';
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
		}
		result[(*result_length)++] = c;
	}
	result[*result_length] = '\0';
	return result;
}

/* Digits, at least one, with a point perhaps, and an exponent perhaps. */
json_t *
wf_path_read_number(const char *text, size_t length, bool *valid, WfError *error)
{
	size_t		i = length > 0 && (text[0] == '-' || text[0] == '+');
	size_t		digits = 0;
	bool		integer = true;
	char	   *copy;
	json_t	   *number;

	*valid = false;
	for (; i < length && (isdigit((unsigned char) text[i]) || (text[i] == '.' && integer)); i++)
	{
		digits += text[i] != '.';
		integer = integer && text[i] != '.';
	}
	if (digits == 0)
		return NULL;
	if (i < length && (text[i] == 'e' || text[i] == 'E'))
	{
		integer = false;
		i++;
		if (i < length && (text[i] == '-' || text[i] == '+'))
			i++;
		digits = 0;
		for (; i < length && isdigit((unsigned char) text[i]); i++)
			digits++;
	}
	if (i < length || digits == 0)
		return NULL;

	/* number.c reads JSON's numbers, which have no plus sign, and its reals by strtod, which takes .5 and 5. as well */
	copy = malloc(length + 1);
	if (copy == NULL)
	{
		wf_error_no_memory(error);
		return NULL;
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	number = wf_number_read(copy + (text[0] == '+'), length - (text[0] == '+'), integer, error);
	free(copy);
	*valid = number != NULL;
	return number;
}

static json_t *read_permissive(WfPathParser *parser, int depth);

static void
skip_space(WfPathParser *parser)
{
	while (parser->at < parser->length && isspace((unsigned char) parser->text[parser->at]))
		parser->at++;
}

/* 'a' or "a"; new, or NULL on error */
static json_t *
read_permissive_text(WfPathParser *parser)
{
	size_t		start = parser->at + 1;
	size_t		end = wf_path_find_unescaped(parser, parser->at, parser->text[parser->at]);
	size_t		length;
	char	   *text;
	json_t	   *value;

	if (end >= parser->length)
	{
		wf_path_complain(parser, "Unexpected End Of File position %d", wf_path_position(parser, parser->length));
		return NULL;
	}
	text = wf_path_unescape(parser, parser->text + start, end - start, '\0', &length);
	if (text == NULL)
		return NULL;
	value = json_stringn_nocheck(text, length);
	free(text);
	if (value == NULL)
		wf_error_no_memory(parser->error);
	parser->at = end + 1;
	return value;
}

/* What is not in quotes: a number, true, false, null, or a text as it stands. */
static json_t *
read_permissive_word(WfPathParser *parser, const char *ends)
{
	static const struct
	{
		const char *word;
		json_t	   *(*make) (void);
	}			words[] = {{"true", json_true}, {"false", json_false}, {"null", json_null}};
	size_t		start = parser->at;
	size_t		end;
	bool		valid;
	json_t	   *value;
	WfError		problem = WF_ERROR_NONE;

	while (parser->at < parser->length && (parser->text[parser->at] == '\0' || strchr(ends, parser->text[parser->at]) == NULL))
		parser->at++;
	if (parser->at == start)
	{
		wf_path_complain(parser, "Unexpected character at position %d", wf_path_position(parser, start));
		return NULL;
	}
	end = parser->at;
	while (end > start && isspace((unsigned char) parser->text[end - 1]))
		end--;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
	{
		if (strlen(words[i].word) == end - start && memcmp(words[i].word, parser->text + start, end - start) == 0)
			return words[i].make();
	}
	value = wf_path_read_number(parser->text + start, end - start, &valid, &problem);
	if (value == NULL && problem.code != WF_OUT_OF_MEMORY)
	{
		wf_error_clear(&problem);
		value = json_stringn_nocheck(parser->text + start, end - start);
	}
	if (value == NULL)
		wf_error_no_memory(parser->error);
	wf_error_clear(&problem);
	return value;
}

/* The items of a list or the members of an object, behind the opening bracket; empty ones are passed over. */
static json_t *
read_permissive_items(WfPathParser *parser, char close, json_t *container, int depth)
{
	while (container != NULL)
	{
		json_t	   *key = NULL;
		json_t	   *item;
		bool		added;

		skip_space(parser);
		if (parser->at >= parser->length)
		{
			wf_path_complain(parser, "Unexpected End Of File position %d", wf_path_position(parser, parser->length));
			json_decref(container);
			return NULL;
		}
		if (parser->text[parser->at] == close || parser->text[parser->at] == ',')
		{
			if (parser->text[parser->at++] == close)
				return container;
			continue;
		}
		if (close == '}')
		{
			char		c = parser->text[parser->at];

			key = c == '"' || c == '\'' ? read_permissive_text(parser) : read_permissive_word(parser, ":,}");
			skip_space(parser);
			if (key != NULL && (!json_is_string(key) || wf_path_peek(parser) != ':'))
			{
				wf_path_complain(parser, "Unexpected character at position %d", wf_path_position(parser, parser->at));
				json_decref(key);
				key = NULL;
			}
			if (key == NULL)
			{
				json_decref(container);
				return NULL;
			}
			parser->at++;
		}
		item = read_permissive(parser, depth + 1);
		added = item != NULL && (close == '}' ? json_object_setn_new_nocheck(container, json_string_value(key), json_string_length(key), item) == 0
								 : json_array_append_new(container, item) == 0);
		json_decref(key);
		if (!added)
		{
			if (item != NULL)
				wf_error_no_memory(parser->error);
			json_decref(container);
			return NULL;
		}
	}
	wf_error_no_memory(parser->error);
	return NULL;
}

static json_t *
read_permissive(WfPathParser *parser, int depth)
{
	skip_space(parser);
	if (depth > WF_JSON_MAX_DEPTH / 2)
	{
		wf_path_complain(parser, "the path is nested too deeply");
		return NULL;
	}
	switch (wf_path_peek(parser))
	{
		case '"':
		case '\'':
			return read_permissive_text(parser);
		case '[':
			parser->at++;
			return read_permissive_items(parser, ']', json_array(), depth);
		case '{':
			parser->at++;
			return read_permissive_items(parser, '}', wf_json_object(), depth);
		default:
			return read_permissive_word(parser, depth > 0 ? ",]}" : "");
	}
}

json_t *
wf_path_read_json(WfPathParser *outer, const char *text, size_t length)
{
	WfPathParser parser = {.text = text, .size = length, .length = length, .error = outer->error};

	return read_permissive(&parser, 0);
}
