/*
 * arn.c - the service's names of things; see arn.h.
 *
 * Our own ARNs are recognized by their prefix as a whole, never by counting colons: a database's name may hold colons.
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "miscadmin.h"

#include "pg/arn.h"
#include "pg/service_error.h"
#include "pg/settings.h"

char *
wf_arn_prefix(void)
{
	if (wf_setting_arn_prefix != NULL && wf_setting_arn_prefix[0] != '\0')
		return pstrdup(wf_setting_arn_prefix);
	return psprintf("arn:pg:states:local:%s", get_database_name(MyDatabaseId));
}

/* The number'th part (from 0) of the prefix, which has five; the last one takes the rest. */
static char *
prefix_part(int number)
{
	char	   *part = wf_arn_prefix();
	char	   *end;

	for (int i = 0; i < number; i++)
	{
		char	   *colon = strchr(part, ':');

		if (colon == NULL)
			return pstrdup("");
		part = colon + 1;
	}
	end = number < 4 ? strchr(part, ':') : NULL;
	return end != NULL ? pnstrdup(part, end - part) : pstrdup(part);
}

char *
wf_arn_region(void)
{
	return prefix_part(3);
}

char *
wf_arn_state_machine(const char *machine)
{
	return psprintf("%s:stateMachine:%s", wf_arn_prefix(), machine);
}

char *
wf_arn_execution(const char *machine, const char *execution)
{
	return psprintf("%s:execution:%s:%s", wf_arn_prefix(), machine, execution);
}

char *
wf_arn_express(const char *machine, const char *execution, const char *uuid)
{
	return psprintf("%s:express:%s:%s:%s", wf_arn_prefix(), machine, execution, uuid);
}

char *
wf_arn_activity(const char *activity)
{
	return psprintf("%s:activity:%s", wf_arn_prefix(), activity);
}

char *
wf_arn_map_runs(const char *machine)
{
	return psprintf("%s:mapRun:%s", wf_arn_prefix(), machine);
}

char *
wf_arn_map_run(const char *machine, const char *label, const char *uuid)
{
	return psprintf("%s/%s:%s", wf_arn_map_runs(machine), label, uuid);
}

char *
wf_arn_role(const char *role)
{
	return psprintf("arn:%s:iam::%s:role/%s", prefix_part(1), prefix_part(4), role);
}

char *
wf_arn_lambda(const char *function)
{
	const char *account = strstr(wf_arn_prefix(), ":states:");

	if (strncmp(function, "arn:", 4) == 0 || account == NULL)
		return pstrdup(function);
	return psprintf("arn:aws:lambda:%s:function:%s", account + strlen(":states:"), function);
}

char *
wf_arn_log_group(const char *name)
{
	if (strncmp(name, "arn:", 4) == 0)
		return pstrdup(name);
	return psprintf("arn:%s:logs:%s:%s:log-group:%s:*", prefix_part(1), prefix_part(3), prefix_part(4), name);
}

bool
wf_arn_is_log_group(const char *arn)
{
	static const char type[] = ":log-group:";
	const char *found = strstr(arn, type);
	const char *name = found != NULL ? found + strlen(type) : NULL;

	return strncmp(arn, "arn:", 4) == 0 && name != NULL && name[0] != '\0' && strcmp(name, ":*") != 0;
}

/* Splits *text at its first `separator`: cuts it there and returns what follows; NULL if there is none. */
static char *
cut(char *text, char separator)
{
	char	   *found = strchr(text, separator);

	if (found == NULL)
		return NULL;
	*found = '\0';
	return found + 1;
}

void
wf_arn_parse(const char *text, WfArnKind wanted, WfArn *arn)
{
	static const char *const types[] = {
		[WF_ARN_STATE_MACHINE] = "stateMachine", [WF_ARN_EXECUTION] = "execution", [WF_ARN_ACTIVITY] = "activity",
		[WF_ARN_MAP_RUN] = "mapRun"
	};
	char	   *prefix = wf_arn_prefix();
	size_t		length = strlen(prefix);
	char	   *type;
	char	   *rest;

	memset(arn, 0, sizeof(*arn));
	if (strncmp(text, "arn:", 4) != 0)
	{
		if (strchr(text, ':') != NULL || strchr(text, '/') != NULL || text[0] == '\0')
			wf_service_error(WF_INVALID_ARN_ERROR, "Invalid Arn: 'Invalid ARN prefix: %s'", text);
		arn->kind = WF_ARN_NAME;
		arn->name = pstrdup(text);
		return;
	}
	if (strncmp(text, prefix, length) != 0 || text[length] != ':')
	{
		arn->kind = WF_ARN_FOREIGN;
		return;
	}

	type = pstrdup(text + length + 1);
	rest = cut(type, ':');
	if (strcmp(type, types[wanted]) != 0)
		wf_service_error(WF_INVALID_ARN_ERROR, "Invalid Arn: 'Resource type not valid in this context: %s'", type);
	if (rest == NULL || rest[0] == '\0')
		wf_service_error(WF_INVALID_ARN_ERROR, "Invalid Arn: '%s'", text);
	arn->kind = wanted;
	arn->name = rest;
	if (wanted == WF_ARN_ACTIVITY)
		return;
	if (wanted == WF_ARN_STATE_MACHINE)
		arn->qualifier = cut(rest, ':');
	else
	{
		arn->execution = cut(rest, ':');
		if (arn->execution == NULL || arn->execution[0] == '\0')
			wf_service_error(WF_INVALID_ARN_ERROR, "Invalid Arn: '%s'", text);
	}
	arn->label = cut(rest, '/');
}

char *
wf_arn_activity_name(const char *resource)
{
	char	   *prefix = psprintf("%s:activity:", wf_arn_prefix());
	size_t		length = strlen(prefix);

	if (strncmp(resource, "activity:", strlen("activity:")) == 0)
		return pstrdup(resource + strlen("activity:"));
	return strncmp(resource, prefix, length) == 0 ? pstrdup(resource + length) : NULL;
}

char *
wf_arn_role_name(const char *role_arn)
{
	const char *name = strrchr(role_arn, '/');

	if (strncmp(role_arn, "arn:", 4) == 0 ? strstr(role_arn, ":role/") == NULL || name[1] == '\0'
		: strchr(role_arn, ':') != NULL || name != NULL || role_arn[0] == '\0')
		wf_service_error(WF_INVALID_ARN_ERROR, "Invalid Role Arn: '%s'", role_arn);
	return pstrdup(name != NULL ? name + 1 : role_arn);
}
