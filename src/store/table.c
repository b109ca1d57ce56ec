/*
 * table.c - rows by the table's own methods; see table.h.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/sequence.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "nodes/makefuncs.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "pg/compat.h"
#include "store/table.h"

static Oid
relation_oid(const char *name)
{
	Oid			oid = get_relname_relid(name, get_namespace_oid("workflow", false));

	if (!OidIsValid(oid))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("relation \"workflow.%s\" does not exist", name)));
	return oid;
}

/* A library that does not fit the tables must not write nonsense into them. */
static Relation
open_table(const char *name, int columns, LOCKMODE lock)
{
	Relation	relation = table_open(relation_oid(name), lock);

	if (RelationGetNumberOfAttributes(relation) < columns)
		elog(ERROR, "workflow.%s has fewer columns than expected", name);
	return relation;
}

void
wf_table_insert(const char *table, int columns, const Datum *values, const bool *nulls)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "workflow insert", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	Relation	relation = open_table(table, columns, RowExclusiveLock);
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *target = makeNode(ResultRelInfo);
	TupleTableSlot *slot;

	if (RelationGetNumberOfAttributes(relation) != columns)
		elog(ERROR, "workflow.%s has more columns than expected", table);
	InitResultRelInfo(target, relation, 1, NULL, 0);
	ExecOpenIndices(target, false);
	slot = MakeSingleTupleTableSlot(RelationGetDescr(relation), table_slot_callbacks(relation));

	memcpy(slot->tts_values, values, columns * sizeof(Datum));
	if (nulls != NULL)
		memcpy(slot->tts_isnull, nulls, columns * sizeof(bool));
	else
		memset(slot->tts_isnull, false, columns * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	table_tuple_insert(relation, slot, GetCurrentCommandId(true), 0, NULL);
	if (target->ri_NumIndices > 0)
		(void) wf_exec_insert_index_tuples(target, slot, estate);

	ExecDropSingleTupleTableSlot(slot);
	ExecCloseIndices(target);
	FreeExecutorState(estate);
	table_close(relation, NoLock);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(context);
	CommandCounterIncrement();
}

int64
wf_table_next(const char *sequence)
{
	return nextval_internal(relation_oid(sequence), false);
}

bool
wf_table_fetch(const char *table, const char *primary_key, int64 id, int columns, Datum *values, bool *nulls)
{
	Relation	relation = open_table(table, columns, AccessShareLock);
	Relation	index = index_open(relation_oid(primary_key), AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	IndexScanDesc scan = wf_index_beginscan(relation, index, snapshot, 1);
	ScanKeyData key;
	bool		found;

	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(id));
	index_rescan(scan, &key, 1, NULL, 0);
	found = index_getnext_slot(scan, ForwardScanDirection, slot);
	if (found)
	{
		slot_getsomeattrs(slot, columns);
		for (int i = 0; i < columns; i++)
		{
			Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), i);

			nulls[i] = slot->tts_isnull[i];
			if (nulls[i])
				values[i] = (Datum) 0;
			else if (attribute->attlen == -1)
				values[i] = PointerGetDatum(PG_DETOAST_DATUM_COPY(slot->tts_values[i]));
			else
				values[i] = datumCopy(slot->tts_values[i], attribute->attbyval, attribute->attlen);
		}
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	index_close(index, NoLock);
	table_close(relation, NoLock);
	return found;
}
