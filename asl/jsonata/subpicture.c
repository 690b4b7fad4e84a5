/*
 * asl/jsonata/subpicture.c - one half of $formatNumber's picture: cut
 * into parts, checked, measured.
 *
 * The words are those of XPath Functions 3.1, chapter 4.7: the mantissa has an
 * integer and a fractional part; digits that must be are the decimal digit
 * family, '#' is a digit that may be.  Of several mistakes the last in the order
 * of their codes is reported, as the reference does.
 */

#include <stdlib.h>
#include <string.h>

#include "subpicture.h"
#include "xmalloc.h"

/* --- looking into a picture -------------------------------------------------- */

bool
subpicture_is(const struct sub_options *o, enum picture_number_option which,
    uint32_t c)
{
	return o->text[which].n == 1 && o->text[which].at[0] == c;
}

static bool
is_digit(const struct sub_options *o, uint32_t c)
{
	return c >= o->zero && c <= o->zero + 9;
}

static bool
is_either_digit(const struct sub_options *o, uint32_t c)
{
	return is_digit(o, c) || subpicture_is(o, PICTURE_NUMBER_DIGIT, c);
}

static bool
is_active(const struct sub_options *o, uint32_t c)
{
	return is_either_digit(o, c) ||
	    subpicture_is(o, PICTURE_NUMBER_DECIMAL, c) ||
	    subpicture_is(o, PICTURE_NUMBER_EXPONENT, c) ||
	    subpicture_is(o, PICTURE_NUMBER_GROUPING, c);
}

struct span
subpicture_part(struct span s, size_t from, size_t to)
{
	struct span	 p;

	if (from > s.n)
		from = s.n;
	if (to > s.n)
		to = s.n;
	p.at = s.at + from;
	p.n = to > from ? to - from : 0;
	return p;
}

static bool
stands_at(struct span s, size_t i, const struct codepoints *what)
{
	return i + what->n <= s.n && (what->n == 0 ||
	    memcmp(s.at + i, what->at, what->n * sizeof(*s.at)) == 0);
}

size_t
subpicture_find(struct span s, size_t from, const struct codepoints *what)
{
	for (; from <= s.n; from++)
		if (stands_at(s, from, what))
			return from;
	return NOWHERE;
}

static size_t
find_last(struct span s, const struct codepoints *what)
{
	size_t	i;

	for (i = s.n + 1; i-- > 0;)
		if (stands_at(s, i, what))
			return i;
	return NOWHERE;
}

size_t
subpicture_option(struct span s, const struct sub_options *o,
    enum picture_number_option which)
{
	return subpicture_find(s, 0, &o->text[which]);
}

static size_t
count_digits(struct span s, const struct sub_options *o, bool optional_too)
{
	size_t	i, n = 0;

	for (i = 0; i < s.n; i++)
		n += optional_too ? is_either_digit(o, s.at[i]) :
		    is_digit(o, s.at[i]);
	return n;
}

static bool
bounds_active(const struct sub_options *o, uint32_t c)
{
	return is_active(o, c) && !subpicture_is(o, PICTURE_NUMBER_EXPONENT, c);
}

static void
cut(struct subpicture *sub, struct span all, const struct sub_options *o)
{
	size_t	first = 0, last = all.n, at;

	memset(sub, 0, sizeof(*sub));
	sub->all = all;
	while (first < all.n && !bounds_active(o, all.at[first]))
		first++;
	while (last > first && !bounds_active(o, all.at[last - 1]))
		last--;
	if (first == all.n) {	/* nothing active: all is looked at as if */
		first = 0;
		last = all.n;
	}
	sub->prefix = subpicture_part(all, 0, first);
	sub->active = subpicture_part(all, first, last);
	sub->suffix = subpicture_part(all, last, all.n);

	/* The place counts from the picture's start, as the reference has it. */
	at = subpicture_find(all, first, &o->text[PICTURE_NUMBER_EXPONENT]);
	sub->mantissa = sub->active;
	if (at != NOWHERE && at <= last) {
		sub->has_exponent = true;
		sub->mantissa = subpicture_part(sub->active, 0, at);
		sub->exponent = subpicture_part(sub->active, at + 1,
		    sub->active.n);
	}
	at = subpicture_option(sub->mantissa, o, PICTURE_NUMBER_DECIMAL);
	sub->integer = sub->mantissa;
	if (at != NOWHERE) {
		sub->integer = subpicture_part(sub->mantissa, 0, at);
		sub->fraction = subpicture_part(sub->mantissa, at + 1,
		    sub->mantissa.n);
	}
}

/* --- what may be wrong with it ----------------------------------------------- */

#define SUB_PICTURE_ERRORS(X)						\
	X(D3081, "The sub-picture must not contain more than one instance of " \
	    "the 'decimal-separator' character")			\
	X(D3082, "The sub-picture must not contain more than one instance of " \
	    "the 'percent' character")					\
	X(D3083, "The sub-picture must not contain more than one instance of " \
	    "the 'per-mille' character")				\
	X(D3084, "The sub-picture must not contain both a 'percent' and a "	\
	    "'per-mille' character")					\
	X(D3085, "The mantissa part of a sub-picture must contain at least one " \
	    "character that is either an 'optional digit character' or a "	\
	    "member of the 'decimal digit family'")			\
	X(D3086, "The sub-picture must not contain a passive character that is " \
	    "preceded by an active character and that is followed by another "	\
	    "active character")						\
	X(D3087, "The sub-picture must not contain a 'grouping-separator' "	\
	    "character that appears adjacent to a 'decimal-separator' "	\
	    "character")						\
	X(D3088, "The sub-picture must not contain a 'grouping-separator' at "	\
	    "the end of the integer part")				\
	X(D3089, "The sub-picture must not contain two adjacent instances of "	\
	    "the 'grouping-separator' character")			\
	X(D3090, "The integer part of the sub-picture must not contain a "	\
	    "member of the 'decimal digit family' that is followed by an "	\
	    "instance of the 'optional digit character'")		\
	X(D3091, "The fractional part of the sub-picture must not contain an "	\
	    "instance of the 'optional digit character' that is followed by a "	\
	    "member of the 'decimal digit family'")			\
	X(D3092, "A sub-picture that contains a 'percent' or 'per-mille' "	\
	    "character must not contain a character treated as an "		\
	    "'exponent-separator'")					\
	X(D3093, "The exponent part of the sub-picture must comprise only of "	\
	    "one or more characters that are members of the 'decimal digit "	\
	    "family'")

enum mistake {
#define X(code, text) code,
	SUB_PICTURE_ERRORS(X)
#undef X
	MISTAKES
};

static bool
more_than_one(struct span s, const struct sub_options *o,
    enum picture_number_option which)
{
	return subpicture_option(s, o, which) != find_last(s, &o->text[which]);
}

static bool
has_passive(const struct subpicture *sub, const struct sub_options *o)
{
	size_t	i;

	for (i = 0; i < sub->active.n; i++)
		if (!is_active(o, sub->active.at[i]))
			return true;
	return false;
}

static bool
grouping_beside_decimal(const struct subpicture *sub,
    const struct sub_options *o)
{
	size_t	at = subpicture_option(sub->all, o, PICTURE_NUMBER_DECIMAL);

	return at != NOWHERE && ((at > 0 && subpicture_is(o,
	    PICTURE_NUMBER_GROUPING, sub->all.at[at - 1])) ||
	    (at + 1 < sub->all.n && subpicture_is(o, PICTURE_NUMBER_GROUPING,
	    sub->all.at[at + 1])));
}

static bool
two_groupings(const struct subpicture *sub, const struct sub_options *o)
{
	const struct codepoints	*sep = &o->text[PICTURE_NUMBER_GROUPING];
	size_t			 at;

	for (at = 0; (at = subpicture_find(sub->all, at, sep)) != NOWHERE; at++)
		if (stands_at(sub->all, at + sep->n, sep))
			return true;
	return false;
}

/* Does a digit stand before the first optional one? */
static bool
digit_too_early(const struct subpicture *sub, const struct sub_options *o)
{
	size_t	at = subpicture_option(sub->integer, o, PICTURE_NUMBER_DIGIT);

	return at != NOWHERE &&
	    count_digits(subpicture_part(sub->integer, 0, at), o, false) > 0;
}

/* Does a digit stand at or behind the last optional one? */
static bool
digit_too_late(const struct subpicture *sub, const struct sub_options *o)
{
	size_t	at = find_last(sub->fraction, &o->text[PICTURE_NUMBER_DIGIT]);

	return at != NOWHERE && count_digits(subpicture_part(sub->fraction, at,
	    sub->fraction.n), o, false) > 0;
}

static enum mistake
check_digits(const struct subpicture *sub, const struct sub_options *o,
    enum mistake worst)
{
	if (count_digits(sub->mantissa, o, true) == 0)
		worst = D3085;
	if (has_passive(sub, o))
		worst = D3086;
	if (grouping_beside_decimal(sub, o))
		worst = D3087;
	else if (sub->integer.n > 0 && subpicture_is(o, PICTURE_NUMBER_GROUPING,
	    sub->integer.at[sub->integer.n - 1]))
		worst = D3088;
	if (two_groupings(sub, o))
		worst = D3089;
	if (digit_too_early(sub, o))
		worst = D3090;
	if (digit_too_late(sub, o))
		worst = D3091;
	return worst;
}

static int
check(const struct subpicture *sub, const struct sub_options *o, struct err *e)
{
	static const struct {
		const char	*code, *text;
	} errors[] = {
#define X(code, text) { #code, text },
		SUB_PICTURE_ERRORS(X)
#undef X
	};
	enum mistake	worst = MISTAKES;
	bool		percent, per_mille;

	percent = NOWHERE != subpicture_option(sub->all, o,
	    PICTURE_NUMBER_PERCENT);
	per_mille = NOWHERE != subpicture_option(sub->all, o,
	    PICTURE_NUMBER_PER_MILLE);
	if (more_than_one(sub->all, o, PICTURE_NUMBER_DECIMAL))
		worst = D3081;
	if (more_than_one(sub->all, o, PICTURE_NUMBER_PERCENT))
		worst = D3082;
	if (more_than_one(sub->all, o, PICTURE_NUMBER_PER_MILLE))
		worst = D3083;
	if (percent && per_mille)
		worst = D3084;
	worst = check_digits(sub, o, worst);
	if (sub->has_exponent && (percent || per_mille))
		worst = D3092;
	if (sub->has_exponent && (sub->exponent.n == 0 ||
	    count_digits(sub->exponent, o, false) != sub->exponent.n))
		worst = D3093;
	if (worst == MISTAKES)
		return 0;
	return err_set(e, errors[worst].code, "%s", errors[worst].text);
}

int
subpicture_read(struct subpicture *sub, struct span all,
    const struct sub_options *o, struct err *e)
{
	cut(sub, all, o);
	return check(sub, o, e);
}

/* --- sizes and groups -------------------------------------------------------- */

static size_t
gcd(size_t a, size_t b)
{
	return b == 0 ? a : gcd(b, a % b);
}

/* The group size if every multiple of it up to their number is a position. */
static size_t
regular_groups(const size_t *groups, size_t count)
{
	size_t	i, k, size = 0;

	for (i = 0; i < count; i++)
		size = gcd(groups[i], size);
	for (k = 1; k <= count; k++) {
		for (i = 0; i < count && groups[i] != k * size; i++)
			;
		if (i == count)
			return 0;
	}
	return size;
}

static void
measure_groups(const struct subpicture *sub, const struct sub_options *o,
    struct sub_sizes *z)
{
	const struct codepoints	*sep = &o->text[PICTURE_NUMBER_GROUPING];
	size_t			 at;

	z->groups = xcalloc(sub->integer.n + 1, sizeof(*z->groups));
	for (at = subpicture_find(sub->integer, 0, sep); at != NOWHERE;
	    at = subpicture_find(sub->integer, at + 1, sep))
		z->groups[z->group_count++] = count_digits(subpicture_part(
		    sub->integer, at, sub->integer.n), o, true);
	z->regular = regular_groups(z->groups, z->group_count);

	/* In the fraction the next one is looked for in the integer part. */
	z->fraction_groups = xcalloc(sub->integer.n + 2,
	    sizeof(*z->fraction_groups));
	for (at = subpicture_find(sub->fraction, 0, sep); at != NOWHERE;
	    at = subpicture_find(sub->integer, at + 1, sep))
		z->fraction_groups[z->fraction_group_count++] = count_digits(
		    subpicture_part(sub->fraction, 0, at), o, true);
}

void
subpicture_measure(const struct subpicture *sub, const struct sub_options *o,
    struct sub_sizes *z)
{
	memset(z, 0, sizeof(*z));
	measure_groups(sub, o, z);
	z->min_integer = z->scaling = count_digits(sub->integer, o, false);
	z->min_fraction = count_digits(sub->fraction, o, false);
	z->max_fraction = count_digits(sub->fraction, o, true);
	z->min_exponent = count_digits(sub->exponent, o, false);
	if (z->min_integer == 0 && z->max_fraction == 0) {
		if (sub->has_exponent)
			z->min_fraction = z->max_fraction = 1;
		else
			z->min_integer = 1;
	}
	if (sub->has_exponent && z->min_integer == 0 &&
	    subpicture_option(sub->integer, o, PICTURE_NUMBER_DIGIT) != NOWHERE)
		z->min_integer = 1;
	if (z->min_integer == 0 && z->min_fraction == 0)
		z->min_fraction = 1;
}

void
subpicture_free(struct sub_sizes *z)
{
	free(z->groups);
	free(z->fraction_groups);
}
