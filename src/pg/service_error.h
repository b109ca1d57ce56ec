/*
 * service_error.h - errors as the service words them: SQLSTATE of class WF, message "Code: text".
 *
 * What goes wrong with a request is raised here and nowhere else, so that a client can tell the service's errors, which
 * it may handle, from the server's own.
 */
#ifndef WF_SERVICE_ERROR_H
#define WF_SERVICE_ERROR_H

#include "postgres.h"

typedef enum WfServiceError
{
#define WF_SERVICE_ERROR(identifier, digits, word) WF_##identifier##_ERROR,
#include "pg/service_errors.def"
#undef WF_SERVICE_ERROR
	WF_SERVICE_ERROR_COUNT
} WfServiceError;

/* Raises the error; the format gives the text behind the colon. */
extern void wf_service_error(WfServiceError error, const char *format,...) __attribute__((noreturn)) pg_attribute_printf(2, 3);

/* The same with a detail and a hint of our own, whole sentences; either may be NULL. */
extern void wf_service_error_hint(WfServiceError error, const char *detail, const char *hint, const char *format,...)
			__attribute__((noreturn)) pg_attribute_printf(4, 5);

#endif
