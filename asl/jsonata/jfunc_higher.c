/*
 * asl/jsonata/jfunc_higher.c - functions that call a function for each item.
 *
 * It gets as many of (item, index or key, the whole) as it declares.
 */

#include "jfunc.h"

/* Calls f with at most three arguments, as many as it takes. */
static struct jvalue
call(struct jeval *c, struct jvalue f, struct jvalue item, struct jvalue at,
    struct jvalue whole)
{
	struct jvalue	 args[3];
	size_t		 takes;

	if (!jvalue_is_function(f))
		return jeval_fail(c, JFAULT_T1006, -1);
	takes = jeval_arity(f);
	args[0] = item;
	args[1] = at;
	args[2] = whole;
	return jeval_invoke(c, f, args, takes < 1 ? 1 : takes > 3 ? 3 : takes);
}

struct jvalue
jfunc_higher_map(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jarray	*out;
	struct jvalue	 v;
	size_t		 count = jvalue_count(args[0]), i;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	out = jvalue_new_sequence(&c->arena, count < 64 ? count : 64);
	for (i = 0; i < count; i++) {
		v = call(c, args[1], jvalue_at(args[0], i),
		    jvalue_int((int64_t)i), args[0]);
		if (c->failed)
			return JVALUE_NOTHING;
		if (!jvalue_is_nothing(v))
			jeval_push(c, out, v);
	}
	return jvalue_array(out);
}

struct jvalue
jfunc_higher_filter(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jarray	*out;
	struct jvalue	 v;
	size_t		 count = jvalue_count(args[0]), i;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	out = jvalue_new_sequence(&c->arena, count < 64 ? count : 64);
	for (i = 0; i < count; i++) {
		v = call(c, args[1], jvalue_at(args[0], i),
		    jvalue_int((int64_t)i), args[0]);
		if (c->failed)
			return JVALUE_NOTHING;
		if (jeval_boolean(c, v) == 1)
			jeval_push(c, out, jvalue_at(args[0], i));
	}
	return jvalue_array(out);
}

struct jvalue
jfunc_higher_single(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jvalue	 found = JVALUE_NOTHING, v;
	size_t		 count = jvalue_count(args[0]), i;
	bool		 has = false, passes;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	for (i = 0; i < count; i++) {
		passes = true;
		if (!jvalue_is_nothing(args[1])) {
			v = call(c, args[1], jvalue_at(args[0], i),
			    jvalue_int((int64_t)i), args[0]);
			passes = !c->failed && jeval_boolean(c, v) == 1;
		}
		if (c->failed)
			return JVALUE_NOTHING;
		if (passes && has) {
			jeval_fail(c, JFAULT_D3138, -1);
			c->fault.index = jvalue_int((int64_t)i);
			return JVALUE_NOTHING;
		}
		if (passes)
			found = jvalue_at(args[0], i);
		has |= passes;
	}
	return has ? found : jeval_fail(c, JFAULT_D3139, -1);
}

struct jvalue
jfunc_higher_reduce(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jvalue	 v = args[2], list[4];
	size_t		 count = jvalue_count(args[0]), takes, i = 0;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	takes = jeval_arity(args[1]);
	if (takes < 2) {
		jeval_fail(c, JFAULT_D3050, -1);
		c->fault.index = jvalue_int(1);
		return JVALUE_NOTHING;
	}
	if (jvalue_is_nothing(v) && count > 0)
		v = jvalue_at(args[0], i++);
	for (; i < count; i++) {
		list[0] = v;
		list[1] = jvalue_at(args[0], i);
		list[2] = jvalue_int((int64_t)i);
		list[3] = args[0];
		v = jeval_invoke(c, args[1], list, takes > 4 ? 4 : takes);
		if (c->failed)
			return JVALUE_NOTHING;
	}
	return v;
}

struct jvalue
jfunc_higher_each(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jarray		*out = jeval_sequence(c);
	struct jvalue_walk	 walk;
	struct jmember		 m;
	struct jvalue		 v;

	(void)n, (void)context;
	if (!jvalue_is_object(args[0]))
		return jvalue_array(out);
	jvalue_walk_start(&walk, args[0]);
	while (jvalue_walk_next(&walk, &m)) {
		v = call(c, args[1], m.value, jvalue_string(m.name, m.len),
		    args[0]);
		if (c->failed)
			return JVALUE_NOTHING;
		if (!jvalue_is_nothing(v))
			jeval_push(c, out, v);
	}
	return jvalue_array(out);
}

struct jvalue
jfunc_higher_sift(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jobject		*out = jvalue_new_object(&c->arena, 0);
	struct jvalue_walk	 walk;
	struct jmember		 m;
	struct jvalue		 v;

	(void)n, (void)context;
	if (!jvalue_is_object(args[0]))
		return JVALUE_NOTHING;
	jvalue_walk_start(&walk, args[0]);
	while (jvalue_walk_next(&walk, &m)) {
		v = call(c, args[1], m.value, jvalue_string(m.name, m.len),
		    args[0]);
		if (c->failed)
			return JVALUE_NOTHING;
		if (jeval_boolean(c, v) == 1 && jeval_room(c, sizeof m))
			jvalue_set(&c->arena, out, m.name, m.len, m.value);
	}
	return out->n == 0 ? JVALUE_NOTHING : jvalue_object(out);
}
