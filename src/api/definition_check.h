/*
 * definition_check.h - what is wrong with a definition, and what else it says, in the server's memory.
 */
#ifndef WF_DEFINITION_CHECK_H
#define WF_DEFINITION_CHECK_H

#include "postgres.h"

typedef struct WfProblem
{
	bool		is_error;		/* or a warning */
	const char *code;			/* "SCHEMA_VALIDATION_FAILED" */
	char	   *message;
	char	   *location;		/* "/States/A/Choices[0]/Next"; NULL: no place in particular */
	char	   *detail;			/* what the message, whose words are the service's, leaves out; NULL: nothing */
} WfProblem;

typedef struct WfProblems
{
	int			n;
	int			n_errors;
	WfProblem  *items;			/* in the order of the places in the definition; what is not mapped comes last */
} WfProblems;

/*
 * palloc'ed.  Where there is no error, also a warning for each Task whose foreign resource is not mapped for machines that
 * run as the present user: such a definition is accepted, but the Task would fail.
 */
extern void wf_check_definition(const char *definition, bool express, WfProblems *problems);

/* Raises InvalidDefinition, which tells all errors, if there is one. */
extern void wf_require_definition(const char *definition, bool express);

/* palloc'ed JSON: which variables its states read, {"State": ["variable", …], …}.  NULL: none. */
extern char *wf_definition_variable_references(const char *definition);

#endif
