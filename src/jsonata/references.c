/*
 * references.c - what an expression refers to, found before it runs.
 *
 * The tree is walked with the names that are bound around each place, and with whether what is `$` there is the document: in
 * a path's steps, its filters and its terms it is an item, in a function's body it is what it was where that is written.
 */
#include "jsonata/ast.h"

typedef struct Scope
{
	const struct Scope *outer;
	int			symbol;
} Scope;

typedef struct Finder
{
	WfJsonata  *expression;
	int			capacity;
} Finder;

static bool find(Finder *finder, const JnNode *node, const Scope *scope, bool document);

static bool
add(Finder *finder, WfJsonataUse use, WfString name, WfString field, const JnNode *node, bool is_function)
{
	WfJsonata  *expression = finder->expression;
	WfString	texts[2] = {name, field};
	const char *copies[2] = {NULL, NULL};

	for (int i = 0; i < 2; i++)
	{
		char	   *copy;

		if (texts[i].text == NULL)
			continue;
		copy = jn_alloc(&expression->arena, texts[i].length + 1);
		if (copy == NULL)
			return false;
		memcpy(copy, texts[i].text, texts[i].length);
		copy[texts[i].length] = '\0';
		copies[i] = copy;
	}
	if (expression->n_references == finder->capacity)
	{
		int			capacity = finder->capacity == 0 ? 8 : finder->capacity * 2;
		WfJsonataReference *references = jn_grow(&expression->arena, expression->references,
												 (size_t) finder->capacity * sizeof(WfJsonataReference),
												 (size_t) capacity * sizeof(WfJsonataReference));

		if (references == NULL)
			return false;
		expression->references = references;
		finder->capacity = capacity;
	}
	expression->references[expression->n_references++] = (WfJsonataReference) {
		.use = use, .name = copies[0], .field = copies[1], .position = node->position, .is_function = is_function
	};
	return true;
}

static bool
is_bound(const Scope *scope, int symbol)
{
	for (; scope != NULL; scope = scope->outer)
		if (scope->symbol == symbol)
			return true;
	return false;
}

static bool
find_variable(Finder *finder, const JnNode *node, const JnNode *next, const Scope *scope, bool called)
{
	const JnSymbol *symbol = &finder->expression->symbols.items[node->symbol];

	if (is_bound(scope, node->symbol))
		return true;
	return add(finder, called ? WF_JSONATA_CALL : WF_JSONATA_VARIABLE, symbol->name,
			   next != NULL && next->type == JN_NAME ? next->text : (WfString) {NULL, 0}, node, symbol->builtin >= 0);
}

/* Of a list, in which a name that one item binds is there for those behind it. */
static bool
find_in_block(Finder *finder, const JnNode *block, int i, const Scope *scope, bool document)
{
	const JnNode *item;
	Scope		bound;

	for (; i < block->n_items; i++)
	{
		item = block->items[i];
		if (!find(finder, item, scope, document))
			return false;
		if (item->type == JN_BIND)
		{
			bound = (Scope) {scope, item->symbol};
			return find_in_block(finder, block, i + 1, &bound, document);
		}
	}
	return true;
}

static bool
find_in_stages(Finder *finder, const JnNode *node, int i, const Scope *scope)
{
	for (; i < node->n_stages; i++)
	{
		if (node->stages[i].filter == NULL)
		{
			Scope		bound = {scope, node->stages[i].symbol};

			return find_in_stages(finder, node, i + 1, &bound);
		}
		if (!find(finder, node->stages[i].filter, scope, false))
			return false;
	}
	return true;
}

static bool
find_in_items(Finder *finder, const JnNode *node, const Scope *scope, bool document)
{
	for (int i = 0; i < node->n_items; i++)
		if (!find(finder, node->items[i], scope, document))
			return false;
	return true;
}

static bool find_in_path(Finder *finder, const JnNode *path, int i, const Scope *scope, bool document);

/* A step's stages and the steps behind it, for which an index that stands among the stages is there, too. */
static bool
find_behind_stages(Finder *finder, const JnNode *path, int i, int stage, const Scope *scope)
{
	const JnNode *step = path->items[i];

	for (; stage < step->n_stages; stage++)
	{
		if (step->stages[stage].filter == NULL)
		{
			Scope		bound = {scope, step->stages[stage].symbol};

			return find_behind_stages(finder, path, i, stage + 1, &bound);
		}
		if (!find(finder, step->stages[stage].filter, scope, false))
			return false;
	}
	return find_in_path(finder, path, i + 1, scope, false);
}

/* From a step on; what it binds is there for the steps behind it, and the group. */
static bool
find_in_path(Finder *finder, const JnNode *path, int i, const Scope *scope, bool document)
{
	const JnNode *step;
	Scope		focus;
	Scope		index;

	if (i == path->n_items)
		return path->group == NULL || find_in_items(finder, path->group, scope, false);
	step = path->items[i];
	if (step->type == JN_VARIABLE)
	{
		if (!find_variable(finder, step, i + 1 < path->n_items ? path->items[i + 1] : NULL, scope, false))
			return false;
	}
	else if (step->type == JN_SORT)
	{
		if (!find_in_items(finder, step, scope, false))
			return false;
	}
	else if (step->type == JN_CONTEXT && i + 1 < path->n_items && path->items[i + 1]->type == JN_NAME)
	{
		if (i == 0 && document &&
			!add(finder, WF_JSONATA_CONTEXT, (WfString) {NULL, 0}, path->items[i + 1]->text, step, false))
			return false;
	}
	else
	{
		JnNode		bare = *step;

		bare.n_stages = 0;
		if (!find(finder, &bare, scope, document && i == 0))
			return false;
	}
	focus = (Scope) {scope, step->focus};
	index = (Scope) {&focus, step->index};
	return find_behind_stages(finder, path, i, 0, &index);
}

static bool
find_in_lambda(Finder *finder, const JnNode *lambda, int i, const Scope *scope, bool document)
{
	Scope		bound;

	if (i == lambda->n_parameters)
		return find(finder, lambda->left, scope, document);
	bound = (Scope) {scope, lambda->parameters[i]};
	return find_in_lambda(finder, lambda, i + 1, &bound, document);
}

static bool
find_in(Finder *finder, const JnNode *node, const Scope *scope, bool document)
{
	Scope		bound;

	switch (node->type)
	{
		case JN_PATH:
			return find_in_path(finder, node, 0, scope, document);
		case JN_NAME:
			return !document || add(finder, WF_JSONATA_CONTEXT, node->text, (WfString) {NULL, 0}, node, false);
		case JN_CONTEXT:
			return !document || add(finder, WF_JSONATA_CONTEXT, (WfString) {NULL, 0}, (WfString) {NULL, 0}, node, false);
		case JN_WILDCARD:
			return !document || add(finder, WF_JSONATA_CONTEXT, WF_STRING("*"), (WfString) {NULL, 0}, node, false);
		case JN_DESCENDANTS:
			return !document || add(finder, WF_JSONATA_CONTEXT, WF_STRING("**"), (WfString) {NULL, 0}, node, false);
		case JN_ROOT:
			return add(finder, WF_JSONATA_ROOT, WF_STRING("$"), (WfString) {NULL, 0}, node, false);
		case JN_VARIABLE:
			return find_variable(finder, node, NULL, scope, false);
		case JN_BLOCK:
			return find_in_block(finder, node, 0, scope, document);
		case JN_LAMBDA:
			return find_in_lambda(finder, node, 0, scope, document);
		case JN_BIND:
			bound = (Scope) {scope, node->symbol};		/* a function may call itself */
			return add(finder, WF_JSONATA_ASSIGNMENT, finder->expression->symbols.items[node->symbol].name, (WfString) {NULL, 0}, node, false) &&
				find(finder, node->right, node->right->type == JN_LAMBDA ? &bound : scope, document);
		case JN_TRANSFORM:
			return find(finder, node->left, scope, false) && find(finder, node->right, scope, false) &&
				(node->third == NULL || find(finder, node->third, scope, false));
		case JN_CALL:
		case JN_PARTIAL:
			if (node->left->type == JN_VARIABLE && node->left->n_stages == 0)
				return find_variable(finder, node->left, NULL, scope, true) && find_in_items(finder, node, scope, document);
			return find(finder, node->left, scope, document) && find_in_items(finder, node, scope, document);
		default:
			return (node->left == NULL || find(finder, node->left, scope, document)) &&
				(node->right == NULL || find(finder, node->right, scope, document)) &&
				(node->third == NULL || find(finder, node->third, scope, document)) &&
				find_in_items(finder, node, scope, document);
	}
}

static bool
find(Finder *finder, const JnNode *node, const Scope *scope, bool document)
{
	if (!find_in(finder, node, scope, document))
		return false;
	if (node->type == JN_PATH)
		return true;
	return find_in_stages(finder, node, 0, scope) && (node->group == NULL || find_in_items(finder, node->group, scope, false));
}

bool
jn_find_references(WfJsonata *expression)
{
	Finder		finder = {.expression = expression};

	return find(&finder, expression->root, NULL, true);
}
