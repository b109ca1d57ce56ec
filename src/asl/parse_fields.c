/*
 * parse_fields.c - single fields of a state: paths, templates, queries, texts, numbers.
 */
#include <string.h>

#include "asl/parse_internal.h"

bool
wf_parse_give_up(WfParser *parser, const WfState *state, const char *field)
{
	if (parser->error->code != WF_OUT_OF_MEMORY)
		wf_error_set(parser->error, WF_INVALID_DEFINITION,
					 "SCHEMA_VALIDATION_FAILED: the field cannot be used at /States/%s/%s",
					 state->name, field);
	return false;
}

bool
wf_field_says(const json_t *object, const char *field, const char *word)
{
	const char *text = json_string_value(json_object_get(object, field));

	return text != NULL && strcmp(text, word) == 0;
}

bool
wf_parse_path(WfParser *parser, const WfState *state, json_t *object, const char *field, WfPath **path)
{
	json_t	   *value = json_object_get(object, field);

	if (value == NULL)
		return true;
	*path = json_is_string(value) ? wf_path_parse(json_string_value(value), parser->error) : NULL;
	return *path != NULL || wf_parse_give_up(parser, state, field);
}

bool
wf_parse_data_path(WfParser *parser, const WfState *state, const char *field, WfDataPath *path)
{
	path->null = json_is_null(json_object_get(state->source, field));
	return path->null || wf_parse_path(parser, state, state->source, field, &path->path);
}

bool
wf_parse_template(WfParser *parser, const WfState *state, json_t *object, const WfPlace *outer, const char *field,
				  WfTemplate **template_)
{
	json_t	   *value = json_object_get(object, field);
	WfPlace		here = {outer, field, 0};

	if (value == NULL)
		return true;
	*template_ = state->language == WF_JSONATA ? wf_template_parse_queries(value, &here, parser->error) :
		wf_template_parse(value, NULL, parser->error);
	return *template_ != NULL || wf_parse_give_up(parser, state, field);
}

bool
wf_parse_assign(WfParser *parser, const WfState *state, json_t *object, const WfPlace *outer, WfTemplate **assign)
{
	if (!wf_parse_template(parser, state, object, outer, "Assign", assign))
		return false;
	parser->definition->assigns = parser->definition->assigns || *assign != NULL;
	return true;
}

static bool
holds_query(const WfState *state, json_t *value)
{
	return state->language == WF_JSONATA && json_is_string(value) && wf_is_query(json_string_value(value));
}

bool
wf_parse_query(WfParser *parser, const WfState *state, json_t *object, const WfPlace *outer, const char *field, WfQuery **query)
{
	json_t	   *value = json_object_get(object, field);
	WfPlace		here = {outer, field, 0};

	if (!holds_query(state, value))
		return true;
	*query = wf_query_parse(json_string_value(value), &here, parser->error);
	return *query != NULL || wf_parse_give_up(parser, state, field);
}

bool
wf_parse_text(WfParser *parser, const WfState *state, const char *field, const char *path_field, const char **text,
			  WfExpression **expression)
{
	json_t	   *value = json_object_get(state->source, field);
	json_t	   *path = json_object_get(state->source, path_field);
	WfPlace		here = {NULL, field, 0};

	if (holds_query(state, value))
		*expression = wf_expression_parse_query(json_string_value(value), &here, parser->error);
	else if (path != NULL)
		*expression = json_is_string(path) ? wf_expression_parse(json_string_value(path), parser->error) : NULL;
	else
	{
		*text = json_string_value(value);
		return true;
	}
	return *expression != NULL || wf_parse_give_up(parser, state, field);
}

bool
wf_parse_number_of(WfParser *parser, const WfState *state, WfOwner owner, json_t *object, const WfPlace *outer, const char *field,
				   const char *path_field, WfNumber *number)
{
	json_t	   *value = json_object_get(object, field);

	if (json_is_integer(value))
	{
		number->given = true;
		number->value = json_integer_value(value);
	}
	wf_check_bounds(owner, field, &number->low, &number->high);
	if (!wf_parse_path(parser, state, object, path_field, &number->path) ||
		!wf_parse_query(parser, state, object, outer, field, &number->query))
		return false;
	number->given = number->given || number->path != NULL || number->query != NULL;
	return true;
}

bool
wf_parse_number(WfParser *parser, const WfState *state, const char *field, const char *path_field, WfNumber *number)
{
	return wf_parse_number_of(parser, state, (WfOwner) 1 << state->type, state->source, NULL, field, path_field, number);
}
