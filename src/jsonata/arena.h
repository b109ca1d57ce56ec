/*
 * arena.h - memory that is given back all at once: of a compiled expression, and of an evaluation.
 *
 * What an evaluation makes lives to its end; nothing is freed before, so values need no counting.  The limit bounds what
 * that may come to.
 */
#ifndef WF_JSONATA_ARENA_H
#define WF_JSONATA_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct JnBlock JnBlock;
typedef struct JnKept JnKept;

typedef struct JnArena
{
	char	   *next;
	char	   *end;
	JnBlock    *blocks;			/* what is to be freed; the memory it was begun with is not */
	JnKept	   *kept;			/* what else is to be released */
	size_t		taken;			/* bytes in blocks */
	size_t		limit;
	bool		over_limit;		/* the last allocation failed for the limit, not for want of memory */
} JnArena;

/* `first`: memory of the caller's, to be used before any is asked for. */
extern void jn_arena_begin(JnArena *arena, void *first, size_t size, size_t limit);
extern void jn_arena_end(JnArena *arena);

extern void *jn_arena_more(JnArena *arena, size_t size);

/* Aligned for anything; NULL without memory or over the limit. */
static inline void *
jn_alloc(JnArena *arena, size_t size)
{
	char	   *memory = arena->next;

	size = (size + 7) & ~(size_t) 7;
	if (size > (size_t) (arena->end - memory))
		return jn_arena_more(arena, size);
	arena->next = memory + size;
	return memory;
}

/* The same, zeroed. */
extern void *jn_alloc0(JnArena *arena, size_t size);

/* A larger place for what was allocated, which moves only if something stands behind it. */
extern void *jn_grow(JnArena *arena, void *old, size_t old_size, size_t size);

/* Counts memory that somebody else has for the arena's owner.  False over the limit. */
extern bool jn_arena_count(JnArena *arena, size_t size);

/* Takes something malloc'ed into the arena's keeping: release(thing) when it ends.  False (and released) without memory. */
extern bool jn_arena_keep(JnArena *arena, void *thing, void (*release) (void *thing));

#endif
