/*
 * path_function.c - functions at the end of a path: $.list.length(), $.prices.max().
 *
 * Each is a row of the table.  A number function takes the numbers among the value's items and among its arguments;
 * without any number it has no answer, which is an error.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"
#include "json/number.h"

typedef struct Numbers
{
	size_t		n;
	double		sum;
	double		sum_of_squares;
	double		least;
	double		greatest;
} Numbers;

static const char *const names[WF_FUNCTION_COUNT] = {
	[WF_FUNCTION_LENGTH] = "length",
	[WF_FUNCTION_SIZE] = "size",
	[WF_FUNCTION_MIN] = "min",
	[WF_FUNCTION_MAX] = "max",
	[WF_FUNCTION_AVG] = "avg",
	[WF_FUNCTION_SUM] = "sum",
	[WF_FUNCTION_STDDEV] = "stddev",
	[WF_FUNCTION_KEYS] = "keys",
	[WF_FUNCTION_FIRST] = "first",
	[WF_FUNCTION_LAST] = "last",
	[WF_FUNCTION_INDEX] = "index",
	[WF_FUNCTION_CONCAT] = "concat",
	[WF_FUNCTION_APPEND] = "append",
};

bool
wf_path_function_find(const char *name, size_t length, WfPathFunction *function)
{
	for (int i = 0; i < WF_FUNCTION_COUNT; i++)
	{
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
		{
			*function = (WfPathFunction) i;
			return true;
		}
	}
	return false;
}

const char *
wf_path_function_name(WfPathFunction function)
{
	return names[function];
}

static void
take_number(Numbers *numbers, const json_t *value)
{
	double		number = json_number_value(value);

	if (!json_is_number(value))
		return;
	if (numbers->n == 0 || number < numbers->least)
		numbers->least = number;
	if (numbers->n == 0 || number > numbers->greatest)
		numbers->greatest = number;
	numbers->n++;
	numbers->sum += number;
	numbers->sum_of_squares += number * number;
}

static void
take_numbers(Numbers *numbers, const json_t *value)
{
	if (json_is_array(value))
	{
		for (size_t i = 0; i < json_array_size(value); i++)
			take_number(numbers, json_array_get(value, i));
	}
}

static bool
call_number_function(WfEvaluation *evaluation, WfPathFunction function, json_t *value, json_t *const *values,
					 int n_values, json_t **result)
{
	Numbers		numbers = {0};
	double		answer;

	take_numbers(&numbers, value);
	for (int i = 0; i < n_values; i++)
	{
		take_number(&numbers, values[i]);
		take_numbers(&numbers, values[i]);
	}
	if (numbers.n == 0)
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "%s() finds no number", names[function]);
	switch (function)
	{
		case WF_FUNCTION_MIN:
			answer = numbers.least;
			break;
		case WF_FUNCTION_MAX:
			answer = numbers.greatest;
			break;
		case WF_FUNCTION_SUM:
			answer = numbers.sum;
			break;
		case WF_FUNCTION_AVG:
			answer = numbers.sum / (double) numbers.n;
			break;
		default:
			answer = numbers.sum_of_squares / (double) numbers.n -
				(numbers.sum / (double) numbers.n) * (numbers.sum / (double) numbers.n);
			answer = sqrt(answer > 0 ? answer : 0);
			break;
	}
	if (!isfinite(answer))
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "%s() is out of range", names[function]);
	*result = json_real(answer);
	return *result != NULL || wf_error_no_memory(evaluation->error);
}

static bool
measure(WfEvaluation *evaluation, const json_t *value, json_t **result)
{
	if (json_is_array(value) || json_is_object(value))
		*result = json_integer((json_int_t) (json_array_size(value) + json_object_size(value)));
	else
		*result = json_null();
	return *result != NULL || wf_error_no_memory(evaluation->error);
}

static bool
list_keys(WfEvaluation *evaluation, json_t *value, json_t **result)
{
	*result = json_is_object(value) ? json_array() : json_null();
	if (*result == NULL)
		return wf_error_no_memory(evaluation->error);
	for (void *member = json_object_iter(value); member != NULL; member = json_object_iter_next(value, member))
	{
		json_t	   *key = json_stringn_nocheck(json_object_iter_key(member), json_object_iter_key_len(member));

		if (key == NULL || json_array_append_new(*result, key) != 0)
		{
			json_decref(*result);
			*result = NULL;
			return wf_error_no_memory(evaluation->error);
		}
	}
	return true;
}

/* first(), last(), index(n) */
static bool
pick(WfEvaluation *evaluation, WfPathFunction function, json_t *value, json_t *const *values, int n_values,
	 json_t **result)
{
	json_int_t	size = (json_int_t) json_array_size(value);
	json_int_t	place;

	if (function == WF_FUNCTION_INDEX && (n_values != 1 || !json_is_integer(values[0])))
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "index() takes one whole number");
	place = function == WF_FUNCTION_FIRST ? 0 : function == WF_FUNCTION_LAST ? -1 : json_integer_value(values[0]);
	if (place < 0)
		place += size;
	if (!json_is_array(value) || place < 0 || place >= size)
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "%s() finds no item", names[function]);
	*result = json_incref(json_array_get(value, (size_t) place));
	return true;
}

/* Appends the text of a string or a number, or of those in an array. */
static bool
add_text(char **text, size_t *length, const json_t *value)
{
	char		number[WF_NUMBER_SIZE];
	const char *more = number;
	char	   *larger;
	size_t		n;

	if (json_is_array(value))
	{
		for (size_t i = 0; i < json_array_size(value); i++)
		{
			if (!json_is_array(json_array_get(value, i)) && !add_text(text, length, json_array_get(value, i)))
				return false;
		}
		return true;
	}
	if (json_is_string(value))
	{
		more = json_string_value(value);
		n = json_string_length(value);
	}
	else if (json_is_integer(value))
		n = wf_number_write_integer(json_integer_value(value), number);
	else if (json_is_real(value))
		n = wf_number_write_real(json_real_value(value), number);
	else
		return true;
	larger = realloc(*text, *length + n + 1);
	if (larger == NULL)
		return false;
	*text = larger;
	memcpy(*text + *length, more, n);
	*length += n;
	return true;
}

static bool
concatenate(WfEvaluation *evaluation, json_t *value, json_t *const *values, int n_values, json_t **result)
{
	char	   *text = calloc(1, 1);
	size_t		length = 0;
	bool		done = text != NULL && add_text(&text, &length, json_is_array(value) ? value : NULL);

	for (int i = 0; done && i < n_values; i++)
		done = add_text(&text, &length, values[i]);
	*result = done ? json_stringn_nocheck(text, length) : NULL;
	free(text);
	return *result != NULL || wf_error_no_memory(evaluation->error);
}

static bool
append(WfEvaluation *evaluation, json_t *value, json_t *const *values, int n_values, json_t **result)
{
	bool		done;

	*result = json_is_array(value) ? wf_json_copy_level(value) : json_incref(value);
	done = *result != NULL;
	for (int i = 0; done && json_is_array(value) && i < n_values; i++)
	{
		if (values[i] != NULL && wf_json_too_deep(values[i], 1))
		{
			json_decref(*result);
			*result = NULL;
			return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "append() nests too deeply");
		}
		if (values[i] != NULL)
			done = json_array_append_new(*result, json_incref(values[i])) == 0;
	}
	if (done)
		return true;
	json_decref(*result);
	*result = NULL;
	return wf_error_no_memory(evaluation->error);
}

bool
wf_path_function_call(WfEvaluation *evaluation, WfPathFunction function, json_t *value, json_t *const *values,
					  int n_values, json_t **result)
{
	switch (function)
	{
		case WF_FUNCTION_LENGTH:
		case WF_FUNCTION_SIZE:
			return measure(evaluation, n_values > 0 && values[0] != NULL ? values[0] : value, result);
		case WF_FUNCTION_MIN:
		case WF_FUNCTION_MAX:
		case WF_FUNCTION_AVG:
		case WF_FUNCTION_SUM:
		case WF_FUNCTION_STDDEV:
			return call_number_function(evaluation, function, value, values, n_values, result);
		case WF_FUNCTION_KEYS:
			return list_keys(evaluation, value, result);
		case WF_FUNCTION_FIRST:
		case WF_FUNCTION_LAST:
		case WF_FUNCTION_INDEX:
			return pick(evaluation, function, value, values, n_values, result);
		case WF_FUNCTION_CONCAT:
			return concatenate(evaluation, value, values, n_values, result);
		case WF_FUNCTION_APPEND:
			return append(evaluation, value, values, n_values, result);
		case WF_FUNCTION_COUNT:
			break;
	}
	return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "unknown function");
}
