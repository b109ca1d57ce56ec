/*
 * envelope.c - what the service puts around the answers of its optimized integrations; see envelope.h.
 */
#include <stdio.h>

#include "interpreter/envelope.h"

bool
wf_put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

/* A header is a text in HttpHeaders, and a list of one text in AllHttpHeaders. */
static bool
put_header(json_t *all, json_t *some, const char *name, const char *value)
{
	json_t	   *list = json_array();

	if (!wf_put(all, name, list))
		return false;
	return json_array_append_new(list, json_string(value)) == 0 && wf_put(some, name, json_string(value));
}

bool
wf_put_envelope(json_t *response, const WfEnvelope *envelope)
{
	json_t	   *metadata = wf_json_object();
	json_t	   *all,
			   *some,
			   *other;
	char		size[32];

	snprintf(size, sizeof(size), "%zu", envelope->length);
	if (!wf_put(response, "SdkHttpMetadata", metadata) || !wf_put(metadata, "AllHttpHeaders", wf_json_object()) ||
		!wf_put(metadata, "HttpHeaders", wf_json_object()))
		return false;
	all = json_object_get(metadata, "AllHttpHeaders");
	some = json_object_get(metadata, "HttpHeaders");
	if ((envelope->version && !put_header(all, some, "X-Amz-Executed-Version", envelope->version)) ||
		!put_header(all, some, "Content-Length", size) ||
		!put_header(all, some, "Content-Type", envelope->content_type) ||
		!put_header(all, some, "x-amzn-RequestId", envelope->request_id) ||
		!wf_put(metadata, "HttpStatusCode", json_integer(envelope->status)))
		return false;
	other = wf_json_object();
	return wf_put(response, "SdkResponseMetadata", other) &&
		wf_put(other, "RequestId", json_string(envelope->request_id));
}
