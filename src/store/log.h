/*
 * log.h - what a machine's loggingConfiguration asks to be kept of an EXPRESS execution's history.
 *
 * A STANDARD execution's history is kept whole, whatever it says.
 */
#ifndef WF_STORE_LOG_H
#define WF_STORE_LOG_H

#include "postgres.h"

#include "interpreter/log.h"

typedef struct WfLogging
{
	WfLogLevel	level;
	bool		with_data;		/* includeExecutionData */
} WfLogging;

/* Appends those of the events that are to be kept, as wf_history_append does. */
extern void wf_log_append(int64 execution, const WfLogging *logging, const WfEvent *events, int n);

#endif
