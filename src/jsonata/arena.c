/*
 * arena.c - blocks that double in size, and what is to be released with them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jsonata/arena.h"

#define FIRST_BLOCK 8192
#define LARGEST_BLOCK (1 << 20)

struct JnBlock
{
	JnBlock    *next;
};

struct JnKept
{
	JnKept	   *next;
	void	   *thing;
	void		(*release) (void *thing);
};

void
jn_arena_begin(JnArena *arena, void *first, size_t size, size_t limit)
{
	*arena = (JnArena) {.next = first, .end = first != NULL ? (char *) first + size : NULL, .limit = limit};
}

void
jn_arena_end(JnArena *arena)
{
	/* The notes of what is kept lie in the blocks. */
	for (JnKept *kept = arena->kept; kept != NULL; kept = kept->next)
		kept->release(kept->thing);
	for (JnBlock *block = arena->blocks; block != NULL;)
	{
		JnBlock    *next = block->next;

		free(block);
		block = next;
	}
	*arena = (JnArena) {0};
}

void *
jn_arena_more(JnArena *arena, size_t size)
{
	size_t		want = arena->taken < FIRST_BLOCK ? FIRST_BLOCK : arena->taken < LARGEST_BLOCK ? arena->taken : LARGEST_BLOCK;
	bool		large = size > want / 4;
	JnBlock    *block;
	char	   *memory;

	arena->over_limit = false;
	if (large)
		want = size + sizeof(JnBlock);
	if (size > SIZE_MAX / 2 || want > arena->limit - arena->taken)
	{
		arena->over_limit = true;
		return NULL;
	}
	block = malloc(want);
	if (block == NULL)
		return NULL;
	*block = (JnBlock) {.next = arena->blocks};
	arena->blocks = block;
	arena->taken += want;
	memory = (char *) (block + 1);

	/* A large piece has its block to itself: the present one may have room for more. */
	if (!large)
	{
		arena->next = memory + size;
		arena->end = (char *) block + want;
	}
	return memory;
}

void *
jn_alloc0(JnArena *arena, size_t size)
{
	void	   *memory = jn_alloc(arena, size);

	return memory != NULL ? memset(memory, 0, size) : NULL;
}

void *
jn_grow(JnArena *arena, void *old, size_t old_size, size_t size)
{
	void	   *memory;

	old_size = (old_size + 7) & ~(size_t) 7;
	size = (size + 7) & ~(size_t) 7;
	if (old != NULL && (char *) old + old_size == arena->next && size - old_size <= (size_t) (arena->end - arena->next))
	{
		arena->next += size - old_size;
		return old;
	}
	memory = jn_alloc(arena, size);
	if (memory != NULL && old != NULL)
		memcpy(memory, old, old_size);
	return memory;
}

bool
jn_arena_count(JnArena *arena, size_t size)
{
	arena->over_limit = size > arena->limit - arena->taken;
	if (!arena->over_limit)
		arena->taken += size;
	return !arena->over_limit;
}

bool
jn_arena_keep(JnArena *arena, void *thing, void (*release) (void *thing))
{
	JnKept	   *kept = jn_alloc(arena, sizeof(JnKept));

	if (kept == NULL)
	{
		release(thing);
		return false;
	}
	*kept = (JnKept) {arena->kept, thing, release};
	arena->kept = kept;
	return true;
}
