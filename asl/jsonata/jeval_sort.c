/*
 * asl/jsonata/jeval_sort.c - a stable merge sort, and ^(...).
 *
 * The reference splits in the middle and asks its comparator whether the
 * right one goes first; the same questions in the same order are asked here,
 * so a comparator that contradicts itself gives the same order.  The terms of
 * ^(...) are evaluated once for each item, when first needed.
 */

#include <math.h>
#include <string.h>

#include "jeval.h"

struct sorting {
	struct jeval		*c;
	jeval_comparator	*swap;
	void			*arg;
	size_t			*order, *room;
};

static void
merge(struct sorting *s, size_t from, size_t middle, size_t to)
{
	size_t	 i = from, j = middle, k = from;

	while (i < middle && j < to && !s->c->failed) {
		if (!jeval_work(s->c, 1))
			return;
		if (s->swap(s->c, s->arg, s->order[i], s->order[j]))
			s->room[k++] = s->order[j++];
		else
			s->room[k++] = s->order[i++];
	}
	while (i < middle)
		s->room[k++] = s->order[i++];
	while (j < to)
		s->room[k++] = s->order[j++];
	memcpy(s->order + from, s->room + from,
	    (to - from) * sizeof *s->order);
}

static void
sort_part(struct sorting *s, size_t from, size_t to)
{
	size_t	 middle = from + (to - from) / 2;

	if (to - from < 2 || s->c->failed)
		return;
	sort_part(s, from, middle);
	sort_part(s, middle, to);
	if (!s->c->failed)
		merge(s, from, middle, to);
}

size_t *
jeval_merge_sort(struct jeval *c, size_t n, jeval_comparator *swap, void *arg)
{
	struct sorting	 s = { c, swap, arg, NULL, NULL };
	size_t		 i;

	if (!jeval_room(c, 2 * n * sizeof *s.order))
		return NULL;
	s.order = jarena_alloc(&c->arena, n * sizeof *s.order);
	s.room = jarena_alloc(&c->arena, n * sizeof *s.room);
	for (i = 0; i < n; i++)
		s.order[i] = i;
	sort_part(&s, 0, n);
	return c->failed ? NULL : s.order;
}

/* --- ^(...) -------------------------------------------------------------- */

struct terms {
	const struct jnode	*node;
	struct jvalue		 input;
	struct jframe		*env;
	bool			 tuples;
	struct jvalue		*keys;		/* items x terms */
	bool			*known;
};

static struct jvalue
key(struct jeval *c, struct terms *t, size_t item, size_t term)
{
	size_t		 at = item * t->node->list.n + term;
	struct jvalue	 context = jvalue_at(t->input, item);
	struct jframe	*env = t->env;

	if (t->known[at])
		return t->keys[at];
	if (t->tuples) {
		env = jeval_tuple_frame(c, env, context);
		context = jvalue_get(context, "@", 1);
	}
	t->keys[at] = jeval_node(c, t->node->list.node[term]->lhs, context,
	    env);
	t->known[at] = true;
	return t->keys[at];
}

static bool
is_ordered(struct jvalue v)
{
	return jvalue_is_string(v) || jvalue_is_number(v);
}

/* Less than, equal to, greater than 0; sets a fault for other types. */
static int
compare_keys(struct jeval *c, long position, struct jvalue a, struct jvalue b)
{
	double	 x, y;

	if (!is_ordered(a) || !is_ordered(b)) {
		jeval_fail_value(c, JFAULT_T2008, position,
		    is_ordered(a) ? b : a);
		return 0;
	}
	if (jvalue_is_string(a) != jvalue_is_string(b)) {
		jeval_fail_value(c, JFAULT_T2007, position, a);
		c->fault.value2 = b;
		return 0;
	}
	if (jvalue_is_string(a))
		return jvalue_compare_text(a, b);
	if (a.kind == JVALUE_INT && b.kind == JVALUE_INT)
		return a.u.i < b.u.i ? -1 : a.u.i > b.u.i;
	x = jvalue_number(a);
	y = jvalue_number(b);
	return x == y ? 0 : x < y ? -1 : 1;
}

static bool
goes_after(struct jeval *c, void *arg, size_t a, size_t b)
{
	struct terms	*t = arg;
	struct jvalue	 x, y;
	size_t		 i;
	int		 order = 0;

	for (i = 0; i < t->node->list.n && order == 0; i++) {
		x = key(c, t, a, i);
		if (c->failed)
			return false;
		y = key(c, t, b, i);
		if (c->failed)
			return false;
		if (jvalue_is_nothing(x) || jvalue_is_nothing(y)) {
			order = jvalue_is_nothing(x) - jvalue_is_nothing(y);
			continue;
		}
		order = compare_keys(c, t->node->position, x, y);
		if (c->failed)
			return false;
		if (t->node->list.node[i]->descending)
			order = -order;
	}
	return order > 0;
}

struct jvalue
jeval_sort(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	struct terms	 t = { n, input, env, jvalue_is_tuples(input), NULL,
	    NULL };
	struct jarray	*out;
	size_t		*order, count = jvalue_count(input), i;

	if (count <= 1)
		return input;
	if (!jeval_room(c, count * n->list.n * sizeof *t.keys))
		return JVALUE_NOTHING;
	t.keys = jarena_alloc(&c->arena, count * n->list.n * sizeof *t.keys);
	t.known = jarena_zalloc(&c->arena, count * n->list.n);
	if ((order = jeval_merge_sort(c, count, goes_after, &t)) == NULL)
		return JVALUE_NOTHING;
	out = jvalue_new_array(&c->arena, count);
	for (i = 0; i < count; i++)
		jeval_push(c, out, jvalue_at(input, order[i]));
	return jvalue_array(out);
}
