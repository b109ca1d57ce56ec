/*
 * page.h - lists page by page: nextToken.
 *
 * A token holds where the next page begins (the key of the last row shown, never a count), which list it belongs to, and
 * when it was given; it lives for 24 hours.  It is no secret and gives no right: it is checked so that a garbled or a
 * foreign one is refused instead of silently giving wrong rows.
 */
#ifndef WF_PAGE_H
#define WF_PAGE_H

#include "postgres.h"

#include "datatype/timestamp.h"

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

/* Reads maxResults (0 or less: the default) and nextToken (NULL: none).  Raises InvalidToken. */
extern void wf_page_begin(WfPage *page, const char *list, int64 max_results, const char *token);

/* The token of the page that begins behind this row; palloc'ed. */
extern char *wf_page_token(const WfPage *page, int64 number, TimestampTz time, const char *name);

#endif
