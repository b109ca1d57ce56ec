/*
 * history.c - fuzzing the stored form of a history: whatever the text, it is read or refused, within its bounds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/history_part.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	WfError		error = WF_ERROR_NONE;
	WfHistoryReader *reader = wf_history_reader_new((const char *) data, size, 5, 0, &error);
	WfPackedEvent event;

	if ((reader == NULL) != (error.code != WF_NO_ERROR))
		abort();
	while (reader != NULL && wf_history_read(reader, &event, &error))
	{
		if (event.details != NULL && strlen(event.details) != event.length && memchr(data, 0, size) == NULL)
			abort();
		free(event.details);
	}
	wf_history_reader_free(reader);
	wf_error_clear(&error);
	return 0;
}
