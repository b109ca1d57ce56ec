/*
 * format_number.c - $formatNumber: see format_number.h.
 *
 * The rules are those of XPath's fn:format-number (XPath and XQuery Functions and Operators 3.1, 4.7), which calls the
 * parts so.  A picture that breaks several rules is complained of for the last of them.
 */
#include "jsonata/format_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonata/number_text.h"
#include "jsonata/text.h"

/* --- the symbols --- */

#define N_SYMBOLS 11

static const struct
{
	const char *name;
	size_t		offset;
	WfString	usual;
}			symbols[N_SYMBOLS] = {
	{"decimal-separator", offsetof(WfDecimalFormat, decimal_separator), {".", 1}},
	{"grouping-separator", offsetof(WfDecimalFormat, grouping_separator), {",", 1}},
	{"exponent-separator", offsetof(WfDecimalFormat, exponent_separator), {"e", 1}},
	{"infinity", offsetof(WfDecimalFormat, infinity), {"Infinity", 8}},
	{"minus-sign", offsetof(WfDecimalFormat, minus_sign), {"-", 1}},
	{"NaN", offsetof(WfDecimalFormat, nan), {"NaN", 3}},
	{"percent", offsetof(WfDecimalFormat, percent), {"%", 1}},
	{"per-mille", offsetof(WfDecimalFormat, per_mille), {"\xE2\x80\xB0", 3}},
	{"zero-digit", offsetof(WfDecimalFormat, zero_digit), {"0", 1}},
	{"digit", offsetof(WfDecimalFormat, digit), {"#", 1}},
	{"pattern-separator", offsetof(WfDecimalFormat, pattern_separator), {";", 1}},
};

WfDecimalFormat
wf_decimal_format_default(void)
{
	WfDecimalFormat format;

	for (size_t i = 0; i < N_SYMBOLS; i++)
		*(WfString *) ((char *) &format + symbols[i].offset) = symbols[i].usual;
	return format;
}

void
wf_decimal_format_set(WfDecimalFormat *format, WfString name, WfString value)
{
	for (size_t i = 0; i < N_SYMBOLS; i++)
		if (strlen(symbols[i].name) == name.length && memcmp(symbols[i].name, name.text, name.length) == 0)
			*(WfString *) ((char *) format + symbols[i].offset) = value;
}

/* The symbols that are one character each, as such. */
typedef struct Characters
{
	uint32_t	decimal;
	uint32_t	grouping;
	uint32_t	exponent;
	uint32_t	zero;
	uint32_t	optional;
} Characters;

#define NO_CHARACTER UINT32_MAX

static uint32_t
single_character(WfString string)
{
	const char *at = string.text;
	uint32_t	character;

	if (string.length == 0)
		return NO_CHARACTER;
	character = wf_character_next(&at, string.text + string.length);
	return at == string.text + string.length ? character : NO_CHARACTER;
}

/* The first of ten digits, of which all are characters. */
static uint32_t
zero_of(WfString zero_digit)
{
	const char *at = zero_digit.text;
	uint32_t	zero = zero_digit.length > 0 ? wf_character_next(&at, at + zero_digit.length) : '0';

	return zero > 0x10FFFF - 9 || WF_IS_SURROGATE(zero) || WF_IS_SURROGATE(zero + 9) ? '0' : zero;
}

/* --- reading a sub-picture --- */

typedef enum Kind { PASSIVE, DECIMAL, GROUPING, EXPONENT, MANDATORY, OPTIONAL } Kind;

/* A run of characters, by their kinds. */
typedef struct Part
{
	const Kind *at;
	size_t		length;
} Part;

typedef struct SubPicture
{
	WfString	prefix;
	WfString	suffix;
	Part		active;
	Part		integer;
	Part		fraction;
	Part		exponent;
	bool		has_point;
	bool		has_exponent;
	double		factor;			/* 100 for percents */
	int			scaling;
	int			min_integer;
	int			min_fraction;
	int			max_fraction;
	size_t		regular;		/* groups of the integer part repeat; 0: they are as they stand */
} SubPicture;

static Kind
kind_of(const Characters *characters, uint32_t character)
{
	if (character - characters->zero < 10)
		return MANDATORY;
	return character == characters->optional ? OPTIONAL : character == characters->decimal ? DECIMAL :
		character == characters->grouping ? GROUPING : character == characters->exponent ? EXPONENT : PASSIVE;
}

static size_t
count(Part part, Kind kind)
{
	size_t		n = 0;

	for (size_t i = 0; i < part.length; i++)
		n += part.at[i] == kind;
	return n;
}

static size_t
count_digits(Part part)
{
	return count(part, MANDATORY) + count(part, OPTIONAL);
}

static size_t
find(Part part, Kind kind)
{
	size_t		i = 0;

	while (i < part.length && part.at[i] != kind)
		i++;
	return i;
}

static Part
slice(Part part, size_t from, size_t to)
{
	return (Part) {part.at + from, to - from};
}

static size_t
count_strings(WfString string, WfString what)
{
	size_t		n = 0;

	if (what.length == 0)
		return 0;
	for (size_t at = 0; wf_string_find(string, at, what, &at); at += what.length)
		n++;
	return n;
}

/* True if one kind stands directly before the other. */
static bool
adjacent(Part part, Kind first, Kind second)
{
	for (size_t i = 1; i < part.length; i++)
		if (part.at[i - 1] == first && part.at[i] == second)
			return true;
	return false;
}

/* True if one kind stands anywhere before the other. */
static bool
precedes(Part part, Kind first, Kind second)
{
	for (size_t i = find(part, first); i < part.length; i++)
		if (part.at[i] == second)
			return true;
	return false;
}

static const char *
check(const SubPicture *picture, Part mantissa, size_t percents, size_t per_milles)
{
	const char *code = NULL;

	if (count(picture->active, DECIMAL) > 1)
		code = "D3081";
	if (percents > 1)
		code = "D3082";
	if (per_milles > 1)
		code = "D3083";
	if (percents > 0 && per_milles > 0)
		code = "D3084";
	if (count_digits(mantissa) == 0)
		code = "D3085";
	if (count(picture->active, PASSIVE) > 0)
		code = "D3086";
	if (adjacent(picture->active, DECIMAL, GROUPING) || adjacent(picture->active, GROUPING, DECIMAL))
		code = "D3087";
	else if (!picture->has_point && picture->integer.length > 0 && picture->integer.at[picture->integer.length - 1] == GROUPING)
		code = "D3088";
	if (adjacent(picture->active, GROUPING, GROUPING))
		code = "D3089";
	if (precedes(picture->integer, MANDATORY, OPTIONAL))
		code = "D3090";
	if (precedes(picture->fraction, OPTIONAL, MANDATORY))
		code = "D3091";
	if (picture->has_exponent && picture->exponent.length > 0 && percents + per_milles > 0)
		code = "D3092";
	if (picture->has_exponent && count(picture->exponent, MANDATORY) != picture->exponent.length)
		code = "D3093";
	if (picture->has_exponent && picture->exponent.length == 0)
		code = "D3093";
	return code;
}

/* Groups of the integer part that repeat: separators at a distance and all its multiples. */
static size_t
regular_distance(Part part)
{
	size_t		distance = 0,
				digits = 0,
				separators = 0;

	for (size_t i = part.length; i-- > 0;)
	{
		if (part.at[i] != GROUPING)
		{
			digits++;
			continue;
		}
		if (distance == 0)
			distance = digits;
		if (digits != ++separators * distance)
			return 0;
	}
	return distance;
}

static void
measure(SubPicture *picture)
{
	picture->min_integer = picture->scaling = (int) count(picture->integer, MANDATORY);
	picture->min_fraction = (int) count(picture->fraction, MANDATORY);
	picture->max_fraction = picture->min_fraction + (int) count(picture->fraction, OPTIONAL);
	picture->regular = regular_distance(picture->integer);
	if (picture->min_integer == 0 && picture->max_fraction == 0)
	{
		if (picture->has_exponent)
			picture->min_fraction = picture->max_fraction = 1;
		else
			picture->min_integer = 1;
	}
	if (picture->has_exponent && picture->min_integer == 0 && count(picture->integer, OPTIONAL) > 0)
		picture->min_integer = 1;
	if (picture->min_integer == 0 && picture->min_fraction == 0)
		picture->min_fraction = 1;
}

/* kinds: room for one of each character. */
static bool
read_sub_picture(SubPicture *picture, WfString text, const WfDecimalFormat *format, const Characters *characters, Kind *kinds,
				 WfFault *fault)
{
	const char *end = text.text + text.length;
	const char *first = NULL,
			   *last = NULL;
	size_t		percents = count_strings(text, format->percent);
	size_t		per_milles = count_strings(text, format->per_mille);
	size_t		n = 0,
				active_to = 0,
				exponent,
				point;
	Part		mantissa;
	const char *code;

	/* before the first mark and behind the last the exponent's letter is one like others */
	*picture = (SubPicture) {.factor = percents > 0 ? 100 : per_milles > 0 ? 1000 : 1};
	for (const char *at = text.text; at < end;)
	{
		const char *start = at;
		Kind		kind = kind_of(characters, wf_character_next(&at, end));
		bool		is_mark = kind != PASSIVE && kind != EXPONENT;

		if (first == NULL && !is_mark)
			continue;
		if (first == NULL)
			first = start;
		kinds[n++] = kind;
		if (is_mark)
		{
			last = at;
			active_to = n;
		}
	}
	if (first == NULL)			/* nothing but passive characters, and no place for the number */
	{
		first = text.text;
		last = end;
		for (const char *at = text.text; at < end;)
			kinds[n++] = kind_of(characters, wf_character_next(&at, end));
		active_to = n;
	}
	/* … but directly behind the digits it begins an exponent, and none follows */
	if (active_to < n && kinds[active_to] == EXPONENT)
		active_to++;
	picture->prefix = (WfString) {text.text, (size_t) (first - text.text)};
	picture->suffix = (WfString) {last, (size_t) (end - last)};
	picture->active = (Part) {kinds, active_to};

	exponent = find(picture->active, EXPONENT);
	picture->has_exponent = exponent < active_to;
	mantissa = slice(picture->active, 0, exponent);
	if (picture->has_exponent)
		picture->exponent = slice(picture->active, exponent + 1, active_to);
	point = find(mantissa, DECIMAL);
	picture->has_point = point < mantissa.length;
	picture->integer = slice(mantissa, 0, point);
	if (picture->has_point)
		picture->fraction = slice(mantissa, point + 1, mantissa.length);

	code = check(picture, mantissa, percents, per_milles);
	if (code != NULL)
		return wf_fault(fault, code);
	measure(picture);
	return true;
}

/* --- writing a number --- */

/* The number without its sign, as digits around a point, with so many behind it as the picture has at most. */
typedef struct Digits
{
	char	   *text;			/* malloc'ed */
	const char *integer;
	size_t		n_integer;
	const char *fraction;
	size_t		n_fraction;
} Digits;

/* The longest integer part of a double. */
#define MAX_INTEGER 310

/*
 * Writes a number that is not negative, and has been rounded, with so many decimal places; halves go up.  Such a half is a
 * binary fraction, which ends in 25 or 75: there is never a digit to carry.
 */
static void
write_fixed(double number, int places, char *text, size_t size)
{
	bool		is_half = places > 0 && wf_js_lies_between(number, places);
	char	   *end = text + snprintf(text, size, "%.*f", places + is_half, number);

	if (is_half)
	{
		*--end = '\0';
		++end[-1];
	}
}

static bool
make_digits(Digits *digits, double number, const SubPicture *picture, WfFault *fault)
{
	size_t		size = (size_t) picture->max_fraction + MAX_INTEGER + 4;
	const char *point;

	digits->text = malloc(size);
	if (digits->text == NULL)
		return wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
	write_fixed(fabs(number), picture->max_fraction, digits->text, size);
	digits->integer = digits->text + strspn(digits->text, "0");
	point = digits->integer + strspn(digits->integer, "0123456789");
	digits->n_integer = (size_t) (point - digits->integer);
	digits->fraction = *point == '.' ? point + 1 : point;
	digits->n_fraction = strlen(digits->fraction);
	while (digits->n_fraction > 0 && digits->fraction[digits->n_fraction - 1] == '0')
		digits->n_fraction--;
	return true;
}

static bool
put_digit(const Characters *characters, char digit, WfBuffer *out)
{
	return wf_buffer_add_character(out, characters->zero + (uint32_t) (digit - '0'));
}

/* A way through a part of the picture, from left to right. */
typedef struct Cursor
{
	Part		part;
	size_t		at;
	size_t		digits;			/* that it has passed */
} Cursor;

/* True if a separator stands behind so many digits, which are no fewer than when last asked. */
static bool
is_boundary(Cursor *cursor, size_t digits)
{
	for (; cursor->at < cursor->part.length && cursor->digits < digits; cursor->at++)
		cursor->digits += cursor->part.at[cursor->at] != GROUPING;
	return cursor->digits == digits && cursor->at < cursor->part.length && cursor->part.at[cursor->at] == GROUPING;
}

static bool
put_integer(const SubPicture *picture, const Digits *digits, const Characters *characters, const WfDecimalFormat *format, WfBuffer *out)
{
	size_t		n = digits->n_integer > (size_t) picture->min_integer ? digits->n_integer : (size_t) picture->min_integer;
	size_t		in_picture = count_digits(picture->integer);
	Cursor		cursor = {picture->integer, 0, 0};

	for (size_t left = n; left > 0; left--)
	{
		bool		separated = left < n && (picture->regular > 0 ? left % picture->regular == 0 :
											 left <= in_picture && is_boundary(&cursor, in_picture - left));

		if ((separated && !wf_buffer_add_string(out, format->grouping_separator)) ||
			!put_digit(characters, left > digits->n_integer ? '0' : digits->integer[digits->n_integer - left], out))
			return false;
	}
	return true;
}

static bool
put_fraction(const SubPicture *picture, const Digits *digits, const Characters *characters, const WfDecimalFormat *format, WfBuffer *out)
{
	size_t		n = digits->n_fraction > (size_t) picture->min_fraction ? digits->n_fraction : (size_t) picture->min_fraction;
	Cursor		cursor = {picture->fraction, 0, 0};

	if (!picture->has_point || n == 0)
		return true;
	if (!wf_buffer_add_string(out, format->decimal_separator))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && is_boundary(&cursor, i) && !wf_buffer_add_string(out, format->grouping_separator)) ||
			!put_digit(characters, i < digits->n_fraction ? digits->fraction[i] : '0', out))
			return false;
	return true;
}

static bool
put_exponent(const SubPicture *picture, int exponent, const Characters *characters, const WfDecimalFormat *format, WfBuffer *out)
{
	char		text[16];
	size_t		n = (size_t) snprintf(text, sizeof(text), "%d", abs(exponent));

	if (!wf_buffer_add_string(out, format->exponent_separator) ||
		(exponent < 0 && !wf_buffer_add_string(out, format->minus_sign)))
		return false;
	for (size_t i = n; i < picture->exponent.length; i++)
		if (!put_digit(characters, '0', out))
			return false;
	for (size_t i = 0; i < n; i++)
		if (!put_digit(characters, text[i], out))
			return false;
	return true;
}

/* The number as one between 10^(scaling - 1) and 10^scaling, times a power of ten. */
static double
scale(double number, int scaling, int *exponent)
{
	double		most = pow(10, scaling);
	double		least = pow(10, scaling - 1);

	*exponent = 0;
	if (number == 0)
		return number;
	for (; fabs(number) < least; --*exponent)
		number *= 10;
	for (; fabs(number) > most; ++*exponent)
		number /= 10;
	return number;
}

static bool
write_number(const SubPicture *picture, double number, const Characters *characters, const WfDecimalFormat *format, WfBuffer *out)
{
	Digits		digits = {0};
	int			exponent = 0;
	double		rounded;
	bool		good;

	number *= picture->factor;
	if (picture->has_exponent)
		number = scale(number, picture->scaling, &exponent);
	rounded = wf_js_round(number, picture->max_fraction);
	if (!make_digits(&digits, isfinite(rounded) ? rounded : number, picture, out->fault))
		return false;
	good = put_integer(picture, &digits, characters, format, out) &&
		put_fraction(picture, &digits, characters, format, out) &&
		(!picture->has_exponent || put_exponent(picture, exponent, characters, format, out));
	free(digits.text);
	return good;
}

bool
wf_format_number(double number, WfString picture, const WfDecimalFormat *format, WfBuffer *out)
{
	Characters	characters = {
		single_character(format->decimal_separator), single_character(format->grouping_separator),
		single_character(format->exponent_separator), zero_of(format->zero_digit), single_character(format->digit)
	};
	WfString	parts[2] = {picture, picture};
	SubPicture	pictures[2];
	Kind	   *kinds;
	size_t		at;
	bool		two = format->pattern_separator.length > 0 && wf_string_find(picture, 0, format->pattern_separator, &at);
	bool		good;

	if (two)
	{
		parts[0].length = at;
		at += format->pattern_separator.length;
		parts[1] = (WfString) {picture.text + at, picture.length - at};
		if (wf_string_find(parts[1], 0, format->pattern_separator, &at))
			return wf_fault(out->fault, "D3080");
	}
	kinds = malloc((2 * picture.length + 1) * sizeof(Kind));
	if (kinds == NULL)
		return wf_fault_kind(out->fault, WF_FAULT_NO_MEMORY);
	good = read_sub_picture(&pictures[0], parts[0], format, &characters, kinds, out->fault) &&
		(!two || read_sub_picture(&pictures[1], parts[1], format, &characters, kinds + picture.length, out->fault));
	if (good)
	{
		const SubPicture *chosen = &pictures[number < 0 && two];

		good = (number >= 0 || two || wf_buffer_add_string(out, format->minus_sign)) &&
			wf_buffer_add_string(out, chosen->prefix) &&
			write_number(chosen, number, &characters, format, out) &&
			wf_buffer_add_string(out, chosen->suffix);
	}
	free(kinds);
	return good;
}
