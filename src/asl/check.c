/*
 * check.c - everything that is wrong with a definition, all at once: blocks, states, names, targets.
 *
 * One pass over the tree; names are looked up in hashed objects, so that a definition of a megabyte takes no longer than
 * reading it.  Recursion follows the JSON, whose depth the reader bounds, and blocks inside blocks are bounded again.
 */
#include "asl/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/check_values.h"

/* Longer messages are cut: they may quote names of any length. */
#define MAX_MESSAGE 1000

#define MAX_STATE_NAME 80

/* --- diagnostics --- */

const WfPlace wf_check_nowhere = {NULL, "", 0};

void
wf_check_no_memory(WfChecker *checker)
{
	checker->no_memory = true;
}

static char *
copy_text(const char *text)
{
	char	   *copy = malloc(strlen(text) + 1);

	return copy != NULL ? strcpy(copy, text) : NULL;
}

static bool
make_room(WfChecker *checker)
{
	WfDiagnostic *larger;
	int			capacity = checker->capacity ? checker->capacity * 2 : 16;

	if (checker->diagnostics->n < checker->capacity)
		return true;
	larger = realloc(checker->diagnostics->items, (size_t) capacity * sizeof(WfDiagnostic));
	if (larger == NULL)
		return false;
	checker->diagnostics->items = larger;
	checker->capacity = capacity;
	return true;
}

/* Adds a diagnostic; takes over the message and the location, which are NULL where memory is out. */
static void
add_diagnostic(WfChecker *checker, WfSeverity severity, const char *code, char *message, char *location, bool located)
{
	WfDiagnostics *diagnostics = checker->diagnostics;

	if (message == NULL || (located && location == NULL) || !make_room(checker))
	{
		free(message);
		free(location);
		wf_check_no_memory(checker);
		return;
	}
	diagnostics->items[diagnostics->n++] = (WfDiagnostic) {severity, code, message, location, NULL};
	if (severity == WF_SEVERITY_ERROR)
		diagnostics->n_errors++;
	else
		checker->n_warnings++;
}

/* True if there are as many of a kind as are kept. */
static bool
is_full(const WfChecker *checker, WfSeverity severity)
{
	return (severity == WF_SEVERITY_ERROR ? checker->diagnostics->n_errors : checker->n_warnings) >= WF_MAX_DIAGNOSTICS;
}

void
wf_check_report(WfChecker *checker, WfSeverity severity, const char *code, const WfPlace *place, const char *format, ...)
{
	char		message[MAX_MESSAGE + 1];
	size_t		length;
	va_list		arguments;

	if (is_full(checker, severity))
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);

	/* never half a character at the cut */
	length = strlen(message);
	if (length == MAX_MESSAGE)
	{
		while (length > 0 && ((unsigned char) message[length - 1] & 0xC0) == 0x80)
			length--;
		if (length > 0 && (unsigned char) message[length - 1] >= 0x80)
			length--;
		message[length] = '\0';
	}
	add_diagnostic(checker, severity, code, copy_text(message),
				   place == &wf_check_nowhere ? NULL : place != NULL ? wf_place_spell(place) : copy_text("/"),
				   place != &wf_check_nowhere);
}

void
wf_check_report_query(WfChecker *checker, const WfPlace *place, WfError *problem)
{
	int			n = checker->diagnostics->n;

	wf_check_report(checker, WF_SEVERITY_ERROR, "INVALID_JSONATA_EXPRESSION", place, "%s", problem->cause);
	if (checker->diagnostics->n == n)
		return;
	checker->diagnostics->items[n].detail = problem->detail;
	problem->detail = NULL;
}

/* What is wrong with the JSON: the reader's words, "what at line 1, column 2", in two. */
static void
report_syntax(WfChecker *checker, const char *problem)
{
	static const char separator[] = " at line ";
	const char *at = NULL;

	for (const char *next = strstr(problem, separator); next != NULL; next = strstr(next + 1, separator))
		at = next;
	if (at == NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, "INVALID_JSON_DESCRIPTION", &wf_check_nowhere, "%s", problem);
	else
	{
		char	   *message = copy_text(problem);

		if (message != NULL)
			message[at - problem] = '\0';
		add_diagnostic(checker, WF_SEVERITY_ERROR, "INVALID_JSON_DESCRIPTION", message, copy_text(at + strlen(" at ")), true);
	}
}

void
wf_check_take(WfChecker *checker, const WfPlace *place, const char *prefix, WfError *problem)
{
	if (problem->code == WF_OUT_OF_MEMORY || problem->cause == NULL)
		wf_check_no_memory(checker);
	else if (prefix != NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "%s: %s", prefix, problem->cause);
	else
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "%s", problem->cause);
	wf_error_clear(problem);
}

/* --- states --- */

static WfOwner
find_type(const char *word)
{
	for (int type = 0; word != NULL && type < WF_STATE_TYPE_COUNT; type++)
	{
		if (strcmp(word, wf_state_type_word((WfStateType) type)) == 0)
			return (WfOwner) 1 << type;
	}
	return 0;
}

static WfQueryLanguage
read_language(json_t *object, WfQueryLanguage otherwise)
{
	json_t	   *value = json_object_get(object, "QueryLanguage");

	if (value == NULL)
		return otherwise;
	return json_is_string(value) && strcmp(json_string_value(value), "JSONPath") == 0 ? WF_JSONPATH : WF_JSONATA;
}

static void
check_name(WfChecker *checker, const char *name, const WfPlace *place)
{
	size_t		characters = 0;

	for (const char *c = name; *c != '\0'; c++)
		characters += ((unsigned char) *c & 0xC0) != 0x80;
	if (characters == 0 || characters > MAX_STATE_NAME)
		wf_check_report(checker, WF_SEVERITY_ERROR, "INVALID_STATE_NAME", place,
						"The name of a state must be 1 to %d characters long", MAX_STATE_NAME);
	if (json_object_get(checker->names, name) != NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, "DUPLICATE_STATE_NAME", place, "Duplicate State name: %s", name);
	else if (json_object_set_new_nocheck(checker->names, name, json_true()) != 0)
		wf_check_no_memory(checker);
}

/* What a Task's fields say together. */
static void
check_task(WfChecker *checker, json_t *state, const WfPlace *place)
{
	json_t	   *timeout = json_object_get(state, "TimeoutSeconds");
	json_t	   *heartbeat = json_object_get(state, "HeartbeatSeconds");
	WfPlace		at_heartbeat = {place, "HeartbeatSeconds", 0};
	WfPlace		at_credentials = {place, "Credentials", 0};

	if (json_is_integer(timeout) && json_is_integer(heartbeat) &&
		json_integer_value(heartbeat) > json_integer_value(timeout))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, &at_heartbeat,
						"HeartbeatSeconds must not be greater than TimeoutSeconds");
	if (json_object_get(state, "Credentials") != NULL &&
		wf_check_is_activity(checker, json_object_get(state, "Resource")))
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, &at_credentials,
						"The field 'Credentials' is not supported for activities");
}

/* True if the execution, or the branch, can end in this state. */
static bool
is_terminal(WfOwner owner, json_t *state)
{
	return (owner & (WF_OWNER_SUCCEED | WF_OWNER_FAIL)) != 0 || json_is_true(json_object_get(state, "End"));
}

static void
check_state(WfChecker *checker, WfCheckedBlock *block, const char *name, json_t *state, const WfPlace *place)
{
	json_t	   *type = json_object_get(state, "Type");
	json_t	   *language = json_object_get(state, "QueryLanguage");
	WfPlace		at_type = {place, "Type", 0};
	WfPlace		at_end = {place, "End", 0};
	WfOwner		owner;
	WfQueryLanguage outside = checker->language;
	bool		outside_downgraded = checker->downgraded;

	check_name(checker, name, place);
	block->unsure = block->unsure || type == NULL || find_type(json_string_value(type)) == 0;
	if (wf_check_type(checker, state, JSON_OBJECT, place))
		return;
	if (type == NULL)
	{
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "These fields are required: [Type]");
		return;
	}
	owner = find_type(json_string_value(type));
	if (owner == 0)
	{
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, &at_type,
						"The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]");
		return;
	}
	checker->downgraded = checker->machine_language == WF_JSONATA && json_is_string(language) &&
		strcmp(json_string_value(language), "JSONPath") == 0;
	if (checker->downgraded)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place,
						"'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");

	block->state = name;
	checker->language = read_language(state, outside);
	wf_check_fields(checker, owner, state, place);
	if (json_is_false(json_object_get(state, "End")) && json_object_get(state, "Next") == NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, &at_end, "Value should be one of the following: [true]");
	if (owner == WF_OWNER_TASK)
		check_task(checker, state, place);
	checker->language = outside;
	checker->downgraded = outside_downgraded;
	block->state = NULL;
	block->terminal = block->terminal || is_terminal(owner, state);
}

/* --- blocks --- */

/* Next, Default, StartAt: a name in the block at hand. */
void
wf_check_target(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	WfCheckedBlock *block = checker->block;
	const char *name = json_string_value(value);

	(void) field;
	if (wf_check_type(checker, value, JSON_STRING, place) || block == NULL || block->states == NULL)
		return;
	if (json_object_get(block->states, name) == NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, "MISSING_TRANSITION_TARGET", place,
						"Missing 'Next' target: %s", name);
	else if ((block->state == NULL || strcmp(block->state, name) != 0) &&
			 json_object_set_new_nocheck(block->targets, name, json_true()) != 0)
		wf_check_no_memory(checker);
}

/* What only shows once all states were seen. */
static void
check_reach(WfChecker *checker, WfCheckedBlock *block, const WfPlace *place, const WfPlace *at_states)
{
	if (json_object_size(block->states) == 0 || block->unsure)
		return;
	if (!block->terminal && block->outer == NULL)
	{
		/* the service says nothing of single states then */
		wf_check_report(checker, WF_SEVERITY_ERROR, "MISSING_END_STATE", &wf_check_nowhere,
						"Workflow has no terminal state");
		return;
	}
	if (!block->terminal)		/* the service lets it pass */
		wf_check_report(checker, WF_SEVERITY_WARNING, "MISSING_END_STATE", place, "Workflow has no terminal state");
	for (void *member = json_object_iter(block->states); member != NULL;
		 member = json_object_iter_next(block->states, member))
	{
		const char *name = json_object_iter_key(member);
		WfPlace		here = {at_states, name, 0};

		if (json_object_get(block->targets, name) == NULL)
			wf_check_report(checker, WF_SEVERITY_ERROR, "MISSING_TRANSITION_TARGET", &here,
							"State \"%s\" is not reachable.", name);
	}
}

void
wf_check_states(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	WfCheckedScope scope = {checker->scope, value, NULL, NULL};

	(void) field;
	if (wf_check_type(checker, value, JSON_OBJECT, place))
		return;
	if (json_object_size(value) == 0)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Value cannot be empty");
	for (void *member = json_object_iter(value); member != NULL; member = json_object_iter_next(value, member))
	{
		const char *name = json_object_iter_key(member);
		json_t	   *state = json_object_iter_value(member);
		WfPlace		here = {place, name, 0};

		scope.state = name;
		checker->inner = &scope;
		check_state(checker, checker->block, name, state, &here);
	}
	checker->inner = NULL;
	wf_check_transitions_free(scope.transitions);
}

static bool
is_word(json_t *object, const char *field, const char *word)
{
	const char *value = json_string_value(json_object_get(object, field));

	return value != NULL && strcmp(value, word) == 0;
}

/* What the states of a block run as: the children of a distributed Map may be EXPRESS executions. */
static WfMachineType
find_machine_type(const WfChecker *checker, json_t *config)
{
	if (is_word(config, "Mode", "DISTRIBUTED"))
		return is_word(config, "ExecutionType", "EXPRESS") ? WF_EXPRESS : WF_STANDARD;
	return checker->block != NULL ? checker->block->type : checker->type;
}

void
wf_check_block(WfChecker *checker, WfOwner owner, json_t *object, const WfPlace *place)
{
	json_t	   *states = json_object_get(object, "States");
	json_t	   *config = json_object_get(object, "ProcessorConfig");
	WfCheckedBlock *outside = checker->block;
	WfCheckedBlock block = {
		.outer = outside,
		.type = find_machine_type(checker, config),
		.states = json_is_object(states) ? states : NULL,
		.unsure = !json_is_string(json_object_get(object, "StartAt")),
		.targets = wf_json_object()
	};
	WfCheckedScope *outer_scope = checker->scope;
	WfCheckedScope *inner_scope = checker->inner;
	WfQueryLanguage language = checker->language;
	WfPlace		at_states = {place, "States", 0};

	if (block.targets == NULL)
	{
		wf_check_no_memory(checker);
		return;
	}
	if (++checker->nesting > WF_MAX_BLOCK_NESTING)
		wf_check_report(checker, WF_SEVERITY_ERROR, "TOO_DEEPLY_NESTED", place,
						"States are nested more than %d levels deep",
						WF_MAX_BLOCK_NESTING);
	else
	{
		checker->block = &block;

		/* children of a distributed Map do not see the variables around it */
		checker->scope = is_word(config, "Mode", "DISTRIBUTED") ? NULL : checker->inner;
		checker->language = checker->machine_language;	/* not that of the state around it */
		wf_check_fields(checker, owner, object, place);
		check_reach(checker, &block, place, &at_states);
		checker->language = language;
		checker->scope = outer_scope;
		checker->inner = inner_scope;
		checker->block = outside;
	}
	checker->nesting--;
	json_decref(block.targets);
}

void
wf_check_branches(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	if (wf_check_list(checker, value, place))
		return;
	for (size_t i = 0; i < json_array_size(value); i++)
	{
		WfPlace		here = {place, NULL, i};

		if (!wf_check_type(checker, json_array_get(value, i), JSON_OBJECT, &here))
			wf_check_block(checker, (WfOwner) field->low, json_array_get(value, i), &here);
	}
}

void
wf_check_processor(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	if (!wf_check_type(checker, value, JSON_OBJECT, place))
		wf_check_block(checker, (WfOwner) field->low, value, place);
}

void
wf_check_processor_config(WfChecker *checker, const WfField *field, json_t *value, const WfPlace *place)
{
	bool		distributed = is_word(value, "Mode", "DISTRIBUTED");
	WfPlace		at_mode = {place, "Mode", 0};

	wf_check_part(checker, field, value, place);
	if (distributed && json_object_get(value, "ExecutionType") == NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "These fields are required: [ExecutionType]");
	if (!distributed && json_is_object(value) && json_object_get(value, "ExecutionType") != NULL)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, place, "Field 'ExecutionType' is not supported");
	if (distributed && checker->block->outer != NULL && checker->block->outer->type == WF_EXPRESS)
		wf_check_report(checker, WF_SEVERITY_ERROR, WF_SCHEMA, &at_mode,
						"The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines");
}

/* --- the whole --- */

bool
wf_check_source(json_t *source, WfMachineType type, WfDiagnostics *diagnostics)
{
	WfChecker	checker = {.diagnostics = diagnostics, .type = type};

	memset(diagnostics, 0, sizeof(*diagnostics));
	if (!json_is_object(source))
	{
		wf_check_report(&checker, WF_SEVERITY_ERROR, WF_SCHEMA, &wf_check_nowhere, "Definition must be a valid JSON object");
		return !checker.no_memory;
	}
	checker.names = wf_json_object();
	checker.labels = wf_json_object();
	checker.machine_language = read_language(source, WF_JSONPATH);
	checker.language = checker.machine_language;
	if (checker.names != NULL && checker.labels != NULL)
		wf_check_block(&checker, WF_OWNER_MACHINE, source, NULL);
	else
		checker.no_memory = true;
	json_decref(checker.names);
	json_decref(checker.labels);
	return !checker.no_memory;
}

bool
wf_definition_check(const char *text, size_t length, WfMachineType type, WfDiagnostics *diagnostics)
{
	WfChecker	checker = {.diagnostics = diagnostics, .type = type};
	WfError		problem = WF_ERROR_NONE;
	json_t	   *source;
	bool		done;

	memset(diagnostics, 0, sizeof(*diagnostics));
	if (strspn(text, " \t\r\n") >= length)
	{
		wf_check_report(&checker, WF_SEVERITY_ERROR, WF_SCHEMA, &wf_check_nowhere, "Definition must be a valid JSON object");
		return !checker.no_memory;
	}
	source = wf_json_parse(text, length, false, &problem);
	if (source == NULL)
	{
		if (problem.code == WF_OUT_OF_MEMORY || problem.cause == NULL)
			checker.no_memory = true;
		else
			report_syntax(&checker, problem.cause);
		wf_error_clear(&problem);
		return !checker.no_memory;
	}
	done = wf_check_source(source, type, diagnostics);
	json_decref(source);
	return done;
}
