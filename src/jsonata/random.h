/*
 * random.h - the dice of an evaluation: nothing that is to be kept secret depends on them.
 */
#ifndef WF_JSONATA_RANDOM_H
#define WF_JSONATA_RANDOM_H

#include "jsonata/evaluate.h"

/* 0 <= number < 1. */
extern double jn_random(JnEvaluation *evaluation);

#endif
