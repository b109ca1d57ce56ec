/*
 * resource.c - a Task's Resource: what to look up and run, and the words that its history uses.
 *
 * Three families of names: ARNs of functions and activities, which have events of their own; ARNs of services
 * (arn:…:states:::service:action); and the local schemes of the table below.  Any other ARN is taken as it is, for it may
 * be mapped to a local function.
 */
#include "asl/resource.h"

#include <stdlib.h>
#include <string.h>

typedef struct Scheme
{
	const char *prefix;			/* with its colon */
	WfEventFamily family;
	const char *action;			/* the only one that it knows; NULL: any */
} Scheme;

static const Scheme schemes[] = {
	{"function:", WF_FAMILY_TASK, NULL},
	{"notify:", WF_FAMILY_TASK, NULL},
	{"sql:", WF_FAMILY_TASK, "query"},
	{"activity:", WF_FAMILY_ACTIVITY, NULL},
	{"states:", WF_FAMILY_TASK, "startExecution"},
};

static const struct
{
	const char *suffix;
	WfPattern	pattern;
}			patterns[] = {
	{".waitForTaskToken", WF_WAIT_FOR_TASK_TOKEN},
	{".sync:2", WF_SYNC2},
	{".sync", WF_SYNC},
};

/* What a text was found to be; nothing is allocated. */
typedef struct Parts
{
	WfEventFamily family;
	WfPattern	pattern;
	size_t		base_length;
	const char *type;
	size_t		type_length;
	const char *action;
} Parts;

/* The length of the text without its suffix, which says how the task is waited for. */
static size_t
strip_suffix(const char *text, WfPattern *pattern)
{
	size_t		length = strlen(text);

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
	{
		size_t		n = strlen(patterns[i].suffix);

		if (length > n && strcmp(text + length - n, patterns[i].suffix) == 0)
		{
			/* function:public.sync names a function that is called sync */
			if (strncmp(text, "function:", 9) == 0 && memchr(text, '.', length - n) == NULL)
				break;
			*pattern = patterns[i].pattern;
			return length - n;
		}
	}
	return length;
}

/* True if the part of an ARN from `start` to the colon before `end` is this word. */
static bool
is_word(const char *start, const char *end, const char *word)
{
	size_t		length = (size_t) (end - start - 1);

	return length == strlen(word) && strncmp(start, word, length) == 0;
}

/* arn:partition:service:region:account:rest */
static bool
recognize_arn(const char *text, Parts *parts)
{
	const char *part[6];		/* where each part starts */
	const char *rest;

	part[0] = text;
	for (int i = 1; i < 6; i++)
	{
		part[i] = strchr(part[i - 1], ':');
		if (part[i] == NULL)
			return false;
		part[i]++;
	}
	rest = part[5];
	if (is_word(part[1], part[2], "") || is_word(part[2], part[3], "") || *rest == '\0')
		return false;

	parts->base_length = strlen(text);
	if (is_word(part[2], part[3], "lambda") && strncmp(rest, "function:", 9) == 0)
	{
		parts->family = WF_FAMILY_LAMBDA;
		return rest[9] != '\0' && rest[9] != ':' && text[parts->base_length - 1] != ':';
	}
	if (is_word(part[2], part[3], "states") && strncmp(rest, "activity:", 9) == 0)
	{
		parts->family = WF_FAMILY_ACTIVITY;
		return rest[9] != '\0';
	}

	parts->base_length = strip_suffix(text, &parts->pattern);
	if (is_word(part[2], part[3], "states") && is_word(part[3], part[4], "") && is_word(part[4], part[5], ""))
	{
		const char *colon = strchr(rest, ':');

		/* aws-sdk:service:action has one part more */
		if (colon != NULL && strncmp(rest, "aws-sdk:", 8) == 0)
			colon = strchr(colon + 1, ':');
		if (colon == NULL || colon == rest || colon + 1 >= text + parts->base_length)
			return false;
		parts->type = rest;
		parts->type_length = (size_t) (colon - rest);
		parts->action = colon + 1;
		return true;
	}
	parts->type = part[2];
	parts->type_length = (size_t) (part[3] - part[2] - 1);
	parts->action = rest;
	return true;
}

static bool
recognize_scheme(const char *text, const Scheme *scheme, Parts *parts)
{
	size_t		prefix = strlen(scheme->prefix);

	parts->family = scheme->family;
	parts->base_length = scheme->family == WF_FAMILY_TASK ? strip_suffix(text, &parts->pattern) : strlen(text);
	parts->type = text;
	parts->type_length = prefix - 1;
	parts->action = text + prefix;
	if (parts->base_length <= prefix)
		return false;
	return scheme->action == NULL ||
		(parts->base_length - prefix == strlen(scheme->action) &&
		 strncmp(parts->action, scheme->action, strlen(scheme->action)) == 0);
}

static bool
recognize(const char *text, Parts *parts)
{
	memset(parts, 0, sizeof(*parts));
	if (strncmp(text, "arn:", 4) == 0)
		return recognize_arn(text, parts);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
	{
		if (strncmp(text, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
			return recognize_scheme(text, &schemes[i], parts);
	}
	return false;
}

static char *
copy_text(const char *text, size_t length)
{
	char	   *copy = malloc(length + 1);

	if (copy != NULL)
	{
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	return copy;
}

const char *
wf_resource_own_action(const char *base)
{
	static const char start_execution[] = "states:startExecution";
	static const char sdk[] = "aws-sdk:sfn:";
	const char *rest = strncmp(base, "arn:", 4) == 0 ? strstr(base, ":states:::") : NULL;

	if (rest == NULL || memchr(base + 4, ':', (size_t) (rest - base - 4)) != NULL)
		return NULL;
	rest += strlen(":states:::");
	return strcmp(rest, start_execution) == 0 || strncmp(rest, sdk, strlen(sdk)) == 0 ? rest : NULL;
}

bool
wf_resource_is_poll(const WfResource *resource)
{
	const char *action = resource->base ? wf_resource_own_action(resource->base) : NULL;	/* of a Map it may have none */

	return action && strcmp(action, "aws-sdk:sfn:getActivityTask") == 0;
}

bool
wf_resource_is_valid(const char *text)
{
	Parts		parts;

	return recognize(text, &parts);
}

bool
wf_resource_parse(const char *text, WfResource *resource)
{
	Parts		parts;
	bool		task;

	memset(resource, 0, sizeof(*resource));
	if (!recognize(text, &parts))
		return false;
	task = parts.family == WF_FAMILY_TASK;
	resource->family = parts.family;
	resource->pattern = parts.pattern;
	resource->text = copy_text(text, strlen(text));
	resource->base = copy_text(text, parts.base_length);
	resource->type = task ? copy_text(parts.type, parts.type_length) : copy_text("", 0);
	resource->action = task ? copy_text(parts.action, strlen(parts.action)) : copy_text(text, strlen(text));
	if (resource->text != NULL && resource->base != NULL && resource->type != NULL && resource->action != NULL)
		return true;
	wf_resource_free(resource);
	return false;
}

void
wf_resource_free(WfResource *resource)
{
	free(resource->text);
	free(resource->base);
	free(resource->type);
	free(resource->action);
	memset(resource, 0, sizeof(*resource));
}

bool
wf_resource_is_listing(const char *base)
{
	static const char ending[] = ":s3:listObjectsV2";
	size_t		length = strlen(base);

	return length > strlen(ending) && strcmp(base + length - strlen(ending), ending) == 0;
}
