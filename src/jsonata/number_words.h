/*
 * number_words.h - numbers in English words, and back.
 */
#ifndef WF_JSONATA_NUMBER_WORDS_H
#define WF_JSONATA_NUMBER_WORDS_H

#include "jsonata/buffer.h"

/* "one hundred and five"; ordinal: "one hundred and fifth".  Of whole numbers that are not negative. */
extern bool wf_number_words_write(double number, bool ordinal, WfBuffer *out);

/* NaN where a word is no number's.  Cardinals and ordinals, in whatever case. */
extern double wf_number_words_read(WfString text);

/* What one word stands for, in small letters; negative for none. */
extern double wf_number_word(WfString word);

#endif
