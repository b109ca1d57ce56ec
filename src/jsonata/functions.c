/*
 * functions.c - the functions by their names.
 */
#include "jsonata/functions.h"

static const JnBuiltin builtins[] =
{
#define JN_FUNCTION(name, run, signature, arity, dialect) {{name, sizeof(name) - 1}, run, signature, arity, dialect},
#include "jsonata/functions.def"
#undef JN_FUNCTION
};

#define N_BUILTINS ((int) (sizeof(builtins) / sizeof(builtins[0])))

/* Their signatures, read when a function is first asked for: an expression's, which is never changed by it. */
static JnSignature signatures[N_BUILTINS];
static JnFunction functions[N_BUILTINS];

static void
prepare(int number)
{
	const JnBuiltin *builtin = &builtins[number];
	WfJsonataError error = WF_JSONATA_ERROR_NONE;

	if (functions[number].builtin != NULL)
		return;
	jn_signature_read(&signatures[number], (WfString) {builtin->signature, strlen(builtin->signature)}, 0, &error);
	functions[number] = (JnFunction) {.type = JN_BUILTIN_FUNCTION, .signature = &signatures[number], .builtin = builtin};
}

int
jn_builtin(WfString name, WfJsonataDialect dialect)
{
	for (int i = 0; i < N_BUILTINS; i++)
	{
		if (wf_string_equal(builtins[i].name, name) && builtins[i].dialect != (dialect == WF_JSONATA_STATES ? 's' : 'w'))
		{
			prepare(i);
			return i;
		}
	}
	return -1;
}

JnValue
jn_builtin_function(int number)
{
	return jn_function_value(&functions[number]);
}
