/*
 * envelope.h - what the service puts around the answers of its optimized integrations: the HTTP status and headers, the
 * request's id.  For the plain-C files that make such answers; shows jansson.
 */
#ifndef WF_ENVELOPE_H
#define WF_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "json/json.h"

typedef struct WfEnvelope
{
	int			status;
	const char *content_type;
	size_t		length;			/* of the answer's body */
	const char *version;		/* of the function that was executed; NULL: none was */
	const char *request_id;
} WfEnvelope;

/* Steals value, also when it fails; value may be NULL. */
extern bool wf_put(json_t *object, const char *key, json_t *value);

/* Adds SdkHttpMetadata and SdkResponseMetadata to a response.  False without memory. */
extern bool wf_put_envelope(json_t *response, const WfEnvelope *envelope);

#endif
