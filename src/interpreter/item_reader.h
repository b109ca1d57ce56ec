/*
 * item_reader.h - what an ItemReader's resource gave, taken apart into items: CSV, JSON, JSON lines, or items as they are;
 * or into the files of a manifest, which have the items.
 */
#ifndef WF_ITEM_READER_H
#define WF_ITEM_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asl/distributed.h"
#include "json/payload.h"

struct WfError;
struct json_t;

/* Takes an item, compact JSON text; false ends the reading. */
typedef bool (*WfTakeItem) (void *arg, const char *text, size_t length);

/*
 * Gives the items to `take`, at most so many (0: all).  The result is a JSON value: a string is a file's text, as is the
 * string under Body of an object; of what a listing gives, the array under Contents are the items.  False with *error:
 * WF_STATES_RUNTIME and the cause of the failed reader; or if `take` said so, with no error.
 */
extern bool wf_items_read(const WfReaderConfig *config, WfPayload *result, int64_t max_items, WfTakeItem take, void *arg,
						  struct WfError *error);

/* New, malloc'ed: where the items come from, as Map.Item.Source says it; NULL without memory. */
extern char *wf_item_source(const char *resource, const struct json_t *parameters);

/* --- manifests: what is read first says which files have the items --- */

typedef struct WfItemFile
{
	char	   *bucket;			/* NULL: the one that the manifest is in */
	char	   *key;
} WfItemFile;

typedef struct WfItemFiles
{
	int			n;
	WfItemFile *files;
	WfReaderConfig config;		/* how each of them is read */
	int			n_headers;		/* that the manifest says: config.headers */
	char	  **headers;
} WfItemFiles;

/* Of a config that has a manifest.  False as above.  Either way: clear *files. */
extern bool wf_item_files_read(const WfReaderConfig *config, WfPayload *manifest, WfItemFiles *files,
							   struct WfError *error);
extern void wf_item_files_clear(WfItemFiles *files);

#endif
