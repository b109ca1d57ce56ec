/*
 * clock.c - what time it is for the engine; see clock.h.
 *
 * The test clock is a setting (workflow.clock), so that it ends with the session or the transaction that set it and
 * needs no table.  Only a superuser may set it: times in other roles' histories come from it.
 *
 * Its text is read once, when it is set: what it means hangs on TimeZone and DateStyle, and the moment must stand still
 * when those change.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "pg/clock.h"
#include "pg/compat.h"
#include "pg/settings.h"

#define UNIX_OFFSET ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

static bool is_set = false;
static TimestampTz set_to;

/* As timestamptz_in, but it neither raises nor takes infinity; false: no moment. */
static bool
read_moment(const char *text, TimestampTz *moment)
{
	char		space[MAXDATELEN + MAXDATEFIELDS];
	char	   *fields[MAXDATEFIELDS];
	int			types[MAXDATEFIELDS];
	int			n;
	int			type;
	struct pg_tm tm;
	fsec_t		fsec;
	int			zone;

	return ParseDateTime(text, space, sizeof(space), fields, types, MAXDATEFIELDS, &n) == 0 &&
		wf_decode_datetime(fields, types, n, &type, &tm, &fsec, &zone) == 0 &&
		type == DTK_DATE && tm2timestamp(&tm, fsec, &zone, moment) == 0;
}

bool
wf_clock_check(char **text, void **extra, GucSource source)
{
	TimestampTz moment;

	if (*text == NULL || (*text)[0] == '\0')
		return true;
	if (!read_moment(*text, &moment))
	{
		GUC_check_errdetail("The clock is set to a timestamp with time zone.");
		return false;
	}
	*extra = wf_guc_malloc(sizeof(moment));
	if (*extra == NULL)
		return false;
	memcpy(*extra, &moment, sizeof(moment));
	return true;
}

void
wf_clock_assign(const char *text, void *extra)
{
	is_set = extra != NULL;
	if (is_set)
		set_to = *(TimestampTz *) extra;
}

TimestampTz
wf_clock_now(void)
{
	return is_set ? set_to : GetCurrentTimestamp();
}

void
wf_clock_move_to(TimestampTz time)
{
	char		text[MAXDATELEN + 1];
	struct pg_tm tm;
	fsec_t		fsec;

	if (!is_set)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the test clock is not set"),
				 errhint("Set workflow.clock to a timestamp first.")));
	/* in UTC: other styles have abbreviations of time zones, which may be read as another's */
	if (timestamp2tm(time, NULL, &tm, &fsec, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	tm.tm_isdst = 0;			/* known; else the zone would not be written */
	EncodeDateTime(&tm, fsec, true, 0, NULL, USE_ISO_DATES, text);
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
