/*
 * log.h - which events a machine's logging configuration asks for, level by level.
 */
#ifndef WF_LOG_H
#define WF_LOG_H

#include "interpreter/interpreter.h"

/* In order: each level has all that those before it have. */
typedef enum WfLogLevel
{
	WF_LOG_OFF,
	WF_LOG_FATAL,				/* an execution ends otherwise than it should */
	WF_LOG_ERROR,				/* something goes wrong on the way */
	WF_LOG_ALL
} WfLogLevel;

/* Of the service's words; anything else is OFF. */
extern WfLogLevel wf_log_level(const char *word);

extern bool wf_event_is_logged(WfEventType type, WfLogLevel level);

/* A shallow copy without what includeExecutionData adds: inputs, outputs, parameters, variables. */
extern WfEvent wf_event_without_data(const WfEvent *event);

#endif
