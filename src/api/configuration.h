/*
 * configuration.h - what a revision keeps beside its definition and role: logging, tracing, encryption.  The service's
 * own fields, checked and shown as the service does.  Logging: the engine keeps what it asks for (store/log.h), and the view
 * log_events shows it; nothing is traced or encrypted.
 */
#ifndef WF_CONFIGURATION_H
#define WF_CONFIGURATION_H

#include "api/request.h"
#include "api/response.h"

/* For an action's list of fields. */
extern const WfField wf_logging_fields[];
extern const WfField wf_tracing_fields[];
extern const WfField wf_encryption_fields[];

#define WF_CONFIGURATION_FIELDS \
	{"loggingConfiguration", WF_FIELD_OBJECT, 0, 0, -1, NULL, wf_logging_fields}, \
	{"tracingConfiguration", WF_FIELD_OBJECT, 0, 0, -1, NULL, wf_tracing_fields}, \
	{"encryptionConfiguration", WF_FIELD_OBJECT, 0, 0, -1, NULL, wf_encryption_fields}

/*
 * The configuration that results when a request's (NULL: none) is laid over `before` (NULL: the defaults); palloc'ed.
 * Raises InvalidLoggingConfiguration, InvalidEncryptionConfiguration.
 */
extern Jsonb *wf_configuration(const WfRequest *request, Jsonb *before);

/* Does the request say anything of it? */
extern bool wf_configuration_given(const WfRequest *request);

/* Adds the three to a response. */
extern void wf_configuration_show(WfResponse *response, Jsonb *configuration);

#endif
