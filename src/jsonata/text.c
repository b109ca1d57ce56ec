/*
 * text.c - JSONata's functions over strings that need no regular expression; see text.h.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE				/* memmem, whose time is linear */
#endif
#include <math.h>
#include <string.h>

#include "jsonata/text.h"

static bool
begins_character(char byte)
{
	return ((unsigned char) byte & 0xC0) != 0x80;
}

size_t
wf_string_characters(WfString string)
{
	size_t		n = 0;

	for (size_t i = 0; i < string.length; i++)
		n += begins_character(string.text[i]);
	return n;
}

size_t
wf_string_units(WfString string)
{
	size_t		n = 0;

	for (size_t i = 0; i < string.length; i++)
		n += begins_character(string.text[i]) + ((unsigned char) string.text[i] >= 0xF0);
	return n;
}

/* Where the n-th character behind a place begins; no farther than the end. */
static size_t
skip_characters(WfString string, size_t at, double n)
{
	for (; n > 0 && at < string.length; n--)
		for (at++; at < string.length && !begins_character(string.text[at]);)
			at++;
	return at;
}

WfString
wf_string_substring(WfString string, double start, const double *length)
{
	double		characters = (double) wf_string_characters(string);
	double		end = characters;
	size_t		from,
				to;

	if (characters + start < 0)
		start = 0;
	if (length != NULL)
		end = *length <= 0 ? 0 : trunc((start >= 0 ? start : characters + start) + *length);
	start = trunc(start);
	if (start < 0)
		start += characters;
	if (!(start < end))
		return (WfString) {string.text, 0};
	from = skip_characters(string, 0, start);
	to = end < characters ? skip_characters(string, from, end - start) : string.length;
	return (WfString) {string.text + from, to - from};
}

bool
wf_string_find(WfString string, size_t from, WfString what, size_t *at)
{
	const char *found;

	if (from > string.length)
		return false;
	if (what.length == 0)
	{
		*at = from;
		return true;
	}
	if (from == string.length)
		return false;
	found = memmem(string.text + from, string.length - from, what.text, what.length);
	if (found == NULL)
		return false;
	*at = (size_t) (found - string.text);
	return true;
}

WfString
wf_string_before(WfString string, WfString what)
{
	size_t		at;

	return wf_string_find(string, 0, what, &at) ? (WfString) {string.text, at} : string;
}

WfString
wf_string_after(WfString string, WfString what)
{
	size_t		at;

	if (!wf_string_find(string, 0, what, &at))
		return string;
	at += what.length;
	return (WfString) {string.text + at, string.length - at};
}

bool
wf_string_trim(WfString string, WfBuffer *out)
{
	static const char blanks[] = {' ', '\t', '\n', '\r'};
	size_t		word = 0;
	bool		first = true;

	for (size_t i = 0; i <= string.length; i++)
	{
		if (i < string.length && memchr(blanks, string.text[i], sizeof(blanks)) == NULL)
			continue;
		if (i > word)
		{
			if ((!first && !wf_buffer_add(out, " ", 1)) || !wf_buffer_add(out, string.text + word, i - word))
				return false;
			first = false;
		}
		word = i + 1;
	}
	return true;
}

bool
wf_string_pad(WfString string, double width, WfString with, WfBuffer *out)
{
	double		missing = trunc(fabs(width)) - (double) wf_string_characters(string);
	size_t		n = with.length == 0 ? 1 : wf_string_characters(with);
	bool		left = width < 0;

	if (!(missing > 0))
		return wf_buffer_add_string(out, string);
	if (missing > (double) out->limit)
		return wf_fault_kind(out->fault, WF_FAULT_TOO_LARGE);
	if (with.length == 0)
		with = WF_STRING(" ");
	return (left || wf_buffer_add_string(out, string)) &&
		wf_buffer_repeat(out, with, (size_t) missing / n) &&
		wf_buffer_add(out, with.text, skip_characters(with, 0, (double) ((size_t) missing % n))) &&
		(!left || wf_buffer_add_string(out, string));
}

/* By units: a character beyond 0xFFFF begins with a surrogate, and so stands before U+E000 … U+FFFF. */
int
wf_string_compare(WfString a, WfString b)
{
	const char *at_a = a.text,
			   *at_b = b.text,
			   *end_a = a.text + a.length,
			   *end_b = b.text + b.length;

	while (at_a < end_a && at_b < end_b)
	{
		uint32_t	character_a = wf_character_next(&at_a, end_a);
		uint32_t	character_b = wf_character_next(&at_b, end_b);

		if (character_a == character_b)
			continue;
		if (character_a > 0xFFFF && character_b > 0xDFFF && character_b <= 0xFFFF)
			return -1;
		if (character_b > 0xFFFF && character_a > 0xDFFF && character_a <= 0xFFFF)
			return 1;
		return character_a < character_b ? -1 : 1;
	}
	return (at_a < end_a) - (at_b < end_b);
}
