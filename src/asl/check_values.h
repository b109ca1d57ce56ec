/*
 * check_values.h - the kinds of fields.def: a function for each.
 */
#ifndef WF_CHECK_VALUES_H
#define WF_CHECK_VALUES_H

#include "asl/check.h"

#define KIND(kind) extern void wf_check_##kind(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)

KIND(any);
KIND(string);
KIND(text);
KIND(boolean);
KIND(word);
KIND(integer);
KIND(number);
KIND(strings);
KIND(timestamp);
KIND(path_or_null);
KIND(reference);
KIND(input_reference);
KIND(result_path);
KIND(items_path);
KIND(string_expression);
KIND(resource);
KIND(part_resource);
KIND(credentials);
KIND(label);
KIND(target);
KIND(states);
KIND(branches);
KIND(processor);
KIND(processor_config);
KIND(part);
KIND(reader);
KIND(reader_config);
KIND(batcher);
KIND(writer);
KIND(retry);
KIND(catch);
KIND(error_names);
KIND(choices);
KIND(condition);
KIND(template);
KIND(output);
KIND(object_template);
KIND(assign);
KIND(items);
KIND(static_result);

#undef KIND

/* Variable, and an operand …Path, of a rule. */
extern void wf_check_operand_path(WfChecker *checker, json_t *value, const WfPlace *place);

/* True if a Resource names an activity. */
extern bool wf_check_is_activity(WfChecker *checker, json_t *resource);

#endif
