/*
 * installation.h - whose data this is.
 *
 * The one row names the cluster, the database and the extension in which the data was made.  If it names others, the data
 * is a copy (restored, made from a template, upgraded): nothing runs until an administrator says so.  It also has the key
 * of the task tokens, which goes with the data, wherever that goes: a token that is out is good in the copy.
 */
#ifndef WF_INSTALLATION_H
#define WF_INSTALLATION_H

#include "postgres.h"

/* Why nothing runs here. */
typedef enum WfStandstill
{
	WF_NO_STANDSTILL,			/* it may run */
	WF_NOTHING_CREATED,
	WF_DATA_IS_COPY,
	WF_PAUSED
} WfStandstill;

extern WfStandstill wf_installation_standstill(void);
extern const char *wf_standstill_reason(WfStandstill standstill);

/* Makes the data ours, and lets it run.  `resume` false: only if nobody's row is there yet. */
extern void wf_installation_claim(bool resume);

extern void wf_installation_pause(void);

/* False: there is no installation yet. */
#define WF_TOKEN_KEY_SIZE 32
extern bool wf_installation_token_key(unsigned char *key);

#endif
