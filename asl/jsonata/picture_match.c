/*
 * asl/jsonata/picture_match.c - does text follow a picture of times?
 *
 * Each part takes as much as it can and gives back when the rest does not fit,
 * as the regular expression does that the reference makes of a picture.  What
 * has failed once from a place is not tried again, and all steps are counted.
 */

#include <stdlib.h>
#include <string.h>

#include "picture_match.h"
#include "picture_words.h"
#include "xmalloc.h"

#define TEXT_MAX	4096	/* code points */
#define STEPS_MAX	2000000

struct match {
	const struct picture_parts	*parts;
	const uint32_t			*text;
	size_t				 n, steps;
	size_t				*ends;
	unsigned char			*failed;	/* a bit per part and place */
};

/* Case as a regular expression ignores it, for the scripts that have one. */
static uint32_t
fold(uint32_t c)
{
	if (c < 0x80)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	if ((c >= 0xe0 && c <= 0xfe && c != 0xf7) || (c >= 0x3b1 && c <= 0x3c9 &&
	    c != 0x3c2) || (c >= 0x430 && c <= 0x44f))
		return c - 32;
	if (c >= 0x450 && c <= 0x45f)
		return c - 80;
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
		return c & ~1U;
	return c;
}

static bool
is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_roman(uint32_t c)
{
	return c < 0x80 && c != 0 && strchr("MDCLXVImdclxvi", (int)c) != NULL;
}

/* How many of the n at p satisfy is. */
static size_t
run(const uint32_t *p, size_t n, bool (*is)(uint32_t))
{
	size_t	i;

	for (i = 0; i < n && is(p[i]); i++)
		;
	return i;
}

static size_t
literal(const struct codepoints *what, const uint32_t *p, size_t n)
{
	size_t	i;

	for (i = 0; i < what->n; i++)
		if (i == n || fold(p[i]) != fold(what->at[i]))
			return 0;
	return what->n;
}

static bool
is_suffix(const uint32_t *p)
{
	uint32_t	a = fold(p[0]), b = fold(p[1]);

	return (a == 'T' && b == 'H') || (a == 'S' && b == 'T') ||
	    (a == 'N' && b == 'D') || (a == 'R' && b == 'D');
}

/* The separator of a picture's offset, or 0. */
static uint32_t
separator_of(const struct picture_part *part)
{
	return part->integer.regular > 0 ? part->integer.groups[0].separator : 0;
}

/* A point stands for any character, as it does in the reference. */
static bool
is_separator(uint32_t separator, uint32_t c)
{
	return separator == '.' ? c != '\n' : c == separator;
}

/* "GMT", a sign, digits, and if the picture groups them, a separator and digits. */
static size_t
most_offset(const struct picture_part *part, const uint32_t *p, size_t n)
{
	uint32_t	separator = separator_of(part);
	size_t		len = part->component == 'z' ? 3 : 0;

	if (n < len + 2 || (len == 3 && (fold(p[0]) != 'G' ||
	    fold(p[1]) != 'M' || fold(p[2]) != 'T')) ||
	    (p[len] != '+' && p[len] != '-'))
		return 0;
	len++;
	len += run(p + len, n - len, is_digit);
	if (separator == 0)
		return len;
	if (len < n && is_separator(separator, p[len])) {
		len++;
		len += run(p + len, n - len, is_digit);
	}
	return len;
}

/* Is this an offset, of which most_offset() has said that it begins as one? */
static bool
is_offset(const struct picture_part *part, const uint32_t *p, size_t n)
{
	uint32_t	separator = separator_of(part);
	size_t		i, first, before, behind, skip;

	skip = part->component == 'z' ? 4 : 1;
	if (n < skip + 1 || !is_digit(p[n - 1]))
		return false;
	before = run(p + skip, n - skip, is_digit);
	if (separator == 0)
		return skip + before == n;
	for (behind = 0; behind < n - skip && is_digit(p[n - 1 - behind]); behind++)
		;
	first = n - 1 - behind > skip + 1 ? n - 1 - behind : skip + 1;
	for (i = first; i + 1 < n && i <= skip + before; i++)
		if (is_separator(separator, p[i]))
			return true;
	return false;
}

/* The most that a part that is not in words may take. */
static size_t
most(const struct picture_part *part, const uint32_t *p, size_t n)
{
	if (part->component == 'Z' || part->component == 'z')
		return most_offset(part, p, n);
	if (part->component == 'f')
		return run(p, n, is_digit);
	if (!part->has_integer || part->integer.kind == PICTURE_INTEGER_LETTERS)
		return run(p, n, is_letter);
	if (part->integer.kind == PICTURE_INTEGER_ROMAN)
		return run(p, n, is_roman);
	return run(p, n, is_digit);
}

/* May the part take len, or (an ordinal) len and the two letters behind? */
static bool
may_take(const struct picture_part *part, const uint32_t *p, size_t n,
    size_t len, size_t *extra)
{
	const struct picture_integer	*integer = &part->integer;

	*extra = 0;
	if (part->component == 'Z' || part->component == 'z')
		return is_offset(part, p, len);
	if (!part->has_integer || part->component == 'f' ||
	    integer->kind != PICTURE_INTEGER_DECIMAL)
		return true;
	if (part->read_width > 0 && len != part->read_width)
		return false;
	if (!integer->ordinal)
		return true;
	*extra = 2;
	return len + 2 <= n && is_suffix(p + len);
}

static bool	match_from(struct match *, size_t part, size_t place);

static bool
match_words(struct match *m, size_t i, size_t place)
{
	size_t	n = m->n - place, *ends, k, count;
	bool	found = false;

	ends = xcalloc(2 * (n + 1), sizeof(*ends));
	count = picture_words_ends(m->text + place, n, ends, ends + n + 1);
	m->steps += n + count * count / 2;
	for (k = 0; k < count && !found && m->steps++ < STEPS_MAX; k++) {
		m->ends[i] = place + ends[k];
		found = match_from(m, i + 1, m->ends[i]);
	}
	free(ends);
	return found;
}

static bool
match_marker(struct match *m, size_t i, size_t place)
{
	const struct picture_part	*part = &m->parts->at[i];
	const uint32_t			*p = m->text + place;
	size_t				 n = m->n - place, len, extra;

	if (part->has_integer && strchr("fZz", part->component) == NULL &&
	    part->integer.kind == PICTURE_INTEGER_WORDS)
		return match_words(m, i, place);
	for (len = most(part, p, n); len > 0; len--) {
		m->steps += part->component == 'Z' || part->component == 'z' ?
		    len : 1;
		if (m->steps > STEPS_MAX)
			return false;
		if (!may_take(part, p, n, len, &extra))
			continue;
		m->ends[i] = place + len + extra;
		if (match_from(m, i + 1, place + len + extra))
			return true;
	}
	return false;
}

static bool
match_from(struct match *m, size_t i, size_t place)
{
	size_t	bit = i * (m->n + 1) + place, len;

	if (i == m->parts->n)
		return place == m->n;
	if (m->failed[bit / 8] & 1U << bit % 8)
		return false;
	if (m->parts->at[i].component == 0) {
		len = literal(&m->parts->at[i].text, m->text + place,
		    m->n - place);
		m->ends[i] = place + len;
		if (len > 0 && match_from(m, i + 1, place + len))
			return true;
	} else if (match_marker(m, i, place))
		return true;
	m->failed[bit / 8] |= (unsigned char)(1U << bit % 8);
	return false;
}

int
picture_match(const struct picture_parts *parts, const uint32_t *text, size_t n,
    size_t *ends, struct err *e)
{
	struct match	 m = { parts, text, n, 0, ends, NULL };
	bool		 found;

	if (n > TEXT_MAX)
		return err_set(e, "PictureTooLong", "The timestamp is longer than "
		    "%d characters", TEXT_MAX);
	m.failed = xcalloc((parts->n * (n + 1)) / 8 + 1, 1);
	found = match_from(&m, 0, 0);
	free(m.failed);
	if (!found && m.steps > STEPS_MAX)
		return err_set(e, "PictureTooLong", "The timestamp and its picture "
		    "are too complex");
	return found;
}
