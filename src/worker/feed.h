/*
 * feed.h - the scheduler's care for the pool; feed.c.
 */
#ifndef WF_FEED_H
#define WF_FEED_H

#include "worker/process.h"

/*
 * Wakes and starts workers for all ready work of this database.  Outside any transaction.  Returns after how many
 * milliseconds to look again, or -1: whoever makes more ready will say so.
 */
extern long wf_feed(WfDatabaseSlot *slot);

/* Takes notice of workers that have ended. */
extern void wf_feed_collect(void);

#endif
