/*
 * map_items.c - the two ends of a distributed Map that are tasks: its ItemReader, whose result becomes the Map Run's items,
 * and its ResultWriter, for which the task is run once for each file of results, or part of them that a query takes.
 *
 * Both are part of the task: what a reader has stored is rolled back with it, and stays with it.  A query's rows go from a
 * cursor into the items, a few hundred at a time, however many there are.
 *
 * Includes jansson: utils/builtins.h must not be included here.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "asl/distributed.h"
#include "interpreter/item_reader.h"
#include "interpreter/result_writer.h"
#include "json/json.h"
#include "pg/arn.h"
#include "pg/core.h"
#include "pg/settings.h"
#include "store/map_run_list.h"
#include "store/sql.h"
#include "task/map_items.h"
#include "task/task.h"

#define ROWS_AT_ONCE 256
#define FILE_BYTES (1024 * 1024)	/* of which a call holds several copies */
#define CHILDREN_AT_ONCE 256
#define GATHERED_BYTES (256 * 1024)	/* of what they say */

/* The items could not be read; key: the row, or the file that a manifest names; NULL: neither. */
static void
raise_reader_failed(const char *key, WfError *problem)
{
	char	   *cause;

	if (problem->code == WF_OUT_OF_MEMORY || problem->code == WF_INTERRUPTED)
		wf_core_raise(problem);
	cause = psprintf("%s%s%s", key != NULL ? key : "", key != NULL ? ": " : "", problem->cause != NULL ? problem->cause : "");
	wf_error_clear(problem);
	wf_task_raise("States.ItemReaderFailed", cause);
}

static void
release_payload(void *payload)
{
	wf_payload_release(payload);
}

/* --- reading --- */

/* Called from plain C, through which no error may jump. */
typedef struct Taking
{
	WfItemSink *sink;
	ErrorData  *error;			/* raised by the store, to be raised again */
	MemoryContext context;
} Taking;

static bool
take_item(void *arg, const char *text, size_t length)
{
	Taking	   *taking = arg;
	volatile bool done = false;

	PG_TRY();
	{
		CHECK_FOR_INTERRUPTS();
		wf_items_add(taking->sink, text, length);
		done = true;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(taking->context);
		taking->error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	return done;
}

/* Takes one file apart; at most so many items of it (0: all). */
static void
store_file(WfItemSink *sink, const WfReaderConfig *config, const char *key, WfPayload *file, int64 max_items)
{
	MemoryContext context = CurrentMemoryContext;
	WfError		error = WF_ERROR_NONE;
	Taking		taking = {.sink = sink};
	WfStore		store;
	bool		good;

	wf_store_begin(&store);
	taking.context = CurrentMemoryContext;
	good = wf_items_read(config, file, max_items, take_item, &taking, &error);
	if (taking.error != NULL)
		ReThrowError(taking.error);
	if (!good)
		raise_reader_failed(key, &error);
	wf_store_end(&store);
	MemoryContextSwitchTo(context);
}

/* The reader's parameters, for another file. */
static WfPayload *
file_parameters(const WfTaskCall *call, const WfItemFile *file)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *given = wf_payload_json(call->task->parameters, &error);
	json_t	   *parameters = json_copy(given);
	WfPayload  *payload;

	if (file->bucket != NULL && json_object_get(given, "Bucket") != NULL)
		json_object_set_new(parameters, "Bucket", json_string(file->bucket));
	/* of the manifest, or of the listing */
	json_object_del(parameters, "VersionId");
	json_object_del(parameters, "Prefix");
	if (json_object_set_new(parameters, "Key", json_string(file->key)) != 0 ||
		(payload = wf_payload_from_json(json_incref(parameters))) == NULL)
	{
		json_decref(parameters);
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	json_decref(parameters);
	wf_core_free_with(CurrentMemoryContext, release_payload, payload);
	return payload;
}

static void
clear_files(void *files)
{
	wf_item_files_clear(files);
}

/* The reader's resource is called again for each file of a manifest, which is held one at a time. */
static void
store_files(WfItemSink *sink, const WfTaskCall *call, WfPayload *manifest)
{
	MemoryContext context = CurrentMemoryContext;
	MemoryContext of_file = AllocSetContextCreate(context, "workflow file of items", ALLOCSET_DEFAULT_SIZES);
	WfItemFiles *files = palloc0(sizeof(WfItemFiles));
	int64		most = call->task->max_items;
	WfTaskToRun task = *call->task;
	WfTaskCall	file_call = *call;
	WfError		error = WF_ERROR_NONE;

	wf_core_free_with(context, clear_files, files);
	if (!wf_item_files_read(call->task->reader, manifest, files, &error))
		raise_reader_failed(NULL, &error);
	if (call->task->reader->files != NULL)
		task.resource = call->task->reader->files;
	file_call.task = &task;
	for (int i = 0; i < files->n && (most <= 0 || sink->n < most); i++)
	{
		MemoryContextSwitchTo(of_file);
		task.parameters = file_parameters(call, &files->files[i]);
		store_file(sink, &files->config, files->files[i].key, wf_task_work(&file_call), most > 0 ? most - sink->n : 0);
		MemoryContextSwitchTo(context);
		MemoryContextReset(of_file);
	}
}

WfPayload *
wf_task_store_items(const WfTaskCall *call, WfPayload *result)
{
	WfItemSink	sink;
	WfStore		store;

	wf_items_begin(&sink, call->execution, call->frame, call->serial);
	if (call->task->reader->manifest == WF_MANIFEST_NONE)
		store_file(&sink, call->task->reader, NULL, result, call->task->max_items);
	else
		store_files(&sink, call, result);
	wf_store_begin(&store);
	wf_items_end(&sink);
	wf_store_end(&store);
	return wf_core_payload("null", 4);
}

/* --- a query's rows --- */

/* Stores the rows that were fetched; they are compact JSON once they have been parsed and written. */
static void
store_rows(WfItemSink *sink, SPITupleTable *rows, uint64 n)
{
	WfStore		store;

	wf_store_begin(&store);
	for (uint64 i = 0; i < n; i++)
	{
		WfError		error = WF_ERROR_NONE;
		char	   *text = SPI_getvalue(rows->vals[i], rows->tupdesc, 1);
		WfPayload  *row = wf_payload_parse(text, strlen(text), &error);
		size_t		length;
		const char *compact;

		if (row == NULL)
			raise_reader_failed(psprintf("row " INT64_FORMAT, sink->n + 1), &error);
		wf_core_free_with(CurrentMemoryContext, release_payload, row);	/* with the section */
		compact = wf_payload_text(row, &length);
		if (compact == NULL)
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
		wf_items_add(sink, compact, length);
		pfree(text);
	}
	wf_store_end(&store);
}

WfPayload *
wf_task_query_items(const char *name, WfPayload *input, const WfTaskCall *call)
{
	MemoryContext context = CurrentMemoryContext;
	int64		left = call->task->max_items > 0 ? call->task->max_items : PG_INT64_MAX;
	WfItemSink	sink;
	WfStore		store;
	Portal		portal;
	uint64		n;

	wf_items_begin(&sink, call->execution, call->frame, call->serial);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	portal = wf_task_query_open(input);
	do
	{
		SPITupleTable *rows;

		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, (long) Min(left, ROWS_AT_ONCE));
		n = SPI_processed;
		rows = SPI_tuptable;
		store_rows(&sink, rows, n);
		SPI_freetuptable(rows);
		left -= n;
	} while (n == ROWS_AT_ONCE && left > 0);
	SPI_cursor_close(portal);
	SPI_finish();
	MemoryContextSwitchTo(context);
	wf_store_begin(&store);
	wf_items_end(&sink);
	wf_store_end(&store);
	return wf_core_payload("null", 4);
}

/* --- writing --- */

typedef struct Writing
{
	const WfTaskCall *call;
	const WfWriterConfig *config;
	const char *bucket;
	bool		query;			/* the results are a query's parameter, no files */
	char	   *folder;			/* with its slash */
	json_t	   *files;			/* {"FAILED": [{"Key", "Size"}, …], …} */
} Writing;

static void
decref(void *value)
{
	json_decref(value);
}

/* Does the resource's work once; steals the parameters, NULL: there is no memory for them. */
static void
write_with(const Writing *w, json_t *parameters)
{
	WfTaskToRun task = *w->call->task;
	WfTaskCall	call = *w->call;

	task.parameters = parameters != NULL ? wf_payload_from_json(parameters) : NULL;
	if (task.parameters == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	call.task = &task;
	PG_TRY();
	{
		(void) wf_task_work(&call);
	}
	PG_FINALLY();
	{
		wf_payload_release(task.parameters);
	}
	PG_END_TRY();
}

/* Runs the task for one file. */
static void
put_file(Writing *w, const char *key, const char *text, size_t length)
{
	json_t	   *parameters = json_pack("{s:s*,s:s}", "Bucket", w->bucket, "Key", key);

	if (parameters != NULL && json_object_set_new(parameters, "Body", json_stringn(text, length)) != 0)
	{
		json_decref(parameters);
		parameters = NULL;
	}
	write_with(w, parameters);
}

/*
 * The writer's own parameters, those of its query behind two that are given: $1 are results, $2 how their children ended.
 * Steals the results; NULL without memory.
 */
static json_t *
query_parameters(const json_t *request, json_t *results, const char *word)
{
	json_t	   *own = json_object_get(request, "Parameters");
	json_t	   *values = json_pack("[o,s]", results, word);
	json_t	   *parameters = wf_json_copy_level(request);

	/* what is no array is left for the query to complain of */
	if (values == NULL || ((own == NULL || json_is_array(own)) &&
						   ((own != NULL && json_array_extend(values, own) != 0) ||
							json_object_set(parameters, "Parameters", values) != 0)))
	{
		json_decref(parameters);
		parameters = NULL;
	}
	json_decref(values);
	return parameters;
}

/* Runs the writer's query with some results, an array. */
static void
put_rows(Writing *w, const char *word, const char *text, size_t length)
{
	WfError		error = WF_ERROR_NONE;
	json_t	   *request = wf_payload_json(w->call->task->parameters, &error);
	json_t	   *results;

	if (request == NULL)
		wf_core_raise(&error);
	results = wf_json_text_is_too_deep(text, length) ? NULL : wf_json_parse(text, length, true, &error);
	if (error.code != WF_NO_ERROR)
		wf_core_raise(&error);
	/* they come to stand in the parameters of the request */
	if (results == NULL || wf_json_too_deep(results, 2))
	{
		json_decref(results);
		wf_task_raise("States.Runtime", psprintf("The results are nested too deeply, more than %d levels.", WF_JSON_MAX_DEPTH));
	}
	write_with(w, query_parameters(request, results, word));
}

/* Writes what was gathered as the next file of these results, and begins anew. */
static void
put_results(Writing *w, const char *word, StringInfo results)
{
	json_t	   *list;
	char	   *key;

	if (w->query)
	{
		results->data[results->len - 1] = ']';
		put_rows(w, word, results->data, results->len);
		resetStringInfo(results);
		return;
	}
	list = json_object_get(w->files, word);
	key = psprintf("%s%s_%d.%s", w->folder, word, (int) json_array_size(list), w->config->lines ? "jsonl" : "json");

	if (!w->config->lines)
		results->data[results->len - 1] = ']';	/* in place of the last comma */
	put_file(w, key, results->data, results->len);
	if (json_array_append_new(list, json_pack("{s:s,s:I}", "Key", key, "Size", (json_int_t) results->len)) != 0)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	resetStringInfo(results);
}

/* Appends a list of JSON values, each with a comma behind it, as the config says. */
static void
append_results(const WfWriterConfig *config, bool flatten, const char *list, StringInfo to)
{
	WfError		error = WF_ERROR_NONE;
	const char *start = !config->lines && to->len == 0 ? "[" : "";
	char	   *array;
	WfPayload  *payload;
	char	   *text;
	size_t		length;

	if (!config->lines && !flatten)
	{
		appendStringInfo(to, "%s%s", start, list);
		return;
	}
	array = psprintf("[%s", list);
	array[strlen(array) - 1] = ']';
	payload = wf_core_payload(array, strlen(array));
	text = wf_payload_json(payload, &error) == NULL ? NULL :
		wf_results_text(wf_payload_json(payload, &error), flatten, config->lines, &length);
	if (text == NULL)
	{
		if (error.code == WF_NO_ERROR)
			wf_error_no_memory(&error);
		wf_core_raise(&error);
	}
	if (length > 0)
		appendStringInfo(to, "%s%s", start, text);
	free(text);
}

/*
 * Appends what is to be said of some children, from this one on; nothing, if none of them ended so.  Returns the child to go
 * on with: what they say may be large, so that few are in memory at once.
 */
static int64
gather(const WfWriterConfig *config, int64 map, int64 from, bool succeeded, StringInfo to)
{
	bool		outputs = succeeded && config->transformation != WF_TRANSFORMATION_NONE;
	MemoryContext own = AllocSetContextCreate(CurrentMemoryContext, "workflow results", ALLOCSET_DEFAULT_SIZES);
	MemoryContext context = MemoryContextSwitchTo(own);
	StringInfoData list;
	WfStore		store;
	int64		next;

	CHECK_FOR_INTERRUPTS();
	initStringInfo(&list);
	wf_store_begin(&store);
	if (outputs)
		next = wf_map_run_outputs(map, from, CHILDREN_AT_ONCE, GATHERED_BYTES, &list);
	else
		next = wf_map_run_reports(map, from, CHILDREN_AT_ONCE, succeeded, GATHERED_BYTES, &list);
	wf_store_end(&store);
	MemoryContextSwitchTo(own);
	if (list.len > 0)
		append_results(config, outputs && config->transformation == WF_TRANSFORMATION_FLATTEN, list.data, to);
	MemoryContextSwitchTo(context);
	MemoryContextDelete(own);
	return next;
}

static int64
count_children(const WfMapRunInfo *map)
{
	MemoryContext context = CurrentMemoryContext;
	WfStore		store;
	int64		children;

	wf_store_begin(&store);
	children = wf_map_run_children(map->id);
	wf_store_end(&store);
	MemoryContextSwitchTo(context);
	return children;
}

/* All children that ended so, in files of about a megabyte. */
static void
write_children(Writing *w, const WfMapRunInfo *map, bool succeeded)
{
	const char *word = succeeded ? "SUCCEEDED" : "FAILED";
	int64		children = count_children(map);
	StringInfoData results;

	initStringInfo(&results);
	for (int64 from = 0; from < children;)
	{
		from = gather(w->config, map->id, from, succeeded, &results);
		if (results.len > FILE_BYTES)
			put_results(w, word, &results);
	}
	if (results.len > 0)
		put_results(w, word, &results);
	pfree(results.data);
}

/* --- the children that were not started, if too many others had failed --- */

static void
add_pending(const Writing *w, const char *input, StringInfo to)
{
	appendStringInfoString(to, !w->config->lines && to->len == 0 ? "[{\"Input\":" : "{\"Input\":");
	escape_json(to, input);
	appendStringInfo(to, ",\"InputDetails\":{\"Included\":true},\"Status\":\"PENDING\"}%c", w->config->lines ? '\n' : ',');
}

static void
take_pending(const Writing *w, WfMapInputs *inputs, StringInfo to)
{
	WfError		error = WF_ERROR_NONE;
	WfPayload  *input = wf_map_inputs_take(inputs, &error);
	const char *text;

	if (input == NULL)
		wf_core_raise(&error);
	wf_core_free_with(CurrentMemoryContext, release_payload, input);
	text = wf_payload_text(input, NULL);
	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	add_pending(w, text, to);
}

/* An item of which no input can be made is told as it is. */
static void
add_item(const Writing *w, const json_t *item, WfError *problem, StringInfo to)
{
	char	   *text;

	if (problem->code == WF_OUT_OF_MEMORY || problem->code == WF_INTERRUPTED)
		wf_core_raise(problem);
	wf_error_clear(problem);
	text = wf_json_text(item, NULL);
	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	wf_core_free_with(CurrentMemoryContext, free, text);
	add_pending(w, text, to);
}

/* False: what is there already is taken now, and the item comes again. */
static bool
give_item(const Writing *w, WfMapInputs *inputs, int64 number, json_t *item, StringInfo to)
{
	WfError		error = WF_ERROR_NONE;
	WfMapAdded	added = wf_map_inputs_add(inputs, number, item, &error);

	if (added == WF_MAP_ITEM_FAILED)
		add_item(w, item, &error, to);
	else if (added != WF_MAP_ITEM_ADDED)
		take_pending(w, inputs, to);
	return added != WF_MAP_ITEM_NEXT;
}

/* Returns the item to go on with. */
static int64
give_chunk(const Writing *w, WfMapInputs *inputs, const WfMapRun *run, int64 item, StringInfo to)
{
	MemoryContext context = CurrentMemoryContext;
	WfError		error = WF_ERROR_NONE;
	WfStore		store;
	int64		first;
	json_t	   *items;

	wf_store_begin(&store);
	items = wf_payload_json(wf_items_chunk(run, item, &first), &error);
	if (items == NULL)
		wf_core_raise(&error);
	while (item - first < (int64) json_array_size(items))
	{
		CHECK_FOR_INTERRUPTS();
		item += give_item(w, inputs, item, json_array_get(items, (size_t) (item - first)), to);
	}
	wf_store_end(&store);
	MemoryContextSwitchTo(context);
	return item;
}

static void
close_inputs(void *inputs)
{
	wf_map_inputs_close(inputs);
}

static void
write_pending(Writing *w, const WfMapRunInfo *map)
{
	MemoryContext context = CurrentMemoryContext;
	WfMapRun	run = {.id = map->id, .execution = map->execution, .frame = map->frame, .serial = map->serial};
	WfMapRunReport report;
	WfMapInputs *inputs;
	WfError		error = WF_ERROR_NONE;
	StringInfoData pending;
	WfStore		store;
	bool		found;

	wf_store_begin(&store);
	found = wf_map_run_report(map->uuid, context, &report);
	wf_store_end(&store);
	MemoryContextSwitchTo(context);
	if (!found || report.items_started >= report.items)
		return;
	inputs = w->call->map_inputs(w->call->run, map->frame, &error);
	if (inputs == NULL)
		wf_core_raise(&error);
	wf_core_free_with(context, close_inputs, inputs);
	initStringInfo(&pending);
	for (int64 item = report.items_started; item < report.items;)
	{
		item = give_chunk(w, inputs, &run, item, &pending);
		if (pending.len > FILE_BYTES)
			put_results(w, "PENDING", &pending);
	}
	if (wf_map_inputs_pending(inputs) > 0)
		take_pending(w, inputs, &pending);
	if (pending.len > 0)
		put_results(w, "PENDING", &pending);
	pfree(pending.data);
}

static WfPayload *
take_payload(json_t *value)
{
	WfError		error = WF_ERROR_NONE;
	size_t		length;
	char	   *text = value != NULL ? wf_json_text(value, &length) : NULL;
	WfPayload  *payload;

	json_decref(value);
	if (text == NULL)
	{
		wf_error_no_memory(&error);
		wf_core_raise(&error);
	}
	payload = wf_core_payload(text, length);
	free(text);
	return payload;
}

/* The Map Run that the task is for, and its ARN. */
static char *
find_map_run(const WfTaskCall *call, WfMapRunInfo *map)
{
	MemoryContext context = CurrentMemoryContext;
	const WfMapRunInfo *found;
	char	   *arn;
	WfStore		store;

	wf_store_begin(&store);
	found = wf_map_run_info_of(call->execution, call->frame, call->serial);
	if (found == NULL)
		elog(ERROR, "the Map Run of execution " INT64_FORMAT " is missing", call->execution);
	*map = *found;
	map->label = MemoryContextStrdup(context, found->label);
	map->uuid = MemoryContextStrdup(context, found->uuid);
	arn = MemoryContextStrdup(context, wf_arn_map_run(wf_map_run_machine(map->id), map->label, map->uuid));
	wf_store_end(&store);
	MemoryContextSwitchTo(context);
	return arn;
}

/* All that is known of the children that succeeded, as the state's result; not read much further than one may be long. */
static WfPayload *
collect_results(const WfWriterConfig *config, const WfMapRunInfo *map)
{
	int64		children = count_children(map);
	StringInfoData results;

	initStringInfo(&results);
	for (int64 from = 0; from < children;)
	{
		from = gather(config, map->id, from, true, &results);
		if (wf_setting_max_payload > 0 && results.len > wf_setting_max_payload + 1)
			break;
	}
	if (config->lines)
		return take_payload(json_stringn(results.data, results.len > 0 ? results.len - 1 : 0));
	if (results.len == 0)
		return wf_core_payload("[]", 2);
	results.data[results.len - 1] = ']';
	return wf_core_payload(results.data, results.len);
}

WfPayload *
wf_task_write_results(const WfTaskCall *call)
{
	WfError		error = WF_ERROR_NONE;
	MemoryContext context = CurrentMemoryContext;
	json_t	   *request = wf_payload_json(call->task->parameters, &error);
	const char *prefix = json_string_value(json_object_get(request, "Prefix"));
	WfWriterConfig config = *call->task->writer;
	Writing		w = {.call = call, .config = &config, .bucket = json_string_value(json_object_get(request, "Bucket"))};
	WfMapRunInfo map;
	char	   *arn = find_map_run(call, &map);
	char	   *key;
	WfPayload  *manifest;
	const char *text;
	size_t		length;

	if (!w.config->exports)
		return collect_results(w.config, &map);
	w.query = wf_task_is_query(call);
	if (w.query)
		config.lines = false;	/* rows, no file */
	w.files = json_pack("{s:[],s:[],s:[]}", "FAILED", "PENDING", "SUCCEEDED");
	if (w.files == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	wf_core_free_with(context, decref, w.files);
	if (prefix != NULL && prefix[0] != '\0')
		w.folder = psprintf("%s%s%s/", prefix, prefix[strlen(prefix) - 1] == '/' ? "" : "/", map.uuid);
	else
		w.folder = psprintf("%s/", map.uuid);
	write_children(&w, &map, false);
	write_children(&w, &map, true);
	write_pending(&w, &map);
	if (w.query)
		return take_payload(json_pack("{s:s,s:{}}", "MapRunArn", arn, "ResultWriterDetails"));
	key = psprintf("%smanifest.json", w.folder);
	manifest = take_payload(json_pack("{s:s*,s:s,s:O}", "DestinationBucket", w.bucket, "MapRunArn", arn, "ResultFiles",
									  w.files));
	text = wf_payload_text(manifest, &length);
	put_file(&w, key, text, length);
	return take_payload(json_pack("{s:s,s:{s:s*,s:s}}", "MapRunArn", arn, "ResultWriterDetails", "Bucket", w.bucket, "Key",
								  key));
}
