/*
 * asl/jsonata/jtext.c - characters: UTF-8 in which a lone surrogate, ED A0..BF,
 * counts as a character of its own.
 */

#include <string.h>

#include "jtext.h"

uint32_t
jtext_next(const char **at, const char *end)
{
	const unsigned char	*p = (const unsigned char *)*at;
	size_t			 left = (size_t)(end - *at);

	if (p[0] < 0x80) {
		*at += 1;
		return p[0];
	}
	if (p[0] < 0xe0 && left >= 2) {
		*at += 2;
		return (uint32_t)(p[0] & 31) << 6 | (p[1] & 63);
	}
	if (p[0] >= 0xe0 && p[0] < 0xf0 && left >= 3) {
		*at += 3;
		return (uint32_t)(p[0] & 15) << 12 |
		    (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
	}
	if (p[0] >= 0xf0 && left >= 4) {
		*at += 4;
		return (uint32_t)(p[0] & 7) << 18 |
		    (uint32_t)(p[1] & 63) << 12 |
		    (uint32_t)(p[2] & 63) << 6 | (p[3] & 63);
	}
	*at += 1;
	return p[0];
}

size_t
jtext_encode(uint32_t c, char buf[4])
{
	if (c < 0x80) {
		buf[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		buf[0] = (char)(0xc0 | c >> 6);
		buf[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		buf[0] = (char)(0xe0 | c >> 12);
		buf[1] = (char)(0x80 | (c >> 6 & 63));
		buf[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	buf[0] = (char)(0xf0 | c >> 18);
	buf[1] = (char)(0x80 | (c >> 12 & 63));
	buf[2] = (char)(0x80 | (c >> 6 & 63));
	buf[3] = (char)(0x80 | (c & 63));
	return 4;
}

size_t
jtext_chars(const char *s, size_t len)
{
	size_t	 n = 0, i;

	for (i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

size_t
jtext_units(const char *s, size_t len)
{
	size_t	 n = 0, i;

	for (i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80 ?
		    1 + ((unsigned char)s[i] >= 0xf0) : 0;
	return n;
}

size_t
jtext_offset(const char *s, size_t len, size_t n)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	return i;
}

bool
jtext_is_ascii(const char *s, size_t len)
{
	unsigned char	 all = 0;
	size_t		 i;

	for (i = 0; i < len; i++)
		all |= (unsigned char)s[i];
	return all < 0x80;
}

size_t
jtext_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

static bool
is_surrogate(const char *s, unsigned char from, unsigned char to)
{
	const unsigned char	*p = (const unsigned char *)s;

	return p[0] == 0xed && p[1] >= from && p[1] <= to;
}

bool
jtext_joins(const char *a, size_t alen, const char *b, size_t blen, char out[4])
{
	const char	*p;
	uint32_t	 high, low;

	if (alen < 3 || blen < 3 || !is_surrogate(a + alen - 3, 0xa0, 0xaf) ||
	    !is_surrogate(b, 0xb0, 0xbf))
		return false;
	p = a + alen - 3;
	high = jtext_next(&p, a + alen);
	p = b;
	low = jtext_next(&p, b + blen);
	jtext_encode(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), out);
	return true;
}
