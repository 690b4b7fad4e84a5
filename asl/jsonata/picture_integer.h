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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "strbuf.h"

/*
 * $formatInteger: v is rounded down first.  Adds to out, whose ceiling it
 * respects (the caller checks strbuf_failed), and returns 0; or returns -1 with
 * D3130, D3131, PictureTooLong, or RangeError (a number without end) in e.
 */
int	picture_integer_format(double v, const char *picture, size_t len,
	    struct strbuf *out, struct err *e) MUSTCHECK;

/*
 * $parseInteger.  *v is NaN where text is no number.  Returns 0, or -1 with the
 * errors above in e.
 */
int	picture_integer_parse(const char *text, size_t text_len,
	    const char *picture, size_t len, double *v, struct err *e) MUSTCHECK;

/* --- for picture_datetime: a picture read once ------------------------------- */

enum picture_integer_kind {
	PICTURE_INTEGER_DECIMAL,
	PICTURE_INTEGER_LETTERS,
	PICTURE_INTEGER_ROMAN,
	PICTURE_INTEGER_WORDS,
	PICTURE_INTEGER_SEQUENCE	/* none that we know: D3130 */
};

struct picture_integer_group {
	uint32_t	 separator;
	size_t		 place;		/* digits to its right */
};

struct picture_integer {
	enum picture_integer_kind	 kind;
	bool				 upper, title, ordinal;
	uint32_t			 zero;		/* of the digits */
	size_t				 mandatory;	/* digits that must be */
	size_t				 optional;	/* digits that may be: '#' */
	size_t				 regular;	/* group size, or 0 */
	struct picture_integer_group	*groups;	/* owned; from the left */
	size_t				 group_count;
	const uint32_t			*primary;	/* borrowed: the picture's */
	size_t				 primary_n;
};

/* Returns 0 and *p for picture_integer_free(), or -1 with D3131. */
int	picture_integer_compile(struct picture_integer *p,
	    const uint32_t *primary, size_t n, bool ordinal,
	    struct err *e) MUSTCHECK;
void	picture_integer_free(struct picture_integer *);

/* v is whole.  Errors: D3130, RangeError. */
int	picture_integer_print(const struct picture_integer *, double v,
	    struct strbuf *out, struct err *e) MUSTCHECK;
/* Errors: D3130, RangeError. */
int	picture_integer_read(const struct picture_integer *, const uint32_t *text,
	    size_t n, double *v, struct err *e) MUSTCHECK;

/* JavaScript's parseInt(): the number that text begins with, or NaN. */
double	picture_integer_parse_int(const char *text, size_t len);

#endif
