/*
 * page.c - lists page by page; see page.h.
 *
 * A token is base64 of "<check>,<issued>,<number>,<time>,<name>", where check is a hash of the rest and of the list.
 */
#include "postgres.h"

#include "common/base64.h"
#include "common/hashfn.h"

#include "api/page.h"
#include "pg/clock.h"
#include "pg/service_error.h"

#define LIFETIME (24 * 3600)	/* seconds */

static uint64
check_sum(const char *list, const char *content)
{
	uint64		a = DatumGetUInt64(hash_any_extended((const unsigned char *) list, strlen(list), 0x776f726b));
	uint64		b = DatumGetUInt64(hash_any_extended((const unsigned char *) content, strlen(content), 0x666c6f77));

	return hash_combine64(a, b);
}

static long long
now_in_seconds(void)
{
	return wf_clock_to_unix(wf_clock_now()) / USECS_PER_SEC;
}

/* What a token says; NULL if it is garbled, of another list, or too old. */
static char *
open_token(const char *list, const char *token)
{
	int			size = pg_b64_dec_len(strlen(token));
	char	   *text = palloc(size + 1);
	int			length = pg_b64_decode(token, strlen(token), (void *) text, size);
	unsigned long long check;
	long long	issued;
	int			at = 0;

	if (length <= 0)
		return NULL;
	text[length] = '\0';
	if (strlen(text) != length || sscanf(text, "%16llx,%n", &check, &at) != 1 || at == 0 ||
		check != check_sum(list, text + at) || sscanf(text + at, "%lld,", &issued) != 1 ||
		issued < now_in_seconds() - LIFETIME)
		return NULL;
	return text + at;
}

void
wf_page_begin(WfPage *page, const char *list, const WfRequest *request)
{
	int64		max_results = wf_request_integer(request, "maxResults", 0);
	char	   *token = wf_request_string(request, "nextToken");
	char	   *text;
	long long	number,
				time;
	int			at = 0;

	memset(page, 0, sizeof(*page));
	page->list = list;
	page->limit = max_results <= 0 ? WF_PAGE_DEFAULT : (int) Min(max_results, PG_INT32_MAX - 1);
	page->first = token == NULL;
	if (token == NULL)
		return;
	text = open_token(list, token);
	if (text == NULL || sscanf(text, "%*d,%lld,%lld,%n", &number, &time, &at) != 2 || at == 0)
		wf_service_error(WF_INVALID_TOKEN_ERROR, "Invalid Token: 'Invalid token'");
	page->number = number;
	page->time = time;
	page->name = pstrdup(text + at);
}

void
wf_page_next(const WfPage *page, WfResponse *response, int64 number, TimestampTz time, const char *name)
{
	char	   *content = psprintf("%lld," INT64_FORMAT "," INT64_FORMAT ",%s", now_in_seconds(), number, (int64) time,
								   name != NULL ? name : "");
	char	   *text = psprintf("%016llx,%s", (unsigned long long) check_sum(page->list, content), content);
	int			size = pg_b64_enc_len(strlen(text));
	char	   *token = palloc(size + 1);
	int			length = pg_b64_encode((void *) text, strlen(text), token, size);

	if (length < 0)
		elog(ERROR, "could not encode a page token");
	token[length] = '\0';
	wf_response_string(response, "nextToken", token);
}
