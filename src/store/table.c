/*
 * table.c - writing a row into one of our tables without the executor; see table.h.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/executor.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "pg/compat.h"
#include "store/table.h"

void
wf_table_insert(const char *table, int n_columns, Datum *values, bool *nulls)
{
	Relation	relation = table_open(get_relname_relid(table, get_namespace_oid("workflow", false)), RowExclusiveLock);
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *target = makeNode(ResultRelInfo);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(relation), table_slot_callbacks(relation));

	if (RelationGetNumberOfAttributes(relation) != n_columns)
		elog(ERROR, "workflow.%s has an unexpected number of columns", table);
	InitResultRelInfo(target, relation, 1, NULL, 0);
	ExecOpenIndices(target, false);
	memcpy(slot->tts_values, values, n_columns * sizeof(Datum));
	memcpy(slot->tts_isnull, nulls, n_columns * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	table_tuple_insert(relation, slot, GetCurrentCommandId(true), 0, NULL);
	(void) wf_exec_insert_index_tuples(target, slot, estate);
	ExecCloseIndices(target);
	ExecDropSingleTupleTableSlot(slot);
	FreeExecutorState(estate);
	table_close(relation, NoLock);
	CommandCounterIncrement();	/* what follows in this transaction sees the row */
}
