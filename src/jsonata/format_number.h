/*
 * format_number.h - $formatNumber: a number by a picture, as in XPath ('#,##0.00;(#)').
 */
#ifndef WF_JSONATA_FORMAT_NUMBER_H
#define WF_JSONATA_FORMAT_NUMBER_H

#include "jsonata/buffer.h"

/* What stands for what, in the picture and in the result; the strings are borrowed. */
typedef struct WfDecimalFormat
{
	WfString	decimal_separator;
	WfString	grouping_separator;
	WfString	exponent_separator;
	WfString	infinity;
	WfString	minus_sign;
	WfString	nan;
	WfString	percent;
	WfString	per_mille;
	WfString	zero_digit;
	WfString	digit;
	WfString	pattern_separator;
} WfDecimalFormat;

extern WfDecimalFormat wf_decimal_format_default(void);

/* Sets one by the name that it has in JSONata's options ("decimal-separator"); other names mean nothing. */
extern void wf_decimal_format_set(WfDecimalFormat *format, WfString name, WfString value);

/* D3080 … D3093. */
extern bool wf_format_number(double number, WfString picture, const WfDecimalFormat *format, WfBuffer *out);

#endif
