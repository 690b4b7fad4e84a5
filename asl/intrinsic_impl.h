/*
 * asl/intrinsic_impl.h - what one intrinsic function gets and gives; for the
 * intrinsic*.c files alone.
 *
 * To add a function: write it in the file of its subject, declare it by one
 * line in INTRINSICS, and add cases to tests/data/intrinsic.test.
 */

#ifndef PAWL_INTRINSIC_IMPL_H
#define PAWL_INTRINSIC_IMPL_H

#include "intrinsic.h"
#include "jsontext.h"
#include "strbuf.h"

/*	name			function		arguments: least, most	*/
#define INTRINSICS(X)							\
	X("States.Array",	intrinsic_array_new,	0, SIZE_MAX)	\
	X("States.ArrayContains", intrinsic_array_contains, 2, 2)	\
	X("States.ArrayGetItem", intrinsic_array_get,	2, 2)		\
	X("States.ArrayLength",	intrinsic_array_length,	1, 1)		\
	X("States.ArrayPartition", intrinsic_array_partition, 2, 2)	\
	X("States.ArrayRange",	intrinsic_array_range,	3, 3)		\
	X("States.ArrayUnique",	intrinsic_unique,	1, 1)		\
	X("States.Base64Decode", intrinsic_base64_decode, 1, 1)	\
	X("States.Base64Encode", intrinsic_base64_encode, 1, 1)	\
	X("States.Format",	intrinsic_string_format, 1, SIZE_MAX)	\
	X("States.Hash",	intrinsic_hash,		2, 2)		\
	X("States.JsonMerge",	intrinsic_json_merge,	3, 3)		\
	X("States.JsonToString", intrinsic_json_print,	1, 1)		\
	X("States.MathAdd",	intrinsic_math_add,	2, 2)		\
	X("States.MathRandom",	intrinsic_math_random,	2, 3)		\
	X("States.StringSplit",	intrinsic_string_split,	2, 2)		\
	X("States.StringToJson", intrinsic_json_parse,	1, 1)		\
	X("States.UUID",	intrinsic_math_uuid,	0, 0)

/* Limits of the real service. */
#define INTRINSIC_NESTING_MAX	10
#define INTRINSIC_RANGE_MAX	1000
#define INTRINSIC_TEXT_MAX	10000	/* characters, for Base64 and Hash */

struct intrinsic_call {
	const char	*name;
	json_t		**args;		/* borrowed, frozen */
	size_t		 n;
	/* The first argument as written, escapes and all; NULL: no literal. */
	const char	*literal;
	struct scope	*scope;		/* its seed and work advance */
	struct err	*e;
};

/* New, or NULL and call->e, whose text is the detail without its frame. */
typedef json_t *intrinsic_fn(const struct intrinsic_call *);

#define X(name, fn, least, most) intrinsic_fn fn;
INTRINSICS(X)
#undef X

/* Sets "Invalid arguments in States.X"; returns NULL. */
json_t	*intrinsic_invalid(const struct intrinsic_call *);
/* The same with ": " and more. */
json_t	*intrinsic_invalid_because(const struct intrinsic_call *,
	    const char *why);
/* A number cut to an integer; false if it is none or too large. */
bool	intrinsic_integer(const json_t *, int64_t *);
/* Length in UTF-16 units, as Java counts. */
size_t	intrinsic_text_length(const char *, size_t len);
/* The next of the seed's random numbers. */
uint64_t intrinsic_random(uint64_t *seed);
/* Adds the cost of that many bytes looked at or made. */
void	intrinsic_charge(const struct intrinsic_call *, size_t bytes);

#endif
