/*
 * format_integer.c - $formatInteger and $parseInteger; see format_integer.h.
 */
#include "jsonata/format_integer.h"

#include <math.h>
#include <string.h>

#include "jsonata/number_text.h"
#include "jsonata/number_words.h"
#include "jsonata/text.h"

/* --- pictures --- */

/* The zeros of Unicode's families of decimal digits, as far as one unit of JavaScript's holds them. */
static const uint16_t zeros[] = {
	0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
	0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
	0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10
};

uint32_t
wf_digit_zero(uint32_t character)
{
	for (size_t i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
		if (character >= zeros[i] && character < (uint32_t) zeros[i] + 10)
			return zeros[i];
	return 0;
}

static const struct
{
	const char *picture;
	WfIntegerKind kind;
	WfLetterCase letter_case;
}			sequences[] = {
	{"a", WF_INTEGER_LETTERS, WF_CASE_LOWER}, {"A", WF_INTEGER_LETTERS, WF_CASE_UPPER},
	{"i", WF_INTEGER_ROMAN, WF_CASE_LOWER}, {"I", WF_INTEGER_ROMAN, WF_CASE_UPPER},
	{"w", WF_INTEGER_WORDS, WF_CASE_LOWER}, {"W", WF_INTEGER_WORDS, WF_CASE_UPPER}, {"Ww", WF_INTEGER_WORDS, WF_CASE_TITLE},
};

/* Groups that repeat: one separator, at a distance and all its multiples up to the last. */
static size_t
regular_distance(const WfIntegerFormat *format)
{
	size_t		distance = 0;

	for (size_t i = 0; i < format->n_groups; i++)
	{
		size_t		rest = format->groups[i].position;

		if (format->groups[i].separator != format->groups[0].separator)
			return 0;
		while (rest != 0)
		{
			size_t		next = distance % rest;

			distance = rest;
			rest = next;
		}
	}
	for (size_t i = 0; i < format->n_groups; i++)	/* in order, from the right */
		if (format->groups[i].position != distance * (i + 1))
			return 0;
	return distance;
}

/* A pattern of digits (mandatory), # (optional) and anything else (separators). */
static bool
read_decimal(WfIntegerFormat *format, WfFault *fault)
{
	const char *end = format->primary.text + format->primary.length;
	size_t		digits = 0;

	for (const char *at = format->primary.text; at < end;)
	{
		uint32_t	character = wf_character_next(&at, end);
		uint32_t	zero = wf_digit_zero(character);

		if (zero != 0)
		{
			if (format->zero != 0 && format->zero != zero)
				return wf_fault(fault, "D3131");
			format->zero = zero;
			format->min_digits++;
		}
		else if (character == '#')
			format->optional_digits++;
		else if (format->n_groups < WF_INTEGER_MAX_GROUPS)
			format->groups[format->n_groups++] = (struct WfIntegerGroup) {format->min_digits + format->optional_digits, character};
		else
			return true;
	}
	if (format->min_digits == 0)
		return true;
	format->kind = WF_INTEGER_DECIMAL;

	/* counted from the left until here */
	digits = format->min_digits + format->optional_digits;
	for (size_t i = 0; i < format->n_groups; i++)
		format->groups[i].position = digits - format->groups[i].position;
	for (size_t i = 0; i < format->n_groups / 2; i++)
	{
		struct WfIntegerGroup group = format->groups[i];

		format->groups[i] = format->groups[format->n_groups - 1 - i];
		format->groups[format->n_groups - 1 - i] = group;
	}
	format->regular = regular_distance(format);
	return true;
}

bool
wf_integer_format_read(WfIntegerFormat *format, WfString picture, WfFault *fault)
{
	size_t		length = picture.length;

	memset(format, 0, offsetof(WfIntegerFormat, groups));
	while (length > 0 && picture.text[length - 1] != ';')
		length--;
	format->ordinal = length > 0 && length < picture.length && picture.text[length] == 'o';
	format->primary = (WfString) {picture.text, length > 0 ? length - 1 : picture.length};

	for (size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++)
	{
		if (strlen(sequences[i].picture) != format->primary.length ||
			memcmp(sequences[i].picture, format->primary.text, format->primary.length) != 0)
			continue;
		format->kind = sequences[i].kind;
		format->letter_case = sequences[i].letter_case;
		return true;
	}
	return read_decimal(format, fault);
}

/* --- writing --- */

static const struct
{
	double		number;
	const char *letters;
}			roman[] = {
	{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"},
	{5, "v"}, {4, "iv"}, {1, "i"}
};

static bool
write_roman(double number, WfBuffer *out)
{
	for (size_t i = 0; i < sizeof(roman) / sizeof(*roman); i++)
	{
		double		times = floor(number / roman[i].number);

		if (times > (double) out->limit)
			return wf_fault_kind(out->fault, WF_FAULT_TOO_LARGE);
		if (!wf_buffer_repeat(out, (WfString) {roman[i].letters, strlen(roman[i].letters)}, (size_t) times))
			return false;
		number -= times * roman[i].number;
	}
	return true;
}

/* a … z, aa … */
static bool
write_letters(double number, WfBuffer *out)
{
	char		text[256];
	size_t		at = sizeof(text);

	for (; number > 0; number = floor((number - 1) / 26))
		text[--at] = (char) ('a' + (int) fmod(number - 1, 26));
	return wf_buffer_add(out, text + at, sizeof(text) - at);
}

/* So many separators stand to the right of which `digits` digits follow; written from left to right. */
static bool
write_separators(const WfIntegerFormat *format, size_t digits, WfBuffer *out)
{
	if (format->regular > 0)
		return digits == 0 || digits % format->regular != 0 ||
			wf_buffer_add_character(out, format->groups[0].separator);
	for (size_t i = format->n_groups; i-- > 0;)
		if (format->groups[i].position == digits && !wf_buffer_add_character(out, format->groups[i].separator))
			return false;
	return true;
}

static bool
write_decimal(const WfIntegerFormat *format, double number, WfBuffer *out)
{
	char		digits[WF_JS_NUMBER_SIZE];
	size_t		n = wf_js_number_write(number, digits);
	size_t		start = out->length;
	size_t		padding = format->min_digits > n ? format->min_digits - n : 0;
	const char *suffix = "th";

	for (size_t left = padding + n; left > 0; left--)
	{
		char		digit = left > n ? '0' : digits[n - left];

		if (!wf_buffer_add_character(out, digit >= '0' && digit <= '9' ? format->zero + (uint32_t) (digit - '0') :
									 (uint32_t) digit) ||
			!write_separators(format, left - 1, out))
			return false;
	}
	if (!format->ordinal)
		return true;
	if (out->length < start + 2 || out->text[out->length - 2] != '1')
		suffix = out->text[out->length - 1] == '1' ? "st" : out->text[out->length - 1] == '2' ? "nd" :
			out->text[out->length - 1] == '3' ? "rd" : "th";
	return wf_buffer_add(out, suffix, 2);
}

/* Letters of ASCII, in the buffer from a place on. */
static void
change_case(char *text, size_t length, WfLetterCase letter_case)
{
	bool		in_word = false;

	for (size_t i = 0; i < length; i++)
	{
		bool		is_letter = text[i] >= 'a' && text[i] <= 'z';
		bool		is_and = length - i >= 3 && memcmp(text + i, "and", 3) == 0 && (length - i == 3 || text[i + 3] == ' ');

		if (is_letter && (letter_case == WF_CASE_UPPER || (letter_case == WF_CASE_TITLE && !in_word && !is_and)))
			text[i] = (char) (text[i] - 'a' + 'A');
		in_word = is_letter;
	}
}

bool
wf_integer_format_write(const WfIntegerFormat *format, double number, WfBuffer *out)
{
	size_t		start;
	bool		good;

	number = floor(number);
	if (format->kind == WF_INTEGER_UNKNOWN)
		return wf_fault_string(out->fault, "D3130", format->primary);
	if (number < 0 && !wf_buffer_add(out, "-", 1))
		return false;
	number = fabs(number);
	start = out->length;
	switch (format->kind)
	{
		case WF_INTEGER_DECIMAL:
			return write_decimal(format, number, out);
		case WF_INTEGER_LETTERS:
			good = write_letters(number, out);
			break;
		case WF_INTEGER_ROMAN:
			good = write_roman(number, out);
			break;
		default:
			good = wf_number_words_write(number, format->ordinal, out);
			break;
	}
	if (good && out->length > start)
		change_case(out->text + start, out->length - start, format->letter_case);
	return good;
}

bool
wf_format_integer(double number, WfString picture, WfBuffer *out)
{
	WfIntegerFormat format;

	return wf_integer_format_read(&format, picture, out->fault) && wf_integer_format_write(&format, number, out);
}

/* --- reading --- */

/* A smaller numeral before a greater one is taken off. */
static double
read_roman(WfString text, bool any_case)
{
	static const char letters[] = "MDCLXVI";
	static const double values[] = {1000, 500, 100, 50, 10, 5, 1};
	double		sum = 0,
				greatest = 0;

	for (size_t i = text.length; i-- > 0;)
	{
		char		letter = text.text[i];
		const char *found;
		double		value;

		if (any_case && letter >= 'a' && letter <= 'z')
			letter = (char) (letter - 'a' + 'A');
		found = letter != '\0' ? strchr(letters, letter) : NULL;
		if (found == NULL)
			return NAN;
		value = values[found - letters];
		if (value < greatest)
			sum -= value;
		else
		{
			greatest = value;
			sum += value;
		}
	}
	return sum;
}

/* Digits of base 26, whatever characters they are. */
static double
read_letters(WfString text, char first)
{
	const char *at = text.text + text.length;
	double		sum = 0,
				factor = 1;

	while (at > text.text)
	{
		const char *next;

		do
			at--;
		while (at > text.text && ((unsigned char) *at & 0xC0) == 0x80);
		next = at;
		sum += ((double) wf_character_next(&next, text.text + text.length) - (first - 1)) * factor;
		factor *= 26;
	}
	return sum;
}

static bool
is_separator(const WfIntegerFormat *format, uint32_t character)
{
	if (format->regular > 0 || format->n_groups == 0)
		return format->regular > 0 && character == ',';
	for (size_t i = 0; i < format->n_groups; i++)
		if (format->groups[i].separator == character)
			return true;
	return false;
}

/* The text without separators and with ASCII's digits, as far as it could be a number. */
static bool
collect_digits(const WfIntegerFormat *format, WfString text, WfBuffer *digits)
{
	const char *end = text.text + text.length;

	if (format->ordinal)
		end = text.length >= 2 ? end - 2 : text.text;	/* st, nd, rd, th */
	for (const char *at = text.text; at < end;)
	{
		uint32_t	character = wf_character_next(&at, end);

		if (is_separator(format, character))
			continue;
		if (character >= format->zero && character < format->zero + 10)
			character = character - format->zero + '0';
		else if (format->zero != '0')
			break;
		if (!wf_buffer_add_character(digits, character))
			return false;
	}
	return wf_buffer_add(digits, "", 1);
}

/* parseInt(): blanks, a sign, digits or 0x and digits; what follows does not matter. */
static double
parse_int(const char *text)
{
	bool		negative;
	double		number;
	WfString	digits;

	text += strspn(text, " \t\n\v\f\r");
	while (memcmp(text, "\xC2\xA0", text[0] != '\0' ? 2 : 1) == 0)
		text += 2;
	text += strspn(text, " \t\n\v\f\r");
	negative = *text == '-';
	text += *text == '-' || *text == '+';
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		digits = (WfString) {text, 2 + strspn(text + 2, "0123456789abcdefABCDEF")};
	else
		digits = (WfString) {text, strspn(text, "0123456789")};
	if (!wf_js_number_read(digits, &number))
		return NAN;
	return negative ? -number : number;
}

bool
wf_integer_format_parse(const WfIntegerFormat *format, WfString text, double *number, WfFault *fault)
{
	WfBuffer	digits = WF_BUFFER(SIZE_MAX, fault);
	bool		good = true;

	switch (format->kind)
	{
		case WF_INTEGER_UNKNOWN:
			return wf_fault_string(fault, "D3130", format->primary);
		case WF_INTEGER_LETTERS:
			*number = read_letters(text, format->letter_case == WF_CASE_UPPER ? 'A' : 'a');
			break;
		case WF_INTEGER_ROMAN:
			*number = read_roman(text, format->letter_case == WF_CASE_LOWER);
			break;
		case WF_INTEGER_WORDS:
			*number = wf_number_words_read(text);
			break;
		case WF_INTEGER_DECIMAL:
			good = collect_digits(format, text, &digits);
			if (good)
				*number = parse_int(digits.text);
			wf_buffer_free(&digits);
			break;
	}
	return good;
}

bool
wf_parse_integer(WfString text, WfString picture, double *number, WfFault *fault)
{
	WfIntegerFormat format;

	return wf_integer_format_read(&format, picture, fault) && wf_integer_format_parse(&format, text, number, fault);
}
