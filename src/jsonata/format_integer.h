/*
 * format_integer.h - $formatInteger and $parseInteger: whole numbers by a picture, as in XPath: digits of any script in groups,
 * letters, Roman numerals, English words, each as a cardinal or an ordinal.
 */
#ifndef WF_JSONATA_FORMAT_INTEGER_H
#define WF_JSONATA_FORMAT_INTEGER_H

#include "jsonata/buffer.h"

/* A picture that has been read. */
typedef enum WfIntegerKind { WF_INTEGER_DECIMAL, WF_INTEGER_LETTERS, WF_INTEGER_ROMAN, WF_INTEGER_WORDS, WF_INTEGER_UNKNOWN } WfIntegerKind;
typedef enum WfLetterCase { WF_CASE_LOWER, WF_CASE_UPPER, WF_CASE_TITLE } WfLetterCase;

/* Picture characters that can be told apart; in longer pictures, what is behind is not a group but an error. */
#define WF_INTEGER_MAX_GROUPS 64

typedef struct WfIntegerFormat
{
	WfIntegerKind kind;
	WfLetterCase letter_case;
	bool		ordinal;
	uint32_t	zero;			/* of a decimal's digits */
	double		min_digits;
	int			optional_digits;
	bool		regular;		/* the groups repeat: groups[0] only */
	int			n_groups;
	struct WfIntegerGroup
	{
		size_t		position;	/* digits to its right */
		uint32_t	character;
	}			groups[WF_INTEGER_MAX_GROUPS];
	WfString	primary;		/* the picture without its modifier, borrowed */
} WfIntegerFormat;

/* D3131; a kind that is not known (D3130) shows when it is used. */
extern bool wf_integer_format_read(WfIntegerFormat *format, WfString picture, WfFault *fault);
extern bool wf_integer_format_write(const WfIntegerFormat *format, double number, WfBuffer *out);

/* $formatInteger; cuts off towards minus infinity. */
extern bool wf_format_integer(double number, WfString picture, WfBuffer *out);

/* $parseInteger.  NaN where the text is no such number. */
extern bool wf_parse_integer(WfString text, WfString picture, double *number, WfFault *fault);

#endif
