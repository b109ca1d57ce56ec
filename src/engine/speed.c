/*
 * speed.c - which work is known to be fast, and the alarm that stops what was not.
 *
 * A process remembers for itself how long the tasks of each resource took lately.  What it has not seen yet is neither
 * known to be fast nor slow; its first run is alone.  Nothing depends on this being right but the time that others wait.
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timeout.h"

#include "engine/internal.h"
#include "pg/settings.h"
#include "worker/worker.h"

#define SHARE_OF_BUDGET 5		/* a fast run takes less than a fifth of a batch's budget */
#define MEMORY 16				/* about how many runs are remembered */
#define TOLERATED 0.25			/* known to be fast: at most this share of them was not */
#define NAME_SIZE 128

/*
 * The share of slow runs, not their time: on a busy machine any run may once take long because its process was not
 * scheduled, and a mean would take a hundred others down with it.
 */
typedef struct Speed
{
	char		resource[NAME_SIZE];	/* longer names are cut: a mix-up costs time only */
	double		slow;			/* share of the latest runs, 0 to 1 */
	bool		unfit;			/* uses what members of a batch would share: never in one */
} Speed;

static HTAB *speeds = NULL;

static Speed *
find(const char *resource, bool make, bool *found)
{
	char		key[NAME_SIZE];

	if (speeds == NULL)
	{
		HASHCTL		control = {.keysize = NAME_SIZE, .entrysize = sizeof(Speed), .hcxt = TopMemoryContext};

		speeds = hash_create("workflow task speeds", 64, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	}
	strlcpy(key, resource, NAME_SIZE);
	return hash_search(speeds, key, make ? HASH_ENTER : HASH_FIND, found);
}

bool
wf_speed_is_fast(const char *resource)
{
	Speed	   *speed = find(resource, false, NULL);

	return speed != NULL && speed->slow <= TOLERATED && !speed->unfit;
}

bool
wf_speed_is_slow(const char *resource)
{
	return find(resource, false, NULL) != NULL && !wf_speed_is_fast(resource);
}

static void
note(const char *resource, bool was_slow)
{
	bool		found;
	Speed	   *speed = find(resource, true, &found);

	if (!found)
	{
		speed->slow = was_slow ? 1 : 0;
		speed->unfit = false;
	}
	else
		speed->slow += (was_slow - speed->slow) / MEMORY;
}

void
wf_speed_note(const char *resource, int64 microseconds)
{
	note(resource, microseconds > wf_setting_batch_budget * 1000 / SHARE_OF_BUDGET);
}

/* An error, an overrun: what a batch cannot use. */
void
wf_speed_note_slow(const char *resource)
{
	note(resource, true);
}

/*
 * Has the present transaction used temporary objects, or set constraints?  Then its task can share a transaction with no
 * other: a table that is made IF NOT EXISTS and emptied ON COMMIT would show one member the rows of another.
 */
bool
wf_speed_note_use(const char *resource)
{
	bool		found;
	Speed	   *speed;

	if ((MyXactFlags & XACT_FLAGS_ACCESSEDTEMPNAMESPACE) == 0 && !wf_task_reached_out())
		return false;
	speed = find(resource, true, &found);
	if (!found)
		speed->slow = 0;
	speed->unfit = true;
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
