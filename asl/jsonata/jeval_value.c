/*
 * asl/jsonata/jeval_value.c - what the whole evaluator does with values:
 * append, look up, make text, tell true from false.
 */

#include <math.h>
#include <string.h>

#include "jeval.h"
#include "jtext.h"

static bool equal(struct jeval *, struct jvalue, struct jvalue, int);

/* What a value in an array counts in memory: the real service's figure. */
#define ITEM_BYTES	8

struct jarray *
jeval_sequence(struct jeval *c)
{
	return jvalue_new_sequence(&c->arena, 0);
}

struct jarray *
jeval_singleton(struct jeval *c, struct jvalue v)
{
	struct jarray	*a = jvalue_new_sequence(&c->arena, 1);

	jvalue_push(&c->arena, a, v);
	return a;
}

void
jeval_push(struct jeval *c, struct jarray *a, struct jvalue v)
{
	if (jeval_room(c, ITEM_BYTES))
		jvalue_push(&c->arena, a, v);
}

void
jeval_push_all(struct jeval *c, struct jarray *a, struct jvalue v)
{
	size_t	 n = jvalue_count(v);

	if (jeval_work(c, n / 8) && jeval_room(c, n * ITEM_BYTES))
		jvalue_push_all(&c->arena, a, v);
}

struct jvalue
jeval_append(struct jeval *c, struct jvalue a, struct jvalue b)
{
	struct jarray	*joined;

	if (jvalue_is_nothing(a))
		return b;
	if (jvalue_is_nothing(b))
		return a;
	joined = jvalue_new_array(&c->arena, 0);
	if (jvalue_is_array(a))
		jeval_push_all(c, joined, a);
	else
		jeval_push(c, joined, a);
	if (jvalue_is_array(b))
		jeval_push_all(c, joined, b);
	else
		jeval_push(c, joined, b);
	return jvalue_array(joined);
}

struct jvalue
jeval_lookup(struct jeval *c, struct jvalue v, const char *name, size_t len)
{
	struct jarray	*found;
	struct jvalue	 item;
	size_t		 n, i;

	if (!jvalue_is_array(v))
		return jvalue_get(v, name, len);
	found = jeval_sequence(c);
	n = jvalue_count(v);
	if (!jeval_work(c, n))
		return JVALUE_NOTHING;
	if (++c->depth > c->depth_max + 1000)	/* arrays within arrays */
		return jeval_fail_limit(c, JEVAL_DEPTH);
	for (i = 0; i < n && !c->failed; i++) {
		item = jvalue_at(v, i);
		item = jvalue_is_array(item) ?
		    jeval_lookup(c, item, name, len) :
		    jvalue_get(item, name, len);
		if (jvalue_is_array(item))
			jeval_push_all(c, found, item);
		else if (!jvalue_is_nothing(item))
			jeval_push(c, found, item);
	}
	c->depth--;
	return jvalue_array(found);
}

/* --- text ---------------------------------------------------------------- */

char *
jeval_text(struct jeval *c, size_t len)
{
	if (len > UINT32_MAX / 2)
		jeval_fail_limit(c, JEVAL_MEMORY);
	if (!jeval_work(c, len / 64) || !jeval_room(c, len))
		return NULL;
	return jarena_alloc(&c->arena, len + 1);
}

struct jvalue
jeval_copy_text(struct jeval *c, const char *s, size_t len)
{
	char	*copy = jeval_text(c, len);

	if (copy == NULL)
		return JVALUE_NOTHING;
	memcpy(copy, s, len);
	return jvalue_string(copy, len);
}

void
jeval_buffer(struct jeval *c, struct strbuf *b)
{
	strbuf_init(b, c->memory < UINT32_MAX / 2 ? c->memory :
	    UINT32_MAX / 2);
}

struct jvalue
jeval_take(struct jeval *c, struct strbuf *b)
{
	struct jvalue	 v = JVALUE_NOTHING;

	if (strbuf_failed(b))
		jeval_fail_limit(c, JEVAL_MEMORY);
	else if (!c->failed)
		v = jeval_copy_text(c, strbuf_str(b), b->len);
	strbuf_free(b);
	return v;
}

/* $string refuses infinities, deep inside too. */
static bool
finite_all(struct jeval *c, struct jvalue v, int depth)
{
	struct jvalue_walk	 walk;
	struct jmember		 m;
	size_t			 n, i;

	if (v.kind == JVALUE_DOUBLE) {
		if (isfinite(v.u.d) || isnan(v.u.d))
			return true;
		jeval_fail_value(c, JFAULT_D1001, -1, v);
		return false;
	}
	if (v.kind == JVALUE_ARRAY || v.kind == JVALUE_OBJECT) {
		if (depth == 0) {
			jeval_fail_limit(c, JEVAL_DEPTH);
			return false;
		}
		n = jvalue_count(v) + jvalue_members(v);
		if (!jeval_work(c, n))
			return false;
		if (v.kind == JVALUE_OBJECT) {
			jvalue_walk_start(&walk, v);
			while (jvalue_walk_next(&walk, &m))
				if (!finite_all(c, m.value, depth - 1))
					return false;
		} else
			for (i = 0; i < n && !v.u.a->range; i++)
				if (!finite_all(c, v.u.a->items[i], depth - 1))
					return false;
	}
	return true;
}

struct jvalue
jeval_string(struct jeval *c, struct jvalue v, bool pretty)
{
	struct strbuf	 b;

	if (jvalue_is_nothing(v) || jvalue_is_string(v))
		return v;
	if (jvalue_is_function(v))
		return jvalue_string("", 0);
	if (v.kind == JVALUE_DOUBLE && !isfinite(v.u.d))
		return jeval_fail_value(c, JFAULT_D3001, -1, v);
	if (v.kind == JVALUE_ARRAY && v.u.a->outer)
		v = jvalue_at(v, 0);
	if (!finite_all(c, v, JTEXT_DEPTH_MAX))
		return JVALUE_NOTHING;
	jeval_buffer(c, &b);
	jtext_print(v, pretty ? JTEXT_PRETTY : JTEXT_15, &b);
	return jeval_take(c, &b);
}

/* --- truth --------------------------------------------------------------- */

bool
jeval_is_numeric(struct jeval *c, struct jvalue v)
{
	if (v.kind == JVALUE_INT)
		return true;
	if (v.kind != JVALUE_DOUBLE || isnan(v.u.d))
		return false;
	if (isfinite(v.u.d))
		return true;
	jeval_fail_value(c, JFAULT_D1001, -1, v);
	return false;
}

static int
boolean(struct jeval *c, struct jvalue v, int depth)
{
	size_t	 n, i;
	bool	 any = false;

	switch ((enum jkind)v.kind) {
	case JVALUE_UNDEFINED:
		return -1;
	case JVALUE_NULL:
	case JVALUE_FUNCTION:
		return 0;
	case JVALUE_BOOL:
		return v.u.b;
	case JVALUE_INT:
		return v.u.i != 0;
	case JVALUE_DOUBLE:
		return jeval_is_numeric(c, v) && v.u.d != 0;
	case JVALUE_STRING:
		return v.len > 0;
	case JVALUE_OBJECT:
	case JVALUE_JSON_OBJECT:
		return jvalue_members(v) > 0;
	case JVALUE_ARRAY:
	case JVALUE_JSON_ARRAY:
		break;
	}
	n = jvalue_count(v);
	if (depth == 0) {
		jeval_fail_limit(c, JEVAL_DEPTH);
		return -1;
	}
	if (n == 1)
		return boolean(c, jvalue_at(v, 0), depth - 1);
	if (!jeval_work(c, n))
		return -1;
	for (i = 0; i < n && !c->failed && !any; i++)
		any = boolean(c, jvalue_at(v, i), depth - 1) == 1;
	return any;
}

int
jeval_boolean(struct jeval *c, struct jvalue v)
{
	return boolean(c, v, JTEXT_DEPTH_MAX);
}

static bool
equal_objects(struct jeval *c, struct jvalue a, struct jvalue b, int depth)
{
	struct jvalue_walk	 walk;
	struct jmember		 m;

	if (jvalue_members(a) != jvalue_members(b))
		return false;
	jvalue_walk_start(&walk, a);
	while (jvalue_walk_next(&walk, &m))
		if (!jvalue_has(b, m.name, m.len) || !equal(c, m.value,
		    jvalue_get(b, m.name, m.len), depth))
			return false;
	return true;
}

static bool
equal(struct jeval *c, struct jvalue a, struct jvalue b, int depth)
{
	size_t	 n, i;

	if (jvalue_same(a, b))
		return true;
	if (depth == 0) {
		jeval_fail_limit(c, JEVAL_DEPTH);
		return false;
	}
	if (!jeval_work(c, 1))
		return false;
	if (jvalue_is_object(a) && jvalue_is_object(b))
		return equal_objects(c, a, b, depth - 1);
	if (!jvalue_is_array(a) || !jvalue_is_array(b))
		return false;
	n = jvalue_count(a);
	if (n != jvalue_count(b))
		return false;
	for (i = 0; i < n; i++)
		if (!equal(c, jvalue_at(a, i), jvalue_at(b, i), depth - 1))
			return false;
	return true;
}

bool
jeval_equal(struct jeval *c, struct jvalue a, struct jvalue b)
{
	return equal(c, a, b, JTEXT_DEPTH_MAX);
}
