/*
 * tests/unit/laws.h - an execution under the three laws of step.h.
 *
 * laws_step() does what step_run() does and checks around it that
 *   - a second copy of the execution, folded from its stored chunks, gives the
 *     same events and commands;
 *   - folding the encoded and decoded chunks again gives an equal dump, and
 *     the same open tasks and timers;
 *   - a second delivery does nothing (CONTINUE excepted: it goes on);
 *   - events are dense, and what they follow exists.
 */

#ifndef PAWL_TESTS_LAWS_H
#define PAWL_TESTS_LAWS_H

#include "asl.h"

struct laws {
	struct machine		*machine;	/* borrowed */
	struct execution_facts	 facts;
	struct execution	*ex;
	char			**chunks;
	size_t			 nchunks;
	struct execution	*folded;	/* out of them; for the next step */
	char			*broken;	/* the law that is, for people */
};

void	laws_init(struct laws *, struct machine *, uint64_t seed);
void	laws_clear(struct laws *);
/* New step, or NULL and broken is set. */
struct step *laws_step(struct laws *, const struct stimulus *);
/* A command as scenario tests write it: new, for free(). */
char	*laws_command(const struct command *);

#endif
