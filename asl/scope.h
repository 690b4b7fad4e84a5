/*
 * asl/scope.h - what an expression can see while it is evaluated.
 *
 * All borrowed.  The context object is made only when something asks for it:
 * context(arg) returns it, borrowed from the scope's owner.
 */

#ifndef PAWL_SCOPE_H
#define PAWL_SCOPE_H

#include <stdint.h>

#include "payload.h"
#include "vars.h"

struct scope {
	struct payload		*input;		/* what $ means */
	const struct vars	*vars;		/* $name; may be NULL */
	json_t			*(*context)(void *arg);	/* what $$ means */
	void			*context_arg;
	/*
	 * Seed of States.UUID and States.MathRandom.  Advanced by each use;
	 * set anew from (execution, event id) for each state and attempt.
	 */
	uint64_t		 seed;
	/*
	 * What evaluating in this scope has cost so far, in nodes looked at;
	 * starts at 0.  Templates, calls and rules fail past SCOPE_WORK_MAX,
	 * so that no definition holds up the loop for long.
	 */
	int64_t			 work;
};

#define SCOPE_WORK_MAX 10000000

#endif
