/*
 * error.h - how the plain-C half reports a problem: filled in, never printed, never thrown.
 *
 * A function that can fail takes a WfError and answers false or NULL.  An error holds its cause in malloc'ed memory;
 * who declared the WfError releases it.  WF_INTERRUPTED and WF_OUT_OF_MEMORY are not the definition's fault: the
 * caller gives up the whole step and raises them in its own way.
 */
#ifndef WF_ERROR_H
#define WF_ERROR_H

#include <stdbool.h>
#include <stddef.h>

typedef enum WfErrorCode
{
	WF_NO_ERROR = 0,
#define WF_ERROR(identifier, name, caught_by_all) identifier,
#include "asl/errors.def"
#undef WF_ERROR
	WF_ERROR_COUNT
} WfErrorCode;

typedef struct WfError
{
	WfErrorCode code;
	char	   *cause;			/* malloc'ed; NULL: none, or no memory for one */
	char	   *location;		/* malloc'ed: the field of a state whose query has failed ("Output/a[0]"); NULL: none */
	char	   *detail;			/* malloc'ed: what people may know beyond the cause, whose words are the service's; NULL: nothing */
} WfError;

#define WF_ERROR_NONE {WF_NO_ERROR, NULL, NULL, NULL}

extern const char *wf_error_name(WfErrorCode code);
extern bool wf_error_caught_by_all(WfErrorCode code);

/* Bytes that a cause, an error's name and a location may have, as the service has it: they may quote data of any size. */
#define WF_MAX_CAUSE 32768
#define WF_MAX_ERROR_NAME 256
#define WF_MAX_LOCATION 256

/* Cuts a text that is longer, between two characters. */
extern void wf_error_cut(char *text, size_t most);

/*
 * Replaces what was there, the location and the detail too; the cause is cut to WF_MAX_CAUSE.  Returns false, so that a
 * function can end with it.
 */
extern bool wf_error_set(WfError *error, WfErrorCode code, const char *format, ...) __attribute__((format(printf, 3, 4)));
extern bool wf_error_set_location(WfError *error, const char *location);	/* likewise; a copy */
extern bool wf_error_set_detail(WfError *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
extern bool wf_error_no_memory(WfError *error);

/* Moves from one place to another; *from is empty afterwards. */
extern void wf_error_move(WfError *to, WfError *from);
extern void wf_error_clear(WfError *error);

#endif
