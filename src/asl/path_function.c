/*
 * path_function.c - functions at the end of a path: $.list.length(), $.prices.max().
 *
 * A number function takes the numbers among the value's items and among its arguments; without any number it has no
 * answer, which is an error.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"
#include "json/number.h"

#define NOTHING_TO_CALCULATE "Aggregation function attempted to calculate value using empty array"

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

WfPathFunction
wf_path_function_find(const char *name, size_t length)
{
	int			i = 0;

	while (i < WF_FUNCTION_COUNT && (strlen(names[i]) != length || memcmp(names[i], name, length) != 0))
		i++;
	return (WfPathFunction) i;
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
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, NOTHING_TO_CALCULATE);
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
				numbers.sum * numbers.sum / (double) numbers.n / (double) numbers.n;
			answer = sqrt(answer > 0 ? answer : 0);
			break;
	}
	if (!isfinite(answer))
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "%s() is out of range", names[function]);
	*result = json_real(answer);
	return *result != NULL || wf_error_no_memory(evaluation->error);
}

/*
 * The length of an array or an object.  With a path as argument, which has a wildcard at its end: how much it finds in the
 * value; a path that calls a function finds what it gives.
 */
static bool
measure(WfEvaluation *evaluation, const WfStep *step, json_t *value, json_t **result)
{
	json_t	   *document = evaluation->document;
	json_t	   *found = NULL;
	bool		done = true;

	if (step->n > 0)
	{
		if (step->arguments[0].path == NULL)
			return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "%s() takes a path", names[step->function]);
		evaluation->document = value;
		done = wf_path_evaluate(evaluation, step->arguments[0].path, value, &found);
		evaluation->document = document;
		if (!done)
			return false;
	}
	if (json_is_array(found))
		value = found;
	if (json_is_array(value) || json_is_object(value))
		*result = json_integer((json_int_t) (json_array_size(value) + json_object_size(value)));
	else
		*result = json_null();
	json_decref(found);
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

/* A function asks for an item that is not there. */
static bool
miss(WfEvaluation *evaluation, const WfPath *path, int step, int index, size_t size)
{
	evaluation->stop_index = index;
	evaluation->stop_size = (int) size;
	return wf_evaluation_stop(evaluation, WF_STOP_BOUNDS, WF_OUT_OF_BOUNDS, path, step, NULL);
}

/* The first number among the arguments, which may be lists, as a whole one. */
static bool
find_index(const WfStep *step, json_t *const *values, int *index)
{
	for (int i = 0; i < step->n; i++)
	{
		size_t		size = json_is_array(values[i]) ? json_array_size(values[i]) : 1;

		for (size_t k = 0; k < size; k++)
		{
			json_t	   *value = json_is_array(values[i]) ? json_array_get(values[i], k) : values[i];

			if (json_is_number(value))
			{
				double		number = json_number_value(value);

				*index = number > INT_MAX ? INT_MAX : number < -INT_MAX ? -INT_MAX : (int) number;
				return true;
			}
		}
	}
	return false;
}

/* first(), last(), index(n): from the end if negative, where the very first item cannot be reached */
static bool
pick(WfEvaluation *evaluation, const WfPath *path, int i, json_t *value, json_t *const *values, json_t **result)
{
	const WfStep *step = &path->steps[i];
	size_t		size = json_array_size(value);
	int			index = step->function == WF_FUNCTION_FIRST ? 0 : -1;

	if (!json_is_array(value))
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, NOTHING_TO_CALCULATE);
	if (step->function == WF_FUNCTION_INDEX && !find_index(step, values, &index))
		return miss(evaluation, path, i, 0, 0);
	if (index >= 0)
	{
		if ((size_t) index >= size)
			return miss(evaluation, path, i, index, size);
		*result = json_incref(json_array_get(value, (size_t) index));
		return true;
	}
	if ((json_int_t) size + index <= 0)
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "Target index:%d larger than object count:%zu", index, size);
	*result = json_incref(json_array_get(value, (size_t) ((json_int_t) size + index)));
	return true;
}

/* Of the value the texts, of the arguments everything but null, lists item by item. */
static bool
concatenate(WfEvaluation *evaluation, json_t *value, json_t *const *values, int n_values, json_t **result)
{
	WfText		text = {0};
	bool		done = wf_text_add(&text, "", 0);

	for (size_t i = 0; done && json_is_array(value) && i < json_array_size(value); i++)
	{
		if (json_is_string(json_array_get(value, i)))
			done = wf_spell_value(&text, json_array_get(value, i));
	}
	for (int i = 0; done && i < n_values; i++)
	{
		size_t		size = json_is_array(values[i]) ? json_array_size(values[i]) : 1;

		for (size_t k = 0; done && k < size; k++)
		{
			json_t	   *item = json_is_array(values[i]) ? json_array_get(values[i], k) : values[i];

			done = json_is_null(item) || wf_spell_value(&text, item);
		}
	}
	*result = done ? json_stringn_nocheck(text.data, text.length) : NULL;
	free(text.data);
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
		if (wf_json_too_deep(values[i], 1))
		{
			json_decref(*result);
			*result = NULL;
			return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "append() nests too deeply");
		}
		done = json_array_append_new(*result, json_incref(values[i])) == 0;
	}
	if (done)
		return true;
	json_decref(*result);
	*result = NULL;
	return wf_error_no_memory(evaluation->error);
}

bool
wf_path_function_call(WfEvaluation *evaluation, const WfPath *path, int i, json_t *value, json_t *const *values,
					  json_t **result)
{
	const WfStep *step = &path->steps[i];

	switch (step->function)
	{
		case WF_FUNCTION_LENGTH:
		case WF_FUNCTION_SIZE:
			return measure(evaluation, step, value, result);
		case WF_FUNCTION_MIN:
		case WF_FUNCTION_MAX:
		case WF_FUNCTION_AVG:
		case WF_FUNCTION_SUM:
		case WF_FUNCTION_STDDEV:
			return call_number_function(evaluation, step->function, value, values, step->n, result);
		case WF_FUNCTION_KEYS:
			return list_keys(evaluation, value, result);
		case WF_FUNCTION_FIRST:
		case WF_FUNCTION_LAST:
		case WF_FUNCTION_INDEX:
			return pick(evaluation, path, i, value, values, result);
		case WF_FUNCTION_CONCAT:
			return concatenate(evaluation, value, values, step->n, result);
		case WF_FUNCTION_APPEND:
			return append(evaluation, value, values, step->n, result);
		case WF_FUNCTION_COUNT:
			break;
	}
	return wf_evaluation_stop(evaluation, WF_STOP_INVALID, WF_UNKNOWN_FUNCTION, path, i, NULL);
}
