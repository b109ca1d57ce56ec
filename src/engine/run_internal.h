/*
 * run_internal.h - an execution in memory, as the files see it that make it: run_load.c, run.c, run_save.c.
 *
 * Includes the definition's tree, and with it jansson: utils/builtins.h must not be included beside it.
 */
#ifndef WF_RUN_INTERNAL_H
#define WF_RUN_INTERNAL_H

#include "postgres.h"

#include "common/hashfn.h"

#include "asl/definition.h"
#include "engine/internal.h"
#include "engine/run.h"
#include "store/execution.h"
#include "store/frame.h"

/*
 * What the store has of a frame: payloads are compared by identity, for they are never changed in place.  They are held, so
 * that no other can come to stand in their place.
 */
typedef struct StoredFrame
{
	int			id;
	char		status;			/* of the hash table */
	int			epoch;			/* where its row lies */
	WfPayload  *input;
	WfPayload  *items;
	WfPayload  *variables;
} StoredFrame;

#define SH_PREFIX stored
#define SH_ELEMENT_TYPE StoredFrame
#define SH_KEY_TYPE int
#define SH_KEY id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct WfRun
{
	MemoryContext context;
	int64		id;
	int64		state_machine_id;
	int64		revision_id;
	int64		map_run;		/* whose child it is; 0: of none */
	int			map_items;
	Oid			owner;
	Oid			role;
	bool		deleting;
	bool		express;
	WfLogging	logging;
	bool		awaitable;		/* somebody may wait for its end: who started it, or who knows its name */
	bool		live;			/* has a row in live_execution */
	WfEpochs	epochs;			/* of what is stored */
	WfFacts		facts;
	WfKeeper	keeper;
	WfLimits	limits;
	const WfDefinition *definition;
	WfExecution *core;

	stored_hash *stored;

	SubTransactionId saved_in;	/* see "kept" in run.c; InvalidSubTransactionId: it is not as it is stored */

	int64		load_time;		/* microseconds that loading it took */
	TimestampTz deadline;		/* 0: none */
	bool		pause_at_once;
	ErrorData  *load_error;		/* raised while the interpreter waited for its keeper */

	/*
	 * What the steps gave since it was last saved.  The interpreter keeps it net: a timer that was set and is no longer
	 * wanted, a task that was given and has been answered are not among the commands any more.
	 */
	WfOutcome	outcome;
};

/* --- run_load.c --- */

/* A run of what is stored; started: it has run before, and may well be read again.  NULL: there is no such execution. */
extern WfRun *wf_run_make(int64 execution, bool started);
extern void wf_run_load(WfRun *run, const WfExecutionRow *row, const WfEpochs *epochs);

/* May somebody wait for its end: who started it, or who knows its name? */
extern bool wf_run_is_awaitable(const WfStoredExecution *stored);

extern void wf_run_note_stored(WfRun *run, const WfFrameRow *row, int epoch);
extern void wf_run_forget_stored(WfRun *run, int frame);

/* --- run.c --- */

/* The kept run, if it is this execution's; it is kept no longer, and the caller's. */
extern WfRun *wf_run_take_kept(int64 execution);

#endif
