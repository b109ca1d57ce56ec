/*
 * format_integer.h - $formatInteger and $parseInteger: whole numbers by a picture, as in XPath: digits of any script in groups,
 * letters, Roman numerals, English words, each as a cardinal or an ordinal.
 */
#ifndef WF_JSONATA_FORMAT_INTEGER_H
#define WF_JSONATA_FORMAT_INTEGER_H

#include "jsonata/buffer.h"

typedef enum WfIntegerKind { WF_INTEGER_UNKNOWN, WF_INTEGER_DECIMAL, WF_INTEGER_LETTERS, WF_INTEGER_ROMAN, WF_INTEGER_WORDS } WfIntegerKind;
typedef enum WfLetterCase { WF_CASE_LOWER, WF_CASE_UPPER, WF_CASE_TITLE } WfLetterCase;

/* Separators in one picture; one that has more is not known (D3130). */
#define WF_INTEGER_MAX_GROUPS 32

/* A picture that has been read. */
typedef struct WfIntegerFormat
{
	WfIntegerKind kind;
	WfLetterCase letter_case;
	bool		ordinal;
	WfString	primary;		/* the picture without what stands behind its last semicolon; borrowed */

	/* of decimals */
	uint32_t	zero;			/* first of the digits' family */
	size_t		min_digits;
	size_t		optional_digits;
	size_t		regular;		/* so many digits a group; 0: the groups are as they stand */
	size_t		n_groups;
	struct WfIntegerGroup
	{
		size_t		position;	/* digits to its right */
		uint32_t	separator;
	}			groups[WF_INTEGER_MAX_GROUPS];	/* from the right */
} WfIntegerFormat;

/* D3131; a kind that is not known (D3130) shows when it is used. */
extern bool wf_integer_format_read(WfIntegerFormat *format, WfString picture, WfFault *fault);
extern bool wf_integer_format_write(const WfIntegerFormat *format, double number, WfBuffer *out);
extern bool wf_integer_format_parse(const WfIntegerFormat *format, WfString text, double *number, WfFault *fault);

/* The digits' family that a character is of: its zero; 0 for what is no digit. */
extern uint32_t wf_digit_zero(uint32_t character);

/* $formatInteger; cuts off towards minus infinity. */
extern bool wf_format_integer(double number, WfString picture, WfBuffer *out);

/* $parseInteger.  NaN where the text is no such number. */
extern bool wf_parse_integer(WfString text, WfString picture, double *number, WfFault *fault);

#endif
