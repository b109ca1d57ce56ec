/*
 * machine.h - what can be done with state machines: the operations behind both faces, workflow.api and the SQL functions.
 */
#ifndef WF_MACHINE_H
#define WF_MACHINE_H

#include "api/call.h"
#include "api/request.h"
#include "store/tag.h"

typedef struct WfMachineWish
{
	const char *name;			/* create: the name; update: name or ARN */
	const char *definition;		/* NULL: as it is */
	const char *type;			/* create: NULL is STANDARD */
	const char *role_arn;		/* NULL: run_as */
	Oid			run_as;			/* InvalidOid: create: the caller; update: as it is */
	const WfRequest *configuration; /* NULL: the defaults, or as it is */
	const WfTag *tags;
	int			n_tags;
} WfMachineWish;

/* Each fills *machine in, palloc'ed in the current memory context. */
extern void wf_machine_create(const WfMachineWish *wish, WfStateMachine *machine);
extern void wf_machine_update(const WfMachineWish *wish, WfStateMachine *machine);
extern void wf_machine_describe(const char *reference, WfStateMachine *machine);
extern void wf_machine_delete(const char *reference);

/* The machines that the caller may use, by name; at most limit, behind `after` (NULL: from the beginning). */
extern int	wf_machine_list(const char *after, int limit, WfStateMachine **machines);

#endif
