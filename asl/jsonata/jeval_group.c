/*
 * asl/jsonata/jeval_group.c - { key: value, ... }, by itself or behind a path.
 *
 * First every item goes into the group of its key; then each group's value is
 * evaluated once, over the item or the array of its items.
 */

#include <string.h>

#include "jeval.h"

/* A value that grows by $append, in place once it is our own array. */
struct gathered {
	struct jvalue	 v;
	bool		 own;
};

static void
gather(struct jeval *c, struct gathered *g, struct jvalue v)
{
	if (jvalue_is_nothing(v))
		return;
	if (!g->own) {
		g->own = !jvalue_is_nothing(g->v);
		g->v = jeval_append(c, g->v, v);
	} else if (jvalue_is_array(v))
		jeval_push_all(c, g->v.u.a, v);
	else
		jeval_push(c, g->v.u.a, v);
}

struct entry {
	struct gathered	 data;
	size_t		 pair;
};

struct grouping {
	struct jeval	*c;
	const struct jnodes *pairs;
	long		 position;
	struct jobject	*keys;		/* key: number of its entry */
	struct entry	*entries;
	size_t		 n, cap;
	bool		 tuples;
};

static struct entry *
new_entry(struct grouping *g, struct jvalue key, size_t pair)
{
	struct entry	*grown;

	if (g->n == g->cap) {
		g->cap = g->cap == 0 ? 4 : g->cap * 2;
		if (!jeval_room(g->c, g->cap * sizeof *grown / 2))
			return NULL;
		grown = jarena_alloc(&g->c->arena, g->cap * sizeof *grown);
		if (g->n > 0)
			memcpy(grown, g->entries, g->n * sizeof *grown);
		g->entries = grown;
	}
	jvalue_set(&g->c->arena, g->keys, key.u.s, key.len,
	    jvalue_int((int64_t)g->n));
	memset(&g->entries[g->n], 0, sizeof g->entries[g->n]);
	g->entries[g->n].pair = pair;
	return &g->entries[g->n++];
}

static void
put(struct grouping *g, struct jvalue key, size_t pair, struct jvalue item)
{
	struct jmember	*m;
	struct entry	*entry;

	m = jvalue_member(g->keys, key.u.s, key.len);
	if (m == NULL) {
		if ((entry = new_entry(g, key, pair)) != NULL)
			entry->data.v = item;
		return;
	}
	entry = &g->entries[m->value.u.i];
	if (entry->pair != pair)
		jeval_fail_value(g->c, JFAULT_D1009, g->position, key);
	else if (jvalue_is_nothing(entry->data.v))
		entry->data.v = item;
	else
		gather(g->c, &entry->data, item);
}

static void
put_item(struct grouping *g, struct jvalue item, struct jframe *env)
{
	struct jeval	*c = g->c;
	struct jvalue	 key, context = item;
	size_t		 i;

	if (g->tuples) {
		context = jvalue_get(item, "@", 1);
		env = jeval_tuple_frame(c, env, item);
	}
	for (i = 0; i < g->pairs->n && !c->failed; i += 2) {
		key = jeval_node(c, g->pairs->node[i], context, env);
		if (c->failed || jvalue_is_nothing(key))
			continue;
		if (!jvalue_is_string(key))
			jeval_fail_value(c, JFAULT_T1003, g->position, key);
		else
			put(g, key, i, item);
	}
}

/* Many tuples become one whose bindings hold what all of them hold. */
static struct jvalue
reduce(struct jeval *c, struct jvalue tuples)
{
	struct jobject	*out;
	struct gathered	*all;
	struct jvalue	 tuple;
	struct jmember	*m;
	size_t		 n, i;
	uint32_t	 k, cap;

	if (!jvalue_is_array(tuples))
		return tuples;
	n = jvalue_count(tuples);
	for (i = 0, cap = 0; i < n; i++)
		if (jvalue_members(jvalue_at(tuples, i)) > cap)
			cap = (uint32_t)jvalue_members(jvalue_at(tuples, i));
	cap = 4 * cap + 4;
	all = jarena_zalloc(&c->arena, cap * sizeof *all);
	out = jvalue_new_object(&c->arena, cap);
	for (i = 0; i < n && !c->failed; i++) {
		tuple = jvalue_at(tuples, i);
		for (k = 0; tuple.kind == JVALUE_OBJECT && k < tuple.u.o->n;
		    k++) {
			m = jvalue_member(out, tuple.u.o->members[k].name,
			    tuple.u.o->members[k].len);
			if (m == NULL && out->n == cap) {
				jeval_fail_limit(c, JEVAL_MEMORY);
				break;
			}
			if (m == NULL) {
				jvalue_set(&c->arena, out,
				    tuple.u.o->members[k].name,
				    tuple.u.o->members[k].len, JVALUE_NOTHING);
				m = &out->members[out->n - 1];
			}
			gather(c, &all[m - out->members],
			    tuple.u.o->members[k].value);
			m->value = all[m - out->members].v;
		}
	}
	return jvalue_object(out);
}

static struct jvalue
value_of(struct grouping *g, struct entry *entry, struct jframe *env)
{
	struct jeval		*c = g->c;
	const struct jnode	*node = g->pairs->node[entry->pair + 1];
	struct jvalue		 tuple, context = entry->data.v;

	if (g->tuples) {
		tuple = reduce(c, context);
		if (c->failed || tuple.kind != JVALUE_OBJECT)
			return JVALUE_NOTHING;
		context = jvalue_get(tuple, "@", 1);
		/* As the reference, in the tuple itself if it is alone. */
		jvalue_delete(&c->arena, tuple.u.o, "@", 1);
		env = jeval_tuple_frame(c, env, tuple);
	}
	return jeval_node(c, node, context, env);
}

/* { "a": x, "b": y } over one item: nothing to gather. */
struct jvalue
jeval_record(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	const struct jnode	*key;
	struct jobject		*out;
	struct jvalue		 v;
	size_t			 i;

	if (!n->record || jvalue_is_array(input))
		return jeval_group(c, &n->list, n->position, input, env);
	if (!jeval_room(c, n->list.n * sizeof(struct jmember) / 2))
		return JVALUE_NOTHING;
	out = jvalue_new_object(&c->arena, n->list.n / 2);
	for (i = 0; i < n->list.n && !c->failed; i += 2) {
		v = jeval_node(c, n->list.node[i + 1], input, env);
		if (c->failed || jvalue_is_nothing(v))
			continue;
		key = n->list.node[i];
		jvalue_add(&c->arena, out, key->value.u.s, key->value.len, v);
	}
	return jvalue_object(out);
}

struct jvalue
jeval_group(struct jeval *c, const struct jnodes *pairs, long position,
    struct jvalue input, struct jframe *env)
{
	struct grouping	 g = { c, pairs, position, NULL, NULL, 0, 0, false };
	struct jobject	*out;
	struct jmember	*keys;
	struct jvalue	 v;
	size_t		 n, i;

	g.tuples = jvalue_is_tuples(input);
	g.keys = jvalue_new_object(&c->arena, pairs->n / 2);
	n = jvalue_is_array(input) ? jvalue_count(input) : 1;
	if (!jvalue_is_array(input))
		put_item(&g, input, env);
	else if (n == 0 && !g.tuples)
		put_item(&g, JVALUE_NOTHING, env);
	else
		for (i = 0; i < n && !c->failed; i++)
			put_item(&g, jvalue_at(input, i), env);
	if (c->failed || !jeval_room(c, g.n * sizeof *keys))
		return JVALUE_NOTHING;
	out = jvalue_new_object(&c->arena, g.n);
	for (i = 0; i < g.n && !c->failed; i++) {
		v = value_of(&g, &g.entries[i], env);
		keys = &g.keys->members[i];
		if (!c->failed && !jvalue_is_nothing(v))
			jvalue_set(&c->arena, out, keys->name, keys->len, v);
	}
	return jvalue_object(out);
}
