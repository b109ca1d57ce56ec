/*
 * references.c - what an expression refers to, found before it runs.
 *
 * The tree is walked with the names that are bound around each place, and with whether what is `$` there is the document: in
 * a path's steps, its filters and its terms it is an item, and in a function's body nobody is told.
 */
#include "jsonata/ast.h"

typedef struct Finder
{
	WfJsonata  *expression;
	int			capacity;
	int		   *bound;			/* of each symbol: by how many places around */
} Finder;

static bool find(Finder *finder, const JnNode *node, bool document);
static bool find_in(Finder *finder, const JnNode *node, bool document);

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
find_variable(Finder *finder, const JnNode *node, const JnNode *next, bool called)
{
	const JnSymbol *symbol = &finder->expression->symbols.items[node->symbol];

	if (finder->bound[node->symbol] > 0)
		return true;
	return add(finder, called ? WF_JSONATA_CALL : WF_JSONATA_VARIABLE, symbol->name,
			   next != NULL && next->type == JN_NAME ? next->text : (WfString) {NULL, 0}, node, symbol->builtin >= 0);
}

/* A name that one item binds is there for those behind it. */
static bool
find_in_block(Finder *finder, const JnNode *block, bool document)
{
	bool		ok = true;

	for (int i = 0; ok && i < block->n_items; i++)
	{
		ok = find(finder, block->items[i], document);
		if (block->items[i]->type == JN_BIND)
			finder->bound[block->items[i]->symbol]++;
	}
	for (int i = 0; ok && i < block->n_items; i++)
		if (block->items[i]->type == JN_BIND)
			finder->bound[block->items[i]->symbol]--;
	return ok;
}

static bool
find_in_items(Finder *finder, const JnNode *node, bool document)
{
	for (int i = 0; i < node->n_items; i++)
		if (!find(finder, node->items[i], document))
			return false;
	return true;
}

/* What @ and # behind a step bind, number 0 being nobody's. */
static void
bind_step(Finder *finder, const JnNode *step, int by)
{
	finder->bound[step->focus] += by;
	finder->bound[step->index] += by;
	for (int i = 0; i < step->n_stages; i++)
		finder->bound[step->stages[i].symbol] += by;
}

static bool
find_in_stages(Finder *finder, const JnNode *node)
{
	for (int i = 0; i < node->n_stages; i++)
		if (node->stages[i].filter != NULL && !find(finder, node->stages[i].filter, false))
			return false;
	return true;
}

static bool
find_in_step(Finder *finder, const JnNode *step, const JnNode *next, bool document)
{
	if (step->type == JN_VARIABLE)
		return find_variable(finder, step, next, false);
	if (step->type == JN_SORT)
		return find_in_items(finder, step, false);
	if (step->type == JN_CONTEXT && document && next != NULL && next->type == JN_NAME)
		return add(finder, WF_JSONATA_CONTEXT, (WfString) {NULL, 0}, next->text, step, false);
	return find_in(finder, step, document);
}

/* What a step binds is there for the steps behind it, and the group. */
static bool
find_in_path(Finder *finder, const JnNode *path, bool document)
{
	bool		ok = true;

	for (int i = 0; ok && i < path->n_items; i++)
	{
		const JnNode *step = path->items[i];

		ok = find_in_step(finder, step, i + 1 < path->n_items ? path->items[i + 1] : NULL, document && i == 0);
		bind_step(finder, step, 1);
		ok = ok && find_in_stages(finder, step);
	}
	ok = ok && (path->group == NULL || find_in_items(finder, path->group, false));
	for (int i = 0; ok && i < path->n_items; i++)
		bind_step(finder, path->items[i], -1);
	return ok;
}

static bool
find_in_lambda(Finder *finder, const JnNode *lambda)
{
	bool		ok;

	for (int i = 0; i < lambda->n_parameters; i++)
		finder->bound[lambda->parameters[i]]++;
	ok = find(finder, lambda->left, false);
	for (int i = 0; i < lambda->n_parameters; i++)
		finder->bound[lambda->parameters[i]]--;
	return ok;
}

static bool
find_in_assignment(Finder *finder, const JnNode *node, bool document)
{
	bool		recursive = node->right->type == JN_LAMBDA;		/* a function may call itself */
	bool		ok;

	if (!add(finder, WF_JSONATA_ASSIGNMENT, finder->expression->symbols.items[node->symbol].name, (WfString) {NULL, 0}, node, false))
		return false;
	finder->bound[node->symbol] += recursive;
	ok = find(finder, node->right, document);
	finder->bound[node->symbol] -= recursive;
	return ok;
}

static bool
find_in(Finder *finder, const JnNode *node, bool document)
{
	switch (node->type)
	{
		case JN_PATH:
			return find_in_path(finder, node, document);
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
			return find_variable(finder, node, NULL, false);
		case JN_BLOCK:
			return find_in_block(finder, node, document);
		case JN_LAMBDA:
			return find_in_lambda(finder, node);
		case JN_BIND:
			return find_in_assignment(finder, node, document);
		case JN_TRANSFORM:
			return find(finder, node->left, false) && find(finder, node->right, false) &&
				(node->third == NULL || find(finder, node->third, false));
		case JN_CALL:
		case JN_PARTIAL:
			if (node->left->type == JN_VARIABLE && node->left->n_stages == 0)
				return find_variable(finder, node->left, NULL, true) && find_in_items(finder, node, document);
			return find(finder, node->left, document) && find_in_items(finder, node, document);
		default:
			return (node->left == NULL || find(finder, node->left, document)) &&
				(node->right == NULL || find(finder, node->right, document)) &&
				(node->third == NULL || find(finder, node->third, document)) &&
				find_in_items(finder, node, document);
	}
}

static bool
find(Finder *finder, const JnNode *node, bool document)
{
	if (!find_in(finder, node, document))
		return false;
	if (node->type == JN_PATH)
		return true;
	return find_in_stages(finder, node) && (node->group == NULL || find_in_items(finder, node->group, false));
}

bool
jn_find_references(WfJsonata *expression)
{
	Finder		finder = {.expression = expression};

	finder.bound = jn_alloc0(&expression->arena, (size_t) expression->symbols.n * sizeof(int));
	return finder.bound != NULL && find(&finder, expression->root, true);
}
