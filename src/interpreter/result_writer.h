/*
 * result_writer.h - what a distributed Map's children gave, as its ResultWriter says: flattened, as lines.
 */
#ifndef WF_RESULT_WRITER_H
#define WF_RESULT_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "asl/distributed.h"
#include "json/payload.h"

struct WfError;
struct json_t;

/*
 * New, malloc'ed: the elements of an array, each with what separates it from the next behind it: a comma, or in lines the
 * line's end.  With `flatten` the elements of those that are arrays stand in their place.  NULL without memory.
 */
extern char *wf_results_text(const struct json_t *results, bool flatten, bool lines, size_t *length);

/* New: the state's result, where it is not exported, of the array of what the children gave.  NULL with *error. */
extern WfPayload *wf_results_payload(const WfWriterConfig *config, WfPayload *results, struct WfError *error);

#endif
