/*
 * asl/jsonata/jeval_tuple.c - steps that carry more than a value.
 *
 * From the first @, # or step that a % refers to, a path carries tuples:
 * objects with the value as "@" and the bindings by their names.  A step is
 * evaluated in a frame of its tuple's bindings, and its result's tuples
 * inherit them.
 */

#include <string.h>

#include "jeval.h"

static struct jobject *
new_tuple(struct jeval *c, struct jvalue from)
{
	struct jobject	*o;
	uint32_t	 i;

	if (from.kind != JVALUE_OBJECT)
		return jvalue_new_object(&c->arena, 4);
	if (!jeval_room(c, from.u.o->n * sizeof(struct jmember)))
		return NULL;
	o = jvalue_new_object(&c->arena, from.u.o->n + 3);
	for (i = 0; i < from.u.o->n; i++)
		o->members[i] = from.u.o->members[i];
	o->n = from.u.o->n;
	return o;
}

static void
set(struct jeval *c, struct jobject *tuple, const char *name, struct jvalue v)
{
	jvalue_set(&c->arena, tuple, name, strlen(name), v);
}

struct jvalue
jeval_stages(struct jeval *c, const struct jstages *stages, struct jvalue v,
    struct jframe *env)
{
	const struct jstage	*stage;
	struct jvalue		 item;
	size_t			 i, k, n;

	for (i = 0; i < stages->n && !c->failed; i++) {
		stage = &stages->stage[i];
		if (stage->expr != NULL) {
			v = jeval_filter(c, stage->expr, v, env);
			continue;
		}
		n = jvalue_count(v);
		for (k = 0; k < n; k++) {
			item = jvalue_at(v, k);
			if (item.kind == JVALUE_OBJECT)
				set(c, item.u.o, stage->index,
				    jvalue_int((int64_t)k));
		}
	}
	return v;
}

static struct jvalue
sort_step(struct jeval *c, const struct jnode *step, struct jvalue input,
    struct jvalue tuples, struct jframe *env)
{
	struct jarray	*out;
	struct jobject	*tuple;
	struct jvalue	 v;
	size_t		 n, i;

	if (!jvalue_is_nothing(tuples))
		return jeval_stages(c, &step->stages,
		    jeval_sort(c, step, tuples, env), env);
	v = jeval_sort(c, step, input, env);
	out = jeval_sequence(c);
	out->tuples = true;
	n = c->failed ? 0 : jvalue_count(v);
	for (i = 0; i < n && !c->failed; i++) {
		tuple = jvalue_new_object(&c->arena, 2);
		set(c, tuple, "@", jvalue_at(v, i));
		if (step->index != NULL)
			set(c, tuple, step->index, jvalue_int((int64_t)i));
		jeval_push(c, out, jvalue_object(tuple));
	}
	return jeval_stages(c, &step->stages, jvalue_array(out), env);
}

/* One tuple out: what was there before, and one result of the step. */
static void
add_tuple(struct jeval *c, const struct jnode *step, struct jarray *out,
    struct jvalue before, struct jvalue value, struct jvalue result,
    bool is_tuple, size_t index)
{
	struct jobject	*tuple = new_tuple(c, before);
	uint32_t	 i;

	if (tuple == NULL)
		return;
	if (is_tuple && result.kind == JVALUE_OBJECT) {
		for (i = 0; i < result.u.o->n; i++)
			jvalue_set(&c->arena, tuple,
			    result.u.o->members[i].name,
			    result.u.o->members[i].len,
			    result.u.o->members[i].value);
	} else {
		if (step->focus != NULL) {
			set(c, tuple, step->focus, result);
			set(c, tuple, "@", value);
		} else
			set(c, tuple, "@", result);
		if (step->index != NULL)
			set(c, tuple, step->index, jvalue_int((int64_t)index));
		if (step->ancestor != NULL)
			set(c, tuple, step->ancestor->label, value);
	}
	jeval_push(c, out, jvalue_object(tuple));
}

struct jvalue
jeval_tuple_step(struct jeval *c, const struct jnode *step,
    struct jvalue input, struct jvalue tuples, struct jframe *env)
{
	struct jarray	*out;
	struct jframe	*frame = env;
	struct jvalue	 before = JVALUE_NOTHING, value, v;
	size_t		 n, i, k, m;
	bool		 first = jvalue_is_nothing(tuples);

	if (step->type == JNODE_SORT)
		return sort_step(c, step, input, tuples, env);
	out = jeval_sequence(c);
	out->tuples = true;
	n = jvalue_count(first ? input : tuples);
	for (i = 0; i < n && !c->failed; i++) {
		if (first)
			value = jvalue_at(input, i);
		else {
			before = jvalue_at(tuples, i);
			value = jvalue_get(before, "@", 1);
			frame = jeval_tuple_frame(c, env, before);
		}
		v = jeval_node(c, step, value, frame);
		if (c->failed || jvalue_is_nothing(v))
			continue;
		m = jvalue_is_array(v) ? jvalue_count(v) : 1;
		for (k = 0; k < m && !c->failed; k++)
			add_tuple(c, step, out, before, value,
			    jvalue_is_array(v) ? jvalue_at(v, k) : v,
			    jvalue_is_tuples(v), k);
	}
	if (c->failed)
		return JVALUE_NOTHING;
	return jeval_stages(c, &step->stages, jvalue_array(out), env);
}
