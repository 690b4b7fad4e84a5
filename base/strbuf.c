/*
 * base/strbuf.c - a growing text buffer with a ceiling.
 *
 * Invariants: len < size whenever data is not NULL; data[len] is NUL;
 * len never passes max.
 */

#include "strbuf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

void
strbuf_init(struct strbuf *b, size_t max)
{
	*b = (struct strbuf)STRBUF_INIT;
	b->max = max;
}

void
strbuf_free(struct strbuf *b)
{
	free(b->data);
	strbuf_init(b, b->max);
}

void
strbuf_reset(struct strbuf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

/* Room for more bytes and the NUL; false, and failed, past the ceiling. */
static bool
grow(struct strbuf *b, size_t more)
{
	size_t	 size;

	if (b->failed)
		return false;
	if (more > b->max || b->len > b->max - more) {
		b->failed = true;
		return false;
	}
	if (b->len + more < b->size)
		return true;
	size = b->size < 64 ? 64 : b->size;
	while (size <= b->len + more)
		size *= 2;
	b->data = xrealloc(b->data, size);
	b->size = size;
	return true;
}

void
strbuf_add(struct strbuf *b, const void *data, size_t len)
{
	if (!grow(b, len))
		return;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
strbuf_addc(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void
strbuf_adds(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void
strbuf_addi(struct strbuf *b, int64_t n)
{
	char		 digits[24], *p = digits + sizeof digits;
	uint64_t	 u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if (n < 0)
		*--p = '-';
	strbuf_add(b, p, (size_t)(digits + sizeof digits - p));
}

void
strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list	 ap;
	char	*s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	strbuf_adds(b, s);
	free(s);
}

void
strbuf_add_json_string(struct strbuf *b, const char *s, size_t len)
{
	static const char	 hex[] = "0123456789abcdef";
	static const char	 names[] = "btn\0fr";	/* from \b to \r */
	const char		*end = s + len, *from = s;
	unsigned char		 c;
	char			 u[6] = "\\u00";

	strbuf_addc(b, '"');
	for (; s < end; s++) {
		c = (unsigned char)*s;
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		strbuf_add(b, from, (size_t)(s - from));
		from = s + 1;
		if (c == '"' || c == '\\') {
			strbuf_addc(b, '\\');
			strbuf_addc(b, (char)c);
		} else if (c >= '\b' && c <= '\r' && c != '\v') {
			strbuf_addc(b, '\\');
			strbuf_addc(b, names[c - '\b']);
		} else {
			u[4] = hex[c >> 4];
			u[5] = hex[c & 15];
			strbuf_add(b, u, sizeof u);
		}
	}
	strbuf_add(b, from, (size_t)(s - from));
	strbuf_addc(b, '"');
}

void
strbuf_add_markup(struct strbuf *b, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '&':
			strbuf_adds(b, "&amp;");
			break;
		case '<':
			strbuf_adds(b, "&lt;");
			break;
		case '>':
			strbuf_adds(b, "&gt;");
			break;
		case '"':
			strbuf_adds(b, "&quot;");
			break;
		case '\'':
			strbuf_adds(b, "&#39;");
			break;
		case '\r':	/* readers of XML would make it a line feed */
			strbuf_adds(b, "&#13;");
			break;
		default:
			strbuf_addc(b, *s);
		}
}

bool
strbuf_failed(const struct strbuf *b)
{
	return b->failed;
}

const char *
strbuf_str(const struct strbuf *b)
{
	return b->data == NULL ? "" : b->data;
}

char *
strbuf_take(struct strbuf *b, size_t *len)
{
	char	*data = b->data == NULL ? xstrdup("") : b->data;

	if (len != NULL)
		*len = b->len;
	strbuf_init(b, b->max);
	return data;
}
