/*
 * ready.h - work that a pool worker can do now: a queue for each role, insert and delete, first come first served.
 */
#ifndef WF_READY_H
#define WF_READY_H

#include "postgres.h"

#include "storage/itemptr.h"

typedef enum WfReadyKind
{
	WF_READY_START = 's',		/* the row's id is the execution's */
	WF_READY_GO_ON = 'g',
	WF_READY_TASK = 't',
	WF_READY_WAITED = 'w',		/* a wait's or retry's time has come */
	WF_READY_MAP_RUN = 'm',		/* something has happened to the Map Run of this execution, frame and serial */
	WF_READY_MAP_RUN_ON = 'n',	/* it has more to do: one row of a Map Run at most */
	WF_READY_SET_ASIDE = 'i'	/* what is set aside for this execution, whose id the row has: one at most, and alone */
} WfReadyKind;

typedef struct WfReady
{
	Oid			role;
	int64		id;
	int64		execution;
	WfReadyKind kind;
	int			frame;
	int			serial;
	bool		alone;			/* not in a batch: it is slow, it failed in one, or its worker died */
	bool		started;		/* TaskStarted has been written; its claim is a session lock */
	ItemPointerData place;		/* where wf_ready_claim() found it */
} WfReady;

/* Adds a row, and wakes a worker of the role at commit. */
extern void wf_ready_add_start(Oid role, int64 execution);
extern void wf_ready_add_go_on(Oid role, int64 execution, bool alone);
extern void wf_ready_add_map_run(Oid role, int64 execution, int frame, int serial, bool goes_on);
extern void wf_ready_add_task(Oid role, int64 execution, int frame, int serial, bool alone);

extern void wf_ready_add_set_aside(Oid role, int64 execution);
extern bool wf_ready_has_set_aside(Oid role, int64 execution);	/* is that row there? */

/*
 * Claims up to `limit` rows for this transaction: locked, those that others hold passed over, from this id upwards.  Of
 * one role, those that may share a batch (execution 0: of any); or of every role that `member` may become.  Rows are palloc'ed in the given
 * context; returns their number.
 */
extern int	wf_ready_claim(Oid role, int64 execution, int64 from, int limit, MemoryContext context, WfReady **rows);
extern int	wf_ready_claim_for(Oid member, int limit, MemoryContext context, WfReady **rows);

/* Looks, without claiming, for rows of a role that run alone, from this id upwards. */
extern int	wf_ready_find_alone(Oid role, int64 from, int limit, MemoryContext context, WfReady **rows);

/* Claims one known row; false if it is gone or someone holds it.  The row is read afresh. */
extern bool wf_ready_claim_one(WfReady *row);

extern void wf_ready_delete(const WfReady *row);
extern void wf_ready_delete_claimed(const WfReady *row);	/* by wf_ready_claim(), in this transaction */
extern void wf_ready_mark_started(const WfReady *row);
extern void wf_ready_mark_alone(const WfReady *row);

/* Something went wrong that is not the execution's fault: the row makes way, and is tried again after a time. */
extern void wf_ready_postpone(const WfReady *row, int milliseconds);

/* Every row that could run this task again is marked alone: its worker died in the middle of it. */
extern void wf_ready_mark_suspect(int64 execution, int frame, int serial);

/* The roles that have ready work, and how much (counted up to a small number; what is being done counts, too). */
typedef struct WfReadyRole
{
	Oid			role;
	int			in_batches;		/* rows that may share a batch */
	int			alone;			/* rows that run alone */
} WfReadyRole;
extern int	wf_ready_roles(MemoryContext context, WfReadyRole **roles);

/* The claim of a task that runs alone, over several transactions: held by this process, gone with it. */
extern bool wf_ready_hold(const WfReady *row);	/* false: another process holds it */
extern void wf_ready_unhold(const WfReady *row);

#endif
