/*
 * asl/jsonata/jfunc.h - the functions of the language: one line each.
 *
 * To add a function: a line in JFUNCS, the function in the jfunc_*.c of its
 * subject, cases in tests/data/jsonata.  A function gets arguments that its
 * signature let through (undefined is let through everywhere but for f), at
 * least as many as the signature has parameters, and the context of the call.
 *
 * takes: how many arguments it declares, as higher-order functions ask.
 */

#ifndef PAWL_JFUNC_H
#define PAWL_JFUNC_H

#include "jeval.h"

typedef struct jvalue jfunc_fn(struct jeval *, struct jvalue *args, size_t n,
	    struct jvalue context);

#define JFUNC_BOTH	0
#define JFUNC_PLAIN	1	/* not in the dialect of AWS */
#define JFUNC_AWS	2	/* only there */

/*	name		function		takes	signature	where	*/
#define JFUNCS(X)							\
	X(abs,		jfunc_number_abs,	1, "<n-:n>",	BOTH)	\
	X(append,	jfunc_array_append,	2, "<xx:a>",	BOTH)	\
	X(assert,	jfunc_boolean_assert,	2, "<bs?:x>",	BOTH)	\
	X(average,	jfunc_number_average,	1, "<a<n>:n>",	BOTH)	\
	X(base64decode,	jfunc_code_base64decode, 1, "<s-:s>",	BOTH)	\
	X(base64encode,	jfunc_code_base64encode, 1, "<s-:s>",	BOTH)	\
	X(boolean,	jfunc_boolean,		1, "<x-:b>",	BOTH)	\
	X(ceil,		jfunc_number_ceil,	1, "<n-:n>",	BOTH)	\
	X(clone,	jfunc_object_clone,	1, "<(oa)-:o>",	BOTH)	\
	X(contains,	jfunc_match_contains,	2, "<s-(sf):b>", BOTH)	\
	X(count,	jfunc_array_count,	1, "<a:n>",	BOTH)	\
	X(decodeUrl,	jfunc_code_decode_url,	1, "<s-:s>",	BOTH)	\
	X(decodeUrlComponent, jfunc_code_decode_component, 1, "<s-:s>", BOTH) \
	X(distinct,	jfunc_array_distinct,	1, "<x:x>",	BOTH)	\
	X(each,		jfunc_higher_each,	2, "<o-f:a>",	BOTH)	\
	X(encodeUrl,	jfunc_code_encode_url,	1, "<s-:s>",	BOTH)	\
	X(encodeUrlComponent, jfunc_code_encode_component, 1, "<s-:s>", BOTH) \
	X(error,	jfunc_boolean_error,	1, "<s?:x>",	BOTH)	\
	X(eval,		jfunc_eval,		2, "<sx?:x>",	PLAIN)	\
	X(exists,	jfunc_boolean_exists,	1, "<x:b>",	BOTH)	\
	X(filter,	jfunc_higher_filter,	2, "<af>",	BOTH)	\
	X(floor,	jfunc_number_floor,	1, "<n-:n>",	BOTH)	\
	X(formatBase,	jfunc_number_base,	2, "<n-n?:s>",	BOTH)	\
	X(formatInteger, jfunc_picture_integer,	2, "<n-s:s>",	BOTH)	\
	X(formatNumber,	jfunc_picture_number,	3, "<n-so?:s>",	BOTH)	\
	X(fromMillis,	jfunc_picture_from,	3, "<n-s?s?:s>", BOTH)	\
	X(hash,		jfunc_aws_hash,		2, "<s-s?:s>",	AWS)	\
	X(join,		jfunc_string_join,	2, "<a<s>s?:s>", BOTH)	\
	X(keys,		jfunc_object_keys,	1, "<x-:a<s>>",	BOTH)	\
	X(length,	jfunc_string_length,	1, "<s-:n>",	BOTH)	\
	X(lookup,	jfunc_object_lookup,	2, "<x-s:x>",	BOTH)	\
	X(lowercase,	jfunc_case_lower,	1, "<s-:s>",	BOTH)	\
	X(map,		jfunc_higher_map,	2, "<af>",	BOTH)	\
	X(match,	jfunc_match,		3, "<s-f<s:o>n?:a<o>>", BOTH) \
	X(max,		jfunc_number_max,	1, "<a<n>:n>",	BOTH)	\
	X(merge,	jfunc_object_merge,	1, "<a<o>:o>",	BOTH)	\
	X(millis,	jfunc_picture_millis,	0, "<:n>",	BOTH)	\
	X(min,		jfunc_number_min,	1, "<a<n>:n>",	BOTH)	\
	X(not,		jfunc_boolean_not,	1, "<x-:b>",	BOTH)	\
	X(now,		jfunc_picture_now,	2, "<s?s?:s>",	BOTH)	\
	X(number,	jfunc_number,		1, "<(nsb)-:n>", BOTH)	\
	X(pad,		jfunc_string_pad,	3, "<s-ns?:s>",	BOTH)	\
	X(parse,	jfunc_aws_parse,	1, "<s-:x>",	AWS)	\
	X(parseInteger,	jfunc_picture_parse,	2, "<s-s:n>",	BOTH)	\
	X(partition,	jfunc_aws_partition,	2, "<an?:a>",	AWS)	\
	X(power,	jfunc_number_power,	2, "<n-n:n>",	BOTH)	\
	X(random,	jfunc_number_random,	0, "<n?:n>",	BOTH)	\
	X(range,	jfunc_aws_range,	3, "<n?n?n?:a>",	AWS)	\
	X(reduce,	jfunc_higher_reduce,	3, "<afj?:j>",	BOTH)	\
	X(replace,	jfunc_match_replace,	4, "<s-(sf)(sf)n?:s>", BOTH) \
	X(reverse,	jfunc_array_reverse,	1, "<a:a>",	BOTH)	\
	X(round,	jfunc_number_round,	2, "<n-n?:n>",	BOTH)	\
	X(shuffle,	jfunc_array_shuffle,	1, "<a:a>",	BOTH)	\
	X(sift,		jfunc_higher_sift,	2, "<o-f?:o>",	BOTH)	\
	X(single,	jfunc_higher_single,	2, "<af?>",	BOTH)	\
	X(sort,		jfunc_array_sort,	2, "<af?:a>",	BOTH)	\
	X(split,	jfunc_match_split,	3, "<s-(sf)n?:a<s>>", BOTH) \
	X(spread,	jfunc_object_spread,	1, "<x-:a<o>>",	BOTH)	\
	X(sqrt,		jfunc_number_sqrt,	1, "<n-:n>",	BOTH)	\
	X(string,	jfunc_string,		1, "<x-b?:s>",	BOTH)	\
	X(substring,	jfunc_string_substring,	3, "<s-nn?:s>",	BOTH)	\
	X(substringAfter, jfunc_string_after,	2, "<s-s:s>",	BOTH)	\
	X(substringBefore, jfunc_string_before,	2, "<s-s:s>",	BOTH)	\
	X(sum,		jfunc_number_sum,	1, "<a<n>:n>",	BOTH)	\
	X(toMillis,	jfunc_picture_to,	2, "<s-s?:n>",	BOTH)	\
	X(trim,		jfunc_string_trim,	1, "<s-:s>",	BOTH)	\
	X(type,		jfunc_boolean_type,	1, "<x:s>",	BOTH)	\
	X(uppercase,	jfunc_case_upper,	1, "<s-:s>",	BOTH)	\
	X(uuid,		jfunc_aws_uuid,		0, "<:s>",	AWS)	\
	X(zip,		jfunc_array_zip,	0, "<a+>",	BOTH)

enum jfunc_id {
#define X(name, fn, takes, signature, where) JFUNC_ID_##name,
	JFUNCS(X)
#undef X
	JFUNC_COUNT
};

struct jbuiltin {
	const char	*name;
	jfunc_fn	*fn;
	size_t		 takes;
	const char	*signature;
	int		 where;
};

extern const struct jbuiltin jfunc_builtins[JFUNC_COUNT];

#define X(name, fn, takes, signature, where) jfunc_fn fn;
JFUNCS(X)
#undef X

/* The number of a function, or -1. */
int	jfunc_find(const char *name, size_t len, bool aws);
/* The next of the seed's random numbers. */
uint64_t jfunc_random(struct jeval *);

#endif
