/*
 * asl/choice.h - the rules of a Choice state: comparisons, And, Or, Not.
 */

#ifndef PAWL_CHOICE_H
#define PAWL_CHOICE_H

#include <stdbool.h>

#include "err.h"
#include "scope.h"

struct choice_rule;

/*
 * Compiles the condition part of a rule or of a nested rule; Next, Assign,
 * Comment and the like are left to the caller.  NULL and e; e->code is
 * "SCHEMA_VALIDATION_FAILED", and *where (new, may come back NULL) the rest of
 * the location below the rule ("/And[0]/Variable").
 */
struct choice_rule *choice_compile(json_t *rule, char **where, struct err *e)
	    MUSTCHECK;
void	choice_free(struct choice_rule *);
void	choice_variables(const struct choice_rule *,
	    void (*fn)(const char *name, void *arg), void *arg);
/* Returns 0 and *matches, or -1 and e (States.Runtime, without frame). */
int	choice_eval(const struct choice_rule *, struct scope *, bool *matches,
	    struct err *e) MUSTCHECK;

/* Names of all comparison operators, NULL-terminated, for validation. */
extern const char *const choice_operators[];

#endif
