/*
 * distributed.h - what a Map in DISTRIBUTED mode has beside an inline one: how its items are read, batched and counted,
 * and where its results go.
 */
#ifndef WF_DISTRIBUTED_H
#define WF_DISTRIBUTED_H

#include <stdbool.h>

typedef enum WfInputType { WF_INPUT_NONE, WF_INPUT_CSV, WF_INPUT_JSON, WF_INPUT_JSONL, WF_INPUT_PARQUET, WF_INPUT_MANIFEST } WfInputType;

/* A ReaderConfig: how the text that the reader's resource gives is taken apart.  Strings are the definition's. */
typedef struct WfReaderConfig
{
	WfInputType type;			/* NONE: the resource gives the items themselves */
	bool		headers_given;	/* CSVHeaderLocation is GIVEN */
	int			n_headers;
	const char **headers;
	char		delimiter;
	const char *pointer;		/* ItemsPointer, or NULL */
} WfReaderConfig;

#endif
