/*
 * path_call.c - functions called in a path: $.list.length(), $.sum($.a, 2).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"

/* A function's argument, cut out: a path, or JSON. */
static bool
add_argument(WfPathParser *parser, WfStep *step, const char *text, size_t length)
{
	WfOperand  *larger = realloc(step->arguments, (size_t) (step->n + 1) * sizeof(WfOperand));
	WfOperand  *argument;

	if (larger == NULL)
		return wf_error_no_memory(parser->error);
	step->arguments = larger;
	argument = &larger[step->n];
	memset(argument, 0, sizeof(*argument));
	if (text[0] == '$' || text[0] == '@')
	{
		argument->kind = WF_OPERAND_PATH;
		argument->path = wf_path_read_inner(parser, text, length, false);
	}
	else
		argument->literal = wf_path_read_json(parser, text, length);
	if (argument->path == NULL && argument->literal == NULL)
		return false;
	step->n++;
	return true;
}

/*
 * Reads a function's arguments, behind its opening parenthesis and up to behind the closing one.  An argument begins with
 * the first character that a path or JSON can begin with; what stands before, such as a single quote, is passed over.
 */
static bool
read_arguments(WfPathParser *parser, WfStep *step)
{
	WfText		argument = {0};
	int			parentheses = 1,
				brackets = 0,
				braces = 0,
				quotes = 0;
	bool		begun = false;
	bool		ended = false;
	bool		done = true;
	char		before = '\0';

	while (done && parser->at < parser->length && !ended)
	{
		char		c = parser->text[parser->at++];

		if (!begun && isspace((unsigned char) c))
			continue;
		begun = begun || (c != '\0' && (isdigit((unsigned char) c) || strchr("{\"-$@", c) != NULL));
		switch (c)
		{
			case '"':
				quotes += before != '\\' && quotes > 0 ? -1 : 1;
				break;
			case '(':
				parentheses++;
				break;
			case '{':
				braces++;
				break;
			case '[':
				brackets++;
				break;
			case '}':
				done = braces-- > 0 ||
					wf_path_complain(parser, "Unexpected close brace '}' at character position: %d", wf_path_position(parser, parser->at));
				break;
			case ']':
				done = brackets-- > 0 ||
					wf_path_complain(parser, "Unexpected close bracket ']' at character position: %d", wf_path_position(parser, parser->at));
				break;
			case ')':
				parentheses--;
				if (before == '(')
					done = wf_text_add(&argument, &c, 1) || wf_error_no_memory(parser->error);
				/* fall through */
			case ',':
				if (quotes != 0 || braces != 0 || brackets != 0 || parentheses > 1 || (parentheses == 0 && c != ')'))
					break;
				ended = parentheses == 0;
				if (done && begun)
				{
					done = argument.length > 0 && add_argument(parser, step, argument.data, argument.length);
					argument.length = 0;
					begun = false;
				}
				break;
			default:
				break;
		}
		if (done && begun && !(c == ',' && braces == 0 && brackets == 0 && parentheses == 1))
			done = wf_text_add(&argument, &c, 1) || wf_error_no_memory(parser->error);
		before = c;
	}
	free(argument.data);
	if (done && (braces != 0 || parentheses != 0 || brackets != 0))
		return wf_path_complain(parser, "Arguments to function: '%s' are not closed properly.", step->name);
	return done;
}

/* length() and size() count what the path that is their argument leads to: so the path gets a wildcard. */
static bool
measure_children(WfPathParser *parser, WfStep *step)
{
	bool		measures = step->function == WF_FUNCTION_LENGTH || step->function == WF_FUNCTION_SIZE;
	WfPath	   *path = measures && step->n > 0 ? step->arguments[0].path : NULL;

	if (path == NULL || path->n_steps == 0 || path->steps[path->n_steps - 1].kind == WF_STEP_FUNCTION)
		return true;
	if (wf_path_add_step(parser, path, WF_STEP_WILDCARD) == NULL)
		return false;
	wf_path_classify(path);
	return true;
}

bool
wf_path_read_call(WfPathParser *parser, WfPath *path, size_t open)
{
	const char *name = parser->text + parser->at;
	size_t		length = open - parser->at;
	int			depth = 1;
	WfStep	   *step;

	for (size_t i = open + 1; i < parser->length && depth > 0; i++)
		depth += parser->text[i] == '(' ? 1 : parser->text[i] == ')' ? -1 : 0;
	if (depth != 0)
		return wf_path_complain(parser, "Arguments to function: '%.*s' are not closed properly.", (int) length, name);
	step = wf_path_add_step(parser, path, WF_STEP_FUNCTION);
	if (step == NULL)
		return false;
	step->function = wf_path_function_find(name, length);
	step->name = wf_path_copy(parser, name, length);
	if (step->name == NULL)
		return false;

	/* without arguments the closing parenthesis is left: it is passed over where the path ends */
	parser->at = open + 1;
	if (wf_path_peek(parser) == ')')
		return true;
	if (++parser->nesting > WF_PATH_MAX_NESTING)
		return wf_path_complain(parser, "the path is nested too deeply");
	if (!read_arguments(parser, step))
		return false;
	parser->nesting--;
	return measure_children(parser, step);
}

bool
wf_path_turn_scan_around(WfPathParser *parser, WfPath *path)
{
	WfPath	   *scan;
	WfStep	   *function = path->steps;
	int			n;

	if (path->n_steps == 0 || path->steps[0].kind != WF_STEP_SCAN || path->steps[path->n_steps - 1].kind != WF_STEP_FUNCTION)
		return true;
	while (function->kind != WF_STEP_FUNCTION)
		function++;
	n = (int) (function - path->steps);
	if (n == 1)
		return wf_path_complain(parser, "Current path token is a leaf");
	scan = calloc(1, sizeof(WfPath));
	if (scan == NULL)
		return wf_error_no_memory(parser->error);
	scan->steps = malloc((size_t) n * sizeof(WfStep));
	if (scan->steps == NULL)
	{
		free(scan);
		return wf_error_no_memory(parser->error);
	}
	memcpy(scan->steps, path->steps, (size_t) n * sizeof(WfStep));
	scan->n_steps = scan->capacity = n;
	scan->root = path->root;
	path->n_steps -= n;
	memmove(path->steps, function, (size_t) path->n_steps * sizeof(WfStep));
	wf_path_classify(scan);

	function = path->steps;
	for (int i = 0; i < function->n; i++)
		wf_operand_clear(&function->arguments[i]);
	free(function->arguments);
	function->n = 0;
	function->arguments = calloc(1, sizeof(WfOperand));
	if (function->arguments == NULL)
	{
		wf_path_free(scan);
		return wf_error_no_memory(parser->error);
	}
	function->n = 1;
	function->arguments[0].kind = WF_OPERAND_PATH;
	function->arguments[0].path = scan;
	return measure_children(parser, function);
}
