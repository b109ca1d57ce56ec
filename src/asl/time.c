/*
 * time.c - timestamps: RFC 3339 in, the service's form out.
 *
 * Strict on purpose: the service refuses a blank instead of T, a missing zone and months that do not exist.  A leap
 * second (60) is no timestamp, as for the service's own library.
 */
#include "asl/time.h"

#include <stdio.h>

#define SECOND INT64_C(1000000)

/* Reads exactly n digits; -1 if there are not as many. */
static int
read_digits(const char **at, int n)
{
	int			value = 0;

	for (int i = 0; i < n; i++)
	{
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (*(*at)++ - '0');
	}
	return value;
}

static bool
read_character(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static bool
is_leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970-01-01 in the Gregorian calendar: years are counted from March, so that a leap day comes last. */
static int64_t
count_days(int year, int month, int day)
{
	int64_t		y = month > 2 ? year : year - 1;
	int64_t		era = (y >= 0 ? y : y - 399) / 400;
	int64_t		year_of_era = y - era * 400;
	int64_t		day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static bool
read_date(const char **at, int64_t *days)
{
	static const int days_of_month[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int			year,
				month,
				day;

	if ((year = read_digits(at, 4)) < 0 || !read_character(at, '-') ||
		(month = read_digits(at, 2)) < 1 || month > 12 || !read_character(at, '-') ||
		(day = read_digits(at, 2)) < 1 ||
		day > days_of_month[month - 1] + (month == 2 && is_leap_year(year)))
		return false;
	*days = count_days(year, month, day);
	return true;
}

/* "Z", "+02:00"; offsets reach to 18 hours. */
static bool
read_zone(const char **at, int64_t *offset)
{
	int			hours,
				minutes;
	int			sign;

	*offset = 0;
	if (read_character(at, 'Z'))
		return true;
	sign = **at == '-' ? -1 : 1;
	if ((!read_character(at, '+') && !read_character(at, '-')) ||
		(hours = read_digits(at, 2)) < 0 || !read_character(at, ':') ||
		(minutes = read_digits(at, 2)) < 0 || minutes > 59 || hours * 60 + minutes > 18 * 60)
		return false;
	*offset = sign * (hours * 60 + minutes) * 60 * SECOND;
	return true;
}

bool
wf_time_parse(const char *text, int64_t *microseconds)
{
	const char *at = text;
	int64_t		days,
				offset,
				fraction = 0;
	int			hour,
				minute,
				second;

	if (!read_date(&at, &days) || !read_character(&at, 'T') ||
		(hour = read_digits(&at, 2)) < 0 || hour > 23 || !read_character(&at, ':') ||
		(minute = read_digits(&at, 2)) < 0 || minute > 59 || !read_character(&at, ':') ||
		(second = read_digits(&at, 2)) < 0 || second > 59)
		return false;
	if (read_character(&at, '.'))
	{
		int64_t		unit = SECOND;

		if (*at < '0' || *at > '9')
			return false;
		for (; *at >= '0' && *at <= '9'; at++)
		{
			unit /= 10;
			fraction += (*at - '0') * unit;
		}
	}
	if (!read_zone(&at, &offset) || *at != '\0')
		return false;
	*microseconds = ((days * 24 + hour) * 60 + minute) * 60 * SECOND + second * SECOND + fraction - offset;
	return true;
}

void
wf_time_format(int64_t microseconds, char *text)
{
	int64_t		seconds = microseconds / SECOND;
	int64_t		rest = microseconds % SECOND;
	int64_t		days,
				era,
				day_of_era,
				year_of_era,
				day_of_year,
				month;

	if (rest < 0)
	{
		rest += SECOND;
		seconds--;
	}
	days = seconds / 86400;
	seconds %= 86400;
	if (seconds < 0)
	{
		seconds += 86400;
		days--;
	}

	/* the reverse of count_days */
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = days - era * 146097;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	snprintf(text, WF_TIME_SIZE, "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ",
			 (long long) (year_of_era + era * 400 + (month >= 10)),
			 (int) (month < 10 ? month + 3 : month - 9),
			 (int) (day_of_year - (153 * month + 2) / 5 + 1),
			 (int) (seconds / 3600), (int) (seconds / 60 % 60), (int) (seconds % 60), (int) (rest / 1000));
}
