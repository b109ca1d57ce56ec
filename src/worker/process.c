/*
 * process.c - what the scheduler, the pool's workers and the launcher have in common: being started, signals, sleeping.
 */
#include "postgres.h"

#include <signal.h>

#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
#include "tcop/tcopprot.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "worker/process.h"

#define WARN_AGAIN_MS (60 * 60 * 1000)

bool
wf_process_start(const WfProcessArgument *argument, bool notify, BackgroundWorkerHandle **handle)
{
	BackgroundWorker worker;
	const char *kind = OidIsValid(argument->role) ? "worker" : "scheduler";

	StaticAssertStmt(sizeof(WfProcessArgument) <= BGW_EXTRALEN, "the argument must fit");

	memset(&worker, 0, sizeof(worker));
	snprintf(worker.bgw_name, BGW_MAXLEN, "workflow %s for database %u", kind, argument->database);
	snprintf(worker.bgw_type, BGW_MAXLEN, "workflow %s", kind);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	snprintf(worker.bgw_library_name, sizeof(worker.bgw_library_name), "workflow");
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "workflow_%s_main", kind);
	memcpy(worker.bgw_extra, argument, sizeof(*argument));
	worker.bgw_notify_pid = notify ? MyProcPid : 0;
	return RegisterDynamicBackgroundWorker(&worker, handle);
}

void
wf_process_argument(WfProcessArgument *argument)
{
	memcpy(argument, MyBgworkerEntry->bgw_extra, sizeof(*argument));
}

void
wf_process_warn_places(void)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		warn;

	LWLockAcquire(&wf_shared->lock, LW_EXCLUSIVE);
	warn = wf_shared->warned_places_at == 0 ||
		TimestampDifferenceExceeds(wf_shared->warned_places_at, now, WARN_AGAIN_MS);
	if (warn)
		wf_shared->warned_places_at = now;
	LWLockRelease(&wf_shared->lock);

	if (warn)
		ereport(WARNING,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("no place is left for another process of workflow"),
				 errdetail("All %d places of max_worker_processes are taken; databases take turns now.",
						   max_worker_processes),
				 errhint("Increase max_worker_processes: workflow needs 1, another one for each database that has the "
						 "extension, and workflow.workers (%d).", wf_setting_workers)));
}

void
wf_process_signals(void)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	pqsignal(SIGINT, StatementCancelHandler);
	BackgroundWorkerUnblockSignals();
}

void
wf_process_interrupts(int exit_code)
{
	if (ProcDiePending || !PostmasterIsAlive())
		proc_exit(exit_code);
	QueryCancelPending = false;
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}

void
wf_process_sleep(long milliseconds)
{
	int			events = WL_LATCH_SET | WL_EXIT_ON_PM_DEATH;

	if (milliseconds >= 0)
		events |= WL_TIMEOUT;
	(void) WaitLatch(MyLatch, events, milliseconds, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
}
