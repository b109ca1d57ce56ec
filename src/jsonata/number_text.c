/*
 * number_text.c - numbers as JavaScript writes, reads and rounds them; see number_text.h.
 */
#include "jsonata/number_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/number.h"

/* Whole numbers up to here are exact, and so is what is done with them. */
#define MAX_EXACT 9007199254740992.0

/* --- writing --- */

static size_t
write_zeros(char *text, int n)
{
	for (int i = 0; i < n; i++)
		text[i] = '0';
	return n > 0 ? (size_t) n : 0;
}

size_t
wf_js_number_write(double number, char *text)
{
	char		digits[24];
	int			n,
				exponent;
	size_t		length = 0;

	if (isnan(number))
		return (size_t) sprintf(text, "NaN");
	if (isinf(number))
		return (size_t) sprintf(text, number < 0 ? "-Infinity" : "Infinity");
	if (fabs(number) <= MAX_EXACT && number == floor(number))
		return wf_number_write_integer((json_int_t) number, text);

	if (number < 0)
		text[length++] = '-';
	wf_number_digits(fabs(number), digits, &n, &exponent);
	if (exponent >= n - 1 && exponent <= 20)
	{
		memcpy(text + length, digits, (size_t) n);
		length += (size_t) n;
		return length + write_zeros(text + length, exponent - n + 1);
	}
	if (exponent >= 0 && exponent <= 20)
		return length + (size_t) sprintf(text + length, "%.*s.%.*s", exponent + 1, digits, n - exponent - 1, digits + exponent + 1);
	if (exponent < 0 && exponent >= -6)
	{
		length += (size_t) sprintf(text + length, "0.");
		length += write_zeros(text + length, -exponent - 1);
		memcpy(text + length, digits, (size_t) n);
		return length + (size_t) n;
	}
	return length + (size_t) sprintf(text + length, "%c%s%.*se%+d", digits[0], n > 1 ? "." : "", n - 1, digits + 1, exponent);
}

/* Half of the last place is 5^n / (2 * 10^n), and so a binary fraction of one place more. */
bool
wf_js_lies_between(double number, int places)
{
	return fmod(fabs(ldexp(number, places + 1)), 2) == 1;
}

/* What toPrecision(15) gives, as a number that is not whole. */
static double
round_to_15_digits(double number)
{
	char		text[40];
	double		whole;
	int			places;

	if (wf_number_decimal(fabs(number), &whole, &places))
		return number;
	snprintf(text, sizeof(text), "%.17e", number);
	if (wf_js_lies_between(number, 14 - atoi(strchr(text, 'e') + 1)))
		number = nextafter(number, number < 0 ? -INFINITY : INFINITY);
	snprintf(text, sizeof(text), "%.14e", number);
	return strtod(text, NULL);
}

size_t
wf_js_number_write_rounded(double number, char *text)
{
	return wf_js_number_write(!isfinite(number) || number == floor(number) ? number : round_to_15_digits(number), text);
}

/* --- reading --- */

static size_t
count_digits(const char *at, const char *end)
{
	size_t		n = 0;

	while (at + n < end && at[n] >= '0' && at[n] <= '9')
		n++;
	return n;
}

/* -?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)? */
static bool
is_decimal(WfString text)
{
	const char *at = text.text;
	const char *end = at + text.length;
	size_t		n;

	if (at < end && *at == '-')
		at++;
	if ((n = count_digits(at, end)) == 0)
		return false;
	at += n;
	if (at < end && *at == '.')
	{
		if ((n = count_digits(at + 1, end)) == 0)
			return false;
		at += n + 1;
	}
	if (at < end && (*at == 'e' || *at == 'E'))
	{
		at++;
		if (at < end && (*at == '-' || *at == '+'))
			at++;
		if ((n = count_digits(at, end)) == 0)
			return false;
		at += n;
	}
	return at == end;
}

/* More digits than lie between any two doubles' middle and the next digit that counts. */
#define MAX_DIGITS 800

/* A text that is_decimal.  Of very many digits the last are told by one. */
static double
read_decimal(WfString text)
{
	char		digits[MAX_DIGITS + 32];
	const char *at = text.text;
	const char *end = at + text.length;
	bool		negative = *at == '-';
	bool		fraction = false,
				lost = false;
	size_t		n = 0;
	long		exponent = 0,
				more = 0;
	double		number;

	for (at += negative; at < end && *at != 'e' && *at != 'E'; at++)
	{
		if (*at == '.')
		{
			fraction = true;
			continue;
		}
		exponent -= fraction;
		if (n < MAX_DIGITS && (n > 0 || *at != '0'))
			digits[n++] = *at;
		else if (n > 0)
		{
			exponent++;
			lost = lost || *at != '0';
		}
	}
	if (n == 0)
		return 0;
	if (at < end)
	{
		bool		down = at[1] == '-';

		for (at += at[1] == '-' || at[1] == '+' ? 2 : 1; at < end; at++)
			if (more < 100000000)
				more = more * 10 + (*at - '0');
		exponent += down ? -more : more;
	}
	if (lost)
	{
		digits[n++] = '1';
		exponent--;
	}
	snprintf(digits + n, sizeof(digits) - n, "e%ld", exponent);
	number = strtod(digits, NULL);
	return negative ? -number : number;
}

/* Digits of 1, 3 or 4 bits each.  What does not fit is kept as one bit, so that the sum is rounded once, and rightly. */
static bool
read_bits(const char *at, const char *end, int bits, double *number)
{
	uint64_t	sum = 0;
	int			exponent = 0;

	if (at == end)
		return false;
	for (; at < end; at++)
	{
		const char *digits = "0123456789abcdef0123456789ABCDEF";
		const char *found = *at != '\0' ? strchr(digits, *at) : NULL;

		if (found == NULL || (found - digits) % 16 >> bits != 0)
			return false;
		if (sum >> 59 != 0)
		{
			sum |= (found - digits) % 16 != 0;
			exponent += exponent < 5000 ? bits : 0;
		}
		else
			sum = sum << bits | (uint64_t) ((found - digits) % 16);
	}
	*number = ldexp((double) sum, exponent);
	return true;
}

bool
wf_js_number_read(WfString text, double *number)
{
	bool		read = false;

	if (is_decimal(text))
	{
		*number = read_decimal(text);
		read = true;
	}
	else if (text.length > 2 && text.text[0] == '0')
	{
		char		letter = text.text[1];
		int			bits = letter == 'x' || letter == 'X' ? 4 : letter == 'o' || letter == 'O' ? 3 :
			letter == 'b' || letter == 'B' ? 1 : 0;

		read = bits > 0 && read_bits(text.text + 2, text.text + text.length, bits, number);
	}
	return read && isfinite(*number);
}

/* --- rounding --- */

/* A number times a power of ten, with one rounding: as if the point were moved in its text.  NaN if it is none. */
static double
move_point(double number, double places)
{
	char		digits[24];
	char		text[64];
	int			n,
				exponent;
	double		whole;

	if (number == 0 || !isfinite(number))
		return number == 0 ? number : NAN;
	if (places != floor(places))
		return NAN;
	if (wf_number_decimal(fabs(number), &whole, &n) && fabs(places - n) <= WF_NUMBER_EXACT_POWERS)
	{
		whole = places >= n ? whole * wf_number_powers[(int) places - n] : whole / wf_number_powers[n - (int) places];
		return number < 0 ? -whole : whole;
	}
	wf_number_digits(fabs(number), digits, &n, &exponent);
	places += exponent - n + 1;
	if (fabs(places) > 10000)
		return places > 0 ? INFINITY : 0;
	snprintf(text, sizeof(text), "%s%.*se%d", number < 0 ? "-" : "", n, digits, (int) places);
	return strtod(text, NULL);
}

/* To a whole number, halves to the even one. */
static double
round_half_even(double number)
{
	double		below = floor(number);
	double		rest = number - below;

	if (rest > 0.5 || (rest == 0.5 && fmod(below, 2) != 0))
		return below + 1;
	return below;
}

double
wf_js_round(double number, double precision)
{
	double		rounded;

	if (precision == 0)
		rounded = round_half_even(number);
	else
		rounded = move_point(round_half_even(move_point(number, precision)), -precision);
	return rounded == 0 ? 0 : rounded;	/* no negative zero */
}

/* --- other bases --- */

/* A double of base 2 has so many digits at most. */
#define MAX_BASE_DIGITS 1100

bool
wf_js_format_base(double number, double radix, WfBuffer *out)
{
	char		text[MAX_BASE_DIGITS];
	char	   *at = text + sizeof(text);
	double		rest;

	number = round_half_even(number);
	radix = round_half_even(radix);
	if (!(radix >= 2 && radix <= 36))
		return wf_fault_number(out->fault, "D3100", radix);
	if (radix == 10 || !isfinite(number))
		return wf_buffer_add(out, text, wf_js_number_write(number, text));

	rest = fabs(number);
	for (; rest / radix >= MAX_EXACT; rest /= radix)	/* toString(radix) writes zeros for digits that a double does not know */
		*--at = '0';
	do
	{
		double		digit = fmod(rest, radix);

		*--at = "0123456789abcdefghijklmnopqrstuvwxyz"[(int) digit];
		rest = (rest - digit) / radix;
	} while (rest > 0);
	if (number < 0)
		*--at = '-';
	return wf_buffer_add(out, at, (size_t) (text + sizeof(text) - at));
}
