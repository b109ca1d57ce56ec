/*
 * transaction.c - transactions of the engine's own, and what is cleared away after them.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/async.h"
#include "commands/prepare.h"
#include "commands/sequence.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "engine/internal.h"
#include "pg/compat.h"
#include "pg/settings.h"
#include "worker/worker.h"

void
wf_engine_begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();

	/* The role's defaults were taken over just now; ours count. */
	XactIsoLevel = XACT_READ_COMMITTED;
	XactReadOnly = false;
	XactDeferrable = false;
	wf_disable_transaction_timeout();
	PushActiveSnapshot(GetTransactionSnapshot());
}

/* Whatever is still done at the commit for a task must not be able to leave its role. */
void
wf_engine_commit(void)
{
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	PopActiveSnapshot();
	SetUserIdAndSecContext(user, context | SECURITY_LOCAL_USERID_CHANGE);
	CommitTransactionCommand();
	SetUserIdAndSecContext(user, context);
}

WfTrouble
wf_engine_judge(const ErrorData *data)
{
	switch (ERRCODE_TO_CATEGORY(data->sqlerrcode))
	{
		case MAKE_SQLSTATE('4', '0', '0', '0', '0'):	/* serialization, deadlock */
		case MAKE_SQLSTATE('5', '3', '0', '0', '0'):	/* disk full, out of memory, locks or connections */
		case MAKE_SQLSTATE('5', '5', '0', '0', '0'):	/* object in use, lock not available */
		case MAKE_SQLSTATE('5', '7', '0', '0', '0'):	/* cancelled, shut down */
		case MAKE_SQLSTATE('5', '8', '0', '0', '0'):	/* I/O */
			return WF_TROUBLE_PASSING;
		default:
			return data->sqlerrcode == ERRCODE_DATA_CORRUPTED ? WF_TROUBLE_BROKEN : WF_TROUBLE_UNKNOWN;
	}
}

WfTrouble
wf_engine_abort(MemoryContext context, ErrorData **data)
{
	MemoryContextSwitchTo(context);
	*data = CopyErrorData();
	HOLD_INTERRUPTS();
	EmitErrorReport();
	FlushErrorState();
	AbortOutOfAnyTransaction();
	MemoryContextSwitchTo(context);
	RESUME_INTERRUPTS();
	return wf_engine_judge(*data);
}

TimestampTz
wf_engine_deadline(void)
{
	return GetCurrentTimestamp() + (int64) (wf_setting_batch_budget * 1000 / 2);
}

void
wf_engine_pause(int milliseconds)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/*
 * What DISCARD ALL does, less what is ours: our plans stay.  Temporary objects need a transaction to be dropped in, which
 * is only begun if there is a schema for them.
 */
void
wf_engine_reset_session(void)
{
	Oid			temporary,
				toast;

	LockReleaseAll(USER_LOCKMETHOD, true);
	DropAllPreparedStatements();
	ResetSequenceCaches();
	GetTempNamespaceState(&temporary, &toast);
	if (OidIsValid(temporary))
	{
		wf_engine_begin();
		PortalHashTableDeleteAll();
		Async_UnlistenAll();
		ResetTempTableNamespace();
		wf_engine_commit();
	}
	else
		PortalHashTableDeleteAll();
}

/* --- cancels that are sent when their reason has been committed --- */

typedef struct Cancel
{
	SubTransactionId subtransaction;	/* that asked for it */
	int64		execution;
	int			frame;
	int			serial;
} Cancel;

static Cancel *cancels = NULL;
static int	n_cancels = 0;
static int	max_cancels = 0;

static void
send_cancels(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT)
		for (int i = 0; i < n_cancels; i++)
			(void) wf_running_task_cancel(cancels[i].execution, cancels[i].frame, cancels[i].serial);
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		n_cancels = 0;
}

/* A reason that is rolled back cancels nothing.  Subtransactions are numbered upwards: later ones were inside this one. */
static void
take_cancels_back(SubXactEvent event, SubTransactionId subtransaction, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		while (n_cancels > 0 && cancels[n_cancels - 1].subtransaction >= subtransaction)
			n_cancels--;
}

void
wf_cancel_at_commit(int64 execution, int frame, int serial)
{
	if (cancels == NULL)
	{
		max_cancels = 64;
		cancels = MemoryContextAlloc(TopMemoryContext, max_cancels * sizeof(Cancel));
		RegisterXactCallback(send_cancels, NULL);
		RegisterSubXactCallback(take_cancels_back, NULL);
	}
	if (n_cancels == max_cancels)
	{
		cancels = repalloc(cancels, 2 * max_cancels * sizeof(Cancel));
		max_cancels *= 2;
	}
	cancels[n_cancels++] = (Cancel) {GetCurrentSubTransactionId(), execution, frame, serial};
}
