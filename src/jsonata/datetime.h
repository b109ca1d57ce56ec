/*
 * datetime.h - $fromMillis and $toMillis: moments as text, in ISO 8601 or by a picture as in XPath ('[Y0001]-[M01]-[D01]').
 */
#ifndef WF_JSONATA_DATETIME_H
#define WF_JSONATA_DATETIME_H

#include "jsonata/buffer.h"

/* picture, timezone ('+0100'): NULL if not given.  D3110, D3132 … D3135. */
extern bool wf_from_millis(double millis, const WfString *picture, const WfString *timezone, WfBuffer *out);

/* picture: NULL if not given; now: what a picture leaves out is taken from it.  *found: false if the text does not fit the
 * picture, which is no error.  D3110, D3132 … D3136. */
extern bool wf_to_millis(WfString text, const WfString *picture, double now, bool *found, double *millis, WfFault *fault);

#endif
