/*
 * asl/jsonata/picture_number.h - numbers by picture: $formatNumber.
 *
 * The pictures are those of XPath 3.1's format-number as far as the reference
 * follows it.  Text is UTF-8 with its length in bytes.
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
	X(INFINITE,	"infinity",		"Infinity")	\
	X(MINUS,	"minus-sign",		"-")		\
	X(NOT_NUMBER,	"NaN",			"NaN")		\
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

/*
 * $formatNumber.  options may be NULL.  Adds to out, whose ceiling it respects
 * (the caller checks strbuf_failed), and returns 0; or returns -1 with D3080 to
 * D3093 in e, RangeError for more than 100 digits behind the point, or
 * PictureTooLong.
 */
int	picture_number_format(double v, const char *picture, size_t len,
	    const struct picture_number_options *options, struct strbuf *out,
	    struct err *e) MUSTCHECK;

#endif
