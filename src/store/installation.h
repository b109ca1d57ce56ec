/*
 * installation.h - whose data this is.
 *
 * The one row names the cluster, the database and the extension in which the data was made.  If it names others, the data
 * is a copy (restored, made from a template, upgraded): nothing runs until an administrator says so.
 */
#ifndef WF_INSTALLATION_H
#define WF_INSTALLATION_H

#include "postgres.h"

/* Why nothing runs here: "paused", "the data is a copy", "nothing has been created yet"; NULL: it may run. */
extern const char *wf_installation_standstill(void);

/* Makes the data ours, and lets it run.  `resume` false: only if nobody's row is there yet. */
extern void wf_installation_claim(bool resume);

extern void wf_installation_pause(void);

#endif
