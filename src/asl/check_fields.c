/*
 * check_fields.c - the table of fields.def, applied to an object.
 *
 * The messages are the service's own; that a field is unknown, missing or one too many is said at the object, what is
 * wrong with a value at the value.
 */
#include <stdio.h>
#include <string.h>

#include "asl/check.h"

#include "asl/check_values.h"

#define P 1
#define A 2
#define BOTH 3
#define E 7
#define EXPRESSION 4

#define TASK WF_OWNER_TASK
#define WAIT WF_OWNER_WAIT
#define PASS WF_OWNER_PASS
#define SUCCEED WF_OWNER_SUCCEED
#define FAIL WF_OWNER_FAIL
#define CHOICE WF_OWNER_CHOICE
#define PARALLEL WF_OWNER_PARALLEL
#define MAP WF_OWNER_MAP
#define MACHINE WF_OWNER_MACHINE
#define BRANCH WF_OWNER_BRANCH
#define PROCESSOR WF_OWNER_PROCESSOR
#define PROCESSOR_CONFIG WF_OWNER_PROCESSOR_CONFIG
#define RETRIER WF_OWNER_RETRIER
#define CATCHER WF_OWNER_CATCHER
#define RULE WF_OWNER_RULE
#define CONDITION WF_OWNER_CONDITION
#define READER WF_OWNER_READER
#define READER_CONFIG WF_OWNER_READER_CONFIG
#define BATCHER WF_OWNER_BATCHER
#define WRITER WF_OWNER_WRITER
#define WRITER_CONFIG WF_OWNER_WRITER_CONFIG

static const WfField fields[] = {
#define WF_FIELD(owners, name, languages, required, kind, low, high, words) \
	{owners, name, languages, required, wf_check_##kind, low, high, words},
#define WF_GROUP(owners, languages, at_least, names)
#include "asl/fields.def"
#undef WF_FIELD
#undef WF_GROUP
};

static const struct
{
	WfOwner		owners;
	unsigned	languages;
	bool		required;
	const char *names;
}			groups[] = {
#define WF_FIELD(owners, name, languages, required, kind, low, high, words)
#define WF_GROUP(owners, languages, at_least, names) {owners, languages, at_least, names},
#include "asl/fields.def"
#undef WF_FIELD
#undef WF_GROUP
};

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static const WfField *
find_field(WfOwner owner, const char *name)
{
	for (size_t i = 0; i < LENGTH(fields); i++)
	{
		if ((fields[i].owners & owner) != 0 && strcmp(fields[i].name, name) == 0)
			return &fields[i];
	}
	return NULL;
}

static unsigned
language_bit(const WfChecker *checker)
{
	return checker->language == WF_JSONATA ? A : P;
}

/* True if a field is there for the other query language only. */
static bool
is_foreign(const WfChecker *checker, WfOwner owner, const char *name, const WfField *field)
{
	if (field != NULL)
		return (field->languages & language_bit(checker)) == 0;
	return checker->language == WF_JSONATA && (owner & (RULE | CONDITION)) != 0 && wf_choice_operator_exists(name);
}

/* Told before anything else, as the service does, and not where it is told already that the language itself is wrong. */
static void
check_languages(WfChecker *checker, WfOwner owner, json_t *object, const WfPlace *place)
{
	if (checker->downgraded)
		return;
	for (void *member = json_object_iter(object); member != NULL; member = json_object_iter_next(object, member))
	{
		const char *name = json_object_iter_key(member);

		if (is_foreign(checker, owner, name, find_field(owner, name)))
			wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
							"The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' QueryLanguage",
							checker->language == WF_JSONATA ? "JSONata" : "JSONPath", name,
							checker->language == WF_JSONATA ? "JSONPath" : "JSONata");
	}
}

static void
check_field(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	WfPlace		here = {place, field->name, 0};

	if ((field->languages & EXPRESSION) != 0 && checker->language == WF_JSONATA && json_is_string(value) &&
		wf_is_query(json_string_value(value)))
		wf_check_jsonata_text(checker, json_string_value(value), &here);
	else
		field->check(checker, field, value, &here);
}

void
wf_check_bounds(WfOwner owner, const char *name, int64_t *low, int64_t *high)
{
	const WfField *field = find_field(owner, name);

	*low = field != NULL ? (int64_t) field->low : INT64_MIN;
	*high = field != NULL ? (int64_t) field->high : INT64_MAX;
}

/* Adds a word to a list "a, b"; what does not fit is left out. */
static void
add_word(char *list, size_t size, const char *word)
{
	size_t		length = strlen(list);

	snprintf(list + length, size - length, "%s%s", length > 0 ? ", " : "", word);
}

static void
check_missing(WfChecker *checker, WfOwner owner, json_t *object, const WfPlace *place)
{
	char		list[256] = "";

	for (size_t i = 0; i < LENGTH(fields); i++)
	{
		if ((fields[i].owners & owner) != 0 && fields[i].required && json_object_get(object, fields[i].name) == NULL &&
			(fields[i].languages & language_bit(checker)) != 0)
			add_word(list, sizeof(list), fields[i].name);
	}
	if (list[0] != '\0')
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "These fields are required: [%s]", list);
}

/* How many of the names in "a, b, c" an object has. */
static int
count_present(json_t *object, const char *names)
{
	int			n = 0;

	while (*names != '\0')
	{
		size_t		length = strcspn(names, ",");

		n += json_object_getn(object, names, length) != NULL;
		names += length;
		names += strspn(names, ", ");
	}
	return n;
}

static void
check_groups(WfChecker *checker, WfOwner owner, json_t *object, const WfPlace *place)
{
	for (size_t i = 0; i < LENGTH(groups); i++)
	{
		int			n;

		if ((groups[i].owners & owner) == 0 || (groups[i].languages & language_bit(checker)) == 0)
			continue;
		n = count_present(object, groups[i].names);
		if (n > 1)
			wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
							"There should only be one of the following fields: [%s]", groups[i].names);
		else if (n == 0 && groups[i].required)
			wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
							"This object should have only one of the following fields: [%s]", groups[i].names);
	}
}

void
wf_check_fields(WfChecker *checker, WfOwner owner, json_t *object, const WfPlace *place)
{
	WfOwner		outside = checker->owner;

	checker->owner = owner;
	check_languages(checker, owner, object, place);
	check_missing(checker, owner, object, place);
	for (void *member = json_object_iter(object); member != NULL; member = json_object_iter_next(object, member))
	{
		const char *name = json_object_iter_key(member);
		const WfField *field = find_field(owner, name);

		if (is_foreign(checker, owner, name, field))
			continue;
		if (field != NULL)
			check_field(checker, field, json_object_iter_value(member), place);
		else if ((owner & (RULE | CONDITION)) == 0 || !wf_choice_operator_exists(name))
			wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Field '%s' is not supported", name);
	}
	check_groups(checker, owner, object, place);
	checker->owner = outside;
}

bool
wf_check_type(WfChecker *checker, json_t *value, json_type type, const WfPlace *place)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "Object",[JSON_ARRAY] = "Array",[JSON_STRING] = "String",[JSON_INTEGER] = "Integer",
		[JSON_REAL] = "Number",[JSON_TRUE] = "Boolean",[JSON_FALSE] = "Boolean",[JSON_NULL] = "Null"
	};

	if (json_typeof(value) == type || (type == JSON_REAL && json_is_number(value)) ||
		(type == JSON_TRUE && json_is_boolean(value)))
		return false;
	wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Expected value of type %s", names[type]);
	return true;
}

bool
wf_check_list(WfChecker *checker, json_t *value, const WfPlace *place)
{
	if (wf_check_type(checker, value, JSON_ARRAY, place))
		return true;
	if (json_array_size(value) == 0)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Value cannot be empty");
	return false;
}
