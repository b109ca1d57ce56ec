/*
 * variable_references.c - which variables the states of a definition read; see variable_references.h.
 *
 * Nothing is evaluated: a definition that passes the checker is only looked through.  In JSONPath paths and calls of
 * intrinsic functions are searched for `$name`.  In JSONata the language itself says what an expression reads.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/jsonata.h"
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

static void
search_query(Search *search, const char *text)
{
	WfError		problem = WF_ERROR_NONE;
	WfQuery    *query = wf_query_parse(text, NULL, &problem);
	const WfJsonataReference *references;
	int			n = query != NULL ? wf_query_references(query, &references) : 0;

	for (int i = 0; i < n; i++)
	{
		const WfJsonataReference *reference = &references[i];

		/* functions are values, too: $map(list, $uppercase) */
		if (reference->use == WF_JSONATA_VARIABLE && !reference->is_function && strcmp(reference->name, "states") != 0)
			add_name(search, reference->name, strlen(reference->name));
	}
	search->no_memory = search->no_memory || problem.code == WF_OUT_OF_MEMORY;
	wf_error_clear(&problem);
	wf_query_free(query);
}

static void
search_jsonata(Search *search, json_t *value, bool in_state)
{
	if (json_is_string(value) && wf_is_query(json_string_value(value)))
		search_query(search, json_string_value(value));
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
