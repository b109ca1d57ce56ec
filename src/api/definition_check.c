/*
 * definition_check.c - what is wrong with a definition; see definition_check.h.
 *
 * Errors are the language's; what is not mapped is a matter of this database, and only a warning: mappings come and go.
 *
 * This file sees the language's headers, and through them jansson: it must not include utils/builtins.h.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "api/definition_check.h"
#include "asl/resource_use.h"
#include "asl/variable_references.h"
#include "pg/arn.h"
#include "pg/core.h"
#include "pg/service_error.h"
#include "store/resource_mapping.h"
#include "store/sql.h"

#define MAX_TOLD 100			/* errors in one message */

static void
release(void *diagnostics)
{
	wf_diagnostics_free(diagnostics);
}

/* What the definition alone shows. */
static void
check(const char *definition, bool express, WfProblems *problems)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "workflow diagnostics", ALLOCSET_SMALL_SIZES);
	WfDiagnostics *found = MemoryContextAllocZero(context, sizeof(WfDiagnostics));

	if (!wf_definition_check(definition, strlen(definition), express ? WF_EXPRESS : WF_STANDARD, found))
	{
		WfError		error = {.code = WF_OUT_OF_MEMORY};

		wf_diagnostics_free(found);
		wf_core_raise(&error);
	}
	wf_core_free_with(context, release, found);
	problems->n = found->n;
	problems->n_errors = found->n_errors;
	problems->items = palloc0(sizeof(WfProblem) * Max(found->n, 1));
	for (int i = 0; i < found->n; i++)
	{
		const WfDiagnostic *from = &found->items[i];
		WfProblem  *to = &problems->items[i];

		to->is_error = from->severity == WF_SEVERITY_ERROR;
		to->code = from->code;
		to->message = pstrdup(from->message);
		to->location = from->location != NULL ? pstrdup(from->location) : NULL;
		to->detail = from->detail != NULL ? pstrdup(from->detail) : NULL;
	}
	MemoryContextDelete(context);
}

/* --- resources --- */

static void
release_definition(void *definition)
{
	wf_definition_free(definition);
}

static void
release_uses(void *uses)
{
	wf_resource_uses_free(uses);
}

/* The name that is mapped; NULL: local work, or not known before it runs. */
static const char *
name_to_map(const WfResourceUse *use)
{
	if (use->invokes)
		return use->function != NULL ? wf_arn_lambda(use->function) : NULL;
	return strncmp(use->base, "arn:", 4) == 0 && wf_resource_own_action(use->base) == NULL ? use->base : NULL;
}

static bool
is_activity(const char *name)
{
	WfResource	resource;
	bool		is;

	if (!wf_resource_parse(name, &resource))
		return false;
	is = resource.family == WF_FAMILY_ACTIVITY;
	wf_resource_free(&resource);
	return is;
}

/* What to do about it; NULL: nothing.  An activity is not mapped: its ARN is one of here, or never will be found. */
static char *
unmapped(Oid role, const char *name)
{
	if (is_activity(name))
		return wf_arn_activity_name(name) != NULL ? NULL :
			psprintf("The activity %s cannot be found here, where ARNs begin with %s. Set workflow.arn_prefix to what the "
					 "definition's ARNs begin with, or name the activity as activity:name.", name, wf_arn_prefix());
	if (wf_resource_mapping_find(role, name) != NULL)
		return NULL;
	return psprintf("The resource %s is not mapped to local work. Map it with SELECT "
					"workflow.map_resource('%s', 'function:schema.name').", name, name);
}

static void
add_unmapped(WfProblems *problems, const char *message, const char *location)
{
	WfProblem  *to;

	problems->items = repalloc(problems->items, sizeof(WfProblem) * (problems->n + 1));
	to = &problems->items[problems->n++];
	to->is_error = false;
	to->code = "UNMAPPED_RESOURCE";
	to->message = pstrdup(message);
	to->location = pstrdup(location);
	to->detail = NULL;
}

static void
check_mappings(const char *definition, Oid role, WfProblems *problems)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "workflow resources", ALLOCSET_SMALL_SIZES);
	WfError		error = WF_ERROR_NONE;
	WfDefinition *parsed = wf_definition_parse(definition, strlen(definition), &error);
	WfResourceUses *uses = MemoryContextAllocZero(context, sizeof(WfResourceUses));
	WfStore		store;

	if (parsed == NULL)
		wf_core_raise(&error);
	wf_core_free_with(context, release_definition, parsed);
	if (!wf_resource_uses(parsed, uses))
	{
		error.code = WF_OUT_OF_MEMORY;
		wf_resource_uses_free(uses);
		wf_core_raise(&error);
	}
	wf_core_free_with(context, release_uses, uses);
	wf_store_begin(&store);
	for (int i = 0; i < uses->n; i++)
	{
		const char *name = name_to_map(&uses->items[i]);
		const char *message = name != NULL ? unmapped(role, name) : NULL;
		MemoryContext spi;

		if (message == NULL)
			continue;
		spi = MemoryContextSwitchTo(caller);
		add_unmapped(problems, message, uses->items[i].location);
		MemoryContextSwitchTo(spi);
	}
	wf_store_end(&store);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

void
wf_check_definition(const char *definition, bool express, WfProblems *problems)
{
	check(definition, express, problems);
	if (problems->n_errors == 0)
		check_mappings(definition, GetUserId(), problems);
}

void
wf_require_definition(const char *definition, bool express)
{
	WfProblems	problems;
	StringInfoData text;
	StringInfoData detail;
	int			told = 0;

	check(definition, express, &problems);
	if (problems.n_errors == 0)
		return;
	initStringInfo(&text);
	initStringInfo(&detail);
	for (int i = 0; i < problems.n && told < MAX_TOLD; i++)
	{
		const WfProblem *problem = &problems.items[i];

		if (!problem->is_error)
			continue;
		/* the service itself says "null" for what stands nowhere */
		appendStringInfo(&text, "%s%s: %s at %s", told++ > 0 ? ", " : "", problem->code, problem->message,
						 problem->location != NULL ? problem->location : "null");
		if (problem->detail != NULL)
			appendStringInfo(&detail, "%s%s: %s", detail.len > 0 ? "\n" : "", problem->location, problem->detail);
	}
	if (told < problems.n_errors)
		appendStringInfo(&text, ", and %d more", problems.n_errors - told);
	wf_service_error_hint(WF_INVALID_DEFINITION_ERROR, detail.len > 0 ? detail.data : NULL, NULL,
						  "Invalid State Machine Definition: '%s'", text.data);
}

/* --- variables --- */

static void
release_json(void *value)
{
	json_decref(value);
}

static void
release_text(void *text)
{
	free(text);
}

char *
wf_definition_variable_references(const char *definition)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "workflow variables", ALLOCSET_SMALL_SIZES);
	WfError		error = WF_ERROR_NONE;
	json_t	   *source = wf_json_parse(definition, strlen(definition), false, &error);
	json_t	   *references;
	char	   *text;
	char	   *result = NULL;

	if (source == NULL)
		wf_core_raise(&error);
	wf_core_free_with(context, release_json, source);
	references = wf_variable_references(source);
	error.code = WF_OUT_OF_MEMORY;
	if (references == NULL)
		wf_core_raise(&error);
	wf_core_free_with(context, release_json, references);
	if (json_object_size(references) > 0)
	{
		text = wf_json_text(references, NULL);
		if (text == NULL)
			wf_core_raise(&error);
		wf_core_free_with(context, release_text, text);
		result = pstrdup(text);
	}
	MemoryContextDelete(context);
	return result;
}
