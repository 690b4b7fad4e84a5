/*
 * asl/jsonata/codepoints.h - text as an array of code points, for pictures.
 *
 * The reference counts UTF-16 units; we count code points, which differs only
 * where a picture's separators or digits lie beyond U+FFFF.
 */

#ifndef PAWL_CODEPOINTS_H
#define PAWL_CODEPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strbuf.h"

struct codepoints {
	uint32_t	*at;		/* owned; never NULL after a set or add */
	size_t		 n, size;
};

#define CODEPOINTS_INIT { NULL, 0, 0 }

/* The code point at p < end; *p moves on.  What is no UTF-8 gives U+FFFD. */
uint32_t codepoints_next(const char **p, const char *end);
/* JavaScript's \s, which is also what trim() removes. */
bool	codepoints_is_space(uint32_t);
/* The zero of the decimal digits that c is one of (those below U+10000), or 0. */
uint32_t codepoints_zero(uint32_t c);
/* Adds one as UTF-8. */
void	codepoints_print(struct strbuf *, uint32_t);

/* c becomes the text; what it had is freed. */
void	codepoints_set(struct codepoints *c, const char *text, size_t len);
void	codepoints_free(struct codepoints *);
/* Puts m code points in front of the one at index i (at most n). */
void	codepoints_insert(struct codepoints *, size_t i, const uint32_t *what,
	    size_t m);
/* Removes m of them from index i on. */
void	codepoints_remove(struct codepoints *, size_t i, size_t m);
void	codepoints_print_all(struct strbuf *, const uint32_t *at, size_t n);

#endif
