/*
 * asl/jsonata/jeval.c - the walk over the tree: one case for each kind of
 * node, and what every value goes through on its way out.
 */

#include "jeval.h"

static struct jvalue
unary(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	struct jvalue	 v, item;
	struct jarray	*a;
	size_t		 i;

	if (n->op == JOP_OPEN_BRACE)
		return jeval_record(c, n, input, env);
	if (n->op == JOP_MINUS) {
		v = jeval_node(c, n->lhs, input, env);
		if (c->failed || jvalue_is_nothing(v))
			return v;
		if (jeval_is_numeric(c, v))
			return v.kind == JVALUE_INT && v.u.i != 0 &&
			    v.u.i != INT64_MIN ? jvalue_int(-v.u.i) :
			    jvalue_double(-jvalue_number(v));
		jeval_fail_value(c, JFAULT_D1002, n->position, v);
		c->fault.token = n->value;
		return JVALUE_NOTHING;
	}
	v = jvalue_array(a = jvalue_new_array(&c->arena, n->list.n));
	for (i = 0; i < n->list.n && !c->failed; i++) {
		item = jeval_node(c, n->list.node[i], input, env);
		if (c->failed || jvalue_is_nothing(item))
			continue;
		if (jvalue_is_array(item) && !(n->list.node[i]->type ==
		    JNODE_UNARY && n->list.node[i]->op == JOP_OPEN_BRACKET)) {
			if (a->n == 0 && item.kind == JVALUE_ARRAY &&
			    item.u.a->range) {
				/* A range stays one as long as it is alone. */
				*a = *item.u.a;
				a->sequence = a->keep = false;
			} else
				jeval_push_all(c, a, item);
		} else
			jeval_push(c, a, item);
	}
	a->cons = n->cons;
	return v;
}

static struct jvalue
block(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	struct jframe	*frame = n->binds ? jeval_frame(c, env, 4) : env;
	struct jvalue	 v = JVALUE_NOTHING;
	size_t		 i;

	for (i = 0; i < n->list.n && !c->failed; i++)
		v = jeval_node(c, n->list.node[i], input, frame);
	return v;
}

static struct jvalue
condition(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	struct jvalue	 v = jeval_node(c, n->lhs, input, env);
	bool		 holds;

	if (c->failed)
		return v;
	holds = jeval_boolean(c, v) == 1;
	if (c->failed)
		return JVALUE_NOTHING;
	if (holds)
		return jeval_node(c, n->rhs, input, env);
	return n->third == NULL ? JVALUE_NOTHING :
	    jeval_node(c, n->third, input, env);
}

static struct jvalue
bind(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	struct jvalue	 v = jeval_node(c, n->rhs, input, env);

	if (!c->failed)
		jeval_bind(c, env, n->lhs->name, n->lhs->len, v);
	return v;
}

static struct jvalue
variable(struct jeval *c, const struct jnode *n, struct jvalue input,
    const struct jframe *env)
{
	if (n->len > 0)
		return jeval_variable(c, env, n->name, n->len);
	if (input.kind == JVALUE_ARRAY && input.u.a->outer)
		return jvalue_at(input, 0);
	return input;
}

static struct jvalue
function_node(struct jeval *c, const struct jnode *n, enum jfunction_kind kind,
    struct jvalue input, struct jframe *env)
{
	struct jfunction	*f = jeval_new_function(c, kind);

	f->node = n;
	f->env = env;
	f->input = input;
	return jvalue_function(f);
}

static struct jvalue
dispatch(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	switch ((enum jnode_type)n->type) {
	case JNODE_PATH:
		return jeval_path(c, n, input, env);
	case JNODE_BINARY:
		return jeval_binary(c, n, input, env);
	case JNODE_UNARY:
		return unary(c, n, input, env);
	case JNODE_NAME:
		return jeval_lookup(c, input, n->name, n->len);
	case JNODE_STRING:
	case JNODE_NUMBER:
	case JNODE_VALUE:
		return n->value;
	case JNODE_WILDCARD:
		return jeval_wildcard(c, input);
	case JNODE_DESCENDANT:
		return jeval_descendants(c, input);
	case JNODE_PARENT:
		return jeval_variable(c, env, n->slot->label, 0);
	case JNODE_CONDITION:
		return condition(c, n, input, env);
	case JNODE_BLOCK:
		return block(c, n, input, env);
	case JNODE_BIND:
		return bind(c, n, input, env);
	case JNODE_FUNCTION:
		return jeval_call(c, n, input, env, NULL);
	case JNODE_VARIABLE:
		return variable(c, n, input, env);
	case JNODE_LAMBDA:
		return jeval_lambda(c, n, input, env);
	case JNODE_PARTIAL:
		return jeval_partial(c, n, input, env);
	case JNODE_APPLY:
		return jeval_apply_node(c, n, input, env);
	case JNODE_REGEX:
		return function_node(c, n, JFUNCTION_REGEX, input, env);
	case JNODE_TRANSFORM:
		return function_node(c, n, JFUNCTION_TRANSFORM, input, env);
	case JNODE_END:
	case JNODE_OPERATOR:
	case JNODE_SORT:
	case JNODE_COUNT:
		break;
	}
	return JVALUE_NOTHING;
}

/* The nodes there are most of; false: they need the long way. */
static inline bool
quick(struct jeval *c, const struct jnode *n, struct jvalue input,
    const struct jframe *env, struct jvalue *v)
{
	const struct jnode	*step;
	size_t			 i = 0;

	/* Deeper than a path goes nothing: else the long way tells. */
	if (c->depth + 2 > c->depth_max || c->steps < 2)
		return false;
	c->steps--;
	if (n->quick == JQUICK_LITERAL) {
		*v = n->value;
		return true;
	}
	*v = input;
	if (n->quick == JQUICK_VARIABLE)
		*v = jeval_variable(c, env, n->name, n->len);
	else
		for (; i < n->list.n && jvalue_is_object(*v); i++) {
			step = n->list.node[i];
			*v = jvalue_get(*v, step->name, step->len);
			if (i + 1 < n->list.n && jvalue_is_array(*v))
				return false;
		}
	/* A sequence that stands for something else, an array in between. */
	if (n->quick == JQUICK_NAMES && i < n->list.n)
		return !jvalue_is_array(*v) && (*v = JVALUE_NOTHING, true);
	return !jvalue_is_sequence(*v);
}

struct jvalue
jeval_node(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	struct jvalue	 v;
	size_t		 i;

	if (c->failed)
		return JVALUE_NOTHING;
	if (n->quick != JQUICK_NO && quick(c, n, input, env, &v))
		return v;
	if (++c->depth > c->depth_max)
		return jeval_fail_limit(c, JEVAL_DEPTH);
	if (--c->steps == 0 && !jeval_next_stretch(c, 0))
		return JVALUE_NOTHING;
	v = dispatch(c, n, input, env);
	for (i = 0; i < n->predicate.n && !c->failed; i++)
		v = jeval_filter(c, n->predicate.stage[i].expr, v, env);
	if (n->has_group && n->type != JNODE_PATH && !c->failed)
		v = jeval_group(c, &n->group, n->group_position, v, env);
	if (c->failed)
		return JVALUE_NOTHING;
	if (n->keep_array && jvalue_is_sequence(v) && !jvalue_is_tuples(v))
		v.u.a->keep = true;
	c->depth--;
	return jeval_unwrap(v);
}
