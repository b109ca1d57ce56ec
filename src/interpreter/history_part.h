/*
 * history_part.h - the stored form of a history: parts, each some consecutive events of one execution as one JSON text.
 *
 *     {"values":[{"order":17},"Charge","function"],"events":[[9,1,0,1,0],[54,1,35,2,…],…]}
 *
 * `values` holds each payload and each string once, however many events show it: an input that passes through ten states
 * unchanged is stored once, not twenty times.  An event is [type, how many ids back its previous event lies, microseconds
 * since the part's first event, then the fields of its details in the order of details.h]: the number of a value, a number
 * as it is, or null where the field is absent; nulls at the end are left out.  Ids are consecutive from the part's first.
 *
 * So a row of the table holds dozens of events for what one would cost, and takes one entry of its index.  It is JSON, and
 * not a form of our own in bytes, so that a dump, a replica of the table or a person at night can read it without us.
 */
#ifndef WF_HISTORY_PART_H
#define WF_HISTORY_PART_H

#include "asl/error.h"
#include "interpreter/interpreter.h"

/* --- writing --- */

typedef struct WfHistoryWriter WfHistoryWriter;

extern WfHistoryWriter *wf_history_writer_new(void);	/* NULL without memory */
extern void wf_history_writer_free(WfHistoryWriter *writer);

/*
 * Packs events[0], events[1] … until the part is full or there are no more: returns how many, 0 without memory.  *text is
 * the part, the writer's own until the next call.  The part's first id and time are those of events[0].
 */
extern int	wf_history_write(WfHistoryWriter *writer, const WfEvent *events, int n, const char **text, size_t *length);

/* --- reading --- */

typedef struct WfHistoryReader WfHistoryReader;

typedef struct WfPackedEvent
{
	int			id;
	int			previous;
	WfEventType type;
	int64_t		at;
	char	   *details;		/* as wf_event_details gives them: malloc'ed, the caller's; NULL: none */
	size_t		length;
} WfPackedEvent;

/* The text is borrowed, and need not end in NUL.  NULL with the problem in *error: WF_INVALID_JSON if it is no part. */
extern WfHistoryReader *wf_history_reader_new(const char *text, size_t length, int first_id, int64_t at, WfError *error);
extern void wf_history_reader_free(WfHistoryReader *reader);

/* The next event.  False at the end, or with the problem in *error. */
extern bool wf_history_read(WfHistoryReader *reader, WfPackedEvent *event, WfError *error);

#endif
