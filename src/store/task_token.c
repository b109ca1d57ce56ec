/*
 * task_token.c - task tokens; see task_token.h.
 *
 * 48 bytes as 64 characters: execution, frame and serial, in network order, then the code.
 */
#include "postgres.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "port/pg_bswap.h"

#include "store/installation.h"
#include "store/task_token.h"

#define CODE_SIZE 32			/* of SHA-256 */

typedef struct Token
{
	uint64		execution;
	uint32		frame;
	uint32		serial;
	unsigned char code[CODE_SIZE];
} Token;

StaticAssertDecl(sizeof(Token) / 3 * 4 + 1 == WF_TASK_TOKEN_SIZE, "a token has no padding");

#define NAMED_SIZE offsetof(Token, code)

/* The code over what the token names.  False: there is no key, and so no token yet. */
static bool
compute_code(const Token *token, unsigned char *code)
{
	unsigned char key[WF_TOKEN_KEY_SIZE];
	unsigned int size = 0;
	bool		done;

	if (!wf_installation_token_key(key))
		return false;
	done = HMAC(EVP_sha256(), key, sizeof(key), (const unsigned char *) token, NAMED_SIZE, code, &size) != NULL;
	OPENSSL_cleanse(key, sizeof(key));
	if (!done || size != CODE_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the code of a task token")));
	return true;
}

void
wf_task_token_make(const WfTaskReference *task, char text[WF_TASK_TOKEN_SIZE])
{
	Token		token = {
		.execution = pg_hton64((uint64) task->execution), .frame = pg_hton32((uint32) task->frame),
		.serial = pg_hton32((uint32) task->serial)
	};

	if (!compute_code(&token, token.code))
		elog(ERROR, "there is no key of task tokens");
	EVP_EncodeBlock((unsigned char *) text, (const unsigned char *) &token, sizeof(token));
}

bool
wf_task_token_read(const char *text, WfTaskReference *task)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	Token		token;
	unsigned char code[CODE_SIZE];

	/* The decoder itself would take white space and padding, too. */
	if (strlen(text) != WF_TASK_TOKEN_SIZE - 1 || strspn(text, alphabet) != WF_TASK_TOKEN_SIZE - 1 ||
		EVP_DecodeBlock((unsigned char *) &token, (const unsigned char *) text, WF_TASK_TOKEN_SIZE - 1) != sizeof(token))
		return false;
	if (!compute_code(&token, code) || CRYPTO_memcmp(code, token.code, CODE_SIZE) != 0)	/* whose time tells nothing */
		return false;
	task->execution = (int64) pg_ntoh64(token.execution);
	task->frame = (int) pg_ntoh32(token.frame);
	task->serial = (int) pg_ntoh32(token.serial);
	return true;
}
