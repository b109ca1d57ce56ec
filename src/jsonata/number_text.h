/*
 * number_text.h - numbers as JavaScript writes, reads and rounds them.
 */
#ifndef WF_JSONATA_NUMBER_TEXT_H
#define WF_JSONATA_NUMBER_TEXT_H

#include "jsonata/buffer.h"

/* Bytes for the longest text of a number. */
#define WF_JS_NUMBER_SIZE 32

/* String(number), without NUL; returns its length.  The fewest digits that read back the same: 1e+21, NaN, -Infinity. */
extern size_t wf_js_number_write(double number, char *text);

/* The same of the number that $string writes: what is no whole number is rounded to 15 digits, 0.1+0.2 is 0.3. */
extern size_t wf_js_number_write_rounded(double number, char *text);

/* True if a number lies exactly between two of so many decimal places: JavaScript rounds it away from zero, C does not. */
extern bool wf_js_lies_between(double number, int places);

/* Number(text) as $number takes it: a JSON number, or a whole one as 0x…, 0o…, 0b….  False: none, or none that is finite. */
extern bool wf_js_number_read(WfString text, double *number);

/* $round: to so many places behind the point (or before, if negative), halves to the even digit.  May be NaN. */
extern double wf_js_round(double number, double precision);

/* $formatBase; both numbers are rounded to whole ones.  D3100. */
extern bool wf_js_format_base(double number, double radix, WfBuffer *out);

#endif
