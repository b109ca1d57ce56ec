/*
 * table.c - a row of one of our tables, read or written without the executor; see table.h.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/sequence.h"
#include "executor/executor.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "pg/compat.h"
#include "store/table.h"

static Oid
find(const char *name)
{
	return get_relname_relid(name, get_namespace_oid("workflow", false));
}

Relation
wf_table_open(const char *table, int n_columns, LOCKMODE lock)
{
	Relation	relation = table_open(find(table), lock);

	if (RelationGetNumberOfAttributes(relation) != n_columns)
		elog(ERROR, "workflow.%s has an unexpected number of columns", table);
	return relation;
}

Relation
wf_table_open_key(const char *table)
{
	char		name[NAMEDATALEN];

	snprintf(name, sizeof(name), "%s_pkey", table);
	return index_open(find(name), AccessShareLock);
}

void
wf_table_insert(const char *table, int n_columns, const Datum *values, const bool *nulls)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "workflow insert", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	Relation	relation = wf_table_open(table, n_columns, RowExclusiveLock);
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *target = makeNode(ResultRelInfo);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(relation), table_slot_callbacks(relation));

	InitResultRelInfo(target, relation, 1, NULL, 0);
	ExecOpenIndices(target, false);
	memcpy(slot->tts_values, values, n_columns * sizeof(Datum));
	if (nulls != NULL)
		memcpy(slot->tts_isnull, nulls, n_columns * sizeof(bool));
	else
		memset(slot->tts_isnull, false, n_columns * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	table_tuple_insert(relation, slot, GetCurrentCommandId(true), 0, NULL);
	(void) wf_exec_insert_index_tuples(target, slot, estate);
	ExecCloseIndices(target);
	ExecDropSingleTupleTableSlot(slot);
	FreeExecutorState(estate);
	table_close(relation, NoLock);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
	CommandCounterIncrement();	/* what follows in this transaction sees the row */
}

bool
wf_table_fetch(const char *table, int64 key, int n_columns, Datum *values, bool *nulls)
{
	Relation	relation = wf_table_open(table, n_columns, AccessShareLock);
	Relation	index = wf_table_open_key(table);
	Snapshot	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	ScanKeyData by_key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&by_key, index->rd_index->indkey.values[0], BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(key));
	scan = systable_beginscan_ordered(relation, index, snapshot, 1, &by_key);
	tuple = systable_getnext_ordered(scan, ForwardScanDirection);
	if (HeapTupleIsValid(tuple))
	{
		tuple = heap_copytuple(tuple);
		heap_deform_tuple(tuple, RelationGetDescr(relation), values, nulls);
	}
	systable_endscan_ordered(scan);
	UnregisterSnapshot(snapshot);
	index_close(index, NoLock);
	table_close(relation, NoLock);
	return HeapTupleIsValid(tuple);
}

int64
wf_table_nextval(const char *sequence)
{
	return nextval_internal(find(sequence), false);
}
