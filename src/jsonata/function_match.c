/*
 * function_match.c - functions that look for something in a string: another one, a regular expression, or what a function
 * of the expression's own finds.
 *
 * A matcher is called with the text and gives an object: match, start, end, groups, and next, a function that gives the next
 * one.  Places are in UTF-16 units there, in bytes here.
 */
#include "jsonata/functions.h"

#include <math.h>

#include "jsonata/regex.h"
#include "jsonata/text.h"

/* --- units and bytes --- */

typedef struct Place
{
	size_t		byte;
	size_t		unit;
} Place;

static size_t
units_of(unsigned char c)
{
	return (c & 0xC0) == 0x80 ? 0 : c >= 0xF0 ? 2 : 1;
}

/* Places are asked for from left to right: each goes on from the one before. */
static size_t
unit_at(WfString text, Place *place, size_t byte)
{
	if (byte < place->byte)
		*place = (Place) {0, 0};
	for (; place->byte < byte; place->byte++)
		place->unit += units_of((unsigned char) text.text[place->byte]);
	return place->unit;
}

static size_t
byte_at(WfString text, Place *place, double unit)
{
	if (unit < (double) place->unit)
		*place = (Place) {0, 0};
	while (place->byte < text.length && ((double) place->unit < unit || units_of((unsigned char) text.text[place->byte]) == 0))
		place->unit += units_of((unsigned char) text.text[place->byte++]);
	return place->byte;
}

/* --- matches as values --- */

static JnValue
string_value(WfString string)
{
	return jn_string(string.text, string.length);
}

static bool
groups_value(JnEvaluation *evaluation, const WfJsMatch *match, JnValue *result)
{
	JnArray    *groups = jn_new_array(evaluation, match->n_groups);

	if (groups == NULL)
		return false;
	for (size_t i = 0; i < match->n_groups; i++)
		groups->items[groups->n++] = match->groups[i].matched ? string_value(match->groups[i].string) : JN_NOTHING;
	*result = jn_array_value(groups);
	return true;
}

static bool
set_members(JnEvaluation *evaluation, JnValue *result, int n, const char *const *names, const JnValue *values)
{
	JnObject   *object = jn_object_for(&evaluation->arena, (size_t) n);

	for (int i = 0; object != NULL && i < n; i++)
		if (!jn_object_add(&evaluation->arena, object, names[i], strlen(names[i]), values[i]))
			object = NULL;
	if (object == NULL)
		return jn_no_memory(evaluation);
	*result = jn_object_value(object);
	return true;
}

/* What a regular expression gives as a function. */
static bool
match_value(JnEvaluation *evaluation, struct WfJsRegex *regex, JnValue text, Place *place, const WfJsMatch *match, JnValue *result)
{
	static const char *const names[] = {"match", "start", "end", "groups", "next"};
	JnFunction *next = jn_alloc0(&evaluation->arena, sizeof(JnFunction));
	JnValue		values[5];
	size_t		start = unit_at(jn_text(text), place, match->start);
	size_t		end = unit_at(jn_text(text), place, match->end);

	if (next == NULL)
		return jn_no_memory(evaluation);
	*next = (JnFunction) {.type = JN_NEXT_MATCH, .regex = regex, .text = text, .from = (double) end};
	values[0] = string_value(match->string);
	values[1] = jn_number((double) start);
	values[2] = jn_number((double) end);
	values[4] = jn_function_value(next);
	return groups_value(evaluation, match, &values[3]) && set_members(evaluation, result, 5, names, values);
}

/* Only the first match may be empty; behind the end none is looked for again. */
static bool
find(JnEvaluation *evaluation, struct WfJsRegex *regex, WfString text, size_t from, bool again, bool *found, WfJsMatch *match)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfAsk		ask = jn_ask(evaluation);

	*found = false;
	if (from > text.length || (again && from == text.length))
		return true;
	if (!wf_js_regex_match(regex, text, from, &ask, found, match, &fault))
		return jn_fail_by(evaluation, &fault);
	if (*found && again && match->start == match->end)
		return jn_fail(evaluation, "D1004", NULL, &(JnDetails) {.value = string_value(wf_js_regex_source(regex))});
	return true;
}

/* A number, true, false and null are as they are written to a regular expression that is called with them. */
static bool
take_as_text(JnEvaluation *evaluation, JnValue *value)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);
	JnValue		own = value->kind == JN_NUMBER ? jn_number(jn_double(*value)) : *value;

	if (own.kind == JN_NUMBER ? !isfinite(own.number) : own.kind != JN_BOOLEAN && own.kind != JN_NULL)
		return true;
	return jn_take(evaluation, &buffer, jn_write(&buffer, own, false, false, NULL), value);
}

bool
jn_match_regex(JnEvaluation *evaluation, struct WfJsRegex *regex, JnValue text, double from, bool again, JnValue *result)
{
	Place		place = {0, 0};
	WfJsMatch	match;
	bool		found;

	*result = JN_NOTHING;
	if (!take_as_text(evaluation, &text))
		return false;
	if (text.kind != JN_STRING)
		return true;
	if (!find(evaluation, regex, jn_text(text), from > 0 ? byte_at(jn_text(text), &place, from) : 0, again, &found, &match))
		return false;
	return !found || match_value(evaluation, regex, text, &place, &match, result);
}

/* --- one match after the other --- */

typedef struct Matches
{
	JnEvaluation *evaluation;
	const char *name;			/* of the function that looks for them */
	JnValue		text;
	struct WfJsRegex *regex;	/* NULL: `matcher` is any function, of which the next match is asked */
	JnValue		matcher;
	size_t		from;			/* where a regular expression goes on */
	bool		again;			/* it has matched before */
	Place		place;
	WfJsMatch	match;			/* the present one */
	JnValue		value;			/* the same as a value; undefined for a regular expression's until it is asked for */
} Matches;

static Matches
begin(JnEvaluation *evaluation, const char *name, JnValue text, JnValue matcher)
{
	return (Matches) {
		.evaluation = evaluation, .name = name, .text = text, .matcher = matcher,
		.regex = matcher.function->type == JN_MATCHER ? matcher.function->regex : NULL
	};
}

/* A match that a function has given. */
static bool
read_match(Matches *matches)
{
	JnEvaluation *evaluation = matches->evaluation;
	WfString	text = jn_text(matches->text);
	JnValue		string = JN_NOTHING;
	JnValue		start = JN_NOTHING;
	JnValue		end = JN_NOTHING;
	JnValue		groups = JN_NOTHING;
	WfJsGroup  *list = NULL;
	size_t		n = 0;

	if (matches->value.kind == JN_OBJECT)
	{
		string = jn_member(matches->value, "match", 5);
		start = jn_member(matches->value, "start", 5);
		end = jn_member(matches->value, "end", 3);
		groups = jn_member(matches->value, "groups", 6);
	}
	if (start.kind != JN_NUMBER || end.kind != JN_NUMBER || groups.kind != JN_ARRAY)
		return jn_fail(evaluation, "T1010", NULL, &(JnDetails) {.token = {matches->name, strlen(matches->name)}});
	n = jn_length(groups);
	list = jn_alloc(&evaluation->arena, n * sizeof(WfJsGroup));
	if (list == NULL)
		return jn_no_memory(evaluation);
	for (size_t i = 0; i < n; i++)
	{
		JnValue		group = jn_item(groups, i);

		list[i] = (WfJsGroup) {group.kind == JN_STRING, {NULL, 0}};
		if (group.kind == JN_STRING)
			list[i].string = jn_text(group);
	}
	matches->match = (WfJsMatch) {.string = string.kind == JN_STRING ? jn_text(string) : WF_STRING(""), .n_groups = n, .groups = list};
	matches->match.start = byte_at(text, &matches->place, jn_double(start));
	matches->match.end = byte_at(text, &matches->place, jn_double(end));
	if (matches->match.end < matches->match.start)
		matches->match.end = matches->match.start;
	return true;
}

/* What JavaScript takes for false is no match, and no complaint. */
static bool
is_nothing(JnValue value)
{
	switch (value.kind)
	{
		case JN_UNDEFINED:
		case JN_NULL:
			return true;
		case JN_BOOLEAN:
			return !value.boolean;
		case JN_NUMBER:
			return isnan(jn_double(value)) || jn_double(value) == 0;
		case JN_STRING:
			return value.length == 0;
		default:
			return false;
	}
}

static bool
next(Matches *matches, bool *found)
{
	JnEvaluation *evaluation = matches->evaluation;
	JnValue		function = matches->matcher;

	if (!jn_step(evaluation))
		return false;
	if (matches->regex != NULL)
	{
		if (!find(evaluation, matches->regex, jn_text(matches->text), matches->from, matches->again, found, &matches->match))
			return false;
		matches->again = true;
		if (*found)
			matches->from = matches->match.end;
		return true;
	}
	if (matches->value.kind == JN_OBJECT)
		function = jn_member(matches->value, "next", 4);
	*found = false;
	if (function.kind != JN_FUNCTION)
		return true;
	if (!jn_apply_to(evaluation, function, matches->text, JN_NOTHING, JN_NOTHING, &matches->value))
		return false;
	*found = !is_nothing(matches->value);
	return !*found || read_match(matches);
}

/* A limit, or what is more than any. */
static bool
read_limit(JnEvaluation *evaluation, JnValue limit, const char *code, double *most)
{
	*most = limit.kind == JN_NUMBER ? jn_double(limit) : 1e300;
	return *most >= 0 || jn_fail(evaluation, code, NULL, &(JnDetails) {.value = limit});
}

/* --- the functions --- */

bool
jn_fn_contains(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		text = call->arguments[0];
	JnValue		what = call->arguments[1];
	bool		found = false;
	size_t		at;

	if (text.kind != JN_STRING || what.kind == JN_UNDEFINED)
		return true;
	if (what.kind == JN_STRING)
		found = wf_string_find(jn_text(text), 0, jn_text(what), &at);
	else
	{
		Matches		matches = begin(evaluation, "contains", text, what);

		if (!next(&matches, &found))
			return false;
		found = found || matches.value.kind != JN_UNDEFINED;	/* null, too, is an answer */
	}
	*result = jn_boolean(found);
	return true;
}

bool
jn_fn_match(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	static const char *const names[] = {"match", "index", "groups"};
	JnValue		text = call->arguments[0];
	JnArray    *list;
	Matches		matches;
	bool		found;
	double		most;

	if (text.kind != JN_STRING)
		return true;
	if (!read_limit(evaluation, call->arguments[2], "D3040", &most) || (list = jn_new_sequence(evaluation, 0)) == NULL)
		return false;
	*result = jn_array_value(list);
	if (most == 0)
		return true;
	matches = begin(evaluation, "match", text, call->arguments[1]);
	if (!next(&matches, &found))
		return false;
	while (found && list->n < most)
	{
		JnValue		values[3];
		JnValue		value;

		values[0] = string_value(matches.match.string);
		values[1] = jn_number((double) unit_at(jn_text(text), &matches.place, matches.match.start));
		if (!groups_value(evaluation, &matches.match, &values[2]) || !set_members(evaluation, &value, 3, names, values) ||
			!jn_add(evaluation, list, value) || !next(&matches, &found))
			return false;
	}
	return true;
}

static bool
add_part(JnEvaluation *evaluation, JnArray *parts, WfString text, size_t from, size_t to)
{
	return jn_add(evaluation, parts, jn_string(text.text + from, to - from));
}

/* By nothing: into its characters. */
static bool
split_characters(JnEvaluation *evaluation, WfString text, double most, JnArray *parts)
{
	const char *at = text.text;
	const char *end = text.text + text.length;

	while (at < end && parts->n < most)
	{
		const char *start = at;

		wf_character_next(&at, end);
		if (!jn_add(evaluation, parts, jn_string(start, (size_t) (at - start))))
			return false;
	}
	return true;
}

bool
jn_fn_split(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		separator = call->arguments[1];
	WfString	text;
	JnArray    *parts;
	Matches		matches;
	size_t		from = 0;
	bool		found = false;
	bool		more = true;
	double		most;

	if (call->arguments[0].kind != JN_STRING)
		return true;
	text = jn_text(call->arguments[0]);
	if (!read_limit(evaluation, call->arguments[2], "D3020", &most) || (parts = jn_new_array(evaluation, 8)) == NULL)
		return false;
	if (separator.kind == JN_STRING)	/* a regular expression is tried as long as there are fewer parts */
		most = floor(most);
	*result = jn_array_value(parts);
	if (separator.kind == JN_STRING && separator.length == 0)
		return split_characters(evaluation, text, most, parts);
	if (separator.kind == JN_FUNCTION)
	{
		matches = begin(evaluation, "split", call->arguments[0], separator);
		if (most > 0 && !next(&matches, &found))
			return false;
	}
	while (more && parts->n < most)
	{
		size_t		start = text.length;
		size_t		end = text.length;

		if (separator.kind == JN_STRING)
		{
			found = wf_string_find(text, from, jn_text(separator), &start);
			end = start + separator.length;
		}
		else if (found)
		{
			start = matches.match.start;
			end = matches.match.end;
		}
		if (!found || start < from)
			start = text.length;
		if (!add_part(evaluation, parts, text, from, start))
			return false;
		from = end;
		more = found;
		if (more && separator.kind == JN_FUNCTION && !next(&matches, &found))	/* behind the last part, too: it may fail */
			return false;
	}
	return true;
}

static bool
replace_strings(JnEvaluation *evaluation, WfString text, WfString what, WfString replacement, double most, JnValue *result)
{
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);
	size_t		from = 0;
	size_t		at;
	bool		ok = true;

	for (double n = 0; ok && n < most && wf_string_find(text, from, what, &at); n++)
	{
		ok = wf_buffer_add(&buffer, text.text + from, at - from) && wf_buffer_add_string(&buffer, replacement);
		from = at + what.length;
	}
	ok = ok && wf_buffer_add(&buffer, text.text + from, text.length - from);
	return jn_take(evaluation, &buffer, ok, result);
}

/* What a function puts in a match's place. */
static bool
replacement_by(Matches *matches, JnValue function, WfString *replacement)
{
	JnEvaluation *evaluation = matches->evaluation;
	JnValue		match = matches->value;
	JnValue		value;

	if (matches->regex != NULL &&
		!match_value(evaluation, matches->regex, matches->text, &matches->place, &matches->match, &match))
		return false;
	if (!jn_apply_to(evaluation, function, match, JN_NOTHING, JN_NOTHING, &value))
		return false;
	if (value.kind != JN_STRING)
		return jn_fail(evaluation, "D3012", NULL, &(JnDetails) {.value = value});
	*replacement = jn_text(value);
	return true;
}

/* Leaves in *ok whether the buffer could be written; false if the evaluation is over. */
static bool
replace_matches(Matches *matches, JnValue replacement, double most, WfBuffer *buffer, bool *ok)
{
	WfString	text = jn_text(matches->text);
	size_t		from = 0;

	bool		found;

	*ok = true;
	if (!next(matches, &found))
		return false;
	for (double n = 0; *ok && found && n < most; n++)
	{
		if (matches->match.start >= from)
		{
			size_t		end = matches->match.end;

			*ok = wf_buffer_add(buffer, text.text + from, matches->match.start - from);
			if (replacement.kind == JN_STRING)
				*ok = *ok && wf_js_regex_replacement(&matches->match, jn_text(replacement), buffer);
			else
			{
				WfString	string;

				if (!replacement_by(matches, replacement, &string))
					return false;
				*ok = *ok && wf_buffer_add_string(buffer, string);
			}
			from = end;
		}
		if (!next(matches, &found))
			return false;
	}
	*ok = *ok && wf_buffer_add(buffer, text.text + from, text.length - from);
	return true;
}

bool
jn_fn_replace(JnEvaluation *evaluation, const JnCall *call, JnValue *result)
{
	JnValue		text = call->arguments[0];
	JnValue		what = call->arguments[1];
	JnValue		replacement = call->arguments[2];
	WfFault		fault = {WF_FAULT_NONE};
	WfBuffer	buffer = WF_BUFFER(jn_room(evaluation), &fault);
	Matches		matches;
	double		most;
	bool		ok;

	if (text.kind != JN_STRING)
		return true;
	if (what.kind == JN_STRING && what.length == 0)
		return jn_fail(evaluation, "D3010", NULL, &(JnDetails) {.value = what});
	if (!read_limit(evaluation, call->arguments[3], "D3011", &most))
		return false;
	*result = text;
	if (most == 0 || what.kind == JN_UNDEFINED || replacement.kind == JN_UNDEFINED)
		return true;
	if (what.kind == JN_STRING)
	{
		size_t		at;

		if (replacement.kind != JN_STRING && !wf_string_find(jn_text(text), 0, jn_text(what), &at))
			return true;
		if (replacement.kind != JN_STRING)
			return jn_fail(evaluation, "D3012", NULL, &(JnDetails) {.value = replacement});
		return replace_strings(evaluation, jn_text(text), jn_text(what), jn_text(replacement), most, result);
	}
	matches = begin(evaluation, "replace", text, what);
	if (!replace_matches(&matches, replacement, most, &buffer, &ok))
	{
		wf_buffer_free(&buffer);
		return false;
	}
	return jn_take(evaluation, &buffer, ok, result);
}
