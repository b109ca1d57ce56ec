/*
 * frame.h - where executions stand: rows of workflow.frame, as the interpreter knows them.
 */
#ifndef WF_FRAME_H
#define WF_FRAME_H

#include "postgres.h"

#include "interpreter/interpreter.h"

/*
 * Reads an execution's frames: the live ones (parent -1), or the ended ones below `parent`.  Calls `add` for each; the row's
 * payloads are tied to the current memory context, its memory text is palloc'ed.
 */
typedef void (*WfFrameReader) (const WfFrameRow *row, void *arg);
extern void wf_frame_read(int64 execution, int ended_below, WfFrameReader add, void *arg);

/* Which of a frame's payloads a write carries; what is not carried keeps what is stored. */
typedef struct WfFrameParts
{
	bool		input;
	bool		items;
	bool		variables;
} WfFrameParts;

extern void wf_frame_insert(int64 execution, const WfFrameRow *row, const char *state_name);
extern void wf_frame_update(int64 execution, const WfFrameRow *row, const char *state_name, const WfFrameParts *parts);
extern void wf_frame_delete(int64 execution, const int *frames, int n);

#endif
