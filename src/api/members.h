/*
 * members.h - the members of a JSON object's text, one by one, without parsing their values.
 *
 * For compact JSON that we wrote ourselves (event details): a payload's text is handed on byte for byte.
 */
#ifndef WF_MEMBERS_H
#define WF_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct WfMember
{
	const char *key;			/* without its quotes; not unescaped */
	size_t		key_length;
	const char *value;
	size_t		value_length;
} WfMember;

/* *at: NULL before the first call; false: there are no more. */
extern bool wf_next_member(const char *object, const char **at, WfMember *member);

#endif
