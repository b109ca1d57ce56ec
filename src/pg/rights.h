/*
 * rights.h - as whom something runs.
 *
 * The engine's own SQL runs as the extension's owner with a pinned search_path; a task runs as its machine's role and
 * can't get out of that.  Sections nest and must be ended in order; after an error the abort of the (sub)transaction in
 * which a section was begun puts user, security context and settings back by itself.
 */
#ifndef WF_RIGHTS_H
#define WF_RIGHTS_H

#include "postgres.h"

typedef struct WfRights
{
	Oid			user;			/* as it was before */
	int			context;
	int			nest_level;
} WfRights;

/* From here on: the extension's owner, search_path = pg_catalog, pg_temp. */
extern void wf_rights_begin_engine(WfRights *saved);
extern void wf_rights_end(const WfRights *saved);

/*
 * From here on: the machine's role.  `own_session`: in a pool worker of that role, where the search_path that the engine
 * pins is the role's own again.  The section is security-restricted unless the present user is that role itself: in a
 * caller's session, and in a worker where a task's function runs another machine's task (StartSyncExecution), or where the
 * task has Credentials of its own.
 */
extern void wf_rights_begin_task(WfRights *saved, Oid role, bool own_session);

extern Oid	wf_engine_owner(void);	/* the extension's owner; an error if the extension is not there */
extern Oid	wf_extension_oid(void);	/* of pg_extension; InvalidOid if it is not there */

/* In a pool worker, once: pins the engine's settings for the session, and remembers the role's own for its tasks. */
extern void wf_rights_pin_session(void);

#endif
