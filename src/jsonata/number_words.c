/*
 * number_words.c - numbers in English words; see number_words.h.
 *
 * There is no greater word than trillion: a million trillions are "one million trillion".
 */
#include "jsonata/number_words.h"

#include <math.h>
#include <string.h>

typedef struct Word
{
	double		number;
	const char *cardinal;
	const char *ordinal;
} Word;

static const Word words[] = {
	{0, "zero", "zeroth"}, {1, "one", "first"}, {2, "two", "second"}, {3, "three", "third"}, {4, "four", "fourth"},
	{5, "five", "fifth"}, {6, "six", "sixth"}, {7, "seven", "seventh"}, {8, "eight", "eighth"}, {9, "nine", "ninth"},
	{10, "ten", "tenth"}, {11, "eleven", "eleventh"}, {12, "twelve", "twelfth"}, {13, "thirteen", "thirteenth"},
	{14, "fourteen", "fourteenth"}, {15, "fifteen", "fifteenth"}, {16, "sixteen", "sixteenth"},
	{17, "seventeen", "seventeenth"}, {18, "eighteen", "eighteenth"}, {19, "nineteen", "nineteenth"},
	{20, "twenty", "twentieth"}, {30, "thirty", "thirtieth"}, {40, "forty", "fortieth"}, {50, "fifty", "fiftieth"},
	{60, "sixty", "sixtieth"}, {70, "seventy", "seventieth"}, {80, "eighty", "eightieth"}, {90, "ninety", "ninetieth"},
	{100, "hundred", "hundredth"}, {1e3, "thousand", "thousandth"}, {1e6, "million", "millionth"},
	{1e9, "billion", "billionth"}, {1e12, "trillion", "trillionth"},
};

#define N_WORDS (sizeof(words) / sizeof(*words))

/* --- writing --- */

static bool
put(WfBuffer *out, const char *text)
{
	return wf_buffer_add(out, text, strlen(text));
}

/* The greatest word that is no more than a number. */
static const Word *
greatest_word(double number)
{
	const Word *word = &words[N_WORDS - 1];

	while (word > words && word->number > number)
		word--;
	return word;
}

/* continued: words of a greater part stand before it */
static bool
write_words(double number, bool ordinal, bool continued, WfBuffer *out)
{
	const Word *word = greatest_word(number);
	double		count = floor(number / word->number);
	double		rest = word->number > 0 ? number - count * word->number : 0;

	if (continued && !put(out, number < 100 ? " and " : ", "))
		return false;
	if (word->number >= 100 && !(write_words(count, false, false, out) && put(out, " ")))
		return false;
	if (!put(out, ordinal && !(rest > 0) ? word->ordinal : word->cardinal))
		return false;
	if (!(rest > 0))
		return true;
	if (word->number < 100)
		return put(out, "-") && write_words(rest, ordinal, false, out);
	return write_words(rest, ordinal, true, out);
}

bool
wf_number_words_write(double number, bool ordinal, WfBuffer *out)
{
	return write_words(number, ordinal, false, out);
}

/* --- reading --- */

static bool
is_word(WfString text, const char *word)
{
	if (strlen(word) != text.length)
		return false;
	for (size_t i = 0; i < text.length; i++)
		if ((text.text[i] >= 'A' && text.text[i] <= 'Z' ? text.text[i] + 'a' - 'A' : text.text[i]) != word[i])
			return false;
	return true;
}

double
wf_number_word(WfString word)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (is_word(word, words[i].cardinal) || is_word(word, words[i].ordinal))
			return words[i].number;
	return -1;
}

/* A blank at a place, as JavaScript knows them; its length, 0 for none. */
static size_t
blank_length(const char *at, const char *end)
{
	const char *next = at;
	uint32_t	character;

	if (at == end)
		return 0;
	character = wf_character_next(&next, end);
	if ((character >= 9 && character <= 13) || character == ' ' || character == 0xA0 || character == 0x1680 ||
		(character >= 0x2000 && character <= 0x200A) || character == 0x2028 || character == 0x2029 || character == 0x202F ||
		character == 0x205F || character == 0x3000 || character == 0xFEFF)
		return (size_t) (next - at);
	return 0;
}

/* What parts words: a blank, a hyphen, a comma and a blank, an "and" between blanks.  Its length, 0 for none. */
static size_t
gap_length(const char *at, const char *end)
{
	size_t		blank = blank_length(at, end);
	size_t		second;

	if (blank > 0)
	{
		const char *word = at + blank;

		if (end - word > 3 && is_word((WfString) {word, 3}, "and") && (second = blank_length(word + 3, end)) > 0)
			return blank + 3 + second;
		return blank;
	}
	if (*at == '-' || *at == '\\')
		return 1;
	if (*at == ',' && (blank = blank_length(at + 1, end)) > 0)
		return blank + 1;
	return 0;
}

/* Adds up what has been said: a word below a hundred begins anew behind a thousand, a greater one multiplies. */
double
wf_number_words_read(WfString text)
{
	const char *end = text.text + text.length;
	const char *word = text.text;
	double		sum = 0,
				part = 0;

	for (const char *at = text.text;; at++)
	{
		size_t		gap = at < end ? gap_length(at, end) : 0;
		double		number;

		if (at < end && gap == 0)
			continue;
		number = wf_number_word((WfString) {word, (size_t) (at - word)});
		if (number < 0)
			return NAN;
		if (number >= 100)
			part *= number;
		else if (part >= 1000)
		{
			sum += part;
			part = number;
		}
		else
			part += number;
		if (at == end)
			return sum + part;
		word = at + gap;
		at = word - 1;
	}
}
