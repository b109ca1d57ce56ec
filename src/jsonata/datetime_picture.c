/*
 * datetime_picture.c - reading the pictures of dates: [Y0001]-[MNn,3-3]; see datetime_picture.h.
 */
#include "jsonata/datetime_picture.h"

#include <stdlib.h>
#include <string.h>

/* The components, and what they look like if nothing is said. */
static const struct
{
	char		component;
	const char *picture;
}			components[] = {
	{'Y', "1"}, {'M', "1"}, {'D', "1"}, {'d', "1"}, {'F', "n"}, {'W', "1"}, {'w', "1"}, {'X', "1"}, {'x', "1"}, {'H', "1"},
	{'h', "1"}, {'P', "n"}, {'m', "01"}, {'s', "01"}, {'f', "1"}, {'Z', "01:01"}, {'z', "01:01"}, {'C', "n"}, {'E', "n"},
};

static bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* A picture of more parts is none that anybody reads. */
#define MAX_PARTS 1000

/* Most have no more. */
#define USUAL_PARTS 8

/* Its text is yet to be written. */
static WfDatePart *
add_part(WfDatePicture *picture, WfFault *fault)
{
	WfDatePart *part;

	if (picture->n == MAX_PARTS)
	{
		wf_fault_kind(fault, WF_FAULT_TOO_LARGE);
		return NULL;
	}
	if (picture->n == picture->capacity)
	{
		size_t		capacity = picture->n == 0 ? USUAL_PARTS : picture->n * 2;
		WfDatePart *larger = realloc(picture->parts, capacity * sizeof(WfDatePart));

		if (larger == NULL)
		{
			wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
			return NULL;
		}
		picture->parts = larger;
		picture->capacity = capacity;
	}
	part = &picture->parts[picture->n++];
	memset(part, 0, offsetof(WfDatePart, format.groups));
	part->text = picture->n > 1 ? part[-1].text + part[-1].length : picture->texts;
	part->max_width = SIZE_MAX;
	return part;
}

/* Text, in which ]] stands for ]. */
static bool
add_text(WfDatePicture *picture, WfString text, WfFault *fault)
{
	WfDatePart *part;

	if (text.length == 0)
		return true;
	part = add_part(picture, fault);
	if (part == NULL)
		return false;
	for (size_t i = 0; i < text.length; i++)
	{
		part->text[part->length++] = text.text[i];
		if (text.text[i] == ']' && i + 1 < text.length && text.text[i + 1] == ']')
			i++;
	}
	return true;
}

/* A width, * for any; false for none. */
static bool
read_width(const char **at, const char *end, size_t *width)
{
	bool		found = false;

	*width = 0;
	for (; *at < end && **at >= '0' && **at <= '9'; ++*at, found = true)
		if (*width < 100000000)
			*width = *width * 10 + (size_t) (**at - '0');
	if (!found && *at < end && **at == '*')
		++*at;
	return found;
}

/* ,least-most behind a presentation. */
static void
read_widths(WfDatePart *part, WfString text, size_t *least)
{
	const char *at = text.text;
	const char *end = at + text.length;
	size_t		width;

	if (read_width(&at, end, &width))
		*least = width;
	if (at < end && *at == '-')
	{
		at++;
		if (read_width(&at, end, &width))
			part->max_width = width;
	}
}

static WfNameCase
name_case(WfString presentation)
{
	if (presentation.text[0] != 'n' && presentation.text[0] != 'N')
		return WF_NAME_NONE;
	return presentation.text[0] == 'n' ? WF_NAME_LOWER :
		presentation.length > 1 && presentation.text[1] == 'n' ? WF_NAME_TITLE : WF_NAME_UPPER;
}

/* The digits that a picture of an integer gives, in view of the widths. */
static void
set_digits(WfDatePart *part, size_t least)
{
	if (part->component == 'Z' || part->component == 'z')
		return;
	if (part->format.kind == WF_INTEGER_DECIMAL && part->format.min_digits < least)
		part->format.min_digits = least;
	if (part->component != 'Y')
		return;
	if (part->max_width != SIZE_MAX)
		part->year_digits = part->format.min_digits = part->max_width;
	else if (part->format.min_digits + part->format.optional_digits >= 2)
		part->year_digits = part->format.min_digits + part->format.optional_digits;
}

/* What stands in brackets; blanks mean nothing there. */
static bool
add_component(WfDatePicture *picture, WfString text, WfFault *fault)
{
	WfDatePart *part = add_part(picture, fault);
	WfString	presentation;
	size_t		least = 0;
	size_t		n = 0;
	const char *usual = NULL;
	const char *comma = NULL;
	bool		ordinal = false;

	if (part == NULL)
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (!is_one_of(text.text[i], " \t\n\v\f\r"))
			part->text[n++] = text.text[i];
	part->length = n;
	for (size_t i = 0; i < sizeof(components) / sizeof(*components) && n > 0; i++)
		if (components[i].component == part->text[0])
			usual = components[i].picture;
	if (usual == NULL)
	{
		const char *end = part->text;

		if (n > 0)
			wf_character_next(&end, part->text + n);
		return wf_fault_string(fault, "D3132", (WfString) {part->text, (size_t) (end - part->text)});
	}
	part->component = part->text[0];

	presentation = (WfString) {part->text + 1, n - 1};
	for (size_t i = 0; i < presentation.length; i++)
		if (presentation.text[i] == ',')
			comma = presentation.text + i;
	if (comma != NULL)
	{
		read_widths(part, (WfString) {comma + 1, (size_t) (presentation.text + presentation.length - comma) - 1}, &least);
		presentation.length = (size_t) (comma - presentation.text);
	}
	if (presentation.length > 1 && is_one_of(presentation.text[presentation.length - 1], "atco"))
	{
		part->zulu = presentation.text[presentation.length - 1] == 't';
		ordinal = presentation.text[presentation.length - 1] == 'o';
		presentation.length--;
	}
	if (presentation.length == 0)
		presentation = (WfString) {usual, strlen(usual)};
	part->names = name_case(presentation);
	if (part->names == WF_NAME_NONE && is_one_of(part->component, "PCE"))
		part->names = WF_NAME_LOWER;	/* which are no numbers, whatever is asked for */
	if (part->names != WF_NAME_NONE)
		return true;
	if (!wf_integer_format_read(&part->format, presentation, fault))
		return false;
	part->format.ordinal = ordinal && part->component != 'Z' && part->component != 'z';
	set_digits(part, least);
	return true;
}

/* Where two numbers stand side by side, the first has as many digits as its picture. */
static void
set_parse_widths(WfDatePicture *picture)
{
	for (size_t i = 1; i < picture->n; i++)
	{
		const WfDatePart *part = &picture->parts[i];

		if (part->component != '\0' && !is_one_of(part->component, "Zz") && part->names == WF_NAME_NONE && part[-1].component != '\0')
			picture->parts[i - 1].parse_width = part[-1].format.min_digits;
	}
}

bool
wf_date_picture_read(WfDatePicture *picture, WfString text, WfFault *fault)
{
	const char *at = text.text;
	const char *end = at + text.length;
	const char *start = at;

	/* What is written of a picture is no longer than what is read. */
	*picture = (WfDatePicture) {.texts = malloc(text.length + 1)};
	if (picture->texts == NULL)
		return wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
	while (at < end)
	{
		const char *close;

		if (*at != '[')
		{
			at++;
			continue;
		}
		if (at + 1 < end && at[1] == '[')
		{
			if (!add_text(picture, (WfString) {start, (size_t) (at + 1 - start)}, fault))
				return false;
			start = at += 2;
			continue;
		}
		if (!add_text(picture, (WfString) {start, (size_t) (at - start)}, fault))
			return false;
		close = memchr(at, ']', (size_t) (end - at));
		if (close == NULL)
			return wf_fault(fault, "D3135");
		if (!add_component(picture, (WfString) {at + 1, (size_t) (close - at - 1)}, fault))
			return false;
		start = at = close + 1;
	}
	if (!add_text(picture, (WfString) {start, (size_t) (end - start)}, fault))
		return false;
	set_parse_widths(picture);
	return true;
}

void
wf_date_picture_release(WfDatePicture *picture)
{
	free(picture->parts);
	free(picture->texts);
	*picture = (WfDatePicture) {0};
}

bool
wf_date_part_is_named(const WfDatePart *part, WfFault *fault)
{
	if (part->names == WF_NAME_NONE || is_one_of(part->component, "MxFP"))
		return true;
	return wf_fault_string(fault, "D3133", (WfString) {&part->component, 1});
}

size_t
wf_date_name(const WfDatePart *part, int number, char *name)
{
	static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December"};
	static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
	const char *text = part->component == 'F' ? days[number] : months[number];
	size_t		n = 0;

	for (; text[n] != '\0' && n < part->max_width; n++)
	{
		bool		is_upper = text[n] >= 'A' && text[n] <= 'Z';

		name[n] = part->names == WF_NAME_UPPER && !is_upper ? (char) (text[n] - 'a' + 'A') :
			part->names == WF_NAME_LOWER && is_upper ? (char) (text[n] - 'A' + 'a') : text[n];
	}
	return n;
}
