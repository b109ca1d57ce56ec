/*
 * resource_use.h - which resources a definition's Tasks name, and its Maps' readers and writers, and where.
 */
#ifndef WF_RESOURCE_USE_H
#define WF_RESOURCE_USE_H

#include <stdbool.h>

#include "asl/definition.h"

typedef struct WfResourceUse
{
	char	   *location;		/* of the Resource: "/States/A/Resource" */
	const char *base;			/* the resource without its suffix; borrowed from the definition */
	bool		invokes;		/* the service's envelope for functions, lambda:invoke: that one's name counts */
	const char *function;		/* which is then this, a name or an ARN; NULL: it is computed, or invokes is false */
} WfResourceUse;

typedef struct WfResourceUses
{
	int			n;
	WfResourceUse *items;		/* in the order of the places in the definition */
} WfResourceUses;

/* Lists them; *uses is valid as long as the definition.  False only without memory.  Either way: free *uses. */
extern bool wf_resource_uses(const WfDefinition *definition, WfResourceUses *uses);
extern void wf_resource_uses_free(WfResourceUses *uses);

#endif
