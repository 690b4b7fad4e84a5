/*
 * asl/jsonata/jtext.h - values as JSON text, and characters.
 */

#ifndef PAWL_JTEXT_H
#define PAWL_JTEXT_H

#include "err.h"
#include "jvalue.h"
#include "strbuf.h"

/* No value nests deeper than this where it is walked. */
#define JTEXT_DEPTH_MAX	1000

enum jtext_style {
	JTEXT_EXACT,	/* numbers with all their digits */
	JTEXT_15,	/* fractions rounded to 15 digits, as $string does */
	JTEXT_PRETTY,	/* the same, on lines, indented by 2 */
	JTEXT_RESULT	/* exact; Infinity and NaN as texts, U+FFFD for
			 * lone surrogates: what leaves the language */
};

/*
 * Adds a value: numbers as JavaScript prints them, functions as "", members
 * that are undefined left out, undefined items null.  Too deep, or past the
 * ceiling, makes the buffer fail.
 */
void	jtext_print(struct jvalue, enum jtext_style, struct strbuf *);

/*
 * The value of JSON text, in the arena.  0, or -1 if the text is faulty or
 * nests too deep.  Integers are exact in 64 bits, beyond that doubles; \uD800
 * alone is let through if lone is set.
 */
int	jtext_parse(struct jarena *, const char *text, size_t len, bool lone,
	    struct jvalue *) MUSTCHECK;

/*
 * Reads one character of UTF-8, three-byte lone surrogates included; moves
 * *p.  A byte that starts none counts as a character.
 */
uint32_t jtext_next(const char **p, const char *end);
/* Writes one (surrogates too) to buf; returns its length, 1 to 4. */
size_t	jtext_encode(uint32_t c, char buf[4]);
size_t	jtext_chars(const char *, size_t len);	/* code points */
size_t	jtext_units(const char *, size_t len);	/* UTF-16 units */
/* The byte where the n-th code point begins, at most len. */
size_t	jtext_offset(const char *, size_t len, size_t n);
bool	jtext_is_ascii(const char *, size_t len);
/* The longest part within max bytes that cuts no character. */
size_t	jtext_cut(const char *, size_t len, size_t max);
/* Length of a that is left when b follows and both make one character, and
 * that character; 0 and a's length unchanged if they do not. */
bool	jtext_joins(const char *a, size_t alen, const char *b, size_t blen,
	    char out[4]);

#endif
