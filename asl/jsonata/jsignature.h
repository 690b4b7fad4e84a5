/*
 * asl/jsonata/jsignature.h - what a function takes: <s-n?:s>.
 *
 *	s n b l o	string, number, boolean, null, object
 *	a f j x		array (anything becomes one), function, JSON, anything
 *	(sn)		one of these
 *	a<n>		an array of numbers; f<...> is read and not checked
 *	?  +  -		optional; one or more; the context if left out
 *	:		the result follows, which nobody checks
 *
 * The reference makes a regular expression over one letter per argument; this
 * matches the same language with the same greed, in time parameters x
 * arguments.
 */

#ifndef PAWL_JSIGNATURE_H
#define PAWL_JSIGNATURE_H

#include "jfault.h"
#include "jvalue.h"

struct jsignature;

#define JSIGNATURE_PARAMS_MAX	64
/* A call with more arguments than this matches no signature. */
#define JSIGNATURE_ARGS_MAX	256

/*
 * New in the arena.  JFAULT_NONE, or S0401, S0402, S0500 with the offset into
 * the text and a value.
 */
enum jfault_code jsignature_parse(struct jarena *, const char *text,
	    size_t len, struct jsignature **, size_t *offset,
	    struct jvalue *value);

/*
 * Checks *args, and replaces them by a new list in the arena: context filled
 * in, arrays made.  0, or -1 and T0410..T0412 without place or token.
 */
int	jsignature_check(const struct jsignature *, struct jarena *,
	    struct jvalue **args, size_t *n, struct jvalue context,
	    struct jfault *);

#endif
