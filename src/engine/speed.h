/*
 * speed.h - which work is known to be fast.  The knowledge is in shared memory: what one process has found out, all know.
 */
#ifndef WF_SPEED_H
#define WF_SPEED_H

#include "postgres.h"

#include <sys/resource.h>

#include "datatype/timestamp.h"
#include "interpreter/interpreter.h"
#include "portability/instr_time.h"
#include "storage/spin.h"

#define WF_SPEED_BUCKETS 128
#define WF_SPEED_WAYS 4

typedef struct WfSpeedEntry
{
	uint64		key;			/* of database and kind of work; 0: free */
	TimestampTz finding_since;	/* since when somebody has been finding out; 0: nobody is */
	float		slow;			/* share of the latest runs, 0 to 1 */
	bool		known;
	bool		unfit;			/* uses what members of a batch would share: never in one */
} WfSpeedEntry;

/* In shared memory; all zero at first but for the mutex. */
typedef struct WfSpeedTable
{
	slock_t		mutex;
	WfSpeedEntry entries[WF_SPEED_BUCKETS][WF_SPEED_WAYS];	/* in each bucket the latest noted come first */
} WfSpeedTable;

typedef enum WfSpeed
{
	WF_SPEED_UNKNOWN,
	WF_SPEED_FAST,
	WF_SPEED_SLOW
} WfSpeed;

extern WfSpeed wf_speed_of(const WfTaskToRun *task);

/* Of an unknown one: true if it is for this process to find out, by running it alone; false if another is at it. */
extern bool wf_speed_find_out(const WfTaskToRun *task);

/* Around a run: how long it took is noted; or that it was what a batch cannot use, an error. */
typedef struct WfStopwatch
{
	instr_time	start;
	struct rusage used;
} WfStopwatch;

extern void wf_speed_start(WfStopwatch *watch);
extern void wf_speed_note(const WfTaskToRun *task, const WfStopwatch *watch);
extern void wf_speed_note_error(const WfTaskToRun *task);

/* Says after a task of a batch whether it has used what the members of a batch would share; and remembers that. */
extern bool wf_speed_note_use(const WfTaskToRun *task);

#endif
