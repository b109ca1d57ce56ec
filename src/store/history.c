/*
 * history.c - the event histories; see history.h.
 *
 * Rows go in by table_multi_insert and the index's own insertion, as COPY does it: the parser, planner and executor would
 * cost several times what the row itself costs.  The table has no trigger and no check that this would pass over; NOT
 * NULL holds because every value is set here.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "nodes/makefuncs.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "pg/clock.h"
#include "pg/compat.h"
#include "store/history.h"

#define MULTI_INSERT 100		/* rows at a time: as many slots are held */

enum
{
	HISTORY_EXECUTION_ID, HISTORY_ID, HISTORY_PREVIOUS_ID, HISTORY_TYPE, HISTORY_AT, HISTORY_DETAILS, HISTORY_COLUMNS
};

static void
fill_slot(TupleTableSlot *slot, int64 execution, const WfEvent *event)
{
	char	   *details;
	size_t		length;

	if (!wf_event_details(event, &details, &length))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	ExecClearTuple(slot);
	slot->tts_values[HISTORY_EXECUTION_ID] = Int64GetDatum(execution);
	slot->tts_values[HISTORY_ID] = Int32GetDatum(event->id);
	slot->tts_values[HISTORY_PREVIOUS_ID] = Int32GetDatum(event->previous);
	slot->tts_values[HISTORY_TYPE] = Int16GetDatum(event->type);
	slot->tts_values[HISTORY_AT] = TimestampTzGetDatum(wf_clock_from_unix(event->at));
	memset(slot->tts_isnull, false, HISTORY_COLUMNS * sizeof(bool));
	slot->tts_isnull[HISTORY_DETAILS] = details == NULL;
	if (details != NULL)
	{
		text	   *value = palloc_extended(VARHDRSZ + length, MCXT_ALLOC_NO_OOM);

		if (value != NULL)
		{
			SET_VARSIZE(value, VARHDRSZ + length);
			memcpy(VARDATA(value), details, length);
		}
		free(details);
		if (value == NULL)
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
		slot->tts_values[HISTORY_DETAILS] = PointerGetDatum(value);
	}
	ExecStoreVirtualTuple(slot);
}

void
wf_history_append(int64 execution, const WfEvent *events, int n)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "workflow history", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	Relation	relation;
	EState	   *estate;
	ResultRelInfo *target;
	TupleTableSlot *slots[MULTI_INSERT];
	int			n_slots = Min(n, MULTI_INSERT);

	relation = table_open(get_relname_relid("history", get_namespace_oid("workflow", false)), RowExclusiveLock);
	if (RelationGetNumberOfAttributes(relation) != HISTORY_COLUMNS)
		elog(ERROR, "workflow.history has an unexpected number of columns");
	estate = CreateExecutorState();
	target = makeNode(ResultRelInfo);
	InitResultRelInfo(target, relation, 1, NULL, 0);
	ExecOpenIndices(target, false);
	for (int i = 0; i < n_slots; i++)
		slots[i] = MakeSingleTupleTableSlot(RelationGetDescr(relation), table_slot_callbacks(relation));

	for (int done = 0; done < n; done += n_slots)
	{
		int			now = Min(n_slots, n - done);

		for (int i = 0; i < now; i++)
		{
			/* The slots are of the table's own kind: heap slots take their values through a virtual fill. */
			fill_slot(slots[i], execution, &events[done + i]);
		}
		table_multi_insert(relation, slots, now, GetCurrentCommandId(true), 0, NULL);
		for (int i = 0; i < now; i++)
		{
			(void) wf_exec_insert_index_tuples(target, slots[i], estate);
			ExecClearTuple(slots[i]);
		}
		ResetPerTupleExprContext(estate);
	}
	for (int i = 0; i < n_slots; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	ExecCloseIndices(target);
	FreeExecutorState(estate);
	table_close(relation, NoLock);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
}
