/*
 * pcre.c - PCRE2 with bounds; see pcre.h.
 */
#include "json/pcre.h"

#include <stdlib.h>

/* How much memory (KiB) one match may use for ways to go back. */
#define HEAP_LIMIT 16384

static void *
allocate(PCRE2_SIZE size, void *arg)
{
	(void) arg;
	return malloc(size);
}

static void
release(void *memory, void *arg)
{
	(void) arg;
	free(memory);
}

pcre2_code *
wf_pcre_compile(const char *text, size_t length, uint32_t options, uint32_t newline, int *problem)
{
	pcre2_general_context *memory = pcre2_general_context_create(allocate, release, NULL);
	pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
	pcre2_code *code = NULL;
	PCRE2_SIZE	place;

	*problem = PCRE2_ERROR_HEAP_FAILED;
	if (context != NULL)
	{
		if (newline != 0)
			pcre2_set_newline(context, newline);
		code = pcre2_compile((PCRE2_SPTR) text, length, options, problem, &place, context);
	}
	pcre2_compile_context_free(context);
	pcre2_general_context_free(memory);
	return code;
}

bool
wf_pcre_matcher_make(WfPcreMatcher *matcher, uint32_t pairs)
{
	pcre2_general_context *memory = pcre2_general_context_create(allocate, release, NULL);

	*matcher = (WfPcreMatcher) {NULL, NULL};
	if (memory != NULL)
	{
		matcher->data = pcre2_match_data_create(pairs, memory);
		matcher->context = pcre2_match_context_create(memory);
	}
	pcre2_general_context_free(memory);
	if (matcher->data == NULL || matcher->context == NULL)
	{
		wf_pcre_matcher_release(matcher);
		return false;
	}
	pcre2_set_match_limit(matcher->context, WF_PCRE_MATCH_LIMIT);
	pcre2_set_depth_limit(matcher->context, WF_PCRE_MATCH_LIMIT);
	pcre2_set_heap_limit(matcher->context, HEAP_LIMIT);
	return true;
}

void
wf_pcre_matcher_release(WfPcreMatcher *matcher)
{
	pcre2_match_data_free(matcher->data);
	pcre2_match_context_free(matcher->context);
	*matcher = (WfPcreMatcher) {NULL, NULL};
}

bool
wf_pcre_gave_up(int result)
{
	return result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT || result == PCRE2_ERROR_HEAPLIMIT;
}
