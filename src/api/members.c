/*
 * members.c - the members of a JSON object's text; see members.h.
 */
#include <string.h>

#include "api/members.h"

/* The end of the string that begins here with its quote. */
static const char *
skip_string(const char *c)
{
	for (c++; *c != '"' && *c != '\0'; c++)
		if (*c == '\\' && c[1] != '\0')
			c++;
	return *c == '"' ? c + 1 : c;
}

/* The end of the value that begins here: the first comma or closing bracket that is not inside it. */
static const char *
skip_value(const char *c)
{
	int			depth = 0;

	while (*c != '\0')
	{
		if (*c == '"')
		{
			c = skip_string(c);
			continue;
		}
		if (depth == 0 && (*c == ',' || *c == '}' || *c == ']'))
			break;
		if (*c == '{' || *c == '[')
			depth++;
		else if (*c == '}' || *c == ']')
			depth--;
		c++;
	}
	return c;
}

bool
wf_next_member(const char *object, const char **at, WfMember *member)
{
	const char *c = *at == NULL ? object + 1 : *at;

	if (*c == ',')
		c++;
	if (*c != '"')
		return false;
	member->key = c + 1;
	c = skip_string(c);
	member->key_length = (size_t) (c - member->key) - 1;
	if (*c != ':')
		return false;
	member->value = c + 1;
	c = skip_value(c + 1);
	member->value_length = (size_t) (c - member->value);
	*at = c;
	return true;
}
