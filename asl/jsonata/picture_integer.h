/*
 * asl/jsonata/picture_integer.h - whole numbers by picture: $formatInteger,
 * $parseInteger, and the numbers in pictures of times.
 *
 * A picture is a primary format and perhaps a modifier behind the last ';':
 * digits ("#,##0", "0001", any decimal digits of Unicode), "A" "a" letters,
 * "I" "i" roman, "W" "w" "Ww" words; ";o" makes ordinals.  Text is UTF-8 with
 * its length in bytes.
 */

#ifndef PAWL_PICTURE_INTEGER_H
#define PAWL_PICTURE_INTEGER_H

#include <stddef.h>

#include "err.h"
#include "strbuf.h"

/*
 * $formatInteger: v is rounded down first.  Adds to out, whose ceiling it
 * respects (the caller checks strbuf_failed), and returns 0; or returns -1 with
 * D3130 or D3131 in e.
 */
int	picture_integer_format(double v, const char *picture, size_t len,
	    struct strbuf *out, struct err *e) MUSTCHECK;

/*
 * $parseInteger.  *v is NaN where text does not follow the picture.  Returns 0,
 * or -1 with D3130 or D3131 in e.
 */
int	picture_integer_parse(const char *text, size_t text_len,
	    const char *picture, size_t len, double *v, struct err *e) MUSTCHECK;

#endif
