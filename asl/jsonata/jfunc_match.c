/*
 * asl/jsonata/jfunc_match.c - $contains, $match, $replace, $split: with text,
 * with a regular expression, or with any function that acts like one.
 *
 * Such a function takes a text and gives { match, start, end, groups, next };
 * next() gives the match after it.  Its places are UTF-16 units.  A regular
 * expression of the language is walked directly, without these objects.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jfunc.h"
#include "jregex.h"
#include "jtext.h"

struct matches {
	struct jeval		*c;
	struct jvalue		 text, f;
	bool			 regex;
	struct jregex_found	 found;		/* of a regular expression */
	struct jvalue		 object;	/* of any other matcher */
	size_t			 start, end;	/* in bytes */
	size_t			 units, counted; /* of counted bytes */
};

/* --- walking ------------------------------------------------------------- */

/* The byte at a UTF-16 index. */
static size_t
byte_at(struct jvalue text, struct jvalue index)
{
	const char	*p = text.u.s, *end = p + text.len;
	double		 units;

	units = jvalue_is_number(index) ? jvalue_number(index) : 0;
	while (units >= 1 && p < end)
		units -= jtext_next(&p, end) > 0xffff ? 2 : 1;
	return (size_t)(p - text.u.s);
}

static bool
is_match(struct jvalue v)
{
	return jvalue_is_object(v) &&
	    (jvalue_is_number(jvalue_get(v, "start", 5)) ||
	    jvalue_is_number(jvalue_get(v, "end", 3)) ||
	    jvalue_is_array(jvalue_get(v, "groups", 6)) ||
	    jvalue_is_function(jvalue_get(v, "next", 4)));
}

/* 1, 0, or -1 after a fault. */
static int
take_object(struct matches *m, struct jvalue v)
{
	if (m->c->failed)
		return -1;
	m->object = v;
	if (jvalue_is_nothing(v))
		return 0;
	if (!is_match(v)) {
		jeval_fail(m->c, JFAULT_T1010, -1);
		return -1;
	}
	m->start = byte_at(m->text, jvalue_get(v, "start", 5));
	m->end = byte_at(m->text, jvalue_get(v, "end", 3));
	return 1;
}

static int
take_found(struct matches *m, int found)
{
	m->start = m->found.start;
	m->end = m->found.end;
	return found;
}

static int
first(struct matches *m, struct jeval *c, struct jvalue text, struct jvalue f)
{
	m->c = c;
	m->text = text;
	m->f = f;
	m->units = m->counted = 0;
	m->object = JVALUE_NOTHING;
	if (!jvalue_is_function(f)) {
		jeval_fail(c, JFAULT_T1010, -1);
		return -1;
	}
	m->regex = f.u.f->kind == JFUNCTION_REGEX;
	if (m->regex)
		return take_found(m, jregex_find(c, f.u.f->node->regex, text,
		    0, &m->found));
	return take_object(m, jeval_invoke(c, f, &text, 1));
}

static int
next(struct matches *m)
{
	struct jvalue	 f;

	if (m->regex)
		return take_found(m, jregex_find_next(m->c, m->f.u.f, m->text,
		    &m->found));
	f = jvalue_get(m->object, "next", 4);
	if (!jvalue_is_function(f)) {
		jeval_fail(m->c, JFAULT_T1010, -1);
		return -1;
	}
	return take_object(m, jeval_invoke(m->c, f, NULL, 0));
}

/* The match as an object, for a replacement function. */
static struct jvalue
object(struct matches *m)
{
	struct jobject		*o;
	struct jfunction	*more;
	struct jeval		*c = m->c;
	struct jvalue		 text;

	if (!m->regex)
		return m->object;
	o = jvalue_new_object(&c->arena, 5);
	text = jvalue_string(m->text.u.s + m->start, m->end - m->start);
	m->units += jtext_units(m->text.u.s + m->counted,
	    m->start - m->counted);
	m->counted = m->start;
	more = jeval_new_function(c, JFUNCTION_NEXT);
	more->node = m->f.u.f->node;
	more->input = m->text;
	more->offset = m->end;
	jvalue_set(&c->arena, o, "match", 5, text);
	jvalue_set(&c->arena, o, "start", 5, jvalue_int((int64_t)m->units));
	jvalue_set(&c->arena, o, "end", 3, jvalue_int((int64_t)(m->units +
	    jtext_units(text.u.s, text.len))));
	jvalue_set(&c->arena, o, "groups", 6, jregex_groups(c, m->text,
	    &m->found));
	jvalue_set(&c->arena, o, "next", 4, jvalue_function(more));
	return jvalue_object(o);
}

/* A limit: -1 if there is none; false and a fault if it is negative. */
static bool
limit_of(struct jeval *c, struct jvalue v, enum jfault_code code, int index,
    double *limit)
{
	*limit = jvalue_is_number(v) ? jvalue_number(v) : INFINITY;
	if (!(*limit < 0))
		return true;
	jeval_fail_value(c, code, -1, v);
	c->fault.index = jvalue_int(index);
	return false;
}

/* --- contains, match ----------------------------------------------------- */

struct jvalue
jfunc_match_contains(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct matches	 m;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || jvalue_is_nothing(args[1]))
		return JVALUE_NOTHING;
	if (jvalue_is_string(args[1])) {
		jeval_work(c, args[0].len / 16);
		return jvalue_bool(args[1].len == 0 || memmem(args[0].u.s,
		    args[0].len, args[1].u.s, args[1].len) != NULL);
	}
	return jvalue_bool(first(&m, c, args[0], args[1]) == 1);
}

static void
set_known(struct jeval *c, struct jobject *o, const char *name,
    struct jvalue v)
{
	if (!jvalue_is_nothing(v))
		jvalue_set(&c->arena, o, name, strlen(name), v);
}

/* What $match says of a match. */
static void
set_match(struct matches *m, struct jobject *o)
{
	struct jeval	*c = m->c;
	struct jvalue	 v = m->object;

	if (!m->regex) {
		set_known(c, o, "match", jvalue_get(v, "match", 5));
		set_known(c, o, "index", jvalue_get(v, "start", 5));
		set_known(c, o, "groups", jvalue_get(v, "groups", 6));
		return;
	}
	m->units += jtext_units(m->text.u.s + m->counted,
	    m->start - m->counted);
	m->counted = m->start;
	jvalue_add(&c->arena, o, "match", 5, jvalue_string(m->text.u.s +
	    m->start, m->end - m->start));
	jvalue_add(&c->arena, o, "index", 5, jvalue_int((int64_t)m->units));
	jvalue_add(&c->arena, o, "groups", 6, jregex_groups(c, m->text,
	    &m->found));
}

struct jvalue
jfunc_match(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct matches	 m;
	struct jarray	*out = jeval_sequence(c);
	struct jobject	*o;
	double		 limit, count;
	int		 more;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) ||
	    !limit_of(c, args[2], JFAULT_D3040, 3, &limit))
		return JVALUE_NOTHING;
	if (!(limit > 0))
		return jvalue_array(out);
	more = first(&m, c, args[0], args[1]);
	for (count = 0; more == 1 && count < limit; count++) {
		if (!jeval_room(c, 3 * sizeof(struct jmember)))
			return JVALUE_NOTHING;
		o = jvalue_new_object(&c->arena, 3);
		set_match(&m, o);
		jeval_push(c, out, jvalue_object(o));
		more = next(&m);
	}
	return c->failed ? JVALUE_NOTHING : jvalue_array(out);
}

/* --- replace ------------------------------------------------------------- */

static size_t
group_count(const struct matches *m)
{
	return m->regex ? m->found.groups :
	    jvalue_count(jvalue_get(m->object, "groups", 6));
}

static void
add_group(const struct matches *m, size_t i, struct strbuf *out)
{
	struct jvalue	 v;

	if (i >= group_count(m))
		return;
	if (m->regex) {
		if (m->found.from[i] != SIZE_MAX)
			strbuf_add(out, m->text.u.s + m->found.from[i],
			    m->found.to[i] - m->found.from[i]);
		return;
	}
	v = jvalue_at(jvalue_get(m->object, "groups", 6), i);
	if (jvalue_is_string(v))
		strbuf_add(out, v.u.s, v.len);
}

static void
add_match(const struct matches *m, struct strbuf *out)
{
	struct jvalue	 v;

	if (m->regex) {
		strbuf_add(out, m->text.u.s + m->start, m->end - m->start);
		return;
	}
	v = jvalue_get(m->object, "match", 5);
	if (jvalue_is_string(v))
		strbuf_add(out, v.u.s, v.len);
}

/* At most so many digits at p as a number; -1 if there is none. */
static long
digits(const char *p, const char *end, int most)
{
	long	 n = -1;

	for (; p < end && most > 0 && *p >= '0' && *p <= '9'; p++, most--)
		n = (n < 0 ? 0 : n) * 10 + (*p - '0');
	return n;
}

static int
width_of(long n)
{
	int	 width = 1;

	while (n >= 10) {
		n /= 10;
		width++;
	}
	return width;
}

/* $1 and so on: behind a "$" at p.  Returns what was read of it. */
static size_t
add_reference(const struct matches *m, const char *p, const char *end,
    struct strbuf *out)
{
	size_t	 groups = group_count(m);
	int	 most = groups == 0 ? 1 : width_of((long)groups);
	long	 n;

	if (p < end && *p == '$') {
		strbuf_addc(out, '$');
		return 1;
	}
	if (p < end && *p == '0') {
		add_match(m, out);
		return 1;
	}
	n = digits(p, end, most);
	if (most > 1 && n > (long)groups)
		n = digits(p, end, most - 1);
	if (n < 0) {
		strbuf_addc(out, '$');
		return 0;
	}
	if (n > 0)
		add_group(m, (size_t)n - 1, out);
	return (size_t)width_of(n);
}

static void
add_replacement(const struct matches *m, struct jvalue text,
    struct strbuf *out)
{
	const char	*p = text.u.s, *end = p + text.len, *dollar;

	while ((dollar = memchr(p, '$', (size_t)(end - p))) != NULL) {
		strbuf_add(out, p, (size_t)(dollar - p));
		p = dollar + 1;
		p += add_reference(m, p, end, out);
		if (p > end)
			p = end;
	}
	strbuf_add(out, p, (size_t)(end - p));
}

/* What stands for one match: text with references, or what a function says. */
static bool
replace_one(struct matches *m, struct jvalue by, struct strbuf *out)
{
	struct jvalue	 v;

	if (jvalue_is_string(by)) {
		add_replacement(m, by, out);
		return !m->c->failed;
	}
	if (!jvalue_is_function(by)) {
		jeval_fail_value(m->c, JFAULT_D3012, -1, by);
		return false;
	}
	v = object(m);
	v = jeval_invoke(m->c, by, &v, 1);
	if (m->c->failed)
		return false;
	if (!jvalue_is_string(v)) {
		jeval_fail_value(m->c, JFAULT_D3012, -1, v);
		return false;
	}
	strbuf_add(out, v.u.s, v.len);
	return true;
}

/* str.substring(from, to) */
static void
add_between(struct jvalue text, size_t from, size_t to, struct strbuf *out)
{
	if (from > to)
		strbuf_add(out, text.u.s + to, from - to);
	else
		strbuf_add(out, text.u.s + from, to - from);
}

/* The commonest: each match of a regular expression by the same text. */
static void
replace_all(struct matches *m, struct jvalue by, struct strbuf *out)
{
	size_t	 at = 0;

	do {
		strbuf_add(out, m->text.u.s + at, m->found.start - at);
		strbuf_add(out, by.u.s, by.len);
		at = m->found.end;
	} while (!strbuf_failed(out) && jregex_find_next(m->c, m->f.u.f,
	    m->text, &m->found) == 1);
	strbuf_add(out, m->text.u.s + at, m->text.len - at);
}

static void
replace_matches(struct jeval *c, struct jvalue *args, double limit,
    struct strbuf *out)
{
	struct matches	 m;
	struct jvalue	 v;
	size_t		 at = 0;
	double		 count;
	int		 more = first(&m, c, args[0], args[1]);

	if (more == 1 && m.regex && isinf(limit) && jvalue_is_string(args[2]) &&
	    memchr(args[2].u.s, '$', args[2].len) == NULL) {
		replace_all(&m, args[2], out);
		return;
	}
	for (count = 0; more == 1 && count < limit; count++) {
		add_between(args[0], at, m.start, out);
		if (!replace_one(&m, args[2], out) || strbuf_failed(out))
			return;
		at = m.end;
		if (!m.regex) {		/* the reference adds the length */
			v = jvalue_get(m.object, "match", 5);
			at = m.start + (jvalue_is_string(v) ? v.len : 0);
			if (at > args[0].len)
				at = args[0].len;
		}
		more = next(&m);
	}
	strbuf_add(out, args[0].u.s + at, args[0].len - at);
}

static void
replace_text(struct jeval *c, struct jvalue *args, double limit,
    struct strbuf *out)
{
	const char	*p = args[0].u.s, *end = p + args[0].len, *at;
	double		 count;

	for (count = 0; count < limit && !strbuf_failed(out) &&
	    jeval_work(c, 1); count++) {
		at = memmem(p, (size_t)(end - p), args[1].u.s, args[1].len);
		if (at == NULL)
			break;
		if (!jvalue_is_string(args[2])) {
			jeval_fail_value(c, JFAULT_D3012, -1, args[2]);
			return;
		}
		strbuf_add(out, p, (size_t)(at - p));
		strbuf_add(out, args[2].u.s, args[2].len);
		p = at + args[1].len;
	}
	strbuf_add(out, p, (size_t)(end - p));
}

struct jvalue
jfunc_match_replace(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct strbuf	 out;
	double		 limit;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	if (jvalue_is_string(args[1]) && args[1].len == 0) {
		jeval_fail_value(c, JFAULT_D3010, -1, args[1]);
		c->fault.index = jvalue_int(2);
		return JVALUE_NOTHING;
	}
	if (!limit_of(c, args[3], JFAULT_D3011, 4, &limit))
		return JVALUE_NOTHING;
	if (!(limit > 0))
		return args[0];
	jeval_buffer(c, &out);
	if (jvalue_is_string(args[1]))
		replace_text(c, args, limit, &out);
	else
		replace_matches(c, args, limit, &out);
	return jeval_take(c, &out);
}

/* --- split --------------------------------------------------------------- */

/* Each UTF-16 unit by itself: what split("") does. */
static void
split_units(struct jeval *c, struct jvalue text, double limit,
    struct jarray *out)
{
	const char	*p = text.u.s, *end = p + text.len, *from;
	char		 half[4];
	uint32_t	 code;
	int		 i;

	while (p < end && (double)out->n < limit && jeval_work(c, 1)) {
		from = p;
		code = jtext_next(&p, end);
		if (code <= 0xffff) {
			jeval_push(c, out, jvalue_string(from,
			    (size_t)(p - from)));
			continue;
		}
		for (i = 0; i < 2 && (double)out->n < limit; i++) {
			jtext_encode(i == 0 ? 0xd800 + ((code - 0x10000) >> 10)
			    : 0xdc00 + ((code - 0x10000) & 0x3ff), half);
			jeval_push(c, out, jeval_copy_text(c, half, 3));
		}
	}
}

static void
split_text(struct jeval *c, struct jvalue text, struct jvalue by,
    double limit, struct jarray *out)
{
	const char	*p = text.u.s, *end = p + text.len, *at;

	if (by.len == 0) {
		split_units(c, text, limit, out);
		return;
	}
	while ((double)out->n < limit && jeval_work(c, 1)) {
		at = memmem(p, (size_t)(end - p), by.u.s, by.len);
		jeval_push(c, out, jvalue_string(p,
		    (size_t)((at == NULL ? end : at) - p)));
		if (at == NULL)
			break;
		p = at + by.len;
	}
}

static void
split_matches(struct jeval *c, struct jvalue *args, double limit,
    struct jarray *out)
{
	struct matches	 m;
	size_t		 at = 0, from, to;
	double		 count;
	int		 more = first(&m, c, args[0], args[1]);

	for (count = 0; more == 1 && count < limit; count++) {
		from = at < m.start ? at : m.start;
		to = at < m.start ? m.start : at;
		jeval_push(c, out, jvalue_string(args[0].u.s + from,
		    to - from));
		at = m.end;
		more = next(&m);
	}
	if (count < limit)
		jeval_push(c, out, jvalue_string(args[0].u.s + at,
		    args[0].len - at));
}

struct jvalue
jfunc_match_split(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jarray	*out = jvalue_new_array(&c->arena, 0);
	double		 limit;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) ||
	    !limit_of(c, args[2], JFAULT_D3020, 3, &limit))
		return JVALUE_NOTHING;
	if (!(limit > 0))
		return jvalue_array(out);
	if (jvalue_is_string(args[1]))
		split_text(c, args[0], args[1], trunc(limit), out);
	else
		split_matches(c, args, limit, out);
	return c->failed ? JVALUE_NOTHING : jvalue_array(out);
}
