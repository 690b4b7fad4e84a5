/*
 * asl/jsonata/number_text.h - numbers as JavaScript writes and reads them.
 *
 * Pure functions over doubles and text; nothing here depends on the locale.
 * Errors carry the language's code (D3100, ...) and the reference's sentence.
 */

#ifndef PAWL_NUMBER_TEXT_H
#define PAWL_NUMBER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "strbuf.h"

#define NUMBER_TEXT_SIZE 32

/*
 * The shortest decimal that reads back as v: "5", "0.1", "1e+21", "1e-7", "0"
 * for -0, "Infinity", "-Infinity", "NaN".  Returns the length.
 */
size_t	number_text_print(double v, char buf[NUMBER_TEXT_SIZE]);

/*
 * As $string and & do: the same, a fraction rounded to 15 significant digits
 * first (0.1+0.2 gives "0.3"); whole numbers keep theirs.
 */
size_t	number_text_print15(double v, char buf[NUMBER_TEXT_SIZE]);

/*
 * The shortest digits of a finite v > 0, without leading or trailing zeros:
 * v = 0.DIGITS * 10^point.  Returns their number.
 */
int	number_text_digits(double v, char digits[NUMBER_TEXT_SIZE], int *point);

/*
 * Reads text as $number does: decimal with fraction and exponent, leading
 * zeros allowed, or 0x, 0o, 0b.  false if text is no number or beyond a
 * double's range.
 */
bool	number_text_read(const char *text, size_t len, double *v);

/*
 * $round: half to even on the decimal text, to so many digits behind the
 * point; precision may be negative.
 */
double	number_text_round(double v, double precision);

/*
 * $formatBase: v rounded half to even, in base 2 to 36.  Returns 0, or -1 and
 * D3100.
 */
int	number_text_base(double v, double radix, struct strbuf *out,
	    struct err *e) MUSTCHECK;

#endif
