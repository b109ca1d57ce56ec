/*
 * request.c - a request of the service's interface, checked; see request.h.
 *
 * The texts of constraints are the service's: "1 validation error detected: Value 'x' at 'name' failed to satisfy
 * constraint: …".  Unknown fields are refused as the service's own clients do.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "api/request.h"
#include "pg/service_error.h"

typedef struct Findings
{
	int			n;
	StringInfoData text;
} Findings;

static void check_object(JsonbContainer *object, const WfField *fields, const char *where, Findings *findings);

static JsonbValue *
find(JsonbContainer *object, const char *name)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object, name, strlen(name), NULL);

	return value == NULL || value->type == jbvNull ? NULL : value;
}

/* --- breaches of constraints --- */

static void note(Findings *findings, const WfField *field, const char *where, const char *value, const char *format,...)
			pg_attribute_printf(5, 6);

static void
note(Findings *findings, const WfField *field, const char *where, const char *value, const char *format,...)
{
	char		constraint[512];
	va_list		args;

	va_start(args, format);
	vsnprintf(constraint, sizeof(constraint), format, args);
	va_end(args);
	if (findings->n++ > 0)
		appendStringInfoString(&findings->text, "; ");
	appendStringInfoString(&findings->text, "Value ");
	if (value == NULL)
		appendStringInfoString(&findings->text, "null ");
	else if ((field->flags & WF_FIELD_SENSITIVE) == 0)
		appendStringInfo(&findings->text, "'%s' ", value);
	appendStringInfo(&findings->text, "at '%s' failed to satisfy constraint: %s", where, constraint);
}

static void
check_range(Findings *findings, const WfField *field, const char *where, const char *value, int64 got,
			const char *what)
{
	if (got < field->least)
		note(findings, field, where, value, "Member must have %s greater than or equal to " INT64_FORMAT, what,
			 field->least);
	else if (field->most >= 0 && got > field->most)
		note(findings, field, where, value, "Member must have %s less than or equal to " INT64_FORMAT, what,
			 field->most);
}

/* Is `value` one of the words in the list "A, B"? */
static bool
is_listed(const char *value, const char *words)
{
	size_t		length = strlen(value);

	for (const char *word = words; word != NULL; word = strstr(word, ", "))
	{
		if (word != words)
			word += 2;
		if (strncmp(word, value, length) == 0 && (word[length] == ',' || word[length] == '\0'))
			return length > 0;
	}
	return false;
}

/* --- types --- */

static void refuse_type(const JsonbValue *value, const char *where, const char *wanted) __attribute__((noreturn));

static void
refuse_type(const JsonbValue *value, const char *where, const char *wanted)
{
	const char *got = value->type == jbvString ? "STRING_VALUE" : value->type == jbvNumeric ? "NUMBER_VALUE" :
		value->type == jbvNull ? "NULL_VALUE" :
		value->type == jbvBool ? (value->val.boolean ? "TRUE_VALUE" : "FALSE_VALUE") : NULL;
	char	   *detail = psprintf("The field is %s.", where);

	if (got == NULL)
		wf_service_error_hint(WF_SERIALIZATION_ERROR, detail, NULL,
							  "Start of structure or map found where not expected.");
	if (wanted == NULL)
		wf_service_error_hint(WF_SERIALIZATION_ERROR, detail, NULL, "Unexpected field type");
	wf_service_error_hint(WF_SERIALIZATION_ERROR, detail, NULL, "%s can not be converted to %s", got, wanted);
}

static void
check_string(const JsonbValue *value, const WfField *field, const char *where, Findings *findings)
{
	char	   *text;

	if (value->type != jbvString)
		refuse_type(value, where, "a String");
	text = pnstrdup(value->val.string.val, value->val.string.len);
	if (field->words == NULL)
		check_range(findings, field, where, text, pg_mbstrlen_with_len(text, value->val.string.len), "length");
	else if (!is_listed(text, field->words))
		note(findings, field, where, text, "Member must satisfy enum value set: [%s]", field->words);
}

static void
check_integer(const JsonbValue *value, const WfField *field, const char *where, Findings *findings)
{
	char	   *text;
	bool		failed = false;
	int32		number;

	if (value->type != jbvNumeric)
		refuse_type(value, where, "an Integer");
	text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
	if (strchr(text, '.') != NULL)
		wf_service_error_hint(WF_SERIALIZATION_ERROR, psprintf("The field is %s.", where), NULL,
							  "DECIMAL_VALUE can not be converted to an Integer");
	number = numeric_int4_opt_error(value->val.numeric, &failed);
	if (failed)
		number = text[0] == '-' ? PG_INT32_MIN : PG_INT32_MAX;
	check_range(findings, field, where, text, number, "value");
}

static double
number_of(const JsonbValue *value)
{
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
}

static void
check_number(const JsonbValue *value, const WfField *field, const char *where, Findings *findings)
{
	char	   *text;
	double		number;

	if (value->type != jbvNumeric)
		refuse_type(value, where, "a Float");
	text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
	number = number_of(value);
	if (number < (double) field->least)
		check_range(findings, field, where, text, field->least - 1, "value");
	else if (field->most >= 0 && number > (double) field->most)
		check_range(findings, field, where, text, field->most + 1, "value");
}

static void
check_list(JsonbContainer *list, const WfField *field, const char *where, Findings *findings)
{
	check_range(findings, field, where, "[]", JsonContainerSize(list), "length");
	for (uint32 i = 0; i < JsonContainerSize(list); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(list, i);
		char	   *place = psprintf("%s.%u.member", where, i + 1);
		const WfField *kind = field->fields;

		CHECK_FOR_INTERRUPTS();
		if (element->type == jbvNull)
			note(findings, kind, place, NULL, "Member must not be null");
		else if (kind->type == WF_FIELD_STRING)
			check_string(element, kind, place, findings);
		else if (element->type == jbvBinary && JsonContainerIsObject(element->val.binary.data))
			check_object(element->val.binary.data, kind->fields, place, findings);
		else
			refuse_type(element, place, NULL);
	}
}

static void
check_value(const JsonbValue *value, const WfField *field, const char *where, Findings *findings)
{
	switch (field->type)
	{
		case WF_FIELD_STRING:
			check_string(value, field, where, findings);
			break;
		case WF_FIELD_INTEGER:
			check_integer(value, field, where, findings);
			break;
		case WF_FIELD_NUMBER:
			check_number(value, field, where, findings);
			break;
		case WF_FIELD_BOOLEAN:
			if (value->type != jbvBool)
				refuse_type(value, where, "a Boolean");
			break;
		case WF_FIELD_OBJECT:
			if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
				refuse_type(value, where, NULL);
			check_object(value->val.binary.data, field->fields, where, findings);
			break;
		case WF_FIELD_LIST:
			if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
				refuse_type(value, where, NULL);
			check_list(value->val.binary.data, field, where, findings);
			break;
	}
}

static void
refuse_unknown(JsonbContainer *object, const WfField *fields, const char *where)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbValue	key;
	JsonbIteratorToken token;
	StringInfoData known;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		const WfField *field = fields;

		if (token != WJB_KEY)
			continue;
		while (field->name != NULL && (strlen(field->name) != key.val.string.len ||
									   memcmp(field->name, key.val.string.val, key.val.string.len) != 0))
			field++;
		if (field->name != NULL)
			continue;
		initStringInfo(&known);
		for (field = fields; field->name != NULL; field++)
			appendStringInfo(&known, "%s%s", field == fields ? "" : ", ", field->name);
		wf_service_error(WF_VALIDATION_ERROR, "Unknown parameter in %s: \"%s\", must be one of: %s", where,
						 pnstrdup(key.val.string.val, key.val.string.len), known.data);
	}
}

static void
check_object(JsonbContainer *object, const WfField *fields, const char *where, Findings *findings)
{
	refuse_unknown(object, fields, where == NULL ? "input" : where);
	for (const WfField *field = fields; field->name != NULL; field++)
	{
		JsonbValue *value = find(object, field->name);
		const char *place = where == NULL ? field->name : psprintf("%s.%s", where, field->name);

		if (value != NULL)
			check_value(value, field, place, findings);
		else if (field->flags & WF_FIELD_REQUIRED)
			note(findings, field, place, NULL, "Member must not be null");
	}
}

void
wf_request_check(WfRequest *request, Jsonb *json, const WfField *fields)
{
	Findings	findings = {0};

	if (!JB_ROOT_IS_OBJECT(json))
		wf_service_error(WF_SERIALIZATION_ERROR, "The request must be a JSON object");
	initStringInfo(&findings.text);
	request->root = &json->root;
	check_object(request->root, fields, NULL, &findings);
	if (findings.n > 0)
		wf_service_error(WF_VALIDATION_ERROR, "%d validation error%s detected: %s", findings.n,
						 findings.n == 1 ? "" : "s", findings.text.data);
}

/* --- values --- */

JsonbValue *
wf_request_value(const WfRequest *request, const char *name)
{
	return find(request->root, name);
}

bool
wf_request_has(const WfRequest *request, const char *name)
{
	return find(request->root, name) != NULL;
}

char *
wf_request_string(const WfRequest *request, const char *name)
{
	JsonbValue *value = find(request->root, name);

	return value == NULL ? NULL : pnstrdup(value->val.string.val, value->val.string.len);
}

double
wf_request_number(const WfRequest *request, const char *name, double otherwise)
{
	JsonbValue *value = wf_request_value(request, name);

	return value == NULL ? otherwise : number_of(value);
}

int64
wf_request_integer(const WfRequest *request, const char *name, int64 otherwise)
{
	JsonbValue *value = find(request->root, name);

	return value == NULL ? otherwise :
		DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(value->val.numeric)));
}

bool
wf_request_boolean(const WfRequest *request, const char *name, bool otherwise)
{
	JsonbValue *value = find(request->root, name);

	return value == NULL ? otherwise : value->val.boolean;
}

bool
wf_request_object(const WfRequest *request, const char *name, WfRequest *object)
{
	JsonbValue *value = find(request->root, name);

	if (value != NULL)
		object->root = value->val.binary.data;
	return value != NULL;
}

int
wf_request_list_length(const WfRequest *request, const char *name)
{
	JsonbValue *value = find(request->root, name);

	return value == NULL ? -1 : (int) JsonContainerSize(value->val.binary.data);
}

static JsonbValue *
list_value(const WfRequest *request, const char *name, int number)
{
	return getIthJsonbValueFromContainer(find(request->root, name)->val.binary.data, number);
}

void
wf_request_list_object(const WfRequest *request, const char *name, int number, WfRequest *object)
{
	object->root = list_value(request, name, number)->val.binary.data;
}

char *
wf_request_list_string(const WfRequest *request, const char *name, int number)
{
	JsonbValue *value = list_value(request, name, number);

	return pnstrdup(value->val.string.val, value->val.string.len);
}
