/*
 * clock.c - what time it is for the engine; see clock.h.
 *
 * The test clock is a setting (workflow.clock), so that it ends with the session or the transaction that set it and
 * needs no table.  Only a superuser may set it: times in other roles' histories come from it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "pg/clock.h"
#include "pg/settings.h"

#define UNIX_OFFSET ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

TimestampTz
wf_clock_now(void)
{
	if (wf_setting_clock == NULL || wf_setting_clock[0] == '\0')
		return GetCurrentTimestamp();
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(wf_setting_clock),
												   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

void
wf_clock_move_to(TimestampTz time)
{
	char	   *text;

	if (wf_setting_clock == NULL || wf_setting_clock[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the test clock is not set"),
				 errhint("Set workflow.clock to a timestamp first.")));
	text = DatumGetCString(DirectFunctionCall1(timestamptz_out, TimestampTzGetDatum(time)));
	SetConfigOption("workflow.clock", text, PGC_SUSET, PGC_S_SESSION);
}

int64
wf_clock_to_unix(TimestampTz time)
{
	return time + UNIX_OFFSET;
}

TimestampTz
wf_clock_from_unix(int64 microseconds)
{
	return microseconds - UNIX_OFFSET;
}
