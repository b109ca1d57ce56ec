/*
 * digest.c - hashes and UUIDs; see digest.h.
 */
#include "json/digest.h"

#include <openssl/evp.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

/* So much is hashed between two questions. */
#define PIECE (1 << 20)

static WfHashResult
hash_pieces(EVP_MD_CTX *context, const char *text, size_t length, const WfAsk *ask)
{
	for (size_t piece; length > 0; text += piece, length -= piece)
	{
		piece = length < PIECE ? length : PIECE;
		if (ask != NULL && !ask->go_on(ask->arg, piece))
			return WF_HASH_STOPPED;
		if (!EVP_DigestUpdate(context, text, piece))
			return WF_HASH_UNAVAILABLE;
	}
	return WF_HASHED;
}

WfHashResult
wf_hash(const char *text, size_t length, const char *algorithm, size_t algorithm_length, const WfAsk *ask, char *hex,
		size_t *hex_length)
{
	static const struct
	{
		const char *name;
		const EVP_MD *(*digest) (void);
	}			algorithms[] = {
		{"MD5", EVP_md5}, {"SHA-1", EVP_sha1}, {"SHA-256", EVP_sha256}, {"SHA-384", EVP_sha384}, {"SHA-512", EVP_sha512}
	};
	const EVP_MD *(*digest) (void) = NULL;
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned	size;
	EVP_MD_CTX *context;
	WfHashResult result = WF_HASH_UNAVAILABLE;

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (strlen(algorithms[i].name) == algorithm_length && memcmp(algorithms[i].name, algorithm, algorithm_length) == 0)
			digest = algorithms[i].digest;
	if (digest == NULL)
		return WF_HASH_UNKNOWN;
	context = EVP_MD_CTX_new();
	if (context != NULL && EVP_DigestInit_ex(context, digest(), NULL))
		result = hash_pieces(context, text, length, ask);
	if (result == WF_HASHED && !EVP_DigestFinal_ex(context, hash, &size))
		result = WF_HASH_UNAVAILABLE;
	EVP_MD_CTX_free(context);
	if (result != WF_HASHED)
		return result;
	for (unsigned i = 0; i < size; i++)
	{
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	*hex_length = size * 2;
	return WF_HASHED;
}

void
wf_uuid_write(const unsigned char *random, char *text)
{
	unsigned char bytes[16];
	size_t		n = 0;

	memcpy(bytes, random, sizeof(bytes));
	bytes[6] = (bytes[6] & 0x0F) | 0x40;	/* version 4 */
	bytes[8] = (bytes[8] & 0x3F) | 0x80;	/* variant of RFC 4122 */
	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[n++] = '-';
		text[n++] = digits[bytes[i] >> 4];
		text[n++] = digits[bytes[i] & 15];
	}
}
