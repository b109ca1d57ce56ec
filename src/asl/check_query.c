/*
 * check_query.c - JSONata in a definition: that it can be read, and refers to what there is where it stands.
 *
 * A query has no document: `$`, `$$` and bare names are nothing at its top level.  `$states` has the result in what Task,
 * Parallel and Map compute of it, and the error output in a Catcher.  The codes and sentences are the service's.
 */
#include "asl/check.h"

#include <string.h>

#define NOT_AT_TOP_LEVEL "Reference to '%s' at the top level is not supported."
#define NOT_ANYWHERE "Reference to '%s' is not supported."

static bool
has_field(const WfChecker *checker, const char *field)
{
	static const struct
	{
		const char *field;
		WfOwner		owners;		/* in whose Output and Assign it is; 0: everywhere */
	}			fields[] = {
		{"input", 0}, {"context", 0},
		{"result", WF_OWNER_TASK | WF_OWNER_PARALLEL | WF_OWNER_MAP},
		{"errorOutput", WF_OWNER_CATCHER}
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].field, field) == 0)
			return fields[i].owners == 0 || (checker->after_work && (fields[i].owners & checker->owner) != 0);
	return false;
}

/* Borrowed: the word by which a complaint about a reference calls it; NULL: there is none. */
static const char *
complaint(const WfChecker *checker, const WfJsonataReference *reference)
{
	switch (reference->use)
	{
		case WF_JSONATA_CONTEXT:
			return reference->name != NULL ? reference->name : "$";
		case WF_JSONATA_ROOT:
			return "$$";
		case WF_JSONATA_VARIABLE:
			if (strcmp(reference->name, "states") == 0 && reference->field != NULL && !has_field(checker, reference->field))
				return reference->field;
			break;
		case WF_JSONATA_CALL:
		case WF_JSONATA_ASSIGNMENT:
			break;
	}
	return NULL;
}

static void
report_reference(WfChecker *checker, WfJsonataUse use, const char *word, const WfPlace *place)
{
	static const char code[] = "UNSUPPORTED_JSONATA_EXPRESSION";

	if (use == WF_JSONATA_CONTEXT)
		wf_check_report(checker, WF_SEVERITY_ERROR, code, place, NOT_AT_TOP_LEVEL, word);
	else if (use == WF_JSONATA_ROOT)
		wf_check_report(checker, WF_SEVERITY_ERROR, code, place, NOT_ANYWHERE, word);
	else
		wf_check_report(checker, WF_SEVERITY_ERROR, code, place, "Field '$states.%s' does not exist.", word);
}

/* What an expression refers to twice is told once. */
static void
check_references(WfChecker *checker, const WfQuery *query, const WfPlace *place)
{
	const WfJsonataReference *references;
	int			n = wf_query_references(query, &references);
	json_t	   *names = wf_json_object();
	json_t	   *fields = wf_json_object();

	for (int i = 0; i < n; i++)
	{
		const char *word = complaint(checker, &references[i]);
		json_t	   *told = references[i].use == WF_JSONATA_VARIABLE ? fields : names;

		if (word == NULL || json_object_get(told, word) != NULL)
			continue;
		report_reference(checker, references[i].use, word, place);
		if (json_object_set_new_nocheck(told, word, json_true()) != 0)
		{
			wf_check_no_memory(checker);
			break;
		}
	}
	json_decref(names);
	json_decref(fields);
}

bool
wf_query_check(const WfQuery *query, WfError *error)
{
	const WfJsonataReference *references;
	int			n = wf_query_references(query, &references);

	for (int i = 0; i < n; i++)
	{
		if (references[i].use == WF_JSONATA_CONTEXT)
			return wf_error_set(error, WF_INVALID_QUERY, NOT_AT_TOP_LEVEL, references[i].name != NULL ? references[i].name : "$");
		if (references[i].use == WF_JSONATA_ROOT)
			return wf_error_set(error, WF_INVALID_QUERY, NOT_ANYWHERE, "$$");
	}
	return true;
}

static void
check_query(WfChecker *checker, const char *text, const WfPlace *place)
{
	WfError		problem = WF_ERROR_NONE;
	WfQuery    *query = wf_query_parse(text, place, &problem);

	if (query != NULL)
		check_references(checker, query, place);
	else if (problem.code == WF_INVALID_QUERY && problem.cause != NULL)
		wf_check_report_query(checker, place, &problem);
	else
		wf_check_no_memory(checker);
	wf_error_clear(&problem);
	wf_query_free(query);
}

void
wf_check_jsonata_text(WfChecker *checker, const char *text, const WfPlace *place)
{
	size_t		length = strlen(text);

	if (wf_is_query(text))
		check_query(checker, text, place);
	else if (strncmp(text, "{%", 2) == 0 || (length >= 2 && strcmp(text + length - 2, "%}") == 0))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"JSONata string must start with {%% and end with %%}");
}
