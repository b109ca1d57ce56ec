/*
 * distributed.h - what a Map in DISTRIBUTED mode has beside an inline one: how its items are read, batched and counted,
 * and where its results go.
 */
#ifndef WF_DISTRIBUTED_H
#define WF_DISTRIBUTED_H

#include <stdbool.h>

struct WfResource;

typedef enum WfInputType { WF_INPUT_NONE, WF_INPUT_CSV, WF_INPUT_JSON, WF_INPUT_JSONL, WF_INPUT_PARQUET, WF_INPUT_MANIFEST } WfInputType;

/* What the reader's resource gives at first, if it is no file of items but says which files have them. */
typedef enum WfManifest
{
	WF_MANIFEST_NONE,
	WF_MANIFEST_INVENTORY,		/* the manifest.json of an S3 inventory: files of CSV, whose columns it names */
	WF_MANIFEST_ATHENA,			/* a line for each file: s3://bucket/key */
	WF_MANIFEST_LISTING			/* a listing whose files are loaded, too (LOAD_AND_FLATTEN) */
} WfManifest;

/* A ReaderConfig: how the text that the reader's resource gives is taken apart.  Strings are the definition's. */
typedef struct WfReaderConfig
{
	WfManifest	manifest;
	const struct WfResource *files; /* reads the files of a listing; NULL: the reader's own resource does */
	WfInputType type;			/* of the files, if there is a manifest; NONE: the resource gives the items themselves */
	bool		headers_given;	/* CSVHeaderLocation is GIVEN */
	int			n_headers;
	const char **headers;
	char		delimiter;
	const char *pointer;		/* ItemsPointer, or NULL */
} WfReaderConfig;

/* A WriterConfig: how the results of the children that succeeded are written.  Of the others all is always said. */
typedef enum WfTransformation { WF_TRANSFORMATION_NONE, WF_TRANSFORMATION_COMPACT, WF_TRANSFORMATION_FLATTEN } WfTransformation;

typedef struct WfWriterConfig
{
	WfTransformation transformation;	/* NONE: all that is known of a child; COMPACT: its output; FLATTEN: an array's elements */
	bool		lines;			/* JSON lines, instead of an array */
	bool		exports;		/* into files, by the writer's resource; else they are the state's result */
} WfWriterConfig;

#endif
