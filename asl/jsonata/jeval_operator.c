/*
 * asl/jsonata/jeval_operator.c - the binary operators.
 */

#include <math.h>
#include <string.h>

#include "jeval.h"
#include "jtext.h"

#define RANGE_MAX	10000000

static struct jvalue
arithmetic(struct jeval *c, enum jop op, struct jvalue a, struct jvalue b)
{
	double	 x, y;

	if (!jvalue_is_nothing(a) && !jeval_is_numeric(c, a))
		return jeval_fail_value(c, JFAULT_T2001, -1, a);
	if (!jvalue_is_nothing(b) && !jeval_is_numeric(c, b))
		return jeval_fail_value(c, JFAULT_T2002, -1, b);
	if (jvalue_is_nothing(a) || jvalue_is_nothing(b))
		return JVALUE_NOTHING;
	x = jvalue_number(a);
	y = jvalue_number(b);
	switch ((int)op) {
	case JOP_PLUS:
		return jvalue_double(x + y);
	case JOP_MINUS:
		return jvalue_double(x - y);
	case JOP_STAR:
		return jvalue_double(x * y);
	case JOP_SLASH:
		return jvalue_double(x / y);
	default:
		return jvalue_double(fmod(x, y));
	}
}

static bool
is_comparable(struct jvalue v)
{
	return jvalue_is_nothing(v) || jvalue_is_string(v) ||
	    jvalue_is_number(v);
}

static struct jvalue
comparison(struct jeval *c, enum jop op, struct jvalue a, struct jvalue b)
{
	double	 x, y;
	int	 order;

	if (!is_comparable(a) || !is_comparable(b))
		return jeval_fail_value(c, JFAULT_T2010, -1,
		    jvalue_is_string(a) || jvalue_is_number(a) ? b : a);
	if (jvalue_is_nothing(a) || jvalue_is_nothing(b))
		return JVALUE_NOTHING;
	if (jvalue_is_string(a) != jvalue_is_string(b)) {
		jeval_fail_value(c, JFAULT_T2009, -1, a);
		c->fault.value2 = b;
		return JVALUE_NOTHING;
	}
	if (jvalue_is_string(a))
		order = jvalue_compare_text(a, b);
	else if (a.kind == JVALUE_INT && b.kind == JVALUE_INT)
		order = a.u.i < b.u.i ? -1 : a.u.i > b.u.i;
	else {
		x = jvalue_number(a);
		y = jvalue_number(b);
		if (isnan(x) || isnan(y))
			return jvalue_bool(false);
		order = x < y ? -1 : x > y;
	}
	switch ((int)op) {
	case JOP_LESS:
		return jvalue_bool(order < 0);
	case JOP_LESS_EQUAL:
		return jvalue_bool(order <= 0);
	case JOP_GREATER:
		return jvalue_bool(order > 0);
	default:
		return jvalue_bool(order >= 0);
	}
}

static struct jvalue
includes(struct jeval *c, struct jvalue a, struct jvalue b)
{
	size_t	 n, i;

	if (jvalue_is_nothing(a) || jvalue_is_nothing(b))
		return jvalue_bool(false);
	if (!jvalue_is_array(b))
		return jvalue_bool(jvalue_same(a, b));
	n = jvalue_count(b);
	if (!jeval_work(c, n))
		return JVALUE_NOTHING;
	for (i = 0; i < n; i++)
		if (jvalue_same(jvalue_at(b, i), a))
			return jvalue_bool(true);
	return jvalue_bool(false);
}

static struct jvalue
concat(struct jeval *c, struct jvalue a, struct jvalue b)
{
	char	*text;

	a = jeval_string(c, a, false);
	if (c->failed)
		return a;
	b = jeval_string(c, b, false);
	if (c->failed)
		return b;
	if (jvalue_is_nothing(a))
		a = jvalue_string("", 0);
	if (jvalue_is_nothing(b))
		b = jvalue_string("", 0);
	if (b.len == 0 || a.len == 0)
		return a.len == 0 ? b : a;
	if ((text = jeval_text(c, (size_t)a.len + b.len)) == NULL)
		return JVALUE_NOTHING;
	memcpy(text, a.u.s, a.len);
	memcpy(text + a.len, b.u.s, b.len);
	if (jtext_joins(a.u.s, a.len, b.u.s, b.len, text + a.len - 3)) {
		memcpy(text + a.len + 1, b.u.s + 3, b.len - 3);
		return jvalue_string(text, (size_t)a.len + b.len - 2);
	}
	return jvalue_string(text, (size_t)a.len + b.len);
}

static bool
is_whole(struct jvalue v)
{
	return v.kind == JVALUE_INT || (v.kind == JVALUE_DOUBLE &&
	    isfinite(v.u.d) && v.u.d == floor(v.u.d));
}

static struct jvalue
range(struct jeval *c, struct jvalue a, struct jvalue b)
{
	struct jarray	*out;
	double		 x, y, size;

	if (!jvalue_is_nothing(a) && !is_whole(a))
		return jeval_fail_value(c, JFAULT_T2003, -1, a);
	if (!jvalue_is_nothing(b) && !is_whole(b))
		return jeval_fail_value(c, JFAULT_T2004, -1, b);
	if (jvalue_is_nothing(a) || jvalue_is_nothing(b))
		return JVALUE_NOTHING;
	x = jvalue_number(a);
	y = jvalue_number(b);
	if (x > y)
		return JVALUE_NOTHING;
	size = y - x + 1;
	if (size > RANGE_MAX)
		return jeval_fail_value(c, JFAULT_D2014, -1,
		    jvalue_double(size));
	if (fabs(x) > 9e18 || !jeval_room(c, (size_t)size * 8))
		return c->failed ? JVALUE_NOTHING :
		    jeval_fail_value(c, JFAULT_T2003, -1, a);
	out = jeval_sequence(c);
	out->range = true;
	out->first = a.kind == JVALUE_INT ? a.u.i : (int64_t)x;
	out->n = (size_t)size;
	return jvalue_array(out);
}

/* and, or: the right side only if it matters. */
static struct jvalue
logical(struct jeval *c, const struct jnode *n, struct jvalue a,
    struct jvalue input, struct jframe *env)
{
	bool	 holds = jeval_boolean(c, a) == 1;

	if (!c->failed && holds == (n->op == JOP_AND))
		holds = jeval_boolean(c, jeval_node(c, n->rhs, input, env)) == 1;
	return jvalue_bool(holds);
}

struct jvalue
jeval_binary(struct jeval *c, const struct jnode *n, struct jvalue input,
    struct jframe *env)
{
	enum jop	 op = (enum jop)n->op;
	struct jvalue	 a, b, v;

	a = jeval_node(c, n->lhs, input, env);
	if (c->failed)
		return a;
	if (op == JOP_AND || op == JOP_OR)
		v = logical(c, n, a, input, env);
	else {
		b = jeval_node(c, n->rhs, input, env);
		if (c->failed)
			return b;
		if (op == JOP_EQUAL || op == JOP_NOT_EQUAL)
			v = jvalue_bool(!jvalue_is_nothing(a) &&
			    !jvalue_is_nothing(b) &&
			    jeval_equal(c, a, b) == (op == JOP_EQUAL));
		else if (op == JOP_CONCAT)
			v = concat(c, a, b);
		else if (op == JOP_IN)
			v = includes(c, a, b);
		else if (op == JOP_DOT_DOT)
			v = range(c, a, b);
		else if (op >= JOP_EQUAL)
			v = comparison(c, op, a, b);
		else
			v = arithmetic(c, op, a, b);
	}
	if (!c->failed)
		return v;
	c->fault.position = n->position;
	c->fault.token = n->value;
	return JVALUE_NOTHING;
}
