/*
 * settings.c - defines the settings; settings.def is the list.
 */
#include "postgres.h"

#include <limits.h>

#include "utils/guc.h"

#include "pg/clock.h"
#include "pg/settings.h"

#define WF_SETTING_INT(name, initial, ...) int wf_setting_##name = initial;
#define WF_SETTING_REAL(name, initial, ...) double wf_setting_##name = initial;
#define WF_SETTING_BOOL(name, initial, ...) bool wf_setting_##name = initial;
#define WF_SETTING_STRING(name, initial, ...) char *wf_setting_##name = NULL;
#include "pg/settings.def"
#undef WF_SETTING_INT
#undef WF_SETTING_REAL
#undef WF_SETTING_BOOL
#undef WF_SETTING_STRING

void
wf_settings_define(void)
{
#define WF_SETTING_INT(name, initial, least, most, context, flags, short_text, long_text) \
	DefineCustomIntVariable("workflow." #name, short_text, long_text, &wf_setting_##name, initial, least, most, \
							context, flags, NULL, NULL, NULL);
#define WF_SETTING_REAL(name, initial, least, most, context, flags, short_text, long_text) \
	DefineCustomRealVariable("workflow." #name, short_text, long_text, &wf_setting_##name, initial, least, most, \
							 context, flags, NULL, NULL, NULL);
#define WF_SETTING_BOOL(name, initial, context, flags, short_text, long_text) \
	DefineCustomBoolVariable("workflow." #name, short_text, long_text, &wf_setting_##name, initial, \
							 context, flags, NULL, NULL, NULL);
#define WF_SETTING_STRING(name, initial, context, flags, short_text, long_text, check, assign) \
	DefineCustomStringVariable("workflow." #name, short_text, long_text, &wf_setting_##name, initial, \
							   context, flags, check, assign, NULL);
#include "pg/settings.def"

	MarkGUCPrefixReserved("workflow");
}
