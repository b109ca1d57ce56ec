/*
 * core.c - the plain-C half as the server half uses it; see core.h.
 *
 * Its memory is malloc'ed and knows no memory contexts; an error raised by the server would leak it.  So whatever must
 * survive a call is tied to a memory context here, before anything can raise.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "common/pg_prng.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"

#include "asl/definition.h"
#include "pg/clock.h"
#include "pg/core.h"

/* --- errors --- */

void
wf_core_raise(WfError *error)
{
	char	   *cause = error->cause != NULL ? pstrdup(error->cause) : NULL;
	WfErrorCode code = error->code;

	wf_error_clear(error);
	switch (code)
	{
		case WF_INTERRUPTED:
			CHECK_FOR_INTERRUPTS();
			ereport(ERROR, (errcode(ERRCODE_QUERY_CANCELED), errmsg("interpretation was interrupted")));
			break;
		case WF_OUT_OF_MEMORY:
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
			break;
		case WF_INVALID_JSON:
		case WF_NUMBER_OUT_OF_RANGE:
			ereport(ERROR,
					(errcode(code == WF_INVALID_JSON ? ERRCODE_INVALID_TEXT_REPRESENTATION
							 : ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("invalid JSON: %s", cause ? cause : "unknown problem")));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("%s: %s", wf_error_name(code), cause ? cause : "no cause given")));
	}
	pg_unreachable();
}

/* --- memory --- */

typedef struct WfRelease
{
	MemoryContextCallback callback;
	void		(*release) (void *);
	void	   *what;
} WfRelease;

static void
release_it(void *arg)
{
	WfRelease  *entry = arg;

	entry->release(entry->what);
}

void
wf_core_free_with(MemoryContext context, void (*release) (void *), void *what)
{
	WfRelease  *entry;

	/* Without memory for the entry, `what` would be lost: give it back first. */
	entry = MemoryContextAllocExtended(context, sizeof(WfRelease), MCXT_ALLOC_NO_OOM);
	if (entry == NULL)
	{
		release(what);
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	entry->release = release;
	entry->what = what;
	entry->callback.func = release_it;
	entry->callback.arg = entry;
	MemoryContextRegisterResetCallback(context, &entry->callback);
}

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

WfPayload *
wf_core_payload(const char *text, size_t length)
{
	WfPayload  *payload = wf_payload_from_text(text, length);

	if (payload == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	wf_core_free_with(CurrentMemoryContext, release_payload, payload);
	return payload;
}

/* --- definitions --- */

#define CACHE_SIZE 128			/* definitions kept that nobody uses at the moment */

typedef struct CachedDefinition
{
	dlist_node	node;			/* most recently used first */
	Oid			schema;			/* ids begin again when the extension is made anew */
	int64		revision_id;
	WfDefinition *definition;
	int			pins;
} CachedDefinition;

static dlist_head cache = DLIST_STATIC_INIT(cache);
static int	cache_entries = 0;

static void
unpin(void *arg)
{
	((CachedDefinition *) arg)->pins--;
}

static void
forget_oldest(void)
{
	dlist_mutable_iter iter;
	CachedDefinition *oldest = NULL;

	dlist_foreach_modify(iter, &cache)
	{
		CachedDefinition *entry = dlist_container(CachedDefinition, node, iter.cur);

		if (entry->pins == 0)
			oldest = entry;
	}
	if (oldest != NULL)
	{
		dlist_delete(&oldest->node);
		cache_entries--;
		wf_definition_free(oldest->definition);
		pfree(oldest);
	}
}

const WfDefinition *
wf_core_definition(int64 revision_id, const char *(*text) (int64 revision_id), MemoryContext context)
{
	CachedDefinition *found = NULL;
	Oid			schema = get_namespace_oid("workflow", false);
	dlist_iter	iter;

	dlist_foreach(iter, &cache)
	{
		CachedDefinition *entry = dlist_container(CachedDefinition, node, iter.cur);

		if (entry->revision_id == revision_id && entry->schema == schema)
		{
			found = entry;
			break;
		}
	}
	if (found == NULL)
	{
		const char *source = text(revision_id);
		WfError		error = WF_ERROR_NONE;
		WfDefinition *definition;

		found = MemoryContextAllocZero(TopMemoryContext, sizeof(CachedDefinition));
		definition = wf_definition_parse(source, strlen(source), &error);
		if (definition == NULL)
		{
			pfree(found);
			wf_core_raise(&error);
		}
		found->schema = schema;
		found->revision_id = revision_id;
		found->definition = definition;
		dlist_push_head(&cache, &found->node);
		if (++cache_entries > CACHE_SIZE)
		{
			found->pins++;
			forget_oldest();
			found->pins--;
		}
	}
	else
		dlist_move_head(&cache, &found->node);

	found->pins++;
	wf_core_free_with(context, unpin, found);
	return found->definition;
}

/* --- what the interpreter asks of the world --- */

static int64_t
tell_time(void *arg)
{
	return wf_clock_to_unix(wf_clock_now());
}

static double
draw_random(void *arg)
{
	return pg_prng_double(&pg_global_prng_state);
}

static bool
draw_bytes(void *arg, unsigned char *bytes, size_t n)
{
	return pg_strong_random(bytes, n);
}

static bool
is_interrupted(void *arg)
{
	return InterruptPending && (QueryCancelPending || ProcDiePending) && InterruptHoldoffCount == 0;
}

#define MOST_STACK (1024 * 1024)
#define LEAST_STACK (64 * 1024)
#define KEPT_STACK (128 * 1024)		/* for what runs beneath an expression without asking */

/*
 * What lies between max_stack_depth, up to which all others go, and the end of the stack: PostgreSQL sees to it that this is
 * half a megabyte at least.
 */
static size_t
spare_stack(void)
{
	int64		end = get_stack_depth_rlimit();
	int64		spare = end - max_stack_depth * INT64CONST(1024) - KEPT_STACK;

	return end <= 0 ? MOST_STACK : (size_t) Min(Max(spare, LEAST_STACK), MOST_STACK);
}

const struct WfHost *
wf_core_host(void)
{
	static WfHost host = {NULL, tell_time, draw_random, draw_bytes, is_interrupted, 0};

	check_stack_depth();
	host.stack = spare_stack();
	return &host;
}
