/*
 * asl/jsonata/jfunc_number.c - functions on numbers.
 */

#include <math.h>

#include "jfunc.h"
#include "number_text.h"

struct jvalue
jfunc_number(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	double	 d;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || jvalue_is_number(args[0]))
		return args[0];
	if (args[0].kind == JVALUE_BOOL)
		return jvalue_int(args[0].u.b);
	if (jvalue_is_string(args[0]) &&
	    number_text_read(args[0].u.s, args[0].len, &d))
		return jvalue_double(d);
	jeval_fail_value(c, JFAULT_D3030, -1, args[0]);
	c->fault.index = jvalue_int(1);
	return JVALUE_NOTHING;
}

struct jvalue
jfunc_number_abs(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)c, (void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	if (args[0].kind == JVALUE_INT && args[0].u.i != INT64_MIN)
		return jvalue_int(args[0].u.i < 0 ? -args[0].u.i : args[0].u.i);
	return jvalue_double(fabs(jvalue_number(args[0])));
}

struct jvalue
jfunc_number_floor(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)c, (void)n, (void)context;
	return args[0].kind == JVALUE_DOUBLE ?
	    jvalue_double(floor(args[0].u.d)) : args[0];
}

struct jvalue
jfunc_number_ceil(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)c, (void)n, (void)context;
	return args[0].kind == JVALUE_DOUBLE ?
	    jvalue_double(ceil(args[0].u.d)) : args[0];
}

struct jvalue
jfunc_number_round(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	double	 precision;

	(void)c, (void)n, (void)context;
	precision = jvalue_is_number(args[1]) ? jvalue_number(args[1]) : 0;
	if (jvalue_is_nothing(args[0]) ||
	    (args[0].kind == JVALUE_INT && precision >= 0 &&
	    precision <= 200 && precision == trunc(precision)))
		return args[0];
	return jvalue_double(number_text_round(jvalue_number(args[0]),
	    precision));
}

struct jvalue
jfunc_number_sqrt(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	if (jvalue_number(args[0]) < 0) {
		jeval_fail_value(c, JFAULT_D3060, -1, args[0]);
		c->fault.index = jvalue_int(1);
		return JVALUE_NOTHING;
	}
	return jvalue_double(sqrt(jvalue_number(args[0])));
}

struct jvalue
jfunc_number_power(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	double	 result = NAN;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	if (jvalue_is_number(args[1]))
		result = pow(jvalue_number(args[0]), jvalue_number(args[1]));
	if (isfinite(result))
		return jvalue_double(result);
	jeval_fail_value(c, JFAULT_D3061, -1, args[0]);
	c->fault.index = jvalue_int(1);
	c->fault.exp = args[1];
	return JVALUE_NOTHING;
}

/* --- over arrays --------------------------------------------------------- */

static double
total(struct jeval *c, struct jvalue v)
{
	size_t	 n = jvalue_count(v), i;
	double	 sum = 0;

	if (jeval_work(c, n / 4))
		for (i = 0; i < n; i++)
			sum += jvalue_number(jvalue_at(v, i));
	return sum;
}

struct jvalue
jfunc_number_sum(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	return jvalue_double(total(c, args[0]));
}

struct jvalue
jfunc_number_average(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	if (jvalue_count(args[0]) == 0)
		return JVALUE_NOTHING;
	return jvalue_double(total(c, args[0]) /
	    (double)jvalue_count(args[0]));
}

/* The item with the greatest number times sign; NaN if there is one. */
static struct jvalue
extreme(struct jeval *c, struct jvalue v, double sign)
{
	struct jvalue	 best, item;
	size_t		 n = jvalue_count(v), i;

	if (n == 0 || !jeval_work(c, n / 4))
		return JVALUE_NOTHING;
	best = jvalue_at(v, 0);
	for (i = 1; i < n; i++) {
		item = jvalue_at(v, i);
		if (isnan(jvalue_number(item)))
			return item;
		if (jvalue_number(item) * sign > jvalue_number(best) * sign)
			best = item;
	}
	return best;
}

struct jvalue
jfunc_number_max(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return extreme(c, args[0], 1);
}

struct jvalue
jfunc_number_min(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	return extreme(c, args[0], -1);
}

/* --- other bases, chance ------------------------------------------------- */

struct jvalue
jfunc_number_base(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct strbuf	 b;
	struct err	 e = ERR_INIT;
	double		 radix = 10;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return args[0];
	if (jvalue_is_number(args[1]))
		radix = jvalue_number(args[1]);
	jeval_buffer(c, &b);
	if (number_text_base(jvalue_number(args[0]), radix, &b, &e) == -1)
		jeval_fail_told(c, &e);
	return jeval_take(c, &b);
}

uint64_t
jfunc_random(struct jeval *c)
{
	uint64_t	 z = c->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* The dialect's $random(seed): java.util.Random(seed).nextDouble(). */
static double
java_random(double seed)
{
	const uint64_t	 mask = (UINT64_C(1) << 48) - 1;
	uint64_t	 state, high, low;
	int64_t		 n;

	n = seed >= 9.2233720368547758e18 ? INT64_MAX :
	    seed <= -9.2233720368547758e18 ? INT64_MIN : (int64_t)seed;
	state = ((uint64_t)n ^ UINT64_C(0x5deece66d)) & mask;
	state = (state * UINT64_C(0x5deece66d) + 11) & mask;
	high = state >> 22;
	state = (state * UINT64_C(0x5deece66d) + 11) & mask;
	low = state >> 21;
	return (double)((high << 27) + low) / 9007199254740992.0;
}

struct jvalue
jfunc_number_random(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]))
		return jvalue_double((double)(jfunc_random(c) >> 11) /
		    9007199254740992.0);
	if (c->aws)
		return jvalue_double(java_random(isnan(jvalue_number(args[0])) ?
		    0 : jvalue_number(args[0])));
	jeval_fail_value(c, JFAULT_T0410, -1, args[0]);
	c->fault.index = jvalue_int(1);
	return JVALUE_NOTHING;
}
