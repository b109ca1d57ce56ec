/*
 * dataflow.c - what a state's input goes through on its way to the work, and the result on its way out.
 *
 * Payloads that pass unchanged are shared, never copied: most states of most machines only hand on what they got, and a
 * payload that is shared keeps its text, so nothing is written twice.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

/* New from a value; steals the reference; NULL with *error. */
static WfPayload *
payload_of(json_t *value, WfError *error)
{
	WfPayload  *payload = value ? wf_payload_from_json(value) : NULL;

	if (!payload && error->code == WF_NO_ERROR)
		wf_error_no_memory(error);
	return payload;
}

/* True if a path is `$` alone. */
static bool
is_whole(const WfDataPath *path)
{
	return !path->null && (!path->path || strcmp(wf_path_text(path->path), "$") == 0);
}

/* New: what a path finds, or NULL with *error; what is told where there is nothing depends on the field. */
static WfPayload *
apply_path(WfView *view, const WfDataPath *path, WfPayload *input, bool reference, WfError *error)
{
	const WfScope *scope;
	json_t	   *found;
	char	   *missing = NULL;

	if (is_whole(path))
		return wf_payload_share(input);
	if (path->null)
		return payload_of(wf_json_object(), error);
	scope = wf_view_scope(view, input, error);
	if (!scope || !wf_path_get(path->path, scope, &found, &missing, error))
		return NULL;
	if (!found && reference)
		wf_path_conflict(path->path, scope->input, error);
	else if (!found)
		wf_error_set(error, WF_STATES_RUNTIME, "Invalid path '%s' : %s", wf_path_text(path->path),
					 missing ? missing : "No results");
	free(missing);
	return found ? payload_of(found, error) : NULL;
}

WfPayload *
wf_apply_path(WfView *view, const WfDataPath *path, WfPayload *input, WfError *error)
{
	return apply_path(view, path, input, false, error);
}

WfPayload *
wf_apply_reference_path(WfView *view, const WfDataPath *path, WfPayload *input, WfError *error)
{
	return apply_path(view, path, input, true, error);
}

WfPayload *
wf_apply_template(WfView *view, const WfTemplate *template_, WfPayload *input, WfError *error)
{
	const WfScope *scope;

	if (!template_)
		return wf_payload_share(input);
	scope = wf_view_scope(view, input, error);
	return scope ? payload_of(wf_template_evaluate(template_, scope, error), error) : NULL;
}

WfPayload *
wf_apply_to_input(WfExecution *x, const WfFrame *frame, const WfTemplate *template_, WfError *error)
{
	WfPayload  *input,
			   *given;
	WfView		view;

	wf_view_open(&view, x, frame);
	input = wf_apply_path(&view, &frame->state->input_path, frame->input, error);
	given = input ? wf_apply_template(&view, template_, input, error) : NULL;
	wf_view_close(&view);
	wf_payload_release(input);
	return given;
}

WfPayload *
wf_apply_item_selector(WfView *view, WfPayload *input, int index, json_t *item, bool member, WfError *error)
{
	const WfTemplate *selector = view->frame->state->parameters;

	if (!selector)
		return payload_of(json_incref(item), error);
	if (member)
		wf_view_set_item(view, index, json_object_get(item, "Key"), json_object_get(item, "Value"));
	else
		wf_view_set_item(view, index, NULL, item);
	return wf_apply_template(view, selector, input, error);
}

json_t *
wf_apply_query(WfView *view, const WfQuery *query, WfPayload *input, WfError *error)
{
	const WfScope *scope = wf_view_scope(view, input, error);

	return scope ? wf_query_evaluate(query, scope, error) : NULL;
}

WfPayload *
wf_apply_result_path(const WfDataPath *path, WfPayload *input, WfPayload *result, WfError *error)
{
	json_t	   *target,
			   *value;

	if (path->null)
		return wf_payload_share(input);
	if (is_whole(path))
		return wf_payload_share(result);
	target = wf_payload_json(input, error);
	value = target ? wf_payload_json(result, error) : NULL;
	return value ? payload_of(wf_path_set(path->path, target, value, error), error) : NULL;
}

char *
wf_plain_text(const json_t *value)
{
	size_t		length;

	if (json_is_string(value))
		return strdup(json_string_value(value));
	return wf_json_text(value, &length);
}

bool
wf_integer_value(const json_t *value, int64_t *integer)
{
	const char *text = json_string_value(value);
	char	   *end;

	if (json_is_integer(value))
	{
		*integer = json_integer_value(value);
		return true;
	}
	if (!text || !*text || strspn(text, "-0123456789") != strlen(text))
		return false;
	errno = 0;
	*integer = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' && end != text;
}

/* The same of a number: what spells one is one too. */
static bool
real_value(const json_t *value, double *real)
{
	const char *text = json_string_value(value);
	char	   *end;

	if (json_is_number(value))
	{
		*real = json_number_value(value);
		return true;
	}
	if (!text || !*text || strspn(text, "+-.0123456789eE") != strlen(text))
		return false;
	errno = 0;
	*real = strtod(text, &end);
	return errno == 0 && *end == '\0';
}

bool
wf_refuse_number(const char *field, const char *path, const json_t *value, const char *wanted, WfError *error)
{
	char	   *text = wf_plain_text(value);

	if (!text)
		return wf_error_no_memory(error);
	wf_error_set(error, WF_STATES_RUNTIME, "The %s field refers to value \"%s\" which is not a %s: %s", field, text,
				 wanted, path);
	free(text);
	return false;
}

/* The last part of a query's place: what its field is called. */
static const char *
field_name(const WfQuery *query)
{
	const char *slash = strrchr(wf_query_location(query), '/');

	return slash ? slash + 1 : wf_query_location(query);
}

static bool
refuse_range(const WfQuery *query, const json_t *value, double low, double high, WfError *error)
{
	char	   *text = wf_plain_text(value);

	if (!text)
		return wf_error_no_memory(error);
	wf_error_set(error, WF_STATES_QUERY_EVALUATION_ERROR, "%s must be between %.0f and %.0f but was: %s", field_name(query), low,
				 high, text);
	free(text);
	return wf_error_set_location(error, wf_query_location(query));
}

static bool
refuse_fraction(const WfQuery *query, const json_t *value, WfError *error)
{
	char	   *text = wf_plain_text(value);

	if (!text)
		return wf_error_no_memory(error);
	wf_error_set(error, WF_STATES_QUERY_EVALUATION_ERROR, "The %s field cannot be parsed as an integer: %s", field_name(query),
				 text);
	free(text);
	return wf_error_set_location(error, wf_query_location(query));
}

/* New: the number that a query gives, within bounds; NULL with *error. */
static json_t *
apply_number_query(WfView *view, const WfQuery *query, WfPayload *input, double low, double high, WfError *error)
{
	json_t	   *value = wf_apply_query(view, query, input, error);
	bool		good = value != NULL;

	if (good && !json_is_number(value))
		good = wf_query_refuse(query, value, "number", error);
	else if (good && !(json_number_value(value) >= low && json_number_value(value) <= high))
		good = refuse_range(query, value, low, high, error);
	if (good)
		return value;
	json_decref(value);
	return NULL;
}

static bool
apply_real(WfView *view, const WfQuery *query, WfPayload *input, double low, double high, double *value, WfError *error)
{
	json_t	   *found = apply_number_query(view, query, input, low, high, error);

	*value = json_number_value(found);
	json_decref(found);
	return found != NULL;
}

static bool
apply_integer(WfView *view, const WfNumber *number, WfPayload *input, int64_t *value, WfError *error)
{
	json_t	   *found = apply_number_query(view, number->query, input, (double) number->low, (double) number->high, error);
	double		real = json_number_value(found);
	bool		good = found != NULL;

	if (good && real != floor(real))
		good = refuse_fraction(number->query, found, error);
	if (good)
		*value = (int64_t) real;
	json_decref(found);
	return good;
}

bool
wf_apply_number(WfView *view, const WfNumber *number, const char *field, WfPayload *input, int64_t otherwise,
				int64_t *value, WfError *error)
{
	WfDataPath	path = {false, number->path};
	WfPayload  *payload;
	json_t	   *found;
	bool		good = true;

	*value = otherwise;
	if (!number->given)
		return true;
	if (number->query)
		return apply_integer(view, number, input, value, error);
	if (!number->path)
	{
		*value = number->value;
		return true;
	}
	payload = wf_apply_path(view, &path, input, error);
	found = payload ? wf_payload_json(payload, error) : NULL;
	if (!found)
		good = false;
	else if (!wf_integer_value(found, value))
		good = wf_refuse_number(field, wf_path_text(number->path), found, "valid integer", error);
	wf_payload_release(payload);
	return good;
}

bool
wf_apply_count(WfView *view, const WfNumber *number, const char *field, const char *path_field, WfPayload *input,
			   int64_t otherwise, int64_t *value, WfError *error)
{
	return wf_apply_number(view, number, path_field, input, otherwise, value, error) &&
		(!number->given || *value >= 0 || wf_error_set(error, WF_STATES_RUNTIME, "%s cannot be negative.", field));
}

bool
wf_apply_percentage(WfView *view, const WfQuery *query, WfPath *path, const char *field, const char *path_field,
					WfPayload *input, double *value, WfError *error)
{
	WfDataPath	data_path = {false, path};
	WfPayload  *payload;
	json_t	   *found;
	bool		good;

	if (query)
		return apply_real(view, query, input, 0, 100, value, error);
	if (!path)
		return true;
	payload = wf_apply_path(view, &data_path, input, error);
	found = payload ? wf_payload_json(payload, error) : NULL;
	good = found && (real_value(found, value) || wf_refuse_number(path_field, wf_path_text(path), found, "valid float", error));
	if (good && !(*value >= 0 && *value <= 100))
		good = wf_error_set(error, WF_STATES_RUNTIME, "%s must be between 0 and 100.", field);
	wf_payload_release(payload);
	return good;
}
