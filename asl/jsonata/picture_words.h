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
 * One word at text ("seventh"), the longest that fits: returns its length, 0
 * if there is none.  Case is ignored.
 */
size_t	picture_words_match(const uint32_t *text, size_t n);

/* "MCMLXXXIV".  v below PICTURE_WORDS_ROMAN_MAX. */
#define PICTURE_WORDS_ROMAN_MAX 7e6
void	picture_words_roman(double v, struct strbuf *out);
/* NaN if a character is none of "MDCLXVI". */
double	picture_words_roman_read(const uint32_t *text, size_t n);

/* 1 is A, 26 Z, 27 AA; first is 'A' or 'a'. */
void	picture_words_letters(double v, char first, struct strbuf *out);
double	picture_words_letters_read(const uint32_t *text, size_t n, char first);

#endif
