/*
 * calendar.c - days and dates of the Gregorian calendar, backwards for ever; see datetime_picture.h.
 *
 * A year is taken to begin with March here, so that the odd day comes last.
 */
#include <math.h>

#include "jsonata/datetime_picture.h"

#define DAYS_PER_400_YEARS 146097
#define DAYS_TO_1970 719468		/* from March of the year 0 */

static bool
is_leap(long year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

WfDate
wf_date_of_days(double days)
{
	static const int days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	long		count = (long) days + DAYS_TO_1970;
	long		era = (long) floor((double) count / DAYS_PER_400_YEARS);
	long		day = count - era * DAYS_PER_400_YEARS;
	long		year = (day - day / 1460 + day / 36524 - day / (DAYS_PER_400_YEARS - 1)) / 365;
	long		rest = day - (365 * year + year / 4 - year / 100);
	long		month = (5 * rest + 2) / 153;	/* from March */
	WfDate		date;

	date.day = (int) (rest - (153 * month + 2) / 5) + 1;
	date.month = (int) (month + 2) % 12;
	date.year = year + era * 400 + (month >= 10);
	date.day_of_year = days_before[date.month] + date.day - 1 + (date.month > 1 && is_leap(date.year));
	date.weekday = (int) (((long) days % 7 + 7 + 3) % 7);
	return date;
}

double
wf_days_of_date(double year, double month, double day)
{
	double		era,
				year_of_era;

	year += floor(month / 12);
	month -= floor(month / 12) * 12;
	if (month < 2)
		year--;
	month = month < 2 ? month + 10 : month - 2;
	era = floor(year / 400);
	year_of_era = year - era * 400;
	return era * DAYS_PER_400_YEARS + year_of_era * 365 + floor(year_of_era / 4) - floor(year_of_era / 100) +
		floor((153 * month + 2) / 5) + day - 1 - DAYS_TO_1970;
}
