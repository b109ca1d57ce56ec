/*
 * item_reader.h - what an ItemReader's resource gave, taken apart into items: CSV, JSON, JSON lines, or items as they are.
 */
#ifndef WF_ITEM_READER_H
#define WF_ITEM_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asl/distributed.h"
#include "json/payload.h"

struct WfError;

/* Takes an item, compact JSON text; false ends the reading. */
typedef bool (*WfTakeItem) (void *arg, const char *text, size_t length);

/*
 * Gives the items to `take`, at most so many (0: all).  The result is a JSON value: a string is a file's text, as is the
 * string under Body of an object; of what a listing gives, the array under Contents are the items.  False with *error:
 * WF_STATES_RUNTIME and the cause of the failed reader; or if `take` said so, with no error.
 */
extern bool wf_items_read(const WfReaderConfig *config, WfPayload *result, int64_t max_items, WfTakeItem take, void *arg,
						  struct WfError *error);

#endif
