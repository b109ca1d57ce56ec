/*
 * history.c - the event histories; see history.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "interpreter/history_part.h"
#include "pg/clock.h"
#include "pg/compat.h"
#include "pg/core.h"
#include "store/history.h"
#include "store/sql.h"
#include "store/table.h"

/* --- writing --- */

static void
out_of_memory(void)
{
	ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

/* Packs what fits into a row; returns how many events. */
static int
append_part(int64 execution, const WfEvent *events, int n)
{
	enum { EXECUTION_ID, FIRST_ID, AT, EVENTS, COLUMNS };
	static WfHistoryWriter *writer = NULL;
	Datum		values[COLUMNS];
	const char *part;
	size_t		length;
	int			packed;

	if (writer == NULL && (writer = wf_history_writer_new()) == NULL)
		out_of_memory();
	packed = wf_history_write(writer, events, n, &part, &length);
	if (packed == 0)
		out_of_memory();
	values[EXECUTION_ID] = Int64GetDatum(execution);
	values[FIRST_ID] = Int32GetDatum(events[0].id);
	values[AT] = TimestampTzGetDatum(wf_clock_from_unix(events[0].at));
	values[EVENTS] = PointerGetDatum(cstring_to_text_with_len(part, (int) length));
	wf_table_insert("history", COLUMNS, values, NULL);
	pfree(DatumGetPointer(values[EVENTS]));
	return packed;
}

void
wf_history_append(int64 execution, const WfEvent *events, int n)
{
	for (int done = 0; done < n;)
		done += append_part(execution, &events[done], n - done);
}

/* --- reading --- */

static void
free_reader(void *reader)
{
	wf_history_reader_free(reader);
}

/* The plain-C half's text as ours, which it frees in any case. */
static char *
adopt(char *text, size_t length)
{
	char	   *copy;

	if (text == NULL)
		return NULL;
	copy = palloc_extended(length + 1, MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE);
	if (copy != NULL)
		memcpy(copy, text, length + 1);
	free(text);
	if (copy == NULL)
		out_of_memory();
	return copy;
}

void
wf_history_unpack(const char *part, size_t length, int first_id, TimestampTz at, WfHistoryReceiver receive, void *arg)
{
	MemoryContext outside = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(outside, "workflow history", ALLOCSET_SMALL_SIZES);
	WfError		error = WF_ERROR_NONE;
	WfHistoryReader *reader = wf_history_reader_new(part, length, first_id, wf_clock_to_unix(at), &error);
	WfPackedEvent packed;

	if (reader != NULL)
	{
		wf_core_free_with(context, free_reader, reader);
		while (wf_history_read(reader, &packed, &error))
		{
			CHECK_FOR_INTERRUPTS();
			WfStoredEvent event = {packed.id, packed.previous, packed.type, wf_clock_from_unix(packed.at),
			adopt(packed.details, packed.length)};

			if (!IS_VALID_TIMESTAMP(event.at))
			{
				wf_error_set(&error, WF_INVALID_JSON, "a time is out of range");
				break;
			}
			receive(&event, arg);
		}
	}
	if (error.code == WF_INVALID_JSON)
	{
		wf_error_clear(&error);
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a part of a history, from event %d on, is not in its stored form", first_id)));
	}
	if (error.code != WF_NO_ERROR)
		wf_core_raise(&error);
	MemoryContextDelete(context);
}

typedef struct Listing
{
	int			from;
	bool		reverse;
	WfStoredEvent *events;
	int			n;
	int			size;
} Listing;

static void
add_to_list(const WfStoredEvent *event, void *arg)
{
	Listing    *list = arg;

	if (list->reverse ? event->id >= list->from : event->id <= list->from)
		return;
	if (list->n == list->size)
	{
		list->size *= 2;
		list->events = repalloc_huge(list->events, list->size * sizeof(WfStoredEvent));
	}
	list->events[list->n++] = *event;
}

static void
turn_round(WfStoredEvent *events, int n)
{
	for (int i = 0; i < n / 2; i++)
	{
		WfStoredEvent event = events[i];

		events[i] = events[n - 1 - i];
		events[n - 1 - i] = event;
	}
}

int
wf_history_list(int64 execution, int from, bool reverse, int limit, MemoryContext context, WfStoredEvent **events)
{
	/* A part has one event at least; the first one looked at may begin before the events that are asked for. */
#define PARTS "SELECT first_id, at, events FROM workflow.history WHERE execution_id = $1 AND first_id "
	static WfStatement forwards = {PARTS ">= coalesce((SELECT max(first_id) FROM workflow.history "
		"WHERE execution_id = $1 AND first_id - 1 <= $2), 0) ORDER BY first_id LIMIT $3::bigint + 1", 3,
	{INT8OID, INT4OID, INT4OID}};
	static WfStatement backwards = {PARTS "< $2 ORDER BY first_id DESC LIMIT $3", 3, {INT8OID, INT4OID, INT4OID}};
#undef PARTS
	Datum		values[3] = {Int64GetDatum(execution), Int32GetDatum(from), Int32GetDatum(limit)};
	uint64		n = wf_sql(reverse ? &backwards : &forwards, values, NULL, 0);
	MemoryContext before = MemoryContextSwitchTo(context);
	Listing		list = {.from = from, .reverse = reverse, .size = 64};

	list.events = palloc(list.size * sizeof(WfStoredEvent));
	for (uint64 i = 0; i < n && list.n < limit; i++)
	{
		bool		isnull;
		int			n_before = list.n;
		int			first_id = (int) wf_sql_int64(i, 1);
		TimestampTz at = DatumGetTimestampTz(wf_sql_value(i, 2, &isnull));
		text	   *part = DatumGetTextPP(wf_sql_value(i, 3, &isnull));

		wf_history_unpack(VARDATA_ANY(part), VARSIZE_ANY_EXHDR(part), first_id, at, add_to_list, &list);
		if (reverse)
			turn_round(&list.events[n_before], list.n - n_before);
	}
	MemoryContextSwitchTo(before);
	*events = list.events;
	return Min(list.n, limit);
}
