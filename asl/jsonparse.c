/*
 * asl/jsonparse.c - checked JSON text becomes a tree.
 *
 * Ours instead of jansson's parser because that one refuses integers beyond
 * int64 and doubles beyond their range, and is slower by far.  The text was
 * checked before, so nothing here can fail and depth is bounded.
 */

#include "jsontext.h"

#include <errno.h>
#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "xmalloc.h"

struct parse {
	const char	*p;
	char		*scratch;	/* for strings with escapes */
	size_t		 size;
};

static json_t *value(struct parse *);

static void
space(struct parse *s)
{
	while (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t')
		s->p++;
}

static unsigned int
hex4(const char *p)
{
	unsigned int	 v = 0;
	int		 i;

	for (i = 0; i < 4; i++)
		v = v << 4 | (unsigned int)(p[i] <= '9' ? p[i] - '0' :
		    (p[i] | 0x20) - 'a' + 10);
	return v;
}

static char *
put_utf8(char *out, unsigned int u)
{
	if (u < 0x80) {
		*out++ = (char)u;
		return out;
	}
	if (u < 0x800)
		*out++ = (char)(0xc0 | u >> 6);
	else {
		if (u < 0x10000)
			*out++ = (char)(0xe0 | u >> 12);
		else {
			*out++ = (char)(0xf0 | u >> 18);
			*out++ = (char)(0x80 | (u >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (u >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (u & 0x3f));
	return out;
}

static char *
unescape(struct parse *s, char *out)
{
	unsigned int	 u;

	switch (*++s->p) {
	case 'b':
		*out++ = '\b';
		break;
	case 'f':
		*out++ = '\f';
		break;
	case 'n':
		*out++ = '\n';
		break;
	case 'r':
		*out++ = '\r';
		break;
	case 't':
		*out++ = '\t';
		break;
	case 'u':
		u = hex4(s->p + 1);
		s->p += 4;
		if (u >= 0xd800 && u <= 0xdbff) {
			u = 0x10000 + ((u - 0xd800) << 10) +
			    (hex4(s->p + 3) - 0xdc00);
			s->p += 6;
		}
		out = put_utf8(out, u);
		break;
	default:
		*out++ = *s->p;
	}
	s->p++;
	return out;
}

/*
 * The string at p without its quotes: in the text itself, or in scratch when
 * it has escapes.  Valid until the next call.
 */
static const char *
string(struct parse *s, size_t *len)
{
	const char	*from = ++s->p, *end;
	char		*out;

	while (*s->p != '"' && *s->p != '\\')
		s->p++;
	if (*s->p == '"') {
		*len = (size_t)(s->p++ - from);
		return from;
	}
	for (end = s->p; *end != '"'; end++)
		if (*end == '\\')
			end++;
	if ((size_t)(end - from) > s->size) {
		s->size = (size_t)(end - from);
		s->scratch = xrealloc(s->scratch, s->size);
	}
	memcpy(s->scratch, from, (size_t)(s->p - from));
	out = s->scratch + (s->p - from);
	while (s->p < end)
		if (*s->p == '\\')
			out = unescape(s, out);
		else
			*out++ = *s->p++;
	s->p++;
	*len = (size_t)(out - s->scratch);
	return s->scratch;
}

static json_t *
real(const char *text, const char *end)
{
	double	 d;
	char	 small[64], *copy = small;
	size_t	 n = (size_t)(end - text);

	if (n >= sizeof small)
		copy = xmalloc(n + 1);
	memcpy(copy, text, n);
	copy[n] = '\0';
	d = strtod(copy, NULL);
	if (copy != small)
		free(copy);
	if (d > DBL_MAX)
		d = DBL_MAX;
	else if (d < -DBL_MAX)
		d = -DBL_MAX;
	return json_real(d);
}

static json_t *
number(struct parse *s)
{
	const char	*from = s->p;
	bool		 minus = *s->p == '-', whole = true, big = false;
	uint64_t	 u = 0, limit;

	if (minus)
		s->p++;
	for (; (*s->p >= '0' && *s->p <= '9') || *s->p == '.' ||
	    *s->p == 'e' || *s->p == 'E' || *s->p == '+' || *s->p == '-';
	    s->p++) {
		if (*s->p < '0' || *s->p > '9')
			whole = false;
		else if (u > (UINT64_MAX - 9) / 10)
			big = true;
		else
			u = u * 10 + (uint64_t)(*s->p - '0');
	}
	limit = (uint64_t)INT64_MAX + (minus ? 1 : 0);
	if (!whole || big || u > limit)
		return real(from, s->p);
	return json_integer(minus ? (json_int_t)(0 - u) : (json_int_t)u);
}

static json_t *
object(struct parse *s)
{
	json_t		*o = json_object(), *v;
	const char	*text;
	char		*key;
	size_t		 len;
	char		 small[256];

	for (s->p++, space(s); *s->p != '}'; space(s)) {
		if (*s->p == ',') {
			s->p++;
			space(s);
		}
		text = string(s, &len);
		key = len < sizeof small ? small : xmalloc(len + 1);
		memcpy(key, text, len);
		key[len] = '\0';
		space(s);
		s->p++;			/* the colon */
		v = value(s);
		json_object_set_new_nocheck(o, key, v);
		if (key != small)
			free(key);
	}
	s->p++;
	return o;
}

static json_t *
array(struct parse *s)
{
	json_t	*a = json_array();

	for (s->p++, space(s); *s->p != ']'; space(s)) {
		if (*s->p == ',')
			s->p++;
		json_array_append_new(a, value(s));
	}
	s->p++;
	return a;
}

static json_t *
value(struct parse *s)
{
	const char	*text;
	size_t		 len;

	space(s);
	switch (*s->p) {
	case '{':
		return object(s);
	case '[':
		return array(s);
	case '"':
		text = string(s, &len);
		return json_stringn_nocheck(text, len);
	case 't':
		s->p += 4;
		return json_true();
	case 'f':
		s->p += 5;
		return json_false();
	case 'n':
		s->p += 4;
		return json_null();
	default:
		return number(s);
	}
}

json_t *
jsontext_parse(const char *text, size_t len, struct err *e)
{
	struct parse	 s = { text, NULL, 0 };
	json_t		*json;
	char		*copy = NULL;

	if (jsontext_check_depth(text, len, JSONTEXT_DEPTH_STORED, NULL, e) == -1)
		return NULL;
	space(&s);
	/* Only a number's end must be told by what stands behind it. */
	if (*s.p == '-' || (*s.p >= '0' && *s.p <= '9'))
		s.p = copy = xstrndup(s.p, len - (size_t)(s.p - text));
	json = value(&s);
	free(s.scratch);
	free(copy);
	return json;
}
