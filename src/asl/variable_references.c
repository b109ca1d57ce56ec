/*
 * variable_references.c - which variables the states of a definition read; see variable_references.h.
 *
 * Nothing is evaluated, and nothing compiled: a definition that passes the checker is only looked through.  In JSONPath
 * paths and calls of intrinsic functions are searched for `$name`.  In JSONata every expression is; what is there the name
 * of a function, or bound within the expression, is no variable of the machine.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/path.h"
#include "asl/variable_references.h"

typedef struct Search
{
	json_t	   *names;			/* of the state at hand, as keys */
	bool		no_memory;
} Search;

static void
add_name(Search *search, const char *name, size_t length)
{
	if (json_object_setn_new_nocheck(search->names, name, length, json_true()) != 0)
		search->no_memory = true;
}

static size_t
name_length(const char *text)
{
	size_t		length = 0;

	while (wf_is_variable_character(text[length], length == 0))
		length++;
	return length;
}

/* Behind a text in quotes; a backslash takes the character behind it along. */
static const char *
skip_quoted(const char *text)
{
	char		quote = *text++;

	while (*text != '\0' && *text != quote)
		text += *text == '\\' && text[1] != '\0' ? 2 : 1;
	return *text != '\0' ? text + 1 : text;
}

/* --- JSONPath --- */

static void
search_path(Search *search, const char *text)
{
	char		before = '\0';

	while (*text != '\0')
	{
		const char *from = text;

		if (*text == '\'' || *text == '"')
			text = skip_quoted(text);
		else if (text[0] == '$' && text[1] == '$')
			text += 2;
		else if (*text == '$' && before != '.' && !wf_is_variable_character(before, false))
		{
			size_t		length = name_length(++text);

			if (length > 0)
				add_name(search, text, length);
			text += length;
		}
		else
			text++;
		before = text > from ? text[-1] : '\0';
	}
}

static bool
ends_in(const char *key, const char *ending)
{
	size_t		length = strlen(key);
	size_t		n = strlen(ending);

	return length >= n && strcmp(key + length - n, ending) == 0;
}

static bool
is_one_of(const char *word, size_t length, const char *const *words)
{
	for (; *words != NULL; words++)
	{
		if (strlen(*words) == length && strncmp(*words, word, length) == 0)
			return true;
	}
	return false;
}

/* What is no business of the state itself: the blocks inside it; and what is never computed. */
static const char *const skipped[] = {"Branches", "ItemProcessor", "Iterator", "Result", "Comment", NULL};

/* Below these a field is computed if its name ends in `.$`; elsewhere if it is a Variable or a …Path. */
static const char *const templates[] =
{"Parameters", "ResultSelector", "ItemSelector", "BatchInput", "Assign", "Credentials", NULL};

static void
search_jsonpath(Search *search, json_t *value, bool in_template)
{
	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
		search_jsonpath(search, json_array_get(value, i), in_template);
	for (void *member = json_is_object(value) ? json_object_iter(value) : NULL; member != NULL;
		 member = json_object_iter_next(value, member))
	{
		const char *key = json_object_iter_key(member);
		json_t	   *item = json_object_iter_value(member);

		if (!in_template && is_one_of(key, strlen(key), skipped))
			continue;
		if (!json_is_string(item))
			search_jsonpath(search, item, in_template || is_one_of(key, strlen(key), templates));
		else if (in_template ? ends_in(key, ".$") : ends_in(key, "Path") || strcmp(key, "Variable") == 0)
			search_path(search, json_string_value(item));
	}
}

/* --- JSONata --- */

/* They are values, too: $map(list, $uppercase).  $states is no variable either. */
static const char *const known[] = {
	"states", "abs", "append", "assert", "average", "base64decode", "base64encode", "boolean", "ceil", "clone", "contains",
	"count", "decodeUrl", "decodeUrlComponent", "distinct", "each", "encodeUrl", "encodeUrlComponent", "error", "eval",
	"exists", "filter", "floor", "formatBase", "formatInteger", "formatNumber", "fromMillis", "hash", "join", "keys",
	"length", "lookup", "lowercase", "map", "match", "max", "merge", "millis", "min", "not", "now", "number", "pad", "parse",
	"parseInteger", "partition", "power", "random", "range", "reduce", "replace", "reverse", "round", "shuffle", "sift",
	"single", "sort", "split", "spread", "sqrt", "string", "substring", "substringAfter", "substringBefore", "sum",
	"toMillis", "trim", "type", "uppercase", "uuid", "zip", NULL
};

#define MAX_BOUND 100			/* names bound in one expression; further ones count as the machine's */

/* A name that an expression binds itself: `$name := …` to the end of the block, a function's argument in its body. */
typedef struct Bound
{
	const char *name;
	size_t		length;
	int			depth;			/* of the brackets in which it is known */
	bool		pending;		/* not yet: `$x := $x + 1` reads the one outside */
} Bound;

typedef struct Expression
{
	Search	   *search;
	int			depth;
	int			n_bound;
	Bound		bound[MAX_BOUND];
} Expression;

static void
bind(Expression *expression, const char *name, size_t length, int depth, bool pending)
{
	if (expression->n_bound < MAX_BOUND)
		expression->bound[expression->n_bound++] = (Bound) {name, length, depth, pending};
}

static bool
is_bound(const Expression *expression, const char *name, size_t length)
{
	for (int i = 0; i < expression->n_bound; i++)
	{
		const Bound *bound = &expression->bound[i];

		if (!bound->pending && bound->length == length && strncmp(bound->name, name, length) == 0)
			return true;
	}
	return false;
}

/* A statement ends: what it bound is known from now on. */
static void
end_statement(Expression *expression)
{
	for (int i = 0; i < expression->n_bound; i++)
	{
		if (expression->bound[i].depth == expression->depth)
			expression->bound[i].pending = false;
	}
}

static void
close_bracket(Expression *expression)
{
	expression->depth--;
	while (expression->n_bound > 0 && expression->bound[expression->n_bound - 1].depth > expression->depth)
		expression->n_bound--;
}

static const char *
skip_space(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* A function's arguments, up to its body, in which they are known. */
static const char *
bind_arguments(Expression *expression, const char *text)
{
	text = skip_space(text);
	if (*text != '(')
		return text;
	for (; *text != '\0' && *text != ')'; text++)
	{
		if (*text == '$')
			bind(expression, text + 1, name_length(text + 1), expression->depth + 1, false);
	}
	return *text != '\0' ? text + 1 : text;
}

/* `before` it: "list@$item" and "list#$index" bind a name for what follows. */
static const char *
search_name(Expression *expression, const char *text, char before)
{
	size_t		length = name_length(text);
	const char *next = skip_space(text + length);

	if (length == 0 || *next == '(')
		return text + length;
	if (before == '@' || before == '#')
		bind(expression, text, length, expression->depth, false);
	else if (next[0] == ':' && next[1] == '=')
		bind(expression, text, length, expression->depth, true);
	else if (!is_one_of(text, length, known) && !is_bound(expression, text, length))
		add_name(expression->search, text, length);
	return text + length;
}

/* Behind a word that is no variable; `function` has arguments. */
static const char *
skip_word(Expression *expression, const char *text)
{
	size_t		length = name_length(text);

	if ((length == 8 && strncmp(text, "function", 8) == 0) || (length == 2 && strncmp(text, "\xCE\xBB", 2) == 0))
		return bind_arguments(expression, text + length);
	return text + length;
}

static const char *
skip_comment(const char *text)
{
	const char *end = strstr(text + 2, "*/");

	return end != NULL ? end + 2 : text + strlen(text);
}

/* True where a value may stand: there a slash begins a regular expression. */
static bool
expects_value(char before)
{
	return before == '\0' || strchr("(,[{:=~>?&|!<+-*/%;", before) != NULL;
}

static void
search_expression(Search *search, const char *text)
{
	Expression	expression = {.search = search};
	char		before = '\0';	/* the last character that is no blank */

	while (*(text = skip_space(text)) != '\0')
	{
		const char *from = text;

		if (text[0] == '/' && text[1] == '*')
		{
			text = skip_comment(text);
			continue;
		}
		if (strchr("'\"`", *text) != NULL || (*text == '/' && expects_value(before)))
			text = skip_quoted(text);
		else if (text[0] == '$' && text[1] == '$')
			text += 2;
		else if (*text == '$')
			text = search_name(&expression, text + 1, before);
		else if (wf_is_variable_character(*text, true))
			text = skip_word(&expression, text);
		else
		{
			if (strchr("([{", *text) != NULL)
				expression.depth++;
			else if (strchr(")]}", *text) != NULL)
				close_bracket(&expression);
			else if (*text == ';')
				end_statement(&expression);
			text++;
		}
		before = text > from ? text[-1] : '\0';
	}
}

static void
search_jsonata(Search *search, json_t *value, bool in_state)
{
	if (json_is_string(value))
	{
		const char *text = json_string_value(value);

		if (strncmp(text, "{%", 2) == 0 && ends_in(text + 2, "%}"))
			search_expression(search, text + 2);
	}
	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
		search_jsonata(search, json_array_get(value, i), false);
	for (void *member = json_is_object(value) ? json_object_iter(value) : NULL; member != NULL;
		 member = json_object_iter_next(value, member))
	{
		const char *key = json_object_iter_key(member);

		if (!in_state || !is_one_of(key, strlen(key), skipped))
			search_jsonata(search, json_object_iter_value(member), false);
	}
}

/* --- states --- */

static bool
is_jsonata(json_t *object, bool otherwise)
{
	const char *word = json_string_value(json_object_get(object, "QueryLanguage"));

	return word != NULL ? strcmp(word, "JSONata") == 0 : otherwise;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* New: the keys of an object, in order.  NULL without memory. */
static json_t *
sort_names(json_t *names)
{
	size_t		n = 0;
	const char **list = calloc(json_object_size(names) + 1, sizeof(char *));
	json_t	   *sorted = json_array();

	if (list != NULL && sorted != NULL)
	{
		for (void *member = json_object_iter(names); member != NULL; member = json_object_iter_next(names, member))
			list[n++] = json_object_iter_key(member);
		qsort(list, n, sizeof(char *), compare_names);
		for (size_t i = 0; i < n && sorted != NULL; i++)
		{
			if (json_array_append_new(sorted, json_string_nocheck(list[i])) != 0)
			{
				json_decref(sorted);
				sorted = NULL;
			}
		}
	}
	else
	{
		json_decref(sorted);
		sorted = NULL;
	}
	free(list);
	return sorted;
}

static bool
search_state(json_t *references, const char *name, json_t *state, bool jsonata)
{
	Search		search = {wf_json_object(), false};
	bool		done = search.names != NULL;

	if (done && jsonata)
		search_jsonata(&search, state, true);
	else if (done)
		search_jsonpath(&search, state, false);
	done = done && !search.no_memory;
	if (done && json_object_size(search.names) > 0)
		done = json_object_set_new_nocheck(references, name, sort_names(search.names)) == 0;
	json_decref(search.names);
	return done;
}

/* All states of a block, and of the blocks inside: a state's own language is not theirs. */
static bool
search_block(json_t *references, json_t *block, bool jsonata)
{
	json_t	   *states = json_object_get(block, "States");

	for (void *member = json_is_object(states) ? json_object_iter(states) : NULL; member != NULL;
		 member = json_object_iter_next(states, member))
	{
		json_t	   *state = json_object_iter_value(member);
		json_t	   *branches = json_object_get(state, "Branches");
		json_t	   *processor = json_object_get(state, "ItemProcessor");

		if (!search_state(references, json_object_iter_key(member), state, is_jsonata(state, jsonata)))
			return false;
		for (size_t i = 0; i < json_array_size(branches); i++)
		{
			if (!search_block(references, json_array_get(branches, i), jsonata))
				return false;
		}
		if (!search_block(references, processor != NULL ? processor : json_object_get(state, "Iterator"), jsonata))
			return false;
	}
	return true;
}

json_t *
wf_variable_references(json_t *definition)
{
	json_t	   *references = wf_json_object();

	if (references != NULL && !search_block(references, definition, is_jsonata(definition, false)))
	{
		json_decref(references);
		references = NULL;
	}
	return references;
}
