/*
 * base64.c - $base64encode and $base64decode, over strings whose characters are bytes.
 */
#include "jsonata/text.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool
write_three(WfBuffer *out, uint32_t three, int n)
{
	return wf_buffer_add(out, (char[]) {alphabet[three >> 18 & 63], alphabet[three >> 12 & 63],
						 n > 1 ? alphabet[three >> 6 & 63] : '=', n > 2 ? alphabet[three & 63] : '='}, 4);
}

bool
wf_base64_encode(WfString string, WfBuffer *out)
{
	const char *end = string.text + string.length;
	uint32_t	three = 0;
	int			n = 0;

	for (const char *at = string.text; at < end;)
	{
		uint32_t	character = wf_character_next(&at, end);
		uint32_t	units[2] = {character, 0};
		int			n_units = 1;

		if (character > 0xFFFF)
		{
			n_units = 2;
			units[0] = (character - 0x10000) >> 10;
			units[1] = character - 0x10000;
		}
		for (int i = 0; i < n_units; i++)
		{
			three |= (units[i] & 0xFF) << (16 - 8 * n);
			if (++n < 3)
				continue;
			if (!write_three(out, three, 3))
				return false;
			three = 0;
			n = 0;
		}
	}
	return n == 0 || write_three(out, three, n);
}

/* The six bits that a character stands for; -1: none.  The alphabet for URLs is understood, too. */
static int
bits_of(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 :
		c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* What is no character of the alphabet is left out; the first = is the end. */
bool
wf_base64_decode(WfString string, WfBuffer *out)
{
	uint32_t	bits = 0;
	int			n_bits = 0;

	for (size_t i = 0; i < string.length && string.text[i] != '='; i++)
	{
		int			more = bits_of(string.text[i]);

		if (more < 0)
			continue;
		bits = bits << 6 | (uint32_t) more;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		if (!wf_buffer_add_character(out, bits >> n_bits & 0xFF))
			return false;
	}
	return true;
}
