/*
 * stored_payload.c - payloads as rows hold them; see stored_payload.h.
 *
 * The array of a Map, and the input that it came from, are read for every batch of iterations.  To fetch, decompress and
 * parse them each time would make an iteration the dearer the more there are of them.  So large payloads are kept, with the
 * tree that somebody may have parsed.
 *
 * What is kept is known by the bytes that stand in its row: the compressed text itself, or the pointer to it in a TOAST
 * table.  That pointer names one value.  An update that does not carry the column leaves it as it is, any other value gets
 * another one, and one that was rolled back is not given again before the object ids have gone all the way round, which
 * takes longer than anything is kept here.  So nothing has to be made invalid, whatever is rolled back, retried or dropped.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "common/hashfn.h"
#include "lib/ilist.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "pg/compat.h"
#include "pg/core.h"
#include "store/stored_payload.h"

#define LARGE 8192				/* bytes of text from which a payload is kept: to read less costs no more than its row */
#define MOST (64 * 1024 * 1024) /* bytes of memory that all may take, trees included */
#define UNREAD_FOR 10000		/* milliseconds after which one is given back */
#define RECENT 64				/* of those read last: more than a step reads before it parses what it has read */

typedef struct Kept
{
	const struct varlena *stored;	/* the key: what stands in the row */
	dlist_node	node;			/* most recently read first */
	WfPayload  *payload;
	size_t		memory;			/* as it was when it was measured last */
	TimestampTz read_at;
} Kept;

static MemoryContext context = NULL;
static HTAB *table;
static dlist_head recent = DLIST_STATIC_INIT(recent);
static size_t memory = 0;		/* of all */

static uint32
hash_stored(const void *key, Size size)
{
	const struct varlena *stored = *(const struct varlena *const *) key;

	return hash_bytes((const unsigned char *) stored, (int) VARSIZE_ANY(stored));
}

static int
compare_stored(const void *a, const void *b, Size size)
{
	const struct varlena *one = *(const struct varlena *const *) a;
	const struct varlena *other = *(const struct varlena *const *) b;

	return VARSIZE_ANY(one) != VARSIZE_ANY(other) || memcmp(one, other, VARSIZE_ANY(one)) != 0;
}

static void
make_table(void)
{
	HASHCTL		control = {.keysize = sizeof(struct varlena *), .entrysize = sizeof(Kept), .hash = hash_stored,
	.match = compare_stored};

	context = AllocSetContextCreate(TopMemoryContext, "workflow stored payloads", ALLOCSET_DEFAULT_SIZES);
	control.hcxt = context;
	table = hash_create("workflow stored payloads", 64, &control, HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

static void
give_back(Kept *kept)
{
	void	   *stored = unconstify(struct varlena *, kept->stored);

	memory -= kept->memory;
	dlist_delete(&kept->node);
	wf_payload_release(kept->payload);
	hash_search(table, &kept->stored, HASH_REMOVE, NULL);
	pfree(stored);
}

/* It may have been parsed since the last time. */
static void
measure(Kept *kept)
{
	size_t		now = wf_payload_memory(kept->payload);

	memory += now - kept->memory;
	kept->memory = now;
}

/* It is the most recent one.  Makes room at the other end. */
static void
note_read(Kept *kept)
{
	measure(kept);
	kept->read_at = GetCurrentTimestamp();
	dlist_move_head(&recent, &kept->node);
	while (memory > MOST)
		give_back(dlist_tail_element(Kept, node, &recent));
}

/* What was read before has been parsed meanwhile, if ever, and may not be read again: its trees count from now on. */
static void
measure_recent(void)
{
	dlist_iter	iter;
	int			n = 0;

	dlist_foreach(iter, &recent)
	{
		measure(dlist_container(Kept, node, iter.cur));
		if (++n == RECENT)
			break;
	}
}

/* Where there is no memory for the copy of its key, it is not kept. */
static void
keep(const struct varlena *stored, WfPayload *payload)
{
	Size		size = VARSIZE_ANY(stored);
	Kept	   *kept = hash_search(table, &stored, HASH_ENTER, NULL);
	struct varlena *copy = MemoryContextAllocExtended(context, size, MCXT_ALLOC_NO_OOM);

	if (copy == NULL)
	{
		hash_search(table, &stored, HASH_REMOVE, NULL);
		return;
	}
	measure_recent();
	memcpy(copy, stored, size);
	kept->stored = copy;
	kept->payload = wf_payload_share(payload);
	kept->memory = 0;
	dlist_push_head(&recent, &kept->node);
	note_read(kept);
}

WfPayload *
wf_stored_payload_once(Datum value)
{
	struct varlena *text = pg_detoast_datum_packed((struct varlena *) DatumGetPointer(value));
	WfPayload  *payload = wf_core_payload(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));

	if ((Pointer) text != DatumGetPointer(value))
		pfree(text);
	return payload;
}

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

WfPayload *
wf_stored_payload(Datum value)
{
	const struct varlena *stored = (const struct varlena *) DatumGetPointer(value);
	WfPayload  *payload;
	Kept	   *kept;

	if (!VARATT_IS_EXTERNAL_ONDISK(stored) && !VARATT_IS_COMPRESSED(stored))
		return wf_stored_payload_once(value);
	if (toast_raw_datum_size(value) < LARGE)
		return wf_stored_payload_once(value);
	if (context == NULL)
		make_table();
	kept = hash_search(table, &stored, HASH_FIND, NULL);
	if (kept == NULL)
	{
		payload = wf_stored_payload_once(value);
		keep(stored, payload);
		return payload;
	}
	payload = wf_payload_share(kept->payload);
	wf_core_free_with(CurrentMemoryContext, release_payload, payload);
	note_read(kept);
	return payload;
}

void
wf_stored_payloads_expire(bool all)
{
	TimestampTz now;

	if (dlist_is_empty(&recent))
		return;
	now = GetCurrentTimestamp();
	while (!dlist_is_empty(&recent))
	{
		Kept	   *oldest = dlist_tail_element(Kept, node, &recent);

		if (!all && !TimestampDifferenceExceeds(oldest->read_at, now, UNREAD_FOR))
			break;
		give_back(oldest);
	}
}
