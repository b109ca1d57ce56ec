/*
 * result_writer.c - results as a ResultWriter says; see result_writer.h.
 */
#include <stdlib.h>
#include <string.h>

#include "interpreter/result_writer.h"
#include "json/growing_text.h"
#include "json/json.h"

static bool
add(WfText *text, char separator, const json_t *value)
{
	size_t		length;
	char	   *json = wf_json_text(value, &length);
	bool		good = json && wf_text_add(text, json, length) && wf_text_add(text, &separator, 1);

	free(json);
	return good;
}

static bool
add_all(WfText *text, char separator, const json_t *values, bool flatten)
{
	size_t		i;
	json_t	   *value;

	json_array_foreach(values, i, value)
		if (flatten && json_is_array(value) ? !add_all(text, separator, value, false) : !add(text, separator, value))
			return false;
	return true;
}

char *
wf_results_text(const json_t *results, bool flatten, bool lines, size_t *length)
{
	WfText		text = {0};

	if (!wf_text_add(&text, "", 0) || !add_all(&text, lines ? '\n' : ',', results, flatten))
	{
		free(text.data);
		return NULL;
	}
	*length = text.length;
	return text.data;
}

/* Lines are a string; without the last line's end. */
static WfPayload *
lines_payload(char *text, size_t length)
{
	return wf_payload_from_json(json_stringn(text, length > 0 ? length - 1 : 0));
}

static WfPayload *
array_payload(char *text, size_t length)
{
	char	   *array;
	WfPayload  *payload = wf_payload_with_room(length > 0 ? length + 1 : 2, &array);

	if (!payload)
		return NULL;
	array[0] = '[';
	memcpy(array + 1, text, length);
	array[length > 0 ? length : 1] = ']';	/* in place of the last comma */
	return payload;
}

WfPayload *
wf_results_payload(const WfWriterConfig *config, WfPayload *results, WfError *error)
{
	bool		flatten = config->transformation == WF_TRANSFORMATION_FLATTEN;
	json_t	   *array;
	char	   *text;
	size_t		length;
	WfPayload  *payload;

	if (!flatten && !config->lines)
		return wf_payload_share(results);
	array = wf_payload_json(results, error);
	if (!array)
		return NULL;
	text = wf_results_text(array, flatten, config->lines, &length);
	payload = !text ? NULL : config->lines ? lines_payload(text, length) : array_payload(text, length);
	free(text);
	if (!payload)
		wf_error_no_memory(error);
	return payload;
}
