/*
 * asl/intrinsic.h - intrinsic functions: States.Format('{}', $.x) and the rest.
 *
 * One table lists them all (intrinsic.c); one function each.
 */

#ifndef PAWL_INTRINSIC_H
#define PAWL_INTRINSIC_H

#include "err.h"
#include "scope.h"

struct intrinsic;

/* New, or NULL and e (code "InvalidIntrinsic"). */
struct intrinsic *intrinsic_parse(const char *text, size_t len, struct err *e)
	    MUSTCHECK;
void	intrinsic_free(struct intrinsic *);
const char *intrinsic_text(const struct intrinsic *);
/* Calls fn for each variable it reads. */
void	intrinsic_variables(const struct intrinsic *,
	    void (*fn)(const char *name, void *arg), void *arg);
/*
 * Returns 0 and a new reference in *out, or -1 and e: code "States.Runtime"
 * with the text of the real service, "The function '...' had the following
 * error: ...", without the frame of the state around it.
 * Uses and advances scope->seed.
 */
int	intrinsic_eval(const struct intrinsic *, struct scope *, json_t **out,
	    struct err *e) MUSTCHECK;

#endif
