/*
 * template.c - payload templates: compiled to a tree in which everything that is constant is one shared value.
 *
 * A field whose name ends in `.$` is computed, at any depth, also in objects inside arrays; the suffix is dropped.  Two
 * fields that would then have the same name are refused.
 */
#include "asl/template.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "asl/place.h"

typedef enum NodeKind { NODE_CONSTANT, NODE_OBJECT, NODE_ARRAY, NODE_EXPRESSION } NodeKind;

typedef struct Node
{
	NodeKind	kind;
	const char *field;			/* key in an object, as it stands in the source; NULL: none */
	size_t		name_length;	/* of the field's name, without the suffix */
	json_t	   *constant;		/* borrowed from the source */
	WfExpression *expression;
	size_t		n;
	struct Node *children;
} Node;

struct WfTemplate
{
	json_t	   *source;			/* a reference of our own */
	Node		root;
};

static bool
complain(const WfPlace *place, char **location, WfError *error)
{
	if (location != NULL)
	{
		free(*location);
		*location = wf_place_spell(place);
		if (*location == NULL)
			wf_error_no_memory(error);
	}
	return false;
}

static void
clear_node(Node *node)
{
	for (size_t i = 0; i < node->n; i++)
		clear_node(&node->children[i]);
	free(node->children);
	wf_expression_free(node->expression);
}

static bool
is_computed(const char *key, size_t length)
{
	return length >= 2 && memcmp(key + length - 2, ".$", 2) == 0;
}

static bool compile(Node *node, json_t *source, const WfPlace *place, char **location, WfError *error);

/* Compiles the value of a `.$` field. */
static bool
compile_expression(Node *node, json_t *source, json_t *object, const WfPlace *place, char **location, WfError *error)
{
	char	   *name;
	bool		clashes;

	node->kind = NODE_EXPRESSION;
	if (!json_is_string(source))
	{
		wf_error_set(error, WF_INVALID_PATH, "the value is no string");
		return complain(place, location, error);
	}
	clashes = json_object_getn(object, node->field, node->name_length) != NULL;
	if (clashes)
	{
		name = malloc(node->name_length + 1);
		if (name == NULL)
			return wf_error_no_memory(error);
		memcpy(name, node->field, node->name_length);
		name[node->name_length] = '\0';
		wf_error_set(error, WF_INVALID_PATH, "the field '%s' stands there, too", name);
		free(name);
		return complain(place, location, error);
	}
	node->expression = wf_expression_parse(json_string_value(source), error);
	return node->expression != NULL || complain(place, location, error);
}

static bool
compile_object(Node *node, json_t *source, const WfPlace *place, char **location, WfError *error)
{
	bool		constant = true;

	for (void *member = json_object_iter(source); member != NULL; member = json_object_iter_next(source, member))
	{
		Node	   *child = &node->children[node->n++];
		json_t	   *value = json_object_iter_value(member);
		WfPlace		here = {place, json_object_iter_key(member), 0};

		child->field = json_object_iter_key(member);
		child->name_length = json_object_iter_key_len(member);
		if (is_computed(child->field, child->name_length))
		{
			child->name_length -= 2;
			if (!compile_expression(child, value, source, &here, location, error))
				return false;
		}
		else if (!compile(child, value, &here, location, error))
			return false;
		constant = constant && child->kind == NODE_CONSTANT;
	}
	node->kind = constant ? NODE_CONSTANT : NODE_OBJECT;
	return true;
}

static bool
compile_array(Node *node, json_t *source, const WfPlace *place, char **location, WfError *error)
{
	bool		constant = true;

	for (size_t i = 0; i < json_array_size(source); i++)
	{
		WfPlace		here = {place, NULL, i};
		Node	   *child = &node->children[node->n++];

		if (!compile(child, json_array_get(source, i), &here, location, error))
			return false;
		constant = constant && child->kind == NODE_CONSTANT;
	}
	node->kind = constant ? NODE_CONSTANT : NODE_ARRAY;
	return true;
}

static bool
compile(Node *node, json_t *source, const WfPlace *place, char **location, WfError *error)
{
	size_t		n = json_is_object(source) ? json_object_size(source) : json_is_array(source) ? json_array_size(source) : 0;

	node->kind = NODE_CONSTANT;
	node->constant = source;
	if (n == 0)
		return true;
	node->children = calloc(n, sizeof(Node));
	if (node->children == NULL)
		return wf_error_no_memory(error);
	if (json_is_object(source) ? !compile_object(node, source, place, location, error)
		: !compile_array(node, source, place, location, error))
		return false;
	if (node->kind == NODE_CONSTANT)
	{
		/* the value itself is all that is needed */
		const char *field = node->field;
		size_t		name_length = node->name_length;

		clear_node(node);
		memset(node, 0, sizeof(*node));
		node->kind = NODE_CONSTANT;
		node->constant = source;
		node->field = field;
		node->name_length = name_length;
	}
	return true;
}

WfTemplate *
wf_template_parse(json_t *source, char **location, WfError *error)
{
	WfTemplate *template_ = calloc(1, sizeof(WfTemplate));

	if (location != NULL)
		*location = NULL;
	if (template_ == NULL)
	{
		wf_error_no_memory(error);
		return NULL;
	}
	template_->source = json_incref(source);
	if (compile(&template_->root, source, NULL, location, error))
		return template_;
	wf_template_free(template_);
	return NULL;
}

void
wf_template_free(WfTemplate *template_)
{
	if (template_ == NULL)
		return;
	clear_node(&template_->root);
	json_decref(template_->source);
	free(template_);
}

/* New: the value of a node that stands `depth` levels deep; its expressions' values are taken off *room. */
static json_t *
evaluate(const Node *node, const WfScope *scope, int depth, size_t *room, WfError *error)
{
	json_t	   *value;

	switch (node->kind)
	{
		case NODE_CONSTANT:
			return json_incref(node->constant);
		case NODE_EXPRESSION:
			value = wf_expression_evaluate(node->expression, scope, node->field, error);
			if (value != NULL && !wf_json_fits(value, room))
			{
				wf_error_set(error, WF_STATES_DATA_LIMIT_EXCEEDED,
							 "The value of the field '%s' makes its payload larger than %zu bytes", node->field, scope->max_size);
				json_decref(value);
				return NULL;
			}
			if (value != NULL && wf_json_too_deep(value, depth))
			{
				wf_error_set(error, WF_STATES_RUNTIME, "The value of the field '%s' is nested more than %d levels deep",
							 node->field, WF_JSON_MAX_DEPTH);
				json_decref(value);
				return NULL;
			}
			return value;
		case NODE_OBJECT:
			value = wf_json_object();
			break;
		default:
			value = json_array();
			break;
	}
	if (value == NULL)
		wf_error_no_memory(error);
	for (size_t i = 0; value != NULL && i < node->n; i++)
	{
		const Node *child = &node->children[i];
		json_t	   *item = evaluate(child, scope, depth + 1, room, error);

		if (item != NULL)
		{
			if (node->kind == NODE_OBJECT ? json_object_setn_new_nocheck(value, child->field, child->name_length, item) == 0
				: json_array_append_new(value, item) == 0)
				continue;
			wf_error_no_memory(error);
		}
		json_decref(value);
		return NULL;
	}
	return value;
}

json_t *
wf_template_evaluate(const WfTemplate *template_, const WfScope *scope, WfError *error)
{
	size_t		room = scope->max_size > 0 ? scope->max_size : SIZE_MAX;

	return evaluate(&template_->root, scope, 0, &room, error);
}
