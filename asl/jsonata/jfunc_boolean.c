/*
 * asl/jsonata/jfunc_boolean.c - functions that ask or insist.
 */

#include <math.h>
#include <string.h>

#include "jfunc.h"

struct jvalue
jfunc_boolean(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	int	 b;

	(void)n, (void)context;
	b = jeval_boolean(c, args[0]);
	return b < 0 ? JVALUE_NOTHING : jvalue_bool(b == 1);
}

struct jvalue
jfunc_boolean_not(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	return jvalue_bool(jeval_boolean(c, args[0]) != 1);
}

struct jvalue
jfunc_boolean_exists(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)c, (void)n, (void)context;
	return jvalue_bool(!jvalue_is_nothing(args[0]));
}

struct jvalue
jfunc_boolean_type(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	static const char *const	 names[] = { "", "null", "boolean",
	    "number", "number", "string", "array", "array", "object",
	    "object", "function" };
	const char			*name = names[args[0].kind];

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	/* The reference's NaN is no number, so it is an object. */
	if (args[0].kind == JVALUE_DOUBLE && !jeval_is_numeric(c, args[0]))
		name = "object";
	return jvalue_string(name, strlen(name));
}

static struct jvalue
stop(struct jeval *c, enum jfault_code code, struct jvalue message,
    const char *otherwise)
{
	if (!jvalue_is_string(message) || message.len == 0)
		message = jvalue_string(otherwise, strlen(otherwise));
	jeval_fail(c, code, -1);
	c->fault.message = message;
	return JVALUE_NOTHING;
}

struct jvalue
jfunc_boolean_assert(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	if (jvalue_truthy(args[0]))
		return JVALUE_NOTHING;
	return stop(c, JFAULT_D3141, args[1], "$assert() statement failed");
}

struct jvalue
jfunc_boolean_error(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return stop(c, JFAULT_D3137, args[0], "$error() function evaluated");
}
