/*
 * asl/jsonata/jfunc_aws.c - functions of the dialect of AWS Step Functions.
 */

#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "jfunc.h"
#include "jtext.h"

/* The real service makes so many and no more. */
#define RANGE_MAX	360145

/* $partition(array, size): never collapsed, a lone part stays in its array. */
struct jvalue
jfunc_aws_partition(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jarray	*out, *part = NULL;
	size_t		 count = jvalue_count(args[0]), size, i;
	double		 d;

	(void)n, (void)context;
	d = jvalue_is_number(args[1]) ? trunc(jvalue_number(args[1])) : 0;
	if (count == 0 || !(d >= 1) || !jeval_work(c, count))
		return JVALUE_NOTHING;
	size = d > (double)count ? count : (size_t)d;
	out = jvalue_new_array(&c->arena, 0);
	for (i = 0; i < count && !c->failed; i++) {
		if (i % size == 0) {
			part = jvalue_new_array(&c->arena, 0);
			jeval_push(c, out, jvalue_array(part));
		}
		jeval_push(c, part, jvalue_at(args[0], i));
	}
	return jvalue_array(out);
}

/* $range(from, to, step): both ends included; a sequence. */
struct jvalue
jfunc_aws_range(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jarray	*out = jeval_sequence(c);
	double		 from, to, step, d;

	(void)n, (void)context;
	if (!jvalue_is_number(args[0]) || !jvalue_is_number(args[1]) ||
	    !jvalue_is_number(args[2]))
		return JVALUE_NOTHING;
	from = trunc(jvalue_number(args[0]));
	to = trunc(jvalue_number(args[1]));
	step = trunc(jvalue_number(args[2]));
	if (step == 0 || !isfinite(from) || !isfinite(to) || isnan(step) ||
	    (step > 0 ? from > to : from < to))
		return JVALUE_NOTHING;
	if (floor((to - from) / step) >= RANGE_MAX)
		return jeval_fail_limit(c, JEVAL_MEMORY);
	for (d = from; (step > 0 ? d <= to : d >= to) && jeval_work(c, 1);
	    d = from + (double)out->n * step)
		jeval_push(c, out, jvalue_double(d));
	return jvalue_array(out);
}

/* $hash(text, algorithm), with the names of States.Hash. */
struct jvalue
jfunc_aws_hash(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	static const char	 hex[] = "0123456789abcdef";
	unsigned char		 digest[EVP_MAX_MD_SIZE];
	char			*text;
	const EVP_MD		*md;
	unsigned int		 len = 0, i;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || jvalue_is_nothing(args[1]))
		return JVALUE_NOTHING;
	md = jvalue_is_text(args[1], "MD5") ? EVP_md5() :
	    jvalue_is_text(args[1], "SHA-1") ? EVP_sha1() :
	    jvalue_is_text(args[1], "SHA-256") ? EVP_sha256() :
	    jvalue_is_text(args[1], "SHA-384") ? EVP_sha384() :
	    jvalue_is_text(args[1], "SHA-512") ? EVP_sha512() : NULL;
	if (md == NULL || !jeval_work(c, args[0].len / 16) ||
	    EVP_Digest(args[0].u.s, args[0].len, digest, &len, md, NULL) != 1 ||
	    (text = jeval_text(c, 2 * (size_t)len)) == NULL)
		return JVALUE_NOTHING;
	for (i = 0; i < len; i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 15];
	}
	return jvalue_string(text, 2 * (size_t)len);
}

struct jvalue
jfunc_aws_uuid(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	uint64_t	 high = jfunc_random(c), low = jfunc_random(c);
	char		 text[40];

	(void)args, (void)n, (void)context;
	snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx",
	    (unsigned int)(high >> 32), (unsigned int)(high >> 16 & 0xffff),
	    (unsigned int)(high & 0xfff),
	    (unsigned int)(0x8000 | (low >> 48 & 0x3fff)),
	    (unsigned long long)(low & UINT64_C(0xffffffffffff)));
	return jeval_copy_text(c, text, 36);
}

/* $parse(text): the value of JSON text. */
struct jvalue
jfunc_aws_parse(struct jeval *c, struct jvalue *args, size_t n,
    struct jvalue context)
{
	struct jvalue	 v;

	(void)n, (void)context;
	if (jvalue_is_nothing(args[0]) || !jeval_work(c, args[0].len / 4) ||
	    !jeval_room(c, args[0].len))
		return JVALUE_NOTHING;
	if (jtext_parse(&c->arena, args[0].u.s, args[0].len, false, &v) == -1)
		return jeval_fail_value(c, JFAULT_D3030, -1, args[0]);
	return v;
}
