/*
 * asl/jsonata/jfunc_object.c - functions on objects.
 */

#include <math.h>

#include "jfunc.h"
#include "jtext.h"
#include "number_text.h"

/* --- keys, lookup -------------------------------------------------------- */

static void
add_keys(struct jeval *c, struct jobject *keys, struct jvalue v, int depth)
{
	struct jvalue_walk	 walk;
	struct jmember		 m;
	size_t			 n = jvalue_count(v), i;

	if (depth == 0) {
		jeval_fail_limit(c, JEVAL_DEPTH);
		return;
	}
	for (i = 0; i < n && jeval_work(c, 1); i++)
		add_keys(c, keys, jvalue_at(v, i), depth - 1);
	if (!jvalue_is_object(v))
		return;
	jvalue_walk_start(&walk, v);
	while (jvalue_walk_next(&walk, &m) && jeval_work(c, 1)) {
		if (jvalue_member(keys, m.name, m.len) != NULL)
			continue;
		if (!jeval_room(c, sizeof m))
			return;
		jvalue_set(&c->arena, keys, m.name, m.len, jvalue_null());
	}
}

struct jvalue
jfunc_object_keys(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jobject	*keys = jvalue_new_object(&c->arena, 0);
	struct jarray	*out = jeval_sequence(c);
	uint32_t	 i;

	(void)n, (void)context;
	add_keys(c, keys, args[0], JTEXT_DEPTH_MAX);
	for (i = 0; i < keys->n && !c->failed; i++)
		jeval_push(c, out, jvalue_string(keys->members[i].name,
		    keys->members[i].len));
	return jvalue_array(out);
}

struct jvalue
jfunc_object_lookup(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	if (!jvalue_is_string(args[1]))
		return JVALUE_NOTHING;
	return jeval_lookup(c, args[0], args[1].u.s, args[1].len);
}

/* --- merge, spread ------------------------------------------------------- */

struct jvalue
jfunc_object_merge(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jobject		*out;
	struct jvalue_walk	 walk;
	struct jmember		 m;
	size_t			 count = jvalue_count(args[0]), i;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	out = jvalue_new_object(&c->arena, 0);
	for (i = 0; i < count; i++) {
		if (!jeval_work(c, 1) || !jeval_room(c, sizeof m *
		    jvalue_members(jvalue_at(args[0], i))))
			return JVALUE_NOTHING;
		jvalue_walk_start(&walk, jvalue_at(args[0], i));
		while (jvalue_is_object(walk.object) &&
		    jvalue_walk_next(&walk, &m))
			jvalue_set(&c->arena, out, m.name, m.len, m.value);
	}
	return jvalue_object(out);
}

static struct jvalue
spread(struct jeval *c, struct jvalue v, int depth)
{
	struct jvalue_walk	 walk;
	struct jmember		 m;
	struct jarray		*out;
	struct jobject		*one;
	struct jvalue		 part;
	size_t			 n, i;

	if (!jvalue_is_array(v) && !jvalue_is_object(v))
		return v;
	if (depth == 0)
		return jeval_fail_limit(c, JEVAL_DEPTH);
	out = jeval_sequence(c);
	n = jvalue_count(v);
	for (i = 0; i < n && jeval_work(c, 1); i++) {
		part = spread(c, jvalue_at(v, i), depth - 1);
		if (jvalue_is_nothing(part))
			continue;
		out->sequence = false;	/* as $append leaves it */
		if (jvalue_is_array(part))
			jeval_push_all(c, out, part);
		else
			jeval_push(c, out, part);
	}
	if (!jvalue_is_object(v))
		return jvalue_array(out);
	jvalue_walk_start(&walk, v);
	while (jvalue_walk_next(&walk, &m) && jeval_room(c, sizeof m) &&
	    jeval_work(c, 1)) {
		one = jvalue_new_object(&c->arena, 1);
		jvalue_set(&c->arena, one, m.name, m.len, m.value);
		jeval_push(c, out, jvalue_object(one));
	}
	return jvalue_array(out);
}

struct jvalue
jfunc_object_spread(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return spread(c, args[0], JTEXT_DEPTH_MAX);
}

/* --- clone --------------------------------------------------------------- */

static struct jvalue clone(struct jeval *, struct jvalue, int);

static struct jvalue
clone_array(struct jeval *c, struct jvalue v, int depth)
{
	struct jarray	*out = jvalue_new_array(&c->arena, 0);
	struct jvalue	 item;
	size_t		 n = jvalue_count(v), i;

	for (i = 0; i < n && jeval_work(c, 1); i++) {
		item = clone(c, jvalue_at(v, i), depth - 1);
		jeval_push(c, out, jvalue_is_nothing(item) ? jvalue_null() :
		    item);
	}
	return jvalue_array(out);
}

static struct jvalue
clone_object(struct jeval *c, struct jvalue v, int depth)
{
	struct jobject		*out = jvalue_new_object(&c->arena, 0);
	struct jvalue_walk	 walk;
	struct jmember		 m;

	jvalue_walk_start(&walk, v);
	while (jvalue_walk_next(&walk, &m) && jeval_work(c, 1)) {
		if (jvalue_is_nothing(m.value))
			continue;
		if (!jeval_room(c, sizeof m))
			break;
		jvalue_set(&c->arena, out, m.name, m.len,
		    clone(c, m.value, depth - 1));
	}
	return jvalue_object(out);
}

/* What JSON.parse($string(v)) gives: a copy all its own. */
static struct jvalue
clone(struct jeval *c, struct jvalue v, int depth)
{
	char	 text[NUMBER_TEXT_SIZE];
	size_t	 n;
	double	 d;

	if (depth == 0)
		return jeval_fail_limit(c, JEVAL_DEPTH);
	if (jvalue_is_array(v))
		return clone_array(c, v, depth);
	if (jvalue_is_object(v))
		return clone_object(c, v, depth);
	if (jvalue_is_function(v))
		return jvalue_string("", 0);
	if (v.kind == JVALUE_DOUBLE && v.u.d != trunc(v.u.d)) {
		if (!jeval_is_numeric(c, v))
			return jvalue_null();
		n = number_text_print15(v.u.d, text);
		if (number_text_read(text, n, &d))
			return jvalue_double(d);
	}
	return v;
}

struct jvalue
jfunc_object_clone(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jvalue	 v = args[0];

	(void)n, (void)context;
	if (v.kind == JVALUE_ARRAY && v.u.a->outer)
		v = jvalue_at(v, 0);
	return clone(c, v, JTEXT_DEPTH_MAX);
}
