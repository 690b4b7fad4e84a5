/*
 * asl/jsonata/subpicture.h - one half of $formatNumber's picture: cut
 * into parts, checked, measured.
 */

#ifndef PAWL_SUBPICTURE_H
#define PAWL_SUBPICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codepoints.h"
#include "err.h"
#include "picture_number.h"

/* The options with their defaults. */
struct sub_options {
	struct codepoints	text[PICTURE_NUMBER_OPTION_COUNT];
	uint32_t		zero;	/* first of the digit family */
};

/* Part of a picture: borrowed. */
struct span {
	const uint32_t	*at;
	size_t		 n;
};

#define NOWHERE ((size_t)-1)

struct subpicture {
	struct span	 all, prefix, active, suffix;
	struct span	 mantissa, exponent, integer, fraction;
	bool		 has_exponent;
};

struct sub_sizes {
	size_t	 min_integer, scaling, min_fraction, max_fraction, min_exponent;
	size_t	 regular;	/* group size, or 0 */
	size_t	*groups;	/* owned: from the left, digits to the right */
	size_t	 group_count;
	size_t	*fraction_groups;	/* owned: digits to the left */
	size_t	 fraction_group_count;
};

/* Cuts and checks.  Returns 0, or -1 with D3081 to D3093; borrows all. */
int	subpicture_read(struct subpicture *, struct span all,
	    const struct sub_options *, struct err *e) MUSTCHECK;
/* Sets *z, for subpicture_free(). */
void	subpicture_measure(const struct subpicture *,
	    const struct sub_options *, struct sub_sizes *z);
void	subpicture_free(struct sub_sizes *);

/* s from index from to index to, as far as there is something. */
struct span subpicture_part(struct span s, size_t from, size_t to);
/* Where the text stands first, or NOWHERE. */
size_t	subpicture_find(struct span, size_t from,
	    const struct codepoints *text);
size_t	subpicture_option(struct span,
	    const struct sub_options *, enum picture_number_option);
/* Is c alone the option's text? */
bool	subpicture_is(const struct sub_options *,
	    enum picture_number_option, uint32_t c);

#endif
