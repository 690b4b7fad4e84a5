/*
 * asl/jsonata/picture_words.h - numbers in English words, roman numerals and
 * letters.
 */

#ifndef PAWL_PICTURE_WORDS_H
#define PAWL_PICTURE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strbuf.h"


/* "Three Hundred and Twelfth".  v is whole, finite and not negative. */
void	picture_words_print(double v, bool ordinal, struct strbuf *out);
/* The number that lower-case words name, ordinal or not; NaN if they do not. */
double	picture_words_read(const uint32_t *text, size_t n);
/*
 * Where a run of words, "and", commas, spaces and hyphens may end that begins
 * text, each place once, in the order in which a regular expression would try
 * them: "six" goes before "sixteen".  ends and stack have room for n + 1 each.
 * Case is ignored.  Returns how many.
 */
size_t	picture_words_ends(const uint32_t *text, size_t n, size_t *ends,
	    size_t *stack);

/* "MCMLXXXIV".  v below PICTURE_WORDS_ROMAN_MAX. */
#define PICTURE_WORDS_ROMAN_MAX 7e6
void	picture_words_roman(double v, struct strbuf *out);
/* NaN if a character is none of "MDCLXVI". */
double	picture_words_roman_read(const uint32_t *text, size_t n);

/* 1 is A, 26 Z, 27 AA; first is 'A' or 'a'. */
void	picture_words_letters(double v, char first, struct strbuf *out);
double	picture_words_letters_read(const uint32_t *text, size_t n, char first);

#endif
