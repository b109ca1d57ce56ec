/*
 * digest.h - hashes and UUIDs, as States.Hash, States.UUID and JSONata's $hash and $uuid give them.
 */
#ifndef WF_DIGEST_H
#define WF_DIGEST_H

#include "json/ask.h"

/* Bytes for the longest hash in hexadecimal digits, and for a UUID's text. */
#define WF_HASH_SIZE 128
#define WF_UUID_SIZE 36

typedef enum WfHashResult { WF_HASHED, WF_HASH_UNKNOWN, WF_HASH_UNAVAILABLE, WF_HASH_STOPPED } WfHashResult;

/* Hashes with MD5, SHA-1, SHA-256, SHA-384 or SHA-512, spelled exactly so.  Without NUL.  ask: NULL for nobody. */
extern WfHashResult wf_hash(const char *text, size_t length, const char *algorithm, size_t algorithm_length,
							const WfAsk *ask, char *hex, size_t *hex_length);

/* A UUID of version 4 of 16 random bytes.  Without NUL. */
extern void wf_uuid_write(const unsigned char *random, char *text);

#endif
