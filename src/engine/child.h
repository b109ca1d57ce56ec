/*
 * child.h - executions that tasks of other executions wait for (.sync).
 *
 * All calls stand between wf_store_begin and wf_store_end.
 */
#ifndef WF_CHILD_H
#define WF_CHILD_H

#include "postgres.h"

#include "interpreter/service.h"

/* The child ends in this transaction: so do the waits for it, each by an answer in its parent's inbox. */
extern void wf_child_ended(int64 child, const WfChildEnd *end);

/* Somebody has joined a child that has ended: he may have come too late to be seen by its end. */
extern void wf_child_has_ended(int64 child);

/*
 * The task waits no longer (a stop, a timeout, a failed sibling): the child that it has started and waited for, if
 * any, is stopped, and those below it.  frame -1: the parent as a whole has ended.
 */
extern void wf_child_abandon(int64 parent, const char *parent_arn, int frame, int serial);

#endif
