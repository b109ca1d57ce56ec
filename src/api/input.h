/*
 * input.h - JSON text that a person gives: checked, and brought into the form in which it is stored.
 */
#ifndef WF_INPUT_H
#define WF_INPUT_H

#include "postgres.h"

typedef enum WfInputPurpose { WF_INPUT_OF_EXECUTION, WF_OUTPUT_OF_TASK } WfInputPurpose;

/*
 * Compact JSON, keys in their order; palloc'ed.  Raises InvalidExecutionInput or InvalidOutput in the service's words if it
 * is no JSON, ValidationException if it is larger than workflow.max_payload.
 */
extern char *wf_input_compact(const char *text, WfInputPurpose purpose);

#endif
