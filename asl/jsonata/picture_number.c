/*
 * asl/jsonata/picture_number.c - numbers by picture: $formatNumber.
 *
 * A picture has one sub-picture, or two (the second for negative numbers).
 * Each is cut into parts (cut), checked (check), and read into sizes and
 * grouping positions (measure); then a number is scaled, rounded to the most
 * digits the fraction may have, printed, padded, grouped and put between
 * prefix and suffix.  The words are those of XPath Functions 3.1, chapter 4.7.
 *
 * Where the reference leaves the specification, we follow the reference: of
 * several mistakes the last in the order of their codes is reported; irregular
 * grouping counts from the end of a number too short for it; fractions have
 * one grouping separator; infinity and NaN are printed as numbers are.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codepoints.h"
#include "number_text.h"
#include "picture_number.h"
#include "xmalloc.h"

#define PICTURE_MAX	4096	/* code points */
#define FRACTION_MAX	100	/* digits; toFixed takes no more */
#define PLAIN_MAX	1e21	/* larger numbers print with an exponent */
#define FIXED_SIZE	(FRACTION_MAX + 32)

/* Part of a picture: borrowed. */
struct span {
	const uint32_t	*at;
	size_t		 n;
};

#define NOWHERE ((size_t)-1)

struct sub {
	struct span	 all, prefix, active, suffix;
	struct span	 mantissa, exponent, integer, fraction;
	bool		 has_exponent;
};

struct sizes {
	size_t	 min_integer, scaling, min_fraction, max_fraction, min_exponent;
	size_t	 regular;	/* group size, or 0 */
	size_t	*groups;	/* owned: from the left, digits to the right */
	size_t	 group_count;
	size_t	*fraction_groups;	/* owned: digits to the left */
	size_t	 fraction_group_count;
};

struct options {
	struct codepoints	text[PICTURE_NUMBER_OPTION_COUNT];
	uint32_t		zero;	/* first of the digit family */
};

void
picture_number_option(struct picture_number_options *options, const char *name,
    const char *value)
{
	static const char *const names[] = {
#define X(name, key, value) key,
		PICTURE_NUMBER_OPTIONS(X)
#undef X
	};
	size_t	i;

	for (i = 0; i < PICTURE_NUMBER_OPTION_COUNT; i++)
		if (strcmp(name, names[i]) == 0)
			options->text[i] = value;
}

static void
options_set(struct options *o, const struct picture_number_options *given)
{
	static const char *const defaults[] = {
#define X(name, key, value) value,
		PICTURE_NUMBER_OPTIONS(X)
#undef X
	};
	const char	*text;
	size_t		 i;

	memset(o, 0, sizeof(*o));
	for (i = 0; i < PICTURE_NUMBER_OPTION_COUNT; i++) {
		text = given != NULL && given->text[i] != NULL ?
		    given->text[i] : defaults[i];
		codepoints_set(&o->text[i], text, strlen(text));
	}
	/* Without a zero no character is a digit. */
	o->zero = o->text[PICTURE_NUMBER_ZERO].n > 0 ?
	    o->text[PICTURE_NUMBER_ZERO].at[0] : UINT32_MAX - 10;
}

static void
options_free(struct options *o)
{
	size_t	i;

	for (i = 0; i < PICTURE_NUMBER_OPTION_COUNT; i++)
		codepoints_free(&o->text[i]);
}

/* --- looking into a picture -------------------------------------------------- */

static bool
is_option(const struct options *o, enum picture_number_option which, uint32_t c)
{
	return o->text[which].n == 1 && o->text[which].at[0] == c;
}

static bool
is_digit(const struct options *o, uint32_t c)
{
	return c >= o->zero && c <= o->zero + 9;
}

static bool
is_either_digit(const struct options *o, uint32_t c)
{
	return is_digit(o, c) || is_option(o, PICTURE_NUMBER_DIGIT, c);
}

static bool
is_active(const struct options *o, uint32_t c)
{
	return is_either_digit(o, c) || is_option(o, PICTURE_NUMBER_DECIMAL, c) ||
	    is_option(o, PICTURE_NUMBER_EXPONENT, c) ||
	    is_option(o, PICTURE_NUMBER_GROUPING, c);
}

static struct span
part(struct span s, size_t from, size_t to)
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

static size_t
find(struct span s, size_t from, const struct codepoints *what)
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

static size_t
find_option(struct span s, const struct options *o,
    enum picture_number_option which)
{
	return find(s, 0, &o->text[which]);
}

static size_t
count_digits(struct span s, const struct options *o, bool optional_too)
{
	size_t	i, n = 0;

	for (i = 0; i < s.n; i++)
		n += optional_too ? is_either_digit(o, s.at[i]) :
		    is_digit(o, s.at[i]);
	return n;
}

static bool
bounds_active(const struct options *o, uint32_t c)
{
	return is_active(o, c) && !is_option(o, PICTURE_NUMBER_EXPONENT, c);
}

static void
cut(struct sub *sub, struct span all, const struct options *o)
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
	sub->prefix = part(all, 0, first);
	sub->active = part(all, first, last);
	sub->suffix = part(all, last, all.n);

	/* The place counts from the picture's start, as the reference has it. */
	at = find(all, first, &o->text[PICTURE_NUMBER_EXPONENT]);
	sub->mantissa = sub->active;
	if (at != NOWHERE && at <= last) {
		sub->has_exponent = true;
		sub->mantissa = part(sub->active, 0, at);
		sub->exponent = part(sub->active, at + 1, sub->active.n);
	}
	at = find_option(sub->mantissa, o, PICTURE_NUMBER_DECIMAL);
	sub->integer = sub->mantissa;
	if (at != NOWHERE) {
		sub->integer = part(sub->mantissa, 0, at);
		sub->fraction = part(sub->mantissa, at + 1, sub->mantissa.n);
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
more_than_one(struct span s, const struct options *o,
    enum picture_number_option which)
{
	return find_option(s, o, which) != find_last(s, &o->text[which]);
}

static bool
has_passive(const struct sub *sub, const struct options *o)
{
	size_t	i;

	for (i = 0; i < sub->active.n; i++)
		if (!is_active(o, sub->active.at[i]))
			return true;
	return false;
}

static bool
grouping_beside_decimal(const struct sub *sub, const struct options *o)
{
	size_t	at = find_option(sub->all, o, PICTURE_NUMBER_DECIMAL);

	return at != NOWHERE && ((at > 0 && is_option(o,
	    PICTURE_NUMBER_GROUPING, sub->all.at[at - 1])) ||
	    (at + 1 < sub->all.n && is_option(o, PICTURE_NUMBER_GROUPING,
	    sub->all.at[at + 1])));
}

static bool
two_groupings(const struct sub *sub, const struct options *o)
{
	const struct codepoints	*sep = &o->text[PICTURE_NUMBER_GROUPING];
	size_t			 at;

	for (at = 0; (at = find(sub->all, at, sep)) != NOWHERE; at++)
		if (stands_at(sub->all, at + sep->n, sep))
			return true;
	return false;
}

/* Does a digit stand before the first optional one? */
static bool
digit_too_early(const struct sub *sub, const struct options *o)
{
	size_t	at = find_option(sub->integer, o, PICTURE_NUMBER_DIGIT);

	return at != NOWHERE &&
	    count_digits(part(sub->integer, 0, at), o, false) > 0;
}

/* Does a digit stand at or behind the last optional one? */
static bool
digit_too_late(const struct sub *sub, const struct options *o)
{
	size_t	at = find_last(sub->fraction, &o->text[PICTURE_NUMBER_DIGIT]);

	return at != NOWHERE && count_digits(part(sub->fraction, at,
	    sub->fraction.n), o, false) > 0;
}

static enum mistake
check_digits(const struct sub *sub, const struct options *o, enum mistake worst)
{
	if (count_digits(sub->mantissa, o, true) == 0)
		worst = D3085;
	if (has_passive(sub, o))
		worst = D3086;
	if (grouping_beside_decimal(sub, o))
		worst = D3087;
	else if (sub->integer.n > 0 && is_option(o, PICTURE_NUMBER_GROUPING,
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
check(const struct sub *sub, const struct options *o, struct err *e)
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

	percent = find_option(sub->all, o, PICTURE_NUMBER_PERCENT) != NOWHERE;
	per_mille = find_option(sub->all, o, PICTURE_NUMBER_PER_MILLE) != NOWHERE;
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
measure_groups(const struct sub *sub, const struct options *o, struct sizes *z)
{
	const struct codepoints	*sep = &o->text[PICTURE_NUMBER_GROUPING];
	size_t			 at;

	z->groups = xcalloc(sub->integer.n + 1, sizeof(*z->groups));
	for (at = find(sub->integer, 0, sep); at != NOWHERE;
	    at = find(sub->integer, at + 1, sep))
		z->groups[z->group_count++] = count_digits(part(sub->integer,
		    at, sub->integer.n), o, true);
	z->regular = regular_groups(z->groups, z->group_count);

	/* In the fraction the next one is looked for in the integer part. */
	z->fraction_groups = xcalloc(sub->integer.n + 2,
	    sizeof(*z->fraction_groups));
	for (at = find(sub->fraction, 0, sep); at != NOWHERE;
	    at = find(sub->integer, at + 1, sep))
		z->fraction_groups[z->fraction_group_count++] = count_digits(
		    part(sub->fraction, 0, at), o, true);
}

static void
measure(const struct sub *sub, const struct options *o, struct sizes *z)
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
	    find_option(sub->integer, o, PICTURE_NUMBER_DIGIT) != NOWHERE)
		z->min_integer = 1;
	if (z->min_integer == 0 && z->min_fraction == 0)
		z->min_fraction = 1;
}

static void
sizes_free(struct sizes *z)
{
	free(z->groups);
	free(z->fraction_groups);
}

/* --- printing ---------------------------------------------------------------- */

/* Brings v between 10^(scaling-1) and 10^scaling; returns the exponent. */
static int
scale(double *v, size_t scaling)
{
	double	high = pow(10, (double)scaling), low = pow(10,
		    (double)scaling - 1);
	int	exponent = 0;

	if (*v == 0 || !isfinite(*v) || !isfinite(high))
		return 0;
	for (; *v < low; exponent--)
		*v *= 10;
	for (; *v > high; exponent++)
		*v /= 10;
	return exponent;
}

/* v as toFixed writes it, with the options' digits and decimal separator. */
static void
print_fixed(double v, size_t fraction, const struct options *o,
    struct codepoints *out)
{
	const struct codepoints	*decimal = &o->text[PICTURE_NUMBER_DECIMAL];
	char			 text[FIXED_SIZE];
	bool			 point = false;
	uint32_t		 c;
	size_t			 i;

	if (v < PLAIN_MAX)
		snprintf(text, sizeof(text), "%.*f", (int)fraction, v);
	else
		number_text_print(v, text);
	for (i = 0; text[i] != '\0'; i++) {
		c = (unsigned char)text[i];
		if (c == '.') {
			codepoints_insert(out, out->n, decimal->at, decimal->n);
			point = true;
			continue;
		}
		if (c >= '0' && c <= '9' && o->text[PICTURE_NUMBER_ZERO].n > 0)
			c = o->zero + (c - '0');
		codepoints_insert(out, out->n, &c, 1);
	}
	if (!point)
		codepoints_insert(out, out->n, decimal->at, decimal->n);
}

static size_t
decimal_place(const struct codepoints *s, const struct options *o)
{
	struct span	 all = { s->at, s->n };
	size_t		 at = find_option(all, o, PICTURE_NUMBER_DECIMAL);

	return at == NOWHERE ? s->n : at;
}

static void
add_zeros(struct codepoints *s, size_t at, size_t n, const struct options *o)
{
	const struct codepoints	*zero = &o->text[PICTURE_NUMBER_ZERO];

	while (n-- > 0)
		codepoints_insert(s, at, zero->at, zero->n);
}

/* Takes the zeros at both ends, then adds those that must be. */
static void
pad(struct codepoints *s, const struct sizes *z, const struct options *o)
{
	size_t	place, behind, n;

	for (n = 0; n < s->n && is_option(o, PICTURE_NUMBER_ZERO, s->at[n]); n++)
		;
	codepoints_remove(s, 0, n);
	while (s->n > 0 && is_option(o, PICTURE_NUMBER_ZERO, s->at[s->n - 1]))
		s->n--;
	place = decimal_place(s, o);
	behind = s->n - (place < s->n ? place + 1 : place);
	if (place < z->min_integer)
		add_zeros(s, 0, z->min_integer - place, o);
	if (behind < z->min_fraction)
		add_zeros(s, s->n, z->min_fraction - behind, o);
}

/*
 * Puts the separator that many digits before the decimal separator.  With
 * fewer digits than that the place counts from the end, as slice(-n) does.
 */
static void
group_irregular(struct codepoints *s, size_t *place, size_t digits,
    const struct codepoints *sep)
{
	size_t	at, over;

	if (digits <= *place) {
		at = *place - digits;
	} else {
		over = digits - *place;
		at = over < s->n ? s->n - over : 0;
	}
	codepoints_insert(s, at, sep->at, sep->n);
	(*place)++;
}

static void
group(struct codepoints *s, const struct sizes *z, const struct options *o)
{
	const struct codepoints	*sep = &o->text[PICTURE_NUMBER_GROUPING];
	size_t			 place = decimal_place(s, o), i, at;

	if (z->regular > 0) {
		for (i = place == 0 ? 0 : (place - 1) / z->regular; i > 0; i--)
			group_irregular(s, &place, i * z->regular, sep);
	} else {
		for (i = 0; i < z->group_count; i++)
			group_irregular(s, &place, z->groups[i], sep);
	}
	place = decimal_place(s, o);
	for (i = 0; i < z->fraction_group_count; i++) {
		at = place + 1 + z->fraction_groups[i];
		codepoints_insert(s, at < s->n ? at : s->n, sep->at, sep->n);
	}
}

static void
print_exponent(struct codepoints *s, int exponent, const struct sizes *z,
    const struct options *o)
{
	const struct codepoints	*text = &o->text[PICTURE_NUMBER_EXPONENT];
	char			 digits[16];
	uint32_t		 c;
	size_t			 i, n;

	codepoints_insert(s, s->n, text->at, text->n);
	text = &o->text[PICTURE_NUMBER_MINUS];
	if (exponent < 0)
		codepoints_insert(s, s->n, text->at, text->n);
	n = (size_t)snprintf(digits, sizeof(digits), "%d", abs(exponent));
	if (n < z->min_exponent)
		add_zeros(s, s->n, z->min_exponent - n, o);
	for (i = 0; i < n; i++) {
		c = o->text[PICTURE_NUMBER_ZERO].n == 0 ?
		    (unsigned char)digits[i] : o->zero + (uint32_t)(digits[i] - '0');
		codepoints_insert(s, s->n, &c, 1);
	}
}

static void
print(double v, const struct sub *sub, const struct sizes *z,
    const struct options *o, struct strbuf *out)
{
	struct codepoints	 s = CODEPOINTS_INIT;
	int			 exponent = 0;

	codepoints_set(&s, "", 0);
	v = fabs(v);
	if (find_option(sub->all, o, PICTURE_NUMBER_PERCENT) != NOWHERE)
		v *= 100;
	else if (find_option(sub->all, o, PICTURE_NUMBER_PER_MILLE) != NOWHERE)
		v *= 1000;
	if (z->min_exponent > 0)
		exponent = scale(&v, z->scaling);
	print_fixed(fabs(number_text_round(v, (double)z->max_fraction)),
	    z->max_fraction, o, &s);
	pad(&s, z, o);
	group(&s, z, o);
	if (s.n > 0 && (find_option(sub->all, o, PICTURE_NUMBER_DECIMAL) ==
	    NOWHERE || decimal_place(&s, o) == s.n - 1))
		s.n--;
	if (z->min_exponent > 0)
		print_exponent(&s, exponent, z, o);
	codepoints_print_all(out, sub->prefix.at, sub->prefix.n);
	codepoints_print_all(out, s.at, s.n);
	codepoints_print_all(out, sub->suffix.at, sub->suffix.n);
	codepoints_free(&s);
}

/* --- the whole --------------------------------------------------------------- */

/* Cuts the picture into one or two sub-pictures; returns how many, or -1. */
static int
split(const struct codepoints *picture, const struct options *o,
    struct span subs[2], struct err *e)
{
	const struct codepoints	*sep = &o->text[PICTURE_NUMBER_PATTERN];
	struct span		 all = { picture->at, picture->n };
	size_t			 from = 0, at;
	int			 n = 0;

	for (;;) {
		at = sep->n > 0 ? find(all, from, sep) :
		    from + 1 < all.n ? from + 1 : NOWHERE;
		if (n == 2)
			return err_set(e, "D3080", "The picture string must only "
			    "contain a maximum of two sub-pictures");
		subs[n++] = part(all, from, at);
		if (at == NOWHERE)
			return n;
		from = at + sep->n;
	}
}

static int
format(double v, const struct codepoints *picture, const struct options *o,
    struct strbuf *out, struct err *e)
{
	struct span	 spans[2];
	struct sub	 subs[2];
	struct sizes	 z;
	const struct codepoints	*minus = &o->text[PICTURE_NUMBER_MINUS];
	int		 i, n, which, result = 0;

	if ((n = split(picture, o, spans, e)) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		cut(&subs[i], spans[i], o);
		if (check(&subs[i], o, e) != 0)
			return -1;
	}
	which = !(v >= 0) && n == 2;
	measure(&subs[which], o, &z);
	if (z.max_fraction > FRACTION_MAX || z.min_fraction > FRACTION_MAX) {
		result = err_set(e, "RangeError",
		    "toFixed() digits argument must be between 0 and 100");
	} else {
		if (!(v >= 0) && n == 1)
			codepoints_print_all(out, minus->at, minus->n);
		print(v, &subs[which], &z, o, out);
	}
	sizes_free(&z);
	return result;
}

int
picture_number_format(double v, const char *picture, size_t len,
    const struct picture_number_options *given, struct strbuf *out,
    struct err *e)
{
	struct codepoints	 text = CODEPOINTS_INIT;
	struct options		 o;
	int			 result;

	codepoints_set(&text, picture, len);
	if (text.n > PICTURE_MAX) {
		codepoints_free(&text);
		return err_set(e, "PictureTooLong", "The picture is longer than "
		    "%d characters", PICTURE_MAX);
	}
	options_set(&o, given);
	result = format(v, &text, &o, out, e);
	options_free(&o);
	codepoints_free(&text);
	return result;
}
