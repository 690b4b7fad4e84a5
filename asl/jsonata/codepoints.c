/*
 * asl/jsonata/codepoints.c - text as an array of code points, for pictures.
 */

#include <stdlib.h>
#include <string.h>

#include "codepoints.h"
#include "xmalloc.h"

#define REPLACEMENT 0xfffd

uint32_t
codepoints_next(const char **p, const char *end)
{
	const unsigned char	*s = (const unsigned char *)*p;
	size_t			 i, left = (size_t)(end - *p), n;
	uint32_t		 c;

	if (s[0] < 0x80) {
		(*p)++;
		return s[0];
	}
	n = s[0] >= 0xf0 && s[0] < 0xf8 ? 4 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 :
	    s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : 0;
	if (n == 0 || n > left) {
		(*p)++;
		return REPLACEMENT;
	}
	c = s[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			(*p)++;
			return REPLACEMENT;
		}
		c = c << 6 | (s[i] & 0x3fU);
	}
	*p += n;
	return c;
}

bool
codepoints_is_space(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 ||
	    c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 ||
	    c == 0xfeff;
}

uint32_t
codepoints_zero(uint32_t c)
{
	static const uint16_t zeros[] = {
		0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6,
		0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50, 0x0ed0,
		0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80,
		0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900,
		0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
	};
	size_t	i;

	for (i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (c >= zeros[i] && c <= zeros[i] + 9U)
			return zeros[i];
	return 0;
}

void
codepoints_print(struct strbuf *out, uint32_t c)
{
	char	b[4];

	/* A digit of a family that begins too late is no character. */
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = REPLACEMENT;
	if (c < 0x80) {
		strbuf_addc(out, (char)c);
	} else if (c < 0x800) {
		b[0] = (char)(0xc0 | c >> 6);
		b[1] = (char)(0x80 | (c & 0x3f));
		strbuf_add(out, b, 2);
	} else if (c < 0x10000) {
		b[0] = (char)(0xe0 | c >> 12);
		b[1] = (char)(0x80 | (c >> 6 & 0x3f));
		b[2] = (char)(0x80 | (c & 0x3f));
		strbuf_add(out, b, 3);
	} else {
		b[0] = (char)(0xf0 | c >> 18);
		b[1] = (char)(0x80 | (c >> 12 & 0x3f));
		b[2] = (char)(0x80 | (c >> 6 & 0x3f));
		b[3] = (char)(0x80 | (c & 0x3f));
		strbuf_add(out, b, 4);
	}
}

void
codepoints_print_all(struct strbuf *out, const uint32_t *at, size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++)
		codepoints_print(out, at[i]);
}

static void
grow(struct codepoints *c, size_t n)
{
	if (n < c->size)
		return;
	c->size = n + n / 2 + 16;
	c->at = xreallocarray(c->at, c->size, sizeof(*c->at));
}

void
codepoints_set(struct codepoints *c, const char *text, size_t len)
{
	const char	*p = text, *end = text + len;

	c->n = 0;
	grow(c, len);
	while (p < end)
		c->at[c->n++] = codepoints_next(&p, end);
}

void
codepoints_free(struct codepoints *c)
{
	free(c->at);
	c->at = NULL;
	c->n = c->size = 0;
}

void
codepoints_insert(struct codepoints *c, size_t i, const uint32_t *what, size_t m)
{
	grow(c, c->n + m);
	memmove(c->at + i + m, c->at + i, (c->n - i) * sizeof(*c->at));
	if (m > 0)
		memcpy(c->at + i, what, m * sizeof(*c->at));
	c->n += m;
}

void
codepoints_remove(struct codepoints *c, size_t i, size_t m)
{
	memmove(c->at + i, c->at + i + m, (c->n - i - m) * sizeof(*c->at));
	c->n -= m;
}
