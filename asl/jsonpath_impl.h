/*
 * asl/jsonpath_impl.h - a compiled JSONPath, for the jsonpath_*.c files alone.
 */

#ifndef PAWL_JSONPATH_IMPL_H
#define PAWL_JSONPATH_IMPL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jsonpath.h"
#include "strbuf.h"

/* Bounds: steps of a path, nested filter expressions, nodes looked at. */
#define JSONPATH_STEPS_MAX	256
#define JSONPATH_FILTER_DEPTH	32
#define JSONPATH_BUDGET		2000000

struct filter;

/*	kind		written		carries
 *	NAMES		.a ['a','b']	names; none at all is allowed
 *	INDICES		[0] [0,2]	numbers
 *	LAST		[(@.length-1)]	numbers[0], as -1
 *	FROM TO BETWEEN	[1:] [:2] [1:2]	numbers
 *	WILDCARD	[*] .*		-
 *	SCAN		..		- applies to the step after it
 *	FILTER		[?(...)]	filter
 */
enum step_kind { STEP_NAMES, STEP_INDICES, STEP_LAST, STEP_FROM, STEP_TO,
	STEP_BETWEEN, STEP_WILDCARD, STEP_SCAN, STEP_FILTER };

struct path_step {
	enum step_kind	 kind;
	char		**names;
	int		 *numbers;
	size_t		  n;		/* of names or numbers */
	struct filter	 *filter;
};

/* What the path starts from: $, $$, $name, or @ inside a filter. */
enum path_root { PATH_INPUT, PATH_CONTEXT, PATH_VARIABLE, PATH_CURRENT };

struct jsonpath {
	char			*text;
	enum path_root		 root;
	char			*variable;
	struct path_step	*steps;
	size_t			 n;
	bool			 definite;
};

/* One run over a document; borrowed by everything below it. */
struct path_run {
	const struct jsonpath	*path;
	json_t			*root;		/* what $ means in a filter */
	json_t			*hits;		/* array, or NULL: definite */
	json_t			*value;		/* the hit of a definite path */
	int64_t			*budget;	/* nodes left to look at */
	int			 quiet;		/* > 0: no texts for what is missing */
	bool			 missing;	/* the failure is a missing node */
	bool			 past_end;	/* the value is a null for no element */
	struct err		*e;
};

/* Compiles a path that begins with $ or, inside a filter, with @. */
struct jsonpath *jsonpath_compile(const char *text, size_t len, bool in_filter,
	    int depth, struct err *e) MUSTCHECK;
/* 0 and run->value or run->hits (new references), or -1 and run->e. */
int	jsonpath_run(struct path_run *run, json_t *document) MUSTCHECK;
/* The steps from the i-th on as Jayway writes them: ['a'][0]. */
void	jsonpath_print_steps(const struct jsonpath *, size_t i, struct strbuf *);

/* Compiles what stands between "[?(" and ")]". */
struct filter *jsonpath_filter_compile(const char *text, size_t len, int depth,
	    struct err *e) MUSTCHECK;
void	jsonpath_filter_free(struct filter *);
/* 0 and *match, or -1 and run->e. */
int	jsonpath_filter_test(const struct filter *, json_t *item,
	    struct path_run *run, bool *match) MUSTCHECK;

/*
 * As jsonpath_eval, but adds to scope->work; *past_end when the value is the
 * null that an index past the end of an array gives, which intrinsic functions
 * take as missing.
 */
int	jsonpath_eval_end(const struct jsonpath *, struct scope *,
	    json_t **out, bool *past_end, struct err *e) MUSTCHECK;
/*
 * The same where a field of a state asks: an input that is null cannot be looked
 * into, not even by "$" (code "NullInput", worded as the real service does).
 */
int	jsonpath_eval_field(const struct jsonpath *, struct scope *,
	    json_t **out, bool *past_end, struct err *e) MUSTCHECK;

#endif
