/*
 * cli/width.c - text as a terminal shows it: columns, cuts, nothing dangerous.
 *
 * Everything that comes from a server or a file passes here (or pretty.c) on
 * its way to the terminal: an execution's name or a function's error text must
 * not be able to send escape sequences.
 *
 * The ranges are the blocks that matter, not the whole of Unicode: a rare
 * character of wrong width shifts a column, nothing else.
 */

#include "width.h"

#include <string.h>

struct range {
	unsigned	 first, last;
};

static const struct range zero[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x06d6, 0x06dc },
	{ 0x0900, 0x0902 }, { 0x093c, 0x093c }, { 0x0941, 0x0948 },
	{ 0x094d, 0x094d }, { 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a },
	{ 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
	{ 0x200b, 0x200d }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0x1f3fb, 0x1f3ff },
	{ 0xe0100, 0xe01ef }
};

static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x23e9, 0x23ec },
	{ 0x25fd, 0x25fe }, { 0x2614, 0x2615 }, { 0x2648, 0x2653 },
	{ 0x26a1, 0x26a1 }, { 0x26bd, 0x26be }, { 0x2705, 0x2705 },
	{ 0x270a, 0x270b }, { 0x2728, 0x2728 }, { 0x274c, 0x274c },
	{ 0x2753, 0x2755 }, { 0x2795, 0x2797 }, { 0x2e80, 0x303e },
	{ 0x3041, 0x33ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },
	{ 0xa000, 0xa4cf }, { 0xa960, 0xa97f }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
	{ 0x1f7e0, 0x1f7eb }, { 0x1f900, 0x1f9ff }, { 0x1fa70, 0x1faff },
	{ 0x20000, 0x3fffd }
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
in_ranges(unsigned c, const struct range *r, size_t n)
{
	size_t	 lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (c < r[mid].first)
			hi = mid;
		else if (c > r[mid].last)
			lo = mid + 1;
		else
			return true;
	}
	return false;
}

/* Length of the sequence at p, and its code point; 0 if it is none. */
static size_t
decode(const unsigned char *p, size_t len, unsigned *c)
{
	static const unsigned	 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t			 n, i;

	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] < 0xe0) {
		n = 2;
		*c = p[0] & 0x1f;
	} else if (p[0] >= 0xe0 && p[0] < 0xf0) {
		n = 3;
		*c = p[0] & 0x0f;
	} else if (p[0] >= 0xf0 && p[0] < 0xf5) {
		n = 4;
		*c = p[0] & 0x07;
	} else
		return 0;
	if (n > len)
		return 0;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return n;
}

bool
width_valid(const char *text, size_t len)
{
	const unsigned char	*p = (const unsigned char *)text;
	size_t			 i = 0, n;
	unsigned		 c;

	for (; i < len; i += n)
		if ((n = decode(p + i, len - i, &c)) == 0)
			return false;
	return true;
}

unsigned
width_next(const char **p, const char *end)
{
	unsigned	 c;
	size_t		 n;

	n = decode((const unsigned char *)*p, (size_t)(end - *p), &c);
	*p += n == 0 ? 1 : n;
	return n == 0 ? 0xfffd : c;
}

size_t
width_char(unsigned c)
{
	if (c < 0x300)
		return 1;
	if (in_ranges(c, zero, COUNT(zero)))
		return 0;
	return in_ranges(c, wide, COUNT(wide)) ? 2 : 1;
}

bool
width_unsafe(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	    c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

size_t
width_text(const char *text)
{
	const char	*p = text, *end = text + strlen(text);
	size_t		 n = 0;

	while (p < end)
		n += width_char(width_next(&p, end));
	return n;
}

static void
add_char(struct strbuf *out, unsigned c, const char *from, size_t len)
{
	if (c == '\n' || c == '\t' || c == '\r')
		strbuf_addc(out, ' ');
	else if (width_unsafe(c) || c == 0xfffd)
		strbuf_adds(out, "\xef\xbf\xbd");
	else
		strbuf_add(out, from, len);
}

size_t
width_add(struct strbuf *out, const char *text, size_t max)
{
	const char	*p = text, *end = text + strlen(text), *from;
	bool		 cut = max != WIDTH_ANY && width_text(text) > max;
	size_t		 used = 0, w, room = cut ? max - (max > 0) : max;
	unsigned	 c;

	while (p < end) {
		from = p;
		c = width_next(&p, end);
		w = width_char(c);
		if (cut && used + w > room)
			break;
		used += w;
		add_char(out, c, from, (size_t)(p - from));
	}
	if (cut && max > 0) {
		strbuf_adds(out, "\xe2\x80\xa6");
		used++;
	}
	return used;
}

void
width_pad(struct strbuf *out, size_t n)
{
	while (n-- > 0)
		strbuf_addc(out, ' ');
}
