/*
 * resource_mapping.h - foreign resources as local work: patterns of ARNs, each with what is done instead.
 *
 * A mapping belongs to a role and holds for the machines that run as that role; the administrator's (owner 0) hold for
 * all.  A role's own comes before the administrator's; among several patterns that fit, the one with the most characters
 * that are no asterisk.
 */
#ifndef WF_RESOURCE_MAPPING_H
#define WF_RESOURCE_MAPPING_H

#include "postgres.h"

#define WF_EVERYBODY	InvalidOid	/* as an owner: the administrator's mapping */

/*
 * What `resource` (without .sync and the like) is mapped to for machines that run as `role`; palloc'ed in the current
 * context; NULL: nothing.  Between wf_store_begin and wf_store_end.
 */
extern char *wf_resource_mapping_find(Oid role, const char *resource);

/* Adds or replaces; resource NULL: removes.  Returns whether there was one. */
extern bool wf_resource_mapping_set(Oid owner, const char *pattern, const char *resource);

#endif
