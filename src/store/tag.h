/*
 * tag.h - tags of state machines and of activities.  Between wf_store_begin and wf_store_end.
 */
#ifndef WF_TAG_H
#define WF_TAG_H

#include "postgres.h"

#define WF_MAX_TAGS	50

typedef struct WfTag
{
	char	   *key;
	char	   *value;
} WfTag;

typedef enum WfTagged
{
	WF_STATE_MACHINE_TAGS, WF_ACTIVITY_TAGS
} WfTagged;

/* Adds, and overwrites what has the same key; returns how many there are then. */
extern int	wf_tags_set(WfTagged of, int64 id, const WfTag *tags, int n);
extern void wf_tags_remove(WfTagged of, int64 id, char *const *keys, int n);

/* In the order of their keys; palloc'ed in `context`.  Returns how many. */
extern int	wf_tags_list(WfTagged of, int64 id, MemoryContext context, WfTag **tags);

#endif
