/*
 * signature.c - reading signatures, and matching calls with them.
 *
 * Parameters take arguments from left to right, each as many as it may, and give some back if those behind it would not
 * match: as a regular expression over the arguments' types.
 */
#include "jsonata/signature.h"

#define BIT(kind) (1u << (kind))
#define ANY_JSON (BIT(JN_STRING) | BIT(JN_NUMBER) | BIT(JN_BOOLEAN) | BIT(JN_NULL) | BIT(JN_OBJECT) | BIT(JN_ARRAY))

static const struct Letter
{
	char		letter;
	uint16_t	kinds;
	const char *plural;			/* of an array's items, in an error; NULL: has no word */
}			letters[] =
{
	{'s', BIT(JN_STRING), "strings"},
	{'n', BIT(JN_NUMBER), "numbers"},
	{'b', BIT(JN_BOOLEAN), "booleans"},
	{'l', BIT(JN_NULL), NULL},
	{'o', BIT(JN_OBJECT), "objects"},
	{'a', ANY_JSON | BIT(JN_FUNCTION), "arrays"},
	{'f', BIT(JN_FUNCTION), "functions"},
	{'j', ANY_JSON, NULL},
	{'x', ANY_JSON | BIT(JN_FUNCTION), NULL},
};

static const struct Letter *
find_letter(char letter)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].letter == letter)
			return &letters[i];
	return NULL;
}

/* --- reading --- */

static const char *
closing(const char *at, const char *end, char open, char close)
{
	int			depth = 0;

	for (; at < end; at++)
	{
		if (*at == open)
			depth++;
		else if (*at == close && --depth == 0)
			return at;
	}
	return end;
}

bool
jn_signature_read(JnSignature *signature, WfString text, int position, WfJsonataError *error)
{
	const char *at = text.text + 1;
	const char *end = text.text + text.length;
	JnParameter *last = NULL;

	*signature = (JnSignature) {.plain = true};
	while (at < end && *at != ':' && *at != '>')
	{
		const struct Letter *letter = find_letter(*at);
		JnParameter parameter = {0};

		if (*at == '(')
		{
			const char *close = closing(at, end, '(', ')');

			if (memchr(at, '<', (size_t) (close - at)) != NULL)
				return jn_error_set(error, "S0402",
									&(JnDetails) {.position = position + (int) (at - text.text), .value = jn_string(at + 1, (size_t) (close - at - 1))});
			for (at++; at < close; at++)
				parameter.kinds |= find_letter(*at) != NULL && *at != 'a' ? find_letter(*at)->kinds : *at == 'a' ? BIT(JN_ARRAY) : 0;
			parameter.kinds |= BIT(JN_UNDEFINED);
		}
		else if (*at == '<')
		{
			const char *close = closing(at, end, '<', '>');

			if (last == NULL || (!last->array && last->kinds != BIT(JN_FUNCTION)))
				return jn_error_set(error, "S0401",
									&(JnDetails) {.position = position + (int) (at - text.text), .value = jn_string(at - 1, at > text.text + 1)});
			if (last->array)
				last->items = (WfString) {at + 1, (size_t) (close - at - 1)};
			at = close < end ? close + 1 : end;
			continue;
		}
		else if (last != NULL && (*at == '-' || *at == '?' || *at == '+'))
		{
			if (*at == '+')
				last->many = true;
			else
				last->optional = true;
			if (*at == '-')
				last->context = true;
			signature->plain = false;
			at++;
			continue;
		}
		else if (letter != NULL)
		{
			parameter.kinds = letter->kinds | (*at == 'f' ? 0 : BIT(JN_UNDEFINED));
			parameter.array = *at == 'a';
			if (parameter.array)
				signature->plain = false;
		}
		else
		{
			at++;				/* means nothing */
			continue;
		}
		if (at < end)
			at++;
		if (signature->n < JN_MAX_PARAMETERS)
		{
			last = &signature->parameters[signature->n++];
			*last = parameter;
		}
	}
	return true;
}

/* --- matching --- */

/* Ways that are tried at most: one who writes <n+n+n+n+> shall not wait for ever. */
#define MAX_TRIES 100000

/* How many arguments each parameter takes. */
static bool
match(const JnSignature *signature, int parameter, const JnValue *arguments, int n, int at, int *taken, int *furthest, int *tries)
{
	const JnParameter *p = &signature->parameters[parameter];
	int			most = 0;

	if (++*tries > MAX_TRIES)
		return false;
	if (at > *furthest)
		*furthest = at;
	if (parameter == signature->n)
		return at == n;
	while (at + most < n && (p->kinds & BIT(arguments[at + most].kind)) != 0 && (most == 0 || p->many))
		most++;
	for (int count = most; count >= (p->optional ? 0 : 1); count--)
	{
		taken[parameter] = count;
		if (match(signature, parameter + 1, arguments, n, at + count, taken, furthest, tries))
			return true;
	}
	return false;
}

static bool
fail_argument(const char *code, int i, const JnValue *value, const char *items, const JnDetails *where, WfJsonataError *error)
{
	JnDetails	details = *where;

	details.index = i + 1;
	if (value != NULL)
		details.value = *value;
	if (items != NULL)
		details.value2 = jn_string(items, strlen(items));
	return jn_error_set(error, code, &details);
}

/* What an array's items must be: of the one kind that the first letter names.  A choice and a letter for several kinds fit none. */
static uint16_t
kinds_of_items(WfString items)
{
	const struct Letter *wanted = items.length > 0 ? find_letter(*items.text) : NULL;

	if (wanted == NULL || wanted->letter == 'x' || wanted->letter == 'j')
		return 0;
	return wanted->letter == 'a' ? BIT(JN_ARRAY) : wanted->kinds;
}

/* An array whose items all are what they must be; or a value that may stand for its only item, if that is all that is said of it. */
static bool
has_items(JnValue value, WfString items)
{
	uint16_t	kinds = kinds_of_items(items);

	if (value.kind != JN_ARRAY)
		return items.length == 1 && (kinds & BIT(value.kind)) != 0;
	for (size_t i = 0, n = jn_length(value); i < n; i++)
		if ((kinds & BIT(jn_item(value, i).kind)) == 0)
			return false;
	return true;
}

/* An array parameter: a single value becomes an array, and its items are looked at. */
static bool
take_array(const JnParameter *parameter, JnArena *arena, JnValue *value, int i, const JnDetails *where, WfJsonataError *error)
{
	JnArray    *array;

	if (value->kind == JN_UNDEFINED)
		return true;
	if (parameter->items.text != NULL && !has_items(*value, parameter->items))
	{
		const struct Letter *wanted = parameter->items.length == 1 ? find_letter(*parameter->items.text) : NULL;

		return fail_argument("T0412", i, value, wanted != NULL ? wanted->plural : NULL, where, error);
	}
	if (value->kind == JN_ARRAY)
		return true;
	array = jn_array(arena, 1);
	if (array == NULL)
		return arena->over_limit ? false : jn_problem_set(error, WF_JSONATA_NO_MEMORY);
	array->items[array->n++] = *value;
	*value = jn_array_value(array);
	return true;
}

static bool
is_plain_match(const JnSignature *signature, const JnValue *arguments, int n)
{
	if (!signature->plain || n != signature->n)
		return false;
	for (int i = 0; i < n; i++)
		if ((signature->parameters[i].kinds & BIT(arguments[i].kind)) == 0)
			return false;
	return true;
}

bool
jn_signature_apply(const JnSignature *signature, JnArena *arena, JnValue **arguments, int *n, JnValue context,
				   const JnDetails *where, WfJsonataError *error)
{
	int			taken[JN_MAX_PARAMETERS];
	int			furthest = 0;
	int			tries = 0;
	int			places = 0;
	int			argument = 0;
	int			place = 0;
	JnValue    *placed;

	if (is_plain_match(signature, *arguments, *n))
		return true;
	if (!match(signature, 0, *arguments, *n, 0, taken, &furthest, &tries))
		return fail_argument("T0410", furthest, furthest < *n ? &(*arguments)[furthest] : NULL, NULL, where, error);
	for (int i = 0; i < signature->n; i++)
		places += taken[i] > 1 ? taken[i] : 1;
	placed = jn_alloc(arena, (size_t) places * sizeof(JnValue));
	if (placed == NULL)
		return arena->over_limit ? false : jn_problem_set(error, WF_JSONATA_NO_MEMORY);
	for (int i = 0; i < signature->n; i++)
	{
		const JnParameter *parameter = &signature->parameters[i];

		if (taken[i] == 0)
		{
			if (parameter->context && (parameter->kinds & BIT(context.kind)) == 0)
				return fail_argument("T0411", argument, &context, NULL, where, error);
			placed[place++] = parameter->context ? context : JN_NOTHING;
			continue;
		}
		for (int k = 0; k < taken[i]; k++, argument++)
		{
			placed[place] = (*arguments)[argument];
			if (parameter->array && !take_array(parameter, arena, &placed[place], argument, where, error))
				return false;
			place++;
		}
	}
	*arguments = placed;
	*n = places;
	return true;
}
