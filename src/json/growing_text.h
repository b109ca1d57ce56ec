/*
 * growing_text.h - a text to which more and more is added.
 *
 * It begins as {0}.  That memory was out sticks: what is added afterwards is not, so it may be asked at every step or once, at
 * the end.
 */
#ifndef WF_GROWING_TEXT_H
#define WF_GROWING_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct WfText
{
	char	   *data;			/* malloc'ed, with a NUL behind it; NULL if nothing was added */
	size_t		length;
	size_t		size;
	bool		failed;
} WfText;

/* Makes room for so many bytes more and a NUL; false without memory. */
extern bool wf_text_grow(WfText *text, size_t more);

/* False without memory, now or before. */
static inline bool
wf_text_add(WfText *text, const char *data, size_t length)
{
	if (text->failed || (text->size - text->length <= length && !wf_text_grow(text, length)))
		return false;
	memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
	return true;
}

#endif
