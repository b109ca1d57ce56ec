/*
 * evaluate.c - trying an expression without a state machine; see evaluate.h.
 *
 * This file sees the language's headers, and through them jansson: it must not include utils/builtins.h.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "api/evaluate.h"
#include "asl/template.h"
#include "pg/core.h"
#include "pg/service_error.h"
#include "pg/settings.h"

/* How messages call what is tried: it stands in no field. */
#define FIELD "expression"

/* What a newcomer to JSONata leaves out: without it a text is JSON, or a path. */
#define HINT "An expression of JSONata stands between {% and %}, as {% $states.input.a + 1 %}."

/* What one template may make on its way, in limits of one payload: as in an execution. */
#define PAYLOADS_AT_ONCE 40

static void
release_json(void *value)
{
	json_decref(value);
}

static void
release_template(void *template_)
{
	wf_template_free(template_);
}

static void
release_expression(void *expression)
{
	wf_expression_free(expression);
}

static json_t *
read_json(const char *text, MemoryContext context)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *value = wf_json_parse(text, strlen(text), true, &error);

	if (value == NULL)
		wf_core_raise(&error);
	wf_core_free_with(context, release_json, value);
	return value;
}

static json_t *
given_context(void *arg, WfError *error)
{
	return arg;
}

static void refuse(WfError *error, const char *hint) __attribute__((noreturn));

/* What cannot be read. */
static void
refuse(WfError *error, const char *hint)
{
	char	   *cause = pstrdup(error->cause != NULL ? error->cause : "");
	char	   *detail = error->detail != NULL ? pstrdup(error->detail) : NULL;

	if (error->code == WF_OUT_OF_MEMORY)
		wf_core_raise(error);
	wf_error_clear(error);
	wf_service_error_hint(WF_INVALID_DEFINITION_ERROR, detail, hint, "Invalid Expression: '%s'", cause);
}

/* As with a definition: a query must not refer to a document. */
static void
check_query(const char *text)
{
	WfPlace		place = {NULL, FIELD, 0};
	WfError		error = WF_ERROR_NONE;
	WfQuery    *query = wf_query_parse(text, &place, &error);
	bool		good = query != NULL && wf_query_check(query, &error);

	wf_query_free(query);
	if (!good)
		refuse(&error, NULL);
}

/* True if a query stands anywhere in a template; all are checked. */
static bool
has_query(json_t *value)
{
	bool		found = json_is_string(value) && wf_is_query(json_string_value(value));

	if (found)
		check_query(json_string_value(value));
	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
		found |= has_query(json_array_get(value, i));
	for (void *member = json_is_object(value) ? json_object_iter(value) : NULL; member != NULL;
		 member = json_object_iter_next(value, member))
		found |= has_query(json_object_iter_value(member));
	return found;
}

/* New: the value, or NULL with *error.  What is made on the way belongs to the memory context. */
static json_t *
evaluate_template(const char *text, const WfScope *scope, MemoryContext context, WfError *error)
{
	WfPlace		place = {NULL, FIELD, 0};
	json_t	   *source = wf_json_parse(text, strlen(text), false, error);
	WfTemplate *template_;

	if (source == NULL)
		refuse(error, HINT);
	wf_core_free_with(context, release_json, source);
	template_ = has_query(source) ? wf_template_parse_queries(source, &place, error) : wf_template_parse(source, NULL, error);
	if (template_ == NULL)
		refuse(error, NULL);
	wf_core_free_with(context, release_template, template_);
	return wf_template_evaluate(template_, scope, error);
}

static json_t *
evaluate(const char *text, const WfScope *scope, MemoryContext context, WfError *error)
{
	WfPlace		place = {NULL, FIELD, 0};
	WfExpression *expression;

	if (wf_is_query(text))
	{
		check_query(text);
		expression = wf_expression_parse_query(text, &place, error);
	}
	else if (text[0] == '$' || strncmp(text, "States.", 7) == 0)
		expression = wf_expression_parse(text, error);
	else
		return evaluate_template(text, scope, context, error);
	if (expression == NULL)
		refuse(error, NULL);
	wf_core_free_with(context, release_expression, expression);
	return wf_expression_evaluate(expression, scope, FIELD, error);
}

static void fail(const char *expression, WfError *error) __attribute__((noreturn));

/* What can be read, and fails. */
static void
fail(const char *expression, WfError *error)
{
	const char *name = wf_error_name(error->code);
	char	   *cause = pstrdup(error->cause != NULL ? error->cause : "");

	if (error->code >= WF_INVALID_JSON)
		wf_core_raise(error);
	wf_error_clear(error);
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION), errmsg_internal("%s: %s", name, cause),
			 strncmp(expression, "$states", strlen("$states")) == 0 ? errhint("%s", HINT) : 0));
}

char *
wf_evaluate(const char *expression, const char *input, const char *variables, const char *context)
{
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "workflow evaluation", ALLOCSET_SMALL_SIZES);
	WfError		error = WF_ERROR_NONE;
	int64_t		spent = 0;
	WfScope		scope = {
		.input = read_json(input, memory),
		.context = given_context,
		.context_arg = read_json(context, memory),
		.variables = read_json(variables, memory),
		.max_size = (size_t) wf_setting_max_payload * PAYLOADS_AT_ONCE,
		.host = wf_core_host(),
		.spent = &spent
	};
	json_t	   *value = evaluate(expression, &scope, memory, &error);
	char	   *text = value != NULL ? wf_json_text(value, NULL) : NULL;
	char	   *result;

	json_decref(value);
	if (value == NULL)
		fail(expression, &error);
	if (text == NULL)
	{
		error.code = WF_OUT_OF_MEMORY;
		fail(expression, &error);
	}
	wf_core_free_with(memory, free, text);
	result = pstrdup(text);
	MemoryContextDelete(memory);
	return result;
}
