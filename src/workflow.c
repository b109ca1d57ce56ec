/*
 * workflow.c - the module: what happens when the library is loaded.
 *
 * Into the postmaster (shared_preload_libraries): settings, shared memory, the launcher, hooks in every process.  Into one
 * session: settings and that session's hooks; shared memory is made or found at the first use.
 */
#include "postgres.h"

#include "fmgr.h"

#include "pg/settings.h"
#include "worker/worker.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

void
_PG_init(void)
{
	wf_settings_define();
	wf_worker_init();
}
