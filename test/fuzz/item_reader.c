/*
 * item_reader.c - fuzzing the files that an ItemReader reads, and manifests: a byte that says how, then the text.  Each item
 * must be JSON, each file must have a key.
 */
#include <stdlib.h>
#include <string.h>

#include "asl/error.h"
#include "interpreter/item_reader.h"
#include "json/json.h"

static bool
take(void *arg, const char *text, size_t length)
{
	json_t	   *item = wf_json_parse(text, length, true, NULL);

	if (!item)
		abort();
	json_decref(item);
	++*(int *) arg;
	return true;
}

static void
read_manifest(const uint8_t *data, size_t size)
{
	WfReaderConfig config = {.manifest = (WfManifest) (1 + data[0] / 8 % 3), .type = WF_INPUT_CSV, .delimiter = ','};
	WfError		error = WF_ERROR_NONE;
	WfItemFiles files;
	WfPayload  *result = data[0] & 64 ? wf_payload_parse((const char *) data + 1, size - 1, &error)
		: wf_payload_from_json(json_stringn((const char *) data + 1, size - 1));

	if (result)
	{
		if (!wf_item_files_read(&config, result, &files, &error) && error.code == WF_NO_ERROR)
			abort();
		for (int i = 0; error.code == WF_NO_ERROR && i < files.n; i++)
			if (!files.files[i].key)
				abort();
		wf_item_files_clear(&files);
	}
	wf_error_clear(&error);
	wf_payload_release(result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char delimiters[] = ",;| \t";
	const char *headers[] = {"a", "b"};
	WfReaderConfig config = {.delimiter = ','};
	WfError		error = WF_ERROR_NONE;
	WfPayload  *result;
	int			items = 0;
	int			most = 0;

	if (size == 0)
		return 0;
	if (data[0] % 8 >= 6)
	{
		read_manifest(data, size);
		return 0;
	}
	config.type = (WfInputType) (data[0] % 8);
	config.delimiter = delimiters[data[0] / 8 % 5];
	config.headers_given = (data[0] & 64) != 0;
	config.headers = headers;
	config.n_headers = 2;
	config.pointer = data[0] & 128 ? "/a~1b/0" : NULL;
	most = data[0] & 32 ? 3 : 0;
	result = wf_payload_from_json(json_stringn((const char *) data + 1, size - 1));
	if (result)
	{
		if (!wf_items_read(&config, result, most, take, &items, &error) && error.code == WF_NO_ERROR)
			abort();
		if (most > 0 && items > most)
			abort();
	}
	wf_error_clear(&error);
	wf_payload_release(result);
	return 0;
}
