/*
 * regex_translate.c - from JavaScript's regular expressions to PCRE2's.
 *
 * The grammar is that of expressions without the flags u and v, with all that ECMAScript's Annex B allows to old programs:
 * \8 is an 8, \2 without a second group a control character, { by itself a brace.  Everything is read as JavaScript reads it
 * and written so that it can mean nothing else to PCRE2; nothing is passed on as it stands.
 *
 * A text is a row of characters here, not of UTF-16's units: `.` takes an emoji as a whole.  Half a surrogate pair in an
 * expression is refused therefore.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonata/regex_internal.h"

#define LINE_ENDS "\\n\\r\\x{2028}\\x{2029}"
#define BLANKS "\\x{9}-\\x{d} \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
#define NO_BLANKS "\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}" \
	"\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

/* PCRE2's highest number in braces. */
#define MAX_REPEAT 65535

/* More of one thing than these are gone through without being tried one by one. */
#define FEW_REPEATS 100

/* Each is looked for among all. */
#define MAX_NAMES 1000

typedef struct Name
{
	WfString	name;
	uint32_t	group;
} Name;

typedef struct Translation
{
	WfString	source;
	const char *at;
	const char *end;
	bool		ignore_case;
	bool		multiline;
	WfBuffer   *out;
	uint32_t	n_groups;		/* in all of it */
	Name	   *names;
	size_t		n_names;
	bool		repeatable;		/* what stands before is something that can be repeated */
	int			depth;
	bool		group_repeatable[WF_JS_REGEX_MAX_DEPTH];
} Translation;

static bool
refuse(Translation *translation, const char *why)
{
	return wf_fault_string(translation->out->fault, "S0303", (WfString) {why, strlen(why)});
}

static bool
put(Translation *translation, const char *text)
{
	return wf_buffer_add(translation->out, text, strlen(text));
}

static bool
is_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

/* A character that stands for itself. */
static bool
put_character(Translation *translation, uint32_t character)
{
	char		text[16];

	if (WF_IS_SURROGATE(character))
		return refuse(translation, "Half a surrogate pair");
	if (is_letter(character) || is_digit(character))
		return wf_buffer_add_character(translation->out, character);
	snprintf(text, sizeof(text), "\\x{%x}", (unsigned) character);
	return put(translation, text);
}

/*
 * The same, not in a class.  JavaScript never takes a letter of ASCII and another for two cases of one letter: neither k and the
 * sign for Kelvin, nor s and the long s.  (In classes PCRE2 does, where case is ignored.)
 */
static bool
put_single_character(Translation *translation, uint32_t character)
{
	char		text[] = "(?-i:[kK])";

	if (translation->ignore_case && (character == 0x17F || character == 0x212A))
		return put(translation, "(?-i:") && put_character(translation, character) && put(translation, ")");
	if (!translation->ignore_case || ((character | 0x20) != 'k' && (character | 0x20) != 's'))
		return put_character(translation, character);
	text[6] = (char) (character | 0x20);
	text[7] = (char) (character & ~0x20U);
	return put(translation, text);
}

/* The byte so far on; NUL behind the end. */
static char
peek(const Translation *translation, size_t ahead)
{
	return (size_t) (translation->end - translation->at) > ahead ? translation->at[ahead] : '\0';
}

static bool
take(Translation *translation, const char *text)
{
	size_t		length = strlen(text);

	if ((size_t) (translation->end - translation->at) < length || memcmp(translation->at, text, length) != 0)
		return false;
	translation->at += length;
	return true;
}

/* So many hexadecimal digits at a place; false where others stand there. */
static bool
read_hex(const char *at, const char *end, int n, uint32_t *value)
{
	*value = 0;
	if (end - at < n)
		return false;
	for (int i = 0; i < n; i++)
	{
		char		c = at[i];

		if (!is_digit((unsigned char) c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F'))
			return false;
		*value = *value << 4 | (uint32_t) (is_digit((unsigned char) c) ? c - '0' : (c & 7) + 9);
	}
	return true;
}

/* --- groups and their names, looked for beforehand --- */

/* <name>, whose < has been read; empty if there is none. */
static WfString
read_name(const char *at, const char *end)
{
	const char *start = at;

	for (; at < end && *at != '>'; at++)
		if (!is_letter((unsigned char) *at) && *at != '_' && *at != '$' && (unsigned char) *at < 0x80 &&
			!(at > start && is_digit((unsigned char) *at)))
			return (WfString) {at, 0};
	return (WfString) {start, at < end ? (size_t) (at - start) : 0};
}

static const Name *
find_name(const Translation *translation, WfString name)
{
	for (size_t i = 0; i < translation->n_names; i++)
		if (wf_string_equal(translation->names[i].name, name))
			return &translation->names[i];
	return NULL;
}

static bool
note_name(Translation *translation, const char *at)
{
	WfString	name = read_name(at, translation->end);
	Name	   *larger;

	if (name.length == 0)
		return refuse(translation, "Invalid capture group name");
	if (translation->n_names == MAX_NAMES)
		return refuse(translation, "Too many named groups");
	if (find_name(translation, name) != NULL)
		return refuse(translation, "Duplicate capture group name");
	if ((translation->n_names & (translation->n_names - 1)) == 0)
	{
		larger = realloc(translation->names, (translation->n_names * 2 + 1) * sizeof(Name));
		if (larger == NULL)
			return wf_fault_kind(translation->out->fault, WF_FAULT_NO_MEMORY);
		translation->names = larger;
	}
	translation->names[translation->n_names++] = (Name) {name, translation->n_groups};
	return true;
}

static bool
note_groups(Translation *translation)
{
	bool		in_class = false;

	for (const char *at = translation->at; at < translation->end; at++)
	{
		if (*at == '\\')
			at++;
		else if (*at == '[')
			in_class = true;
		else if (*at == ']')
			in_class = false;
		else if (*at == '(' && !in_class)
		{
			bool		named = translation->end - at > 3 && memcmp(at, "(?<", 3) == 0 && at[3] != '=' && at[3] != '!';

			translation->n_groups += named || translation->end - at < 2 || at[1] != '?';
			if (named && !note_name(translation, at + 3))
				return false;
		}
	}
	return true;
}

/* --- escapes --- */

/* Up to three octal digits, at most 0377. */
static uint32_t
read_octal(Translation *translation)
{
	uint32_t	value = 0;

	for (int i = 0; i < 3 && peek(translation, 0) >= '0' && peek(translation, 0) <= '7' && value < 32; i++)
		value = value << 3 | (uint32_t) (*translation->at++ - '0');
	return value;
}

/* The character that a backslash (which has been read) and what follows stand for. */
static uint32_t
read_character_escape(Translation *translation, bool in_class)
{
	static const char letters[] = "tnvfr";
	static const char controls[] = "\t\n\v\f\r";
	char		c = peek(translation, 0);
	char		next = peek(translation, 1);
	const char *found = c != '\0' ? strchr(letters, c) : NULL;
	uint32_t	value,
				low;

	if (found != NULL)
	{
		translation->at++;
		return (unsigned char) controls[found - letters];
	}
	if (c >= '0' && c <= '7')
		return read_octal(translation);
	if (c == 'c')
	{
		/* \c with nothing that can follow it is a backslash, and then a c */
		if (!is_letter((unsigned char) next) && !(in_class && (is_digit((unsigned char) next) || next == '_')))
			return '\\';
		translation->at += 2;
		return (uint32_t) next & 31;
	}
	if (c == 'x' && read_hex(translation->at + 1, translation->end, 2, &value))
	{
		translation->at += 3;
		return value;
	}
	if (c == 'u' && read_hex(translation->at + 1, translation->end, 4, &value))
	{
		translation->at += 5;
		if (value >= 0xD800 && value < 0xDC00 && peek(translation, 0) == '\\' && peek(translation, 1) == 'u' &&
			read_hex(translation->at + 2, translation->end, 4, &low) && low >= 0xDC00 && low < 0xE000)
		{
			translation->at += 6;
			value = 0x10000 + ((value & 0x3FF) << 10) + (low & 0x3FF);
		}
		return value;
	}
	return wf_character_next(&translation->at, translation->end);
}

/* \1 … and \k<name>, behind the backslash; *done: false if it is none. */
static bool
translate_reference(Translation *translation, bool *done)
{
	char		text[24];
	uint32_t	group = 0;
	size_t		n = 0;

	*done = true;
	if (translation->n_names > 0 && peek(translation, 0) == 'k')
	{
		WfString	name = {NULL, 0};
		const Name *known = NULL;

		if (peek(translation, 1) == '<')
			name = read_name(translation->at + 2, translation->end);
		if (name.length > 0)
			known = find_name(translation, name);
		if (known == NULL)
			return refuse(translation, "Invalid named reference");
		translation->at += name.length + 3;
		group = known->group;
	}
	else
	{
		while (is_digit((unsigned char) peek(translation, n)) && group <= translation->n_groups)
			group = group * 10 + (uint32_t) (peek(translation, n++) - '0');
		if (peek(translation, 0) == '0' || n == 0 || group > translation->n_groups)
		{
			*done = false;
			return true;
		}
		translation->at += n;
	}
	translation->repeatable = true;
	snprintf(text, sizeof(text), "\\g{%u}", (unsigned) group);
	return put(translation, text);
}

/* \d and its kin, behind the backslash; within a class or by itself.  NULL: it is none. */
static const char *
read_set(Translation *translation, bool in_class)
{
	static const struct
	{
		char		letter;
		const char *in_class;
		const char *alone;
	}			sets[] = {
		{'d', "\\d", "\\d"}, {'D', "\\D", "\\D"}, {'w', "\\w", "\\w"}, {'W', "\\W", "\\W"},
		{'s', BLANKS, "[" BLANKS "]"}, {'S', NO_BLANKS, "[^" BLANKS "]"}
	};

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		if (peek(translation, 0) == sets[i].letter)
		{
			translation->at++;
			return in_class ? sets[i].in_class : sets[i].alone;
		}
	return NULL;
}

static bool
translate_escape(Translation *translation)
{
	const char *set;
	bool		done;

	if (translation->at == translation->end)
		return refuse(translation, "\\ at end of pattern");
	translation->repeatable = false;
	if (take(translation, "b"))
		return put(translation, "\\b");
	if (take(translation, "B"))
		return put(translation, "\\B");
	translation->repeatable = true;
	if ((set = read_set(translation, false)) != NULL)
		return put(translation, set);
	if (!translate_reference(translation, &done))
		return false;
	return done || put_single_character(translation, read_character_escape(translation, false));
}

/* --- classes --- */

/* One member of a class: a set, or a character. */
static bool
read_member(Translation *translation, const char **set, uint32_t *character)
{
	*set = NULL;
	if (!take(translation, "\\"))
	{
		*character = wf_character_next(&translation->at, translation->end);
		return true;
	}
	if (translation->at == translation->end)
		return refuse(translation, "\\ at end of pattern");
	if ((*set = read_set(translation, true)) != NULL)
		return true;
	if (translation->n_names > 0 && peek(translation, 0) == 'k')
		return refuse(translation, "Invalid escape");
	*character = take(translation, "b") ? '\b' : read_character_escape(translation, true);
	return true;
}

static bool
put_member(Translation *translation, const char *set, uint32_t character)
{
	return set != NULL ? put(translation, set) : put_character(translation, character);
}

/* [a-z], behind its bracket. */
static bool
translate_class(Translation *translation)
{
	bool		negated = take(translation, "^");

	translation->repeatable = true;
	if (take(translation, "]"))
		return put(translation, negated ? "." : "(?!)");
	if (!put(translation, negated ? "[^" : "["))
		return false;
	while (!take(translation, "]"))
	{
		const char *set,
				   *last_set;
		uint32_t	character = 0,
					last = 0;

		if (translation->at == translation->end)
			return refuse(translation, "Unterminated character class");
		if (!read_member(translation, &set, &character) || !put_member(translation, set, character))
			return false;
		if (peek(translation, 0) != '-' || translation->end - translation->at < 2 || peek(translation, 1) == ']')
			continue;
		translation->at++;
		if (!read_member(translation, &last_set, &last))
			return false;
		if (set == NULL && last_set == NULL && last < character)
			return refuse(translation, "Range out of order in character class");
		if (!put(translation, set == NULL && last_set == NULL ? "-" : "\\-") || !put_member(translation, last_set, last))
			return false;
	}
	return put(translation, "]");
}

/* --- groups and repetition --- */

/* ( and what marks its kind, behind the parenthesis. */
static bool
translate_group(Translation *translation)
{
	static const struct
	{
		const char *mark;
		bool		repeatable;
	}			kinds[] = {{"?:", true}, {"?=", true}, {"?!", true}, {"?<=", false}, {"?<!", false}};
	bool		repeatable = true;

	if (translation->depth == WF_JS_REGEX_MAX_DEPTH)
		return refuse(translation, "Too many groups within groups");
	if (!put(translation, "("))
		return false;
	if (peek(translation, 0) == '?')
	{
		size_t		kind = 0;

		while (kind < sizeof(kinds) / sizeof(*kinds) && !take(translation, kinds[kind].mark))
			kind++;
		if (kind < sizeof(kinds) / sizeof(*kinds))
		{
			repeatable = kinds[kind].repeatable;
			if (!put(translation, kinds[kind].mark))
				return false;
		}
		else if (take(translation, "?<"))
			translation->at += read_name(translation->at, translation->end).length + 1;
		else
			return refuse(translation, "Invalid group");
	}
	translation->group_repeatable[translation->depth++] = repeatable;
	translation->repeatable = false;
	return true;
}

/* {2}, {2,} or {2,3} at a place; 0: none, else its length. */
static size_t
braces_length(const Translation *translation, double *least, double *most)
{
	size_t		n = 1;
	size_t		start;

	*least = *most = 0;
	while (is_digit((unsigned char) peek(translation, n)))
		*least = *least * 10 + (peek(translation, n++) - '0');
	if (n == 1)
		return 0;
	*most = *least;
	if (peek(translation, n) == ',')
	{
		start = ++n;
		*most = 0;
		while (is_digit((unsigned char) peek(translation, n)))
			*most = *most * 10 + (peek(translation, n++) - '0');
		if (n == start)
			*most = -1;
	}
	return peek(translation, n) == '}' ? n + 1 : 0;
}

/* * + ? {2,3}, and a ? behind it; *done: false if there is none. */
static bool
translate_repetition(Translation *translation, bool *done)
{
	char		c = peek(translation, 0);
	double		least = 0,
				most = 0;
	size_t		length = 0;

	if (c == '*' || c == '+' || c == '?')
		length = 1;
	else if (c == '{')
		length = braces_length(translation, &least, &most);
	*done = length > 0;
	if (length == 0)
		return true;
	if (!translation->repeatable)
		return refuse(translation, "Nothing to repeat");
	if (c == '{' && most >= 0 && least > most)
		return refuse(translation, "numbers out of order in {} quantifier");
	if (c == '{' && (least > MAX_REPEAT || most > MAX_REPEAT))
		return refuse(translation, "Number too large in {} quantifier");
	if (peek(translation, length) == '?')
		length++;
	if (!wf_buffer_add(translation->out, translation->at, length))
		return false;
	translation->at += length;
	translation->repeatable = false;

	/* What a repetition goes through, PCRE2 does not count: it is asked about instead, unless it is the last thing of all. */
	return c == '?' || (c == '{' && most >= 0 && most <= FEW_REPEATS) || translation->at == translation->end ||
		put(translation, WF_JS_REGEX_CALL_BEHIND_REPETITION);
}

static bool
translate_assertion(Translation *translation, const char *text)
{
	translation->repeatable = false;
	return put(translation, text);
}

static bool
translate(Translation *translation)
{
	while (translation->at < translation->end)
	{
		bool		done;

		if (!translate_repetition(translation, &done))
			return false;
		if (done)
			continue;
		if (take(translation, "\\"))
			done = translate_escape(translation);
		else if (take(translation, "["))
			done = translate_class(translation);
		else if (take(translation, "("))
			done = translate_group(translation);
		else if (take(translation, ")"))
		{
			if (translation->depth == 0)
				return refuse(translation, "Unmatched ')'");
			translation->repeatable = translation->group_repeatable[--translation->depth];
			done = put(translation, ")");
		}
		else if (take(translation, "|"))
			done = translate_assertion(translation, "|");
		else if (take(translation, "^"))
			done = translate_assertion(translation, translation->multiline ? "(?<![^" LINE_ENDS "])" : "\\A");
		else if (take(translation, "$"))
			done = translate_assertion(translation, translation->multiline ? "(?![^" LINE_ENDS "])" : "\\z");
		else
		{
			translation->repeatable = true;
			done = take(translation, ".") ? put(translation, "[^" LINE_ENDS "]") :
				put_single_character(translation, wf_character_next(&translation->at, translation->end));
		}
		if (!done)
			return false;
	}
	return translation->depth == 0 || refuse(translation, "Unterminated group");
}

bool
wf_js_regex_translate(WfString source, bool ignore_case, bool multiline, WfBuffer *out, uint32_t *n_groups)
{
	Translation translation = {.source = source, .at = source.text, .end = source.text + source.length,
		.ignore_case = ignore_case, .multiline = multiline, .out = out};
	bool		good = note_groups(&translation) && translate(&translation);

	*n_groups = translation.n_groups;
	free(translation.names);
	return good;
}
