/*
 * asl/jsonpath.h - JSONPath as Amazon States Language means it.
 *
 * The engine behaves like Jayway JsonPath 2.0.0, which the real service's
 * results match; the rules are restated in asl/README.md.
 * "$" is the input, "$$" the context object, "$name" a variable.
 */

#ifndef PAWL_JSONPATH_H
#define PAWL_JSONPATH_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "scope.h"

struct jsonpath;

/* New, or NULL and e (code "InvalidPath") if text is no path. */
struct jsonpath *jsonpath_parse(const char *text, size_t len, struct err *e)
	    MUSTCHECK;
void	jsonpath_free(struct jsonpath *);
/* The path as written. Borrowed. */
const char *jsonpath_text(const struct jsonpath *);
/* Gives one value, not an array of hits. */
bool	jsonpath_definite(const struct jsonpath *);
/* Only names and single indices: no "@", "..", ",", ":", "?", "*". */
bool	jsonpath_is_reference(const struct jsonpath *);
/* Name of the variable it starts from, or NULL. Borrowed. */
const char *jsonpath_variable(const struct jsonpath *);
/* It is exactly "$": the input as a whole. */
bool	jsonpath_is_root(const struct jsonpath *);
/* It starts with "$$". */
bool	jsonpath_is_context(const struct jsonpath *);

/*
 * Evaluates.  Returns 0 and a new reference in *out (frozen when it is part of
 * a payload), or -1 and e.  e->code is "PathNotFound" when the path leads
 * nowhere (its text is Jayway's: "No results for path: $['a']['x']",
 * "Missing property in path $['a']"), "PathError" for other failures.  Callers
 * word the error that users see, see place texts in asl/README.md.
 */
int	jsonpath_eval(const struct jsonpath *, const struct scope *,
	    json_t **out, struct err *e) MUSTCHECK;
/* The same as a payload: for "$" and "$name" the payload itself, no parse. */
int	jsonpath_eval_payload(const struct jsonpath *, const struct scope *,
	    struct payload **out, struct err *e) MUSTCHECK;
/*
 * Puts value at a reference path of raw and returns the new document in *out
 * (new).  raw is not changed: the nodes on the way are copied, all else is
 * shared.  -1 and e, code "States.ResultPathMatchFailure", if it cannot.
 */
int	jsonpath_put(const struct jsonpath *, struct payload *raw,
	    struct payload *value, struct payload **out, struct err *e)
	    MUSTCHECK;

#endif
