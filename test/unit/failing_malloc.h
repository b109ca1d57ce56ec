/*
 * failing_malloc.h - an allocator whose nth allocation fails, or all from the nth on.
 *
 * For programs that are linked with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc (unit.mk names them).  jansson allocates
 * from a library of its own, which is not wrapped: fail_in_jansson_too() first.
 */
#ifndef FAILING_MALLOC_H
#define FAILING_MALLOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

extern void *__real_malloc(size_t size);
extern void *__real_calloc(size_t n, size_t size);
extern void *__real_realloc(void *old, size_t size);

static long countdown;			/* 0: no allocation fails */
static bool failed;
static bool for_good;			/* once one failed, all do */

static bool
is_due(void)
{
	if (failed && for_good)
		return true;
	if (countdown > 0 && --countdown == 0)
	{
		failed = true;
		return true;
	}
	return false;
}

void *
__wrap_malloc(size_t size)
{
	return is_due() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return is_due() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
	return is_due() ? NULL : __real_realloc(old, size);
}

static void *
allocate_for_jansson(size_t size)
{
	return malloc(size);
}

static void
free_for_jansson(void *pointer)
{
	free(pointer);
}

/* From now on the nth allocation fails, and if for good all behind it, too. */
static inline void
fail_allocation(long n, bool and_all_behind)
{
	countdown = n;
	failed = false;
	for_good = and_all_behind;
}

/* All succeed again; true if one has failed. */
static inline bool
fail_no_more(void)
{
	bool		has = failed;

	countdown = 0;
	failed = for_good = false;
	return has;
}

static inline void
fail_in_jansson_too(void)
{
	json_set_alloc_funcs(allocate_for_jansson, free_for_jansson);
}

#endif
