/*
 * shape.c - from the tree as it was written to the tree as it is evaluated (ast.h).
 *
 * What `%` means is found on the way: a slot looks for the step before it, and on from there as many steps as there are `%`.
 * An expression whose slots have not found theirs hands them to the expression around it.
 */
#include "jsonata/ast.h"

typedef struct Shaper
{
	JnArena    *arena;
	JnSymbols  *symbols;
	WfJsonataError *error;
	int			depth;
} Shaper;

static JnNode *shape(Shaper *shaper, JnNode *node);

static JnNode *
no_memory(Shaper *shaper)
{
	jn_problem_set(shaper->error, WF_JSONATA_NO_MEMORY);
	return NULL;
}

static JnNode *
fail_at(Shaper *shaper, const char *code, const JnNode *node)
{
	jn_error_set(shaper->error, code, &(JnDetails) {.position = node->position, .token = node->text, .value = node->value});
	return NULL;
}

/* --- lists --- */

/* Room for one more of what an array of n holds, in steps of powers of two. */
static void *
room_for_one(Shaper *shaper, void *items, int n, size_t size)
{
	if (n != 0 && (n & (n - 1)) != 0)
		return items;
	items = jn_grow(shaper->arena, items, (size_t) n * size, (size_t) (n == 0 ? 1 : n * 2) * size);
	if (items == NULL)
		no_memory(shaper);
	return items;
}

static bool
add_stage(Shaper *shaper, JnNode *node, JnStage stage)
{
	node->stages = room_for_one(shaper, node->stages, node->n_stages, sizeof(JnStage));
	if (node->stages == NULL)
		return false;
	node->stages[node->n_stages++] = stage;
	return true;
}

/* --- paths --- */

static JnNode *
make_path(Shaper *shaper, JnNode *step, int n, int capacity)
{
	JnNode	   *path = jn_alloc0(shaper->arena, sizeof(JnNode));
	JnNode	  **steps = jn_alloc(shaper->arena, (size_t) capacity * sizeof(JnNode *));

	if (path == NULL || steps == NULL)
		return no_memory(shaper);
	path->type = JN_PATH;
	path->items = steps;
	path->n_items = n;
	path->position = step->position;
	path->items[0] = step;
	return path;
}

/* A step is added at a path's end: paths are shaped from their beginning, and grow in place. */
static bool
add_step(Shaper *shaper, JnNode *path, JnNode *step)
{
	JnNode	  **steps = jn_grow(shaper->arena, path->items, (size_t) path->n_items * sizeof(JnNode *),
								(size_t) (path->n_items + 1) * sizeof(JnNode *));

	if (steps == NULL)
		return no_memory(shaper) != NULL;
	path->items = steps;
	path->items[path->n_items++] = step;
	return true;
}

static JnNode *
last_step(JnNode *node)
{
	return node->type == JN_PATH ? node->items[node->n_items - 1] : node;
}

/* --- ancestors --- */

static bool
hand_on_slot(Shaper *shaper, JnNode *to, JnSlot *slot)
{
	to->seeking.items = room_for_one(shaper, to->seeking.items, to->seeking.n, sizeof(JnSlot *));
	if (to->seeking.items == NULL)
		return false;
	to->seeking.items[to->seeking.n++] = slot;
	return true;
}

/* What its part still looks for, an expression looks for. */
static bool
hand_on(Shaper *shaper, JnNode *to, JnNode *part)
{
	for (int i = 0; i < part->seeking.n; i++)
		if (!hand_on_slot(shaper, to, part->seeking.items[i]))
			return false;
	return part->type != JN_PARENT || hand_on_slot(shaper, to, part->slot);
}

/* One step back: the slot is found in it, or goes on from there. */
static bool
seek(Shaper *shaper, JnNode *node, JnSlot *slot)
{
	int			i;

	switch (node->type)
	{
		case JN_NAME:
		case JN_WILDCARD:
			if (--slot->level == 0)
			{
				if (node->ancestor == NULL)
					node->ancestor = slot;
				else
					slot->symbol = node->ancestor->symbol;
				node->tuple = true;
			}
			return true;
		case JN_PARENT:
			slot->level++;
			return true;
		case JN_BLOCK:
			if (node->n_items == 0)
				return true;
			node->tuple = true;
			return seek(shaper, node->items[node->n_items - 1], slot);
		case JN_PATH:
			node->tuple = true;
			i = node->n_items - 1;
			do
			{
				if (!seek(shaper, node->items[i--], slot))
					return false;
			} while (slot->level > 0 && i >= 0);
			return true;
		default:
			return fail_at(shaper, "S0217", node) != NULL;
	}
}

/* The slots of a path's last step are looked for in the steps before it. */
static bool
resolve(Shaper *shaper, JnNode *path)
{
	JnNode	   *last = last_step(path);
	int			n = last->seeking.n + (last->type == JN_PARENT);

	for (int i = 0; i < n; i++)
	{
		JnSlot	   *slot = i < last->seeking.n ? last->seeking.items[i] : last->slot;
		int			at = path->n_items - 2;

		while (slot->level > 0)
		{
			JnNode	   *step;

			if (at < 0)
			{
				if (!hand_on_slot(shaper, path, slot))
					return false;
				break;
			}

			/* Steps that only name what comes do not move on. */
			step = path->items[at--];
			while (at >= 0 && step->focus != 0 && path->items[at]->focus != 0)
				step = path->items[at--];
			if (!seek(shaper, step, slot))
				return false;
		}
	}
	return true;
}

/* --- tail calls --- */

static void
mark_tail(JnNode *node)
{
	if (node->n_stages > 0 || node->group != NULL || node->keep_array)
		return;
	if (node->type == JN_CALL)
		node->tail = true;
	else if (node->type == JN_CONDITION)
	{
		mark_tail(node->right);
		if (node->third != NULL)
			mark_tail(node->third);
	}
	else if (node->type == JN_BLOCK && node->n_items > 0)
		mark_tail(node->items[node->n_items - 1]);
}

/* --- node by node --- */

static bool
shape_items(Shaper *shaper, JnNode *node)
{
	for (int i = 0; i < node->n_items; i++)
		if ((node->items[i] = shape(shaper, node->items[i])) == NULL || !hand_on(shaper, node, node->items[i]))
			return false;
	return true;
}

/* The operands that there are. */
static bool
shape_operands(Shaper *shaper, JnNode *node)
{
	JnNode	  **operands[] = {&node->left, &node->right, &node->third};

	for (int i = 0; i < 3; i++)
	{
		JnNode	  **operand = operands[i];

		if (*operand != NULL && ((*operand = shape(shaper, *operand)) == NULL || !hand_on(shaper, node, *operand)))
			return false;
	}
	return true;
}

/* What the literals among a path's steps are: names, if they are strings. */
static bool
shape_steps(Shaper *shaper, JnNode *path)
{
	for (int i = 0; i < path->n_items; i++)
	{
		JnNode	   *step = path->items[i];

		if (step->type == JN_LITERAL)
		{
			if (step->value.kind != JN_STRING)
			{
				step->text = (WfString) {NULL, 0};
				return fail_at(shaper, "S0213", step) != NULL;
			}
			step->type = JN_NAME;
		}
		if (step->keep_array)
			path->keep_array = true;
	}

	/* An array that is written as the first or the last step is one value. */
	if (path->items[0]->type == JN_ARRAY_OF)
		path->items[0]->whole = true;
	if (last_step(path)->type == JN_ARRAY_OF)
		last_step(path)->whole = true;
	return true;
}

static JnNode *
shape_dot(Shaper *shaper, JnNode *node)
{
	JnNode	   *left = shape(shaper, node->left);
	JnNode	   *right = left != NULL ? shape(shaper, node->right) : NULL;
	JnNode	   *path;

	if (right == NULL)
		return NULL;
	path = left->type == JN_PATH ? left : make_path(shaper, left, 1, 4);
	if (path == NULL)
		return NULL;
	if (left->type == JN_PARENT && !hand_on_slot(shaper, path, left->slot))
		return NULL;
	if (right->type != JN_PATH)
	{
		if (!add_step(shaper, path, right))
			return NULL;
	}
	else
	{
		for (int i = 0; i < right->n_items; i++)
			if (!add_step(shaper, path, right->items[i]))
				return NULL;
		if (right->keep_array)
			path->keep_array = true;
	}
	return shape_steps(shaper, path) && resolve(shaper, path) ? path : NULL;
}

static JnNode *
shape_predicate(Shaper *shaper, JnNode *node)
{
	JnNode	   *left = shape(shaper, node->left);
	JnNode	   *step;
	JnNode	   *filter;

	if (left == NULL)
		return NULL;
	step = last_step(left);
	if (step->group != NULL)
		return fail_at(shaper, "S0209", node);
	filter = shape(shaper, node->right);
	if (filter == NULL)
		return NULL;
	for (int i = 0; i < filter->seeking.n; i++)
	{
		JnSlot	   *slot = filter->seeking.items[i];

		if (slot->level == 1)
		{
			if (!seek(shaper, step, slot))
				return NULL;
		}
		else
			slot->level--;
	}
	if (!hand_on(shaper, step, filter))
		return NULL;
	return add_stage(shaper, step, (JnStage) {.filter = filter}) ? left : NULL;
}

static JnNode *
shape_group(Shaper *shaper, JnNode *node)
{
	JnNode	   *left = shape(shaper, node->left);

	if (left == NULL)
		return NULL;
	if (left->group != NULL)
		return fail_at(shaper, "S0210", node);
	for (int i = 0; i < node->right->n_items; i++)
		if ((node->right->items[i] = shape(shaper, node->right->items[i])) == NULL)
			return NULL;
	left->group = node->right;
	return left;
}

static JnNode *
shape_order_by(Shaper *shaper, JnNode *node)
{
	JnNode	   *path = shape(shaper, node->left);

	if (path == NULL || (path->type != JN_PATH && (path = make_path(shaper, path, 1, 2)) == NULL))
		return NULL;
	node->left = NULL;
	node->type = JN_SORT;
	if (!shape_items(shaper, node) || !add_step(shaper, path, node) || !resolve(shaper, path))
		return NULL;
	return path;
}

static JnNode *
shape_focus(Shaper *shaper, JnNode *node)
{
	JnNode	   *left = shape(shaper, node->left);
	JnNode	   *step;

	if (left == NULL)
		return NULL;
	step = last_step(left);
	node->text = (WfString) {NULL, 0};
	if (step->n_stages > 0)
		return fail_at(shaper, "S0215", node);
	if (step->type == JN_SORT)
		return fail_at(shaper, "S0216", node);
	step->focus = node->right->symbol;
	step->tuple = true;
	return left;
}

static JnNode *
shape_position(Shaper *shaper, JnNode *node)
{
	JnNode	   *path = shape(shaper, node->left);
	JnNode	   *step;

	if (path == NULL || (path->type != JN_PATH && (path = make_path(shaper, path, 1, 2)) == NULL))
		return NULL;
	step = last_step(path);
	step->tuple = true;
	if (step->n_stages == 0)
		step->index = node->right->symbol;
	else if (!add_stage(shaper, step, (JnStage) {.symbol = node->right->symbol}))
		return NULL;
	return path;
}

static JnNode *
shape_parent(Shaper *shaper, JnNode *node)
{
	char	   *name = jn_alloc(shaper->arena, 16);

	node->slot = jn_alloc(shaper->arena, sizeof(JnSlot));
	if (name == NULL || node->slot == NULL)
		return no_memory(shaper);
	snprintf(name, 16, "!%d", shaper->symbols->n);
	node->slot->level = 1;
	node->slot->symbol = jn_symbol(shaper->arena, shaper->symbols, (WfString) {name, strlen(name)}, WF_JSONATA_STANDARD);
	if (node->slot->symbol < 0)
		return no_memory(shaper);
	shaper->symbols->items[node->slot->symbol].bound = true;
	node->text = WF_STRING("parent");
	node->position = 0;
	return node;
}

static JnNode *
shape_node(Shaper *shaper, JnNode *node)
{
	switch (node->type)
	{
		case JN_END:
			fail_at(shaper, "S0207", node);
			shaper->error->position = node->position;	/* 0, too */
			return NULL;
		case JN_DOT:
			return shape_dot(shaper, node);
		case JN_PREDICATE:
			return shape_predicate(shaper, node);
		case JN_GROUP:
			return shape_group(shaper, node);
		case JN_ORDER_BY:
			return shape_order_by(shaper, node);
		case JN_FOCUS:
			return shape_focus(shaper, node);
		case JN_POSITION:
			return shape_position(shaper, node);
		case JN_PARENT:
			return shape_parent(shaper, node);
		case JN_NAME:
			return make_path(shaper, node, 1, 1);
		case JN_NEGATE:
			if (!shape_operands(shaper, node))
				return NULL;
			if (node->left->type != JN_LITERAL || node->left->value.kind != JN_NUMBER)
				return node;
			node->left->value.number = -node->left->value.number;	/* with the predicates that it has */
			return node->left;
		case JN_BIND:
			node->left = NULL;
			return shape_operands(shaper, node) ? node : NULL;
		case JN_LAMBDA:
			/* What `%` is in a function's body, or where a function is named, is not known here. */
			node->left = shape(shaper, node->left);
			if (node->left == NULL)
				return NULL;
			mark_tail(node->left);
			return node;
		case JN_CALL:
		case JN_PARTIAL:
			node->left = shape(shaper, node->left);
			return node->left != NULL && shape_items(shaper, node) ? node : NULL;
		case JN_BLOCK:
			if (!shape_items(shaper, node))
				return NULL;

			/* As good as the array that is its value. */
			for (int i = 0; i < node->n_items; i++)
			{
				JnNode	   *item = node->items[i];

				if (item->whole || (item->type == JN_PATH && item->items[0]->whole))
					node->whole = true;
			}
			return node;
		case JN_APPLY:
			if (!shape_operands(shaper, node))
				return NULL;
			node->keep_array = node->left->keep_array || node->right->keep_array;
			return node;
		default:
			return shape_operands(shaper, node) && shape_items(shaper, node) ? node : NULL;
	}
}

static JnNode *
shape(Shaper *shaper, JnNode *node)
{
	JnNode	   *shaped;

	if (++shaper->depth > JN_MAX_NESTING)
	{
		jn_error_set(shaper->error, "U1001 nesting", &(JnDetails) {.position = node->position});
		return NULL;
	}
	shaped = shape_node(shaper, node);
	if (shaped != NULL && node->keep_array)
		shaped->keep_array = true;
	shaper->depth--;
	return shaped;
}

JnNode *
jn_shape(JnArena *arena, JnSymbols *symbols, JnNode *root, WfJsonataError *error)
{
	Shaper		shaper = {.arena = arena, .symbols = symbols, .error = error};

	root = shape(&shaper, root);
	if (root != NULL && (root->type == JN_PARENT || root->seeking.n > 0))
	{
		jn_error_set(error, "S0217", &(JnDetails) {.position = root->type == JN_PATH ? 0 : root->position, .token = WF_STRING("parent")});
		return NULL;
	}
	return root;
}
