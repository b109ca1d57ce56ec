/*
 * intrinsic_string.c - the intrinsic functions over strings.
 */
#include "asl/intrinsic_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/digest.h"
#include "json/growing_text.h"
#include "json/java.h"

/* What Base64 and Hash take, in Java's characters. */
#define MAX_CHARACTERS 10000

static bool
is_short(const char *text, size_t length)
{
	return wf_java_length(text, length) <= MAX_CHARACTERS;
}

static bool
is_short_string(const json_t *value)
{
	return json_is_string(value) && is_short(json_string_value(value), json_string_length(value));
}

/* --- Format --- */

typedef struct Format
{
	WfCall	   *call;
	WfText		text;			/* what has been written */
	int			used;			/* arguments */
} Format;

static bool
write_text(Format *format, const char *text, size_t n)
{
	return wf_text_add(&format->text, text, n) || wf_call_no_memory(format->call) != NULL;
}

static bool
write_argument(Format *format)
{
	size_t		length;
	char	   *text;
	bool		good;

	if (++format->used >= format->call->term->n)
		return true;			/* to be complained of at the end */
	text = wf_call_text(format->call, format->used, &length);
	good = text != NULL && write_text(format, text, length);
	free(text);
	return good;
}

static bool
refuse_template(Format *format, const char *what)
{
	return wf_error_set(format->call->error, WF_STATES_RUNTIME, "Invalid template in States.Format: %s", what);
}

/* A backslash takes the meaning from a brace or a backslash behind it. */
static bool
fill_template(Format *format, const char *template_, size_t length)
{
	const char *end = template_ + length;

	for (const char *at = template_; at < end; at++)
	{
		if (*at == '\\' && at + 1 < end && strchr("{}\\", at[1]) != NULL && at[1] != '\0')
			at++;
		else if (*at == '{')
		{
			if (at + 1 == end || at[1] != '}')
				return refuse_template(format, "matching '}' not found for '{'.");
			at++;
			if (!write_argument(format))
				return false;
			continue;
		}
		else if (*at == '}')
			return refuse_template(format, "matching '{' not found for '}'.");
		if (!write_text(format, at, 1))
			return false;
	}
	if (format->used + 1 == format->call->term->n)
		return true;
	return wf_call_complain(format->call, "number of arguments do not match the occurrences of {}.") != NULL;
}

json_t *
wf_intrinsic_format(WfCall *call)
{
	Format		format = {.call = call};
	size_t		length;
	char	   *template_ = wf_call_text(call, 0, &length);
	json_t	   *string = NULL;

	if (template_ != NULL && fill_template(&format, template_, length))
		string = wf_call_give(call, json_stringn_nocheck(format.text.data != NULL ? format.text.data : "", format.text.length));
	free(template_);
	free(format.text.data);
	return string;
}

/* --- StringSplit --- */

/* The character at a place; *length: how many bytes it takes. */
static uint32_t
character_at(const char *at, size_t *length)
{
	unsigned char first = (unsigned char) at[0];
	uint32_t	character = first < 0x80 ? first : first & (first >= 0xF0 ? 0x07 : first >= 0xE0 ? 0x0F : 0x1F);

	for (*length = 1; ((unsigned char) at[*length] & 0xC0) == 0x80; ++*length)
		character = character << 6 | ((unsigned char) at[*length] & 0x3F);
	return character;
}

/* The characters of a string: a bit for each up to the last one.  Both strings may be long: they are not to be searched. */
typedef struct Characters
{
	unsigned char *bits;
	uint32_t	last;
} Characters;

static bool
collect_characters(Characters *characters, const json_t *string)
{
	const char *end = json_string_value(string) + json_string_length(string);
	size_t		n;

	characters->last = 0;
	for (const char *at = json_string_value(string); at < end; at += n)
	{
		uint32_t	character = character_at(at, &n);

		if (character > characters->last)
			characters->last = character;
	}
	characters->bits = calloc(characters->last / 8 + 1, 1);
	if (characters->bits == NULL)
		return false;
	for (const char *at = json_string_value(string); at < end; at += n)
	{
		uint32_t	character = character_at(at, &n);

		characters->bits[character / 8] |= (unsigned char) (1 << character % 8);
	}
	return true;
}

static bool
is_among(const Characters *characters, uint32_t character)
{
	return character <= characters->last && (characters->bits[character / 8] >> character % 8 & 1) != 0;
}

/* Every character of the second string separates; empty parts are left out. */
json_t *
wf_intrinsic_string_split(WfCall *call)
{
	json_t	   *string = call->values[0];
	json_t	   *delimiters = call->values[1];
	json_t	   *parts;
	Characters	separators;
	const char *at,
			   *end,
			   *part;
	unsigned	work = 0;

	if (!json_is_string(string) || !json_is_string(delimiters))
		return wf_call_invalid(call);
	if (!collect_characters(&separators, delimiters))
		return wf_call_no_memory(call);
	parts = json_array();
	if (parts == NULL)
	{
		free(separators.bits);
		return wf_call_no_memory(call);
	}
	part = at = json_string_value(string);
	end = at + json_string_length(string);
	for (;;)
	{
		size_t		n = 0;

		if (!wf_call_goes_on(call, &work))
			break;
		if (at == end || is_among(&separators, character_at(at, &n)))
		{
			if (at > part && json_array_append_new(parts, json_stringn_nocheck(part, (size_t) (at - part))) != 0)
			{
				wf_call_no_memory(call);
				break;
			}
			if (at == end)
			{
				free(separators.bits);
				return parts;
			}
			part = at + n;
		}
		at += n;
	}
	free(separators.bits);
	json_decref(parts);
	return NULL;
}

/* --- Base64 and Hash --- */

json_t *
wf_intrinsic_base64_encode(WfCall *call)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *bytes;
	size_t		length,
				n = 0;
	char	   *text;
	json_t	   *string;

	if (!is_short_string(call->values[0]))
		return wf_call_invalid(call);
	bytes = (const unsigned char *) json_string_value(call->values[0]);
	length = json_string_length(call->values[0]);
	text = malloc((length + 2) / 3 * 4 + 1);
	if (text == NULL)
		return wf_call_no_memory(call);
	for (size_t i = 0; i < length; i += 3)
	{
		size_t		left = length - i;
		unsigned	three = (unsigned) bytes[i] << 16 | (left > 1 ? (unsigned) bytes[i + 1] << 8 : 0) |
			(left > 2 ? bytes[i + 2] : 0);

		text[n++] = alphabet[three >> 18];
		text[n++] = alphabet[three >> 12 & 63];
		text[n++] = left > 1 ? alphabet[three >> 6 & 63] : '=';
		text[n++] = left > 2 ? alphabet[three & 63] : '=';
	}
	string = json_stringn_nocheck(text, n);
	free(text);
	return wf_call_give(call, string);
}

/* The six bits that a character stands for; -1: none.  The alphabet for URLs is understood, too. */
static int
base64_value(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 :
		c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/*
 * The service's decoder refuses nothing: it leaves out what it does not know, ends at the first =, and needs none.  Bytes
 * that are no UTF-8 become U+FFFD.
 */
json_t *
wf_intrinsic_base64_decode(WfCall *call)
{
	const char *text;
	size_t		length,
				n = 0;
	unsigned	bits = 0;
	int			n_bits = 0;
	unsigned char *bytes;
	json_t	   *string;

	if (!is_short_string(call->values[0]))
		return wf_call_invalid(call);
	text = json_string_value(call->values[0]);
	length = json_string_length(call->values[0]);
	bytes = malloc(length + 1);
	if (bytes == NULL)
		return wf_call_no_memory(call);
	for (size_t i = 0; i < length && text[i] != '='; i++)
	{
		int			value = base64_value(text[i]);

		if (value < 0)
			continue;
		bits = bits << 6 | (unsigned) value;
		n_bits += 6;
		if (n_bits >= 8)
		{
			n_bits -= 8;
			bytes[n++] = (unsigned char) (bits >> n_bits);
		}
	}
	if (memchr(bytes, '\0', n) != NULL)
	{
		free(bytes);
		return wf_call_complain(call, "the character \\u0000 is not supported");
	}
	string = wf_java_decode_utf8(bytes, n);
	free(bytes);
	return wf_call_give(call, string);
}

/* Anything is hashed, what is no string by its text.  The names of the algorithms are to be spelled exactly so. */
json_t *
wf_intrinsic_hash(WfCall *call)
{
	const json_t *algorithm = call->values[1];
	WfHashResult result = WF_HASH_UNKNOWN;
	char		hex[WF_HASH_SIZE];
	size_t		hex_length;
	size_t		length;
	char	   *text;

	if (!json_is_string(algorithm))
		return wf_call_invalid(call);
	text = wf_call_text(call, 0, &length);
	if (text == NULL)
		return NULL;
	if (is_short(text, length))
		result = wf_hash(text, length, json_string_value(algorithm), json_string_length(algorithm), NULL, hex, &hex_length);
	free(text);
	if (result == WF_HASH_UNKNOWN)
		return wf_call_invalid(call);
	if (result == WF_HASH_UNAVAILABLE)
		return wf_call_complain(call, "the algorithm is not available on this machine");
	return wf_call_give(call, json_stringn_nocheck(hex, hex_length));
}

/* --- UUID --- */

json_t *
wf_intrinsic_uuid(WfCall *call)
{
	const WfHost *host = call->scope->host;
	unsigned char bytes[16];
	char		text[WF_UUID_SIZE];

	if (!host->random_bytes(host->arg, bytes, sizeof(bytes)))
		return wf_call_complain(call, "the machine has no random numbers to give");
	wf_uuid_write(bytes, text);
	return wf_call_give(call, json_stringn_nocheck(text, sizeof(text)));
}
