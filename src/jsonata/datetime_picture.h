/*
 * datetime_picture.h - a date's picture that has been read, as writing (datetime_format.c) and parsing (datetime_parse.c)
 * share it; and the calendar.
 */
#ifndef WF_JSONATA_DATETIME_PICTURE_H
#define WF_JSONATA_DATETIME_PICTURE_H

#include "jsonata/datetime.h"
#include "jsonata/format_integer.h"

typedef enum WfNameCase { WF_NAME_NONE, WF_NAME_LOWER, WF_NAME_UPPER, WF_NAME_TITLE } WfNameCase;

/* Text that stands for itself, or a component of a moment, by its letter in the picture: 'Y', 'M' … */
typedef struct WfDatePart
{
	char		component;		/* NUL: text */
	char	   *text;			/* of text; of a component, its picture, to which the format points */
	size_t		length;
	WfNameCase	names;
	bool		zulu;			/* of a timezone: Z for none */
	size_t		max_width;		/* SIZE_MAX: any */
	size_t		year_digits;	/* so many of a year are shown; 0: all */
	size_t		parse_width;	/* so many digits are read; 0: as many as there are */
	WfIntegerFormat format;		/* where it is no name; the last: not all of it is touched */
} WfDatePart;

typedef struct WfDatePicture
{
	WfDatePart *parts;
	size_t		n;
	size_t		capacity;
	char	   *texts;			/* of all parts */
} WfDatePicture;

/* D3132, D3135 and what an integer's picture may have wrong.  To be released in either case. */
extern bool wf_date_picture_read(WfDatePicture *picture, WfString text, WfFault *fault);
extern void wf_date_picture_release(WfDatePicture *picture);

/* D3133 for the name of something that has none. */
extern bool wf_date_part_is_named(const WfDatePart *part, WfFault *fault);

/* The name of a month (0 …) or day (0: Monday) in a part's case and at most of its width; room for 16 bytes. */
extern size_t wf_date_name(const WfDatePart *part, int number, char *name);

/* --- the calendar --- */

#define WF_MILLIS_PER_DAY 86400000.0

/* The farthest moments that JavaScript knows. */
#define WF_MAX_MILLIS 8.64e15

typedef struct WfDate
{
	long		year;
	int			month;			/* 0 … */
	int			day;			/* 1 … */
	int			day_of_year;	/* 0 … */
	int			weekday;		/* 0: Monday */
} WfDate;

extern WfDate wf_date_of_days(double days);

/* Days since 1970; the month may be any number, and the day. */
extern double wf_days_of_date(double year, double month, double day);

#endif
