/*
 * place.c - spelling places, in the service's way: fields behind slashes, items in brackets, no character escaped.
 */
#include "asl/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Adds a place's part behind those of the places around it. */
static char *
spell(const WfPlace *place, char *to, char *end)
{
	char		number[24];
	const char *word;

	if (place == NULL)
		return to;
	to = spell(place->outer, to, end);
	word = place->field;
	if (word == NULL)
	{
		snprintf(number, sizeof(number), "[%zu]", place->index);
		word = number;
	}
	else if (to < end)
		*to++ = '/';
	while (*word != '\0' && to < end)
		*to++ = *word++;
	return to;
}

char *
wf_place_spell(const WfPlace *place)
{
	char		space[WF_PLACE_MAX + 1];
	char	   *end = spell(place, space, space + WF_PLACE_MAX);
	char	   *text;

	/* never half a character */
	if (end - space >= WF_PLACE_MAX - 2)
	{
		while (end > space && ((unsigned char) end[-1] & 0xC0) == 0x80)
			end--;
		if (end > space && (unsigned char) end[-1] >= 0x80)
			end--;
	}
	text = malloc((size_t) (end - space) + 1);
	if (text != NULL)
	{
		memcpy(text, space, (size_t) (end - space));
		text[end - space] = '\0';
	}
	return text;
}
