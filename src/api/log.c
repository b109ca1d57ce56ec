/*
 * log.c - what a machine logs; see log.h.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "api/arguments.h"
#include "api/configuration.h"
#include "api/log.h"
#include "api/machine.h"
#include "api/members.h"
#include "pg/arn.h"

static bool
is_data(const WfMember *member)
{
	static const char *const keys[] = {"input", "output", "parameters", "assignedVariables"};

	for (int i = 0; i < lengthof(keys); i++)
		if (member->key_length == strlen(keys[i]) && strncmp(member->key, keys[i], member->key_length) == 0)
			return true;
	return false;
}

char *
wf_log_details_without_data(const char *details)
{
	StringInfoData bare;
	const char *at = NULL;
	WfMember	member;

	initStringInfo(&bare);
	appendStringInfoChar(&bare, '{');
	while (wf_next_member(details, &at, &member))
	{
		if (is_data(&member))
			continue;
		if (bare.len > 1)
			appendStringInfoChar(&bare, ',');
		/* the key with its quotes and colon, and the value */
		appendBinaryStringInfo(&bare, member.key - 1, (int) (at - member.key) + 1);
	}
	appendStringInfoChar(&bare, '}');
	return bare.data;
}

/* --- set_logging --- */

static Jsonb *
make_configuration(const char *level, bool with_data, const char *log_group)
{
	WfResponse	configuration;

	wf_response_begin(&configuration);
	wf_response_begin_object(&configuration, "loggingConfiguration");
	wf_response_string(&configuration, "level", level);
	wf_response_boolean(&configuration, "includeExecutionData", with_data);
	wf_response_begin_array(&configuration, "destinations");
	wf_response_begin_object(&configuration, NULL);
	wf_response_begin_object(&configuration, "cloudWatchLogsLogGroup");
	wf_response_string(&configuration, "logGroupArn", wf_arn_log_group(log_group));
	wf_response_end_object(&configuration);
	wf_response_end_object(&configuration);
	wf_response_end_array(&configuration);
	wf_response_end_object(&configuration);
	return wf_response_end(&configuration);
}

static const char *
name_of_machine(const char *reference)
{
	WfArn		arn;

	wf_arn_parse(reference, WF_ARN_STATE_MACHINE, &arn);
	return arn.name != NULL ? arn.name : reference;
}

PG_FUNCTION_INFO_V1(workflow_set_logging);

/* (state_machine, level, include_execution_data, log_group) returns uuid, the revision */
Datum
workflow_set_logging(PG_FUNCTION_ARGS)
{
	static const WfField fields[] = {WF_CONFIGURATION_FIELDS, {NULL}};
	WfMachineWish wish = {.name = wf_argument_required(fcinfo, 0, "state_machine")};
	char	   *level = wf_argument_required(fcinfo, 1, "level");
	bool		with_data = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	const char *log_group = wf_argument_text(fcinfo, 3);
	WfRequest	configuration;
	WfStateMachine machine;

	if (log_group == NULL)
		log_group = name_of_machine(wish.name);
	wf_request_check(&configuration, make_configuration(level, with_data, log_group), fields);
	wish.configuration = &configuration;
	wf_machine_update(&wish, &machine);
	if (machine.revision == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(DirectFunctionCall1(uuid_in, CStringGetDatum(machine.revision)));
}
