/*
 * definition_check.c - what is wrong with a definition; see definition_check.h.
 *
 * This file sees the language's headers, and through them jansson: it must not include utils/builtins.h.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "api/definition_check.h"
#include "asl/definition.h"
#include "pg/core.h"
#include "pg/service_error.h"

#define MAX_TOLD 100			/* errors in one message */

static void
release(void *diagnostics)
{
	wf_diagnostics_free(diagnostics);
}

void
wf_check_definition(const char *definition, bool express, WfProblems *problems)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "workflow diagnostics", ALLOCSET_SMALL_SIZES);
	WfDiagnostics *found = MemoryContextAllocZero(context, sizeof(WfDiagnostics));

	if (!wf_definition_check(definition, strlen(definition), express ? WF_EXPRESS : WF_STANDARD, found))
	{
		WfError		error = {WF_OUT_OF_MEMORY, NULL};

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
		to->location = from->location != NULL && from->location[0] != '\0' ? pstrdup(from->location) : NULL;
	}
	MemoryContextDelete(context);
}

void
wf_require_definition(const char *definition, bool express)
{
	WfProblems	problems;
	StringInfoData text;
	int			told = 0;

	wf_check_definition(definition, express, &problems);
	if (problems.n_errors == 0)
		return;
	initStringInfo(&text);
	for (int i = 0; i < problems.n && told < MAX_TOLD; i++)
	{
		const WfProblem *problem = &problems.items[i];

		if (!problem->is_error)
			continue;
		appendStringInfo(&text, "%s%s: %s", told++ > 0 ? ", " : "", problem->code, problem->message);
		if (problem->location != NULL)
			appendStringInfo(&text, " at %s", problem->location);
	}
	if (told < problems.n_errors)
		appendStringInfo(&text, ", and %d more", problems.n_errors - told);
	wf_service_error(WF_INVALID_DEFINITION_ERROR, "Invalid State Machine Definition: '%s'", text.data);
}
