/*
 * asl/jsonata/jstatic.h - what can be said of an expression without running
 * it: what the dialect of AWS refuses, which variables it reads.
 */

#ifndef PAWL_JSTATIC_H
#define PAWL_JSTATIC_H

#include "jast.h"

struct jstatic {
	struct jnodes	 free;		/* variables not bound inside */
	struct jnodes	 states;	/* names behind $states. */
	bool		 all_states;	/* $states as a whole */
};

/*
 * Fills *out, in the program's arena.  0, or -1 with the real service's
 * sentence in *refused (in the arena) for what the dialect refuses.
 */
int	jstatic_check(struct jprogram *, struct jstatic *out,
	    const char **refused);

#endif
