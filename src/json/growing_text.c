/*
 * growing_text.c - a text to which more and more is added; see growing_text.h.
 */
#include <stdlib.h>

#include "json/growing_text.h"

#define FIRST_SIZE 256

bool
wf_text_grow(WfText *text, size_t more)
{
	size_t		size = text->size ? text->size : FIRST_SIZE;
	char	   *larger;

	while (size - text->length <= more)
		size *= 2;
	larger = realloc(text->data, size);
	if (larger == NULL)
	{
		text->failed = true;
		return false;
	}
	text->data = larger;
	text->size = size;
	return true;
}
