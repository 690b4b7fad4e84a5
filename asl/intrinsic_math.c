/*
 * asl/intrinsic_math.c - States.MathAdd, MathRandom and UUID.
 *
 * Randomness comes from the scope's seed (splitmix64), so that the same
 * execution at the same event draws the same numbers again.
 */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "intrinsic_impl.h"

uint64_t
intrinsic_random(uint64_t *seed)
{
	uint64_t	 z = (*seed += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* Java's Math.round(): half up; false unless the result fits 32 bits. */
static bool
rounded(const json_t *json, int64_t *n)
{
	double	 d;

	if (json_is_integer(json))
		*n = json_integer_value(json);
	else if (json_is_real(json)) {
		d = floor(json_real_value(json) + 0.5);
		if (d < -3e9 || d > 3e9)
			return false;
		*n = (int64_t)d;
	} else
		return false;
	return *n >= INT32_MIN && *n <= INT32_MAX;
}

json_t *
intrinsic_math_add(const struct intrinsic_call *c)
{
	int64_t	 a, b;

	if (!rounded(c->args[0], &a) || !rounded(c->args[1], &b))
		return intrinsic_invalid(c);
	a += b;
	if (a < INT32_MIN || a > INT32_MAX)
		return intrinsic_invalid(c);
	return json_integer(a);
}

/* From the first, included, to the second, excluded. */
json_t *
intrinsic_math_random(const struct intrinsic_call *c)
{
	int64_t		 low, high, given;
	uint64_t	 own, r;

	if (!intrinsic_integer(c->args[0], &low) ||
	    !intrinsic_integer(c->args[1], &high) || low >= high)
		return intrinsic_invalid(c);
	if (c->n == 3) {
		if (!intrinsic_integer(c->args[2], &given))
			return intrinsic_invalid(c);
		own = (uint64_t)given;
		r = intrinsic_random(&own);
	} else
		r = intrinsic_random(&c->scope->seed);
	r %= (uint64_t)high - (uint64_t)low;
	return json_integer((json_int_t)((uint64_t)low + r));
}

json_t *
intrinsic_math_uuid(const struct intrinsic_call *c)
{
	uint64_t	 a = intrinsic_random(&c->scope->seed);
	uint64_t	 b = intrinsic_random(&c->scope->seed);
	char		 text[40];

	a = (a & ~0xf000ULL) | 0x4000;			/* version 4 */
	b = (b & ~(3ULL << 62)) | 2ULL << 62;		/* variant 1 */
	snprintf(text, sizeof text, "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64
	    "-%04" PRIx64 "-%012" PRIx64, a >> 32, a >> 16 & 0xffff, a & 0xffff,
	    b >> 48, b & UINT64_C(0xffffffffffff));
	return json_string_nocheck(text);
}
