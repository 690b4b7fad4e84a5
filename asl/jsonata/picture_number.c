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

#include "number_text.h"
#include "subpicture.h"

#define PICTURE_MAX	4096	/* code points */
#define FRACTION_MAX	100	/* digits; toFixed takes no more */
#define PLAIN_MAX	1e21	/* larger numbers print with an exponent */
#define FIXED_SIZE	(FRACTION_MAX + 32)
#define TAIL		30	/* digits behind those wanted, to know a half */

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
options_set(struct sub_options *o, const struct picture_number_options *given)
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
options_free(struct sub_options *o)
{
	size_t	i;

	for (i = 0; i < PICTURE_NUMBER_OPTION_COUNT; i++)
		codepoints_free(&o->text[i]);
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

/*
 * v >= 0 with so many digits behind the point.  printf rounds an exact half to
 * even, toFixed up: then the last digit is one more.
 */
static void
to_fixed(double v, size_t fraction, char text[FIXED_SIZE])
{
	char	longer[FIXED_SIZE + TAIL];
	size_t	n, len;

	n = (size_t)snprintf(text, FIXED_SIZE, "%.*f", (int)fraction, v);
	snprintf(longer, sizeof(longer), "%.*f", (int)fraction + TAIL, v);
	len = strlen(longer) - TAIL;
	if (longer[len] != '5' ||
	    strspn(longer + len + 1, "0") != TAIL - 1 ||
	    strncmp(text, longer, n) != 0)
		return;
	while (n > 0 && (text[n - 1] == '9' || text[n - 1] == '.')) {
		if (text[n - 1] == '9')
			text[n - 1] = '0';
		n--;
	}
	if (n > 0)
		text[n - 1]++;
}

/* v as toFixed writes it, with the options' digits and decimal separator. */
static void
print_fixed(double v, size_t fraction, const struct sub_options *o,
    struct codepoints *out)
{
	const struct codepoints	*decimal = &o->text[PICTURE_NUMBER_DECIMAL];
	char			 text[FIXED_SIZE];
	bool			 point = false;
	uint32_t		 c;
	size_t			 i;

	if (v < PLAIN_MAX)
		to_fixed(v, fraction, text);
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
decimal_place(const struct codepoints *s, const struct sub_options *o)
{
	struct span	 all = { s->at, s->n };
	size_t		 at = subpicture_option(all, o, PICTURE_NUMBER_DECIMAL);

	return at == NOWHERE ? s->n : at;
}

static void
add_zeros(struct codepoints *s, size_t at, size_t n, const struct sub_options *o)
{
	const struct codepoints	*zero = &o->text[PICTURE_NUMBER_ZERO];

	while (n-- > 0)
		codepoints_insert(s, at, zero->at, zero->n);
}

/* Takes the zeros at both ends, then adds those that must be. */
static void
pad(struct codepoints *s, const struct sub_sizes *z, const struct sub_options *o)
{
	size_t	place, behind, n;

	for (n = 0; n < s->n &&
	    subpicture_is(o, PICTURE_NUMBER_ZERO, s->at[n]); n++)
		;
	codepoints_remove(s, 0, n);
	while (s->n > 0 &&
	    subpicture_is(o, PICTURE_NUMBER_ZERO, s->at[s->n - 1]))
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
group(struct codepoints *s, const struct sub_sizes *z,
    const struct sub_options *o)
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
print_exponent(struct codepoints *s, int exponent, const struct sub_sizes *z,
    const struct sub_options *o)
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
print(double v, const struct subpicture *sub, const struct sub_sizes *z,
    const struct sub_options *o, struct strbuf *out)
{
	struct codepoints	 s = CODEPOINTS_INIT;
	int			 exponent = 0;

	codepoints_set(&s, "", 0);
	v = fabs(v);
	if (subpicture_option(sub->all, o, PICTURE_NUMBER_PERCENT) != NOWHERE)
		v *= 100;
	else if (NOWHERE !=
	    subpicture_option(sub->all, o, PICTURE_NUMBER_PER_MILLE))
		v *= 1000;
	if (z->min_exponent > 0)
		exponent = scale(&v, z->scaling);
	print_fixed(fabs(number_text_round(v, (double)z->max_fraction)),
	    z->max_fraction, o, &s);
	pad(&s, z, o);
	group(&s, z, o);
	if (s.n > 0 && (subpicture_option(sub->all, o, PICTURE_NUMBER_DECIMAL) ==
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
split(const struct codepoints *picture, const struct sub_options *o,
    struct span subs[2], struct err *e)
{
	const struct codepoints	*sep = &o->text[PICTURE_NUMBER_PATTERN];
	struct span		 all = { picture->at, picture->n };
	size_t			 from = 0, at;
	int			 n = 0;

	for (;;) {
		at = sep->n > 0 ? subpicture_find(all, from, sep) :
		    from + 1 < all.n ? from + 1 : NOWHERE;
		if (n == 2)
			return err_set(e, "D3080", "The picture string must only "
			    "contain a maximum of two sub-pictures");
		subs[n++] = subpicture_part(all, from, at);
		if (at == NOWHERE)
			return n;
		from = at + sep->n;
	}
}

static int
format(double v, const struct codepoints *picture, const struct sub_options *o,
    struct strbuf *out, struct err *e)
{
	struct span	 spans[2];
	struct subpicture	 subs[2];
	struct sub_sizes	 z;
	const struct codepoints	*minus = &o->text[PICTURE_NUMBER_MINUS];
	int		 i, n, which, result = 0;

	if ((n = split(picture, o, spans, e)) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		if (subpicture_read(&subs[i], spans[i], o, e) != 0)
			return -1;
	}
	which = !(v >= 0) && n == 2;
	subpicture_measure(&subs[which], o, &z);
	if (z.max_fraction > FRACTION_MAX || z.min_fraction > FRACTION_MAX) {
		result = err_set(e, "RangeError",
		    "toFixed() digits argument must be between 0 and 100");
	} else {
		if (!(v >= 0) && n == 1)
			codepoints_print_all(out, minus->at, minus->n);
		print(v, &subs[which], &z, o, out);
	}
	subpicture_free(&z);
	return result;
}

int
picture_number_format(double v, const char *picture, size_t len,
    const struct picture_number_options *given, struct strbuf *out,
    struct err *e)
{
	struct codepoints	 text = CODEPOINTS_INIT;
	struct sub_options		 o;
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
