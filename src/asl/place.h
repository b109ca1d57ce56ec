/*
 * place.h - where in a JSON document something stands: a chain of frames on the C stack, spelled out only when there is
 * something to say about it, as the service spells it: /States/A/Choices[0]/Next.
 */
#ifndef WF_PLACE_H
#define WF_PLACE_H

#include <stddef.h>

typedef struct WfPlace
{
	const struct WfPlace *outer;
	const char *field;			/* NULL: an array's item */
	size_t		index;
} WfPlace;

/* Longer places are cut: a definition may have names of any length. */
#define WF_PLACE_MAX 2000

/* New, malloc'ed: a place's spelling; "" for NULL, the whole.  NULL without memory. */
extern char *wf_place_spell(const WfPlace *place);

#endif
