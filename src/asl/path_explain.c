/*
 * path_explain.c - why a path finds nothing, in the words of the library that the service uses.
 *
 * The service shows them in causes: Invalid path '$.a.b' : Missing property in path $['a'].
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"
#include "json/number.h"

static bool
add_words(WfText *text, const char *words)
{
	return wf_text_add(text, words, strlen(words));
}

static bool
add_number(WfText *text, const json_t *value)
{
	char		number[WF_NUMBER_SIZE];

	return wf_text_add(text, number, json_is_integer(value) ? wf_number_write_integer(json_integer_value(value), number)
					   : wf_number_write_real(json_real_value(value), number));
}

static bool
add_integer(WfText *text, int value)
{
	char		number[WF_NUMBER_SIZE];

	return wf_text_add(text, number, wf_number_write_integer(value, number));
}

/* A character that is more than itself in JSON as the library writes it.  Returns how many bytes it has, 0: an ordinary one. */
static size_t
escape(const char *c, char *escaped)
{
	static const char plain[] = "\"\\/\b\f\n\r\t";
	static const char letters[] = "\"\\/bfnrt";
	const char *found = *c != '\0' ? strchr(plain, *c) : NULL;
	unsigned char first = (unsigned char) *c;
	unsigned	code = first;
	size_t		length = 1;

	if (found != NULL)
	{
		sprintf(escaped, "\\%c", letters[found - plain]);
		return 1;
	}
	if (first == 0xC2 && c[1] != '\0')
	{
		code = (unsigned char) c[1];
		length = 2;
	}
	else if (first == 0xE2 && c[1] != '\0' && c[2] != '\0')
	{
		code = 0x2000 | ((unsigned) (c[1] & 0x3F) << 6) | (unsigned) (c[2] & 0x3F);
		length = 3;
	}
	/* What stands within another character is none. */
	if (first < 0x20 || first == 0x7F || (length == 2 && code <= 0x9F) || (length == 3 && code <= 0x20FF))
	{
		sprintf(escaped, "\\u%04X", code);
		return length;
	}
	return 0;
}

static bool
add_json_text(WfText *text, const char *c)
{
	char		escaped[16];
	bool		done = wf_text_add(text, "\"", 1);

	while (done && *c != '\0')
	{
		size_t		length = escape(c, escaped);

		done = length > 0 ? add_words(text, escaped) : wf_text_add(text, c, 1);
		c += length > 0 ? length : 1;
	}
	return done && wf_text_add(text, "\"", 1);
}

static bool
add_json(WfText *text, const json_t *value)
{
	bool		done = true;

	switch (json_typeof(value))
	{
		case JSON_STRING:
			return add_json_text(text, json_string_value(value));
		case JSON_ARRAY:
			done = add_words(text, "[");
			for (size_t i = 0; done && i < json_array_size(value); i++)
				done = (i == 0 || add_words(text, ",")) && add_json(text, json_array_get(value, i));
			return done && add_words(text, "]");
		case JSON_OBJECT:
			done = add_words(text, "{");
			for (void *member = json_object_iter((json_t *) value); done && member != NULL;)
			{
				done = add_json_text(text, json_object_iter_key(member)) && add_words(text, ":") &&
					add_json(text, json_object_iter_value(member));
				member = json_object_iter_next((json_t *) value, member);
				done = done && (member == NULL || add_words(text, ","));
			}
			return done && add_words(text, "}");
		default:
			return wf_spell_value(text, value);
	}
}

bool
wf_spell_value(WfText *text, const json_t *value)
{
	bool		done;

	switch (json_typeof(value))
	{
		case JSON_STRING:
			return wf_text_add(text, json_string_value(value), json_string_length(value));
		case JSON_INTEGER:
		case JSON_REAL:
			return add_number(text, value);
		case JSON_TRUE:
			return add_words(text, "true");
		case JSON_FALSE:
			return add_words(text, "false");
		case JSON_NULL:
			return add_words(text, "null");
		case JSON_ARRAY:
			return add_json(text, value);
		case JSON_OBJECT:
			break;
	}
	done = add_words(text, "{");
	for (void *member = json_object_iter((json_t *) value); done && member != NULL;)
	{
		done = wf_text_add(text, json_object_iter_key(member), json_object_iter_key_len(member)) && add_words(text, "=") &&
			wf_spell_value(text, json_object_iter_value(member));
		member = json_object_iter_next((json_t *) value, member);
		done = done && (member == NULL || add_words(text, ", "));
	}
	return done && add_words(text, "}");
}

static bool
add_quoted(WfText *text, const char *name, char quote)
{
	return wf_text_add(text, &quote, 1) && add_words(text, name) && wf_text_add(text, &quote, 1);
}

/* A step in the library's spelling: ['a'] [0] [1:2] [*] .. [?] .length() */
static bool
add_step(WfText *text, const WfStep *step)
{
	bool		done = true;

	switch (step->kind)
	{
		case WF_STEP_NAMES:
			for (int k = 0; done && k < step->n; k++)
				done = add_words(text, k == 0 ? "[" : ",") && add_quoted(text, step->names[k], step->quote);
			return done && add_words(text, "]");
		case WF_STEP_INDEXES:
			for (int k = 0; done && k < step->n; k++)
				done = add_words(text, k == 0 ? "[" : ",") && add_integer(text, step->indexes[k]);
			return done && add_words(text, "]");
		case WF_STEP_SLICE:
			return add_words(text, "[") && (!step->has_from || add_integer(text, step->from)) && add_words(text, ":") &&
				(!step->has_to || add_integer(text, step->to)) && add_words(text, "]");
		case WF_STEP_WILDCARD:
			return add_words(text, "[*]");
		case WF_STEP_SCAN:
			return add_words(text, "..");
		case WF_STEP_FILTER:
			return add_words(text, "[?]");
		case WF_STEP_FUNCTION:
			return add_words(text, ".") && add_words(text, step->name) && add_words(text, step->n > 0 ? "(...)" : "()");
	}
	return done;
}

static bool
add_steps(WfText *text, const WfPath *path, int from)
{
	bool		done = true;

	for (int i = from; done && i < path->n_steps; i++)
		done = add_step(text, &path->steps[i]);
	return done;
}

static bool
add_root(WfText *text, const WfPath *path)
{
	return add_words(text, path->root == WF_ROOT_ITEM ? "@" : "$");
}

/* The way to a place, up to and without a step: names in single quotes; functions leave no trace. */
static bool
add_place(WfText *text, const WfPath *path, int end)
{
	bool		done = add_root(text, path);

	for (int i = 0; done && i < end; i++)
	{
		const WfStep *step = &path->steps[i];

		if (step->kind == WF_STEP_NAMES)
			done = add_words(text, "['") && add_words(text, step->names[0]) && add_words(text, "']");
		else if (step->kind == WF_STEP_INDEXES)
			done = add_step(text, step);
	}
	return done;
}

/* The type of a value in the library's language. */
static const char *
name_type(const json_t *value)
{
	switch (json_typeof(value))
	{
		case JSON_OBJECT:
			return "java.util.LinkedHashMap";
		case JSON_ARRAY:
			return "net.minidev.json.JSONArray";
		case JSON_STRING:
			return "java.lang.String";
		case JSON_INTEGER:
			return json_integer_value(value) >= INT32_MIN && json_integer_value(value) <= INT32_MAX ? "java.lang.Integer"
				: "java.lang.Long";
		case JSON_REAL:
			return "java.lang.Double";
		case JSON_TRUE:
		case JSON_FALSE:
			return "java.lang.Boolean";
		case JSON_NULL:
			break;
	}
	return "null";
}

char *
wf_evaluation_explain(const WfEvaluation *evaluation)
{
	const WfPath *path = evaluation->stop_path;
	int			i = evaluation->stop_step;
	WfText		text = {0};
	bool		done = false;

	switch (evaluation->reason)
	{
		case WF_NO_RESULTS:
			done = add_words(&text, "No results for path: ") && add_root(&text, path) && add_steps(&text, path, 0);
			break;
		case WF_PROPERTY_MISSING:
			done = add_words(&text, "Missing property in path ") && add_place(&text, path, i + 1);
			break;
		case WF_NOT_AN_OBJECT:
			done = add_words(&text, "Expected to find an object with property ") && add_step(&text, &path->steps[i]) &&
				add_words(&text, " in path ") && add_place(&text, path, i) && add_words(&text, " but found '") &&
				add_words(&text, name_type(evaluation->stop_value)) &&
				add_words(&text, "'. This is not a json object according to the JsonProvider: "
						  "'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'.");
			break;
		case WF_ARRAY_IS_NULL:
			done = add_words(&text, "The path ") && add_place(&text, path, i) && add_words(&text, " is null");
			break;
		case WF_NOT_AN_ARRAY:
		case WF_FILTERED_PRIMITIVE:
			done = add_words(&text, "Filter: ") && add_steps(&text, path, i) &&
				add_words(&text, evaluation->reason == WF_NOT_AN_ARRAY ? " can only be applied to arrays" : " can not be applied to primitives") &&
				add_words(&text, ". Current context is: ") && wf_spell_value(&text, evaluation->stop_value);
			break;
		case WF_UNKNOWN_FUNCTION:
			done = add_words(&text, "Function with name: ") && add_words(&text, path->steps[i].name) &&
				add_words(&text, " does not exist.");
			break;
		case WF_WRONG_OPERAND:
			done = add_words(&text, "an operator of a filter cannot be used for this");
			break;
		case WF_OUT_OF_BOUNDS:
			done = add_words(&text, "Index ") && add_integer(&text, evaluation->stop_index) &&
				add_words(&text, " out of bounds for length ") && add_integer(&text, evaluation->stop_size);
			break;
	}
	if (done)
		return text.data;
	free(text.data);
	return NULL;
}
