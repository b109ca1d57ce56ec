/*
 * datetime_parse.c - $toMillis: see datetime.h.
 *
 * A text is matched with a picture as with a regular expression, whose parts take as much as they can and give it back while
 * what follows does not fit.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jsonata/datetime_picture.h"
#include "jsonata/number_words.h"

/* --- ISO 8601 --- */

static bool
read_digits(const char **at, const char *end, int n, double *number)
{
	if (end - *at < n)
		return false;
	*number = 0;
	for (int i = 0; i < n; i++)
	{
		char		c = (*at)[i];

		if (c < '0' || c > '9')
			return false;
		*number = *number * 10 + (c - '0');
	}
	*at += n;
	return true;
}

static bool
take(const char **at, const char *end, char c)
{
	if (*at == end || **at != c)
		return false;
	++*at;
	return true;
}

/* Z, +0100, +01:00 or nothing. */
static bool
read_iso_zone(const char **at, const char *end, double *offset)
{
	bool		negative = *at < end && **at == '-';
	double		hours,
				minutes;

	*offset = 0;
	if (*at == end || take(at, end, 'Z'))
		return true;
	if (!negative && **at != '+')
		return false;
	++*at;
	if (!read_digits(at, end, 2, &hours))
		return false;
	take(at, end, ':');
	if (!read_digits(at, end, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*offset = (hours * 60 + minutes) * (negative ? -1 : 1);
	return true;
}

/* Thh:mm:ss and a fraction, of which three digits count */
static bool
read_iso_time(const char **at, const char *end, double *millis)
{
	double		hours,
				minutes,
				seconds,
				digit,
				unit = 100;

	if (!read_digits(at, end, 2, &hours) || !take(at, end, ':') || !read_digits(at, end, 2, &minutes) ||
		!take(at, end, ':') || !read_digits(at, end, 2, &seconds))
		return false;
	*millis = ((hours * 60 + minutes) * 60 + seconds) * 1000;
	if (take(at, end, '.'))
	{
		if (!read_digits(at, end, 1, &digit))
			return false;
		do
		{
			*millis += unit >= 1 ? digit * unit : 0;
			unit /= 10;
		} while (read_digits(at, end, 1, &digit));
	}
	return minutes < 60 && seconds < 60 && *millis <= WF_MILLIS_PER_DAY;
}

/* A date or less of one, and a time: YYYY-MM-DDThh:mm:ss.fff+01:00 */
static bool
read_iso(WfString text, double *millis)
{
	const char *at = text.text;
	const char *end = at + text.length;
	double		year,
				month = 1,
				day = 1,
				time = 0,
				offset;

	if (!read_digits(&at, end, 4, &year))
		return false;
	if (take(&at, end, '-') && !read_digits(&at, end, 2, &month))
		return false;
	if (take(&at, end, '-') && !read_digits(&at, end, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > 31 || (take(&at, end, 'T') && !read_iso_time(&at, end, &time)) ||
		!read_iso_zone(&at, end, &offset) || at < end)
		return false;
	*millis = wf_days_of_date(year, month - 1, day) * WF_MILLIS_PER_DAY + time - offset * 60000;
	return true;
}

/* --- matching with a picture --- */

/* What a text may cost to match: it could fit a picture of words in very many ways. */
#define MAX_TRIES 100000
#define BYTES_PER_TRY 16

typedef struct Matching
{
	const WfDatePicture *picture;
	WfString	text;
	size_t	   *ends;			/* of each part */
	size_t		tries;
} Matching;

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

static bool
starts_with(WfString text, size_t at, const char *what, size_t length)
{
	if (text.length - at < length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (lower(text.text[at + i]) != lower(what[i]))
			return false;
	return true;
}

/* So many characters from a place on are of a set, in either case. */
static size_t
span(WfString text, size_t at, const char *set)
{
	size_t		n = 0;

	while (at + n < text.length && text.text[at + n] != '\0' && strchr(set, lower(text.text[at + n])) != NULL)
		n++;
	return n;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* Of the digits of the part's family, in bytes; at most parse_width of them. */
static size_t
span_digits(const WfDatePart *part, WfString text, size_t at)
{
	const char *start = text.text + at;
	const char *end = text.text + text.length;
	const char *next = start;

	for (size_t n = 0; next < end && (part->parse_width == 0 || n < part->parse_width); n++)
	{
		const char *behind = next;
		uint32_t	character = wf_character_next(&behind, end);

		if (character < part->format.zero || character >= part->format.zero + 10)
			break;
		next = behind;
	}
	return (size_t) (next - start);
}

/* Words of numbers, and what may stand between them. */
static size_t
span_words(WfString text, size_t at)
{
	size_t		start = at;
	size_t		letters;

	while (at < text.length)
	{
		if (strchr(" ,-", text.text[at]) != NULL && text.text[at] != '\0')
		{
			at++;
			continue;
		}
		letters = span(text, at, LETTERS);
		if (letters == 0 || !((letters == 3 && starts_with(text, at, "and", 3)) ||
							  wf_number_word((WfString) {text.text + at, letters}) >= 0))
			break;
		at += letters;
	}
	return at - start;
}

/* A zone and a fraction look the same whatever their picture. */
static bool
is_read_by_itself(const WfDatePart *part)
{
	return part->component == 'Z' || part->component == 'z' || part->component == 'f';
}

/* ±hh:mm, or digits only */
static size_t
span_zone(const WfDatePart *part, WfString text, size_t at)
{
	size_t		start = at;
	size_t		n;

	if (part->component == 'z')
	{
		if (!starts_with(text, at, "GMT", 3))
			return 0;
		at += 3;
	}
	if (at == text.length || (text.text[at] != '+' && text.text[at] != '-') || (n = span(text, at + 1, DIGITS)) == 0)
		return 0;
	at += n + 1;
	if (part->format.regular == 0)
		return at - start;
	if (at == text.length || (uint32_t) text.text[at] != part->format.groups[0].separator || (n = span(text, at + 1, DIGITS)) == 0)
		return 0;
	return at + n + 1 - start;
}

/* True if a number's or a name's text may end at a place: not within a word, or a character. */
static bool
may_end(const WfDatePart *part, WfString text, size_t start, size_t end)
{
	if (part->names != WF_NAME_NONE || is_read_by_itself(part) || part->format.kind != WF_INTEGER_DECIMAL)
		return true;
	if (part->parse_width > 0 && end - start < part->parse_width)
		return false;
	return end == text.length || ((unsigned char) text.text[end] & 0xC0) != 0x80;
}

/* The most that a component may take; 0: it does not fit. */
static size_t
span_component(const WfDatePart *part, WfString text, size_t at)
{
	if (part->component == 'Z' || part->component == 'z')
		return span_zone(part, text, at);
	if (part->component == 'f')
		return span(text, at, DIGITS);
	if (part->names != WF_NAME_NONE)
		return span(text, at, LETTERS);
	switch (part->format.kind)
	{
		case WF_INTEGER_DECIMAL:
			return span_digits(part, text, at);
		case WF_INTEGER_LETTERS:
			return span(text, at, LETTERS);
		case WF_INTEGER_ROMAN:
			return span(text, at, "ivxlcdm");
		default:
			return span_words(text, at);
	}
}

static bool match_from(Matching *matching, size_t part, size_t at);

/* Tries all ends of a component, the farthest first. */
static bool
match_component(Matching *matching, size_t i, size_t at)
{
	const WfDatePart *part = &matching->picture->parts[i];
	size_t		most = span_component(part, matching->text, at);

	matching->tries += most / BYTES_PER_TRY;
	for (size_t length = most; length > 0; length--)
	{
		size_t		end = at + length;

		if (++matching->tries > MAX_TRIES)
			return false;

		if (part->format.ordinal && part->format.kind == WF_INTEGER_DECIMAL && !is_read_by_itself(part))
		{
			static const char *const suffixes[] = {"th", "st", "nd", "rd"};
			bool		found = false;

			for (int j = 0; j < 4 && !found; j++)
				found = starts_with(matching->text, end, suffixes[j], 2);
			if (!found)
				continue;
			end += 2;
		}
		else if (!may_end(part, matching->text, at, end))
			continue;
		matching->ends[i] = end;
		if (match_from(matching, i + 1, end))
			return true;
		if ((part->component == 'Z' || part->component == 'z') && !(end - at >= 3 && strchr(DIGITS, matching->text.text[end - 2]) != NULL))
			return false;		/* it ends with a digit of each of its numbers */
	}
	return false;
}

/* Recursion is as deep as the picture has parts. */
static bool
match_from(Matching *matching, size_t i, size_t at)
{
	const WfDatePart *part = &matching->picture->parts[i];

	if (i == matching->picture->n)
		return at == matching->text.length;
	if (part->component != '\0')
		return match_component(matching, i, at);
	if (!starts_with(matching->text, at, part->text, part->length))
		return false;
	matching->ends[i] = at + part->length;
	return match_from(matching, i + 1, at + part->length);
}

/* --- from components to a moment --- */

static const char component_letters[] = "YXMxWwdDFPHhmsfZ";

#define N_COMPONENTS (sizeof(component_letters) - 1)

/* What each component is, NAN for what the text does not tell. */
typedef struct Components
{
	double		values[N_COMPONENTS];
} Components;

static double *
component(Components *components, char letter)
{
	return &components->values[strchr(component_letters, letter == 'z' ? 'Z' : letter) - component_letters];
}

/* A zone's offset in minutes. */
static double
zone_value(const WfDatePart *part, WfString text)
{
	const char *at = text.text + (part->component == 'z' ? 3 : 0);
	const char *end = text.text + text.length;
	bool		negative = *at == '-';
	double		hours = 0,
				minutes = 0;
	size_t		n;

	at++;
	n = span((WfString) {at, (size_t) (end - at)}, 0, DIGITS);
	if (part->format.regular == 0 && n > 2)
		n = 2;
	for (size_t i = 0; i < n; i++)
		hours = hours * 10 + (at[i] - '0');
	for (at += n; at < end; at++)
		if (*at >= '0' && *at <= '9')
			minutes = minutes * 10 + (*at - '0');
	return (hours * 60 + minutes) * (negative ? -1 : 1);
}

/*
 * A month's, day's or half a day's name as a number; NAN for none.  Names of months and days are read as they are usually
 * written, whatever the case in which the picture would write them; half a day's is in capitals or in small letters.
 */
static double
name_value(const WfDatePart *part, WfString text)
{
	static const struct
	{
		WfString	name;
		int			value;
	}			halves[] = {{{"am", 2}, 0}, {{"AM", 2}, 0}, {{"pm", 2}, 1}, {{"PM", 2}, 1}};
	WfDatePart	usual = *part;
	char		name[16];
	int			n = part->component == 'F' ? 7 : 12;

	if (part->component == 'P')
	{
		for (size_t i = 0; i < sizeof(halves) / sizeof(*halves); i++)
			if (wf_string_equal(text, halves[i].name))
				return halves[i].value;
		return NAN;
	}
	usual.names = WF_NAME_TITLE;
	for (int i = 0; i < n; i++)
		if (wf_string_equal(text, (WfString) {name, wf_date_name(&usual, i, name)}))
			return i + 1;
	return NAN;
}

/* Milliseconds; what comes behind them is passed over.  Digits are all that a fraction can be, whatever its picture. */
static double
fraction_value(WfString text)
{
	double		value = 0;

	for (size_t i = 0; i < 3; i++)
		value = value * 10 + (i < text.length ? text.text[i] - '0' : 0);
	return value;
}

static bool
read_value(const WfDatePart *part, WfString text, double *value, WfFault *fault)
{
	if (part->component == 'Z' || part->component == 'z')
	{
		*value = zone_value(part, text);
		return true;
	}
	if (part->component == 'f')
	{
		*value = fraction_value(text);
		return true;
	}
	if (part->names != WF_NAME_NONE)
	{
		*value = name_value(part, text);
		return true;
	}
	return wf_integer_format_parse(&part->format, text, value, fault);
}

/* True if what is given is something, and nothing but letters of a set.  As JSONata has it, zero does not count as given. */
static bool
consists_of(Components *components, const char *given, const char *set)
{
	bool		something = false;

	for (; *given != '\0'; given++)
	{
		double		value = *component(components, *given);

		if (isnan(value) || value == 0)
			continue;
		if (strchr(set, *given) == NULL)
			return false;
		something = true;
	}
	return something;
}

static double
now_value(double now, char letter)
{
	double		days = floor(now / WF_MILLIS_PER_DAY);
	WfDate		date = wf_date_of_days(days);
	double		millis = now - days * WF_MILLIS_PER_DAY;
	double		hour = floor(millis / 3600000);

	switch (letter)
	{
		case 'Y':
			return (double) date.year;
		case 'M':
			return date.month + 1;
		case 'D':
			return date.day;
		case 'P':
			return 0;			/* hours that are neither am nor pm are the day's */
		case 'H':
			return hour;
		case 'h':
			return fmod(hour + 11, 12) + 1;
		case 'm':
			return fmod(floor(millis / 60000), 60);
		case 's':
			return fmod(floor(millis / 1000), 60);
		default:
			return fmod(millis, 1000);
	}
}

/* What the text does not tell is now's before the first that it tells, and the least possible behind the last; between, D3136. */
static bool
complete(Components *components, const char *letters, double now, WfFault *fault)
{
	bool		started = false,
				ended = false;

	for (; *letters != '\0'; letters++)
	{
		double	   *value = component(components, *letters);

		if (!isnan(*value))
		{
			started = true;
			if (ended)
				return wf_fault(fault, "D3136");
		}
		else if (started)
		{
			*value = *letters == 'M' || *letters == 'D';
			ended = true;
		}
		else
			*value = now_value(now, *letters);
	}
	return true;
}

static bool
make_moment(Components *components, double now, double *millis, WfFault *fault)
{
	static const char dates[] = "YXMxWwdD";
	static const char times[] = "PHhms";
	bool		by_date = consists_of(components, dates, "YMD");
	bool		by_day = !by_date && consists_of(components, dates, "Yd");
	bool		half_days = !consists_of(components, times, "Hms") && consists_of(components, times, "Phms");
	double		year,
				month,
				days,
				hours;

	if (!by_date && !by_day && (consists_of(components, dates, "Xxw") || consists_of(components, dates, "XW")))
		return wf_fault(fault, "D3136");	/* a week's number and a day's name are not understood */
	if (!complete(components, by_day && half_days ? "YDPhmsf" : by_day ? "YDHmsf" : half_days ? "YMDPhmsf" : "YMDHmsf", now, fault))
		return false;

	year = *component(components, 'Y');
	if (year >= 0 && year <= 99)
		year += 1900;			/* as Date.UTC() has it */
	month = *component(components, 'M');
	days = by_day ? wf_days_of_date(year, 0, *component(components, 'd')) :
		wf_days_of_date(year, month > 0 ? month - 1 : 0, *component(components, 'D'));
	hours = *component(components, half_days ? 'h' : 'H');
	if (half_days)
		hours = (hours == 12 ? 0 : hours) + (*component(components, 'P') == 1 ? 12 : 0);
	*millis = days * WF_MILLIS_PER_DAY + ((hours * 60 + *component(components, 'm')) * 60 + *component(components, 's')) * 1000 +
		trunc(*component(components, 'f'));
	if (!isnan(*component(components, 'Z')))
		*millis -= *component(components, 'Z') * 60000;
	return true;
}

/* --- both --- */

static bool
read_by_picture(const WfDatePicture *picture, WfString text, double now, bool *found, double *millis, WfFault *fault)
{
	Matching	matching = {picture, text, NULL, 0};
	Components	components;
	size_t		start = 0;
	bool		good = true,
				something = false;

	for (size_t i = 0; i < picture->n; i++)
	{
		const WfDatePart *part = &picture->parts[i];

		if (part->component == '\0')
			continue;
		if (part->component == 'C' || part->component == 'E')
			return wf_fault_string(fault, "D3133", (WfString) {&part->component, 1});
		something = true;
		if (is_read_by_itself(part))
			continue;
		if (!wf_date_part_is_named(part, fault))
			return false;
		if (part->names == WF_NAME_NONE && part->format.kind == WF_INTEGER_UNKNOWN)
			return wf_fault_string(fault, "D3130", part->format.primary);
	}
	if (!something)
		return true;
	matching.ends = malloc(picture->n * sizeof(size_t));
	if (matching.ends == NULL)
		return wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
	*found = match_from(&matching, 0, 0);
	for (size_t i = 0; i < N_COMPONENTS; i++)
		components.values[i] = NAN;
	for (size_t i = 0; i < picture->n && *found && good; i++)
	{
		const WfDatePart *part = &picture->parts[i];

		if (part->component != '\0')
			good = read_value(part, (WfString) {text.text + start, matching.ends[i] - start},
							  component(&components, part->component), fault);
		start = matching.ends[i];
	}
	free(matching.ends);
	if (matching.tries > MAX_TRIES)
		return wf_fault_kind(fault, WF_FAULT_TOO_LONG);
	if (!good || !*found)
		return good;
	if (!make_moment(&components, now, millis, fault))
		return false;
	*found = fabs(*millis) <= WF_MAX_MILLIS;
	return true;
}

bool
wf_to_millis(WfString text, const WfString *picture, double now, bool *found, double *millis, WfFault *fault)
{
	WfDatePicture parts;
	bool		good;

	*found = false;
	if (picture == NULL)
	{
		*found = read_iso(text, millis);
		return *found || wf_fault_string(fault, "D3110", text);
	}
	good = wf_date_picture_read(&parts, *picture, fault) && read_by_picture(&parts, text, now, found, millis, fault);
	wf_date_picture_release(&parts);
	return good;
}
