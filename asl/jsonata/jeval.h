/*
 * asl/jsonata/jeval.h - one evaluation: what the jeval_*.c and jfunc_*.c share.
 *
 * A recursive walk over the tree as run.  When something goes wrong, c->failed
 * is set with the first fault and everything returns undefined at once: who
 * gets a value looks at c->failed before he does anything with it that could
 * fail or go on for long.
 *
 * Bounds: jeval_node() counts depth and steps; loops that do not evaluate
 * charge steps with jeval_work(), and memory with jeval_room() before they
 * take much of it.
 *
 * Memory: the results of evaluation stay in the arena till the end, but what
 * a called function or a filter needed is given back when its result does not
 * point there (jeval_scratch()).
 */

#ifndef PAWL_JEVAL_H
#define PAWL_JEVAL_H

#include "err.h"
#include "jast.h"
#include "jfault.h"
#include "jsonata.h"
#include "jvalue.h"

struct jbuiltin;

/* Variables: each block that binds, each call, each tuple has a frame. */
struct jframe {
	struct jframe	*parent;
	struct jmember	*bindings;	/* names interned */
	uint32_t	 n, cap;
};

enum jfunction_kind {
	JFUNCTION_NATIVE,
	JFUNCTION_LAMBDA,
	JFUNCTION_PARTIAL_NATIVE,	/* holes wait for arguments */
	JFUNCTION_REGEX,
	JFUNCTION_NEXT,			/* of a match: the one after it */
	JFUNCTION_TRANSFORM,
	JFUNCTION_CHAIN			/* f ~> g */
};

struct jfunction {
	enum jfunction_kind	 kind;
	bool			 thunk;
	struct jvalue		 token;		/* the name it was called by */
	long			 position;	/* and where; -1: not yet */
	const struct jbuiltin	*native;
	const struct jnode	*node;		/* lambda, regex, transform */
	struct jnode		**params;	/* of a lambda */
	size_t			 nparams;
	const struct jsignature	*signature;
	struct jframe		*env;
	struct jvalue		 input;		/* of a lambda; text of a NEXT */
	struct jvalue		*bound;		/* of a partial native */
	bool			*hole;
	size_t			 nbound;
	size_t			 offset;	/* of a NEXT, in bytes */
	struct jfunction	*f, *g;
};

struct jeval {
	const struct jsonata_input *in;
	struct jarena		 arena;
	struct jarena		 lasting;	/* never given back */
	struct jnames		 names;		/* the program's, and $eval's */
	struct jframe		*root;		/* $$, variables from outside */
	struct jframe		*calling;	/* of the call, for $eval */
	struct jfunction	**natives;	/* made when first asked for */
	struct jsignature	*transform;	/* of | | | */
	struct jprogram		*evals;		/* list of what $eval compiled */
	struct jregex_room	*regexes;	/* see jregex.c */
	const char		*checked;	/* text without lone surrogates */
	size_t			 checked_len;
	bool			 aws;

	bool			 failed;
	int			 depth, depth_max;
	uint64_t		 steps;		/* left in this stretch */
	uint64_t		 stretches;	/* left after it */
	size_t			 memory;	/* bytes left, as charged */
	size_t			 memory_max;

	uint64_t		 seed;

	struct jfault		 fault;		/* last: only its code is cleared */
};

/* --- going wrong --------------------------------------------------------- */

/* Sets the fault; returns undefined. */
struct jvalue jeval_fail(struct jeval *, enum jfault_code, long position);
/* The same with a value. */
struct jvalue jeval_fail_value(struct jeval *, enum jfault_code, long position,
	    struct jvalue);
enum jeval_limit { JEVAL_DEPTH, JEVAL_TIME, JEVAL_MEMORY };
struct jvalue jeval_fail_limit(struct jeval *, enum jeval_limit);
/* The code and sentence of a picture function. */
struct jvalue jeval_fail_told(struct jeval *, struct err *);

/* --- bounds -------------------------------------------------------------- */

bool	jeval_next_stretch(struct jeval *, uint64_t steps);

/* Charges steps; false and U1001 when there are none left. */
static inline bool
jeval_work(struct jeval *c, uint64_t steps)
{
	if (c->steps > steps) {
		c->steps -= steps;
		return true;
	}
	return jeval_next_stretch(c, steps);
}

/* Charges memory; false and U1001 when there is none left. */
bool	jeval_room(struct jeval *, size_t bytes);

struct jeval_scratch {
	struct jarena_mark	 mark;
	size_t			 memory;
};
struct jeval_scratch jeval_scratch(const struct jeval *);
/* v points to what came since. */
bool	jeval_is_scratch(const struct jeval *, struct jeval_scratch,
	    struct jvalue v);
/*
 * Gives back what came since, unless one of the n values is an array, object
 * or function from there.  Texts from there are kept, and may move.
 */
void	jeval_unscratch(struct jeval *, struct jeval_scratch,
	    struct jvalue *values, size_t n);

/* --- values -------------------------------------------------------------- */

struct jarray *jeval_sequence(struct jeval *);
struct jarray *jeval_singleton(struct jeval *, struct jvalue);
/* push and push_all, charged */
void	jeval_push(struct jeval *, struct jarray *, struct jvalue);
void	jeval_push_all(struct jeval *, struct jarray *, struct jvalue);
/* $append, the glue of the language. */
struct jvalue jeval_append(struct jeval *, struct jvalue, struct jvalue);
/* A new text in the arena, charged; NULL when there is no room. */
char	*jeval_text(struct jeval *, size_t len);
struct jvalue jeval_copy_text(struct jeval *, const char *, size_t len);
/* The content of a buffer as a new text; frees the buffer. */
struct jvalue jeval_take(struct jeval *, struct strbuf *);
/* A buffer that holds no more than there is room. */
void	jeval_buffer(struct jeval *, struct strbuf *);
/* $string */
struct jvalue jeval_string(struct jeval *, struct jvalue, bool pretty);
/* $boolean: 1, 0, or -1 for undefined (or a fault). */
int	jeval_boolean(struct jeval *, struct jvalue);
/* A number that counts as one: D1001 for infinities, false for NaN. */
bool	jeval_is_numeric(struct jeval *, struct jvalue);
bool	jeval_equal(struct jeval *, struct jvalue, struct jvalue);
/* $lookup, names in paths */
struct jvalue jeval_lookup(struct jeval *, struct jvalue, const char *name,
	    size_t len);

/* --- frames -------------------------------------------------------------- */

struct jframe *jeval_frame(struct jeval *, struct jframe *parent, size_t cap);
/* A frame with the bindings of a tuple, which stay the tuple's. */
struct jframe *jeval_tuple_frame(struct jeval *, struct jframe *parent,
	    struct jvalue tuple);
void	jeval_bind(struct jeval *, struct jframe *, const char *name,
	    uint32_t len, struct jvalue);
struct jvalue jeval_variable(struct jeval *, const struct jframe *,
	    const char *name, uint32_t len);

/* A sequence of none is nothing, of one the item unless it is to be kept. */
static inline struct jvalue
jeval_unwrap(struct jvalue v)
{
	if (v.kind != JVALUE_ARRAY || !v.u.a->sequence || v.u.a->tuples)
		return v;
	if (v.u.a->n == 0)
		return JVALUE_NOTHING;
	return v.u.a->n == 1 && !v.u.a->keep ? jvalue_at(v, 0) : v;
}

/* --- the walk ------------------------------------------------------------ */

struct jvalue jeval_node(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jframe *);
struct jvalue jeval_path(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jframe *);
struct jvalue jeval_filter(struct jeval *, const struct jnode *predicate,
	    struct jvalue input, struct jframe *);
struct jvalue jeval_stages(struct jeval *, const struct jstages *,
	    struct jvalue input, struct jframe *);
struct jvalue jeval_tuple_step(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jvalue tuples, struct jframe *);
struct jvalue jeval_binary(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jframe *);
struct jvalue jeval_group(struct jeval *, const struct jnodes *pairs,
	    long position, struct jvalue input, struct jframe *);
/* { } by itself */
struct jvalue jeval_record(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jframe *);
struct jvalue jeval_sort(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jframe *);
struct jvalue jeval_wildcard(struct jeval *, struct jvalue input);
struct jvalue jeval_descendants(struct jeval *, struct jvalue input);
struct jvalue jeval_transform(struct jeval *, const struct jfunction *,
	    struct jvalue arg);

/* Compares two things; true if b must come before a. */
typedef bool jeval_comparator(struct jeval *, void *arg, size_t a, size_t b);
/*
 * Sorts the numbers 0 to n-1 by comparing them; stable, in the order of
 * comparisons of the reference.  New in the arena; NULL after a fault.
 */
size_t	*jeval_merge_sort(struct jeval *, size_t n, jeval_comparator *,
	    void *arg);

/* --- functions ----------------------------------------------------------- */

struct jfunction *jeval_new_function(struct jeval *, enum jfunction_kind);
struct jvalue jeval_native(struct jeval *, int builtin);
struct jvalue jeval_lambda(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jframe *);
struct jvalue jeval_partial(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jframe *);
struct jvalue jeval_apply_node(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jframe *);
/* applied: the value left of ~>, the first argument; NULL: none */
struct jvalue jeval_call(struct jeval *, const struct jnode *,
	    struct jvalue input, struct jframe *, const struct jvalue *applied);
/* Calls a function value with arguments; context for what it leaves out. */
struct jvalue jeval_apply(struct jeval *, struct jvalue f,
	    struct jvalue *args, size_t n, struct jvalue context);
/* The same for a function that was passed on: its context is null. */
struct jvalue jeval_invoke(struct jeval *, struct jvalue f,
	    struct jvalue *args, size_t n);
/* As many arguments as it declares. */
size_t	jeval_arity(struct jvalue f);

#endif
