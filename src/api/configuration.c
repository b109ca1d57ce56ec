/*
 * configuration.c - logging, tracing, encryption of a revision; see configuration.h.
 */
#include "postgres.h"

#include "api/configuration.h"
#include "pg/arn.h"
#include "pg/service_error.h"

static const WfField log_group_fields[] = {
	{"logGroupArn", WF_FIELD_STRING, 0, 1, 256, NULL, NULL},
	{NULL}
};

static const WfField destination_fields[] = {
	{"cloudWatchLogsLogGroup", WF_FIELD_OBJECT, 0, 0, -1, NULL, log_group_fields},
	{NULL}
};

static const WfField destination[] = {{"destination", WF_FIELD_OBJECT, 0, 0, -1, NULL, destination_fields}};

const WfField wf_logging_fields[] = {
	{"level", WF_FIELD_STRING, 0, 0, -1, "ALL, ERROR, FATAL, OFF", NULL},
	{"includeExecutionData", WF_FIELD_BOOLEAN, 0, 0, -1, NULL, NULL},
	{"destinations", WF_FIELD_LIST, 0, 0, -1, NULL, destination},
	{NULL}
};

const WfField wf_tracing_fields[] = {
	{"enabled", WF_FIELD_BOOLEAN, 0, 0, -1, NULL, NULL},
	{NULL}
};

const WfField wf_encryption_fields[] = {
	{"kmsKeyId", WF_FIELD_STRING, 0, 1, 2048, NULL, NULL},
	{"kmsDataKeyReusePeriodSeconds", WF_FIELD_INTEGER, 0, 60, 900, NULL, NULL},
	{"type", WF_FIELD_STRING, WF_FIELD_REQUIRED, 0, -1, "AWS_OWNED_KEY, CUSTOMER_MANAGED_KMS_KEY", NULL},
	{NULL}
};

/* A destination that leads nowhere is refused at any level. */
static void
check_destination(const WfRequest *logging)
{
	WfRequest	destination,
				log_group;
	char	   *arn = NULL;

	wf_request_list_object(logging, "destinations", 0, &destination);
	if (wf_request_object(&destination, "cloudWatchLogsLogGroup", &log_group))
		arn = wf_request_string(&log_group, "logGroupArn");
	if (arn == NULL || !wf_arn_is_log_group(arn))
		wf_service_error_hint(WF_INVALID_LOGGING_CONFIGURATION_ERROR, NULL,
							  "The ARN of a log group is arn:aws:logs:<region>:<account>:log-group:<name>:*. Any name will do: "
							  "the view workflow.log_events shows it.",
							  "Invalid Logging Configuration: '%s' is not the ARN of a log group.", arn != NULL ? arn : "");
}

/* Each adds its part of a configuration; part NULL: the defaults. */

static void
add_logging(WfResponse *result, const WfRequest *part)
{
	char	   *level = part != NULL ? wf_request_string(part, "level") : NULL;
	int			destinations = part != NULL ? wf_request_list_length(part, "destinations") : -1;

	if (destinations > 1 || (destinations < 1 && level != NULL && strcmp(level, "OFF") != 0))
		wf_service_error(WF_INVALID_LOGGING_CONFIGURATION_ERROR,
						 "Invalid Logging Configuration: Must specify exactly one Log Destination.");
	if (destinations == 1)
		check_destination(part);
	wf_response_string(result, "level", level != NULL ? level : "OFF");
	wf_response_boolean(result, "includeExecutionData",
						part != NULL && wf_request_boolean(part, "includeExecutionData", false));
	if (destinations >= 0)
		wf_response_value(result, "destinations", wf_request_value(part, "destinations"));
}

static void
add_tracing(WfResponse *result, const WfRequest *part)
{
	wf_response_boolean(result, "enabled", part != NULL && wf_request_boolean(part, "enabled", false));
}

static void
add_encryption(WfResponse *result, const WfRequest *part)
{
	if (part != NULL && strcmp(wf_request_string(part, "type"), "AWS_OWNED_KEY") != 0)
		wf_service_error(WF_INVALID_ENCRYPTION_CONFIGURATION_ERROR,
						 "Invalid Encryption Configuration: there are no customer managed keys here");
	wf_response_string(result, "type", "AWS_OWNED_KEY");
}

static const struct
{
	const char *name;
	void		(*add) (WfResponse *result, const WfRequest *part);
}			parts[] =
{
	{"loggingConfiguration", add_logging},
	{"tracingConfiguration", add_tracing},
	{"encryptionConfiguration", add_encryption}
};

bool
wf_configuration_given(const WfRequest *request)
{
	for (int i = 0; i < lengthof(parts); i++)
		if (wf_request_has(request, parts[i].name))
			return true;
	return false;
}

Jsonb *
wf_configuration(const WfRequest *request, Jsonb *before)
{
	WfResponse	result;

	wf_response_begin(&result);
	for (int i = 0; i < lengthof(parts); i++)
	{
		WfRequest	part;
		bool		given = request != NULL && wf_request_object(request, parts[i].name, &part);
		JsonbValue *kept = given || before == NULL ? NULL :
			getKeyJsonValueFromContainer(&before->root, parts[i].name, strlen(parts[i].name), NULL);

		if (kept != NULL)
		{
			wf_response_value(&result, parts[i].name, kept);
			continue;
		}
		wf_response_begin_object(&result, parts[i].name);
		parts[i].add(&result, given ? &part : NULL);
		wf_response_end_object(&result);
	}
	return wf_response_end(&result);
}

void
wf_configuration_show(WfResponse *response, Jsonb *configuration)
{
	for (int i = 0; i < lengthof(parts); i++)
	{
		JsonbValue *part = getKeyJsonValueFromContainer(&configuration->root, parts[i].name, strlen(parts[i].name), NULL);

		if (part != NULL)
			wf_response_value(response, parts[i].name, part);
	}
}
