/*
 * history.h - the event histories: append-only, in batches, past the executor (a step's events are one multi-insert).
 */
#ifndef WF_HISTORY_H
#define WF_HISTORY_H

#include "postgres.h"

#include "interpreter/interpreter.h"

/* Appends events of one execution, which must be locked or unknown to others.  Between wf_store_begin and wf_store_end. */
extern void wf_history_append(int64 execution, const WfEvent *events, int n);

#endif
