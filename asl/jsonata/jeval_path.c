/*
 * asl/jsonata/jeval_path.c - paths: steps, filters, wildcards.
 *
 * A step is evaluated for each item of the sequence before it, and what comes
 * out is flattened by one level into the next sequence.  The commonest path,
 * names only, is walked without sequences as long as it meets objects.
 */

#include <math.h>

#include "jeval.h"
#include "jtext.h"

/* --- steps --------------------------------------------------------------- */

/* Adds what a step gave for one item. */
static void
flatten_into(struct jeval *c, struct jarray *out, struct jvalue v)
{
	if (v.kind == JVALUE_JSON_ARRAY ||
	    (v.kind == JVALUE_ARRAY && !v.u.a->cons))
		jeval_push_all(c, out, v);
	else
		jeval_push(c, out, v);
}

static struct jvalue
step_item(struct jeval *c, const struct jnode *step, struct jvalue item,
    struct jframe *env)
{
	struct jvalue	 v;
	size_t		 i;

	v = jeval_node(c, step, item, env);
	for (i = 0; i < step->stages.n && !c->failed; i++)
		v = jeval_filter(c, step->stages.stage[i].expr, v, env);
	return v;
}

static struct jvalue
eval_step(struct jeval *c, const struct jnode *step, struct jvalue input,
    struct jframe *env, bool last)
{
	struct jarray	*out;
	struct jvalue	 v, only = JVALUE_NOTHING;
	size_t		 n, i, found = 0;
	bool		 by_name;

	if (step->type == JNODE_SORT) {
		v = jeval_sort(c, step, input, env);
		return c->failed ? v : jeval_stages(c, &step->stages, v, env);
	}
	n = jvalue_count(input);
	by_name = step->type == JNODE_NAME && step->plain &&
	    !step->has_stages && c->depth < c->depth_max && jeval_work(c, n);
	out = jvalue_new_sequence(&c->arena, n < 128 ? n : 128);
	for (i = 0; i < n && !c->failed; i++) {
		if (by_name && jvalue_is_object(v = jvalue_at(input, i))) {
			v = jvalue_get(v, step->name, step->len);
			if (v.kind == JVALUE_ARRAY)
				v = step_item(c, step, jvalue_at(input, i),
				    env);
		} else
			v = step_item(c, step, jvalue_at(input, i), env);
		if (c->failed || jvalue_is_nothing(v))
			continue;
		/* The first is held back: alone, it may stay as it is. */
		if (found++ == 0) {
			only = v;
			continue;
		}
		if (found == 2)
			flatten_into(c, out, only);
		flatten_into(c, out, v);
	}
	if (found == 1) {
		if (last && jvalue_is_array(only) && !jvalue_is_sequence(only))
			return only;
		flatten_into(c, out, only);
	}
	return jvalue_array(out);
}

/* --- paths --------------------------------------------------------------- */

static struct jvalue
values_of(struct jeval *c, struct jvalue tuples)
{
	struct jarray	*out = jeval_sequence(c);
	size_t		 n = jvalue_count(tuples), i;

	for (i = 0; i < n && !c->failed; i++)
		jeval_push(c, out, jvalue_get(jvalue_at(tuples, i), "@", 1));
	return jvalue_array(out);
}

static struct jvalue
walk_steps(struct jeval *c, const struct jnode *n, struct jvalue sequence,
    size_t from, struct jframe *env, bool *tupled)
{
	const struct jnode	*step;
	struct jvalue		 v = sequence, tuples = JVALUE_NOTHING;
	size_t			 i;

	*tupled = false;
	for (i = from; i < n->list.n && !c->failed; i++) {
		step = n->list.node[i];
		*tupled |= step->tuple;
		if (i == 0 && step->cons) {
			v = jeval_node(c, step, sequence, env);
			/* A filter took one item out: there is no step into
			 * it, as there is none in the reference. */
			if (!jvalue_is_array(v) && !jvalue_is_nothing(v) &&
			    n->list.n > 1)
				return jvalue_is_text(v, "") ? v :
				    JVALUE_NOTHING;
		} else if (*tupled)
			tuples = jeval_tuple_step(c, step, sequence, tuples,
			    env);
		else
			v = eval_step(c, step, sequence, env,
			    i == n->list.n - 1);
		if (!*tupled && jvalue_count(v) == 0)
			break;
		if (step->focus == NULL)
			sequence = v;
	}
	return *tupled ? tuples : v;
}

/* From an already walked step on, and what the path does with the result. */
static struct jvalue
finish_path(struct jeval *c, const struct jnode *n, struct jvalue sequence,
    size_t from, struct jframe *env)
{
	struct jvalue	 v, grouped;
	bool		 tupled;

	v = grouped = walk_steps(c, n, sequence, from, env, &tupled);
	if (c->failed)
		return JVALUE_NOTHING;
	if (tupled && !n->tuple)
		v = values_of(c, v);
	if (n->keep_singleton && v.kind == JVALUE_ARRAY) {
		if (v.u.a->cons && !v.u.a->sequence)
			v = jvalue_array(jeval_singleton(c, v));
		v.u.a->keep = true;
	}
	if (!n->has_group)
		return v;
	return jeval_group(c, &n->group, n->group_position,
	    tupled ? grouped : v, env);
}

/* A path of names: as long as there is one object, no sequence is needed. */
static struct jvalue
simple_path(struct jeval *c, const struct jnode *n, struct jvalue v,
    struct jframe *env)
{
	const struct jnode	*step;
	struct jarray		*out;
	size_t			 i;

	if (c->depth + 1 > c->depth_max)
		return jeval_fail_limit(c, JEVAL_DEPTH);
	i = 0;
	if (n->list.node[0]->type == JNODE_VARIABLE)
		v = jeval_node(c, n->list.node[i++], v, env);
	for (; i < n->list.n && !c->failed; i++) {
		if (v.kind == JVALUE_JSON_ARRAY)
			return finish_path(c, n, v, i, env);
		if (v.kind == JVALUE_ARRAY) {
			out = jeval_sequence(c);
			flatten_into(c, out, v);
			return finish_path(c, n, jvalue_array(out), i, env);
		}
		step = n->list.node[i];
		v = jvalue_get(v, step->name, step->len);
	}
	if (!jvalue_is_sequence(v))
		return v;
	out = jeval_sequence(c);
	flatten_into(c, out, v);
	return jvalue_array(out);
}

struct jvalue
jeval_path(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	if (n->simple && (!jvalue_is_array(input) ||
	    n->list.node[0]->type == JNODE_VARIABLE))
		return simple_path(c, n, input, env);
	if (!jvalue_is_array(input) ||
	    n->list.node[0]->type == JNODE_VARIABLE)
		input = jvalue_array(jeval_singleton(c, input));
	return finish_path(c, n, input, 0, env);
}

/* --- filters ------------------------------------------------------------- */

static struct jvalue
pick(struct jeval *c, double number, struct jvalue input)
{
	struct jarray	*out = jeval_sequence(c);
	size_t		 n = jvalue_is_array(input) ? jvalue_count(input) : 1;
	double		 index = floor(number);
	struct jvalue	 item;

	out->tuples = jvalue_is_tuples(input);
	if (index < 0)
		index += (double)n;
	if (index < 0 || index >= (double)n)
		return jvalue_array(out);
	item = jvalue_is_array(input) ? jvalue_at(input, (size_t)index) : input;
	if (jvalue_is_array(item))
		return item;
	if (!jvalue_is_nothing(item))
		jeval_push(c, out, item);
	return jvalue_array(out);
}

/* Every item a number, and then: how often is index among them? */
static bool
count_indexes(struct jeval *c, struct jvalue v, size_t n, size_t index,
    size_t *times)
{
	struct jvalue	 item;
	size_t		 count = jvalue_count(v), i;
	double		 d;

	*times = 0;
	if (!jeval_work(c, count))
		return false;
	for (i = 0; i < count; i++)
		if (!jeval_is_numeric(c, jvalue_at(v, i)))
			return false;
	for (i = 0; i < count; i++) {
		item = jvalue_at(v, i);
		d = floor(jvalue_number(item));
		if (d < 0)
			d += (double)n;
		*times += d == (double)index;
	}
	return true;
}

/* How often the item at index passes: a truth, or an index, or some. */
static size_t
passes(struct jeval *c, struct jvalue v, size_t n, size_t index)
{
	size_t	 times;
	double	 d;

	if (v.kind == JVALUE_BOOL)
		return v.u.b;
	if (jvalue_is_number(v) && jeval_is_numeric(c, v)) {
		d = floor(jvalue_number(v));
		return (d < 0 ? d + (double)n : d) == (double)index;
	}
	if (c->failed)
		return 0;
	if (jvalue_is_array(v) && count_indexes(c, v, n, index, &times))
		return times;
	return c->failed ? 0 : jeval_boolean(c, v) == 1;
}

struct jvalue
jeval_filter(struct jeval *c, const struct jnode *predicate,
    struct jvalue input, struct jframe *env)
{
	struct jeval_scratch	 scratch;
	struct jarray		*out;
	struct jvalue		 item, v;
	struct jframe		*frame = env;
	size_t			 n, i, times;
	bool			 tuples = jvalue_is_tuples(input);

	if (predicate->type == JNODE_NUMBER)
		return pick(c, jvalue_number(predicate->value), input);
	if (!jvalue_is_array(input))
		input = jvalue_array(jeval_singleton(c, input));
	out = jeval_sequence(c);
	out->tuples = tuples;
	n = jvalue_count(input);
	if (!predicate->binds && !tuples) {
		/* So that it grows before what each item needs. */
		out->cap = n < 16 ? n : 16;
		out->items = jarena_alloc(&c->arena,
		    out->cap * sizeof *out->items);
	}
	for (i = 0; i < n && !c->failed; i++) {
		item = jvalue_at(input, i);
		scratch = jeval_scratch(c);
		if (tuples)
			frame = jeval_tuple_frame(c, env, item);
		v = jeval_node(c, predicate,
		    tuples ? jvalue_get(item, "@", 1) : item, frame);
		if (c->failed)
			break;
		times = passes(c, v, n, i);
		if (!predicate->binds)
			jeval_unscratch(c, scratch, NULL, 0);
		while (times-- > 0 && !c->failed)
			jeval_push(c, out, item);
	}
	return jvalue_array(out);
}

/* --- * and ** ------------------------------------------------------------ */

static void
flatten_all(struct jeval *c, struct jarray *out, struct jvalue v, int depth)
{
	size_t	 n, i;

	if (!jvalue_is_array(v)) {
		jeval_push(c, out, v);
		return;
	}
	n = jvalue_count(v);
	if (depth == 0) {
		jeval_fail_limit(c, JEVAL_DEPTH);
		return;
	}
	if (jeval_work(c, n))
		for (i = 0; i < n && !c->failed; i++)
			flatten_all(c, out, jvalue_at(v, i), depth - 1);
}

struct jvalue
jeval_wildcard(struct jeval *c, struct jvalue input)
{
	struct jarray		*out = jeval_sequence(c);
	struct jvalue_walk	 walk;
	struct jmember		 m;
	size_t			 n, i;

	if (input.kind == JVALUE_ARRAY && input.u.a->outer && input.u.a->n > 0)
		input = jvalue_at(input, 0);
	if (jvalue_is_array(input)) {
		n = jvalue_count(input);
		for (i = 0; i < n && !c->failed; i++) {
			flatten_all(c, out, jvalue_at(input, i),
			    JTEXT_DEPTH_MAX);
			out->sequence &= !jvalue_is_array(jvalue_at(input, i));
		}
	} else if (jvalue_is_object(input)) {
		jvalue_walk_start(&walk, input);
		while (jvalue_walk_next(&walk, &m) && !c->failed) {
			flatten_all(c, out, m.value, JTEXT_DEPTH_MAX);
			/* As the reference: appended to, it is an array. */
			out->sequence &= !jvalue_is_array(m.value);
		}
	}
	return jvalue_array(out);
}

static void
descend(struct jeval *c, struct jarray *out, struct jvalue v, int depth)
{
	struct jvalue_walk	 walk;
	struct jmember		 m;
	size_t			 n, i;

	if (depth == 0) {
		jeval_fail_limit(c, JEVAL_DEPTH);
		return;
	}
	if (!jeval_work(c, 1))
		return;
	if (jvalue_is_array(v)) {
		n = jvalue_count(v);
		for (i = 0; i < n && !c->failed; i++)
			descend(c, out, jvalue_at(v, i), depth - 1);
		return;
	}
	jeval_push(c, out, v);
	if (jvalue_is_object(v)) {
		jvalue_walk_start(&walk, v);
		while (jvalue_walk_next(&walk, &m) && !c->failed)
			descend(c, out, m.value, depth - 1);
	}
}

struct jvalue
jeval_descendants(struct jeval *c, struct jvalue input)
{
	struct jarray	*out = jeval_sequence(c);

	if (jvalue_is_nothing(input))
		return input;
	descend(c, out, input, JTEXT_DEPTH_MAX);
	return out->n == 1 ? jvalue_at(jvalue_array(out), 0) :
	    jvalue_array(out);
}
