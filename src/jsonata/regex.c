/*
 * regex.c - JavaScript's regular expressions by PCRE2; see regex.h.
 */
#include <stdlib.h>
#include <string.h>

#include "json/pcre.h"
#include "jsonata/regex_internal.h"

/* An expression of this length is a program; PCRE2 takes what is compiled of it up to 64 KB in any case. */
#define MAX_TRANSLATION 1000000

/* Stands before all: PCRE2 calls back wherever it begins to try.  Its limit is of the tries from one such place. */
#define CALL_BEFORE_TRY "(?C1)"
#define BEFORE_TRY 1

/* A text is gone through once at least: for each of its bytes, a match may try so often beyond what any may. */
#define TRIES_PER_BYTE 16

/* From one place, whatever the text. */
#define MOST_TRIES 100000000

/*
 * What has been matched so often will be again: it becomes machine code, if the library makes any and the system lets it run.
 * Making it takes the time of about as many matches.
 */
#define MATCHES_TO_TRANSLATE 100

/* Longer ones take too much memory for that; and what takes more than so many times its own, as few do, is let be. */
#define MAX_TRANSLATED_CODE 4096
#define MACHINE_CODE_FACTOR 12

struct WfJsRegex
{
	pcre2_code *code;
	uint32_t	n_matched;		/* until it is MATCHES_TO_TRANSLATE */
	bool		has_machine_code;
	WfPcreMatcher matcher;
	uint32_t	n_groups;
	WfJsGroup  *groups;			/* of the last match */
	char	   *source;
	size_t		length;
};

static bool
compile(WfJsRegex *regex, WfString translation, bool ignore_case, WfFault *fault)
{
	int			problem;
	char		message[128];

	regex->code = wf_pcre_compile(translation.text, translation.length,
								  PCRE2_UTF | PCRE2_DOTALL | PCRE2_MATCH_UNSET_BACKREF | (ignore_case ? PCRE2_CASELESS : 0), 0,
								  &problem);
	if (regex->code != NULL)
		return true;
	if (problem == PCRE2_ERROR_HEAP_FAILED)
		return wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
	pcre2_get_error_message(problem, (PCRE2_UCHAR *) message, sizeof(message));
	return wf_fault_string(fault, "S0303", (WfString) {message, strlen(message)});
}

static bool
fill(WfJsRegex *regex, WfString source, bool ignore_case, bool multiline, WfFault *fault)
{
	WfBuffer	translation = WF_BUFFER(MAX_TRANSLATION, fault);
	bool		good;

	good = wf_buffer_add_string(&translation, WF_STRING(CALL_BEFORE_TRY)) &&
		wf_js_regex_translate(source, ignore_case, multiline, &translation, &regex->n_groups) &&
		compile(regex, (WfString) {translation.text, translation.length}, ignore_case, fault);
	wf_buffer_free(&translation);
	if (!good)
		return false;
	regex->source = malloc(source.length);
	regex->groups = calloc(regex->n_groups + 1, sizeof(WfJsGroup));
	if (regex->source == NULL || regex->groups == NULL || !wf_pcre_matcher_make(&regex->matcher, regex->n_groups + 1))
		return wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
	memcpy(regex->source, source.text, source.length);
	regex->length = source.length;
	return true;
}

WfJsRegex *
wf_js_regex_read(WfString source, bool ignore_case, bool multiline, WfFault *fault)
{
	WfJsRegex  *regex;

	if (source.length == 0)
	{
		wf_fault(fault, "S0301");
		return NULL;
	}
	regex = calloc(1, sizeof(WfJsRegex));
	if (regex == NULL)
	{
		wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
		return NULL;
	}
	if (fill(regex, source, ignore_case, multiline, fault))
		return regex;
	wf_js_regex_free(regex);
	return NULL;
}

void
wf_js_regex_free(WfJsRegex *regex)
{
	if (regex == NULL)
		return;
	pcre2_code_free(regex->code);
	wf_pcre_matcher_release(&regex->matcher);
	free(regex->groups);
	free(regex->source);
	free(regex);
}

static size_t
code_size(const WfJsRegex *regex)
{
	size_t		size = 0;

	pcre2_pattern_info(regex->code, PCRE2_INFO_SIZE, &size);
	return size;
}

/* PCRE2's data and context for matches. */
#define MEMORY_FOR_MATCHES 512

size_t
wf_js_regex_memory(const WfJsRegex *regex)
{
	size_t		code = code_size(regex);

	if (code <= MAX_TRANSLATED_CODE)
		code += code * MACHINE_CODE_FACTOR;
	return sizeof(WfJsRegex) + MEMORY_FOR_MATCHES + code + regex->length + (regex->n_groups + 1) * sizeof(WfJsGroup);
}

WfString
wf_js_regex_source(const WfJsRegex *regex)
{
	return (WfString) {regex->source, regex->length};
}

/* Fills in the groups of what has just matched. */
static void
tell(WfJsRegex *regex, WfString text, WfJsMatch *match)
{
	const PCRE2_SIZE *places = pcre2_get_ovector_pointer(regex->matcher.data);

	for (uint32_t i = 0; i < regex->n_groups; i++)
	{
		PCRE2_SIZE	start = places[2 * i + 2];

		regex->groups[i].matched = start != PCRE2_UNSET;
		regex->groups[i].string = start != PCRE2_UNSET ? (WfString) {text.text + start, places[2 * i + 3] - start} : WF_STRING("");
	}
	*match = (WfJsMatch) {
		.start = places[0],
		.end = places[1],
		.string = {text.text + places[0], places[1] - places[0]},
		.n_groups = regex->n_groups,
		.groups = regex->groups,
	};
}

/* So many bytes are gone through between two questions, about; to begin to try counts as many. */
#define BYTES_TO_ASK 16384

/* Where a repetition has come to its end, beyond the way that it went. */
#define BYTES_OF_REPETITION 64

typedef struct Matching
{
	const WfAsk *ask;
	size_t		at;				/* where PCRE2 was last */
	size_t		gone;			/* since the last question */
	size_t		compared;		/* what references back compare in between, at most */
} Matching;

static int
ask_on_the_way(pcre2_callout_block *block, void *arg)
{
	Matching   *matching = arg;
	size_t		at = block->current_position;
	size_t		gone;

	matching->gone += block->callout_number == BEFORE_TRY ? BYTES_TO_ASK : BYTES_OF_REPETITION + matching->compared +
		(at > matching->at ? at - matching->at : matching->at - at);
	matching->at = at;
	if (matching->gone < BYTES_TO_ASK)
		return 0;
	gone = matching->gone;
	matching->gone = 0;
	return matching->ask->go_on(matching->ask->arg, gone) ? 0 : PCRE2_ERROR_CALLOUT;
}

static bool
has_references(const WfJsRegex *regex)
{
	uint32_t	references = 0;

	pcre2_pattern_info(regex->code, PCRE2_INFO_BACKREFMAX, &references);
	return references > 0;
}

/*
 * It is let be where it would not be faster: for references back to what a group has matched; and where it takes more memory than
 * was counted for it.  Without memory that may be executed,
 * which a system can refuse its services, there is none either.
 */
bool
wf_js_regex_make_machine_code(WfJsRegex *regex)
{
	size_t		size = code_size(regex);
	size_t		made = 0;
	pcre2_code *plain;

	regex->n_matched = MATCHES_TO_TRANSLATE;
	if (has_references(regex) || size > MAX_TRANSLATED_CODE || pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) != 0)
		return false;
	pcre2_pattern_info(regex->code, PCRE2_INFO_JITSIZE, &made);
	regex->has_machine_code = made <= size * MACHINE_CODE_FACTOR;

	/* A copy is without it.  Where there is no memory for one, it stands by unused. */
	if (!regex->has_machine_code && (plain = pcre2_code_copy(regex->code)) != NULL)
	{
		pcre2_code_free(regex->code);
		regex->code = plain;
	}
	return regex->has_machine_code;
}

static int
match_from(WfJsRegex *regex, WfString text, size_t from, size_t tries, uint32_t options)
{
	pcre2_set_match_limit(regex->matcher.context, tries < MOST_TRIES ? (uint32_t) tries : MOST_TRIES);

	/* Texts are well-formed; to look at all of one for each of its matches would take as long as its square. */
	return pcre2_match(regex->code, (PCRE2_SPTR) text.text, text.length, from, PCRE2_NO_UTF_CHECK | options, regex->matcher.data,
					   regex->matcher.context);
}

/*
 * Machine code counts seldomer: what it goes back over within one repetition, it does not count, and that may be all of a text.
 * So it gets fewer tries the longer the text is.  Where they do not suffice, or its stack, the interpreter's bounds decide.
 */
static int
match_within_bounds(WfJsRegex *regex, WfString text, size_t from)
{
	size_t		tries = WF_PCRE_MATCH_LIMIT + text.length * TRIES_PER_BYTE;
	size_t		counted = MOST_TRIES / (text.length + 1) + 1;
	int			result;

	if (regex->n_matched < MATCHES_TO_TRANSLATE && ++regex->n_matched == MATCHES_TO_TRANSLATE)
		wf_js_regex_make_machine_code(regex);
	if (regex->has_machine_code)
	{
		result = match_from(regex, text, from, counted < tries ? counted : tries, 0);
		if (!wf_pcre_gave_up(result) && result != PCRE2_ERROR_JIT_STACKLIMIT)
			return result;
	}
	return match_from(regex, text, from, tries, PCRE2_NO_JIT);
}

bool
wf_js_regex_match(WfJsRegex *regex, WfString text, size_t from, const WfAsk *ask, bool *found, WfJsMatch *match, WfFault *fault)
{
	Matching	matching = {.ask = ask, .at = from, .compared = has_references(regex) ? text.length : 0};
	int			result;

	*found = false;
	if (from > text.length)
		return true;
	pcre2_set_callout(regex->matcher.context, ask != NULL ? ask_on_the_way : NULL, &matching);
	result = match_within_bounds(regex, text, from);
	if (result == PCRE2_ERROR_NOMEMORY)
		return wf_fault_kind(fault, WF_FAULT_NO_MEMORY);
	if (wf_pcre_gave_up(result))
		return wf_fault_kind(fault, WF_FAULT_TOO_LONG);
	if (result == PCRE2_ERROR_CALLOUT)
		return wf_fault_kind(fault, WF_FAULT_STOPPED);
	*found = result > 0;
	if (*found)
		tell(regex, text, match);
	return true;
}

/* A dollar and digits name a group by as many of them as there is a group for; one digit is taken where there is none. */
static size_t
read_group(WfString replacement, size_t at, size_t n_groups, size_t *group)
{
	size_t		length = 0,
				most = 1;

	for (size_t n = n_groups; n >= 10; n /= 10)
		most++;
	*group = 0;
	while (length < most && at + length < replacement.length && replacement.text[at + length] >= '0' &&
		   replacement.text[at + length] <= '9')
		*group = *group * 10 + (size_t) (replacement.text[at + length++] - '0');
	if (length > 1 && *group > n_groups)
	{
		*group /= 10;
		length--;
	}
	return length;
}

bool
wf_js_regex_replacement(const WfJsMatch *match, WfString replacement, WfBuffer *out)
{
	size_t		at = 0;

	while (at < replacement.length)
	{
		const char *dollar = memchr(replacement.text + at, '$', replacement.length - at);
		size_t		plain = dollar != NULL ? (size_t) (dollar - replacement.text) - at : replacement.length - at;
		size_t		group,
					length;

		if (!wf_buffer_add(out, replacement.text + at, plain))
			return false;
		at += plain;
		if (dollar == NULL)
			break;
		at++;
		if (at < replacement.length && replacement.text[at] == '$')
		{
			at++;
			length = 0;
		}
		else if (at < replacement.length && replacement.text[at] == '0')
		{
			at++;
			if (!wf_buffer_add_string(out, match->string))
				return false;
			continue;
		}
		else
			length = read_group(replacement, at, match->n_groups, &group);
		at += length;
		if (length == 0 ? !wf_buffer_add(out, "$", 1) :
			group >= 1 && group <= match->n_groups && !wf_buffer_add_string(out, match->groups[group - 1].string))
			return false;
	}
	return true;
}
