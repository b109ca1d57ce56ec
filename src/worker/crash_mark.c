/*
 * crash_mark.c - which tasks were running when the server crashed.
 *
 * A task that kills its process takes the whole server through a crash restart, and its transaction leaves no trace of
 * it.  So each pool worker says outside any transaction what it runs: in a file of its own, workflow_tasks/<database>.<slot>
 * in the data directory, written with one pwrite() before a task and one after.  Nothing is synced: the kernel keeps it when a
 * process dies, and when the machine dies the mark does not matter.
 *
 *   the process dies by itself (a signal, kill -9)	the mark stays: guilty
 *   another one died (SIGQUIT from the postmaster)	the handler adds a byte: innocent; so with an immediate shutdown
 *   SIGTERM because of a hold						the worker removes the file as it leaves
 *   FATAL, any other SIGTERM in the middle of a task	the mark stays: the task has ended its own process, or somebody did
 *
 * A shutdown leaves marks too, of a postmaster that is no more.
 *
 * If all processes are killed at once (a container's end, the machine's), everything that ran looks guilty, and mostly
 * nothing is: so a mark also says under which postmaster it was made, and counts only while that one lives.  It outlives
 * a crash restart, which is all that a single process can cause by its death.
 *
 * What is guilty three times while it ran alone is given up (the engine counts).
 *
 * The scheduler reads the marks of its database before any worker of it is started, so no file is overwritten unread.
 */
#include "postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file_perm.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/timestamp.h"

#include "worker/process.h"

#define DIRECTORY "workflow_tasks"
#define MAGIC 0x57464d32		/* WFM2 */

typedef struct CrashMark
{
	uint32		magic;
	Oid			database;
	TimestampTz postmaster;		/* when it started */
	int64		execution;		/* 0: nothing runs */
	int32		frame;
	int32		serial;
	char		alone;
	char		innocent;
} CrashMark;

static int	mark_file = -1;
static bool runs = false;		/* a task is marked */
static char mark_path[MAXPGPATH];
static Oid	mark_database;

/* Only async-signal-safe calls from here to _exit(). */
static void
quit_innocent(SIGNAL_ARGS)
{
	char		innocent = 1;

	if (mark_file >= 0 && lseek(mark_file, offsetof(CrashMark, innocent), SEEK_SET) >= 0 &&
		write(mark_file, &innocent, 1) != 1)
		_exit(2);				/* nothing can be done about it */
	_exit(2);					/* as SignalHandlerForCrashExit */
}

void
wf_crash_mark_open(Oid database, int slot)
{
	mark_database = database;
	snprintf(mark_path, sizeof(mark_path), DIRECTORY "/%u.%d", database, slot);
	if (MakePGDirectory(DIRECTORY) < 0 && errno != EEXIST)
		ereport(FATAL,
				(errcode_for_file_access(),
				 errmsg("could not create directory \"%s\": %m", DIRECTORY)));
	ReserveExternalFD();
	mark_file = BasicOpenFile(mark_path, O_RDWR | O_CREAT | O_TRUNC | PG_BINARY);
	if (mark_file < 0)
		ereport(FATAL,
				(errcode_for_file_access(),
				 errmsg("could not open file \"%s\": %m", mark_path)));
	pqsignal(SIGQUIT, quit_innocent);
}

void
wf_crash_mark_write(const WfRunningTask *task)
{
	CrashMark	mark;

	memset(&mark, 0, sizeof(mark));
	mark.magic = MAGIC;
	mark.database = mark_database;
	mark.postmaster = PgStartTime;
	runs = task != NULL;
	if (task != NULL)
	{
		mark.execution = task->execution;
		mark.frame = task->frame;
		mark.serial = task->serial;
		mark.alone = task->alone;
	}
	if (pwrite(mark_file, &mark, sizeof(mark), 0) != sizeof(mark))
		ereport(task != NULL ? ERROR : LOG,
				(errcode_for_file_access(),
				 errmsg("could not write file \"%s\": %m", mark_path)));
}

/*
 * Before the slot is free for another: its worker would open the same file.  `meant`: we leave because somebody wants us to
 * make way; a task that is cut off by that is not to blame.
 */
void
wf_crash_mark_close(bool meant)
{
	if (mark_file < 0)
		return;
	if (meant || !runs)
		(void) unlink(mark_path);
	(void) close(mark_file);
	mark_file = -1;
	ReleaseExternalFD();
}

/* --- reading --- */

bool
wf_crash_mark_is_left(Oid database, int slot)
{
	char		path[MAXPGPATH];

	snprintf(path, sizeof(path), DIRECTORY "/%u.%d", database, slot);
	return access(path, F_OK) == 0;
}

/* Calls what() for each file of the directory that is a mark; the file's name tells whose. */
static void
each_mark(void (*what) (const char *path, Oid database, int slot, void *arg), void *arg)
{
	DIR		   *directory = AllocateDir(DIRECTORY);
	struct dirent *entry;

	if (directory == NULL && errno == ENOENT)
		return;
	while ((entry = ReadDirExtended(directory, DIRECTORY, LOG)) != NULL)
	{
		char		path[MAXPGPATH];
		unsigned int database;
		int			slot;
		int			length = 0;

		if (sscanf(entry->d_name, "%u.%d%n", &database, &slot, &length) != 2 || entry->d_name[length] != '\0')
			continue;
		snprintf(path, sizeof(path), DIRECTORY "/%s", entry->d_name);
		what(path, database, slot, arg);
	}
	FreeDir(directory);
}

/* A worker that lives still writes its file, and will remove it. */
static bool
is_alive(Oid database, int slot)
{
	bool		alive;

	if (slot < 0 || slot >= wf_shared->n_workers)
		return false;
	LWLockAcquire(&wf_shared->lock, LW_SHARED);
	alive = wf_worker_slots[slot].database == database && wf_worker_slots[slot].pid != 0;
	LWLockRelease(&wf_shared->lock);
	return alive;
}

typedef struct Collecting
{
	Oid			database;
	WfCrashCallback callback;
	void	   *arg;
} Collecting;

static void
collect_one(const char *path, Oid database, int slot, void *arg)
{
	Collecting *collecting = arg;
	CrashMark	mark;
	int			file;
	ssize_t		size;

	if (database != collecting->database || is_alive(database, slot))
		return;
	file = OpenTransientFile(path, O_RDONLY | PG_BINARY);
	if (file < 0)
		return;
	size = read(file, &mark, sizeof(mark));
	CloseTransientFile(file);
	if (size == sizeof(mark) && mark.magic == MAGIC && mark.database == database &&
		mark.postmaster == PgStartTime && mark.execution != 0 && !mark.innocent)
	{
		WfRunningTask task = {mark.execution, mark.frame, mark.serial, mark.alone != 0};

		collecting->callback(&task, collecting->arg);
	}
}

void
wf_crash_marks_collect(Oid database, WfCrashCallback callback, void *arg)
{
	Collecting	collecting = {database, callback, arg};

	each_mark(collect_one, &collecting);
}

static void
forget_one(const char *path, Oid database, int slot, void *arg)
{
	if (database == *(Oid *) arg && !is_alive(database, slot) && unlink(path) < 0 && errno != ENOENT)
		ereport(LOG,
				(errcode_for_file_access(),
				 errmsg("could not remove file \"%s\": %m", path)));
}

void
wf_crash_marks_forget(Oid database)
{
	each_mark(forget_one, &database);
}

static void
sweep_one(const char *path, Oid database, int slot, void *arg)
{
	bool		(*exists) (Oid database) = *(bool (**) (Oid)) arg;

	if (!exists(database))
		(void) unlink(path);
}

/* Removes the marks of databases that are no more. */
void
wf_crash_marks_sweep(bool (*exists) (Oid database))
{
	each_mark(sweep_one, &exists);
}
