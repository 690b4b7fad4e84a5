/*
 * asl/jsonata/jfunc_string.c - functions on text; it counts in code points.
 */

#include <math.h>
#include <string.h>

#include "jfunc.h"
#include "jtext.h"

struct jvalue
jfunc_string(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return jeval_string(c, args[0], jvalue_truthy(args[1]));
}

struct jvalue
jfunc_string_length(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)c, (void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	return jvalue_int((int64_t)jtext_chars(args[0].u.s, args[0].len));
}

/* An index as Array.slice() takes it, for a length. */
static double
slice_index(double d, double length)
{
	d = isnan(d) ? 0 : trunc(d);
	if (d < 0)
		return d + length < 0 ? 0 : d + length;
	return d > length ? length : d;
}

struct jvalue
jfunc_string_substring(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	const char	*s = args[0].u.s;
	size_t		 len = args[0].len, from, to;
	double		 chars, start, end, count;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || !jeval_work(c, len / 64))
		return JVALUE_NOTHING;
	chars = end = (double)jtext_chars(s, len);
	start = jvalue_is_number(args[1]) ? jvalue_number(args[1]) : NAN;
	if (chars + start < 0)
		start = 0;
	if (jvalue_is_number(args[2])) {
		count = jvalue_number(args[2]);
		if (count <= 0)
			return jvalue_string("", 0);
		end = start >= 0 ? start + count : chars + start + count;
	}
	start = slice_index(start, chars);
	end = slice_index(end, chars);
	if (end <= start)
		return jvalue_string("", 0);
	from = jtext_offset(s, len, (size_t)start);
	to = from + jtext_offset(s + from, len - from, (size_t)(end - start));
	return jvalue_string(s + from, to - from);
}

static const char *
find(struct jvalue text, struct jvalue part)
{
	return part.len == 0 ? text.u.s :
	    memmem(text.u.s, text.len, part.u.s, part.len);
}

struct jvalue
jfunc_string_before(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	const char	*at;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || jvalue_is_nothing(args[1]) ||
	    !jeval_work(c, args[0].len / 16) ||
	    (at = find(args[0], args[1])) == NULL)
		return args[0];
	return jvalue_string(args[0].u.s, (size_t)(at - args[0].u.s));
}

struct jvalue
jfunc_string_after(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	const char	*at;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || jvalue_is_nothing(args[1]) ||
	    !jeval_work(c, args[0].len / 16) ||
	    (at = find(args[0], args[1])) == NULL)
		return args[0];
	at += args[1].len;
	return jvalue_string(at, (size_t)(args[0].u.s + args[0].len - at));
}

struct jvalue
jfunc_string_trim(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	const char	*p, *end;
	char		*text, *out;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) ||
	    (text = out = jeval_text(c, args[0].len)) == NULL)
		return JVALUE_NOTHING;
	end = args[0].u.s + args[0].len;
	for (p = args[0].u.s; p < end; p++) {
		if (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r')
			*out++ = *p;
		else if (out > text && out[-1] != ' ')
			*out++ = ' ';
	}
	if (out > text && out[-1] == ' ')
		out--;
	return jvalue_string(text, (size_t)(out - text));
}

struct jvalue
jfunc_string_pad(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jvalue	 s = args[0], fill = args[2];
	double		 width, missing;
	size_t		 count, chars, bytes, rest, i;
	char		*text, *out;

	(void)n, (void)context;
	if (jvalue_is_nothing(s) || !jvalue_is_number(args[1]))
		return s;
	if (!jvalue_is_string(fill) || fill.len == 0)
		fill = jvalue_string(" ", 1);
	width = trunc(jvalue_number(args[1]));
	missing = fabs(width) - (double)jtext_chars(s.u.s, s.len);
	if (!(missing > 0))
		return s;
	if (missing > UINT32_MAX / 2)
		return jeval_fail_limit(c, JEVAL_MEMORY);
	count = (size_t)missing;
	chars = jtext_chars(fill.u.s, fill.len);
	rest = jtext_offset(fill.u.s, fill.len, count % chars);
	bytes = count / chars * fill.len + rest;
	if ((text = jeval_text(c, s.len + bytes)) == NULL)
		return JVALUE_NOTHING;
	out = width > 0 ? text + s.len : text;
	memcpy(width > 0 ? text : text + bytes, s.u.s, s.len);
	for (i = 0; i < count / chars; i++, out += fill.len)
		memcpy(out, fill.u.s, fill.len);
	memcpy(out, fill.u.s, rest);
	return jvalue_string(text, s.len + bytes);
}

struct jvalue
jfunc_string_join(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jvalue	 v, glue = args[1];
	size_t		 count, bytes = 0, i;
	char		*text, *out, one[4];

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	if (!jvalue_is_string(glue))
		glue = jvalue_string("", 0);
	count = jvalue_count(args[0]);
	for (i = 0; i < count; i++)
		bytes += jvalue_at(args[0], i).len + (i > 0 ? glue.len : 0);
	if (!jeval_work(c, count) || (text = out = jeval_text(c, bytes)) == NULL)
		return JVALUE_NOTHING;
	for (i = 0; i < count; i++) {
		if (i > 0) {
			memcpy(out, glue.u.s, glue.len);
			out += glue.len;
		}
		v = jvalue_at(args[0], i);
		if (glue.len == 0 && jtext_joins(text, (size_t)(out - text),
		    v.u.s, v.len, one)) {
			memcpy(out - 3, one, 4);
			memcpy(out + 1, v.u.s + 3, v.len - 3);
			out -= 2;
		} else
			memcpy(out, v.u.s, v.len);
		out += v.len;
	}
	return jvalue_string(text, (size_t)(out - text));
}
