/*
 * check_choice.c - the rules of a Choice state: their shape, and the operands of their operators.
 */
#include <stdio.h>
#include <string.h>

#include "asl/check_values.h"

static void check_condition(WfChecker *checker, WfOwner owner, json_t *rule, const WfPlace *place);

/* Adds to a list of names, "a, b"; what does not fit is left out. */
static void
add_name(char *list, size_t size, const char *name)
{
	size_t		length = strlen(list);

	snprintf(list + length, size - length, "%s%s", length > 0 ? ", " : "", name);
}

static bool
takes_path(const char *operator)
{
	size_t		length = strlen(operator);

	return length >= 4 && strcmp(operator + length - 4, "Path") == 0;
}

/* What the condition's own parser says of an operator and its operand. */
static void
check_operand(WfChecker *checker, const char *operator, json_t *value, const WfPlace *place)
{
	WfError		problem = WF_ERROR_NONE;
	WfPlace		here = {place, operator, 0};
	json_t	   *rule;
	WfCondition *condition;

	if (takes_path(operator))
	{
		wf_check_operand_path(checker, value, &here);
		return;
	}
	if (json_is_string(value) && wf_check_looks_like_path(json_string_value(value)))
		wf_check_report(checker, WF_SEVERITY_WARNING, "NO_PATH", &here,
						"The value looks like a path, but the name of the field '%s' does not end with 'Path'", operator);
	rule = wf_json_object();
	if (rule == NULL || json_object_set_new_nocheck(rule, "Variable", json_string_nocheck("$")) != 0 ||
		json_object_set_nocheck(rule, operator, value) != 0)
		wf_check_no_memory(checker);
	else
	{
		condition = wf_condition_parse(rule, NULL, &problem);
		if (condition == NULL)
			wf_check_take(checker, &here, NULL, &problem);
		wf_condition_free(condition);
	}
	json_decref(rule);
}

/* A rule with Variable: exactly one operator, and an operand that fits. */
static void
check_test(WfChecker *checker, json_t *rule, const WfPlace *place)
{
	WfPlace		at_variable = {place, "Variable", 0};
	const char *operator = NULL;
	char		list[256] = "";
	int			n = 0;

	for (void *member = json_object_iter(rule); member != NULL; member = json_object_iter_next(rule, member))
	{
		const char *name = json_object_iter_key(member);

		if (!wf_choice_operator_exists(name))
			continue;
		operator = name;
		n++;
		add_name(list, sizeof(list), name);
	}
	wf_check_operand_path(checker, json_object_get(rule, "Variable"), &at_variable);
	if (n == 1)
		check_operand(checker, operator, json_object_get(rule, operator), place);
	else if (n > 1)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"There should only be one of the following fields: [%s]", list);
	else
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "The rule has no comparison operator");
}

static void
check_conditions(WfChecker *checker, WfOwner owner, json_t *list, const WfPlace *place)
{
	if (wf_check_list(checker, list, place))
		return;
	for (size_t i = 0; i < json_array_size(list); i++)
	{
		WfPlace		here = {place, NULL, i};

		check_condition(checker, owner, json_array_get(list, i), &here);
	}
}

static void
check_condition(WfChecker *checker, WfOwner owner, json_t *rule, const WfPlace *place)
{
	static const char *const selectors[] = {"And", "Or", "Not", "Variable", "Condition"};
	WfPlace		at_and = {place, "And", 0};
	WfPlace		at_or = {place, "Or", 0};
	WfPlace		at_not = {place, "Not", 0};
	int			n = 0;

	if (wf_check_type(checker, rule, JSON_OBJECT, place))
		return;
	wf_check_fields(checker, owner, rule, place);
	for (size_t i = 0; i < sizeof(selectors) / sizeof(*selectors); i++)
		n += json_object_get(rule, selectors[i]) != NULL;
	if (n != 1)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"The object must have only one of the following fields, [And, Or, Not, Variable, Condition]");
	if (checker->language == WF_JSONATA)
		return;
	if (json_object_get(rule, "And") != NULL)
		check_conditions(checker, WF_OWNER_CONDITION, json_object_get(rule, "And"), &at_and);
	if (json_object_get(rule, "Or") != NULL)
		check_conditions(checker, WF_OWNER_CONDITION, json_object_get(rule, "Or"), &at_or);
	if (json_object_get(rule, "Not") != NULL)
		check_condition(checker, WF_OWNER_CONDITION, json_object_get(rule, "Not"), &at_not);
	if (n == 1 && json_object_get(rule, "Variable") != NULL)
		check_test(checker, rule, place);
}

void
wf_check_choices(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	check_conditions(checker, WF_OWNER_RULE, value, place);
}

/* A JSONata rule's Condition: true, false, or an expression. */
void
wf_check_condition(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	if (json_is_boolean(value))
		return;
	if (!json_is_string(value) || !wf_is_query(json_string_value(value)))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"Expected value of type Boolean, or a JSONata expression");
	if (json_is_string(value))
		wf_check_jsonata_text(checker, json_string_value(value), place);
}
