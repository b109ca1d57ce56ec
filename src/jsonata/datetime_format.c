/*
 * datetime_format.c - $fromMillis: a moment by a picture; see datetime.h.
 */
#include <math.h>
#include <string.h>

#include "jsonata/datetime_picture.h"

typedef struct Moment
{
	WfDate		date;			/* at the place */
	WfDate		thursday;		/* of its week: its month and year are the week's */
	int			millis;			/* of the day */
	int			offset;			/* minutes */
} Moment;

/* ±HHMM, ±HH:MM, or fewer digits, as a number of hours and minutes; what follows them does not matter. */
static bool
read_timezone(WfString timezone, int *offset, WfFault *fault)
{
	const char *at = timezone.text;
	const char *end = at + timezone.length;
	bool		negative;
	int			number = 0;
	int			digits = 0;

	negative = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	for (; at < end && digits < 4; at++)
	{
		if (*at >= '0' && *at <= '9')
		{
			number = number * 10 + (*at - '0');
			digits++;
		}
		else if (*at != ':' || digits == 0)
			break;
	}
	if (digits == 0)
		return wf_fault_string(fault, "D3134", timezone);
	*offset = (number / 100 * 60 + number % 100) * (negative ? -1 : 1);
	return true;
}

static Moment
moment_at(double millis, int offset)
{
	double		local = trunc(millis) + offset * 60000.0;
	double		days = floor(local / WF_MILLIS_PER_DAY);
	Moment		moment = {.offset = offset};

	moment.date = wf_date_of_days(days);
	moment.thursday = wf_date_of_days(days - moment.date.weekday + 3);
	moment.millis = (int) (local - days * WF_MILLIS_PER_DAY);
	return moment;
}

static int
number_of(const Moment *moment, char component)
{
	int			hour = moment->millis / 3600000;

	switch (component)
	{
		case 'Y':
			return (int) moment->date.year;
		case 'M':
			return moment->date.month + 1;
		case 'D':
			return moment->date.day;
		case 'd':
			return moment->date.day_of_year + 1;
		case 'F':
			return moment->date.weekday + 1;
		case 'X':
			return (int) moment->thursday.year;
		case 'x':
			return moment->thursday.month + 1;
		case 'W':
			return moment->thursday.day_of_year / 7 + 1;
		case 'w':
			return (moment->thursday.day - 1) / 7 + 1;
		case 'H':
			return hour;
		case 'h':
			return (hour + 11) % 12 + 1;
		case 'm':
			return moment->millis / 60000 % 60;
		case 's':
			return moment->millis / 1000 % 60;
		default:
			return moment->millis % 1000;
	}
}

/* +01:00 */
static bool
write_offset(const Moment *moment, const WfDatePart *part, WfBuffer *out)
{
	static const WfIntegerFormat two_digits = {.kind = WF_INTEGER_DECIMAL, .zero = '0', .min_digits = 2};
	int			offset = moment->offset < 0 ? -moment->offset : moment->offset;
	int			hours = offset / 60;
	int			minutes = offset % 60;

	if (part->names != WF_NAME_NONE || part->format.kind != WF_INTEGER_DECIMAL)
		return wf_fault(out->fault, "D3134");
	if (part->format.regular == 0 && part->format.min_digits > 4)
		return wf_fault_number(out->fault, "D3134", (double) part->format.min_digits);
	if (offset == 0 && part->zulu)
		return wf_buffer_add(out, "Z", 1);
	if ((part->component == 'z' && !wf_buffer_add(out, "GMT", 3)) || !wf_buffer_add(out, moment->offset < 0 ? "-" : "+", 1))
		return false;
	if (part->format.regular > 0 || part->format.min_digits > 2)
		return wf_integer_format_write(&part->format, hours * 100 + minutes, out);
	return wf_integer_format_write(&part->format, hours, out) &&
		(minutes == 0 || (wf_buffer_add(out, ":", 1) && wf_integer_format_write(&two_digits, minutes, out)));
}

static bool
write_part(const Moment *moment, const WfDatePart *part, WfBuffer *out)
{
	char		name[16];
	double		number;

	switch (part->component)
	{
		case '\0':
			return wf_buffer_add(out, part->text, part->length);
		case 'C':
		case 'E':
			return wf_buffer_add(out, "ISO", 3);
		case 'Z':
		case 'z':
			return write_offset(moment, part, out);
		case 'P':
			return wf_buffer_add(out, part->names == WF_NAME_UPPER ? (moment->millis < 43200000 ? "AM" : "PM") :
								 (moment->millis < 43200000 ? "am" : "pm"), 2);
	}
	if (!wf_date_part_is_named(part, out->fault))
		return false;
	number = number_of(moment, part->component);
	if (part->names != WF_NAME_NONE)
		return wf_buffer_add(out, name, wf_date_name(part, (int) number - 1, name));
	if (part->year_digits > 0 && part->year_digits < 10)
		number = fmod(number, pow(10, (double) part->year_digits));
	return wf_integer_format_write(&part->format, number, out);
}

bool
wf_from_millis(double millis, const WfString *picture, const WfString *timezone, WfBuffer *out)
{
	const WfString iso_8601 = WF_STRING("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]");
	WfDatePicture parts;
	Moment		moment;
	int			offset = 0;
	bool		good;

	if (!(fabs(millis) <= WF_MAX_MILLIS))
		return wf_fault_number(out->fault, "D3110", millis);
	good = wf_date_picture_read(&parts, picture != NULL ? *picture : iso_8601, out->fault) &&
		(timezone == NULL || read_timezone(*timezone, &offset, out->fault));
	moment = moment_at(millis, offset);
	for (size_t i = 0; good && i < parts.n; i++)
		good = write_part(&moment, &parts.parts[i], out);
	wf_date_picture_release(&parts);
	return good;
}
