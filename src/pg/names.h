/*
 * names.h - names that people give to state machines and executions.
 */
#ifndef WF_NAMES_H
#define WF_NAMES_H

#include "postgres.h"

#define WF_NAME_LENGTH 80		/* characters */

/*
 * Raises InvalidName unless the service would take the name: 1 to 80 characters, no white space, no control characters,
 * none of <>{}[]?*"#%\^|~`$&,;:/ and no non-characters.
 */
extern void wf_name_check(const char *name);
extern bool wf_name_is_valid(const char *name);

#endif
