/*
 * service_error.c - errors as the service words them; see service_error.h.
 *
 * The texts are the service's own and stay in its language: errmsg_internal, no translation.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "pg/service_error.h"

typedef struct Row
{
	const char	digits[4];
	const char *word;
} Row;

static const Row rows[] = {
#define WF_SERVICE_ERROR(identifier, digits, word) {digits, word},
#include "pg/service_errors.def"
#undef WF_SERVICE_ERROR
};

static void raise(WfServiceError error, const char *detail, const char *hint, const char *text) __attribute__((noreturn));

static void
raise(WfServiceError error, const char *detail, const char *hint, const char *text)
{
	const char *digits = rows[error].digits;

	ereport(ERROR,
			(errcode(MAKE_SQLSTATE('W', 'F', digits[0], digits[1], digits[2])),
			 errmsg_internal("%s: %s", rows[error].word, text),
			 detail != NULL ? errdetail_internal("%s", detail) : 0,
			 hint != NULL ? errhint("%s", hint) : 0));
	pg_unreachable();
}

/* The formatted text, palloc'ed. */
#define FORMAT(text, format) \
	do { \
		initStringInfo(&(text)); \
		for (;;) \
		{ \
			va_list		args; \
			int			needed; \
			va_start(args, format); \
			needed = appendStringInfoVA(&(text), format, args); \
			va_end(args); \
			if (needed == 0) \
				break; \
			enlargeStringInfo(&(text), needed); \
		} \
	} while (0)

void
wf_service_error(WfServiceError error, const char *format,...)
{
	StringInfoData text;

	FORMAT(text, format);
	raise(error, NULL, NULL, text.data);
}

void
wf_service_error_hint(WfServiceError error, const char *detail, const char *hint, const char *format,...)
{
	StringInfoData text;

	FORMAT(text, format);
	raise(error, detail, hint, text.data);
}
