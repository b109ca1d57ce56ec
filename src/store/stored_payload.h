/*
 * stored_payload.h - payloads as rows hold them; the large ones are kept in the process for who reads them next.
 */
#ifndef WF_STORED_PAYLOAD_H
#define WF_STORED_PAYLOAD_H

#include "postgres.h"

#include "json/payload.h"

/* The payload of a json column's value, as it came from the row; released with the current memory context. */
extern WfPayload *wf_stored_payload(Datum value);

/* The same of a value that nobody is expected to read again soon: it is not kept. */
extern WfPayload *wf_stored_payload_once(Datum value);

/* Between turns: gives back what nobody has read for a while; or all of it. */
extern void wf_stored_payloads_expire(bool all);

#endif
