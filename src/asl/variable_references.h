/*
 * variable_references.h - which variables the states of a definition read.
 */
#ifndef WF_VARIABLE_REFERENCES_H
#define WF_VARIABLE_REFERENCES_H

#include "json/json.h"

/*
 * New: {"State": ["a", "b"], …}: for each state of a definition's JSON that reads variables, also for those of blocks
 * inside, their names in order.  NULL without memory.
 */
extern json_t *wf_variable_references(json_t *definition);

#endif
