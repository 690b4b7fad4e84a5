/*
 * asl/jsonata/jtext_parse.c - JSON text as values in an arena.
 *
 * Text without escapes is not copied: it stays where it stands, so the text
 * must live as long as the arena.
 */

#include <stdlib.h>
#include <string.h>

#include "jtext.h"
#include "number_text.h"

struct reader {
	struct jarena	*arena;
	const char	*p, *end;
	int		 depth;
	bool		 lone;
};

static int read_value(struct reader *, struct jvalue *);

static void
skip(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' ||
	    *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool
take(struct reader *r, char c)
{
	skip(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool
take_word(struct reader *r, const char *word)
{
	size_t	 n = strlen(word);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0)
		return false;
	r->p += n;
	return true;
}

static int
read_hex(struct reader *r, uint32_t *c)
{
	int	 i, digit;

	*c = 0;
	if (r->end - r->p < 4)
		return -1;
	for (i = 0; i < 4; i++, r->p++) {
		digit = *r->p >= '0' && *r->p <= '9' ? *r->p - '0' :
		    (*r->p | 32) >= 'a' && (*r->p | 32) <= 'f' ?
		    (*r->p | 32) - 'a' + 10 : -1;
		if (digit < 0)
			return -1;
		*c = *c << 4 | (uint32_t)digit;
	}
	return 0;
}

static int
read_unicode(struct reader *r, char **out)
{
	uint32_t	 c, low;
	const char	*back;

	if (read_hex(r, &c) == -1)
		return -1;
	if (c >= 0xd800 && c < 0xdc00) {
		back = r->p;
		if (take_word(r, "\\u") && read_hex(r, &low) == 0 &&
		    low >= 0xdc00 && low < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		else
			r->p = back;
	}
	if (c >= 0xd800 && c < 0xe000 && !r->lone)
		return -1;
	*out += jtext_encode(c, *out);
	return 0;
}

static int
read_escape(struct reader *r, char **out)
{
	static const char	 names[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	const char		*n;

	if (++r->p == r->end)
		return -1;
	for (n = names; *n != '\0'; n += 2)
		if (*n == *r->p) {
			r->p++;
			*(*out)++ = n[1];
			return 0;
		}
	if (*r->p != 'u')
		return -1;
	r->p++;
	return read_unicode(r, out);
}

static int
read_string(struct reader *r, const char **s, size_t *len)
{
	const char	*from = r->p, *close;
	char		*copy, *out;

	while (r->p < r->end && *r->p != '"' && *r->p != '\\' &&
	    (unsigned char)*r->p >= 0x20)
		r->p++;
	if (r->p == r->end || (unsigned char)*r->p < 0x20)
		return -1;
	if (*r->p == '"') {
		*s = from;
		*len = (size_t)(r->p++ - from);
		return 0;
	}
	for (close = r->p; close < r->end && *close != '"'; close++)
		if (*close == '\\')
			close++;
	if (close >= r->end)
		return -1;
	copy = out = jarena_alloc(r->arena, (size_t)(close - from) + 1);
	memcpy(out, from, (size_t)(r->p - from));
	out += r->p - from;
	while (*r->p != '"') {
		if ((unsigned char)*r->p < 0x20)
			return -1;
		if (*r->p != '\\')
			*out++ = *r->p++;
		else if (read_escape(r, &out) == -1)
			return -1;
	}
	r->p++;
	*out = '\0';
	*s = copy;
	*len = (size_t)(out - copy);
	return 0;
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static int
read_number(struct reader *r, struct jvalue *v)
{
	const char	*p = r->p, *q;
	bool		 whole = true, negative;
	uint64_t	 n = 0;
	double		 d;

	negative = *p == '-';
	q = p + negative;
	p = digits(q, r->end);
	if (p == q || (*q == '0' && p - q > 1))
		return -1;
	if (p < r->end && *p == '.') {
		whole = false;
		q = p + 1;
		if ((p = digits(q, r->end)) == q)
			return -1;
	}
	if (p < r->end && (*p == 'e' || *p == 'E')) {
		whole = false;
		q = p + 1;
		if (q < r->end && (*q == '+' || *q == '-'))
			q++;
		if ((p = digits(q, r->end)) == q)
			return -1;
	}
	q = r->p + negative;
	if (whole && p - q <= 18) {
		for (; q < p; q++)
			n = n * 10 + (uint64_t)(*q - '0');
		*v = jvalue_int(negative ? -(int64_t)n : (int64_t)n);
	} else {
		if (!number_text_read(r->p, (size_t)(p - r->p), &d))
			d = negative ? -1.7976931348623157e308 :
			    1.7976931348623157e308;
		*v = jvalue_double(d);
		if (whole && p - q == 19) {
			for (; q < p; q++)
				n = n * 10 + (uint64_t)(*q - '0');
			if (n <= (uint64_t)INT64_MAX + negative)
				*v = jvalue_int(negative ?
				    (int64_t)(0 - n) : (int64_t)n);
		}
	}
	r->p = p;
	return 0;
}

static int
read_array(struct reader *r, struct jvalue *v)
{
	struct jarray	*a = jvalue_new_array(r->arena, 0);
	struct jvalue	 item;

	*v = jvalue_array(a);
	if (take(r, ']'))
		return 0;
	do {
		if (read_value(r, &item) == -1)
			return -1;
		jvalue_push(r->arena, a, item);
	} while (take(r, ','));
	return take(r, ']') ? 0 : -1;
}

static int
read_object(struct reader *r, struct jvalue *v)
{
	struct jobject	*o = jvalue_new_object(r->arena, 0);
	struct jvalue	 value;
	const char	*name;
	size_t		 len;

	*v = jvalue_object(o);
	if (take(r, '}'))
		return 0;
	do {
		if (!take(r, '"') || read_string(r, &name, &len) == -1 ||
		    !take(r, ':') || read_value(r, &value) == -1)
			return -1;
		jvalue_set(r->arena, o, name, len, value);
	} while (take(r, ','));
	return take(r, '}') ? 0 : -1;
}

static int
read_nested(struct reader *r, struct jvalue *v)
{
	int	 result;

	if (++r->depth > JTEXT_DEPTH_MAX)
		return -1;
	result = *r->p++ == '[' ? read_array(r, v) : read_object(r, v);
	r->depth--;
	return result;
}

static int
read_value(struct reader *r, struct jvalue *v)
{
	const char	*s;
	size_t		 len;

	skip(r);
	if (r->p == r->end)
		return -1;
	if (*r->p == '[' || *r->p == '{')
		return read_nested(r, v);
	if (*r->p == '"') {
		r->p++;
		if (read_string(r, &s, &len) == -1)
			return -1;
		*v = jvalue_string(s, len);
		return 0;
	}
	if (*r->p == '-' || (*r->p >= '0' && *r->p <= '9'))
		return read_number(r, v);
	if (take_word(r, "null"))
		*v = jvalue_null();
	else if (take_word(r, "true"))
		*v = jvalue_bool(true);
	else if (take_word(r, "false"))
		*v = jvalue_bool(false);
	else
		return -1;
	return 0;
}

int
jtext_parse(struct jarena *arena, const char *text, size_t len, bool lone,
    struct jvalue *v)
{
	struct reader	 r = { arena, text, text + len, 0, lone };

	if (read_value(&r, v) == -1)
		return -1;
	skip(&r);
	return r.p == r.end ? 0 : -1;
}
