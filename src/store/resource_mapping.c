/*
 * resource_mapping.c - foreign resources as local work; see resource_mapping.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "store/resource_mapping.h"
#include "store/sql.h"

/* An asterisk stands for any text, colons included.  Only the last asterisk is ever tried again. */
static bool
fits(const char *pattern, const char *text)
{
	const char *star = NULL;
	const char *retry = NULL;

	while (*text != '\0')
	{
		if (*pattern == '*')
		{
			star = pattern++;
			retry = text;
		}
		else if (*pattern == *text)
		{
			pattern++;
			text++;
		}
		else if (star != NULL)
		{
			pattern = star + 1;
			text = ++retry;
		}
		else
			return false;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static int
exactness(const char *pattern)
{
	int			n = 0;

	for (; *pattern != '\0'; pattern++)
		n += *pattern != '*';
	return n;
}

static char *
find(Oid role, const char *resource)
{
	static WfStatement select = {"SELECT pattern, resource, owner FROM workflow.resource_mapping "
		"WHERE owner IN ($1, 0) ORDER BY owner = 0, pattern", 1, {OIDOID}};
	Datum		values[1] = {ObjectIdGetDatum(role)};
	uint64		n = wf_sql(&select, values, NULL, 0);
	int			best = -1;
	char	   *found = NULL;
	bool		found_own = false;

	for (uint64 i = 0; i < n; i++)
	{
		char	   *pattern = wf_sql_text(i, 1);
		bool		own = (Oid) wf_sql_int64(i, 3) != WF_EVERYBODY;

		if (!own && found_own)
			break;				/* the role's own come first, and have all been looked at */
		if (exactness(pattern) > best && fits(pattern, resource))
		{
			best = exactness(pattern);
			found = wf_sql_text(i, 2);
			found_own = own;
		}
	}
	return found;
}

/* The ARN of a function without its version or alias, palloc'ed; NULL: it is none, or has none. */
static char *
without_qualifier(const char *arn)
{
	const char *function = strncmp(arn, "arn:", 4) == 0 ? strstr(arn, ":function:") : NULL;
	const char *qualifier = function != NULL ? strchr(function + strlen(":function:"), ':') : NULL;

	return qualifier != NULL ? pnstrdup(arn, qualifier - arn) : NULL;
}

char *
wf_resource_mapping_find(Oid role, const char *resource)
{
	char	   *found = find(role, resource);
	char	   *unqualified = found == NULL ? without_qualifier(resource) : NULL;

	return unqualified != NULL ? find(role, unqualified) : found;
}

bool
wf_resource_mapping_set(Oid owner, const char *pattern, const char *resource)
{
	static WfStatement delete = {"DELETE FROM workflow.resource_mapping WHERE owner = $1 AND pattern = $2",
		2, {OIDOID, TEXTOID}};
	static WfStatement upsert = {"INSERT INTO workflow.resource_mapping (owner, pattern, resource) VALUES ($1, $2, $3) "
		"ON CONFLICT (owner, pattern) DO UPDATE SET resource = excluded.resource", 3, {OIDOID, TEXTOID, TEXTOID}};
	Datum		values[3] = {ObjectIdGetDatum(owner), CStringGetTextDatum(pattern), (Datum) 0};

	if (resource == NULL)
		return wf_sql(&delete, values, NULL, 0) > 0;
	values[2] = CStringGetTextDatum(resource);
	return wf_sql(&upsert, values, NULL, 0) > 0;
}
