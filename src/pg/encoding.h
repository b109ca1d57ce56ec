/*
 * encoding.h - the plain-C half reads and writes UTF-8, and nothing is converted between it and the server: a database of
 * another encoding is refused.
 */
#ifndef WF_ENCODING_H
#define WF_ENCODING_H

#include "postgres.h"

extern bool wf_encoding_fits(void);

#endif
