/*
 * time.h - timestamps of the language: RFC 3339 with an upper-case T and Z or an offset.
 */
#ifndef WF_TIME_H
#define WF_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* Microseconds since 1970 of a timestamp (nanoseconds are cut off); false if it is none. */
extern bool wf_time_parse(const char *text, int64_t *microseconds);

/* "2026-11-20T11:32:07.123Z": what the context object holds.  Needs WF_TIME_SIZE bytes. */
#define WF_TIME_SIZE 64
extern void wf_time_format(int64_t microseconds, char *text);

#endif
