/*
 * path.c - a compiled path as such: steps are added to it, it is told what they make of it, and freed.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

WfStep *
wf_path_add_step(WfPathParser *parser, WfPath *path, WfStepKind kind)
{
	WfStep	   *step;

	if (path->n_steps >= WF_PATH_MAX_STEPS)
	{
		wf_path_complain(parser, "the path has too many steps");
		return NULL;
	}
	if (path->n_steps == path->capacity)
	{
		int			capacity = path->capacity ? path->capacity * 2 : 4;
		WfStep	   *larger = realloc(path->steps, (size_t) capacity * sizeof(WfStep));

		if (larger == NULL)
		{
			wf_error_no_memory(parser->error);
			return NULL;
		}
		path->steps = larger;
		path->capacity = capacity;
	}
	step = &path->steps[path->n_steps++];
	memset(step, 0, sizeof(*step));
	step->kind = kind;
	return step;
}

bool
wf_path_add_name(WfPathParser *parser, WfStep *step, char *name, size_t length)
{
	char	  **names = NULL;
	size_t	   *lengths = NULL;

	if (name != NULL)
		names = realloc(step->names, (size_t) (step->n + 1) * sizeof(*names));
	if (names != NULL)
	{
		step->names = names;
		lengths = realloc(step->lengths, (size_t) (step->n + 1) * sizeof(*lengths));
	}
	if (lengths == NULL)
	{
		free(name);
		return wf_error_no_memory(parser->error);
	}
	step->lengths = lengths;
	step->names[step->n] = name;
	step->lengths[step->n] = length;
	step->n++;
	return true;
}

void
wf_path_classify(WfPath *path)
{
	path->definite = true;
	path->reference = true;
	for (int i = 0; i < path->n_steps; i++)
	{
		WfStep	   *step = &path->steps[i];
		bool		last = i == path->n_steps - 1;

		step->upstream_definite = path->definite;
		switch (step->kind)
		{
			case WF_STEP_NAMES:
				step->definite = step->n == 1 || last;
				path->reference = path->reference && step->n == 1;
				break;
			case WF_STEP_INDEXES:
				step->definite = step->n == 1;
				path->reference = path->reference && step->n == 1 && step->indexes[0] >= 0;
				break;
			case WF_STEP_FUNCTION:
				step->definite = true;
				path->reference = false;
				break;
			default:
				step->definite = false;
				path->reference = false;
		}
		path->definite = path->definite && step->definite;
	}
}
static void
clear_step(WfStep *step)
{
	switch (step->kind)
	{
		case WF_STEP_NAMES:
			for (int i = 0; i < step->n; i++)
				free(step->names[i]);
			free(step->names);
			free(step->lengths);
			break;
		case WF_STEP_INDEXES:
			free(step->indexes);
			break;
		case WF_STEP_FILTER:
			wf_filter_free(step->filter);
			break;
		case WF_STEP_FUNCTION:
			free(step->name);
			for (int i = 0; i < step->n; i++)
				wf_operand_clear(&step->arguments[i]);
			free(step->arguments);
			break;
		case WF_STEP_SLICE:
		case WF_STEP_WILDCARD:
		case WF_STEP_SCAN:
			break;
	}
}

void
wf_path_free(WfPath *path)
{
	if (path == NULL)
		return;
	for (int i = 0; i < path->n_steps; i++)
		clear_step(&path->steps[i]);
	free(path->steps);
	free(path->variable);
	free(path->text);
	free(path);
}

const char *
wf_path_text(const WfPath *path)
{
	return path->text;
}

bool
wf_path_is_reference(const WfPath *path)
{
	return path->reference;
}

bool
wf_path_is_context(const WfPath *path)
{
	return path->root == WF_ROOT_CONTEXT;
}

const char *
wf_path_variable(const WfPath *path)
{
	return path->variable;
}
