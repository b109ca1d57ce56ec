/*
 * template.c - payload templates: compiled to a tree in which everything that is constant is one shared value.
 *
 * In JSONPath a field whose name ends in `.$` is computed, at any depth, also in objects inside arrays; the suffix is
 * dropped.  Two fields that would then have the same name are refused.  In JSONata each string between {% and %} is.
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

/* How templates are read: in which language, and where it is said what is wrong. */
typedef struct Compiler
{
	bool		queries;		/* JSONata */
	char	  **location;		/* NULL: not asked for */
	WfError    *error;
} Compiler;

static bool
complain(const WfPlace *place, Compiler *compiler)
{
	if (compiler->location != NULL)
	{
		free(*compiler->location);
		*compiler->location = wf_place_spell(place);
		if (*compiler->location == NULL)
			wf_error_no_memory(compiler->error);
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

static bool compile(Node *node, json_t *source, const WfPlace *place, Compiler *compiler);

/* Compiles the value of a `.$` field. */
static bool
compile_expression(Node *node, json_t *source, json_t *object, const WfPlace *place, Compiler *compiler)
{
	char	   *name;
	bool		clashes;

	node->kind = NODE_EXPRESSION;
	if (!json_is_string(source))
	{
		wf_error_set(compiler->error, WF_INVALID_PATH, "the value is no string");
		return complain(place, compiler);
	}
	clashes = json_object_getn(object, node->field, node->name_length) != NULL;
	if (clashes)
	{
		name = malloc(node->name_length + 1);
		if (name == NULL)
			return wf_error_no_memory(compiler->error);
		memcpy(name, node->field, node->name_length);
		name[node->name_length] = '\0';
		wf_error_set(compiler->error, WF_INVALID_PATH, "the field '%s' stands there, too", name);
		free(name);
		return complain(place, compiler);
	}
	node->expression = wf_expression_parse(json_string_value(source), compiler->error);
	return node->expression != NULL || complain(place, compiler);
}

static bool
compile_object(Node *node, json_t *source, const WfPlace *place, Compiler *compiler)
{
	bool		constant = true;

	for (void *member = json_object_iter(source); member != NULL; member = json_object_iter_next(source, member))
	{
		Node	   *child = &node->children[node->n++];
		json_t	   *value = json_object_iter_value(member);
		WfPlace		here = {place, json_object_iter_key(member), 0};

		child->field = json_object_iter_key(member);
		child->name_length = json_object_iter_key_len(member);
		if (!compiler->queries && is_computed(child->field, child->name_length))
		{
			child->name_length -= 2;
			if (!compile_expression(child, value, source, &here, compiler))
				return false;
		}
		else if (!compile(child, value, &here, compiler))
			return false;
		constant = constant && child->kind == NODE_CONSTANT;
	}
	node->kind = constant ? NODE_CONSTANT : NODE_OBJECT;
	return true;
}

static bool
compile_array(Node *node, json_t *source, const WfPlace *place, Compiler *compiler)
{
	bool		constant = true;

	for (size_t i = 0; i < json_array_size(source); i++)
	{
		WfPlace		here = {place, NULL, i};
		Node	   *child = &node->children[node->n++];

		if (!compile(child, json_array_get(source, i), &here, compiler))
			return false;
		constant = constant && child->kind == NODE_CONSTANT;
	}
	node->kind = constant ? NODE_CONSTANT : NODE_ARRAY;
	return true;
}

static bool
compile(Node *node, json_t *source, const WfPlace *place, Compiler *compiler)
{
	size_t		n = json_is_object(source) ? json_object_size(source) : json_is_array(source) ? json_array_size(source) : 0;

	node->kind = NODE_CONSTANT;
	node->constant = source;
	if (compiler->queries && json_is_string(source) && wf_is_query(json_string_value(source)))
	{
		node->kind = NODE_EXPRESSION;
		node->expression = wf_expression_parse_query(json_string_value(source), place, compiler->error);
		return node->expression != NULL;
	}
	if (n == 0)
		return true;
	node->children = calloc(n, sizeof(Node));
	if (node->children == NULL)
		return wf_error_no_memory(compiler->error);
	if (json_is_object(source) ? !compile_object(node, source, place, compiler)
		: !compile_array(node, source, place, compiler))
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

static WfTemplate *
parse(json_t *source, const WfPlace *place, Compiler *compiler)
{
	WfTemplate *template_ = calloc(1, sizeof(WfTemplate));

	if (template_ == NULL)
	{
		wf_error_no_memory(compiler->error);
		return NULL;
	}
	template_->source = json_incref(source);
	if (compile(&template_->root, source, place, compiler))
		return template_;
	wf_template_free(template_);
	return NULL;
}

WfTemplate *
wf_template_parse(json_t *source, char **location, WfError *error)
{
	Compiler	compiler = {false, location, error};

	if (location != NULL)
		*location = NULL;
	return parse(source, NULL, &compiler);
}

WfTemplate *
wf_template_parse_queries(json_t *source, const WfPlace *place, WfError *error)
{
	Compiler	compiler = {true, NULL, error};

	return parse(source, place, &compiler);
}

static const WfQuery *
query_of(const Node *node)
{
	return node->kind == NODE_EXPRESSION ? wf_expression_query(node->expression) : NULL;
}

const WfQuery *
wf_template_query(const WfTemplate *template_)
{
	return query_of(&template_->root);
}

const WfQuery *
wf_template_member_query(const WfTemplate *template_, const char *name)
{
	const Node *root = &template_->root;

	for (size_t i = 0; root->kind == NODE_OBJECT && i < root->n; i++)
		if (strcmp(root->children[i].field, name) == 0)
			return query_of(&root->children[i]);
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

/* How messages call a computed field. */
static const char *
name_of(const Node *node)
{
	const WfQuery *query = wf_expression_query(node->expression);

	return query != NULL ? wf_query_location(query) : node->field;
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
							 "The value of the field '%s' makes its payload larger than %zu bytes", name_of(node), scope->max_size);
				json_decref(value);
				return NULL;
			}
			if (value != NULL && wf_json_too_deep(value, depth))
			{
				wf_error_set(error, WF_STATES_RUNTIME, "The value of the field '%s' is nested more than %d levels deep",
							 name_of(node), WF_JSON_MAX_DEPTH);
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
