/*
 * page.h - lists page by page: maxResults and nextToken.
 *
 * A token holds where the next page begins (the key of the last row shown, never a count), which list it belongs to, and
 * when it was given; it lives for 24 hours.  It is no secret and gives no right: it is checked so that a garbled or a
 * foreign one is refused instead of silently giving wrong rows.
 */
#ifndef WF_PAGE_H
#define WF_PAGE_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "api/request.h"
#include "api/response.h"

/* The fields of a request for a list; a token's length is the service's, which varies. */
#define WF_MAX_RESULTS_FIELD {"maxResults", WF_FIELD_INTEGER, 0, 0, 1000, NULL, NULL}
#define WF_NEXT_TOKEN_FIELD(most) {"nextToken", WF_FIELD_STRING, 0, 1, most, NULL, NULL}

#define WF_PAGE_DEFAULT 100

typedef struct WfPage
{
	const char *list;			/* which list: the action and its other arguments, in any form */
	int			limit;			/* rows of this page */
	bool		first;			/* it begins at the beginning; otherwise behind: */
	int64		number;
	TimestampTz time;
	char	   *name;
} WfPage;

/* Reads maxResults (0 or less: the default) and nextToken of a request.  Raises InvalidToken. */
extern void wf_page_begin(WfPage *page, const char *list, const WfRequest *request);

/* There is another page, which begins behind this row: adds its token. */
extern void wf_page_next(const WfPage *page, WfResponse *response, int64 number, TimestampTz time, const char *name);

#endif
