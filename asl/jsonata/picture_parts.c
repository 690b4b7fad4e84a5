/*
 * asl/jsonata/picture_parts.c - a picture of times, cut into its parts.
 *
 * A marker is [component presentation modifier, width], spaces ignored; "[["
 * and "]]" stand for brackets.  To add a component: COMPONENTS here, field_of()
 * in picture_datetime.c, and the masks in picture_datetime_read.c.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "picture_parts.h"
#include "xmalloc.h"

#define PICTURE_MAX	4096	/* code points */
#define WIDTH_MAX	10000	/* digits */

/*	letter	default presentation	printed as a number */
#define COMPONENTS(X)			\
	X('Y', "1", true)		\
	X('M', "1", true)		\
	X('D', "1", true)		\
	X('d', "1", true)		\
	X('F', "n", true)		\
	X('W', "1", true)		\
	X('w', "1", true)		\
	X('X', "1", true)		\
	X('x', "1", true)		\
	X('H', "1", true)		\
	X('h', "1", true)		\
	X('P', "n", false)		\
	X('m', "01", true)		\
	X('s', "01", true)		\
	X('f', "1", true)		\
	X('Z', "01:01", true)		\
	X('z', "01:01", true)		\
	X('C', "n", false)		\
	X('E', "n", false)

struct component {
	char		 letter;
	const char	*presentation;
	bool		 number;
};

static const struct component components[] = {
#define X(letter, presentation, number) { letter, presentation, number },
	COMPONENTS(X)
#undef X
};

const char *
picture_parts_month(double v)
{
	static const char *const names[] = { "January", "February", "March",
		"April", "May", "June", "July", "August", "September",
		"October", "November", "December" };

	return v >= 1 && v <= 12 ? names[(int)v - 1] : NULL;
}

const char *
picture_parts_weekday(double v)
{
	static const char *const names[] = { "Monday", "Tuesday", "Wednesday",
		"Thursday", "Friday", "Saturday", "Sunday" };

	return v >= 1 && v <= 7 ? names[(int)v - 1] : NULL;
}

int
picture_parts_no_name(const struct picture_part *part, struct err *e)
{
	struct strbuf	 letter = STRBUF_INIT;

	codepoints_print_all(&letter, part->text.at, 1);
	err_set(e, "D3133", "The 'name' modifier can only be applied to months "
	    "and days in the date/time picture string, not \"%s\"",
	    strbuf_str(&letter));
	strbuf_free(&letter);
	return -1;
}

static const struct component *
component_find(uint32_t letter)
{
	size_t	i;

	for (i = 0; i < sizeof(components) / sizeof(components[0]); i++)
		if ((uint32_t)components[i].letter == letter)
			return &components[i];
	return NULL;
}

static int
unknown_component(const struct codepoints *text, struct err *e)
{
	struct strbuf	 letter = STRBUF_INIT;

	codepoints_print_all(&letter, text->at, text->n > 0);
	err_set(e, "D3132", "Unknown component specifier \"%s\" in date/time "
	    "picture string", strbuf_str(&letter));
	strbuf_free(&letter);
	return -1;
}

/* As parseInt() reads a width: leading digits, NaN if there are none. */
static double
width_number(const uint32_t *p, const uint32_t *end)
{
	double	sign = 1, v = 0;

	if (p < end && (*p == '-' || *p == '+'))
		sign = *p++ == '-' ? -1 : 1;
	if (p == end || *p < '0' || *p > '9')
		return NAN;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (*p - '0');
	return sign * v;
}

static bool
is_star(const uint32_t *p, const uint32_t *end)
{
	return end - p == 1 && *p == '*';
}

/* "min", "min-max"; a '*' leaves either open. */
static void
read_width(const uint32_t *p, const uint32_t *end, bool *has_min, double *min,
    struct picture_part *part)
{
	const uint32_t	*dash = p;

	part->has_width = true;
	while (dash < end && *dash != '-')
		dash++;
	if (!is_star(p, dash)) {
		*has_min = true;
		*min = width_number(p, dash);
	}
	if (dash < end && !is_star(dash + 1, end)) {
		part->has_max = true;
		part->max = width_number(dash + 1, end);
	}
}

static size_t
digits_or_none(double v)
{
	return v > 0 ? (size_t)v : 0;
}

/* Widths: at least min digits; of a year, the last ones only. */
static int
apply_width(struct picture_part *part, bool has_min, double min, struct err *e)
{
	struct picture_integer	*p = &part->integer;
	size_t			 width;

	if ((has_min && min > WIDTH_MAX) || (part->has_max &&
	    part->max > WIDTH_MAX))
		return err_set(e, "PictureTooLong", "A width in a date/time "
		    "picture is larger than %d", WIDTH_MAX);
	if (has_min && min > (double)p->mandatory)
		p->mandatory = digits_or_none(min);
	if (part->component != 'Y')
		return 0;
	width = p->mandatory + p->optional;
	if (part->has_max) {
		part->year_digits = part->max;
		p->mandatory = digits_or_none(part->max);
	} else if (p->kind == PICTURE_INTEGER_DECIMAL && width >= 2) {
		part->year_digits = (double)width;
	}
	return 0;
}

/*
 * The presentation is text[1] up to the comma, or the component's own.  Text is
 * what the integer picture borrows from, so the default is put there.
 */
static int
read_presentation(struct picture_part *part, const struct component *c,
    size_t comma, bool has_min, double min, struct err *e)
{
	struct codepoints	*text = &part->text;
	size_t			 i, n = comma - 1;
	uint32_t		 last, modifier = 0;
	bool			 zone, ordinal;

	if (n == 0) {
		n = strlen(c->presentation);
		for (i = 0; i < n; i++)
			codepoints_insert(text, 1 + i, &(uint32_t){
			    (unsigned char)c->presentation[i] }, 1);
	} else if (n > 1) {
		last = text->at[n];
		if (last == 'a' || last == 't' || last == 'c' || last == 'o') {
			modifier = last;
			n--;
		}
	}
	part->zulu = modifier == 't';
	zone = c->letter == 'Z' || c->letter == 'z';
	ordinal = modifier == 'o' && !zone;
	/* An 'o' may also stand behind ';', as in an integer's picture. */
	for (i = modifier == 0 || zone ? n : 0; i > 0; i--)
		if (text->at[i] == ';') {
			ordinal = i < n && text->at[i + 1] == 'o';
			n = i - 1;
			break;
		}
	if (!zone && text->at[1] == 'n') {
		part->names = PICTURE_NAMES_LOWER;
	} else if (!zone && text->at[1] == 'N') {
		part->names = n > 1 && text->at[2] == 'n' ?
		    PICTURE_NAMES_TITLE : PICTURE_NAMES_UPPER;
	} else if (c->number) {
		if (picture_integer_compile(&part->integer, text->at + 1, n,
		    ordinal, e) != 0)
			return -1;
		part->has_integer = true;
		if (!zone)
			return apply_width(part, has_min, min, e);
	}
	return 0;
}

static int
read_marker(struct picture_part *part, struct err *e)
{
	struct codepoints	*text = &part->text;
	const struct component	*c;
	size_t			 comma;
	bool			 has_min = false;
	double			 min = 0;

	part->year_digits = -1;
	for (comma = text->n; comma > 0 && text->at[comma - 1] != ','; comma--)
		;
	if (comma > 0) {
		read_width(text->at + comma, text->at + text->n, &has_min, &min,
		    part);
		comma--;
	} else
		comma = text->n;
	c = text->n > 0 ? component_find(text->at[0]) : NULL;
	if (c == NULL && (text->n == 0 || comma == 1))
		return unknown_component(text, e);
	part->component = c == NULL ? PICTURE_PART_UNKNOWN : c->letter;
	if (c == NULL)
		return 0;
	return read_presentation(part, c, comma, has_min, min, e);
}

static struct picture_part *
part_new(struct picture_parts *parts)
{
	struct picture_part	*part;

	parts->at = xreallocarray(parts->at, parts->n + 1, sizeof(*parts->at));
	part = &parts->at[parts->n++];
	memset(part, 0, sizeof(*part));
	codepoints_set(&part->text, "", 0);
	return part;
}

/* Literal text up to a marker; "]]" is one bracket. */
static void
add_literal(struct picture_parts *parts, const uint32_t *p, const uint32_t *end)
{
	struct codepoints	*text;

	if (p == end)
		return;
	text = &part_new(parts)->text;
	for (; p < end; p++) {
		codepoints_insert(text, text->n, p, 1);
		if (p[0] == ']' && p + 1 < end && p[1] == ']')
			p++;
	}
}

/* The marker from p to its ']'; returns where that stands, or NULL. */
static const uint32_t *
add_marker(struct picture_parts *parts, const uint32_t *p, const uint32_t *end,
    struct err *e)
{
	struct picture_part	*part;
	const uint32_t		*close = p;
	size_t			 n = parts->n;

	while (close < end && *close != ']')
		close++;
	if (close == end) {
		err_set(e, "D3135", "No matching closing bracket ']' in "
		    "date/time picture string");
		return NULL;
	}
	part = part_new(parts);
	for (; p < close; p++)
		if (!codepoints_is_space(*p))
			codepoints_insert(&part->text, part->text.n, p, 1);
	if (read_marker(part, e) != 0)
		return NULL;
	/* Numbers that touch are told apart by their digits when read. */
	if (part->has_integer && n > 0 && parts->at[n - 1].has_integer &&
	    part->component != 'Z' && part->component != 'z')
		parts->at[n - 1].read_width = parts->at[n - 1].integer.mandatory;
	return close;
}

static int
cut(struct picture_parts *parts, const uint32_t *p, const uint32_t *end,
    struct err *e)
{
	const uint32_t	*start = p;

	while (p < end) {
		if (*p != '[') {
			p++;
			continue;
		}
		add_literal(parts, start, p);
		if (p + 1 < end && p[1] == '[') {
			add_literal(parts, p, p + 1);
			p += 2;
		} else {
			if ((p = add_marker(parts, p + 1, end, e)) == NULL)
				return -1;
			p++;
		}
		start = p;
	}
	add_literal(parts, start, end);
	return 0;
}

int
picture_parts_compile(struct picture_parts *parts, const char *picture,
    size_t len, struct err *e)
{
	struct codepoints	 text = CODEPOINTS_INIT;
	int			 result;

	parts->at = NULL;
	parts->n = 0;
	codepoints_set(&text, picture, len);
	if (text.n > PICTURE_MAX)
		result = err_set(e, "PictureTooLong", "The picture is longer "
		    "than %d characters", PICTURE_MAX);
	else
		result = cut(parts, text.at, text.at + text.n, e);
	codepoints_free(&text);
	if (result != 0)
		picture_parts_free(parts);
	return result;
}

void
picture_parts_free(struct picture_parts *parts)
{
	size_t	i;

	for (i = 0; i < parts->n; i++) {
		picture_integer_free(&parts->at[i].integer);
		codepoints_free(&parts->at[i].text);
	}
	free(parts->at);
	parts->at = NULL;
	parts->n = 0;
}
