/*
 * asl/jsonata/picture_number.h - numbers by picture: $formatNumber,
 * $formatInteger, $parseInteger.
 *
 * The pictures are those of XPath 3.1 (format-number, format-integer) as far
 * as the reference follows it.  Text is UTF-8 with its length in bytes.
 * Functions add to out (whose ceiling they respect; the caller checks
 * strbuf_failed) and return 0, or -1 with the language's code in e.
 */

#ifndef PAWL_PICTURE_NUMBER_H
#define PAWL_PICTURE_NUMBER_H

#include <stddef.h>

#include "err.h"
#include "strbuf.h"

/* What $formatNumber's options object may set, and the defaults. */
#define PICTURE_NUMBER_OPTIONS(X)				\
	X(DECIMAL,	"decimal-separator",	".")		\
	X(GROUPING,	"grouping-separator",	",")		\
	X(EXPONENT,	"exponent-separator",	"e")		\
	X(INFINITY,	"infinity",		"Infinity")	\
	X(MINUS,	"minus-sign",		"-")		\
	X(NAN,		"NaN",			"NaN")		\
	X(PERCENT,	"percent",		"%")		\
	X(PER_MILLE,	"per-mille",		"\342\200\260")	\
	X(ZERO,		"zero-digit",		"0")		\
	X(DIGIT,	"digit",		"#")		\
	X(PATTERN,	"pattern-separator",	";")

enum picture_number_option {
#define X(name, key, value) PICTURE_NUMBER_##name,
	PICTURE_NUMBER_OPTIONS(X)
#undef X
	PICTURE_NUMBER_OPTION_COUNT
};

/* An option's text is borrowed; NULL leaves the default. */
struct picture_number_options {
	const char	*text[PICTURE_NUMBER_OPTION_COUNT];
};

/* Sets the option called name; other names are ignored, as the reference does. */
void	picture_number_option(struct picture_number_options *, const char *name,
	    const char *value);

/* $formatNumber.  options may be NULL. */
int	picture_number_format(double v, const char *picture, size_t len,
	    const struct picture_number_options *options, struct strbuf *out,
	    struct err *e) MUSTCHECK;

/* $formatInteger: v is rounded towards minus infinity first. */
int	picture_number_integer(double v, const char *picture, size_t len,
	    struct strbuf *out, struct err *e) MUSTCHECK;

/* $parseInteger.  NaN where text does not follow the picture. */
int	picture_number_parse(const char *text, size_t text_len,
	    const char *picture, size_t len, double *v, struct err *e) MUSTCHECK;

#endif
