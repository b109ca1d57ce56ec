/*
 * buffer.c - faults, the buffer with a limit, and characters of UTF-8; see buffer.h.
 */
#include "jsonata/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "jsonata/number_text.h"

/* --- faults --- */

void
wf_fault_clear(WfFault *fault)
{
	free(fault->value);
	*fault = (WfFault) {WF_FAULT_NONE, NULL, NULL};
}

bool
wf_fault_kind(WfFault *fault, WfFaultKind kind)
{
	wf_fault_clear(fault);
	fault->kind = kind;
	return false;
}

bool
wf_fault(WfFault *fault, const char *code)
{
	wf_fault_kind(fault, WF_FAULT_CODE);
	fault->code = code;
	return false;
}

/* A value in an error is for a person to read: a long one is cut. */
#define MAX_VALUE 1000

/* A string as JSON text; half a pair as its escape, so that the text is UTF-8. */
bool
wf_fault_string(WfFault *fault, const char *code, WfString value)
{
	static const char hex[] = "0123456789abcdef";
	WfFault		ignored = {WF_FAULT_NONE, NULL, NULL};
	WfBuffer	text = WF_BUFFER(SIZE_MAX, &ignored);
	const char *end = value.text + value.length;
	bool		good = wf_buffer_add(&text, "\"", 1);

	for (const char *at = value.text; good && at < end;)
	{
		static const char escaped[] = "\"\\\b\f\n\r\t";
		static const char letters[] = "\"\\bfnrt";
		uint32_t	character = wf_character_next(&at, end);
		const char *found = character != 0 && character < 0x80 ? strchr(escaped, (int) character) : NULL;

		if (text.length > MAX_VALUE)
		{
			good = wf_buffer_add(&text, "...", 3);
			break;
		}
		if (found != NULL)
			good = wf_buffer_add(&text, (char[]) {'\\', letters[found - escaped]}, 2);
		else if (character < 0x20 || WF_IS_SURROGATE(character))
			good = wf_buffer_add(&text, (char[]) {'\\', 'u', hex[character >> 12], hex[character >> 8 & 15],
								 hex[character >> 4 & 15], hex[character & 15]}, 6);
		else
			good = wf_buffer_add_character(&text, character);
	}
	good = good && wf_buffer_add(&text, "\"", 1);
	wf_fault(fault, code);
	if (good)
		fault->value = wf_buffer_take(&text, NULL);
	wf_buffer_free(&text);
	return fault->value != NULL ? false : wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
}

bool
wf_fault_number(WfFault *fault, const char *code, double value)
{
	char		text[WF_JS_NUMBER_SIZE];
	size_t		length = wf_js_number_write(value, text);

	wf_fault(fault, code);
	fault->value = malloc(length + 1);
	if (fault->value == NULL)
		return wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
	memcpy(fault->value, text, length);
	fault->value[length] = '\0';
	return false;
}

/* --- the buffer --- */

/* Room for so many bytes more, and a NUL. */
static bool
reserve(WfBuffer *buffer, size_t more)
{
	size_t		capacity;
	char	   *larger;

	if (more > buffer->limit - buffer->length)
		return wf_fault_kind(buffer->fault, WF_FAULT_TOO_LARGE);
	if (buffer->capacity > buffer->length + more)
		return true;
	capacity = buffer->length + more < 32 ? 64 : (buffer->length + more) * 2;
	larger = realloc(buffer->text, capacity);
	if (larger == NULL)
		return wf_fault_kind(buffer->fault, WF_FAULT_NO_MEMORY);
	buffer->text = larger;
	buffer->capacity = capacity;
	return true;
}

/* The halves of a surrogate pair, as three bytes each. */
static bool
is_half(const char *text, unsigned char lowest)
{
	return (unsigned char) text[0] == 0xED && ((unsigned char) text[1] & 0xF0) == lowest;
}

bool
wf_halves_meet(WfString a, WfString b)
{
	return b.length >= 3 && is_half(b.text, 0xB0) && a.length >= 3 && is_half(a.text + a.length - 3, 0xA0);
}

/* Puts one character in the place of a half at the end and a half that is to follow it. */
static bool
join_halves(WfBuffer *buffer, const char **text, size_t *length)
{
	const char *at = buffer->text + buffer->length - 3;
	uint32_t	high = wf_character_next(&at, at + 3);
	uint32_t	low = wf_character_next(text, *text + *length);

	*length -= 3;
	buffer->length -= 3;
	return wf_buffer_add_character(buffer, 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF));
}

bool
wf_buffer_add(WfBuffer *buffer, const char *text, size_t length)
{
	if (wf_halves_meet((WfString) {buffer->text, buffer->length}, (WfString) {text, length}) && !join_halves(buffer, &text, &length))
		return false;
	if (!reserve(buffer, length))
		return false;
	if (length > 0)
		memcpy(buffer->text + buffer->length, text, length);
	buffer->length += length;
	return true;
}

bool
wf_buffer_add_string(WfBuffer *buffer, WfString string)
{
	return wf_buffer_add(buffer, string.text, string.length);
}

bool
wf_buffer_add_character(WfBuffer *buffer, uint32_t character)
{
	char		text[4];

	return wf_buffer_add(buffer, text, wf_character_write(character, text));
}

bool
wf_buffer_repeat(WfBuffer *buffer, WfString string, size_t times)
{
	if (string.length == 0 || times == 0)
		return true;
	if (times > SIZE_MAX / string.length)
		return wf_fault_kind(buffer->fault, WF_FAULT_TOO_LARGE);
	if (!reserve(buffer, string.length * times))
		return false;
	for (; times > 0; times--)
	{
		memcpy(buffer->text + buffer->length, string.text, string.length);
		buffer->length += string.length;
	}
	return true;
}

char *
wf_buffer_take(WfBuffer *buffer, size_t *length)
{
	char	   *text;

	if (!reserve(buffer, 0))
		return NULL;
	text = buffer->text;
	text[buffer->length] = '\0';
	if (length != NULL)
		*length = buffer->length;
	buffer->text = NULL;
	buffer->length = buffer->capacity = 0;
	return text;
}

void
wf_buffer_free(WfBuffer *buffer)
{
	free(buffer->text);
	buffer->text = NULL;
	buffer->length = buffer->capacity = 0;
}

/* --- characters --- */

/* Strings are well-formed (whoever makes them sees to it); what is not is read byte by byte rather than beyond the end. */
uint32_t
wf_character_next(const char **at, const char *end)
{
	unsigned char first = (unsigned char) *(*at)++;
	uint32_t	character;
	int			more;

	if (first < 0xC0)
		return first;
	more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
	character = first & (0x3F >> more);
	for (; more > 0 && *at < end && ((unsigned char) **at & 0xC0) == 0x80; more--)
		character = character << 6 | ((unsigned char) *(*at)++ & 0x3F);
	return character;
}

size_t
wf_character_write(uint32_t character, char *text)
{
	if (character < 0x80)
	{
		text[0] = (char) character;
		return 1;
	}
	if (character < 0x800)
	{
		text[0] = (char) (0xC0 | character >> 6);
		text[1] = (char) (0x80 | (character & 0x3F));
		return 2;
	}
	if (character < 0x10000)
	{
		text[0] = (char) (0xE0 | character >> 12);
		text[1] = (char) (0x80 | (character >> 6 & 0x3F));
		text[2] = (char) (0x80 | (character & 0x3F));
		return 3;
	}
	text[0] = (char) (0xF0 | (character >> 18 & 7));
	text[1] = (char) (0x80 | (character >> 12 & 0x3F));
	text[2] = (char) (0x80 | (character >> 6 & 0x3F));
	text[3] = (char) (0x80 | (character & 0x3F));
	return 4;
}

bool
wf_string_equal(WfString a, WfString b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.text, b.text, a.length) == 0);
}
