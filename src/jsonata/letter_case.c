/*
 * letter_case.c - $uppercase and $lowercase: as toUpperCase() and toLowerCase() have it in JavaScript, without regard to any
 * country's language.
 */
#include <string.h>

#include "jsonata/text.h"

typedef struct Row
{
	uint32_t	first;
	uint32_t	last;
	int			step;
	int			distance;
} Row;

typedef struct LongRow
{
	uint32_t	character;
	const char *text;
} LongRow;

static const Row upper[] = {
#define WF_UPPER(first, last, step, distance) {first, last, step, distance},
#include "jsonata/letter_case.def"
};
static const LongRow upper_long[] = {
#define WF_UPPER_LONG(character, text) {character, text},
#include "jsonata/letter_case.def"
};
static const Row lower[] = {
#define WF_LOWER(first, last, step, distance) {first, last, step, distance},
#include "jsonata/letter_case.def"
};
static const LongRow lower_long[] = {
#define WF_LOWER_LONG(character, text) {character, text},
#include "jsonata/letter_case.def"
};
static const Row cased[] = {
#define WF_CASED(first, last) {first, last, 1, 0},
#include "jsonata/letter_case.def"
};
static const Row case_ignorable[] = {
#define WF_CASE_IGNORABLE(first, last) {first, last, 1, 0},
#include "jsonata/letter_case.def"
};

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

/* The row that a character stands in, or NULL. */
static const Row *
find_row(const Row *rows, size_t n, uint32_t character)
{
	while (n > 0)
	{
		const Row  *middle = &rows[n / 2];

		if (character < middle->first)
			n /= 2;
		else if (character > middle->last)
		{
			rows = middle + 1;
			n -= n / 2 + 1;
		}
		else
			return (character - middle->first) % (uint32_t) middle->step == 0 ? middle : NULL;
	}
	return NULL;
}

static const char *
find_long(const LongRow *rows, size_t n, uint32_t character)
{
	while (n > 0)
	{
		const LongRow *middle = &rows[n / 2];

		if (character < middle->character)
			n /= 2;
		else if (character > middle->character)
		{
			rows = middle + 1;
			n -= n / 2 + 1;
		}
		else
			return middle->text;
	}
	return NULL;
}

bool
wf_string_upper(WfString string, WfBuffer *out)
{
	const char *end = string.text + string.length;

	for (const char *at = string.text; at < end;)
	{
		uint32_t	character = wf_character_next(&at, end);
		const char *text;
		const Row  *row;

		if (character < 0x80)
		{
			if (character >= 'a' && character <= 'z')
				character -= 'a' - 'A';
		}
		else if ((text = find_long(upper_long, LENGTH(upper_long), character)) != NULL)
		{
			if (!wf_buffer_add(out, text, strlen(text)))
				return false;
			continue;
		}
		else if ((row = find_row(upper, LENGTH(upper), character)) != NULL)
			character += (uint32_t) row->distance;
		if (!wf_buffer_add_character(out, character))
			return false;
	}
	return true;
}

#define CAPITAL_SIGMA 0x3A3
#define SMALL_SIGMA 0x3C3
#define FINAL_SIGMA 0x3C2

static bool
is_cased(uint32_t character)
{
	return find_row(cased, LENGTH(cased), character) != NULL;
}

static bool
is_ignorable(uint32_t character)
{
	return find_row(case_ignorable, LENGTH(case_ignorable), character) != NULL;
}

/* True if a letter follows, not counting such marks as may stand within a word. */
static bool
letter_follows(const char *at, const char *end)
{
	while (at < end)
	{
		uint32_t	character = wf_character_next(&at, end);

		if (!is_ignorable(character))
			return is_cased(character);
	}
	return false;
}

bool
wf_string_lower(WfString string, WfBuffer *out)
{
	const char *end = string.text + string.length;
	bool		after_letter = false;

	for (const char *at = string.text; at < end;)
	{
		uint32_t	character = wf_character_next(&at, end);
		uint32_t	original = character;
		const char *text;
		const Row  *row;

		if (character < 0x80)
		{
			if (character >= 'A' && character <= 'Z')
				character += 'a' - 'A';
		}
		else if (character == CAPITAL_SIGMA)
			character = after_letter && !letter_follows(at, end) ? FINAL_SIGMA : SMALL_SIGMA;
		else if ((text = find_long(lower_long, LENGTH(lower_long), character)) != NULL)
		{
			if (!wf_buffer_add(out, text, strlen(text)))
				return false;
			after_letter = true;
			continue;
		}
		else if ((row = find_row(lower, LENGTH(lower), character)) != NULL)
			character += (uint32_t) row->distance;
		if (!is_ignorable(original))
			after_letter = is_cased(original);
		if (!wf_buffer_add_character(out, character))
			return false;
	}
	return true;
}
