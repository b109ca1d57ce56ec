/*
 * core.h - the plain-C half as the server half uses it: definitions cached in the process, its memory freed with a
 * memory context, its errors raised.  Shows no jansson.
 */
#ifndef WF_CORE_H
#define WF_CORE_H

#include "postgres.h"

#include "asl/error.h"
#include "interpreter/interpreter.h"

struct WfDefinition;

/* Raises WF_INTERRUPTED (as the pending cancel), WF_OUT_OF_MEMORY or what else stands in *error; clears it. */
extern void wf_core_raise(WfError *error) __attribute__((noreturn));

/*
 * The definition of a revision, parsed, from this process's cache; `text` is called only if it is not there.  Pinned
 * until the memory context is reset or deleted: executions in memory borrow from it.
 */
extern const struct WfDefinition *wf_core_definition(int64 revision_id, const char *(*text) (int64 revision_id),
													 MemoryContext context);

/* Frees a malloc'ed text, a payload or an execution of the plain-C half when a memory context is reset or deleted. */
extern void wf_core_free_with(MemoryContext context, void (*release) (void *), void *what);

/* A payload from text that is compact JSON already; released with the current memory context. */
extern WfPayload *wf_core_payload(const char *text, size_t length);

extern const struct WfHost *wf_core_host(void);

#endif
