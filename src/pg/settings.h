/*
 * settings.h - the settings as C variables; settings.def says what each is.
 */
#ifndef WF_SETTINGS_H
#define WF_SETTINGS_H

#include "postgres.h"

/* What workflow.workers can be at most: the places for workers in shared memory when preloaded. */
#define WF_MAX_WORKERS 1024

#define WF_SETTING_INT(name, ...) extern int wf_setting_##name;
#define WF_SETTING_REAL(name, ...) extern double wf_setting_##name;
#define WF_SETTING_BOOL(name, ...) extern bool wf_setting_##name;
#define WF_SETTING_STRING(name, ...) extern char *wf_setting_##name;
#include "pg/settings.def"
#undef WF_SETTING_INT
#undef WF_SETTING_REAL
#undef WF_SETTING_BOOL
#undef WF_SETTING_STRING

/* In _PG_init: defines them all, and reserves the prefix. */
extern void wf_settings_define(void);

#endif
