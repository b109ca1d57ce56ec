/*
 * payload.h - a JSON value as value and as text, each made from the other when it is first asked for.
 *
 * A payload is passed through many states unchanged: it is parsed at most once, and written as text at most once,
 * however many history events show it.  Counted references; never changed once made.  This header shows no jansson,
 * so that server code can include it.
 */
#ifndef WF_PAYLOAD_H
#define WF_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

struct json_t;
struct WfError;

typedef struct WfPayload WfPayload;

/* New, from text that is known to be compact JSON (it came from the store).  Copies the text.  NULL without memory. */
extern WfPayload *wf_payload_from_text(const char *text, size_t length);

/* New, with room for a text of this length, compact JSON, which the caller writes into *text at once.  NULL without memory. */
extern WfPayload *wf_payload_with_room(size_t length, char **text);

/* New, from a value; steals the reference, also when it fails.  NULL without memory or for a NULL value. */
extern WfPayload *wf_payload_from_json(struct json_t *value);

/* New, from text that a user gave: parsed at once and written compact.  NULL with the problem in *error. */
extern WfPayload *wf_payload_parse(const char *text, size_t length, struct WfError *error);

/* The same, but its text is only written if it is asked for: of what is large, and looked into. */
extern WfPayload *wf_payload_parse_value(const char *text, size_t length, struct WfError *error);

/* New: a string, of UTF-8 without a NUL.  NULL without memory. */
extern WfPayload *wf_payload_from_string(const char *string, size_t length);

extern WfPayload *wf_payload_share(WfPayload *payload);     /* another reference; NULL gives NULL */
extern void wf_payload_release(WfPayload *payload);         /* NULL is allowed */

/* Borrowed: the value.  NULL if the text is no JSON after all or memory is out (reported in *error). */
extern struct json_t *wf_payload_json(WfPayload *payload, struct WfError *error);

/* Borrowed: the compact text, NUL-terminated.  NULL without memory. */
extern const char *wf_payload_text(WfPayload *payload, size_t *length);

/* The length of the compact text in bytes: what the service's limits count. */
extern size_t wf_payload_size(WfPayload *payload);

/* Bytes that it takes in memory, about: its text and its value, as far as they have been made. */
extern size_t wf_payload_memory(WfPayload *payload);

/*
 * The keys of an object, in their order, for who cannot include jansson: *keys is malloc'ed, the strings are borrowed from
 * the payload.  Of anything else: none.  False without memory.
 */
extern bool wf_payload_keys(WfPayload *payload, int *n, const char ***keys);

#endif
