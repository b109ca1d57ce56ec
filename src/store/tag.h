/*
 * tag.h - tags of state machines.  Between wf_store_begin and wf_store_end.
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

/* Adds, and overwrites what has the same key; returns how many the machine then has. */
extern int	wf_tags_set(int64 state_machine_id, const WfTag *tags, int n);
extern void wf_tags_remove(int64 state_machine_id, char *const *keys, int n);

/* In the order of their keys; palloc'ed in `context`.  Returns how many. */
extern int	wf_tags_list(int64 state_machine_id, MemoryContext context, WfTag **tags);

#endif
