/*
 * log.c - which events are logged; see log.h.
 */
#include <string.h>

#include "interpreter/log.h"

static const char *const words[] = {
	[WF_LOG_OFF] = "OFF", [WF_LOG_FATAL] = "FATAL", [WF_LOG_ERROR] = "ERROR", [WF_LOG_ALL] = "ALL"
};

WfLogLevel
wf_log_level(const char *word)
{
	for (int level = WF_LOG_FATAL; level <= WF_LOG_ALL; level++)
		if (strcmp(word, words[level]) == 0)
			return (WfLogLevel) level;
	return WF_LOG_OFF;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t		length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* The lowest level that has the event.  The service's own words say what goes wrong. */
static WfLogLevel
level_of(WfEventType type)
{
	const char *word = wf_event_word(type);

	switch (type)
	{
		case WF_EXECUTION_FAILED_EVENT:
		case WF_EXECUTION_ABORTED_EVENT:
		case WF_EXECUTION_TIMED_OUT_EVENT:
			return WF_LOG_FATAL;
		case WF_FAIL_STATE_ENTERED_EVENT:
			return WF_LOG_ERROR;
		default:
			return ends_with(word, "Failed") || ends_with(word, "Aborted") || ends_with(word, "TimedOut") ?
				WF_LOG_ERROR : WF_LOG_ALL;
	}
}

bool
wf_event_is_logged(WfEventType type, WfLogLevel level)
{
	return level == WF_LOG_ALL || (level != WF_LOG_OFF && level_of(type) <= level);
}

WfEvent
wf_event_without_data(const WfEvent *event)
{
	WfEvent		bare = *event;

	bare.data = bare.assigned = NULL;
	return bare;
}
