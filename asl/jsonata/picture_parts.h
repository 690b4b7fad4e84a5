/*
 * asl/jsonata/picture_parts.h - a picture of times, cut into its parts.
 *
 * "[D1o] of [MNn]" is a marker for the day, the literal " of " and a marker for
 * the month.  What is done with the parts: picture_datetime.c prints,
 * picture_datetime_read.c reads.
 */

#ifndef PAWL_PICTURE_PARTS_H
#define PAWL_PICTURE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codepoints.h"
#include "err.h"
#include "picture_integer.h"

enum picture_names {
	PICTURE_NAMES_NONE,		/* a number */
	PICTURE_NAMES_LOWER,		/* n */
	PICTURE_NAMES_UPPER,		/* N */
	PICTURE_NAMES_TITLE		/* Nn */
};

/*
 * What a letter that names nothing becomes if it has a presentation: the
 * reference prints "undefined" for it, and refuses it only without.
 */
#define PICTURE_PART_UNKNOWN '?'

struct picture_part {
	/* A literal: component 0, text is what it says. */
	char			 component;	/* 'Y', 'M', ... */
	struct codepoints	 text;		/* a marker's, without spaces */
	enum picture_names	 names;
	bool			 has_integer;
	struct picture_integer	 integer;	/* borrows from text */
	bool			 zulu;		/* 't': Z for no offset */
	bool			 has_width, has_max;
	double			 max;		/* may be NaN */
	double			 year_digits;	/* -1: all */
	size_t			 read_width;	/* digits when read; 0: any */
};

struct picture_parts {
	struct picture_part	*at;		/* owned */
	size_t			 n;
};

/*
 * Returns 0 and *parts for picture_parts_free(), or -1 with D3131, D3132,
 * D3135 or PictureTooLong.
 */
int	picture_parts_compile(struct picture_parts *parts, const char *picture,
	    size_t len, struct err *e) MUSTCHECK;
void	picture_parts_free(struct picture_parts *);

/* "January" for 1, "Monday" for 1; NULL for what is none. */
const char *picture_parts_month(double);
const char *picture_parts_weekday(double);
/* Sets D3133, returns -1. */
int	picture_parts_no_name(const struct picture_part *, struct err *e);

#endif
