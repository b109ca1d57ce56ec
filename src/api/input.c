/*
 * input.c - JSON text that a person gives; see input.h.
 *
 * Whether it is JSON is decided by the plain-C half alone.  Only for what that refuses, a small scanner finds the place
 * and the words that the service's own parser (Jackson) has for it.
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "api/input.h"
#include "asl/error.h"
#include "json/payload.h"
#include "pg/core.h"
#include "pg/service_error.h"
#include "pg/settings.h"

static char *find_complaint(const char *text);

static void
release(void *payload)
{
	wf_payload_release(payload);
}

typedef struct Purpose
{
	WfServiceError error;
	const char *word;			/* how the service's message begins */
	const char *field;
} Purpose;

static const Purpose purposes[] = {
	[WF_INPUT_OF_EXECUTION] = {WF_INVALID_EXECUTION_INPUT_ERROR, "Invalid State Machine Execution Input", "input"},
	[WF_OUTPUT_OF_TASK] = {WF_INVALID_OUTPUT_ERROR, "Invalid Output", "output"},
};

static void refuse(WfInputPurpose purpose, const char *text, WfError *error) __attribute__((noreturn));

static void
refuse(WfInputPurpose purpose, const char *text, WfError *error)
{
	char	   *complaint;

	if (error->code != WF_INVALID_JSON && error->code != WF_NUMBER_OUT_OF_RANGE)
		wf_core_raise(error);
	complaint = error->code == WF_NUMBER_OUT_OF_RANGE && error->cause != NULL ? pstrdup(error->cause) :
		find_complaint(text);
	wf_error_clear(error);
	wf_service_error(purposes[purpose].error, "%s: '%s'", purposes[purpose].word, complaint);
}

char *
wf_input_compact(const char *text, WfInputPurpose purpose)
{
	WfError		error = WF_ERROR_NONE;
	WfPayload  *payload = wf_payload_parse(text, strlen(text), &error);
	const char *compact;
	size_t		length;

	if (payload == NULL)
		refuse(purpose, text, &error);
	wf_core_free_with(CurrentMemoryContext, release, payload);
	compact = wf_payload_text(payload, &length);
	if (compact == NULL)
	{
		error.code = WF_OUT_OF_MEMORY;
		wf_core_raise(&error);
	}
	if (wf_setting_max_payload > 0 && length > wf_setting_max_payload)
		wf_service_error(WF_VALIDATION_ERROR, "1 validation error detected: Value at '%s' failed to satisfy "
						 "constraint: Member must have length less than or equal to %d", purposes[purpose].field,
						 wf_setting_max_payload);
	return pnstrdup(compact, length);
}

/* --- what is wrong --- */

static const char *
skip_space(const char *c)
{
	while (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\r')
		c++;
	return c;
}

static char *
unexpected(const char *c, const char *expectation)
{
	if (*c == '\0')
		return pstrdup("Unexpected end-of-input");
	return psprintf("Unexpected character ('%s' (code %u)): %s", pnstrdup(c, pg_mblen(c)),
					GetDatabaseEncoding() == PG_UTF8 ? utf8_to_unicode((const unsigned char *) c) :
					(unsigned int) (unsigned char) *c, expectation);
}

/* The end of a string's text, or NULL with the complaint. */
static const char *
scan_string(const char *c, char **complaint)
{
	for (c++; *c != '"'; c++)
	{
		if (*c == '\0')
		{
			*complaint = pstrdup("Unexpected end-of-input: was expecting closing quote for a string value");
			return NULL;
		}
		if ((unsigned char) *c < 0x20)
		{
			*complaint = psprintf("Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using "
								  "backslash to be included in string value", *c);
			return NULL;
		}
		if (*c == '\\')
		{
			c++;
			if (*c == '\0' || strchr("\"\\/bfnrtu", *c) == NULL)
			{
				*complaint = psprintf("Unrecognized character escape '%s' (code %d)",
									  pnstrdup(c, *c == '\0' ? 0 : pg_mblen(c)), (unsigned char) *c);
				return NULL;
			}
		}
	}
	return c + 1;
}

static const char *
scan_word(const char *c, char **complaint)
{
	size_t		length = 0;

	while (isalnum((unsigned char) c[length]) || c[length] == '_' || c[length] == '$' || IS_HIGHBIT_SET(c[length]))
		length++;
	if ((length == 4 && (strncmp(c, "true", 4) == 0 || strncmp(c, "null", 4) == 0)) ||
		(length == 5 && strncmp(c, "false", 5) == 0))
		return c + length;
	*complaint = psprintf("Unrecognized token '%s': was expecting (JSON String, Number, Array, Object or token 'null', "
						  "'true' or 'false')", pnstrdup(c, length));
	return NULL;
}

static const char *
scan_scalar(const char *c, char **complaint)
{
	if (*c == '"')
		return scan_string(c, complaint);
	if (*c == '-' || isdigit((unsigned char) *c))
		return c + strspn(c, "+-.0123456789eE");
	if (isalpha((unsigned char) *c) || IS_HIGHBIT_SET(*c))
		return scan_word(c, complaint);
	*complaint = unexpected(c, "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or "
							"'false')");
	return NULL;
}

/* A field's name and colon, to the beginning of its value. */
static const char *
scan_field_name(const char *c, char **complaint)
{
	if (*c != '"')
	{
		*complaint = unexpected(c, "was expecting double-quote to start field name");
		return NULL;
	}
	c = scan_string(c, complaint);
	if (c == NULL)
		return NULL;
	c = skip_space(c);
	if (*c != ':')
	{
		*complaint = unexpected(c, "was expecting a colon to separate field name and value");
		return NULL;
	}
	return skip_space(c + 1);
}

/* What follows a value: the beginning of the next one, or NULL with the complaint.  *open: the brackets that are open. */
static const char *
scan_on(const char *c, StringInfo open, char **complaint)
{
	for (;;)
	{
		bool		in_object = open->len > 0 && open->data[open->len - 1] == '{';

		c = skip_space(c);
		if (open->len == 0)
		{
			*complaint = *c == '\0' ? pstrdup("Invalid execution input.") :
				unexpected(c, "was expecting the end of the input");
			return NULL;
		}
		if (*c == (in_object ? '}' : ']'))
		{
			open->data[--open->len] = '\0';
			c++;
			continue;
		}
		if (*c != ',')
		{
			*complaint = unexpected(c, in_object ? "was expecting comma to separate Object entries" :
									"was expecting comma to separate Array entries");
			return NULL;
		}
		c = skip_space(c + 1);
		return in_object ? scan_field_name(c, complaint) : c;
	}
}

static char *
find_complaint(const char *text)
{
	StringInfoData open;
	char	   *complaint = NULL;
	const char *c = skip_space(text);

	if (*c == '\0')
		return pstrdup("Invalid execution input.");
	initStringInfo(&open);
	while (complaint == NULL)
	{
		if (*c == '{' || *c == '[')
		{
			char		bracket = *c;

			appendStringInfoChar(&open, bracket);
			c = skip_space(c + 1);
			if (*c == (bracket == '{' ? '}' : ']'))
				c = scan_on(c, &open, &complaint);
			else if (bracket == '{')
				c = scan_field_name(c, &complaint);
		}
		else
		{
			c = scan_scalar(c, &complaint);
			if (c != NULL)
				c = scan_on(c, &open, &complaint);
		}
	}
	return complaint;
}
