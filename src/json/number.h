/*
 * number.h - how numbers are read and written: the one place that decides.
 *
 * Reading.  What fits 64 bits and has neither fraction nor exponent is an integer.  Everything else is a double: also
 * an integer too long for 64 bits (it loses digits beyond the 17th, as in most JSON readers).  A number too large for a
 * double (1E400) is refused, for there is no value that it could honestly become; one too small (1E-400) is 0.
 *
 * Writing.  Integers as they are.  Doubles with the fewest digits that read back as the same double, and always with a
 * fraction or an exponent, so that 1.0 stays 1.0: between 0.001 and 10,000,000 as decimals, outside with an exponent
 * (1.0E10, 2.5E-4), which is how the service writes them.
 *
 * The C library's numeric locale must be "C": the server keeps it so.
 */
#ifndef WF_NUMBER_H
#define WF_NUMBER_H

#include "json/json.h"

/* Bytes for the longest text of a number, with its NUL. */
#define WF_NUMBER_SIZE 32

/* New: the value of a number's text (valid by JSON's grammar).  NULL with WF_NUMBER_OUT_OF_RANGE. */
extern json_t *wf_number_read(const char *text, size_t length, bool integer, WfError *error);

/* Writes a number without NUL; returns its length.  A double that JSON cannot hold (infinite, not a number) gives 0. */
extern size_t wf_number_write_integer(json_int_t value, char *text);
extern size_t wf_number_write_real(double value, char *text);

/*
 * Of a double that is not negative: whether at most 15 digits identify it, as whole / 10^places; the whole has no zero at its
 * end unless places is 0.  So it is with nearly all doubles that people write, and no text is needed to find it.
 */
extern bool wf_number_decimal(double value, double *whole, int *places);

/* 10^n, for n up to 22: those are exact. */
#define WF_NUMBER_EXACT_POWERS 22
extern const double wf_number_powers[WF_NUMBER_EXACT_POWERS + 1];

/* Of a positive double: the fewest decimal digits that read back as the same (17 at most), and the power of ten of the first. */
extern void wf_number_digits(double value, char *digits, int *n_digits, int *exponent);

#endif
