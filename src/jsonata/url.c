/*
 * url.c - $encodeUrl, $encodeUrlComponent and their reverses: JavaScript's encodeURI() and its kin.
 */
#include <string.h>

#include "jsonata/text.h"

/* What delimits the parts of a URL: kept by those functions that take a whole one. */
static const char delimiters[] = ";/?:@&=+$,#";

static bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static bool
is_kept(char c, bool component)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || is_one_of(c, "-_.!~*'()") ||
		(!component && is_one_of(c, delimiters));
}

bool
wf_url_encode(WfString string, bool component, WfBuffer *out)
{
	static const char hex[] = "0123456789ABCDEF";
	const char *end = string.text + string.length;

	for (const char *at = string.text; at < end;)
	{
		const char *start = at;
		uint32_t	character = wf_character_next(&at, end);

		if (WF_IS_SURROGATE(character))
			return wf_fault_string(out->fault, "D3140", string);
		for (; start < at; start++)
		{
			unsigned char byte = (unsigned char) *start;

			if (!(is_kept(*start, component) ? wf_buffer_add(out, start, 1) :
				  wf_buffer_add(out, (char[]) {'%', hex[byte >> 4], hex[byte & 15]}, 3)))
				return false;
		}
	}
	return true;
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that %XX at a place stands for; -1: there is none. */
static int
escaped_byte(const char *at, const char *end)
{
	if (end - at < 3 || at[0] != '%' || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0)
		return -1;
	return hex_digit(at[1]) << 4 | hex_digit(at[2]);
}

/* Reads the escapes of one character into bytes; returns how many, 0 if they are no UTF-8. */
static size_t
escaped_character(const char *at, const char *end, char *bytes)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	int			byte = escaped_byte(at, end);
	size_t		n = byte < 0 ? 0 : byte < 0x80 ? 1 : byte >= 0xF8 ? 0 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 0;
	uint32_t	character;

	for (size_t i = 0; i < n; i++)
	{
		byte = escaped_byte(at + 3 * i, end);
		if (byte < 0 || (i > 0 && (byte & 0xC0) != 0x80))
			return 0;
		bytes[i] = (char) byte;
	}
	if (n < 2)
		return n;
	character = wf_character_next(&(const char *) {bytes}, bytes + n);
	return character < smallest[n] || character > 0x10FFFF || WF_IS_SURROGATE(character) ? 0 : n;
}

bool
wf_url_decode(WfString string, bool component, WfBuffer *out)
{
	const char *end = string.text + string.length;
	size_t		n;

	for (const char *at = string.text; at < end; at += n)
	{
		char		bytes[4];
		size_t		length;
		bool		good;

		n = 1;
		if (*at != '%')
			good = wf_buffer_add(out, at, 1);
		else if ((length = escaped_character(at, end, bytes)) == 0)
			return wf_fault_string(out->fault, "D3140", string);
		else
		{
			n = 3 * length;
			good = !component && is_one_of(bytes[0], delimiters) ? wf_buffer_add(out, at, n) : wf_buffer_add(out, bytes, length);
		}
		if (!good)
			return false;
	}
	return true;
}
