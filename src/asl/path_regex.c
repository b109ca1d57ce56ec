/*
 * path_regex.c - regular expressions in filters: [?(@.name =~ /j.*n/i)]
 *
 * They are the ones of the library's language, Java, which PCRE2 understands but for a few spellings that are translated
 * here, or refused rather than taken for something else.  An expression must match all of a text.
 *
 * Matching is bounded: an expression that tries ever more ways ends in an error, not in a worker that hangs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asl/path_internal.h"
#include "json/pcre.h"

/* A match counts as so many visits, and a few more for every kilobyte of text. */
#define VISITS_PER_MATCH 16
#define BYTES_OF_VISIT 64

struct WfRegex
{
	pcre2_code *code;
};

/* --- reading --- */

/* An expression on its way from Java's spelling to PCRE2's. */
typedef struct Translation
{
	WfPathParser *parser;
	const char *text;
	size_t		length;
	size_t		at;
	WfText		result;
	uint32_t	options;
	bool		ignore_case;	/* of ASCII letters only: others are kept as they are */
} Translation;

static bool
add(Translation *translation, const char *text, size_t length)
{
	return wf_text_add(&translation->result, text, length) || wf_error_no_memory(translation->parser->error);
}

static bool
refuse(Translation *translation, const char *what)
{
	return wf_path_complain(translation->parser, "%s in the regular expression /%.*s/", what, (int) translation->length,
							translation->text);
}

/* True if four hexadecimal digits stand at a place. */
static bool
has_unit(const Translation *translation, size_t at)
{
	return at + 4 <= translation->length && strspn(translation->text + at, "0123456789abcdefABCDEF") >= 4;
}

/* A backslash and what belongs to it.  \uXXXX is \x{XXXX} for PCRE2, \Q…\E and all others are the same. */
static bool
translate_escape(Translation *translation)
{
	const char *text = translation->text;
	size_t		at = translation->at;
	const char *end;
	char		code[16];
	unsigned	unit,
				second;

	if (at + 1 >= translation->length)
		return refuse(translation, "a backslash with nothing behind it");
	switch (text[at + 1])
	{
		case 'u':
			if (!has_unit(translation, at + 2))
				return refuse(translation, "\\u without four digits");
			unit = (unsigned) strtoul((char[5]) {text[at + 2], text[at + 3], text[at + 4], text[at + 5], '\0'}, NULL, 16);
			translation->at += 6;
			if (unit >= 0xD800 && unit < 0xDC00 && at + 12 <= translation->length && text[at + 6] == '\\' && text[at + 7] == 'u' &&
				has_unit(translation, at + 8))
			{
				second = (unsigned) strtoul((char[5]) {text[at + 8], text[at + 9], text[at + 10], text[at + 11], '\0'}, NULL, 16);
				unit = 0x10000 + ((unit - 0xD800) << 10) + ((second - 0xDC00) & 0x3FF);
				translation->at += 6;
			}
			return add(translation, code, (size_t) snprintf(code, sizeof(code), "\\x{%x}", unit));
		case 'Q':
			end = strstr(text + at + 2, "\\E");
			translation->at = end != NULL && end < text + translation->length ? (size_t) (end - text) + 2 : translation->length;
			return add(translation, text + at, translation->at - at);
		case 'K':
		case 'C':
		case 'g':
		case 'o':
			return refuse(translation, "an unknown escape");
		default:
			translation->at += 2;
			return add(translation, text + at, 2);
	}
}

/* [a-z]; classes within classes, and `&&`, PCRE2 does not know */
static bool
translate_class(Translation *translation)
{
	const char *text = translation->text;
	size_t		start = translation->at++;

	if (translation->at < translation->length && text[translation->at] == '^')
		translation->at++;
	if (!add(translation, text + start, translation->at - start))
		return false;
	for (bool first = true; translation->at < translation->length; first = false)
	{
		char		c = text[translation->at];

		if (c == '\\')
		{
			if (!translate_escape(translation))
				return false;
			continue;
		}
		if (c == '[' || (c == '&' && translation->at + 1 < translation->length && text[translation->at + 1] == '&'))
			return refuse(translation, "a class within a class");
		translation->at++;
		if (!add(translation, &c, 1))
			return false;
		if (c == ']' && !first)
			return true;
	}
	return refuse(translation, "a class that is not closed");
}

/* ( and what marks its kind.  The flags d and u make no difference here; U concerns the whole expression. */
static bool
translate_group(Translation *translation)
{
	const char *text = translation->text;
	size_t		at = translation->at + 1;

	if (at < translation->length && text[at] == '*')
		return refuse(translation, "an unknown kind of group");
	if (at + 1 >= translation->length || text[at] != '?')
	{
		translation->at++;
		return add(translation, "(", 1);
	}
	at++;
	if (strchr(":=!><", text[at]) != NULL && text[at] != '\0')
	{
		translation->at = at;
		return add(translation, "(?", 2);
	}
	if (!add(translation, "(?", 2))
		return false;
	for (; at < translation->length && text[at] != ')' && text[at] != ':'; at++)
	{
		if (text[at] == '\0' || strchr("idmsuxU-", text[at]) == NULL)
			return refuse(translation, "an unknown kind of group");
		if (text[at] == 'U')
			translation->options |= PCRE2_UCP;
		if (strchr("imsx-", text[at]) != NULL && !add(translation, text + at, 1))
			return false;
	}
	translation->at = at;
	return true;
}

static bool
translate(Translation *translation)
{
	const char *text = translation->text;

	while (translation->at < translation->length)
	{
		char		c = text[translation->at];
		size_t		n = 1;
		bool		done;

		if (c == '\\')
			done = translate_escape(translation);
		else if (c == '[')
			done = translate_class(translation);
		else if (c == '(')
			done = translate_group(translation);
		else
		{
			if ((unsigned char) c >= 0xC0)
				while (translation->at + n < translation->length && ((unsigned char) text[translation->at + n] & 0xC0) == 0x80)
					n++;
			if (n > 1 && translation->ignore_case)
				done = add(translation, "(?-i:", 5) && add(translation, text + translation->at, n) && add(translation, ")", 1);
			else
				done = add(translation, text + translation->at, n);
			translation->at += n;
		}
		if (!done)
			return false;
	}
	return true;
}

/* The flags that Java knows; it ignores others. */
static void
read_flags(Translation *translation, const char *flags, size_t n, bool *unix_lines)
{
	static const struct
	{
		char		flag;
		uint32_t	option;
	}			options[] = {{'i', PCRE2_CASELESS}, {'x', PCRE2_EXTENDED}, {'m', PCRE2_MULTILINE}, {'s', PCRE2_DOTALL}, {'U', PCRE2_UCP}};

	*unix_lines = memchr(flags, 'd', n) != NULL;
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
	{
		if (memchr(flags, options[i].flag, n) != NULL)
			translation->options |= options[i].option;
	}
	translation->ignore_case = (translation->options & PCRE2_CASELESS) != 0 && memchr(flags, 'u', n) == NULL &&
		memchr(flags, 'U', n) == NULL;
}

static pcre2_code *
compile(Translation *translation, bool unix_lines)
{
	int			problem;
	char		message[128];
	pcre2_code *code = wf_pcre_compile(translation->result.data, translation->result.length,
									   translation->options | PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_AUTO_CALLOUT,
									   unix_lines ? PCRE2_NEWLINE_LF : PCRE2_NEWLINE_ANY, &problem);

	if (code != NULL)
		return code;
	if (problem == PCRE2_ERROR_HEAP_FAILED)
		wf_error_no_memory(translation->parser->error);
	else
	{
		pcre2_get_error_message(problem, (PCRE2_UCHAR *) message, sizeof(message));
		refuse(translation, message);
	}
	return NULL;
}

WfRegex *
wf_regex_read(WfPathParser *parser, const char *text, size_t length, const char *flags, size_t n_flags)
{
	Translation translation = {.parser = parser, .text = text, .length = length};
	WfRegex    *regex = calloc(1, sizeof(WfRegex));
	bool		unix_lines;

	if (regex == NULL)
	{
		wf_error_no_memory(parser->error);
		return NULL;
	}
	read_flags(&translation, flags, n_flags, &unix_lines);
	if (add(&translation, "", 0) && translate(&translation))
		regex->code = compile(&translation, unix_lines);
	free(translation.result.data);
	if (regex->code != NULL)
		return regex;
	free(regex);
	return NULL;
}

void
wf_regex_free(WfRegex *regex)
{
	if (regex == NULL)
		return;
	pcre2_code_free(regex->code);
	free(regex);
}

/* --- matching --- */

/* For all expressions of one evaluation. */
static WfPcreMatcher *
get_matcher(WfEvaluation *evaluation)
{
	WfPcreMatcher *matcher = evaluation->regex_scratch;

	if (matcher != NULL)
		return matcher;
	matcher = malloc(sizeof(WfPcreMatcher));
	if (matcher == NULL || !wf_pcre_matcher_make(matcher, 1))
	{
		free(matcher);
		return NULL;
	}
	evaluation->regex_scratch = matcher;
	return matcher;
}

typedef struct Matching
{
	WfEvaluation *evaluation;
	size_t		at;				/* where PCRE2 was last */
} Matching;

/*
 * Called at each item of an expression.  PCRE2 counts the places that it goes back to, but not what a repetition goes through
 * from there, which may be all of a text.
 */
static int
visit_item(pcre2_callout_block *block, void *arg)
{
	Matching   *matching = arg;
	size_t		at = block->current_position;
	size_t		way = at > matching->at ? at - matching->at : matching->at - at;

	matching->at = at;
	return wf_evaluation_visit(matching->evaluation, 1 + (unsigned) (way / BYTES_OF_VISIT)) ? 0 : PCRE2_ERROR_CALLOUT;
}

bool
wf_regex_matches(WfEvaluation *evaluation, const WfRegex *regex, const char *text, size_t length, bool *matches)
{
	WfPcreMatcher *matcher = get_matcher(evaluation);
	Matching	matching = {.evaluation = evaluation};
	int			result;

	*matches = false;
	if (matcher == NULL)
		return wf_error_no_memory(evaluation->error);
	pcre2_set_callout(matcher->context, visit_item, &matching);
	result = pcre2_match(regex->code, (PCRE2_SPTR) text, length, 0, 0, matcher->data, matcher->context);
	if (result == PCRE2_ERROR_NOMEMORY)
		return wf_error_no_memory(evaluation->error);
	if (result == PCRE2_ERROR_CALLOUT)
		return false;
	if (wf_pcre_gave_up(result))
		return wf_error_set(evaluation->error, WF_STATES_RUNTIME, "a regular expression needs too many steps");
	*matches = result >= 0;
	return wf_evaluation_visit(evaluation, VISITS_PER_MATCH + (unsigned) (length / BYTES_OF_VISIT));
}

void
wf_regex_release(WfEvaluation *evaluation)
{
	if (evaluation->regex_scratch == NULL)
		return;
	wf_pcre_matcher_release(evaluation->regex_scratch);
	free(evaluation->regex_scratch);
	evaluation->regex_scratch = NULL;
}
