/*
 * asl/jsonata/jfunc_array.c - functions on arrays.
 */

#include <math.h>
#include <string.h>

#include "jfunc.h"

struct jvalue
jfunc_array_append(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return jeval_append(c, args[0], args[1]);
}

struct jvalue
jfunc_array_count(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)c, (void)n, (void)context;
	return jvalue_int((int64_t)jvalue_count(args[0]));
}

struct jvalue
jfunc_array_reverse(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jarray	*out;
	size_t		 count = jvalue_count(args[0]), i;

	(void)n, (void)context;
	if (count <= 1)
		return args[0];
	if (!jeval_work(c, count) || !jeval_room(c, count * 8))
		return JVALUE_NOTHING;
	out = jvalue_new_array(&c->arena, count);
	for (i = count; i-- > 0;)
		jvalue_push(&c->arena, out, jvalue_at(args[0], i));
	return jvalue_array(out);
}

/* The inside-out shuffle of Fisher and Yates. */
struct jvalue
jfunc_array_shuffle(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jarray	*out;
	size_t		 count = jvalue_count(args[0]), i, j;

	(void)n, (void)context;
	if (count <= 1)
		return args[0];
	if (!jeval_work(c, count) || !jeval_room(c, count * 8))
		return JVALUE_NOTHING;
	out = jvalue_new_array(&c->arena, count);
	for (i = 0; i < count; i++) {
		j = (size_t)(jfunc_random(c) % (i + 1));
		jvalue_push(&c->arena, out, jvalue_at(args[0], i));
		out->items[i] = out->items[j];
		out->items[j] = jvalue_at(args[0], i);
	}
	return jvalue_array(out);
}

struct jvalue
jfunc_array_zip(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jarray	*out = jvalue_new_array(&c->arena, 0), *row;
	size_t		 shortest = SIZE_MAX, i, k;

	(void)context;
	for (k = 0; k < n; k++)
		if (jvalue_count(args[k]) < shortest)
			shortest = jvalue_count(args[k]);
	for (i = 0; i < shortest && !c->failed; i++) {
		row = jvalue_new_array(&c->arena, n);
		for (k = 0; k < n; k++)
			jeval_push(c, row, jvalue_at(args[k], i));
		jeval_push(c, out, jvalue_array(row));
		jeval_work(c, n);
	}
	return jvalue_array(out);
}

/* --- distinct ------------------------------------------------------------ */

struct seen {
	struct jarray	*out;
	uint32_t	*slots;		/* of scalars: number in out + 1 */
	size_t		 nslots;
	size_t		*others;	/* numbers of arrays and objects */
	size_t		 nothers;
};

static size_t
hash(struct jvalue v)
{
	uint64_t	 h = 14695981039346656037u, bits;
	double		 d;
	size_t		 i;

	if (jvalue_is_string(v)) {
		for (i = 0; i < v.len; i++)
			h = (h ^ (unsigned char)v.u.s[i]) * 1099511628211u;
	} else {
		d = jvalue_is_number(v) ? jvalue_number(v) + 0.0 :
		    v.kind == JVALUE_BOOL ? v.u.b : 2;
		if (d == 0)
			d = 0;
		memcpy(&bits, &d, sizeof bits);
		h = (h ^ bits) * 1099511628211u;
	}
	return (size_t)(h ^ h >> 29);
}

static bool
is_scalar(struct jvalue v)
{
	return !jvalue_is_array(v) && !jvalue_is_object(v) &&
	    !jvalue_is_function(v);
}

/* Keeps v unless there is one like it. */
static void
see(struct jeval *c, struct seen *s, struct jvalue v)
{
	size_t	 at, i;

	if (!is_scalar(v)) {
		for (i = 0; i < s->nothers; i++)
			if (jeval_equal(c, v, s->out->items[s->others[i]]))
				return;
		s->others[s->nothers++] = s->out->n;
		jeval_push(c, s->out, v);
		return;
	}
	for (at = hash(v) & (s->nslots - 1); s->slots[at] != 0;
	    at = (at + 1) & (s->nslots - 1))
		if (jvalue_same(v, s->out->items[s->slots[at] - 1]))
			return;
	s->slots[at] = (uint32_t)s->out->n + 1;
	jeval_push(c, s->out, v);
}

struct jvalue
jfunc_array_distinct(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct seen	 s;
	size_t		 count = jvalue_count(args[0]), i;

	(void)n, (void)context;
	if (count <= 1)
		return args[0];
	if (!jeval_work(c, count) || !jeval_room(c, count * 16))
		return JVALUE_NOTHING;
	memset(&s, 0, sizeof s);
	s.out = jvalue_new_array(&c->arena, 0);
	s.out->sequence = jvalue_is_sequence(args[0]);
	for (s.nslots = 8; s.nslots < count * 2;)
		s.nslots *= 2;
	s.slots = jarena_zalloc(&c->arena, s.nslots * sizeof *s.slots);
	s.others = jarena_alloc(&c->arena, count * sizeof *s.others);
	for (i = 0; i < count && !c->failed; i++)
		see(c, &s, jvalue_at(args[0], i));
	return jvalue_array(s.out);
}

/* --- sort ---------------------------------------------------------------- */

struct by {
	struct jvalue	 input, f;
};

static bool
after_plain(struct jeval *c, void *arg, size_t a, size_t b)
{
	struct by	*by = arg;
	struct jvalue	 x = jvalue_at(by->input, a);
	struct jvalue	 y = jvalue_at(by->input, b);

	(void)c;
	return jvalue_is_string(x) ? jvalue_compare_text(x, y) > 0 :
	    jvalue_number(x) > jvalue_number(y);
}

static bool
after_called(struct jeval *c, void *arg, size_t a, size_t b)
{
	struct by	*by = arg;
	struct jvalue	 args[2];

	args[0] = jvalue_at(by->input, a);
	args[1] = jvalue_at(by->input, b);
	return jvalue_truthy(jeval_invoke(c, by->f, args, 2));
}

static bool
is_plain(struct jeval *c, struct jvalue v)
{
	size_t	 n = jvalue_count(v), strings = 0, numbers = 0, i;

	for (i = 0; i < n; i++)
		numbers += jeval_is_numeric(c, jvalue_at(v, i));
	for (i = 0; i < n; i++)
		strings += jvalue_is_string(jvalue_at(v, i));
	return numbers == n || strings == n;
}

struct jvalue
jfunc_array_sort(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct by	 by = { args[0], args[1] };
	struct jarray	*out;
	size_t		*order, count = jvalue_count(args[0]), i;

	(void)n, (void)context;
	if (count <= 1)
		return args[0];
	if (!jeval_work(c, count))
		return JVALUE_NOTHING;
	if (jvalue_is_nothing(by.f) && !is_plain(c, args[0])) {
		jeval_fail(c, JFAULT_D3070, -1);
		c->fault.index = jvalue_int(1);
		return JVALUE_NOTHING;
	}
	order = jeval_merge_sort(c, count, jvalue_is_nothing(by.f) ?
	    after_plain : after_called, &by);
	if (order == NULL || !jeval_room(c, count * 8))
		return JVALUE_NOTHING;
	out = jvalue_new_array(&c->arena, count);
	for (i = 0; i < count; i++)
		jvalue_push(&c->arena, out, jvalue_at(args[0], order[i]));
	return jvalue_array(out);
}
