/*
 * names.c - names that people give; see names.h.
 *
 * Works on UTF-8 as well as on single-byte encodings: in the latter only ASCII and the control characters can be judged.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "pg/names.h"
#include "pg/service_error.h"

static bool
is_forbidden(pg_wchar c)
{
	if (c < 0x80)
		return c <= 0x20 || c == 0x7f || strchr("<>{}[]?*\"#%\\^|~`$&,;:/", (char) c) != NULL;
	if (c <= 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
		c == 0x205f || c == 0x3000)
		return true;			/* control characters and white space */
	return c == 0xfffe || c == 0xffff || c == 0x10ffff;
}

bool
wf_name_is_valid(const char *name)
{
	int			length = 0;
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;

	for (const char *c = name; *c != '\0'; c += pg_mblen(c))
	{
		if (++length > WF_NAME_LENGTH)
			return false;
		if (is_forbidden(utf8 ? utf8_to_unicode((const unsigned char *) c) :
						 IS_HIGHBIT_SET(*c) ? (pg_wchar) 0xfffd : (pg_wchar) *c))
			return false;
	}
	return length > 0;
}

void
wf_name_check(const char *name)
{
	if (!wf_name_is_valid(name))
		wf_service_error(WF_INVALID_NAME_ERROR, "Invalid Name: '%s'", name);
}
