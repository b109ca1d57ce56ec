/*
 * buffer.h - what the functions of JSONata's library take and give: strings, a buffer that they write into, and what can go
 * wrong.
 *
 * A string is a place and a length; it may hold NUL.  It is UTF-8 in which half a surrogate pair may stand by itself, in the
 * three bytes of its number: JavaScript's strings can hold one, and an expression may write it ('\ud800').  Two halves that
 * come together in a buffer are one character.
 *
 * A function that can fail answers false and leaves a fault.  Functions that write have it from their buffer, and leave
 * behind what they have written so far.
 */
#ifndef WF_JSONATA_BUFFER_H
#define WF_JSONATA_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct WfString
{
	const char *text;
	size_t		length;
} WfString;

#define WF_STRING(literal) ((WfString) {(literal), sizeof(literal) - 1})

typedef enum WfFaultKind
{
	WF_FAULT_NONE,
	WF_FAULT_CODE,				/* an error of the language */
	WF_FAULT_NO_MEMORY,
	WF_FAULT_TOO_LARGE,			/* a buffer's limit */
	WF_FAULT_TOO_LONG,			/* a regular expression that tries too many ways */
	WF_FAULT_STOPPED			/* by who was asked whether to go on */
} WfFaultKind;

typedef struct WfFault
{
	WfFaultKind kind;
	const char *code;			/* "D3080"; static */
	char	   *value;			/* malloc'ed: what its message names, as JSON text ("foo" in its quotes); NULL: nothing */
} WfFault;

/* Each returns false, so that a function can end with it. */
extern bool wf_fault(WfFault *fault, const char *code);
extern bool wf_fault_string(WfFault *fault, const char *code, WfString value);
extern bool wf_fault_number(WfFault *fault, const char *code, double value);
extern bool wf_fault_kind(WfFault *fault, WfFaultKind kind);
extern void wf_fault_clear(WfFault *fault);

typedef struct WfBuffer
{
	char	   *text;			/* malloc'ed, with room for a NUL behind it; NULL while it is empty */
	size_t		length;
	size_t		capacity;
	size_t		limit;			/* of its length */
	WfFault    *fault;
} WfBuffer;

#define WF_BUFFER(limit, fault) {NULL, 0, 0, (limit), (fault)}

extern bool wf_buffer_add(WfBuffer *buffer, const char *text, size_t length);
extern bool wf_buffer_add_string(WfBuffer *buffer, WfString string);
extern bool wf_buffer_add_character(WfBuffer *buffer, uint32_t character);
extern bool wf_buffer_repeat(WfBuffer *buffer, WfString string, size_t times);

/* The text with a NUL behind it, the caller's to free; the buffer is empty afterwards.  NULL without memory (a fault). */
extern char *wf_buffer_take(WfBuffer *buffer, size_t *length);
extern void wf_buffer_free(WfBuffer *buffer);

/* --- characters --- */

/* The character at a place before the end; *at moves behind it. */
extern uint32_t wf_character_next(const char **at, const char *end);

/* Writes a character, four bytes at most; returns how many. */
extern size_t wf_character_write(uint32_t character, char *text);

#define WF_IS_SURROGATE(character) (((character) & 0xFFFFF800) == 0xD800)

/* Whether the last character of one and the first of the other are halves of one. */
extern bool wf_halves_meet(WfString a, WfString b);

extern bool wf_string_equal(WfString a, WfString b);

#endif
