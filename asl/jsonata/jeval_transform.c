/*
 * asl/jsonata/jeval_transform.c - | pattern | update, delete |
 *
 * The function it makes works on a copy of its argument, which is all its own:
 * what the pattern finds in there is changed where it stands.
 */

#include "jeval.h"
#include "jfunc.h"

static void
update(struct jeval *c, const struct jnode *n, struct jvalue match,
    struct jframe *env)
{
	struct jvalue_walk	 walk;
	struct jmember		 m;
	struct jvalue		 v = jeval_node(c, n->rhs, match, env);

	if (c->failed || jvalue_is_nothing(v))
		return;
	if (!jvalue_is_object(v) && !jvalue_is_function(v)) {
		jeval_fail_value(c, JFAULT_T2011, n->rhs->position, v);
		return;
	}
	if (match.kind != JVALUE_OBJECT || v.u.o == match.u.o ||
	    !jeval_room(c, jvalue_members(v) * sizeof m))
		return;
	jvalue_walk_start(&walk, v);
	while (jvalue_walk_next(&walk, &m))
		jvalue_set(&c->arena, match.u.o, m.name, m.len, m.value);
}

static void
delete(struct jeval *c, const struct jnode *n, struct jvalue match,
    struct jframe *env)
{
	struct jvalue	 v = jeval_node(c, n->third, match, env), name;
	size_t		 count, i;

	if (c->failed || jvalue_is_nothing(v))
		return;
	count = jvalue_is_array(v) ? jvalue_count(v) : 1;
	for (i = 0; i < count; i++)
		if (!jvalue_is_string(jvalue_is_array(v) ? jvalue_at(v, i) :
		    v)) {
			jeval_fail_value(c, JFAULT_T2012, n->third->position,
			    v);
			return;
		}
	if (match.kind != JVALUE_OBJECT || !jeval_work(c, count))
		return;
	for (i = 0; i < count; i++) {
		name = jvalue_is_array(v) ? jvalue_at(v, i) : v;
		jvalue_delete(&c->arena, match.u.o, name.u.s, name.len);
	}
}

static struct jvalue
copy(struct jeval *c, const struct jfunction *f, struct jvalue arg)
{
	struct jvalue	 clone;

	clone = jeval_variable(c, f->env, jprogram_intern(&c->names, "clone", 5),
	    5);
	if (!jvalue_is_function(clone))
		return jeval_fail(c, JFAULT_T2013, f->node->position);
	return jeval_apply(c, clone, &arg, 1, jvalue_null());
}

struct jvalue
jeval_transform(struct jeval *c, const struct jfunction *f, struct jvalue arg)
{
	const struct jnode	*n = f->node;
	struct jvalue		 result, matches, match;
	size_t			 count, i;

	if (jvalue_is_nothing(arg))
		return arg;
	result = copy(c, f, arg);
	if (c->failed)
		return result;
	matches = jeval_node(c, n->lhs, result, f->env);
	if (c->failed || jvalue_is_nothing(matches))
		return result;
	count = jvalue_is_array(matches) ? jvalue_count(matches) : 1;
	for (i = 0; i < count && !c->failed; i++) {
		match = jvalue_is_array(matches) ? jvalue_at(matches, i) :
		    matches;
		update(c, n, match, f->env);
		if (n->third != NULL && !c->failed)
			delete(c, n, match, f->env);
	}
	return c->failed ? JVALUE_NOTHING : result;
}
