/*
 * choice.c - the rules of a Choice state.
 *
 * An operator is a row of the table: what its operand must be, how it is compared, and which answers of the comparison
 * count.  A value of another type than the operator's is no match, never an error; a path that finds nothing is an error,
 * except for IsPresent.
 */
#include "asl/choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "asl/time.h"

typedef enum OperandType { OPERAND_STRING, OPERAND_NUMBER, OPERAND_BOOLEAN, OPERAND_TIMESTAMP, OPERAND_PATTERN } OperandType;

/* Compares a value with an operand; false: of the wrong type.  *sign is negative, zero or positive. */
typedef bool (*Compare) (const json_t *value, const json_t *operand, int *sign);

/* Tests a value alone. */
typedef bool (*Test) (const json_t *value);

#define LESS 1
#define EQUAL 2
#define GREATER 4

typedef struct Operator
{
	const char *word;
	OperandType operand;
	bool		path;			/* the operand is a path to it */
	int			answers;		/* which count as a match */
	Compare		compare;
	Test		test;			/* Is…: compared with the operand true or false */
} Operator;

/*
 * The order of UTF-16 code units, which is the service's: the same as that of UTF-8's bytes, but for characters beyond
 * U+FFFF (four bytes, from F0), which sort before U+E000 to U+FFFF (from EE).
 */
static int
compare_texts(const char *a, const char *b)
{
	const unsigned char *x = (const unsigned char *) a;
	const unsigned char *y = (const unsigned char *) b;

	while (*x == *y && *x != '\0')
	{
		x++;
		y++;
	}
	if (*x >= 0xEE && *y >= 0xEE && (*x >= 0xF0) != (*y >= 0xF0))
		return *x >= 0xF0 ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

static bool
compare_strings(const json_t *value, const json_t *operand, int *sign)
{
	if (!json_is_string(value) || !json_is_string(operand))
		return false;
	*sign = compare_texts(json_string_value(value), json_string_value(operand));
	return true;
}

static bool
compare_numbers(const json_t *value, const json_t *operand, int *sign)
{
	double		a = json_number_value(value);
	double		b = json_number_value(operand);

	if (!json_is_number(value) || !json_is_number(operand))
		return false;
	*sign = a < b ? -1 : a > b;
	return true;
}

static bool
compare_booleans(const json_t *value, const json_t *operand, int *sign)
{
	if (!json_is_boolean(value) || !json_is_boolean(operand))
		return false;
	*sign = json_is_true(value) - json_is_true(operand);
	return true;
}

static bool
compare_timestamps(const json_t *value, const json_t *operand, int *sign)
{
	int64_t		a,
				b;

	if (!json_is_string(value) || !json_is_string(operand) ||
		!wf_time_parse(json_string_value(value), &a) || !wf_time_parse(json_string_value(operand), &b))
		return false;
	*sign = a < b ? -1 : a > b;
	return true;
}

/* Copies a piece of a pattern without its backslashes; returns the end of the piece: a `*`, or the pattern's end. */
static const char *
copy_piece(const char *pattern, char *piece)
{
	for (; *pattern != '\0' && *pattern != '*'; pattern++)
	{
		if (*pattern == '\\' && pattern[1] != '\0')
			pattern++;
		*piece++ = *pattern;
	}
	*piece = '\0';
	return pattern;
}

/*
 * StringMatches: the pieces between the stars are looked for one after the other, each as early as it comes; the first
 * is bound to the beginning, the last to the end.  No going back is needed, since a star takes anything, and the time
 * stays linear.
 */
static bool
match_pattern(const char *text, const char *pattern, char *piece)
{
	size_t		length;

	pattern = copy_piece(pattern, piece);
	length = strlen(piece);
	if (*pattern == '\0')
		return strcmp(text, piece) == 0;
	if (strncmp(text, piece, length) != 0)
		return false;
	text += length;
	for (;;)
	{
		pattern = copy_piece(pattern + 1, piece);
		length = strlen(piece);
		if (*pattern == '\0')
			return strlen(text) >= length && strcmp(text + strlen(text) - length, piece) == 0;
		text = strstr(text, piece);
		if (text == NULL)
			return false;
		text += length;
	}
}

static bool
test_null(const json_t *value)
{
	return json_is_null(value);
}

static bool
test_present(const json_t *value)
{
	return value != NULL;
}

static bool
test_number(const json_t *value)
{
	return json_is_number(value);
}

static bool
test_string(const json_t *value)
{
	return json_is_string(value);
}

static bool
test_boolean(const json_t *value)
{
	return json_is_boolean(value);
}

static bool
test_timestamp(const json_t *value)
{
	int64_t		ignored;

	return json_is_string(value) && wf_time_parse(json_string_value(value), &ignored);
}

/* The five orders, each with a constant and with a path. */
#define FAMILY(word, operand, compare) \
	{word "Equals", operand, false, EQUAL, compare, NULL}, \
	{word "EqualsPath", operand, true, EQUAL, compare, NULL}, \
	{word "LessThan", operand, false, LESS, compare, NULL}, \
	{word "LessThanPath", operand, true, LESS, compare, NULL}, \
	{word "GreaterThan", operand, false, GREATER, compare, NULL}, \
	{word "GreaterThanPath", operand, true, GREATER, compare, NULL}, \
	{word "LessThanEquals", operand, false, LESS | EQUAL, compare, NULL}, \
	{word "LessThanEqualsPath", operand, true, LESS | EQUAL, compare, NULL}, \
	{word "GreaterThanEquals", operand, false, GREATER | EQUAL, compare, NULL}, \
	{word "GreaterThanEqualsPath", operand, true, GREATER | EQUAL, compare, NULL}

static const Operator operators[] = {
	FAMILY("String", OPERAND_STRING, compare_strings),
	FAMILY("Numeric", OPERAND_NUMBER, compare_numbers),
	FAMILY("Timestamp", OPERAND_TIMESTAMP, compare_timestamps),
	{"BooleanEquals", OPERAND_BOOLEAN, false, EQUAL, compare_booleans, NULL},
	{"BooleanEqualsPath", OPERAND_BOOLEAN, true, EQUAL, compare_booleans, NULL},
	{"StringMatches", OPERAND_PATTERN, false, 0, NULL, NULL},
	{"IsNull", OPERAND_BOOLEAN, false, 0, NULL, test_null},
	{"IsPresent", OPERAND_BOOLEAN, false, 0, NULL, test_present},
	{"IsNumeric", OPERAND_BOOLEAN, false, 0, NULL, test_number},
	{"IsString", OPERAND_BOOLEAN, false, 0, NULL, test_string},
	{"IsBoolean", OPERAND_BOOLEAN, false, 0, NULL, test_boolean},
	{"IsTimestamp", OPERAND_BOOLEAN, false, 0, NULL, test_timestamp},
};

typedef enum ConditionKind { CONDITION_AND, CONDITION_OR, CONDITION_NOT, CONDITION_TEST } ConditionKind;

struct WfCondition
{
	ConditionKind kind;
	size_t		n;
	WfCondition **operands;		/* And, Or, Not */
	WfPath	   *variable;
	const Operator *operator;
	json_t	   *constant;		/* a reference of our own; NULL where path holds the operand */
	WfPath	   *path;
};

/* --- parsing --- */

static const Operator *
find_operator(const char *word)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
	{
		if (strcmp(operators[i].word, word) == 0)
			return &operators[i];
	}
	return NULL;
}

bool
wf_choice_operator_exists(const char *word)
{
	return find_operator(word) != NULL;
}

bool
wf_choice_pattern_is_valid(const char *pattern)
{
	for (; *pattern != '\0'; pattern++)
	{
		if (*pattern == '\\' && *++pattern != '*' && *pattern != '\\')
			return false;
	}
	return true;
}

/* Puts "/word" (and "/index") before what is in *location. */
static void
prepend_location(char **location, const char *word, size_t index, WfError *error)
{
	WfError		text = WF_ERROR_NONE;
	const char *below = location != NULL && *location != NULL ? *location : "";

	if (location == NULL || error->code == WF_OUT_OF_MEMORY)
		return;
	if (word != NULL)
		wf_error_set(&text, WF_INVALID_PATH, "/%s%s", word, below);
	else
		wf_error_set(&text, WF_INVALID_PATH, "/%zu%s", index, below);
	free(*location);
	*location = text.cause;
	if (text.cause == NULL)
		wf_error_no_memory(error);
}

static bool
complain(char **location, const char *field, WfError *error, const char *what)
{
	if (error->code != WF_OUT_OF_MEMORY)
		wf_error_set(error, WF_INVALID_PATH, "%s", what);
	if (field != NULL)
		prepend_location(location, field, 0, error);
	return false;
}

/* Compiles a path that stands in a rule's field. */
static bool
parse_path(json_t *value, const char *field, WfPath **path, char **location, WfError *error)
{
	WfError		problem = WF_ERROR_NONE;

	if (!json_is_string(value))
		return complain(location, field, error, "Expected value of type String");
	*path = wf_path_parse(json_string_value(value), &problem);
	if (*path != NULL)
		return true;
	if (problem.code == WF_INVALID_PATH && problem.cause != NULL)
		wf_error_set(error, WF_INVALID_PATH, "Value is not a Reference Path: %s", problem.cause);
	else
		wf_error_move(error, &problem);
	wf_error_clear(&problem);
	prepend_location(location, field, 0, error);
	return false;
}

static bool
parse_operand(WfCondition *condition, json_t *value, char **location, WfError *error)
{
	const Operator *operator = condition->operator;
	int64_t		ignored;

	if (operator->path)
		return parse_path(value, operator->word, &condition->path, location, error);
	switch (operator->operand)
	{
		case OPERAND_STRING:
			if (!json_is_string(value))
				return complain(location, operator->word, error, "Expected value of type String");
			break;
		case OPERAND_NUMBER:
			if (!json_is_number(value))
				return complain(location, operator->word, error, "Expected value of type Number");
			break;
		case OPERAND_BOOLEAN:
			if (!json_is_boolean(value))
				return complain(location, operator->word, error, "Expected value of type Boolean");
			break;
		case OPERAND_TIMESTAMP:
			if (!json_is_string(value) || !wf_time_parse(json_string_value(value), &ignored))
				return complain(location, operator->word, error, "String does not match RFC3339 timestamp");
			break;
		case OPERAND_PATTERN:
			if (!json_is_string(value))
				return complain(location, operator->word, error, "Expected value of type String");
			if (!wf_choice_pattern_is_valid(json_string_value(value)))
				return complain(location, operator->word, error,
								"A backslash may stand only before '*' and another backslash");
			break;
	}
	condition->constant = json_incref(value);
	return true;
}

/* A rule with Variable and one operator. */
static bool
parse_test(WfCondition *condition, json_t *rule, char **location, WfError *error)
{
	json_t	   *value = NULL;

	condition->kind = CONDITION_TEST;
	for (void *member = json_object_iter(rule); member != NULL; member = json_object_iter_next(rule, member))
	{
		const Operator *operator = find_operator(json_object_iter_key(member));

		if (operator == NULL)
			continue;
		if (condition->operator != NULL)
			return complain(location, NULL, error, "A rule must have exactly one comparison operator");
		condition->operator = operator;
		value = json_object_iter_value(member);
	}
	if (condition->operator == NULL)
		return complain(location, NULL, error, "The rule has no comparison operator");
	if (json_object_get(rule, "Variable") == NULL)
		return complain(location, NULL, error, "These fields are required: [Variable]");
	return parse_path(json_object_get(rule, "Variable"), "Variable", &condition->variable, location, error) &&
		parse_operand(condition, value, location, error);
}

/* And, Or: a list of rules; Not: one. */
static bool
parse_junction(WfCondition *condition, ConditionKind kind, const char *word, json_t *value, char **location,
			   WfError *error)
{
	size_t		n = kind == CONDITION_NOT ? 1 : json_array_size(value);

	condition->kind = kind;
	if (kind == CONDITION_NOT ? !json_is_object(value) : n == 0)
		return complain(location, word, error, kind == CONDITION_NOT ? "Expected value of type Object" : "Value cannot be empty");
	condition->operands = calloc(n, sizeof(WfCondition *));
	if (condition->operands == NULL)
		return wf_error_no_memory(error);
	for (condition->n = 0; condition->n < n; condition->n++)
	{
		json_t	   *rule = kind == CONDITION_NOT ? value : json_array_get(value, condition->n);
		WfCondition *operand = wf_condition_parse(rule, location, error);

		if (operand == NULL)
		{
			if (kind != CONDITION_NOT)
				prepend_location(location, NULL, condition->n, error);
			prepend_location(location, word, 0, error);
			return false;
		}
		condition->operands[condition->n] = operand;
	}
	return true;
}

WfCondition *
wf_condition_parse(json_t *rule, char **location, WfError *error)
{
	static const struct
	{
		const char *word;
		ConditionKind kind;
	}			junctions[] = {{"And", CONDITION_AND}, {"Or", CONDITION_OR}, {"Not", CONDITION_NOT}};
	WfCondition *condition;
	bool		done = false;
	int			n = 0;

	if (location != NULL)
		*location = NULL;
	condition = calloc(1, sizeof(WfCondition));
	if (condition == NULL)
	{
		wf_error_no_memory(error);
		return NULL;
	}
	if (!json_is_object(rule))
		complain(location, NULL, error, "Expected value of type Object");
	else
	{
		for (int i = 0; i < 3; i++)
		{
			json_t	   *value = json_object_get(rule, junctions[i].word);

			if (value == NULL)
				continue;
			if (n++ > 0)
				done = complain(location, NULL, error,
								"The object must have only one of the following fields, [And, Or, Not, Variable, Condition]");
			else
				done = parse_junction(condition, junctions[i].kind, junctions[i].word, value, location, error);
			if (!done)
				break;
		}
		if (n == 0)
			done = parse_test(condition, rule, location, error);
	}
	if (done)
		return condition;
	wf_condition_free(condition);
	return NULL;
}

void
wf_condition_free(WfCondition *condition)
{
	if (condition == NULL)
		return;
	for (size_t i = 0; i < condition->n; i++)
		wf_condition_free(condition->operands[i]);
	free(condition->operands);
	wf_path_free(condition->variable);
	wf_path_free(condition->path);
	json_decref(condition->constant);
	free(condition);
}

/* --- evaluation --- */

/* Finds what a path of a rule names; *value stays NULL where it finds nothing and that is allowed. */
static bool
find_value(const WfPath *path, const WfScope *scope, bool may_miss, json_t **value, WfError *error)
{
	if (!wf_path_get(path, scope, value, NULL, error))
		return false;
	if (*value == NULL && !may_miss)
		return wf_error_set(error, WF_STATES_RUNTIME,
							"Invalid path '%s': The choice state's condition path references an invalid value.",
							wf_path_text(path));
	return true;
}

static bool
match_string(const json_t *value, const json_t *pattern, bool *matches, WfError *error)
{
	char	   *piece;

	*matches = false;
	if (!json_is_string(value))
		return true;
	piece = malloc(json_string_length(pattern) + 1);
	if (piece == NULL)
		return wf_error_no_memory(error);
	*matches = match_pattern(json_string_value(value), json_string_value(pattern), piece);
	free(piece);
	return true;
}

static bool
evaluate_test(const WfCondition *condition, const WfScope *scope, bool *matches, WfError *error)
{
	const Operator *operator = condition->operator;
	json_t	   *value = NULL;
	json_t	   *operand = NULL;
	int			sign;
	bool		done;

	done = find_value(condition->variable, scope, operator->test == test_present, &value, error);
	if (done && condition->path != NULL)
		done = find_value(condition->path, scope, false, &operand, error);
	else if (done)
		operand = json_incref(condition->constant);

	if (done)
	{
		if (operator->test != NULL)
			*matches = operator->test(value) == json_is_true(operand);
		else if (operator->operand == OPERAND_PATTERN)
			done = match_string(value, operand, matches, error);
		else
			*matches = operator->compare(value, operand, &sign) &&
				(operator->answers & (sign < 0 ? LESS : sign > 0 ? GREATER : EQUAL)) != 0;
	}
	json_decref(value);
	json_decref(operand);
	return done;
}

bool
wf_condition_evaluate(const WfCondition *condition, const WfScope *scope, bool *matches, WfError *error)
{
	if (condition->kind == CONDITION_TEST)
		return evaluate_test(condition, scope, matches, error);
	for (size_t i = 0; i < condition->n; i++)
	{
		if (!wf_condition_evaluate(condition->operands[i], scope, matches, error))
			return false;
		if (*matches == (condition->kind == CONDITION_OR))
			break;
	}
	if (condition->kind == CONDITION_NOT)
		*matches = !*matches;
	return true;
}
