/*
 * map_run.h - Map Runs (map_run, map_limit, map_progress), their items in chunks (map_item), and the children's ends that
 * nobody has counted yet (map_ended).
 *
 * Of a Map Run's three rows each has its own writers: map_run who holds the execution, map_limit a user (UpdateMapRun), who
 * may hold it as long as he likes, map_progress its turns (engine/map_run.c).  Children write none of them: each leaves a row
 * of map_ended, which the next turn counts and deletes.  So children end side by side, and a count is never wrong.
 */
#ifndef WF_MAP_RUN_H
#define WF_MAP_RUN_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "interpreter/interpreter.h"
#include "lib/stringinfo.h"
#include "store/execution.h"

/* How many children, or items, have ended in which way. */
typedef struct WfMapCounts
{
	int64		succeeded;
	int64		failed;
	int64		timed_out;
	int64		aborted;
} WfMapCounts;

typedef struct WfMapRun
{
	int64		id;
	int64		execution;		/* whose frame waits for it, under this serial */
	int			frame;
	int			serial;
	WfExecutionStatus status;
	bool		writes_results; /* they go to a ResultWriter, not to the Map */
	int64		max_concurrency;	/* 0: none */
	int64		tolerated_count;	/* -1: none */
	double		tolerated_percentage;	/* -1: none */
	int64		items;			/* -1: they are still being read */
	int			epoch;			/* of its progress: see store/execution.h */
	bool		goes_on;		/* a ready row stands that goes on with it */
	bool		told;			/* its Map knows that all children have ended */
	int64		next_item;		/* the first that no child has */
	int64		next_child;
	int64		next_stopped;	/* children before this one have been told to stop */
	int64		next_cleared;	/* items before this one have been cleared away */
	WfMapCounts children;
	WfMapCounts counted;		/* items */
} WfMapRun;

/* What a child needs to know of its Map Run; it never changes. */
typedef struct WfMapRunInfo
{
	int64		id;
	int64		execution;
	int			frame;
	int			serial;
	int			block;			/* that the children run */
	bool		express;
	char	   *label;
	char	   *uuid;
} WfMapRunInfo;

/* All between wf_store_begin and wf_store_end. */
extern void wf_map_run_insert(int64 execution, int64 state_machine_id, int frame, int serial, const WfMapRunToStart *run,
							  TimestampTz at);
extern void wf_map_run_items_read(int64 execution, int frame, int serial);	/* the number of items is known now */
extern void wf_map_run_end(int64 execution, int frame, int serial, WfExecutionStatus status, TimestampTz at);

/* All of an execution's that are under way: it has been failed without being asked.  Their next turns stop the children. */
extern void wf_map_runs_abandon(int64 execution, Oid role, TimestampTz at);

/* Locks its progress, without waiting, and reads the rest. */
extern WfLockResult wf_map_run_lock(int64 execution, int frame, int serial, WfMapRun *run);
extern void wf_map_run_update(WfMapRun *run);

/*
 * Adds up and deletes what children have left since the ready row of this id was announced.  Before it lies what other
 * ready rows have announced, and what has been counted, which stays in the index as long as somebody holds an old snapshot.
 * False: nothing.
 */
extern bool wf_map_run_count_ended(WfMapRun *run, int64 from);

extern const WfMapRunInfo *wf_map_run_info(int64 id);	/* until the end of the transaction */
extern const WfMapRunInfo *wf_map_run_info_of(int64 execution, int frame, int serial);

/* A child has ended; the role's next turn counts it. */
extern void wf_map_run_child_ended(int64 id, Oid role, WfExecutionStatus status, int items);

/* The outputs of children that succeeded, of `limit` children from this one on: appended, each with a comma behind it. */
extern void wf_map_run_outputs(int64 id, int64 from, int64 limit, StringInfo to);

/* The same as a ResultWriter reports on them: those that succeeded, or those that did not. */
extern void wf_map_run_reports(int64 id, int64 from, int64 limit, bool succeeded, StringInfo to);
extern int64 wf_map_run_children(int64 id); /* how many there are */
extern char *wf_map_run_machine(int64 id);	/* the machine's name */

/* Of `limit` children from this one on, those that have not ended; palloc'ed. */
extern int	wf_map_run_live_children(int64 id, int64 from, int64 limit, int64 **executions);

/* --- items --- */

typedef struct WfItemSink
{
	int64		execution;
	int			frame;
	int			serial;
	int64		n;				/* items so far */
	int64		flushed;		/* of them, stored */
	StringInfoData chunk;
} WfItemSink;

extern void wf_items_begin(WfItemSink *sink, int64 execution, int frame, int serial);
extern void wf_items_add(WfItemSink *sink, const char *text, size_t length);	/* compact JSON */
extern void wf_items_end(WfItemSink *sink);

/* The chunk that item number `item` is in: a JSON array whose first item is number *first.  Released with the SPI context. */
extern WfPayload *wf_items_chunk(const WfMapRun *run, int64 item, int64 *first);

/* So many chunks, from next_cleared on, which moves on.  True: there may be more. */
extern bool wf_items_delete(WfMapRun *run, int limit);

#endif
