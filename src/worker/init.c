/*
 * init.c - what _PG_init does for the processes: into the postmaster, shared memory and the launcher; into any process, the
 * hooks.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "worker/process.h"

static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;

static void
request_shared_memory(void)
{
	if (previous_request_hook != NULL)
		previous_request_hook();
	RequestAddinShmemSpace(wf_shared_size());
}

/* Also after a crash: the memory is new then. */
static void
make_shared_memory(void)
{
	if (previous_startup_hook != NULL)
		previous_startup_hook();
	wf_shared = NULL;
	wf_shared_attach();
}

void
wf_worker_init(void)
{
	wf_wake_register();
	wf_hooks_install();
	if (!process_shared_preload_libraries_in_progress)
		return;

	wf_preloaded = true;
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_shared_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = make_shared_memory;
	if (!IsBinaryUpgrade)
		wf_launcher_register();
}
