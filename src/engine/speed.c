/*
 * speed.c - which work is known to be fast, and the alarm that stops what was not.
 *
 * For each kind of work of a database it is remembered how many of its latest runs were slow.  What nobody has run yet is
 * neither known to be fast nor slow: one process finds out, alone, while the others leave the rows of it where they are; if
 * that takes long, it is slow until the contrary is known.  Nothing depends on this being right but the time that others
 * wait.
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "asl/resource.h"
#include "engine/internal.h"
#include "pg/settings.h"
#include "worker/worker.h"

#define SHARE_OF_BUDGET 5		/* a fast run takes less than a fifth of a batch's budget */
#define PATIENCE 4				/* budgets for which others wait for who finds out */
#define COLD 10					/* budgets that a process's first run of a resource may take without saying anything */
#define MEMORY 16				/* about how many runs are remembered */
#define TOLERATED 0.25			/* known to be fast: at most this share of them was not */

static int64
budget(void)
{
	return (int64) (wf_setting_batch_budget * 1000);
}

/*
 * A function's name says what is done; sql:query says nothing: there each state has a class of its own, by its name.  (Not
 * by the text of its query, which may be another one each time.)  A mix-up of two costs time only.
 */
static uint64
key_of(const WfTaskToRun *task)
{
	const char *resource = task->resource->base;
	uint64		key = hash_bytes_extended((const unsigned char *) resource, strlen(resource), MyDatabaseId);

	if (strcmp(resource, "sql:query") == 0)
		key = hash_bytes_extended((const unsigned char *) task->state_name, strlen(task->state_name), key);
	return key != 0 ? key : 1;
}

/*
 * Locks the table and returns the entry of the resource, moved to the front of its bucket; NULL if there is none and it is
 * not to be made.  Whoever noted least lately makes room.
 */
static WfSpeedEntry *
lock_entry(uint64 key, bool make)
{
	WfSpeedTable *table = wf_shared_speeds();
	WfSpeedEntry *bucket = table->entries[key % WF_SPEED_BUCKETS];
	WfSpeedEntry entry = {.key = key};
	int			i = 0;

	SpinLockAcquire(&table->mutex);
	while (i < WF_SPEED_WAYS && bucket[i].key != key)
		i++;
	if (i < WF_SPEED_WAYS)
		entry = bucket[i];
	else if (!make)
		return NULL;
	else
		i = WF_SPEED_WAYS - 1;
	if (i > 0)
		memmove(&bucket[1], &bucket[0], i * sizeof(WfSpeedEntry));
	bucket[0] = entry;
	return bucket;
}

static void
unlock_table(void)
{
	SpinLockRelease(&wf_shared_speeds()->mutex);
}

WfSpeed
wf_speed_of(const WfTaskToRun *task)
{
	WfSpeedEntry *entry = lock_entry(key_of(task), false);
	WfSpeed		speed = WF_SPEED_UNKNOWN;
	TimestampTz finding_since = 0;

	if (entry != NULL)
	{
		if (entry->unfit)
			speed = WF_SPEED_SLOW;
		else if (entry->known)
			speed = entry->slow <= TOLERATED ? WF_SPEED_FAST : WF_SPEED_SLOW;
		else
			finding_since = entry->finding_since;
	}
	unlock_table();
	if (finding_since != 0 && GetCurrentTimestamp() - finding_since > PATIENCE * budget())
		speed = WF_SPEED_SLOW;
	return speed;
}

bool
wf_speed_find_out(const WfTaskToRun *task)
{
	TimestampTz now = GetCurrentTimestamp();
	WfSpeedEntry *entry = lock_entry(key_of(task), true);
	bool		mine = !entry->known && !entry->unfit && entry->finding_since == 0;

	if (mine)
		entry->finding_since = now;
	unlock_table();
	return mine;
}

/* Has this process run it before?  From now on it has. */
static bool
has_run(uint64 key)
{
	static HTAB *runs = NULL;
	bool		found;

	if (runs == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(uint64), .entrysize = sizeof(uint64), .hcxt = TopMemoryContext};

		runs = hash_create("workflow resources run", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	(void) hash_search(runs, &key, HASH_ENTER, &found);
	return found;
}

/*
 * The share of slow runs, not their time: on a busy machine any run may once take long because its process was not
 * scheduled, and a mean would take a hundred others down with it.
 */
static void
note(uint64 key, bool was_slow)
{
	WfSpeedEntry *entry = lock_entry(key, true);

	if (entry->known)
		entry->slow += (was_slow - entry->slow) / MEMORY;
	else
		entry->slow = was_slow ? 2 * TOLERATED : 0;
	entry->known = true;
	entry->finding_since = 0;
	unlock_table();
}

/* Who was to find out has found out nothing. */
static void
note_nothing(uint64 key)
{
	WfSpeedEntry *entry = lock_entry(key, true);

	entry->finding_since = 0;
	unlock_table();
}

void
wf_speed_start(WfStopwatch *watch)
{
	INSTR_TIME_SET_CURRENT(watch->start);
	getrusage(RUSAGE_SELF, &watch->used);
}

static int64
cpu_time(const struct rusage *used)
{
	return (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * INT64CONST(1000000) +
		used->ru_utime.tv_usec + used->ru_stime.tv_usec;
}

/* Was it the task that took the time?  Or has the process, which neither worked nor waited, not been scheduled? */
static bool
took_time(const WfStopwatch *watch, int64 limit)
{
	struct rusage now;

	getrusage(RUSAGE_SELF, &now);
	return now.ru_nvcsw > watch->used.ru_nvcsw || cpu_time(&now) - cpu_time(&watch->used) > limit;
}

/*
 * The first run in a process compiles the function and reads the catalogs.  That it was fast says something, that it was
 * slow does not, unless it was so slow that this is not why.
 */
void
wf_speed_note(const WfTaskToRun *task, const WfStopwatch *watch)
{
	uint64		key = key_of(task);
	int64		limit = budget() / SHARE_OF_BUDGET;
	bool		is_first = !has_run(key);
	instr_time	time;
	bool		was_slow;

	INSTR_TIME_SET_CURRENT(time);
	INSTR_TIME_SUBTRACT(time, watch->start);
	was_slow = INSTR_TIME_GET_MICROSEC(time) > limit;
	if (was_slow && (!took_time(watch, limit) || (is_first && INSTR_TIME_GET_MICROSEC(time) < COLD * budget())))
		note_nothing(key);
	else
		note(key, was_slow);
}

void
wf_speed_note_error(const WfTaskToRun *task)
{
	uint64		key = key_of(task);

	(void) has_run(key);
	note(key, true);
}

/*
 * Has the present transaction used temporary objects, or set constraints?  Then its task can share a transaction with no
 * other: a table that is made IF NOT EXISTS and emptied ON COMMIT would show one member the rows of another.
 */
bool
wf_speed_note_use(const WfTaskToRun *task)
{
	WfSpeedEntry *entry;

	if ((MyXactFlags & XACT_FLAGS_ACCESSEDTEMPNAMESPACE) == 0 && !wf_task_reached_out())
		return false;
	entry = lock_entry(key_of(task), true);
	entry->unfit = true;
	unlock_table();
	return true;
}

/* --- the alarm --- */

static TimeoutId alarm_id = MAX_TIMEOUTS;
static bool alarm_is_set = false;
static volatile sig_atomic_t alarm_rang = false;

static void
ring(void)
{
	alarm_rang = true;
	InterruptPending = true;
	QueryCancelPending = true;
	SetLatch(MyLatch);
}

bool
wf_speed_alarm(long milliseconds)
{
	if (alarm_id == MAX_TIMEOUTS)
		alarm_id = RegisterTimeout(USER_TIMEOUT, ring);
	if (alarm_is_set)
		return false;			/* a task within a task: the outer one's alarm counts for both */
	alarm_is_set = true;
	alarm_rang = false;
	enable_timeout_after(alarm_id, (int) Min(Max(milliseconds, 1), INT_MAX));
	return true;
}

bool
wf_speed_alarm_end(void)
{
	disable_timeout(alarm_id, false);
	alarm_is_set = false;

	/* An alarm that rang after the last chance to be heard must not hit somebody else. */
	if (alarm_rang && !wf_cancel_requested())
		QueryCancelPending = false;
	return alarm_rang;
}
