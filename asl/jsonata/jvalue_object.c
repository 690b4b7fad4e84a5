/*
 * asl/jsonata/jvalue_object.c - objects: a list of members in their order, and
 * from the ninth member on a hash index over it.
 *
 * The index holds member numbers plus one in open addressing; it is made when
 * a lookup needs it and thrown away when members go.
 */

#include <string.h>

#include "jvalue.h"

#define INDEX_FROM	9

struct jobject *
jvalue_new_object(struct jarena *arena, size_t cap)
{
	struct jobject	*o = jarena_zalloc(arena, sizeof *o);

	if (cap > 0)
		o->members = jarena_alloc(arena, cap * sizeof *o->members);
	o->cap = (uint32_t)cap;
	return o;
}

static uint32_t
hash(const char *s, size_t len)
{
	uint32_t	 h = 2166136261u;
	size_t		 i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h ^ h >> 15;
}

static bool
is_named(const struct jmember *m, const char *name, size_t len)
{
	return m->name == name ? m->len == len :
	    m->len == len && memcmp(m->name, name, len) == 0;
}

static void
put_in_index(struct jobject *o, uint32_t i)
{
	uint32_t	 at = hash(o->members[i].name, o->members[i].len);

	while (o->slots[at &= o->nslots - 1] != 0)
		at++;
	o->slots[at] = i + 1;
}

static void
build_index(struct jarena *arena, struct jobject *o)
{
	uint32_t	 i;

	o->nslots = 32;
	while (o->nslots < o->n * 4)
		o->nslots *= 2;
	o->slots = jarena_zalloc(arena, o->nslots * sizeof *o->slots);
	for (i = 0; i < o->n; i++)
		put_in_index(o, i);
}

struct jmember *
jvalue_member(struct jobject *o, const char *name, size_t len)
{
	uint32_t	 i, at;

	if (o->slots != NULL) {
		at = hash(name, len);
		while ((i = o->slots[at &= o->nslots - 1]) != 0) {
			if (is_named(&o->members[i - 1], name, len))
				return &o->members[i - 1];
			at++;
		}
		return NULL;
	}
	for (i = 0; i < o->n; i++)
		if (is_named(&o->members[i], name, len))
			return &o->members[i];
	return NULL;
}

struct jvalue
jvalue_get(struct jvalue v, const char *name, size_t len)
{
	struct jmember	*m;

	if (v.kind == JVALUE_JSON_OBJECT)
		return jvalue_json(json_object_getn(v.u.j, name, len));
	if (v.kind != JVALUE_OBJECT ||
	    (m = jvalue_member(v.u.o, name, len)) == NULL)
		return JVALUE_NOTHING;
	return m->value;
}

bool
jvalue_has(struct jvalue v, const char *name, size_t len)
{
	if (v.kind == JVALUE_JSON_OBJECT)
		return json_object_getn(v.u.j, name, len) != NULL;
	return v.kind == JVALUE_OBJECT &&
	    jvalue_member(v.u.o, name, len) != NULL;
}

void
jvalue_set(struct jarena *arena, struct jobject *o, const char *name,
    size_t len, struct jvalue value)
{
	struct jmember	*m = jvalue_member(o, name, len);

	if (m != NULL)
		m->value = value;
	else
		jvalue_add(arena, o, name, len, value);
}

void
jvalue_add(struct jarena *arena, struct jobject *o, const char *name,
    size_t len, struct jvalue value)
{
	struct jmember	*m, *members;
	uint32_t	 cap;

	if (o->n == o->cap) {
		cap = o->cap < 4 ? 4 : o->cap * 2;
		members = jarena_alloc(arena, cap * sizeof *members);
		if (o->n > 0)
			memcpy(members, o->members, o->n * sizeof *members);
		o->members = members;
		o->cap = cap;
	}
	m = &o->members[o->n++];
	m->name = name;
	m->len = (uint32_t)len;
	m->value = value;
	if (o->slots != NULL && o->n * 2 <= o->nslots)
		put_in_index(o, o->n - 1);
	else if (o->n >= INDEX_FROM)
		build_index(arena, o);
}

void
jvalue_delete(struct jarena *arena, struct jobject *o, const char *name,
    size_t len)
{
	struct jmember	*m = jvalue_member(o, name, len);
	size_t		 i;

	if (m == NULL)
		return;
	i = (size_t)(m - o->members);
	memmove(m, m + 1, (o->n - i - 1) * sizeof *m);
	o->n--;
	o->slots = NULL;
	if (o->n >= INDEX_FROM)
		build_index(arena, o);
}

size_t
jvalue_members(struct jvalue v)
{
	return v.kind == JVALUE_OBJECT ? v.u.o->n :
	    v.kind == JVALUE_JSON_OBJECT ? json_object_size(v.u.j) : 0;
}

void
jvalue_walk_start(struct jvalue_walk *walk, struct jvalue object)
{
	walk->object = object;
	walk->i = 0;
	walk->iter = object.kind == JVALUE_JSON_OBJECT ?
	    json_object_iter(object.u.j) : NULL;
}

bool
jvalue_walk_next(struct jvalue_walk *walk, struct jmember *m)
{
	if (walk->object.kind == JVALUE_OBJECT) {
		if (walk->i >= walk->object.u.o->n)
			return false;
		*m = walk->object.u.o->members[walk->i++];
		return true;
	}
	if (walk->iter == NULL)
		return false;
	m->name = json_object_iter_key(walk->iter);
	m->len = (uint32_t)json_object_iter_key_len(walk->iter);
	m->value = jvalue_json(json_object_iter_value(walk->iter));
	walk->iter = json_object_iter_next(walk->object.u.j, walk->iter);
	return true;
}
