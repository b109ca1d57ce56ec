/*
 * number.c - the number rules of number.h.
 */
#include "json/number.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Integers up to here need no look at overflow. */
#define SAFE_DIGITS 18

static json_t *
read_real(const char *text, size_t length, WfError *error)
{
	char		space[64];
	char	   *copy = space;
	double		value;
	json_t	   *number;

	/* strtod wants a NUL, and the text goes on behind the number */
	if (length >= sizeof(space) && (copy = malloc(length + 1)) == NULL)
	{
		wf_error_no_memory(error);
		return NULL;
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	value = strtod(copy, NULL);
	if (copy != space)
		free(copy);

	if (isinf(value))
	{
		wf_error_set(error, WF_NUMBER_OUT_OF_RANGE, "number out of range: %.*s%s",
					 (int) (length > 40 ? 40 : length), text, length > 40 ? "..." : "");
		return NULL;
	}
	number = json_real(value);
	if (number == NULL)
		wf_error_no_memory(error);
	return number;
}

json_t *
wf_number_read(const char *text, size_t length, bool integer, WfError *error)
{
	json_t	   *number;
	json_int_t	value;

	if (!integer)
		return read_real(text, length, error);

	if (length <= SAFE_DIGITS)
	{
		bool		negative = text[0] == '-';

		value = 0;
		for (size_t i = negative; i < length; i++)
			value = value * 10 + (text[i] - '0');
		if (negative)
			value = -value;
	}
	else
	{
		char		copy[SAFE_DIGITS + 4];

		if (length >= sizeof(copy))
			return read_real(text, length, error);
		memcpy(copy, text, length);
		copy[length] = '\0';
		errno = 0;
		value = strtoll(copy, NULL, 10);
		if (errno == ERANGE)
			return read_real(text, length, error);
	}
	number = json_integer(value);
	if (number == NULL)
		wf_error_no_memory(error);
	return number;
}

size_t
wf_number_write_integer(json_int_t value, char *text)
{
	char		digits[24];
	size_t		n = 0,
				length = 0;
	uint64_t	rest = value < 0 ? -(uint64_t) value : (uint64_t) value;

	do
	{
		digits[n++] = (char) ('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		text[length++] = '-';
	while (n > 0)
		text[length++] = digits[--n];
	return length;
}

/* Adds one to the last of n decimal digits; true if they have become one more, whose first is 1. */
static bool
increment(char *digits, int n)
{
	while (n > 0 && digits[n - 1] == '9')
		digits[--n] = '0';
	if (n == 0)
	{
		digits[0] = '1';
		return true;
	}
	digits[n - 1]++;
	return false;
}

static double
read_digits(const char *digits, int n, int exponent)
{
	char		text[40];

	snprintf(text, sizeof(text), "%.*se%d", n, digits, exponent - n + 1);
	return strtod(text, NULL);
}

const double wf_number_powers[] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};

/*
 * Both parts of the quotient are exact, so it is what a reader makes of those digits; and no two numbers of 15 digits are read
 * as the same double.  The product is only a guess.
 */
bool
wf_number_decimal(double value, double *whole, int *places)
{
	for (*places = 0; *places <= WF_NUMBER_EXACT_POWERS; (*places)++)
	{
		*whole = rint(value * wf_number_powers[*places]);
		if (*whole >= 1e15)
			return false;
		if (*whole / wf_number_powers[*places] == value)
			return true;
	}
	return false;
}

void
wf_number_digits(double value, char *digits, int *n_digits, int *exponent)
{
	char		text[40];
	int			binary_exponent;
	bool		power_of_two;
	int			n = 0;
	double		whole;
	int			places;

	if (wf_number_decimal(value, &whole, &places))
	{
		n = (int) wf_number_write_integer((json_int_t) whole, digits);
		*exponent = n - 1 - places;
		while (n > 1 && digits[n - 1] == '0')
			n--;
		*n_digits = n;
		return;
	}
	power_of_two = frexp(value, &binary_exponent) == 0.5;

	/* 15 digits always survive the way through a double, but for the tiniest; 17 always identify it */
	for (int precision = value < DBL_MIN ? 1 : 15; precision <= 17; precision++)
	{
		snprintf(text, sizeof(text), "%.*e", precision - 1, value);
		*exponent = atoi(strchr(text, 'e') + 1);
		n = 0;
		for (const char *at = text; *at != 'e'; at++)
			if (*at != '.')
				digits[n++] = *at;
		if (precision == 17 || read_digits(digits, n, *exponent) == value)
			break;

		/* above a power of two the doubles lie twice as far apart as below it: the next digits may do where the nearest do not */
		if (power_of_two)
		{
			*exponent += increment(digits, n);
			if (read_digits(digits, n, *exponent) == value)
				break;
		}
	}
	while (n > 1 && digits[n - 1] == '0')
		n--;
	*n_digits = n;
}

size_t
wf_number_write_real(double value, char *text)
{
	char		digits[24] = "";
	int			n,
				exponent;
	size_t		length = 0;

	if (!isfinite(value))
		return 0;
	if (signbit(value))
		text[length++] = '-';
	value = fabs(value);

	/* whole numbers are the most frequent doubles by far */
	if (value < 1e7 && value == floor(value))
	{
		length += wf_number_write_integer((json_int_t) value, text + length);
		text[length++] = '.';
		text[length++] = '0';
		return length;
	}

	wf_number_digits(value, digits, &n, &exponent);
	if (exponent >= -3 && exponent < 7)
	{
		if (exponent < 0)
		{
			text[length++] = '0';
			text[length++] = '.';
			for (int i = exponent + 1; i < 0; i++)
				text[length++] = '0';
			memcpy(text + length, digits, n);
			return length + n;
		}
		/* not whole, hence more digits than stand before the point */
		memcpy(text + length, digits, exponent + 1);
		length += exponent + 1;
		text[length++] = '.';
		memcpy(text + length, digits + exponent + 1, n - exponent - 1);
		return length + n - exponent - 1;
	}

	text[length++] = digits[0];
	text[length++] = '.';
	if (n == 1)
		text[length++] = '0';
	memcpy(text + length, digits + 1, n - 1);
	length += n - 1;
	text[length++] = 'E';
	return length + wf_number_write_integer(exponent, text + length);
}
