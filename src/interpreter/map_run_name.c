/*
 * map_run_name.c - the names of a Map Run: its UUID, its label, and the ARN that they make.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter/internal.h"

#define UUID_SIZE 37

static void
format_uuid(const unsigned char *bytes, char *text)
{
	static const char digits[] = "0123456789abcdef";
	char	   *to = text;

	for (int i = 0; i < 16; i++)
	{
		unsigned char byte = bytes[i];

		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		if (i == 6)
			byte = (byte & 0x0f) | 0x40;
		if (i == 8)
			byte = (byte & 0x3f) | 0x80;
		*to++ = digits[byte >> 4];
		*to++ = digits[byte & 15];
	}
	*to = '\0';
}

/* The label of a Map that was given none: always the same for one state of one machine, and unlike any other. */
static void
make_label(const WfExecution *x, const WfState *state, char *text)
{
	uint64_t	hash[2] = {UINT64_C(0xcbf29ce484222325), UINT64_C(0x9e3779b97f4a7c15)};
	const char *parts[2] = {x->facts->state_machine_name, state->name};

	for (int i = 0; i < 2; i++)
		for (int part = 0; part < 2; part++)
			for (const char *from = parts[part] ? parts[part] : ""; ; from++)
			{
				hash[i] = (hash[i] ^ (unsigned char) *from) * UINT64_C(0x100000001b3);
				hash[i] ^= hash[i] >> 29;
				if (!*from)
					break;
			}
	format_uuid((const unsigned char *) hash, text);
}

bool
wf_name_map_run(WfExecution *x, const WfState *state, WfMapRunToStart *run, char **arn)
{
	const char *prefix = x->facts->map_run_prefix ? x->facts->map_run_prefix : "";
	unsigned char bytes[16];
	char		text[UUID_SIZE];
	size_t		size;

	if (!x->host->random_bytes(x->host->arg, bytes, sizeof(bytes)))
		return wf_error_set(&x->error, WF_OUT_OF_MEMORY, "there are no random bytes");
	format_uuid(bytes, text);
	run->uuid = strdup(text);
	make_label(x, state, text);
	run->label = strdup(state->map.distributed->label ? state->map.distributed->label : text);
	if (!run->uuid || !run->label)
		return wf_no_memory(x);
	size = strlen(prefix) + strlen(run->label) + strlen(run->uuid) + 3;
	*arn = malloc(size);
	if (!*arn)
		return wf_no_memory(x);
	snprintf(*arn, size, "%s/%s:%s", prefix, run->label, run->uuid);
	return true;
}
