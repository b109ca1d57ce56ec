/*
 * clock.h - what time it is for the engine: the server's clock, or the one that a test has set (workflow.clock).
 */
#ifndef WF_CLOCK_H
#define WF_CLOCK_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/guc.h"

extern TimestampTz wf_clock_now(void);

/* Hooks of the setting: what is no moment is refused when it is set, so that the clock can always be read. */
extern bool wf_clock_check(char **text, void **extra, GucSource source);
extern void wf_clock_assign(const char *text, void *extra);

/* Moves the test clock; an error if it has not been set. */
extern void wf_clock_move_to(TimestampTz time);

/* Between the server's timestamps (since 2000) and the interpreter's (since 1970). */
extern int64 wf_clock_to_unix(TimestampTz time);
extern TimestampTz wf_clock_from_unix(int64 microseconds);

#endif
