/*
 * purge.h - retention at work, some executions at a time.
 */
#ifndef WF_ENGINE_PURGE_H
#define WF_ENGINE_PURGE_H

#include "store/retention.h"

/*
 * Purges for as long as a batch may take, in the present transaction, between wf_store_begin and wf_store_end.  True:
 * there is more.  *next: the first of the purges that may have more; *purged is added to.
 */
extern bool wf_engine_purge_some(WfPurge *purges, int n, int *next, int64 *purged);

#endif
