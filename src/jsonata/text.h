/*
 * text.h - JSONata's functions over strings that need no regular expression.
 *
 * Lengths and places count characters, not JavaScript's units.
 */
#ifndef WF_JSONATA_TEXT_H
#define WF_JSONATA_TEXT_H

#include "jsonata/buffer.h"

extern size_t wf_string_characters(WfString string);

/* In JavaScript's units, which are what $match counts places in. */
extern size_t wf_string_units(WfString string);

/* $substring; length: NULL for all that is left.  A view of the string, as the next two give. */
extern WfString wf_string_substring(WfString string, double start, const double *length);

/* $substringBefore, $substringAfter: all of it where the other is not in it. */
extern WfString wf_string_before(WfString string, WfString what);
extern WfString wf_string_after(WfString string, WfString what);

/* Where the other begins in it, at `from` or behind; false: nowhere.  For $contains, $split and $replace. */
extern bool wf_string_find(WfString string, size_t from, WfString what, size_t *at);

/* $trim: no blanks at its ends, one for several within. */
extern bool wf_string_trim(WfString string, WfBuffer *out);

/* $pad: to so many characters; negative: on the left. */
extern bool wf_string_pad(WfString string, double width, WfString with, WfBuffer *out);

/* $uppercase, $lowercase: letter_case.c */
extern bool wf_string_upper(WfString string, WfBuffer *out);
extern bool wf_string_lower(WfString string, WfBuffer *out);

/* The order of JavaScript's `<`: by UTF-16 units.  Negative, 0, positive. */
extern int wf_string_compare(WfString a, WfString b);

/* $base64encode, $base64decode: base64.c.  A character is a byte: of its number, the lowest eight bits. */
extern bool wf_base64_encode(WfString string, WfBuffer *out);
extern bool wf_base64_decode(WfString string, WfBuffer *out);

/* $encodeUrl, $encodeUrlComponent, $decodeUrl, $decodeUrlComponent: url.c.  D3140. */
extern bool wf_url_encode(WfString string, bool component, WfBuffer *out);
extern bool wf_url_decode(WfString string, bool component, WfBuffer *out);

#endif
