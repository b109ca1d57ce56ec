/*
 * parse.c - from words to a tree, by the operators' binding powers: an expression goes on as long as the next operator binds
 * more strongly than the one before it.
 */
#include "jsonata/ast.h"
#include "jsonata/functions.h"
#include "jsonata/lexer.h"
#include "jsonata/regex.h"

typedef struct Parser
{
	JnLexer		lexer;
	JnToken		token;			/* the next one */
	JnArena    *arena;
	JnSymbols  *symbols;
	WfJsonataDialect dialect;
	WfJsonataError *error;
	int			depth;
} Parser;

/* A list of nodes while it grows. */
typedef struct List
{
	JnNode	  **items;
	int			n;
	int			capacity;
} List;

static JnNode *parse_expression(Parser *parser, int power);

static const unsigned char powers[JN_OP_MAX] =
{
	['.'] = 75, ['['] = 80, ['{'] = 70, ['('] = 80, ['@'] = 80, ['#'] = 80, ['?'] = 20, ['+'] = 50, ['-'] = 50, ['*'] = 60, ['/'] = 60,
	['%'] = 60, ['='] = 40, ['<'] = 40, ['>'] = 40, ['^'] = 40, [JN_OP_BIND] = 10, [JN_OP_NOT_EQUAL] = 40,
	[JN_OP_LESS_EQUAL] = 40, [JN_OP_GREATER_EQUAL] = 40, [JN_OP_APPLY] = 40, [JN_OP_DEFAULT] = 40, [JN_OP_COALESCE] = 40,
	[JN_OP_AND] = 30, [JN_OP_OR] = 25, [JN_OP_IN] = 40, ['&'] = 50
};

/* --- helpers --- */

static JnNode *
no_memory(Parser *parser)
{
	jn_problem_set(parser->error, WF_JSONATA_NO_MEMORY);
	return NULL;
}

static JnNode *
make(Parser *parser, JnNodeType type, int position)
{
	JnNode	   *node = jn_alloc0(parser->arena, sizeof(JnNode));

	if (node == NULL)
		return no_memory(parser);
	node->type = type;
	node->position = position;
	return node;
}

static JnNode *
make_binary(Parser *parser, JnNodeType type, const JnToken *token, JnNode *left, JnNode *right)
{
	JnNode	   *node = right != NULL ? make(parser, type, token->position) : NULL;

	if (node != NULL)
	{
		node->text = token->text;
		node->left = left;
		node->right = right;
	}
	return node;
}

static bool
append(Parser *parser, List *list, JnNode *node)
{
	if (node == NULL)
		return false;
	if (list->n == list->capacity)
	{
		int			capacity = list->capacity == 0 ? 4 : list->capacity * 2;
		JnNode	  **items = jn_grow(parser->arena, list->items, (size_t) list->capacity * sizeof(JnNode *),
									(size_t) capacity * sizeof(JnNode *));

		if (items == NULL)
			return no_memory(parser) != NULL;
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->n++] = node;
	return true;
}

static bool
fail_expecting(Parser *parser, const char *code, const JnToken *token, JnValue expected)
{
	return jn_error_set(parser->error, code, &(JnDetails) {
		.position = token->position, .token = token->text, .value = expected,
		.literal = token->type == JN_TOKEN_NUMBER ? jn_number(token->number) : token->type == JN_TOKEN_VALUE ? token->value : JN_NOTHING
	});
}

static JnNode *
fail_at(Parser *parser, const char *code, const JnToken *token)
{
	fail_expecting(parser, code, token, JN_NOTHING);
	return NULL;
}

static bool
is_operator(const Parser *parser, unsigned char kind)
{
	return parser->token.type == JN_TOKEN_OPERATOR && parser->token.kind == kind;
}

/* Goes on to the next word, behind which an operand or an operator stands. */
static bool
advance(Parser *parser, bool operand)
{
	if (!jn_lexer_next(&parser->lexer, operand, &parser->token))
		return false;
	if (is_operator(parser, '!') || is_operator(parser, '~'))
		return fail_at(parser, "S0204", &parser->token) != NULL;
	return true;
}

static bool
expect(Parser *parser, unsigned char kind, bool operand)
{
	char		text[2] = {(char) kind, '\0'};

	if (is_operator(parser, kind))
		return advance(parser, operand);
	return fail_expecting(parser, parser->token.type == JN_TOKEN_END ? "S0203" : "S0202", &parser->token, jn_string(text, 1));
}

static int
symbol_of(Parser *parser, WfString name)
{
	int			symbol = jn_symbol(parser->arena, parser->symbols, name, parser->dialect);

	if (symbol < 0)
		no_memory(parser);
	return symbol;
}

/* Expressions up to a closing bracket, which is passed. */
static bool
parse_list(Parser *parser, unsigned char separator, unsigned char closing, List *list, JnNode *(*parse_item) (Parser *parser))
{
	bool		more = !is_operator(parser, closing);

	while (more)
	{
		if (!append(parser, list, parse_item(parser)))
			return false;
		more = is_operator(parser, separator);
		if (more && !advance(parser, true))
			return false;
		if (separator == ';' && is_operator(parser, closing))
			more = false;
	}
	return expect(parser, closing, false);
}

static JnNode *
parse_operand(Parser *parser)
{
	return parse_expression(parser, 0);
}

/* --- what stands at the beginning of an expression --- */

static JnNode *
parse_name(Parser *parser, const JnToken *token)
{
	JnNode	   *node = make(parser, JN_NAME, token->position);

	if (node == NULL)
		return NULL;
	node->text = token->text;
	return node;
}

static JnNode *
parse_literal(Parser *parser, const JnToken *token, JnValue value)
{
	JnNode	   *node = make(parser, JN_LITERAL, token->position);

	if (node == NULL)
		return NULL;
	node->text = token->text;
	node->value = value;
	return node;
}

static JnNode *
parse_variable(Parser *parser, const JnToken *token)
{
	JnNodeType	type = token->text.length == 0 ? JN_CONTEXT :
		wf_string_equal(token->text, WF_STRING("$")) ? JN_ROOT : JN_VARIABLE;
	JnNode	   *node = make(parser, type, token->position);

	if (node == NULL)
		return NULL;
	node->text = token->text;
	if (type != JN_VARIABLE)
		return node;
	node->symbol = symbol_of(parser, token->text);
	return node->symbol < 0 ? NULL : node;
}

static void
free_regex(void *regex)
{
	wf_js_regex_free(regex);
}

/* The fault's value is JSON, a text: what is wrong in the words of JavaScript. */
static void
fail_regex(Parser *parser, const WfFault *fault, const JnToken *token)
{
	size_t		length = fault->value != NULL ? strlen(fault->value) : 0;
	WfString	why = {length >= 2 ? fault->value + 1 : "", length >= 2 ? length - 2 : 0};

	jn_error_set(parser->error, fault->code != NULL ? fault->code : "S0302",
				 &(JnDetails) {.position = token->position, .token = token->text, .message = why});
}

static JnNode *
parse_regex(Parser *parser, const JnToken *token)
{
	JnNode	   *node = make(parser, JN_REGEX, token->position);
	WfFault		fault = {WF_FAULT_NONE};
	WfJsRegex  *regex;

	if (node == NULL)
		return NULL;
	regex = wf_js_regex_read(token->text, token->ignore_case, token->multiline, &fault);
	if (regex == NULL)
	{
		if (fault.kind == WF_FAULT_NO_MEMORY)
			no_memory(parser);
		else
			fail_regex(parser, &fault, token);
		wf_fault_clear(&fault);
		return NULL;
	}
	if (!jn_arena_keep(parser->arena, regex, free_regex) || !jn_arena_count(parser->arena, wf_js_regex_memory(regex)))
		return no_memory(parser);
	node->text = token->text;
	node->value = jn_regex_function(parser->arena, regex);
	return node->value.kind == JN_UNDEFINED ? no_memory(parser) : node;
}

static JnNode *
parse_block(Parser *parser, const JnToken *token)
{
	JnNode	   *node = make(parser, JN_BLOCK, token->position);
	List		list = {NULL};

	if (node == NULL || !parse_list(parser, ';', ')', &list, parse_operand))
		return NULL;
	node->items = list.items;
	node->n_items = list.n;
	return node;
}

static JnNode *
parse_array_item(Parser *parser)
{
	JnNode	   *item = parse_expression(parser, 0);
	JnToken		token = parser->token;

	if (item == NULL || !is_operator(parser, JN_OP_RANGE))
		return item;
	return advance(parser, true) ? make_binary(parser, JN_RANGE, &token, item, parse_expression(parser, 0)) : NULL;
}

static JnNode *
parse_array(Parser *parser, const JnToken *token)
{
	JnNode	   *node = make(parser, JN_ARRAY_OF, token->position);
	List		list = {NULL};

	if (node == NULL || !parse_list(parser, ',', ']', &list, parse_array_item))
		return NULL;
	node->items = list.items;
	node->n_items = list.n;
	return node;
}

/* Behind a {: keys and values, of a new object or of a group. */
static JnNode *
parse_object(Parser *parser, const JnToken *token)
{
	JnNode	   *node = make(parser, JN_OBJECT_OF, token->position);
	List		list = {NULL};

	if (node == NULL)
		return NULL;
	if (!is_operator(parser, '}'))
	{
		for (;;)
		{
			if (!append(parser, &list, parse_expression(parser, 0)) || !expect(parser, ':', true) ||
				!append(parser, &list, parse_expression(parser, 0)))
				return NULL;
			if (!is_operator(parser, ','))
				break;
			if (!advance(parser, true))
				return NULL;
		}
	}
	if (!expect(parser, '}', false))
		return NULL;
	node->items = list.items;
	node->n_items = list.n;
	return node;
}

static JnNode *
parse_transform(Parser *parser, const JnToken *token)
{
	JnNode	   *node = make(parser, JN_TRANSFORM, token->position);

	if (node == NULL || (node->symbol = symbol_of(parser, WF_STRING("clone"))) < 0 ||
		(node->left = parse_expression(parser, 0)) == NULL || !expect(parser, '|', true) ||
		(node->right = parse_expression(parser, 0)) == NULL)
		return NULL;
	if (is_operator(parser, ',') &&
		(!advance(parser, true) || (node->third = parse_expression(parser, 0)) == NULL))
		return NULL;
	return expect(parser, '|', false) ? node : NULL;
}

/* An operator where an operand is expected. */
static JnNode *
parse_prefix_operator(Parser *parser, const JnToken *token)
{
	JnNode	   *node;
	bool		operand = strchr("(-[{|", token->kind) != NULL;

	if (!advance(parser, operand))
		return NULL;
	switch (token->kind)
	{
		case '(':
			return parse_block(parser, token);
		case '[':
			return parse_array(parser, token);
		case '{':
			return parse_object(parser, token);
		case '|':
			return parse_transform(parser, token);
		case '-':
			node = make(parser, JN_NEGATE, token->position);
			return node != NULL && (node->left = parse_expression(parser, 70)) != NULL ? node : NULL;
		case '*':
			return make(parser, JN_WILDCARD, token->position);
		case JN_OP_DESCENDANTS:
			return make(parser, JN_DESCENDANTS, token->position);
		case '%':
			return make(parser, JN_PARENT, token->position);
		case JN_OP_AND:
		case JN_OP_OR:
		case JN_OP_IN:
			return parse_name(parser, token);
		default:
			return fail_at(parser, "S0211", token);
	}
}

static JnNode *
parse_prefix(Parser *parser)
{
	JnToken		token = parser->token;

	if (token.type == JN_TOKEN_END)
	{
		JnNode	   *end = make(parser, JN_END, token.position);	/* a bracket that is not closed is the better complaint */

		if (end != NULL)
			end->text = token.text;
		return end;
	}
	if (token.type == JN_TOKEN_OPERATOR)
		return parse_prefix_operator(parser, &token);
	if (!advance(parser, false))
		return NULL;
	switch (token.type)
	{
		case JN_TOKEN_VARIABLE:
			return parse_variable(parser, &token);
		case JN_TOKEN_STRING:
			return parse_literal(parser, &token, jn_string(token.text.text, token.text.length));
		case JN_TOKEN_NUMBER:
			return parse_literal(parser, &token, jn_number(token.number));
		case JN_TOKEN_VALUE:
			return parse_literal(parser, &token, token.value);
		case JN_TOKEN_REGEX:
			return parse_regex(parser, &token);
		default:
			return parse_name(parser, &token);
	}
}

/* --- what goes on behind one --- */

/* <…> behind a function's parameters, up to its own closing bracket. */
static bool
parse_signature(Parser *parser, JnNode *lambda)
{
	const char *start = parser->token.text.text;
	int			position = parser->token.position;
	int			depth = 0;
	JnSignature *signature = jn_alloc(parser->arena, sizeof(JnSignature));

	if (signature == NULL)
		return no_memory(parser) != NULL;
	for (;;)
	{
		if (parser->token.type == JN_TOKEN_END || is_operator(parser, '{'))
			break;
		if (is_operator(parser, '<'))
			depth++;
		if (is_operator(parser, '>') && --depth == 0)
			break;
		if (!advance(parser, false))
			return false;
	}
	if (is_operator(parser, '>') &&
		!jn_signature_read(signature, (WfString) {start, (size_t) (parser->token.text.text + 1 - start)}, position, parser->error))
		return false;
	lambda->signature = signature;
	return expect(parser, '>', false);
}

/* Behind function(…): its arguments were parsed as a call's, and must be variables. */
static JnNode *
parse_lambda(Parser *parser, const JnToken *token, const List *parameters)
{
	JnNode	   *node = make(parser, JN_LAMBDA, token->position);

	if (node == NULL || (node->parameters = jn_alloc(parser->arena, (size_t) parameters->n * sizeof(int))) == NULL)
		return no_memory(parser);
	for (int i = 0; i < parameters->n; i++)
	{
		JnNode	   *parameter = parameters->items[i];

		if (parameter->type != JN_VARIABLE && parameter->type != JN_CONTEXT && parameter->type != JN_ROOT)
		{
			jn_error_set(parser->error, "S0208",
						 &(JnDetails) {.position = parameter->position, .token = parameter->text, .value = jn_number(i + 1)});
			return NULL;
		}
		node->parameters[node->n_parameters++] = parameter->symbol;
		parser->symbols->items[parameter->symbol].bound = true;
	}
	if (is_operator(parser, '<') && !parse_signature(parser, node))
		return NULL;
	if (!expect(parser, '{', true) || (node->left = parse_expression(parser, 0)) == NULL || !expect(parser, '}', false))
		return NULL;
	return node;
}

static JnNode *
parse_argument(Parser *parser)
{
	JnToken		token = parser->token;

	if (!is_operator(parser, '?'))
		return parse_expression(parser, 0);
	return advance(parser, false) ? make(parser, JN_PLACEHOLDER, token.position) : NULL;
}

static JnNode *
parse_call(Parser *parser, const JnToken *token, JnNode *left)
{
	List		list = {NULL};
	JnNode	   *node;

	if (!parse_list(parser, ',', ')', &list, parse_argument))
		return NULL;
	if (left->type == JN_NAME &&
		(wf_string_equal(left->text, WF_STRING("function")) || wf_string_equal(left->text, WF_STRING("λ"))))
		return parse_lambda(parser, token, &list);
	node = make(parser, JN_CALL, token->position);
	if (node == NULL)
		return NULL;
	node->left = left;
	node->named = left->type == JN_NAME;
	node->items = list.items;
	node->n_items = list.n;
	for (int i = 0; i < list.n; i++)
		if (list.items[i]->type == JN_PLACEHOLDER)
			node->type = JN_PARTIAL;
	return node;
}

/* [] keeps arrays: said of what the predicates behind it belong to. */
static JnNode *
parse_predicate(Parser *parser, const JnToken *token, JnNode *left)
{
	JnNode	   *predicate;

	if (is_operator(parser, ']'))
	{
		JnNode	   *step = left;

		while (step->type == JN_PREDICATE)
			step = step->left;
		step->keep_array = true;
		return advance(parser, false) ? left : NULL;
	}
	predicate = parse_expression(parser, 0);
	return predicate != NULL && expect(parser, ']', false) ? make_binary(parser, JN_PREDICATE, token, left, predicate) : NULL;
}

static JnNode *
parse_order_by(Parser *parser, const JnToken *token, JnNode *left)
{
	JnNode	   *node = make(parser, JN_ORDER_BY, token->position);
	List		list = {NULL};
	int			capacity = 0;

	if (node == NULL || !expect(parser, '(', true))
		return NULL;
	node->left = left;
	for (;;)
	{
		bool		descending = is_operator(parser, '>');

		if ((descending || is_operator(parser, '<')) && !advance(parser, true))
			return NULL;
		if (list.n >= capacity)
		{
			bool	   *flags = jn_grow(parser->arena, node->descending, (size_t) capacity, (size_t) capacity + 64);

			if (flags == NULL)
				return no_memory(parser);
			node->descending = flags;
			capacity += 64;
		}
		node->descending[list.n] = descending;
		if (!append(parser, &list, parse_expression(parser, 0)))
			return NULL;
		if (!is_operator(parser, ','))
			break;
		if (!advance(parser, true))
			return NULL;
	}
	node->items = list.items;
	node->n_items = list.n;
	return expect(parser, ')', false) ? node : NULL;
}

static JnNode *
parse_condition(Parser *parser, const JnToken *token, JnNode *left)
{
	JnNode	   *node = make(parser, JN_CONDITION, token->position);

	if (node == NULL || (node->right = parse_expression(parser, 0)) == NULL)
		return NULL;
	node->left = left;
	if (is_operator(parser, ':') && (!advance(parser, true) || (node->third = parse_expression(parser, 0)) == NULL))
		return NULL;
	return node;
}

/* @ and #, which name what comes. */
static JnNode *
parse_binding(Parser *parser, const JnToken *token, JnNode *left)
{
	JnNode	   *right = parse_expression(parser, powers[token->kind]);

	if (right == NULL)
		return NULL;
	if (right->type != JN_VARIABLE)
	{
		jn_error_set(parser->error, "S0214", &(JnDetails) {.position = right->position, .token = token->text});
		return NULL;
	}
	parser->symbols->items[right->symbol].bound = true;
	return make_binary(parser, token->kind == '@' ? JN_FOCUS : JN_POSITION, token, left, right);
}

static JnNode *
parse_assignment(Parser *parser, const JnToken *token, JnNode *left)
{
	JnNode	   *node;

	if (left->type != JN_VARIABLE && left->type != JN_CONTEXT && left->type != JN_ROOT)
	{
		jn_error_set(parser->error, "S0212", &(JnDetails) {.position = left->position, .token = left->text});
		return NULL;
	}
	node = make_binary(parser, JN_BIND, token, left, parse_expression(parser, powers[JN_OP_BIND] - 1));
	if (node == NULL)
		return NULL;
	node->symbol = left->symbol;
	parser->symbols->items[node->symbol].bound = true;
	return node;
}

/* Operators that have two operands and nothing else to them. */
static const struct Plain
{
	JnNodeType	type;
	char		operator;
}			plain[JN_OP_MAX] =
{
	['.'] = {JN_DOT}, ['+'] = {JN_ARITHMETIC, '+'}, ['-'] = {JN_ARITHMETIC, '-'}, ['*'] = {JN_ARITHMETIC, '*'},
	['/'] = {JN_ARITHMETIC, '/'}, ['%'] = {JN_ARITHMETIC, '%'}, ['='] = {JN_EQUALITY, '='}, [JN_OP_NOT_EQUAL] = {JN_EQUALITY, '!'},
	['<'] = {JN_ORDER, '<'}, ['>'] = {JN_ORDER, '>'}, [JN_OP_LESS_EQUAL] = {JN_ORDER, 'l'}, [JN_OP_GREATER_EQUAL] = {JN_ORDER, 'g'},
	[JN_OP_APPLY] = {JN_APPLY}, [JN_OP_DEFAULT] = {JN_DEFAULT}, [JN_OP_COALESCE] = {JN_COALESCE}, [JN_OP_AND] = {JN_AND},
	[JN_OP_OR] = {JN_OR}, [JN_OP_IN] = {JN_IN}, ['&'] = {JN_CONCATENATE}
};

static JnNode *
parse_infix(Parser *parser, JnNode *left)
{
	JnToken		token = parser->token;
	JnNode	   *node;

	if (!advance(parser, true))
		return NULL;
	switch (token.kind)
	{
		case '(':
			return parse_call(parser, &token, left);
		case '[':
			return parse_predicate(parser, &token, left);
		case '{':
			node = parse_object(parser, &token);
			return make_binary(parser, JN_GROUP, &token, left, node);
		case '^':
			return parse_order_by(parser, &token, left);
		case '?':
			return parse_condition(parser, &token, left);
		case '@':
		case '#':
			return parse_binding(parser, &token, left);
		case JN_OP_BIND:
			return parse_assignment(parser, &token, left);
		default:
			node = make_binary(parser, plain[token.kind].type, &token, left,
							   parse_expression(parser, token.kind == JN_OP_DEFAULT || token.kind == JN_OP_COALESCE ? 0 : powers[token.kind]));
			if (node != NULL)
				node->operator = plain[token.kind].operator;
			return node;
	}
}

static JnNode *
parse_expression(Parser *parser, int power)
{
	JnNode	   *left;

	if (++parser->depth > JN_MAX_NESTING / 4)
	{
		jn_error_set(parser->error, "U1001 nesting", &(JnDetails) {.position = parser->token.position});
		return NULL;
	}
	left = parse_prefix(parser);
	while (left != NULL && parser->token.type == JN_TOKEN_OPERATOR && power < powers[parser->token.kind])
		left = parse_infix(parser, left);
	parser->depth--;
	return left;
}

/* --- the whole --- */

JnNode *
jn_parse(JnArena *arena, JnSymbols *symbols, WfJsonataDialect dialect, const char *text, size_t length, WfJsonataError *error)
{
	Parser		parser = {
		.lexer = {.arena = arena, .begin = text, .at = text, .end = text + length, .counted = text, .error = error},
		.arena = arena, .symbols = symbols, .dialect = dialect, .error = error
	};
	JnNode	   *root;

	if (jn_symbol(arena, symbols, WF_STRING(""), dialect) < 0)
		return no_memory(&parser);
	if (!advance(&parser, true) || (root = parse_expression(&parser, 0)) == NULL)
		return NULL;
	if (parser.token.type != JN_TOKEN_END)
		return fail_at(&parser, "S0201", &parser.token);
	return jn_shape(arena, symbols, root, error);
}
