/*
 * symbols.c - names as numbers: variables are told apart by those.
 */
#include "jsonata/functions.h"

int
jn_known_symbol(const JnSymbols *symbols, WfString name)
{
	const JnPair *pair = symbols->index != NULL ? jn_object_find(symbols->index, name.text, name.length) : NULL;

	return pair != NULL ? (int) pair->value.number : 0;
}

static bool
add(JnArena *arena, JnSymbols *symbols, JnSymbol symbol)
{
	if (symbols->index == NULL && (symbols->index = jn_object(arena)) == NULL)
		return false;
	if (symbols->n == symbols->capacity)
	{
		int			capacity = symbols->capacity == 0 ? 8 : symbols->capacity * 2;
		JnSymbol   *items = jn_grow(arena, symbols->items, (size_t) symbols->capacity * sizeof(JnSymbol),
									(size_t) capacity * sizeof(JnSymbol));

		if (items == NULL)
			return false;
		symbols->items = items;
		symbols->capacity = capacity;
	}
	if (symbols->n > 0 && !jn_object_set(arena, symbols->index, symbol.name.text, symbol.name.length, jn_number(symbols->n)))
		return false;
	symbols->items[symbols->n++] = symbol;
	return true;
}

int
jn_symbol(JnArena *arena, JnSymbols *symbols, WfString name, WfJsonataDialect dialect)
{
	int			known = jn_known_symbol(symbols, name);

	if (known > 0)
		return known;
	if (symbols->n == 0 && !add(arena, symbols, (JnSymbol) {.name = WF_STRING(""), .builtin = -1}))
		return -1;
	if (!add(arena, symbols, (JnSymbol) {name, jn_builtin(name, dialect), false}))
		return -1;
	if (wf_string_equal(name, WF_STRING("eval")))
		symbols->all_bound = true;
	return symbols->n - 1;
}

bool
jn_copy_symbols(JnArena *arena, const JnSymbols *symbols, JnSymbols *copy)
{
	*copy = (JnSymbols) {.all_bound = symbols->all_bound};
	for (int i = 0; i < symbols->n; i++)
		if (!add(arena, copy, symbols->items[i]))
			return false;
	return true;
}
