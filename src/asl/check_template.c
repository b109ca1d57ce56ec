/*
 * check_template.c - templates and expressions: payload templates, JSON with queries in it, variables.
 *
 * All that is wrong in a template is reported, not only the first thing.
 */
#include <string.h>

#include "asl/check_values.h"

bool
wf_check_looks_like_path(const char *text)
{
	return strncmp(text, "$.", 2) == 0 || strncmp(text, "$[", 2) == 0 || strncmp(text, "$$.", 3) == 0 ||
		(strncmp(text, "States.", 7) == 0 && strchr(text, '(') != NULL);
}

/* A call that is well formed, but certain to fail: the service accepts it. */
void
wf_check_intrinsic(WfChecker *checker, const WfIntrinsic *intrinsic, const WfPlace *place, const char *field)
{
	const char *doubt = intrinsic != NULL ? wf_intrinsic_doubt(intrinsic) : NULL;

	if (doubt != NULL)
		wf_check_report(checker, WF_SEVERITY_WARNING, "INVALID_ARGUMENTS", place, "The value for the field '%s' will fail: %s", field,
						doubt);
}

/* The value of a field whose name ends in `.$`.  `place` is the object's, where the service reports it. */
static void
check_computed(WfChecker *checker, const char *key, json_t *value, const WfPlace *place)
{
	WfError		problem = WF_ERROR_NONE;
	WfExpression *expression;

	if (json_is_string(value))
	{
		expression = wf_expression_parse(json_string_value(value), &problem);
		if (expression != NULL)
		{
			wf_check_intrinsic(checker, wf_expression_intrinsic(expression), place, key);
			wf_expression_free(expression);
			return;
		}
		if (problem.code == WF_OUT_OF_MEMORY)
			wf_check_no_memory(checker);
		wf_error_clear(&problem);
	}
	wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
					"The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", key);
}

static void
check_payload_template(WfChecker *checker, json_t *value, const WfPlace *place)
{
	if (json_is_array(value))
	{
		for (size_t i = 0; i < json_array_size(value); i++)
		{
			WfPlace		here = {place, NULL, i};
			json_t	   *item = json_array_get(value, i);

			if (!json_is_string(item))
				check_payload_template(checker, item, &here);
		}
	}
	else if (json_is_object(value))
	{
		for (void *member = json_object_iter(value); member != NULL; member = json_object_iter_next(value, member))
		{
			const char *key = json_object_iter_key(member);
			size_t		length = json_object_iter_key_len(member);
			json_t	   *item = json_object_iter_value(member);
			WfPlace		here = {place, key, 0};

			if (length >= 2 && strcmp(key + length - 2, ".$") == 0)
			{
				check_computed(checker, key, item, place);
				if (json_object_getn(value, key, length - 2) != NULL)
					wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
									"The field '%s' has the same name as another one, once its suffix is dropped", key);
			}
			else if (!json_is_string(item))
				check_payload_template(checker, item, &here);
			else if (wf_check_looks_like_path(json_string_value(item)))
				wf_check_report(checker, WF_SEVERITY_WARNING, "NO_DOLLAR", &here,
								"The value looks like a path or an intrinsic function, but the name of the field does not end with '.$'");
		}
	}
}

static void
check_jsonata_template(WfChecker *checker, json_t *value, const WfPlace *place)
{
	if (json_is_string(value))
		wf_check_jsonata_text(checker, json_string_value(value), place);
	else if (json_is_array(value))
	{
		for (size_t i = 0; i < json_array_size(value); i++)
		{
			WfPlace		here = {place, NULL, i};

			check_jsonata_template(checker, json_array_get(value, i), &here);
		}
	}
	else if (json_is_object(value))
	{
		for (void *member = json_object_iter(value); member != NULL; member = json_object_iter_next(value, member))
		{
			WfPlace		here = {place, json_object_iter_key(member), 0};

			check_jsonata_template(checker, json_object_iter_value(member), &here);
		}
	}
}

void
wf_check_template(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	(void) field;
	if (checker->language == WF_JSONATA)
		check_jsonata_template(checker, value, place);
	else
		check_payload_template(checker, value, place);
}

/* What a state, a rule or a catcher gives on. */
void
wf_check_output(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	checker->after_work = true;
	wf_check_template(checker, field, value, place);
	checker->after_work = false;
}

/* A template that gives an object. */
void
wf_check_object_template(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	bool		expression = checker->language == WF_JSONATA && json_is_string(value);

	if (expression || !wf_check_type(checker, value, JSON_OBJECT, place))
		wf_check_template(checker, field, value, place);
	if (expression && !wf_is_query(json_string_value(value)))
		wf_check_type(checker, value, JSON_OBJECT, place);
}

/* --- variables --- */

static void
check_variable(WfChecker *checker, const char *key, const WfPlace *place)
{
	size_t		length = strlen(key);
	size_t		characters = 0;
	bool		valid;

	if (checker->language == WF_JSONPATH && length >= 2 && strcmp(key + length - 2, ".$") == 0)
		length -= 2;
	valid = length > 0;
	for (size_t i = 0; i < length; i++)
	{
		valid = valid && wf_is_variable_character(key[i], i == 0);
		characters += ((unsigned char) key[i] & 0xC0) != 0x80;
	}
	if (!valid)
		wf_check_report(checker, WF_SEVERITY_ERROR, "INVALID_VARIABLE_NAME", place,
						"Invalid variable name '%.*s': the variable name contains invalid characters.", (int) length, key);
	else if (characters > 80)
		wf_check_report(checker, WF_SEVERITY_ERROR, "INVALID_VARIABLE_NAME", place,
						"Invalid variable name '%.*s': it is longer than 80 characters.", (int) length, key);
	else if (length == 6 && strncmp(key, "states", 6) == 0)
		wf_check_report(checker, WF_SEVERITY_ERROR, "RESERVED_VARIABLE_NAME", place,
						"Cannot assign to reserved variable '$states'.");
	else
	{
		for (WfCheckedScope *scope = checker->scope; scope != NULL; scope = scope->outer)
		{
			if (wf_check_may_be_set(checker, scope, key, length))
			{
				wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
								"The variable '%.*s' is assigned in an outer scope, and can only be read here", (int) length, key);
				break;
			}
		}
	}
}

void
wf_check_assign(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	if (wf_check_type(checker, value, JSON_OBJECT, place))
		return;
	for (void *member = json_object_iter(value); member != NULL; member = json_object_iter_next(value, member))
	{
		WfPlace		here = {place, json_object_iter_key(member), 0};

		check_variable(checker, json_object_iter_key(member), &here);
	}
	wf_check_output(checker, field, value, place);
}

/* --- a Pass's Result --- */

void
wf_check_static_result(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	bool		path = json_is_string(value) && wf_check_looks_like_path(json_string_value(value));

	for (void *member = json_is_object(value) ? json_object_iter(value) : NULL; member != NULL;
		 member = json_object_iter_next(value, member))
	{
		const char *key = json_object_iter_key(member);
		size_t		length = json_object_iter_key_len(member);
		WfPlace		here = {place, key, 0};

		if (length >= 2 && strcmp(key + length - 2, ".$") == 0)
			path = true;
		else
			wf_check_static_result(checker, field, json_object_iter_value(member), &here);
	}
	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
	{
		WfPlace		here = {place, NULL, i};

		wf_check_static_result(checker, field, json_array_get(value, i), &here);
	}
	if (path)
		wf_check_report(checker, WF_SEVERITY_WARNING, "PASS_RESULT_IS_STATIC", place,
						"The Result of a Pass state is taken as it is: paths in it are not evaluated");
}
