/*
 * frame.h - where executions stand: rows of workflow.frame, as the interpreter knows them.
 */
#ifndef WF_FRAME_H
#define WF_FRAME_H

#include "postgres.h"

#include "interpreter/interpreter.h"
#include "store/execution.h"

/*
 * Reads an execution's frames in the order of their ids: those that have not ended, or the ended ones below `parent`.
 * Calls `add` for each; the row's payloads are tied to the current memory context, its memory text is palloc'ed.  The epoch
 * says where it lies: who writes it again must know it.
 */
typedef void (*WfFrameReader) (const WfFrameRow *row, int epoch, void *arg);
extern void wf_frame_read(int64 execution, const WfEpochs *epochs, WfFrameReader add, void *arg);
extern void wf_frame_read_ended(int64 execution, int parent, WfFrameReader add, void *arg);

/* Which of a frame's payloads a write carries; what is not carried keeps what is stored. */
typedef struct WfFrameParts
{
	bool		input;
	bool		items;
	bool		variables;
} WfFrameParts;

/* The epoch of a frame that is written now. */
extern int	wf_frame_epoch(const WfFrameRow *row, const WfEpochs *epochs);

extern void wf_frame_insert(int64 execution, int epoch, const WfFrameRow *row, const char *state_name);
extern void wf_frame_update(int64 execution, int before, int epoch, const WfFrameRow *row, const char *state_name,
							const WfFrameParts *parts);
extern void wf_frame_delete(int64 execution, const int *epochs, const int *frames, int n);

/* Moves every frame that has not ended to the present epoch, which then is the oldest. */
extern void wf_frame_move(int64 execution, const WfEpochs *epochs);

/* What frames wait for, as their rows say it to whoever cannot read their memory; palloc'ed. */
typedef struct WfFrameWait
{
	int			frame;
	int			serial;
	int64		due_at;			/* 0: none */
	int64		heartbeat_due_at;
} WfFrameWait;
extern int	wf_frame_waits(int64 execution, WfFrameWait **waits);

/*
 * Is this task still waited for?  Not if its time is over, although a worker has yet to carry that out (a heartbeat that is
 * missed is another matter: one may be on its way).  For whoever does not hold the execution: as of now.
 */
extern bool wf_frame_has_task(int64 execution, int frame, int serial);

#endif
