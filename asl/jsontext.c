/*
 * asl/jsontext.c - JSON as text: checked in one pass, without a tree.
 *
 * jsontext_check() is the door for all JSON from outside: API calls, task
 * results, callbacks, definitions.  What it lets in, the rest may trust.  It
 * keeps one bit per level (object or array) and allocates nothing.
 *
 * The words of the errors are those of Jackson, which the real service shows;
 * where Jackson is laxer (text after the value) they are our own.
 */

#include "jsontext.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct check {
	const unsigned char	*text, *p, *end;
	unsigned char		 object[JSONTEXT_DEPTH_STORED / 8 + 1];
	int			 depth;
	int			 max_depth;
	struct err		*e;
};

#define VALUE_LIST "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

static bool
in_object(const struct check *c)
{
	int	 level = c->depth - 1;

	return c->depth > 0 && (c->object[level / 8] >> (level % 8) & 1) != 0;
}

static int
fail(struct check *c, const char *at, const char *text)
{
	c->p = (const unsigned char *)at;
	return err_set(c->e, "InvalidJson", "%s", text);
}

/* The length of the UTF-8 sequence at p, or 0 if it is none. */
static size_t
utf8_length(const unsigned char *p, const unsigned char *end)
{
	size_t	 n = (size_t)(end - p);

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n < 2 || (p[1] & 0xc0) != 0x80)
		return 0;
	if (p[0] < 0xe0)
		return 2;
	if (n < 3 || (p[2] & 0xc0) != 0x80)
		return 0;
	if (p[0] < 0xf0)
		return (p[0] == 0xe0 && p[1] < 0xa0) ||
		    (p[0] == 0xed && p[1] > 0x9f) ? 0 : 3;
	if (n < 4 || (p[3] & 0xc0) != 0x80)
		return 0;
	return (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f) ? 0 : 4;
}

static unsigned int
code_point(const unsigned char *p, size_t len)
{
	unsigned int	 u = len == 1 ? p[0] : p[0] & (0x7fU >> len);
	size_t		 i;

	for (i = 1; i < len; i++)
		u = u << 6 | (p[i] & 0x3fU);
	return u;
}

/* "Unexpected character ('x' (code 120)): was expecting ..." */
static int
unexpected(struct check *c, const char *wanted)
{
	size_t		 len;
	unsigned int	 u;

	if (c->p >= c->end)
		return err_set(c->e, "InvalidJson", "Unexpected end-of-input: %s",
		    wanted);
	len = utf8_length(c->p, c->end);
	if (len == 0)
		return err_set(c->e, "InvalidJson",
		    "Invalid UTF-8 byte 0x%02x", c->p[0]);
	u = code_point(c->p, len);
	if (u < 0x20 || u == 0x7f)
		return err_set(c->e, "InvalidJson",
		    "Illegal character ((CTRL-CHAR, code %u)): only regular "
		    "white space (\\r, \\n, \\t) is allowed between tokens", u);
	if (u > 255)
		return err_set(c->e, "InvalidJson",
		    "Unexpected character ('%.*s' (code %u / 0x%x)): %s",
		    (int)len, (const char *)c->p, u, u, wanted);
	return err_set(c->e, "InvalidJson",
	    "Unexpected character ('%.*s' (code %u)): %s", (int)len,
	    (const char *)c->p, u, wanted);
}

static bool
word_byte(unsigned char b)
{
	return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
	    (b >= '0' && b <= '9') || b == '_' || b == '$' || b >= 0x80;
}

/* At something that begins like a word: it must be exactly word. */
static int
literal(struct check *c, const char *word)
{
	const unsigned char	*from = c->p;
	size_t			 n = strlen(word), len;
	bool			 more;

	if ((size_t)(c->end - c->p) >= n && memcmp(c->p, word, n) == 0 &&
	    (c->p + n == c->end || !word_byte(c->p[n]))) {
		c->p += n;
		return 0;
	}
	while (c->p < c->end && word_byte(*c->p) && c->p - from < 256) {
		if ((len = utf8_length(c->p, c->end)) == 0)
			return unexpected(c, "");
		c->p += len;
	}
	n = (size_t)(c->p - from);
	more = c->p < c->end && word_byte(*c->p);
	c->p = from;
	return err_set(c->e, "InvalidJson", "Unrecognized token '%.*s%s': "
	    "was expecting " VALUE_LIST, (int)n, (const char *)from,
	    more ? "..." : "");
}

static int
hex4(const unsigned char *p, const unsigned char *end)
{
	int	 i, v = 0;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		v <<= 4;
		if (p[i] >= '0' && p[i] <= '9')
			v |= p[i] - '0';
		else if (p[i] >= 'a' && p[i] <= 'f')
			v |= p[i] - 'a' + 10;
		else if (p[i] >= 'A' && p[i] <= 'F')
			v |= p[i] - 'A' + 10;
		else
			return -1;
	}
	return v;
}

/* At a backslash inside a string. */
static int
escape(struct check *c)
{
	const unsigned char	*from = c->p;
	int			 u, low;

	if (c->end - c->p < 2)
		return 0;		/* the string does not end: told there */
	c->p++;
	if (strchr("\"\\/bfnrt", *c->p) != NULL && *c->p != '\0') {
		c->p++;
		return 0;
	}
	if (*c->p != 'u') {
		size_t	 len = utf8_length(c->p, c->end);
		bool	 control = *c->p < 0x20 || *c->p == 0x7f;

		if (len == 0)
			return unexpected(c, "");
		u = (int)code_point(c->p, len);
		return control ?
		    err_set(c->e, "InvalidJson", "Unrecognized character "
		    "escape (CTRL-CHAR, code %d)", u) :
		    err_set(c->e, "InvalidJson", "Unrecognized character "
		    "escape '%.*s' (code %d)", (int)len, (const char *)c->p, u);
	}
	if ((u = hex4(c->p + 1, c->end)) < 0)
		return fail(c, (const char *)from,
		    "expected a hex-digit for character escape sequence");
	c->p += 5;
	if (u == 0)
		return fail(c, (const char *)from,
		    "The character \\u0000 cannot be stored");
	if (u < 0xd800 || u > 0xdfff)
		return 0;
	if (u < 0xdc00 && c->end - c->p >= 6 && c->p[0] == '\\' &&
	    c->p[1] == 'u' && (low = hex4(c->p + 2, c->end)) >= 0xdc00 &&
	    low <= 0xdfff) {
		c->p += 6;
		return 0;
	}
	return fail(c, (const char *)from,
	    "A surrogate escape (\\ud800 to \\udfff) must be half of a pair");
}

/* Eight bytes at once, none of which needs a look: no ", \, control, 8 bit. */
static bool
plain8(const unsigned char *p)
{
	const uint64_t	 ones = 0x0101010101010101ULL;
	uint64_t	 w, quote, slash;

	memcpy(&w, p, sizeof w);
	quote = w ^ ones * '"';
	slash = w ^ ones * '\\';
	return ((w | (w - ones * 0x20) | (quote - ones) | (slash - ones)) &
	    ones * 0x80) == 0;
}

/* At the opening quote. */
static int
string(struct check *c, const char *what)
{
	const unsigned char	*from = c->p;
	size_t			 len;

	c->p++;
	for (;;) {
		while (c->end - c->p >= 8 && plain8(c->p))
			c->p += 8;
		if (c->p >= c->end) {
			c->p = from;
			return err_set(c->e, "InvalidJson",
			    "Unexpected end-of-input%s", what);
		}
		if (*c->p == '"') {
			c->p++;
			return 0;
		}
		if (*c->p == '\\') {
			const unsigned char	*before = c->p;

			if (escape(c) == -1)
				return -1;
			if (c->p == before)
				c->p = c->end;
		} else if (*c->p < 0x20) {
			return err_set(c->e, "InvalidJson",
			    "Illegal unquoted character ((CTRL-CHAR, code %d))"
			    ": has to be escaped using backslash to be "
			    "included in string value", *c->p);
		} else if ((len = utf8_length(c->p, c->end)) == 0) {
			return unexpected(c, "");
		} else
			c->p += len;
	}
}

static bool
digits(struct check *c)
{
	const unsigned char	*from = c->p;

	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	return c->p > from;
}

static int
number(struct check *c)
{
	const unsigned char	*from = c->p;

	if (*c->p == '-')
		c->p++;
	if (c->p < c->end && *c->p == '0') {
		c->p++;
		if (c->p < c->end && *c->p >= '0' && *c->p <= '9')
			return fail(c, (const char *)from, "Invalid numeric "
			    "value: Leading zeroes not allowed");
	} else if (!digits(c))
		return unexpected(c, "expected digit (0-9) to follow minus "
		    "sign, for valid numeric value");
	if (c->p < c->end && *c->p == '.') {
		c->p++;
		if (!digits(c))
			return unexpected(c, "Decimal point not followed by "
			    "a digit");
	}
	if (c->p < c->end && (*c->p == 'e' || *c->p == 'E')) {
		c->p++;
		if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
			c->p++;
		if (!digits(c))
			return unexpected(c, "Exponent indicator not followed "
			    "by a digit");
	}
	return 0;
}

static void
space(struct check *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\n' ||
	    *c->p == '\r' || *c->p == '\t'))
		c->p++;
}

static int
open_level(struct check *c)
{
	int	 level = c->depth;

	if (c->depth == c->max_depth)
		return err_set(c->e, "InvalidJson",
		    "Document nesting depth (%d) exceeds the maximum allowed "
		    "(%d)", c->depth + 1, c->max_depth);
	c->object[level / 8] &= (unsigned char)~(1U << level % 8);
	if (*c->p == '{')
		c->object[level / 8] |= (unsigned char)(1U << level % 8);
	c->depth++;
	c->p++;
	return 0;
}

/* The end of the text after a comma, a name or a colon. */
static int
ends_between(struct check *c)
{
	return err_set(c->e, "InvalidJson", "Unexpected end-of-input "
	    "within/between %s entries", in_object(c) ? "Object" : "Array");
}

/* A member's name and its colon. */
static int
name(struct check *c)
{
	space(c);
	if (c->p >= c->end)
		return ends_between(c);
	if (*c->p != '"')
		return unexpected(c,
		    "was expecting double-quote to start field name");
	if (string(c, " in field name") == -1)
		return -1;
	space(c);
	if (c->p >= c->end)
		return ends_between(c);
	if (*c->p != ':')
		return unexpected(c,
		    "was expecting a colon to separate field name and value");
	c->p++;
	return 0;
}

/* A scalar, or the opening of a container: then *opened. */
static int
value(struct check *c, bool *opened)
{
	*opened = false;
	space(c);
	if (c->p >= c->end)
		return c->depth > 0 ? ends_between(c) :
		    err_set(c->e, "InvalidJson",
		    "No content to map due to end-of-input");
	switch (*c->p) {
	case '{':
	case '[':
		*opened = true;
		return open_level(c);
	case '"':
		return string(c, " in VALUE_STRING");
	case 't':
		return literal(c, "true");
	case 'f':
		return literal(c, "false");
	case 'n':
		return literal(c, "null");
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return number(c);
	default:
		if (word_byte(*c->p))
			return literal(c, "null");
		return unexpected(c, "expected a valid value " VALUE_LIST);
	}
}

/*
 * After a value or an opening: closes levels and takes a comma; *more when
 * another value must follow.
 */
static int
after(struct check *c, bool opened, bool *more)
{
	bool	 object;

	for (*more = true; c->depth > 0; opened = false) {
		object = in_object(c);
		space(c);
		if (c->p < c->end && *c->p == (object ? '}' : ']')) {
			c->depth--;
			c->p++;
			continue;
		}
		if (c->p >= c->end)
			return err_set(c->e, "InvalidJson", "Unexpected "
			    "end-of-input: expected close marker for %s",
			    object ? "Object" : "Array");
		if (opened)
			return object ? name(c) : 0;
		if (*c->p != ',')
			return unexpected(c, object ?
			    "was expecting comma to separate Object entries" :
			    "was expecting comma to separate Array entries");
		c->p++;
		return object ? name(c) : 0;
	}
	*more = false;
	return 0;
}

static int
check(struct check *c)
{
	bool	 opened, more;

	do
		if (value(c, &opened) == -1 || after(c, opened, &more) == -1)
			return -1;
	while (more);
	space(c);
	if (c->p < c->end)
		return err_set(c->e, "InvalidJson",
		    "Unexpected text after the end of the JSON value");
	return 0;
}

int
jsontext_check_depth(const char *text, size_t len, int max_depth, size_t *at,
    struct err *e)
{
	struct check	 c;
	int		 rc;

	c.text = c.p = (const unsigned char *)text;
	c.end = c.text + len;
	c.depth = 0;
	c.max_depth = max_depth;
	c.e = e;
	rc = check(&c);
	if (rc == -1 && at != NULL)
		*at = (size_t)(c.p - c.text);
	return rc;
}

int
jsontext_check(const char *text, size_t len, size_t *at, struct err *e)
{
	return jsontext_check_depth(text, len, JSONTEXT_DEPTH_MAX, at, e);
}

static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : NULL;
}

const char *
jsontext_skip(const char *p, const char *end)
{
	int	 depth = 0;

	while (p < end && strchr(" \t\r\n", *p) != NULL && *p != '\0')
		p++;
	while (p < end) {
		switch (*p) {
		case '"':
			if ((p = skip_string(p, end)) == NULL)
				return NULL;
			break;
		case '{':
		case '[':
			depth++;
			p++;
			continue;
		case '}':
		case ']':
			depth--;
			p++;
			break;
		case ',': case ':': case ' ': case '\t': case '\r': case '\n':
			if (depth == 0)
				return NULL;
			p++;
			continue;
		default:
			while (p < end && strchr(",:]} \t\r\n", *p) == NULL)
				p++;
		}
		if (depth <= 0)
			return depth == 0 ? p : NULL;
	}
	return NULL;
}

size_t
jsontext_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}
