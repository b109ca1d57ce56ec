/*
 * random.h - the dice of an evaluation.
 */
#ifndef WF_JSONATA_RANDOM_H
#define WF_JSONATA_RANDOM_H

#include "jsonata/evaluate.h"

/* Bytes that nobody can guess; false with an error if there are none to be had. */
extern bool jn_random_bytes(JnEvaluation *evaluation, unsigned char *bytes, size_t n);

/* 0 <= number < 1: of a generator that is seeded once, for what need not be kept secret. */
extern bool jn_random(JnEvaluation *evaluation, double *number);

#endif
